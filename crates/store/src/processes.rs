//! What processes that should go on for ever say about themselves, consumers apart: a line for each, written every minute.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;

/// What a process is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `up` and `serve`.
    Server,
    /// `follow`.
    Reader,
    /// `produce`.
    Producer,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Reader => "reader",
            Self::Producer => "producer",
        }
    }
}

/// A process as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Drawn at its start.
    pub process: Uuid,
    pub kind: Kind,
    pub host: String,
    pub pid: i32,
    pub version: String,
    /// Microseconds since 1970.
    pub started_us: i64,
    /// What it cannot read: objects with `path` and `reason`.
    pub unreadable: Value,
    /// It ends now.
    pub is_over: bool,
}

/// Writes its line, and removes those of 30 days ago. The newest of a kind stays, whatever became of it.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn write(connection: &mut PgConnection, line: &Process) -> Result<(), StoreError> {
    sqlx::query(WRITE)
        .bind(line.process)
        .bind(line.kind.as_str())
        .bind(&line.host)
        .bind(line.pid)
        .bind(&line.version)
        .bind(line.started_us)
        .bind(&line.unreadable)
        .bind(line.is_over)
        .execute(&mut *connection)
        .await?;
    sqlx::query(FORGET_OLD).execute(connection).await?;
    Ok(())
}

pub(crate) const WRITE: &str = "INSERT INTO process (process, kind, host, pid, version, started_at, unreadable, ended_at) \
     VALUES ($1, $2, $3, $4, $5, to_timestamp($6::bigint / 1000000.0), $7, CASE WHEN $8 THEN now() END) \
     ON CONFLICT (process) DO UPDATE SET seen_at = now(), unreadable = EXCLUDED.unreadable, ended_at = EXCLUDED.ended_at";

pub(crate) const FORGET_OLD: &str = "DELETE FROM process WHERE seen_at < now() - interval '30 days' \
     AND EXISTS (SELECT FROM process AS newer WHERE newer.kind = process.kind AND newer.seen_at > process.seen_at)";
