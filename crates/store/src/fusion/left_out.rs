//! Rows that count nothing (section 9 of `doc/fusion.md`): they name a tree that has retired, a job of it and the environment that it said or
//! another word for that, or, without a tree, a run of one.

use std::collections::BTreeMap;

use smartetl_core::fuse::FuseConfig;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;

// A row is asked about by itself, along the index `retired_key`: as a join the server would read all that has retired. `NOT EXISTS` below is
// that join.
// Names of jobs are the same, or one has the 50 characters that the other begins with.
pub(crate) const LEFT_OUT_LOG: &str = "(SELECT true FROM retired WHERE retired.system = log.system \
     AND retired.root_run_id = log.root_run_id AND hashtextextended(retired.root_run_id, 0) = hashtextextended(log.root_run_id, 0) \
     AND hashtextextended(left(retired.job, 50), 0) = hashtextextended(left(log.job, 50), 0) AND left(retired.job, 50) = left(log.job, 50) \
     AND (retired.job = log.job OR char_length(retired.job) = 50 OR char_length(log.job) = 50) \
     AND (retired.said IS NULL OR retired.said = coalesce(log.environment, log.context, '') \
     OR (SELECT environment FROM environment_word WHERE word = retired.said) \
     = (SELECT environment FROM environment_word WHERE word = coalesce(log.environment, log.context, ''))) \
     AND log.moment BETWEEN since AND until LIMIT 1) IS TRUE";
pub(crate) const LEFT_OUT_ERROR: &str = "((SELECT true FROM retired WHERE retired.system = logerreur.system \
     AND retired.root_run_id = logerreur.root_run_id AND hashtextextended(retired.root_run_id, 0) = hashtextextended(logerreur.root_run_id, 0) \
     AND hashtextextended(left(retired.job, 50), 0) = hashtextextended(left(logerreur.job, 50), 0) AND left(retired.job, 50) = left(logerreur.job, 50) \
     AND (retired.job = logerreur.job OR char_length(retired.job) = 50 OR char_length(logerreur.job) = 50) \
     AND (retired.said IS NULL OR retired.said = coalesce(logerreur.environment, logerreur.context, '') \
     OR (SELECT environment FROM environment_word WHERE word = retired.said) \
     = (SELECT environment FROM environment_word WHERE word = coalesce(logerreur.environment, logerreur.context, ''))) \
     AND logerreur.moment BETWEEN since AND until LIMIT 1) IS TRUE \
     OR logerreur.run_id = logerreur.root_run_id AND (SELECT true FROM dataset AS run JOIN retired USING (system, root_run_id) \
     WHERE run.is_retired AND run.run_id <> run.root_run_id AND run.run_id = logerreur.run_id AND run.system = logerreur.system \
     AND logerreur.moment >= started_at - interval '24 hours' AND logerreur.moment <= last_event_at + interval '24 hours' \
     AND left(run.job, 50) = left(logerreur.job, 50) \
     AND (run.job = logerreur.job OR char_length(run.job) = 50 OR char_length(logerreur.job) = 50) \
     AND hashtextextended(retired.root_run_id, 0) = hashtextextended(run.root_run_id, 0) \
     AND hashtextextended(left(retired.job, 50), 0) = hashtextextended(left(run.job, 50), 0) AND left(retired.job, 50) = left(run.job, 50) \
     AND (retired.job = run.job OR char_length(retired.job) = 50 OR char_length(run.job) = 50) \
     AND (retired.said IS NULL OR retired.said = coalesce(logerreur.environment, logerreur.context, '') \
     OR (SELECT environment FROM environment_word WHERE word = retired.said) \
     = (SELECT environment FROM environment_word WHERE word = coalesce(logerreur.environment, logerreur.context, ''))) LIMIT 1) IS TRUE)";
/// What is left of many rows.
const COUNTED_LOG: &str = "NOT EXISTS (SELECT FROM retired WHERE retired.system = log.system \
     AND retired.root_run_id = log.root_run_id AND left(retired.job, 50) = left(log.job, 50) \
     AND (retired.job = log.job OR char_length(retired.job) = 50 OR char_length(log.job) = 50) \
     AND (retired.said IS NULL OR retired.said = coalesce(log.environment, log.context, '') \
     OR (SELECT environment FROM environment_word WHERE word = retired.said) \
     = (SELECT environment FROM environment_word WHERE word = coalesce(log.environment, log.context, ''))) \
     AND log.moment BETWEEN since AND until)";
const COUNTED_ERROR: &str = "NOT EXISTS (SELECT FROM retired WHERE retired.system = logerreur.system \
     AND retired.root_run_id = logerreur.root_run_id AND left(retired.job, 50) = left(logerreur.job, 50) \
     AND (retired.job = logerreur.job OR char_length(retired.job) = 50 OR char_length(logerreur.job) = 50) \
     AND (retired.said IS NULL OR retired.said = coalesce(logerreur.environment, logerreur.context, '') \
     OR (SELECT environment FROM environment_word WHERE word = retired.said) \
     = (SELECT environment FROM environment_word WHERE word = coalesce(logerreur.environment, logerreur.context, ''))) \
     AND logerreur.moment BETWEEN since AND until) \
     AND NOT EXISTS (SELECT FROM dataset AS run JOIN retired USING (system, root_run_id) \
     WHERE run.is_retired AND run.run_id <> run.root_run_id AND logerreur.run_id = logerreur.root_run_id \
     AND run.run_id = logerreur.run_id AND run.system = logerreur.system \
     AND logerreur.moment >= started_at - interval '24 hours' AND logerreur.moment <= last_event_at + interval '24 hours' \
     AND left(run.job, 50) = left(logerreur.job, 50) \
     AND (run.job = logerreur.job OR char_length(run.job) = 50 OR char_length(logerreur.job) = 50) \
     AND left(retired.job, 50) = left(run.job, 50) \
     AND (retired.job = run.job OR char_length(retired.job) = 50 OR char_length(run.job) = 50) \
     AND (retired.said IS NULL OR retired.said = coalesce(logerreur.environment, logerreur.context, '') \
     OR (SELECT environment FROM environment_word WHERE word = retired.said) \
     = (SELECT environment FROM environment_word WHERE word = coalesce(logerreur.environment, logerreur.context, ''))))";

