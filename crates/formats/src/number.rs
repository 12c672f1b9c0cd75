//! Numbers as people and tools write them into logs.

/// An integer: digits with an optional sign, groups parted by (no-break) spaces, and a fraction only when it is zero.
pub fn parse_int(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if !bytes.is_empty() && bytes.len() <= 18 && bytes.iter().all(u8::is_ascii_digit) {
        return Some(
            bytes
                .iter()
                .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')),
        );
    }
    let cleaned = without_groups(text);
    let (whole, fraction) = cleaned.split_once(['.', ',']).unwrap_or((&cleaned, ""));
    if fraction.bytes().all(|digit| digit == b'0') {
        whole.parse().ok()
    } else {
        None
    }
}

/// A number of any unit as a whole number: `text` × `factor`, rounded to the nearest. The decimal sign is a point
/// or a comma.
pub fn parse_scaled(text: &str, factor: f64) -> Option<i64> {
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
    fn scaled_numbers() {
        assert_eq!(parse_scaled("1.3519999999999999", 1000.0), Some(1352));
        assert_eq!(parse_scaled("-55,83", 1000.0), Some(-55_830));
        assert_eq!(parse_scaled("250", 1.0), Some(250));
        assert_eq!(parse_scaled("nan", 1.0), None);
        assert_eq!(parse_scaled("1e300", 1000.0), None);
    }
}
