//! Days on which the company is closed, from files that people keep: CSV or iCalendar (RFC 5545).

use std::collections::BTreeMap;
use std::path::Path;

use icalendar::{Calendar, CalendarComponent, Component, DatePerhapsTime};
use jiff::civil::Date;
use jiff::{Span, ToSpan};

use crate::errors::{self, ErrorCode, Failure};

/// A closure of more days is a mistake.
const MOST_DAYS: i32 = 366;
/// A closure that comes every year is known up to this year.
const LAST_YEAR: i16 = 2100;

/// Each closed day of a file with its name, which may be empty.
///
/// # Errors
/// `config_unreadable` when it cannot be read, `config_invalid` with the place when it says what cannot be.
pub fn read(path: &Path) -> Result<BTreeMap<Date, String>, Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::new(
            ErrorCode::ConfigUnreadable,
            format!("cannot read the closures: {}", errors::reason(&error)),
        )
        .at(path.display().to_string())
        .hint("correct the setting calendar.closures")
    })?;
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        // What spreadsheets write that know no UTF-8.
        Err(_) => encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned(),
    };
    let is_ics = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("ics"))
        || text.trim_start().starts_with("BEGIN:VCALENDAR");
    let days = if is_ics { of_ics(&text) } else { of_csv(&text) };
    days.map_err(|Wrong { line, what }| {
        let place = match line {
            Some(line) => format!("{}:{line}", path.display()),
            None => path.display().to_string(),
        };
        Failure::new(ErrorCode::ConfigInvalid, what)
            .at(place)
            .hint("a line is: first day; last day; name, like 24/12/2026;26/12/2026;Noël")
    })
}

/// What is wrong, and in which line.
struct Wrong {
    line: Option<usize>,
    what: String,
}

type Days = BTreeMap<Date, String>;

fn of_csv(text: &str) -> Result<Days, Wrong> {
    let mut days = Days::new();
    let mut heading_due = true;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let delimiter = [';', '\t', ',']
            .into_iter()
            .find(|delimiter| line.contains(*delimiter))
            .unwrap_or(';');
        let fields: Vec<&str> = line
            .split(delimiter)
            .map(|field| field.trim().trim_matches('"').trim())
            .collect();
        let wrong = |what: String| Wrong {
            line: Some(number),
            what,
        };
        let Some(first) = date(fields[0]) else {
            // Only the first line may be a heading.
            if std::mem::take(&mut heading_due)
                && !fields[0].starts_with(|c: char| c.is_ascii_digit())
            {
                continue;
            }
            return Err(wrong(format!("`{}` is no day", fields[0])));
        };
        heading_due = false;
        let second = fields.get(1).copied().unwrap_or_default();
        let (last, name) = match date(second) {
            Some(last) => (last, fields.get(2).copied().unwrap_or_default()),
            None if second.starts_with(|c: char| c.is_ascii_digit()) => {
                return Err(wrong(format!("`{second}` is no day")));
            }
            None => {
                let name = fields[1..].iter().find(|field| !field.is_empty());
                (first, name.copied().unwrap_or_default())
            }
        };
        close(&mut days, first, last, name).map_err(wrong)?;
    }
    Ok(days)
}

/// `2026-12-24` or `24/12/2026`.
fn date(text: &str) -> Option<Date> {
    ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"]
        .into_iter()
        .find_map(|form| Date::strptime(form, text).ok())
}

fn of_ics(text: &str) -> Result<Days, Wrong> {
    let wrong = |what: String| Wrong { line: None, what };
    let calendar: Calendar = text
        .parse()
        .map_err(|reason| wrong(format!("this is no iCalendar file: {reason}")))?;
    let mut days = Days::new();
    let events = calendar
        .components
        .iter()
        .filter_map(|component| match component {
            CalendarComponent::Event(event) => Some(event),
            _ => None,
        });
    for event in events {
        let name = event.get_summary().unwrap_or_default();
        let day = |at: Option<DatePerhapsTime>| at.and_then(|at| of_chrono(&at));
        let first = day(event.get_start())
            .ok_or_else(|| wrong(format!("the event `{name}` has no day on which it starts")))?;
        let last = match event.get_end() {
            None => first,
            // The day behind the last one (RFC 5545, 3.6.1).
            Some(end @ DatePerhapsTime::Date(_)) => of_chrono(&end)
                .and_then(|end| end.yesterday().ok())
                .unwrap_or(first)
                .max(first),
            Some(end) => of_chrono(&end).unwrap_or(first),
        };
        let yearly = match event.property_value("RRULE") {
            None => false,
            Some(rule) if is_yearly(rule) => true,
            Some(rule) => {
                return Err(wrong(format!(
                    "the event `{name}` comes again by the rule {rule}; only FREQ=YEARLY is known"
                )));
            }
        };
        let years = if yearly { LAST_YEAR - first.year() } else { 0 };
        for year in 0..=years.max(0) {
            // 29 February is left out of years that have none.
            let moved = |day: Date| Date::new(day.year() + year, day.month(), day.day());
            if let (Ok(first), Ok(last)) = (moved(first), moved(last)) {
                close(&mut days, first, last, name).map_err(wrong)?;
            }
        }
    }
    Ok(days)
}

