//! One partition, read outside of any group, up to its end.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::{Offset, Statistics, TopicPartitionList};
use smartetl_store::{StoreError, stream};
use sqlx::PgPool;

use super::client::{ANSWER, Kafka, NOT_READ, quiet};
use super::topics::End;

/// How long a poll waits at most.
const POLL: Duration = Duration::from_millis(500);
/// How often the library says where it is.
const SAY_EVERY_MS: &str = "100";
/// How often the end of a partition is looked for.
const POLLS: usize = 20;

/// Hears from the library where a partition ends.
#[derive(Debug)]
struct Ends {
    topic: String,
    number: i32,
    /// The offset behind all that can be read; negative until it is known.
    end: AtomicI64,
}

quiet!(
    Ends,
    fn stats(&self, statistics: Statistics) {
        let topic = statistics.topics.get(&self.topic);
        if let Some(partition) = topic.and_then(|topic| topic.partitions.get(&self.number)) {
            self.end.store(partition.eof_offset, Ordering::Relaxed);
        }
    }
);

impl ConsumerContext for Ends {}

/// What is next in a partition.
pub(super) enum Next<'r> {
    Message(BorrowedMessage<'r>),
    /// Nothing more that can be read before this offset: transactions' markers, what was aborted and what was compacted stand
    /// between the last message and it.
    End(i64),
    /// Nothing came yet.
    Nothing,
}

/// Reads a partition.
pub(super) struct Reader {
    consumer: BaseConsumer<Ends>,
    is_at_end: bool,
}

impl Reader {
    /// Begins at an offset. `reset`: what becomes of one that is not there, `earliest` or `error`.
    ///
    /// # Errors
    /// When the configuration cannot be.
    pub(super) fn begin(
        kafka: &Kafka,
        (topic, number): (&str, i32),
        from: i64,
        reset: &str,
    ) -> Result<Self, KafkaError> {
        let ends = Ends {
            topic: topic.to_owned(),
            number,
            end: AtomicI64::new(-1),
        };
        let consumer = kafka
            .with(&[
                ("group.id", "smartetl-alone"),
                ("enable.auto.commit", "false"),
                ("auto.offset.reset", reset),
                ("isolation.level", "read_committed"),
                ("enable.partition.eof", "true"),
                ("statistics.interval.ms", SAY_EVERY_MS),
                ("receive.message.max.bytes", "200000000"),
            ])
            .create_with_context::<_, BaseConsumer<Ends>>(ends)?;
        let mut place = TopicPartitionList::new();
        place.add_partition_offset(topic, number, Offset::Offset(from))?;
        consumer.assign(&place)?;
        Ok(Self {
            consumer,
            is_at_end: false,
        })
    }

    /// What is next.
    ///
    /// # Errors
    /// Those of the library.
    pub(super) fn next(&mut self) -> Result<Next<'_>, KafkaError> {
        // All that stands before this end is in the queue by now, or came.
        let end = self.consumer.context().end.load(Ordering::Relaxed);
        match self.consumer.poll(POLL) {
            Some(Ok(message)) => {
                self.is_at_end = false;
                Ok(Next::Message(message))
            }
            Some(Err(KafkaError::PartitionEOF(_))) => {
                self.is_at_end = true;
                Ok(Next::Nothing)
            }
            Some(Err(error)) => Err(error),
            None if self.is_at_end && end >= 0 => Ok(Next::End(end)),
            None => Ok(Next::Nothing),
        }
    }

    /// The first offset that is still there.
    ///
    /// # Errors
    /// When no broker answers.
    pub(super) fn first(&self) -> Result<i64, KafkaError> {
        let Ends { topic, number, .. } = &**self.consumer.context();
        let (first, _) = self.consumer.fetch_watermarks(topic, *number, ANSWER)?;
        Ok(first)
    }
}

impl Kafka {
    /// Moves a partition that stands at `from` to its end, when nothing is left there that could be stored.
    ///
    /// # Errors
    /// When the brokers or the database do not answer.
    pub async fn pass_gap(&self, pool: &PgPool, end: &End, from: i64) -> anyhow::Result<()> {
        let (kafka, of) = (self.clone(), end.clone());
        let empty_to = tokio::task::spawn_blocking(move || kafka.empty_to(&of, from)).await?;
        let empty_to = empty_to.map_err(|error| self.failure(NOT_READ, &error))?;
        if let Some(next) = empty_to.filter(|next| *next > from) {
            let mut connection = pool.acquire().await?;
            match stream::pass(&mut connection, &end.path, from, next).await {
                // Whoever has it moved it on meanwhile.
                Ok(()) | Err(StoreError::Overtaken { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Where a partition ends that has nothing more to read; `None` where it has, or it cannot be said.
    fn empty_to(&self, of: &End, from: i64) -> Result<Option<i64>, KafkaError> {
        let mut reader = Reader::begin(self, (&of.topic, of.number), from, "error")?;
        for _ in 0..POLLS {
            match reader.next()? {
                Next::Message(_) => return Ok(None),
                Next::End(end) => return Ok(Some(end)),
                Next::Nothing => {}
            }
        }
        Ok(None)
    }
}
