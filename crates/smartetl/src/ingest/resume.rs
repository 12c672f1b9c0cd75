//! Where reading goes on in a source whose content is known: behind what was read, or before its last record, when that
//! was taken although its line had no end and now goes on.

use std::fs::File;

use smartetl_core::model::{ErrorRow, LogRow, Reject, RowSink};
use smartetl_formats::{AtEnd, Extractor, Position, Settings};
use smartetl_store::checkpoint::Checkpoint;
use smartetl_store::take_back::{LastBatch, last_batch, take_back};
use sqlx::PgConnection;

use super::content::{self, ContentRead, Reading};
use super::identity::{Arrival, Decision, Start, Trouble};

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
    };
    let Some(next) = next.filter(|_| checkpoint.unterminated) else {
        return Ok(Decision::Read(Box::new(start)));
    };
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
    let mut at = Position::START;
    let mut read = ContentRead::default();
    if batch.first_record > 0 {
        let plan = &start.reading.plan;
        let mut extractor = Extractor::open(file, plan, &start.settings, at, AtEnd::Leave)?;
        while at.record < batch.first_record {
            let Some(step) = extractor.step(&mut Nowhere)? else {
                break;
            };
            read.append(step.raw);
            at = step.position;
        }
    }
    let there = at.record == batch.first_record
        && at.line == batch.first_line
        && batch.first_record + batch.records == start.position.record;
    Ok(there.then_some((at, read)))
}

/// These rows are stored already.
struct Nowhere;

impl RowSink for Nowhere {
    fn log(&mut self, _: &LogRow<'_>) {}
    fn error(&mut self, _: &ErrorRow<'_>) {}
    fn reject(&mut self, _: &Reject<'_>) {}
}
