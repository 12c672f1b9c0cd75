//! `smartetl load PATH…`: files into the tables, then the fuse.

use super::{Context, Database, Outcome, progress};
use crate::errors::{ErrorCode, Failure, code_of};
use crate::ingest::{FileReport, FileResult, Request};
use crate::jobs::Intake;
use crate::output::{self, ReportFormat};
use smartetl_core::model::Moment;
use smartetl_formats::container::{Encoding, Overrides};
use smartetl_formats::dialect::generic::Mapping;
use smartetl_formats::moment::MomentFormat;
use smartetl_formats::{Settings, source};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files, folders or globs; CSV or Parquet, also .gz and .zst
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Load content that was loaded before as if it were new
    #[arg(long)]
    allow_duplicate: bool,
    /// Exit 0 also when records were rejected
    #[arg(long)]
    allow_rejects: bool,
    /// The clock of the fuse, like 2026-11-23T07:00:00Z; now where it is left out
    #[arg(long, value_name = "TIME")]
    as_of: Option<jiff::Timestamp>,
    /// How to write the summary
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
}

/// How files are read; what is left out is recognised.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Reading")]
pub struct Reading {
    /// The tool that wrote the logs
    #[arg(long)]
    dialect: Option<String>,
    /// A mapping: a TOML file, or the name of one that comes with smartETL
    #[arg(long, value_name = "FILE|NAME", conflicts_with = "dialect")]
    mapping: Option<String>,
    /// The zone of local times in the logs; the setting `timezone` where it is left out
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// utf-8, windows-1252, iso-8859-15, utf-16le, utf-16be
    #[arg(long)]
    encoding: Option<String>,
    /// The character between fields; `tab` for a tabulator
    #[arg(long, value_name = "CHAR")]
    delimiter: Option<String>,
    /// Whether the first record names the columns
    #[arg(long, value_name = "true|false")]
    header: Option<bool>,
    /// The form of times: ymd, dmy, mdy, s, ms, us, ns, or a strptime form like %d.%m.%Y %H:%M
    #[arg(long, value_name = "FORM")]
    time_format: Option<String>,
    /// The environment of all rows
    #[arg(long)]
    environment: Option<String>,
    /// The host of all rows
    #[arg(long)]
    host: Option<String>,
}

impl Reading {
    /// # Errors
    /// `usage` when a value means nothing.
    pub fn settings(&self, context: &Context) -> anyhow::Result<Settings> {
        let wrong = |flag: &str, value: &str, hint: &str| {
            anyhow::Error::new(
                Failure::new(
                    ErrorCode::Usage,
                    format!("`{value}` is of no use for {flag}"),
                )
                .hint(hint),
            )
        };
        let zone = self
            .timezone
            .as_deref()
            .unwrap_or(&context.settings.timezone);
        let timezone = jiff::tz::TimeZone::get(zone)
            .map_err(|_| wrong("--timezone", zone, "write for example Europe/Paris or UTC"))?;
        let delimiter = match self.delimiter.as_deref() {
            None => None,
            Some("tab" | "\\t") => Some('\t'),
            Some(text) => match text.chars().collect::<Vec<_>>()[..] {
                [one] if one.is_ascii() => Some(one),
                _ => return Err(wrong("--delimiter", text, "give one character, or `tab`")),
            },
        };
        let moment_format = self
            .time_format
            .as_deref()
            .map(|form| {
                MomentFormat::parse(form).ok_or_else(|| {
                    wrong(
                        "--time-format",
                        form,
                        "ymd, dmy, mdy, s, ms, us, ns, or a strptime form",
                    )
                })
            })
            .transpose()?;
        let encoding = self
            .encoding
            .as_deref()
            .map(Encoding::parse)
            .transpose()
            .map_err(usage)?;
        let mapping = self
            .mapping
            .as_deref()
            .map(Mapping::load)
            .transpose()
            .map_err(usage)?;
        if let Some(name) = &self.dialect {
            smartetl_formats::registry::by_name(name).map_err(usage)?;
        }
        Ok(Settings {
            dialect: self.dialect.clone(),
            mapping: mapping.map(Arc::new),
            timezone,
            moment_format,
            overrides: Overrides {
                delimiter,
                header: self.header,
                encoding,
                ..Overrides::default()
            },
            environment: self.environment.clone(),
            host: self.host.clone(),
            ..Settings::default()
        })
    }
}

fn usage(error: impl std::fmt::Display) -> anyhow::Error {
    let text = error.to_string();
    match text.split_once("\nhint: ") {
        Some((message, hint)) => Failure::new(ErrorCode::Usage, message).hint(hint).into(),
        None => Failure::new(ErrorCode::Usage, text).into(),
    }
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let settings = args.reading.settings(context)?;
    let (files, missing) = source::expand(&args.paths);
    if files.is_empty() {
        let failure = match missing.first() {
            Some(error) => Failure::new(ErrorCode::Unreadable, error.to_string()),
            None => Failure::new(ErrorCode::Unreadable, "there is no file to load")
                .at(names(&args.paths)),
        };
        return Err(failure
            .hint("give files, folders or globs of CSV or Parquet logs")
            .into());
    }
    let database = Database::open(context).await?;
    let intake = intake(context, &database).await?;
    let request = Request {
        files,
        settings,
        allow_duplicate: args.allow_duplicate,
        follow: false,
    };
    let started = Instant::now();
    let total = request
        .files
        .iter()
        .filter_map(|file| file.metadata().ok())
        .map(|data| data.len())
        .sum();
    let watch = progress::watch(intake.progress(), total, context);
    let as_of = args.as_of.map(|at| Moment(at.as_microsecond()));
    let taken = intake.take(&request, as_of).await;
    watch.stop();
    let taken = taken.map_err(|error| stopped(&error))?;
    let mut files = taken.load.files.clone();
    files.extend(
        missing
            .iter()
            .map(|error| FileReport::failed(error.path().to_owned(), error.to_string())),
    );
    let fuse = taken.fuse.map_err(|error| stopped(&error))?;
    let summary = Summary::of(&files, fuse, started.elapsed());
    match args.format {
        ReportFormat::Json => output::print(&(serde_json::to_string_pretty(&summary)? + "\n"))?,
        ReportFormat::Table => output::print(&summary.text())?,
    }
    Ok(summary.outcome(args.allow_rejects))
}

