//! Trees retire: their rows go, month by month, and the ledger goes on to account for them.
//!
//! Months are emptied and not dropped: loaders remember which there are. Everything happens in the caller's transaction, which holds
//! the lock of the fuse: so nobody else fuses batches or takes them back, and the rows of fused batches stay what they are. What is known
//! about them stands in tables that only this transaction sees.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use smartetl_core::fuse::{FuseConfig, GLOBAL_RUN_IDS, JobKey};
use smartetl_core::model::Moment;
use sqlx::{AssertSqlSafe, Connection, FromRow, PgConnection};

use crate::StoreError;
use crate::audit::{Accounted, Sum, sums_where};
use crate::fusion::{self, LEFT_OUT_ERROR, LEFT_OUT_LOG, rebuild_horizons};
use crate::indexes::was_free;
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

/// What goes, or went, of months.
#[derive(Clone, Debug, Default)]
pub struct Months {
    /// Those of which something goes, oldest first.
    pub rewritten: Vec<StoredMonth>,
    pub going: Going,
}

/// A month of a table, and about so many bytes of its file with all that belongs to it go.
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

/// Which trees stay (section 9 of `doc/fusion.md`): those with a run that is going on or that has rows from `since` on, those with rows of
/// batches that were committed from `unsettled` on, and those that errors without a tree may tie to them. Also remembers which batches
/// are fused.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn stay(
    connection: &mut PgConnection,
    since: Moment,
    unsettled: Option<Moment>,
) -> Result<(), StoreError> {
    let newest = unsettled.map_or_else(
        || "false".to_owned(),
        |from| format!("committed_at >= '{from}'"),
    );
    for statement in [
        GONE_THROUGH.to_owned(),
        TIED.to_owned(),
        format!(
            "CREATE TEMP TABLE fresh ON COMMIT DROP AS SELECT DISTINCT system, root_run_id FROM dataset \
             CROSS JOIN LATERAL unnest(batches) AS of_run (batch) \
             JOIN (SELECT batch FROM batch WHERE {newest}) AS new USING (batch) WHERE NOT is_retired"
        ),
        format!(
            "CREATE TEMP TABLE staying ON COMMIT DROP AS WITH RECURSIVE kept AS ( \
             SELECT system, root_run_id FROM dataset WHERE NOT is_retired AND (last_event_at >= '{since}' OR status = 'running') \
             UNION SELECT system, root_run_id FROM fresh \
             UNION SELECT tied.system, tied.other FROM kept JOIN tied ON tied.system = kept.system AND tied.one = kept.root_run_id) \
             SELECT system, root_run_id FROM kept"
        ),
        "CREATE UNIQUE INDEX ON gone_through (batch)".to_owned(),
        "CREATE UNIQUE INDEX ON staying (system, root_run_id)".to_owned(),
        "ANALYZE gone_through, staying".to_owned(),
    ] {
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

const GONE_THROUGH: &str =
    "CREATE TEMP TABLE gone_through ON COMMIT DROP AS SELECT batch FROM batch WHERE fused";
// An error may belong to a run that it stands within a day of. Run ids come back: they are brought together day by day, which is coarser
// and keeps more.
const TIED: &str = "CREATE TEMP TABLE tied ON COMMIT DROP AS WITH lone AS MATERIALIZED ( \
     SELECT DISTINCT system, run_id, moment::date AS day FROM logerreur WHERE run_id = root_run_id), \
     below AS (SELECT DISTINCT system, run_id, root_run_id, started_at::date AS first, last_event_at::date AS last FROM dataset \
     WHERE NOT is_retired AND run_id <> root_run_id AND (system, run_id) IN (SELECT system, run_id FROM lone)), \
     found AS (SELECT below.system, below.run_id, below.root_run_id FROM below \
     CROSS JOIN LATERAL generate_series(first - interval '1 day', last + interval '1 day', interval '1 day') AS near (day) \
     JOIN lone ON lone.system = below.system AND lone.run_id = below.run_id AND lone.day = near.day::date \
     UNION SELECT system, adrift.run_id, root_run_id FROM adrift JOIN dataset USING (tree) \
     WHERE NOT is_retired AND adrift.run_id <> root_run_id) \
     SELECT system, run_id AS one, root_run_id AS other FROM found UNION ALL SELECT system, root_run_id, run_id FROM found";

/// How many trees stay only because rows of them came lately. `since` is that of [`stay`].
///
/// # Errors
/// When the server refuses or is gone.
pub async fn unsettled(connection: &mut PgConnection, since: Moment) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(UNSETTLED)
        .bind(since.0)
        .fetch_one(connection)
        .await?)
}

