//! The topics: made where they are missing and we may, else the command that makes them is said.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::metadata::{MetadataPartition, MetadataTopic};
use smartetl_store::stream::{self, Place, partition_path};
use sqlx::PgPool;

use super::ask::Asked;
use super::client::{ANSWER, Kafka, Quiet};
use crate::config::Settings;
use crate::errors::{ErrorCode, Failure};

/// A record of more is cut by the readers; its document is longer by what JSON escapes.
const MESSAGE_BYTES: usize = 20 << 20;

/// Where a partition ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// What it is called among the sources.
    pub path: String,
    pub topic: String,
    pub number: i32,
    /// The offset of the first message that is still there.
    pub first: i64,
    /// The offset behind the last message that can be read: one of an open transaction is not there yet.
    pub end: i64,
}

/// How long a new topic may take to be known everywhere, and how often it is asked for.
const SETTLED: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(100);

/// What a broker takes that does not say: the default of Kafka, bytes.
const DEFAULT: usize = 1_048_588;
/// What stands around a message in a batch of one, bytes.
const AROUND: usize = 1024;

/// The topics of the configuration or the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    pub log: String,
    pub error: String,
    pub dead: String,
}

impl Topics {
    pub fn of(settings: &Settings) -> Self {
        Self {
            log: settings.kafka.topic_log.clone(),
            error: settings.kafka.topic_error.clone(),
            dead: settings.kafka.topic_dead.clone(),
        }
    }

    /// Those that hold rows.
    pub fn of_rows(&self) -> Vec<&str> {
        let mut names = vec![self.log.as_str()];
        if self.error != self.log {
            names.push(&self.error);
        }
        names
    }

    /// Those that hold rows, and that of dead letters.
    pub fn all(&self) -> Vec<&str> {
        let mut names = self.of_rows();
        names.push(&self.dead);
        names
    }
}

/// Asks again while a topic that was made just now, or whose leader died, is not known everywhere.
fn patiently<T>(mut question: impl FnMut() -> KafkaResult<T>) -> KafkaResult<T> {
    let began = Instant::now();
    loop {
        let answer = question();
        let code = answer
            .as_ref()
            .err()
            .and_then(KafkaError::rdkafka_error_code);
        let is_settling = matches!(
            code,
            Some(
                RDKafkaErrorCode::LeaderNotAvailable
                    | RDKafkaErrorCode::NotLeaderForPartition
                    | RDKafkaErrorCode::UnknownTopicOrPartition
                    | RDKafkaErrorCode::UnknownTopic
                    | RDKafkaErrorCode::UnknownPartition
            )
        );
        if !is_settling || began.elapsed() > SETTLED {
            return answer;
        }
        std::thread::sleep(AGAIN);
    }
}

/// The partitions of a topic, which is there.
fn partitions(client: &Asked, patience: Duration, name: &str) -> KafkaResult<Vec<i32>> {
    let metadata = client.fetch_metadata(Some(name), patience)?;
    let topics = metadata.topics().iter();
    let numbers: Vec<i32> = topics
        .flat_map(MetadataTopic::partitions)
        .map(MetadataPartition::id)
        .collect();
    if numbers.is_empty() {
        let code = RDKafkaErrorCode::LeaderNotAvailable;
        return Err(KafkaError::MetadataFetch(code));
    }
    Ok(numbers)
}

/// A partition is shorter than what is stored of it.
pub(super) fn made_anew(place: &str, next: i64, high: i64) -> Failure {
    let what = [
        format!(
            "what was stored of it ends at offset {next}, but it ends at {high}: the topic was made anew"
        ),
        format!(
            "ce qui en est enregistré s’arrête à la position {next}, mais il s’arrête à {high}\u{a0}: le topic a été recréé"
        ),
    ];
    Failure::new(ErrorCode::KafkaTopic, what).at(place).hint([
        "read from a topic of another name (--topic-log, --topic-error)",
        "lisez un topic d’un autre nom (--topic-log, --topic-error)",
    ])
}

/// The id of the cluster.
fn cluster(client: &Asked, patience: Duration) -> KafkaResult<String> {
    let unknown = KafkaError::MetadataFetch(RDKafkaErrorCode::RequestTimedOut);
    client.fetch_cluster_id(patience).ok_or(unknown)
}

impl Kafka {
    fn admin(&self) -> anyhow::Result<AdminClient<Quiet>> {
        let config = self.with(&[]);
        Ok(config.create_with_context(Quiet).map_err(|error| {
            self.failure(
                [
                    "cannot ask the brokers",
                    "les brokers ne peuvent être interrogés",
                ],
                &error,
            )
        })?)
    }

