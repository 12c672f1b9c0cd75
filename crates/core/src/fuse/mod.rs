//! Rows become runs: `dataset = fold(log, logerreur, configuration, as_of)`, as `doc/fusion.md` defines it.
//!
//! [`Rows`] takes rows in any order, [`Fold`] turns them into runs part by part, then judges the runs that have no end;
//! [`Days`] looks at whole days. Nothing here depends on the order of arrival, on batches or on the clock. What grows with the
//! rows can be taken away in between and come back part by part, day by day.

mod adrift;
mod causes;
mod config;
mod days;
mod facts;
mod fold;
mod heads;
mod interner;
mod part;
mod piece;
mod rows;
mod run;
mod steps;
mod tree;

pub use adrift::{Adrift, AdriftRun, Survey};
pub use config::{DEFAULT_BORDER_MINUTES, FuseConfig, TriggerEvidence, UNMAPPED, Vocabulary};
pub use days::{DayRun, Days, DaysOut, TriggerChange};
pub use fold::{Fold, Folded, JobKey, TREE_INFERRED};
pub use heads::{CUT_JOB_CHARS, job_hash, tree_hash};
pub use piece::GLOBAL_RUN_IDS;
pub use rows::{Corrections, ErrorClass, JobBeginning, PARTS, Rows};
pub use run::{DayCause, JobDay, Run, RunCause, TriggerOf};

use std::convert::Infallible;

use crate::model::Moment;

/// Folds everything in memory: what is left of [`Fold`] when no database stands behind it.
/// Calls `emit` once for each run; the triggers of [`DaysOut`] are in the order of these calls.
pub fn fold_all(rows: Rows, as_of: Moment, mut emit: impl FnMut(&Run<'_>)) -> DaysOut {
    let calendar = rows.calendar().clone();
    let mut days = Days::default();
    let mut emit = |run: &Run<'_>| {
        days.new_run(DayRun::of(run));
        emit(run);
    };
    let mut fold = Fold::new(rows, as_of);
    let (mut open, mut apart, mut adrift) = (Vec::new(), vec![Vec::new(); PARTS], Vec::new());
    for (part, apart) in apart.iter_mut().enumerate() {
        let mut folded = fold.part(part, &[], &mut emit);
        open.push(std::mem::take(&mut folded.open));
        *apart = std::mem::take(&mut folded.apart);
        adrift.append(&mut folded.adrift);
        fold.absorb(folded);
    }
    let Ok(()) = fold.settle(&adrift, |part, bytes| {
        apart[part].extend_from_slice(bytes);
        Ok::<(), Infallible>(())
    });
    for apart in apart {
        let mut folded = fold.settled(&apart, &mut emit);
        open.push(std::mem::take(&mut folded.open));
        fold.absorb(folded);
    }
    for open in open {
        fold.open_trees(&open, &mut emit);
    }
    days.finish(&calendar)
}
