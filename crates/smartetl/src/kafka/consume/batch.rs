//! A batch of messages in the making: rows by lineage, how far each partition comes, the highest record of each stream.

use std::collections::BTreeMap;
use std::time::Instant;

use hashbrown::HashMap;
use smartetl_core::model::{Reject, RowSink as _};
use smartetl_formats::Outcome;
use smartetl_formats::envelope::{self, Unreadable};
use smartetl_store::ledger::{EncodedRows, LedgerLine};
use smartetl_store::stream::{High, Partition};
use uuid::Uuid;

use super::dead::DeadLetter;
use super::foreign::Foreign;
use crate::ingest::{BatchBuilder, Gathering};

/// So much of a message that cannot become rows is kept as its raw text, bytes.
const RAW_BYTES: usize = 64 * 1024;

/// So much of what is said about it, bytes.
const DETAIL_BYTES: usize = 1024;

/// How far a partition comes with a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) topic: String,
    pub(super) partition: i32,
    pub(super) from: i64,
    pub(super) next: i64,
}

/// The rows of one lineage that came by one partition.
struct Group {
    builder: BatchBuilder,
    partition: Partition,
    dialect: String,
    first_record: i64,
}

/// What one transaction will store.
#[derive(Default)]
pub(super) struct Batch {
    groups: HashMap<(i64, i64), Group>,
    /// By the lineage of the partition, so that all transactions lock in one order.
    pub(super) moves: BTreeMap<i64, Move>,
    highs: HashMap<(Uuid, i64), i64>,
    pub(super) dead: Vec<DeadLetter>,
    pub(super) messages: usize,
    pub(super) bytes: usize,
    pub(super) opened: Option<Instant>,
}

/// A batch in the form in which it is stored.
pub(super) struct Closed {
    pub(super) rows: EncodedRows,
    pub(super) lines: Vec<LedgerLine>,
    pub(super) highs: Vec<High>,
    pub(super) moves: BTreeMap<i64, Move>,
    pub(super) dead: Vec<DeadLetter>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.moves.is_empty()
    }

    /// Whether another batch number is needed for rows of this lineage.
    pub(super) fn lacks(&self, lineage: i64, partition: Partition) -> bool {
        !self.groups.contains_key(&(lineage, partition.lineage))
    }

    /// Begins the rows of a lineage that come by a partition.
    pub(super) fn begin(
        &mut self,
        (lineage, partition): (i64, Partition),
        number: i64,
        dialect: &str,
        first_record: i64,
    ) {
        let group = Group {
            builder: BatchBuilder::new(number, Gathering::new(None)),
            partition,
            dialect: dialect.to_owned(),
            first_record,
        };
        self.groups.insert((lineage, partition.lineage), group);
    }

    /// Takes the rows of a message; the lineage was begun.
    ///
    /// # Errors
    /// When it is no message: nothing of it is taken.
    pub(super) fn take(
        &mut self,
        lineage: i64,
        partition: i64,
        value: &[u8],
    ) -> Result<(), Unreadable> {
        let Some(group) = self.groups.get_mut(&(lineage, partition)) else {
            return Ok(());
        };
        let rows = envelope::read(value, &mut group.builder)?;
        group.builder.counts().note(Some(match rows {
            0 => Outcome::Rejected,
            rows => Outcome::Rows(rows),
        }));
        Ok(())
    }

    /// The same of a message that smartETL did not send.
    ///
    /// # Errors
    /// When it cannot become rows: nothing of it is taken.
    pub(super) fn take_foreign(
        &mut self,
        (lineage, partition): (i64, i64),
        value: &[u8],
        offset: i64,
        foreign: &mut Foreign,
    ) -> Result<(), Unreadable> {
        let Some(group) = self.groups.get_mut(&(lineage, partition)) else {
            return Ok(());
        };
        let outcome = foreign.read(value, offset, &mut group.builder)?;
        group.builder.counts().note(Some(outcome));
        Ok(())
    }

    /// Keeps why a message cannot become rows.
    pub(super) fn refuse(&mut self, partition: i64, mut letter: DeadLetter) {
        // It may repeat what was sent, at any length.
        letter
            .detail
            .truncate(letter.detail.floor_char_boundary(DETAIL_BYTES));
        if let Some(group) = self.groups.get_mut(&(partition, partition)) {
            let value = letter.value.as_deref().unwrap_or_default();
            let raw = String::from_utf8_lossy(&value[..value.len().min(RAW_BYTES)]);
            group.builder.reject(&Reject {
                line: letter.offset,
                column: None,
                reason: letter.reason,
                detail: &letter.detail,
                raw: &raw,
            });
            group.builder.counts().note(Some(Outcome::Rejected));
        }
        self.dead.push(letter);
    }

    /// The highest record of a stream in a partition is now this one.
    pub(super) fn raise(&mut self, stream: Uuid, partition: i64, record: i64) {
        self.highs.insert((stream, partition), record);
    }

    /// What is stored.
    pub(super) fn close(self, configuration_hash: i64) -> Closed {
        let mut rows = EncodedRows::default();
        let mut lines = Vec::with_capacity(self.groups.len());
        for ((lineage, _), mut group) in self.groups {
            let (batch, encoded, counts) = group.builder.finish(0);
            if counts.records == 0 {
                continue;
            }
            merge(&mut rows.log, encoded.log);
            merge(&mut rows.errors, encoded.errors);
            rows.rejects.extend(encoded.rejects);
            lines.push(LedgerLine {
                batch,
                source: group.partition.source,
                lineage,
                dialect: group.dialect,
                zone: "UTC".to_owned(),
                configuration_hash,
                first_record: group.first_record,
                first_line: 0,
                ..counts.ledger_line()
            });
        }
        let highs = self.highs.into_iter();
        Closed {
            rows,
            lines,
            highs: highs
                .map(|((stream, partition), record)| High {
                    stream,
                    partition,
                    record,
                })
                .collect(),
            moves: self.moves,
            dead: self.dead,
        }
    }
}

/// Appends tuples to those of the same month.
fn merge<M: PartialEq>(all: &mut Vec<(M, Vec<u8>)>, more: Vec<(M, Vec<u8>)>) {
    for (month, tuples) in more {
        match all.iter_mut().find(|(other, _)| *other == month) {
            Some((_, known)) => known.extend(tuples),
            None => all.push((month, tuples)),
        }
    }
}
