//! How consumers are: in their own `/metrics`, in that of `up`, on `smartetl status`; and what would be stored.

use super::{Topics, consume, produce};
use crate::processes::wait_until;
use crate::running::Up;
use crate::samples::stats;
use crate::support::{World, own_database};
use crate::tables::{connected, number, rows};
use smartetl_testkit::TestDatabase;
use smartetl_testkit::kafka::Broker;
use sqlx::Executor as _;
use std::path::PathBuf;

fn world(database: &TestDatabase, name: &'static str) -> World {
    Topics { name }.used_by(World::on(&database.url).in_paris())
}

/// Two rows for each of these runs, and one record that cannot become a row.
fn file(world: &World, name: &str, runs: std::ops::Range<u32>) -> PathBuf {
    world.file(name, &(stats(runs) + "only;three;fields\n"))
}

fn status(world: &World) -> serde_json::Value {
    let answer = world.run(&["status", "--format", "json"]).done();
    serde_json::from_str(&answer.stdout).expect("JSON")
}

#[test]
fn figures_are_those_of_what_was_sent() {
    let database = own_database();
    let world = world(&database, "figures");
    world.run(&["migrate"]).done();
    let nothing = world.run(&["status"]).stdout;
    assert!(!nothing.contains("Kafka"), "{nothing}");
    let up = Up::start(&world, &["nowhere"]);
    assert!(
        !up.ask("GET /metrics").contains("consumer"),
        "nobody used Kafka"
    );

    produce(&world, &file(&world, "a.csv", 0..200)).done();
    let consumer = Up::serving(&world, &["consume", "--port", "0"]);
    // Messages count when they are read, rows and rejects when they are stored.
    let is_stored = |up: &Up, messages: i64| {
        let rows = up.total("smartetl_consumer_rows_total");
        rows + up.total("smartetl_consumer_rejects_total") >= messages
            && !up.samples("smartetl_kafka_lag").is_empty()
            && up.total("smartetl_kafka_lag") == 0
    };
    for of in [&consumer, &up] {
        wait_until("401 messages are stored", || is_stored(of, 401));
        assert_eq!(of.total("smartetl_consumer_messages_total"), 401);
        let rows = of.samples("smartetl_consumer_rows_total");
        let of_table = |name: &str| {
            let rows = rows.iter().filter(|(labels, _)| labels.contains(name));
            rows.map(|(_, value)| value).sum::<i64>()
        };
        assert_eq!(of_table("table=\"log\""), 400, "{rows:?}");
        assert_eq!(of_table("table=\"logerreur\""), 0, "{rows:?}");
        assert_eq!(of.total("smartetl_consumer_rejects_total"), 1);
        assert_eq!(of.total("smartetl_consumer_known_total"), 0);
        let batches = of.total("smartetl_consumer_batches_total");
        assert!(batches >= 1);
        let commits = of.total("smartetl_consumer_commit_seconds_count");
        assert_eq!(commits, batches);
        assert!(of.total("smartetl_consumer_rebalances_total") >= 1);
        let seen = of.total("smartetl_consumer_last_seen_timestamp_seconds");
        assert!(seen >= of.total("smartetl_consumer_start_timestamp_seconds"));
    }
    for (target, words) in [
        ("GET /livez", "\"status\":\"alive\""),
        ("GET /readyz", "{\"name\":\"kafka\",\"ok\":true}"),
        ("GET /", "404 Not Found"),
    ] {
        let answer = consumer.ask(target);
        assert!(answer.contains(words), "{target}: {answer}");
    }

    // Nothing can be committed: that is the lag, and the consumer goes on to say how it is.
    connected(&database.url, async |connection| {
        let held = "BEGIN; LOCK TABLE batch IN EXCLUSIVE MODE";
        connection.execute(held).await.expect("the lock");
        produce(&world, &file(&world, "b.csv", 200..250)).done();
        for of in [&consumer, &up] {
            wait_until("101 messages wait", || {
                of.total("smartetl_kafka_lag") == 101
            });
        }
        connection.execute("COMMIT").await.expect("the lock");
    });
    for of in [&consumer, &up] {
        wait_until("502 messages are stored", || is_stored(of, 502));
    }
    let told = status(&world);
    assert_eq!(told["consumers"][0]["state"], "alive", "{told}");
    assert_eq!(told["consumers"][0]["messages"], 502, "{told}");
    assert_eq!(told["consumers"][0]["log"], 500, "{told}");
    assert_eq!(told["consumers"][0]["rejects"], 2, "{told}");
    assert_eq!(told["lag"][0]["lag"], 0, "{told}");

    consumer.kill();
    // As if a minute had gone by.
    let later = "UPDATE consumer SET seen_at = seen_at - interval '1 minute'";
    world.run(&["sql", "--write", later]).done();
    let told = status(&world);
    assert_eq!(told["consumers"][0]["state"], "silent", "{told}");
    for (lang, words) in [
        ("en", ["Consumers of Kafka", "silent"]),
        ("fr", ["Consommateurs de Kafka", "muet"]),
    ] {
        let told = world.run(&["status", "--lang", lang]).stdout;
        assert!(words.iter().all(|word| told.contains(word)), "{told}");
    }

    // Who ends well is not silent, and old lines go.
    let later = "UPDATE consumer SET seen_at = seen_at - interval '2 days'";
    world.run(&["sql", "--write", later]).done();
    // Whoever had a partition last is kept for its lag.
    let nobodys = "DELETE FROM consumer_partition";
    world.run(&["sql", "--write", nobodys]).done();
    consume(&world).done();
    let states = rows(
        &database.url,
        "SELECT ARRAY[(ended_at IS NOT NULL)::text, messages::text] FROM consumer",
    );
    assert_eq!(states, [["true", "0"]]);
    assert_eq!(status(&world)["consumers"][0]["state"], "ended");
    up.stop();
}

