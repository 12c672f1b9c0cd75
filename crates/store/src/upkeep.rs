//! What was done to keep the data safe and how it came out, for dashboards and alerts: a line for each time.

use serde_json::Value;
use sqlx::PgConnection;

use crate::StoreError;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upkeep {
    /// A backup. Figures: `bytes`, `rows`, `file`; `error` where it failed.
    Backup,
    /// A proof that all is right. Figures: `checks`, `findings`, `notes`.
    Verify,
    /// Old trees retired. Figures: `rows_log`, `rows_error`, `rejects`, `retired_runs`, `runs`; `rows_from`.
    Prune,
    /// A look at the disk of the database. Figures: `total_bytes`, `free_bytes`.
    Disk,
}

impl Upkeep {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Verify => "verify",
            Self::Prune => "prune",
            Self::Disk => "disk",
        }
    }
}

/// Writes down that it was done now.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn record(
    connection: &mut PgConnection,
    what: Upkeep,
    ok: bool,
    figures: &Value,
) -> Result<(), StoreError> {
    sqlx::query(RECORD)
        .bind(what.as_str())
        .bind(ok)
        .bind(figures)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const RECORD: &str = "INSERT INTO upkeep (kind, ok, detail) VALUES ($1, $2, $3)";
