//! `smartetl issues`: which errors mean the same, and what people say of them.

pub mod said;

use super::{Context, Outcome};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Say that two problems are one: for all that was and all that comes.
    Merge(said::Merge),
    /// Say that a problem is several: signatures of it become one of their own.
    Split(said::Split),
    /// Say what a problem is called.
    Rename(said::Rename),
    /// Take back what was said; everything is then as if it had never been said.
    Undo(said::Undo),
    /// What was said of problems, the latest first.
    Overrides(said::Overrides),
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    match args.action {
        Action::Merge(args) => said::merge(args, context).await,
        Action::Split(args) => said::split(args, context).await,
        Action::Rename(args) => said::rename(args, context).await,
        Action::Undo(args) => said::undo(args, context).await,
        Action::Overrides(args) => said::overrides(args, context).await,
    }
}
