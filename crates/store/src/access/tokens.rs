//! Programs that may use the service.

use smartetl_core::model::{Moment, Scope};
use sqlx::{FromRow, PgConnection};

use crate::StoreError;

/// A token, without what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    pub name: String,
    pub scopes: Vec<Scope>,
    pub made_at: Moment,
    pub made_by: String,
    /// `None` where it never does.
    pub expires_at: Option<Moment>,
}

#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    pub name: &'a str,
    /// SHA-256 of it.
    pub hash: &'a [u8],
    pub scopes: &'a [Scope],
    pub made_by: &'a str,
    /// Days for which it holds; `None` for ever.
    pub days: Option<i32>,
}

#[derive(FromRow)]
struct Row {
    name: String,
    scopes: Vec<String>,
    made_us: i64,
    made_by: String,
    expires_us: Option<i64>,
}

impl Row {
    fn into_token(self) -> ApiToken {
        ApiToken {
            name: self.name,
            // What a later version knows counts nothing here.
            scopes: self
                .scopes
                .iter()
                .filter_map(|word| Scope::parse(word))
                .collect(),
            made_at: Moment(self.made_us),
            made_by: self.made_by,
            expires_at: self.expires_us.map(Moment),
        }
    }
}

/// All tokens, by name; those too that expired.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn tokens(connection: &mut PgConnection) -> Result<Vec<ApiToken>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(TOKENS).fetch_all(connection).await?;
    Ok(rows.into_iter().map(Row::into_token).collect())
}

const TOKENS: &str = "SELECT name, scopes, (extract(epoch FROM made_at) * 1000000)::bigint AS made_us, made_by, \
     (extract(epoch FROM expires_at) * 1000000)::bigint AS expires_us FROM api_token ORDER BY lower(name)";

/// The token with this hash, while it holds.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn token(
    connection: &mut PgConnection,
    hash: &[u8],
) -> Result<Option<ApiToken>, StoreError> {
    let row: Option<Row> = sqlx::query_as(TOKEN)
        .bind(hash)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(Row::into_token))
}

const TOKEN: &str = "SELECT name, scopes, (extract(epoch FROM made_at) * 1000000)::bigint AS made_us, made_by, \
     (extract(epoch FROM expires_at) * 1000000)::bigint AS expires_us FROM api_token WHERE hash = $1 AND (expires_at > now() OR expires_at IS NULL)";

/// Adds a token; `false` where the name is taken.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn add_token(
    connection: &mut PgConnection,
    new: NewToken<'_>,
) -> Result<bool, StoreError> {
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
    let done = sqlx::query(ADD)
        .bind(new.name)
        .bind(new.hash)
        .bind(scopes)
        .bind(new.made_by)
        .bind(new.days)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

const ADD: &str = "INSERT INTO api_token (name, hash, scopes, made_at, made_by, expires_at) \
     VALUES ($1, $2, $3, now(), $4, now() + make_interval(days => $5)) ON CONFLICT (lower(name)) DO NOTHING";

/// Takes a token back; `false` where none has this name.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn revoke(connection: &mut PgConnection, name: &str) -> Result<bool, StoreError> {
    let done = sqlx::query(REVOKE).bind(name).execute(connection).await?;
    Ok(done.rows_affected() > 0)
}

const REVOKE: &str = "DELETE FROM api_token WHERE lower(name) = lower($1)";
