//! Indexes that are made after the rows: building them then costs a third of keeping them up to date row by row
//! (`bench/README.md`).

use std::ops::DerefMut;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres, Transaction};

use crate::StoreError;
use crate::collision::is_collision;

/// Those of `dataset` that issues are judged by, in two halves that take about as long, …
const FOR_ISSUES: Halves = [
    &[
        "CREATE INDEX IF NOT EXISTS dataset_tree ON dataset (tree)",
        "CREATE INDEX IF NOT EXISTS dataset_error ON dataset (job_number, started_at) WHERE error_signatures <> '{}'",
    ],
    &[
        "CREATE INDEX IF NOT EXISTS dataset_job ON dataset (job_number, started_at) \
         INCLUDE (business_day, trigger, status, evidence, duration_ms, rows_out, rows_in)",
    ],
];
/// … and the others. The first one becomes the primary key.
const OTHERS: Halves = [
    &[
        "CREATE UNIQUE INDEX IF NOT EXISTS dataset_pkey ON dataset (run_key)",
        "CREATE INDEX IF NOT EXISTS dataset_cause ON dataset (environment, cause_signature, business_day) \
         WHERE cause_signature IS NOT NULL",
        "CREATE INDEX IF NOT EXISTS dataset_root ON dataset (job_number, started_at) WHERE is_root AND job_number IS NOT NULL",
        "CREATE INDEX IF NOT EXISTS dataset_good ON dataset (job_number, started_at) \
         WHERE is_root AND status = 'success' AND tree_status = 'success' AND duration_ms IS NOT NULL AND job_number IS NOT NULL",
    ],
    &[
        "CREATE INDEX IF NOT EXISTS dataset_day ON dataset (business_day, environment)",
        "CREATE INDEX IF NOT EXISTS dataset_open ON dataset (tree) WHERE ended_at IS NULL",
        "CREATE INDEX IF NOT EXISTS dataset_run_id ON dataset (left(run_id, 64) text_pattern_ops, started_at)",
        "CREATE INDEX IF NOT EXISTS dataset_signatures ON dataset USING gin (error_signatures) WHERE error_signatures <> '{}'",
    ],
];
type Halves = [&'static [&'static str]; 2];

/// Which indexes of `dataset` are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wave {
    /// Those that issues are judged by.
    ForIssues,
    Others,
}

impl Wave {
    const fn halves(self) -> Halves {
        match self {
            Self::ForIssues => FOR_ISSUES,
            Self::Others => OTHERS,
        }
    }
}

/// How to build each of them.
fn all() -> impl Iterator<Item = &'static str> {
    FOR_ISSUES.into_iter().chain(OTHERS).flatten().copied()
}

const DROP_KEY: &str = "ALTER TABLE dataset DROP CONSTRAINT IF EXISTS dataset_pkey";
const DROP: &str = "DROP INDEX IF EXISTS dataset_pkey, dataset_tree, dataset_cause, dataset_error, dataset_day, dataset_job, dataset_root, dataset_good, dataset_open, dataset_run_id, dataset_signatures";
const STATE: &str = "SELECT count(*), coalesce(bool_or(indisprimary), false) FROM pg_index \
     WHERE indrelid = 'dataset'::regclass AND indexrelid::regclass::text \
     IN ('dataset_pkey', 'dataset_tree', 'dataset_cause', 'dataset_error', 'dataset_day', 'dataset_job', 'dataset_root', 'dataset_good', 'dataset_open', 'dataset_run_id', 'dataset_signatures')";
const ADD_KEY: &str =
    "ALTER TABLE dataset ADD CONSTRAINT dataset_pkey PRIMARY KEY USING INDEX dataset_pkey";
/// Whoever reads or writes for longer is not disturbed.
const PATIENCE: &str = "SET LOCAL lock_timeout = '500ms'";
/// The server's own upkeep makes way within a second (`deadlock_timeout`).
const MORE_PATIENCE: &str = "SET LOCAL lock_timeout = '5s'";
const NO_PATIENCE: &str = "RESET lock_timeout";
/// A tenth of the usual rows, of the columns that questions go by: a tenth of the time for the same plans. Autovacuum takes it
/// for nothing, as it does with any list of columns, and looks at all of them within a minute.
const A_GLANCE: &str = "SET LOCAL default_statistics_target = 10";
const ANALYZE: &str = "ANALYZE dataset (business_day, environment, project, job, job_number, status, is_root, started_at, ended_at, tree, \
     run_key, root_run_key, parent_run_key, category, cause_signature)";
const IS_EMPTY: &str = "SELECT NOT EXISTS (SELECT FROM dataset)";
/// Two connections do this at the same time: more workers would only be in each other's way.
const ALONE: &str = "SET LOCAL max_parallel_maintenance_workers = 0";
/// `lock_not_available`, in PostgreSQL's appendix of error codes.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// Takes the indexes of an empty `dataset` away and commits. Nothing happens where `dataset` has rows or somebody is
/// reading it.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn take_away(mut transaction: Transaction<'_, Postgres>) -> Result<(), StoreError> {
    sqlx::query(PATIENCE).execute(&mut *transaction).await?;
    let (is_empty,): (bool,) = sqlx::query_as(IS_EMPTY)
        .fetch_one(&mut *transaction)
        .await?;
    if !is_empty {
        return Ok(());
    }
    for statement in [DROP_KEY, DROP] {
        if !was_free(sqlx::query(statement).execute(&mut *transaction).await)? {
            return Ok(transaction.rollback().await?);
        }
    }
    Ok(transaction.commit().await?)
}

