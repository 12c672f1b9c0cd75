//! Old rows go, month by month; the ledger goes on to account for them.
//!
//! Months are emptied and not dropped: loaders remember which there are. Everything happens in the caller's transaction,
//! which holds the lock of the fuse.

use std::collections::BTreeMap;

use jiff::civil::Date;
use smartetl_core::model::Moment;
use sqlx::{AssertSqlSafe, FromRow, PgConnection};

use crate::StoreError;
use crate::audit::{Accounted, Sum, sums_where};
use crate::copy::days_since_1970;
use crate::fusion::rebuild_horizons;
use crate::partitions::Month;

/// What goes, or went, of one batch; or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Pruned {
    pub batch: i64,
    pub rows_log: i64,
    pub rows_error: i64,
    pub rejects: i64,
    pub log_checksum: i64,
    pub error_checksum: i64,
    pub reject_checksum: i64,
}

impl Pruned {
    /// What went of this table.
    pub fn of(&self, table: Accounted) -> Sum {
        let (rows, checksum) = match table {
            Accounted::Log => (self.rows_log, self.log_checksum),
            Accounted::Logerreur => (self.rows_error, self.error_checksum),
            Accounted::Reject => (self.rejects, self.reject_checksum),
        };
        Sum { rows, checksum }
    }

    fn add(&mut self, table: Accounted, sum: Sum) {
        let (rows, checksum) = match table {
            Accounted::Log => (&mut self.rows_log, &mut self.log_checksum),
            Accounted::Logerreur => (&mut self.rows_error, &mut self.error_checksum),
            Accounted::Reject => (&mut self.rejects, &mut self.reject_checksum),
        };
        *rows += sum.rows;
        *checksum = checksum.wrapping_add(sum.checksum);
    }
}

/// What goes, by batch.
pub type Going = BTreeMap<i64, Pruned>;

fn add(going: &mut Going, table: Accounted, sums: BTreeMap<i64, Sum>) {
    for (batch, sum) in sums {
        let line = going.entry(batch).or_default();
        line.batch = batch;
        line.add(table, sum);
    }
}

/// A month of a table, and the bytes of its file with all that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMonth {
    pub table: Accounted,
    pub month: Month,
    pub bytes: i64,
}

impl StoredMonth {
    fn partition(&self) -> String {
        self.month.partition(self.table.table())
    }
}

/// The months before this one that hold rows, oldest first.
pub async fn months_before(
    connection: &mut PgConnection,
    first_kept: Month,
) -> Result<Vec<StoredMonth>, StoreError> {
    let mut found = Vec::new();
    for table in [Accounted::Log, Accounted::Logerreur] {
        let rows: Vec<(String, i64)> = sqlx::query_as(MONTHS)
            .bind(table.table())
            .fetch_all(&mut *connection)
            .await?;
        let months = rows.into_iter().filter_map(|(partition, bytes)| {
            let month = Month::of_partition(table.table(), &partition)?;
            (month < first_kept).then_some(StoredMonth {
                table,
                month,
                bytes,
            })
        });
        found.extend(months);
    }
    found.sort_unstable_by_key(|stored| (stored.month, stored.table.table()));
    Ok(found)
}

pub(crate) const MONTHS: &str = "SELECT month.relname::text, pg_total_relation_size(month.oid) FROM pg_inherits \
     JOIN pg_class AS month ON month.oid = inhrelid WHERE inhparent = to_regclass($1) AND pg_relation_size(month.oid) > 0";

/// Keeps others from writing into these months, also those who have rows of theirs on their way; they may still be read.
///
/// # Errors
/// When the server refuses or is gone, or others hold a month for more than half a minute.
pub async fn hold(connection: &mut PgConnection, months: &[StoredMonth]) -> Result<(), StoreError> {
    lock(connection, months, "SHARE").await
}

