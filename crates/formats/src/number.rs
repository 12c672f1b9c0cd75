//! Numbers as people and tools write them into logs.

/// An integer: digits with an optional sign, groups parted by (no-break) spaces, and a fraction only when it is zero. `12,000`
/// is none: it may be 12 as well as 12 thousand.
pub fn parse_int(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if !bytes.is_empty() && bytes.len() <= 18 && bytes.iter().all(u8::is_ascii_digit) {
        return Some(
            bytes
                .iter()
                .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')),
        );
    }
    if is_ambiguous(text) {
        return None;
    }
    let cleaned = without_groups(text);
    let (whole, fraction) = cleaned.split_once(['.', ',']).unwrap_or((&cleaned, ""));
    if fraction.bytes().all(|digit| digit == b'0') {
        whole.parse().ok()
    } else {
        None
    }
}

/// Whether a number may be one of thousands or one with three decimals, as `12,000` and `1.234`: one group of up to three digits,
/// a sign, and three more.
pub fn is_ambiguous(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let all = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .split_once(['.', ','])
        .is_some_and(|(group, behind)| {
            (1..=3).contains(&group.len())
                && !group.starts_with('0')
                && behind.len() == 3
                && all(group)
                && all(behind)
        })
}

/// A number of any unit as a whole number: `text` × `factor`, rounded to the nearest. The decimal sign is a point
/// or a comma. Of units that nobody writes with thousandths (`factor` up to 1) `600,000` is none: it is 600 or 600 thousand.
pub fn parse_scaled(text: &str, factor: f64) -> Option<i64> {
    if factor <= 1.0 && text.contains(',') && is_ambiguous(text) {
        return None;
    }
    if (factor - 1.0).abs() < f64::EPSILON
        && let Some(whole) = parse_int(text)
    {
        return Some(whole);
    }
    let cleaned = without_groups(text).replace(',', ".");
    let plain = cleaned
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    let value = cleaned.parse::<f64>().ok().filter(|_| plain)? * factor;
    (value.abs() < 9e18).then_some(value.round() as i64)
}

/// A duration that says its units, in milliseconds: `00:04:12`, `04:12.5`, `1 02:03:04`, `4 min 12 s`, `2h05`, `PT4M12S`, `1 j 2 h`.
pub fn parse_duration(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let millis = if text.contains(':') {
        clock(text)?
    } else {
        units(text)?
    };
    (millis.abs() < 9e18).then_some(millis.round() as i64 * if negative { -1 } else { 1 })
}

/// `[days ]hours:minutes:seconds`, or `minutes:seconds`.
fn clock(text: &str) -> Option<f64> {
    let (before, last) = text.rsplit_once([' ', '\u{A0}']).unwrap_or(("", text));
    let days = before.trim_end_matches(|sign: char| sign.is_alphabetic() || sign == ' ');
    let days = if before.is_empty() { 0.0 } else { plain(days)? };
    let parts: Vec<f64> = last.split(':').map(plain).collect::<Option<_>>()?;
    let seconds = match parts[..] {
        [hours, minutes, seconds] if minutes < 60.0 && seconds < 60.0 => {
            (hours * 60.0 + minutes) * 60.0 + seconds
        }
        [minutes, seconds] if seconds < 60.0 => minutes * 60.0 + seconds,
        _ => return None,
    };
    Some((days * 86_400.0 + seconds) * 1e3)
}

/// Numbers, each with its unit; a last number without one is of the next smaller unit.
fn units(text: &str) -> Option<f64> {
    let lower = without_groups(&text.to_lowercase());
    match lower.strip_prefix('p') {
        Some(period) => iso(period),
        None => sum(&lower),
    }
}

/// What follows the `P` of ISO 8601: days, and behind `T` hours, minutes and seconds. Months and years have no length.
fn iso(period: &str) -> Option<f64> {
    let (days, time) = match period.split_once('t') {
        Some((days, time)) => (days, Some(sum(time)?)),
        None => (period, None),
    };
    if days.is_empty() {
        return time;
    }
    Some(plain(days.strip_suffix('d')?)? * 86_400e3 + time.unwrap_or(0.0))
}

