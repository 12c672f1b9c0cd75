//! `smartetl jobs export` and `smartetl jobs import`: the catalogue as a list in a spreadsheet.

use super::filters::Places;
use super::{Context, Database, Outcome};
use crate::catalogue::{self, Column, Plan};
use crate::export::write_text;
use crate::night::Lang;
use crate::output::{self, ReportFormat, counted};
use jiff::tz::TimeZone;
use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_store::catalogue::{Entry, entries};
use smartetl_store::fusion;
use smartetl_store::looking::NamedJob;
use sqlx::Connection;
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
            let lang = context.lang();
            catalogue::csv(&known, &zone, lang)
        }
        ListFormat::Json => json(&known, &zone)?,
    };
    write_text(&args.output, args.force, &text)?;
    if args.output != Path::new("-") {
        let lang = context.lang();
        let jobs = counted(known.len() as u64, "job", "jobs");
        let within = lang.pick("in", "dans");
        output::print(&format!("{jobs} {within} {}\n", args.output.display()))?;
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
    /// Jobs whose new deadline has no effect, because only other jobs start them.
    deadlines_without_effect: Vec<NamedJob>,
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
        deadlines_without_effect: Vec::new(),
        plan,
    };
    report.deadlines_without_effect =
        catalogue::without_effect(&mut transaction, &report.plan, &known).await?;
    if report.stored {
        let rules = Rules::from(&settings);
        report.days_changed =
            catalogue::store(&mut transaction, &report.plan, &known, &config, rules).await?;
        transaction.commit().await?;
    } else {
        transaction.rollback().await?;
    }
    match args.format {
        ReportFormat::Json => output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?,
        ReportFormat::Table => {
            let text = report.text(&args, context.lang());
            output::print(&output::folded(&text, output::terminal_width()))?;
        }
    }
    Ok(if report.plan.findings.is_empty() {
        Outcome::Done
    } else {
        Outcome::Findings
    })
}

/// So many lines that are wrong are told one by one.
const FINDINGS_TOLD: usize = 20;

impl Report {
    fn text(&self, args: &Import, lang: Lang) -> String {
        let mut text = String::new();
        let (plan, colon) = (&self.plan, lang.colon());
        for finding in plan.findings.iter().take(FINDINGS_TOLD) {
            let column = finding
                .column
                .map_or_else(String::new, |column| format!(", {}", heading(column, lang)));
            let (file, line) = (args.file.display(), finding.line);
            let _ = writeln!(
                text,
                "{file}:{line}{column}{colon} {}",
                finding.what.text(lang)
            );
        }
        if let Some(more @ 1..) = plan.findings.len().checked_sub(FINDINGS_TOLD) {
            let all = lang.pick("all of them:", "tous\u{a0}:");
            let _ = writeln!(
                text,
                "+ {more} {} ({all} --format json)",
                lang.pick("more", "de plus")
            );
        }
        if !self.unknown_columns.is_empty() {
            let names = self.unknown_columns.join(", ");
            let what = lang.pick("columns that are not read", "colonnes non lues");
            let _ = writeln!(text, "{what}{colon} {names}");
        }
        for changed in &plan.changed {
            let place = job_in(
                changed.project.as_deref(),
                &changed.job,
                &changed.environment,
                lang,
            );
            let changes: Vec<String> = changed
                .changes
                .iter()
                .map(|change| {
                    let told = |value: &str| match value {
                        "" => lang.pick("(nothing)", "(rien)").to_owned(),
                        value => value.to_owned(),
                    };
                    let (from, to) = (told(&change.from), told(&change.to));
                    format!("{} {from} → {to}", heading(change.column, lang))
                })
                .collect();
            let _ = writeln!(text, "  {place}{colon} {}", changes.join(", "));
        }
        for job in &self.deadlines_without_effect {
            let place = job_in(job.project.as_deref(), &job.job, &job.environment, lang);
            let _ = match lang {
                Lang::En => writeln!(
                    text,
                    "note: {place} has only run in other jobs: its deadline has no effect; set that of the job that starts it"
                ),
                Lang::Fr => writeln!(
                    text,
                    "note\u{a0}: {place} n’a tourné que dans d’autres jobs\u{a0}: son échéance est sans effet\u{a0}; fixez celle du job \
                     qui le lance"
                ),
            };
        }
        let jobs = counted(plan.jobs, "job", "jobs");
        let nothing_stored = args.dry_run || (!plan.findings.is_empty() && !args.partial);
        let changed = plan.changed.len();
        let _ = match (lang, nothing_stored) {
            (Lang::En, true) => writeln!(text, "{jobs}, {changed} would change"),
            (Lang::En, false) => writeln!(text, "{jobs}, {changed} changed"),
            (Lang::Fr, true) => writeln!(text, "{jobs}, {changed} à modifier"),
            (Lang::Fr, false) => {
                let changed = lang.counted(changed as u64, ["modifié", "modifiés"]);
                writeln!(text, "{jobs}, {changed}")
            }
        };
        if self.days_changed > 0 {
            let _ = match lang {
                Lang::En => writeln!(
                    text,
                    "{} of these jobs have another deadline or lateness",
                    counted(self.days_changed, "day", "days")
                ),
                Lang::Fr => writeln!(
                    text,
                    "une autre échéance ou un autre retard pour {} de ces jobs",
                    lang.counted(self.days_changed, ["journée", "journées"])
                ),
            };
        }
        if !plan.findings.is_empty() && !args.dry_run && !args.partial {
            let lines = plan.findings.len() as u64;
            let _ = match lang {
                Lang::En => writeln!(
                    text,
                    "nothing is stored because of {}: correct them, or store the other lines with --partial",
                    counted(lines, "finding", "findings")
                ),
                Lang::Fr => writeln!(
                    text,
                    "rien n’est enregistré à cause de {}\u{a0}: corrigez, ou enregistrez les autres lignes avec --partial",
                    lang.counted(lines, ["erreur", "erreurs"])
                ),
            };
        }
        text
    }
}

/// What a column is called in a list in this language.
fn heading(column: &'static str, lang: Lang) -> &'static str {
    Column::parse(column).map_or(column, |known| known.heading(lang))
}

/// `STOCKS/J_Load in PROD`
fn job_in(project: Option<&str>, job: &str, environment: &str, lang: Lang) -> String {
    let project = project.map_or_else(String::new, |project| format!("{project}/"));
    format!("{project}{job} {} {environment}", lang.pick("in", "dans"))
}
