//! What people say of a job through the API is what `jobs import` does with a list.

use super::client::{Answer, Api};
use crate::support::World;
use serde_json::{Value, json};

/// A root job of PROD, and where it is.
fn job(api: &Api) -> (Value, String) {
    let jobs = api.items("/jobs?environment=PROD");
    let job = jobs.first().expect("a job").clone();
    let part = |field: &str| job[field].as_str().unwrap_or("-").to_owned();
    let target = format!(
        "/jobs/{}/{}/{}",
        part("environment"),
        part("project"),
        part("job")
    );
    (job, target)
}

fn put(api: &Api, target: &str, tag: Option<&str>, body: &Value) -> Answer {
    let csrf = [("smartetl-csrf", "1")];
    let headers = tag.map(|tag| ("if-match", tag));
    let headers: Vec<(&str, &str)> = csrf.into_iter().chain(headers).collect();
    api.send("PUT", target, &headers, &body.to_string())
}

fn verified(world: &World) {
    world.run(&["verify", "--recompute"]).done();
}

#[test]
fn what_is_said_of_a_job_is_stored_once_it_is_still_what_was_read() {
    let api = Api::of_a_company();
    let (before, target) = job(&api);
    let read = api.json(&target);
    let tag = read["tags"][0].as_str().expect("a tag").to_owned();
    let said = json!({
        "family": "The <b>first</b> family", "owner": "Ann", "criticality": 1, "deadline": "6h30", "domain": "sales",
        "source_app": "SAP", "calendar": "FR", "runbook_url": "https://wiki.example.com/x",
    });
    let answer = put(&api, &target, Some(&tag), &said);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    assert_eq!(told["job"]["deadline"], "06:30");
    assert_eq!(told["deadline_without_effect"], false);
    assert!(told["days_changed"].as_i64() > Some(0), "{told}");
    let fields: Vec<&str> = told["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .filter_map(|change| change["field"].as_str())
        .collect();
    assert!(
        fields.contains(&"deadline") && fields.contains(&"family"),
        "{fields:?}"
    );
    let listed = api.json(&target);
    for field in [
        "family",
        "owner",
        "criticality",
        "domain",
        "source_app",
        "calendar",
        "runbook_url",
    ] {
        assert_eq!(listed["jobs"][0][field], said[field], "{field}");
    }
    assert_eq!(listed["tags"][0], told["tag"]);
    // So says the command.
    let name = before["job"].as_str().expect("a name");
    let exported = api
        .world
        .run(&["jobs", "export", "--job", name, "--lang", "en"]);
    assert!(
        exported.stdout.contains("06:30") && exported.stdout.contains("SAP"),
        "{}",
        exported.stdout
    );

    // Somebody who read it before is told so, in both languages, and changes nothing.
    for lang in ["en", "fr"] {
        let late = put(
            &api,
            &format!("{target}?lang={lang}"),
            Some(&tag),
            &json!({"owner": "Bob"}),
        );
        assert_eq!(late.status, 412, "{}", late.text());
        assert_eq!(late.json()["code"], "changed");
    }
    assert_eq!(api.json(&target)["jobs"][0]["owner"], "Ann");
    // A batch that comes in meanwhile is no reason.
    let tag = told["tag"].as_str().expect("a tag");
    let same = put(&api, &target, Some(&format!("\"x\", {tag}")), &said);
    assert_eq!((same.status, &same.json()["changes"]), (200, &json!([])));
    // What is left out is not said any more; the family follows from the name again.
    let cleared = put(&api, &target, Some("*"), &json!({}));
    assert_eq!(cleared.status, 200, "{}", cleared.text());
    let after = api.json(&target)["jobs"][0].clone();
    for field in [
        "owner",
        "criticality",
        "deadline",
        "domain",
        "source_app",
        "calendar",
        "runbook_url",
        "retired_at",
    ] {
        assert_eq!(after[field], Value::Null, "{field}");
    }
    assert_ne!(after["family"], said["family"]);
    let audit = api.items("/audit?limit=10");
    let edits: Vec<&Value> = audit
        .iter()
        .filter(|one| one["kind"] == "job_edit")
        .collect();
    assert_eq!(edits.len(), 2, "{audit:?}");
    assert!(
        edits[1]["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("owner")),
        "{edits:?}"
    );
    verified(&api.world);
    api.up.stop();
}

#[test]
fn what_cannot_be_said_of_a_job_names_the_field() {
    let api = Api::of_a_company();
    let (_, target) = job(&api);
    let before = api.json(&target);
    for (body, field) in [
        (json!({"deadline": "25:00"}), "deadline"),
        (json!({"deadline": "soon"}), "deadline"),
        (json!({"criticality": 4}), "criticality"),
        (json!({"runbook_url": "javascript:alert(1)"}), "runbook_url"),
        (
            json!({"owner": "jdbc:postgresql://ann:s3cret@db/sales"}),
            "owner",
        ),
        (json!({"retired_at": "tomorrow"}), "retired_at"),
        (json!({"owner": "a\u{7}b"}), "owner"),
    ] {
        let [english, french] = ["en", "fr"].map(|lang| {
            let answer = put(&api, &format!("{target}?lang={lang}"), None, &body);
            assert_eq!(answer.status, 400, "{body}: {}", answer.text());
            let told = answer.json();
            assert_eq!(
                (&told["code"], &told["parameter"]),
                (&json!("body"), &json!(field))
            );
            assert!(!answer.text().contains("s3cret"));
            told["detail"].to_string()
        });
        assert_ne!(english, french, "{body}");
    }
    for (body, status) in [
        (json!({"ower": "ann"}), 400),
        (json!({"owner": 5}), 400),
        (json!([]), 400),
        (json!({"system": "nobody"}), 404),
    ] {
        let answer = put(&api, &target, None, &body);
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
    }
    for missing in [
        "/jobs/PROD/-/no_such_job",
        "/jobs/NOWHERE/-/x",
        "/jobs/PROD/%00/x",
    ] {
        assert_eq!(
            put(&api, missing, None, &json!({})).status,
            404,
            "{missing}"
        );
    }
    assert_eq!(api.json(&target)["jobs"], before["jobs"]);
    api.up.stop();
}
