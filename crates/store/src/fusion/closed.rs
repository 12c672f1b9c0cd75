//! What is stored of closed days, as far as the fold must know it.

use jiff::civil::Date;
use smartetl_core::fuse::{Closed, ClosedRun};
use smartetl_core::model::Moment;
use sqlx::PgConnection;

use crate::StoreError;

/// What a fold of these trees must know of days before `before`; `None` where no day is closed.
pub async fn closed(
    connection: &mut PgConnection,
    before: Option<Date>,
    trees: impl FnOnce() -> Vec<u64>,
) -> Result<Option<Closed>, StoreError> {
    let Some(before) = before else {
        return Ok(None);
    };
    let trees: Vec<i64> = trees().into_iter().map(u64::cast_signed).collect();
    let rows: Vec<(i64, String, String, String, i64)> = sqlx::query_as(CLOSED)
        .bind(trees)
        .fetch_all(connection)
        .await?;
    let mut closed = Closed::new(before);
    for (tree, system, run_id, job, last_event_at) in &rows {
        closed.run(ClosedRun {
            tree: tree.cast_unsigned(),
            system,
            run_id,
            job,
            last_event_at: Moment(*last_event_at),
        });
    }
    Ok(Some(closed))
}

const CLOSED: &str = "WITH asked AS (SELECT unnest($1::bigint[]) AS tree) \
     SELECT tree, system, run_id, job, (extract(epoch FROM last_event_at) * 1000000)::bigint FROM asked JOIN dataset USING (tree) \
     WHERE business_day < (SELECT first_open_day()) \
     UNION ALL SELECT own_tree, system, dataset.run_id, job, (extract(epoch FROM last_event_at) * 1000000)::bigint \
     FROM asked JOIN adrift ON own_tree = asked.tree JOIN dataset ON dataset.tree = adrift.tree AND dataset.run_id = adrift.run_id \
     WHERE business_day < (SELECT first_open_day())";

/// How far each (system, environment) has come on closed days.
pub async fn closed_horizons(
    connection: &mut PgConnection,
) -> Result<Vec<(String, String, Moment)>, StoreError> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(CLOSED_HORIZONS)
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(system, environment, at)| (system, environment, Moment(at)))
        .collect())
}

const CLOSED_HORIZONS: &str = "SELECT system, environment, (extract(epoch FROM max(last_event_at)) * 1000000)::bigint FROM dataset \
     WHERE business_day < (SELECT first_open_day()) GROUP BY system, environment";
