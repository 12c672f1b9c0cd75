//! `smartetl jobs export` and `smartetl jobs import`: the catalogue as a list in a spreadsheet.

use super::filters::Places;
use super::{Context, Database, Outcome};
use crate::catalogue::{self, Column, Plan};
use crate::errors::{ErrorCode, Failure};
use crate::export::write_text;
use crate::night::Lang;
use crate::output::{self, ReportFormat, counted};
use jiff::tz::TimeZone;
use smartetl_core::fuse::FuseConfig;
use smartetl_store::catalogue::{Entry, entries, say};
use smartetl_store::deadlines::{self, BusinessDays};
use smartetl_store::fusion;
use smartetl_store::looking::NamedJob;
use sqlx::{Connection, PgConnection};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Export {
    /// The file; stdout where it is left out
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
    /// How to write it
    #[arg(long, value_enum, default_value_t = ListFormat::Csv)]
    format: ListFormat,
    /// Language of the headings, that of the environment (LANG) where it is left out; in French with semicolons, as French
    /// spreadsheets read it
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    #[command(flatten)]
    places: Jobs,
}

/// Which jobs.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Which")]
struct Jobs {
    /// Of these environments, like PROD
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    environment: Vec<String>,
    /// With this name; * stands for anything
    #[arg(long, value_name = "NAME")]
    job: Option<String>,
}

/// How the catalogue is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ListFormat {
    /// For spreadsheets, and for `import`.
    Csv,
    /// An array of objects.
    Json,
}

#[derive(Debug, clap::Args)]
pub struct Import {
    /// The list: CSV with semicolons, commas or tabulators, headings in English or French; - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
    /// Store the lines that are right also when others are wrong
    #[arg(long)]
    partial: bool,
    /// How to write the summary
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    format: ReportFormat,
}

pub async fn export(args: Export, context: &Context) -> anyhow::Result<Outcome> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let zone = TimeZone::get(&context.settings_of(&mut connection).await?.timezone)?;
    let places = Places {
        environment: args.places.environment,
        job: args.places.job,
        day: None,
    };
    let filter = places.resolve(&mut connection).await?;
    let job = filter.job.as_deref();
    let known = entries(&mut connection, &filter.environments, job).await?;
    let text = match args.format {
        ListFormat::Csv => {
            let lang = args.lang.unwrap_or_else(Lang::of_environment);
            catalogue::csv(&known, &zone, lang)
        }
        ListFormat::Json => json(&known, &zone)?,
    };
    write_text(&args.output, args.force, &text)?;
    if args.output != Path::new("-") {
        let jobs = counted(known.len() as u64, "job", "jobs");
        output::print(&format!("{jobs} in {}\n", args.output.display()))?;
    }
    Ok(Outcome::Done)
}

