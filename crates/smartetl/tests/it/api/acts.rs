//! What people do with issues through the API is what the commands do.

use super::client::Api;
use serde_json::{Value, json};

/// Does something, which changes the issue, and gives what has become of it.
#[track_caller]
fn act(api: &Api, issue: &str, body: &Value) -> Value {
    let answer = api.act("POST", &format!("/issues/{issue}/acts"), &body.to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// An issue that is open.
fn open(api: &Api) -> String {
    let issues = api.items("/issues?state=new,ongoing,regressed");
    let issue = issues.first().expect("something failed");
    issue["issue"].as_str().expect("an id").to_owned()
}

#[test]
fn acts_are_those_of_the_commands_and_say_who_did_them() {
    let api = Api::of_a_company();
    let issue = open(&api);
    let before = api.get(&format!("/issues/{issue}"));
    let tag = before.header("etag").expect("a tag").to_owned();
    let acts = before.json()["acts"].as_array().expect("acts").len();

    let told = act(
        &api,
        &issue,
        &json!({"kind": "ack", "note": "known\nsince monday password=hunter2"}),
    );
    assert_eq!(told["issue"]["state"], "ongoing");
    let note = told["issue"]["note"].as_str().expect("a note");
    assert!(
        note.starts_with("known since monday") && !note.contains("hunter2"),
        "{note}"
    );
    let told = act(&api, &issue, &json!({"kind": "assign", "text": "ann"}));
    assert_eq!(told["issue"]["assignee"], "ann");
    let told = act(
        &api,
        &issue,
        &json!({"kind": "runbook", "text": "https://wiki.example.com/x"}),
    );
    assert_eq!(told["issue"]["runbook"], "https://wiki.example.com/x");
    for (body, muted) in [
        (
            json!({"kind": "mute_until", "until": "2099-01-01"}),
            "mute_until",
        ),
        (
            json!({"kind": "mute_occurrences", "occurrences": 3}),
            "mute_occurrences",
        ),
        (
            json!({"kind": "mute_next_version", "note": "the release mends it"}),
            "mute_next_version",
        ),
    ] {
        let told = act(&api, &issue, &body);
        let word = told["issue"]["muted"].as_str().expect("it is muted");
        assert!(muted.ends_with(word.trim_start_matches("mute_")), "{word}");
        assert!(
            api.items("/issues")
                .iter()
                .all(|one| one["issue"] != issue.as_str())
        );
    }
    let told = act(&api, &issue, &json!({"kind": "unmute"}));
    assert_eq!(told["issue"]["muted"], Value::Null);
    let told = act(&api, &issue, &json!({"kind": "resolve"}));
    assert_eq!(told["issue"]["state"], "resolved");
    assert_eq!(told["issue"]["resolved_by"], "person");
    let told = act(&api, &issue, &json!({"kind": "reopen"}));
    assert_ne!(told["issue"]["state"], "resolved");
    let told = act(&api, &issue, &json!({"kind": "assign"}));
    assert_eq!(told["issue"]["assignee"], Value::Null);

    // Whoever asks again hears it, and so does the command; who did it is the user of this machine.
    let again = api.ask(
        "GET",
        &format!("/issues/{issue}"),
        &[("if-none-match", &tag)],
    );
    assert_eq!(again.status, 200);
    let stored = again.json()["acts"].as_array().expect("acts").clone();
    assert_eq!(stored.len(), acts + 12);
    let shown = api
        .world
        .run(&["issues", "show", &issue, "--format", "json"]);
    let shown: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(shown["acts"].as_array().expect("acts").len(), stored.len());
    api.world
        .run(&["issues", "note", &issue, "by a command"])
        .done();
    let stored = api.json(&format!("/issues/{issue}"))["acts"].clone();
    let by: Vec<&Value> = stored
        .as_array()
        .expect("acts")
        .iter()
        .map(|one| &one["by"])
        .collect();
    assert!(by[acts..].iter().all(|name| *name == by[acts]), "{by:?}");
    // It stands in the list of who did what.
    let done = api.items("/audit?limit=4");
    let kinds: Vec<&str> = done
        .iter()
        .filter_map(|one| one["kind"].as_str())
        .take(3)
        .collect();
    assert_eq!(kinds, ["issue_note", "issue_assign", "issue_reopen"]);
    api.world.run(&["verify"]).done();
    api.up.stop();
}

#[test]
fn what_is_said_of_a_problem_holds_and_can_be_taken_back() {
    let api = Api::of_a_company();
    let issue = open(&api);
    let named = |issue: &str| api.json(&format!("/issues/{issue}"))["issue"].clone();
    let before = named(&issue);
    let say = |what: &str, body: &Value| -> Value {
        let answer = api.act(
            "POST",
            &format!("/issues/{issue}/{what}"),
            &body.to_string(),
        );
        assert_eq!(answer.status, 200, "{what}: {}", answer.text());
        answer.json()
    };
    let undo = |said: &Value| {
        let number = &said["override"];
        let answer = api.act("POST", &format!("/overrides/{number}/undo"), "");
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    let title = "The disk of the <b>warehouse</b> is full";
    let renamed = say("rename", &json!({"title": title}));
    assert_eq!(named(&issue)["title"], title);
    undo(&renamed);
    assert_eq!(named(&issue)["title"], before["title"]);

    let category = if before["category"] == "resource" {
        "timeout"
    } else {
        "resource"
    };
    let corrected = say(
        "category",
        &json!({"category": category, "retryable": false}),
    );
    let after = named(&issue);
    assert_eq!(
        (&after["category"], &after["corrected"]),
        (&json!(category), &json!(true))
    );
    assert_eq!(after["retryable"], false);
    // Whoever looks at a run is told what to check for what it is now.
    let runs = api.json(&format!("/issues/{issue}"))["last_runs"].clone();
    let runs = runs.as_array().expect("runs").iter();
    let told = runs.filter_map(|run| {
        let run = api.json(&format!("/runs/{}", run["run_key"].as_str()?));
        let is_cause = run["run"]["cause"]["category"] == category;
        is_cause.then(|| run["explanation"]["knowledge"].clone())
    });
    let told: Vec<Value> = told.collect();
    assert!(!told.is_empty());
    for known in told {
        let last = known.as_array().expect("what is known").last();
        assert_eq!(last.expect("something")["about"], category, "{known}");
    }
    undo(&corrected);
    assert_eq!(named(&issue)["category"], before["category"]);

    let others = api.items("/issues?all=true");
    let other = others
        .iter()
        .find(|one| one["problem"] != before["problem"]);
    let other = other.expect("there are several")["issue"]
        .as_str()
        .expect("an id");
    let merged = say("merge", &json!({"other": other}));
    assert_eq!(
        merged["problems"].as_i64(),
        merged["problems_before"].as_i64().map(|before| before - 1)
    );
    let apart = say("split", &json!({}));
    assert_eq!(apart["problems"], merged["problems_before"]);
    undo(&apart);
    undo(&merged);
    let mut restored = named(&issue);
    let mut expected = before.clone();
    // The id that is shown is as long as it has to be.
    for one in [&mut restored, &mut expected] {
        one["id"].take();
    }
    assert_eq!(restored, expected);

    let said = api.items("/overrides?limit=2");
    let kinds: Vec<&str> = said.iter().filter_map(|one| one["kind"].as_str()).collect();
    assert_eq!(kinds, ["split", "merge", "correct", "rename"]);
    assert!(
        said.iter().all(|one| one["undone_at"].is_string()),
        "{said:?}"
    );
    let file = api.get("/overrides?format=csv").text();
    assert!(file.lines().count() == 5, "{file}");
    api.up.stop();
}

#[test]
fn what_cannot_be_done_is_told_and_changes_nothing() {
    let api = Api::of_a_company();
    let issue = open(&api);
    let before = api.json(&format!("/issues/{issue}"));
    let at = |what: &str| format!("/issues/{issue}/{what}");
    let long = format!(r#"{{"kind":"note","text":"{}"}}"#, "é".repeat(2_001));
    let large = format!(r#"{{"kind":"note","text":"{}"}}"#, "x".repeat(70_000));
    for (target, body, status, code) in [
        (at("acts"), "", 415, "media_type"),
        (at("acts"), "{", 400, "body"),
        (at("acts"), "[]", 400, "body"),
        (at("acts"), "{}", 400, "body"),
        (at("acts"), r#"{"kind":"dance"}"#, 400, "body"),
        (at("acts"), r#"{"kind":"ack","who":"eve"}"#, 400, "body"),
        (at("acts"), r#"{"kind":"ack","text":"x"}"#, 400, "body"),
        (
            at("acts"),
            r#"{"kind":"runbook","text":"javascript:alert(1)"}"#,
            400,
            "body",
        ),
        (at("acts"), r#"{"kind":"note","text":" \n "}"#, 400, "body"),
        (at("acts"), &long, 400, "body"),
        (
            at("acts"),
            r#"{"kind":"note","text":"\u0000"}"#,
            400,
            "body",
        ),
        (at("acts"), r#"{"kind":"mute_until"}"#, 400, "body"),
        (
            at("acts"),
            r#"{"kind":"mute_until","until":"2001-01-01"}"#,
            400,
            "body",
        ),
        (
            at("acts"),
            r#"{"kind":"mute_until","until":"tomorrow"}"#,
            400,
            "body",
        ),
        (
            at("acts"),
            r#"{"kind":"mute_occurrences","occurrences":0}"#,
            400,
            "body",
        ),
        (
            at("acts"),
            r#"{"kind":"mute_occurrences","occurrences":-1}"#,
            400,
            "body",
        ),
        (at("acts"), &large, 413, "too_large"),
        (
            "/issues/ffffffff/acts".to_owned(),
            r#"{"kind":"ack"}"#,
            404,
            "not_found",
        ),
        (
            "/issues/%00/acts".to_owned(),
            r#"{"kind":"ack"}"#,
            404,
            "not_found",
        ),
        (at("merge"), r#"{"other":"ffffffff"}"#, 404, "not_found"),
        (
            at("merge"),
            &format!(r#"{{"other":"{issue}"}}"#),
            400,
            "usage",
        ),
        (at("split"), r#"{"signatures":["zzzz"]}"#, 400, "usage"),
        (at("rename"), r#"{"title":""}"#, 400, "body"),
        (at("category"), r#"{"category":"weather"}"#, 400, "body"),
        (
            at("category"),
            r#"{"category":"lock","blame":"nobody"}"#,
            400,
            "body",
        ),
        ("/overrides/99999/undo".to_owned(), "", 404, "not_found"),
        ("/overrides/one/undo".to_owned(), "", 404, "not_found"),
    ] {
        let [english, french] = ["en", "fr"].map(|lang| {
            let headers = [("smartetl-csrf", "1"), ("accept-language", lang)];
            let answer = api.send("POST", &target, &headers, body);
            let told = answer.text();
            assert_eq!(answer.status, status, "{target} {body:.60}: {told}");
            assert_eq!(answer.json()["code"], code, "{target} {body:.60}: {told}");
            answer.json()["detail"].to_string()
        });
        assert_ne!(english, french, "{target} {body:.60}");
        for words in [" is ", " are ", " not ", "is missing", "already", " or "] {
            assert!(!french.contains(words), "{target} {body:.60}: {french}");
        }
    }
    for (what, body, words) in [
        (
            "acts",
            r#"{"kind":"dance"}"#,
            "What is sent as “kind” cannot be understood. These words are known: ack, ",
        ),
        (
            "category",
            r#"{"category":"weather"}"#,
            "These words are known: ",
        ),
        ("rename", r#"{"title":" "}"#, ": title is empty."),
        (
            "merge",
            &format!(r#"{{"other":"{issue}"}}"#),
            "that is the same issue twice.",
        ),
    ] {
        let detail = api.act("POST", &at(what), body).json()["detail"].to_string();
        assert!(detail.contains(words), "{detail}");
    }
    let mut after = api.json(&format!("/issues/{issue}"));
    let mut before = before;
    for one in [&mut before, &mut after] {
        one["issue"]["id"].take();
    }
    assert_eq!(after, before);
    api.up.stop();
}
