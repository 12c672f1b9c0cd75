//! The tables: migrations and whether they were applied.

use sqlx::migrate::{Migrate, Migrator};
use sqlx::{PgConnection, PgPool};

use crate::StoreError;

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Brings the tables to this version. Safe to run from several processes at once.
///
/// # Errors
/// When a migration fails, or the tables are of a later version.
pub async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    MIGRATOR.run(pool).await?;
    Ok(())
}

/// Whether the tables are those of this version.
pub async fn is_current(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let (exists,): (bool,) = sqlx::query_as("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        return Ok(false);
    }
    let applied = connection
        .list_applied_migrations("_sqlx_migrations")
        .await?;
    let wanted: Vec<i64> = MIGRATOR.iter().map(|migration| migration.version).collect();
    Ok(applied.iter().map(|migration| migration.version).eq(wanted))
}

/// All migrations, to read.
pub fn schema_sql() -> String {
    MIGRATOR
        .iter()
        .map(|migration| migration.sql.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}
