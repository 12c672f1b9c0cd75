//! CSV as in RFC 4180 with `\n`: NULL is nothing between the commas, times are UTC as in RFC 3339, lists are JSON.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};

use flate2::write::GzEncoder;
use jiff::civil::Date;

use super::value::{Column, Value, each, shown};
use super::{Out, Packing, Writer};

const BLOCK_BYTES: usize = 64 * 1024;
/// The usual one of zstd's own program.
const ZSTD_LEVEL: i32 = 3;

pub(super) struct Csv {
    out: Packed,
    columns: Vec<Column>,
    line: Vec<u8>,
    text: String,
    disarms: bool,
}

/// Where lines go.
enum Packed {
    Plain(BufWriter<Out>),
    Gzip(GzEncoder<BufWriter<Out>>),
    Zstd(zstd::Encoder<'static, BufWriter<Out>>),
}

impl Packed {
    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Plain(out) => out.write_all(bytes),
            Self::Gzip(out) => out.write_all(bytes),
            Self::Zstd(out) => out.write_all(bytes),
        }
    }

    fn finish(self) -> std::io::Result<()> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Gzip(out) => out.finish(),
            Self::Zstd(out) => out.finish(),
        }?
        .flush()
    }
}

impl Csv {
    pub(super) fn begin(out: Out, packing: Packing, columns: Vec<Column>) -> anyhow::Result<Self> {
        let out = BufWriter::with_capacity(BLOCK_BYTES, out);
        let mut out = match packing {
            Packing::Plain => Packed::Plain(out),
            Packing::Gzip => Packed::Gzip(GzEncoder::new(out, flate2::Compression::default())),
            Packing::Zstd => Packed::Zstd(zstd::Encoder::new(out, ZSTD_LEVEL)?),
        };
        let names: Vec<&str> = shown(&columns).map(|column| column.name.as_str()).collect();
        out.write_all((names.join(",") + "\n").as_bytes())?;
        Ok(Self {
            out,
            columns,
            line: Vec::new(),
            text: String::new(),
            disarms: false,
        })
    }

    /// For people's spreadsheets: a text that one would take for a formula begins with an apostrophe.
    pub(super) fn disarmed(self) -> Self {
        Self {
            disarms: true,
            ..self
        }
    }
}

impl Writer for Csv {
    fn tuple(&mut self, tuple: &[u8]) -> anyhow::Result<()> {
        let Self {
            out,
            columns,
            line,
            text,
            disarms,
        } = self;
        line.clear();
        each(tuple, columns, |number, value| {
            if number > 0 {
                line.push(b',');
            }
            match value {
                None => {}
                Some(Value::Text(value)) if *disarms && is_formula(value) => {
                    text.clear();
                    text.push('\'');
                    text.push_str(value);
                    quoted(line, text);
                }
                Some(Value::Text(value)) => quoted(line, value),
                Some(value) => {
                    text.clear();
                    write_value(text, &value);
                    quoted(line, text);
                }
            }
            anyhow::Ok(())
        })?;
        line.push(b'\n');
        Ok(out.write_all(line)?)
    }

    fn finish(self: Box<Self>) -> anyhow::Result<()> {
        Ok(self.out.finish()?)
    }
}

/// Whether a spreadsheet may compute it.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A field, in quotes where it needs them.
fn quoted(line: &mut Vec<u8>, text: &str) {
    let plain = !text.is_empty() && memchr::memchr3(b',', b'"', b'\n', text.as_bytes()).is_none();
    if plain && !text.contains('\r') {
        line.extend_from_slice(text.as_bytes());
        return;
    }
    line.push(b'"');
    for (number, part) in text.split('"').enumerate() {
        if number > 0 {
            line.extend_from_slice(b"\"\"");
        }
        line.extend_from_slice(part.as_bytes());
    }
    line.push(b'"');
}

/// The text of a value, as CSV has it before it is quoted.
fn write_value(text: &mut String, value: &Value<'_>) {
    let written = match value {
        Value::Bool(value) => write!(text, "{value}"),
        Value::Int(value) => write!(text, "{value}"),
        Value::Real(value) => write!(text, "{value}"),
        Value::Text(value) => write!(text, "{value}"),
        Value::Uuid(value) => write!(text, "{value}"),
        Value::Moment(value) => write!(text, "{}", value.timestamp()),
        Value::Date(days) => write!(text, "{}", date(*days)),
        Value::Time(us) => write!(text, "{}", time(*us)),
        Value::Texts(values) => write!(text, "{}", serde_json::json!(values)),
        Value::Longs(values) => write!(text, "{}", serde_json::json!(values)),
        Value::Uuids(values) => {
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            write!(text, "{}", serde_json::json!(values))
        }
    };
    written.expect("writing to memory cannot fail");
}

/// Days since 1970-01-01 as a date; the nearest one that there is.
pub(super) fn date(days: i32) -> Date {
    Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(days))
}

/// Microseconds since midnight as `HH:MM:SS`.
pub(super) fn time(us: i64) -> String {
    let seconds = us / 1_000_000;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_break_a_line_is_quoted() {
        let of = |text: &str| {
            let mut line = Vec::new();
            quoted(&mut line, text);
            String::from_utf8(line).expect("it is text")
        };
        assert_eq!(of("plain"), "plain");
        assert_eq!(of("a,b"), "\"a,b\"");
        assert_eq!(of("say \"x\"\r"), "\"say \"\"x\"\"\r\"");
        assert_eq!(of(""), "\"\"");
    }

    #[test]
    fn values_are_written_as_other_tools_read_them() {
        let of = |value| {
            let mut text = String::new();
            write_value(&mut text, &value);
            text
        };
        assert_eq!(of(Value::Date(20_780)), "2026-11-23");
        assert_eq!(of(Value::Time(27_000_000_000)), "07:30:00");
        assert_eq!(of(Value::Real(0.95)), "0.95");
        assert_eq!(of(Value::Texts(vec!["a", "b \"c\""])), r#"["a","b \"c\""]"#);
        assert_eq!(of(Value::Longs(vec![1, 22])), "[1,22]");
        assert_eq!(
            of(Value::Uuids(vec![uuid::Uuid::nil()])),
            r#"["00000000-0000-0000-0000-000000000000"]"#
        );
        let moment = smartetl_core::model::Moment(1_795_420_800_250_000);
        assert_eq!(of(Value::Moment(moment)), "2026-11-23T08:00:00.25Z");
    }
}
