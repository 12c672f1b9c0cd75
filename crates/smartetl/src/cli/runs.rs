//! `smartetl runs`: runs, newest first; `smartetl runs show RUN`: one run with its tree, beside the last good one.

use super::filters::Filters;
use super::watching::Watching;
use super::{Context, Outcome, show, unmapped};
use crate::look::watch::Frame;
use crate::look::words::{self, duration, option_duration, words};
use crate::look::{Cell, Grid, GridColumn, Key, shortened};
use crate::night::{Lang, Teller, category};
use crate::output::{self, Column, ColumnKind, Format, Sheet};
use jiff::civil::Date;
use smartetl_core::model::{Blame, Moment};
use smartetl_store::looking::{self, Run, Usual};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

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
    /// One run: its tree with durations as bars, steps, errors in place, beside the last good run of the same job.
    Show(show::Args),
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    filters: Filters,
    /// Root runs only: so it is where --all is left out
    #[arg(long, conflicts_with = "all", help_heading = "Which")]
    root: bool,
    /// Child runs too
    #[arg(long, help_heading = "Which")]
    all: bool,
    /// So many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: u32,
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    watching: Watching,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let list = match args.action {
        Some(Action::Show(args)) => return show::run(args, context).await,
        None => args.list,
    };
    let mut first = true;
    list.watching
        .show(context, async |connection, teller| {
            let mut filter = list.filters.resolve(connection).await?;
            filter.all = list.all;
            let found = Runs::read(connection, &filter, list.limit).await?;
            if std::mem::take(&mut first) {
                let places = &list.filters.places;
                places
                    .warn_of_unknown_job(connection, &filter, context)
                    .await?;
                unmapped::warn(connection, context).await?;
            }
            found.frame(list.format, teller, context.colour)
        })
        .await
}

/// Runs with what is said beside them.
struct Runs {
    runs: Vec<Run>,
    usual: HashMap<i64, Usual>,
    keys: HashMap<Uuid, Key>,
    is_cut: bool,
}

impl Runs {
    async fn read(
        connection: &mut PgConnection,
        filter: &looking::Filter,
        limit: u32,
    ) -> anyhow::Result<Self> {
        let mut runs = looking::runs(connection, filter, None, i64::from(limit) + 1).await?;
        let is_cut = runs.len() > limit as usize;
        runs.truncate(limit as usize);
        let jobs: Vec<i64> = runs.iter().map(|run| run.job_number).collect();
        let keys: Vec<Uuid> = runs
            .iter()
            .flat_map(|run| [Some(run.run_key), run.rerun_of])
            .flatten()
            .collect();
        Ok(Self {
            usual: looking::usual(connection, &jobs).await?,
            keys: shortened(&looking::neighbours(connection, &keys).await?),
            runs,
            is_cut,
        })
    }

    fn frame(&self, format: Format, teller: &Teller, colour: bool) -> anyhow::Result<Frame> {
        Ok(match format {
            Format::Json => Frame::of(self.sheet().to_json()?),
            Format::Csv => Frame::of(self.sheet().to_csv()?),
            Format::Records => Frame::of(records(self.sheet(), teller, colour)?),
            Format::Table => {
                let width = output::terminal_width().map(usize::from);
                let text = self.table(teller, width, colour);
                Frame {
                    text,
                    content: self.sheet().to_csv()?,
                }
            }
        })
    }

    fn key(&self, run: Uuid) -> &str {
        self.keys.get(&run).map_or("", String::as_str)
    }

