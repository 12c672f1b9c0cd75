//! `smartetl replay`: messages that could not become rows are sent again, after what was wrong was put right.

use super::kafka::Servers;
use super::{Context, Database, Outcome};
use crate::kafka::{Kafka, Topics, replay};
use crate::night::Lang;
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
    let lang = context.lang();
    let mut text = String::new();
    for (topic, number) in &replayed.topics {
        let messages = counted(*number, "message", "messages");
        let _ = match lang {
            Lang::En => writeln!(text, "sent again to {topic}: {messages}"),
            Lang::Fr => writeln!(text, "renvoyé à {topic}\u{a0}: {messages}"),
        };
    }
    if replayed.topics.is_empty() {
        let topic = &topics.dead;
        let _ = match lang {
            Lang::En => writeln!(text, "nothing in {topic} was waiting to be sent again"),
            Lang::Fr => writeln!(text, "rien dans {topic} n’attendait d’être renvoyé"),
        };
    }
    if let homeless @ 1.. = replayed.homeless {
        let _ = match lang {
            Lang::En => writeln!(
                text,
                "{} not where it came from: passed over",
                counted(homeless, "message says", "messages say")
            ),
            Lang::Fr => writeln!(
                text,
                "{} pas d’où ils viennent\u{a0}: laissés de côté",
                counted(homeless, "message ne dit", "messages ne disent")
            ),
        };
    }
    output::print(&text)?;
    Ok(if replayed.homeless > 0 {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}
