//! Reads what a report is made of.

use super::clock::Clock;
use super::night::{Facts, HISTORY_DAYS, NightReport};
use super::timeline::Timeline;
use super::week::{self, WeekReport};
use jiff::civil::Date;
use smartetl_core::model::Moment;
use smartetl_store::{night as nights, report};
use sqlx::PgConnection;

/// The report of a night: of `environment`, or of PROD, or else of the environment with most jobs; of `day`, or the newest.
/// `None` when there is none.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn night(
    connection: &mut PgConnection,
    environment: Option<&str>,
    day: Option<Date>,
    clock: &Clock,
) -> anyhow::Result<Option<NightReport>> {
    let facts = facts(connection, environment, day).await?;
    Ok(facts.map(|facts| NightReport::new(facts, clock)))
}

/// When the jobs of a night ran, and usually do; of the same night as [`night`].
///
/// # Errors
/// When the server refuses or is gone.
pub async fn timeline(
    connection: &mut PgConnection,
    environment: Option<&str>,
    day: Option<Date>,
    clock: &Clock,
) -> anyhow::Result<Option<Timeline>> {
    let facts = facts(connection, environment, day).await?;
    Ok(facts.map(|facts| Timeline::new(facts, clock)))
}

async fn facts(
    connection: &mut PgConnection,
    environment: Option<&str>,
    day: Option<Date>,
) -> anyhow::Result<Option<Facts>> {
    let Some(night) = nights::night(connection, environment, day).await? else {
        return Ok(None);
    };
    let (as_of, unmapped) = report::state(connection).await?;
    let days = report::days(connection, &night.environment, night.day, HISTORY_DAYS).await?;
    let history = report::history(connection, &night.environment, night.day, HISTORY_DAYS).await?;
    let runs = report::runs(connection, &night.environment, night.day).await?;
    let caught = report::caught(connection, &night.environment, night.day).await?;
    Ok(Some(Facts {
        // Whoever made the tables without a fuse left no clock.
        as_of: as_of.or(night.last_event_at).unwrap_or(Moment(0)),
        is_newest: day.is_none(),
        night,
        days,
        history,
        runs,
        caught,
        unmapped,
    }))
}

/// The report of the seven business days that end with `day`, or with the newest one; of the same environment as
/// [`night`]. `None` when none of them has a night.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn week(
    connection: &mut PgConnection,
    environment: Option<&str>,
    day: Option<Date>,
) -> anyhow::Result<Option<WeekReport>> {
    let Some(newest) = nights::night(connection, environment, None).await? else {
        return Ok(None);
    };
    let (last, environment) = (day.unwrap_or(newest.day), newest.environment);
    let (as_of, unmapped) = report::state(connection).await?;
    let days = report::days(connection, &environment, last, week::HISTORY_DAYS).await?;
    let struck = report::struck(connection, &environment, last, week::WEEK_DAYS - 1).await?;
    Ok(WeekReport::new(week::Facts {
        last,
        environment,
        as_of: as_of.or(newest.last_event_at).unwrap_or(Moment(0)),
        last_event_at: newest.last_event_at,
        days,
        struck,
        unmapped,
    }))
}
