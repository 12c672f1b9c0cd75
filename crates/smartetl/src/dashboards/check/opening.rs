//! How a dashboard opens: its time range, how often it asks again, its zone.

use super::Notes;
use super::time::{End, moment};
use super::tree::text;
use jiff::Timestamp;
use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// Of Grafana's documentation, "Time units and relative ranges", with quarters and the fiscal year.
static RELATIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^now(?:[-+][0-9]*(?:fQ|fy|[smhdwMQy])|/(?:fQ|fy|[smhdwMQy]))*$")
        .expect("the pattern is written here")
});
/// Of the same page; `auto` lets Grafana choose.
static REFRESH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:|auto|[0-9]+(?:ms|s|m|h|d|w|M|y))$").expect("the pattern is written here")
});

pub fn check(dashboard: &Value, notes: &mut Notes<'_>) {
    time_range(dashboard, notes);
    let refresh = dashboard.get("refresh");
    let is_off = matches!(refresh, None | Some(Value::Null | Value::Bool(false)));
    if !is_off
        && !refresh
            .and_then(Value::as_str)
            .is_some_and(|text| REFRESH.is_match(text))
    {
        let refresh = refresh.unwrap_or(&Value::Null);
        notes.add(
            "refresh",
            "$.refresh",
            [
                format!("Grafana cannot ask again every {refresh}"),
                format!("Grafana ne sait pas redemander toutes les {refresh}"),
            ],
            [
                "write for example 1m; empty: never",
                "écrivez par exemple 1m\u{a0}; vide\u{a0}: jamais",
            ],
        );
    }
    let zone = text(dashboard, "timezone");
    if !["", "browser", "utc"].contains(&zone) && jiff::tz::TimeZone::get(zone).is_err() {
        notes.add(
            "time_zone",
            "$.timezone",
            [
                format!("there is no time zone `{zone}`"),
                format!("il n’y a pas de fuseau horaire `{zone}`"),
            ],
            [
                "write one like Europe/Paris, utc or browser; empty: that of the person",
                "écrivez-en un comme Europe/Paris, utc ou browser\u{a0}; vide\u{a0}: celui de la personne",
            ],
        );
    }
}

fn time_range(dashboard: &Value, notes: &mut Notes<'_>) {
    let Some(time) = dashboard.get("time") else {
        return;
    };
    let now = Timestamp::UNIX_EPOCH;
    let mut ends = Vec::new();
    for (key, end) in [("from", End::From), ("to", End::To)] {
        let written = text(time, key);
        let is_number = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
        let at = moment(written, now, end);
        if !RELATIVE.is_match(written) && at.is_none() && !is_number {
            notes.add(
                "time_range",
                format!("$.time.{key}"),
                [
                    format!("`{written}` is no moment that Grafana can read"),
                    format!("`{written}` n’est pas un instant que Grafana sache lire"),
                ],
                [
                    "write for example now-24h, now/d-6h or 2026-01-31T00:00:00Z",
                    "écrivez par exemple now-24h, now/d-6h ou 2026-01-31T00:00:00Z",
                ],
            );
        }
        ends.extend(at);
    }
    if let [from, to] = ends[..]
        && from >= to
    {
        notes.add(
            "time_range",
            "$.time",
            [
                "the time range ends before it begins",
                "la période finit avant de commencer",
            ],
            ["exchange from and to", "échangez from et to"],
        );
    }
}
