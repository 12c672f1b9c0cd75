//! Who was there in earlier nights and when, and single runs of a night.

use jiff::civil::{Date, Time};
use smartetl_core::model::{Moment, RunStatus, Verdict};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::StoreError;
use crate::night::date;

/// Nights of an environment, job by job, and what the catalogue says about its jobs.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// By day, project and job.
    pub appearances: Vec<Appearance>,
    pub jobs: Vec<KnownJob>,
}

/// A root job in one night.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appearance {
    pub project: Option<String>,
    pub job: String,
    pub day: Date,
    /// `None` for a verdict of a later version.
    pub verdict: Option<Verdict>,
    /// Begin of its first run that counts for the night.
    pub started_at: Option<Moment>,
    pub ready_at: Option<Moment>,
    pub deadline_at: Option<Moment>,
}

/// A line of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownJob {
    pub project: Option<String>,
    pub job: String,
    pub criticality: Option<i16>,
    /// The local time of each business day at which it is due.
    pub deadline: Option<Time>,
    pub first_seen: Moment,
    pub retired_at: Option<Moment>,
    pub renamed_from: Option<String>,
}

/// A root run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootRun {
    pub run_key: Uuid,
    pub project: Option<String>,
    pub job: String,
    pub started_at: Moment,
    pub ended_at: Option<Moment>,
    /// Its end, or the last sign of life.
    pub until: Moment,
    pub attempt: i32,
    /// `None` for a status of a later version.
    pub status: Option<RunStatus>,
}

/// The nights from `days` before `last` to `last`.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn history(
    connection: &mut PgConnection,
    environment: &str,
    last: Date,
    days: i32,
) -> Result<History, StoreError> {
    let rows: Vec<AppearanceRow> = sqlx::query_as(APPEARANCES)
        .bind(environment)
        .bind(crate::copy::days_since_1970(last))
        .bind(days)
        .fetch_all(&mut *connection)
        .await?;
    let jobs: Vec<KnownRow> = sqlx::query_as(KNOWN)
        .bind(environment)
        .fetch_all(connection)
        .await?;
    Ok(History {
        appearances: rows.into_iter().map(AppearanceRow::told).collect(),
        jobs: jobs.into_iter().map(KnownRow::told).collect(),
    })
}

// Brought together by grouping: the planner takes a join by the day alone for cheap, and thousands of pairs for none.
pub(crate) const APPEARANCES: &str = "SELECT project, job, business_day - date '1970-01-01' AS day, max(verdict) AS verdict, \
     (extract(epoch FROM min(started_at)) * 1000000)::bigint AS started_at, \
     (extract(epoch FROM max(ready_at)) * 1000000)::bigint AS ready_at, \
     (extract(epoch FROM max(deadline_at)) * 1000000)::bigint AS deadline_at FROM ( \
     SELECT project, job, business_day, verdict, NULL::timestamptz AS started_at, ready_at, deadline_at FROM job_day \
     WHERE environment = $1 AND business_day BETWEEN date '1970-01-01' + $2::int - $3::int AND date '1970-01-01' + $2::int \
     UNION ALL SELECT project, job, business_day, NULL, started_at, NULL, NULL FROM dataset \
     WHERE environment = $1 AND is_root AND trigger NOT IN ('manual', 'reprocess') \
     AND business_day BETWEEN date '1970-01-01' + $2::int - $3::int AND date '1970-01-01' + $2::int) AS said \
     GROUP BY project, job, business_day HAVING max(verdict) IS NOT NULL ORDER BY business_day, project, job";

pub(crate) const KNOWN: &str = "SELECT project, job, criticality, \
     extract(epoch FROM deadline)::int AS deadline_seconds, renamed_from, \
     (extract(epoch FROM first_seen) * 1000000)::bigint AS first_seen, \
     (extract(epoch FROM retired_at) * 1000000)::bigint AS retired_at \
     FROM job WHERE environment = $1 ORDER BY project, job, system";

/// The root runs of a night, by job and time.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn runs(
    connection: &mut PgConnection,
    environment: &str,
    day: Date,
) -> Result<Vec<RootRun>, StoreError> {
    let rows: Vec<RunRow> = sqlx::query_as(RUNS)
        .bind(environment)
        .bind(crate::copy::days_since_1970(day))
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| RootRun {
            run_key: row.run_key,
            project: row.project,
            job: row.job,
            started_at: Moment(row.started_at),
            ended_at: row.ended_at.map(Moment),
            until: Moment(row.until),
            attempt: row.attempt,
            status: RunStatus::parse(&row.status),
        })
        .collect())
}

pub(crate) const RUNS: &str = "SELECT run_key, project, job, status, attempt, (extract(epoch FROM started_at) * 1000000)::bigint AS started_at, \
     (extract(epoch FROM ended_at) * 1000000)::bigint AS ended_at, \
     (extract(epoch FROM coalesce(ended_at, last_event_at)) * 1000000)::bigint AS until FROM dataset \
     WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int AND is_root AND trigger <> 'reprocess' \
     ORDER BY job, project, started_at, run_key";

#[derive(FromRow)]
struct AppearanceRow {
    project: Option<String>,
    job: String,
    day: i32,
    verdict: String,
    started_at: Option<i64>,
    ready_at: Option<i64>,
    deadline_at: Option<i64>,
}

impl AppearanceRow {
    fn told(self) -> Appearance {
        Appearance {
            project: self.project,
            job: self.job,
            day: date(self.day),
            verdict: Verdict::parse(&self.verdict),
            started_at: self.started_at.map(Moment),
            ready_at: self.ready_at.map(Moment),
            deadline_at: self.deadline_at.map(Moment),
        }
    }
}

#[derive(FromRow)]
struct KnownRow {
    project: Option<String>,
    job: String,
    criticality: Option<i16>,
    deadline_seconds: Option<i32>,
    first_seen: i64,
    retired_at: Option<i64>,
    renamed_from: Option<String>,
}

impl KnownRow {
    fn told(self) -> KnownJob {
        // 24:00:00 is a time for PostgreSQL: the end of the day.
        let deadline = self.deadline_seconds.map(|seconds| {
            Time::midnight().saturating_add(jiff::SignedDuration::from_secs(seconds.into()))
        });
        KnownJob {
            project: self.project,
            job: self.job,
            criticality: self.criticality,
            deadline,
            first_seen: Moment(self.first_seen),
            retired_at: self.retired_at.map(Moment),
            renamed_from: self.renamed_from,
        }
    }
}

#[derive(FromRow)]
struct RunRow {
    run_key: Uuid,
    project: Option<String>,
    job: String,
    status: String,
    attempt: i32,
    started_at: i64,
    ended_at: Option<i64>,
    until: i64,
}
