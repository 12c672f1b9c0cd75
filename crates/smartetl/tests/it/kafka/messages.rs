//! Messages that are no rows between those that are.

use super::{Topics, consume, produce};
use crate::support::{World, own_database};
use crate::tables::{number, rows};
use rdkafka::ClientConfig;
use rdkafka::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext};
use smartetl_testkit::kafka::Broker;
use std::time::Duration;

const GOOD: &str = r#"{"v":1,"log":[{"line":1,"moment":"2026-11-24T21:00:00Z","system":"talend","job":"J","run_id":"NAME","root_run_id":"NAME","event":"begin"}]}"#;

/// A message that is not taken must not look like one that is lost.
struct Taken;

impl ClientContext for Taken {}

impl ProducerContext for Taken {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            panic!("the broker does not take a message: {error}");
        }
    }
}

fn producer() -> BaseProducer<Taken> {
    ClientConfig::new()
        .set("bootstrap.servers", &Broker::shared().address)
        .set("message.max.bytes", "30000000")
        .set("enable.idempotence", "true")
        .create_with_context(Taken)
        .expect("a producer")
}

fn send(producer: &BaseProducer<Taken>, topic: &str, value: Option<&[u8]>) {
    let headers = OwnedHeaders::new().insert(Header {
        key: "sender",
        value: Some("somebody"),
    });
    let mut record: BaseRecord<'_, str, [u8], ()> = BaseRecord::to(topic).key("k").headers(headers);
    if let Some(value) = value {
        record = record.payload(value);
    }
    producer
        .send(record)
        .map_err(|(error, _)| error)
        .expect("it is taken");
    producer.poll(Duration::ZERO);
}

/// Texts by name.
type Named = Vec<(String, String)>;

/// What a topic holds: (value, headers and the key as one of them).
fn all_of(topic: &str, wanted: usize) -> Vec<(Option<Vec<u8>>, Named)> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &Broker::shared().address)
        .set("group.id", format!("reads {topic}"))
        .set("auto.offset.reset", "earliest")
        .create()
        .expect("a consumer");
    consumer.subscribe(&[topic]).expect("the topic");
    let mut found = Vec::new();
    let mut patience = 120;
    while found.len() < wanted {
        // Joining the group is no message.
        let Some(message) = consumer.poll(Duration::from_millis(500)) else {
            patience -= 1;
            assert!(
                patience > 0,
                "only {} of {wanted} messages came",
                found.len()
            );
            continue;
        };
        let message = message.expect("a message");
        let headers = message.headers().expect("headers");
        let headers = headers.iter().map(|header| {
            let value = String::from_utf8_lossy(header.value.unwrap_or_default());
            (header.key.to_owned(), value.into_owned())
        });
        let key = String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned();
        let headers = headers.chain([("key".to_owned(), key)]).collect();
        found.push((message.payload().map(<[u8]>::to_vec), headers));
    }
    found
}

#[test]
fn bad_messages_stop_no_good_ones() {
    let database = own_database();
    let topics = Topics { name: "poison" };
    let world = topics.used_by(World::on(&database.url).in_paris());
    // Makes the topics.
    assert_eq!(consume(&world).exit, 0);
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
    producer
        .flush(Duration::from_mins(1))
        .expect("all is taken");
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
    assert_eq!(consume(&world).exit, 0);
    assert_eq!(number(&database.url, "SELECT count(*) FROM reject"), 11);
}

#[test]
fn secrets_do_not_reach_kafka() {
    let database = own_database();
    let topics = Topics { name: "secrets" };
    let world = topics.used_by(World::on(&database.url).in_paris());
    let log = world.file(
        "logs.csv",
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
        let value = format!("{value} {headers:?}");
        assert!(!value.contains("password=geheim"), "{value}");
        assert!(!value.contains("u:geheim"), "{value}");
    }
}

/// A message that this version cannot read is sent again after an upgrade; here the topic is put right by hand.
#[test]
fn dead_letters_are_sent_again_once() {
    let database = own_database();
    let topics = Topics { name: "again" };
    let world = topics.used_by(World::on(&database.url).in_paris());
    assert_eq!(consume(&world).exit, 0);
    let producer = producer();
    let dead = topics.dead();
    // A good message among the dead ones, as after an upgrade: what was refused then is not refused now.
    // One of them was sent twice, because what it belonged to could not be stored at first.
    for (run, offset) in [("a", "7"), ("b", "8"), ("b", "8")] {
        let good = GOOD.replace("NAME", run);
        let log = topics.log();
        let headers = [
            ("smartetl-dead-topic", log.as_str()),
            ("smartetl-dead-partition", "0"),
            ("smartetl-dead-offset", offset),
        ];
        let headers = headers
            .into_iter()
            .fold(OwnedHeaders::new(), |headers, (key, value)| {
                headers.insert(Header {
                    key,
                    value: Some(value),
                })
            });
        let record: BaseRecord<'_, str, str, ()> = BaseRecord::to(&dead)
            .partition(0)
            .key(run)
            .payload(good.as_str())
            .headers(headers);
        producer
            .send(record)
            .map_err(|(error, _)| error)
            .expect("it is taken");
    }
    send(&producer, &topics.dead(), Some(b"from nowhere"));
    producer
        .flush(Duration::from_mins(1))
        .expect("all is taken");
    let replayed = world.run(&["replay"]);
    assert_eq!(
        replayed.stdout,
        "sent again to again.log: 3 messages\n1 message says not where it came from: passed over\n"
    );
    assert_eq!(consume(&world).exit, 0);
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 2);
    let replayed = world.run(&["replay"]);
    assert_eq!(
        replayed.stdout,
        "nothing in again.dead was waiting to be sent again\n"
    );

    // Whoever was interrupted behind the sending sends again; nobody counts it twice.
    let back = "UPDATE checkpoint SET next_record = 0 FROM source \
         WHERE source.lineage = checkpoint.lineage AND path LIKE 'kafka:%/again.dead/%'";
    assert_eq!(world.run(&["sql", "--write", back]).exit, 0);
    assert_eq!(world.run(&["replay"]).exit, 1);
    assert_eq!(consume(&world).exit, 0);
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 2);
}
