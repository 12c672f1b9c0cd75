//! The brokers, where some are configured: there, and with the topics.

use super::{Check, Status, failed};
use crate::cli::Context;
use crate::kafka::{Kafka, Topics};
use crate::wait::Found;

const NAME: &str = "kafka";

/// `None` where no broker is configured.
pub async fn check(context: &Context) -> Option<Check> {
    if context.settings.kafka.bootstrap_servers.is_empty() {
        return None;
    }
    Some(match look(context).await {
        Ok(check) => check,
        Err(error) => failed(NAME, &error),
    })
}

async fn look(context: &Context) -> anyhow::Result<Check> {
    let kafka = Kafka::of(&context.settings)?;
    // The library would try for a while.
    if let Found::Nobody(reason) = kafka.look().await {
        return Err(kafka.nobody(&reason).into());
    }
    let topics = Topics::of(&context.settings);
    let (brokers, topics) = kafka.overview(&topics.all()).await?;
    let servers = &kafka.servers;
    let (there, missing): (Vec<_>, Vec<_>) = topics
        .into_iter()
        .partition(|(_, partitions)| *partitions > 0);
    if missing.is_empty() {
        let there = there
            .iter()
            .map(|(name, partitions)| format!("{name} ({partitions})"));
        let there = there.collect::<Vec<_>>().join(", ");
        return Ok(Check::ok(
            NAME,
            [
                format!("{brokers} brokers at {servers}; topics (partitions): {there}"),
                format!(
                    "{brokers} brokers à l’adresse {servers}\u{a0}; topics (partitions)\u{a0}: {there}"
                ),
            ],
        ));
    }
    let missing: Vec<_> = missing.into_iter().map(|(name, _)| name).collect();
    let missing = missing.join(", ");
    let detail = [
        format!("{brokers} brokers at {servers}; topics that are not there: {missing}"),
        format!("{brokers} brokers à l’adresse {servers}\u{a0}; topics absents\u{a0}: {missing}"),
    ];
    Ok(Check::new(NAME, Status::Warn, detail).hint([
        "`smartetl produce` or `consume` makes them, where it may",
        "`smartetl produce` ou `consume` les crée, s’il en a le droit",
    ]))
}
