//! Sending batches: in the order of their records, each known to be taken by the broker or not.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DeliveryResult, ProducerContext, ThreadedProducer};
use smartetl_store::stream::Place;
use tokio::sync::Notify;
use uuid::Uuid;

use super::client::{Kafka, NOT_SENT, NOT_TAKEN, quiet};
use super::headers::Origin;
use super::messages::{Messages, Topic};
use super::topics::Topics;
use crate::errors::Failure;
use crate::reason::Reason;

/// How long to wait where the queue is full.
const QUEUE_PAUSE: Duration = Duration::from_millis(5);

/// Sends to the topics of rows. Of no more use after the first message that the broker did not take: one that is sent behind a gap
/// would make consumers drop what fills the gap.
#[derive(Clone)]
pub struct Producer {
    kafka: Kafka,
    topics: Topics,
    place: Place,
    /// Bytes of a message that the topics take.
    limit: usize,
    inner: Arc<ThreadedProducer<Deliveries>>,
}

/// A batch on its way.
#[derive(Debug, Default)]
struct OnItsWay {
    left: AtomicUsize,
    /// All of it was given to the library.
    is_whole: AtomicBool,
    failed: Mutex<Option<KafkaError>>,
    over: Notify,
}

impl OnItsWay {
    fn is_over(&self) -> bool {
        self.is_whole.load(Ordering::SeqCst) && self.left.load(Ordering::SeqCst) == 0
    }
}

/// Hears what became of messages.
#[derive(Default)]
struct Deliveries {
    broken: AtomicBool,
}

quiet!(Deliveries);

impl ProducerContext for Deliveries {
    type DeliveryOpaque = Arc<OnItsWay>;

    fn delivery(&self, result: &DeliveryResult<'_>, batch: Arc<OnItsWay>) {
        if let Err((error, _)) = result {
            self.broken.store(true, Ordering::SeqCst);
            let mut failed = batch.failed.lock().unwrap_or_else(PoisonError::into_inner);
            failed.get_or_insert_with(|| error.clone());
        }
        batch.left.fetch_sub(1, Ordering::SeqCst);
        if batch.is_over() {
            batch.over.notify_one();
        }
    }
}

/// What all messages of a source have in common.
#[derive(Clone, Debug)]
pub struct Sending {
    pub stream: Uuid,
    pub source: String,
    pub dialect: String,
}

/// A batch that was sent: whether the broker takes it is still to be heard.
pub struct Sent {
    kafka: Kafka,
    batch: Arc<OnItsWay>,
}

impl Sent {
    /// Waits until the broker has taken all of it.
    ///
    /// # Errors
    /// When it did not take a message: this producer is of no more use.
    pub async fn taken(self) -> Result<(), Failure> {
        while !self.batch.is_over() {
            self.batch.over.notified().await;
        }
        let mut failed = self
            .batch
            .failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match failed.take() {
            None => Ok(()),
            Some(error) => Err(self.kafka.failure(NOT_TAKEN, &error)),
        }
    }
}

impl Producer {
    /// Prepares the topics too.
    ///
    /// # Errors
    /// When no broker answers, or a topic is missing.
    pub async fn new(kafka: &Kafka, topics: Topics, partitions: u8) -> anyhow::Result<Self> {
        let limit = kafka.prepare(&topics.of_rows(), partitions).await?;
        let bytes = (limit + 1024).to_string();
        let place = kafka.place(&topics).await?;
        let config = kafka.with(&[
            ("enable.idempotence", "true"),
            ("enable.gapless.guarantee", "true"),
            // What waits for a broker waits for ever: giving one message up would leave a gap.
            ("message.timeout.ms", "0"),
            ("compression.type", "zstd"),
            ("linger.ms", "20"),
            ("batch.size", "524288"),
            ("queue.buffering.max.kbytes", "65536"),
            ("queue.buffering.max.messages", "200000"),
            // The same as that of Java clients; a run always has the same one.
            ("partitioner", "murmur2_random"),
            ("message.max.bytes", &bytes),
        ]);
        let inner: ThreadedProducer<Deliveries> = config
            .create_with_context(Deliveries::default())
            .map_err(|error| kafka.failure(NOT_SENT, &error))?;
        Ok(Self {
            kafka: kafka.clone(),
            topics,
            place,
            limit,
            inner: Arc::new(inner),
        })
    }

