//! Rows that wait for the fold: in memory while they are few, in a file without a name when they are many.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use smartetl_core::classify;
use smartetl_core::fuse::{ErrorClass, FuseConfig, PARTS, Rows, Survey};
use smartetl_core::model::{ErrorRow, LogRow};
use smartetl_store::copy::ErrorFacts;
use smartetl_store::fusion::StoredRows;

use super::scratch::ScratchFile;

/// Packed rows above this size are moved to the file.
const MEMORY_BYTES: usize = 24 << 20;

/// Rows of some batches, gathered for a fuse.
#[derive(Debug)]
pub struct Gathered {
    pub(super) rows: Rows,
    pub(super) batches: BTreeSet<i64>,
    /// What was moved away, by part.
    pub(super) moved: ScratchFile,
    /// The same of gatherings that were joined to this one.
    pub(super) moved_elsewhere: Vec<ScratchFile>,
}

impl Gathered {
    /// `folder`: where files may be made.
    pub fn new(config: FuseConfig, folder: &Path) -> Self {
        Self {
            rows: Rows::new(config),
            batches: BTreeSet::new(),
            moved: ScratchFile::new(folder, PARTS),
            moved_elsewhere: Vec::new(),
        }
    }

    /// Takes over what was gathered elsewhere with the same configuration.
    ///
    /// # Errors
    /// When a scratch file cannot be written.
    pub fn join(&mut self, mut other: Self) -> io::Result<()> {
        other.make_room_for_fold()?;
        self.rows.join(other.rows);
        self.batches.extend(other.batches);
        self.moved_elsewhere.push(other.moved);
        Ok(())
    }

    pub fn rows(&mut self) -> &mut Rows {
        &mut self.rows
    }

    /// Says that all rows of a batch were gathered and that they are committed.
    pub fn complete(&mut self, batch: i64) {
        self.batches.insert(batch);
    }

    /// Moves rows to the file if they are many.
    ///
    /// # Errors
    /// When the file cannot be written: the disk may be full.
    pub fn make_room(&mut self) -> io::Result<()> {
        self.hold_less_than(MEMORY_BYTES).map(drop)
    }

    /// Moves rows to the file if they take so many bytes; how many they take then.
    ///
    /// # Errors
    /// When the file cannot be written: the disk may be full.
    pub fn hold_less_than(&mut self, bytes: usize) -> io::Result<usize> {
        if self.rows.packed_bytes() >= bytes {
            self.move_away()?;
        }
        Ok(self.rows.packed_bytes())
    }

    /// Moves the rest too if rows were moved before: folding needs the memory.
    pub(super) fn make_room_for_fold(&mut self) -> io::Result<()> {
        if self.moved.is_empty() {
            return Ok(());
        }
        self.move_away()
    }

    /// What the rows say that may concern trees besides their own; `below`: also which runs stand below a root.
    ///
    /// # Errors
    /// When a scratch file cannot be read.
    pub(super) fn survey(&self, below: bool) -> io::Result<Survey> {
        let mut survey = Survey {
            below: below.then(Vec::new),
            ..Survey::default()
        };
        for part in 0..PARTS {
            let moved = std::iter::once(&self.moved).chain(&self.moved_elsewhere);
            let mut spilled = vec![Vec::new(); moved.clone().count()];
            for (moved, spilled) in moved.zip(&mut spilled) {
                moved.read(part, spilled)?;
            }
            self.rows.survey(part, &spilled, &mut survey);
        }
        Ok(survey)
    }

    fn move_away(&mut self) -> io::Result<()> {
        let Self { rows, moved, .. } = self;
        rows.spill(|part, bytes| moved.append(part, bytes))
    }
}

impl StoredRows for Gathered {
    fn log(&mut self, batch: i64, row: &LogRow<'_>) {
        self.rows.log(batch, row);
    }

    fn error(&mut self, batch: i64, row: &ErrorRow<'_>, facts: &ErrorFacts<'_>) {
        self.rows.error(batch, row, &class_of(facts));
    }

    fn breathe(&mut self) -> io::Result<()> {
        self.make_room()
    }
}

/// What the fold needs of the facts of an error.
pub fn class_of(facts: &ErrorFacts<'_>) -> ErrorClass {
    ErrorClass {
        signature: facts.signature,
        category: facts.category,
        wrapper: classify::is_wrapper(facts.rule),
        blame: facts.blame,
        retryable: facts.retryable,
    }
}
