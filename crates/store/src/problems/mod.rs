//! Signatures, their templates and problems, and what people said of them: what is stored. What follows from what is decided in
//! the core (`group::problem`). All of it inside of the caller's transaction, which holds the lock of the fuse.

mod error;
mod overrides;
mod write;

pub use error::{StoredError, TrainingRow, problem_of, stored_error, training_rows};
pub use overrides::{
    Listed, Named, NewOverride, add_override, listed, overrides, problem_ids, undo, was_said,
};
pub use write::{Changes, ProblemRow, StoredSignature, StoredTemplate, write};

use std::collections::BTreeMap;

use smartetl_core::fuse::Corrections;
use smartetl_core::group::GROUPING_VERSION;
use smartetl_core::group::problem::{Correction, Held};
use smartetl_core::model::{Blame, Category};
use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64;

use crate::StoreError;
use crate::copy::DecodeError;
use crate::fusion::LEFT_OUT_ERROR;

/// A row of `signature`.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Signature {
    pub signature: Uuid,
    pub cut: bool,
    /// Of the masks that made the text.
    pub version: i16,
    pub text: String,
    pub template: Uuid,
    pub problem: Uuid,
    /// Rows of it were pruned.
    pub kept: bool,
}

impl Signature {
    pub fn held(&self) -> Held {
        Held {
            signature: self.signature,
            cut: self.cut,
            template: self.template,
            text: xxh3_64(self.text.as_bytes()),
        }
    }
}

/// All of them, in the order of their key.
pub async fn signatures(connection: &mut PgConnection) -> Result<Vec<Signature>, StoreError> {
    Ok(sqlx::query_as(SIGNATURES).fetch_all(connection).await?)
}

const SIGNATURES: &str = "SELECT signature, cut, version, text, template, problem, kept FROM signature ORDER BY signature, cut";

/// Those of these that are not stored yet.
pub async fn unknown(
    connection: &mut PgConnection,
    seen: &[(Uuid, bool)],
) -> Result<Vec<(Uuid, bool)>, StoreError> {
    let (signatures, cut): (Vec<Uuid>, Vec<bool>) = seen.iter().copied().unzip();
    Ok(sqlx::query_as(UNKNOWN)
        .bind(signatures)
        .bind(cut)
        .fetch_all(connection)
        .await?)
}

const UNKNOWN: &str = "SELECT seen.signature, seen.cut FROM unnest($1::uuid[], $2::boolean[]) AS seen (signature, cut) \
     WHERE NOT EXISTS (SELECT FROM signature WHERE signature.signature = seen.signature AND signature.cut = seen.cut) \
     ORDER BY seen.signature, seen.cut";

/// What errors of one signature say: the smallest of them, so that it does not matter which came first.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Message {
    pub signature: Uuid,
    pub cut: bool,
    pub error_type: Option<String>,
    pub error_code: Option<String>,
    pub message: Option<String>,
    pub stack: Option<String>,
}

/// What the errors of these signatures say in these batches; in all where there are none.
pub async fn messages(
    connection: &mut PgConnection,
    batches: Option<&[i64]>,
    wanted: &[(Uuid, bool)],
) -> Result<Vec<Message>, StoreError> {
    let (signatures, cut): (Vec<Uuid>, Vec<bool>) = wanted.iter().copied().unzip();
    Ok(sqlx::query_as(MESSAGES)
        .bind(batches)
        .bind(signatures)
        .bind(cut)
        .fetch_all(connection)
        .await?)
}

/// A message and the stack beside it are of one row.
const MESSAGES: &str = "SELECT signature, cut, error_type, error_code, said[1] AS message, said[2] AS stack FROM \
     (SELECT logerreur.signature, message_truncated AS cut, min(error_type COLLATE \"C\") AS error_type, \
     min(error_code COLLATE \"C\") AS error_code, min(ARRAY[message COLLATE \"C\", stack COLLATE \"C\"]) AS said \
     FROM logerreur JOIN unnest($2::uuid[], $3::boolean[]) AS wanted (signature, cut) \
     ON wanted.signature = logerreur.signature AND wanted.cut = message_truncated \
     WHERE $1::bigint[] IS NULL OR batch = ANY ($1) GROUP BY logerreur.signature, message_truncated) AS each";

/// Ids that templates had, with those that took their place.
pub async fn aliases(connection: &mut PgConnection) -> Result<BTreeMap<Uuid, Uuid>, StoreError> {
    let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(ALIASES).fetch_all(connection).await?;
    Ok(rows.into_iter().collect())
}

const ALIASES: &str = "SELECT alias, template FROM template_alias";

/// All problems, as they are stored.
pub async fn problem_rows(connection: &mut PgConnection) -> Result<Vec<StoredProblem>, StoreError> {
    Ok(sqlx::query_as(PROBLEMS).fetch_all(connection).await?)
}

