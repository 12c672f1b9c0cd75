//! Roles and databases of a server as somebody wants them: made, changed, taken over, retired. Running it again changes
//! nothing. Passwords leave this process as SCRAM verifiers only, and names are quoted.
//!
//! Roles that were made here carry a mark in their comment, by which those that another name replaced are found.

mod databases;
mod statements;

use std::fmt;

use postgres_protocol::password::scram_sha_256;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use crate::backup::quoted;
use crate::collision::{is_collision, tried_again};
use statements::{
    CREATE_READER, FOREIGN_DATABASES, MARKED, READER, ROLE, ROLES_LOCK, SESSIONS, WHO,
};

/// The version that smartETL works with.
const MAJOR: i32 = 17;

/// A role that logs in.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    pub name: String,
    /// Where there is none, the role keeps what it has.
    pub password: Option<String>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What is to be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The password that the superuser is to have.
    pub superuser_password: Option<String>,
    /// Of smartETL's tables.
    pub database: String,
    pub owner: Login,
    /// Reads the tables and can do nothing else.
    pub reader: Option<Login>,
    /// Airflow's database and its owner.
    pub airflow: Option<(String, Login)>,
}

/// What was done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// The password of the superuser is the wanted one.
    Superuser(String),
    RoleMade(String),
    /// It was there; its password and rights are the wanted ones.
    RoleKept(String),
    DatabaseMade {
        database: String,
        owner: String,
    },
    DatabaseKept {
        database: String,
        owner: String,
    },
    /// What one role owned is another's.
    TakenOver {
        database: String,
        from: String,
        to: String,
    },
    /// Another name replaced it: it cannot log in any more.
    Retired(String),
}

#[derive(Debug, thiserror::Error)]
pub enum RolesError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("{0} is no superuser")]
    NoSuperuser(String),
    #[error("the server is PostgreSQL {0}, not 17")]
    Version(String),
    #[error("the role {0} is a superuser")]
    IsSuperuser(String),
    #[error(
        "{role} is to be replaced as the owner of {database}, but owns the database {other} too"
    )]
    OwnsOthers {
        role: String,
        database: String,
        other: String,
    },
}

/// What a role is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Owner,
    Reader,
}

impl Purpose {
    /// The comment of a role that was made for this.
    fn mark(self, database: &str) -> String {
        match self {
            Self::Owner => format!("smartETL: owns the database {database}"),
            Self::Reader => format!("smartETL: reads the database {database}"),
        }
    }
}

/// One that is to be there.
struct Role<'w> {
    login: &'w Login,
    purpose: Purpose,
    database: &'w str,
}

impl Wanted {
    fn roles(&self) -> Vec<Role<'_>> {
        let role = |login, purpose, database| Role {
            login,
            purpose,
            database,
        };
        let airflow = self.airflow.as_ref();
        let reader = self.reader.as_ref();
        std::iter::once(role(&self.owner, Purpose::Owner, &*self.database))
            .chain(airflow.map(|(database, login)| role(login, Purpose::Owner, &**database)))
            .chain(reader.map(|login| role(login, Purpose::Reader, &*self.database)))
            .collect()
    }
}

/// Makes the server as it is wanted; `admin` leads a superuser to it, into any database.
///
/// # Errors
/// Before anything is changed: when the server is another version, or roles are not what they must be for this. Later: when
/// the server refuses or is gone; running it again goes on.
pub async fn sync(
    mut connection: PgConnection,
    admin: &PgConnectOptions,
    wanted: &Wanted,
) -> Result<Vec<Done>, RolesError> {
    let (superuser, is_superuser, version, number): (String, bool, String, i32) =
        sqlx::query_as(WHO).fetch_one(&mut connection).await?;
    if !is_superuser {
        return Err(RolesError::NoSuperuser(superuser));
    }
    if number / 10_000 != MAJOR {
        return Err(RolesError::Version(version));
    }
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(ROLES_LOCK)
        .execute(&mut connection)
        .await?;
    let roles = wanted.roles();
    let replaced = replaced(&mut connection, &roles).await?;
    let mut done = tried_again(is_roles_collision, async || {
        make_roles(&mut connection, &superuser, wanted, &roles).await
    })
    .await?;
    for role in roles.iter().filter(|role| role.purpose == Purpose::Owner) {
        let old: Vec<&str> = replaced
            .iter()
            .filter(|old| old.purpose == Purpose::Owner && old.database == role.database)
            .map(|old| &*old.name)
            .collect();
        databases::own(&mut connection, admin, role, &old, &mut done).await?;
    }
    let reader = wanted.reader.as_ref();
    let old: Vec<&str> = replaced
        .iter()
        .filter(|old| old.purpose == Purpose::Reader)
        .map(|old| &*old.name)
        .collect();
    databases::let_read(admin, wanted, reader, &old).await?;
    for old in &replaced {
        retire(&mut connection, old, &roles, &mut done).await?;
    }
    connection.close().await?;
    Ok(done)
}

fn is_roles_collision(error: &RolesError) -> bool {
    matches!(error, RolesError::Database(error) if is_collision(error))
}

/// A role that was made here for what another one is wanted for now.
struct Old {
    name: String,
    purpose: Purpose,
    database: String,
}

