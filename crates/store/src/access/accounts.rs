//! Accounts. There is always one that may do everything, once there is any.

use smartetl_core::model::{Moment, Role};
use sqlx::PgConnection;

use crate::StoreError;

/// Somebody who may log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub role: Role,
    pub made_at: Moment,
    /// When role or password were set last.
    pub changed_at: Moment,
}

/// What is needed to let somebody in.
#[derive(Clone)]
pub struct Credentials {
    pub account: i64,
    /// As it was added.
    pub name: String,
    pub role: Role,
    /// As argon2id made it.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("name", &self.name)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    Done,
    /// Nobody has this name; or, where one is added, somebody has.
    Not,
    /// Nobody would be left who may do everything.
    LastAdmin,
}

/// All accounts, by name.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn accounts(connection: &mut PgConnection) -> Result<Vec<Account>, StoreError> {
    let rows: Vec<(String, String, i64, i64)> =
        sqlx::query_as(ACCOUNTS).fetch_all(connection).await?;
    let accounts = rows.into_iter().map(|(name, role, made_at, changed_at)| {
        Ok(Account {
            name,
            role: known(&role)?,
            made_at: Moment(made_at),
            changed_at: Moment(changed_at),
        })
    });
    accounts.collect()
}

const ACCOUNTS: &str = "SELECT name, role, (extract(epoch FROM made_at) * 1000000)::bigint, \
     (extract(epoch FROM changed_at) * 1000000)::bigint FROM account ORDER BY lower(name)";

/// Whether there is any.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn any(connection: &mut PgConnection) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(ANY).fetch_one(connection).await?)
}

const ANY: &str = "SELECT EXISTS (SELECT FROM account)";

/// The account with this name, in upper or lower case.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn credentials(
    connection: &mut PgConnection,
    name: &str,
) -> Result<Option<Credentials>, StoreError> {
    let row: Option<(i64, String, String, String)> = sqlx::query_as(CREDENTIALS)
        .bind(name)
        .fetch_optional(connection)
        .await?;
    row.map(|(account, name, role, password)| {
        Ok(Credentials {
            account,
            name,
            role: known(&role)?,
            password,
        })
    })
    .transpose()
}

const CREDENTIALS: &str =
    "SELECT account, name, role, password FROM account WHERE lower(name) = lower($1)";

/// Adds an account, unless the name is taken.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn add(
    connection: &mut PgConnection,
    (name, role, password): (&str, Role, &str),
) -> Result<Changed, StoreError> {
    let done = sqlx::query(ADD)
        .bind(name)
        .bind(role.as_str())
        .bind(password)
        .execute(connection)
        .await?;
    Ok(changed(done.rows_affected()))
}

const ADD: &str = "INSERT INTO account (name, role, password, made_at, changed_at) VALUES ($1, $2, $3, now(), now()) \
     ON CONFLICT (lower(name)) DO NOTHING";

/// Gives an account another role. To be called in a transaction.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn set_role(
    connection: &mut PgConnection,
    name: &str,
    role: Role,
) -> Result<Changed, StoreError> {
    if role != Role::Admin && is_last_admin(connection, name).await? {
        return Ok(Changed::LastAdmin);
    }
    let done = sqlx::query(SET_ROLE)
        .bind(name)
        .bind(role.as_str())
        .execute(connection)
        .await?;
    Ok(changed(done.rows_affected()))
}

const SET_ROLE: &str =
    "UPDATE account SET role = $2, changed_at = now() WHERE lower(name) = lower($1)";

/// Gives an account another password; whoever is logged in with the old one is logged out. To be called in a transaction.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn set_password(
    connection: &mut PgConnection,
    name: &str,
    password: &str,
) -> Result<Changed, StoreError> {
    let done = sqlx::query(SET_PASSWORD)
        .bind(name)
        .bind(password)
        .execute(&mut *connection)
        .await?;
    sqlx::query(END_SESSIONS)
        .bind(name)
        .execute(connection)
        .await?;
    Ok(changed(done.rows_affected()))
}

const SET_PASSWORD: &str =
    "UPDATE account SET password = $2, changed_at = now() WHERE lower(name) = lower($1)";
const END_SESSIONS: &str = "DELETE FROM session USING account WHERE session.account = account.account AND lower(name) = lower($1)";

/// Removes an account with its sessions. To be called in a transaction.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn remove(connection: &mut PgConnection, name: &str) -> Result<Changed, StoreError> {
    if is_last_admin(connection, name).await? {
        return Ok(Changed::LastAdmin);
    }
    sqlx::query(END_SESSIONS)
        .bind(name)
        .execute(&mut *connection)
        .await?;
    let done = sqlx::query(REMOVE).bind(name).execute(connection).await?;
    Ok(changed(done.rows_affected()))
}

const REMOVE: &str = "DELETE FROM account WHERE lower(name) = lower($1)";

/// Two who take the right from each other at the same time wait for one another.
async fn is_last_admin(connection: &mut PgConnection, name: &str) -> Result<bool, StoreError> {
    sqlx::query(LOCK).execute(&mut *connection).await?;
    Ok(sqlx::query_scalar(IS_LAST_ADMIN)
        .bind(name)
        .fetch_one(connection)
        .await?)
}

const LOCK: &str = "LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE";
const IS_LAST_ADMIN: &str = "SELECT EXISTS (SELECT FROM account WHERE lower(name) = lower($1) AND role = 'admin') \
     AND NOT EXISTS (SELECT FROM account WHERE lower(name) <> lower($1) AND role = 'admin')";

fn changed(rows: u64) -> Changed {
    if rows > 0 {
        Changed::Done
    } else {
        Changed::Not
    }
}

/// A role that this version knows.
pub(super) fn known(role: &str) -> Result<Role, StoreError> {
    Role::parse(role).ok_or_else(|| {
        let said = format!("the role `{role}` of an account is not known to this version");
        StoreError::Database(sqlx::Error::Decode(said.into()))
    })
}
