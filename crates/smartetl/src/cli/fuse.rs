//! `smartetl fuse`: what is stored and not fused yet becomes runs and days. `smartetl fuse FILES --to FILE` does without a
//! database.

use super::load;
use super::summary::{self, Manner, Summary};
use super::{Context, Database, Outcome, progress};
use crate::errors::{ErrorCode, Failure};
use crate::export::Export;
use crate::ingest::{FileReport, Named};
use crate::jobs::{direct, fuse, overlap_lines, told};
use crate::output::{self, ReportFormat};
use crate::reason::Reason;
use smartetl_core::fuse::FuseConfig;
use smartetl_core::model::Moment;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Fold these logs without any database: files, folders or globs; with --to
    #[arg(value_name = "PATH", requires = "to")]
    paths: Vec<PathBuf>,
    #[arg(
        long,
        value_name = "FILE",
        requires = "paths",
        conflicts_with = "full",
        help = "Where the runs of these logs go: \
        .parquet, .csv, .csv.gz, .csv.zst or .xlsx; - for CSV on stdout"
    )]
    to: Option<PathBuf>,
    /// Replace that file if it is there
    #[arg(long, requires = "to")]
    force: bool,
    /// Exit 0 also when records were rejected
    #[arg(long, requires = "to")]
    allow_rejects: bool,
    #[command(flatten)]
    reading: load::Reading,
    /// Fold everything again, not only what is new
    #[arg(long)]
    full: bool,
    /// The clock of the fuse, like 2026-11-23T07:00:00Z; now where it is left out
    #[arg(long, value_name = "TIME")]
    as_of: Option<jiff::Timestamp>,
    /// How to write what was done
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    if let Some(to) = args.to.clone() {
        return to_file(args, &to, context).await;
    }
    if args.reading != load::Reading::default() {
        return Err(Failure::new(
            ErrorCode::Usage,
            [
                "rows that are stored are not read again: options for reading change nothing here",
                "les lignes enregistrées ne sont pas relues\u{a0}: les options de lecture n’y changent rien",
            ],
        )
        .hint([
            "`smartetl unload` takes back what was read wrongly, `smartetl load` reads it again; or give files and --to",
            "`smartetl unload` retire ce qui a été mal lu, `smartetl load` le relit\u{a0}; ou donnez des fichiers et --to",
        ])
        .into());
    }
    let database = Database::open(context).await?;
    let intake = load::intake(context, &database).await?;
    let as_of = args.as_of.map(|at| Moment(at.as_microsecond()));
    let report = intake.fuse(as_of, args.full, None).await?;
    match args.format {
        ReportFormat::Json => output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?,
        ReportFormat::Table => {
            let lang = context.lang();
            let text = format!(
                "{}{}{} {}\n",
                overlap_lines(&report.overlaps, lang),
                lang.counted(
                    report.batches,
                    [lang.pick("batch", "lot"), lang.pick("batches", "lots")]
                ),
                lang.colon(),
                summary::fused(&report, lang)
            );
            output::print(&text)?;
        }
    }
    Ok(Outcome::Done)
}

/// Runs of logs into a file, by way of no database.
async fn to_file(args: Args, to: &Path, context: &Context) -> anyhow::Result<Outcome> {
    let stop = progress::stop_by_signals(
        context,
        context.lang().pick(
            "stopping; nothing is written",
            "arrêt\u{a0}; rien n’est écrit",
        ),
    )?;
    let started = Instant::now();
    args.reading.warn_of_two_zones(context);
    let settings = args.reading.settings(context)?;
    args.reading.check_environment(context)?;
    let (files, missing) = load::files(&args.paths)?;
    let config = FuseConfig::from(&context.settings);
    let mut file = Export::begin(to, args.force, direct::columns(), &config.zone)?;
    let now = Moment(jiff::Timestamp::now().as_microsecond());
    let request = direct::Request {
        files,
        named: Named::of(&args.paths),
        settings,
        config,
        as_of: args.as_of.map_or(now, |at| Moment(at.as_microsecond())),
        now,
        folder: super::database::scratch(context)?,
    };
    let folded = direct::fold_files(request, &stop).await.map_err(told)?;
    if let Some(signal) = stop.asked() {
        return Ok(Outcome::Stopped(signal));
    }
    let mut files = folded.files.clone();
    files.extend(
        missing
            .iter()
            .map(|error| FileReport::failed(error.path().to_owned(), Reason::from(error))),
    );
    let outcome = Summary::of(&files, None, started.elapsed()).outcome(args.allow_rejects);
    let mut fused = None;
    if outcome != Outcome::Failed {
        folded.write(|tuples| file.take(tuples)).map_err(told)?;
        fused = Some(fuse::Report {
            runs: file.finish()?,
            ..fuse::Report::default()
        });
    }
    // Where the runs go to stdout, nothing else does.
    let is_stdout = to == Path::new("-");
    let text = match args.format {
        ReportFormat::Json => {
            let summary = Summary::of(&files, fused.as_ref(), started.elapsed());
            serde_json::to_string_pretty(&summary)? + "\n"
        }
        ReportFormat::Table => {
            let lang = context.lang();
            let mut text = Summary::of(&files, None, started.elapsed()).text(&Manner {
                lang,
                program: None,
                folder: String::new(),
                allow_rejects: args.allow_rejects,
            });
            if let Some(fused) = &fused {
                let runs = lang.counted(fused.runs, lang.words().runs);
                let _ = writeln!(text, "{runs} {} {}", lang.pick("in", "dans"), to.display());
            }
            output::folded(&text, output::terminal_width())
        }
    };
    if is_stdout {
        context.say(text.trim_end());
    } else {
        output::print(&text)?;
    }
    Ok(outcome)
}
