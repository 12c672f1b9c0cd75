//! What a night came to, read from `job_day` and `dataset`: for the status page and the summary of `up`. Reads only.

use jiff::civil::Date;
use smartetl_core::model::{Blame, Category, Moment, RecoveredBy, Verdict};
use sqlx::{FromRow, PgConnection};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

use crate::StoreError;
use crate::issues::{self, Named};

/// More jobs than this are counted, but not listed.
const JOBS_LISTED: i64 = 200;
const CAUSES_LISTED: usize = 50;

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
    /// What made jobs fail, also those that were recovered; open ones first, and of these, and of the others, those with a message.
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
    /// Those that succeeded.
    pub ok: i64,
    pub recovered: i64,
    pub failed: i64,
    pub lost: i64,
    pub running: i64,
    pub unverified: i64,
    /// Nothing of them failed, but nothing succeeded either: their runs were cancelled or skipped.
    pub cancelled: i64,
}

/// The columns of [`Counts`] over rows of `job_day`.
pub(crate) const COUNTED: &str = "count(*) AS jobs, count(*) FILTER (WHERE verdict = 'ok' AND ready_at IS NOT NULL) AS ok, \
     count(*) FILTER (WHERE verdict = 'recovered') AS recovered, count(*) FILTER (WHERE verdict = 'failed') AS failed, \
     count(*) FILTER (WHERE verdict = 'lost') AS lost, count(*) FILTER (WHERE verdict = 'running') AS running, \
     count(*) FILTER (WHERE verdict = 'unverified') AS unverified, \
     count(*) FILTER (WHERE verdict = 'ok' AND ready_at IS NULL) AS cancelled";

/// One cause: the same problem, wherever it struck, and the root jobs that it touched.
#[derive(Clone, Debug)]
pub struct Cause {
    pub category: Category,
    pub blame: Option<Blame>,
    pub retryable: Option<bool>,
    /// As it was written where it struck first; at most 2000 characters.
    pub message: Option<String>,
    /// Root jobs touched, and those of them that are not made good.
    pub jobs: i64,
    pub open: i64,
    /// Where it struck, never empty: first those that are not made good, each kind in the order of time.
    pub places: Vec<Place>,
}

impl Cause {
    /// How many different jobs it struck; of those that are not made good, where there are any.
    pub fn jobs_struck(&self) -> usize {
        let places = self.places.iter();
        let open = places.filter(|place| place.open > 0 || self.open == 0);
        open.map(|place| &place.job).collect::<BTreeSet<_>>().len()
    }
}

/// A step of a job in which a cause struck.
#[derive(Clone, Debug)]
pub struct Place {
    pub job: Option<String>,
    pub step: Option<String>,
    pub first_at: Moment,
    /// Root jobs that failed by it and are not made good.
    pub open: i64,
    /// Names of the first few root jobs above it, which failed with it.
    pub roots: Vec<String>,
    /// How many there are besides.
    pub roots_more: i64,
    /// Names of jobs that it kept from being started, in the order in which they would have been: they stand in the last good
    /// run of a root job that it made fail and that is not made good, and have not run since.
    pub blocked: Vec<String>,
    /// How long the runs of that day took that it made fail, without what they waited for others; milliseconds.
    pub lost_ms: i64,
    /// The issue of the cause in the family of that job.
    pub issue: Option<Named>,
}

/// Root runs of an environment that has no night: they were started by hand, or repeat earlier work.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Unscheduled {
    pub environment: String,
    pub manual: i64,
    pub reprocess: i64,
}

/// A root job with something to say.
#[derive(Clone, Debug)]
pub struct Job {
    pub project: Option<String>,
    pub job: String,
    pub verdict: Verdict,
    pub first_failure_at: Option<Moment>,
    /// Its last run failed by something else than the first that did.
    pub again: Option<Again>,
    pub recovered_at: Option<Moment>,
    pub recovered_by: Option<RecoveredBy>,
    /// When its data were there: the end of its first success.
    pub ready_at: Option<Moment>,
    pub category: Option<Category>,
    pub blame: Option<Blame>,
    pub cause_job: Option<String>,
    pub cause_step: Option<String>,
    /// Of its last run.
    pub started_at: Option<Moment>,
    /// The last sign of life in the tree of its last run.
    pub last_event_at: Option<Moment>,
}

