//! JSON objects from the server's text, without going through numbers: no digit is lost.

use super::sheet::{Column, ColumnKind, Field};
use std::io::{self, Write};

/// `{"a":1,"b":"x"}` without a line end.
pub fn object(out: &mut impl Write, columns: &[Column], row: &[Field]) -> io::Result<()> {
    out.write_all(b"{")?;
    for (index, (column, field)) in columns.iter().zip(row).enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        string(out, &column.name)?;
        out.write_all(b":")?;
        value(out, column.kind, field.as_deref())?;
    }
    out.write_all(b"}")
}

/// Objects cannot hold a name twice: later ones are numbered.
pub fn distinct_names(columns: Vec<Column>) -> Vec<Column> {
    let mut taken = std::collections::HashSet::new();
    columns
        .into_iter()
        .map(|column| {
            let mut name = column.name.clone();
            let mut number = 2;
            while !taken.insert(name.clone()) {
                name = format!("{}_{number}", column.name);
                number += 1;
            }
            Column { name, ..column }
        })
        .collect()
}

fn value(out: &mut impl Write, kind: ColumnKind, text: Option<&str>) -> io::Result<()> {
    let Some(text) = text else {
        return out.write_all(b"null");
    };
    match kind {
        ColumnKind::Number if is_number(text) => out.write_all(text.as_bytes()),
        ColumnKind::Boolean => out.write_all(if text == "t" || text == "true" {
            b"true"
        } else {
            b"false"
        }),
        ColumnKind::Json => out.write_all(text.as_bytes()),
        ColumnKind::NumberArray => array(out, text, ColumnKind::Number),
        ColumnKind::TextArray => array(out, text, ColumnKind::Text),
        ColumnKind::Moment => string(out, &iso(text)),
        // NaN and Infinity are no JSON numbers.
        ColumnKind::Text | ColumnKind::Number => string(out, text),
    }
}

fn string(out: &mut impl Write, text: &str) -> io::Result<()> {
    serde_json::to_writer(out, text).map_err(io::Error::from)
}

/// `2026-01-06 05:00:00+00` as `2026-01-06T05:00:00+00:00`; `infinity` and years before Christ stay as they are.
fn iso(text: &str) -> String {
    let Some((date, time)) = text.split_once(' ').filter(|(_, time)| !time.contains(' ')) else {
        return text.to_owned();
    };
    let short_offset = time.len() > 3 && matches!(time.as_bytes()[time.len() - 3], b'+' | b'-');
    format!("{date}T{time}{}", if short_offset { ":00" } else { "" })
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
        && !text.starts_with(['.', '+'])
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
}

/// `{1,NULL,"a b"}` of PostgreSQL as `[1,null,"a b"]`; anything unexpected stays a string.
fn array(out: &mut impl Write, literal: &str, kind: ColumnKind) -> io::Result<()> {
    let mut json = Vec::with_capacity(literal.len());
    match elements(&mut literal.chars().peekable(), kind, &mut json)? {
        Some(()) => out.write_all(&json),
        None => string(out, literal),
    }
}

fn elements(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    kind: ColumnKind,
    json: &mut Vec<u8>,
) -> io::Result<Option<()>> {
    if chars.next() != Some('{') {
        return Ok(None);
    }
    json.push(b'[');
    if chars.next_if_eq(&'}').is_some() {
        json.push(b']');
        return Ok(Some(()));
    }
    loop {
        match chars.peek() {
            Some('{') => {
                if elements(chars, kind, json)?.is_none() {
                    return Ok(None);
                }
            }
            Some('"') => {
                chars.next();
                let mut text = String::new();
                loop {
                    match chars.next() {
                        Some('\\') => text.extend(chars.next()),
                        Some('"') => break,
                        Some(other) => text.push(other),
                        None => return Ok(None),
                    }
                }
                value(json, kind, Some(&text))?;
            }
            _ => {
                let mut text = String::new();
                while let Some(other) = chars.next_if(|c| !matches!(c, ',' | '}')) {
                    text.push(other);
                }
                value(json, kind, (text != "NULL").then_some(&text))?;
            }
        }
        match chars.next() {
            Some(',') => json.push(b','),
            Some('}') => {
                json.push(b']');
                return Ok(Some(()));
            }
            _ => return Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: ColumnKind, text: &str, expected: &str) {
        let mut json = Vec::new();
        value(&mut json, kind, Some(text)).expect("writing to memory");
        assert_eq!(String::from_utf8(json).expect("text"), expected, "{text}");
    }

    #[test]
    fn no_digit_is_lost() {
        check(
            ColumnKind::Number,
            "12345678901234567890.00010",
            "12345678901234567890.00010",
        );
        check(ColumnKind::Number, "1e+20", "1e+20");
        check(ColumnKind::Number, "NaN", "\"NaN\"");
        check(ColumnKind::Number, "-Infinity", "\"-Infinity\"");
    }

    #[test]
    fn moments() {
        check(
            ColumnKind::Moment,
            "2026-01-06 05:00:00.5+00",
            "\"2026-01-06T05:00:00.5+00:00\"",
        );
        check(
            ColumnKind::Moment,
            "2026-01-06 05:00:00+05:30",
            "\"2026-01-06T05:00:00+05:30\"",
        );
        check(
            ColumnKind::Moment,
            "2026-01-06 05:00:00",
            "\"2026-01-06T05:00:00\"",
        );
        check(ColumnKind::Moment, "infinity", "\"infinity\"");
        check(
            ColumnKind::Moment,
            "0044-03-15 12:00:00+00 BC",
            "\"0044-03-15 12:00:00+00 BC\"",
        );
    }

    #[test]
    fn arrays() {
        check(ColumnKind::NumberArray, "{1,2,NULL}", "[1,2,null]");
        check(ColumnKind::NumberArray, "{{1,2},{3,4}}", "[[1,2],[3,4]]");
        check(
            ColumnKind::TextArray,
            r#"{a,"b \"c\", d",NULL,"NULL",""}"#,
            r#"["a","b \"c\", d",null,"NULL",""]"#,
        );
        check(ColumnKind::TextArray, "{}", "[]");
        check(ColumnKind::NumberArray, "[0:1]={1,2}", "\"[0:1]={1,2}\"");
        check(
            ColumnKind::TextArray,
            "{\"never closed",
            "\"{\\\"never closed\"",
        );
    }

    #[test]
    fn names_that_come_twice_are_numbered() {
        let columns = ["a", "a", "a_2", "a"].map(Column::text).to_vec();
        let names: Vec<_> = distinct_names(columns)
            .into_iter()
            .map(|column| column.name)
            .collect();
        assert_eq!(names, ["a", "a_2", "a_2_2", "a_3"]);
    }
}
