//! What the fuse reads and writes, all of it inside of the caller's transaction: here what one fuse leaves for the next.

mod adrift;
mod horizons;
mod left_out;
mod rows;
mod runs;
mod stored;

pub use adrift::{adrift_of, all_adrift, has_adrift, replace_adrift, trees_with};
pub(crate) use horizons::rebuild_horizons;
pub use horizons::{
    doubtful_horizons, horizons, horizons_of_retired, raise_horizons, take_back_horizons,
};
pub(crate) use left_out::learn_retired_words;
pub(crate) use left_out::{LEFT_OUT_ERROR, LEFT_OUT_LOG};
pub use left_out::{learn_words, left_out, note_left_out, retired_keys};
pub use rows::{StoredRows, Wanted, read_rows};
pub(crate) use runs::unzip;
pub use runs::{change_triggers, copy_dataset, replace_job_days};
pub use stored::{
    Lost, Removed, StoredTrees, durations, remove_everything, remove_trees, retired_runs,
    stored_runs, stored_trees,
};

use std::collections::BTreeSet;

use jiff::civil::Date;
use smartetl_core::group::GROUPING_VERSION;
use smartetl_core::model::Moment;
use sqlx::PgConnection;

use crate::StoreError;

/// One number for the lock under which one fuse at a time works: "fuse" in ASCII.
const FUSE_LOCK: i64 = 0x6675_7365;

/// What the last fuse left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FuseState {
    pub as_of: Moment,
    pub configuration_hash: i64,
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

const STATE: &str =
    "SELECT (extract(epoch FROM as_of) * 1000000)::bigint, configuration_hash FROM fuse_state";

fn date(days: i32) -> Date {
    Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(days))
}

/// Batches whose rows are not in `dataset` yet, ascending; all batches with `all`.
pub async fn batches(connection: &mut PgConnection, all: bool) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<(i64,)> = sqlx::query_as(BATCHES)
        .bind(all)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|(batch,)| batch).collect())
}

const BATCHES: &str = "SELECT batch FROM batch WHERE $1 OR NOT fused ORDER BY batch";

/// The zone in which the last fuse counted business days, by its name in the IANA database.
pub async fn timezone(connection: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found: Option<(Option<String>,)> =
        sqlx::query_as(TIMEZONE).fetch_optional(connection).await?;
    Ok(found.and_then(|(timezone,)| timezone))
}

const TIMEZONE: &str = "SELECT timezone FROM fuse_state";

/// Whether `dataset` has, or had, runs. No lock on it is kept.
pub async fn has_runs(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let (has_runs,): (bool,) = sqlx::query_as(HAS_RUNS).fetch_one(connection).await?;
    Ok(has_runs)
}

const HAS_RUNS: &str = "SELECT pg_relation_size('dataset') > 0";

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

const ORIGINS: &str = "WITH named AS (SELECT batch, lineage, source FROM batch WHERE batch = ANY ($1)), \
     sums AS (SELECT lineage, sum(rows_log + rows_error)::bigint AS rows_of_lineage FROM batch \
     WHERE lineage IN (SELECT lineage FROM named) GROUP BY lineage) \
     SELECT batch, named.lineage, path, rows_of_lineage FROM named JOIN sums USING (lineage) JOIN source USING (source) ORDER BY batch";

/// What a fuse leaves for the next one.
#[derive(Clone, Copy, Debug)]
pub struct Finished<'a> {
    pub as_of: Moment,
    pub fused_at: Moment,
    pub configuration_hash: i64,
    /// In which business days were counted, where it has a name.
    pub timezone: Option<&'a str>,
    /// Holidays and closures, for whoever compares nights.
    pub holidays: &'a BTreeSet<Date>,
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
    let holidays: Vec<String> = finished.holidays.iter().map(Date::to_string).collect();
    sqlx::query(SET_STATE)
        .bind(finished.as_of.0)
        .bind(finished.fused_at.0)
        .bind(finished.configuration_hash)
        .bind(finished.runs)
        .bind(finished.timezone)
        .bind(holidays)
        .bind(GROUPING_VERSION)
        .execute(connection)
        .await?;
    Ok(())
}

const MARK_FUSED: &str = "UPDATE batch SET fused = true WHERE batch = ANY ($1) AND NOT fused";

const SET_STATE: &str = "INSERT INTO fuse_state (as_of, fused_at, configuration_hash, runs, timezone, holidays, grouped, template_version) \
     VALUES (to_timestamp($1::numeric / 1000000), to_timestamp($2::numeric / 1000000), $3, $4, $5, $6::text[]::date[], true, $7) \
     ON CONFLICT (one) DO UPDATE SET as_of = EXCLUDED.as_of, fused_at = EXCLUDED.fused_at, \
     configuration_hash = EXCLUDED.configuration_hash, runs = EXCLUDED.runs, timezone = EXCLUDED.timezone, holidays = EXCLUDED.holidays, \
     grouped = true, template_version = EXCLUDED.template_version";

/// COPY takes no parameters, so numbers and words are written as literals.
fn bigints(numbers: &[i64]) -> String {
    let list: Vec<String> = numbers.iter().map(i64::to_string).collect();
    format!("'{{{}}}'::bigint[]", list.join(","))
}

fn texts(words: &[String]) -> String {
    let list: Vec<String> = words
        .iter()
        .map(|word| format!("'{}'", word.replace('\'', "''")))
        .collect();
    format!("ARRAY[{}]::text[]", list.join(","))
}