async fn lock(
    connection: &mut PgConnection,
    months: &[StoredMonth],
    mode: &str,
) -> Result<(), StoreError> {
    let partitions: Vec<String> = months.iter().map(StoredMonth::partition).collect();
    let partitions = partitions.join(", ");
    for statement in [
        "SET LOCAL lock_timeout = '30s'".to_owned(),
        format!("LOCK TABLE {partitions} IN {mode} MODE"),
    ] {
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Adds what goes with a month.
pub async fn look(
    connection: &mut PgConnection,
    stored: &StoredMonth,
    going: &mut Going,
) -> Result<(), StoreError> {
    let sums = sums_where(connection, stored.table, &stored.partition(), "").await?;
    add(going, stored.table, sums);
    Ok(())
}

/// Empties these months, which are all that hold rows before this moment, once nobody reads them. Runs on open days that may owe something to their rows are left as open ones: the next
/// fuse folds them again from what is left.
///
/// # Errors
/// When the server refuses or is gone, or others hold a month for more than half a minute.
pub async fn empty(
    connection: &mut PgConnection,
    months: &[StoredMonth],
    before: Moment,
) -> Result<(), StoreError> {
    sqlx::query(FOLD_AGAIN_WITHOUT)
        .bind(before.0)
        .execute(&mut *connection)
        .await?;
    lock(connection, months, "ACCESS EXCLUSIVE").await?;
    for stored in months {
        sqlx::query(AssertSqlSafe(format!("TRUNCATE {}", stored.partition())))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

// An error that names no tree has its run's id for a root. Joins and no OR of lists, which the server would search row by row.
pub(crate) const FOLD_AGAIN_WITHOUT: &str = "WITH gone AS MATERIALIZED ( \
     SELECT system, root_run_id AS id FROM log WHERE moment < to_timestamp($1::numeric / 1000000) \
     UNION SELECT system, root_run_id FROM logerreur WHERE moment < to_timestamp($1::numeric / 1000000)) \
     UPDATE dataset SET ended_at = NULL, status = 'running' WHERE business_day >= (SELECT first_open_day()) AND run_key IN ( \
     SELECT run_key FROM dataset JOIN gone ON gone.system = dataset.system AND id = root_run_id \
     UNION SELECT run_key FROM dataset JOIN gone ON gone.system = dataset.system AND id = run_id)";

/// Removes the rejects of batches that were committed before.
pub async fn remove_rejects(
    connection: &mut PgConnection,
    before: Moment,
    going: &mut Going,
) -> Result<(), StoreError> {
    let old = format!("WHERE batch IN (SELECT batch FROM batch WHERE committed_at < '{before}')");
    let sums = sums_where(connection, Accounted::Reject, "reject", &old).await?;
    let batches: Vec<i64> = sums.keys().copied().collect();
    add(going, Accounted::Reject, sums);
    sqlx::query(REMOVE_REJECTS)
        .bind(batches)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const REMOVE_REJECTS: &str = "DELETE FROM reject WHERE batch = ANY ($1)";

/// Removes what was written down about backups, proofs and disks before.
pub async fn remove_upkeep(
    connection: &mut PgConnection,
    before: Moment,
) -> Result<(), StoreError> {
    sqlx::query(REMOVE_UPKEEP)
        .bind(before.0)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const REMOVE_UPKEEP: &str =
    "DELETE FROM upkeep WHERE at < to_timestamp($1::numeric / 1000000)";

/// Writes down what went.
pub async fn account(connection: &mut PgConnection, going: &Going) -> Result<(), StoreError> {
    let mut lines: Vec<Pruned> = going.values().copied().collect();
    let batches: Vec<i64> = lines.iter().map(|line| line.batch).collect();
    let before: Going = pruned(&mut *connection, Some(&batches)).await?;
    for line in &mut lines {
        if let Some(before) = before.get(&line.batch) {
            for &table in Accounted::ALL {
                line.add(table, before.of(table));
            }
        }
    }
    let column = |pick: fn(&Pruned) -> i64| -> Vec<i64> { lines.iter().map(pick).collect() };
    sqlx::query(ACCOUNT)
        .bind(batches)
        .bind(column(|line| line.rows_log))
        .bind(column(|line| line.rows_error))
        .bind(column(|line| line.rejects))
        .bind(column(|line| line.log_checksum))
        .bind(column(|line| line.error_checksum))
        .bind(column(|line| line.reject_checksum))
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const ACCOUNT: &str = "INSERT INTO pruned (batch, rows_log, rows_error, rejects, log_checksum, error_checksum, reject_checksum) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[]) \
     ON CONFLICT (batch) DO UPDATE SET rows_log = EXCLUDED.rows_log, rows_error = EXCLUDED.rows_error, rejects = EXCLUDED.rejects, \
     log_checksum = EXCLUDED.log_checksum, error_checksum = EXCLUDED.error_checksum, \
     reject_checksum = EXCLUDED.reject_checksum, pruned_at = now()";

/// What was removed, by batch; of all batches with `None`.
pub async fn pruned(
    connection: &mut PgConnection,
    batches: Option<&[i64]>,
) -> Result<Going, StoreError> {
    let lines: Vec<Pruned> = sqlx::query_as(PRUNED)
        .bind(batches)
        .fetch_all(connection)
        .await?;
    Ok(lines.into_iter().map(|line| (line.batch, line)).collect())
}

pub(crate) const PRUNED: &str = "SELECT batch, rows_log, rows_error, rejects, log_checksum, error_checksum, reject_checksum \
     FROM pruned WHERE $1::bigint[] IS NULL OR batch = ANY ($1)";

/// Closes the days before this one. Runs on later days that share a tree with a run on a closed day are left as open ones.
pub async fn close(connection: &mut PgConnection, before: Date) -> Result<(), StoreError> {
    for statement in [CLOSE, FOLD_AGAIN] {
        sqlx::query(statement)
            .bind(days_since_1970(before))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(crate) const CLOSE: &str =
    "UPDATE fuse_state SET closed_before = date '1970-01-01' + $1::integer";
pub(crate) const FOLD_AGAIN: &str = "UPDATE dataset SET ended_at = NULL, status = 'running' WHERE business_day >= date '1970-01-01' + $1::integer \
     AND tree IN (SELECT tree FROM dataset WHERE business_day < date '1970-01-01' + $1::integer)";

/// Removes the runs and days before this one, which must be closed: they count for no habit and no horizon any more, so lost runs are
/// left as open ones for the next fuse to judge. How many runs and days of jobs.
pub async fn remove_runs(
    connection: &mut PgConnection,
    before: Date,
) -> Result<(u64, u64), StoreError> {
    let mut counts = [0; 2];
    for (statement, count) in [REMOVE_RUNS, REMOVE_JOB_DAYS].into_iter().zip(&mut counts) {
        let done = sqlx::query(statement)
            .bind(days_since_1970(before))
            .execute(&mut *connection)
            .await?;
        *count = done.rows_affected();
    }
    for statement in [REMOVE_ADRIFT, OPEN_LOST] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    rebuild_horizons(connection).await?;
    let [runs, job_days] = counts;
    Ok((runs, job_days))
}

pub(crate) const REMOVE_RUNS: &str =
    "DELETE FROM dataset WHERE business_day < date '1970-01-01' + $1::integer";
pub(crate) const REMOVE_JOB_DAYS: &str =
    "DELETE FROM job_day WHERE business_day < date '1970-01-01' + $1::integer";
pub(crate) const REMOVE_ADRIFT: &str =
    "DELETE FROM adrift WHERE NOT EXISTS (SELECT FROM dataset WHERE dataset.tree = adrift.tree)";
pub(crate) const OPEN_LOST: &str = "UPDATE dataset SET status = 'running' WHERE ended_at IS NULL AND status = 'lost' \
     AND business_day >= (SELECT first_open_day())";

/// The first of these batches with a run on a closed day, or with rows that were pruned.
pub async fn first_closed(
    connection: &mut PgConnection,
    batches: &[i64],
) -> Result<Option<i64>, StoreError> {
    let (batch,): (Option<i64>,) = sqlx::query_as(FIRST_CLOSED)
        .bind(batches)
        .fetch_one(connection)
        .await?;
    Ok(batch)
}

pub(crate) const FIRST_CLOSED: &str = "SELECT min(batch) FROM (SELECT batch FROM pruned WHERE batch = ANY ($1) \
     UNION ALL SELECT of_run.batch FROM dataset CROSS JOIN unnest(batches) AS of_run (batch) \
     WHERE business_day < (SELECT closed_before FROM fuse_state) AND of_run.batch IN (SELECT unnest($1::bigint[]))) AS closed";
