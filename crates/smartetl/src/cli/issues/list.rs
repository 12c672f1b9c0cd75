//! `smartetl issues list`.

use super::super::filters::Places;
use super::super::near::near;
use super::super::runs::{records, zone_line};
use super::super::watching::Watching;
use super::{Context, Outcome};
use crate::errors::{ErrorCode, Failure};
use crate::filtering;
use crate::issue::Which;
use crate::look::watch::Frame;
use crate::look::words::{NONE, duration, words};
use crate::look::{Cell, Grid, GridColumn};
use crate::night::{self, Teller, initial_upper, issue_shade, issue_state};
use crate::output::{self, Column, ColumnKind, Format, Sheet};
use jiff::civil::Date;
use smartetl_core::model::{Blame, Category, IssueState, Moment};
use smartetl_store::issues::{self, Filter, Listed};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Below so many columns there is room for days, and not for the time of day.
const NARROW: usize = 100;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(
        long,
        value_name = "WORDS",
        value_delimiter = ',',
        value_parser = filtering::issue_state,
        help_heading = "Which",
        help = "In these states: new, ongoing, regressed, resolved; all but resolved ones where it is left out"
    )]
    state: Vec<IssueState>,
    /// Of these environments, like PROD
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        help_heading = "Which"
    )]
    environment: Vec<String>,
    /// Of the job families with this name; * stands for anything
    #[arg(long, value_name = "NAME", help_heading = "Which")]
    family: Option<String>,
    /// Of these categories, like connection,timeout; French words, like connexion, are taken too
    #[arg(long, value_name = "WORDS", value_delimiter = ',', value_parser = filtering::category, help_heading = "Which")]
    category: Vec<Category>,
    /// For these to deal with: data, platform, external, code; French words, like infrastructure, are taken too
    #[arg(long, value_name = "WORDS", value_delimiter = ',', value_parser = filtering::blame, help_heading = "Which")]
    blame: Vec<Blame>,
    /// Assigned to this person; to nobody where the name is empty
    #[arg(long, value_name = "NAME", help_heading = "Which")]
    assignee: Option<String>,
    /// That occurred on this business day, like 2026-11-23; resolved ones too
    #[arg(long, value_name = "DAY", value_parser = filtering::day, help_heading = "Which")]
    day: Option<Date>,
    /// Those that are muted, which are left out otherwise
    #[arg(long, help_heading = "Which")]
    muted: bool,
    /// Resolved and muted ones too
    #[arg(long, conflicts_with = "muted", help_heading = "Which")]
    all: bool,
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    watching: Watching,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    args.watching
        .show(context, async |connection, teller| {
            let found = Found::read(connection, &args, teller).await?;
            if let Some(family) = args.family.as_ref().filter(|_| found.issues.is_empty()) {
                check_family(connection, family).await?;
            }
            found.frame(args.format, teller, context.colour)
        })
        .await
}

/// Refuses a family that no job and no issue has, and says which ones nearly are; before anything is stored there is none.
async fn check_family(connection: &mut PgConnection, name: &str) -> anyhow::Result<()> {
    let known = issues::known_families(connection).await?;
    if known.is_empty() || name.contains('*') || known.iter().any(|known| known == name) {
        return Ok(());
    }
    let near = near(name, known.iter().map(String::as_str)).join(", ");
    let hint = if near.is_empty() {
        [
            "`smartetl jobs` shows families; * stands for anything".to_owned(),
            "`smartetl jobs` montre les familles\u{a0}; * remplace n’importe quoi".to_owned(),
        ]
    } else {
        [
            format!("these are near: {near}; * stands for anything"),
            format!("celles-ci sont proches\u{a0}: {near}\u{a0}; * remplace n’importe quoi"),
        ]
    };
    Err(Failure::new(
        ErrorCode::Usage,
        [
            format!("there is no family `{name}`"),
            format!("il n’y a pas de famille `{name}`"),
        ],
    )
    .at("--family")
    .hint(hint)
    .into())
}

/// Issues with what is said beside them.
struct Found {
    issues: Vec<Listed>,
    short: HashMap<Uuid, String>,
    blocked: HashMap<Uuid, i64>,
    as_of: Moment,
}