/// A later failure by another cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Again {
    pub failed_at: Moment,
    pub category: Category,
}

impl Job {
    /// When it came to be ready after its failure, where that is not when it was made good: only what failed was run again.
    pub fn ready_after(&self) -> Option<Moment> {
        self.ready_at
            .filter(|ready| self.recovered_at != Some(*ready) && !self.is_before_failure(*ready))
    }

    /// When a run before the one that failed had succeeded.
    pub fn good_before(&self) -> Option<Moment> {
        self.ready_at.filter(|ready| self.is_before_failure(*ready))
    }

    fn is_before_failure(&self, moment: Moment) -> bool {
        self.first_failure_at.is_some_and(|failed| moment < failed)
    }
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
    let known = newest_days(connection).await?;
    let Some((environment, newest)) = chosen(&known, environment).cloned() else {
        return Ok(None);
    };
    let day = crate::copy::days_since_1970(day.unwrap_or(newest));
    let counts: Counts = sqlx::query_as(sqlx::AssertSqlSafe(counts_sql()))
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
    let mut places: Vec<PlaceRow> = sqlx::query_as(PLACES)
        .bind(&environment)
        .bind(day)
        .fetch_all(&mut *connection)
        .await?;
    let blocked: Vec<BlockedRow> = sqlx::query_as(BLOCKED)
        .bind(&environment)
        .bind(day)
        .fetch_all(&mut *connection)
        .await?;
    let lost: Vec<LostRow> = sqlx::query_as(LOST)
        .bind(&environment)
        .bind(day)
        .fetch_all(&mut *connection)
        .await?;
    for row in lost {
        if let Some(place) = places.iter_mut().find(|place| row.at.is_of(place)) {
            place.lost_ms += row.lost_ms;
        }
    }
    for row in blocked {
        let of = places.iter_mut().find(|place| row.at.is_of(place));
        if let Some(place) = of.filter(|place| !place.blocked.contains(&row.blocked)) {
            place.blocked.push(row.blocked);
        }
    }
    let issues = issues::of_day(connection, &environment, day).await?;
    for place in &mut places {
        let struck = (place.signature, place.job.clone(), place.step.clone());
        place.issue = issues.get(&struck).cloned();
    }
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
        causes: causes_of(places),
        jobs: jobs.into_iter().filter_map(JobRow::into_job).collect(),
        last_event_at: last.map(Moment),
    }))
}

/// Each environment that has nights with its newest day, that with most jobs on it first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn newest_days(connection: &mut PgConnection) -> Result<Vec<(String, Date)>, StoreError> {
    let known: Vec<(String, i32)> = sqlx::query_as(ENVIRONMENTS).fetch_all(connection).await?;
    let known = known.into_iter();
    Ok(known.map(|(name, day)| (name, date(day))).collect())
}

/// The environment that is asked for; where none is, PROD, or else the one with most jobs.
pub fn chosen<'k>(
    known: &'k [(String, Date)],
    environment: Option<&str>,
) -> Option<&'k (String, Date)> {
    match environment {
        Some(name) => known.iter().find(|(known, _)| known == name),
        None => known
            .iter()
            .find(|(known, _)| known == "PROD")
            .or(known.first()),
    }
}

