//! What the fuse reads and writes: rows of batches, runs of trees and days, the state of the last fuse. All of it inside
//! of the caller's transaction.

use std::collections::BTreeSet;

use jiff::civil::Date;
use smartetl_core::fuse::{
    CUT_JOB_CHARS, JobBeginning, JobKey, TriggerChange, TriggerEvidence, job_hash,
};
use smartetl_core::model::{ErrorRow, LogRow, Moment};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::copy::{
    Columns, DATASET_COLUMNS, ERROR_COLUMNS, ErrorFacts, Fields, JOB_DAY_COLUMNS, LOG_COLUMNS,
    Tuples, days_since_1970, decode_error, decode_log,
};
use crate::ledger::{copy, copy_out};

/// One number for the lock under which one fuse at a time works: "fuse" in ASCII.
const FUSE_LOCK: i64 = 0x6675_7365;

/// What the last fuse left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FuseState {
    pub as_of: Moment,
    pub configuration_hash: i64,
}

/// Which rows to read.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    All,
    /// All rows of these batches.
    Batches(&'a [i64]),
    /// The rows of these batches that say one of these root ids.
    Trees {
        batches: &'a [i64],
        roots: &'a [String],
    },
}

/// Takes rows that are read back.
pub trait StoredRows {
    fn log(&mut self, batch: i64, row: &LogRow<'_>);
    fn error(&mut self, batch: i64, row: &ErrorRow<'_>, facts: &ErrorFacts<'_>);
    /// Called now and then, between rows.
    ///
    /// # Errors
    /// When the rows cannot be kept.
    fn breathe(&mut self) -> std::io::Result<()>;
}

/// Waits for any other fuse, until the end of the transaction.
pub async fn lock(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(FUSE_LOCK)
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn state(connection: &mut PgConnection) -> Result<Option<FuseState>, StoreError> {
    let row: Option<(i64, i64)> = sqlx::query_as(STATE).fetch_optional(connection).await?;
    Ok(row.map(|(as_of, configuration_hash)| FuseState {
        as_of: Moment(as_of),
        configuration_hash,
    }))
}

pub(crate) const STATE: &str =
    "SELECT (extract(epoch FROM as_of) * 1000000)::bigint, configuration_hash FROM fuse_state";

/// Batches whose rows are not in `dataset` yet, ascending; all batches with `all`.
pub async fn batches(connection: &mut PgConnection, all: bool) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<(i64,)> = sqlx::query_as(BATCHES)
        .bind(all)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|(batch,)| batch).collect())
}

pub(crate) const BATCHES: &str = "SELECT batch FROM batch WHERE $1 OR NOT fused ORDER BY batch";

/// Where the rows of a batch came from.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Origin {
    pub batch: i64,
    pub lineage: i64,
    pub path: String,
    /// All rows of the lineage, of `log` and of `logerreur`.
    pub rows_of_lineage: i64,
}

/// Where the rows of these batches came from, by batch.
pub async fn origins(
    connection: &mut PgConnection,
    batches: &[i64],
) -> Result<Vec<Origin>, StoreError> {
    Ok(sqlx::query_as(ORIGINS)
        .bind(batches)
        .fetch_all(connection)
        .await?)
}

pub(crate) const ORIGINS: &str = "WITH named AS (SELECT batch, lineage, source FROM batch WHERE batch = ANY ($1)), \
     sums AS (SELECT lineage, sum(rows_log + rows_error)::bigint AS rows_of_lineage FROM batch \
     WHERE lineage IN (SELECT lineage FROM named) GROUP BY lineage) \
     SELECT batch, named.lineage, path, rows_of_lineage FROM named JOIN sums USING (lineage) JOIN source USING (source) ORDER BY batch";

