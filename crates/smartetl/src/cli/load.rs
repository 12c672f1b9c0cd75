//! `smartetl load PATH…`: files into the tables, then the fuse.

use super::form::{Form, wrong};
use super::{Context, Database, Outcome, dry_run, progress, unmapped};
use crate::errors::{ErrorCode, Failure, code_of, runnable};
use crate::ingest::{FileReport, FileResult, Named, Recognised, Request};
use crate::jobs::{Intake, fuse, overlap_lines};
use crate::night::{self, Lang};
use crate::output::{self, ReportFormat, counted};
use crate::reason::Reason;
use smartetl_core::model::Moment;
use smartetl_formats::Settings;
use smartetl_formats::dialect::generic::MappingSet;
use smartetl_formats::source::{self, SourceError};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files, folders or globs; CSV, JSON lines or Parquet, also .gz and .zst
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
    /// Only say as what each file would be read, and what its first records would give; needs no database
    #[arg(long, conflicts_with_all = ["allow_duplicate", "as_of"])]
    dry_run: bool,
    /// The clock of the fuse, like 2026-11-23T07:00:00Z; now where it is left out
    #[arg(long, value_name = "TIME")]
    as_of: Option<jiff::Timestamp>,
    /// How to write the summary
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
}

/// How files are read; what is left out is recognised.
#[derive(Debug, Default, PartialEq, clap::Args)]
#[command(next_help_heading = "Reading")]
pub struct Reading {
    /// The tool that wrote the logs
    #[arg(long)]
    dialect: Option<String>,
    /// Only these mappings, from which each file chooses: a TOML file, a folder of them, or the name of one that comes with
    /// smartETL; may be repeated
    #[arg(long = "mapping", value_name = "FILE|NAME", conflicts_with = "dialect")]
    mappings: Vec<String>,
    #[arg(
        long,
        value_name = "ZONE",
        help = "The zone of local times in these logs, where it is another than the setting `timezone`. Business days \
                always follow the setting: `--set timezone=ZONE`"
    )]
    timezone: Option<String>,
    #[command(flatten)]
    form: Form,
    /// The environment of all rows
    #[arg(long)]
    environment: Option<String>,
    /// The host of all rows
    #[arg(long)]
    host: Option<String>,
}

impl Reading {
    /// Warns when `--timezone` names another zone than the business days have, and nobody chose theirs: many expect it to
    /// set both.
    pub fn warn_of_two_zones(&self, context: &Context, lang: Lang) {
        let business_days = &context.settings.timezone;
        if let Some(local_times) = &self.timezone
            && !context.is_zone_chosen()
            && !local_times.eq_ignore_ascii_case(business_days)
        {
            let (text, hint) = night::two_zones(local_times, business_days, lang);
            context.warn(&text, &hint, lang);
        }
    }

    /// Whether this very call says in which zone local times are.
    pub fn is_zone_given(&self, context: &Context) -> bool {
        let mut origins = context.origins.iter();
        self.timezone.is_some()
            || origins.any(|of| of.key == "timezone" && of.origin.contains("--"))
    }

    /// Where no zone was given for these logs, local times are read in that of the business days. Says so when this is UTC
    /// only because the machine has no other: what is stored with a wrong zone stays so.
    pub fn complete(
        &self,
        settings: &mut Settings,
        intake: &Intake,
        context: &Context,
        lang: Lang,
    ) {
        if self.timezone.is_some() {
            return;
        }
        settings.timezone = intake.zone().clone();
        let name = settings.timezone.iana_name().unwrap_or_default();
        if !context.is_zone_chosen() && matches!(name, "UTC" | "Etc/UTC") {
            let (text, hint) = night::read_as_utc(lang);
            context.warn(text, hint, lang);
        }
    }

    /// # Errors
    /// `usage` when a value means nothing.
    pub fn settings(&self, context: &Context) -> anyhow::Result<Settings> {
        let zone = self
            .timezone
            .as_deref()
            .unwrap_or(&context.settings.timezone);
        let timezone = jiff::tz::TimeZone::get(zone)
            .map_err(|_| wrong("--timezone", zone, "write for example Europe/Paris or UTC"))?;
        let mappings = self.mappings(context)?;
        if let Some(name) = &self.dialect {
            smartetl_formats::registry::by_name(name).map_err(usage)?;
        }
        Ok(Settings {
            dialect: self.dialect.clone(),
            mappings,
            timezone,
            moment_format: self.form.moments()?,
            overrides: self.form.overrides()?,
            environment: self.environment.clone(),
            host: self.host.clone(),
            ..Settings::default()
        })
    }

