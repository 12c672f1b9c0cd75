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
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Somebody else read on from the same place: what was read here must not be stored.
    #[error("another process has read on from record {next_record} of this source")]
    Overtaken { next_record: i64 },
    #[error("the tables of smartETL are not there, or of another version")]
    NotMigrated,
}
