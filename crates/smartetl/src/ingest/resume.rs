//! Where reading goes on in a source whose content is known: behind what was read, or before its last record, when that
//! was taken although its line had no end and now goes on.

use std::fs::File;

use smartetl_core::model::{ErrorRow, LogRow, Reject, RowSink};
use smartetl_formats::{AtEnd, Extractor, Position, Settings};
use smartetl_store::checkpoint::{Advance, Checkpoint};
use smartetl_store::stream;
use smartetl_store::take_back::{LastBatch, last_batch, take_back};
use sqlx::PgConnection;

use super::content::{self, ContentRead, Reading};
use super::identity::{Arrival, Decision, Start, Trouble, stored_reading};

/// Content that is known up to the checkpoint.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) checkpoint: Checkpoint,
    pub(super) read: ContentRead,
    /// The byte behind the checkpoint, if there is one.
    pub(super) next: Option<u8>,
}

/// Decides where to go on. The caller holds the lineage's lock.
///
/// # Errors
/// When the file cannot be read, or the server is gone.
pub(super) async fn resume(
    connection: &mut PgConnection,
    file: &File,
    reading: Reading,
    settings: Settings,
    known: Known,
    arrival: Arrival,
) -> anyhow::Result<Decision> {
    let Known {
        checkpoint,
        read,
        next,
    } = known;
    let mut start = Start {
        lineage: checkpoint.lineage,
        position: Position {
            record: checkpoint.next_record,
            byte: checkpoint.next_byte as u64,
            line: checkpoint.next_line,
        },
        reading,
        settings,
        read,
        arrival,
        head: (
            checkpoint.head_length as usize,
            checkpoint.head_hash.clone(),
        ),
    };
    let Some(next) = next.filter(|_| checkpoint.unterminated) else {
        return Ok(Decision::Read(Box::new(start)));
    };
    if stream::of_lineage(connection, checkpoint.lineage)
        .await?
        .is_some()
    {
        // What was sent cannot be taken back; a line that only gets its end is what it was.
        return Ok(match next {
            b'\n' | b'\r' => Decision::Read(Box::new(start)),
            _ => Decision::Trouble(Trouble::LineGoesOn),
        });
    }
    let Some(last) = last_batch(connection, checkpoint.lineage).await? else {
        return Ok(Decision::Trouble(Trouble::LineGoesOn));
    };
    // A line that only gets its end is what it was. A rejected one may have an open quote, which goes on over line ends.
    if matches!(next, b'\n' | b'\r') && last.rejects == 0 {
        return Ok(Decision::Read(Box::new(start)));
    }
    let beginning = content::prefix(file, &start.reading.plan, checkpoint.next_byte as u64)?;
    if Some(beginning.read.hash.digest()) != checkpoint.content_hash {
        return Ok(Decision::Trouble(Trouble::Rewritten));
    }
    let Some((position, read)) = read_again(file, &start, &last)? else {
        return Ok(Decision::Trouble(Trouble::LineGoesOn));
    };
    let back = read.advance(checkpoint.lineage, checkpoint.next_record, position, false);
    take_back(connection, last.batch, &back).await?;
    start.position = position;
    start.read = read;
    start.arrival = Arrival::Reopened;
    Ok(Decision::Read(Box::new(start)))
}

/// Where the batch began, and what stands before it; `None` where reading gives other records than then.
fn read_again(
    file: &File,
    start: &Start,
    batch: &LastBatch,
) -> anyhow::Result<Option<(Position, ContentRead)>> {
    let (at, read) = read_up_to(file, &start.reading, &start.settings, batch.first_record)?;
    let there = at.record == batch.first_record
        && at.line == batch.first_line
        && batch.first_record + batch.records == start.position.record;
    Ok(there.then_some((at, read)))
}

/// Reads to before this record; says where it came to stand, and what stands before.
///
/// # Errors
/// When the file cannot be read so far.
pub(super) fn read_up_to(
    file: &File,
    reading: &Reading,
    settings: &Settings,
    record: i64,
) -> anyhow::Result<(Position, ContentRead)> {
    let mut at = Position::START;
    let mut read = ContentRead::default();
    if record > 0 {
        let mut extractor = Extractor::open(file, &reading.plan, settings, at, AtEnd::Leave)?;
        while at.record < record {
            let Some(step) = extractor.step(&mut Nowhere)? else {
                break;
            };
            read.append(step.raw);
            at = step.position;
        }
    }
    Ok((at, read))
}

/// The beginning of a batch that stands behind others of its source.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    pub record: i64,
    pub line: i64,
}

impl Before {
    /// The way of the checkpoint back to there; `None` where the file does not read as it did up to the checkpoint.
    ///
    /// # Errors
    /// When the file cannot be read, or how it was read is of no use to this version.
    pub fn advance(
        self,
        file: &File,
        path: &str,
        known: &Checkpoint,
    ) -> anyhow::Result<Option<Advance>> {
        let reading = stored_reading(known)?;
        let whole = content::prefix(file, &reading.plan, known.next_byte as u64)?;
        if Some(whole.read.hash.digest()) != known.content_hash {
            return Ok(None);
        }
        let settings = reading.settings(path)?;
        let (at, read) = read_up_to(file, &reading, &settings, self.record)?;
        let there = at.record == self.record && at.line == self.line;
        Ok(there.then(|| read.advance(known.lineage, known.next_record, at, false)))
    }
}

/// These rows are stored already.
struct Nowhere;

impl RowSink for Nowhere {
    fn log(&mut self, _: &LogRow<'_>) {}
    fn error(&mut self, _: &ErrorRow<'_>) {}
    fn reject(&mut self, _: &Reject<'_>) {}
}
