//! Grafana's macros of PostgreSQL, replaced as its data source does: arguments end at the first `)` and are split at commas.

use crate::reason::Reason;
use jiff::Timestamp;
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// The time that a dashboard shows, and the step of its graphs.
#[derive(Clone, Debug)]
pub struct Range {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// What `$__interval` stands for here: Grafana computes it from the width of the panel.
pub const INTERVAL: &str = "1m";
pub const INTERVAL_MS: &str = "60000";

static MACRO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\$([_a-zA-Z0-9]+)\(([^)]*)\)").expect("the pattern is written here")
});

/// Replaces all macros.
///
/// # Errors
/// The first macro that does not exist or lacks an argument.
pub fn expand(sql: &str, range: &Range) -> Result<String, Reason> {
    let sql = sql
        .replace("$__interval_ms", INTERVAL_MS)
        .replace("$__interval", INTERVAL)
        .replace("$__unixEpochFrom()", &range.from.as_second().to_string())
        .replace("$__unixEpochTo()", &range.to.as_second().to_string());
    let mut wrong = None;
    let replaced = MACRO.replace_all(&sql, |found: &Captures<'_>| {
        let arguments: Vec<&str> = found[2]
            .split(',')
            .map(|text| text.trim_matches(' '))
            .collect();
        let end = found.get(0).map_or(0, |whole| whole.end());
        // Before a comma it names its column as well: so did queries of old.
        let name = match &found[1] {
            "__timeGroup" if sql[end..].starts_with(',') => "__timeGroupAlias",
            name => name,
        };
        evaluate(name, &arguments, range).unwrap_or_else(|reason| {
            wrong.get_or_insert(reason);
            String::new()
        })
    });
    let replaced = replaced.into_owned();
    wrong.map_or(Ok(replaced), Err)
}

fn evaluate(name: &str, arguments: &[&str], range: &Range) -> Result<String, Reason> {
    let first = arguments.first().copied().unwrap_or("");
    let column = || {
        if first.is_empty() {
            Err(Reason::new(
                format!("the macro ${name}() needs a column"),
                format!("la macro ${name}() demande une colonne"),
            ))
        } else {
            Ok(first)
        }
    };
    let (from, to) = (range.from.to_string(), range.to.to_string());
    Ok(match name {
        "__time" => format!("{} AS \"time\"", column()?),
        "__timeEpoch" => format!("extract(epoch from {}) as \"time\"", column()?),
        "__timeFilter" => format!("{} BETWEEN '{from}' AND '{to}'", column()?),
        "__timeFrom" => format!("'{from}'"),
        "__timeTo" => format!("'{to}'"),
        "__timeGroup" | "__unixEpochGroup" => {
            let seconds = seconds(name, arguments)?;
            let column = column()?;
            if name == "__timeGroup" {
                format!("floor(extract(epoch from {column})/{seconds})*{seconds}")
            } else {
                format!("floor(({column})/{seconds})*{seconds}")
            }
        }
        "__timeGroupAlias" => evaluate("__timeGroup", arguments, range)? + " AS \"time\"",
        "__unixEpochGroupAlias" => evaluate("__unixEpochGroup", arguments, range)? + " AS \"time\"",
        "__unixEpochFilter" => {
            let (from, to, column) = (range.from.as_second(), range.to.as_second(), column()?);
            format!("{column} >= {from} AND {column} <= {to}")
        }
        "__unixEpochNanoFilter" => {
            let (from, to) = (range.from.as_nanosecond(), range.to.as_nanosecond());
            let column = column()?;
            format!("{column} >= {from} AND {column} <= {to}")
        }
        "__unixEpochNanoFrom" => range.from.as_nanosecond().to_string(),
        "__unixEpochNanoTo" => range.to.as_nanosecond().to_string(),
        _ => {
            return Err(Reason::new(
                format!("there is no macro ${name}()"),
                format!("il n’y a pas de macro ${name}()"),
            ));
        }
    })
}