/// Newest day of each environment, that with most jobs on it first. From one environment to the next along the key: there are few of
/// them in many days.
pub(crate) const ENVIRONMENTS: &str = "WITH RECURSIVE known AS ((SELECT environment FROM job_day ORDER BY environment LIMIT 1) \
     UNION ALL SELECT (SELECT job_day.environment FROM job_day WHERE job_day.environment > known.environment ORDER BY job_day.environment LIMIT 1) \
     FROM known WHERE known.environment IS NOT NULL) \
     SELECT known.environment, newest.day - date '1970-01-01' FROM known \
     CROSS JOIN LATERAL (SELECT max(business_day) AS day FROM job_day WHERE job_day.environment = known.environment) AS newest \
     WHERE known.environment IS NOT NULL \
     ORDER BY (SELECT count(*) FROM job_day WHERE job_day.environment = known.environment AND business_day = newest.day) DESC, \
     known.environment";

fn counts_sql() -> String {
    format!(
        "SELECT {COUNTED} FROM job_day WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int"
    )
}

pub(crate) const NEIGHBOURS: &str = "SELECT \
     (SELECT max(business_day) - date '1970-01-01' FROM job_day \
      WHERE environment = $1 AND business_day < date '1970-01-01' + $2::int), \
     (SELECT min(business_day) - date '1970-01-01' FROM job_day \
      WHERE environment = $1 AND business_day > date '1970-01-01' + $2::int)";

pub(crate) const USUAL: &str = "SELECT CASE WHEN count(*) >= 3 \
     THEN percentile_disc(0.5) WITHIN GROUP (ORDER BY ok) END FROM ( \
     SELECT count(*) FILTER (WHERE verdict = 'ok' AND ready_at IS NOT NULL) AS ok FROM job_day \
     WHERE environment = $1 AND business_day >= date '1970-01-01' + $2::int - 28 AND business_day < date '1970-01-01' + $2::int \
     AND ('working' = ANY (day_type)) = (SELECT 'working' = ANY (day_type) FROM job_day \
     WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int LIMIT 1) GROUP BY business_day) AS days";

/// Environments that have nights, by name.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn environments(connection: &mut PgConnection) -> Result<Vec<String>, StoreError> {
    let known = newest_days(connection).await?;
    let mut names: Vec<String> = known.into_iter().map(|(name, _)| name).collect();
    names.sort();
    Ok(names)
}

/// The runs of environments that have none.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn unscheduled(connection: &mut PgConnection) -> Result<Vec<Unscheduled>, StoreError> {
    Ok(sqlx::query_as(UNSCHEDULED).fetch_all(connection).await?)
}

pub(crate) const UNSCHEDULED: &str = "SELECT environment, count(*) FILTER (WHERE trigger = 'manual') AS manual, \
     count(*) FILTER (WHERE trigger = 'reprocess') AS reprocess FROM dataset \
     WHERE is_root AND environment NOT IN (SELECT environment FROM job_day) \
     GROUP BY environment HAVING count(*) FILTER (WHERE trigger IN ('manual', 'reprocess')) > 0 \
     ORDER BY count(*) DESC, environment";

