//! Messages that are no rows between those that are.

use super::by_hand::{GOOD, all_of, flush, producer, send, send_dead};
use super::{Topics, consume, consumed, produce};
use crate::support::{World, own_database};
use crate::tables::{number, rows};

#[test]
fn bad_messages_stop_no_good_ones() {
    let database = own_database();
    let topics = Topics { name: "poison" };
    let world = topics.used_by(World::on(&database.url).in_paris());
    // Makes the topics.
    consumed(&world);
    let huge = format!(r#"{{"v":1,"log":"{}"}}"#, "x".repeat(10 << 20));
    let bad: [(Option<&[u8]>, &str); 10] = [
        (Some(b"hello"), "json"),
        (None, "missing_value"),
        (Some(b""), "json"),
        (Some(b"null"), "schema"),
        (Some(br#"{"v":1,"log":[{"line":"one"}]}"#), "schema"),
        (Some(br#"{"v":7,"log":[]}"#), "schema_version"),
        (
            Some(
                "{\"v\":1,\"é"
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes)
                    .collect::<Vec<_>>()
                    .leak(),
            ),
            "encoding",
        ),
        (Some(huge.as_bytes()), "schema"),
        (Some(b"\0\0\0"), "json"),
        (Some(br#"{"v":1,"log":[{"\u0000":1}]}"#), "schema"),
    ];
    let producer = producer();
    for (number, (value, _)) in bad.iter().enumerate() {
        for run in 0..3 {
            let good = GOOD.replace("NAME", &format!("r{number}-{run}"));
            send(&producer, &topics.log(), Some(good.as_bytes()));
        }
        send(&producer, &topics.log(), *value);
    }
    let reject =
        br#"{"v":1,"reject":{"line":9999,"reason":"quote","detail":"\u0000","raw":"\u0000"}}"#;
    send(&producer, &topics.error(), Some(reject));
    flush(&producer);
    let received = consume(&world);
    assert_eq!(
        received.exit, 1,
        "rejects are findings: {}",
        received.stderr
    );
    assert_eq!(
        number(&database.url, "SELECT count(DISTINCT run_id) FROM log"),
        30
    );
    let reasons = rows(
        &database.url,
        "SELECT ARRAY[reason] FROM reject ORDER BY line",
    );
    let sent = bad.iter().map(|(_, reason)| *reason);
    let expected: Vec<_> = sent
        .chain(["quote"])
        .map(|reason| vec![reason.to_owned()])
        .collect();
    assert_eq!(reasons, expected);

    let mut dead = all_of(&topics.dead(), bad.len());
    let offset = |headers: &[(String, String)]| -> i64 {
        let found = headers
            .iter()
            .find(|(name, _)| name == "smartetl-dead-offset");
        found.expect("an offset").1.parse().expect("a number")
    };
    dead.sort_by_key(|(_, headers)| offset(headers));
    for ((value, headers), (sent, reason)) in dead.iter().zip(bad) {
        assert_eq!(value.as_deref(), sent, "as it was");
        let header = |name: &str| {
            headers
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(header("smartetl-dead-reason"), Some(reason));
        assert_eq!(header("smartetl-dead-topic"), Some(topics.log().as_str()));
        assert_eq!(header("sender"), Some("somebody"), "its own headers stay");
    }
    // They were stored once and for all.
    consumed(&world);
    assert_eq!(number(&database.url, "SELECT count(*) FROM reject"), 11);
}

#[test]
fn secrets_do_not_reach_kafka() {
    let database = own_database();
    let topics = Topics { name: "secrets" };
    let world = topics.used_by(World::on(&database.url).in_paris());
    let log = world.file(
        "token=geheim&logs.csv",
        "moment;pid;root_pid;father_pid;project;job;context;priority;type;origin;message;code\n\
         2026-11-24 21:00:00;a;a;a;P;J;PROD;6;tDie;tDie_1;cannot open jdbc:postgresql://u:geheim@h/d password=geheim;4\n\
         2026-11-24 21:00:00;a;a;a;P;J;PROD;6;tDie;tDie_1;password=geheim too;4;geheim\n\
         2026-11-24 21:00:00;password=geheim;a;a;P;J;PROD;6;tDie;tDie_1;stopped;4\n",
    );
    let sent = produce(&world, &log);
    assert_eq!(
        (sent.exit, sent.stdout.as_str()),
        (
            0,
            "sent: 3 records of 1 file: 0 log, 2 logerreur, 1 rejected (field_count)\n"
        ),
        "{}",
        sent.stderr
    );
    for (value, headers) in all_of(&topics.error(), 3) {
        let value = String::from_utf8(value.expect("a value")).expect("UTF-8");
        let message = format!("{value} {headers:?}");
        for secret in ["password=geheim", "u:geheim", "token=geheim"] {
            assert!(!message.contains(secret), "{message}");
        }
    }
}

/// Records of a tool that nobody knows, read with a mapping that at first lacks a word.
#[test]
fn foreign_messages_are_sent_again_after_the_mapping_was_mended() {
    const MAPPING: &str = r#"
[[mapping]]
name = "runs"
system = "scheduler"
time_format = "ymd"
[mapping.run]
job = "flow"
run_id = "execution"
[[mapping.log]]
event = "end"
moment = "ended"
status = "state"
[mapping.vocabulary.status]
OK = "success"
"#;
    let database = own_database();
    let topics = Topics { name: "foreign" };
    let world = topics.used_by(World::on(&database.url).in_paris());
    consumed(&world);
    let producer = producer();
    for (run, state) in [("a", "OK"), ("b", "KO"), ("c", "OK"), ("d", "KO")] {
        let value = format!(
            r#"{{"flow":"J","execution":"{run}","ended":"2025-12-01 02:10:00","state":"{state}"}}"#
        );
        send(&producer, &topics.log(), Some(value.as_bytes()));
    }
    flush(&producer);
    let consume = |mapping: &str| {
        world.file("runs.toml", mapping);
        world.run(&["consume", "--once", "--mapping", "runs.toml"])
    };
    let stored = || {
        let rows = rows(
            &database.url,
            "SELECT ARRAY[run_id, status] FROM log ORDER BY run_id",
        );
        rows.iter().map(|row| row.join(" ")).collect::<Vec<_>>()
    };
    let received = consume(MAPPING);
    assert_eq!(received.exit, 1, "{}", received.stderr);
    assert_eq!(stored(), ["a success", "c success"]);
    let reasons = rows(&database.url, "SELECT ARRAY[reason] FROM reject");
    assert_eq!(reasons, [["unknown_word"], ["unknown_word"]]);

    let mended = format!("{MAPPING}KO = \"failed\"\n");
    let replayed = world.run(&["replay"]);
    assert_eq!(replayed.stdout, "sent again to foreign.log: 2 messages\n");
    consume(&mended).done();
    let all = ["a success", "b failed", "c success", "d failed"];
    assert_eq!(stored(), all);
    // Whoever does it twice, or was interrupted behind the sending, changes nothing.
    let replayed = world.run(&["replay"]);
    assert_eq!(
        replayed.stdout,
        "nothing in foreign.dead was waiting to be sent again\n"
    );
    let back = "UPDATE checkpoint SET next_record = 0 FROM source \
         WHERE source.lineage = checkpoint.lineage AND path LIKE 'kafka:%/foreign.dead/%'";
    world.run(&["sql", "--write", back]).done();
    let replayed = world.run(&["replay"]);
    assert_eq!(replayed.stdout, "sent again to foreign.log: 2 messages\n");
    consume(&mended).done();
    assert_eq!(stored(), all);
}

/// A message that this version cannot read is sent again after an upgrade; here the topic is put right by hand.
#[test]
fn dead_letters_are_sent_again_once() {
    let database = own_database();
    let topics = Topics { name: "again" };
    let world = topics.used_by(World::on(&database.url).in_paris());
    consumed(&world);
    let producer = producer();
    let dead = topics.dead();
    // A good message among the dead ones, as after an upgrade: what was refused then is not refused now.
    // One of them was sent twice, because what it belonged to could not be stored at first.
    for (run, offset) in [("a", "7"), ("b", "8"), ("b", "8")] {
        send_dead(&producer, &dead, run, (&topics.log(), offset));
    }
    send(&producer, &topics.dead(), Some(b"from nowhere"));
    flush(&producer);
    let replayed = world.run(&["replay"]);
    assert_eq!(
        replayed.stdout,
        "sent again to again.log: 3 messages\n1 message says not where it came from: passed over\n"
    );
    consumed(&world);
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 2);
    let replayed = world.run(&["replay"]);
    assert_eq!(
        replayed.stdout,
        "nothing in again.dead was waiting to be sent again\n"
    );

    // Whoever was interrupted behind the sending sends again; nobody counts it twice.
    let back = "UPDATE checkpoint SET next_record = 0 FROM source \
         WHERE source.lineage = checkpoint.lineage AND path LIKE 'kafka:%/again.dead/%'";
    world.run(&["sql", "--write", back]).done();
    assert_eq!(world.run(&["replay"]).exit, 1);
    consumed(&world);
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 2);
}
