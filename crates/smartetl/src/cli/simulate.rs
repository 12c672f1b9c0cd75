//! `smartetl simulate`: logs of an imagined company, with the truth about them.

use super::again::{program, quoted};
use super::{Context, Outcome};
use crate::errors::{ErrorCode, Failure};
use crate::output;
use jiff::civil::Date;
use smartetl_simulate::{Format, Options, SimulateError, Summary};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

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
    /// First business day, like 2025-01-01; where it is left out, the last one is 2025-12-31
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

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let output = args.output.clone();
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
    let summary = written.map_err(|error| failure(&error))?;
    let next = next_commands(&summary, &output, context.settings.database.url.is_some());
    output::print(&(text(&summary)? + &next))?;
    Ok(Outcome::Done)
}

fn text(summary: &Summary) -> anyhow::Result<String> {
    let first: Date = summary.start.parse()?;
    let last = first.checked_add(jiff::Span::new().try_days(summary.days - 1)?)?;
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
        "business days",
        &format_args!("{first} to {last}; --start DATE begins elsewhere"),
    );
    Ok(text)
}

/// How to load the logs, and how to compare what comes out with the truth. Where no server is configured they get a
/// database of their own, so that simulated runs do not stand among real ones.
fn next_commands(summary: &Summary, output: &Path, has_server: bool) -> String {
    let shown = |path: &Path| quoted(&path.display().to_string());
    let program = if has_server {
        program()
    } else {
        format!(
            "{} --data-dir {}",
            program(),
            shown(&output.join("database"))
        )
    };
    let folder = output.join("logs");
    let logs = if summary.files.iter().all(|file| file.starts_with(&folder)) {
        shown(&folder)
    } else {
        let files: Vec<String> = summary.files.iter().map(|file| shown(file)).collect();
        files.join(" ")
    };
    let (zone, as_of) = (summary.zone, &summary.as_of);
    let truth = shown(&summary.truth.join("job_day.csv"));
    let warning = if has_server {
        "These commands use the configured server: name an empty database there.\n"
    } else {
        ""
    };
    format!(
        "
Load:
  {program} --set timezone={zone} load --allow-rejects --as-of {as_of} {logs}
Compare the nights with the truth:
  diff <(cut -d, -f1-4,10 {truth} | sort) <({program} sql --format csv \"SELECT environment, project, job, business_day, \
         verdict FROM job_day\" | sort) && echo equal
{warning}"
    )
}

fn failure(error: &SimulateError) -> anyhow::Error {
    let code = match error {
        SimulateError::Options { .. } | SimulateError::Calendar(_) => ErrorCode::Usage,
        SimulateError::Io { .. } | SimulateError::Parquet { .. } => ErrorCode::Unwritable,
    };
    Failure::new(code, error.to_string()).into()
}
