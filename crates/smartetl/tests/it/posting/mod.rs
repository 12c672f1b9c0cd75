//! What is posted is stored before it is answered, once however often it is sent, and told apart from what cannot be taken.

pub mod client;
mod refused;
mod storm;

use crate::openlineage::events as fixtures;
use crate::processes::Dice;
use crate::running::{RUNS, Up, stat, until};
use crate::samples::COLUMNS;
use crate::support::{World, place};
use crate::tables::{content, number, rows};
use client::{JSON, NDJSON, post};
use smartetl_testkit::{TestDatabase, place as places};

const LINEAGE: &str = "/api/v1/lineage";
const LOGS: &str = "/api/v1/logs";

/// A row in our own schema.
fn begun(run: &str) -> String {
    format!(
        r#"{{"v":1,"log":[{{"line":1,"moment":"2026-11-24T21:00:00Z","system":"talend","job":"J","run_id":"{run}","root_run_id":"{run}","event":"begin"}}]}}"#
    ) + "\n"
}

/// A database of the test's own, and a service in front of it.
fn service(arguments: &[&str]) -> (TestDatabase, World, Up) {
    let (database, world) = place();
    std::fs::create_dir_all(world.home.path().join("data")).expect("a folder");
    let up = Up::start(&world, arguments);
    (database, world, up)
}

#[track_caller]
fn verify(world: &World) {
    for arguments in [&["fuse"][..], &["verify"], &["verify", "--recompute"]] {
        world.run(arguments).done();
    }
}

#[test]
fn events_in_any_order_and_twice_are_what_load_makes_of_them() {
    let as_of = ["fuse", "--full", "--as-of", "2026-03-05T00:00:00Z"];
    let (database, world, up) = service(&["--set", "fuse.mode=scheduled"]);
    let mut events = fixtures();
    let file: String = events.iter().map(|event| event.clone() + "\n").collect();
    events.extend_from_within(..);
    let mut dice = Dice(7);
    dice.shuffle(&mut events);
    let mut stored = 0;
    for event in &events {
        post(&up.address, LINEAGE, &[JSON], event.as_bytes()).is(201, "");
        let now = number(&database.url, "SELECT sum(records) FROM batch");
        assert!(now >= stored, "it is stored when it is answered");
        stored = now;
    }
    assert_eq!(stored as usize * 2, events.len(), "each of them once");
    world.run(&as_of).done();
    verify(&world);

    let (other, there) = place();
    there.file("events.jsonl", &file);
    there
        .run(&["load", "events.jsonl", "--set", "fuse.mode=scheduled"])
        .done();
    there.run(&as_of).done();
    let [mut posted, mut loaded] = [content(&database.url), content(&other.url)];
    for table in ["dataset", "job_day", "horizon", "job"] {
        let [mut posted, mut loaded] =
            [&mut posted, &mut loaded].map(|content| content.remove(table).expect("a table"));
        posted.sort_unstable();
        loaded.sort_unstable();
        assert_eq!(posted, loaded, "{table}");
    }
    for table in ["log", "logerreur"] {
        let [mut posted, mut loaded] = [&database, &other].map(|database| {
            let statement = format!(
                "SELECT ARRAY[(to_jsonb(t) - '{{batch,line}}'::text[])::text] FROM {table} t"
            );
            rows(&database.url, &statement)
        });
        posted.sort_unstable();
        loaded.sort_unstable();
        assert_eq!(posted, loaded, "{table}");
    }
    up.stop();
}

