//! When a job's day was due, and how late it was. The catalogue says it, so that a correction applies to history; the fold
//! knows nothing of it.
//!
//! A deadline stands on the business day, from the border on the evening before. Should two tools have a job of the same name, the
//! earlier deadline holds.

use jiff::civil::Date;
use sqlx::{FromRow, PgConnection};

use crate::StoreError;
use crate::fusion::unzip;
use crate::looking::NamedJob;

/// How business days are counted.
#[derive(Clone, Copy, Debug)]
pub struct BusinessDays<'a> {
    /// By its name in the IANA database.
    pub zone: &'a str,
    pub border_minutes: i32,
}

/// Says of the days that a fuse wrote when they were due.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn of_days(
    connection: &mut PgConnection,
    touched: &[(String, Date)],
    business_days: BusinessDays<'_>,
) -> Result<(), StoreError> {
    let (environments, dates) = unzip(touched);
    sqlx::query(sqlx::AssertSqlSafe(of_days_sql()))
        .bind(business_days.zone)
        .bind(business_days.border_minutes)
        .bind(environments)
        .bind(dates)
        .execute(connection)
        .await?;
    Ok(())
}

/// A session's times that come twice in autumn are the later ones, those that never come in spring are shifted on.
const DUE_AT: &str = "(job_day.business_day - (known.deadline >= time '00:00' + make_interval(mins => $2))::integer \
     + known.deadline) AT TIME ZONE $1::text";
const LATE_MS: &str = "CASE WHEN job_day.ready_at > known.due_at \
     THEN floor(extract(epoch FROM job_day.ready_at - known.due_at) * 1000)::bigint \
     WHEN job_day.ready_at <= known.due_at THEN 0 END";

fn of_days_sql() -> String {
    format!(
        "WITH named AS (SELECT environment, project, job, min(deadline) AS deadline FROM job WHERE deadline IS NOT NULL \
         GROUP BY environment, project, job), \
         known AS (SELECT job_day.environment, job_day.project, job_day.job, job_day.business_day, {DUE_AT} AS due_at \
         FROM job_day JOIN named AS known ON known.environment = job_day.environment AND known.job = job_day.job \
         AND known.project IS NOT DISTINCT FROM job_day.project \
         WHERE (job_day.environment, job_day.business_day) IN \
         (SELECT name, date '1970-01-01' + day FROM unnest($3::text[], $4::integer[]) AS touched (name, day))) \
         UPDATE job_day SET deadline_at = known.due_at, \
         late_ms = {LATE_MS} FROM known \
         WHERE job_day.environment = known.environment AND job_day.business_day = known.business_day \
         AND job_day.project IS NOT DISTINCT FROM known.project AND job_day.job = known.job"
    )
}

/// Says of all days of these jobs when they were due; how many days that changed.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn of_jobs(
    connection: &mut PgConnection,
    jobs: &[&NamedJob],
    business_days: BusinessDays<'_>,
) -> Result<u64, StoreError> {
    let column = |pick: fn(&NamedJob) -> Option<&str>| -> Vec<Option<&str>> {
        jobs.iter().map(|job| pick(job)).collect()
    };
    let done = sqlx::query(sqlx::AssertSqlSafe(of_jobs_sql()))
        .bind(business_days.zone)
        .bind(business_days.border_minutes)
        .bind(column(|job| Some(&job.environment)))
        .bind(column(|job| job.project.as_deref()))
        .bind(column(|job| Some(&job.job)))
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Which of these jobs ran only in other jobs, so that no day is theirs; in their order.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn only_children(
    connection: &mut PgConnection,
    jobs: &[&NamedJob],
) -> Result<Vec<bool>, StoreError> {
    let column = |pick: fn(&NamedJob) -> Option<&str>| -> Vec<Option<&str>> {
        jobs.iter().map(|job| pick(job)).collect()
    };
    let numbers: Vec<i64> = jobs.iter().map(|job| job.number()).collect();
    let rows: Vec<(bool,)> = sqlx::query_as(ONLY_CHILDREN)
        .bind(column(|job| Some(&job.environment)))
        .bind(column(|job| job.project.as_deref()))
        .bind(column(|job| Some(&job.job)))
        .bind(numbers)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|(is_child,)| is_child).collect())
}

pub(crate) const ONLY_CHILDREN: &str = "SELECT EXISTS (SELECT FROM dataset WHERE dataset.job_number = named.number AND NOT is_root) \
     AND NOT EXISTS (SELECT FROM job_day WHERE job_day.environment = named.environment AND job_day.job = named.job \
     AND job_day.project IS NOT DISTINCT FROM named.project) \
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) \
     WITH ORDINALITY AS named (environment, project, job, number, place) ORDER BY place";

fn of_jobs_sql() -> String {
    format!(
        "WITH named AS (SELECT DISTINCT changed.environment, changed.project, changed.job, (SELECT min(job.deadline) FROM job \
         WHERE job.environment = changed.environment AND job.job = changed.job \
         AND job.project IS NOT DISTINCT FROM changed.project) AS deadline \
         FROM unnest($3::text[], $4::text[], $5::text[]) AS changed (environment, project, job)), \
         known AS (SELECT job_day.environment, job_day.project, job_day.job, job_day.business_day, {DUE_AT} AS due_at \
         FROM job_day JOIN named AS known ON known.environment = job_day.environment AND known.job = job_day.job \
         AND known.project IS NOT DISTINCT FROM job_day.project) \
         UPDATE job_day SET deadline_at = known.due_at, \
         late_ms = {LATE_MS} FROM known \
         WHERE job_day.environment = known.environment AND job_day.business_day = known.business_day \
         AND job_day.project IS NOT DISTINCT FROM known.project AND job_day.job = known.job \
         AND (job_day.deadline_at IS DISTINCT FROM known.due_at OR job_day.late_ms IS DISTINCT FROM ({LATE_MS}))"
    )
}

/// What is stored of a job's day.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct StoredDay {
    pub environment: String,
    pub project: Option<String>,
    pub job: String,
    /// Days since 1970-01-01.
    pub business_day: i32,
    /// Microseconds since 1970.
    pub ready_at: Option<i64>,
    pub deadline_at: Option<i64>,
    pub late_ms: Option<i64>,
}

/// Days of which something is said, or of which something should be said because their job has a deadline.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn stored(connection: &mut PgConnection) -> Result<Vec<StoredDay>, StoreError> {
    Ok(sqlx::query_as(STORED).fetch_all(connection).await?)
}

pub(crate) const STORED: &str = "SELECT environment, project, job, business_day - date '1970-01-01' AS business_day, \
     (extract(epoch FROM ready_at) * 1000000)::bigint AS ready_at, \
     (extract(epoch FROM deadline_at) * 1000000)::bigint AS deadline_at, late_ms FROM job_day \
     WHERE deadline_at IS NOT NULL OR late_ms IS NOT NULL OR EXISTS (SELECT FROM job WHERE job.environment = job_day.environment \
     AND job.job = job_day.job AND job.project IS NOT DISTINCT FROM job_day.project AND job.deadline IS NOT NULL) \
     ORDER BY environment, business_day, project, job";
