//! `smartetl jobs`: jobs with their last run and their habits; `export` and `import` for what people say of them.

use super::filters::Filters;
use super::runs::{records, zone_line};
use super::watching::Watching;
use super::{Context, Outcome, catalogue, unmapped};
use crate::look::watch::Frame;
use crate::look::words::{self, NONE, option_duration, words};
use crate::look::{Cell, Grid, GridColumn};
use crate::night::{Lang, Teller};
use crate::output::{self, Column, ColumnKind, Format, Sheet};
use crate::report::rounded;
use jiff::civil::Time;
use smartetl_core::fuse::FuseConfig;
use smartetl_store::looking::{self, WatchedJob};
use std::collections::BTreeSet;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Write the catalogue as a list for a spreadsheet: families, owners, criticality, deadlines.
    Export(catalogue::Export),
    /// Read such a list: an empty cell leaves a value alone, a single - clears it. Nothing is stored when a line is wrong.
    Import(catalogue::Import),
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    filters: Filters,
    /// Jobs that only other jobs start, and retired ones, too
    #[arg(long, help_heading = "Which")]
    all: bool,
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    watching: Watching,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let list = match args.action {
        Some(Action::Export(args)) => return catalogue::export(args, context).await,
        Some(Action::Import(args)) => return catalogue::import(args, context).await,
        None => args.list,
    };
    let border_minutes = FuseConfig::from(&context.settings).border_minutes;
    let mut first = true;
    list.watching
        .show(context, async |connection, teller| {
            let mut filter = list.filters.resolve(connection).await?;
            filter.all = list.all;
            let name = teller.zone.iana_name().unwrap_or("UTC");
            let jobs = looking::jobs(connection, &filter, name, border_minutes).await?;
            if std::mem::take(&mut first) {
                let places = &list.filters.places;
                places
                    .warn_of_unknown_job(connection, &filter, context)
                    .await?;
                unmapped::warn(connection, context).await?;
            }
            frame(&jobs, list.format, teller, context.colour)
        })
        .await
}

fn frame(
    jobs: &[WatchedJob],
    format: Format,
    teller: &Teller,
    colour: bool,
) -> anyhow::Result<Frame> {
    Ok(match format {
        Format::Json => Frame::of(sheet(jobs).to_json()?),
        Format::Csv => Frame::of(sheet(jobs).to_csv()?),
        Format::Records => Frame::of(records(sheet(jobs), teller, colour)?),
        Format::Table => Frame {
            text: table(
                jobs,
                teller,
                output::terminal_width().map(usize::from),
                colour,
            ),
            content: sheet(jobs).to_csv()?,
        },
    })
}

