//! One source through the API: what is said of it, what is taken back, what is read again.

use super::client::{Answer, Api};
use super::schema::Document;
use crate::company::Company;
use crate::running::{Up, stat};
use crate::samples::{COLUMNS, stats};
use crate::support::{World, own_database, place};
use crate::tables::{assert_same_content, number, rows};
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::Write as _;

const MOMENTS: &str = "SELECT ARRAY[min(moment)::text, max(moment)::text, count(*)::text] FROM log";

/// The only source whose path ends so.
#[track_caller]
pub fn source_of(api: &Api, end: &str) -> i64 {
    let sources = api.items("/sources");
    let mut found = sources.iter().filter(|source| {
        source["path"]
            .as_str()
            .is_some_and(|path| path.ends_with(end))
    });
    let (one, more) = (found.next(), found.next());
    assert!(more.is_none(), "{sources:?}");
    let one = one.unwrap_or_else(|| panic!("{end}: {sources:?}"));
    one["source"].as_i64().expect("a number")
}

#[track_caller]
pub fn told(api: &Api, source: i64) -> Value {
    let target = format!("/sources/{source}");
    let value = api.json(&target);
    let document = Document::current();
    let schema = document.answer("/api/v1/sources/{source}");
    assert_eq!(document.check(schema, &value, &target), Ok(()));
    value
}

pub fn unload(api: &Api, source: i64, body: &Value) -> Answer {
    api.act(
        "POST",
        &format!("/sources/{source}/unload"),
        &body.to_string(),
    )
}

pub fn reload(api: &Api, source: i64, body: &Value) -> Answer {
    api.act(
        "POST",
        &format!("/sources/{source}/reload"),
        &body.to_string(),
    )
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.json()["code"], code, "{}", answer.text());
    answer.json()["detail"].to_string()
}

/// What was said once about how to read a file holds when it is read again, also where another service does it, which knows nothing of it.
#[test]
fn what_is_read_again_is_as_it_was_until_somebody_says_otherwise() {
    let company = Company::simulate(&["--jobs", "12", "--days", "20", "--seed", "41"]);
    let (database, world) = (own_database(), World::new());
    let world = world.set("DATABASE_URL", &database.url);
    let logs = company.logs.to_str().expect("UTF-8");
    let load = |world: &World, more: &[&str]| {
        let load = ["load", "--allow-rejects", "--as-of", &company.as_of];
        world.run(&[&load[..], more, &[logs]].concat()).done();
    };
    load(
        &world,
        &["--timezone", "America/New_York", "--host", "etl7"],
    );
    let as_it_was = rows(&database.url, MOMENTS);
    let url = database.url.clone();
    let api = Api::over(database, world, &[]);
    let sources = api.items("/sources");
    let count = sources.len();
    assert!(count >= 2, "{sources:?}");
    for source in &sources {
        let number = source["source"].as_i64().expect("a number");
        let known = told(&api, number);
        assert_eq!(known["kind"], "file");
        assert_eq!(known["reading"]["timezone"], "America/New_York");
        assert_eq!(known["reading"]["host"], "etl7");
        assert_eq!(known["can_reload"], true, "{known}");
        assert_eq!(known["source"], *source);
        let dry = unload(&api, number, &json!({"dry_run": true}));
        assert_eq!(dry.status, 200, "{}", dry.text());
        assert_eq!(dry.json()["rows_log"], source["rows_log"]);
        assert_eq!(rows(&url, MOMENTS), as_it_was);
        let done = api.ended(&reload(&api, number, &json!({})));
        assert_eq!(done["state"], "done", "{done}");
        for figure in ["rows_log", "rows_error"] {
            assert_eq!(done["unloaded"][figure], source[figure], "{done}");
            assert_eq!(done["loaded"][figure], source[figure], "{done}");
        }
        assert_eq!(done["records"], source["records"], "{done}");
    }
    assert_eq!(rows(&url, MOMENTS), as_it_was);
    assert_eq!(
        number(
            &url,
            "SELECT count(*) FROM log WHERE host IS DISTINCT FROM 'etl7'"
        ),
        0
    );
    // Another zone for all of them is as if they had been loaded with it.
    let options = json!({"reading": {"timezone": "Europe/Paris"}});
    for source in api.items("/sources") {
        let number = source["source"].as_i64().expect("a number");
        let done = api.ended(&reload(&api, number, &options));
        assert_eq!(done["state"], "done", "{done}");
        assert_eq!(done["source"].as_i64().map(|new| new != number), Some(true));
    }
    assert_ne!(rows(&url, MOMENTS), as_it_was);
    api.world
        .run(&["fuse", "--full", "--as-of", &company.as_of])
        .done();
    let (right, other) = place();
    load(&other, &["--timezone", "Europe/Paris", "--host", "etl7"]);
    assert_same_content("read again in another zone", &right.url, &url);
    // All of it is taken back, and it is written down who did.
    for source in api.items("/sources") {
        let number = source["source"].as_i64().expect("a number");
        let done = api.ended(&unload(&api, number, &json!({})));
        assert_eq!(done["state"], "done", "{done}");
        assert_eq!(done["source"], Value::Null);
        assert_eq!(api.get(&format!("/sources/{number}")).status, 404);
    }
    assert_eq!(number(&url, "SELECT count(*) FROM log"), 0);
    assert_eq!(number(&url, "SELECT count(*) FROM dataset"), 0);
    let audit = api.items("/audit");
    let of = |kind: &str| audit.iter().filter(|one| one["kind"] == kind).count();
    assert_eq!(
        (of("source_reload"), of("source_unload")),
        (2 * count, count),
        "{audit:?}"
    );
    assert_eq!(api.items("/tasks").len(), 3 * count);
    api.up.stop();
}

