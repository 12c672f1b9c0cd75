//! How far each system has come in each environment: the latest moment of its rows.

use smartetl_core::model::Moment;
use sqlx::PgConnection;

use crate::StoreError;

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

/// How far each (system, environment) has come in runs that have retired.
pub async fn horizons_of_retired(
    connection: &mut PgConnection,
) -> Result<Vec<(String, String, Moment)>, StoreError> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(HORIZONS_OF_RETIRED)
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(system, environment, at)| (system, environment, Moment(at)))
        .collect())
}

const HORIZONS_OF_RETIRED: &str = "SELECT system, environment, (extract(epoch FROM max(last_event_at)) * 1000000)::bigint FROM dataset \
     WHERE is_retired GROUP BY system, environment";
const HORIZONS: &str = "SELECT system, environment, (extract(epoch FROM last_event_at) * 1000000)::bigint FROM horizon";

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

const RAISE_HORIZON: &str = "INSERT INTO horizon (system, environment, last_event_at) \
     VALUES ($1, $2, to_timestamp($3::numeric / 1000000)) ON CONFLICT (system, environment) \
     DO UPDATE SET last_event_at = greatest(horizon.last_event_at, EXCLUDED.last_event_at)";

/// Makes all horizons anew from the runs that are left in `dataset`.
pub(crate) async fn rebuild_horizons(connection: &mut PgConnection) -> Result<(), StoreError> {
    for statement in [REMOVE_ALL, ALL_OF_DATASET] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    Ok(())
}

const REMOVE_ALL: &str = "DELETE FROM horizon";
const ALL_OF_DATASET: &str = "INSERT INTO horizon (system, environment, last_event_at) \
     SELECT system, environment, max(last_event_at) FROM dataset GROUP BY system, environment";

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

const DOUBTFUL_HORIZONS: &str = "SELECT DISTINCT system, environment \
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

const REMOVE_HORIZONS: &str = "DELETE FROM horizon \
     WHERE (system, environment) IN (SELECT * FROM unnest($1::text[], $2::text[]))";
const HORIZONS_OF_DATASET: &str = "INSERT INTO horizon (system, environment, last_event_at) \
     SELECT system, environment, max(last_event_at) FROM dataset \
     WHERE (system, environment) IN (SELECT * FROM unnest($1::text[], $2::text[])) GROUP BY system, environment";
