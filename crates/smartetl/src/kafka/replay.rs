//! Dead letters are sent again to where they came from.
//!
//! Each has a new identity, the place where it was refused: whoever is interrupted here sends it again, and consumers
//! drop it.

use std::collections::BTreeMap;

use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use smartetl_store::stream::{self, Partition};
use sqlx::PgPool;
use uuid::Uuid;

use super::alone::{Next, Reader};
use super::client::{Kafka, NOT_SENT, NOT_TAKEN, Quiet};
use super::headers::{DEAD_OFFSET, DEAD_PARTITION, DEAD_TOPIC, Origin, is_lineage, is_ours};
use super::ordered::{enqueue, taken};
use super::topics::{End, Topics};

/// How many are on their way at once.
const AT_ONCE: usize = 500;
const BYTES_AT_ONCE: usize = 32 << 20;

/// What was sent again: the number by topic, and how many could not be, because nothing says where they came from.
#[derive(Debug, Default)]
pub struct Replayed {
    pub topics: BTreeMap<String, u64>,
    pub homeless: u64,
}

/// A dead letter on its way back.
struct Letter {
    topic: Option<String>,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: OwnedHeaders,
}

impl Letter {
    /// `path`: what the partition of the dead letters is called.
    fn of(message: &BorrowedMessage<'_>, path: &str) -> Self {
        let (mut topic, mut partition, mut offset) = (None, None, None);
        let mut is_foreign = true;
        let mut headers = OwnedHeaders::new();
        for header in message.headers().iter().flat_map(|headers| headers.iter()) {
            let text = || String::from_utf8_lossy(header.value.unwrap_or_default()).into_owned();
            match header.key {
                DEAD_TOPIC => topic = Some(text()),
                DEAD_PARTITION => partition = text().parse::<i32>().ok(),
                DEAD_OFFSET => offset = text().parse::<i64>().ok(),
                key if is_ours(key) => is_foreign &= !is_lineage(key),
                _ => headers = headers.insert(header),
            }
        }
        // A letter that was sent twice is one: it is known by where it stood when it was refused.
        let cluster = path.split('/').next().unwrap_or_default();
        let (place, record) = match (&topic, partition, offset) {
            (Some(topic), Some(partition), Some(offset)) => {
                (format!("{cluster}/{topic}/{partition}"), offset)
            }
            _ => (path.to_owned(), message.offset()),
        };
        let origin = Origin {
            stream: stream_of(&place),
            record,
            is_foreign,
        };
        for header in origin
            .headers(&format!("{place}/{record}"), "replay")
            .iter()
        {
            headers = headers.insert(header);
        }
        Self {
            topic,
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers,
        }
    }
}

/// Sends all dead letters again that are there now and were not sent again before.
///
/// # Errors
/// When no broker answers, a message is not taken, the database is gone, or somebody else does the same.
pub async fn replay(kafka: &Kafka, topics: &Topics, pool: &PgPool) -> anyhow::Result<Replayed> {
    let ends = kafka.ends_of_stored(pool, &[&topics.dead]).await?;
    let producer: FutureProducer<Quiet> = kafka
        .with(&[
            ("enable.idempotence", "true"),
            ("enable.gapless.guarantee", "true"),
            ("partitioner", "murmur2_random"),
            ("compression.type", "zstd"),
            ("message.max.bytes", "100000000"),
            ("message.timeout.ms", "60000"),
        ])
        .create_with_context(Quiet)
        .map_err(|error| kafka.failure(NOT_SENT, &error))?;
    let mut replayed = Replayed::default();
    for End {
        path, number, end, ..
    } in ends
    {
        let mut connection = pool.acquire().await?;
        let partition = stream::partition(&mut connection, &path).await?;
        drop(connection);
        let part = Part {
            kafka,
            topic: &topics.dead,
            number,
            path: &path,
            partition,
            end,
        };
        part.send(&producer, pool, &mut replayed).await?;
    }
    Ok(replayed)
}

/// A stream is named after its partition: the same for whoever replays it.
fn stream_of(path: &str) -> Uuid {
    Uuid::new_v8(xxhash_rust::xxh3::xxh3_128(path.as_bytes()).to_be_bytes())
}

/// A partition of the dead letters.
struct Part<'p> {
    kafka: &'p Kafka,
    topic: &'p str,
    number: i32,
    path: &'p str,
    partition: Partition,
    end: i64,
}

impl Part<'_> {
    async fn send(
        &self,
        producer: &FutureProducer<Quiet>,
        pool: &PgPool,
        replayed: &mut Replayed,
    ) -> anyhow::Result<()> {
        let mut from = self.partition.next_offset;
        if from >= self.end {
            return Ok(());
        }
        let unread = |error| {
            self.kafka.failure(
                [
                    "cannot read the dead letters",
                    "les messages écartés ne peuvent être lus",
                ],
                &error,
            )
        };
        let of = (self.topic, self.number);
        let mut reader = Reader::begin(self.kafka, of, from, "earliest").map_err(unread)?;
        while from < self.end {
            let read = tokio::task::block_in_place(|| self.read(&mut reader, from));
            let (letters, next) = read.map_err(unread)?;
            let failure = |error| self.kafka.failure(NOT_TAKEN, &error);
            let mut on_their_way = Vec::with_capacity(letters.len());
            for letter in &letters {
                let Some(topic) = &letter.topic else {
                    continue;
                };
                // The same letter always goes to the same partition.
                let mut record: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(topic)
                    .headers(letter.headers.clone())
                    .key(letter.key.as_deref().unwrap_or(b"replay"));
                if let Some(value) = &letter.value {
                    record = record.payload(value);
                }
                on_their_way.push(enqueue(producer, record).await.map_err(failure)?);
            }
            for delivery in on_their_way {
                taken(delivery).await.map_err(failure)?;
            }
            let mut connection = pool.acquire().await?;
            stream::advance(&mut connection, self.partition.lineage, from, next).await?;
            for letter in letters {
                match letter.topic {
                    Some(topic) => *replayed.topics.entry(topic).or_default() += 1,
                    None => replayed.homeless += 1,
                }
            }
            from = next;
        }
        Ok(())
    }

    /// The next letters, and where they end.
    fn read(&self, reader: &mut Reader, from: i64) -> Result<(Vec<Letter>, i64), KafkaError> {
        let mut letters = Vec::new();
        let mut next = from;
        let mut bytes = 0;
        while next < self.end && letters.len() < AT_ONCE && bytes < BYTES_AT_ONCE {
            match reader.next()? {
                Next::Message(message) => {
                    next = message.offset() + 1;
                    bytes += message.payload_len();
                    letters.push(Letter::of(&message, self.path));
                }
                Next::End(end) => next = next.max(end),
                // What Kafka has deleted does not come again.
                Next::Nothing => next = next.max(reader.first()?),
            }
        }
        Ok((letters, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_has_one_name() {
        let one = stream_of("kafka:c/etl.dead/0");
        assert_eq!(one, stream_of("kafka:c/etl.dead/0"));
        assert_ne!(one, stream_of("kafka:c/etl.dead/1"));
    }
}
