//! What can go wrong between smartETL and its tables.

use crate::copy::DecodeError;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The server refused, or is gone.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("the tables cannot be brought to this version: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// What waits on its way to or from the database finds no place.
    #[error("rows on their way cannot be kept: {0}")]
    Keep(#[source] std::io::Error),
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Somebody else read on from the same place: what was read here must not be stored.
    #[error("another process has read on from record {next_record} of this source")]
    Overtaken { next_record: i64 },
    #[error("this database has no tables of smartETL yet")]
    NoTables,
    #[error("the tables are of version {found}, this smartETL needs version {known}")]
    OlderTables { found: i64, known: i64 },
    #[error(
        "the tables are of version {found}, which a later smartETL made; this one knows versions up to {known}"
    )]
    LaterTables { found: i64, known: i64 },
    /// What is restored goes where nothing is.
    #[error("this database is not empty: {table} has rows")]
    NotEmpty { table: String },
    /// Data of a backup that these tables cannot take.
    #[error("the tables of version {version} have no {relation} like that of the backup")]
    OtherRelation { version: i64, relation: String },
    #[error(
        "version {version} of the tables was made by another build of smartETL, whose migration {version} is not that of \
         this one"
    )]
    OtherTables { version: i64 },
}
