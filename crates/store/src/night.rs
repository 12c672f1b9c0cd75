//! What a night came to, read from `job_day` and `dataset`: for the status page and the summary of `up`. Reads only.

use jiff::civil::Date;
use smartetl_core::model::{Blame, Category, Moment, RecoveredBy, Verdict};
use sqlx::{FromRow, PgConnection};

use crate::StoreError;

/// More jobs than this are counted, but not listed.
const JOBS_LISTED: i64 = 200;
const CAUSES_LISTED: i64 = 50;

/// The jobs of one environment on one business day.
#[derive(Clone, Debug)]
pub struct Night {
    pub environment: String,
    /// All environments that have nights, by name.
    pub environments: Vec<String>,
    /// The business day: the day that the night prepares.
    pub day: Date,
    /// The nearest days before and after that are known.
    pub before: Option<Date>,
    pub after: Option<Date>,
    pub counts: Counts,
    /// How many jobs are `ok` on days of this kind in the four weeks before (median); `None` for fewer than three days.
    pub usually_ok: Option<i64>,
    /// What made jobs fail, also those that were recovered; open ones first.
    pub causes: Vec<Cause>,
    /// Jobs that are not `ok`, failed ones first; at most 200.
    pub jobs: Vec<Job>,
    /// The latest moment seen of this environment.
    pub last_event_at: Option<Moment>,
}

/// Root jobs by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Counts {
    pub jobs: i64,
    pub ok: i64,
    pub recovered: i64,
    pub failed: i64,
    pub lost: i64,
    pub running: i64,
    pub unverified: i64,
}

/// One cause and the root jobs that it touched.
#[derive(Clone, Debug)]
pub struct Cause {
    pub category: Category,
    pub blame: Option<Blame>,
    pub retryable: Option<bool>,
    /// At most 2000 characters.
    pub message: Option<String>,
    /// Where and when it struck first; among root jobs that are not made good, where there are any.
    pub job: Option<String>,
    pub step: Option<String>,
    pub first_at: Moment,
    /// Root jobs touched, and those of them that are not made good.
    pub jobs: i64,
    pub open: i64,
    /// Names of the first few root jobs touched.
    pub names: Vec<String>,
}

/// A root job with something to say.
#[derive(Clone, Debug)]
pub struct Job {
    pub project: Option<String>,
    pub job: String,
    pub verdict: Verdict,
    pub first_failure_at: Option<Moment>,
    pub recovered_at: Option<Moment>,
    pub recovered_by: Option<RecoveredBy>,
    pub category: Option<Category>,
    pub blame: Option<Blame>,
    pub cause_job: Option<String>,
    pub cause_step: Option<String>,
    /// Of its last run.
    pub started_at: Option<Moment>,
    /// The last sign of life in the tree of its last run.
    pub last_event_at: Option<Moment>,
}

/// Reads a night: of `environment`, or of PROD, or else of the environment with most jobs; of `day`, or the newest.
/// `None` when there is none.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn night(
    connection: &mut PgConnection,
    environment: Option<&str>,
    day: Option<Date>,
) -> Result<Option<Night>, StoreError> {
    let known: Vec<(String, i32)> = sqlx::query_as(ENVIRONMENTS)
        .fetch_all(&mut *connection)
        .await?;
    let chosen = match environment {
        Some(name) => known.iter().find(|(known, _)| known == name),
        None => known
            .iter()
            .find(|(known, _)| known == "PROD")
            .or(known.first()),
    };
    let Some((environment, newest)) = chosen.cloned() else {
        return Ok(None);
    };
    let day = day.map_or(newest, crate::copy::days_since_1970);
    let counts: Counts = sqlx::query_as(COUNTS)
        .bind(&environment)
        .bind(day)
        .fetch_one(&mut *connection)
        .await?;
    if counts.jobs == 0 {
        return Ok(None);
    }
    let (before, after): (Option<i32>, Option<i32>) = sqlx::query_as(NEIGHBOURS)
        .bind(&environment)
        .bind(day)
        .fetch_one(&mut *connection)
        .await?;
    let usually_ok: Option<i64> = sqlx::query_scalar(USUAL)
        .bind(&environment)
        .bind(day)
        .fetch_one(&mut *connection)
        .await?;
    let causes: Vec<CauseRow> = sqlx::query_as(CAUSES)
        .bind(&environment)
        .bind(day)
        .bind(CAUSES_LISTED)
        .fetch_all(&mut *connection)
        .await?;
    let jobs: Vec<JobRow> = sqlx::query_as(JOBS)
        .bind(&environment)
        .bind(day)
        .bind(JOBS_LISTED)
        .fetch_all(&mut *connection)
        .await?;
    let last: Option<i64> = sqlx::query_scalar(LAST_EVENT)
        .bind(&environment)
        .fetch_one(&mut *connection)
        .await?;
    let mut environments: Vec<String> = known.into_iter().map(|(name, _)| name).collect();
    environments.sort();
    Ok(Some(Night {
        environment,
        environments,
        day: date(day),
        before: before.map(date),
        after: after.map(date),
        counts,
        usually_ok,
        causes: causes.into_iter().map(CauseRow::into_cause).collect(),
        jobs: jobs.into_iter().filter_map(JobRow::into_job).collect(),
        last_event_at: last.map(Moment),
    }))
}

