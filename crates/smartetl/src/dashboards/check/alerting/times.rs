//! Mute times: hours, days, months, years and a zone. As Alertmanager reads them (`time_interval` in its configuration's documentation), which
//! Grafana's provisioning of mute timings takes over.

use super::missing;
use crate::dashboards::check::Notes;
use crate::dashboards::check::tree::{list, text};
use serde_json::Value;

const DAYS: &[&str] = &[
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];
const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

pub fn check(sheet: &Value, notes: &mut Notes<'_>) {
    for (index, one) in list(sheet, "muteTimes").iter().enumerate() {
        let path = format!("$.muteTimes[{index}]");
        for (number, interval) in list(one, "time_intervals").iter().enumerate() {
            let path = format!("{path}.time_intervals[{number}]");
            hours(interval, &path, notes);
            days(interval, &path, notes);
            zone(interval, &path, notes);
        }
    }
}

fn hours(interval: &Value, path: &str, notes: &mut Notes<'_>) {
    for (index, time) in list(interval, "times").iter().enumerate() {
        let path = format!("{path}.times[{index}]");
        let mut ends = Vec::new();
        for key in ["start_time", "end_time"] {
            let written = text(time, key);
            if time.get(key).is_none() {
                missing(key, &path, notes);
            } else if minute_of(written).is_none() {
                unreadable(key, &path, &time[key], ["24:00", "HH:MM"], notes);
            }
            ends.extend(minute_of(written));
        }
        if let [begin, end] = ends[..]
            && begin >= end
        {
            notes.add(
                "mute_time",
                path,
                [
                    "this time ends before it begins",
                    "cette plage finit avant de commencer",
                ],
                [
                    "one over midnight is two: up to 24:00, and from 00:00",
                    "celle qui passe minuit en fait deux\u{a0}: jusqu’à 24:00, et dès 00:00",
                ],
            );
        }
    }
}

/// Minutes since midnight; 24:00 is the end of the day.
fn minute_of(written: &str) -> Option<u32> {
    let (hour, minute) = written.split_once(':')?;
    let two_digits = |text: &str| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten()
    };
    let minutes = two_digits(hour)? * 60 + two_digits(minute)?;
    (two_digits(minute)? < 60 && minutes <= 24 * 60).then_some(minutes)
}

fn days(interval: &Value, path: &str, notes: &mut Notes<'_>) {
    for (key, names, least, most) in [
        ("weekdays", DAYS, 0, -1),
        ("months", MONTHS, 1, 12),
        ("days_of_month", &[][..], -31, 31),
        ("years", &[], 0, 9999),
    ] {
        let is_known = |one: &str| one_of(one.trim(), names, least, most);
        for (index, written) in list(interval, key).iter().enumerate() {
            let range = written
                .as_str()
                .map_or_else(|| written.to_string(), str::to_owned);
            let (begin, end) = range.split_once(':').unwrap_or((&range, &range));
            let is_good = match (is_known(begin), is_known(end)) {
                // -3:2 cannot be put in order without knowing the month.
                (Some(begin), Some(end)) => begin <= end || (begin < 0) != (end < 0),
                _ => false,
            };
            if !is_good {
                let example = if names.is_empty() {
                    ["1:5", "-3:-1"]
                } else {
                    ["monday:friday", "may:august"]
                };
                unreadable(&format!("{key}[{index}]"), path, written, example, notes);
            }
        }
    }
}

/// The number of a name, or a number that is allowed.
fn one_of(one: &str, names: &[&str], least: i64, most: i64) -> Option<i64> {
    let lower = one.to_lowercase();
    if let Some(at) = names.iter().position(|name| *name == lower) {
        return i64::try_from(at).ok().map(|at| at + least);
    }
    let number = one.parse().ok()?;
    let is_day_of_no_month = number == 0 && least < 0;
    ((least..=most).contains(&number) && !is_day_of_no_month).then_some(number)
}

fn zone(interval: &Value, path: &str, notes: &mut Notes<'_>) {
    let Some(written) = interval.get("location") else {
        return;
    };
    let name = written.as_str().unwrap_or("");
    let is_known = name == "Local" || jiff::tz::TimeZone::get(name).is_ok();
    if !is_known {
        unreadable("location", path, written, ["Europe/Paris", "UTC"], notes);
    }
}

fn unreadable(key: &str, path: &str, found: &Value, examples: [&str; 2], notes: &mut Notes<'_>) {
    let [one, other] = examples;
    notes.add(
        "mute_time",
        format!("{path}.{key}"),
        [
            format!("`{key}` of a mute time cannot be {found}"),
            format!("`{key}` d’une plage de silence ne peut pas être {found}"),
        ],
        [
            format!("write it like {one} or {other}"),
            format!("écrivez-le comme {one} ou {other}"),
        ],
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn mute_times_are_read_as_alertmanager_reads_them() {
        let check = |interval: Value, wanted: &[&str]| {
            let mut found = Vec::new();
            let mut notes = Notes {
                file: String::new(),
                findings: &mut found,
            };
            let sheet = json!({ "muteTimes": [{ "time_intervals": [interval] }] });
            check(&sheet, &mut notes);
            let begin = "$.muteTimes[0].time_intervals[0].";
            let places: Vec<&str> = found
                .iter()
                .map(|one| one.path.strip_prefix(begin).expect("it lies below"))
                .collect();
            assert_eq!(places, wanted, "{sheet}");
        };
        check(
            json!({ "times": [{ "start_time": "19:00", "end_time": "24:00" }], "weekdays": ["monday:friday", "Sunday"],
                    "days_of_month": ["1:5", "-3:-1", "15:-1"], "months": ["may:august", "12"], "years": ["2026:2028", 2030],
                    "location": "Europe/Paris" }),
            &[],
        );
        check(
            json!({ "times": [{ "start_time": "27:30", "end_time": "7:00" }] }),
            &["times[0].start_time", "times[0].end_time"],
        );
        check(
            json!({ "times": [{ "start_time": "22:00", "end_time": "06:00" }] }),
            &["times[0]"],
        );
        check(
            json!({ "times": [{ "start_time": "22:00" }] }),
            &["times[0].end_time"],
        );
        check(
            json!({ "weekdays": ["friday:monday", "1"] }),
            &["weekdays[0]", "weekdays[1]"],
        );
        check(
            json!({ "months": ["0", "13", "mai"] }),
            &["months[0]", "months[1]", "months[2]"],
        );
        check(
            json!({ "days_of_month": ["0", "32"] }),
            &["days_of_month[0]", "days_of_month[1]"],
        );
        check(json!({ "location": "Europe/Pariss" }), &["location"]);
    }
}
