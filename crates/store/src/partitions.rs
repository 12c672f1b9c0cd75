//! Months of `log` and `logerreur`.
//!
//! Partitions are made before the transaction that needs them: attaching one takes locks that a running COPY into another
//! partition does not meet, creating one `PARTITION OF` would.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use smartetl_core::model::Moment;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::StoreError;

/// A month of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    pub fn of(moment: Moment) -> Self {
        let date = TimeZone::UTC.to_datetime(moment.timestamp()).date();
        Self {
            year: date.year(),
            month: date.month(),
        }
    }

    /// The month so many months before.
    #[must_use]
    pub fn before(self, months: u16) -> Self {
        let all = i32::from(self.year) * 12 + i32::from(self.month) - 1 - i32::from(months);
        // Whatever 65,535 months are away from a year fits.
        Self {
            year: all.div_euclid(12) as i16,
            month: all.rem_euclid(12) as i8 + 1,
        }
    }

    /// The first moment of the month and the first one after it.
    pub fn bounds(self) -> (Moment, Moment) {
        let start = |year: i16, month: i8| {
            let midnight = jiff::civil::date(year, month, 1).at(0, 0, 0, 0);
            TimeZone::UTC
                .to_timestamp(midnight)
                .map_or(Moment(0), |at| Moment(at.as_microsecond()))
        };
        let next = if self.month == 12 {
            (self.year + 1, 1)
        } else {
            (self.year, self.month + 1)
        };
        (start(self.year, self.month), start(next.0, next.1))
    }

    /// The month whose partition of `table` is called so.
    pub fn of_partition(table: &str, partition: &str) -> Option<Self> {
        let (year, month) = partition
            .strip_prefix(table)?
            .strip_prefix('_')?
            .split_once('_')?;
        let found = Self {
            year: year.parse().ok()?,
            month: month.parse().ok()?,
        };
        let is_a_month = (1..=12).contains(&found.month) && (1..=9998).contains(&found.year);
        (is_a_month && found.partition(table) == partition).then_some(found)
    }

    /// Its first day.
    pub fn first_day(self) -> jiff::civil::Date {
        jiff::civil::Date::constant(self.year, self.month, 1)
    }

    /// The partition of `table` (`log` or `logerreur`).
    pub fn partition(self, table: &str) -> String {
        format!("{table}_{:04}_{:02}", self.year, self.month)
    }
}

/// One number for the lock under which partitions are made: "part" in ASCII.
const PARTITION_LOCK: i64 = 0x7061_7274;

/// Makes sure that the partitions of these months exist, for both tables.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn ensure_months(
    connection: &mut PgConnection,
    months: &BTreeSet<Month>,
) -> Result<(), StoreError> {
    let mut transaction = sqlx::Connection::begin(connection).await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(PARTITION_LOCK)
        .execute(&mut *transaction)
        .await?;
    for month in months {
        for table in ["log", "logerreur"] {
            let partition = month.partition(table);
            let (exists,): (bool,) = sqlx::query_as("SELECT to_regclass($1) IS NOT NULL")
                .bind(&partition)
                .fetch_one(&mut *transaction)
                .await?;
            if exists {
                continue;
            }
            let (from, until) = month.bounds();
            for statement in [
                format!(
                    "CREATE TABLE {partition} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
                ),
                format!(
                    "ALTER TABLE {table} ATTACH PARTITION {partition} FOR VALUES FROM ('{from}') TO ('{until}')"
                ),
            ] {
                sqlx::query(AssertSqlSafe(statement))
                    .execute(&mut *transaction)
                    .await?;
            }
        }
    }
    transaction.commit().await?;
    Ok(())
}