/// Reads rows back.
///
/// # Errors
/// When the server is gone, a stored word is unknown, or the rows cannot be kept.
pub async fn read_rows(
    connection: &mut PgConnection,
    wanted: Wanted<'_>,
    to: &mut (dyn StoredRows + Send),
) -> Result<(), StoreError> {
    let filter = match wanted {
        Wanted::All => String::new(),
        Wanted::Batches(batches) => format!(" WHERE batch = ANY ({})", bigints(batches)),
        Wanted::Trees { batches, roots } => {
            format!(
                " WHERE batch = ANY ({}) AND root_run_id = ANY ({})",
                bigints(batches),
                texts(roots)
            )
        }
    };
    let select = format!("COPY (SELECT {LOG_COLUMNS} FROM log{filter}) TO STDOUT (FORMAT binary)");
    copy_out(connection, &select, |tuple| {
        let (batch, row) = decode_log(&mut Fields::of(tuple)?)?;
        to.log(batch, &row);
        to.breathe().map_err(StoreError::Keep)
    })
    .await?;
    let select =
        format!("COPY (SELECT {ERROR_COLUMNS} FROM logerreur{filter}) TO STDOUT (FORMAT binary)");
    copy_out(connection, &select, |tuple| {
        let (batch, row, facts) = decode_error(&mut Fields::of(tuple)?)?;
        to.error(batch, &row, &facts);
        to.breathe().map_err(StoreError::Keep)
    })
    .await
}

fn bigints(numbers: &[i64]) -> String {
    let list: Vec<String> = numbers.iter().map(i64::to_string).collect();
    format!("'{{{}}}'::bigint[]", list.join(","))
}

/// COPY takes no parameters, so the words are written as literals.
fn texts(words: &[String]) -> String {
    let list: Vec<String> = words
        .iter()
        .map(|word| format!("'{}'", word.replace('\'', "''")))
        .collect();
    format!("ARRAY[{}]::text[]", list.join(","))
}

/// Where the rows of stored trees are.
#[derive(Clone, Debug, Default)]
pub struct StoredTrees {
    pub trees: Vec<i64>,
    pub roots: Vec<String>,
    pub batches: Vec<i64>,
}

/// The zone in which the last fuse counted business days, by its name in the IANA database.
pub async fn timezone(connection: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found: Option<(Option<String>,)> =
        sqlx::query_as(TIMEZONE).fetch_optional(connection).await?;
    Ok(found.and_then(|(timezone,)| timezone))
}

pub(crate) const TIMEZONE: &str = "SELECT timezone FROM fuse_state";

/// Whether `dataset` has, or had, runs. No lock on it is kept.
pub async fn has_runs(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let (has_runs,): (bool,) = sqlx::query_as(HAS_RUNS).fetch_one(connection).await?;
    Ok(has_runs)
}

pub(crate) const HAS_RUNS: &str = "SELECT pg_relation_size('dataset') > 0";

/// Which lost runs are to be judged again. The others stay lost as long as neither the clock nor their horizon goes back.
#[derive(Clone, Copy, Debug)]
pub enum Lost<'a> {
    All,
    /// Those of jobs whose habits may have moved.
    Of(&'a [JobBeginning]),
}

/// The stored trees among `trees`, and besides those with an open run whose status may have changed.
pub async fn stored_trees(
    connection: &mut PgConnection,
    trees: &[i64],
    lost: Lost<'_>,
) -> Result<StoredTrees, StoreError> {
    let (all, jobs) = match lost {
        Lost::All => (true, &[][..]),
        Lost::Of(jobs) => (false, jobs),
    };
    let column = |pick: fn(&JobBeginning) -> &String| -> Vec<&str> {
        jobs.iter().map(|job| pick(job).as_str()).collect()
    };
    let rows: Vec<(i64, String, Vec<i64>)> = sqlx::query_as(STORED_TREES)
        .bind(trees)
        .bind(all)
        .bind(column(|job| &job.system))
        .bind(column(|job| &job.environment))
        .bind(column(|job| &job.beginning))
        .bind(CUT_JOB_CHARS as i32)
        .fetch_all(connection)
        .await?;
    let (mut found, mut roots, mut batches) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (tree, root, of_run) in rows {
        found.insert(tree);
        roots.insert(root);
        batches.extend(of_run);
    }
    Ok(StoredTrees {
        trees: found.into_iter().collect(),
        roots: roots.into_iter().collect(),
        batches: batches.into_iter().collect(),
    })
}

// One list of trees: with OR the server would read all of dataset instead of its index.
pub(crate) const STORED_TREES: &str = "SELECT tree, root_run_id, batches FROM dataset WHERE tree = ANY (ARRAY( \
     SELECT unnest($1::bigint[]) UNION SELECT tree FROM dataset WHERE ended_at IS NULL AND (status <> 'lost' OR $2 \
     OR (system, environment, left(job, $6)) IN (SELECT * FROM unnest($3::text[], $4::text[], $5::text[])))))";