#[test]
fn runs_appear_by_themselves() {
    let (database, world, up) = service(&[]);
    let begin = begun("a1");
    let end = begin
        .replace("begin", "end")
        .replace("21:00:00", "21:01:00");
    let end = end.replace(r#""event":"end""#, r#""event":"end","status":"success""#);
    post(&up.address, LOGS, &[NDJSON], (begin + &end).as_bytes()).is(200, r#""rows_log":2"#);
    until(&database, RUNS, "a1 success");
    up.line("HTTP · 2 records · 2 log · 0 logerreur");
    up.counts(&[
        "smartetl_posted_records_total 2",
        "smartetl_posted_rejects_total 0",
        "smartetl_posted_waiting_bytes 0",
        "smartetl_http_requests_total{route=\"/api/v1/logs\",status=\"200\"} 1",
    ]);
    up.stop();
    verify(&world);
}

#[test]
fn rows_come_in_any_dialect_and_are_placed() {
    let (database, world, up) = service(&["--set", "fuse.mode=scheduled"]);
    let names: Vec<&str> = COLUMNS.trim().split(';').collect();
    let line = |pid: &str, kind: &str, message: &str| {
        let values = [
            "2026-01-05 02:00:00",
            pid,
            pid,
            pid,
            "1",
            "SALES",
            "load_orders",
            "_id",
            "0.1",
            "Prod",
            "",
            kind,
            message,
            "",
        ];
        let pairs = names.iter().zip(values);
        let pairs: serde_json::Map<_, _> = pairs
            .map(|(name, value)| ((*name).to_owned(), value.into()))
            .collect();
        serde_json::Value::Object(pairs).to_string() + "\n"
    };
    let talend = line("t1", "begin", "") + "{\"moment\":\n\n" + &line("t1", "end", "success");
    let told = post(&up.address, LOGS, &[NDJSON], talend.as_bytes());
    told.is(200, "");
    let receipt = told.json();
    for (count, expected) in [
        ("records", 3),
        ("rows_log", 2),
        ("rejects", 1),
        ("silent", 0),
    ] {
        assert_eq!(receipt[count], expected, "{count}: {receipt}");
    }
    assert_eq!(receipt["rejected"][0]["line"], 2, "{receipt}");
    assert_eq!(receipt["rejected"][0]["reason"], "json", "{receipt}");

    // The zone, the environment and the host of these rows.
    let target = format!("{LOGS}?dialect=talend&timezone=America/Montreal&environment=REC&host=h9");
    let body = line("t2", "begin", "");
    post(&up.address, &target, &[NDJSON], body.as_bytes()).is(200, "");
    // A list, and one object.
    let list = format!("[{},{}]", line("t3", "begin", ""), line("t4", "begin", ""));
    post(&up.address, LOGS, &[JSON], list.as_bytes()).is(200, r#""records":2"#);
    let target = format!("{LOGS}?dialect=talend");
    post(
        &up.address,
        &target,
        &[JSON],
        line("t5", "begin", "").as_bytes(),
    )
    .is(200, "");
    let found = rows(
        &database.url,
        "SELECT ARRAY[run_id, count(*)::text, min(moment AT TIME ZONE 'UTC')::text, min(environment), min(host)] FROM log \
         GROUP BY run_id ORDER BY run_id",
    );
    let expected = [
        ["t1", "2", "2026-01-05 01:00:00", "", ""],
        ["t2", "1", "2026-01-05 07:00:00", "REC", "h9"],
        ["t3", "1", "2026-01-05 01:00:00", "", ""],
        ["t4", "1", "2026-01-05 01:00:00", "", ""],
        ["t5", "1", "2026-01-05 01:00:00", "", ""],
    ];
    assert_eq!(found, expected);

    // Ours: bad ones between good ones; places that their sender gave twice; an error with a secret.
    let twice = begun("o1").trim().replace("]}", "")
        + r#",{"line":1,"moment":"2026-11-24T21:00:01Z","system":"talend","job":"J","run_id":"o1","root_run_id":"o1","event":"metric"}]}"#
        + "\n";
    let error = r#"{"v":1,"logerreur":[{"line":1,"moment":"2026-11-24T21:00:02Z","system":"talend","job":"J","run_id":"o1","root_run_id":"o1","severity":"error","message":"jdbc:postgresql://u:hunter2@h/db refused"}]}"#;
    let ours = [
        &twice,
        "{\"v\":9,\"log\":[]}\n",
        error,
        "\n",
        "not JSON\n",
        &begun("o2"),
    ]
    .concat();
    let told = post(&up.address, LOGS, &[NDJSON], ours.as_bytes());
    told.is(200, "");
    let receipt = told.json();
    for (count, expected) in [
        ("records", 5),
        ("rows_log", 3),
        ("rows_error", 1),
        ("rejects", 2),
    ] {
        assert_eq!(receipt[count], expected, "{count}: {receipt}");
    }
    assert_eq!(
        receipt["rejected"][0]["reason"], "schema_version",
        "{receipt}"
    );
    assert_eq!(receipt["rejected"][1]["line"], 4, "{receipt}");
    // The same as a list and over several lines; the environment and the host of rows that say none.
    let object = |run: &str| begun(run).trim().to_owned();
    let spread = begun("o5").replace(",\"", ",\n \"");
    for (kind, body, records) in [
        (JSON, format!("[{}]", object("o3")), 1),
        (
            JSON,
            format!("[\n{},\n{}\n]", object("o4"), object("o4b")),
            2,
        ),
        (JSON, spread, 1),
        (NDJSON, format!("[{}]", object("o6")), 1),
    ] {
        let target = format!("{LOGS}?environment=REC&host=h7");
        let told = post(&up.address, &target, &[kind], body.as_bytes());
        told.is(200, &format!(r#""records":{records},"rows_log":{records}"#));
    }
    let of_environment = "SELECT count(*) FROM log WHERE environment = 'REC' AND host = 'h7'";
    assert_eq!(number(&database.url, of_environment), 5);
    let secret = "SELECT count(*) FROM logerreur WHERE message LIKE '%hunter2%'";
    assert_eq!(number(&database.url, secret), 0);
    up.stop();
    verify(&world);
}

#[test]
fn bodies_may_be_packed() {
    let (database, _world, up) = service(&["--set", "fuse.mode=scheduled"]);
    let body: String = (0..100).map(|run| begun(&format!("p{run}"))).collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, body.as_bytes()).expect("packed");
    let gzip = gzip.finish().expect("packed");
    let zstd = zstd::encode_all(body.as_bytes(), 3).expect("packed");
    for (name, packed) in [("gzip", &gzip), ("zstd", &zstd), ("GZIP", &gzip)] {
        let headers = [NDJSON, ("content-encoding", name)];
        post(&up.address, LOGS, &headers, packed).is(200, r#""records":100"#);
        let cut = &packed[..packed.len() / 2];
        post(&up.address, LOGS, &headers, cut).is(400, "unpacked");
    }
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 300);
    up.stop();
}

#[test]
fn a_key_makes_a_repeat_harmless() {
    let (database, world, up) = service(&["--set", "fuse.mode=scheduled"]);
    let key = ("idempotency-key", "\"night 7\"");
    let body = begun("k1") + "broken\n";
    let first = post(&up.address, LOGS, &[NDJSON, key], body.as_bytes());
    first.is(200, r#""repeated":false"#);
    let again = post(&up.address, LOGS, &[NDJSON, key], body.as_bytes());
    again.is(200, r#""repeated":true"#);
    let mut expected = first.json();
    expected["repeated"] = true.into();
    assert_eq!(again.json(), expected, "the same counts and rejects");
    let plain = ("idempotency-key", "night 7");
    post(&up.address, LOGS, &[NDJSON, plain], body.as_bytes()).is(200, r#""repeated":true"#);
    post(&up.address, LOGS, &[NDJSON, key], begun("k2").as_bytes())
        .is(422, "under this idempotency key");
    let otherwise = format!("{LOGS}?environment=PROD");
    post(&up.address, &otherwise, &[NDJSON, key], body.as_bytes())
        .is(422, "under this idempotency key");
    for bad in ["", "\"\"", &"k".repeat(256), "\u{e9}"] {
        let key = ("idempotency-key", bad);
        post(&up.address, LOGS, &[NDJSON, key], body.as_bytes()).is(400, "idempotency key");
    }
    // Without a key everything is new.
    post(&up.address, LOGS, &[NDJSON], body.as_bytes()).is(200, r#""repeated":false"#);
    let stored = "SELECT count(*) FROM log";
    assert_eq!(number(&database.url, stored), 2);

    // What is taken back may be posted again.
    let batch = number(&database.url, "SELECT min(batch) FROM batch").to_string();
    world.run(&["unload", "--force", &batch]).done();
    assert_eq!(number(&database.url, stored), 1);
    post(&up.address, LOGS, &[NDJSON, key], body.as_bytes()).is(200, r#""repeated":false"#);
    assert_eq!(number(&database.url, stored), 2);
    world.run(&["unload", "--force", "http:logs"]).done();
    assert_eq!(number(&database.url, stored), 0);
    assert_eq!(number(&database.url, "SELECT count(*) FROM posted"), 0);
    post(&up.address, LOGS, &[NDJSON, key], body.as_bytes()).is(200, r#""repeated":false"#);

    // Keys are kept for seven days.
    let old = "UPDATE posted SET received_at = now() - interval '8 days'";
    world.run(&["sql", "--write", old]).done();
    up.stop();
    let up = Up::start(&world, &["--set", "fuse.mode=scheduled"]);
    until(&database, "SELECT count(*)::text FROM posted", "0");
    post(&up.address, LOGS, &[NDJSON, key], body.as_bytes()).is(200, r#""repeated":false"#);
    up.stop();
    verify(&world);
}

#[test]
fn what_is_posted_at_once_is_committed_together() {
    let (database, world, up) = service(&["--set", "fuse.mode=scheduled"]);
    std::thread::scope(|scope| {
        for sender in 0..20 {
            let address = &up.address;
            scope.spawn(move || {
                for number in 0..20 {
                    let body = begun(&format!("s{sender}-{number}"));
                    post(address, LOGS, &[NDJSON], body.as_bytes()).is(200, "");
                }
            });
        }
    });
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 400);
    let batches = number(&database.url, "SELECT count(*) FROM batch");
    assert!(batches < 300, "{batches} batches for 400 posts");
    let commits = format!("smartetl_posted_commit_seconds_count {batches}");
    up.counts(&[&commits]);
    up.stop();
    verify(&world);
}

#[test]
fn two_services_before_one_database_store_a_key_once() {
    let (database, world, up) = service(&["--set", "fuse.mode=scheduled"]);
    let other = Up::start(&world, &["--set", "fuse.mode=scheduled"]);
    let senders = 8;
    std::thread::scope(|scope| {
        for sender in 0..senders {
            let address = [&up.address, &other.address][sender % 2];
            scope.spawn(move || {
                for number in 0..40 {
                    let key = format!("n{number}");
                    let headers = [NDJSON, ("idempotency-key", &*key)];
                    let body = begun(&key) + &begun(&format!("{key}b"));
                    post(address, LOGS, &headers, body.as_bytes()).is(200, r#""rows_log":2"#);
                }
            });
        }
    });
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 80);
    assert_eq!(number(&database.url, "SELECT count(*) FROM posted"), 40);
    let next = "SELECT next_record FROM checkpoint WHERE kind = 'http'";
    assert_eq!(number(&database.url, next), 80);
    other.stop();
    up.stop();
    verify(&world);
}

#[test]
fn serve_reads_no_files_and_takes_posts() {
    let (database, world) = place();
    // `up` would read it first.
    world.file(
        "data/stats.csv",
        &format!("{COLUMNS}{}", stat("02:00:00", "a1", "begin")),
    );
    let served = Up::serving(&world, &["serve", "--port", "0", "--lang", "en"]);
    let page = served.ask("GET /");
    assert!(
        !page.contains("stats.csv") && page.contains("load PATH"),
        "{page}"
    );
    post(&served.address, LOGS, &[NDJSON], begun("p1").as_bytes()).is(200, r#""rows_log":1"#);
    until(&database, RUNS, "p1 unverified");
    served.stop();
    assert_eq!(world.run(&["serve", "data"]).exit, 2, "it has no paths");
}

#[test]
fn the_demo_takes_no_logs() {
    let cache = places::cache().display().to_string();
    let world = World::new().set("SMARTETL_CACHE_DIR", &cache);
    let data_dir = world.home.path().join("own").display().to_string();
    let up = Up::start(&world, &["--demo", "--data-dir", &data_dir]);
    post(&up.address, LOGS, &[NDJSON], begun("d").as_bytes()).is(403, "without --demo");
    up.stop();
}
