//! `smartetl map FILE…`: looks at unknown logs and proposes a mapping. `smartetl map --check MAPPING FILE…` says what would come
//! out of one. Neither a database nor the network is used.

mod report;

use super::form::{Form, wrong};
use super::{Context, Outcome, load};
use crate::config::Settings as Configuration;
use crate::errors::{ErrorCode, Failure};
use crate::ingest::{Seen, Trial};
use crate::output;
use crate::reason::Reason;
use report::Report;
use smartetl_formats::Settings;
use smartetl_formats::dialect::generic::MappingSet;
use smartetl_formats::propose::{self, Options, Proposal, Table, Vocabularies};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files, folders or globs of logs that nobody knows yet; several are looked at together
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Where the mapping goes; stdout where it is left out
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace that file if it is there
    #[arg(long, requires = "output")]
    force: bool,
    #[arg(
        long,
        value_name = "MAPPING",
        conflicts_with_all = ["output", "name", "environment"],
        help = "Say what would come out of this mapping instead: rows of each file, the first ones, and what would be rejected"
    )]
    check: Option<PathBuf>,
    /// The name of the mapping, and of the tool that wrote the logs
    #[arg(long)]
    name: Option<String>,
    /// The zone of local times in these logs
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    #[command(flatten)]
    form: Form,
    /// The environment of all rows
    #[arg(long)]
    environment: Option<String>,
}

pub fn run(args: &Args, context: &Context) -> anyhow::Result<Outcome> {
    let lang = context.lang();
    let settings = settings(args, context)?;
    let (files, missing) = load::files(&args.paths)?;
    for error in &missing {
        context.say(Reason::from(error).text(lang));
    }
    let report = Report::new(args, context, lang, &settings);
    match &args.check {
        Some(path) => check(path, &files, &settings, &report),
        None => propose(args, context, &files, &settings, &report),
    }
}

/// What would come out of a mapping.
fn check(
    path: &Path,
    files: &[PathBuf],
    settings: &Settings,
    report: &Report<'_>,
) -> anyhow::Result<Outcome> {
    let name = path.to_string_lossy();
    let mappings = MappingSet::load(&name)
        .map_err(|error| load::usage(&error.into()))?
        .only();
    let files = files
        .iter()
        .map(|file| Trial::of(file, &mappings, settings, None));
    let (previews, seen) = together(files);
    let doubts = report.doubts(&seen);
    let text = report.previews(&previews, &doubts);
    output::print(&output::folded(&text, output::terminal_width()))?;
    Ok(outcome(&previews, &doubts))
}

fn propose(
    args: &Args,
    context: &Context,
    files: &[PathBuf],
    settings: &Settings,
    report: &Report<'_>,
) -> anyhow::Result<Outcome> {
    if let Some(output) = &args.output
        && !args.force
        && output.exists()
    {
        return Err(Failure::new(
            ErrorCode::Usage,
            ["the file is already there", "le fichier existe déjà"],
        )
        .at(output.display().to_string())
        .hint(["--force replaces it", "--force le remplace"])
        .into());
    }
    let tables = read(files, settings, context);
    let options = Options {
        name: args.name.clone(),
        zone: zone(settings),
        is_zone_given: args.timezone.is_some(),
        is_zone_known: args.timezone.is_some()
            || context.is_zone_chosen()
            || !is_utc(&settings.timezone),
        environment: args.environment.clone(),
        vocabularies: vocabularies(&context.settings),
        lang: report.lang(),
    };
    let proposal = propose::propose(tables, &options);
    if proposal.toml.is_empty() {
        return Err(report.nothing(&proposal));
    }
    let toml = report.heading(&proposal) + &proposal.toml;
    match &args.output {
        None => output::print(&toml)?,
        Some(path) => write(path, &toml, args.force)?,
    }
    let (previews, seen) = previews(&proposal, &toml, settings)?;
    let doubts = report.doubts(&seen);
    context.say(&report.proposal(&proposal, &previews, &doubts));
    let is_open = proposal
        .tables
        .iter()
        .flat_map(|table| &table.questions)
        .any(propose::Question::is_grave);
    Ok(match outcome(&previews, &doubts) {
        Outcome::Done if is_open => Outcome::Findings,
        Outcome::Findings if !is_open => Outcome::Done,
        outcome => outcome,
    })
}

