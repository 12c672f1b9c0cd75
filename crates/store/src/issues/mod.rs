//! Issues: read from `dataset`, `signature`, `job` and what people did, judged by the core, and written to `issue`. The rules stand
//! in `doc/issues.md`.
//!
//! An issue is computed from all of its runs each time, so it never depends on how they came; but only issues of families are
//! computed that a fuse, or a person, touched.

mod acts;
mod facts;
mod former;
mod looking;
mod row;

pub use acts::{NewAct, StoredAct, acted, acts_of, add};
pub use facts::idle_acts;
pub use former::{Former, former};
pub use looking::{
    Beside, Filter, IssueError, Listed, Named, beside, blocked, by_day, by_id, errors_of, example,
    ids, known_families, list, of_causes, of_day, problem_texts, reach, recent_runs, shortest,
    signature_texts,
};
pub use row::IssueRow;

use smartetl_core::fuse::JobKey;
use smartetl_core::issue::Rules;
use smartetl_core::model::job_family;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::StoreError;

/// An environment and a job family.
pub type Family = (String, String);

/// What may have changed issues.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Everything.
    pub all: bool,
    /// Jobs whose runs were written or removed.
    pub jobs: Vec<JobKey>,
    /// Stored runs of which it is said now that they started for another reason.
    pub runs: Vec<Uuid>,
    /// As such: where a job was of another family before.
    pub families: Vec<Family>,
    /// Signatures may mean another problem: only then their issues are looked for.
    pub regrouped: bool,
}

/// Which issues are computed.
#[derive(Clone, Debug)]
pub(crate) enum Scope {
    All,
    Families(Vec<Family>),
}

impl Scope {
    fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }

    /// Environments and families, as two columns.
    fn columns(&self) -> (Vec<&str>, Vec<&str>) {
        match self {
            Self::All => (Vec::new(), Vec::new()),
            Self::Families(families) => families
                .iter()
                .map(|(environment, family)| (environment.as_str(), family.as_str()))
                .unzip(),
        }
    }
}

/// Brings the issues up to date that may have changed; how many did. Other rules than last time touch all of them, and signatures that
/// mean another problem by now touch theirs. To be called in a transaction that holds [`crate::fusion::lock`], behind the runs, the
/// catalogue and the problems.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn settle(
    connection: &mut PgConnection,
    touched: &Touched,
    rules: Rules,
) -> Result<u64, StoreError> {
    let known: Option<i64> = sqlx::query_scalar(KNOWN_RULES)
        .fetch_optional(&mut *connection)
        .await?
        .flatten();
    let scope = if touched.all || known != Some(rules.hash()) {
        Scope::All
    } else {
        Scope::Families(families(connection, touched).await?)
    };
    if matches!(&scope, Scope::Families(families) if families.is_empty()) {
        return Ok(0);
    }
    let computed = facts::computed(connection, &scope, rules).await?;
    let (environments, families) = scope.columns();
    let has_some: bool = sqlx::query_scalar(HAS_ISSUES)
        .fetch_one(&mut *connection)
        .await?;
    let mut removed = 0;
    if has_some {
        let done = sqlx::query(REMOVE)
            .bind(Json(&computed))
            .bind(scope.is_all())
            .bind(environments)
            .bind(families)
            .execute(&mut *connection)
            .await?;
        removed = done.rows_affected();
    }
    let written = sqlx::query(WRITE)
        .bind(Json(&computed))
        .execute(&mut *connection)
        .await?;
    if known != Some(rules.hash()) {
        sqlx::query(SET_RULES)
            .bind(rules.hash())
            .execute(connection)
            .await?;
    }
    Ok(written.rows_affected().max(removed))
}

pub(crate) const KNOWN_RULES: &str = "SELECT issue_rules FROM fuse_state";
pub(crate) const SET_RULES: &str = "UPDATE fuse_state SET issue_rules = $1";

pub(crate) const HAS_ISSUES: &str = "SELECT EXISTS (SELECT FROM issue)";
// What is the same stays: a fuse of a good night writes nothing here.
pub(crate) const REMOVE: &str = "DELETE FROM issue WHERE ($2 OR (environment, family) IN (SELECT * FROM unnest($3::text[], $4::text[]))) \
     AND NOT EXISTS (SELECT FROM jsonb_populate_recordset(NULL::issue, $1) AS computed \
     WHERE computed.issue = issue.issue AND ROW (computed.*) IS NOT DISTINCT FROM ROW (issue.*))";
pub(crate) const WRITE: &str = "INSERT INTO issue SELECT computed.* FROM jsonb_populate_recordset(NULL::issue, $1) AS computed \
     ON CONFLICT (issue) DO NOTHING";