/// Builds what is missing of a wave over two connections and commits. No other transaction of the caller may have written to `dataset`.
/// Says no where somebody else waits for all of `dataset`: that one may be waiting for the caller.
///
/// # Errors
/// When the server refuses or is gone, or a run stands twice.
pub async fn build_shared(
    connections: [Transaction<'_, Postgres>; 2],
    wave: Wave,
) -> Result<bool, StoreError> {
    let ([first, second], [one, other]) = (connections, wave.halves());
    let (first, second) = tokio::join!(build_half(first, one), build_half(second, other));
    Ok(first? & second?)
}

/// Lets the server look at how the runs are spread, by which it plans.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn analyze(connection: &mut PgConnection) -> Result<(), StoreError> {
    let mut transaction = connection.begin().await?;
    for statement in [A_GLANCE, ANALYZE] {
        sqlx::query(statement).execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}

async fn build_half(
    mut transaction: Transaction<'_, Postgres>,
    half: &[&'static str],
) -> Result<bool, StoreError> {
    for setting in [ALONE, MORE_PATIENCE] {
        sqlx::query(setting).execute(&mut *transaction).await?;
    }
    for &statement in half {
        if !was_free(sqlx::query(statement).execute(&mut *transaction).await)? {
            transaction.rollback().await?;
            return Ok(false);
        }
    }
    transaction.commit().await?;
    Ok(true)
}

/// Makes sure that `dataset` has all its indexes and its key. Where somebody is reading `dataset`, the key waits for another
/// time: its unique index is there.
///
/// # Errors
/// When the server refuses or is gone, or a run stands twice.
pub async fn complete(connection: &mut PgConnection) -> Result<(), StoreError> {
    let (indexes, has_key): (i64, bool) = sqlx::query_as(STATE).fetch_one(&mut *connection).await?;
    if indexes < all().count() as i64 {
        for statement in all() {
            sqlx::query(statement).execute(&mut *connection).await?;
        }
    }
    if !has_key {
        let mut transaction = connection.begin().await?;
        sqlx::query(PATIENCE).execute(&mut *transaction).await?;
        let made = sqlx::query(ADD_KEY).execute(&mut *transaction).await;
        if was_free(made)? {
            sqlx::query(NO_PATIENCE).execute(&mut *transaction).await?;
            transaction.commit().await?;
        }
    }
    Ok(())
}

/// Gives the months of `log` and `logerreur` that have none their index on `batch`, over two connections if `spare` has one. A
/// month that is being written waits for another time: it is read without.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn complete_months<C: DerefMut<Target = PgConnection>>(
    connection: &mut PgConnection,
    spare: impl AsyncFnOnce() -> Option<C>,
) -> Result<(), StoreError> {
    let months: Vec<(String,)> = sqlx::query_as(BARE_MONTHS)
        .fetch_all(&mut *connection)
        .await?;
    let other = match months.as_slice() {
        [] | [_] => None,
        _ => spare().await,
    };
    let Some(mut other) = other else {
        return index_months(connection, months.iter()).await;
    };
    let (even, odd) = tokio::join!(
        index_months(connection, months.iter().step_by(2)),
        index_months(&mut other, months.iter().skip(1).step_by(2)),
    );
    even.and(odd)
}

async fn index_months(
    connection: &mut PgConnection,
    months: impl Iterator<Item = &(String,)>,
) -> Result<(), StoreError> {
    for (month,) in months {
        let mut transaction = connection.begin().await?;
        for setting in [PATIENCE, ALONE] {
            sqlx::query(setting).execute(&mut *transaction).await?;
        }
        let statement = format!(
            "CREATE INDEX IF NOT EXISTS {month}_batch ON {month} USING brin (batch) WITH (pages_per_range = 16)"
        );
        let made = sqlx::query(AssertSqlSafe(statement))
            .execute(&mut *transaction)
            .await;
        // Somebody else may be making the same one.
        if made.as_ref().is_err_and(is_collision) {
            continue;
        }
        if was_free(made)? {
            transaction.commit().await?;
        }
    }
    Ok(())
}

pub(crate) const BARE_MONTHS: &str = "SELECT inhrelid::regclass::text FROM pg_inherits \
     WHERE inhparent IN ('log'::regclass, 'logerreur'::regclass) \
     AND to_regclass(inhrelid::regclass::text || '_batch') IS NULL ORDER BY 1";

/// Whether the statement got its lock in time.
pub(crate) fn was_free<T>(done: Result<T, sqlx::Error>) -> Result<bool, StoreError> {
    match done {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(error))
            if error.code().as_deref() == Some(LOCK_NOT_AVAILABLE) =>
        {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}