/// A row of `problem` in the words that are stored, whatever they are.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct StoredProblem {
    pub problem: Uuid,
    pub title: String,
    pub renamed: bool,
    pub text: String,
    pub category: Option<String>,
    pub blame: Option<String>,
    pub retryable: Option<bool>,
    pub signatures: i64,
}

impl From<ProblemRow> for StoredProblem {
    fn from(row: ProblemRow) -> Self {
        Self {
            problem: row.problem,
            title: row.title,
            renamed: row.renamed,
            text: row.text,
            category: row.category.map(|category| category.as_str().to_owned()),
            blame: row.blame.map(|blame| blame.as_str().to_owned()),
            retryable: row.retryable,
            signatures: row.signatures,
        }
    }
}

const PROBLEMS: &str =
    "SELECT problem, title, renamed, text, category, blame, retryable, signatures FROM problem";

/// Signatures that fused rows have and that are not known; not those of rows that count nothing because their tree has retired.
pub async fn missing(connection: &mut PgConnection) -> Result<Vec<Uuid>, StoreError> {
    Ok(sqlx::query_scalar(AssertSqlSafe(missing_sql()))
        .fetch_all(connection)
        .await?)
}

fn missing_sql() -> String {
    format!(
        "SELECT DISTINCT signature FROM logerreur WHERE batch IN (SELECT batch FROM batch WHERE fused) AND NOT {LEFT_OUT_ERROR} \
         AND NOT EXISTS (SELECT FROM signature WHERE signature.signature = logerreur.signature AND cut = message_truncated)"
    )
}

/// Signatures that no fused row has that counts, and that no pruned row had.
pub async fn superfluous(connection: &mut PgConnection) -> Result<Vec<Uuid>, StoreError> {
    Ok(sqlx::query_scalar(AssertSqlSafe(superfluous_sql()))
        .fetch_all(connection)
        .await?)
}

fn superfluous_sql() -> String {
    format!(
        "SELECT signature FROM signature WHERE NOT kept AND NOT EXISTS (SELECT FROM logerreur \
         WHERE logerreur.signature = signature.signature AND message_truncated = cut \
         AND batch IN (SELECT batch FROM batch WHERE fused) AND NOT {LEFT_OUT_ERROR})"
    )
}

/// How many problems there are.
pub async fn count(connection: &mut PgConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(COUNT).fetch_one(connection).await?)
}

const COUNT: &str = "SELECT count(*) FROM problem";

/// The signatures of a problem with their templates.
pub async fn members(
    connection: &mut PgConnection,
    problem: Uuid,
) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    Ok(sqlx::query_as(MEMBERS)
        .bind(problem)
        .fetch_all(connection)
        .await?)
}

const MEMBERS: &str =
    "SELECT signature, template FROM signature WHERE problem = $1 ORDER BY signature, cut";

/// What these problems are called, by id; those that are none are left out.
pub async fn titles(
    connection: &mut PgConnection,
    problems: &[Uuid],
) -> Result<BTreeMap<Uuid, String>, StoreError> {
    let rows: Vec<(Uuid, String)> = sqlx::query_as(TITLES)
        .bind(problems)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

const TITLES: &str = "SELECT problem, title FROM problem WHERE problem = ANY ($1)";

/// The problems that these signatures mean by now, with what they are called, by title.
pub async fn of_signatures(
    connection: &mut PgConnection,
    signatures: &[Uuid],
) -> Result<Vec<(Uuid, String)>, StoreError> {
    Ok(sqlx::query_as(OF_SIGNATURES)
        .bind(signatures)
        .fetch_all(connection)
        .await?)
}

const OF_SIGNATURES: &str = "SELECT DISTINCT problem, title FROM signature JOIN problem USING (problem) \
     WHERE signature = ANY ($1) ORDER BY title, problem";

/// What templates say, by id.
pub async fn template_texts(
    connection: &mut PgConnection,
) -> Result<BTreeMap<Uuid, String>, StoreError> {
    let rows: Vec<(Uuid, String)> = sqlx::query_as(TEMPLATES).fetch_all(connection).await?;
    Ok(rows.into_iter().collect())
}

const TEMPLATES: &str = "SELECT template, text FROM template";

/// How many runs have errors of these signatures.
pub async fn runs_with_signatures(
    connection: &mut PgConnection,
    signatures: &[Uuid],
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(RUNS_WITH)
        .bind(signatures)
        .fetch_one(connection)
        .await?)
}

const RUNS_WITH: &str = "SELECT count(*) FROM dataset WHERE error_signatures && $1::uuid[] AND error_signatures <> '{}'";

/// Whether the templates are those of all signatures, by the present rules.
pub async fn is_grouped(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let grouped: Option<bool> = sqlx::query_scalar(IS_GROUPED)
        .bind(GROUPING_VERSION)
        .fetch_optional(connection)
        .await?;
    Ok(grouped.unwrap_or(false))
}

const IS_GROUPED: &str =
    "SELECT grouped AND template_version IS NOT DISTINCT FROM $1 FROM fuse_state";

