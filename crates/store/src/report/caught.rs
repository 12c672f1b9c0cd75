//! Errors that no job failed by.

use jiff::civil::Date;
use sqlx::{FromRow, PgConnection};

use crate::StoreError;
use crate::copy::days_since_1970;

/// The errors of runs that succeeded, and of those below a root run that did.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Caught {
    /// Rows of `logerreur`, copies included.
    pub rows: i64,
    pub runs: i64,
    pub problems: i64,
    /// The title of the problem that is in most of these runs, and in how many it is.
    pub most_title: Option<String>,
    pub most_runs: i64,
}

/// Those of a night.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn caught(
    connection: &mut PgConnection,
    environment: &str,
    day: Date,
) -> Result<Caught, StoreError> {
    Ok(sqlx::query_as(CAUGHT)
        .bind(environment)
        .bind(days_since_1970(day))
        .fetch_one(connection)
        .await?)
}

pub(crate) const CAUGHT: &str = "WITH caught AS (SELECT run.run_key, run.error_rows, run.error_signatures FROM dataset AS run \
     JOIN dataset AS root ON root.run_key = run.root_run_key \
     WHERE run.environment = $1 AND run.business_day = date '1970-01-01' + $2::int AND run.errors > 0 \
     AND 'success' IN (run.status, root.status)), \
     known AS (SELECT DISTINCT caught.run_key, known.problem FROM caught CROSS JOIN LATERAL unnest(caught.error_signatures) AS held (signature) \
     CROSS JOIN LATERAL (SELECT problem FROM signature WHERE signature.signature = held.signature ORDER BY cut LIMIT 1) AS known), \
     most AS (SELECT problem.title, count(*) AS runs FROM known JOIN problem USING (problem) \
     GROUP BY problem.problem, problem.title ORDER BY count(*) DESC, problem.problem LIMIT 1) \
     SELECT coalesce(sum(error_rows), 0)::bigint AS rows, count(*) AS runs, (SELECT count(DISTINCT problem) FROM known) AS problems, \
     (SELECT title FROM most) AS most_title, coalesce((SELECT runs FROM most), 0) AS most_runs FROM caught";
