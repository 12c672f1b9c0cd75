//! Accounts, logins and tokens, through the real program.

use super::client::{Answer, Api};
use crate::support::{World, own_database};
use std::io::Write as _;
use std::process::Stdio;

/// How somebody asks who is not on this machine.
pub const ELSEWHERE: (&str, &str) = ("host", "etl.example.com");

/// A command with this on stdin.
pub fn told(world: &World, arguments: &[&str], stdin: &str) -> crate::support::Answer {
    let mut command = world.command(arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut pipe = child.stdin.take().expect("it was asked for");
    // Who wants no password does not read it.
    let _ = pipe.write_all(stdin.as_bytes());
    drop(pipe);
    let output = child.wait_with_output().expect("it ends");
    crate::support::Answer {
        exit: output.status.code().expect("it ends by itself"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Somebody of each role, whose password is that of their name.
pub fn people() -> Api {
    people_with(&[])
}

fn people_with(flags: &[&str]) -> Api {
    let database = own_database();
    let world = World::on(&database.url);
    world.run(&["migrate"]).done();
    for role in ["viewer", "operator", "admin"] {
        let password = format!("password of {role}\n");
        told(&world, &["users", "add", role, "--role", role], &password).done();
    }
    let flags = [flags, &["--set", "http.hosts=etl.example.com"]].concat();
    Api::over(database, world, &flags)
}

fn try_login(api: &Api, name: &str, password: &str, headers: &[(&str, &str)]) -> Answer {
    let body = serde_json::json!({"name": name, "password": password}).to_string();
    let headers = [headers, &[ELSEWHERE, ("smartetl-csrf", "1")]].concat();
    api.send("POST", "/session", &headers, &body)
}

/// The cookie of a new session, as a browser sends it.
#[track_caller]
pub fn login(api: &Api, name: &str, password: &str) -> String {
    let answer = try_login(api, name, password, &[]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    cookie(&answer)
}

fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").expect("a cookie");
    set.split(';').next().expect("it has a name").to_owned()
}

fn status(api: &Api, target: &str, cookie: &str) -> u16 {
    api.ask("GET", target, &[ELSEWHERE, ("cookie", cookie)])
        .status
}

#[test]
fn a_login_holds_until_it_ends_and_each_has_a_secret_of_its_own() {
    let api = people();
    let answer = try_login(&api, "OPERATOR", "password of operator", &[]);
    assert_eq!(answer.json()["name"], "operator");
    assert_eq!(answer.json()["role"], "operator");
    let set = answer.header("set-cookie").expect("a cookie").to_owned();
    for part in [
        "__Host-smartetl=",
        "; Path=/",
        "; HttpOnly",
        "; SameSite=Lax",
        "; Max-Age=86400",
        "; Secure",
    ] {
        assert!(set.contains(part), "{set}");
    }
    let first = cookie(&answer);
    assert_eq!(status(&api, "/runs", &first), 200);
    assert_eq!(status(&api, "/users", &first), 403);
    let who = api.ask("GET", "/session", &[ELSEWHERE, ("cookie", &first)]);
    assert_eq!(who.json()["way"], "session");

    // What somebody else put there is never what a login makes of it (session fixation).
    let chosen = "__Host-smartetl=chosen-by-somebody-else";
    let answer = try_login(&api, "admin", "password of admin", &[("cookie", chosen)]);
    let second = cookie(&answer);
    assert_ne!(second, chosen);
    assert_eq!(status(&api, "/runs", chosen), 401);
    // The session that was there before a login is over behind it.
    let answer = try_login(
        &api,
        "operator",
        "password of operator",
        &[("cookie", &first)],
    );
    let third = cookie(&answer);
    assert_ne!(third, first);
    assert_eq!(status(&api, "/runs", &first), 401);
    assert_eq!(status(&api, "/runs", &third), 200);
    // Without TLS the name is another one, which counts nothing elsewhere.
    let bare = third.replace("__Host-", "");
    assert_eq!(status(&api, "/runs", &bare), 401);
    assert_eq!(status(&api, "/runs", &third[..third.len() - 1]), 401);

    let out = api.send(
        "DELETE",
        "/session",
        &[ELSEWHERE, ("cookie", &third), ("smartetl-csrf", "1")],
        "",
    );
    assert_eq!(out.status, 204);
    assert!(
        out.header("set-cookie")
            .expect("a cookie")
            .contains("Max-Age=0")
    );
    assert_eq!(status(&api, "/runs", &third), 401);

    // Another role holds at once; another password, and no account any more, end what was begun.
    assert_eq!(status(&api, "/users", &second), 200);
    assert_eq!(
        api.act("PATCH", "/users/operator", r#"{"role":"admin"}"#)
            .status,
        204
    );
    let fourth = login(&api, "operator", "password of operator");
    assert_eq!(status(&api, "/users", &fourth), 200);
    assert_eq!(
        api.act("PATCH", "/users/operator", r#"{"role":"viewer"}"#)
            .status,
        204
    );
    assert_eq!(status(&api, "/users", &fourth), 403);
    // Of a change that cannot be made as a whole nothing is made.
    let half = r#"{"role":"admin","password":"short"}"#;
    assert_eq!(api.act("PATCH", "/users/operator", half).status, 400);
    assert_eq!(status(&api, "/users", &fourth), 403);
    let own = r#"{"password":"password of operator","new":"another password"}"#;
    let wrong = own.replace("password of operator", "password of nobody");
    let headers = [
        ELSEWHERE,
        ("cookie", fourth.as_str()),
        ("smartetl-csrf", "1"),
    ];
    assert_eq!(
        api.send("PUT", "/session/password", &headers, &wrong)
            .status,
        401
    );
    assert_eq!(
        api.send("PUT", "/session/password", &headers, own).status,
        204
    );
    assert_eq!(status(&api, "/runs", &fourth), 401);
    assert_eq!(
        try_login(&api, "operator", "password of operator", &[]).status,
        401
    );
    let fifth = login(&api, "operator", "another password");
    assert_eq!(api.act("DELETE", "/users/operator", "").status, 204);
    assert_eq!(status(&api, "/runs", &fifth), 401);
    // Somebody has to be left.
    for (method, body) in [("DELETE", ""), ("PATCH", r#"{"role":"viewer"}"#)] {
        let answer = api.act(method, "/users/admin", body);
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    assert_eq!(status(&api, "/users", &second), 200);
    api.up.stop();
}

#[test]
fn failed_logins_slow_down_and_are_written_down() {
    let api = people();
    let mut told = Vec::new();
    for number in 0..6 {
        let from = format!("192.0.2.{number}");
        let answer = try_login(&api, "admin", "guessed", &[("x-forwarded-for", &from)]);
        told.push(answer.status);
    }
    assert_eq!(told[..4], [401; 4]);
    assert!(told[4..].contains(&429), "{told:?}");
    let right = try_login(
        &api,
        "admin",
        "password of admin",
        &[("x-forwarded-for", "192.0.2.9")],
    );
    if right.status == 429 {
        assert!(right.header("retry-after").is_some(), "{}", right.head);
    }
    // Others are let in, and nobody learns which names there are.
    login(&api, "viewer", "password of viewer");
    let [nobody, wrong] = ["nobody", "viewer"].map(|name| try_login(&api, name, "guessed", &[]));
    assert_eq!((nobody.status, nobody.text()), (wrong.status, wrong.text()));
    let done = api.items("/audit?limit=3");
    let failed = done.iter().filter(|one| one["kind"] == "login_failed");
    let failed: Vec<_> = failed
        .map(|one| (one["who"].as_str(), one["detail"].as_str()))
        .collect();
    assert!(
        failed.contains(&(Some("admin"), Some("192.0.2.0"))),
        "{failed:?}"
    );
    assert!(
        failed.contains(&(Some("?"), Some("127.0.0.1"))),
        "{failed:?}"
    );
    api.up.stop();
}

#[test]
fn secrets_stand_nowhere() {
    let api = people_with(&["-vv"]);
    let cookie = login(&api, "admin", "password of admin");
    let token = api.act(
        "POST",
        "/tokens",
        r#"{"name":"ci","scopes":["act","post"],"days":3}"#,
    );
    let token = token.json()["token"].as_str().expect("a token").to_owned();
    let bearer = format!("Bearer {token}");
    let ask = |token: &str| {
        api.ask("GET", "/runs", &[ELSEWHERE, ("authorization", token)])
            .status
    };
    assert_eq!(ask(&bearer), 200);
    assert_eq!(ask(&bearer[..bearer.len() - 1]), 401);
    try_login(&api, "admin", "a guess that fails", &[]);
    status(&api, "/users", &cookie);
    let (_, session) = cookie.split_once('=').expect("a name");
    let secrets = [&token, session, "password of admin", "a guess that fails"];
    let tables = "SELECT string_agg(row, ' ') FROM (SELECT t::text AS row FROM account AS t UNION ALL SELECT t::text FROM session AS t \
        UNION ALL SELECT t::text FROM api_token AS t UNION ALL SELECT t::text FROM audit AS t) AS every";
    let written = api
        .world
        .run(&["sql", "--write", "--format", "csv", tables]);
    assert!(
        written.stdout.contains("$argon2id$"),
        "{}{}",
        written.stdout,
        written.stderr
    );
    // Whoever may only read sees no rows.
    let read = api.world.run(&["sql", "--format", "csv", "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM session), (SELECT count(*) FROM api_token), (SELECT count(*) FROM audit)"]);
    assert_eq!(
        read.stdout.lines().last(),
        Some("0,0,0,0"),
        "{}",
        read.stderr
    );
    let listed = api.world.run(&["tokens", "list", "--format", "csv"]);
    assert!(listed.stdout.contains("ci,act post,"), "{}", listed.stdout);
    let metrics = api.raw("GET", "/metrics", &[], "").text();
    let audit = api.get("/audit").text();
    api.world.run(&["tokens", "revoke", "CI"]).done();
    assert_eq!(ask(&bearer), 401);
    assert_eq!(api.world.run(&["tokens", "revoke", "ci"]).exit, 2);
    let said = api.up.stop_telling();
    assert!(said.contains("sqlx") || said.len() > 100, "{said}");
    for (place, text) in [
        ("the log", &said),
        ("the tables", &written.stdout),
        ("the list", &listed.stdout),
        ("/metrics", &metrics),
        ("/audit", &audit),
    ] {
        for secret in secrets {
            assert!(!text.contains(secret), "{place} says {secret}");
        }
    }
}

#[test]
fn no_other_machine_is_let_in_before_somebody_has_an_account() {
    let database = own_database();
    let world = World::on(&database.url);
    let serve = |more: &[&str]| world.run(&[&["serve", "--port", "0"], more].concat());
    for more in [
        ["--set", "http.bind=0.0.0.0"],
        ["--set", "http.login=always"],
    ] {
        let refused = serve(&more);
        assert_eq!(refused.exit, 2, "{}", refused.stdout);
        assert!(
            refused.stderr.contains("nobody has an account"),
            "{}",
            refused.stderr
        );
        assert!(
            refused.stderr.contains("smartetl users add"),
            "{}",
            refused.stderr
        );
    }
    let short = World::on(&database.url).set("SMARTETL_HTTP_PASSWORD", "short");
    let refused = short.run(&["serve", "--port", "0", "--set", "http.bind=0.0.0.0"]);
    assert!(
        refused.stderr.contains("at least 10 characters"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stderr.contains("`short`"));

    // The account of the setting has its password as long as the setting says it.
    for password in ["the first one of it", "the second one of it"] {
        let world = World::on(&database.url).set("SMARTETL_HTTP_PASSWORD", password);
        let open = ["serve", "--port", "0", "--set", "http.bind=0.0.0.0"];
        let up = crate::running::Up::serving(&world, &open);
        let api = Api::at(up, world);
        for target in ["/about", "/runs"] {
            assert_eq!(api.get(target).status, 401, "{target}");
        }
        assert_eq!(
            api.raw("POST", "/api/v1/logs", &[("content-length", "0")], "")
                .status,
            401
        );
        let page = api.raw("GET", "/", &[("accept", "text/html")], "");
        assert_eq!(page.status, 401);
        assert!(page.text().contains("type=\"password\""), "{}", page.text());
        let body = serde_json::json!({"name": "admin", "password": password}).to_string();
        // This machine asks by its own name: without TLS, and the cookie says so.
        let answer = api.act("POST", "/session", &body);
        let set = answer.header("set-cookie").expect("a cookie").to_owned();
        assert!(
            set.starts_with("smartetl=") && !set.contains("Secure"),
            "{set}"
        );
        let cookie = cookie(&answer);
        assert_eq!(api.ask("GET", "/users", &[("cookie", &cookie)]).status, 200);
        assert_eq!(api.raw("GET", "/", &[("cookie", &cookie)], "").status, 200);
        api.up.stop();
    }
}

#[test]
fn accounts_by_commands() {
    let database = own_database();
    let world = World::on(&database.url);
    world.run(&["migrate"]).done();
    let added = told(&world, &["users", "add", "ann"], "long enough for ann\n");
    assert_eq!((added.exit, added.stdout.as_str()), (0, "ann may log in\n"));
    for (arguments, stdin, expected) in [
        (
            ["users", "add", "ann"].as_slice(),
            "long enough\n",
            "the name ann is taken",
        ),
        (
            &["users", "add", "ANN"],
            "long enough\n",
            "the name ANN is taken",
        ),
        (
            &["users", "add", "bob"],
            "short\n",
            "at least 10 characters",
        ),
        (&["users", "add", "bob"], "", "no password was given"),
        (&["users", "add", "=1+1"], "long enough\n", "a name has"),
        (
            &["users", "add", "bob", "--role", "king"],
            "",
            "known are viewer, operator, admin",
        ),
        (
            &["users", "password", "bob"],
            "long enough\n",
            "there is no account bob",
        ),
        (&["users", "remove", "bob"], "", "there is no account bob"),
        (&["tokens", "create", "ci"], "", "--scope"),
        (
            &["tokens", "create", "ci", "--scope", "everything"],
            "",
            "known are read, act, admin, post",
        ),
    ] {
        let answer = told(&world, arguments, stdin);
        assert_eq!(answer.exit, 2, "{arguments:?}: {}", answer.stdout);
        assert!(
            answer.stderr.contains(expected),
            "{arguments:?}: {}",
            answer.stderr
        );
    }
    let french = told(
        &world,
        &["--lang", "fr", "users", "role", "ann", "admin"],
        "",
    );
    assert_eq!(french.stdout, "ann est maintenant administrateur\n");
    let last = told(&world, &["users", "remove", "ann"], "");
    assert!(
        last.stderr.contains("the last one that may do everything"),
        "{}",
        last.stderr
    );
    let listed = world.run(&["users", "list", "--format", "csv"]);
    let lines: Vec<&str> = listed.stdout.lines().collect();
    assert_eq!(lines[0], "name,role,made_at,changed_at");
    assert!(lines[1].starts_with("ann,admin,20"), "{lines:?}");
    assert_eq!(lines.len(), 2);
}
