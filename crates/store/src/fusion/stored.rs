//! Runs that are stored already: which of them are folded again, and what the others say.

use std::collections::BTreeSet;

use jiff::civil::Date;
use smartetl_core::fuse::{CUT_JOB_CHARS, JobBeginning, JobKey, job_hash};
use sqlx::PgConnection;

use super::horizons::rebuild_horizons;
use super::runs::unzip;
use super::{bigints, date, texts};
use crate::StoreError;
use crate::copy::DATASET_COLUMNS;
use crate::ledger::copy_out;

/// Where the rows of stored trees are.
#[derive(Clone, Debug, Default)]
pub struct StoredTrees {
    pub trees: Vec<i64>,
    pub roots: Vec<String>,
    pub batches: Vec<i64>,
}

/// Which lost runs are to be judged again. The others stay lost as long as neither the clock nor their horizon goes back.
#[derive(Clone, Copy, Debug)]
pub enum Lost<'a> {
    All,
    /// Those of jobs whose habits may have moved.
    Of(&'a [JobBeginning]),
}

/// The stored trees among `trees`, and besides those with an open run whose status may have changed; none of them where its runs have retired.
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
const STORED_TREES: &str = "SELECT tree, root_run_id, batches FROM dataset WHERE NOT is_retired AND tree = ANY (ARRAY( \
     SELECT unnest($1::bigint[]) UNION SELECT tree FROM dataset WHERE ended_at IS NULL AND NOT is_retired AND (status <> 'lost' OR $2 \
     OR (system, environment, left(job, $6)) IN (SELECT * FROM unnest($3::text[], $4::text[], $5::text[])))))";

/// What runs that were taken out of `dataset` leave to be looked at again.
#[derive(Clone, Debug, Default)]
pub struct Removed {
    /// The days they were on; of a whole table those that are left.
    pub days: BTreeSet<(String, Date)>,
    pub jobs: BTreeSet<JobKey>,
}

/// Takes the runs of trees out of `dataset`, but those that have retired.
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

const REMOVE_TREES: &str = "WITH removed AS (DELETE FROM dataset WHERE tree = ANY ($1) AND NOT is_retired \
     RETURNING system, environment, project, job, business_day) \
     SELECT DISTINCT system, environment, coalesce(project, ''), job, business_day - date '1970-01-01' FROM removed";

/// Empties what is about to be folded again as a whole: all but runs that have retired.
pub async fn remove_everything(connection: &mut PgConnection) -> Result<Removed, StoreError> {
    let rows: Vec<(String, String, String, String)> =
        sqlx::query_as(ALL_JOBS).fetch_all(&mut *connection).await?;
    for statement in [REMOVE_RUNS, REMOVE_JOB_DAYS] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    rebuild_horizons(&mut *connection).await?;
    let days: Vec<(String, i32)> = sqlx::query_as(ALL_DAYS).fetch_all(connection).await?;
    let jobs = rows
        .into_iter()
        .map(|(system, environment, project, job)| JobKey {
            system,
            environment,
            project,
            job,
        });
    Ok(Removed {
        days: days
            .into_iter()
            .map(|(environment, day)| (environment, date(day)))
            .collect(),
        jobs: jobs.collect(),
    })
}

const REMOVE_RUNS: &str = "DELETE FROM dataset WHERE NOT is_retired";
const REMOVE_JOB_DAYS: &str = "DELETE FROM job_day";
const ALL_DAYS: &str = "SELECT DISTINCT environment, business_day - date '1970-01-01' FROM dataset";
const ALL_JOBS: &str =
    "SELECT DISTINCT system, environment, coalesce(project, ''), job FROM dataset";

/// Durations of good runs of these jobs: of all stored ones, or of those that have retired.
pub async fn durations(
    connection: &mut PgConnection,
    jobs: &[JobKey],
    only_retired: bool,
) -> Result<Vec<(JobKey, i64)>, StoreError> {
    let numbers: Vec<i64> = jobs
        .iter()
        .map(|key| job_hash(&key.system, &key.environment, &key.project, &key.job) as i64)
        .collect();
    let rows: Vec<(String, String, Option<String>, String, i64)> = sqlx::query_as(DURATIONS)
        .bind(numbers)
        .bind(only_retired)
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

const DURATIONS: &str = "SELECT system, environment, project, job, duration_ms FROM dataset \
     WHERE job_number = ANY ($1) AND status = 'success' AND evidence = 'full' AND duration_ms IS NOT NULL \
     AND (NOT $2 OR is_retired)";

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

/// Gives the tuple of each run that has retired, in the columns of [`DATASET_COLUMNS`].
///
/// # Errors
/// When the server is gone, or those of `take`.
pub async fn retired_runs(
    connection: &mut PgConnection,
    take: impl FnMut(&[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let select = format!(
        "COPY (SELECT {DATASET_COLUMNS} FROM dataset WHERE is_retired) TO STDOUT (FORMAT binary)"
    );
    copy_out(connection, &select, take).await
}