pub(crate) const UNSETTLED: &str = "SELECT count(*) FROM (SELECT FROM dataset JOIN fresh USING (system, root_run_id) WHERE NOT is_retired \
     GROUP BY system, root_run_id HAVING max(last_event_at) < to_timestamp($1::numeric / 1000000) AND NOT bool_or(status = 'running')) AS old";

/// What retires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Retiring {
    pub runs: i64,
    pub trees: i64,
}

/// What does not stay ([`stay`]) and has not retired before.
pub async fn retiring(connection: &mut PgConnection) -> Result<Retiring, StoreError> {
    Ok(sqlx::query_as(RETIRING).fetch_one(connection).await?)
}

pub(crate) const RETIRING: &str = "SELECT count(*) AS runs, count(DISTINCT (system, root_run_id)) AS trees FROM dataset WHERE NOT is_retired \
     AND NOT EXISTS (SELECT FROM staying WHERE staying.system = dataset.system AND staying.root_run_id = dataset.root_run_id)";

/// Lets it retire. `since` is that of [`stay`]: what retires has no row from there on.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn retire(
    connection: &mut PgConnection,
    since: Moment,
    config: &FuseConfig,
) -> Result<(), StoreError> {
    for statement in [RETIRING_UNITS, "ANALYZE retiring"] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    // Only now: rows that counted nothing before leave nothing.
    sqlx::query(AssertSqlSafe(remember_sql()))
        .bind(GLOBAL_RUN_IDS)
        .bind(since.0)
        .execute(&mut *connection)
        .await?;
    fusion::learn_retired_words(connection, config).await?;
    for statement in [RETIRE, REMOVE_ADRIFT, ANALYZE] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    Ok(())
}

// Many runs are of another kind now than the server last saw.
const ANALYZE: &str = "ANALYZE dataset, retired";

const RETIRING_UNITS: &str = "CREATE TEMP TABLE retiring ON COMMIT DROP AS SELECT DISTINCT system, root_run_id FROM dataset WHERE NOT is_retired \
     AND NOT EXISTS (SELECT FROM staying WHERE staying.system = dataset.system AND staying.root_run_id = dataset.root_run_id)";

/// What rows of what retires say of their job and environment, and the stretches of time in which other rows may be of the same runs:
/// days first, of which there are about as many as runs.
fn remember_sql() -> String {
    format!(
        "INSERT INTO retired (system, root_run_id, job, said, since, until) \
         WITH named AS (SELECT system, root_run_id, job, coalesce(environment, context, '') AS said, moment::date AS day, \
         min(moment) AS first, max(moment) AS last FROM log JOIN retiring USING (system, root_run_id) \
         WHERE moment < to_timestamp($2::numeric / 1000000) AND {GONE_OVER} AND NOT {LEFT_OUT_LOG} GROUP BY 1, 2, 3, 4, 5 UNION ALL \
         SELECT system, root_run_id, job, coalesce(environment, context, '') AS said, moment::date AS day, \
         min(moment) AS first, max(moment) AS last FROM logerreur JOIN retiring USING (system, root_run_id) \
         WHERE moment < to_timestamp($2::numeric / 1000000) AND {GONE_OVER} AND NOT {LEFT_OUT_ERROR} GROUP BY 1, 2, 3, 4, 5), \
         days AS (SELECT system, root_run_id, job, said, min(first) AS first, max(last) AS last FROM named \
         GROUP BY system, root_run_id, job, said, day), \
         gaps AS (SELECT *, system <> ALL ($1) AND first - lag(last) OVER one > interval '24 hours' AS is_gap FROM days \
         WINDOW one AS (PARTITION BY system, root_run_id, job, said ORDER BY first)), \
         stretches AS (SELECT *, count(*) FILTER (WHERE is_gap) OVER (PARTITION BY system, root_run_id, job, said ORDER BY first) AS stretch \
         FROM gaps) \
         SELECT system, root_run_id, job, said, CASE WHEN system = ANY ($1) THEN '-infinity' ELSE min(first) - interval '24 hours' END, \
         CASE WHEN system = ANY ($1) THEN 'infinity' ELSE max(last) + interval '24 hours' END FROM stretches \
         GROUP BY system, root_run_id, job, said, stretch ON CONFLICT (hashtextextended(root_run_id, 0), hashtextextended(left(job, 50), 0), hashtextextended(root_run_id, 1), \
         hashtextextended(job, 0), hashtextextended(job, 1), hashtextextended(said, 0), hashtextextended(said, 1), system, since) \
         DO UPDATE SET until = greatest(retired.until, EXCLUDED.until)"
    )
}

