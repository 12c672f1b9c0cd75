//! A page of others that makes a browser ask: whatever it makes it send, nothing changes.

use super::access::{ELSEWHERE, login, people};
use super::client::Api;
use crate::support::{World, own_database};

const NEW: &str = r#"{"name":"eve","role":"admin","password":"let me in please"}"#;
const OWN: (&str, &str) = ("smartetl-csrf", "1");

#[test]
fn a_page_of_others_changes_nothing() {
    let api = people();
    let cookie = login(&api, "admin", "password of admin");
    let logged_in = [ELSEWHERE, ("cookie", cookie.as_str())];
    let here: [(&str, &str); 0] = [];
    let ours = ("origin", "https://etl.example.com");
    for who in [&logged_in[..], &here] {
        for said in [
            // A form, or a script without leave to say more.
            [].as_slice(),
            &[("origin", "https://evil.example")],
            &[("origin", "null"), OWN],
            &[("origin", "https://evil.example"), OWN],
            &[("origin", "https://etl.example.com.evil.example"), OWN],
            &[("sec-fetch-site", "cross-site"), OWN],
            &[("sec-fetch-site", "same-site"), OWN],
        ] {
            let headers = [who, said].concat();
            let answer = api.send("POST", "/users", &headers, NEW);
            assert_eq!(answer.status, 403, "{headers:?}: {}", answer.text());
            assert_eq!(answer.json()["code"], "forgery", "{headers:?}");
        }
        let preflight = [
            who,
            &[
                ("origin", "https://evil.example"),
                ("access-control-request-method", "POST"),
            ],
        ]
        .concat();
        let answer = api.ask("OPTIONS", "/users", &preflight);
        assert_eq!(answer.status, 405);
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    // What is no JSON is not taken either.
    let form = [
        &logged_in[..],
        &[OWN, ("content-type", "text/plain"), ("content-length", "2")],
    ]
    .concat();
    assert_eq!(api.raw("POST", "/api/v1/users", &form, "{}").status, 415);
    let known: Vec<_> = api.items_once("/users");
    assert_eq!(known.len(), 3, "{known:?}");
    let page = [
        &logged_in[..],
        &[OWN, ours, ("sec-fetch-site", "same-origin")],
    ]
    .concat();
    assert_eq!(api.send("POST", "/users", &page, NEW).status, 204);
    assert_eq!(api.items_once("/users").len(), 4);
    api.up.stop();
}

#[test]
fn the_form_lets_in_from_the_own_page_only() {
    let api = people();
    let body = "name=admin&password=password+of+admin";
    let length = body.len().to_string();
    let form = [
        ELSEWHERE,
        ("accept", "text/html"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-length", length.as_str()),
    ];
    for said in [
        [].as_slice(),
        &[("origin", "https://evil.example")],
        &[("sec-fetch-site", "cross-site")],
        &[("origin", "null"), ("sec-fetch-site", "same-origin")],
    ] {
        let answer = api.raw("POST", "/login", &[&form, said].concat(), body);
        assert_eq!(answer.status, 403, "{said:?}");
        assert_eq!(answer.header("set-cookie"), None);
    }
    // Else a browser says that the form comes from nowhere.
    let asked = api.raw("GET", "/", &[ELSEWHERE, ("accept", "text/html")], "");
    assert_eq!(asked.header("referrer-policy"), Some("same-origin"));
    let ours = [&form[..], &[("origin", "https://etl.example.com")]].concat();
    let answer = api.raw("POST", "/login", &ours, body);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let cookie = answer.header("set-cookie").expect("a cookie");
    let cookie = cookie.split(';').next().expect("a name");
    assert_eq!(
        api.raw("GET", "/", &[ELSEWHERE, ("cookie", cookie)], "")
            .status,
        200
    );
    let wrong = body.replace("of+admin", "of+nobody");
    let length = wrong.len().to_string();
    let wrong_form = [
        ELSEWHERE,
        ("accept", "text/html"),
        ("origin", "https://etl.example.com"),
        ("content-length", length.as_str()),
    ];
    let answer = api.raw("POST", "/login?lang=fr", &wrong_form, &wrong);
    assert_eq!(answer.status, 401);
    assert!(
        answer.text().contains("Aucun compte n’a ce nom"),
        "{}",
        answer.text()
    );
    assert!(!answer.text().contains("nobody"));
    api.up.stop();
}

#[test]
fn every_answer_allows_a_page_as_little_as_it_can() {
    let database = own_database();
    let world = World::on(&database.url);
    let api = Api::over(database, world, &[]);
    for path in [
        "/",
        "/livez",
        "/metrics",
        "/api/v1/about",
        "/api/v1/runs?x=1",
        "/nothing",
    ] {
        let answer = api.raw("GET", path, &[("accept", "text/html,*/*")], "");
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
    }
    api.up.stop();
}