/// The places of all causes. When and how a cause struck is said by the run that it struck, not by the end of the root job, which
/// may come hours later. A lost run without any error has no cause: it is told as a job.
pub(crate) const PLACES: &str = "WITH root AS ( \
     SELECT DISTINCT ON (job, coalesce(project, ''), coalesce(ended_at, last_event_at)) job, coalesce(project, '') AS project, \
     coalesce(ended_at, last_event_at) AS failed_at, status, cause_run_key, left(error_message, 2000) AS message, retryable FROM dataset \
     WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int AND is_root AND status IN ('failed', 'lost') \
     ORDER BY job, coalesce(project, ''), coalesce(ended_at, last_event_at), started_at, run_key), \
     touched AS ( \
     SELECT day.job, day.verdict = 'recovered' AS recovered, day.category, day.blame, day.cause_signature, day.cause_job, \
     day.cause_step, \
     coalesce((SELECT problem FROM signature WHERE signature = day.cause_signature ORDER BY cut LIMIT 1), day.cause_signature) AS problem, \
     root.message, root.retryable, \
     coalesce(struck.first_error_at, struck.ended_at, struck.last_event_at, day.first_failure_at) AS at \
     FROM job_day AS day \
     LEFT JOIN root ON root.job = day.job AND root.project = coalesce(day.project, '') AND root.failed_at = day.first_failure_at \
     LEFT JOIN dataset AS struck ON struck.run_key = root.cause_run_key \
     WHERE day.environment = $1 AND day.business_day = date '1970-01-01' + $2::int \
     AND day.category IS NOT NULL AND day.first_failure_at IS NOT NULL \
     AND NOT (day.cause_signature IS NULL AND root.status IS NOT DISTINCT FROM 'lost')) \
     SELECT problem, (array_agg(cause_signature ORDER BY recovered, at, job))[1] AS signature, \
     (array_agg(category ORDER BY recovered, at, job))[1] AS category, cause_job AS job, cause_step AS step, \
     (array_agg(blame ORDER BY recovered, at, job))[1] AS blame, \
     (array_agg(message ORDER BY recovered, at, job))[1] AS message, \
     (array_agg(retryable ORDER BY recovered, at, job))[1] AS retryable, \
     (extract(epoch FROM (array_agg(at ORDER BY recovered, at, job))[1]) * 1000000)::bigint AS first_at, \
     count(*) AS jobs, count(*) FILTER (WHERE NOT recovered) AS open, \
     coalesce((array_agg(job ORDER BY recovered, at, job) FILTER (WHERE job IS DISTINCT FROM cause_job))[1:4], '{}') AS roots, \
     greatest(count(*) FILTER (WHERE job IS DISTINCT FROM cause_job) - 4, 0) AS roots_more \
     FROM touched GROUP BY problem, CASE WHEN problem IS NULL THEN category END, cause_job, cause_step \
     ORDER BY count(*) FILTER (WHERE NOT recovered) = 0, first_at, cause_job, cause_step";

/// Children of the last good run of each root job that failed, which have not run since it began; only the topmost ones. What made the
/// job good again may have left some of them out.
pub(crate) const BLOCKED: &str = "WITH root AS ( \
     SELECT DISTINCT ON (job, coalesce(project, ''), coalesce(ended_at, last_event_at)) job, coalesce(project, '') AS project, \
     coalesce(ended_at, last_event_at) AS failed_at, status, run_key, tree, job_number, started_at FROM dataset \
     WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int AND is_root AND status IN ('failed', 'lost') \
     ORDER BY job, coalesce(project, ''), coalesce(ended_at, last_event_at), started_at, run_key) \
     SELECT coalesce((SELECT problem FROM signature WHERE signature = day.cause_signature ORDER BY cut LIMIT 1), day.cause_signature) AS problem, \
     day.category, day.cause_job AS job, day.cause_step AS step, child.job AS blocked \
     FROM job_day AS day \
     JOIN root ON root.job = day.job AND root.project = coalesce(day.project, '') AND root.failed_at = day.first_failure_at \
     CROSS JOIN LATERAL (SELECT run_key, tree, started_at FROM dataset AS run \
     WHERE run.job_number = root.job_number AND run.started_at < root.started_at AND run.is_root AND run.status = 'success' \
     AND run.tree_status = 'success' AND run.duration_ms IS NOT NULL ORDER BY run.started_at DESC, run.run_key LIMIT 1) AS good \
     JOIN dataset AS child ON child.tree = good.tree AND child.root_run_key = good.run_key AND NOT child.is_root \
     JOIN dataset AS parent ON parent.tree = good.tree AND parent.run_key = child.parent_run_key \
     WHERE day.environment = $1 AND day.business_day = date '1970-01-01' + $2::int \
     AND day.category IS NOT NULL \
     AND NOT (day.cause_signature IS NULL AND root.status = 'lost') \
     AND NOT EXISTS (SELECT FROM dataset AS ours WHERE ours.tree = root.tree AND ours.root_run_key = root.run_key \
     AND ours.job_number = child.job_number) \
     AND NOT EXISTS (SELECT FROM dataset AS later WHERE later.job_number = child.job_number \
     AND later.started_at >= root.started_at AND later.business_day = day.business_day) \
     AND EXISTS (SELECT FROM dataset AS ours WHERE ours.tree = root.tree AND ours.root_run_key = root.run_key \
     AND ours.job_number = parent.job_number) \
     ORDER BY root.started_at, root.job, child.started_at - good.started_at, child.job";

