//! `smartetl wait TARGET…`.

use super::{Context, Outcome};
use crate::errors::{ErrorCode, Failure};
use crate::time::parse_duration;
use crate::wait::{self, Target};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(
        required = true,
        value_name = "TARGET",
        help = "postgres://…, kafka://host:port, http(s)://…, tcp://host:port, or file:PATH"
    )]
    targets: Vec<String>,
    /// How long to wait for all of them
    #[arg(long, default_value = "60s", value_parser = parse_duration)]
    timeout: Duration,
    /// Pause between two tries of a target
    #[arg(long, default_value = "500ms", value_parser = parse_duration)]
    interval: Duration,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    // Not parsed by clap: its message would repeat the text, and with it a password.
    let parsed: Result<Vec<Target>, String> =
        args.targets.iter().map(|text| text.parse()).collect();
    let targets = parsed.map_err(|message| Failure::new(ErrorCode::Usage, message))?;
    let total = targets.len();
    let interval = args.interval.max(Duration::from_millis(10));
    let answers = wait::wait_for(targets, args.timeout, interval, |answer| {
        if answer.missing.is_none() {
            context.say(&format!(
                "{} is there after {}",
                answer.target,
                wait::plain(answer.waited)
            ));
        }
    })
    .await;
    let mut missing: Vec<String> = answers
        .iter()
        .filter_map(|answer| Some(format!("{}: {}", answer.target, answer.missing.as_ref()?)))
        .collect();
    if missing.is_empty() {
        return Ok(Outcome::Done);
    }
    missing.sort();
    let message = format!(
        "{} of {total} not there after {}:\n  {}",
        missing.len(),
        wait::plain(args.timeout),
        missing.join("\n  ")
    );
    Err(Failure::new(ErrorCode::NotThere, message).into())
}