    /// Makes the topics that are missing; gives the size in bytes of the longest message that all of them take.
    ///
    /// # Errors
    /// When no broker answers, or a topic is missing and we may not make it.
    pub async fn prepare(&self, names: &[&str], partitions: u8) -> anyhow::Result<usize> {
        let (brokers, topics) = self.overview(names).await?;
        let missing = topics.iter().filter(|(_, partitions)| *partitions == 0);
        let admin = self.admin()?;
        let replicas = brokers.clamp(1, 3) as i32;
        let bytes = MESSAGE_BYTES.to_string();
        let options = AdminOptions::new().operation_timeout(Some(ANSWER));
        for (name, _) in missing {
            let topic = NewTopic::new(
                name,
                i32::from(partitions),
                TopicReplication::Fixed(replicas),
            )
            .set("max.message.bytes", &bytes);
            let made = admin.create_topics([&topic], &options).await;
            let made = made
                .map_err(|error| {
                    self.failure(
                        ["cannot create a topic", "un topic ne peut être créé"],
                        &error,
                    )
                })?
                .into_iter()
                .find_map(Result::err);
            match made {
                None | Some((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Some((_, code)) => {
                    return Err(self.missing(name, partitions, replicas, code).into());
                }
            }
        }
        self.longest(&admin, names).await
    }

    /// What is there of these topics: brokers, and partitions of each topic, 0 where it is missing.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn overview(&self, names: &[&str]) -> anyhow::Result<(usize, Vec<(String, usize)>)> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        self.ask(move |client, patience| {
            let metadata = client.fetch_metadata(None, patience)?;
            let partitions = |name: &str| {
                let mut topics = metadata.topics().iter();
                let found = topics.find(|topic| topic.name() == name);
                found.map_or(0, |topic| topic.partitions().len())
            };
            let topics = names.iter();
            let topics = topics.map(|name| (name.clone(), partitions(name)));
            Ok((metadata.brokers().len(), topics.collect()))
        })
        .await
    }

    /// What streams that go to these topics remember.
    ///
    /// # Errors
    /// When no broker answers.
    pub(super) async fn place(&self, topics: &Topics) -> anyhow::Result<Place> {
        Ok(Place {
            cluster: self.ask(cluster).await?,
            topic_log: topics.log.clone(),
            topic_error: topics.error.clone(),
        })
    }

    /// Where the partitions of these topics end now.
    ///
    /// # Errors
    /// When no broker answers, or a topic is not there.
    pub async fn ends(&self, topics: &[&str]) -> anyhow::Result<Vec<End>> {
        let names: Vec<String> = topics.iter().map(|&name| name.to_owned()).collect();
        self.ask(move |client, patience| {
            let cluster = cluster(client, patience)?;
            let mut ends = Vec::new();
            for name in &names {
                for number in patiently(|| partitions(client, patience, name))? {
                    let marks = patiently(|| client.fetch_watermarks(name, number, patience));
                    let (first, end) = marks?;
                    ends.push(End {
                        path: partition_path(&cluster, name, number),
                        topic: name.clone(),
                        number,
                        first,
                        end,
                    });
                }
            }
            Ok(ends)
        })
        .await
    }

    /// The same, where they reach what is stored of them.
    ///
    /// # Errors
    /// The same; when a topic is shorter than what is stored of it; when the database is gone.
    pub async fn ends_of_stored(&self, pool: &PgPool, topics: &[&str]) -> anyhow::Result<Vec<End>> {
        let ends = self.ends(topics).await?;
        let paths: Vec<&str> = ends.iter().map(|end| &*end.path).collect();
        let mut connection = pool.acquire().await?;
        let stored: HashMap<_, _> = stream::next_offsets(&mut connection, &paths)
            .await?
            .into_iter()
            .collect();
        drop(connection);
        let next = |end: &End| stored.get(&end.path).copied().unwrap_or_default();
        if ends.iter().all(|end| next(end) <= end.end) {
            return Ok(ends);
        }
        // More came, and was stored, since the brokers were asked; or the topic is another one.
        let ends = self.ends(topics).await?;
        match ends.iter().find(|end| next(end) > end.end) {
            Some(end) => {
                let place = self.place_of(&end.topic, end.number);
                Err(made_anew(&place, next(end), end.end).into())
            }
            None => Ok(ends),
        }
    }

    /// How people are told which partition is meant.
    pub(super) fn place_of(&self, topic: &str, partition: i32) -> String {
        format!("{topic} partition {partition} at {}", self.servers)
    }

    /// How many partitions a topic has.
    ///
    /// # Errors
    /// When no broker answers, or the topic is not there.
    pub(super) async fn partitions(&self, topic: &str) -> anyhow::Result<usize> {
        let name = topic.to_owned();
        let numbers = self
            .ask(move |client, patience| patiently(|| partitions(client, patience, &name)))
            .await?;
        Ok(numbers.len())
    }

    fn missing(
        &self,
        name: &str,
        partitions: u8,
        replicas: i32,
        code: RDKafkaErrorCode,
    ) -> Failure {
        let command = format!(
            "kafka-topics.sh --bootstrap-server {} --create --topic {name} --partitions {partitions} \
             --replication-factor {replicas} --config max.message.bytes={MESSAGE_BYTES}",
            self.servers
        );
        let what = [
            format!("the topic {name} is not there, and we may not create it: {code}"),
            format!("le topic {name} n’existe pas, et nous ne pouvons pas le créer\u{a0}: {code}"),
        ];
        Failure::new(ErrorCode::KafkaTopic, what)
            .at(self.servers.clone())
            .hint([
                format!("let somebody who may run: {command}"),
                format!("faites exécuter par qui en a le droit\u{a0}: {command}"),
            ])
    }

    /// What the broker says of its limits; 1 MB, the default of Kafka, where it does not say.
    async fn longest(&self, admin: &AdminClient<Quiet>, names: &[&str]) -> anyhow::Result<usize> {
        let wanted: Vec<_> = names
            .iter()
            .map(|&name| ResourceSpecifier::Topic(name))
            .collect();
        let options = AdminOptions::new().request_timeout(Some(ANSWER));
        let described = admin.describe_configs(&wanted, &options).await;
        let described = described.map_err(|error| {
            self.failure(
                [
                    "cannot ask for the settings of the topics",
                    "les réglages des topics ne peuvent être lus",
                ],
                &error,
            )
        })?;
        let limits = described.iter().map(|topic| {
            let entry = topic.as_ref().ok()?.get("max.message.bytes")?;
            entry.value.as_ref()?.parse().ok()
        });
        let shortest = limits
            .map(|limit: Option<usize>| limit.unwrap_or(DEFAULT))
            .min();
        Ok(shortest
            .unwrap_or(DEFAULT)
            .min(MESSAGE_BYTES)
            .saturating_sub(AROUND))
    }
}
