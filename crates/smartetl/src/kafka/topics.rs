//! The topics: made where they are missing and we may, else the command that makes them is said.

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use smartetl_store::stream::partition_path;

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
    pub number: i32,
    /// The offset of the first message that is still there.
    pub first: i64,
    /// The offset of the next message that comes.
    pub end: i64,
}

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

    /// The topic of dead letters, in the place of those that hold rows.
    pub(super) fn only_dead(&self) -> Self {
        Self {
            log: self.dead.clone(),
            error: self.dead.clone(),
            dead: self.dead.clone(),
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
        let admin = self.admin()?;
        let (client, names_owned) = (
            admin,
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>(),
        );
        // The library waits in the thread that asks.
        let (admin, metadata) = tokio::task::spawn_blocking(move || {
            let found = client.inner().fetch_metadata(None, ANSWER).map(|metadata| {
                let there = metadata
                    .topics()
                    .iter()
                    .filter(|topic| !topic.partitions().is_empty());
                let there: Vec<_> = there.map(|topic| topic.name().to_owned()).collect();
                let missing = names_owned.into_iter().filter(|name| !there.contains(name));
                (missing.collect::<Vec<_>>(), metadata.brokers().len())
            });
            (client, found)
        })
        .await?;
        let (missing, brokers) = metadata.map_err(|error| {
            self.failure(["no broker answers", "aucun broker ne répond"], &error)
        })?;
        let replicas = brokers.clamp(1, 3) as i32;
        let bytes = MESSAGE_BYTES.to_string();
        let options = AdminOptions::new().operation_timeout(Some(ANSWER));
        for name in &missing {
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

    /// Where the partitions of the topics of rows end now.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn ends(&self, topics: &Topics) -> anyhow::Result<Vec<End>> {
        let (admin, topics) = (self.admin()?, topics.clone());
        // The library waits in the thread that asks.
        let asked = tokio::task::spawn_blocking(move || {
            let client = admin.inner();
            let cluster = client
                .fetch_cluster_id(ANSWER)
                .ok_or(KafkaError::MetadataFetch(RDKafkaErrorCode::RequestTimedOut))?;
            let mut ends = Vec::new();
            for name in topics.of_rows() {
                let metadata = client.fetch_metadata(Some(name), ANSWER)?;
                let topics = metadata.topics().iter();
                let numbers: Vec<i32> = topics
                    .flat_map(rdkafka::metadata::MetadataTopic::partitions)
                    .map(rdkafka::metadata::MetadataPartition::id)
                    .collect();
                if numbers.is_empty() {
                    let code = RDKafkaErrorCode::LeaderNotAvailable;
                    return Err(KafkaError::MetadataFetch(code));
                }
                for number in numbers {
                    let (first, end) = client.fetch_watermarks(name, number, ANSWER)?;
                    let path = partition_path(&cluster, name, number);
                    ends.push(End {
                        path,
                        number,
                        first,
                        end,
                    });
                }
            }
            Ok(ends)
        });
        asked.await?.map_err(|error: KafkaError| {
            self.failure(["no broker answers", "aucun broker ne répond"], &error)
                .into()
        })
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
