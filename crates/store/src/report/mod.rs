//! What the reports need besides the night itself: earlier nights, who is usually there and when, single runs, causes of a week.
//! Reads only. What is late or missing is decided elsewhere.

mod caught;
mod history;
mod nights;
mod week;

pub use caught::{Caught, caught};
pub use history::{Appearance, History, KnownJob, RootRun, history, runs};
pub use nights::{ListedNight, MapCell, Turn, VersionChange, map, nights, turns, version_changes};
pub use week::{Struck, struck};

use jiff::civil::Date;
use smartetl_core::model::{DayType, Moment};
use sqlx::{FromRow, PgConnection};

use crate::StoreError;
use crate::night::{COUNTED, Counts, date};

/// The jobs of one night, by verdict, and what kind of day it prepares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayCounts {
    pub day: Date,
    pub counts: Counts,
    pub types: Vec<DayType>,
}

/// The nights of an environment from `days` before `last` to `last`, oldest first; days without any job are not among them.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn days(
    connection: &mut PgConnection,
    environment: &str,
    last: Date,
    days: i32,
) -> Result<Vec<DayCounts>, StoreError> {
    let rows: Vec<DayRow> = sqlx::query_as(sqlx::AssertSqlSafe(days_sql()))
        .bind(environment)
        .bind(crate::copy::days_since_1970(last))
        .bind(days)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(DayRow::told).collect())
}

fn days_sql() -> String {
    format!(
        "SELECT business_day - date '1970-01-01' AS day, min(day_type) AS types, {COUNTED} FROM job_day \
         WHERE environment = $1 AND business_day BETWEEN date '1970-01-01' + $2::int - $3::int AND date '1970-01-01' + $2::int \
         GROUP BY business_day ORDER BY business_day"
    )
}

#[derive(FromRow)]
struct DayRow {
    day: i32,
    types: Vec<String>,
    #[sqlx(flatten)]
    counts: Counts,
}

impl DayRow {
    fn told(self) -> DayCounts {
        let types = self.types.iter();
        DayCounts {
            day: date(self.day),
            counts: self.counts,
            types: types.filter_map(|word| DayType::parse(word)).collect(),
        }
    }
}

/// The clock of the last fuse, and runs of the last month whose context names no environment, by context.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn state(
    connection: &mut PgConnection,
) -> Result<(Option<Moment>, Vec<(Option<String>, i64)>), StoreError> {
    let fuse: Option<(i64, i64, i64)> = sqlx::query_as(crate::facts::LAST_FUSE)
        .fetch_optional(&mut *connection)
        .await?;
    let unmapped = sqlx::query_as(crate::facts::UNMAPPED)
        .fetch_all(connection)
        .await?;
    Ok((fuse.map(|(_, as_of, _)| Moment(as_of)), unmapped))
}
