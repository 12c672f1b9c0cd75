//! A session that cannot write, whatever statement it is given.
//!
//! Two fences: a transaction that has read something cannot be made writable any more, and the one statement that
//! follows cannot both end it and go on; and a role that may only read. In the embedded server this role logs in
//! itself, so that `RESET ROLE` leads nowhere; in a configured server it is taken by `SET ROLE`, which stops accidents,
//! and the user of `DATABASE_URL` is the limit.

use super::Database;
use highway::{HighwayHash, HighwayHasher, Key};
use smartetl_store::collision::{is_collision, tried_again};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use std::fmt::Write;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Made by the migrations.
const ROLE: &str = "smartetl_read";

/// Connects with these options, as the reader where it exists.
///
/// # Errors
/// Those of connecting, and whatever the server says.
pub async fn connect(
    database: &Database,
    options: PgConnectOptions,
) -> anyhow::Result<PgConnection> {
    let options = options.options([("default_transaction_read_only", "on")]);
    let mut connection = match as_reader(database, &options).await? {
        Some(connection) => connection,
        None => database.connect_with(options).await?,
    };
    connection.execute("BEGIN READ ONLY").await?;
    let may: Option<bool> = sqlx::query_scalar(
        "SELECT pg_has_role(current_user, oid, 'SET') FROM pg_roles WHERE rolname = $1",
    )
    .bind(ROLE)
    .fetch_optional(&mut connection)
    .await?;
    if may == Some(true) {
        connection.execute("SET LOCAL ROLE smartetl_read").await?;
    } else {
        tracing::debug!("the role {ROLE} cannot be taken; the session is read-only all the same");
    }
    Ok(connection)
}

/// A login of the reader at the embedded server; `None` at other servers and before the migrations.
async fn as_reader(
    database: &Database,
    options: &PgConnectOptions,
) -> anyhow::Result<Option<PgConnection>> {
    if database.embedded().is_none() {
        return Ok(None);
    }
    let password = password(database.url());
    let reader = options.clone().username(ROLE).password(&password);
    if let Ok(connection) = reader.connect().await {
        return Ok(Some(connection));
    }
    // The first time, or the role was made anew.
    let mut owner = database.connect().await?;
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
            .bind(ROLE)
            .fetch_one(&mut owner)
            .await?;
    if !exists {
        return Ok(None);
    }
    // Digits of a hash, nothing to escape.
    let allow = format!("ALTER ROLE {ROLE} LOGIN PASSWORD '{password}'");
    // Several processes may do so at once.
    tried_again(is_collision, async || {
        owner.execute(AssertSqlSafe(allow.clone())).await
    })
    .await?;
    Ok(Some(database.connect_with(reader).await?))
}

/// The reader's password at the embedded server, from the owner's: every process finds the same one and none is
/// stored. `HighwayHash` is a keyed pseudo-random function, so that the owner's cannot be computed back.
fn password(owner_url: &str) -> String {
    let key =
        Key([0, 1, 2, 3]
            .map(|seed| xxh3_64_with_seed(owner_url_secret(owner_url).as_bytes(), seed)));
    let digest = HighwayHasher::new(key).hash256(ROLE.as_bytes());
    digest.iter().fold(String::new(), |mut text, word| {
        write!(text, "{word:016x}").expect("writing to memory cannot fail");
        text
    })
}

/// The password in `postgres://user:password@host…`.
fn owner_url_secret(url: &str) -> &str {
    let user = url.rsplit_once('@').map_or(url, |(user, _)| user);
    user.rsplit_once(':').map_or(user, |(_, password)| password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_depends_on_the_owners_password_only() {
        let one = password("postgres://smartetl:abc@127.0.0.1:1/smartetl");
        assert_eq!(one.len(), 64);
        assert_eq!(
            one,
            password("postgres://smartetl:abc@127.0.0.1:2/smartetl")
        );
        assert_ne!(
            one,
            password("postgres://smartetl:abd@127.0.0.1:1/smartetl")
        );
    }
}
