//! What Kafka no longer has, and what it has twice: messages that were deleted, topics that were made anew, clusters that are alike.

use super::by_hand::{GOOD, delete, delete_before, flush, producer, producer_at, send};
use super::{Topics, consume, consumed};
use crate::support::{World, own_database};
use crate::tables::number;
use smartetl_testkit::kafka::{Broker, Setup};

/// Sends the beginning of these runs.
fn sent(topics: &Topics, runs: &[&str]) {
    let producer = producer();
    for run in runs {
        let value = GOOD.replace("NAME", run);
        send(&producer, &topics.log(), Some(value.as_bytes()));
    }
    flush(&producer);
}

fn runs(url: &str) -> i64 {
    number(url, "SELECT count(*) FROM log")
}

#[test]
fn messages_that_were_deleted_before_they_were_stored() {
    let database = own_database();
    let topics = Topics { name: "lost" };
    let world = topics.used_by(World::on(&database.url).in_paris());
    consumed(&world);
    sent(&topics, &["a", "b", "c"]);
    consumed(&world);
    sent(&topics, &["d", "e", "f"]);
    delete_before(&topics.log(), 5);
    let received = consume(&world);
    assert_eq!(received.exit, 2, "{}", received.stderr);
    for part in [
        "2 messages were deleted by Kafka before they were stored (offsets 3 to 4)",
        "lost.log partition ",
        "hint: give the topic a longer retention; `smartetl consume --accept-loss`",
    ] {
        assert!(
            received.stderr.contains(part),
            "{part}: {}",
            received.stderr
        );
    }
    assert_eq!(runs(&database.url), 3);
    world.run(&["consume", "--once", "--accept-loss"]).done();
    assert_eq!(runs(&database.url), 4);
    // The gap is behind it.
    consumed(&world);
}

#[test]
fn a_topic_that_was_made_anew() {
    let database = own_database();
    let topics = Topics { name: "anew" };
    let world = topics.used_by(World::on(&database.url).in_paris());
    consumed(&world);
    sent(&topics, &["a", "b", "c"]);
    consumed(&world);
    delete(&topics.log());
    // Whoever comes next makes it.
    let other = own_database();
    consumed(&topics.used_by(World::on(&other.url).in_paris()));
    sent(&topics, &["d"]);
    for command in [&["consume", "--once"][..], &["consume"]] {
        let received = world.run(command);
        assert_eq!(received.exit, 2, "{}", received.stderr);
        for part in [
            "what was stored of it ends at offset 3, but it ends at 1: the topic was made anew",
            "anew.log partition ",
            "hint: read from a topic of another name (--topic-log, --topic-error)",
        ] {
            assert!(
                received.stderr.contains(part),
                "{part}: {}",
                received.stderr
            );
        }
    }
    assert_eq!(runs(&database.url), 3);
}

#[test]
fn clusters_whose_topics_have_the_same_names() {
    let database = own_database();
    let topics = Topics { name: "alike" };
    let other = Broker::of(&Setup {
        cluster: "YW5vdGhlci1jbHVzdGVyIQ".to_owned(),
        ..Setup::default()
    });
    let here = topics.used_by(World::on(&database.url).in_paris());
    let there = topics.at(&other.address, World::on(&database.url).in_paris());
    for world in [&here, &there] {
        consumed(world);
    }
    sent(&topics, &["a", "b", "c"]);
    consumed(&here);
    let elsewhere = producer_at(&other.address, &[]);
    for run in ["d", "e"] {
        let value = GOOD.replace("NAME", run);
        send(&elsewhere, &topics.log(), Some(value.as_bytes()));
    }
    flush(&elsewhere);
    for world in [&there, &here] {
        consumed(world);
    }
    assert_eq!(runs(&database.url), 5);
}
