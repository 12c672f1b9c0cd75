//! Good runs of a job before a run, with their trees and steps: what is usual for it.

use smartetl_core::model::DayType;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row};
use uuid::Uuid;

use super::run::{RUN_COLUMNS, Run};
use super::tree::LogLine;
use crate::StoreError;
use crate::copy::days_since_1970;

/// Runs and rows of several trees that are read; the rest is left out.
const MOST_RUNS: i64 = 20_000;
const MOST_STEPS: i64 = 50_000;

/// A good run and what kind of day it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct GoodRun {
    pub run: Run,
    /// Empty where no root job has this day.
    pub day_type: Vec<DayType>,
}

/// The last good runs of the same job before this one, newest first: those that came to a good end with all below them, and of which
/// begin and end, or the steps, are known.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn good_runs(
    connection: &mut PgConnection,
    run: &Run,
    limit: i64,
) -> Result<Vec<GoodRun>, StoreError> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(good_runs_sql()))
        .bind(run.job_number)
        .bind(run.started_at.0)
        .bind(limit)
        .fetch_all(connection)
        .await?)
}

fn good_runs_sql() -> String {
    format!(
        "SELECT {RUN_COLUMNS}, coalesce(day.day_type, '{{}}') AS day_type FROM (SELECT * FROM dataset WHERE job_number = $1 \
         AND started_at < to_timestamp($2::numeric / 1000000) AND status = 'success' AND tree_status = 'success' \
         AND evidence IN ('full', 'steps_only') AND duration_ms IS NOT NULL ORDER BY started_at DESC, run_key LIMIT $3) AS run \
         LEFT JOIN LATERAL (SELECT day_type FROM job_day WHERE environment = run.environment \
         AND business_day = run.business_day LIMIT 1) AS day ON true ORDER BY run.started_at DESC, run.run_key"
    )
}

impl FromRow<'_, PgRow> for GoodRun {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            run: Run::from_row(row)?,
            day_type: day_types(row.try_get("day_type")?),
        })
    }
}

fn day_types(words: Vec<String>) -> Vec<DayType> {
    words
        .iter()
        .filter_map(|word| DayType::parse(word))
        .collect()
}

/// What kind of day the business day of a run is; empty where no root job has it.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn day_type(
    connection: &mut PgConnection,
    run: &Run,
) -> Result<Vec<DayType>, StoreError> {
    let words: Option<Vec<String>> = sqlx::query_scalar(DAY_TYPE)
        .bind(&run.environment)
        .bind(days_since_1970(run.business_day))
        .fetch_optional(connection)
        .await?;
    Ok(day_types(words.unwrap_or_default()))
}

pub(crate) const DAY_TYPE: &str = "SELECT day_type FROM job_day WHERE environment = $1 \
     AND business_day = date '1970-01-01' + $2::int LIMIT 1";

/// All runs of the trees that these runs belong to, by start.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn trees<'r>(
    connection: &mut PgConnection,
    runs: impl Iterator<Item = &'r Run>,
) -> Result<Vec<Run>, StoreError> {
    let (trees, roots): (Vec<i64>, Vec<Uuid>) =
        runs.map(|run| (run.tree, run.root_run_key)).unzip();
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(trees_sql()))
        .bind(trees)
        .bind(roots)
        .bind(MOST_RUNS)
        .fetch_all(connection)
        .await?)
}

fn trees_sql() -> String {
    format!(
        "SELECT {RUN_COLUMNS} FROM dataset AS run WHERE run.tree = ANY ($1) AND run.root_run_key = ANY ($2) \
         ORDER BY run.started_at, run.depth, run.job, run.run_key LIMIT $3"
    )
}

/// The rows of `log` that speak of steps, of all runs of some trees: each with the root that it names.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn steps_of(
    connection: &mut PgConnection,
    runs: &[Run],
) -> Result<Vec<(String, LogLine)>, StoreError> {
    let first = runs.iter().map(|run| run.started_at).min();
    let last = runs
        .iter()
        .map(|run| run.until().max(run.last_event_at))
        .max();
    let (Some(first), Some(last), Some(any)) = (first, last, runs.first()) else {
        return Ok(Vec::new());
    };
    let batches = runs.iter().flat_map(|run| run.batches.iter().copied());
    let mut batches: Vec<i64> = batches.collect();
    batches.sort_unstable();
    batches.dedup();
    let mut roots: Vec<&str> = runs.iter().map(|run| run.root_run_id.as_str()).collect();
    roots.sort_unstable();
    roots.dedup();
    let rows: Vec<StepLine> = sqlx::query_as(STEPS_OF_TREES)
        .bind(batches)
        .bind(&any.system)
        .bind(roots)
        .bind(first.0)
        .bind(last.0)
        .bind(MOST_STEPS)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.root, row.line)).collect())
}

pub(crate) const STEPS_OF_TREES: &str = "SELECT DISTINCT (extract(epoch FROM moment) * 1000000)::bigint AS moment_us, root_run_id, job, \
     context, run_id, step, attempt, map_index, event, status, duration_reported_ms, label, count, rows_in, rows_out, message FROM log \
     WHERE batch = ANY ($1) AND system = $2 AND root_run_id = ANY ($3) AND step IS NOT NULL \
     AND moment BETWEEN to_timestamp($4::numeric / 1000000) AND to_timestamp($5::numeric / 1000000) \
     ORDER BY moment_us, run_id, event, step, label LIMIT $6";

struct StepLine {
    root: String,
    line: LogLine,
}

impl FromRow<'_, PgRow> for StepLine {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            root: row.try_get("root_run_id")?,
            line: LogLine::from_row(row)?,
        })
    }
}
