//! Issues for people: lists, one of them, and the names that stand beside a cause. Reads only.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Deserialize;
use smartetl_core::model::{Blame, Category, IssueState, Moment};
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::IssueRow;
use crate::StoreError;
use crate::copy::days_since_1970;
use crate::export::like;
use crate::looking::{NamedJob, RUN_COLUMNS, Run};

/// Which issues are asked for. What is empty asks for all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub states: Vec<IssueState>,
    pub environments: Vec<String>,
    /// A name in which `*` stands for anything, in whatever case.
    pub family: Option<String>,
    pub categories: Vec<Category>,
    pub blames: Vec<Blame>,
    /// Somebody, or with the empty word nobody.
    pub assignee: Option<String>,
    /// With an occurrence on that business day.
    pub day: Option<Date>,
    /// In whose template, title or family this stands, in whatever case, or whose id begins with it.
    pub text: Option<String>,
}

/// An issue with what is said of its problem.
#[derive(Clone, Debug, Deserialize)]
pub struct Listed {
    #[serde(flatten)]
    pub row: IssueRow,
    /// What the problem is called.
    pub title: Option<String>,
    /// What its messages share.
    pub template: Option<String>,
    /// A person said what its category is.
    pub corrected: bool,
}

/// The issues that are asked for: open ones before resolved ones, what was seen last first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn list(
    connection: &mut PgConnection,
    filter: &Filter,
) -> Result<Vec<Listed>, StoreError> {
    fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Option<Vec<&'static str>> {
        (!all.is_empty()).then(|| all.iter().map(|one| word(*one)).collect())
    }
    let environments = Some(filter.environments.as_slice()).filter(|all| !all.is_empty());
    let rows: Vec<(Json<Listed>,)> = sqlx::query_as(LIST)
        .bind(words(&filter.states, IssueState::as_str))
        .bind(environments)
        .bind(filter.family.as_deref().map(like))
        .bind(words(&filter.categories, Category::as_str))
        .bind(words(&filter.blames, Blame::as_str))
        .bind(filter.assignee.as_deref())
        .bind(filter.day.map(days_since_1970))
        .bind(None::<Uuid>)
        .bind(filter.text.as_deref())
        .fetch_all(&mut *connection)
        .await?;
    Ok(rows.into_iter().map(|(Json(listed),)| listed).collect())
}

/// One issue.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn by_id(
    connection: &mut PgConnection,
    issue: Uuid,
) -> Result<Option<Listed>, StoreError> {
    let row: Option<(Json<Listed>,)> = sqlx::query_as(LIST)
        .bind(None::<Vec<String>>)
        .bind(None::<Vec<String>>)
        .bind(None::<String>)
        .bind(None::<Vec<String>>)
        .bind(None::<Vec<String>>)
        .bind(None::<String>)
        .bind(None::<i32>)
        .bind(issue)
        .bind(None::<String>)
        .fetch_optional(&mut *connection)
        .await?;
    Ok(row.map(|(Json(listed),)| listed))
}

pub(crate) const LIST: &str = "SELECT to_jsonb(issue.*) || jsonb_build_object('title', problem.title, 'template', problem.text, \
     'corrected', problem.category IS NOT NULL, 'category', coalesce(problem.category, issue.category), \
     'blame', CASE WHEN problem.category IS NULL THEN issue.blame ELSE problem.blame END, \
     'retryable', CASE WHEN problem.category IS NULL THEN issue.retryable ELSE problem.retryable END) \
     FROM issue LEFT JOIN problem ON problem.problem = issue.problem \
     WHERE ($1::text[] IS NULL OR issue.state = ANY ($1)) AND ($2::text[] IS NULL OR issue.environment = ANY ($2)) \
     AND ($3::text IS NULL OR issue.family ILIKE $3) \
     AND ($4::text[] IS NULL OR coalesce(problem.category, issue.category) = ANY ($4)) \
     AND ($5::text[] IS NULL OR CASE WHEN problem.category IS NULL THEN issue.blame ELSE problem.blame END = ANY ($5)) \
     AND ($6::text IS NULL OR coalesce(issue.assignee, '') = $6) \
     AND ($7::integer IS NULL OR EXISTS (SELECT FROM dataset AS run JOIN job ON job.environment = run.environment \
         AND job.system = run.system AND job.project IS NOT DISTINCT FROM run.project AND job.job = run.job \
         WHERE run.environment = issue.environment AND run.business_day = date '1970-01-01' + $7 \
         AND run.error_signatures && issue.signatures AND job.family = issue.family)) \
     AND ($8::uuid IS NULL OR issue.issue = $8) \
     AND ($9::text IS NULL OR strpos(lower(concat_ws(E'\n', issue.family, problem.title, problem.text)), lower($9)) > 0 \
         OR starts_with(issue.issue::text, lower($9))) \
     ORDER BY issue.state = 'resolved', issue.last_seen DESC, issue.issue";

