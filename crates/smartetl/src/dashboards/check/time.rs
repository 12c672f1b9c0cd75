//! Moments as the time range of a dashboard writes them: `now-1M/M`, `now/d-6h`, or ISO 8601. Of Grafana's documentation, "Time units and
//! relative ranges": what is rounded becomes the first moment of its unit, at the end of a range the last one. In UTC.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _};

/// Which end of a range it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    From,
    To,
}

/// `None` where nobody can tell what is meant.
pub fn moment(text: &str, now: Timestamp, end: End) -> Option<Timestamp> {
    let Some(mut rest) = text.strip_prefix("now") else {
        return text.parse().ok();
    };
    let mut at = TimeZone::UTC.to_datetime(now);
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        if sign == '/' {
            let unit = rest.chars().next()?;
            rest = &rest[unit.len_utf8()..];
            at = rounded(at, unit, end)?;
            continue;
        }
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = if digits == 0 {
            1
        } else {
            rest[..digits].parse().ok()?
        };
        rest = &rest[digits..];
        let unit = rest.chars().next()?;
        rest = &rest[unit.len_utf8()..];
        let span = span(number, unit)?;
        at = match sign {
            '-' => at.checked_sub(span).ok()?,
            '+' => at.checked_add(span).ok()?,
            _ => return None,
        };
    }
    TimeZone::UTC.to_timestamp(at).ok()
}

fn span(number: i64, unit: char) -> Option<Span> {
    let span = Span::new();
    match unit {
        's' => span.try_seconds(number),
        'm' => span.try_minutes(number),
        'h' => span.try_hours(number),
        'd' => span.try_days(number),
        'w' => span.try_weeks(number),
        'M' => span.try_months(number),
        'y' => span.try_years(number),
        _ => return None,
    }
    .ok()
}

fn rounded(at: DateTime, unit: char, end: End) -> Option<DateTime> {
    let date = at.date();
    let since_monday = i64::from(date.weekday().to_monday_zero_offset());
    let first = match unit {
        's' => at.with().subsec_nanosecond(0).build().ok()?,
        'm' => at.with().second(0).subsec_nanosecond(0).build().ok()?,
        'h' => date.at(at.hour(), 0, 0, 0),
        'd' => date.at(0, 0, 0, 0),
        'w' => date.checked_sub(since_monday.days()).ok()?.at(0, 0, 0, 0),
        'M' => date.first_of_month().at(0, 0, 0, 0),
        'y' => date.first_of_year().at(0, 0, 0, 0),
        _ => return None,
    };
    match end {
        End::From => Some(first),
        End::To => first
            .checked_add(span(1, unit)?)
            .and_then(|next| next.checked_sub(1.millisecond()))
            .ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_grafana() {
        let now: Timestamp = "2026-11-26T08:20:30.5Z".parse().expect("a moment");
        for (text, end, expected) in [
            ("now", End::To, "2026-11-26T08:20:30.5Z"),
            ("now-7d", End::From, "2026-11-19T08:20:30.5Z"),
            ("now-1M/M", End::From, "2026-10-01T00:00:00Z"),
            ("now-1M/M", End::To, "2026-10-31T23:59:59.999Z"),
            ("now/d-6h", End::From, "2026-11-25T18:00:00Z"),
            ("now/d-6h", End::To, "2026-11-26T17:59:59.999Z"),
            ("now/w", End::From, "2026-11-23T00:00:00Z"),
            ("now+1h/h", End::To, "2026-11-26T09:59:59.999Z"),
            ("now-1y/y", End::From, "2025-01-01T00:00:00Z"),
            ("2026-01-02T03:04:05Z", End::From, "2026-01-02T03:04:05Z"),
        ] {
            let found = moment(text, now, end).map(|moment| moment.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
        for wrong in ["yesterday", "now-", "now-7", "now-7x", "now/x", "now*2d"] {
            assert_eq!(moment(wrong, now, End::From), None, "{wrong}");
        }
    }
}
