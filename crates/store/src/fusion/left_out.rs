//! Rows that count nothing (section 9 of `doc/fusion.md`): they name a tree that has retired, or, without a tree, a run of one.

use sqlx::PgConnection;

use crate::StoreError;

// A row is asked about by itself, along an index: as a join the server would read all that has retired. `NOT EXISTS` below is that join.
pub(crate) const LEFT_OUT_LOG: &str = "(SELECT log.moment <= until FROM retired WHERE retired.system = log.system \
     AND retired.root_run_id = log.root_run_id) IS TRUE";
pub(crate) const LEFT_OUT_ERROR: &str = "((SELECT logerreur.moment <= until FROM retired WHERE retired.system = logerreur.system \
     AND retired.root_run_id = logerreur.root_run_id) IS TRUE \
     OR logerreur.run_id = logerreur.root_run_id AND (SELECT true FROM dataset WHERE is_retired AND dataset.run_id <> dataset.root_run_id \
     AND dataset.run_id = logerreur.run_id AND dataset.system = logerreur.system \
     AND logerreur.moment >= started_at - interval '24 hours' AND logerreur.moment <= last_event_at + interval '24 hours' LIMIT 1) IS TRUE)";
/// What is left of many rows.
const COUNTED_LOG: &str = "NOT EXISTS (SELECT FROM retired WHERE retired.system = log.system \
     AND retired.root_run_id = log.root_run_id AND log.moment <= until)";
const COUNTED_ERROR: &str = "NOT EXISTS (SELECT FROM retired WHERE retired.system = logerreur.system \
     AND retired.root_run_id = logerreur.root_run_id AND logerreur.moment <= until) \
     AND NOT EXISTS (SELECT FROM dataset WHERE is_retired AND dataset.run_id <> dataset.root_run_id \
     AND logerreur.run_id = logerreur.root_run_id AND dataset.run_id = logerreur.run_id AND dataset.system = logerreur.system \
     AND logerreur.moment >= started_at - interval '24 hours' AND logerreur.moment <= last_event_at + interval '24 hours')";

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

/// How many rows of these batches count nothing.
pub async fn left_out(connection: &mut PgConnection, batches: &[i64]) -> Result<u64, StoreError> {
    if batches.is_empty() || !has_retired(connection).await? {
        return Ok(0);
    }
    let (rows,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(left_out_sql()))
        .bind(batches)
        .fetch_one(connection)
        .await?;
    Ok(rows.cast_unsigned())
}

fn left_out_sql() -> String {
    format!(
        "SELECT (SELECT count(*) FROM log WHERE batch = ANY ($1) AND {LEFT_OUT_LOG}) \
         + (SELECT count(*) FROM logerreur WHERE batch = ANY ($1) AND {LEFT_OUT_ERROR})"
    )
}

async fn has_retired(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let (has_some,): (bool,) = sqlx::query_as(HAS_RETIRED).fetch_one(connection).await?;
    Ok(has_some)
}

const HAS_RETIRED: &str = "SELECT EXISTS (SELECT FROM retired)";
