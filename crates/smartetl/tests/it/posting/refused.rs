//! What cannot be taken, and why.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::client::{JSON, NDJSON, post, try_post};
use super::{LINEAGE, LOGS, begun, service, verify};
use crate::processes::Dice;
use crate::running::{Up, allow_connections, until};
use crate::tables::{connected, number, rows};
use smartetl_testkit::TestDatabase;
use sqlx::AssertSqlSafe;

/// Address, headers, body; status, words in English and French.
type Case<'c> = (
    &'c str,
    &'c [(&'c str, &'c str)],
    &'c [u8],
    u16,
    &'c str,
    &'c str,
);

fn execute(database: &TestDatabase, statement: &str) {
    connected(&database.url, async |connection| {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
            .execute(connection)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    });
}

#[test]
fn what_cannot_be_taken_is_told_in_both_languages() {
    let (database, _world, up) = service(&["--set", "fuse.mode=scheduled"]);
    let good = begun("r");
    let (good, empty): (&[u8], &[u8]) = (good.as_bytes(), b" \n");
    let large = vec![b' '; (16 << 20) + 1];
    let bomb = zstd::encode_all(&*vec![b' '; 40 << 20], 3).expect("packed");
    let zstd = ("content-encoding", "zstd");
    let csv = b"moment;pid\n2026-01-05 02:00:00;1\n".as_slice();
    let cases: &[Case<'_>] = &[
        (LOGS, &[], good, 415, "content type", "type de contenu"),
        (
            LINEAGE,
            &[("content-type", "text/plain")],
            good,
            415,
            "“text/plain”",
            "text/plain",
        ),
        (
            LOGS,
            &[NDJSON, ("content-encoding", "br")],
            good,
            415,
            "“br”",
            "codage du contenu",
        ),
        (
            LOGS,
            &[NDJSON, ("content-encoding", "gzip, zstd")],
            good,
            415,
            "gzip or zstd",
            "compressé avec gzip ou zstd",
        ),
        (
            LOGS,
            &[NDJSON, zstd],
            good,
            400,
            "cannot be unpacked",
            "décompressé",
        ),
        (
            LOGS,
            &[NDJSON],
            &large,
            413,
            "more than 16 MiB",
            "dépasse 16\u{a0}Mio",
        ),
        (
            LINEAGE,
            &[JSON, zstd],
            &bomb,
            413,
            "more than 16 MiB",
            "dépasse 16\u{a0}Mio",
        ),
        (LOGS, &[NDJSON], empty, 422, "is empty", "est vide"),
        (
            LOGS,
            &[NDJSON],
            csv,
            422,
            "it is no JSON",
            "ce n’est pas du JSON",
        ),
        (
            LOGS,
            &[NDJSON],
            b"{\"a\":1}\n",
            422,
            "?dialect=NAME",
            "?dialect=NOM",
        ),
        (
            LOGS,
            &[NDJSON],
            b"\xff\xfe\x00",
            422,
            "it is no JSON",
            "ce n’est pas du JSON",
        ),
        (
            "/api/v1/logs?dialect=cobol",
            &[NDJSON],
            good,
            400,
            "cobol",
            "cobol",
        ),
        (
            "/api/v1/logs?dialect=talend&mapping=x",
            &[NDJSON],
            good,
            400,
            "exclude each other",
            "s’excluent",
        ),
        (
            "/api/v1/logs?mapping=/etc/passwd",
            &[NDJSON],
            good,
            400,
            "not known here",
            "n’est pas connu ici",
        ),
        (
            "/api/v1/logs?timezone=Mars",
            &[NDJSON],
            good,
            400,
            "timezone=Mars",
            "timezone=Mars",
        ),
        (
            "/api/v1/logs?zone=UTC",
            &[NDJSON],
            good,
            400,
            "is not known",
            "est inconnu",
        ),
    ];
    for (target, headers, body, status, english, french) in cases {
        for (lang, words) in [("en", english), ("fr", french)] {
            let headers = [*headers, &[("accept-language", lang)]].concat();
            let told = post(&up.address, target, &headers, body);
            told.is(*status, words);
            assert!(told.head.contains("application/problem+json"), "{told:?}");
            assert_eq!(told.json()["status"], *status, "{told:?}");
        }
    }
    assert_eq!(number(&database.url, "SELECT count(*) FROM batch"), 0);

    // A record that is none is kept, and told.
    for (target, body, reason) in [
        (LINEAGE, "{\"eventType\":", "json"),
        (LINEAGE, "{\"eventType\":\"START\"}", "missing_value"),
        (LINEAGE, "[]", "json"),
        (
            "/api/v1/logs?dialect=smartetl",
            "{\"v\":1}",
            "missing_value",
        ),
    ] {
        let told = post(&up.address, target, &[JSON], body.as_bytes());
        told.is(422, "kept among the rejects");
        assert_eq!(told.json()["rejected"]["reason"], reason, "{told:?}");
    }
    let kept = rows(
        &database.url,
        "SELECT ARRAY[path, reason, line::text] FROM reject JOIN batch USING (batch) JOIN source USING (source) ORDER BY batch",
    );
    assert_eq!(kept.len(), 4, "{kept:?}");
    // Sent again, it is the same answer, and is not kept twice.
    post(&up.address, LINEAGE, &[JSON], b"[]").is(422, "kept among the rejects");
    assert_eq!(number(&database.url, "SELECT count(*) FROM reject"), 4);
    up.counts(&[
        "smartetl_posted_rejects_total 4",
        "smartetl_posted_waiting_bytes 0",
    ]);
    up.stop();
}

