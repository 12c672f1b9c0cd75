//! `smartetl serve`: the page, what is posted and `/metrics`, where others read the files.

use super::{Context, Outcome, up};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Port of the web page; 0 for any that is free. The setting `http.port` where it is left out
    #[arg(long)]
    port: Option<u16>,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    up::run(up::Args::without_paths(args.port), context).await
}
