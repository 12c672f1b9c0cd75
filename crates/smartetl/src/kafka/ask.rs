//! Questions to the brokers, and what they say where they refuse to talk to us.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::client::Client;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};

use super::client::{Kafka, NO_ANSWER, told};
use crate::errors::{ErrorCode, Failure};

/// How long a poll waits at most.
const POLL: Duration = Duration::from_millis(100);
/// Where a broker refuses, another one has so long to answer.
const GRACE: Duration = Duration::from_secs(3);

/// A client that asks, as the library has it.
pub(super) type Asked = Client<Refusal>;

/// Hears why brokers refuse to talk: the library tries again for ever, and tells the question only that nobody answered.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    heard: Mutex<Option<(RDKafkaErrorCode, String)>>,
}

impl ClientContext for Refusal {
    fn log(&self, _: RDKafkaLogLevel, part: &str, text: &str) {
        told(part, text);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        told("error", &format!("{error}: {reason}"));
        let code = error.rdkafka_error_code();
        if let Some(code @ (RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SSL)) = code {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.get_or_insert_with(|| (code, reason.to_owned()));
        }
    }
}

impl ConsumerContext for Refusal {}

impl Refusal {
    fn heard(&self) -> Option<(RDKafkaErrorCode, String)> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.clone()
    }
}

impl Kafka {
    /// Asks the brokers in a thread that may wait, as the library does; whoever is refused is told soon, and why.
    ///
    /// # Errors
    /// When no broker answers, or they refuse.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Asked) -> KafkaResult<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let config = self.with(&[]);
        let client: BaseConsumer<Refusal> = config
            .create_with_context(Refusal::default())
            .map_err(|error| self.failure(NO_ANSWER, &error))?;
        let client = Arc::new(client);
        let is_answered = Arc::new(AtomicBool::new(false));
        let (asked, listening) = (Arc::clone(&client), Arc::clone(&client));
        let is_over = Arc::clone(&is_answered);
        let mut answer = tokio::task::spawn_blocking(move || {
            let answer = question(asked.client());
            is_answered.store(true, Ordering::Relaxed);
            answer
        });
        let refused = tokio::task::spawn_blocking(move || {
            while !is_over.load(Ordering::Relaxed) && listening.context().heard().is_none() {
                // Nobody reads messages here: only what is called back comes.
                let _ = listening.poll(POLL);
            }
        });
        let answer = tokio::select! {
            answer = &mut answer => answer?,
            _ = refused => tokio::time::timeout(GRACE, answer)
                .await
                .unwrap_or(Ok(Err(KafkaError::MetadataFetch(RDKafkaErrorCode::OperationTimedOut))))?,
        };
        Ok(answer.map_err(|error| match client.context().heard() {
            Some((code, reason)) => self.refused(code, &reason),
            None => self.failure(NO_ANSWER, &error),
        })?)
    }

    /// What brokers said that refuse to talk.
    fn refused(&self, code: RDKafkaErrorCode, reason: &str) -> Failure {
        if code == RDKafkaErrorCode::SSL {
            let what = [
                format!("no encrypted connection to the brokers: {reason}"),
                format!("pas de connexion chiffrée aux brokers\u{a0}: {reason}"),
            ];
            return Failure::new(ErrorCode::KafkaUnreachable, what)
                .at(self.servers.clone())
                .hint([
                    "name the certificates that signed those of the brokers: ssl.ca.location in kafka.properties",
                    "nommez les certificats qui ont signé ceux des brokers\u{a0}: ssl.ca.location dans kafka.properties",
                ]);
        }
        let what = [
            format!("the brokers do not let this user in: {reason}"),
            format!("les brokers ne laissent pas entrer cet utilisateur\u{a0}: {reason}"),
        ];
        Failure::new(ErrorCode::KafkaRefused, what)
            .at(self.servers.clone())
            .hint([
                "correct sasl.username and sasl.mechanism in kafka.properties, or the password in SMARTETL_KAFKA_PASSWORD",
                "corrigez sasl.username et sasl.mechanism dans kafka.properties, ou le mot de passe dans SMARTETL_KAFKA_PASSWORD",
            ])
    }
}
