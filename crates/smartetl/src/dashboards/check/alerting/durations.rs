//! Lengths of time in rules and policies: `60s`, `1m30s`, `2h`.

use super::is_empty;
use crate::dashboards::check::Notes;
use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// How often Grafana looks at rules: the base interval of its scheduler (`schedulerDefaultBaseInterval` in its `pkg/setting`).
const TICK_MS: u64 = 10_000;

static PART: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"([0-9]+)(ms|s|m|h|d|w|y)").expect("the pattern is written here"));

/// Finds what is no length of time; one that is left out is none either, and no finding.
pub fn check(holder: &Value, key: &str, path: &str, notes: &mut Notes<'_>) {
    let Some(value) = holder.get(key).filter(|value| !is_empty(value)) else {
        return;
    };
    if value.as_str().and_then(millis).is_none() {
        notes.add(
            "duration",
            format!("{path}.{key}"),
            [
                format!("`{key}` is no duration: {value}"),
                format!("`{key}` n’est pas une durée\u{a0}: {value}"),
            ],
            [
                "write for example 1m or 2h10m",
                "écrivez par exemple 1m ou 2h10m",
            ],
        );
    }
}

/// Rules are looked at in whole ticks, and Grafana refuses a group that would need others.
pub fn ticks(group: &Value, path: &str, notes: &mut Notes<'_>) {
    let interval = group.get("interval").and_then(Value::as_str);
    let Some(written) = interval.filter(|text| {
        millis(text).is_some_and(|millis| millis == 0 || !millis.is_multiple_of(TICK_MS))
    }) else {
        return;
    };
    notes.add(
        "duration",
        format!("{path}.interval"),
        [
            format!("Grafana looks at rules every 10 s, and cannot at those of a group every {written}"),
            format!("Grafana évalue les règles toutes les 10\u{a0}s, et ne peut pas évaluer un groupe toutes les {written}"),
        ],
        ["write a multiple of 10s", "écrivez un multiple de 10s"],
    );
}

fn millis(written: &str) -> Option<u64> {
    if written == "0" {
        return Some(0);
    }
    let mut all = 0_u64;
    let mut end = 0;
    for part in PART.captures_iter(written) {
        let whole = part.get(0)?;
        if whole.start() != end {
            return None;
        }
        end = whole.end();
        let unit: u64 = match &part[2] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => 31_536_000_000,
        };
        all = all.checked_add(part[1].parse::<u64>().ok()?.checked_mul(unit)?)?;
    }
    (end > 0 && end == written.len()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_their_parts() {
        for (written, expected) in [
            ("0", Some(0)),
            ("1m30s", Some(90_000)),
            ("2h", Some(7_200_000)),
            ("500ms", Some(500)),
            ("5 minutes", None),
            ("30", None),
            ("1m x", None),
            ("", None),
        ] {
            assert_eq!(millis(written), expected, "{written}");
        }
    }
}
