//! Messages that cannot become rows go on to a topic of their own, as they are, with the reason in their headers.

use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::util::Timeout;
use smartetl_core::model::RejectReason;

use super::super::client::{Kafka, Quiet};
use super::super::topics::Topics;

/// A message that cannot become rows.
#[derive(Debug)]
pub(super) struct DeadLetter {
    pub(super) topic: String,
    pub(super) partition: i32,
    pub(super) offset: i64,
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
    /// Those that it had.
    pub(super) headers: OwnedHeaders,
    pub(super) reason: RejectReason,
    pub(super) detail: String,
}

/// Sends dead letters.
#[derive(Clone)]
pub(super) struct DeadLetters {
    kafka: Kafka,
    topic: String,
    producer: FutureProducer<Quiet>,
}

impl DeadLetters {
    pub(super) fn new(kafka: &Kafka, topics: &Topics) -> anyhow::Result<Self> {
        let config = kafka.with(&[
            ("enable.idempotence", "true"),
            ("compression.type", "zstd"),
            ("message.max.bytes", "100000000"),
            ("message.timeout.ms", "60000"),
        ]);
        let producer = config.create_with_context(Quiet).map_err(|error| {
            kafka.failure(
                ["cannot send to Kafka", "l’envoi à Kafka est impossible"],
                &error,
            )
        })?;
        Ok(Self {
            kafka: kafka.clone(),
            topic: topics.dead.clone(),
            producer,
        })
    }

    /// Sends them and waits until the broker has taken all. A batch that is not committed afterwards sends them again: their headers
    /// say which message they were.
    ///
    /// # Errors
    /// When one is not taken.
    pub(super) async fn send(&self, letters: &[DeadLetter]) -> anyhow::Result<()> {
        let sent: Vec<_> = letters.iter().map(|letter| self.send_one(letter)).collect();
        for result in futures_util::future::join_all(sent).await {
            result?;
        }
        Ok(())
    }

    async fn send_one(&self, letter: &DeadLetter) -> anyhow::Result<()> {
        let (partition, offset) = (letter.partition.to_string(), letter.offset.to_string());
        let header = |key, value| Header {
            key,
            value: Some(value),
        };
        let headers = letter
            .headers
            .clone()
            .insert(header("smartetl-dead-topic", letter.topic.as_str()))
            .insert(header("smartetl-dead-partition", partition.as_str()))
            .insert(header("smartetl-dead-offset", offset.as_str()))
            .insert(header("smartetl-dead-reason", letter.reason.as_str()))
            .insert(header("smartetl-dead-detail", letter.detail.as_str()));
        let mut record: FutureRecord<'_, [u8], [u8]> =
            FutureRecord::to(&self.topic).headers(headers);
        if let Some(key) = &letter.key {
            record = record.key(key);
        }
        if let Some(value) = &letter.value {
            record = record.payload(value);
        }
        match self.producer.send(record, Timeout::Never).await {
            Ok(_) => Ok(()),
            Err((error, _)) => Err(self
                .kafka
                .failure(
                    [
                        "the topic of dead letters does not take a message",
                        "le topic des messages écartés ne prend pas un message",
                    ],
                    &error,
                )
                .into()),
        }
    }
}
