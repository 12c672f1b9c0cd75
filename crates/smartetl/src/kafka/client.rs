//! How brokers are reached.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::config::Settings;
use crate::errors::{ErrorCode, Failure};

/// What the library says goes to our own log, for those who ask for it: what matters comes back as errors.
macro_rules! quiet {
    ($Context:ty $(, $($more:tt)+)?) => {
        impl rdkafka::ClientContext for $Context {
            fn log(&self, _: rdkafka::config::RDKafkaLogLevel, part: &str, text: &str) {
                $crate::kafka::client::told(part, text);
            }

            fn error(&self, error: rdkafka::error::KafkaError, reason: &str) {
                $crate::kafka::client::told("error", &format!("{error}: {reason}"));
            }

            $($($more)+)?
        }
    };
}
pub(super) use quiet;

/// For clients that call back nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quiet;

quiet!(Quiet);

impl rdkafka::consumer::ConsumerContext for Quiet {}

pub(super) fn told(part: &str, text: &str) {
    tracing::debug!(target: "librdkafka", "{part} {text}");
}

/// Properties of librdkafka that are ours to set.
const FIXED: &[&str] = &[
    "auto.offset.reset",
    "delivery.timeout.ms",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "enable.partition.eof",
    "group.id",
    "isolation.level",
    "message.timeout.ms",
    "partition.assignment.strategy",
    "partitioner",
];

/// What could not be done, in English and in French.
pub(super) const NO_ANSWER: [&str; 2] = ["no broker answers", "aucun broker ne répond"];
pub(super) const NOT_READ: [&str; 2] = [
    "cannot read from Kafka",
    "la lecture de Kafka est impossible",
];
pub(super) const NOT_SENT: [&str; 2] = ["cannot send to Kafka", "l’envoi à Kafka est impossible"];
pub(super) const NOT_TAKEN: [&str; 2] = [
    "the broker did not take a message",
    "le broker n’a pas pris un message",
];

/// How long a question to the brokers may take.
pub(super) const ANSWER: Duration = Duration::from_secs(20);

/// The brokers of the configuration.
#[derive(Clone, Debug)]
pub struct Kafka {
    pub servers: String,
    base: ClientConfig,
}

impl Kafka {
    /// # Errors
    /// `usage` when no broker is named.
    pub fn of(settings: &Settings) -> anyhow::Result<Self> {
        let given = &settings.kafka;
        if given.bootstrap_servers.is_empty() {
            let what = ["no Kafka broker is named", "aucun broker Kafka n’est nommé"];
            return Err(Failure::new(ErrorCode::Usage, what)
                .hint([
                    "set KAFKA_BOOTSTRAP_SERVERS=host:9092, or kafka.bootstrap_servers in the configuration",
                    "donnez KAFKA_BOOTSTRAP_SERVERS=hôte:9092, ou kafka.bootstrap_servers dans la configuration",
                ])
                .into());
        }
        let mut base = ClientConfig::new();
        base.set("bootstrap.servers", &given.bootstrap_servers)
            .set("client.id", "smartetl")
            .set("socket.keepalive.enable", "true");
        for (name, value) in &given.properties {
            if FIXED.contains(&name.as_str()) {
                let what = [
                    format!("{name} cannot be set: that nothing is lost hangs on it"),
                    format!("{name} ne peut être fixé\u{a0}: que rien ne se perde en dépend"),
                ];
                return Err(Failure::new(ErrorCode::ConfigInvalid, what)
                    .at("kafka.properties")
                    .into());
            }
            base.set(name, value);
        }
        if !given.password.is_empty() {
            base.set("sasl.password", &given.password);
        }
        Ok(Self {
            servers: given.bootstrap_servers.clone(),
            base,
        })
    }

    /// Our properties for a client, below those that people gave.
    pub(super) fn with(&self, ours: &[(&str, &str)]) -> ClientConfig {
        // As a whole: the library shows passwords only to itself.
        let mut config = self.base.clone();
        for (name, value) in ours {
            if self.base.get(name).is_none() {
                config.set(*name, *value);
            }
        }
        config
    }

    /// What a client could not do, in English and in French, with the brokers and what to do.
    pub(super) fn failure(&self, [en, fr]: [&str; 2], error: &KafkaError) -> Failure {
        let what = [format!("{en}: {error}"), format!("{fr}\u{a0}: {error}")];
        let is_forbidden = matches!(
            error.rdkafka_error_code(),
            Some(
                RDKafkaErrorCode::TopicAuthorizationFailed
                    | RDKafkaErrorCode::GroupAuthorizationFailed
                    | RDKafkaErrorCode::ClusterAuthorizationFailed
                    | RDKafkaErrorCode::SaslAuthenticationFailed
                    | RDKafkaErrorCode::Authentication
            )
        );
        let code = match error {
            KafkaError::ClientConfig(..) => ErrorCode::ConfigInvalid,
            _ if is_forbidden => ErrorCode::KafkaRefused,
            _ => ErrorCode::KafkaUnreachable,
        };
        let failure = Failure::new(code, what).at(self.servers.clone());
        match error {
            KafkaError::ClientConfig(_, _, name, _) => failure.hint([
                format!("correct {name} in kafka.properties"),
                format!("corrigez {name} dans kafka.properties"),
            ]),
            _ if is_forbidden => failure.hint([
                "give this user the right to the topic and the group, or correct the password",
                "donnez à cet utilisateur le droit sur le topic et le groupe, ou corrigez le mot de passe",
            ]),
            _ => failure.hint([
                format!(
                    "`smartetl wait kafka://{}` says whether a broker answers",
                    self.servers
                ),
                format!(
                    "`smartetl wait kafka://{}` dit si un broker répond",
                    self.servers
                ),
            ]),
        }
    }
}