/// How many runs of jobs were never started because of each of these issues, or skipped; issues with none are left out.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn blocked(
    connection: &mut PgConnection,
    issues: &[Uuid],
) -> Result<HashMap<Uuid, i64>, StoreError> {
    let (issues, numbers) = jobs_of(connection, issues).await?;
    let rows: Vec<(Uuid, i64)> = sqlx::query_as(BLOCKED)
        .bind(issues)
        .bind(numbers)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The numbers of the jobs of the families of these issues, each beside its issue.
async fn jobs_of(
    connection: &mut PgConnection,
    issues: &[Uuid],
) -> Result<(Vec<Uuid>, Vec<i64>), StoreError> {
    let jobs: Vec<IssueJob> = sqlx::query_as(JOBS_OF)
        .bind(issues)
        .fetch_all(connection)
        .await?;
    let numbered = jobs.into_iter().map(|of| (of.issue, of.name.number()));
    Ok(numbered.unzip())
}

/// A job of an issue's family.
#[derive(FromRow)]
struct IssueJob {
    issue: Uuid,
    #[sqlx(flatten)]
    name: NamedJob,
}

pub(crate) const JOBS_OF: &str = "SELECT issue.issue, job.environment, job.system, job.project, job.job FROM issue \
     JOIN job ON job.environment = issue.environment AND job.family = issue.family WHERE issue.issue = ANY ($1)";

// As the night counts them: children of the last good run of a root job that failed by it which were not run in its tree, nor later
// on that business day; all of them, and not the topmost ones only. Runs that the tool says it skipped are counted beside them. Each
// step goes along one index, whatever the planner knows of the tables; the runs with errors of a job are read once, however many
// issues it has, and of those that no other run started only the ones that failed.
pub(crate) const BLOCKED: &str = "WITH asked AS MATERIALIZED (SELECT issue.issue, issue.signatures, held.number \
     FROM unnest($1::uuid[], $2::bigint[]) AS held (issue, number) JOIN issue USING (issue) WHERE issue.failed_runs > 0), \
     struck AS MATERIALIZED (SELECT run.job_number, run.run_key, run.root_run_key, run.error_signatures \
     FROM (SELECT DISTINCT number FROM asked) AS known JOIN dataset AS run ON run.job_number = known.number AND run.error_signatures <> '{}' \
     AND (run.status IN ('failed', 'lost') OR run.run_key <> run.root_run_key)), \
     root AS MATERIALIZED (SELECT asked.issue, root.run_key, root.tree, root.job_number, root.started_at, root.business_day FROM asked \
     JOIN struck ON struck.job_number = asked.number AND struck.error_signatures && asked.signatures \
     JOIN dataset AS root ON root.run_key = struck.root_run_key AND root.cause_run_key = struck.run_key \
     AND root.is_root AND root.status IN ('failed', 'lost') AND root.cause_signature = ANY (asked.signatures)), \
     absent AS (SELECT root.issue, root.run_key, child.job_number FROM root \
     CROSS JOIN LATERAL (SELECT run.run_key, run.tree FROM dataset AS run WHERE run.job_number = root.job_number \
         AND run.started_at < root.started_at AND run.is_root AND run.status = 'success' AND run.tree_status = 'success' \
         AND run.duration_ms IS NOT NULL ORDER BY run.started_at DESC, run.run_key LIMIT 1) AS good \
     CROSS JOIN LATERAL (SELECT array_agg(ours.job_number) AS jobs FROM dataset AS ours \
         WHERE ours.tree = root.tree AND ours.root_run_key = root.run_key) AS ours \
     JOIN dataset AS child ON child.tree = good.tree AND child.root_run_key = good.run_key AND NOT child.is_root \
     AND child.job_number <> ALL (ours.jobs) \
     WHERE NOT EXISTS (SELECT FROM dataset AS later WHERE later.job_number = child.job_number AND later.started_at >= root.started_at \
         AND later.started_at < root.started_at + interval '7 days' AND later.business_day = root.business_day) \
     UNION ALL SELECT root.issue, root.run_key, skipped.job_number FROM root JOIN dataset AS skipped ON skipped.tree = root.tree \
     AND skipped.root_run_key = root.run_key AND skipped.status = 'skipped') \
     SELECT issue, count(DISTINCT (run_key, job_number)) FROM absent GROUP BY issue";

/// The issues whose ids lie between these two, at most so many.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn ids(
    connection: &mut PgConnection,
    [first, last]: [Uuid; 2],
    limit: u32,
) -> Result<Vec<Uuid>, StoreError> {
    Ok(sqlx::query_scalar(IDS)
        .bind(first)
        .bind(last)
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?)
}