pub(crate) const RETIRE: &str = "UPDATE dataset SET is_retired = true, batches = '{}' FROM retiring WHERE NOT is_retired \
     AND retiring.system = dataset.system AND retiring.root_run_id = dataset.root_run_id";
// A root id that came back has runs of both kinds: the errors stand in those that are folded.
pub(crate) const REMOVE_ADRIFT: &str = "DELETE FROM adrift WHERE EXISTS (SELECT FROM dataset WHERE dataset.tree = adrift.tree AND is_retired) \
     AND NOT EXISTS (SELECT FROM dataset WHERE dataset.tree = adrift.tree AND NOT is_retired)";

/// What goes of these months: the rows of fused batches whose tree does not stay, or that count nothing. To be called behind [`stay`].
///
/// # Errors
/// When the server refuses or is gone.
pub async fn look(
    connection: &mut PgConnection,
    months: Vec<StoredMonth>,
) -> Result<Months, StoreError> {
    let mut found = Months::default();
    for mut stored in months {
        let (partition, table) = (stored.partition(), stored.table);
        let (stays, counts_not, of_month) = match table {
            Accounted::Log => (STAYING_LOG, LEFT_OUT_LOG, ROWS_OF_LOG),
            _ => (STAYING_ERROR, LEFT_OUT_ERROR, ROWS_OF_ERRORS),
        };
        let goes = format!("WHERE {GONE_OVER} AND NOT ({stays} AND NOT {counts_not})");
        let relation = format!("{partition} AS {}", table.table());
        let sums = sums_where(connection, table, &relation, &goes).await?;
        let rows: i64 = sums.values().map(|sum| sum.rows).sum();
        if rows == 0 {
            continue;
        }
        let (from, until) = stored.month.bounds();
        let (all,): (i64,) = sqlx::query_as(of_month)
            .bind(from.0)
            .bind(until.0)
            .fetch_one(&mut *connection)
            .await?;
        let bytes = i128::from(stored.bytes) * i128::from(rows) / i128::from(all.max(rows));
        stored.bytes = i64::try_from(bytes).unwrap_or(stored.bytes);
        add(&mut found.going, table, sums);
        found.rewritten.push(stored);
    }
    Ok(found)
}

const ROWS_OF_LOG: &str = "SELECT count(*) FROM log WHERE moment >= to_timestamp($1::numeric / 1000000) \
     AND moment < to_timestamp($2::numeric / 1000000)";
const ROWS_OF_ERRORS: &str = "SELECT count(*) FROM logerreur WHERE moment >= to_timestamp($1::numeric / 1000000) \
     AND moment < to_timestamp($2::numeric / 1000000)";
const GONE_OVER: &str = "batch IN (SELECT batch FROM gone_through)";
const STAYING_LOG: &str = "EXISTS (SELECT FROM staying WHERE staying.system = log.system AND staying.root_run_id = log.root_run_id)";
const STAYING_ERROR: &str = "EXISTS (SELECT FROM staying WHERE staying.system = logerreur.system \
     AND staying.root_run_id = logerreur.root_run_id)";

