//! Rows of `logerreur` with what people say of them.

use smartetl_core::classify::ErrorFacts;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::StoreError;

/// The problem of a row of `logerreur`: its signature, and the problem, which is `None` while the
/// row is not fused.
pub async fn problem_of(
    connection: &mut PgConnection,
    (batch, line, seq): (i64, i64, i32),
) -> Result<Option<(Uuid, Option<Uuid>)>, StoreError> {
    Ok(sqlx::query_as(PROBLEM_OF)
        .bind(batch)
        .bind(line)
        .bind(seq)
        .fetch_optional(connection)
        .await?)
}

const PROBLEM_OF: &str = "SELECT logerreur.signature, signature.problem FROM logerreur \
     LEFT JOIN signature ON signature.signature = logerreur.signature AND signature.cut = message_truncated \
     WHERE batch = $1 AND line = $2 AND seq = $3";

/// A row of the view `error`, and who corrected it.
#[derive(Clone, Debug, FromRow)]
pub struct StoredError {
    /// batch-line-seq.
    pub error: String,
    pub system: String,
    pub error_type: Option<String>,
    pub error_code: Option<String>,
    pub code_scheme: Option<String>,
    pub message: Option<String>,
    pub stack: Option<String>,
    pub template: Option<Uuid>,
    pub problem: Option<Uuid>,
    pub title: Option<String>,
    pub category: String,
    /// Which decided when the row was loaded, and how sure it was.
    pub rule: String,
    pub confidence: f32,
    pub blame: Option<String>,
    pub retryable: Option<bool>,
    pub corrected: bool,
    /// Who said something of this problem's category last.
    pub corrected_by: Option<String>,
}

impl StoredError {
    /// What rules look at.
    pub fn facts(&self) -> ErrorFacts<'_> {
        ErrorFacts {
            system: &self.system,
            error_type: self.error_type.as_deref(),
            error_code: self.error_code.as_deref(),
            code_scheme: self.code_scheme.as_deref(),
            message: self.message.as_deref(),
            stack: self.stack.as_deref(),
        }
    }
}

/// The row with this batch, line and seq.
pub async fn stored_error(
    connection: &mut PgConnection,
    (batch, line, seq): (i64, i64, i32),
) -> Result<Option<StoredError>, StoreError> {
    Ok(sqlx::query_as(STORED_ERROR)
        .bind(batch)
        .bind(line)
        .bind(seq)
        .fetch_optional(connection)
        .await?)
}

// The correction that holds is one of those with its words, the latest.
const STORED_ERROR: &str = "SELECT error, system, error_type, error_code, code_scheme, message, stack, template, problem, title, category, \
     rule, confidence, blame, retryable, corrected, (SELECT made_by FROM override WHERE corrected AND kind = 'correct' AND undone_at IS NULL \
     AND override.category = error.category AND (signatures && (SELECT array_agg(signature) FROM signature \
     WHERE signature.problem = error.problem) OR override.problem = error.problem) ORDER BY override DESC LIMIT 1) AS corrected_by \
     FROM error WHERE batch = $1 AND line = $2 AND seq = $3";

/// A message that a person classified.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct TrainingRow {
    pub system: String,
    pub message: String,
    pub category: String,
}

/// One message of each signature that a person classified; secrets are masked in it, as in the table.
pub async fn training_rows(connection: &mut PgConnection) -> Result<Vec<TrainingRow>, StoreError> {
    Ok(sqlx::query_as(TRAINING_ROWS).fetch_all(connection).await?)
}

const TRAINING_ROWS: &str = "SELECT system, min(message COLLATE \"C\") AS message, category FROM error \
     WHERE corrected AND message IS NOT NULL GROUP BY system, signature, category ORDER BY system, category, message";
