//! Taking back a batch: its rows, its rejects, its line of the ledger, and the checkpoint to where it began.

use sqlx::{AssertSqlSafe, Connection, FromRow, PgConnection};

use crate::StoreError;
use crate::checkpoint::{self, Advance};
use crate::fusion::{self, LEFT_OUT_ERROR};

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
    remove(&mut transaction, &[batch]).await?;
    transaction.commit().await?;
    Ok(())
}

/// Removes batches with all that was stored with them. Runs with rows of them are left as open ones, and so are lost runs that
/// were judged by them. To be called in a transaction that holds the lock of the fuse.
pub async fn remove(connection: &mut PgConnection, batches: &[i64]) -> Result<(), StoreError> {
    sqlx::query(AssertSqlSafe(forget_signatures_sql()))
        .bind(batches)
        .execute(&mut *connection)
        .await?;
    for statement in [
        REMOVE_LOG,
        REMOVE_ERRORS,
        REMOVE_REJECTS,
        REMOVE_POSTED,
        REMOVE_PRUNED,
        REMOVE_LINE,
        OPEN_LOST,
        REMOVE_HORIZONS,
        HORIZONS_OF_OTHERS,
        OPEN_RUNS,
    ] {
        sqlx::query(statement)
            .bind(batches)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// What no other row says that counts is forgotten, unless rows that said it were pruned; the next fuse groups the rest again.
/// For each signature of the batches one look at the index says so, however many rows there are.
fn forget_signatures_sql() -> String {
    format!(
        "WITH gone AS (DELETE FROM signature WHERE NOT kept \
         AND (signature, cut) IN (SELECT signature, message_truncated FROM logerreur WHERE batch = ANY ($1)) \
         AND (SELECT true FROM logerreur WHERE logerreur.signature = signature.signature \
         AND logerreur.message_truncated = signature.cut AND logerreur.batch <> ALL ($1) AND NOT {LEFT_OUT_ERROR} LIMIT 1) IS NULL \
         RETURNING signature) \
         UPDATE fuse_state SET grouped = false WHERE EXISTS (SELECT FROM gone)"
    )
}
pub(crate) const REMOVE_LOG: &str = "DELETE FROM log WHERE batch = ANY ($1)";
pub(crate) const REMOVE_ERRORS: &str = "DELETE FROM logerreur WHERE batch = ANY ($1)";
pub(crate) const REMOVE_REJECTS: &str = "DELETE FROM reject WHERE batch = ANY ($1)";
// What is taken back may be posted again.
pub(crate) const REMOVE_POSTED: &str = "DELETE FROM posted WHERE batch = ANY ($1)";
pub(crate) const REMOVE_PRUNED: &str = "DELETE FROM pruned WHERE batch = ANY ($1)";
pub(crate) const REMOVE_LINE: &str = "DELETE FROM batch WHERE batch = ANY ($1)";
// Its rows may have been the last ones of a system and environment, by which lost runs were judged; they may have been the
// only ones of an environment whose name was cut.
pub(crate) const OPEN_LOST: &str = "UPDATE dataset SET status = 'running' WHERE ended_at IS NULL AND status = 'lost' \
     AND NOT is_retired AND (system, environment) IN (SELECT system, environment FROM dataset WHERE batches && $1::bigint[])";
pub(crate) const REMOVE_HORIZONS: &str = "DELETE FROM horizon WHERE (system, environment) \
     IN (SELECT system, environment FROM dataset WHERE batches && $1::bigint[])";
pub(crate) const HORIZONS_OF_OTHERS: &str = "INSERT INTO horizon (system, environment, last_event_at) \
     SELECT system, environment, max(last_event_at) FROM dataset WHERE NOT batches && $1::bigint[] \
     AND (system, environment) IN (SELECT system, environment FROM dataset WHERE batches && $1::bigint[]) \
     GROUP BY system, environment";
pub(crate) const OPEN_RUNS: &str =
    "UPDATE dataset SET ended_at = NULL, status = 'running' WHERE batches && $1::bigint[]";

/// A path, and a lineage of which it brought rows or with whose content it was seen.
pub async fn known_paths(connection: &mut PgConnection) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(sqlx::query_as(KNOWN_PATHS).fetch_all(connection).await?)
}

pub(crate) const KNOWN_PATHS: &str = "SELECT path, lineage FROM source WHERE lineage IS NOT NULL \
     UNION SELECT path, batch.lineage FROM batch JOIN source USING (source) ORDER BY path, lineage";

/// A line of the ledger, as far as taking back needs it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Line {
    pub batch: i64,
    pub lineage: i64,
    pub path: String,
    pub first_record: i64,
    pub first_line: i64,
    pub records: i64,
    pub rows_log: i64,
    pub rows_error: i64,
    pub rejects: i64,
}

/// The lines of these lineages, in the order of their records.
pub async fn lines(
    connection: &mut PgConnection,
    lineages: &[i64],
) -> Result<Vec<Line>, StoreError> {
    Ok(sqlx::query_as(LINES)
        .bind(lineages)
        .fetch_all(connection)
        .await?)
}

pub(crate) const LINES: &str = "SELECT batch, batch.lineage, path, first_record, first_line, records, rows_log, rows_error, rejects \
     FROM batch JOIN source USING (source) WHERE batch.lineage = ANY ($1) ORDER BY batch.lineage, first_record";

/// Batch and lineage of those of these batches that there are.
pub async fn lineages_of(
    connection: &mut PgConnection,
    batches: &[i64],
) -> Result<Vec<(i64, i64)>, StoreError> {
    Ok(sqlx::query_as(LINEAGES_OF)
        .bind(batches)
        .fetch_all(connection)
        .await?)
}

pub(crate) const LINEAGES_OF: &str =
    "SELECT batch, lineage FROM batch WHERE batch = ANY ($1) ORDER BY batch";

/// Forgets lineages whose batches are removed, and the paths that brought nothing else.
pub async fn forget(connection: &mut PgConnection, lineages: &[i64]) -> Result<(), StoreError> {
    for statement in [FORGET_CHECKPOINTS, FORGET_SOURCES, LEAVE_SOURCES] {
        sqlx::query(statement)
            .bind(lineages)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(crate) const FORGET_CHECKPOINTS: &str = "DELETE FROM checkpoint WHERE lineage = ANY ($1)";
pub(crate) const FORGET_SOURCES: &str = "DELETE FROM source WHERE lineage = ANY ($1) \
     AND NOT EXISTS (SELECT FROM batch WHERE batch.source = source.source)";
pub(crate) const LEAVE_SOURCES: &str =
    "UPDATE source SET lineage = NULL, size_bytes = -1 WHERE lineage = ANY ($1)";

/// Paths of a lineage are to be looked at again: part of it was taken back.
pub async fn look_again(connection: &mut PgConnection, lineage: i64) -> Result<(), StoreError> {
    sqlx::query(LOOK_AGAIN)
        .bind(lineage)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const LOOK_AGAIN: &str = "UPDATE source SET size_bytes = -1 WHERE lineage = $1";

/// As if nothing had ever been fused, where nothing is stored any more. What people wrote into the catalogue stays.
pub async fn forget_fuse_of_nothing(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let done = sqlx::query(FORGET_FUSE).execute(&mut *connection).await?;
    Ok(done.rows_affected() > 0)
}

pub(crate) const FORGET_FUSE: &str = "DELETE FROM fuse_state WHERE NOT EXISTS (SELECT FROM batch)";
