//! Nights one after the other, and what changed from one to the next.

use jiff::civil::Date;
use smartetl_core::model::Verdict;
use sqlx::{FromRow, PgConnection};

use super::{DayCounts, DayRow};
use crate::StoreError;
use crate::copy::days_since_1970;
use crate::night::{COUNTED, date};

/// A night of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedNight {
    pub counts: DayCounts,
    /// As [`crate::night::Night`] has it.
    pub usually_ok: Option<i64>,
}

/// The nights of an environment between two days, both included, newest first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn nights(
    connection: &mut PgConnection,
    environment: &str,
    (from, to): (Option<Date>, Option<Date>),
    limit: i64,
) -> Result<Vec<ListedNight>, StoreError> {
    let rows: Vec<NightRow> = sqlx::query_as(sqlx::AssertSqlSafe(nights_sql()))
        .bind(environment)
        .bind(from.map(days_since_1970))
        .bind(to.map(days_since_1970))
        .bind(limit)
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| ListedNight {
            counts: row.day.told(),
            usually_ok: row.usually_ok,
        })
        .collect())
}

/// What is usual is what `night::USUAL` says.
fn nights_sql() -> String {
    format!(
        "WITH wanted AS (SELECT DISTINCT business_day FROM job_day WHERE environment = $1 \
     AND ($2::int IS NULL OR business_day >= date '1970-01-01' + $2) AND ($3::int IS NULL OR business_day <= date '1970-01-01' + $3) \
     ORDER BY business_day DESC LIMIT $4), \
     night AS (SELECT business_day, min(day_type) AS types, bool_or('working' = ANY (day_type)) AS working, {COUNTED} FROM job_day WHERE environment = $1 \
     AND business_day BETWEEN (SELECT min(business_day) - 28 FROM wanted) AND (SELECT max(business_day) FROM wanted) \
     GROUP BY business_day) \
     SELECT night.business_day - date '1970-01-01' AS day, types, jobs, ok, recovered, failed, lost, running, unverified, cancelled, \
     (SELECT CASE WHEN count(*) >= 3 THEN percentile_disc(0.5) WITHIN GROUP (ORDER BY earlier.ok) END FROM night AS earlier \
     WHERE earlier.business_day BETWEEN night.business_day - 28 AND night.business_day - 1 AND earlier.working = night.working) \
     AS usually_ok FROM night JOIN wanted USING (business_day) ORDER BY night.business_day DESC"
    )
}

#[derive(FromRow)]
struct NightRow {
    #[sqlx(flatten)]
    day: DayRow,
    usually_ok: Option<i64>,
}

/// A root job whose verdict changed from the night before to this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub project: Option<String>,
    pub job: String,
    /// `None`: it did not stand in that night, was cancelled or skipped, or its verdict is one of a later version.
    pub before: Option<Verdict>,
    pub now: Option<Verdict>,
    /// It stands in no earlier night.
    pub is_new: bool,
}

/// A job that runs in another version than before this night.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct VersionChange {
    pub project: Option<String>,
    pub job: String,
    pub before: String,
    pub now: String,
}

/// The root jobs whose verdict is another one than in the night `before`, by name.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn turns(
    connection: &mut PgConnection,
    environment: &str,
    before: Date,
    day: Date,
) -> Result<Vec<Turn>, StoreError> {
    let rows: Vec<TurnRow> = sqlx::query_as(TURNS)
        .bind(environment)
        .bind(days_since_1970(before))
        .bind(days_since_1970(day))
        .fetch_all(connection)
        .await?;
    let verdict = |word: Option<String>| word.as_deref().and_then(Verdict::parse);
    Ok(rows
        .into_iter()
        .map(|row| Turn {
            project: row.project,
            job: row.job,
            before: verdict(row.before),
            now: verdict(row.now),
            is_new: row.is_new,
        })
        .collect())
}