/// Whether other rules of mining made the templates that are stored.
pub async fn is_older(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let older: Option<bool> = sqlx::query_scalar(IS_OLDER)
        .bind(GROUPING_VERSION)
        .fetch_optional(connection)
        .await?;
    Ok(older.unwrap_or(false))
}

const IS_OLDER: &str = "SELECT template_version IS DISTINCT FROM $1 FROM fuse_state";

/// The corrections that hold, as they are stored.
pub async fn corrections(connection: &mut PgConnection) -> Result<Corrections, StoreError> {
    let rows: Vec<(Uuid, String, Option<String>, Option<bool>)> =
        sqlx::query_as(CORRECTIONS).fetch_all(connection).await?;
    rows.into_iter()
        .map(|(signature, category, blame, retryable)| {
            Ok((
                signature,
                correction(&category, blame.as_deref(), retryable)?,
            ))
        })
        .collect()
}

const CORRECTIONS: &str = "SELECT signature, category, problem.blame, problem.retryable FROM problem JOIN signature USING (problem) \
     WHERE category IS NOT NULL";

/// A correction of words that are stored.
fn correction(
    category: &str,
    blame: Option<&str>,
    retryable: Option<bool>,
) -> Result<Correction, StoreError> {
    let strange = |word: &str| StoreError::Decode(DecodeError::Word(word.to_owned()));
    Ok(Correction {
        category: Category::parse(category).ok_or_else(|| strange(category))?,
        blame: blame
            .map(|blame| Blame::parse(blame).ok_or_else(|| strange(blame)))
            .transpose()?,
        retryable,
    })
}

/// The stored trees that have errors of these signatures and have not retired; also as cut messages that stand for whole ones there.
pub async fn trees_with_signatures(
    connection: &mut PgConnection,
    signatures: &[Uuid],
) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar(TREES)
        .bind(signatures)
        .fetch_all(connection)
        .await?)
}

const TREES: &str = "SELECT DISTINCT tree FROM dataset WHERE error_signatures && $1::uuid[] AND error_signatures <> '{}' \
     AND NOT is_retired \
     UNION SELECT run.tree FROM signature AS said JOIN logerreur ON logerreur.signature = said.signature AND message_truncated \
     JOIN dataset AS run ON run.batches @> ARRAY[logerreur.batch] AND run.system = logerreur.system AND run.run_id = logerreur.run_id \
     WHERE said.cut AND said.signature = ANY ($1) AND NOT run.is_retired";

/// Runs that retired cannot be folded again: those whose cause has one of these signatures take over what is said of it now,
/// and the days of their jobs with them. Returns how many runs.
pub async fn correct_retired(
    connection: &mut PgConnection,
    signatures: &[Uuid],
) -> Result<u64, StoreError> {
    let done = sqlx::query(CORRECT_RETIRED)
        .bind(signatures)
        .execute(&mut *connection)
        .await?;
    sqlx::query(CORRECT_RETIRED_DAYS)
        .bind(signatures)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

// Of a signature that has a cut and a whole message, both are one problem.
const CORRECT_RETIRED: &str = "WITH said AS (SELECT DISTINCT ON (asked) asked, category, blame, retryable \
         FROM unnest($1::uuid[]) AS asked LEFT JOIN signature ON signature = asked LEFT JOIN problem USING (problem) ORDER BY asked, cut), \
     ruled AS (SELECT run_key, CASE WHEN ruled_category IS NULL THEN category ELSE ruled_category END AS category, \
         CASE WHEN ruled_category IS NULL THEN blame ELSE ruled_blame END AS blame, \
         CASE WHEN ruled_category IS NULL THEN retryable ELSE ruled_retryable END AS retryable \
         FROM dataset WHERE cause_signature = ANY ($1) AND is_retired) \
     UPDATE dataset SET category = coalesce(said.category, ruled.category), \
     blame = CASE WHEN said.category IS NULL THEN ruled.blame ELSE said.blame END, \
     retryable = CASE WHEN said.category IS NULL THEN ruled.retryable ELSE said.retryable END, \
     ruled_category = CASE WHEN said.category IS NOT NULL THEN ruled.category END, \
     ruled_blame = CASE WHEN said.category IS NOT NULL THEN ruled.blame END, \
     ruled_retryable = CASE WHEN said.category IS NOT NULL THEN ruled.retryable END \
     FROM ruled, said WHERE dataset.run_key = ruled.run_key AND said.asked = dataset.cause_signature";

const CORRECT_RETIRED_DAYS: &str = "UPDATE job_day SET category = run.category, blame = run.blame FROM dataset AS run \
     WHERE job_day.cause_signature = ANY ($1) AND run.is_retired \
     AND run.cause_signature = job_day.cause_signature AND run.environment = job_day.environment \
     AND run.project IS NOT DISTINCT FROM job_day.project AND run.job = job_day.job AND run.business_day = job_day.business_day \
     AND run.is_root AND run.status IN ('failed', 'lost') AND coalesce(run.ended_at, run.last_event_at) = job_day.first_failure_at";