/// Why a load ended before its end, and that nothing is lost.
fn stopped(error: &anyhow::Error) -> anyhow::Error {
    let code = code_of(error);
    let mut reason = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !reason.ends_with(&cause) {
            reason = format!("{reason}: {cause}");
        }
    }
    if code == ErrorCode::Internal {
        return Failure::new(code, reason).into();
    }
    let (what, first) = match code {
        ErrorCode::DatabaseUnreachable => (
            "the database went away",
            "`smartetl doctor` looks at the server",
        ),
        ErrorCode::Unwritable => ("the disk is full", "make room"),
        _ => ("the database refused", "see why it did"),
    };
    Failure::new(code, format!("the load stopped, {what}: {reason}"))
        .hint(format!(
            "{first}; what was stored stays, and the same command goes on from there"
        ))
        .into()
}

/// The main job over this command's database, whose tables are brought to this version.
///
/// # Errors
/// When the server is not there, or is of no use.
pub async fn intake(context: &Context, database: &Database) -> anyhow::Result<Intake> {
    let pool = database.pool(Intake::pool_size(&context.settings)).await?;
    smartetl_store::migrate(&pool).await?;
    Ok(Intake::new(
        pool,
        &context.settings,
        super::database::scratch(context)?,
    ))
}

fn names(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|path| path.display().to_string())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a person wants to know after a load.
#[derive(Debug, serde::Serialize)]
struct Summary<'f> {
    files: &'f [FileReport],
    files_loaded: u64,
    files_nothing_new: u64,
    files_trouble: u64,
    files_failed: u64,
    records: u64,
    rows_log: u64,
    rows_error: u64,
    silent: u64,
    rejects: BTreeMap<&'f str, u64>,
    fuse: Option<crate::jobs::fuse::Report>,
    seconds: f64,
}

impl<'f> Summary<'f> {
    fn of(
        files: &'f [FileReport],
        fuse: Option<crate::jobs::fuse::Report>,
        elapsed: Duration,
    ) -> Self {
        let count = |wanted: fn(&FileResult) -> bool| {
            files.iter().filter(|file| wanted(&file.result)).count() as u64
        };
        let sum = |pick: fn(&FileReport) -> u64| files.iter().map(pick).sum();
        let mut rejects: BTreeMap<&str, u64> = BTreeMap::new();
        for (reason, number) in files.iter().flat_map(|file| &file.rejects) {
            *rejects.entry(reason).or_default() += number;
        }
        Self {
            files,
            files_loaded: count(|result| matches!(result, FileResult::Loaded { .. })),
            files_nothing_new: count(|result| matches!(result, FileResult::NothingNew)),
            files_trouble: count(|result| matches!(result, FileResult::Trouble { .. })),
            files_failed: count(|result| matches!(result, FileResult::Failed { .. })),
            records: sum(|file| file.records),
            rows_log: sum(|file| file.rows_log),
            rows_error: sum(|file| file.rows_error),
            silent: sum(|file| file.silent),
            rejects,
            fuse,
            seconds: elapsed.as_secs_f64(),
        }
    }

    fn outcome(&self, allow_rejects: bool) -> Outcome {
        if self.files_failed > 0
            && self.files_loaded + self.files_nothing_new + self.files_trouble == 0
            && self.records == 0
        {
            return Outcome::Failed;
        }
        let rejects = !self.rejects.is_empty() && !allow_rejects;
        if rejects || self.files_failed > 0 || self.files_trouble > 0 {
            Outcome::Findings
        } else {
            Outcome::Done
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for file in self.files {
            let (word, reason) = match &file.result {
                FileResult::Failed { reason } => ("failed", reason),
                FileResult::Trouble { reason } => ("not loaded", reason),
                _ => continue,
            };
            let _ = writeln!(
                text,
                "{word}: {}\n  {}",
                file.path,
                reason.replace('\n', "\n  ")
            );
        }
        let _ = writeln!(
            text,
            "{} files: {} loaded, {} with nothing new, {} not loaded, {} failed",
            self.files.len(),
            self.files_loaded,
            self.files_nothing_new,
            self.files_trouble,
            self.files_failed
        );
        let rejected: u64 = self.rejects.values().sum();
        let _ = writeln!(
            text,
            "{} records: {} rows of log, {} rows of logerreur, {} silent, {} rejected",
            self.records, self.rows_log, self.rows_error, self.silent, rejected
        );
        for (reason, number) in &self.rejects {
            let _ = writeln!(text, "  {number} {reason}");
        }
        if rejected > 0 {
            text.push_str("  look at them: smartetl sql \"SELECT * FROM reject ORDER BY batch DESC, line LIMIT 20\"\n");
        }
        if let Some(fuse) = &self.fuse {
            let again = if fuse.full {
                ", everything folded again"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "{} runs and {} job days fused{again}",
                fuse.runs, fuse.job_days
            );
        }
        let rate = self.records as f64 / self.seconds.max(0.001);
        let _ = writeln!(text, "{:.1} s, {rate:.0} records/s", self.seconds);
        text
    }
}