/// As the column `lost_ms` of issues counts, on one day.
pub(crate) const LOST: &str = "SELECT coalesce((SELECT problem FROM signature WHERE signature = cause_signature ORDER BY cut LIMIT 1), \
     cause_signature) AS problem, category, cause_job AS job, cause_step AS step, \
     coalesce(sum(coalesce(self_duration_ms, duration_ms)), 0)::bigint AS lost_ms FROM dataset \
     WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int AND status = 'failed' AND category IS NOT NULL \
     GROUP BY cause_signature, category, cause_job, cause_step";

/// One server that is down strikes many jobs: places with the same problem are one cause. What is wrong in a job's own code or data
/// is mended there, however alike the messages are: then each issue is a cause. Where no error says what it was, nothing joins two jobs.
fn causes_of(places: Vec<PlaceRow>) -> Vec<Cause> {
    #[derive(PartialEq, Eq, Hash)]
    enum Key {
        Problem(Uuid),
        Issue(Uuid),
        Job(Option<Uuid>, String, Option<String>),
    }
    let mut causes: Vec<Cause> = Vec::new();
    let mut known = HashMap::new();
    for row in places {
        let own = matches!(
            row.blame.as_deref().and_then(Blame::parse),
            Some(Blame::Code | Blame::Data)
        );
        let key = match (row.problem, &row.issue) {
            (Some(_), Some(issue)) if own => Key::Issue(issue.issue),
            (Some(problem), _) if !own => Key::Problem(problem),
            (problem, _) => Key::Job(problem, row.category.clone(), row.job.clone()),
        };
        let at = *known.entry(key).or_insert(causes.len());
        if at == causes.len() {
            causes.push(Cause {
                category: Category::parse(&row.category).unwrap_or(Category::Unknown),
                blame: row.blame.as_deref().and_then(Blame::parse),
                retryable: row.retryable,
                message: row.message,
                jobs: 0,
                open: 0,
                places: Vec::new(),
            });
        }
        let cause = &mut causes[at];
        cause.jobs += row.jobs;
        cause.open += row.open;
        cause.places.push(Place {
            job: row.job,
            step: row.step,
            first_at: Moment(row.first_at),
            open: row.open,
            roots: row.roots,
            roots_more: row.roots_more,
            blocked: row.blocked,
            lost_ms: row.lost_ms,
            issue: row.issue,
        });
    }
    // Open ones stand first already. What says why it failed helps more than what only says that it did.
    causes.sort_by_key(|cause| (cause.open == 0, cause.message.is_none()));
    causes.truncate(CAUSES_LISTED);
    causes
}