#[test]
fn a_consumer_without_brokers_says_so() {
    let database = own_database();
    let world = world(&database, "away").set("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
    let consumer = Up::serving(&world, &["consume", "--port", "0"]);
    let ready = consumer.ask("GET /readyz");
    assert!(ready.contains("503 Service Unavailable"), "{ready}");
    assert!(
        ready.contains("{\"name\":\"kafka\",\"ok\":false"),
        "{ready}"
    );
    assert!(consumer.ask("GET /livez").contains("alive"));
    let error = "SELECT count(*) FROM consumer WHERE last_error LIKE '%no broker answers%'";
    let is_told = || number(&database.url, error) == 1;
    wait_until("the reason is written", is_told);
}

#[test]
fn readiness_follows_the_brokers() {
    let database = own_database();
    let mut broker = Broker::start();
    let topics = Topics { name: "ready" };
    let world = topics.at(&broker.address, World::on(&database.url).in_paris());
    let consumer = Up::serving(&world, &["consume", "--port", "0"]);
    let answers = |status: &str| consumer.ask("GET /readyz").contains(status);
    wait_until("the broker is there", || answers("200 OK"));
    broker.kill();
    wait_until("it is missed", || answers("503 Service Unavailable"));
    broker.start_again();
    wait_until("it is there again", || answers("200 OK"));
}

#[test]
fn a_dry_run_stores_nothing() {
    let database = own_database();
    let world = world(&database, "dry");
    produce(&world, &file(&world, "a.csv", 0..100)).done();
    let before = consume(&world);
    assert_eq!(before.exit, 1, "{}", before.stderr);
    produce(&world, &file(&world, "b.csv", 100..300)).done();
    // Offsets, highest records, streams, numbers of batches, and what is stored.
    let everything = "SELECT ARRAY[(SELECT string_agg(t::text, ';' ORDER BY t::text) FROM checkpoint t), \
         (SELECT string_agg(t::text, ';' ORDER BY t::text) FROM stream t), \
         (SELECT string_agg(t::text, ';' ORDER BY t::text) FROM stream_high t), \
         (SELECT string_agg(t::text, ';' ORDER BY t::text) FROM batch t), \
         (SELECT string_agg(t::text, ';' ORDER BY t::text) FROM consumer t), \
         (SELECT last_value::text FROM batch_seq), (SELECT count(*)::text FROM log), (SELECT count(*)::text FROM reject)]";
    let stored = rows(&database.url, everything);
    for (lang, words) in [
        (
            "en",
            "would be stored: 400 log, 0 logerreur, 1 rejected of 401 messages; 0 known before\n",
        ),
        (
            "fr",
            "seraient enregistrés\u{a0}: 400 log, 0 logerreur, 1 rejeté sur 401 messages\u{a0}; 0 déjà connu\n",
        ),
    ] {
        let dry = world.run(&["consume", "--once", "--dry-run", "--lang", lang]);
        assert_eq!(
            (dry.exit, dry.stdout.as_str()),
            (1, words),
            "{}",
            dry.stderr
        );
    }
    assert_eq!(rows(&database.url, everything), stored);
    let after = consume(&world);
    assert!(
        after
            .stderr
            .contains("401 messages: 400 log, 0 logerreur, 1 rejected, 0 known before"),
        "{}",
        after.stderr
    );
    let dry = world.run(&["consume", "--once", "--dry-run"]);
    assert!(dry.stdout.contains("of 0 messages"), "{}", dry.stdout);
    assert_eq!(dry.exit, 0);

    let beyond = "UPDATE checkpoint SET next_record = 1000000 WHERE kind = 'kafka'";
    world.run(&["sql", "--write", beyond]).done();
    let dry = world.run(&["consume", "--once", "--dry-run"]);
    assert!(dry.stderr.contains("was made anew"), "{}", dry.stderr);
}
