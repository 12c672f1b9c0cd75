//! The tables: migrations and whether they were applied.

use std::collections::BTreeMap;

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::{PgConnection, PgPool};

use crate::StoreError;
use crate::collision::{is_collision, tried_again};

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Brings the tables to this version. Safe to run from several processes at once, also in several databases.
///
/// # Errors
/// When a migration fails, or the tables are of a later version or another build.
pub async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    let collided = |error: &StoreError| match error {
        StoreError::Database(error)
        | StoreError::Migrate(
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _),
        ) => is_collision(error),
        _ => false,
    };
    tried_again(collided, async || {
        let mut connection = pool.acquire().await?;
        let migrated = MIGRATOR.run(&mut *connection).await;
        let Err(error) = migrated else { return Ok(()) };
        let of_other = match error {
            MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) => {
                check_tables(&mut connection).await
            }
            _ => Ok(()),
        };
        // A failed migrator keeps its lock as long as its connection.
        connection.close_on_drop();
        of_other.and(Err(error.into()))
    })
    .await
}

/// Whether the tables are those of this version.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn is_current(connection: &mut PgConnection) -> Result<bool, StoreError> {
    match check_tables(connection).await {
        Ok(()) => Ok(true),
        Err(
            StoreError::NoTables
            | StoreError::OlderTables { .. }
            | StoreError::LaterTables { .. }
            | StoreError::OtherTables { .. },
        ) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes sure that the tables are those of this version.
///
/// # Errors
/// What they are instead; or the server refuses or is gone.
pub async fn check_tables(connection: &mut PgConnection) -> Result<(), StoreError> {
    let (exists,): (bool,) = sqlx::query_as("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        return Err(StoreError::NoTables);
    }
    let applied = connection
        .list_applied_migrations("_sqlx_migrations")
        .await?;
    let ours: BTreeMap<i64, _> = MIGRATOR
        .iter()
        .map(|migration| (migration.version, &migration.checksum))
        .collect();
    let known = ours.keys().next_back().copied().unwrap_or(0);
    let Some(found) = applied.iter().map(|migration| migration.version).max() else {
        return Err(StoreError::NoTables);
    };
    if found > known {
        return Err(StoreError::LaterTables { found, known });
    }
    let other = applied
        .iter()
        .find(|theirs| ours.get(&theirs.version) != Some(&&theirs.checksum));
    if let Some(other) = other {
        return Err(StoreError::OtherTables {
            version: other.version,
        });
    }
    if applied.len() < ours.len() {
        return Err(StoreError::OlderTables { found, known });
    }
    Ok(())
}

/// All migrations, to read.
pub fn schema_sql() -> String {
    MIGRATOR
        .iter()
        .map(|migration| migration.sql.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}
