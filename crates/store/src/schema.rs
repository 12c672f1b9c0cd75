//! The tables: migrations and whether they were applied.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::{PgConnection, PgPool};

use crate::StoreError;
use crate::collision::{is_collision, tried_again};
use crate::hex;

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Brings the tables to this version. Safe to run from several processes at once, also in several databases.
///
/// # Errors
/// When a migration fails, or the tables are of a later version or another build.
pub async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
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

/// Whether a migration met somebody who changed the same, so that another try can help.
pub(crate) fn collided(error: &StoreError) -> bool {
    match error {
        StoreError::Database(error)
        | StoreError::Migrate(
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _),
        ) => is_collision(error),
        _ => false,
    }
}

/// Brings the tables to one version, inside of the caller's transaction. One that fails keeps its lock as long as its connection.
///
/// # Errors
/// When a migration fails.
pub(crate) async fn migrate_to(
    connection: &mut PgConnection,
    version: i64,
) -> Result<(), StoreError> {
    Ok(MIGRATOR.run_to(version, connection).await?)
}

/// A migration that was applied: what tells tables of one build from those of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub version: i64,
    /// Hexadecimal.
    pub checksum: String,
}

/// The migrations that a database has.
pub(crate) async fn applied(connection: &mut PgConnection) -> Result<Vec<Applied>, StoreError> {
    let applied = connection
        .list_applied_migrations("_sqlx_migrations")
        .await?;
    Ok(applied
        .iter()
        .map(|migration| Applied {
            version: migration.version,
            checksum: hex(&migration.checksum),
        })
        .collect())
}

/// Makes sure that such tables can be made here.
///
/// # Errors
/// When a later version or another build made them.
pub(crate) fn check_known(applied: &[Applied]) -> Result<(), StoreError> {
    let ours: BTreeMap<i64, String> = MIGRATOR
        .iter()
        .map(|migration| (migration.version, hex(&migration.checksum)))
        .collect();
    let known = latest();
    if let Some(later) = applied.iter().find(|theirs| theirs.version > known) {
        return Err(StoreError::LaterTables {
            found: later.version,
            known,
        });
    }
    let other = applied
        .iter()
        .find(|theirs| ours.get(&theirs.version) != Some(&theirs.checksum));
    match other {
        Some(other) => Err(StoreError::OtherTables {
            version: other.version,
        }),
        None => Ok(()),
    }
}

/// The version that this program's tables have.
pub(crate) fn latest() -> i64 {
    MIGRATOR
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// What the migrations make, in order: each stands behind what it needed when it was first made.
pub(crate) fn made_by_migrations() -> Vec<(Made, &'static str)> {
    let mut all = Vec::new();
    for line in MIGRATOR
        .iter()
        .flat_map(|migration| migration.sql.as_str().lines())
    {
        let made = Made::ALL.into_iter().find_map(|made| {
            let of_kind = line.strip_prefix("CREATE ")?;
            let of_kind = of_kind.strip_prefix("OR REPLACE ").unwrap_or(of_kind);
            let name = of_kind.strip_prefix(made.word())?.strip_prefix(' ')?;
            let end = |character: char| !(character.is_ascii_alphanumeric() || character == '_');
            Some((made, name.split(end).next()?))
        });
        all.extend(made.filter(|made| !all.contains(made)));
    }
    all
}

/// The names of the tables among them.
pub(crate) fn own_tables() -> Vec<&'static str> {
    let made = made_by_migrations().into_iter();
    made.filter(|(made, _)| *made == Made::Table)
        .map(|(_, name)| name)
        .collect()
}

/// A kind of what migrations make under a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    Table,
    View,
    Sequence,
    Function,
}

impl Made {
    const ALL: [Self; 4] = [Self::Table, Self::View, Self::Sequence, Self::Function];

    /// As SQL has it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Table => "TABLE",
            Self::View => "VIEW",
            Self::Sequence => "SEQUENCE",
            Self::Function => "FUNCTION",
        }
    }
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
    let applied = applied(connection).await?;
    let Some(found) = applied.iter().map(|migration| migration.version).max() else {
        return Err(StoreError::NoTables);
    };
    check_known(&applied)?;
    if applied.len() < MIGRATOR.iter().count() {
        let known = latest();
        return Err(StoreError::OlderTables { found, known });
    }
    Ok(())
}

/// All migrations, to read: what stands in `postgresql/schema.sql`.
pub fn schema_sql() -> String {
    let migrations: Vec<_> = MIGRATOR
        .iter()
        .map(|migration| migration.sql.as_str())
        .collect();
    SCHEMA_TITLE.to_owned() + &migrations.join("\n")
}

const SCHEMA_TITLE: &str = "-- All tables of smartETL, to read. Generated from crates/store/migrations; do not edit, \
     `smartetl migrate` makes them.\n\n";
