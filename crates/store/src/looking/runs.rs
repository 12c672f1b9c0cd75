//! Lists of runs, newest first, and what is usual for their jobs.

use std::collections::HashMap;

use jiff::civil::Date;
use smartetl_core::model::Moment;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::run::{RUN_COLUMNS, Run};
use super::{Filter, numbers};
use crate::StoreError;
use crate::copy::days_since_1970;

/// Where a run stands among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub day: Date,
    pub started_at: Moment,
    pub run_key: Uuid,
}

/// The newest runs that a filter asks for, by business day and start; those behind a place, where one is given.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn runs(
    connection: &mut PgConnection,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Run>, StoreError> {
    let numbers = numbers(connection, filter).await?;
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(runs_sql()))
        .bind(filter.environments())
        .bind(numbers)
        .bind(filter.statuses())
        .bind(filter.categories())
        .bind(filter.since())
        .bind(filter.until())
        .bind(filter.all)
        .bind(limit)
        .bind(filter.begin_us())
        .bind(filter.end_us())
        .bind(after.map(|place| days_since_1970(place.day)))
        .bind(after.map(|place| place.started_at.0))
        .bind(after.map(|place| place.run_key))
        .fetch_all(connection)
        .await?)
}

/// The start follows the business day, whose index gives the newest runs without reading the others.
fn runs_sql() -> String {
    format!(
        "SELECT {RUN_COLUMNS} FROM dataset AS run \
         WHERE ($1::text[] IS NULL OR run.environment = ANY ($1)) AND ($2::bigint[] IS NULL OR run.job_number = ANY ($2)) \
         AND ($3::text[] IS NULL OR run.status = ANY ($3) OR run.outcome = ANY ($3)) \
         AND ($4::text[] IS NULL OR run.category = ANY ($4)) \
         AND ($5::integer IS NULL OR run.business_day >= date '1970-01-01' + $5) \
         AND ($6::integer IS NULL OR run.business_day <= date '1970-01-01' + $6) AND (run.is_root OR $7) \
         AND ($9::bigint IS NULL OR run.started_at >= to_timestamp($9::numeric / 1000000)) \
         AND ($10::bigint IS NULL OR run.started_at < to_timestamp($10::numeric / 1000000)) \
         AND ($11::integer IS NULL OR run.business_day <= date '1970-01-01' + $11) \
         AND ($11::integer IS NULL OR run.business_day < date '1970-01-01' + $11 \
         OR run.started_at < to_timestamp($12::numeric / 1000000) \
         OR run.started_at = to_timestamp($12::numeric / 1000000) AND run.run_key > $13::uuid) \
         ORDER BY run.business_day DESC, run.started_at DESC, run.run_key LIMIT $8"
    )
}

/// How long good runs of a job take: of its last 90.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct Usual {
    pub job_number: i64,
    /// How many there are.
    pub runs: i64,
    pub median_ms: i64,
    pub p95_ms: i64,
    /// Median of the newest ten of them.
    pub recent_ms: i64,
    /// Median of the rows that they wrote, or read where nobody counted what they wrote; `None` where nobody counted any.
    pub rows: Option<i64>,
}

/// Fewer good runs say nothing about what is usual.
const FEWEST: i64 = 3;

/// What is usual for these jobs, by job number; a job with too few good runs has nothing usual.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn usual(
    connection: &mut PgConnection,
    jobs: &[i64],
) -> Result<HashMap<i64, Usual>, StoreError> {
    let found: Vec<Usual> = sqlx::query_as(USUAL)
        .bind(jobs)
        .bind(FEWEST)
        .fetch_all(connection)
        .await?;
    Ok(found
        .into_iter()
        .map(|usual| (usual.job_number, usual))
        .collect())
}

pub(crate) const USUAL: &str = "SELECT wanted.number AS job_number, habit.runs, habit.median_ms, habit.p95_ms, habit.recent_ms, habit.rows \
     FROM (SELECT DISTINCT number FROM unnest($1::bigint[]) AS named (number)) AS wanted \
     CROSS JOIN LATERAL (SELECT count(*) AS runs, percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms) AS median_ms, \
     percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_ms, \
     percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms) FILTER (WHERE place <= 10) AS recent_ms, \
     percentile_disc(0.5) WITHIN GROUP (ORDER BY rows) AS rows \
     FROM (SELECT duration_ms, coalesce(rows_out, rows_in) AS rows, row_number() OVER (ORDER BY started_at DESC) AS place FROM dataset WHERE job_number = wanted.number AND status = 'success' AND evidence IN ('full', 'steps_only') \
     AND duration_ms IS NOT NULL ORDER BY started_at DESC LIMIT 90) AS good) AS habit WHERE habit.runs >= $2";

/// The keys that stand before and after a key of a run, of all runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct Neighbours {
    pub run_key: Uuid,
    pub before: Option<Uuid>,
    pub after: Option<Uuid>,
}

/// The neighbours of these keys: they say how much of a key is enough to name its run.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn neighbours(
    connection: &mut PgConnection,
    keys: &[Uuid],
) -> Result<Vec<Neighbours>, StoreError> {
    Ok(sqlx::query_as(NEIGHBOURS)
        .bind(keys)
        .fetch_all(connection)
        .await?)
}

pub(crate) const NEIGHBOURS: &str = "SELECT wanted.run_key, \
     (SELECT run_key FROM dataset WHERE run_key < wanted.run_key ORDER BY run_key DESC LIMIT 1) AS before, \
     (SELECT run_key FROM dataset WHERE run_key > wanted.run_key ORDER BY run_key LIMIT 1) AS after \
     FROM unnest($1::uuid[]) AS wanted (run_key)";
