//! What `verify` reads: the ledger, sums over the stored tuples, checkpoints, sources, and what the last fuse wrote.
//!
//! Reads only, as one moment saw it ([`begin`]); what the figures mean is judged by the caller. Rows are streamed: memory
//! follows the number of batches, never the number of rows.

use std::collections::BTreeMap;

use sqlx::{Connection, FromRow, PgConnection, Postgres, Transaction};
use uuid::Uuid;

use crate::StoreError;
use crate::checkpoint::{COLUMNS, Checkpoint, LINEAGE_LOCKS};
use crate::copy::{
    DATASET_COLUMNS, ERROR_COLUMNS, Fields, JOB_DAY_COLUMNS, LOG_COLUMNS, tuple_checksum,
};
use crate::ledger::{LedgerLine, REJECT_COLUMNS, copy_out};

/// Tables whose rows the ledger accounts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accounted {
    Log,
    Logerreur,
    Reject,
}

impl Accounted {
    pub const ALL: &'static [Self] = &[Self::Log, Self::Logerreur, Self::Reject];

    pub const fn table(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Logerreur => "logerreur",
            Self::Reject => "reject",
        }
    }

    /// What the ledger says of this table.
    pub fn said(self, line: &LedgerLine) -> Sum {
        match self {
            Self::Log => Sum {
                rows: line.rows_log,
                checksum: line.log_checksum,
            },
            Self::Logerreur => Sum {
                rows: line.rows_error,
                checksum: line.error_checksum,
            },
            Self::Reject => Sum {
                rows: line.rejects,
                checksum: line.reject_checksum,
            },
        }
    }

    const fn columns(self) -> &'static str {
        match self {
            Self::Log => LOG_COLUMNS,
            Self::Logerreur => ERROR_COLUMNS,
            Self::Reject => REJECT_COLUMNS,
        }
    }
}

/// How many tuples there are, and the wrapping sum of their hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub rows: i64,
    pub checksum: i64,
}

impl Sum {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            checksum: self.checksum.wrapping_add(other.checksum),
        }
    }

    fn add(&mut self, tuple: &[u8]) {
        self.rows += 1;
        self.checksum = self.checksum.wrapping_add(tuple_checksum(tuple));
    }
}

/// Begins a transaction that sees one moment and cannot write.
pub async fn begin(connection: &mut PgConnection) -> Result<Transaction<'_, Postgres>, StoreError> {
    let mut transaction = connection
        .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await?;
    // Before anything is read: a month that is emptied behind the snapshot would seem to have lost its rows.
    sqlx::query("LOCK TABLE log, logerreur, reject, dataset, job_day IN ACCESS SHARE MODE")
        .execute(&mut *transaction)
        .await?;
    Ok(transaction)
}

/// All lines of the ledger, by batch.
pub async fn ledger(connection: &mut PgConnection) -> Result<Vec<LedgerLine>, StoreError> {
    Ok(sqlx::query_as(LEDGER).fetch_all(connection).await?)
}

pub(crate) const LEDGER: &str = "SELECT batch, source, lineage, dialect, zone, configuration_hash, first_record, first_line, \
     records, records_with_rows, rows_log, rows_error, rejects, silent, log_checksum, error_checksum, reject_checksum \
     FROM batch ORDER BY batch";

/// What a table really holds of each batch.
pub async fn sums(
    connection: &mut PgConnection,
    table: Accounted,
) -> Result<BTreeMap<i64, Sum>, StoreError> {
    sums_where(connection, table, table.table(), "").await
}

/// The same of `relation`, the table or a month of it, and of those rows that `filter` leaves.
pub(crate) async fn sums_where(
    connection: &mut PgConnection,
    table: Accounted,
    relation: &str,
    filter: &str,
) -> Result<BTreeMap<i64, Sum>, StoreError> {
    let mut sums: BTreeMap<i64, Sum> = BTreeMap::new();
    tuples(connection, relation, table.columns(), filter, |tuple| {
        let batch = Fields::of(tuple)?.long()?;
        sums.entry(batch).or_default().add(tuple);
        Ok(())
    })
    .await?;
    Ok(sums)
}

/// A place that holds more than one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct Doubled {
    pub line: i64,
    /// Which row of the record; 0 for a reject.
    pub seq: i32,
    pub rows: i64,
}

/// The first places of a batch that hold more than one row.
pub async fn doubled(
    connection: &mut PgConnection,
    table: Accounted,
    batch: i64,
) -> Result<Vec<Doubled>, StoreError> {
    let statement = match table {
        Accounted::Log => format!("SELECT line, seq, count(*) AS rows FROM log {DOUBLED}"),
        Accounted::Logerreur => {
            format!("SELECT line, seq, count(*) AS rows FROM logerreur {DOUBLED}")
        }
        Accounted::Reject => {
            format!("SELECT line, 0 AS seq, count(*) AS rows FROM reject {DOUBLED}")
        }
    };
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .bind(batch)
        .fetch_all(connection)
        .await?)
}

const DOUBLED: &str =
    "WHERE batch = $1 GROUP BY line, seq HAVING count(*) > 1 ORDER BY line, seq LIMIT 3";

/// What a producer with this database says of a lineage, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct Streamed {
    pub lineage: i64,
    /// Records before it were loaded.
    pub from_record: i64,
    /// Messages up to the checkpoint that the broker has taken.
    pub messages: i64,
}