/// Conditions on the rows that count.
pub(super) struct Counted {
    pub(super) log: String,
    pub(super) error: String,
}

/// Says them in the way that is quick for few rows or for many.
pub(super) async fn counted(
    connection: &mut PgConnection,
    are_many: bool,
) -> Result<Counted, StoreError> {
    let [log, error] = if !has_retired(connection).await? {
        ["true".to_owned(), "true".to_owned()]
    } else if are_many {
        [COUNTED_LOG.to_owned(), COUNTED_ERROR.to_owned()]
    } else {
        [LEFT_OUT_LOG, LEFT_OUT_ERROR].map(|left_out| format!("NOT {left_out}"))
    };
    Ok(Counted { log, error })
}

/// Remembers which environments the words name that rows of these batches say, if anything has retired; with `again`, all those that are
/// known: the vocabulary may be another one now.
pub async fn learn_words(
    connection: &mut PgConnection,
    config: &FuseConfig,
    batches: &[i64],
    again: bool,
) -> Result<(), StoreError> {
    if !has_retired(connection).await? {
        return Ok(());
    }
    let mut words: Vec<String> = sqlx::query_scalar(WORDS_OF_BATCHES)
        .bind(batches)
        .fetch_all(&mut *connection)
        .await?;
    if again {
        let known: Vec<String> = sqlx::query_scalar(FORGET_WORDS)
            .fetch_all(&mut *connection)
            .await?;
        words.extend(known);
    }
    store_words(connection, config, words).await
}

/// The same of what has retired.
pub(crate) async fn learn_retired_words(
    connection: &mut PgConnection,
    config: &FuseConfig,
) -> Result<(), StoreError> {
    let words = sqlx::query_scalar(RETIRED_WORDS)
        .fetch_all(&mut *connection)
        .await?;
    store_words(connection, config, words).await
}

async fn store_words(
    connection: &mut PgConnection,
    config: &FuseConfig,
    mut words: Vec<String>,
) -> Result<(), StoreError> {
    words.sort_unstable();
    words.dedup();
    let environments: Vec<&str> = words
        .iter()
        .map(|word| config.environment(Some(word), None))
        .collect();
    sqlx::query(STORE_WORDS)
        .bind(&words)
        .bind(environments)
        .execute(connection)
        .await?;
    Ok(())
}

const WORDS_OF_BATCHES: &str = "SELECT DISTINCT coalesce(environment, context, '') FROM log WHERE batch = ANY ($1) \
     UNION SELECT DISTINCT coalesce(environment, context, '') FROM logerreur WHERE batch = ANY ($1)";
const RETIRED_WORDS: &str = "SELECT DISTINCT said FROM retired WHERE said IS NOT NULL";
const FORGET_WORDS: &str = "DELETE FROM environment_word RETURNING word";
const STORE_WORDS: &str = "INSERT INTO environment_word SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING";

/// How many rows of these batches count nothing, by batch.
pub async fn left_out(
    connection: &mut PgConnection,
    batches: &[i64],
) -> Result<BTreeMap<i64, i64>, StoreError> {
    if batches.is_empty() || !has_retired(connection).await? {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(i64, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(left_out_sql()))
        .bind(batches)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

fn left_out_sql() -> String {
    format!(
        "SELECT batch, count(*) FROM (SELECT batch FROM log WHERE batch = ANY ($1) AND {LEFT_OUT_LOG} \
         UNION ALL SELECT batch FROM logerreur WHERE batch = ANY ($1) AND {LEFT_OUT_ERROR}) AS late GROUP BY batch"
    )
}

/// Writes down how many rows of batches counted nothing when they were fused first.
pub async fn note_left_out(
    connection: &mut PgConnection,
    rows: &BTreeMap<i64, i64>,
) -> Result<(), StoreError> {
    if !rows.is_empty() {
        sqlx::query(NOTE_LEFT_OUT)
            .bind(rows.keys().copied().collect::<Vec<_>>())
            .bind(rows.values().copied().collect::<Vec<_>>())
            .execute(connection)
            .await?;
    }
    Ok(())
}

const NOTE_LEFT_OUT: &str = "UPDATE batch SET left_out = late.rows FROM unnest($1::bigint[], $2::bigint[]) AS late (batch, rows) \
     WHERE batch.batch = late.batch";

/// The keys of runs of these trees that have retired: no run that is folded may have one of them.
pub async fn retired_keys(
    connection: &mut PgConnection,
    trees: &[i64],
) -> Result<Vec<Uuid>, StoreError> {
    if trees.is_empty() || !has_retired(connection).await? {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_scalar(RETIRED_KEYS)
        .bind(trees)
        .fetch_all(connection)
        .await?)
}

const RETIRED_KEYS: &str = "SELECT run_key FROM dataset WHERE is_retired AND tree = ANY ($1)";

async fn has_retired(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let (has_some,): (bool,) = sqlx::query_as(HAS_RETIRED).fetch_one(connection).await?;
    Ok(has_some)
}

const HAS_RETIRED: &str = "SELECT EXISTS (SELECT FROM retired)";