async fn replaced(
    connection: &mut PgConnection,
    roles: &[Role<'_>],
) -> Result<Vec<Old>, RolesError> {
    let mut replaced = Vec::new();
    for role in roles {
        let (is_superuser,): (bool,) = sqlx::query_as(ROLE)
            .bind(&role.login.name)
            .fetch_optional(&mut *connection)
            .await?
            .unwrap_or((false,));
        if is_superuser {
            return Err(RolesError::IsSuperuser(role.login.name.clone()));
        }
        let marked: Vec<(String,)> = sqlx::query_as(MARKED)
            .bind(role.purpose.mark(role.database))
            .bind(&role.login.name)
            .fetch_all(&mut *connection)
            .await?;
        replaced.extend(marked.into_iter().map(|(name,)| Old {
            name,
            purpose: role.purpose,
            database: role.database.to_owned(),
        }));
    }
    Ok(replaced)
}

/// All roles in one transaction: a password that was changed is changed for all of them or for none.
async fn make_roles(
    connection: &mut PgConnection,
    superuser: &str,
    wanted: &Wanted,
    roles: &[Role<'_>],
) -> Result<Vec<Done>, RolesError> {
    let mut done = Vec::new();
    let mut transaction = connection.begin().await?;
    if let Some(password) = &wanted.superuser_password {
        let statement = format!("ALTER ROLE {}{}", quoted(superuser), verifier(password));
        run(&mut transaction, statement).await?;
        done.push(Done::Superuser(superuser.to_owned()));
    }
    for Role {
        login,
        purpose,
        database,
    } in roles
    {
        let there: Option<(bool,)> = sqlx::query_as(ROLE)
            .bind(&login.name)
            .fetch_optional(&mut *transaction)
            .await?;
        let name = quoted(&login.name);
        let verb = if there.is_some() { "ALTER" } else { "CREATE" };
        let password = login.password.as_deref().map_or_else(String::new, verifier);
        run(
            &mut transaction,
            format!(
                "{verb} ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS{password}"
            ),
        )
        .await?;
        let mark = literal(&purpose.mark(database));
        run(
            &mut transaction,
            format!("COMMENT ON ROLE {name} IS {mark}"),
        )
        .await?;
        done.push(if there.is_some() {
            Done::RoleKept(login.name.clone())
        } else {
            Done::RoleMade(login.name.clone())
        });
    }
    let reads: Option<(bool,)> = sqlx::query_as(ROLE)
        .bind(READER)
        .fetch_optional(&mut *transaction)
        .await?;
    if reads.is_none() {
        sqlx::query(CREATE_READER)
            .execute(&mut *transaction)
            .await?;
    }
    let owner = quoted(&wanted.owner.name);
    run(&mut transaction, format!("GRANT {READER} TO {owner}")).await?;
    transaction.commit().await?;
    Ok(done)
}

/// It has nothing left: nobody logs in with it, and who did is sent away.
async fn retire(
    connection: &mut PgConnection,
    old: &Old,
    roles: &[Role<'_>],
    done: &mut Vec<Done>,
) -> Result<(), RolesError> {
    if roles.iter().any(|role| role.login.name == old.name) {
        return Ok(());
    }
    let name = quoted(&old.name);
    run(connection, format!("ALTER ROLE {name} NOLOGIN")).await?;
    run(
        connection,
        format!("COMMENT ON ROLE {name} IS 'smartETL: replaced'"),
    )
    .await?;
    sqlx::query(SESSIONS)
        .bind(&old.name)
        .execute(connection)
        .await?;
    done.push(Done::Retired(old.name.clone()));
    Ok(())
}

/// What PostgreSQL stores of a password: letters, digits, `$`, `:`, `+`, `/` and `=`, nothing to escape.
fn verifier(password: &str) -> String {
    format!(" PASSWORD '{}'", scram_sha_256(password.as_bytes()))
}

/// Databases of a role besides this one.
async fn other_database(
    connection: &mut PgConnection,
    role: &str,
    database: &str,
) -> Result<Option<String>, RolesError> {
    let found: Option<(String,)> = sqlx::query_as(FOREIGN_DATABASES)
        .bind(role)
        .bind(database)
        .fetch_optional(connection)
        .await?;
    Ok(found.map(|(name,)| name))
}

async fn connect(admin: &PgConnectOptions, database: &str) -> Result<PgConnection, RolesError> {
    Ok(admin.clone().database(database).connect().await?)
}

async fn run(connection: &mut PgConnection, statement: String) -> Result<(), RolesError> {
    sqlx::query(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}

/// A text as SQL writes it; sessions have `standard_conforming_strings`, which is PostgreSQL's default.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_stands_in_a_statement_or_a_message() {
        let statement = verifier("s3cret' OR 1");
        assert!(
            statement.starts_with(" PASSWORD 'SCRAM-SHA-256$4096:"),
            "{statement}"
        );
        assert_eq!(statement.matches('\'').count(), 2);
        assert!(!statement.contains("s3cret"));
        let login = Login {
            name: "ann".to_owned(),
            password: Some("s3cret".to_owned()),
        };
        assert_eq!(format!("{login:?}"), "Login { name: \"ann\", .. }");
    }
}
