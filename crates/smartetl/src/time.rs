//! Durations as people write them, the moments of deadlines, and the machine's time zone. The only place that asks the machine for its zone.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use std::time::Duration;

/// Reads `60s`, `1m30s`, `500ms`, or a bare number of seconds.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Ok(Duration::from_secs(seconds.into()));
    }
    let duration: jiff::SignedDuration = text
        .parse()
        .map_err(|_| format!("`{text}` is no duration; write for example 30s, 2m or 500ms"))?;
    Duration::try_from(duration).map_err(|_| format!("`{text}` is negative"))
}

/// The machine's zone name: `TZ` if it names one, else what the system says; `None` where neither is known.
pub fn machine_zone() -> Option<String> {
    let from_variable = std::env::var("TZ")
        .ok()
        .map(|value| value.trim_start_matches(':').to_owned());
    from_variable
        .into_iter()
        .chain(iana_time_zone::get_timezone())
        .find(|name| TimeZone::get(name).is_ok())
}

/// The local time of a deadline on a business day; from the border on it is that of the evening before. Times that come twice are
/// the later ones, as PostgreSQL takes them.
pub fn due_at(
    day: Date,
    deadline: Time,
    zone: &TimeZone,
    border_minutes: i32,
) -> Option<Timestamp> {
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

    #[test]
    fn durations() {
        let check = |text: &str, millis: u64| {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(millis)),
                "{text}"
            );
        };
        check("60", 60_000);
        check("60s", 60_000);
        check("1m30s", 90_000);
        check("500ms", 500);
        for wrong in ["", "soon", "-5s", "12 parsecs"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    fn check_due(day: Date, deadline: (i8, i8), expected: &str) {
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
        check_due(date(2026, 11, 23), (6, 30), "2026-11-23T05:30:00Z");
        check_due(date(2026, 11, 23), (17, 59), "2026-11-23T16:59:00Z");
        check_due(date(2026, 11, 23), (18, 0), "2026-11-22T17:00:00Z");
        check_due(date(2026, 11, 23), (23, 30), "2026-11-22T22:30:00Z");
        // 02:30 comes twice on 25 October 2026, and not at all on 29 March.
        check_due(date(2026, 10, 25), (2, 30), "2026-10-25T01:30:00Z");
        check_due(date(2026, 3, 29), (2, 30), "2026-03-29T01:30:00Z");
    }
}
