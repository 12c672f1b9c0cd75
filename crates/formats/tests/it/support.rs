//! What the tests of this crate share: a sink that writes rows down as text, and ways to read bytes.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Cursor, Read, Write as _};
use std::path::PathBuf;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use smartetl_core::model::{ErrorRow, LogRow, Reject, RejectReason, RowSink};
use smartetl_formats::container::{
    ContainerError, Content, Encoding, Item, JsonlSettings, Limits, take_sample,
};
use smartetl_formats::{AtEnd, Extractor, FormatError, Outcome, Plan, Position, Settings};

/// Writes rows down, one line each, only with what is there.
#[derive(Debug, Default, PartialEq)]
pub struct Rows {
    pub lines: Vec<String>,
    pub logs: u32,
    pub errors: u32,
    pub rejects: u32,
}

/// `name=value` for what is there.
macro_rules! put {
    ($line:ident, $row:ident: $($field:ident),+) => {
        $(if let Some(value) = &$row.$field {
            write!($line, " {}={value}", stringify!($field)).expect("writing to a String does not fail");
        })+
    };
}

impl RowSink for Rows {
    fn log(&mut self, row: &LogRow<'_>) {
        let mut line = format!("{}.{} log {} {}", row.line, row.seq, row.moment, row.event);
        if row.moment_ambiguous {
            line.push_str(" ambiguous");
        }
        write!(line, " {} {}", row.system, row.job).expect("writing to a String does not fail");
        put!(line, row: status, step, attempt, map_index, duration_reported_ms, label, count, rows_in, rows_out, rows_rejected,
            message, environment, host, project, job_id, job_version, context);
        write!(line, " run={}", row.run_id).expect("writing to a String does not fail");
        put!(line, row: parent_run_id);
        write!(line, " root={}", row.root_run_id).expect("writing to a String does not fail");
        self.lines.push(line);
        self.logs += 1;
    }

    fn error(&mut self, row: &ErrorRow<'_>) {
        let mut line = format!(
            "{}.{} error {} {}",
            row.line, row.seq, row.moment, row.severity
        );
        if row.moment_ambiguous {
            line.push_str(" ambiguous");
        }
        write!(line, " {} {}", row.system, row.job).expect("writing to a String does not fail");
        put!(line, row: step, attempt, map_index, error_type, error_code, code_scheme, environment, host, project, context);
        write!(line, " run={}", row.run_id).expect("writing to a String does not fail");
        put!(line, row: parent_run_id);
        write!(line, " root={}", row.root_run_id).expect("writing to a String does not fail");
        if row.message_truncated {
            line.push_str(" truncated");
        }
        write!(line, " message={:?}", row.message).expect("writing to a String does not fail");
        put!(line, row: stack);
        self.lines.push(line);
        self.errors += 1;
    }

    fn reject(&mut self, reject: &Reject<'_>) {
        self.lines.push(format!(
            "{} reject {} {} ({}): {:?}",
            reject.line,
            reject.reason,
            reject.column.unwrap_or("-"),
            reject.detail,
            reject.raw
        ));
        self.rejects += 1;
    }
}

/// All that reading a source gave.
#[derive(Debug)]
pub struct Reading {
    pub rows: Rows,
    /// Rows, rejects, silent records.
    pub with_rows: u32,
    pub rejected: u32,
    pub silent: u32,
    /// The content bytes of all steps together.
    pub raw: Vec<u8>,
    /// Behind each record.
    pub positions: Vec<Position>,
    /// How many lines of `rows` there were behind each record.
    pub lines_at: Vec<usize>,
    pub end: Position,
    pub error: Option<String>,
}

impl Reading {
    pub fn records(&self) -> u32 {
        self.with_rows + self.rejected + self.silent
    }
}

/// Reads to the end.
pub fn drain(mut extractor: Extractor) -> Reading {
    let mut reading = Reading {
        rows: Rows::default(),
        with_rows: 0,
        rejected: 0,
        silent: 0,
        raw: Vec::new(),
        positions: Vec::new(),
        lines_at: Vec::new(),
        end: extractor.position(),
        error: None,
    };
    loop {
        match extractor.step(&mut reading.rows) {
            Ok(Some(step)) => {
                match step.outcome {
                    Some(Outcome::Rows(_)) => reading.with_rows += 1,
                    Some(Outcome::Rejected) => reading.rejected += 1,
                    Some(Outcome::Silent) => reading.silent += 1,
                    None => {}
                }
                reading.raw.extend_from_slice(step.raw);
                reading.positions.push(step.position);
                reading.lines_at.push(reading.rows.lines.len());
            }
            Ok(None) => break,
            Err(error) => {
                reading.error = Some(error.to_string());
                break;
            }
        }
    }
    reading.end = extractor.position();
    reading
}

pub fn paris() -> Settings {
    Settings {
        timezone: TimeZone::get("Europe/Paris").expect("the zone exists"),
        ..Settings::default()
    }
}