/// Newest day of each environment, that with most jobs on it first.
pub(crate) const ENVIRONMENTS: &str = "SELECT environment, newest - date '1970-01-01' \
     FROM (SELECT environment, max(business_day) AS newest FROM job_day GROUP BY environment) AS known \
     ORDER BY (SELECT count(*) FROM job_day WHERE job_day.environment = known.environment AND business_day = newest) DESC, \
     environment";

pub(crate) const COUNTS: &str = "SELECT count(*) AS jobs, count(*) FILTER (WHERE verdict = 'ok') AS ok, \
     count(*) FILTER (WHERE verdict = 'recovered') AS recovered, count(*) FILTER (WHERE verdict = 'failed') AS failed, \
     count(*) FILTER (WHERE verdict = 'lost') AS lost, count(*) FILTER (WHERE verdict = 'running') AS running, \
     count(*) FILTER (WHERE verdict = 'unverified') AS unverified \
     FROM job_day WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int";

pub(crate) const NEIGHBOURS: &str = "SELECT \
     (SELECT max(business_day) - date '1970-01-01' FROM job_day \
      WHERE environment = $1 AND business_day < date '1970-01-01' + $2::int), \
     (SELECT min(business_day) - date '1970-01-01' FROM job_day \
      WHERE environment = $1 AND business_day > date '1970-01-01' + $2::int)";

pub(crate) const USUAL: &str = "SELECT CASE WHEN count(*) >= 3 \
     THEN percentile_disc(0.5) WITHIN GROUP (ORDER BY ok) END FROM ( \
     SELECT count(*) FILTER (WHERE verdict = 'ok') AS ok FROM job_day \
     WHERE environment = $1 AND business_day >= date '1970-01-01' + $2::int - 28 AND business_day < date '1970-01-01' + $2::int \
     AND ('working' = ANY (day_type)) = (SELECT 'working' = ANY (day_type) FROM job_day \
     WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int LIMIT 1) GROUP BY business_day) AS days";

/// A lost run without any error has no cause: it is told as a job.
pub(crate) const CAUSES: &str = "WITH cause AS ( \
     SELECT cause_signature, category, \
     (array_agg(blame ORDER BY verdict = 'recovered', first_failure_at, job))[1] AS blame, \
     (array_agg(cause_job ORDER BY verdict = 'recovered', first_failure_at, job))[1] AS cause_job, \
     (array_agg(cause_step ORDER BY verdict = 'recovered', first_failure_at, job))[1] AS cause_step, \
     (array_agg(first_failure_at ORDER BY verdict = 'recovered', first_failure_at, job))[1] AS first_at, \
     count(*) AS jobs, count(*) FILTER (WHERE verdict <> 'recovered') AS open, \
     (array_agg(job ORDER BY verdict = 'recovered', first_failure_at, job))[1:6] AS names \
     FROM job_day WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int \
     AND category IS NOT NULL AND first_failure_at IS NOT NULL \
     AND NOT (cause_signature IS NULL AND 'lost' IN (first_status, final_status)) \
     GROUP BY cause_signature, category, CASE WHEN cause_signature IS NULL THEN cause_job END \
     ORDER BY open DESC, first_at LIMIT $3), \
     message AS ( \
     SELECT DISTINCT ON (cause_signature) cause_signature, left(error_message, 2000) AS message, retryable \
     FROM dataset WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int AND cause_signature IS NOT NULL \
     ORDER BY cause_signature, depth DESC, started_at) \
     SELECT category, blame, retryable, message, cause_job AS job, cause_step AS step, \
     (extract(epoch FROM first_at) * 1000000)::bigint AS first_at, jobs, open, names \
     FROM cause LEFT JOIN message USING (cause_signature) ORDER BY (open > 0) DESC, first_at, cause_job";