/// All lineages that a producer with this database sends.
pub async fn streamed(connection: &mut PgConnection) -> Result<Vec<Streamed>, StoreError> {
    Ok(sqlx::query_as(STREAMED).fetch_all(connection).await?)
}

pub(crate) const STREAMED: &str = "SELECT lineage, from_record, messages FROM stream WHERE is_ours AND retired_at IS NULL ORDER BY lineage";

/// The sources that are partitions of Kafka or ways of posting.
pub async fn partitions(connection: &mut PgConnection) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<(i64,)> = sqlx::query_as(PARTITIONS).fetch_all(connection).await?;
    Ok(rows.into_iter().map(|(source,)| source).collect())
}

pub(crate) const PARTITIONS: &str =
    "SELECT source FROM source JOIN checkpoint USING (lineage) WHERE kind IN ('kafka', 'http')";

/// A way of posting, and how many records came by it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Posted {
    pub lineage: i64,
    pub path: String,
    pub next_record: i64,
}

/// All ways by which something was posted.
pub async fn posted(connection: &mut PgConnection) -> Result<Vec<Posted>, StoreError> {
    Ok(sqlx::query_as(POSTED).fetch_all(connection).await?)
}

pub(crate) const POSTED: &str = "SELECT lineage, path, next_record FROM source JOIN checkpoint USING (lineage) WHERE kind = 'http' ORDER BY path";

/// How many keys say that something is stored whose batch is not there.
pub async fn keys_without_batch(connection: &mut PgConnection) -> Result<i64, StoreError> {
    let (keys,): (i64,) = sqlx::query_as(KEYS_WITHOUT_BATCH)
        .fetch_one(connection)
        .await?;
    Ok(keys)
}

pub(crate) const KEYS_WITHOUT_BATCH: &str = "SELECT count(*) FROM posted WHERE NOT EXISTS (SELECT FROM batch WHERE batch.batch = posted.batch)";

/// For how long the oldest batch that is not fused has waited, seconds.
pub async fn unfused_for(connection: &mut PgConnection) -> Result<Option<f64>, StoreError> {
    let (seconds,): (Option<f64>,) = sqlx::query_as(UNFUSED_FOR).fetch_one(connection).await?;
    Ok(seconds)
}

pub(crate) const UNFUSED_FOR: &str = "SELECT extract(epoch FROM clock_timestamp() - min(committed_at))::float8 FROM batch WHERE NOT fused";

/// How far every file has been read, by lineage.
pub async fn checkpoints(connection: &mut PgConnection) -> Result<Vec<Checkpoint>, StoreError> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(checkpoints_sql()))
        .fetch_all(connection)
        .await?)
}

pub(crate) fn checkpoints_sql() -> String {
    format!("SELECT {COLUMNS} FROM checkpoint WHERE kind = 'file' ORDER BY lineage")
}

/// A path and what it was when it was last read.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct KnownSource {
    pub source: i64,
    pub path: String,
    pub lineage: Option<i64>,
    /// [`crate::checkpoint::NOT_READ_TO_ITS_END`] while it is read, and where reading ended before its end.
    pub size_bytes: i64,
    /// Somebody reads its lineage now.
    pub is_being_read: bool,
}

/// All paths that were read, by path.
pub async fn sources(connection: &mut PgConnection) -> Result<Vec<KnownSource>, StoreError> {
    Ok(sqlx::query_as(SOURCES)
        .bind(LINEAGE_LOCKS)
        .fetch_all(connection)
        .await?)
}

// A lock of 64 bits shows its halves.
pub(crate) const SOURCES: &str = "SELECT source, path, lineage, size_bytes, EXISTS (SELECT FROM pg_locks \
     WHERE locktype = 'advisory' AND objsubid = 1 AND granted \
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
     AND ((classid::bigint << 32) | objid::bigint) = $1 # lineage) AS is_being_read FROM source ORDER BY path";

/// Gives the tuples of `dataset`, in the columns of [`DATASET_COLUMNS`]: of these runs, where `keys` are given, else of all that
/// are folded again: those that have retired are not.
pub async fn runs(
    connection: &mut PgConnection,
    keys: Option<&[Uuid]>,
    take: impl FnMut(&[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let filter = keys.map_or_else(
        || "WHERE NOT is_retired".to_owned(),
        |keys| {
            let keys: Vec<String> = keys.iter().map(Uuid::to_string).collect();
            format!("WHERE run_key = ANY ('{{{}}}'::uuid[])", keys.join(","))
        },
    );
    tuples(connection, "dataset", DATASET_COLUMNS, &filter, take).await
}

/// Gives every tuple of `job_day`, in the columns of [`JOB_DAY_COLUMNS`].
pub async fn job_days(
    connection: &mut PgConnection,
    take: impl FnMut(&[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    tuples(connection, "job_day", JOB_DAY_COLUMNS, "", take).await
}

async fn tuples(
    connection: &mut PgConnection,
    table: &str,
    columns: &str,
    filter: &str,
    take: impl FnMut(&[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let statement =
        format!("COPY (SELECT {columns} FROM {table} {filter}) TO STDOUT (FORMAT binary)");
    copy_out(connection, &statement, take).await
}
