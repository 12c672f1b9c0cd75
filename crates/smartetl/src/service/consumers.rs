//! Consumers of Kafka, in `/metrics`: all that say in the database how they are, or one that says it itself.

use super::metrics::Exposition;
use smartetl_store::consumers::{Consumer, Lag};

/// Who was silent for longer is told of no more, unless nobody of its group came after it. Microseconds.
const TOLD_US: i64 = 10 * 60 * 1_000_000;

/// Families of consumers; nothing where Kafka was never used. `now_us`: microseconds since 1970.
pub fn families(consumers: &[Consumer], lags: &[Lag], now_us: i64, text: &mut Exposition) {
    let is_newest = |of: &Consumer| {
        let mut group = consumers
            .iter()
            .filter(|other| other.group_name == of.group_name);
        group.all(|other| other.seen_us <= of.seen_us)
    };
    let consumers: Vec<&Consumer> = consumers
        .iter()
        .filter(|of| now_us - of.seen_us < TOLD_US || is_newest(of))
        .collect();
    if consumers.is_empty() {
        return;
    }
    let ids: Vec<String> = consumers.iter().map(|of| of.consumer.to_string()).collect();
    let all: Vec<(&Consumer, &String)> = consumers.into_iter().zip(&ids).collect();
    for (name, help, pick) in [
        (
            "smartetl_consumer_messages_total",
            "Messages that a consumer of Kafka read",
            (|of| of.messages) as fn(&Consumer) -> i64,
        ),
        (
            "smartetl_consumer_known_total",
            "Messages whose record was stored before",
            |of| of.known,
        ),
        (
            "smartetl_consumer_rejects_total",
            "Rejects that a consumer stored",
            |of| of.rejects,
        ),
        (
            "smartetl_consumer_batches_total",
            "Batches that a consumer committed",
            |of| of.batches,
        ),
        (
            "smartetl_consumer_rebalances_total",
            "Times that partitions were given to a consumer or taken from it",
            |of| of.rebalances,
        ),
    ] {
        text.family(name, "counter", help);
        for (of, id) in &all {
            text.sample(&labels(of, id), pick(of));
        }
    }
    text.family(
        "smartetl_consumer_rows_total",
        "counter",
        "Rows that a consumer stored, by table",
    );
    for (of, id) in &all {
        for (table, rows) in [("log", of.rows_log), ("logerreur", of.rows_error)] {
            let [group, host, consumer] = labels(of, id);
            text.sample(&[group, host, consumer, ("table", table)], rows);
        }
    }
    text.family(
        "smartetl_consumer_commit_seconds",
        "summary",
        "Time that a consumer's batches took to be committed",
    );
    for (of, id) in &all {
        let labels = labels(of, id);
        text.line(
            "smartetl_consumer_commit_seconds_sum",
            &labels,
            of.commit_ms as f64 / 1e3,
        );
        text.line(
            "smartetl_consumer_commit_seconds_count",
            &labels,
            of.batches,
        );
    }
    for (name, help, pick) in [
        (
            "smartetl_consumer_start_timestamp_seconds",
            "When a consumer started",
            (|of| of.started_us) as fn(&Consumer) -> i64,
        ),
        (
            "smartetl_consumer_last_seen_timestamp_seconds",
            "When a consumer last said that it lives",
            |of| of.seen_us,
        ),
    ] {
        text.family(name, "gauge", help);
        for (of, id) in &all {
            text.sample(&labels(of, id), pick(of) as f64 / 1e6);
        }
    }
    text.family(
        "smartetl_consumer_ended",
        "gauge",
        "Whether a consumer ended as it should",
    );
    for (of, id) in &all {
        text.sample(&labels(of, id), i32::from(of.is_over));
    }
    text.family(
        "smartetl_kafka_lag",
        "gauge",
        "Messages of a partition that are not stored yet",
    );
    for lag in lags {
        let labels = [
            ("group", lag.group_name.as_str()),
            ("topic", &lag.topic),
            ("partition", &lag.number.to_string()),
        ];
        text.sample(&labels, lag.messages);
    }
}

fn labels<'l>(of: &'l Consumer, id: &'l str) -> [(&'static str, &'l str); 3] {
    [
        ("group", &of.group_name),
        ("host", &of.host),
        ("consumer", id),
    ]
}