/// The families of what was touched, by the catalogue, by their names, and by what issues were made of.
async fn families(
    connection: &mut PgConnection,
    touched: &Touched,
) -> Result<Vec<Family>, StoreError> {
    let column = |pick: fn(&JobKey) -> &String| -> Vec<&str> {
        touched.jobs.iter().map(|job| pick(job).as_str()).collect()
    };
    let by_name = touched
        .jobs
        .iter()
        .map(|job| (job.environment.clone(), job_family(&job.job)));
    let (environments, families): (Vec<String>, Vec<String>) =
        by_name.chain(touched.families.iter().cloned()).unzip();
    Ok(sqlx::query_as(TOUCHED)
        .bind(environments)
        .bind(families)
        .bind(column(|job| &job.environment))
        .bind(column(|job| &job.system))
        .bind(column(|job| &job.project))
        .bind(column(|job| &job.job))
        .bind(&touched.runs)
        .bind(touched.regrouped)
        .fetch_all(connection)
        .await?)
}

pub(crate) const TOUCHED: &str = "SELECT environment, family FROM unnest($1::text[], $2::text[]) AS named (environment, family) \
     UNION SELECT job.environment, job.family FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) \
     AS touched (environment, system, project, job) JOIN job ON job.environment = touched.environment \
     AND job.system = touched.system AND job.project IS NOT DISTINCT FROM nullif(touched.project, '') AND job.job = touched.job \
     UNION SELECT job.environment, job.family FROM dataset AS run JOIN job ON job.environment = run.environment \
     AND job.system = run.system AND job.project IS NOT DISTINCT FROM run.project AND job.job = run.job WHERE run.run_key = ANY ($7) \
     UNION SELECT issue.environment, issue.family FROM issue CROSS JOIN unnest(issue.signatures) AS held (signature) \
     WHERE $8 AND issue.problem IS DISTINCT FROM (SELECT known.problem FROM signature AS known \
     WHERE known.signature = held.signature ORDER BY known.cut LIMIT 1)";

/// An issue that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub issue: Uuid,
    pub environment: String,
    pub family: String,
    /// Columns that differ; `None` where the issue is missing, or is one too many.
    pub columns: Option<Vec<String>>,
    pub is_missing: bool,
}

/// Computes all issues and compares them with what is stored: how many there are, and what differs. Reads only. `None` where they were
/// never computed by these rules.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn compare(
    connection: &mut PgConnection,
    rules: Rules,
) -> Result<Option<(usize, Vec<Difference>)>, StoreError> {
    let known: Option<Option<i64>> = sqlx::query_scalar(KNOWN_RULES)
        .fetch_optional(&mut *connection)
        .await?;
    // Where nothing was ever fused there are none.
    if known.is_some_and(|known| known != Some(rules.hash())) {
        return Ok(None);
    }
    let computed = facts::computed(connection, &Scope::All, rules).await?;
    let rows: Vec<ComparedRow> = sqlx::query_as(COMPARE)
        .bind(Json(computed))
        .fetch_all(connection)
        .await?;
    let looked_at = rows.len();
    let differences = rows
        .into_iter()
        .filter_map(|(issue, family, stored, computed)| {
            let columns = match (&stored, &computed) {
                (Some(Json(stored)), Some(Json(computed))) => {
                    let columns: Vec<String> = computed
                        .iter()
                        .filter(|(name, value)| stored.get(*name) != Some(value))
                        .map(|(name, _)| name.clone())
                        .collect();
                    if columns.is_empty() {
                        return None;
                    }
                    Some(columns)
                }
                _ => None,
            };
            let Json((environment, family)) = family;
            Some(Difference {
                issue,
                environment,
                family,
                columns,
                is_missing: stored.is_none(),
            })
        });
    Ok(Some((looked_at, differences.collect())))
}

/// Columns by name.
type Columns = serde_json::Map<String, serde_json::Value>;
/// Issue, its environment and family, what is stored and what it should be.
type ComparedRow = (
    Uuid,
    Json<Family>,
    Option<Json<Columns>>,
    Option<Json<Columns>>,
);

pub(crate) const COMPARE: &str = "SELECT coalesce(issue.issue, computed.issue), \
     jsonb_build_array(coalesce(issue.environment, computed.environment), coalesce(issue.family, computed.family)), \
     CASE WHEN issue.issue IS NOT NULL THEN to_jsonb(issue.*) END, \
     CASE WHEN computed.issue IS NOT NULL THEN to_jsonb(computed.*) END \
     FROM issue FULL JOIN jsonb_populate_recordset(NULL::issue, $1) AS computed ON computed.issue = issue.issue \
     ORDER BY 1";
