//! Jobs with their last run and their habits.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::civil::Time;
use sqlx::PgConnection;

use super::habits::{Habit, habits, since_success};
use super::run::{RUN_COLUMNS, Run};
use super::{Filter, Usual, usual};
use crate::StoreError;
use crate::catalogue::{Entry, entries};

/// The nights that the first-try rate is about.
const NIGHTS: i32 = 30;
/// Fewer say nothing: a job that others start was perhaps run again by hand.
const FEWEST_NIGHTS: i64 = 3;

/// A job of the catalogue and what became of it.
#[derive(Clone, Debug)]
pub struct WatchedJob {
    pub entry: Entry,
    /// The last run on the days that were asked for.
    pub last: Option<Run>,
    pub usual: Option<Usual>,
    /// When runs usually start, by the local clock; not for jobs that run several times a day.
    pub usual_start: Option<Time>,
    /// How often it usually runs on a day on which it runs.
    pub runs_per_day: Option<i64>,
    /// Runs since the last success, as the view `run_history` counts them: of the root runs, where it has any.
    pub runs_since_success: i64,
    /// Of the last 30 nights; `None` for what has fewer than 3 of its own.
    pub rate: Option<Rate>,
}

/// Nights that came out well at the first try, and nights that came out at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub ok: i64,
    pub nights: i64,
}

/// The jobs that a filter asks for, by environment, PROD first, and name: those with root runs only, unless all are asked for. With days,
/// those that ran on them. Status and category are those of the last run, also of one that another job started.
///
/// `zone` and `border_minutes` are those of the business day.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn jobs(
    connection: &mut PgConnection,
    filter: &Filter,
    zone: &str,
    border_minutes: i32,
) -> Result<Vec<WatchedJob>, StoreError> {
    let mut known = entries(connection, &filter.environments, filter.job.as_deref()).await?;
    known.retain(|entry| filter.is_of(&entry.name));
    let mut numbers: Vec<i64> = known.iter().map(|entry| entry.name.number()).collect();
    let roots = if filter.all {
        with_roots(connection, &numbers, &Filter::default()).await?
    } else {
        let roots = with_roots(connection, &numbers, filter).await?;
        numbers.retain(|number| roots.contains(number));
        roots
    };
    let mut last = last_runs(connection, &numbers, filter).await?;
    let mut wanted: Vec<(i64, Entry)> = Vec::new();
    for entry in known {
        let number = entry.name.number();
        let is_wanted = last.get(&number).is_some_and(|run| {
            (filter.statuses.is_empty()
                || filter
                    .statuses
                    .iter()
                    .any(|status| *status == run.outcome || status.as_str() == run.status.as_str()))
                && (filter.categories.is_empty()
                    || run
                        .cause
                        .as_ref()
                        .is_some_and(|cause| filter.categories.contains(&cause.category)))
        });
        if is_wanted && (filter.all || entry.said.retired_at.is_none()) {
            wanted.push((number, entry));
        }
    }
    wanted.sort_by_cached_key(|(_, entry)| entry.name.place());
    let numbers: Vec<i64> = wanted.iter().map(|(number, _)| *number).collect();
    let usual = usual(connection, &numbers).await?;
    let habits = habits(connection, &numbers, zone, border_minutes).await?;
    let since = since_success(connection, &numbers, &roots).await?;
    let rates = rates(connection, &wanted, filter.until()).await?;
    Ok(wanted
        .into_iter()
        .map(|(number, entry)| {
            let habit = habits.get(&number);
            let name = &entry.name;
            let key = (
                name.environment.clone(),
                name.project.clone(),
                name.job.clone(),
            );
            WatchedJob {
                last: last.remove(&number),
                usual: usual.get(&number).copied(),
                usual_start: habit.and_then(|habit| habit.usual_start(border_minutes)),
                runs_per_day: habit.and_then(Habit::runs_per_day),
                runs_since_success: since.get(&number).copied().unwrap_or_default(),
                rate: rates.get(&key).copied(),
                entry,
            }
        })
        .collect())
}

