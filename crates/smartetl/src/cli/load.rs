//! `smartetl load PATH…`: files into the tables, then the fuse.

use super::form::{Form, wrong};
use super::near::near;
use super::summary::{Manner, Summary};
use super::{Context, Database, Outcome, dry_run, progress, unmapped};
use crate::errors::{ErrorCode, Failure, code_of};
use crate::ingest::{FileReport, Input, Named, Request};
use crate::jobs::Intake;
use crate::night::{self, Lang};
use crate::output::{self, ReportFormat, counted};
use crate::reason::Reason;
use smartetl_core::fuse::{FuseConfig, UNMAPPED};
use smartetl_core::model::Moment;
use smartetl_formats::Settings;
use smartetl_formats::dialect::generic::MappingSet;
use smartetl_formats::source::{self, SourceError};
use sqlx::PgPool;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Instant;

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
    pub fn warn_of_two_zones(&self, context: &Context) {
        let business_days = &context.settings.timezone;
        if let Some(local_times) = &self.timezone
            && !context.is_zone_chosen()
            && !local_times.eq_ignore_ascii_case(business_days)
        {
            let (text, hint) = night::two_zones(local_times, business_days, context.lang());
            context.warn(&text, &hint);
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
    pub fn complete(&self, settings: &mut Settings, intake: &Intake, context: &Context) {
        if self.timezone.is_some() {
            return;
        }
        settings.timezone = intake.zone().clone();
        let name = settings.timezone.iana_name().unwrap_or_default();
        if !context.is_zone_chosen() && matches!(name, "UTC" | "Etc/UTC") {
            let (text, hint) = night::read_as_utc(context.lang());
            context.warn(text, hint);
        }
    }

    /// # Errors
    /// `usage` when a value means nothing.
    pub fn settings(&self, context: &Context) -> anyhow::Result<Settings> {
        let zone = self
            .timezone
            .as_deref()
            .unwrap_or(&context.settings.timezone);
        let timezone =
            jiff::tz::TimeZone::get(zone).map_err(|_| wrong("--timezone", zone, ZONES))?;
        let mappings = self.mappings(context)?;
        if let Some(name) = &self.dialect {
            smartetl_formats::registry::by_name(name).map_err(|error| usage(&error.into()))?;
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

    /// A word that means no environment would leave all rows without one.
    ///
    /// # Errors
    /// `usage` for such a word.
    pub fn check_environment(&self, context: &Context) -> anyhow::Result<()> {
        let Some(word) = &self.environment else {
            return Ok(());
        };
        if FuseConfig::from(&context.settings).environment(Some(word), None) != UNMAPPED {
            return Ok(());
        }
        let known: Vec<&str> = context
            .settings
            .environments
            .keys()
            .map(String::as_str)
            .collect();
        let known = known.join(", ");
        Err(Failure::new(
            ErrorCode::Usage,
            [
                format!("--environment: `{word}` does not name one environment"),
                format!("--environment\u{a0}: `{word}` ne désigne pas un environnement"),
            ],
        )
        .hint([
            format!("known are {known}; another one is written with its words under [environments] in the configuration file"),
            format!("sont connus {known}\u{a0}; un autre s’écrit avec ses mots sous [environments] dans le fichier de configuration"),
        ])
        .into())
    }

    /// Those of the flag, and no other; without the flag those of the setting.
    fn mappings(&self, context: &Context) -> anyhow::Result<MappingSet> {
        let mut set = MappingSet::default();
        for place in &self.mappings {
            let added = MappingSet::load(place).and_then(|found| set.add(place, found));
            added.map_err(|error| usage(&error.into()))?;
        }
        let other = set.iter().find_map(|mapping| {
            let (given, zone) = (self.timezone.as_deref()?, mapping.zone.as_deref()?);
            (!zone.eq_ignore_ascii_case(given)).then(|| (mapping.name.clone(), given, zone))
        });
        if let Some((name, given, zone)) = other {
            return Err(Failure::new(
                ErrorCode::Usage,
                [
                    format!("the mapping {name} says that its times were written in {zone}, --timezone says {given}"),
                    format!("d’après la correspondance {name}, ses heures sont écrites dans {zone}\u{a0}; --timezone dit {given}"),
                ],
            )
            .hint([
                "leave out --timezone, or the line `zone` of the mapping",
                "omettez --timezone, ou la ligne `zone` de la correspondance",
            ])
            .into());
        }
        if !self.mappings.is_empty() {
            return Ok(set.only());
        }
        for place in &context.settings.load.mappings {
            let place = place.display().to_string();
            let added = MappingSet::load(&place).and_then(|found| set.add(&place, found));
            added.map_err(|error| {
                let error = anyhow::Error::new(error).context("load.mappings");
                failure(ErrorCode::ConfigInvalid, &error)
            })?;
        }
        Ok(set)
    }
}

/// What zones are called.
pub const ZONES: [&str; 2] = [
    "write for example Europe/Paris or UTC",
    "écrivez par exemple Europe/Paris ou UTC",
];

pub fn usage(error: &anyhow::Error) -> anyhow::Error {
    failure(ErrorCode::Usage, error)
}

/// A failure from an error whose text brings its hint.
fn failure(code: ErrorCode, error: &anyhow::Error) -> anyhow::Error {
    let (message, hint) = Reason::from(error).without_hint();
    let failure = Failure::new(code, message);
    match hint {
        Some(hint) => failure.hint(hint).into(),
        None => failure.into(),
    }
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let lang = context.lang();
    let stop = progress::stop_after_batches(context)?;
    let mut settings = args.reading.settings(context)?;
    args.reading.check_environment(context)?;
    args.reading.warn_of_two_zones(context);
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
    args.reading.complete(&mut settings, &intake, context);
    let request = Request {
        files: files.into_iter().map(Input::from).collect(),
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
        .filter_map(|file| file.path.metadata().ok())
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
                lang,
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
        let _ = unmapped::warn(&mut connection, context).await;
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
        if let Some(SourceError::Missing { path }) = missing.first()
            && let near = near_files(Path::new(path))
            && !near.is_empty()
        {
            let reason = missing.first().map_or_else(Reason::default, Reason::from);
            let near = near.join(", ");
            return Err(Failure::new(ErrorCode::Unreadable, reason)
                .hint([
                    format!("did you mean {near}?"),
                    format!("vouliez-vous dire {near}\u{a0}?"),
                ])
                .into());
        }
        let failure = match missing.first() {
            Some(error) => Failure::new(ErrorCode::Unreadable, Reason::from(error)),
            None => Failure::new(
                ErrorCode::Unreadable,
                [
                    "there is no file to load",
                    "il n’y a pas de fichier à charger",
                ],
            )
            .at(names(paths)),
        };
        return Err(failure
            .hint([
                "give files, folders or globs of logs: CSV, JSON lines or Parquet",
                "donnez des fichiers, des dossiers ou des motifs de journaux\u{a0}: CSV, lignes JSON ou Parquet",
            ])
            .into());
    }
    Ok((files, missing))
}

/// Paths beside one that is not there, with nearly its name.
fn near_files(path: &Path) -> Vec<String> {
    let Some(name) = path.file_name() else {
        return Vec::new();
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let Ok(entries) = std::fs::read_dir(folder.unwrap_or(Path::new("."))) else {
        return Vec::new();
    };
    let names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    near(&name.to_string_lossy(), names.iter().map(String::as_str))
        .into_iter()
        .map(|name| path.with_file_name(name).display().to_string())
        .collect()
}

/// What a load that ended early leaves.
const GOES_ON: [&str; 2] = [
    "what was stored stays, and the same command goes on from there",
    "ce qui a été enregistré reste, et la même commande reprend à partir de là",
];

/// What a signal left, in one line.
fn stopped(signal: u8, stored: u64, context: &Context) -> Outcome {
    context.say(&match (context.lang(), stored) {
        (Lang::En, 0) => "stopped: nothing new is stored; the same command begins again".to_owned(),
        (Lang::Fr, 0) => "arrêt\u{a0}: rien de nouveau n’est enregistré\u{a0}; la même commande recommence".to_owned(),
        (Lang::En, stored) => format!(
            "stopped: {} stored, not all of it fused; the same command goes on from there",
            counted(stored, "record is", "records are")
        ),
        (Lang::Fr, stored) => format!(
            "arrêt\u{a0}: {}, pas encore tous fusionnés\u{a0}; la même commande reprend à partir de là",
            Lang::Fr.counted(stored, ["enregistrement stocké", "enregistrements stockés"])
        ),
    });
    Outcome::Stopped(signal)
}

/// Why a load ended before its end, and that nothing is lost.
fn failed(error: &anyhow::Error) -> anyhow::Error {
    let code = code_of(error);
    let reason = Reason::of_chain(error);
    if code == ErrorCode::Internal {
        return Failure::new(code, reason).into();
    }
    let goes_on = |first: &Reason| {
        let [en, fr] = GOES_ON;
        Reason::new(
            format!("{first}; {en}"),
            format!("{}\u{a0}; {fr}", first.text(Lang::Fr)),
        )
    };
    let see = || Reason::from(["see why it did", "voyez pourquoi"]);
    let stopped = |what: [&str; 2]| {
        let (en, fr) = (reason.text(Lang::En), reason.text(Lang::Fr));
        Reason::new(
            format!("the load stopped, {}{en}", what[0]),
            format!("le chargement s’est arrêté, {}{fr}", what[1]),
        )
    };
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return Failure {
            code,
            message: stopped(["", ""]),
            place: failure.place.clone(),
            hint: Some(goes_on(&failure.hint.clone().unwrap_or_else(see))),
        }
        .into();
    }
    let (what, first) = match code {
        ErrorCode::DatabaseUnreachable => (
            ["the database went away: ", "la base n’est plus là\u{a0}: "],
            [
                "`smartetl doctor` looks at the server",
                "`smartetl doctor` examine le serveur",
            ]
            .into(),
        ),
        ErrorCode::Unwritable => (
            ["the disk is full: ", "le disque est plein\u{a0}: "],
            ["make room", "faites de la place"].into(),
        ),
        _ => (
            ["the database refused: ", "la base a refusé\u{a0}: "],
            see(),
        ),
    };
    Failure::new(code, stopped(what))
        .hint(goes_on(&first))
        .into()
}

/// The main job over this command's database, whose tables are brought to this version.
///
/// # Errors
/// When the server is not there, or is of no use.
pub async fn intake(context: &Context, database: &Database) -> anyhow::Result<Intake> {
    let pool = database.pool(Intake::pool_size(&context.settings)).await?;
    smartetl_store::migrate(&pool).await?;
    intake_over(pool, context).await
}

/// The same where the tables are there already.
pub async fn intake_over(pool: PgPool, context: &Context) -> anyhow::Result<Intake> {
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