/// Bytes in, plan out, as for a text file.
pub fn plan_of(bytes: &[u8], settings: &Settings) -> Result<Plan, FormatError> {
    let mut content = Content::open(Cursor::new(bytes.to_vec()), settings.overrides.encoding)
        .expect("memory can be opened");
    let utf_16 = content.utf_16();
    let (sample, complete) = take_sample(&mut content)
        .map_err(|error| ContainerError::stopped(error, Position::START))?;
    Plan::of_text(&sample, complete, utf_16, settings)
}

/// Reads bytes as a text file of a known plan, from a position.
pub fn read_text(
    bytes: &[u8],
    plan: &Plan,
    settings: &Settings,
    start: Position,
    at_end: AtEnd,
) -> Reading {
    let mut content = Content::open(Cursor::new(bytes.to_vec()), settings.overrides.encoding)
        .expect("memory can be opened");
    content.skip(start.byte).expect("the position is inside");
    drain(Extractor::over_text(content, plan, settings, start, at_end).expect("the plan fits"))
}

/// Plan and rows of bytes.
pub fn read_all(bytes: &[u8], settings: &Settings) -> (Plan, Reading) {
    let plan = plan_of(bytes, settings).expect("the source is recognised");
    let reading = read_text(bytes, &plan, settings, Position::START, AtEnd::Take);
    (plan, reading)
}

/// Plan and rows of a file.
pub fn read_file(file: &File, settings: &Settings) -> Result<(Plan, Reading), FormatError> {
    let plan = Plan::examine(file, settings)?;
    let extractor = Extractor::open(file, &plan, settings, Position::START, AtEnd::Take)?;
    Ok((plan, drain(extractor)))
}

pub fn temporary(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("it can be written");
    file
}

pub fn fixture(name: &str) -> Vec<u8> {
    let path = fixtures().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Gives bytes in pieces of these sizes, over and over.
pub struct Pieces {
    pub bytes: Cursor<Vec<u8>>,
    pub sizes: Vec<usize>,
    pub next: usize,
}

impl Pieces {
    /// Content from a position on.
    pub fn of(content: &[u8], start: Position, sizes: Vec<usize>) -> Self {
        Self {
            bytes: Cursor::new(content[start.byte as usize..].to_vec()),
            sizes,
            next: 0,
        }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.sizes[self.next % self.sizes.len()].min(buffer.len());
        self.next += 1;
        self.bytes.read(&mut buffer[..size])
    }
}

/// A record or its reject: line, fields or reason, raw bytes, the position behind.
pub type Piece = (i64, Result<String, RejectReason>, Vec<u8>, Position);

/// How objects are read a few bytes at a time.
pub fn in_small_blocks(record_bytes: usize) -> (JsonlSettings, Limits) {
    let settings = JsonlSettings {
        encoding: Encoding::UTF_8,
        encoding_guessed: true,
    };
    let limits = Limits {
        record_bytes,
        block_bytes: 16,
        ..Limits::default()
    };
    (settings, limits)
}

/// What a reader handed out, with its first `columns` fields.
pub fn piece((item, position): (Item<'_>, Position), columns: usize) -> Piece {
    match item {
        Item::Record(record) => {
            let fields: Vec<_> = (0..columns)
                .map(|column| record.get(column).unwrap_or("-"))
                .collect();
            (
                record.line,
                Ok(fields.join("|")),
                record.raw.to_vec(),
                position,
            )
        }
        Item::Damaged(damage) => (
            damage.line,
            Err(damage.reason),
            damage.raw.to_vec(),
            position,
        ),
        Item::Blank { raw } => panic!("{} blank bytes are no long stretch", raw.len()),
    }
}

/// Records are the same in whatever pieces content comes, wherever reading begins, and as far as content is cut; gives the
/// bytes of all of them.
pub fn independent_of_pieces(
    content: &[u8],
    sizes: Vec<usize>,
    pieces: impl Fn(&[u8], Position, AtEnd, Vec<usize>) -> Vec<Piece>,
) -> Result<Vec<u8>, TestCaseError> {
    let whole = pieces(content, Position::START, AtEnd::Take, vec![1 << 20]);
    prop_assert_eq!(
        &pieces(content, Position::START, AtEnd::Take, sizes),
        &whole
    );
    let raw: Vec<u8> = whole.iter().flat_map(|piece| piece.2.clone()).collect();
    prop_assert!(content.starts_with(&raw));
    for (number, piece) in whole.iter().enumerate() {
        let rest = pieces(content, piece.3, AtEnd::Take, vec![7]);
        prop_assert_eq!(&rest[..], &whole[number + 1..]);
    }
    for length in 0..content.len() {
        let cut = pieces(&content[..length], Position::START, AtEnd::Leave, vec![5]);
        prop_assert_eq!(&cut[..], &whole[..cut.len()], "cut at {}", length);
    }
    Ok(raw)
}
