//! `smartetl simulate`: logs of an imagined company, with the truth about them.

use super::{Context, Outcome};
use crate::errors::{ErrorCode, Failure};
use crate::output;
use jiff::civil::Date;
use smartetl_simulate::{Format, Options, SimulateError, Summary};
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Jobs that the company has
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    jobs: u32,
    /// Business days
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
    /// The same seed gives the same files
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder to write into; files of the same name are replaced
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
    /// First business day, like 2025-01-01
    #[arg(long, value_name = "DATE")]
    start: Option<Date>,
    /// Kinds of log files
    #[arg(long, value_enum, default_value_t = Kind::Both)]
    format: Kind,
    /// Only one file for each catcher, without traps, for benchmarks
    #[arg(long)]
    plain: bool,
    /// About so many files instead of the usual handful
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pieces: Option<u32>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    Csv,
    Parquet,
    Both,
}

pub async fn run(args: Args, _: &Context) -> anyhow::Result<Outcome> {
    let options = Options {
        start: args.start,
        format: match args.format {
            Kind::Csv => Format::Csv,
            Kind::Parquet => Format::Parquet,
            Kind::Both => Format::Both,
        },
        plain: args.plain,
        pieces: args.pieces,
        ..Options::new(args.jobs, args.days, args.seed, args.output)
    };
    // It computes for seconds and never waits.
    let written =
        tokio::task::spawn_blocking(move || smartetl_simulate::simulate(&options)).await?;
    output::print(&text(&written.map_err(|error| failure(&error))?))?;
    Ok(Outcome::Done)
}

fn text(summary: &Summary) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &dyn std::fmt::Display| {
        writeln!(text, "{name:<18}{value}").expect("writing to memory cannot fail");
    };
    line("rows of log", &summary.rows_log);
    line("rows of logerreur", &summary.rows_logerreur);
    line("damaged records", &summary.rejects);
    line("runs", &summary.runs);
    line("jobs and nights", &summary.job_days);
    line("log files", &summary.files.len());
    line("truth", &summary.truth.display());
    line(
        "to compare, fuse",
        &format_args!("--as-of {} with zone {}", summary.as_of, summary.zone),
    );
    text
}

fn failure(error: &SimulateError) -> anyhow::Error {
    let code = match error {
        SimulateError::Options { .. } | SimulateError::Calendar(_) => ErrorCode::Usage,
        SimulateError::Io { .. } | SimulateError::Parquet { .. } => ErrorCode::Unwritable,
    };
    Failure::new(code, error.to_string()).into()
}
