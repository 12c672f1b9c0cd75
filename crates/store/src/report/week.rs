//! Every job and night of some days that was not plainly good.

use jiff::civil::Date;
use smartetl_core::model::{Blame, Category, Moment, RecoveredBy, Verdict};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::StoreError;
use crate::night::date;

/// A root job in a night in which it did not succeed at the first try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Struck {
    pub day: Date,
    pub project: Option<String>,
    pub job: String,
    pub verdict: Verdict,
    pub first_failure_at: Option<Moment>,
    pub recovered_by: Option<RecoveredBy>,
    /// What failed, by people's word.
    pub problem: Option<Uuid>,
    /// The family of the job in which it did.
    pub cause_family: Option<String>,
    pub category: Option<Category>,
    pub blame: Option<Blame>,
    pub cause_job: Option<String>,
    /// As some run of these days wrote it; at most 2000 characters.
    pub message: Option<String>,
}

/// Those from `days` before `last` to `last`, by time.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn struck(
    connection: &mut PgConnection,
    environment: &str,
    last: Date,
    days: i32,
) -> Result<Vec<Struck>, StoreError> {
    let rows: Vec<StruckRow> = sqlx::query_as(STRUCK)
        .bind(environment)
        .bind(crate::copy::days_since_1970(last))
        .bind(days)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().filter_map(StruckRow::told).collect())
}

pub(crate) const STRUCK: &str = "WITH said AS ( \
     SELECT DISTINCT ON (cause_signature) cause_signature AS signature, left(error_message, 2000) AS message FROM dataset \
     WHERE environment = $1 AND is_root AND cause_signature IS NOT NULL AND status IN ('failed', 'lost') \
     AND business_day BETWEEN date '1970-01-01' + $2::int - $3::int AND date '1970-01-01' + $2::int \
     ORDER BY cause_signature, started_at, run_key) \
     SELECT business_day - date '1970-01-01' AS day, project, job, verdict, recovered_by, category, blame, cause_job, message, \
     coalesce((SELECT problem FROM signature WHERE signature = cause_signature ORDER BY cut LIMIT 1), cause_signature) AS problem, \
     (SELECT min(family) FROM job AS known WHERE known.environment = job_day.environment AND known.job = cause_job) AS cause_family, \
     (extract(epoch FROM first_failure_at) * 1000000)::bigint AS first_failure_at \
     FROM job_day LEFT JOIN said ON said.signature = cause_signature \
     WHERE environment = $1 AND verdict <> 'ok' \
     AND business_day BETWEEN date '1970-01-01' + $2::int - $3::int AND date '1970-01-01' + $2::int \
     ORDER BY business_day, first_failure_at, project, job";

#[derive(FromRow)]
struct StruckRow {
    day: i32,
    project: Option<String>,
    job: String,
    verdict: String,
    recovered_by: Option<String>,
    first_failure_at: Option<i64>,
    problem: Option<Uuid>,
    cause_family: Option<String>,
    category: Option<String>,
    blame: Option<String>,
    cause_job: Option<String>,
    message: Option<String>,
}

impl StruckRow {
    /// A verdict of a later version is left out: nothing can be said about it.
    fn told(self) -> Option<Struck> {
        Some(Struck {
            verdict: Verdict::parse(&self.verdict)?,
            day: date(self.day),
            project: self.project,
            job: self.job,
            first_failure_at: self.first_failure_at.map(Moment),
            recovered_by: self.recovered_by.as_deref().and_then(RecoveredBy::parse),
            problem: self.problem,
            cause_family: self.cause_family,
            category: self.category.as_deref().and_then(Category::parse),
            blame: self.blame.as_deref().and_then(Blame::parse),
            cause_job: self.cause_job,
            message: self.message,
        })
    }
}