    /// Bytes of a message that the topics take.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Where messages go: a stream goes to no other place.
    pub fn place(&self) -> &Place {
        &self.place
    }

    pub fn is_one_topic(&self) -> bool {
        self.topics.log == self.topics.error
    }

    /// A message was not taken: another producer has to be made.
    pub fn is_broken(&self) -> bool {
        use rdkafka::producer::Producer as _;
        self.inner.context().broken.load(Ordering::SeqCst)
    }

    /// Gives the messages of a batch to the library, in their order; batches of a source have to come in theirs.
    ///
    /// # Errors
    /// When the library does not take a message: this producer is of no more use.
    pub async fn send(&self, messages: &Messages, sending: &Sending) -> Result<Sent, Failure> {
        let batch = Arc::new(OnItsWay::default());
        for message in messages.iter() {
            let origin = Origin {
                stream: sending.stream,
                record: message.record,
                is_foreign: false,
            };
            let topic = match message.topic {
                Topic::Log => &self.topics.log,
                Topic::Error => &self.topics.error,
            };
            batch.left.fetch_add(1, Ordering::SeqCst);
            let mut record = BaseRecord::with_opaque_to(topic, Arc::clone(&batch))
                .key(message.key)
                .payload(message.value)
                .headers(origin.headers(&sending.source, &sending.dialect));
            loop {
                if self.is_broken() {
                    let error = KafkaError::MessageProduction(RDKafkaErrorCode::Fatal);
                    return Err(self.kafka.failure(NOT_TAKEN, &error));
                }
                match self.inner.send(record) {
                    Ok(()) => break,
                    Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                        record = back;
                        tokio::time::sleep(QUEUE_PAUSE).await;
                    }
                    Err((error, _)) => {
                        use rdkafka::producer::Producer as _;
                        self.inner.context().broken.store(true, Ordering::SeqCst);
                        return Err(self.kafka.failure(
                            ["cannot send a message", "un message ne peut être envoyé"],
                            &error,
                        ));
                    }
                }
            }
        }
        batch.is_whole.store(true, Ordering::SeqCst);
        if batch.is_over() {
            batch.over.notify_one();
        }
        Ok(Sent {
            kafka: self.kafka.clone(),
            batch,
        })
    }
}

/// A file of which a part went to another place: what would go on here could not be told from what is still on its way there.
pub fn sent_elsewhere(path: &str, known: &Place, wanted: &Place) -> Reason {
    let Place {
        cluster,
        topic_log,
        topic_error,
    } = known;
    let (of, de) = if known.cluster == wanted.cluster {
        (String::new(), String::new())
    } else {
        (
            format!(" of the cluster {cluster}"),
            format!(" de la grappe {cluster}"),
        )
    };
    Reason::new(
        format!(
            "its beginning was sent to the topics {topic_log} and {topic_error}{of}: the rest of it cannot go elsewhere\n\
             hint: send it there (--topic-log {topic_log} --topic-error {topic_error}); or take back what came of it, \
             `smartetl unload {path}`, and send it anew"
        ),
        format!(
            "son début a été envoyé aux topics {topic_log} et {topic_error}{de}\u{a0}: la suite ne peut aller ailleurs\n\
             conseil\u{a0}: envoyez-la au même endroit (--topic-log {topic_log} --topic-error {topic_error})\u{a0}; ou retirez ce \
             qui en est venu, `smartetl unload {path}`, et envoyez le fichier à nouveau"
        ),
    )
}