#[test]
fn what_cannot_come_again_goes_only_by_force() {
    let (database, world) = (own_database(), World::new());
    let world = world.set("DATABASE_URL", &database.url);
    let path = world.file("logs/stats.csv", &stats(0..3));
    world.file("logs/stays.csv", &stats(10..12));
    world.run(&["load", "logs"]).done();
    let url = database.url.clone();
    let api = Api::over(database, world, &[]);
    let source = source_of(&api, "/stats.csv");
    std::fs::remove_file(&path).expect("it goes");
    let known = told(&api, source);
    assert_eq!(
        (
            &known["is_there"],
            &known["can_reload"],
            &known["can_unload"]
        ),
        (&json!(false), &json!(false), &json!(true)),
        "{known}"
    );
    refused(&reload(&api, source, &json!({})), 409, "conflict");
    let why = refused(&unload(&api, source, &json!({})), 409, "conflict");
    assert!(why.contains("force"), "{why}");
    for body in [json!({"only_new": true}), json!({"reading": {}})] {
        refused(&reload(&api, source, &body), 409, "conflict");
    }
    assert_eq!(number(&url, "SELECT count(*) FROM log"), 10);
    let done = api.ended(&unload(&api, source, &json!({"force": true})));
    assert_eq!(done["unloaded"]["rows_log"], 6, "{done}");
    assert_eq!(number(&url, "SELECT count(*) FROM log"), 4);
    for target in [source, 0, -1, i64::MAX, i64::MIN] {
        refused(&unload(&api, target, &json!({})), 404, "not_found");
    }
    // What is said must mean something.
    let stays = source_of(&api, "/stays.csv");
    for (body, words) in [
        (
            json!({"reading": {"timezone": "Mars/Olympus"}}),
            "Mars/Olympus",
        ),
        (json!({"reading": {"dialect": "cobol"}}), "cobol"),
        (json!({"reading": {"mapping": "name = "}}), "mapping"),
        (
            json!({"reading": {"dialect": "talend", "mapping": "x"}}),
            "dialect",
        ),
        (
            json!({"only_new": true, "reading": {"host": "a"}}),
            "reading",
        ),
        (json!({"force": true}), "force"),
    ] {
        let answer = reload(&api, stays, &body);
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        assert!(answer.text().contains(words), "{body}: {}", answer.text());
    }
    assert_eq!(number(&url, "SELECT count(*) FROM task"), 1);
    // A dialect that does not fit: nothing is taken back then, and that is said.
    let done = api.ended(&reload(
        &api,
        stays,
        &json!({"reading": {"dialect": "openlineage"}}),
    ));
    assert_eq!(
        (&done["state"], &done["unloaded"]),
        (&json!("failed"), &Value::Null),
        "{done}"
    );
    assert!(
        done["failed"].as_str().is_some_and(|why| !why.is_empty()),
        "{done}"
    );
    assert_eq!(number(&url, "SELECT count(*) FROM log"), 4);
    api.up.stop();
}

