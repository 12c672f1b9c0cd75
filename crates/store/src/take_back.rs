//! Taking back a batch: its rows, its rejects, its line of the ledger, and the checkpoint to where it began.

use sqlx::{Connection, FromRow, PgConnection};

use crate::StoreError;
use crate::checkpoint::{self, Advance};
use crate::fusion;

/// The batch of a lineage that was read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct LastBatch {
    pub batch: i64,
    pub first_record: i64,
    pub first_line: i64,
    pub records: i64,
    pub rejects: i64,
}

pub async fn last_batch(
    connection: &mut PgConnection,
    lineage: i64,
) -> Result<Option<LastBatch>, StoreError> {
    Ok(sqlx::query_as(LAST_BATCH)
        .bind(lineage)
        .fetch_optional(connection)
        .await?)
}

pub(crate) const LAST_BATCH: &str = "SELECT batch, first_record, first_line, records, rejects FROM batch \
     WHERE lineage = $1 ORDER BY first_record DESC LIMIT 1";

/// Takes a batch back; `to` moves the checkpoint from behind it to where it began. Runs with rows of it are left as open
/// ones: the next fuse folds their trees again, without these rows.
///
/// # Errors
/// [`StoreError::Overtaken`] when the checkpoint does not stand behind the batch; nothing has changed then.
pub async fn take_back(
    connection: &mut PgConnection,
    batch: i64,
    to: &Advance,
) -> Result<(), StoreError> {
    let mut transaction = connection.begin().await?;
    // A fuse that has read the rows already must not write them as runs afterwards.
    fusion::lock(&mut transaction).await?;
    checkpoint::advance(&mut transaction, to).await?;
    for statement in [
        REMOVE_LOG,
        REMOVE_ERRORS,
        REMOVE_REJECTS,
        REMOVE_LINE,
        OPEN_LOST,
        REMOVE_HORIZONS,
        HORIZONS_OF_OTHERS,
        OPEN_RUNS,
    ] {
        sqlx::query(statement)
            .bind(batch)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}

pub(crate) const REMOVE_LOG: &str = "DELETE FROM log WHERE batch = $1";
pub(crate) const REMOVE_ERRORS: &str = "DELETE FROM logerreur WHERE batch = $1";
pub(crate) const REMOVE_REJECTS: &str = "DELETE FROM reject WHERE batch = $1";
pub(crate) const REMOVE_LINE: &str = "DELETE FROM batch WHERE batch = $1";
// Its rows may have been the last ones of a system and environment, by which lost runs were judged; they may have been the
// only ones of an environment whose name was cut.
pub(crate) const OPEN_LOST: &str = "UPDATE dataset SET status = 'running' WHERE ended_at IS NULL AND status = 'lost' \
     AND (system, environment) IN (SELECT system, environment FROM dataset WHERE batches @> ARRAY[$1::bigint])";
pub(crate) const REMOVE_HORIZONS: &str = "DELETE FROM horizon WHERE (system, environment) \
     IN (SELECT system, environment FROM dataset WHERE batches @> ARRAY[$1::bigint])";
pub(crate) const HORIZONS_OF_OTHERS: &str = "INSERT INTO horizon (system, environment, last_event_at) \
     SELECT system, environment, max(last_event_at) FROM dataset WHERE NOT batches @> ARRAY[$1::bigint] \
     AND (system, environment) IN (SELECT system, environment FROM dataset WHERE batches @> ARRAY[$1::bigint]) \
     GROUP BY system, environment";
pub(crate) const OPEN_RUNS: &str =
    "UPDATE dataset SET ended_at = NULL, status = 'running' WHERE batches @> ARRAY[$1::bigint]";