/// Texts as in the list; nothing said is null.
fn json(known: &[Entry], zone: &TimeZone) -> anyhow::Result<String> {
    let list: Vec<serde_json::Map<String, serde_json::Value>> = known
        .iter()
        .map(|entry| {
            let values = Column::ALL.iter().map(|column| {
                let value = column.value(entry, zone);
                let value = (!value.is_empty()).then_some(value);
                (column.name().to_owned(), value.into())
            });
            values.collect()
        })
        .collect();
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

/// What became of a list.
#[derive(Debug, serde::Serialize)]
struct Report {
    #[serde(flatten)]
    plan: Plan,
    unknown_columns: Vec<String>,
    dry_run: bool,
    stored: bool,
    /// Days of jobs whose deadline or lateness changed.
    days_changed: u64,
}

pub async fn import(args: Import, context: &Context) -> anyhow::Result<Outcome> {
    let sheet = catalogue::read(&args.file)?;
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let settings = context.settings_of(&mut connection).await?;
    let config = FuseConfig::from(&settings);
    let mut transaction = connection.begin().await?;
    // No fuse shall write days by the deadlines of before meanwhile.
    fusion::lock(&mut transaction).await?;
    let known = entries(&mut transaction, &[], None).await?;
    let plan = catalogue::plan(&sheet, &known, &config.zone);
    let is_wanted = !args.dry_run && (plan.findings.is_empty() || args.partial);
    let mut report = Report {
        unknown_columns: sheet.unknown,
        dry_run: args.dry_run,
        stored: is_wanted && !plan.changed.is_empty(),
        days_changed: 0,
        plan,
    };
    if report.stored {
        report.days_changed = store(&mut transaction, &report.plan, &known, &config).await?;
        transaction.commit().await?;
    } else {
        transaction.rollback().await?;
    }
    match args.format {
        ReportFormat::Json => output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?,
        ReportFormat::Table => {
            let text = report.text(&args);
            output::print(&output::folded(&text, output::terminal_width()))?;
        }
    }
    Ok(if report.plan.findings.is_empty() {
        Outcome::Done
    } else {
        Outcome::Findings
    })
}

/// Writes what people say, and what follows from it for the days of these jobs; how many days changed.
async fn store(
    connection: &mut PgConnection,
    plan: &Plan,
    known: &[Entry],
    config: &FuseConfig,
) -> anyhow::Result<u64> {
    let changed = plan.changed.iter();
    let said: Vec<_> = changed
        .map(|changed| (&known[changed.place].name, &changed.said))
        .collect();
    say(connection, &said).await?;
    let due: Vec<&NamedJob> = plan
        .changed
        .iter()
        .filter(|changed| known[changed.place].said.deadline != changed.said.deadline)
        .map(|changed| &known[changed.place].name)
        .collect();
    if due.is_empty() {
        return Ok(0);
    }
    let state = fusion::state(connection).await?;
    if state.is_some_and(|state| state.configuration_hash != config.hash()) {
        return Err(Failure::new(
            ErrorCode::ConfigInvalid,
            "days are stored by another configuration (zone, border of the business day, words) than this one, so that nobody \
             can say when they were due",
        )
        .hint("run `smartetl fuse` first, or import with the configuration of the last fuse")
        .into());
    }
    let business_days = BusinessDays {
        zone: config.zone.iana_name().unwrap_or("UTC"),
        border_minutes: config.border_minutes,
    };
    Ok(deadlines::of_jobs(connection, &due, business_days).await?)
}

impl Report {
    fn text(&self, args: &Import) -> String {
        let mut text = String::new();
        let plan = &self.plan;
        for finding in &plan.findings {
            let column = finding
                .column
                .map_or_else(String::new, |column| format!(", {column}"));
            let _ = writeln!(
                text,
                "{}:{}{column}: {}",
                args.file.display(),
                finding.line,
                finding.what
            );
        }
        if !self.unknown_columns.is_empty() {
            let names = self.unknown_columns.join(", ");
            let _ = writeln!(text, "columns that are not read: {names}");
        }
        for changed in &plan.changed {
            let project = changed
                .project
                .as_ref()
                .map_or_else(String::new, |project| format!("{project}/"));
            let changes: Vec<String> = changed
                .changes
                .iter()
                .map(|change| {
                    let told = |value: &str| match value {
                        "" => "(nothing)".to_owned(),
                        value => value.to_owned(),
                    };
                    format!(
                        "{} {} → {}",
                        change.column,
                        told(&change.from),
                        told(&change.to)
                    )
                })
                .collect();
            let _ = writeln!(
                text,
                "  {project}{} in {}: {}",
                changed.job,
                changed.environment,
                changes.join(", ")
            );
        }
        let jobs = counted(plan.jobs, "job", "jobs");
        let nothing_stored = args.dry_run || (!plan.findings.is_empty() && !args.partial);
        let would = if nothing_stored {
            "would change"
        } else {
            "changed"
        };
        let _ = writeln!(text, "{jobs}, {} {would}", plan.changed.len());
        if self.days_changed > 0 {
            let days = counted(self.days_changed, "day", "days");
            let _ = writeln!(
                text,
                "{days} of these jobs have another deadline or lateness"
            );
        }
        if !plan.findings.is_empty() && !args.dry_run && !args.partial {
            let lines = counted(plan.findings.len() as u64, "finding", "findings");
            let _ = writeln!(
                text,
                "nothing is stored because of {lines}: correct them, or store the other lines with --partial"
            );
        }
        text
    }
}