/// What was cancelled or skipped has no verdict here: it is neither good nor bad.
pub(crate) const TURNS: &str = "WITH of AS (SELECT business_day, project, job, CASE WHEN verdict <> 'ok' OR ready_at IS NOT NULL THEN verdict END AS verdict \
     FROM job_day WHERE environment = $1 AND business_day IN (date '1970-01-01' + $2::int, date '1970-01-01' + $3::int)), \
     before AS (SELECT project, job, verdict FROM of WHERE business_day = date '1970-01-01' + $2::int), \
     now AS (SELECT project, job, verdict FROM of WHERE business_day = date '1970-01-01' + $3::int) \
     SELECT coalesce(now.project, before.project) AS project, coalesce(now.job, before.job) AS job, before.verdict AS before, \
     now.verdict AS now, before.job IS NULL AND NOT EXISTS (SELECT FROM job_day AS earlier WHERE earlier.environment = $1 \
     AND earlier.job = now.job AND earlier.project IS NOT DISTINCT FROM now.project \
     AND earlier.business_day < date '1970-01-01' + $3::int) AS is_new \
     FROM before FULL JOIN now ON now.job = before.job AND coalesce(now.project, '') = coalesce(before.project, '') \
     WHERE before.verdict IS DISTINCT FROM now.verdict ORDER BY job, project";

#[derive(FromRow)]
struct TurnRow {
    project: Option<String>,
    job: String,
    before: Option<String>,
    now: Option<String>,
    is_new: bool,
}

/// The jobs, children too, whose last version in this night is another one than the last before it, by name.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn version_changes(
    connection: &mut PgConnection,
    environment: &str,
    day: Date,
) -> Result<Vec<VersionChange>, StoreError> {
    Ok(sqlx::query_as(VERSION_CHANGES)
        .bind(environment)
        .bind(days_since_1970(day))
        .fetch_all(connection)
        .await?)
}

pub(crate) const VERSION_CHANGES: &str = "WITH now AS (SELECT DISTINCT ON (job_number) job_number, project, job, job_version, \
     min(started_at) OVER (PARTITION BY job_number) AS began FROM dataset \
     WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int AND job_version IS NOT NULL \
     ORDER BY job_number, started_at DESC, run_key) \
     SELECT now.project, now.job, earlier.job_version AS before, now.job_version AS now FROM now \
     CROSS JOIN LATERAL (SELECT job_version FROM dataset WHERE job_number = now.job_number AND started_at < now.began \
     AND job_version IS NOT NULL ORDER BY started_at DESC, run_key LIMIT 1) AS earlier \
     WHERE earlier.job_version <> now.job_version ORDER BY now.job, now.project";

/// A root job in one night, as a map of many nights shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapCell {
    pub project: Option<String>,
    pub job: String,
    pub day: Date,
    /// `None` for a verdict of a later version.
    pub verdict: Option<Verdict>,
    pub runs: i64,
    pub late_ms: Option<i64>,
}

/// The root jobs of the nights from `days - 1` before `last` to `last`, by job and day.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn map(
    connection: &mut PgConnection,
    environment: &str,
    last: Date,
    days: i32,
) -> Result<Vec<MapCell>, StoreError> {
    let rows: Vec<MapRow> = sqlx::query_as(MAP)
        .bind(environment)
        .bind(days_since_1970(last))
        .bind(days)
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| MapCell {
            project: row.project,
            job: row.job,
            day: date(row.day),
            verdict: Verdict::parse(&row.verdict),
            runs: row.runs,
            late_ms: row.late_ms,
        })
        .collect())
}

pub(crate) const MAP: &str = "SELECT project, job, business_day - date '1970-01-01' AS day, verdict, runs::bigint AS runs, late_ms FROM job_day \
     WHERE environment = $1 AND business_day BETWEEN date '1970-01-01' + $2::int - $3::int + 1 AND date '1970-01-01' + $2::int \
     ORDER BY job, project, business_day";

#[derive(FromRow)]
struct MapRow {
    project: Option<String>,
    job: String,
    day: i32,
    verdict: String,
    runs: i64,
    late_ms: Option<i64>,
}
