//! Reading one text with several readers at once: where each may begin.
//!
//! A line end can stand inside a quoted field, so a beginning in the middle is a guess. It is right when the reader before it
//! comes to stand exactly there: whoever uses the ranges must check that, and otherwise read on from where that one stands.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use smartetl_core::model::{ErrorRow, LogRow, Reject, RowSink};

use crate::container::{AtEnd, Compression, Content, Position, Shape};
use crate::dialect::{Outcome, Settings};
use crate::error::FormatError;
use crate::extract::{Extractor, Plan};

/// A range is not smaller, in bytes.
const LEAST_BYTES: u64 = 1 << 20;
/// So many lines are tried as the beginning of a range.
const TRIED_LINES: usize = 1_000;
/// How much is searched for line ends at a time.
const BLOCK_BYTES: usize = 64 * 1024;

/// The places where up to `count` readers may begin, the first at the start. Only one where the text is packed, transcoded or
/// small, for a JSON document, or for Parquet. Records and lines of the others count from their beginning.
///
/// # Errors
/// When the file cannot be read.
pub fn beginnings(
    file: &File,
    plan: &Plan,
    settings: &Settings,
    count: usize,
) -> Result<Vec<Position>, FormatError> {
    let failed = |source| FormatError::Io {
        path: settings.path.clone(),
        source,
    };
    let mut found = vec![Position::START];
    let size = file.metadata().map_err(failed)?.len();
    let count = (count as u64).min(size / LEAST_BYTES);
    if count < 2 || !is_plain(file, plan).map_err(failed)? {
        return Ok(found);
    }
    for number in 1..count {
        let wanted = size / count * number;
        if let Some(begin) = record_after(file, plan, settings, wanted).map_err(failed)?
            && found.last().is_some_and(|last| last.byte < begin.byte)
        {
            found.push(begin);
        }
    }
    Ok(found)
}

/// Whether bytes of the file are bytes of the content, whose records stand on lines of their own.
fn is_plain(file: &File, plan: &Plan) -> std::io::Result<bool> {
    let encoding = match &plan.shape {
        Shape::Csv(csv) => csv.encoding,
        Shape::Jsonl(lines) => lines.encoding,
        Shape::Json(_) | Shape::Parquet => return Ok(false),
    };
    let mut file = file.try_clone()?;
    file.rewind()?;
    let content = Content::open(file, Some(encoding))?;
    Ok(content.compression() == Compression::Plain && content.utf_16().is_none())
}

/// The first line behind `byte` that reads as a good record.
fn record_after(
    file: &File,
    plan: &Plan,
    settings: &Settings,
    byte: u64,
) -> std::io::Result<Option<Position>> {
    let mut block = vec![0; BLOCK_BYTES];
    let mut at = byte;
    let mut tried = 0;
    while tried < TRIED_LINES {
        let mut text = file.try_clone()?;
        text.seek(SeekFrom::Start(at))?;
        let length = text.read(&mut block)?;
        if length == 0 {
            return Ok(None);
        }
        for line_end in memchr::memchr_iter(b'\n', &block[..length]) {
            let begin = Position {
                byte: at + line_end as u64 + 1,
                ..Position::START
            };
            tried += 1;
            if gives_rows(file, plan, settings, begin) {
                return Ok(Some(begin));
            }
        }
        at += length as u64;
    }
    Ok(None)
}

fn gives_rows(file: &File, plan: &Plan, settings: &Settings, begin: Position) -> bool {
    let first = Extractor::open(file, plan, settings, begin, AtEnd::Take)
        .map(|mut extractor| matches!(extractor.step(&mut Nowhere), Ok(Some(step)) if matches!(step.outcome, Some(Outcome::Rows(_)))));
    first.unwrap_or(false)
}

/// Forgets what it is given.
struct Nowhere;

impl RowSink for Nowhere {
    fn log(&mut self, _: &LogRow<'_>) {}

    fn error(&mut self, _: &ErrorRow<'_>) {}

    fn reject(&mut self, _: &Reject<'_>) {}
}
