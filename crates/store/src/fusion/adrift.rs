//! Errors that name a run and no tree: which trees are folded together because of them.

use std::collections::BTreeSet;

use smartetl_core::fuse::{Adrift, AdriftRun};
use sqlx::PgConnection;

use crate::StoreError;

/// Whether there are such errors.
pub async fn has_adrift(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let (has_some,): (bool,) = sqlx::query_as(HAS_ADRIFT).fetch_one(connection).await?;
    Ok(has_some)
}

const HAS_ADRIFT: &str = "SELECT EXISTS (SELECT FROM adrift)";

/// Where errors are folded that belong to one of `trees`, or whose run would be the root of one of `own_trees`.
pub async fn adrift_of(
    connection: &mut PgConnection,
    trees: &[i64],
    own_trees: &[i64],
) -> Result<Vec<Adrift>, StoreError> {
    let rows: Vec<(i64, String, i64)> = sqlx::query_as(ADRIFT_OF)
        .bind(trees)
        .bind(own_trees)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(adrift).collect())
}

fn adrift((own_tree, run_id, tree): (i64, String, i64)) -> Adrift {
    Adrift {
        own_tree: own_tree.cast_unsigned(),
        run_id,
        tree: tree.cast_unsigned(),
    }
}

const ADRIFT_OF: &str = "SELECT own_tree, run_id, tree FROM adrift WHERE tree = ANY ($1) \
     UNION SELECT own_tree, run_id, tree FROM adrift WHERE own_tree = ANY ($2)";

/// All of them.
pub async fn all_adrift(connection: &mut PgConnection) -> Result<Vec<Adrift>, StoreError> {
    let rows: Vec<(i64, String, i64)> = sqlx::query_as(ALL_ADRIFT).fetch_all(connection).await?;
    Ok(rows.into_iter().map(adrift).collect())
}

const ALL_ADRIFT: &str = "SELECT own_tree, run_id, tree FROM adrift";

/// The stored trees that have one of these runs below their root.
pub async fn trees_with(
    connection: &mut PgConnection,
    runs: &BTreeSet<AdriftRun>,
) -> Result<Vec<i64>, StoreError> {
    if runs.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query(INDEX_RUNS).execute(&mut *connection).await?;
    let run_ids: Vec<&str> = runs.iter().map(|run| run.run_id.as_str()).collect();
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(TREES_WITH)
        .bind(run_ids)
        .fetch_all(connection)
        .await?;
    let names: BTreeSet<[&str; 3]> = runs
        .iter()
        .map(|run| [&*run.system, &*run.environment, &*run.run_id])
        .collect();
    Ok(rows
        .iter()
        .filter(|(system, environment, run_id, _)| {
            names.contains(&[&**system, &**environment, &**run_id])
        })
        .map(|(.., tree)| *tree)
        .collect())
}

/// Made when it is first needed: logs that name their trees never do.
const INDEX_RUNS: &str =
    "CREATE INDEX IF NOT EXISTS dataset_below ON dataset (run_id) WHERE run_id <> root_run_id";
const TREES_WITH: &str = "SELECT DISTINCT system, environment, run_id, tree FROM dataset \
     WHERE run_id = ANY ($1) AND run_id <> root_run_id AND NOT is_retired";

/// Writes where such errors are now. `folded`: the trees whose rows were folded; `None` for all.
pub async fn replace_adrift(
    connection: &mut PgConnection,
    folded: Option<&[i64]>,
    adrift: &BTreeSet<Adrift>,
) -> Result<(), StoreError> {
    sqlx::query(REMOVE_ADRIFT)
        .bind(folded)
        .execute(&mut *connection)
        .await?;
    if adrift.is_empty() {
        return Ok(());
    }
    let number = |pick: fn(&Adrift) -> u64| -> Vec<i64> {
        adrift.iter().map(|of| pick(of).cast_signed()).collect()
    };
    let run_ids: Vec<&str> = adrift.iter().map(|of| of.run_id.as_str()).collect();
    sqlx::query(ADD_ADRIFT)
        .bind(number(|of| of.own_tree))
        .bind(run_ids)
        .bind(number(|of| of.tree))
        .execute(connection)
        .await?;
    Ok(())
}

const REMOVE_ADRIFT: &str = "DELETE FROM adrift WHERE $1::bigint[] IS NULL OR own_tree = ANY ($1)";
// Two trees can share a number by accident.
const ADD_ADRIFT: &str = "INSERT INTO adrift (own_tree, run_id, tree) \
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[]) ON CONFLICT DO NOTHING";