/// Those of these jobs that have a root run on the days that are asked for.
async fn with_roots(
    connection: &mut PgConnection,
    numbers: &[i64],
    filter: &Filter,
) -> Result<HashSet<i64>, StoreError> {
    let sql = format!(
        "SELECT number FROM unnest($1::bigint[]) AS wanted (number) WHERE EXISTS ( \
         SELECT FROM dataset WHERE job_number = wanted.number AND is_root AND {ON_DAYS})"
    );
    let found: Vec<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(numbers)
        .bind(filter.since())
        .bind(filter.until())
        .bind(filter.begin_us())
        .bind(filter.end_us())
        .fetch_all(connection)
        .await?;
    Ok(found.into_iter().collect())
}

/// The last run of each job on the days that are asked for, along the index of its runs.
async fn last_runs(
    connection: &mut PgConnection,
    numbers: &[i64],
    filter: &Filter,
) -> Result<HashMap<i64, Run>, StoreError> {
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM unnest($1::bigint[]) AS wanted (number) CROSS JOIN LATERAL ( \
         SELECT * FROM dataset WHERE job_number = wanted.number AND {ON_DAYS} \
         ORDER BY started_at DESC, run_key DESC LIMIT 1) AS run"
    );
    let runs: Vec<Run> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(numbers)
        .bind(filter.since())
        .bind(filter.until())
        .bind(filter.begin_us())
        .bind(filter.end_us())
        .fetch_all(connection)
        .await?;
    Ok(runs.into_iter().map(|run| (run.job_number, run)).collect())
}

const ON_DAYS: &str = "($2::integer IS NULL OR business_day >= date '1970-01-01' + $2) \
     AND ($3::integer IS NULL OR business_day <= date '1970-01-01' + $3) \
     AND ($4::bigint IS NULL OR started_at >= to_timestamp($4::numeric / 1000000)) \
     AND ($5::bigint IS NULL OR started_at < to_timestamp($5::numeric / 1000000))";

/// Environment, project, job.
type DayJob = (String, Option<String>, String);

async fn rates(
    connection: &mut PgConnection,
    jobs: &[(i64, Entry)],
    until: Option<i32>,
) -> Result<HashMap<DayJob, Rate>, StoreError> {
    let environments: BTreeSet<&str> = jobs
        .iter()
        .map(|(_, entry)| entry.name.environment.as_str())
        .collect();
    let environments: Vec<&str> = environments.into_iter().collect();
    let rows: Vec<(String, Option<String>, String, i64, i64)> = sqlx::query_as(RATES)
        .bind(environments)
        .bind(until)
        .bind(NIGHTS)
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .filter(|(.., nights)| *nights >= FEWEST_NIGHTS)
        .map(|(environment, project, job, ok, nights)| {
            ((environment, project, job), Rate { ok, nights })
        })
        .collect())
}

pub(crate) const RATES: &str = "SELECT day.environment, day.project, day.job, count(*) FILTER (WHERE day.verdict = 'ok' AND day.ready_at IS NOT NULL), \
     count(*) FILTER (WHERE day.verdict IN ('recovered', 'failed', 'lost', 'missing') OR day.verdict = 'ok' AND day.ready_at IS NOT NULL) \
     FROM unnest($1::text[]) AS named (environment) \
     CROSS JOIN LATERAL (SELECT max(business_day) AS business_day FROM job_day WHERE job_day.environment = named.environment \
     AND ($2::integer IS NULL OR job_day.business_day <= date '1970-01-01' + $2)) AS newest \
     JOIN job_day AS day ON day.environment = named.environment AND day.business_day > newest.business_day - $3::integer \
     AND day.business_day <= newest.business_day GROUP BY day.environment, day.project, day.job";
