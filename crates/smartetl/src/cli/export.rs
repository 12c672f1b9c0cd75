//! `smartetl export TABLE -o FILE`: tables as Parquet, CSV or Excel.

use super::{Context, Database, Outcome, filters};
use crate::errors::{ErrorCode, Failure};
use crate::export::{Column, Export, INTERNAL_TO_DATASET, Kind};
use crate::filtering::{self, When};
use crate::night::Lang;
use crate::output::{self, counted};
use crate::report::Clock;
use jiff::civil::Date;
use smartetl_core::model::{self, RowStatus, Verdict};
use smartetl_store::export::{self, Condition};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The table
    #[arg(value_enum)]
    table: Table,
    /// The file; its end says how it is written: .parquet, .csv, .csv.gz, .csv.zst, .xlsx; - for CSV on stdout
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
    /// Only these columns, in this order, with commas between them
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Vec<String>,
    #[command(flatten)]
    rows: Rows,
}

/// Which rows.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Rows")]
struct Rows {
    /// Of these environments, like PROD
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    environment: Vec<String>,
    /// Of this job; * stands for anything
    #[arg(long, value_name = "NAME")]
    job: Option<String>,
    /// With one of these statuses or outcomes, or verdicts of `job_day`
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    status: Vec<String>,
    /// Of this business day, like 2026-11-23
    #[arg(long, value_name = "DAY", value_parser = filtering::day)]
    day: Option<Date>,
    /// From this business day or moment on, like 2026-11-01 or 2026-11-01T00:00:00Z
    #[arg(long, value_name = "DAY|TIME", value_parser = filtering::when)]
    since: Option<When>,
    /// Until this business day, with it, or before this moment
    #[arg(long, value_name = "DAY|TIME", value_parser = filtering::when)]
    until: Option<When>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum Table {
    Dataset,
    Log,
    Logerreur,
    JobDay,
    Reject,
    Job,
}

impl Table {
    const fn name(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::Log => "log",
            Self::Logerreur => "logerreur",
            Self::JobDay => "job_day",
            Self::Reject => "reject",
            Self::Job => "job",
        }
    }

    /// The order of rows, where there are not too many to be put in order.
    const fn order(self) -> &'static str {
        match self {
            Self::Dataset => "business_day, environment, started_at, run_key",
            Self::JobDay => "business_day, environment, project, job",
            Self::Job => "environment, system, project, job",
            Self::Log | Self::Logerreur | Self::Reject => "",
        }
    }

    /// Columns with which smartETL finds its way, given only when asked for.
    const fn internal(self) -> &'static [&'static str] {
        match self {
            Self::Dataset => INTERNAL_TO_DATASET,
            _ => &[],
        }
    }

    /// The columns that a condition on the status looks at, and the words that it may name.
    fn status(self) -> (&'static [&'static str], Vec<&'static str>) {
        match self {
            Self::JobDay => (&["verdict"], words(Verdict::ALL, Verdict::as_str)),
            Self::Dataset => (
                &["status", "outcome"],
                words(model::Outcome::ALL, model::Outcome::as_str),
            ),
            _ => (&["status"], words(RowStatus::ALL, RowStatus::as_str)),
        }
    }

    /// Whether its environments are those that the fold found, and not words of the tools.
    const fn has_own_environments(self) -> bool {
        matches!(self, Self::Dataset | Self::JobDay | Self::Job)
    }

    /// Whether its rows have a business day.
    const fn has_days(self) -> bool {
        matches!(self, Self::Dataset | Self::JobDay)
    }

    /// The column that conditions on time look at.
    const fn moment(self) -> &'static str {
        match self {
            Self::Dataset => "started_at",
            Self::Job => "last_seen",
            _ => "moment",
        }
    }
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let settings = context.settings_of(&mut connection).await?;
    let zone = jiff::tz::TimeZone::get(&settings.timezone)?;
    let clock = Clock {
        zone: zone.clone(),
        border: settings.business_day.border,
    };
    let known = columns(&export::columns(&mut connection, args.table.name()).await?);
    let mut rows = args.rows;
    if args.table.has_own_environments() {
        let places = filters::Places {
            environment: rows.environment,
            ..filters::Places::default()
        };
        rows.environment = places.resolve(&mut connection).await?.environments;
    }
    let conditions = rows.conditions(args.table, &known, &clock)?;
    let chosen = chosen(&args.columns, args.table, known)?;
    let names: Vec<String> = chosen.iter().map(|column| column.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut file = Export::begin(&args.output, args.force, chosen, &zone)?;
    let order = args.table.order();
    export::rows(
        &mut connection,
        args.table.name(),
        &names,
        &conditions,
        order,
        |tuple| file.take(tuple),
    )
    .await?;
    told(file.finish()?, &args.output, context.lang())
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|member| word(*member)).collect()
}

