//! Waiting until servers, services and files are there. A target is there when it answers as its protocol wants,
//! not when a port is open. No message contains a password.

mod http;
mod kafka;
mod postgres;
mod target;

pub use target::{Target, masked};

use crate::errors::reason;
use std::time::Duration;
use tokio::time::Instant;

/// How long one try may take: a server that accepts and then says nothing must not eat the whole time.
const LONGEST_TRY: Duration = Duration::from_secs(5);

/// How long somebody may take who is only looked at.
const LONGEST_LOOK: Duration = Duration::from_secs(3);

/// What became of one target.
#[derive(Debug)]
pub struct Answer {
    /// As given, without passwords.
    pub target: String,
    pub waited: Duration,
    /// The last error, when it was not there in time.
    pub missing: Option<String>,
}

/// Tries all targets side by side until each is there or the time is over; answers come in the order in which
/// they are known. `told` hears each answer at once. A target is tried at least once, even without time.
pub async fn wait_for(
    targets: Vec<Target>,
    timeout: Duration,
    interval: Duration,
    mut told: impl FnMut(&Answer),
) -> Vec<Answer> {
    let begun = Instant::now();
    let mut tries: tokio::task::JoinSet<Answer> = tokio::task::JoinSet::new();
    for target in targets {
        tries.spawn(async move {
            let missing = until_there(&target, begun + timeout, interval).await.err();
            Answer {
                target: target.to_string(),
                waited: begun.elapsed(),
                missing,
            }
        });
    }
    let mut answers = Vec::new();
    while let Some(answer) = tries.join_next().await {
        match answer {
            Ok(answer) => {
                told(&answer);
                answers.push(answer);
            }
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    answers
}

async fn until_there(target: &Target, deadline: Instant, interval: Duration) -> Result<(), String> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // Even without time left, an answer at hand is heard.
        let limit = left.clamp(Duration::from_millis(500), LONGEST_TRY);
        let Err(error) = try_once(target, limit).await else {
            return Ok(());
        };
        tracing::debug!("{target}: {error}");
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(error);
        }
        tokio::time::sleep(interval.min(left)).await;
    }
}

/// One try that may take so long.
///
/// # Errors
/// Why it is not there.
pub async fn try_once(target: &Target, limit: Duration) -> Result<(), String> {
    tokio::time::timeout(limit, probe(target))
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {}", plain(limit))))
}

/// One try.
async fn probe(target: &Target) -> Result<(), String> {
    match target {
        Target::Postgres(url) => postgres::probe(url).await,
        Target::Kafka(brokers) => kafka::probe(brokers).await,
        Target::Http(url) => http::probe(url).await,
        Target::Tcp(address) => connect(address).await.map(|_| ()),
        Target::File(path) => match tokio::fs::metadata(path).await {
            Ok(_) => Ok(()),
            Err(error) => Err(reason(&error)),
        },
    }
}

/// What is found at brokers that do not answer as they are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nobody takes a connection: why the last one does not.
    Nobody(String),
    /// Something that says nothing a broker would say unasked: another program, or one that wants TLS.
    Somebody,
    /// A broker.
    Broker,
}

/// Looks at brokers, each for some seconds at most.
pub async fn look_at_brokers(brokers: &[String]) -> Found {
    let mut found = Found::Nobody("no broker is named".to_owned());
    for broker in brokers {
        if let Err(error) = try_once(&Target::Tcp(broker.clone()), LONGEST_LOOK).await {
            if let Found::Nobody(reason) = &mut found {
                *reason = format!("{broker}: {error}");
            }
            continue;
        }
        let broker = Target::Kafka(vec![broker.clone()]);
        if try_once(&broker, LONGEST_LOOK).await.is_ok() {
            return Found::Broker;
        }
        found = Found::Somebody;
    }
    found
}

async fn connect(address: &str) -> Result<tokio::net::TcpStream, String> {
    tokio::net::TcpStream::connect(address)
        .await
        .map_err(|error| reason(&error))
}

/// `1.2 s` or `300 ms`, for people.
pub fn plain(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        let seconds = format!("{:.1}", duration.as_secs_f64());
        format!("{} s", seconds.trim_end_matches(".0"))
    }
}
