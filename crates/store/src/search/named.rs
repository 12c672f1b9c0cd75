//! What has a name or a text of its own: jobs, runs, issues, notes, sources. The connection is in a transaction.

use smartetl_core::model::{Category, IssueState, Moment};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, Row};
use uuid::Uuid;

use super::Terms;
use crate::StoreError;
use crate::looking::{NamedJob, RUN_COLUMNS, Run};

/// The server does not know that to make words of a text takes long: statements about words go along their indexes.
const ALONG_INDEXES: &str = "SET LOCAL enable_seqscan = off";
const AS_EVER: &str = "SET LOCAL enable_seqscan = on";
/// More problems are not looked for.
const MOST_PROBLEMS: i64 = 10_000;
/// Less than that is not alike.
const ALIKE: f32 = 0.3;
/// So many runs whose ids begin alike are looked at.
const MOST_RUNS: i64 = 500;

/// Where, and how much at most.
#[derive(Clone, Copy, Debug)]
pub struct Within<'w> {
    /// All where none is named.
    pub environments: &'w [String],
    pub limit: i64,
}

impl Within<'_> {
    fn environments(&self) -> Option<&[String]> {
        (!self.environments.is_empty()).then_some(self.environments)
    }
}

/// A job that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundJob {
    pub name: NamedJob,
    /// All that is known of it in words.
    pub text: String,
    pub last_seen: Moment,
}

/// The jobs that hold all the words, those that are called so first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn jobs(
    connection: &mut PgConnection,
    terms: &Terms,
    within: Within<'_>,
) -> Result<Vec<FoundJob>, StoreError> {
    let patterns = terms.patterns();
    sqlx::query(ALONG_INDEXES).execute(&mut *connection).await?;
    let found = sqlx::query_as(AssertSqlSafe(jobs_sql()))
        .bind(within.environments())
        .bind(terms.query())
        .bind(patterns.first())
        .bind(&patterns)
        .bind(&terms.plain)
        .bind(within.limit)
        .fetch_all(&mut *connection)
        .await?;
    sqlx::query(AS_EVER).execute(connection).await?;
    Ok(found)
}

/// What the index `job_words` is about.
const JOB_TEXT: &str = "job || ' ' || coalesce(project, '') || ' ' || family || ' ' || coalesce(owner, '') || ' ' || coalesce(domain, '') \
     || ' ' || coalesce(source_app, '')";

const JOB_COLUMNS: &str = "environment, system, project, job, (extract(epoch FROM last_seen) * 1000000)::bigint AS seen_us";

/// Each half goes along an index of its own: to make words of a text again, only to look at them, takes long.
fn jobs_sql() -> String {
    format!(
        "SELECT * FROM (SELECT {JOB_COLUMNS}, {JOB_TEXT} AS text, retired_at FROM job WHERE search_words({JOB_TEXT}) @@ search_query($2) \
         UNION SELECT {JOB_COLUMNS}, {JOB_TEXT}, retired_at FROM job WHERE search_plain(job) LIKE $3 AND search_plain(job) LIKE ALL ($4::text[])) AS found \
         WHERE $1::text[] IS NULL OR environment = ANY ($1) \
         ORDER BY search_plain(job) = $5 DESC, starts_with(search_plain(job), $5) DESC, strpos(search_plain(job), $5) > 0 DESC, \
         retired_at IS NULL DESC, environment <> 'PROD', seen_us DESC, environment, job, project, system LIMIT $6"
    )
}

/// The jobs with names that are like these words, the most alike first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn jobs_alike(
    connection: &mut PgConnection,
    terms: &Terms,
    within: Within<'_>,
) -> Result<Vec<FoundJob>, StoreError> {
    Ok(sqlx::query_as(AssertSqlSafe(jobs_alike_sql()))
        .bind(within.environments())
        .bind(&terms.plain)
        .bind(ALIKE)
        .bind(within.limit)
        .fetch_all(connection)
        .await?)
}

fn jobs_alike_sql() -> String {
    format!(
        "SELECT {JOB_COLUMNS}, job AS text FROM job WHERE ($1::text[] IS NULL OR environment = ANY ($1)) \
         AND search_likeness($2, search_plain(job)) >= $3::real ORDER BY search_likeness($2, search_plain(job)) DESC, \
         environment <> 'PROD', environment, job, project, system LIMIT $4"
    )
}