pub(crate) const IDS: &str =
    "SELECT issue FROM issue WHERE issue BETWEEN $1 AND $2 ORDER BY issue LIMIT $3";

/// The first digits of a uuid: fewer say little to the eye, and name other things by chance.
const SHORTEST: usize = 4;

/// The shortest beginnings that name each issue and no other.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn shortest(connection: &mut PgConnection) -> Result<HashMap<Uuid, String>, StoreError> {
    let issues: Vec<Uuid> = sqlx::query_scalar(ALL_IDS).fetch_all(connection).await?;
    let digits: Vec<String> = issues
        .iter()
        .map(|issue| issue.simple().to_string())
        .collect();
    let alike = |one: &str, other: Option<&String>| {
        other.map_or(0, |other| {
            let pairs = one.bytes().zip(other.bytes());
            pairs.take_while(|(one, other)| one == other).count()
        })
    };
    let named = issues.iter().enumerate().map(|(place, issue)| {
        let ours = &digits[place];
        let before = place.checked_sub(1).and_then(|before| digits.get(before));
        let alike = alike(ours, before).max(alike(ours, digits.get(place + 1)));
        let length = (alike + 1).clamp(SHORTEST, ours.len());
        (*issue, ours[..length].to_owned())
    });
    Ok(named.collect())
}

pub(crate) const ALL_IDS: &str = "SELECT issue FROM issue ORDER BY issue";

/// The last runs of an issue, the newest first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn recent_runs(
    connection: &mut PgConnection,
    issue: Uuid,
    limit: u32,
) -> Result<Vec<Run>, StoreError> {
    let (_, numbers) = jobs_of(connection, &[issue]).await?;
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(recent_runs_sql()))
        .bind(issue)
        .bind(i64::from(limit))
        .bind(numbers)
        .fetch_all(connection)
        .await?)
}

/// Along the index of a job's runs with errors, each time from its end.
fn recent_runs_sql() -> String {
    format!(
        "SELECT {RUN_COLUMNS} FROM issue CROSS JOIN unnest($3::bigint[]) AS held (number) CROSS JOIN LATERAL ( \
         SELECT * FROM dataset WHERE job_number = held.number AND error_signatures <> '{{}}' \
         AND EXISTS (SELECT FROM unnest(error_signatures) AS one (signature) WHERE one.signature = ANY (issue.signatures)) \
         ORDER BY started_at DESC, run_key LIMIT $2) AS run \
         WHERE issue.issue = $1 ORDER BY run.started_at DESC, run.run_key LIMIT $2"
    )
}

