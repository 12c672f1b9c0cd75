//! What is usual for jobs beside how long they take: when and how often they run, and how long they have not succeeded.

use std::collections::{HashMap, HashSet};

use jiff::civil::Time;
use sqlx::{FromRow, PgConnection};

use crate::StoreError;

const DAY_SECONDS: i32 = 24 * 60 * 60;

/// When and how often a job runs.
#[derive(Clone, Copy, Debug, FromRow)]
pub(super) struct Habit {
    number: i64,
    /// Planned runs among the last 90, and the days on which they were: without the day that the 90 begin in the middle of.
    runs: i64,
    days: i64,
    /// After the border of the business day.
    start_seconds: Option<i32>,
}

impl Habit {
    pub(super) fn runs_per_day(&self) -> Option<i64> {
        (self.days > 0).then(|| (self.runs + self.days / 2) / self.days)
    }

    pub(super) fn usual_start(&self, border_minutes: i32) -> Option<Time> {
        let after_border = self.start_seconds?;
        let seconds = (after_border + border_minutes * 60).rem_euclid(DAY_SECONDS);
        let (minutes, hours) = (seconds / 60 % 60, seconds / 3600);
        let time = Time::new(i8::try_from(hours).ok()?, i8::try_from(minutes).ok()?, 0, 0);
        (self.runs_per_day() == Some(1)).then_some(time.ok()?)
    }
}

pub(super) async fn habits(
    connection: &mut PgConnection,
    numbers: &[i64],
    zone: &str,
    border_minutes: i32,
) -> Result<HashMap<i64, Habit>, StoreError> {
    let habits: Vec<Habit> = sqlx::query_as(HABITS)
        .bind(numbers)
        .bind(zone)
        .bind(border_minutes)
        .fetch_all(connection)
        .await?;
    Ok(habits
        .into_iter()
        .map(|habit| (habit.number, habit))
        .collect())
}

pub(crate) const HABITS: &str = "SELECT wanted.number, planned.runs, planned.days, planned.start_seconds \
     FROM unnest($1::bigint[]) AS wanted (number) \
     CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE is_whole) AS runs, count(DISTINCT business_day) FILTER (WHERE is_whole) AS days, \
     percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) AS start_seconds FROM ( \
     SELECT business_day, seconds, count(*) OVER () < 90 OR business_day > min(business_day) OVER () \
     OR min(business_day) OVER () = max(business_day) OVER () AS is_whole FROM ( \
     SELECT business_day, extract(epoch FROM ((started_at AT TIME ZONE $2::text) - make_interval(mins => $3))::time)::integer AS seconds \
     FROM dataset WHERE job_number = wanted.number AND trigger NOT IN ('manual', 'reprocess', 'rerun') \
     ORDER BY started_at DESC LIMIT 90) AS newest) AS days) AS planned";

/// Runs of each job since its last success: of its root runs, where it is one of those that have any.
pub(super) async fn since_success(
    connection: &mut PgConnection,
    numbers: &[i64],
    roots: &HashSet<i64>,
) -> Result<HashMap<i64, i64>, StoreError> {
    let (with_roots, others): (Vec<i64>, Vec<i64>) =
        numbers.iter().partition(|number| roots.contains(number));
    let mut all = HashMap::new();
    for (numbers, with_children) in [(with_roots, false), (others, true)] {
        if numbers.is_empty() {
            continue;
        }
        let rows: Vec<(i64, i64)> = sqlx::query_as(SINCE_SUCCESS)
            .bind(numbers)
            .bind(with_children)
            .fetch_all(&mut *connection)
            .await?;
        all.extend(rows);
    }
    Ok(all)
}

// What counts as a run since the last success is what the view run_history says.
pub(crate) const SINCE_SUCCESS: &str = "SELECT wanted.number, since.runs FROM unnest($1::bigint[]) AS wanted (number) \
     LEFT JOIN LATERAL (SELECT started_at, run_key FROM dataset WHERE job_number = wanted.number AND (is_root OR $2) \
     AND status = 'success' AND trigger NOT IN ('manual', 'reprocess') ORDER BY started_at DESC, run_key DESC LIMIT 1) AS good ON true \
     CROSS JOIN LATERAL (SELECT count(*) AS runs FROM dataset WHERE job_number = wanted.number AND (is_root OR $2) \
     AND status NOT IN ('cancelled', 'skipped') AND trigger NOT IN ('manual', 'reprocess') \
     AND started_at >= coalesce(good.started_at, '-infinity') \
     AND (good.run_key IS NULL OR (started_at, run_key) > (good.started_at, good.run_key))) AS since";
