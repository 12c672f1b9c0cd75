//! When days were due and how late they were, computed again from the catalogue and compared with `job_day`. The store does it in SQL,
//! this does not.

use std::collections::HashMap;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use smartetl_store::{catalogue, deadlines};
use sqlx::PgConnection;

use super::Checking;

const IMPORT: &str =
    "run `smartetl fuse --full`: days are written again with the deadlines of the catalogue";

/// Compares every day that has, or should have, a deadline.
pub(super) async fn compare(
    connection: &mut PgConnection,
    zone: &TimeZone,
    border_minutes: i32,
    checking: &mut Checking,
) -> anyhow::Result<()> {
    let mut known: HashMap<(String, Option<String>, String), Time> = HashMap::new();
    for entry in catalogue::entries(connection, &[], None).await? {
        if let Some(deadline) = entry.said.deadline {
            let name = entry.name;
            let first = known
                .entry((name.environment, name.project, name.job))
                .or_insert(deadline);
            *first = deadline.min(*first);
        }
    }
    for day in deadlines::stored(connection).await? {
        let date = Date::constant(1970, 1, 1).saturating_add(day.business_day.days());
        let key = (day.environment, day.project, day.job);
        let due = known
            .get(&key)
            .and_then(|deadline| due_at(date, *deadline, zone, border_minutes));
        let late = due
            .zip(day.ready_at)
            .map(|(due, ready)| ready.saturating_sub(due.as_microsecond()).max(0) / 1_000);
        let mut wrong = Vec::new();
        if day.deadline_at != due.map(Timestamp::as_microsecond) {
            wrong.push("deadline_at");
        }
        if day.late_ms != late {
            wrong.push("late_ms");
        }
        if !wrong.is_empty() {
            let verb = if wrong.len() == 1 { "is" } else { "are" };
            let (environment, project, job) = key;
            let project = project.map_or_else(String::new, |project| format!("{project}/"));
            checking.find(
                format!("{} {verb} not what the catalogue says", wrong.join(", ")),
                format!("{project}{job} in {environment}, {date}"),
                IMPORT,
            );
        }
    }
    Ok(())
}

/// The local time of a deadline on a business day; from the border on it is that of the evening before. Times that come twice are
/// the later ones, as PostgreSQL takes them.
fn due_at(day: Date, deadline: Time, zone: &TimeZone, border_minutes: i32) -> Option<Timestamp> {
    let minutes = i32::from(deadline.hour()) * 60 + i32::from(deadline.minute());
    let day = if minutes >= border_minutes {
        day.yesterday().ok()?
    } else {
        day
    };
    let local = day.to_datetime(deadline);
    zone.to_ambiguous_zoned_datetime(local)
        .later()
        .ok()
        .map(|due| due.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn check(day: Date, deadline: (i8, i8), expected: &str) {
        let zone = TimeZone::get("Europe/Paris").expect("a zone");
        let due = due_at(
            day,
            Time::constant(deadline.0, deadline.1, 0, 0),
            &zone,
            18 * 60,
        );
        assert_eq!(due.map(|due| due.to_string()).as_deref(), Some(expected));
    }

    #[test]
    fn deadlines_stand_on_the_night_that_a_day_is_prepared_in() {
        check(date(2026, 11, 23), (6, 30), "2026-11-23T05:30:00Z");
        check(date(2026, 11, 23), (17, 59), "2026-11-23T16:59:00Z");
        check(date(2026, 11, 23), (18, 0), "2026-11-22T17:00:00Z");
        check(date(2026, 11, 23), (23, 30), "2026-11-22T22:30:00Z");
        // 02:30 comes twice on 25 October 2026, and not at all on 29 March.
        check(date(2026, 10, 25), (2, 30), "2026-10-25T01:30:00Z");
        check(date(2026, 3, 29), (2, 30), "2026-03-29T01:30:00Z");
    }
}