/// Batch, line and seq of an error of the issue's last run: one of that run itself before copies in those above it.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn example(
    connection: &mut PgConnection,
    issue: Uuid,
) -> Result<Option<(i64, i64, i32)>, StoreError> {
    Ok(sqlx::query_as(EXAMPLE)
        .bind(issue)
        .fetch_optional(connection)
        .await?)
}

pub(crate) const EXAMPLE: &str = "SELECT row.batch, row.line, row.seq FROM issue JOIN dataset AS run ON run.run_key = issue.last_run_key \
     JOIN logerreur AS row ON row.batch = ANY (run.batches) AND row.signature = ANY (issue.signatures) \
     WHERE issue.issue = $1 ORDER BY (row.run_id = run.run_id) IS TRUE DESC, (row.root_run_id = run.root_run_id) IS TRUE DESC, row.moment, row.batch, row.line, row.seq LIMIT 1";

/// The signatures of an issue's problem with what they say, those too that no run of its family had.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn signature_texts(
    connection: &mut PgConnection,
    issue: Uuid,
) -> Result<Vec<(Uuid, String)>, StoreError> {
    Ok(sqlx::query_as(SIGNATURE_TEXTS)
        .bind(issue)
        .fetch_all(connection)
        .await?)
}

pub(crate) const SIGNATURE_TEXTS: &str = "SELECT DISTINCT ON (known.signature) known.signature, known.text FROM issue \
     JOIN signature AS known ON known.problem = issue.problem WHERE issue.issue = $1 ORDER BY known.signature, known.cut";

/// An error of an issue.
#[derive(Clone, Debug, FromRow)]
pub struct IssueError {
    pub batch: i64,
    pub line: i64,
    pub seq: i32,
    pub run_id: Option<String>,
    #[sqlx(flatten)]
    pub written: crate::looking::Struck,
}

/// Errors of these signatures in the rows behind these runs, the newest first, at most so many.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn errors_of(
    connection: &mut PgConnection,
    signatures: &[Uuid],
    runs: &[Run],
    limit: i64,
) -> Result<Vec<IssueError>, StoreError> {
    let first = runs.iter().map(|run| run.started_at).min();
    let last = runs
        .iter()
        .map(|run| run.until().max(run.last_event_at))
        .max();
    let Some((first, last)) = first.zip(last) else {
        return Ok(Vec::new());
    };
    let mut batches: Vec<i64> = runs
        .iter()
        .flat_map(|run| run.batches.iter().copied())
        .collect();
    batches.sort_unstable();
    batches.dedup();
    Ok(sqlx::query_as(ERRORS_OF)
        .bind(signatures)
        .bind(batches)
        .bind(first.plus_millis(-BESIDE_MS).0)
        .bind(last.plus_millis(BESIDE_MS).0)
        .bind(limit)
        .fetch_all(connection)
        .await?)
}

/// An error may be written before the run that it is of has begun, and after it has ended.
const BESIDE_MS: i64 = 24 * 3_600_000;

pub(crate) const ERRORS_OF: &str = "SELECT batch, line, seq, run_id, system, error_type, error_code, code_scheme, message, stack, rule FROM logerreur \
     WHERE signature = ANY ($1) AND batch = ANY ($2) AND moment BETWEEN to_timestamp($3::numeric / 1000000) AND to_timestamp($4::numeric / 1000000) \
     ORDER BY moment DESC, batch DESC, line DESC, seq LIMIT $5";

/// Problems with what their messages share, those with most signatures first; at most so many.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn problem_texts(
    connection: &mut PgConnection,
    limit: i64,
) -> Result<Vec<(Uuid, String)>, StoreError> {
    Ok(sqlx::query_as(PROBLEM_TEXTS)
        .bind(limit)
        .fetch_all(connection)
        .await?)
}

pub(crate) const PROBLEM_TEXTS: &str =
    "SELECT problem, left(text, 1000) FROM problem ORDER BY signatures DESC, problem LIMIT $1";

/// An issue beside another one.
#[derive(Clone, Debug)]
pub struct Beside {
    pub issue: Uuid,
    pub environment: String,
    pub family: String,
    pub state: IssueState,
    pub problem: Uuid,
    pub title: String,
}