/// Seconds of the interval of a group, after its arguments are looked at.
fn seconds(name: &str, arguments: &[&str]) -> Result<String, Reason> {
    let Some(interval) = arguments.get(1) else {
        return Err(Reason::new(
            format!("the macro ${name}() needs a column and an interval"),
            format!("la macro ${name}() demande une colonne et un intervalle"),
        ));
    };
    let interval = interval.trim_matches('\'');
    let seconds = seconds_of(interval).ok_or_else(|| {
        Reason::new(
            format!("the macro ${name}() takes no interval `{interval}`: its arguments end at the first `)` and are split at `,`"),
            format!(
                "la macro ${name}() n’accepte pas l’intervalle `{interval}`\u{a0}: ses arguments finissent à la première `)` et sont \
                 séparés par `,`"
            ),
        )
    })?;
    if let Some(fill) = arguments.get(2)
        && !["NULL", "previous"].contains(fill)
        && fill.parse::<f64>().is_err()
    {
        return Err(Reason::new(
            format!("the macro ${name}() fills with a number, NULL or previous, not with `{fill}`"),
            format!(
                "la macro ${name}() complète avec un nombre, NULL ou previous, pas avec `{fill}`"
            ),
        ));
    }
    Ok(seconds)
}

/// Grafana's units of time but the smallest: a month has 30 days, a year 365.
pub(super) fn seconds_in(unit: &str) -> Option<u32> {
    Some(match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        "M" => 2_592_000,
        "y" => 31_536_000,
        _ => return None,
    })
}

/// `5m`, `1d`, `500ms`, as seconds.
fn seconds_of(interval: &str) -> Option<String> {
    let digits = interval.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let number: f64 = interval[..digits].parse().ok()?;
    let unit = match &interval[digits..] {
        "ms" => 0.001,
        unit => f64::from(seconds_in(unit)?),
    };
    let seconds = number * unit;
    (seconds > 0.0).then(|| seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, wanted: Result<&str, &str>) {
        let range = Range {
            from: "2026-01-01T00:00:00Z".parse().expect("a moment"),
            to: "2026-01-02T00:00:00.5Z".parse().expect("a moment"),
        };
        let expanded = expand(sql, &range).map_err(|reason| reason.to_string());
        let wanted = wanted.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(expanded, wanted, "{sql}");
    }

    #[test]
    fn macros_become_what_the_data_source_makes_of_them() {
        check("$__time(t)", Ok("t AS \"time\""));
        check(
            "WHERE $__timeFilter(t) AND u > $__timeFrom()",
            Ok(
                "WHERE t BETWEEN '2026-01-01T00:00:00Z' AND '2026-01-02T00:00:00.5Z' AND u > '2026-01-01T00:00:00Z'",
            ),
        );
        check(
            "$__timeGroup(t , '5m')",
            Ok("floor(extract(epoch from t)/300)*300"),
        );
        check(
            "$__timeGroup(t,'5m'), x",
            Ok("floor(extract(epoch from t)/300)*300 AS \"time\", x"),
        );
        check(
            "$__timeGroupAlias(t,$__interval,NULL)",
            Ok("floor(extract(epoch from t)/60)*60 AS \"time\""),
        );
        check(
            "$__unixEpochFilter(e)",
            Ok("e >= 1767225600 AND e <= 1767312000"),
        );
        check("$__unixEpochGroup(e,1h)", Ok("floor((e)/3600)*3600"));
        check("$__interval_ms $__unixEpochTo()", Ok("60000 1767312000"));
    }

    #[test]
    fn broken_macros_are_told() {
        check("$__timeFliter(t)", Err("there is no macro $__timeFliter()"));
        check(
            "$__timeFilter()",
            Err("the macro $__timeFilter() needs a column"),
        );
        check(
            "$__timeGroup(date_trunc('hour',t),'1h')",
            Err(
                "the macro $__timeGroup() takes no interval `t`: its arguments end at the first `)` and are split at `,`",
            ),
        );
        check(
            "$__timeGroup(t)",
            Err("the macro $__timeGroup() needs a column and an interval"),
        );
        check(
            "$__timeGroup(t,'1h',zero)",
            Err("the macro $__timeGroup() fills with a number, NULL or previous, not with `zero`"),
        );
    }
}