fn sum(text: &str) -> Option<f64> {
    let mut rest = text;
    let (mut sum, mut before): (f64, Option<f64>) = (0.0, None);
    while !rest.is_empty() {
        let digits = rest
            .find(|sign: char| !sign.is_ascii_digit() && !matches!(sign, '.' | ','))
            .unwrap_or(rest.len());
        let number = plain(&rest[..digits])?;
        rest = &rest[digits..];
        let letters = rest
            .find(|sign: char| !sign.is_alphabetic())
            .unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "d" | "j" | "day" | "days" | "jour" | "jours" => 86_400e3,
            "h" | "hr" | "hrs" | "hour" | "hours" | "heure" | "heures" => 3_600e3,
            "m" | "mn" | "min" | "mins" | "minute" | "minutes" => 60e3,
            "s" | "sec" | "secs" | "second" | "seconds" | "seconde" | "secondes" => 1e3,
            "ms" | "msec" | "millis" | "milliseconds" | "millisecondes" => 1.0,
            "" => match before? {
                86_400e3 => 3_600e3,
                3_600e3 => 60e3,
                60e3 => 1e3,
                _ => return None,
            },
            _ => return None,
        };
        rest = &rest[letters..];
        sum += number * unit;
        before = Some(unit);
    }
    before.map(|_| sum)
}

/// A number of digits with at most one decimal sign.
fn plain(text: &str) -> Option<f64> {
    let text = text.trim().replace(',', ".");
    let digits = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| digits)
}

fn without_groups(text: &str) -> String {
    text.trim()
        .chars()
        .filter(|sign| !matches!(sign, ' ' | '\u{A0}' | '\u{202F}'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_as_people_write_them() {
        for (text, value) in [
            ("0", Some(0)),
            ("-5", Some(-5)),
            ("1234", Some(1234)),
            ("1 234", Some(1234)),
            ("1\u{A0}234\u{202F}567", Some(1_234_567)),
            ("12.0", Some(12)),
            ("12,00", Some(12)),
            ("12.0000", Some(12)),
            ("0.000", Some(0)),
            ("12345,000", Some(12_345)),
            ("1 234,000", Some(1_234)),
            // 12 or 12 thousand?
            ("12,000", None),
            ("1.000", None),
            ("-1.000", None),
            ("1,234", None),
            ("1,234,567", None),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("12.5", None),
            ("", None),
            ("douze", None),
        ] {
            assert_eq!(parse_int(text), value, "{text}");
        }
    }

    #[test]
    fn durations_with_their_units() {
        for (text, value) in [
            ("00:04:12", Some(252_000)),
            ("4:12", Some(252_000)),
            ("27:00:00.5", Some(97_200_500)),
            ("1 02:03:04", Some(93_784_000)),
            ("1 jour 02:03:04", Some(93_784_000)),
            ("-00:00:01", Some(-1_000)),
            ("4 min 12 s", Some(252_000)),
            ("4m12s", Some(252_000)),
            ("2h05", Some(7_500_000)),
            ("PT4M12.5S", Some(252_500)),
            ("P1DT2H", Some(93_600_000)),
            ("P2D", Some(172_800_000)),
            // Months and years are of no certain length.
            ("P4M", None),
            ("P1Y", None),
            ("P1DT", None),
            ("P4H", None),
            ("P", None),
            ("PT", None),
            ("1 j 2 h", Some(93_600_000)),
            ("250ms", Some(250)),
            ("1,5 s", Some(1_500)),
            ("00:61:00", None),
            ("252", None),
            ("douze min", None),
            ("12 m\u{E8}tres", None),
            ("", None),
        ] {
            assert_eq!(parse_duration(text), value, "{text}");
        }
    }

    #[test]
    fn scaled_numbers() {
        assert_eq!(parse_scaled("1.3519999999999999", 1000.0), Some(1352));
        assert_eq!(parse_scaled("-55,83", 1000.0), Some(-55_830));
        assert_eq!(parse_scaled("250", 1.0), Some(250));
        // Seconds with milliseconds, in both languages; but milliseconds are whole.
        assert_eq!(parse_scaled("1.234", 1000.0), Some(1_234));
        assert_eq!(parse_scaled("1,234", 1000.0), Some(1_234));
        assert_eq!(parse_scaled("1.234", 1.0), Some(1));
        assert_eq!(parse_scaled("600,000", 1.0), None);
        assert_eq!(parse_scaled("600,000", 1e-3), None);
        assert_eq!(parse_scaled("600,5", 1.0), Some(601));
        assert_eq!(parse_scaled("nan", 1.0), None);
        assert_eq!(parse_scaled("1e300", 1000.0), None);
    }
}