/// The other issues of these problems in the same environment, and those of the same problem elsewhere: of each problem at most so
/// many, what was seen last first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn beside(
    connection: &mut PgConnection,
    issue: &IssueRow,
    problems: &[Uuid],
    limit: i64,
) -> Result<Vec<Beside>, StoreError> {
    let rows: Vec<(Uuid, String, String, String, Uuid, String)> = sqlx::query_as(BESIDE)
        .bind(issue.issue)
        .bind(&issue.environment)
        .bind(issue.problem)
        .bind(problems)
        .bind(limit)
        .fetch_all(connection)
        .await?;
    let found =
        rows.into_iter()
            .filter_map(|(issue, environment, family, state, problem, title)| {
                Some(Beside {
                    issue,
                    environment,
                    family,
                    state: IssueState::parse(&state)?,
                    problem,
                    title,
                })
            });
    Ok(found.collect())
}

pub(crate) const BESIDE: &str = "SELECT other.issue, other.environment, other.family, other.state, named.problem, named.title \
     FROM problem AS named CROSS JOIN LATERAL (SELECT * FROM issue WHERE issue.problem = named.problem AND issue.issue <> $1 \
     AND (issue.environment = $2 OR issue.problem = $3) ORDER BY issue.last_seen DESC, issue.issue LIMIT $5) AS other \
     WHERE named.problem = ANY ($4) ORDER BY other.last_seen DESC, other.issue";

/// How many issues these problems have, and in how many families.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn reach(
    connection: &mut PgConnection,
    problems: &[Uuid],
) -> Result<(i64, i64), StoreError> {
    Ok(sqlx::query_as(REACH)
        .bind(problems)
        .fetch_one(connection)
        .await?)
}

pub(crate) const REACH: &str =
    "SELECT count(*), count(DISTINCT family) FROM issue WHERE problem = ANY ($1)";

/// The families that have issues or jobs.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn known_families(connection: &mut PgConnection) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(FAMILIES).fetch_all(connection).await?)
}

pub(crate) const FAMILIES: &str =
    "SELECT family FROM issue UNION SELECT family FROM job ORDER BY family";

/// In how many runs these issues occurred, day by day: how many days before `last`, and how many runs.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn by_day(
    connection: &mut PgConnection,
    issues: &[Uuid],
    last: Date,
    days: usize,
) -> Result<Vec<(Uuid, usize, i64)>, StoreError> {
    let rows: Vec<(Uuid, i32, i64)> = sqlx::query_as(BY_DAY)
        .bind(issues)
        .bind(days_since_1970(last))
        .bind(i32::try_from(days).unwrap_or(i32::MAX))
        .fetch_all(connection)
        .await?;
    let rows = rows.into_iter();
    Ok(rows
        .filter_map(|(issue, ago, runs)| Some((issue, usize::try_from(ago).ok()?, runs)))
        .collect())
}

pub(crate) const BY_DAY: &str = "SELECT issue.issue, date '1970-01-01' + $2::int - run.business_day AS ago, count(*) FROM issue \
     JOIN job AS known ON known.environment = issue.environment AND known.family = issue.family \
     JOIN dataset AS run ON run.environment = known.environment AND run.system = known.system \
     AND run.project IS NOT DISTINCT FROM known.project AND run.job = known.job AND run.error_signatures && issue.signatures \
     AND run.error_signatures <> '{}' WHERE issue.issue = ANY ($1) \
     AND run.business_day BETWEEN date '1970-01-01' + $2::int - $3::int + 1 AND date '1970-01-01' + $2::int \
     GROUP BY issue.issue, run.business_day ORDER BY issue.issue, run.business_day";

/// What stands beside a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub issue: Uuid,
    /// The beginning of it that names it.
    pub short: String,
    pub state: IssueState,
    /// Since when it is open; where the run belongs to an earlier opening, when it was first seen.
    pub since: Moment,
    /// Since then.
    pub runs: i64,
    /// It was resolved after this run.
    pub is_of_before: bool,
    pub muted_until: Option<Moment>,
    pub is_muted: bool,
    pub assignee: Option<String>,
}