/// Sets the rows of these months aside that stay, for [`rewrite`], and marks the signatures of those that go.
pub async fn set_aside(
    connection: &mut PgConnection,
    months: &[StoredMonth],
) -> Result<(), StoreError> {
    for table in ["log", "logerreur"] {
        let room = format!(
            "CREATE TEMP TABLE staying_{table} (LIKE {table} INCLUDING DEFAULTS) ON COMMIT DROP"
        );
        sqlx::query(AssertSqlSafe(room))
            .execute(&mut *connection)
            .await?;
    }
    for stored in months {
        let (from, until) = stored.month.bounds();
        let statement = match stored.table {
            Accounted::Log => set_log_aside_sql(),
            _ => set_errors_aside_sql(),
        };
        sqlx::query(AssertSqlSafe(statement))
            .bind(from.0)
            .bind(until.0)
            .execute(&mut *connection)
            .await?;
        if stored.table == Accounted::Logerreur {
            sqlx::query(AssertSqlSafe(keep_signatures_sql()))
                .bind(from.0)
                .bind(until.0)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

/// Runs that retired go on to have them.
fn keep_signatures_sql() -> String {
    format!(
        "UPDATE signature SET kept = true WHERE NOT kept AND (signature, cut) IN ( \
         SELECT logerreur.signature, message_truncated FROM logerreur WHERE moment >= to_timestamp($1::numeric / 1000000) \
         AND moment < to_timestamp($2::numeric / 1000000) AND {GONE_OVER} AND NOT ({STAYING_ERROR} AND NOT {LEFT_OUT_ERROR}))"
    )
}

fn set_log_aside_sql() -> String {
    format!(
        "INSERT INTO staying_log SELECT * FROM log WHERE moment >= to_timestamp($1::numeric / 1000000) \
         AND moment < to_timestamp($2::numeric / 1000000) AND {GONE_OVER} AND {STAYING_LOG} AND NOT {LEFT_OUT_LOG}"
    )
}

fn set_errors_aside_sql() -> String {
    format!(
        "INSERT INTO staying_logerreur SELECT * FROM logerreur WHERE moment >= to_timestamp($1::numeric / 1000000) \
         AND moment < to_timestamp($2::numeric / 1000000) AND {GONE_OVER} AND {STAYING_ERROR} AND NOT {LEFT_OUT_ERROR}"
    )
}

/// Whether these months are free: others may have held them for half a minute. To be asked before anybody waits for the rest; who comes
/// behind waits for no more than three seconds at a time.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn are_free(
    connection: &mut PgConnection,
    months: &[StoredMonth],
) -> Result<bool, StoreError> {
    if months.is_empty() {
        return Ok(true);
    }
    let mut transaction = connection.begin().await?;
    let free = seize(&mut transaction, months, LONG).await?;
    transaction.rollback().await?;
    Ok(free)
}

/// Empties these months and puts back what was set aside and what has come since. The first statement that keeps readers waiting: what
/// follows is to be short. Says no, and has done nothing, where others hold a month all the time.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn rewrite(
    connection: &mut PgConnection,
    months: &[StoredMonth],
) -> Result<bool, StoreError> {
    if months.is_empty() {
        return Ok(true);
    }
    if !seize(connection, months, SHORT).await? {
        return Ok(false);
    }
    let newer: Vec<(i64,)> = sqlx::query_as(NEWER).fetch_all(&mut *connection).await?;
    let newer: Vec<i64> = newer.into_iter().map(|(batch,)| batch).collect();
    for stored in months.iter().filter(|_| !newer.is_empty()) {
        let (from, until) = stored.month.bounds();
        let statement = match stored.table {
            Accounted::Log => SET_NEWER_LOG_ASIDE,
            _ => SET_NEWER_ERRORS_ASIDE,
        };
        sqlx::query(statement)
            .bind(from.0)
            .bind(until.0)
            .bind(&newer)
            .execute(&mut *connection)
            .await?;
    }
    let partitions: Vec<String> = months.iter().map(StoredMonth::partition).collect();
    let truncate = format!("TRUNCATE {}", partitions.join(", "));
    sqlx::query(AssertSqlSafe(truncate))
        .execute(&mut *connection)
        .await?;
    for statement in [PUT_LOG_BACK, PUT_ERRORS_BACK] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    Ok(true)
}

/// Tries again and again, for so long, to take all of them within [`patience`], one after the other.
async fn seize(
    connection: &mut PgConnection,
    months: &[StoredMonth],
    long: Duration,
) -> Result<bool, StoreError> {
    let patience = patience(connection).await?;
    let begun = Instant::now();
    while begun.elapsed() < long {
        let mut attempt = connection.begin().await?;
        if seize_all(&mut attempt, months, patience).await? {
            sqlx::query(NO_PATIENCE).execute(&mut *attempt).await?;
            attempt.commit().await?;
            return Ok(true);
        }
        attempt.rollback().await?;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(false)
}

async fn seize_all(
    connection: &mut PgConnection,
    months: &[StoredMonth],
    patience: Duration,
) -> Result<bool, StoreError> {
    let begun = Instant::now();
    for month in months {
        let rest = patience.saturating_sub(begun.elapsed()).as_millis().max(1);
        let lock = format!(
            "SET LOCAL lock_timeout = {rest}; LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
            month.partition()
        );
        let locked = sqlx::raw_sql(AssertSqlSafe(lock))
            .execute(&mut *connection)
            .await;
        if is_deadlock(&locked) || !was_free(locked)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A little longer than the server's `deadlock_timeout`: only then does an autovacuum make way.
async fn patience(connection: &mut PgConnection) -> Result<Duration, StoreError> {
    let ms: i64 = sqlx::query_scalar(DEADLOCK_TIMEOUT)
        .fetch_one(connection)
        .await?;
    let patience = Duration::from_millis(ms.unsigned_abs() + 500);
    Ok(patience.min(MOST_PATIENCE))
}

/// Somebody took the same months in another order, and the server chose us.
fn is_deadlock<T>(locked: &Result<T, sqlx::Error>) -> bool {
    let error = locked
        .as_ref()
        .err()
        .and_then(sqlx::Error::as_database_error);
    error.is_some_and(|error| error.code().as_deref() == Some("40P01"))
}

const LONG: Duration = Duration::from_secs(30);
/// Everybody who fuses waits meanwhile.
const SHORT: Duration = Duration::from_secs(6);
/// Readers of these months wait so long, too.
const MOST_PATIENCE: Duration = Duration::from_secs(3);
pub(crate) const DEADLOCK_TIMEOUT: &str =
    "SELECT (extract(epoch FROM current_setting('deadlock_timeout')::interval) * 1000)::bigint";
const NO_PATIENCE: &str = "RESET lock_timeout";
/// For those who waited behind the lock.
const PAUSE: Duration = Duration::from_millis(200);
pub(crate) const NEWER: &str = "SELECT batch FROM batch WHERE NOT EXISTS (SELECT FROM gone_through WHERE gone_through.batch = batch.batch)";
pub(crate) const SET_NEWER_LOG_ASIDE: &str = "INSERT INTO staying_log SELECT * FROM log WHERE moment >= to_timestamp($1::numeric / 1000000) \
     AND moment < to_timestamp($2::numeric / 1000000) AND batch = ANY ($3)";
pub(crate) const SET_NEWER_ERRORS_ASIDE: &str = "INSERT INTO staying_logerreur SELECT * FROM logerreur \
     WHERE moment >= to_timestamp($1::numeric / 1000000) AND moment < to_timestamp($2::numeric / 1000000) AND batch = ANY ($3)";
// Rows of a batch stand together, as their index wants them.
pub(crate) const PUT_LOG_BACK: &str =
    "INSERT INTO log SELECT * FROM staying_log ORDER BY batch, line, seq";
pub(crate) const PUT_ERRORS_BACK: &str =
    "INSERT INTO logerreur SELECT * FROM staying_logerreur ORDER BY batch, line, seq";

/// Adds the rejects of batches that were committed before; these batches.
pub async fn look_for_rejects(
    connection: &mut PgConnection,
    before: Moment,
    going: &mut Going,
) -> Result<Vec<i64>, StoreError> {
    let old = format!("WHERE batch IN (SELECT batch FROM batch WHERE committed_at < '{before}')");
    let sums = sums_where(connection, Accounted::Reject, "reject", &old).await?;
    let batches = sums.keys().copied().collect();
    add(going, Accounted::Reject, sums);
    Ok(batches)
}

/// Removes the rejects of these batches.
pub async fn remove_rejects(
    connection: &mut PgConnection,
    batches: &[i64],
) -> Result<(), StoreError> {
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

/// Whole days before `before` of which all runs have retired, or are about to: how many runs and days of jobs.
pub async fn old_days(
    connection: &mut PgConnection,
    before: Date,
) -> Result<(u64, u64), StoreError> {
    let days = format!(
        "CREATE TEMP TABLE going_day ON COMMIT DROP AS SELECT environment, business_day FROM dataset \
         WHERE business_day < '{before}' GROUP BY environment, business_day HAVING bool_and(is_retired OR NOT EXISTS \
         (SELECT FROM staying WHERE staying.system = dataset.system AND staying.root_run_id = dataset.root_run_id))"
    );
    sqlx::query(AssertSqlSafe(days))
        .execute(&mut *connection)
        .await?;
    let (runs, job_days): (i64, i64) = sqlx::query_as(OLD_DAYS).fetch_one(connection).await?;
    Ok((runs.cast_unsigned(), job_days.cast_unsigned()))
}

pub(crate) const OLD_DAYS: &str = "SELECT (SELECT count(*) FROM dataset JOIN going_day USING (environment, business_day)), \
     (SELECT count(*) FROM job_day JOIN going_day USING (environment, business_day))";

/// Adds rows from this moment on that count nothing: they would count again without the trees that have retired.
pub async fn look_for_left_out(
    connection: &mut PgConnection,
    from: Moment,
    going: &mut Going,
) -> Result<(), StoreError> {
    for (table, left_out) in [
        (Accounted::Log, LEFT_OUT_LOG),
        (Accounted::Logerreur, LEFT_OUT_ERROR),
    ] {
        let filter = format!("WHERE moment >= '{from}' AND {GONE_OVER} AND {left_out}");
        let sums = sums_where(connection, table, table.table(), &filter).await?;
        add(going, table, sums);
    }
    Ok(())
}

/// Removes the days of [`old_days`], what was found by [`look_for_left_out`], and what is known of trees of which no run is left. Their
/// runs count for no habit and no horizon any more, so lost runs are left as open ones for the next fuse to judge; and so are runs of
/// the same trees, whose keys may be free now. Gives the jobs that have fewer runs.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn remove_days(
    connection: &mut PgConnection,
    from: Moment,
) -> Result<Vec<JobKey>, StoreError> {
    for statement in [remove_left_out_log_sql(), remove_left_out_errors_sql()] {
        sqlx::query(AssertSqlSafe(statement))
            .bind(from.0)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(OPEN_BESIDE).execute(&mut *connection).await?;
    let jobs: Vec<(String, String, String, String)> = sqlx::query_as(REMOVE_RUNS)
        .fetch_all(&mut *connection)
        .await?;
    for statement in [REMOVE_JOB_DAYS, FORGET_TREES, OPEN_LOST] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    rebuild_horizons(connection).await?;
    let jobs = jobs
        .into_iter()
        .map(|(system, environment, project, job)| JobKey {
            system,
            environment,
            project,
            job,
        });
    Ok(jobs.collect())
}

fn remove_left_out_log_sql() -> String {
    format!(
        "DELETE FROM log WHERE moment >= to_timestamp($1::numeric / 1000000) AND {GONE_OVER} AND {LEFT_OUT_LOG}"
    )
}

fn remove_left_out_errors_sql() -> String {
    format!(
        "DELETE FROM logerreur WHERE moment >= to_timestamp($1::numeric / 1000000) AND {GONE_OVER} AND {LEFT_OUT_ERROR}"
    )
}

pub(crate) const OPEN_BESIDE: &str = "UPDATE dataset SET ended_at = NULL, status = 'running' WHERE NOT is_retired AND tree IN ( \
     SELECT tree FROM dataset JOIN going_day USING (environment, business_day) WHERE is_retired)";
pub(crate) const REMOVE_RUNS: &str = "WITH removed AS (DELETE FROM dataset USING going_day \
     WHERE dataset.environment = going_day.environment AND dataset.business_day = going_day.business_day \
     RETURNING system, dataset.environment, project, job) \
     SELECT DISTINCT system, environment, coalesce(project, ''), job FROM removed";
pub(crate) const REMOVE_JOB_DAYS: &str = "DELETE FROM job_day USING going_day \
     WHERE job_day.environment = going_day.environment AND job_day.business_day = going_day.business_day";
pub(crate) const FORGET_TREES: &str = "DELETE FROM retired WHERE NOT EXISTS (SELECT FROM dataset WHERE is_retired \
     AND dataset.system = retired.system AND dataset.root_run_id = retired.root_run_id AND left(dataset.job, 50) = left(retired.job, 50) \
     AND (dataset.job = retired.job OR char_length(dataset.job) = 50 OR char_length(retired.job) = 50))";
pub(crate) const OPEN_LOST: &str = "UPDATE dataset SET status = 'running' WHERE ended_at IS NULL AND status = 'lost' AND NOT is_retired";

/// The first of these batches of which rows were pruned: of rejects nothing was folded.
pub async fn first_pruned(
    connection: &mut PgConnection,
    batches: &[i64],
) -> Result<Option<i64>, StoreError> {
    let (batch,): (Option<i64>,) = sqlx::query_as(FIRST_PRUNED)
        .bind(batches)
        .fetch_one(connection)
        .await?;
    Ok(batch)
}

pub(crate) const FIRST_PRUNED: &str =
    "SELECT min(batch) FROM pruned WHERE batch = ANY ($1) AND rows_log + rows_error > 0";