    /// Those of the flag, and no other; without the flag those of the setting.
    fn mappings(&self, context: &Context) -> anyhow::Result<MappingSet> {
        let mut set = MappingSet::default();
        for place in &self.mappings {
            set.add(place, MappingSet::load(place).map_err(usage)?)
                .map_err(usage)?;
        }
        let other = set.iter().find_map(|mapping| {
            let (given, zone) = (self.timezone.as_deref()?, mapping.zone.as_deref()?);
            (!zone.eq_ignore_ascii_case(given)).then(|| (mapping.name.clone(), given, zone))
        });
        if let Some((name, given, zone)) = other {
            return Err(Failure::new(
                ErrorCode::Usage,
                format!("the mapping {name} says that its times were written in {zone}, --timezone says {given}"),
            )
            .hint("leave out --timezone, or the line `zone` of the mapping")
            .into());
        }
        if !self.mappings.is_empty() {
            return Ok(set.only());
        }
        for place in &context.settings.load.mappings {
            let place = place.display().to_string();
            let added = MappingSet::load(&place).and_then(|found| set.add(&place, found));
            added.map_err(|error| {
                let text = format!("load.mappings: {error}");
                failure(ErrorCode::ConfigInvalid, &text)
            })?;
        }
        Ok(set)
    }
}

pub fn usage(error: impl std::fmt::Display) -> anyhow::Error {
    failure(ErrorCode::Usage, &error.to_string())
}