#[test]
fn a_silent_event_is_taken() {
    let (database, _world, up) = service(&["--set", "fuse.mode=scheduled"]);
    let event = r#"{"eventTime":"2026-03-01T00:00:00Z","producer":"https://example.com","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent","dataset":{"namespace":"n","name":"d"}}"#;
    post(&up.address, LINEAGE, &[JSON], event.as_bytes()).is(201, "");
    let ledger = "SELECT ARRAY[records::text, silent::text, dialect] FROM batch";
    assert_eq!(rows(&database.url, ledger), [["1", "1", "openlineage"]]);
    up.stop();
}

#[test]
fn addresses_have_their_methods() {
    let (_database, _world, up) = service(&[]);
    for target in [LOGS, LINEAGE] {
        let answer = up.ask(&format!("GET {target}"));
        assert!(
            answer.starts_with("HTTP/1.1 405") && answer.contains("allow: POST"),
            "{answer}"
        );
    }
    for target in ["/", "/livez", "/metrics"] {
        let told = post(&up.address, target, &[JSON], b"{}");
        told.is(405, "/api/v1/logs");
        assert!(told.head.contains("allow: GET, HEAD"), "{told:?}");
    }
    post(&up.address, "/api/v1/nothing", &[JSON], b"{}").is(404, "/api/v1/logs");
    up.stop();
}

#[test]
fn a_token_is_asked_for_where_there_is_one() {
    let (database, world, up) = service(&[]);
    up.stop();
    let world = world.set("SMARTETL_HTTP_TOKEN", "s3cret-token");
    let up = Up::start(&world, &["--set", "fuse.mode=scheduled"]);
    let body = begun("t");
    let with = |said: &str| {
        let headers = [NDJSON, ("authorization", said)];
        post(&up.address, LOGS, &headers, body.as_bytes())
    };
    for said in [
        "",
        "Bearer",
        "Bearer wrong",
        "Basic s3cret-token",
        "bearer s3cret-token2",
    ] {
        let told = with(said);
        told.is(401, "http.token");
        assert!(told.head.contains("www-authenticate: Bearer"), "{told:?}");
    }
    assert_eq!(number(&database.url, "SELECT count(*) FROM batch"), 0);
    with("Bearer s3cret-token").is(200, "");
    let shown = world.run(&["config", "show"]);
    assert!(!shown.stdout.contains("s3cret"), "{}", shown.stdout);
    up.stop();
}