/// What runs that were taken out of `dataset` leave to be looked at again.
#[derive(Clone, Debug, Default)]
pub struct Removed {
    /// The days they were on; of a whole table none, as all days are folded again.
    pub days: BTreeSet<(String, Date)>,
    pub jobs: BTreeSet<JobKey>,
}

/// Takes the runs of trees out of `dataset`.
pub async fn remove_trees(
    connection: &mut PgConnection,
    trees: &[i64],
) -> Result<Removed, StoreError> {
    let rows: Vec<(String, String, String, String, i32)> = sqlx::query_as(REMOVE_TREES)
        .bind(trees)
        .fetch_all(connection)
        .await?;
    let mut removed = Removed::default();
    for (system, environment, project, job, days) in rows {
        removed.days.insert((environment.clone(), date(days)));
        removed.jobs.insert(JobKey {
            system,
            environment,
            project,
            job,
        });
    }
    Ok(removed)
}

pub(crate) const REMOVE_TREES: &str = "WITH removed AS (DELETE FROM dataset WHERE tree = ANY ($1) \
     RETURNING system, environment, project, job, business_day) \
     SELECT DISTINCT system, environment, coalesce(project, ''), job, business_day - date '1970-01-01' FROM removed";

/// Empties what is about to be folded again as a whole.
pub async fn remove_everything(connection: &mut PgConnection) -> Result<Removed, StoreError> {
    let rows: Vec<(String, String, String, String)> =
        sqlx::query_as(ALL_JOBS).fetch_all(&mut *connection).await?;
    for statement in [
        "DELETE FROM dataset",
        "DELETE FROM job_day",
        "DELETE FROM horizon",
    ] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    let jobs = rows
        .into_iter()
        .map(|(system, environment, project, job)| JobKey {
            system,
            environment,
            project,
            job,
        });
    Ok(Removed {
        days: BTreeSet::new(),
        jobs: jobs.collect(),
    })
}

pub(crate) const ALL_JOBS: &str =
    "SELECT DISTINCT system, environment, coalesce(project, ''), job FROM dataset";

/// Durations of good runs of these jobs.
pub async fn durations(
    connection: &mut PgConnection,
    jobs: &[JobKey],
) -> Result<Vec<(JobKey, i64)>, StoreError> {
    let numbers: Vec<i64> = jobs
        .iter()
        .map(|key| job_hash(&key.system, &key.environment, &key.project, &key.job) as i64)
        .collect();
    let rows: Vec<(String, String, Option<String>, String, i64)> = sqlx::query_as(DURATIONS)
        .bind(numbers)
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(system, environment, project, job, duration_ms)| {
            let key = JobKey {
                system,
                environment,
                project: project.unwrap_or_default(),
                job,
            };
            (key, duration_ms)
        })
        .filter(|(key, _)| jobs.binary_search(key).is_ok())
        .collect())
}

pub(crate) const DURATIONS: &str = "SELECT system, environment, project, job, duration_ms FROM dataset \
     WHERE job_number = ANY ($1) AND status = 'success' AND evidence = 'full' AND duration_ms IS NOT NULL";

/// How far each (system, environment) has come.
pub async fn horizons(
    connection: &mut PgConnection,
) -> Result<Vec<(String, String, Moment)>, StoreError> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(HORIZONS).fetch_all(connection).await?;
    Ok(rows
        .into_iter()
        .map(|(system, environment, at)| (system, environment, Moment(at)))
        .collect())
}

pub(crate) const HORIZONS: &str = "SELECT system, environment, (extract(epoch FROM last_event_at) * 1000000)::bigint FROM horizon";