/// Every year on the same day, for ever.
fn is_yearly(rule: &str) -> bool {
    let mut parts = rule.split(';').map(str::trim);
    parts.all(|part| matches!(part, "FREQ=YEARLY" | "INTERVAL=1" | ""))
}

fn of_chrono(at: &DatePerhapsTime) -> Option<Date> {
    let day = at.date_naive();
    day.format("%Y-%m-%d").to_string().parse().ok()
}

fn close(days: &mut Days, first: Date, last: Date, name: &str) -> Result<(), String> {
    let count = first
        .until(last)
        .map_or(i32::MAX, |span: Span| span.get_days());
    if !(0..MOST_DAYS).contains(&count) {
        return Err(format!(
            "from {first} to {last} is no closure: the last day comes before the first, or more than a year later"
        ));
    }
    for after in 0..=count {
        days.insert(first.saturating_add(after.days()), name.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    fn days(text: &str) -> Vec<(Date, String)> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("closures");
        std::fs::write(&path, text).expect("a file");
        let days = read(&path).unwrap_or_else(|failure| panic!("{failure}"));
        days.into_iter().collect()
    }

    fn failure(text: &str) -> (String, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("closures.csv");
        std::fs::write(&path, text).expect("a file");
        let failure = read(&path).expect_err("it cannot be");
        let place = failure.place.expect("a place");
        let place = place.rsplit('/').next().expect("a name").to_owned();
        (place, failure.message.to_string())
    }

    #[test]
    fn lists_as_spreadsheets_write_them() {
        let inventory = |date: Date| (date, "Inventaire".to_owned());
        assert_eq!(
            days("date;fin;motif\n30/12/2025;02/01/2026;Inventaire\n"),
            [
                inventory(day(2025, 12, 30)),
                inventory(day(2025, 12, 31)),
                inventory(day(2026, 1, 1)),
                inventory(day(2026, 1, 2)),
            ]
        );
        assert_eq!(
            days("# closed\n2026-05-15,Bridge\n\n\"2026-07-13\"\n"),
            [
                (day(2026, 5, 15), "Bridge".to_owned()),
                (day(2026, 7, 13), String::new()),
            ]
        );
    }

    #[test]
    fn calendars_as_other_programs_write_them() {
        let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y\r\n\
                    BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20250101T000000Z\r\nDTSTART;VALUE=DATE:20260803\r\n\
                    DTEND;VALUE=DATE:20260805\r\nSUMMARY:Été\r\nEND:VEVENT\r\n\
                    BEGIN:VEVENT\r\nUID:2\r\nDTSTAMP:20250101T000000Z\r\nDTSTART;VALUE=DATE:20251224\r\n\
                    RRULE:FREQ=YEARLY\r\nSUMMARY:Réveillon\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let days = days(text);
        let of_2026: Vec<_> = days
            .iter()
            .filter(|(day, _)| day.year() == 2026)
            .map(|(day, name)| format!("{day} {name}"))
            .collect();
        assert_eq!(
            of_2026,
            ["2026-08-03 Été", "2026-08-04 Été", "2026-12-24 Réveillon"]
        );
        assert!(days.iter().any(|(day, _)| day.year() == 2040));
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        assert_eq!(
            failure("date\n2026-13-01\n"),
            (
                "closures.csv:2".to_owned(),
                "`2026-13-01` is no day".to_owned()
            )
        );
        let (place, message) = failure("2026-01-05;2026-01-02\n");
        assert_eq!(place, "closures.csv:1");
        assert!(
            message.contains("the last day comes before the first"),
            "{message}"
        );
        let (_, message) = failure(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20250101T000000Z\r\nDTSTART;VALUE=DATE:20260803\r\nRRULE:FREQ=WEEKLY\r\nSUMMARY:Lundi\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        );
        assert!(message.contains("FREQ=WEEKLY"), "{message}");
    }
}