    /// For programs: stable names, UTC.
    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(columns());
        for run in &self.runs {
            let usual = self.usual.get(&run.job_number);
            let cause = run.cause.as_ref();
            sheet.rows.push(vec![
                Some(self.key(run.run_key).to_owned()),
                Some(run.run_key.to_string()),
                Some(run.environment.clone()),
                run.project.clone(),
                Some(run.job.clone()),
                Some(run.run_id.clone()),
                Some(run.root_job.clone()),
                Some(run.depth.to_string()),
                Some(run.attempt.to_string()),
                Some(run.started_at.to_string()),
                run.ended_at.map(|at| at.to_string()),
                run.duration_ms.map(|duration| duration.to_string()),
                usual.map(|usual| usual.median_ms.to_string()),
                Some(run.status.to_string()),
                Some(run.outcome.to_string()),
                Some(run.tree_status.to_string()),
                cause.map(|cause| cause.category.to_string()),
                cause
                    .and_then(|cause| cause.blame)
                    .map(|blame: Blame| blame.to_string()),
                cause.and_then(|cause| cause.job.clone()),
                cause.and_then(|cause| cause.step.clone()),
                cause.and_then(|cause| cause.message.clone()),
                Some(run.trigger.to_string()),
                run.rerun_of.map(|key| key.to_string()),
                Some(run.business_day.to_string()),
            ]);
        }
        sheet
    }

    /// For people: night by night.
    fn table(&self, teller: &Teller, width: Option<usize>, colour: bool) -> String {
        let (lang, words) = (teller.lang, words(teller.lang));
        if self.runs.is_empty() {
            return format!("{}\n", words.no_runs);
        }
        let environments: BTreeSet<&str> = self
            .runs
            .iter()
            .map(|run| run.environment.as_str())
            .collect();
        let mut columns = vec![
            GridColumn::new(words.started),
            GridColumn::new(words.job).cut_to(20),
        ];
        if environments.len() > 1 {
            columns.push(GridColumn::new(words.environment).dispensable(1));
        }
        columns.extend([
            GridColumn::new(words.took).right(),
            GridColumn::new(words.usual).right().dispensable(2),
            GridColumn::new(words.result).cut_to(10),
            GridColumn::new(words.run),
        ]);
        let mut grid = Grid::new(columns);
        let mut night: Option<Date> = None;
        for run in &self.runs {
            if night != Some(run.business_day) {
                night = Some(run.business_day);
                grid.title(Cell::shaded(teller.night(run.business_day), "1"));
            }
            let name = match (run.is_root, &run.root_job) {
                (true, _) => run.job.clone(),
                (false, root) => format!("{} ({root})", run.job),
            };
            let mut cells = vec![Cell::of(started(run, teller)), Cell::of(name)];
            if environments.len() > 1 {
                cells.push(Cell::of(run.environment.clone()));
            }
            let usual = self.usual.get(&run.job_number).map(|usual| usual.median_ms);
            cells.extend([
                Cell::of(option_duration(run.duration_ms, lang)),
                Cell::of(option_duration(usual, lang)),
                Cell::shaded(words::outcome(run.outcome, lang), words::shade(run.outcome)),
                Cell::of(self.key(run.run_key)),
            ]);
            grid.row(cells);
            if let Some(told) = self.told(run, lang) {
                grid.below(1, Cell::shaded(told, "2"));
            }
        }
        let mut text = grid.text(width, colour) + &grid.hidden(width, lang, colour);
        if self.is_cut {
            text.push_str(words.more_rows);
            text.push('\n');
        }
        text + &zone_line(teller)
    }

    /// Why it failed, and why it started where that is worth a word.
    fn told(&self, run: &Run, lang: Lang) -> Option<String> {
        let mut parts = Vec::new();
        if let Some(key) = run.rerun_of {
            parts.push(format!("{} {}", words(lang).rerun_of, self.key(key)));
        } else if let Some(trigger) = words::trigger(run.trigger, lang).filter(|_| run.is_root) {
            parts.push(trigger.to_owned());
        }
        if let Some(cause) = &run.cause {
            let place: Vec<&str> = [cause.job.as_deref(), cause.step.as_deref()]
                .into_iter()
                .flatten()
                .filter(|part| *part != run.job)
                .collect();
            let mut told = category(cause.category, lang).to_owned();
            if !place.is_empty() {
                told = format!("{told} {} {}", lang.pick("in", "dans"), place.join(" › "));
            }
            let message = cause.message.as_deref().unwrap_or(lang.words().no_message);
            told = format!("{told}{} {message}", lang.colon());
            parts.push(told);
        }
        (!parts.is_empty()).then(|| parts.join(" · "))
    }
}

fn started(run: &Run, teller: &Teller) -> String {
    teller.in_night(run.started_at, run.business_day)
}

/// `Times are in Europe/Paris.`
pub fn zone_line(teller: &Teller) -> String {
    let zone = teller.zone.iana_name().unwrap_or("UTC");
    let stop = teller.lang.pick(".", "");
    format!("{} {zone}{stop}\n", words(teller.lang).times)
}

/// As records, with the names of columns in the reader's language, and times on the clock of where people are.
pub fn records(mut sheet: Sheet, teller: &Teller, colour: bool) -> anyhow::Result<String> {
    let lang = teller.lang;
    for (index, column) in sheet.columns.iter_mut().enumerate() {
        if lang == Lang::Fr {
            for row in &mut sheet.rows {
                let word = row[index].as_deref();
                if let Some(word) = word.and_then(|word| words::french(&column.name, word)) {
                    row[index] = Some(word.into_owned());
                }
            }
        }
        if column.kind == ColumnKind::Moment {
            for row in &mut sheet.rows {
                row[index] = row[index].take().map(|at| on_the_clock(at, teller));
            }
        }
        column.name = words::heading(&column.name, lang);
    }
    sheet.to_records(output::terminal_width(), colour)
}

/// `2025-11-23T02:10:00Z` as `2025-11-23 03:10:00 +0100`.
fn on_the_clock(at: String, teller: &Teller) -> String {
    let told = at.parse::<jiff::Timestamp>();
    told.map_or(at, |at| teller.exact(Moment(at.as_microsecond())))
}

fn columns() -> Vec<Column> {
    let moment = |name: &str| Column {
        name: name.to_owned(),
        kind: ColumnKind::Moment,
    };
    vec![
        Column::text("run"),
        Column::text("run_key"),
        Column::text("environment"),
        Column::text("project"),
        Column::text("job"),
        Column::text("run_id"),
        Column::text("root_job"),
        Column::number("depth"),
        Column::number("attempt"),
        moment("started_at"),
        moment("ended_at"),
        Column::number("duration_ms"),
        Column::number("usual_duration_ms"),
        Column::text("status"),
        Column::text("outcome"),
        Column::text("tree_status"),
        Column::text("category"),
        Column::text("blame"),
        Column::text("cause_job"),
        Column::text("cause_step"),
        Column::text("error_message"),
        Column::text("trigger"),
        Column::text("rerun_of"),
        Column::text("business_day"),
    ]
}

/// How long ago a run began, and how long it took, in a line: to tell runs apart.
pub fn in_a_line(run: &Run, key: &str, teller: &Teller) -> String {
    let lang = teller.lang;
    let at: Moment = run.started_at;
    let took = run
        .duration_ms
        .map_or_else(String::new, |took| format!(", {}", duration(took, lang)));
    format!(
        "{key}  {} · {} · {}, {}{took}",
        run.job,
        run.environment,
        teller
            .zone
            .to_datetime(at.timestamp())
            .strftime("%Y-%m-%d %H:%M"),
        words::outcome(run.outcome, lang),
    )
}
