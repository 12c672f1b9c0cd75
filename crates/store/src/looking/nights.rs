//! A job night by night.

use jiff::civil::Date;
use smartetl_core::model::{Category, DayType, Moment, Outcome, Verdict};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row};
use uuid::Uuid;

use super::NamedJob;
use super::run::{date, option_moment, word};
use crate::StoreError;

/// A job on one business day.
#[derive(Clone, Debug, PartialEq)]
pub struct JobNight {
    pub day: Date,
    /// Empty where no root job has this day.
    pub day_type: Vec<DayType>,
    /// What the night came to for a root job.
    pub verdict: Option<Verdict>,
    pub ready_at: Option<Moment>,
    pub deadline_at: Option<Moment>,
    pub late_ms: Option<i64>,
    /// Its runs on this day, and those of them that failed or never ended.
    pub runs: i64,
    pub failed: i64,
    /// The last of them.
    pub run_key: Uuid,
    pub outcome: Outcome,
    pub category: Option<Category>,
    pub started_at: Moment,
    pub ended_at: Option<Moment>,
    pub duration_ms: Option<i64>,
    pub rows_in: Option<i64>,
    pub rows_out: Option<i64>,
    pub job_version: Option<String>,
    /// It came to a good end, and everything is known of it.
    pub is_good: bool,
}

/// The last `days` business days of a job until its newest one, oldest first; those without a run are left out.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn nights_of(
    connection: &mut PgConnection,
    job: &NamedJob,
    days: i32,
) -> Result<Vec<JobNight>, StoreError> {
    Ok(sqlx::query_as(NIGHTS_OF)
        .bind(job.number())
        .bind(days)
        .bind(&job.environment)
        .bind(&job.project)
        .bind(&job.job)
        .fetch_all(connection)
        .await?)
}

// Along the index of a job's runs; a run begins within two days of its business day.
pub(crate) const NIGHTS_OF: &str = "WITH newest AS (SELECT business_day FROM dataset WHERE job_number = $1 ORDER BY started_at DESC LIMIT 1), \
     run AS (SELECT business_day, run_key, outcome, category, started_at, ended_at, duration_ms, rows_in, rows_out, job_version, \
     status = 'success' AND tree_status = 'success' AND evidence IN ('full', 'steps_only') AS is_good, \
     count(*) OVER of_day AS runs, count(*) FILTER (WHERE status IN ('failed', 'lost')) OVER of_day AS failed, \
     row_number() OVER (PARTITION BY business_day ORDER BY started_at DESC, run_key DESC) AS place FROM dataset \
     WHERE job_number = $1 AND started_at > (SELECT business_day FROM newest)::timestamp AT TIME ZONE 'UTC' - make_interval(days => $2 + 2) \
     AND business_day > (SELECT business_day FROM newest) - $2 WINDOW of_day AS (PARTITION BY business_day)) \
     SELECT run.business_day - date '1970-01-01' AS day, coalesce(of.day_type, '{}') AS day_type, of.verdict, \
     (extract(epoch FROM of.ready_at) * 1000000)::bigint AS ready_us, (extract(epoch FROM of.deadline_at) * 1000000)::bigint AS deadline_us, \
     of.late_ms, run.runs, run.failed, run.run_key, run.outcome, run.category, (extract(epoch FROM run.started_at) * 1000000)::bigint AS started_us, \
     (extract(epoch FROM run.ended_at) * 1000000)::bigint AS ended_us, run.duration_ms, run.rows_in, run.rows_out, run.job_version, run.is_good \
     FROM run LEFT JOIN job_day AS of ON of.environment = $3 AND of.business_day = run.business_day \
     AND of.project IS NOT DISTINCT FROM $4 AND of.job = $5 WHERE run.place = 1 ORDER BY run.business_day";

impl FromRow<'_, PgRow> for JobNight {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let types: Vec<String> = row.try_get("day_type")?;
        let verdict: Option<String> = row.try_get("verdict")?;
        let category: Option<String> = row.try_get("category")?;
        Ok(Self {
            day: date(row.try_get("day")?),
            day_type: types
                .iter()
                .filter_map(|word| DayType::parse(word))
                .collect(),
            verdict: verdict.as_deref().and_then(Verdict::parse),
            ready_at: option_moment(row, "ready_us")?,
            deadline_at: option_moment(row, "deadline_us")?,
            late_ms: row.try_get("late_ms")?,
            runs: row.try_get("runs")?,
            failed: row.try_get("failed")?,
            run_key: row.try_get("run_key")?,
            outcome: word(row, "outcome", Outcome::parse)?,
            category: category.as_deref().and_then(Category::parse),
            started_at: Moment(row.try_get("started_us")?),
            ended_at: option_moment(row, "ended_us")?,
            duration_ms: row.try_get("duration_ms")?,
            rows_in: row.try_get("rows_in")?,
            rows_out: row.try_get("rows_out")?,
            job_version: row.try_get("job_version")?,
            is_good: row.try_get("is_good")?,
        })
    }
}