/// What the mapping makes of the records that were looked at.
fn previews(
    proposal: &Proposal,
    toml: &str,
    settings: &Settings,
) -> anyhow::Result<(Vec<Trial>, Seen)> {
    let mappings = MappingSet::parse("mapping", toml)?.only();
    let files = proposal.tables.iter().flat_map(|table| &table.files);
    Ok(together(files.map(|file| {
        let path = Path::new(&file.path);
        Trial::of(path, &mappings, settings, Some(file.records as u64))
    })))
}

/// What each file gives, and what all of them say together.
fn together(trials: impl Iterator<Item = Trial>) -> (Vec<Trial>, Seen) {
    let mut seen = Seen::default();
    let trials = trials.map(|mut trial| {
        seen.add(trial.seen.take().unwrap_or_default());
        trial
    });
    (trials.collect(), seen)
}

/// The tables of these files; those with the same columns are one.
fn read(files: &[PathBuf], settings: &Settings, context: &Context) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for path in files {
        let settings = Settings {
            path: path.display().to_string(),
            ..settings.clone()
        };
        let table = File::open(path)
            .map_err(anyhow::Error::from)
            .and_then(|file| Ok(Table::read(&file, &settings)?));
        match table {
            Ok(table) => {
                let rest =
                    tables
                        .iter_mut()
                        .try_fold(table, |table, known| match known.join(table) {
                            Ok(()) => Err(()),
                            Err(table) => Ok(table),
                        });
                tables.extend(rest);
            }
            Err(error) => {
                let reason = Reason::from(&error);
                let (lang, path) = (context.lang(), path.display());
                context.say(&format!("{path}{} {}", lang.colon(), reason.text(lang)));
            }
        }
    }
    tables
}

fn write(path: &Path, toml: &str, force: bool) -> anyhow::Result<()> {
    let mut options = File::options();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    options
        .open(path)
        .and_then(|mut file| file.write_all(toml.as_bytes()))
        .map_err(|error| {
            Failure::new(ErrorCode::Unwritable, error.to_string())
                .at(path.display().to_string())
                .into()
        })
}

fn settings(args: &Args, context: &Context) -> anyhow::Result<Settings> {
    let zone = args
        .timezone
        .as_deref()
        .unwrap_or(&context.settings.timezone);
    let timezone =
        jiff::tz::TimeZone::get(zone).map_err(|_| wrong("--timezone", zone, load::ZONES))?;
    Ok(Settings {
        timezone,
        moment_format: args.form.moments()?,
        overrides: args.form.overrides()?,
        ..Settings::default()
    })
}

/// The zone of a machine that has no other.
pub(in crate::cli) fn is_utc(zone: &jiff::tz::TimeZone) -> bool {
    matches!(zone.iana_name(), None | Some("UTC" | "Etc/UTC"))
}

fn zone(settings: &Settings) -> String {
    settings.timezone.iana_name().unwrap_or("UTC").to_owned()
}

pub(in crate::cli) fn vocabularies(settings: &Configuration) -> Vocabularies {
    Vocabularies {
        environments: settings.environments.values().flatten().cloned().collect(),
        triggers: settings.triggers.values().flatten().cloned().collect(),
    }
}

/// Rejects, doubts and files that cannot be read are findings; where nothing can be read nothing is done.
fn outcome(previews: &[Trial], doubts: &[Reason]) -> Outcome {
    if previews.iter().all(|preview| preview.failed.is_some()) {
        Outcome::Failed
    } else if previews.iter().any(Trial::has_findings) || !doubts.is_empty() {
        Outcome::Findings
    } else {
        Outcome::Done
    }
}