/// Says how many rows a file has, where it is no stream.
fn told(rows: u64, path: &Path, lang: Lang) -> anyhow::Result<Outcome> {
    if path != Path::new("-") {
        let text = match lang {
            Lang::En => format!("{} in {}\n", counted(rows, "row", "rows"), path.display()),
            Lang::Fr => {
                let rows = lang.counted(rows, ["ligne", "lignes"]);
                format!("{rows} dans {}\n", path.display())
            }
        };
        output::print(&text)?;
    }
    Ok(Outcome::Done)
}

/// The columns of a table that can be written.
pub fn columns(of_table: &[(String, String)]) -> Vec<Column> {
    of_table
        .iter()
        .filter_map(|(name, type_name)| {
            Some(Column {
                name: name.clone(),
                kind: Kind::parse(type_name)?,
                hidden: false,
            })
        })
        .collect()
}

/// The columns that are asked for; all but internal ones where none is.
fn chosen(wanted: &[String], table: Table, known: Vec<Column>) -> anyhow::Result<Vec<Column>> {
    if wanted.is_empty() {
        let internal = table.internal();
        let all = known.into_iter();
        return Ok(all
            .filter(|column| !internal.contains(&column.name.as_str()))
            .collect());
    }
    wanted
        .iter()
        .map(|name| {
            let found = known.iter().find(|column| column.name == *name);
            found
                .cloned()
                .ok_or_else(|| no_column(name, table, &known).into())
        })
        .collect()
}

fn no_column(name: &str, table: Table, known: &[Column]) -> Failure {
    let names: Vec<&str> = known.iter().map(|column| column.name.as_str()).collect();
    Failure::new(
        ErrorCode::Usage,
        [
            format!("{} has no column `{name}`", table.name()),
            format!("{} n’a pas de colonne `{name}`", table.name()),
        ],
    )
    .hint([
        format!("it has {}", names.join(", ")),
        format!("elle a {}", names.join(", ")),
    ])
}

impl Rows {
    /// # Errors
    /// When the table has no column that a condition needs.
    fn conditions<'r>(
        &'r self,
        table: Table,
        known: &[Column],
        clock: &Clock,
    ) -> anyhow::Result<Vec<Condition<'r>>> {
        let mut conditions = Vec::new();
        let ((status, statuses), moment) = (table.status(), table.moment());
        if !self.environment.is_empty() {
            conditions.push((
                "environment",
                Condition::OneOf(&["environment"], &self.environment),
            ));
        }
        if let Some(job) = &self.job {
            conditions.push(("job", Condition::Like("job", job)));
        }
        if let Some(word) = self
            .status
            .iter()
            .find(|word| !statuses.contains(&word.as_str()))
        {
            let (column, table) = (status[0], table.name());
            let what = [
                format!("`{word}` is no {column} of {table}"),
                format!("`{word}` n’est pas un {column} de {table}"),
            ];
            let statuses = statuses.join(", ");
            let hint = [
                format!("there are {statuses}"),
                format!("il y a {statuses}"),
            ];
            return Err(Failure::new(ErrorCode::Usage, what).hint(hint).into());
        }
        if !self.status.is_empty() {
            conditions.push((status[0], Condition::OneOf(status, &self.status)));
        }
        if let Some(day) = self.day {
            conditions.push(("business_day", Condition::Day("business_day", day)));
        }
        conditions.extend(self.since.map(|since| match since {
            When::Day(day) if table.has_days() => {
                ("business_day", Condition::FromDay("business_day", day))
            }
            When::Day(day) => (moment, Condition::Since(moment, clock.bounds(day).0)),
            When::Moment(at) => (moment, Condition::Since(moment, at)),
        }));
        conditions.extend(self.until.map(|until| match until {
            When::Day(day) if table.has_days() => {
                ("business_day", Condition::ToDay("business_day", day))
            }
            When::Day(day) => (moment, Condition::Until(moment, clock.bounds(day).1)),
            When::Moment(at) => (moment, Condition::Until(moment, at)),
        }));
        conditions
            .into_iter()
            .map(|(column, condition)| {
                if known.iter().any(|known| known.name == column) {
                    Ok(condition)
                } else {
                    Err(no_column(column, table, known)
                        .hint([
                            "leave this condition out, or export another table",
                            "enlevez cette condition, ou exportez une autre table",
                        ])
                        .into())
                }
            })
            .collect()
    }
}