impl FromRow<'_, PgRow> for FoundJob {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            name: NamedJob::from_row(row)?,
            text: row.try_get("text")?,
            last_seen: Moment(row.try_get("seen_us")?),
        })
    }
}

/// The runs whose id, as the tool gave it, begins so; the newest first, of the last ones by id.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn runs(
    connection: &mut PgConnection,
    terms: &Terms,
    within: Within<'_>,
) -> Result<Vec<Run>, StoreError> {
    let Some(beginning) = terms.beginning() else {
        return Ok(Vec::new());
    };
    Ok(sqlx::query_as(AssertSqlSafe(runs_sql()))
        .bind(within.environments())
        .bind(beginning)
        .bind(MOST_RUNS)
        .bind(within.limit)
        .fetch_all(connection)
        .await?)
}

/// Beginnings of many runs are cut along the index, in which later ids usually come later.
fn runs_sql() -> String {
    format!(
        "SELECT {RUN_COLUMNS} FROM (SELECT * FROM dataset WHERE left(run_id, 64) LIKE $2 \
         AND ($1::text[] IS NULL OR environment = ANY ($1)) ORDER BY left(run_id, 64) USING ~>~, started_at DESC LIMIT $3) AS run \
         ORDER BY run.started_at DESC, run.run_key LIMIT $4"
    )
}

/// An issue that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundIssue {
    pub issue: Uuid,
    pub environment: String,
    pub family: String,
    pub state: IssueState,
    pub category: Option<Category>,
    pub title: String,
    /// What its messages share.
    pub text: String,
    pub last_seen: Moment,
}

/// The issues whose title or template holds all the words, or that are of these categories, or whose id begins so; open ones first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn issues(
    connection: &mut PgConnection,
    terms: &Terms,
    categories: &[Category],
    ids: Option<[Uuid; 2]>,
    within: Within<'_>,
) -> Result<Vec<FoundIssue>, StoreError> {
    sqlx::query(ALONG_INDEXES).execute(&mut *connection).await?;
    let problems: Vec<Uuid> = sqlx::query_scalar(PROBLEMS)
        .bind(terms.query())
        .bind(MOST_PROBLEMS)
        .fetch_all(&mut *connection)
        .await?;
    sqlx::query(AS_EVER).execute(&mut *connection).await?;
    let categories = categories.iter().map(|category| category.as_str());
    Ok(sqlx::query_as(AssertSqlSafe(issues_sql()))
        .bind(within.environments())
        .bind(problems)
        .bind(categories.collect::<Vec<_>>())
        .bind(ids.map(|[first, _]| first))
        .bind(ids.map(|[_, last]| last))
        .bind(within.limit)
        .fetch_all(connection)
        .await?)
}

pub(crate) const PROBLEMS: &str = "SELECT problem FROM problem WHERE search_words(title || ' ' || text) @@ search_query($1) LIMIT $2";

const ISSUE_COLUMNS: &str = "issue.issue, issue.environment, issue.family, issue.state, issue.category, problem.title, problem.text, \
     (extract(epoch FROM issue.last_seen) * 1000000)::bigint AS seen_us";

fn issues_sql() -> String {
    format!(
        "SELECT {ISSUE_COLUMNS} FROM issue JOIN problem USING (problem) WHERE ($1::text[] IS NULL OR issue.environment = ANY ($1)) \
         AND (issue.problem = ANY ($2::uuid[]) \
         OR issue.category = ANY ($3::text[]) OR issue.issue BETWEEN $4::uuid AND $5::uuid) \
         ORDER BY issue.state = 'resolved', issue.last_seen DESC, issue.issue LIMIT $6"
    )
}

/// The issues with titles that are like these words, the most alike first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn issues_alike(
    connection: &mut PgConnection,
    terms: &Terms,
    within: Within<'_>,
) -> Result<Vec<FoundIssue>, StoreError> {
    Ok(sqlx::query_as(AssertSqlSafe(issues_alike_sql()))
        .bind(within.environments())
        .bind(&terms.plain)
        .bind(ALIKE)
        .bind(within.limit)
        .fetch_all(connection)
        .await?)
}