/// Moves the horizons on. One that goes back is taken back before ([`take_back_horizons`]).
pub async fn raise_horizons(
    connection: &mut PgConnection,
    horizons: &[(String, String, Moment)],
) -> Result<(), StoreError> {
    for (system, environment, at) in horizons {
        sqlx::query(RAISE_HORIZON)
            .bind(system)
            .bind(environment)
            .bind(at.0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(crate) const RAISE_HORIZON: &str = "INSERT INTO horizon (system, environment, last_event_at) \
     VALUES ($1, $2, to_timestamp($3::numeric / 1000000)) ON CONFLICT (system, environment) \
     DO UPDATE SET last_event_at = greatest(horizon.last_event_at, EXCLUDED.last_event_at)";

/// The horizons that may go back when these trees are folded with more rows: (system, environment). A moment changes only
/// where a local time came twice, so these are the horizons that stand at such a row.
pub async fn doubtful_horizons(
    connection: &mut PgConnection,
    trees: &[i64],
) -> Result<Vec<(String, String)>, StoreError> {
    Ok(sqlx::query_as(DOUBTFUL_HORIZONS)
        .bind(trees)
        .fetch_all(connection)
        .await?)
}

pub(crate) const DOUBTFUL_HORIZONS: &str = "SELECT DISTINCT system, environment \
     FROM dataset JOIN horizon USING (system, environment) WHERE tree = ANY ($1) \
     AND dataset.last_event_at = horizon.last_event_at AND 'time_ambiguous' = ANY (quality_reasons)";

/// Puts these horizons back to what the runs say that are left in `dataset`.
pub async fn take_back_horizons(
    connection: &mut PgConnection,
    horizons: &[(String, String)],
) -> Result<(), StoreError> {
    if horizons.is_empty() {
        return Ok(());
    }
    let (systems, environments): (Vec<&str>, Vec<&str>) = horizons
        .iter()
        .map(|(system, environment)| (system.as_str(), environment.as_str()))
        .unzip();
    for statement in [REMOVE_HORIZONS, HORIZONS_OF_DATASET] {
        sqlx::query(statement)
            .bind(&systems)
            .bind(&environments)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(crate) const REMOVE_HORIZONS: &str = "DELETE FROM horizon \
     WHERE (system, environment) IN (SELECT * FROM unnest($1::text[], $2::text[]))";
pub(crate) const HORIZONS_OF_DATASET: &str = "INSERT INTO horizon (system, environment, last_event_at) \
     SELECT system, environment, max(last_event_at) FROM dataset \
     WHERE (system, environment) IN (SELECT * FROM unnest($1::text[], $2::text[])) GROUP BY system, environment";

/// Gives the tuple of each stored run of these days, in the columns of [`DATASET_COLUMNS`].
///
/// # Errors
/// When the server is gone, or those of `take`.
pub async fn stored_runs(
    connection: &mut PgConnection,
    days: &[(String, Date)],
    take: impl FnMut(&[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let (environments, dates) = unzip(days);
    let dates: Vec<i64> = dates.into_iter().map(i64::from).collect();
    let select = format!(
        "COPY (SELECT {DATASET_COLUMNS} FROM dataset WHERE (environment, business_day) IN \
         (SELECT name, date '1970-01-01' + day::integer FROM unnest({}, {}) AS touched (name, day))) \
         TO STDOUT (FORMAT binary)",
        texts(&environments),
        bigints(&dates)
    );
    copy_out(connection, &select, take).await
}

/// Changes why stored runs started.
pub async fn change_triggers(
    connection: &mut PgConnection,
    changes: &[TriggerChange],
) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let keys: Vec<Uuid> = changes.iter().map(|change| change.run_key).collect();
    let triggers: Vec<&str> = changes
        .iter()
        .map(|change| change.trigger.trigger.as_str())
        .collect();
    let evidences: Vec<Option<&str>> = changes
        .iter()
        .map(|change| change.trigger.evidence.map(TriggerEvidence::as_str))
        .collect();
    let reruns: Vec<Option<Uuid>> = changes
        .iter()
        .map(|change| change.trigger.rerun_of)
        .collect();
    sqlx::query(CHANGE_TRIGGERS)
        .bind(keys)
        .bind(triggers)
        .bind(evidences)
        .bind(reruns)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const CHANGE_TRIGGERS: &str = "UPDATE dataset SET trigger = changed.trigger, \
     trigger_evidence = changed.evidence, rerun_of = changed.rerun_of \
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS changed (run_key, trigger, evidence, rerun_of) \
     WHERE dataset.run_key = changed.run_key";

/// Replaces the rows of `job_day` of these days by whole tuples of [`JOB_DAY_COLUMNS`]; `next` is as for [`copy_dataset`].
///
/// # Errors
/// When the server refuses or is gone, or `next` fails.
pub async fn replace_job_days(
    connection: &mut PgConnection,
    touched: &[(String, Date)],
    mut next: impl FnMut(&mut Vec<u8>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let (environments, dates) = unzip(touched);
    sqlx::query(REMOVE_JOB_DAYS)
        .bind(environments)
        .bind(dates)
        .execute(&mut *connection)
        .await?;
    let mut tuples = Vec::new();
    loop {
        let more = next(&mut tuples)?;
        if !more || tuples.len() >= COPY_BYTES {
            copy(connection, "job_day", JOB_DAY, &tuples).await?;
            tuples.clear();
        }
        if !more {
            return Ok(());
        }
    }
}

pub(crate) const REMOVE_JOB_DAYS: &str = "DELETE FROM job_day WHERE (environment, business_day) IN \
     (SELECT name, date '1970-01-01' + day FROM unnest($1::text[], $2::integer[]) AS touched (name, day))";

/// Copies whole tuples of `dataset`; `next` appends some to the buffer and says whether there are more.
///
/// Runs that nothing happened to go by themselves: they are most, and leave a third of the columns at their defaults.
///
/// # Errors
/// When the server refuses or is gone, or `next` fails.
pub async fn copy_dataset(
    connection: &mut PgConnection,
    mut next: impl FnMut(&mut Vec<u8>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let layout = DATASET.layout();
    let troubles = layout.columns(TROUBLES);
    let (mut piece, mut quiet, mut troubled) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        piece.clear();
        let more = next(&mut piece)?;
        for tuple in Tuples(&piece) {
            let runs = if layout.named(tuple).any_of(troubles) {
                &mut troubled
            } else {
                &mut quiet
            };
            runs.extend_from_slice(tuple);
        }
        for runs in [&mut quiet, &mut troubled] {
            if !more || runs.len() >= COPY_BYTES {
                copy(connection, "dataset", DATASET, runs).await?;
                runs.clear();
            }
        }
        if !more {
            return Ok(());
        }
    }
}

/// So much goes into one COPY.
const COPY_BYTES: usize = 4 << 20;
/// Migration 0002 sets these defaults. An array without elements: no dimensions, no NULL, type `text`.
const DATASET: Columns = Columns {
    names: DATASET_COLUMNS,
    defaults: &[
        ("errors", &[0; 8]),
        ("error_rows", &[0; 8]),
        ("warnings", &[0; 8]),
        ("quality_reasons", &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25]),
    ],
};
/// Columns in which a run says what happened to it.
const TROUBLES: &[&str] = &[
    "errors",
    "error_rows",
    "warnings",
    "quality_reasons",
    "first_error_at",
    "cause_signature",
    "cause_run_key",
    "cause_job",
    "cause_step",
    "category",
    "blame",
    "retryable",
    "error_message",
];
const JOB_DAY: Columns = Columns {
    names: JOB_DAY_COLUMNS,
    defaults: &[],
};

/// What a fuse leaves for the next one.
#[derive(Clone, Copy, Debug)]
pub struct Finished<'a> {
    pub as_of: Moment,
    pub fused_at: Moment,
    pub configuration_hash: i64,
    /// In which business days were counted, where it has a name.
    pub timezone: Option<&'a str>,
    /// Runs written.
    pub runs: i64,
}

/// Ends a fuse: its batches are in `dataset`.
pub async fn finish(
    connection: &mut PgConnection,
    batches: &[i64],
    finished: Finished<'_>,
) -> Result<(), StoreError> {
    sqlx::query(MARK_FUSED)
        .bind(batches)
        .execute(&mut *connection)
        .await?;
    sqlx::query(SET_STATE)
        .bind(finished.as_of.0)
        .bind(finished.fused_at.0)
        .bind(finished.configuration_hash)
        .bind(finished.runs)
        .bind(finished.timezone)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const MARK_FUSED: &str =
    "UPDATE batch SET fused = true WHERE batch = ANY ($1) AND NOT fused";

pub(crate) const SET_STATE: &str = "INSERT INTO fuse_state (as_of, fused_at, configuration_hash, runs, timezone) \
     VALUES (to_timestamp($1::numeric / 1000000), to_timestamp($2::numeric / 1000000), $3, $4, $5) \
     ON CONFLICT (one) DO UPDATE SET as_of = EXCLUDED.as_of, fused_at = EXCLUDED.fused_at, \
     configuration_hash = EXCLUDED.configuration_hash, runs = EXCLUDED.runs, timezone = EXCLUDED.timezone";

fn unzip(days: &[(String, Date)]) -> (Vec<String>, Vec<i32>) {
    days.iter()
        .map(|(environment, day)| (environment.clone(), days_since_1970(*day)))
        .unzip()
}

fn date(days: i32) -> Date {
    Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(days))
}