pub(crate) const JOBS: &str = "WITH last AS ( \
     SELECT DISTINCT ON (job, project) job, project, root_run_key, started_at, category, \
     CASE WHEN status IN ('failed', 'lost') THEN coalesce(ended_at, last_event_at) END AS failed_at, \
     coalesce((SELECT problem FROM signature WHERE signature = cause_signature ORDER BY cut LIMIT 1), cause_signature) AS problem FROM dataset \
     WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int AND is_root \
     ORDER BY job, project, started_at DESC, run_key), \
     life AS ( \
     SELECT root_run_key, max(last_event_at) AS last_event_at FROM dataset \
     WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int GROUP BY root_run_key) \
     SELECT day.project, day.job, verdict, (extract(epoch FROM first_failure_at) * 1000000)::bigint AS first_failure_at, \
     CASE WHEN last.problem <> struck.problem THEN (extract(epoch FROM last.failed_at) * 1000000)::bigint END AS again_at, \
     last.category AS again_category, \
     (extract(epoch FROM recovered_at) * 1000000)::bigint AS recovered_at, recovered_by, \
     (extract(epoch FROM ready_at) * 1000000)::bigint AS ready_at, day.category, blame, cause_job, cause_step, \
     (extract(epoch FROM started_at) * 1000000)::bigint AS started_at, \
     (extract(epoch FROM last_event_at) * 1000000)::bigint AS last_event_at \
     FROM job_day AS day \
     LEFT JOIN last ON last.job = day.job AND coalesce(last.project, '') = coalesce(day.project, '') \
     LEFT JOIN life USING (root_run_key) \
     CROSS JOIN LATERAL (SELECT coalesce((SELECT problem FROM signature WHERE signature = day.cause_signature ORDER BY cut LIMIT 1), \
     day.cause_signature) AS problem) AS struck \
     WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int AND verdict <> 'ok' \
     ORDER BY array_position(ARRAY['failed', 'lost', 'unverified', 'running', 'recovered'], verdict), \
     coalesce(first_failure_at, started_at), day.project, day.job LIMIT $3";

pub(crate) const LAST_EVENT: &str = "SELECT (extract(epoch FROM max(last_event_at)) * 1000000)::bigint FROM horizon WHERE environment = $1";

#[derive(FromRow)]
struct PlaceRow {
    problem: Option<Uuid>,
    signature: Option<Uuid>,
    category: String,
    blame: Option<String>,
    retryable: Option<bool>,
    message: Option<String>,
    job: Option<String>,
    step: Option<String>,
    first_at: i64,
    jobs: i64,
    open: i64,
    roots: Vec<String>,
    roots_more: i64,
    #[sqlx(skip)]
    lost_ms: i64,
    #[sqlx(skip)]
    blocked: Vec<String>,
    #[sqlx(skip)]
    issue: Option<Named>,
}

/// Where a cause struck.
#[derive(FromRow)]
struct PlaceKey {
    problem: Option<Uuid>,
    category: String,
    job: Option<String>,
    step: Option<String>,
}

#[derive(FromRow)]
struct BlockedRow {
    #[sqlx(flatten)]
    at: PlaceKey,
    blocked: String,
}

#[derive(FromRow)]
struct LostRow {
    #[sqlx(flatten)]
    at: PlaceKey,
    lost_ms: i64,
}

impl PlaceKey {
    fn is_of(&self, place: &PlaceRow) -> bool {
        (self.problem, &self.job, &self.step) == (place.problem, &place.job, &place.step)
            && (self.problem.is_some() || self.category == place.category)
    }
}

#[derive(FromRow)]
struct JobRow {
    project: Option<String>,
    job: String,
    verdict: String,
    first_failure_at: Option<i64>,
    again_at: Option<i64>,
    again_category: Option<String>,
    recovered_at: Option<i64>,
    recovered_by: Option<String>,
    ready_at: Option<i64>,
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
        let category = self.again_category.as_deref().and_then(Category::parse);
        let again = self.again_at.zip(category);
        Some(Job {
            verdict: Verdict::parse(&self.verdict)?,
            project: self.project,
            job: self.job,
            first_failure_at: self.first_failure_at.map(Moment),
            again: again.map(|(failed_at, category)| Again {
                failed_at: Moment(failed_at),
                category,
            }),
            recovered_at: self.recovered_at.map(Moment),
            recovered_by: self.recovered_by.as_deref().and_then(RecoveredBy::parse),
            ready_at: self.ready_at.map(Moment),
            category: self.category.as_deref().and_then(Category::parse),
            blame: self.blame.as_deref().and_then(Blame::parse),
            cause_job: self.cause_job,
            cause_step: self.cause_step,
            started_at: self.started_at.map(Moment),
            last_event_at: self.last_event_at.map(Moment),
        })
    }
}

pub(crate) fn date(days: i32) -> Date {
    Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(days))
}