impl Found {
    async fn read(
        connection: &mut PgConnection,
        args: &Args,
        teller: &Teller,
    ) -> anyhow::Result<Self> {
        let places = Places {
            environment: args.environment.clone(),
            ..Places::default()
        };
        let which = Which {
            filter: Filter {
                states: args.state.clone(),
                environments: places.resolve(connection).await?.environments,
                family: args.family.clone(),
                categories: args.category.clone(),
                blames: args.blame.clone(),
                assignee: args.assignee.clone(),
                day: args.day,
                text: None,
            },
            muted: args.muted,
            all: args.all,
        };
        let as_of = super::now(teller);
        let issues = which.read(connection, as_of).await?;
        let ids: Vec<Uuid> = issues.iter().map(|issue| issue.row.issue).collect();
        Ok(Self {
            issues,
            short: issues::shortest(connection).await?,
            blocked: issues::blocked(connection, &ids).await?,
            as_of,
        })
    }

    fn frame(&self, format: Format, teller: &Teller, colour: bool) -> anyhow::Result<Frame> {
        let sheet = || {
            let mut sheet = Sheet::new(columns());
            for issue in &self.issues {
                sheet.rows.push(row(
                    issue,
                    self.short(issue),
                    self.blocked(issue),
                    self.as_of,
                ));
            }
            sheet
        };
        Ok(match format {
            Format::Json => Frame::of(sheet().to_json()?),
            Format::Csv => Frame::of(sheet().to_csv()?),
            Format::Records => Frame::of(records(sheet(), teller, colour)?),
            Format::Table => Frame {
                text: self.table(teller, output::terminal_width().map(usize::from), colour),
                content: sheet().to_csv()?,
            },
        })
    }

    fn short(&self, issue: &Listed) -> &str {
        self.short.get(&issue.row.issue).map_or("", String::as_str)
    }

    fn blocked(&self, issue: &Listed) -> i64 {
        self.blocked.get(&issue.row.issue).copied().unwrap_or(0)
    }

    /// For people: what it is called stands below each issue.
    fn table(&self, teller: &Teller, width: Option<usize>, colour: bool) -> String {
        let is_narrow = width.is_some_and(|width| width < NARROW);
        let (lang, words) = (teller.lang, words(teller.lang));
        if self.issues.is_empty() {
            let none = lang.pick("No issue matches.", "Aucun problème ne correspond.");
            return format!("{none}\n");
        }
        let environments: BTreeSet<&str> = self
            .issues
            .iter()
            .map(|issue| issue.row.environment.as_str())
            .collect();
        let blocked = !self.blocked.is_empty();
        let heading = lang.pick("Issue", "Problème");
        let mut columns = vec![
            GridColumn::new(heading),
            GridColumn::new(words.family).cut_to(18),
        ];
        if environments.len() > 1 {
            columns.push(GridColumn::new(lang.pick("Env.", "Env.")));
        }
        columns.extend([
            GridColumn::new(lang.pick("State", "État")),
            GridColumn::new(lang.pick("Open since", "Ouvert le")),
            GridColumn::new(lang.pick("Runs", "Exéc.")).right(),
            GridColumn::new(lang.pick("Last seen", "Vu le")).dispensable(2),
            GridColumn::new(lang.pick("Lost in all", "Perdu en tout"))
                .right()
                .dispensable(3),
        ]);
        if blocked {
            columns.push(
                GridColumn::new(lang.pick("Blocked", "Bloqués"))
                    .right()
                    .dispensable(4),
            );
        }
        let mut grid = Grid::new(columns);
        for issue in &self.issues {
            let row = &issue.row;
            let state = issue_state(row.state, lang);
            let state = if row.is_muted(self.as_of) {
                format!("{state}, {}", lang.pick("muted", "sourdine"))
            } else {
                state.to_owned()
            };
            let mut cells = vec![
                Cell::of(self.short(issue)),
                Cell::shaded(row.family.clone(), "1"),
            ];
            if environments.len() > 1 {
                cells.push(Cell::of(row.environment.clone()));
            }
            cells.extend([
                Cell::shaded(state, issue_shade(row.state)),
                Cell::of(teller.day_of(row.opened_at)),
                Cell::of(teller.number(row.runs_since_opened)),
                Cell::of(if is_narrow {
                    teller.day_of(row.last_seen)
                } else {
                    teller.moment(row.last_seen)
                }),
                Cell::of(lost(row.lost_ms, teller)),
            ]);
            if blocked {
                cells.push(Cell::of(match self.blocked(issue) {
                    0 => NONE.to_owned(),
                    number => teller.number(number),
                }));
            }
            grid.row(cells);
            let indent = self
                .short(issue)
                .chars()
                .count()
                .max(heading.chars().count())
                + 2;
            let room = width.map_or(usize::MAX, |width| width.saturating_sub(indent));
            for line in told(issue, room, teller) {
                grid.below(1, Cell::shaded(line, "2"));
            }
        }
        grid.text(width, colour) + &grid.hidden(width, lang, colour) + &zone_line(teller)
    }
}

