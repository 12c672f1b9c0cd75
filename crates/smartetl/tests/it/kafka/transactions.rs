//! Topics of others whose last offset is no message: markers of transactions, what was aborted, what was compacted.

use super::by_hand::{GOOD, PATIENCE, Taken, flush, producer_with, send, send_dead};
use super::{Topics, consumed};
use crate::support::{World, own_database};
use crate::tables::{number, rows};
use rdkafka::producer::{BaseProducer, Producer as _};

/// A producer whose messages are there when it says so, or never.
fn transactional(topics: &Topics) -> BaseProducer<Taken> {
    let producer = producer_with(&[("transactional.id", topics.name)]);
    producer.init_transactions(PATIENCE).expect("it begins");
    producer
}

/// Sends the beginning of these runs as one transaction, which stays open.
fn open(producer: &BaseProducer<Taken>, topic: &str, runs: &[&str]) {
    producer.begin_transaction().expect("a transaction");
    for run in runs {
        send(producer, topic, Some(GOOD.replace("NAME", run).as_bytes()));
    }
    flush(producer);
}

fn committed(producer: &BaseProducer<Taken>, topic: &str, runs: &[&str]) {
    open(producer, topic, runs);
    let done = producer.commit_transaction(PATIENCE);
    done.expect("it is committed");
}

fn aborted(producer: &BaseProducer<Taken>, topic: &str, runs: &[&str]) {
    open(producer, topic, runs);
    let done = producer.abort_transaction(PATIENCE);
    done.expect("it is taken back");
}

fn runs(url: &str) -> String {
    let runs = rows(url, "SELECT ARRAY[run_id] FROM log ORDER BY run_id");
    runs.concat().join(" ")
}

/// All that the partitions of a topic are stored to, markers included.
fn stored_to(url: &str, topic: &str) -> i64 {
    let sum = format!(
        "SELECT sum(next_record)::bigint FROM source JOIN checkpoint USING (lineage) WHERE path LIKE 'kafka:%/{topic}/%'"
    );
    number(url, &sum)
}

#[test]
fn a_topic_may_end_with_a_marker() {
    let database = own_database();
    let topics = Topics { name: "markers" };
    let world = topics.used_by(World::on(&database.url).in_paris());
    consumed(&world);
    let producer = transactional(&topics);
    let stored = || {
        consumed(&world);
        (runs(&database.url), stored_to(&database.url, &topics.log()))
    };
    committed(&producer, &topics.log(), &["a", "b"]);
    assert_eq!(stored(), ("a b".to_owned(), 3));
    aborted(&producer, &topics.log(), &["no"]);
    assert_eq!(stored(), ("a b".to_owned(), 5));
    aborted(&producer, &topics.log(), &["no", "nor"]);
    committed(&producer, &topics.log(), &["c"]);
    assert_eq!(stored(), ("a b c".to_owned(), 10));
    committed(&producer, &topics.log(), &["d"]);
    aborted(&producer, &topics.log(), &["no"]);
    assert_eq!(stored(), ("a b c d".to_owned(), 14));
    // What is not committed yet is not waited for.
    open(&producer, &topics.log(), &["e"]);
    assert_eq!(stored(), ("a b c d".to_owned(), 14));
    let done = producer.commit_transaction(PATIENCE);
    done.expect("it is committed");
    assert_eq!(stored(), ("a b c d e".to_owned(), 16));
}

#[test]
fn dead_letters_may_end_with_a_marker() {
    let database = own_database();
    let topics = Topics {
        name: "deadmarkers",
    };
    let world = topics.used_by(World::on(&database.url).in_paris());
    consumed(&world);
    let producer = transactional(&topics);
    let (log, dead) = (topics.log(), topics.dead());
    let letter = |run: &str, offset: &str| {
        producer.begin_transaction().expect("a transaction");
        send_dead(&producer, &dead, run, (&log, offset));
        flush(&producer);
    };
    letter("a", "7");
    producer.commit_transaction(PATIENCE).expect("committed");
    letter("no", "8");
    producer.abort_transaction(PATIENCE).expect("taken back");
    let replayed = world.run(&["replay"]);
    assert_eq!(
        replayed.stdout, "sent again to deadmarkers.log: 1 message\n",
        "{}",
        replayed.stderr
    );
    assert_eq!(stored_to(&database.url, &dead), 4);
    consumed(&world);
    assert_eq!(runs(&database.url), "a");
    let replayed = world.run(&["replay"]);
    assert_eq!(
        replayed.stdout,
        "nothing in deadmarkers.dead was waiting to be sent again\n"
    );
}