/// Lets no batch be written until it is dropped.
struct Held<'d>(&'d TestDatabase);

impl<'d> Held<'d> {
    fn new(database: &'d TestDatabase) -> Self {
        execute(
            database,
            "CREATE TABLE IF NOT EXISTS held (it boolean); INSERT INTO held VALUES (true); \
             CREATE OR REPLACE FUNCTION wait_while_held() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN WHILE EXISTS (SELECT FROM held) LOOP PERFORM pg_sleep(0.01); END LOOP; RETURN NEW; END $$; \
             CREATE OR REPLACE TRIGGER held BEFORE INSERT ON batch FOR EACH ROW EXECUTE FUNCTION wait_while_held()",
        );
        Self(database)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        execute(self.0, "DELETE FROM held");
    }
}

/// Whether a transaction waits in the trigger.
fn until_held(database: &TestDatabase) {
    let waits = "SELECT (count(*) > 0)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    until(database, waits, "true");
}

/// Waits until so many bytes wait to be stored, those that are being stored among them.
fn until_waiting(up: &Up, enough: impl Fn(u64) -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let metrics = up.ask("GET /metrics");
        let mut lines = metrics.lines();
        let bytes = lines.find_map(|line| line.strip_prefix("smartetl_posted_waiting_bytes "));
        let bytes = bytes.and_then(|bytes| bytes.parse().ok());
        if bytes.is_some_and(&enough) {
            return;
        }
        assert!(Instant::now() < deadline, "{bytes:?} wait: {metrics}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn what_waits_is_bounded() {
    let (database, world, up) = service(&["--set", "fuse.mode=scheduled"]);
    post(&up.address, LOGS, &[NDJSON], begun("w").as_bytes()).is(200, "");
    // 15 MiB that are one row.
    let mut large = begun("large").into_bytes();
    large.resize(15 << 20, b'\n');
    let (address, large) = (&up.address, &large);
    let held = Held::new(&database);
    std::thread::scope(|scope| {
        let first = scope.spawn(move || post(address, LOGS, &[NDJSON], begun("first").as_bytes()));
        until_held(&database);
        let waiting: Vec<_> = (0..4)
            .map(|_| scope.spawn(move || post(address, LOGS, &[NDJSON], large)))
            .collect();
        // Four of them fill it.
        until_waiting(&up, |bytes| bytes > 60_000_000);
        let told = post(address, LOGS, &[NDJSON], large);
        told.is(429, "waiting to be stored");
        assert!(told.head.contains("retry-after: 1"), "{told:?}");
        drop(held);
        for one in waiting.into_iter().chain([first]) {
            one.join().expect("no panic").is(200, "");
        }
    });
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 6);
    up.counts(&["smartetl_posted_waiting_bytes 0"]);
    up.stop();
    verify(&world);
}

/// One post whose rows the server refuses must not take the others along.
#[test]
fn what_the_server_refuses_stops_nothing_else() {
    let (database, world, up) = service(&["--set", "fuse.mode=scheduled"]);
    post(&up.address, LOGS, &[NDJSON], begun("x").as_bytes()).is(200, "");
    execute(
        &database,
        "ALTER TABLE log ADD CONSTRAINT no_poison CHECK (run_id <> 'poison') NOT VALID",
    );
    // All of them in one group.
    let held = Held::new(&database);
    let address = &up.address;
    std::thread::scope(|scope| {
        let first = scope.spawn(move || post(address, LOGS, &[NDJSON], begun("g").as_bytes()));
        until_held(&database);
        let senders: Vec<_> = (0..11)
            .map(|sender| {
                let run = if sender == 5 {
                    "poison".to_owned()
                } else {
                    format!("g{sender}")
                };
                scope.spawn(move || {
                    (
                        sender,
                        post(address, LOGS, &[NDJSON], begun(&run).as_bytes()),
                    )
                })
            })
            .collect();
        until_waiting(&up, |bytes| bytes == 786_432);
        drop(held);
        first.join().expect("no panic").is(200, "");
        for sender in senders {
            let (sender, told) = sender.join().expect("no panic");
            if sender == 5 {
                told.is(422, "refuses a value");
            } else {
                told.is(200, "");
            }
        }
    });
    // It was found by halves.
    let metrics = up.ask("GET /metrics");
    let failures = metrics
        .lines()
        .find_map(|line| line.strip_prefix("smartetl_posted_commit_failures_total "));
    let failures: u32 = failures
        .and_then(|number| number.parse().ok())
        .expect("a number");
    assert!((3..=5).contains(&failures), "{failures}");
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 12);
    up.stop();
    verify(&world);
}