fn clock(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

/// For programs: stable names, UTC; the first-try rate between 0 and 1.
fn sheet(jobs: &[WatchedJob]) -> Sheet {
    let moment = |name: &str| Column {
        name: name.to_owned(),
        kind: ColumnKind::Moment,
    };
    let mut sheet = Sheet::new(vec![
        Column::text("environment"),
        Column::text("project"),
        Column::text("job"),
        Column::text("system"),
        Column::text("family"),
        Column::text("source_app"),
        Column::text("domain"),
        Column::text("owner"),
        Column::number("criticality"),
        Column::text("deadline"),
        Column::text("last_run_key"),
        moment("last_started_at"),
        Column::text("last_status"),
        Column::text("last_outcome"),
        Column::text("last_category"),
        Column::number("last_duration_ms"),
        Column::number("usual_duration_ms"),
        Column::number("p95_duration_ms"),
        Column::text("usual_start"),
        Column::number("runs_per_day"),
        Column::number("first_try_rate"),
        Column::number("nights"),
        Column::number("runs_since_success"),
        moment("retired_at"),
        Column::text("renamed_from"),
    ]);
    for job in jobs {
        let (name, said, last) = (&job.entry.name, &job.entry.said, job.last.as_ref());
        sheet.push([
            Some(name.environment.clone()),
            name.project.clone(),
            Some(name.job.clone()),
            Some(name.system.clone()),
            Some(said.family.clone()),
            said.source_app.clone(),
            said.domain.clone(),
            said.owner.clone(),
            said.criticality.map(|level| level.to_string()),
            said.deadline.map(clock),
            last.map(|run| run.run_key.to_string()),
            last.map(|run| run.started_at.to_string()),
            last.map(|run| run.status.to_string()),
            last.map(|run| run.outcome.to_string()),
            last.and_then(|run| run.cause.as_ref())
                .map(|cause| cause.category.to_string()),
            last.and_then(|run| run.duration_ms)
                .map(|duration| duration.to_string()),
            job.usual.map(|usual| usual.median_ms.to_string()),
            job.usual.map(|usual| usual.p95_ms.to_string()),
            job.usual_start.map(clock),
            job.runs_per_day.map(|runs| runs.to_string()),
            job.rate
                .map(|rate| format!("{:.4}", rate.ok as f64 / rate.nights as f64)),
            job.rate.map(|rate| rate.nights.to_string()),
            Some(job.runs_since_success.to_string()),
            said.retired_at.map(|at| at.to_string()),
            job.entry.renamed_from.clone(),
        ]);
    }
    sheet
}

/// For people: environment by environment.
fn table(jobs: &[WatchedJob], teller: &Teller, width: Option<usize>, colour: bool) -> String {
    let (lang, words) = (teller.lang, words(teller.lang));
    if jobs.is_empty() {
        return format!("{}\n", words.no_jobs);
    }
    let environments: BTreeSet<&str> = jobs
        .iter()
        .map(|job| job.entry.name.environment.as_str())
        .collect();
    let has = |pick: fn(&WatchedJob) -> bool| jobs.iter().any(pick);
    let deadlines = has(|job| job.entry.said.deadline.is_some());
    let owners = has(|job| job.entry.said.owner.is_some());
    let mut columns = vec![
        GridColumn::new(words.job).cut_to(24),
        GridColumn::new(words.last_run).dispensable(4),
        GridColumn::new(words.result).cut_to(10),
        GridColumn::new(words.since_success).right().dispensable(6),
        GridColumn::new(words.first_try).right().dispensable(1),
        GridColumn::new(words.usual).right().dispensable(2),
        GridColumn::new("p95").right().dispensable(7),
        GridColumn::new(words.start).dispensable(3),
    ];
    if deadlines {
        columns.push(GridColumn::new(words.deadline).dispensable(5));
    }
    if owners {
        columns.push(GridColumn::new(words.owner).cut_to(12).dispensable(8));
    }
    columns.push(GridColumn::new(words.family).cut_to(16).dispensable(9));
    let mut grid = Grid::new(columns);
    let mut environment = "";
    for job in jobs {
        let (name, said) = (&job.entry.name, &job.entry.said);
        if environments.len() > 1 && environment != name.environment {
            environment = &name.environment;
            grid.title(Cell::shaded(environment, "1"));
        }
        let last = job.last.as_ref();
        let result = last.map_or_else(Cell::default, |run| {
            Cell::shaded(words::outcome(run.outcome, lang), words::shade(run.outcome))
        });
        let since = match job.runs_since_success {
            0 => Cell::of("0"),
            runs => Cell::shaded(teller.number(runs), "31"),
        };
        let start = match (job.usual_start, job.runs_per_day) {
            (Some(start), _) => clock(start),
            (None, Some(runs)) => format!("{runs} {}", words.a_day),
            (None, None) => NONE.to_owned(),
        };
        let mut cells = vec![
            Cell::of(&name.job),
            Cell::of(last.map_or_else(|| NONE.to_owned(), |run| teller.moment(run.started_at))),
            result,
            since,
            Cell::of(
                job.rate
                    .map_or_else(|| NONE.to_owned(), |rate| percent(rate, lang)),
            ),
            Cell::of(option_duration(
                job.usual.map(|usual| usual.median_ms),
                lang,
            )),
            Cell::of(option_duration(job.usual.map(|usual| usual.p95_ms), lang)),
            Cell::of(start),
        ];
        if deadlines {
            cells.push(Cell::of(
                said.deadline.map_or_else(|| NONE.to_owned(), clock),
            ));
        }
        if owners {
            cells.push(Cell::of(said.owner.as_deref().unwrap_or(NONE)));
        }
        cells.push(Cell::of(&said.family));
        grid.row(cells);
    }
    grid.text(width, colour) + &grid.hidden(width, lang, colour) + &zone_line(teller)
}

/// `97 %` of the nights; French sets it off. All is `100 %`, and only all.
fn percent(rate: looking::Rate, lang: Lang) -> String {
    let percent = rounded(rate.ok, rate.nights, 100);
    let sign = lang.pick("%", "\u{202f}%");
    format!("{percent}{sign}")
}