/// What a producer sends, and what was posted, is left alone.
#[test]
fn only_files_of_our_own_are_read_again() {
    let (database, world) = (own_database(), World::new());
    let world = world.set("DATABASE_URL", &database.url);
    world.file("logs/stats.csv", &stats(0..3));
    world.run(&["load", "logs"]).done();
    let url = database.url.clone();
    let api = Api::over(database, world, &[]);
    let source = source_of(&api, "/stats.csv");
    api.world
        .run(&[
            "sql",
            "--write",
            "INSERT INTO stream (stream, lineage, from_record, is_ours) \
         SELECT gen_random_uuid(), lineage, 6, true FROM source WHERE path LIKE '%/stats.csv'",
        ])
        .done();
    let known = told(&api, source);
    assert_eq!(
        (&known["is_sent"], &known["can_reload"]),
        (&json!(true), &json!(false))
    );
    let why = refused(&reload(&api, source, &json!({})), 409, "conflict");
    assert!(why.contains("Kafka"), "{why}");
    assert_eq!(number(&url, "SELECT count(*) FROM log"), 6);
    // What was posted.
    let row = r#"{"v":1,"log":[{"line":1,"moment":"2026-11-24T21:00:00Z","system":"talend","job":"J","run_id":"p","root_run_id":"p","event":"begin"}]}"#;
    let posted = api.send("POST", "/logs", &[], row);
    assert_eq!(posted.status, 200, "{}", posted.text());
    let source = source_of(&api, "http:logs");
    let known = told(&api, source);
    assert_eq!(
        (
            &known["kind"],
            &known["is_there"],
            &known["can_unload"],
            &known["can_reload"]
        ),
        (&json!("post"), &Value::Null, &json!(true), &json!(false)),
        "{known}"
    );
    refused(&reload(&api, source, &json!({})), 409, "conflict");
    refused(&unload(&api, source, &json!({})), 409, "conflict");
    let done = api.ended(&unload(&api, source, &json!({"force": true})));
    assert_eq!(done["unloaded"]["rows_log"], 1, "{done}");
    assert_eq!(number(&url, "SELECT count(*) FROM log"), 6);
    api.up.stop();
}

/// A file that `up` follows: what comes to it later comes once, and what was taken back comes again.
#[test]
fn a_file_that_is_followed_is_read_again_and_goes_on() {
    let database = own_database();
    let world = World::on(&database.url);
    let begin = stat("02:00:00", "a1", "begin");
    let path = world.file("data/stats.csv", &format!("{COLUMNS}{begin}"));
    let up = Up::start(&world, &[]);
    let api = Api::at(up, world);
    let url = &database.url;
    let rows_are = |wanted: i64| {
        crate::processes::wait_until("the rows are there", || {
            number(url, "SELECT count(*) FROM log") == wanted
        });
    };
    let append = |text: &str| {
        let mut file = OpenOptions::new()
            .append(true)
            .open(&path)
            .expect("it is there");
        file.write_all(text.as_bytes()).expect("it can be written");
    };
    rows_are(1);
    let source = source_of(&api, "/stats.csv");
    assert_eq!(told(&api, source)["is_followed"], true);
    let done = api.ended(&reload(&api, source, &json!({})));
    assert_eq!(done["state"], "done", "{done}");
    rows_are(1);
    // The second line is not whole yet. Whoever follows may be first to read it again.
    let end = stat("02:05:00", "a1", "success");
    let (half, rest) = end.split_at(20);
    append(half);
    let source = source_of(&api, "/stats.csv");
    let done = api.ended(&reload(&api, source, &json!({})));
    assert_eq!(done["state"], "done", "{done}");
    rows_are(1);
    append(rest);
    rows_are(2);
    append(&stat("03:00:00", "a2", "begin"));
    rows_are(3);
    let source = source_of(&api, "/stats.csv");
    let done = api.ended(&unload(&api, source, &json!({})));
    assert_eq!(done["unloaded"]["rows_log"], 3, "{done}");
    append(&stat("03:05:00", "a2", "success"));
    rows_are(4);
    let seen = "SELECT ARRAY[run_id, status] FROM dataset ORDER BY run_id";
    crate::processes::wait_until("the runs are as if nothing had been", || {
        rows(url, seen) == [["a1", "success"], ["a2", "success"]]
    });
    api.up.stop();
}