/// A failure from a text with its hint.
fn failure(code: ErrorCode, text: &str) -> anyhow::Error {
    match text.split_once("\nhint: ") {
        Some((message, hint)) => Failure::new(code, message).hint(hint).into(),
        None => Failure::new(code, text).into(),
    }
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let stop = progress::stop_by_signals(
        context,
        "stopping after the batches that are on their way; again to end at once",
    )?;
    let mut settings = args.reading.settings(context)?;
    args.reading.warn_of_two_zones(context, Lang::En);
    let (files, missing) = files(&args.paths)?;
    if args.dry_run {
        let named = Named::of(&args.paths);
        return dry_run::run((&files, &missing), &named, &settings, args.format, context);
    }
    let opening = async {
        let database = Database::open(context).await?;
        let intake = intake(context, &database).await?;
        anyhow::Ok((database, intake))
    };
    // The database is let go of at the end of this command.
    let (database, intake) = tokio::select! {
        opened = opening => opened?,
        signal = stop.clone().wait() => return Ok(stopped(signal, 0, context)),
    };
    args.reading
        .complete(&mut settings, &intake, context, Lang::En);
    let request = Request {
        files,
        named: Named::of(&args.paths),
        settings,
        zone_given: args.reading.is_zone_given(context),
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
    let taken = intake.take(&request, as_of, &stop).await;
    watch.stop();
    let taken = taken.map_err(|error| failed(&error))?;
    let fuse = taken.fuse.map_err(|error| failed(&error))?;
    if let (Some(signal), None) = (stop.asked(), &fuse) {
        let stored = intake.progress().stored.load(Ordering::Relaxed);
        return Ok(stopped(signal, stored, context));
    }
    let mut files = taken.load.files;
    files.extend(
        missing
            .iter()
            .map(|error| FileReport::failed(error.path().to_owned(), Reason::from(error))),
    );
    let summary = Summary::of(&files, fuse.as_ref(), started.elapsed());
    match args.format {
        ReportFormat::Json => output::print(&(serde_json::to_string_pretty(&summary)? + "\n"))?,
        ReportFormat::Table => {
            let text = summary.text(&Manner {
                program: Some(super::again::same_database(context)),
                folder: super::again::folder(context),
                allow_rejects: args.allow_rejects,
            });
            output::print(&output::folded(&text, output::terminal_width()))?;
        }
    }
    if fuse.is_some()
        && let Ok(mut connection) = database.connect().await
    {
        // What was loaded is stored, also where this cannot be asked.
        let _ = unmapped::warn(&mut connection, context, Lang::En).await;
    }
    Ok(summary.outcome(args.allow_rejects))
}

/// The files that these paths mean, and the paths that mean none.
///
/// # Errors
/// `unreadable` when there is no file at all.
pub fn files(paths: &[PathBuf]) -> anyhow::Result<(Vec<PathBuf>, Vec<SourceError>)> {
    let (files, missing) = source::expand(paths);
    if files.is_empty() {
        let failure = match missing.first() {
            Some(error) => Failure::new(ErrorCode::Unreadable, error.to_string()),
            None => {
                Failure::new(ErrorCode::Unreadable, "there is no file to load").at(names(paths))
            }
        };
        return Err(failure
            .hint("give files, folders or globs of logs: CSV, JSON lines or Parquet")
            .into());
    }
    Ok((files, missing))
}

/// What a load that ended early leaves.
const GOES_ON: &str = "what was stored stays, and the same command goes on from there";

/// What a signal left, in one line.
fn stopped(signal: u8, stored: u64, context: &Context) -> Outcome {
    context.say(&match stored {
        0 => "stopped: nothing new is stored; the same command begins again".to_owned(),
        stored => format!(
            "stopped: {} stored, not all of it fused; the same command goes on from there",
            counted(stored, "record is", "records are")
        ),
    });
    Outcome::Stopped(signal)
}

/// Why a load ended before its end, and that nothing is lost.
fn failed(error: &anyhow::Error) -> anyhow::Error {
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
    if let Some(failure) = error.downcast_ref::<Failure>() {
        let hint = failure.hint.as_deref().unwrap_or("see why it did");
        return Failure {
            code,
            message: format!("the load stopped, {reason}"),
            place: failure.place.clone(),
            hint: Some(format!("{hint}; {GOES_ON}")),
        }
        .into();
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
        .hint(format!("{first}; {GOES_ON}"))
        .into()
}

/// The main job over this command's database, whose tables are brought to this version.
///
/// # Errors
/// When the server is not there, or is of no use.
pub async fn intake(context: &Context, database: &Database) -> anyhow::Result<Intake> {
    let pool = database.pool(Intake::pool_size(&context.settings)).await?;
    smartetl_store::migrate(&pool).await?;
    let settings = context.settings_of(&mut *pool.acquire().await?).await?;
    Ok(Intake::new(
        pool,
        &settings,
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

/// So many files that are not loaded for the same reason are told by name.
const SAME_LISTED: usize = 3;

/// How the files were read.
pub struct Manner {
    /// What begins a command that looks into the database with the rows; `None` where nothing was stored.
    pub program: Option<String>,
    /// The flag that leads a command to this database.
    pub folder: String,
    pub allow_rejects: bool,
}

/// What a person wants to know after a load.
#[derive(Debug, serde::Serialize)]
pub struct Summary<'f> {
    files: &'f [FileReport],
    files_loaded: u64,
    files_nothing_new: u64,
    files_trouble: u64,
    files_failed: u64,
    files_no_log: u64,
    records: u64,
    rows_log: u64,
    rows_error: u64,
    silent: u64,
    rejects: BTreeMap<&'f str, u64>,
    fuse: Option<&'f fuse::Report>,
    seconds: f64,
}

impl<'f> Summary<'f> {
    pub fn of(files: &'f [FileReport], fuse: Option<&'f fuse::Report>, elapsed: Duration) -> Self {
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
            files_no_log: count(|result| matches!(result, FileResult::NoLog { .. })),
            records: sum(|file| file.records),
            rows_log: sum(|file| file.rows_log),
            rows_error: sum(|file| file.rows_error),
            silent: sum(|file| file.silent),
            rejects,
            fuse,
            seconds: elapsed.as_secs_f64(),
        }
    }

    pub fn outcome(&self, allow_rejects: bool) -> Outcome {
        if self.files_failed + self.files_no_log > 0
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

    /// Files that are not loaded, or not as was asked, together where the reason is the same.
    pub fn not_loaded(&self) -> String {
        let mut by_reason: Vec<(&str, &str, Vec<&str>)> = Vec::new();
        for file in self.files {
            let (word, reason) = match &file.result {
                FileResult::Failed { reason } => ("failed", reason.text(Lang::En)),
                FileResult::Trouble { reason } => ("not loaded", reason.text(Lang::En)),
                result => match (&file.note, result) {
                    (None, _) => continue,
                    (Some(note), FileResult::NothingNew) => ("nothing new", note.text(Lang::En)),
                    (Some(note), _) => ("read as before", note.text(Lang::En)),
                },
            };
            match by_reason
                .iter_mut()
                .find(|(other, because, _)| (*other, *because) == (word, reason))
            {
                Some((.., paths)) => paths.push(&file.path),
                None => by_reason.push((word, reason, vec![&file.path])),
            }
        }
        let mut text = String::new();
        for (word, reason, paths) in by_reason {
            for path in paths.iter().take(SAME_LISTED) {
                let _ = writeln!(text, "{word}: {path}");
            }
            if let Some(more @ 1..) = paths.len().checked_sub(SAME_LISTED) {
                let _ = writeln!(text, "  … and {more} more (all of them: --format json)");
            }
            let _ = writeln!(text, "  {}", reason.replace('\n', "\n  "));
        }
        text
    }

    pub fn text(&self, manner: &Manner) -> String {
        let mut text = runnable(&self.not_loaded(), &manner.folder);
        text.push_str(
            &self
                .fuse
                .map_or_else(String::new, |fuse| overlap_lines(&fuse.overlaps)),
        );
        text.push_str(&Recognised::of(self.files).text(Lang::En));
        let logs = self.files.len() as u64 - self.files_no_log;
        let files = counted(logs, "file", "files");
        let (loaded, failed) = (self.files_loaded, self.files_failed);
        let _ = match manner.program {
            None => writeln!(text, "{files}: {loaded} read, {failed} failed"),
            Some(_) => writeln!(
                text,
                "{files}: {loaded} loaded, {} with nothing new, {} not loaded, {failed} failed",
                self.files_nothing_new, self.files_trouble,
            ),
        };
        let rejected: u64 = self.rejects.values().sum();
        let _ = writeln!(
            text,
            "{}: {} of log, {} of logerreur, {} silent, {rejected} rejected",
            counted(self.records, "record", "records"),
            counted(self.rows_log, "row", "rows"),
            counted(self.rows_error, "row", "rows"),
            self.silent,
        );
        for (reason, number) in &self.rejects {
            let _ = writeln!(text, "  {number} {reason}");
        }
        if rejected > 0 {
            let _ = match &manner.program {
                None => writeln!(
                    text,
                    "  smartetl load keeps each with its place and its raw text"
                ),
                Some(program) => writeln!(
                    text,
                    "  look at them: {program} sql \"SELECT * FROM reject ORDER BY batch DESC, line LIMIT 20\""
                ),
            };
            if !manner.allow_rejects {
                text.push_str("  exit code 1 because of them: --allow-rejects makes it 0\n");
            }
        }
        if let Some(fuse) = self.fuse {
            let _ = writeln!(text, "{}", fused(fuse));
        }
        let _ = writeln!(text, "took {}", pace(self.records, self.seconds));
        text
    }
}

/// `2 runs and 1 job day fused`.
pub fn fused(report: &fuse::Report) -> String {
    let again = if report.full {
        ", everything folded again"
    } else {
        ""
    };
    format!(
        "{} and {} fused{again}",
        counted(report.runs, "run", "runs"),
        counted(report.job_days, "job day", "job days")
    )
}

/// How long it took, and how fast that was where it says something.
fn pace(records: u64, seconds: f64) -> String {
    if records == 0 || seconds < 1.0 {
        return format!("{seconds:.1} s");
    }
    format!("{seconds:.1} s: {:.0} records/s", records as f64 / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_no_pace() {
        assert_eq!(pace(12, 0.34), "0.3 s");
        assert_eq!(pace(0, 7.0), "7.0 s");
        assert_eq!(pace(12_000, 2.0), "2.0 s: 6000 records/s");
    }

    #[test]
    fn one_is_not_many() {
        let report = |number| fuse::Report {
            batches: number,
            runs: number,
            job_days: number,
            full: number == 0,
            overlaps: Vec::new(),
        };
        assert_eq!(fused(&report(1)), "1 run and 1 job day fused");
        assert_eq!(
            fused(&report(0)),
            "0 runs and 0 job days fused, everything folded again"
        );
    }
}
