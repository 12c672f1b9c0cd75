//! Browsers that are logged in.

use smartetl_core::model::Role;
use sqlx::PgConnection;

use super::accounts::known;
use crate::StoreError;

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedIn {
    pub name: String,
    pub role: Role,
}

/// Logs somebody in for so many seconds; what expired is forgotten.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn begin_session(
    connection: &mut PgConnection,
    hash: &[u8],
    account: i64,
    seconds: i32,
) -> Result<(), StoreError> {
    sqlx::query(FORGET).execute(&mut *connection).await?;
    sqlx::query(BEGIN)
        .bind(hash)
        .bind(account)
        .bind(seconds)
        .execute(connection)
        .await?;
    Ok(())
}

const FORGET: &str = "DELETE FROM session WHERE expires_at <= now()";
const BEGIN: &str = "INSERT INTO session (hash, account, made_at, expires_at) VALUES ($1, $2, now(), now() + make_interval(secs => $3))";

/// Whose session this is, while it holds.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn session(
    connection: &mut PgConnection,
    hash: &[u8],
) -> Result<Option<LoggedIn>, StoreError> {
    let row: Option<(String, String)> = sqlx::query_as(SESSION)
        .bind(hash)
        .fetch_optional(connection)
        .await?;
    row.map(|(name, role)| {
        Ok(LoggedIn {
            name,
            role: known(&role)?,
        })
    })
    .transpose()
}

const SESSION: &str = "SELECT name, role FROM session JOIN account USING (account) WHERE hash = $1 AND expires_at > now()";

/// Ends a session, if it is one.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn end_session(connection: &mut PgConnection, hash: &[u8]) -> Result<(), StoreError> {
    sqlx::query(END).bind(hash).execute(connection).await?;
    Ok(())
}

const END: &str = "DELETE FROM session WHERE hash = $1";
