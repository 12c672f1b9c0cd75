//! `smartetl replay`: messages that could not become rows are sent again, after what was wrong was put right.

use super::kafka::Servers;
use super::{Context, Database, Outcome};
use crate::kafka::{Kafka, Topics, replay};
use crate::output::{self, counted};
use std::fmt::Write as _;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    servers: Servers,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let context = &args.servers.applied(context);
    let kafka = Kafka::of(&context.settings)?;
    let database = Database::open(context).await?;
    let pool = database.pool(2).await?;
    smartetl_store::migrate(&pool).await?;
    let topics = Topics::of(&context.settings);
    let replayed = replay::replay(&kafka, &topics, &pool).await?;
    let mut text = String::new();
    for (topic, number) in &replayed.topics {
        let _ = writeln!(
            text,
            "sent again to {topic}: {}",
            counted(*number, "message", "messages")
        );
    }
    if replayed.topics.is_empty() {
        let _ = writeln!(
            text,
            "nothing in {} was waiting to be sent again",
            topics.dead
        );
    }
    if replayed.homeless > 0 {
        let lost = counted(replayed.homeless, "message says", "messages say");
        let _ = writeln!(text, "{lost} not where it came from: passed over");
    }
    output::print(&text)?;
    Ok(if replayed.homeless > 0 {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}
