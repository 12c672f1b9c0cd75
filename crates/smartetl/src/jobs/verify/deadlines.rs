//! When days were due and how late they were, computed again from the catalogue and compared with `job_day`. The store does it in SQL,
//! this does not.

use std::collections::HashMap;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use smartetl_store::{catalogue, deadlines};
use sqlx::PgConnection;

use super::Checking;
use crate::time::due_at;

const IMPORT: [&str; 2] = [
    "run `smartetl fuse --full`: days are written again with the deadlines of the catalogue",
    "lancez `smartetl fuse --full`\u{a0}: les journées sont réécrites avec les échéances du catalogue",
];

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
                [
                    format!("{} {verb} not what the catalogue says", wrong.join(", ")),
                    format!("pas ce que dit le catalogue\u{a0}: {}", wrong.join(", ")),
                ],
                [
                    format!("{project}{job} in {environment}, {date}"),
                    format!("{project}{job} dans {environment}, {date}"),
                ],
                IMPORT,
            );
        }
    }
    Ok(())
}
