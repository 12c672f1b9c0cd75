//! Messages sent and read without the program.

use crate::processes::wait_until;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext};
use rdkafka::{ClientConfig, ClientContext, Offset, TopicPartitionList};
use smartetl_testkit::kafka::Broker;
use std::time::Duration;

/// How long brokers may take to answer.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A message of our schema; its run is NAME.
pub const GOOD: &str = r#"{"v":1,"log":[{"line":1,"moment":"2026-11-24T21:00:00Z","system":"talend","job":"J","run_id":"NAME","root_run_id":"NAME","event":"begin"}]}"#;

/// A message that is not taken must not look like one that is lost.
pub struct Taken;

impl ClientContext for Taken {}

impl ProducerContext for Taken {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            panic!("the broker does not take a message: {error}");
        }
    }
}

/// A producer that is none of ours.
pub fn producer() -> BaseProducer<Taken> {
    producer_with(&[])
}

/// The same with more properties.
pub fn producer_with(properties: &[(&str, &str)]) -> BaseProducer<Taken> {
    producer_at(&Broker::shared().address, properties)
}

/// The same at another broker.
pub fn producer_at(address: &str, properties: &[(&str, &str)]) -> BaseProducer<Taken> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", address)
        .set("message.max.bytes", "30000000")
        .set("enable.idempotence", "true");
    for (name, value) in properties {
        config.set(*name, *value);
    }
    config.create_with_context(Taken).expect("a producer")
}

/// Waits until the broker has taken all that was sent.
pub fn flush(producer: &BaseProducer<Taken>) {
    let taken = producer.flush(PATIENCE);
    taken.expect("all is taken");
}

/// What may change topics.
pub fn admin() -> AdminClient<DefaultClientContext> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &Broker::shared().address);
    config.create().expect("a client")
}

/// How many copies of each partition of a topic are whole; `None` while it is not there.
pub fn described(address: &str, topic: &str) -> Option<Vec<usize>> {
    let client: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", address)
        .create()
        .expect("a client");
    let metadata = client.fetch_metadata(None, PATIENCE).expect("the topics");
    let mut topics = metadata.topics().iter();
    let topic = topics.find(|known| known.name() == topic)?;
    let partitions = topic.partitions().iter();
    Some(partitions.map(|partition| partition.isr().len()).collect())
}

/// Deletes a topic, and waits until it is gone.
pub fn delete(topic: &str) {
    let admin = admin();
    let options = AdminOptions::new();
    let done = blocking(admin.delete_topics(&[topic], &options));
    done.expect("an answer")[0].as_ref().expect("it is deleted");
    wait_until("the topic is gone", || {
        let all = admin.inner().fetch_metadata(None, PATIENCE);
        let all = all.expect("the topics");
        !all.topics().iter().any(|known| known.name() == topic)
    });
}

/// Deletes what stands before this offset in the partition where the messages of [`send`] are.
pub fn delete_before(topic: &str, offset: i64) {
    let admin = admin();
    let metadata = admin.inner().fetch_metadata(Some(topic), PATIENCE);
    let metadata = metadata.expect("the topic");
    let mut numbers = metadata.topics()[0]
        .partitions()
        .iter()
        .map(rdkafka::metadata::MetadataPartition::id);
    let number = numbers.find(|number| {
        let marks = admin.inner().fetch_watermarks(topic, *number, PATIENCE);
        marks.expect("where it ends").1 > 0
    });
    let mut offsets = TopicPartitionList::new();
    offsets
        .add_partition_offset(topic, number.expect("messages"), Offset::Offset(offset))
        .expect("an offset");
    let options = AdminOptions::new();
    let done = blocking(admin.delete_records(&offsets, &options));
    let done = done.expect("an answer");
    let element = &done.elements()[0];
    element.error().expect("they are deleted");
}

fn blocking<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(work)
}

/// Sends a message with the key `k` and a header.
pub fn send(producer: &BaseProducer<Taken>, topic: &str, value: Option<&[u8]>) {
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

/// Sends a message with this key.
pub fn keyed(producer: &BaseProducer<Taken>, topic: &str, key: &str, value: &[u8]) {
    let record: BaseRecord<'_, str, [u8], ()> = BaseRecord::to(topic).key(key).payload(value);
    producer
        .send(record)
        .map_err(|(error, _)| error)
        .expect("it is taken");
    producer.poll(Duration::ZERO);
}

/// Texts by name.
pub type Named = Vec<(String, String)>;

/// What a topic holds: (value, headers and the key as one of them).
pub fn all_of(topic: &str, wanted: usize) -> Vec<(Option<Vec<u8>>, Named)> {
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

/// Sends a good message among the dead ones, which came from this topic at this offset.
pub fn send_dead(producer: &BaseProducer<Taken>, dead: &str, run: &str, from: (&str, &str)) {
    let (topic, offset) = from;
    let headers = [
        ("smartetl-dead-topic", topic),
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
    let value = GOOD.replace("NAME", run);
    let record: BaseRecord<'_, str, str, ()> = BaseRecord::to(dead)
        .partition(0)
        .key(run)
        .payload(value.as_str())
        .headers(headers);
    let sent = producer.send(record).map_err(|(error, _)| error);
    sent.expect("it is taken");
}
