//! Questions to the brokers, and what they say where they refuse to talk to us.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::client::Client;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};

use super::client::{ANSWER, Kafka, NO_ANSWER, told};
use crate::errors::{ErrorCode, Failure};
use crate::wait::{Found, look_at_brokers};

/// How long a poll waits at most.
const POLL: Duration = Duration::from_millis(100);
/// Where a broker refuses, another one has so long to answer.
const GRACE: Duration = Duration::from_secs(3);
/// A question waits so long, and is asked again until [`ANSWER`]: a thread that waits in the library cannot be stopped, and must not be
/// there when the program ends.
const TRY: Duration = Duration::from_secs(3);

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

fn is_silence(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::AllBrokersDown
                | RDKafkaErrorCode::OperationTimedOut
                | RDKafkaErrorCode::RequestTimedOut
                | RDKafkaErrorCode::Resolve
        )
    )
}

impl Kafka {
    /// Asks the brokers in a thread that may wait, as the library does, each time for so long as the question is told; whoever is refused
    /// is told soon, and why.
    ///
    /// # Errors
    /// When no broker answers, or they refuse.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl Fn(&Asked, Duration) -> KafkaResult<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let config = self.with(&[]);
        let client: BaseConsumer<Refusal> = config
            .create_with_context(Refusal::default())
            .map_err(|error| self.failure(NO_ANSWER, &error))?;
        let client = Arc::new(client);
        let (asked, listening) = (Arc::clone(&client), Arc::clone(&client));
        // Gone with the thread that asks, however it ends.
        let asking = Arc::new(());
        let is_asking = Arc::downgrade(&asking);
        let answer = tokio::task::spawn_blocking(move || {
            let asked_at = Instant::now();
            let is_refused = || asked.context().heard().is_some();
            let answer = loop {
                let patience = if is_refused() { GRACE } else { ANSWER };
                match question(asked.client(), TRY) {
                    Err(error) if is_silence(&error) && asked_at.elapsed() < patience => {}
                    answer => break answer,
                }
            };
            drop(asking);
            answer
        });
        tokio::task::spawn_blocking(move || {
            while is_asking.strong_count() > 0 {
                // Nobody reads messages here: only what is called back comes.
                let _ = listening.poll(POLL);
            }
        })
        .await?;
        let answer = answer.await?;
        let error = match answer {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        Err(match client.context().heard() {
            Some((code, reason)) => self.refused(code, &reason),
            None => self.unanswered(&error).await,
        }
        .into())
    }

    /// Why nobody answered, as far as a look at the brokers tells.
    async fn unanswered(&self, error: &KafkaError) -> Failure {
        if !is_silence(error) {
            return self.failure(NO_ANSWER, error);
        }
        match self.look().await {
            Found::Nobody(reason) => self.nobody(&reason),
            Found::Somebody => self.away(
                [
                    "something takes connections there, but does not answer as a broker without TLS does",
                    "quelque chose y accepte des connexions, mais ne répond pas comme un broker sans TLS",
                ],
                [
                    "correct the port; where the brokers want TLS or a password, say so in kafka.properties: security.protocol=SASL_SSL",
                    "corrigez le port\u{a0}; si les brokers veulent TLS ou un mot de passe, dites-le dans kafka.properties\u{a0}: \
                     security.protocol=SASL_SSL",
                ],
            ),
            Found::Broker => self.away(
                [
                    "a broker is there, but does not go on talking to us",
                    "un broker est là, mais ne poursuit pas la conversation",
                ],
                [
                    "where the brokers want TLS or a password, set security.protocol in kafka.properties; else see whether this machine \
                     reaches the addresses that the brokers give as their own (advertised.listeners)",
                    "si les brokers veulent TLS ou un mot de passe, fixez security.protocol dans kafka.properties\u{a0}; sinon vérifiez \
                     que cette machine atteint les adresses que les brokers donnent pour les leurs (advertised.listeners)",
                ],
            ),
        }
    }

    /// What is found at the addresses that are configured.
    pub async fn look(&self) -> Found {
        let brokers = self.servers.split(',').map(|one| one.trim().to_owned());
        look_at_brokers(&brokers.collect::<Vec<_>>()).await
    }

    /// No broker takes a connection.
    pub fn nobody(&self, reason: &str) -> Failure {
        self.away(
            [reason, reason],
            [
                "start the broker, or correct KAFKA_BOOTSTRAP_SERVERS",
                "démarrez le broker, ou corrigez KAFKA_BOOTSTRAP_SERVERS",
            ],
        )
    }

    fn away(&self, [en, fr]: [&str; 2], hint: [&str; 2]) -> Failure {
        let [no_answer, sans_reponse] = NO_ANSWER;
        let what = [
            format!("{no_answer}: {en}"),
            format!("{sans_reponse}\u{a0}: {fr}"),
        ];
        Failure::new(ErrorCode::KafkaUnreachable, what)
            .at(self.servers.clone())
            .hint(hint)
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