/// `Connection (platform team), assigned to bob: ORA-12541: TNS:no listener`; where there is no room for it, what it is called has a line to
/// itself.
fn told(issue: &Listed, room: usize, teller: &Teller) -> Vec<String> {
    let (row, lang) = (&issue.row, teller.lang);
    let category = row.category.map(|category| night::category(category, lang));
    let blame = row.blame.map(|blame| night::blame(blame, lang));
    let what = match (category, blame) {
        (Some(category), Some(blame)) => Some(format!("{category} ({blame})")),
        (one, other) => one.or(other).map(str::to_owned),
    };
    let assignee = row.assignee.as_ref().map(|name| {
        let assigned = lang.pick("assigned to", "suivi par");
        format!("{assigned} {name}")
    });
    let what = match (what, assignee) {
        (Some(what), Some(assignee)) => Some(format!("{what}, {assignee}")),
        (one, other) => one.or(other),
    };
    let parts: Vec<String> = what
        .map(|what| initial_upper(&what))
        .into_iter()
        .chain(issue.title.clone())
        .collect();
    let line = parts.join(&format!("{} ", lang.colon()));
    if line.chars().count() <= room {
        vec![line]
    } else {
        parts
    }
}

/// How long runs took in vain.
pub(super) fn lost(lost_ms: i64, teller: &Teller) -> String {
    match lost_ms {
        0 => NONE.to_owned(),
        lost => duration(lost, teller.lang),
    }
}

/// For programs: stable names, UTC.
pub(super) fn columns() -> Vec<Column> {
    let moment = |name: &str| Column {
        name: name.to_owned(),
        kind: ColumnKind::Moment,
    };
    let of = |name: &str, kind| Column {
        name: name.to_owned(),
        kind,
    };
    vec![
        Column::text("id"),
        Column::text("issue"),
        Column::text("environment"),
        Column::text("family"),
        Column::text("title"),
        Column::text("state"),
        moment("since"),
        moment("opened_at"),
        Column::text("resolved_by"),
        moment("acknowledged_at"),
        Column::text("acknowledged_by"),
        Column::text("muted"),
        moment("muted_until"),
        Column::number("muted_left"),
        Column::text("assignee"),
        Column::text("note"),
        Column::text("runbook"),
        Column::text("category"),
        of("corrected", ColumnKind::Boolean),
        Column::text("blame"),
        of("retryable", ColumnKind::Boolean),
        moment("first_seen"),
        moment("last_seen"),
        Column::text("last_run_key"),
        Column::number("runs"),
        Column::number("runs_since_opened"),
        Column::number("days"),
        Column::number("regressions"),
        Column::number("failed_runs"),
        Column::number("blocked"),
        Column::number("lost_ms"),
        Column::number("successes"),
        of("jobs", ColumnKind::Json),
        Column::text("problem"),
    ]
}

pub(super) fn row(issue: &Listed, short: &str, blocked: i64, as_of: Moment) -> Vec<Option<String>> {
    let row = &issue.row;
    let muted = row.muted.filter(|_| row.is_muted(as_of));
    let at = |at: Moment| Some(at.to_string());
    vec![
        Some(short.to_owned()),
        Some(row.issue.to_string()),
        Some(row.environment.clone()),
        Some(row.family.clone()),
        issue.title.clone(),
        Some(row.state.to_string()),
        at(row.since),
        at(row.opened_at),
        row.resolved_by.map(|by| by.to_string()),
        row.acknowledged_at.and_then(at),
        row.acknowledged_by.clone(),
        muted.map(|kind| kind.to_string()),
        muted.and(row.muted_until).and_then(at),
        muted.and(row.muted_left).map(|left| left.to_string()),
        row.assignee.clone(),
        row.note.clone(),
        row.runbook.clone(),
        row.category.map(|category| category.to_string()),
        Some(issue.corrected.to_string()),
        row.blame.map(|blame| blame.to_string()),
        row.retryable.map(|retryable| retryable.to_string()),
        at(row.first_seen),
        at(row.last_seen),
        Some(row.last_run_key.to_string()),
        Some(row.runs.to_string()),
        Some(row.runs_since_opened.to_string()),
        Some(row.days.to_string()),
        Some(row.regressions.to_string()),
        Some(row.failed_runs.to_string()),
        Some(blocked.to_string()),
        Some(row.lost_ms.to_string()),
        row.successes.map(|successes| successes.to_string()),
        Some(serde_json::json!(row.jobs).to_string()),
        Some(row.problem.to_string()),
    ]
}