pub(crate) const JOBS: &str = "WITH last AS ( \
     SELECT DISTINCT ON (job, project) job, project, root_run_key, started_at FROM dataset \
     WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int AND is_root \
     ORDER BY job, project, started_at DESC, run_key), \
     life AS ( \
     SELECT root_run_key, max(last_event_at) AS last_event_at FROM dataset \
     WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int GROUP BY root_run_key) \
     SELECT day.project, day.job, verdict, (extract(epoch FROM first_failure_at) * 1000000)::bigint AS first_failure_at, \
     (extract(epoch FROM recovered_at) * 1000000)::bigint AS recovered_at, recovered_by, category, blame, cause_job, cause_step, \
     (extract(epoch FROM started_at) * 1000000)::bigint AS started_at, \
     (extract(epoch FROM last_event_at) * 1000000)::bigint AS last_event_at \
     FROM job_day AS day \
     LEFT JOIN last ON last.job = day.job AND coalesce(last.project, '') = coalesce(day.project, '') \
     LEFT JOIN life USING (root_run_key) \
     WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int AND verdict <> 'ok' \
     ORDER BY array_position(ARRAY['failed', 'lost', 'unverified', 'running', 'recovered'], verdict), \
     coalesce(first_failure_at, started_at), day.project, day.job LIMIT $3";

pub(crate) const LAST_EVENT: &str = "SELECT (extract(epoch FROM max(last_event_at)) * 1000000)::bigint FROM horizon WHERE environment = $1";

#[derive(FromRow)]
struct CauseRow {
    category: String,
    blame: Option<String>,
    retryable: Option<bool>,
    message: Option<String>,
    job: Option<String>,
    step: Option<String>,
    first_at: i64,
    jobs: i64,
    open: i64,
    names: Vec<String>,
}

impl CauseRow {
    fn into_cause(self) -> Cause {
        Cause {
            category: Category::parse(&self.category).unwrap_or(Category::Unknown),
            blame: self.blame.as_deref().and_then(Blame::parse),
            retryable: self.retryable,
            message: self.message,
            job: self.job,
            step: self.step,
            first_at: Moment(self.first_at),
            jobs: self.jobs,
            open: self.open,
            names: self.names,
        }
    }
}

#[derive(FromRow)]
struct JobRow {
    project: Option<String>,
    job: String,
    verdict: String,
    first_failure_at: Option<i64>,
    recovered_at: Option<i64>,
    recovered_by: Option<String>,
    category: Option<String>,
    blame: Option<String>,
    cause_job: Option<String>,
    cause_step: Option<String>,
    started_at: Option<i64>,
    last_event_at: Option<i64>,
}

impl JobRow {
    /// A verdict of a later version is left out: nothing can be said about it.
    fn into_job(self) -> Option<Job> {
        Some(Job {
            verdict: Verdict::parse(&self.verdict)?,
            project: self.project,
            job: self.job,
            first_failure_at: self.first_failure_at.map(Moment),
            recovered_at: self.recovered_at.map(Moment),
            recovered_by: self.recovered_by.as_deref().and_then(RecoveredBy::parse),
            category: self.category.as_deref().and_then(Category::parse),
            blame: self.blame.as_deref().and_then(Blame::parse),
            cause_job: self.cause_job,
            cause_step: self.cause_step,
            started_at: self.started_at.map(Moment),
            last_event_at: self.last_event_at.map(Moment),
        })
    }
}

fn date(days: i32) -> Date {
    Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(days))
}