/// The same key several times at once: the first is stored, the others are told what became of it.
#[test]
fn a_key_that_comes_several_times_at_once_is_stored_once() {
    let (database, world, up) = service(&["--set", "fuse.mode=scheduled"]);
    post(&up.address, LOGS, &[NDJSON], begun("x").as_bytes()).is(200, "");
    let held = Held::new(&database);
    let address = &up.address;
    let told: Vec<(usize, u16, String)> = std::thread::scope(|scope| {
        let first = scope.spawn(move || post(address, LOGS, &[NDJSON], begun("g").as_bytes()));
        until_held(&database);
        let senders: Vec<_> = (0..6)
            .map(|sender| {
                scope.spawn(move || {
                    let key = [NDJSON, ("idempotency-key", "same")];
                    // Two of them send something else.
                    let body = begun(if sender < 4 { "same" } else { "other" });
                    let told = post(address, LOGS, &key, body.as_bytes());
                    (sender / 4, told.status, told.body)
                })
            })
            .collect();
        until_waiting(&up, |bytes| bytes == 458_752);
        drop(held);
        first.join().expect("no panic").is(200, "");
        let all = senders
            .into_iter()
            .map(|sender| sender.join().expect("no panic"));
        all.collect()
    });
    let fresh: Vec<_> = told
        .iter()
        .filter(|(.., body)| body.contains(r#""repeated":false"#))
        .collect();
    let [(first, ..)] = fresh[..] else {
        panic!("one is stored: {told:?}");
    };
    for (kind, status, body) in &told {
        assert_eq!(*status, if kind == first { 200 } else { 422 }, "{body}");
    }
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 3);
    up.stop();
    verify(&world);
}

/// What a record holds is not what comes of it: two bytes make a reject.
#[test]
fn records_are_bounded_too() {
    let (database, world, up) = service(&["--set", "fuse.mode=scheduled"]);
    let rubbish = |lines: usize| begun("b") + &"1\n".repeat(lines);
    let packed = zstd::encode_all(rubbish(8_000_000).as_bytes(), 3).expect("packed");
    let zstd = [NDJSON, ("content-encoding", "zstd")];
    post(&up.address, LOGS, &zstd, &packed).is(413, "100000 records");
    let target = format!("{LOGS}?dialect=talend");
    let first = r#"{"moment":"2026-01-05 02:00:00","pid":"t","father_pid":"t","root_pid":"t","system_pid":"1","project":"S","job":"j","job_repository_id":"i","job_version":"1","context":"Prod","origin":"","message_type":"begin","message":"","duration":""}"#;
    let empty = first.to_owned() + &"\n{}".repeat(200_000);
    let empty = zstd::encode_all(empty.as_bytes(), 3).expect("packed");
    post(&up.address, &target, &zstd, &empty).is(413, "100000 records");
    assert_eq!(number(&database.url, "SELECT count(*) FROM batch"), 0);
    post(&up.address, LOGS, &[NDJSON], rubbish(50_000).as_bytes()).is(200, r#""rejects":50000"#);
    up.stop();
    verify(&world);
}

#[test]
fn a_database_that_is_away_is_told_and_comes_back() {
    let (database, world, up) = service(&["--set", "fuse.mode=scheduled"]);
    let key = [NDJSON, ("idempotency-key", "once")];
    allow_connections(&database, false);
    let told = post(&up.address, LOGS, &key, begun("away").as_bytes());
    told.is(503, "under the same idempotency key");
    assert!(told.head.contains("retry-after: 2"), "{told:?}");
    allow_connections(&database, true);
    post(&up.address, LOGS, &key, begun("away").as_bytes()).is(200, r#""repeated":false"#);
    post(&up.address, LOGS, &key, begun("away").as_bytes()).is(200, r#""repeated":true"#);
    until(&database, "SELECT count(*)::text FROM log", "1");
    up.stop();
    verify(&world);
}

/// Names that no index takes would stop every fuse from then on.
#[test]
fn names_of_any_length_become_runs() {
    let (database, world, up) = service(&["--set", "fuse.mode=scheduled"]);
    let mut dice = Dice(3);
    let mut name = || -> String { (0..3000).map(|_| format!("{:x}", dice.roll())).collect() };
    let (system, environment, project, job) = (name(), name(), name(), name());
    for (run, job) in [("l1", job.clone() + "a"), ("l2", job.clone() + "b")] {
        let names = format!(
            r#""system":"{system}","environment":"{environment}","project":"{project}","job":"{job}","step":"{job}""#
        );
        let body = begun(run).replace(r#""system":"talend","job":"J""#, &names);
        let begin = body.replace(&format!(r#","step":"{job}""#), "");
        post(&up.address, LOGS, &[NDJSON], (begin + &body).as_bytes()).is(200, r#""rows_log":2"#);
    }
    up.stop();
    verify(&world);
    let runs = "SELECT count(DISTINCT job) FROM dataset";
    assert_eq!(number(&database.url, runs), 2);
}

#[test]
fn what_is_cut_or_hostile_is_outlived() {
    let (database, world, up) = service(&["--set", "fuse.mode=scheduled"]);
    for bytes in [
        "POST /api/v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{",
        "POST /api/v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "POST /api/v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99999999999999999999\r\n\r\n",
        "POST /api/v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 18446744073709551615\r\n\r\n{",
    ] {
        let mut stream = TcpStream::connect(&up.address).expect("it listens");
        stream.write_all(bytes.as_bytes()).expect("sent");
        stream.shutdown(std::net::Shutdown::Write).expect("said");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(!answer.starts_with("HTTP/1.1 2"), "{bytes}: {answer}");
    }
    let deep = "[".repeat(100_000);
    let long = format!(
        "{{\"v\":1,\"log\":[{{\"line\":1,\"moment\":\"{}\"}}]}}",
        "9".repeat(1 << 20)
    );
    let nul = begun("n\\u0000l");
    for body in [
        &deep,
        &long,
        &nul,
        "{\"v\":1,\"log\":[{}]}",
        "null",
        "\u{feff}{}",
        "{\"v\":1e400}",
    ] {
        for target in [
            LOGS,
            LINEAGE,
            "/api/v1/logs?dialect=smartetl",
            "/api/v1/logs?dialect=talend",
        ] {
            let told = try_post(&up.address, target, &[JSON], body.as_bytes());
            let status = told.as_ref().map_or(0, |told| told.status);
            assert!(
                matches!(status, 200 | 201 | 422),
                "{target} {status}: {}",
                &body[..body.len().min(80)]
            );
        }
    }
    // What is said about a reject is kept with its key.
    let nul = r#"{"v":1,"reject":{"line":1,"reason":"json","detail":"a\u0000b","raw":"password=hunter2"}}"#;
    let key = [NDJSON, ("idempotency-key", "nul")];
    for _ in 0..2 {
        post(&up.address, LOGS, &key, nul.as_bytes()).is(422, "kept among the rejects");
    }
    let secret = "SELECT count(*) FROM reject WHERE raw LIKE '%hunter2%'";
    assert_eq!(number(&database.url, secret), 0);
    post(&up.address, LOGS, &[NDJSON], begun("after").as_bytes()).is(200, "");
    assert_eq!(
        number(
            &database.url,
            "SELECT count(*) FROM log WHERE run_id = 'after'"
        ),
        1
    );
    up.counts(&["smartetl_posted_waiting_bytes 0"]);
    up.stop();
    verify(&world);
}