/// The issues of the causes of these runs, by run.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn of_causes(
    connection: &mut PgConnection,
    runs: &[Uuid],
) -> Result<HashMap<Uuid, Named>, StoreError> {
    let rows: Vec<NamedRow> = sqlx::query_as(OF_CAUSES)
        .bind(runs)
        .fetch_all(&mut *connection)
        .await?;
    named(connection, rows, |row| row.run_key).await
}

pub(crate) const OF_CAUSES: &str = "SELECT run.run_key, run.cause_signature AS signature, run.cause_job AS job, run.cause_step AS step, \
     issue.issue, issue.state, (extract(epoch FROM CASE WHEN opening.is_of_before THEN issue.first_seen ELSE issue.opened_at END) * 1000000)::bigint \
     AS since_us, CASE WHEN opening.is_of_before THEN issue.runs ELSE issue.runs_since_opened END AS runs, opening.is_of_before, \
     issue.muted IS NOT NULL AS is_muted, (extract(epoch FROM issue.muted_until) * 1000000)::bigint AS muted_us, issue.assignee \
     FROM dataset AS run JOIN dataset AS struck ON struck.run_key = run.cause_run_key \
     JOIN job ON job.environment = struck.environment AND job.system = struck.system \
     AND job.project IS NOT DISTINCT FROM struck.project AND job.job = struck.job \
     CROSS JOIN LATERAL (SELECT problem FROM signature AS held WHERE held.signature = run.cause_signature ORDER BY cut LIMIT 1) AS known \
     JOIN issue ON issue.environment = struck.environment AND issue.family = job.family AND issue.problem = known.problem \
     CROSS JOIN LATERAL (SELECT coalesce(coalesce(struck.first_error_at, struck.last_event_at) < issue.opened_at, false) AS is_of_before) AS opening \
     WHERE run.run_key = ANY ($1)";

/// Where a cause struck: signature, job and step.
pub type Struck = (Option<Uuid>, Option<String>, Option<String>);

/// The issues of the causes of a day's failed root runs, by where they struck.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn of_day(
    connection: &mut PgConnection,
    environment: &str,
    day: i32,
) -> Result<HashMap<Struck, Named>, StoreError> {
    let runs: Vec<Uuid> = sqlx::query_scalar(FAILED_ROOTS)
        .bind(environment)
        .bind(day)
        .fetch_all(&mut *connection)
        .await?;
    let rows: Vec<NamedRow> = sqlx::query_as(OF_CAUSES)
        .bind(runs)
        .fetch_all(&mut *connection)
        .await?;
    named(connection, rows, |row| {
        (row.signature, row.job.clone(), row.step.clone())
    })
    .await
}

pub(crate) const FAILED_ROOTS: &str = "SELECT run_key FROM dataset WHERE environment = $1 AND business_day = date '1970-01-01' + $2::int \
     AND is_root AND status IN ('failed', 'lost') AND cause_signature IS NOT NULL";

#[derive(FromRow)]
struct NamedRow {
    run_key: Uuid,
    signature: Option<Uuid>,
    job: Option<String>,
    step: Option<String>,
    issue: Uuid,
    state: String,
    since_us: i64,
    runs: i64,
    is_of_before: bool,
    is_muted: bool,
    muted_us: Option<i64>,
    assignee: Option<String>,
}

async fn named<K: Eq + std::hash::Hash>(
    connection: &mut PgConnection,
    rows: Vec<NamedRow>,
    key: fn(&NamedRow) -> K,
) -> Result<HashMap<K, Named>, StoreError> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let short = shortest(connection).await?;
    let named = rows.into_iter().filter_map(|row| {
        let named = Named {
            issue: row.issue,
            short: short.get(&row.issue)?.clone(),
            state: IssueState::parse(&row.state)?,
            since: Moment(row.since_us),
            runs: row.runs,
            is_of_before: row.is_of_before,
            muted_until: row.muted_us.map(Moment),
            is_muted: row.is_muted,
            assignee: row.assignee.clone(),
        };
        Some((key(&row), named))
    });
    Ok(named.collect())
}
