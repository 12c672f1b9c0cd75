//! Each operation of the document, asked for by everybody there is: who may is heard, who may not is told so. Nobody can add a route that
//! is not asked for here.

use super::access::{ELSEWHERE, login, people};
use super::client::{Answer, Api};
use super::schema::Document;

/// Who asks, and what they may: nothing, or what a role may.
struct Asker {
    name: String,
    headers: Vec<(String, String)>,
    role: Option<usize>,
    is_known: bool,
}

const ROLES: [&str; 3] = ["viewer", "operator", "admin"];

fn askers(api: &Api) -> Vec<Asker> {
    let mut all = vec![Asker {
        name: "a stranger".to_owned(),
        headers: Vec::new(),
        role: None,
        is_known: false,
    }];
    for (number, role) in ROLES.into_iter().enumerate() {
        let cookie = login(api, role, &format!("password of {role}"));
        all.push(Asker {
            name: format!("{role}, logged in"),
            headers: vec![("cookie".to_owned(), cookie)],
            role: Some(number),
            is_known: true,
        });
    }
    for (scope, role) in [
        ("post", None),
        ("read", Some(0)),
        ("act", Some(1)),
        ("admin", Some(2)),
    ] {
        let body = format!(r#"{{"name":"{scope}","scopes":["{scope}"]}}"#);
        let made = api.act("POST", "/tokens", &body);
        assert_eq!(made.status, 201, "{}", made.text());
        let token = made.json()["token"].as_str().expect("a token").to_owned();
        all.push(Asker {
            name: format!("a token to {scope}"),
            headers: vec![("authorization".to_owned(), format!("Bearer {token}"))],
            role,
            // A program that may only post is nobody here.
            is_known: role.is_some(),
        });
    }
    all
}

/// Each path is filled with what is nowhere, and asked for in a way that does nothing.
fn ask(api: &Api, method: &str, path: &str, headers: &[(String, String)]) -> Answer {
    let below = path.strip_prefix("/api/v1").expect("it is below the root");
    let target: String = below
        .split('/')
        .map(|part| if part.starts_with('{') { "0" } else { part })
        .collect::<Vec<_>>()
        .join("/");
    let headers = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let headers: Vec<(&str, &str)> = headers.chain([ELSEWHERE, ("smartetl-csrf", "1")]).collect();
    api.send(
        method,
        &format!("{target}?no_such_parameter=1"),
        &headers,
        "",
    )
}

#[test]
fn each_operation_hears_those_who_may_and_no_others() {
    let api = people();
    let document = Document::current();
    let askers = askers(&api);
    let mut asked = 0;
    for (path, item) in document.0["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let wanted = operation["x-role"].as_str().expect("a role");
            let wanted = ROLES.iter().position(|role| *role == wanted);
            for asker in &askers {
                let answer = ask(&api, &method.to_uppercase(), path, &asker.headers);
                let told = answer.text();
                let code = answer.json()["code"].as_str().map(str::to_owned);
                let expected = match wanted {
                    Some(_) if !asker.is_known => (401, Some("unauthorized")),
                    Some(wanted) if asker.role < Some(wanted) => (403, Some("forbidden")),
                    _ => (400, Some("usage")),
                };
                // What is not there is not there for whoever may ask for it.
                let heard = (answer.status, code.as_deref());
                let is_heard =
                    expected == (400, Some("usage")) && heard == (404, Some("not_found"));
                assert!(
                    heard == expected || is_heard,
                    "{method} {path}, {}: {told}",
                    asker.name
                );
                asked += 1;
            }
        }
    }
    assert!(asked > 300, "{asked}");
    // What is beside the document.
    for (method, path, status) in [
        ("GET", "/", 401),
        ("POST", "/api/v1/logs", 401),
        ("POST", "/api/v1/lineage", 401),
        ("GET", "/livez", 200),
        ("GET", "/readyz", 200),
        ("GET", "/metrics", 200),
    ] {
        let answer = api.raw(method, path, &[ELSEWHERE], "");
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
    }
    api.up.stop();
}
