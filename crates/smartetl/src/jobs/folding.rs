//! Gathered rows become encoded runs: parts side by side, then the trees with an open run.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use smartetl_core::fuse::{Fold, Folded, PARTS, Run};
use tokio::task::JoinSet;

use super::scratch::{ScratchFile, Shelf};
use super::seen::SeenJobs;
use super::spill::Gathered;
use super::spool::{Clocks, Spool};

/// Rows of trees with an open run wait in a file above this size.
const OPEN_BYTES: usize = 16 << 20;
/// The same of trees that errors of other trees may belong to, and of these errors.
const APART_BYTES: usize = 8 << 20;
const NO_ROOM: &str = "cannot keep rows or runs that wait on their way to the database";
const CRASHED: &str = "the folding of rows came to an unexpected end";

/// A fold whose parts are folded.
pub(super) struct Folding {
    pub(super) fold: Fold,
    pub(super) runs: Runs,
    /// Rows of trees with an open run, by part.
    open: Shelf,
    clocks: Clocks,
}

/// What became of the rows.
pub(super) struct Runs {
    pub(super) spool: Spool,
    pub(super) jobs: SeenJobs,
}

impl Folding {
    /// Folds all parts, as many at a time as there are cores. Trees with an open run wait for [`Folding::open_trees`].
    /// `folder`: where files may be made.
    ///
    /// # Errors
    /// When a scratch file cannot be read or written.
    pub(super) async fn of(
        mut gathered: Gathered,
        clocks: Clocks,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        gathered.make_room_for_fold().context(NO_ROOM)?;
        let Gathered {
            rows,
            moved,
            moved_elsewhere,
            ..
        } = gathered;
        let calendar = rows.calendar().clone();
        let work = Arc::new(Work {
            fold: Fold::new(rows, clocks.as_of),
            moved: std::iter::once(moved).chain(moved_elsewhere).collect(),
            clocks,
            next: AtomicUsize::new(0),
            done: Mutex::new(Ok(Done {
                runs: Runs {
                    spool: Spool::new(folder, calendar),
                    jobs: SeenJobs::default(),
                },
                open: Shelf::new(folder, PARTS, OPEN_BYTES),
                apart: Shelf::new(folder, PARTS, APART_BYTES),
                adrift: Shelf::new(folder, PARTS, APART_BYTES),
                folded: Vec::with_capacity(PARTS),
            })),
        });
        // These are the threads that read files before: the allocator gives them the memory again that rows took there.
        let mut threads = JoinSet::new();
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let work = Arc::clone(&work);
            threads.spawn_blocking(move || work.fold_parts());
        }
        while let Some(ended) = threads.join_next().await {
            ended.context(CRASHED)?;
        }
        let Work { mut fold, done, .. } = Arc::into_inner(work).context(CRASHED)?;
        let Done {
            runs,
            open,
            apart,
            adrift,
            folded,
        } = done
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .context(NO_ROOM)?;
        folded.into_iter().for_each(|folded| fold.absorb(folded));
        let mut folding = Self {
            fold,
            runs,
            open,
            clocks,
        };
        folding.settle(apart, adrift).context(NO_ROOM)?;
        Ok(folding)
    }

    /// Errors that name no tree come to their runs, and the trees that waited for them are folded.
    fn settle(&mut self, mut apart: Shelf, adrift: Shelf) -> io::Result<()> {
        let mut bytes = Vec::new();
        for part in 0..PARTS {
            bytes.clear();
            adrift.read(part, &mut bytes)?;
            self.fold
                .settle(&bytes, |part, bytes| apart.append(part, bytes))?;
        }
        let clocks = self.clocks;
        for part in 0..PARTS {
            bytes.clear();
            apart.read(part, &mut bytes)?;
            let (mut tuples, mut encoded) = (Vec::new(), Vec::new());
            let Runs { spool, jobs } = &mut self.runs;
            let mut folded = self.fold.settled(&bytes, &mut |run| {
                encoded.push(clocks.encode(run, &mut tuples));
                jobs.see(run);
            });
            spool.take(&tuples, &encoded)?;
            self.open.append(part, &std::mem::take(&mut folded.open))?;
            self.fold.absorb(folded);
        }
        Ok(())
    }

    /// Judges the trees with an open run. To be called when the fold knows everything besides its rows.
    ///
    /// # Errors
    /// When a scratch file cannot be read or written.
    pub(super) fn open_trees(&mut self) -> anyhow::Result<()> {
        let clocks = self.clocks;
        let Runs { spool, jobs } = &mut self.runs;
        for part in 0..PARTS {
            let mut open = Vec::new();
            self.open.read(part, &mut open).context(NO_ROOM)?;
            let (mut tuples, mut encoded) = (Vec::new(), Vec::new());
            self.fold.open_trees(&open, &mut |run| {
                encoded.push(clocks.encode(run, &mut tuples));
                jobs.see(run);
            });
            spool.take(&tuples, &encoded).context(NO_ROOM)?;
        }
        Ok(())
    }
}

/// What the folding threads share.
struct Work {
    fold: Fold,
    /// Rows that were moved away, by part: of each gathering.
    moved: Vec<ScratchFile>,
    clocks: Clocks,
    next: AtomicUsize,
    done: Mutex<io::Result<Done>>,
}

struct Done {
    runs: Runs,
    open: Shelf,
    /// Of trees that errors of other trees may belong to.
    apart: Shelf,
    /// Such errors.
    adrift: Shelf,
    folded: Vec<Folded>,
}

impl Work {
    /// Folds parts until there are no more, or one fails.
    fn fold_parts(&self) {
        loop {
            let part = self.next.fetch_add(1, Ordering::Relaxed);
            if part >= PARTS {
                return;
            }
            if let Err(error) = self.fold_part(part) {
                *self.done.lock().unwrap_or_else(PoisonError::into_inner) = Err(error);
                return;
            }
        }
    }

    /// Folds one part and hands over what it gave.
    fn fold_part(&self, part: usize) -> io::Result<()> {
        let mut spilled = vec![Vec::new(); self.moved.len()];
        for (moved, spilled) in self.moved.iter().zip(&mut spilled) {
            moved.read(part, spilled)?;
        }
        let (mut tuples, mut encoded, mut seen) = (Vec::new(), Vec::new(), SeenJobs::default());
        let mut folded = self.fold.part(part, &spilled, &mut |run: &Run<'_>| {
            encoded.push(self.clocks.encode(run, &mut tuples));
            seen.see(run);
        });
        let [open, apart, adrift] =
            [&mut folded.open, &mut folded.apart, &mut folded.adrift].map(std::mem::take);
        if let Ok(done) = &mut *self.done.lock().unwrap_or_else(PoisonError::into_inner) {
            done.runs.spool.take(&tuples, &encoded)?;
            done.runs.jobs.merge(seen);
            done.open.append(part, &open)?;
            done.apart.append(part, &apart)?;
            done.adrift.append(part, &adrift)?;
            done.folded.push(folded);
        }
        Ok(())
    }
}
