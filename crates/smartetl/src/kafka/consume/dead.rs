//! Messages that cannot become rows go on to a topic of their own, as they are, with the reason in their headers.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord};
use smartetl_core::model::RejectReason;

use super::super::client::{Kafka, NOT_SENT, Quiet};
use super::super::headers::{DEAD_OFFSET, DEAD_PARTITION, DEAD_TOPIC};
use super::super::ordered::{enqueue, taken};
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
    /// How many partitions it has.
    partitions: i32,
    producer: FutureProducer<Quiet>,
}

impl DeadLetters {
    /// The topics must be there.
    ///
    /// # Errors
    /// When no broker answers.
    pub(super) async fn new(kafka: &Kafka, topics: &Topics) -> anyhow::Result<Self> {
        let partitions = kafka.partitions(&topics.dead).await? as i32;
        let config = kafka.with(&[
            ("enable.idempotence", "true"),
            ("compression.type", "zstd"),
            ("message.max.bytes", "100000000"),
            ("message.timeout.ms", "60000"),
        ]);
        let producer = config
            .create_with_context(Quiet)
            .map_err(|error| kafka.failure(NOT_SENT, &error))?;
        Ok(Self {
            kafka: kafka.clone(),
            topic: topics.dead.clone(),
            partitions,
            producer,
        })
    }

    /// Sends them and waits until the broker has taken all. A batch that is not committed afterwards sends them again: their headers
    /// say which message they were.
    ///
    /// # Errors
    /// When one is not taken.
    pub(super) async fn send(&self, letters: &[DeadLetter]) -> anyhow::Result<()> {
        let failure = |error| {
            let what = [
                "the topic of dead letters does not take a message",
                "le topic des messages écartés ne prend pas un message",
            ];
            self.kafka.failure(what, &error)
        };
        let mut on_their_way = Vec::with_capacity(letters.len());
        for letter in letters {
            on_their_way.push(self.enqueue(letter, true).await.map_err(failure)?);
        }
        for (letter, delivery) in letters.iter().zip(on_their_way) {
            let sent = match taken(delivery).await {
                // The topic takes only shorter ones: then its headers say what it was, and the reject holds its beginning.
                Err(error) if is_too_long(&error) => {
                    let shorter = self.enqueue(letter, false).await.map_err(failure)?;
                    taken(shorter).await
                }
                sent => sent,
            };
            sent.map_err(failure)?;
        }
        Ok(())
    }

    /// Sends a letter, or only its headers. All letters of a partition go to one partition, in the order in which they came.
    async fn enqueue(
        &self,
        letter: &DeadLetter,
        whole: bool,
    ) -> Result<DeliveryFuture, KafkaError> {
        let (partition, offset) = (letter.partition.to_string(), letter.offset.to_string());
        let header = |key, value| Header {
            key,
            value: Some(value),
        };
        let mut headers = letter
            .headers
            .clone()
            .insert(header(DEAD_TOPIC, letter.topic.as_str()))
            .insert(header(DEAD_PARTITION, partition.as_str()))
            .insert(header(DEAD_OFFSET, offset.as_str()))
            .insert(header("smartetl-dead-reason", letter.reason.as_str()))
            .insert(header("smartetl-dead-detail", letter.detail.as_str()));
        if !whole {
            headers = headers.insert(header("smartetl-dead-cut", "true"));
        }
        let mut record: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(&self.topic)
            .partition(letter.partition.rem_euclid(self.partitions))
            .headers(headers);
        if let Some(key) = letter.key.as_ref().filter(|_| whole) {
            record = record.key(key);
        }
        if let Some(value) = letter.value.as_ref().filter(|_| whole) {
            record = record.payload(value);
        }
        enqueue(&self.producer, record).await
    }
}

fn is_too_long(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::InvalidMessageSize)
    )
}