fn issues_alike_sql() -> String {
    format!(
        "SELECT {ISSUE_COLUMNS} FROM issue JOIN problem USING (problem) WHERE ($1::text[] IS NULL OR issue.environment = ANY ($1)) \
         AND search_likeness($2, search_plain(left(problem.title, 300))) >= $3::real \
         ORDER BY search_likeness($2, search_plain(left(problem.title, 300))) DESC, issue.last_seen DESC, issue.issue LIMIT $4"
    )
}

impl FromRow<'_, PgRow> for FoundIssue {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let state: String = row.try_get("state")?;
        let category: Option<String> = row.try_get("category")?;
        let unknown = || sqlx::Error::ColumnDecode {
            index: "state".to_owned(),
            source: format!("`{state}` is no state").into(),
        };
        Ok(Self {
            issue: row.try_get("issue")?,
            environment: row.try_get("environment")?,
            family: row.try_get("family")?,
            state: IssueState::parse(&state).ok_or_else(unknown)?,
            category: category.as_deref().and_then(Category::parse),
            title: row.try_get("title")?,
            text: row.try_get("text")?,
            last_seen: Moment(row.try_get("seen_us")?),
        })
    }
}

/// A note that was found, with the issue that it is about now.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct FoundNote {
    pub issue: Uuid,
    pub environment: String,
    pub family: String,
    /// That of the issue.
    pub title: String,
    pub text: String,
    pub made_by: String,
    pub made_us: i64,
}

/// The notes that hold all the words, the newest first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn notes(
    connection: &mut PgConnection,
    terms: &Terms,
    within: Within<'_>,
) -> Result<Vec<FoundNote>, StoreError> {
    sqlx::query(ALONG_INDEXES).execute(&mut *connection).await?;
    let acts: Vec<i64> = sqlx::query_scalar(NOTES)
        .bind(within.environments())
        .bind(terms.query())
        .bind(within.limit)
        .fetch_all(&mut *connection)
        .await?;
    sqlx::query(AS_EVER).execute(&mut *connection).await?;
    Ok(sqlx::query_as(ISSUES_OF_NOTES)
        .bind(acts)
        .fetch_all(connection)
        .await?)
}

pub(crate) const NOTES: &str = "SELECT act FROM issue_act WHERE kind = 'note' AND search_words(text) @@ search_query($2) \
     AND ($1::text[] IS NULL OR environment = ANY ($1)) ORDER BY made_at DESC, act DESC LIMIT $3";

// What people did follows the signatures that the issue was made of then.
pub(crate) const ISSUES_OF_NOTES: &str = "SELECT issue.issue, issue.environment, issue.family, issue.title, act.text, act.made_by, \
     (extract(epoch FROM act.made_at) * 1000000)::bigint AS made_us FROM issue_act AS act \
     CROSS JOIN LATERAL (SELECT issue.issue, issue.environment, issue.family, problem.title FROM issue JOIN problem USING (problem) \
     WHERE issue.environment = act.environment AND (issue.problem = act.problem OR issue.signatures && act.signatures) \
     ORDER BY issue.family = act.family DESC, issue.problem = act.problem DESC, issue.last_seen DESC, issue.issue LIMIT 1) AS issue \
     WHERE act.act = ANY ($1) ORDER BY act.made_at DESC, act.act DESC";

/// A source that was found.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct FoundSource {
    pub source: i64,
    pub path: String,
    pub seen_us: i64,
}

/// The sources whose path holds all that was typed between blanks, the newest first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn sources(
    connection: &mut PgConnection,
    terms: &Terms,
    limit: i64,
) -> Result<Vec<FoundSource>, StoreError> {
    let patterns = terms.patterns_of_paths();
    Ok(sqlx::query_as(SOURCES)
        .bind(patterns.first())
        .bind(&patterns)
        .bind(limit)
        .fetch_all(connection)
        .await?)
}

pub(crate) const SOURCES: &str = "SELECT source, path, (extract(epoch FROM seen_at) * 1000000)::bigint AS seen_us FROM source \
     WHERE lower(path COLLATE \"C\") LIKE $1 AND lower(path COLLATE \"C\") LIKE ALL ($2::text[]) ORDER BY source DESC LIMIT $3";
