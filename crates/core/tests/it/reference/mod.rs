//! The fold as `doc/fusion.md` says it: one file per section, plain loops, nothing clever.
//!
//! It must never call the fold of the crate, nor share code with it: it takes from the crate only the vocabularies
//! and `Moment`. It is slow (most questions are answered by looking at all rows again) and meant to be read beside
//! the page of rules.

mod calendar;
mod section1;
mod section2;
mod section2_6;
mod section3;
mod section4;
mod section5;
mod section6;
mod section7;
mod section8;
mod section9;
mod types;

use smartetl_core::model::Moment;

use section3::Run;
pub use section9::Retired;
pub use types::{Config, DayOut, ErrorPart, Fused, InRow, LogPart, NULL, RunOut, What};

pub const SECOND: i64 = 1_000_000;
pub const HOUR: i64 = 3_600 * SECOND;
pub const DAY: i64 = 24 * HOUR;

/// `dataset` and `job_day` from all rows, in any order.
pub fn fold(rows: &[InRow], config: &Config, as_of: Moment) -> Fused {
    fold_beside(rows, config, as_of, &Retired::default())
}

/// The same where trees have retired: their runs with those that the rows fold to, and the days of both.
pub fn fold_beside(rows: &[InRow], config: &Config, as_of: Moment, retired: &Retired) -> Fused {
    let rows = retired.rows_that_count(rows, config);
    let mut runs = retired.beside(folded(&rows, config, as_of, retired));
    let days = section8::the_days(&mut runs, config);
    Fused {
        runs: runs.into_iter().map(|run| run.out).collect(),
        days,
    }
}

/// Sections 1 to 7, of rows that count.
fn folded(rows: &[InRow], config: &Config, as_of: Moment, retired: &Retired) -> Vec<Run> {
    let rows = section1::what_each_row_says(rows, config);
    let taken = retired.keys();
    let rows = section2_6::errors_that_name_no_tree(rows, &taken);
    let pieces = section2::which_rows_are_one_run(rows, &taken);
    let mut runs = section3::the_runs_themselves(pieces);
    section4::the_tree(&mut runs, config);
    section5::open_runs(&mut runs, &retired.runs, as_of);
    section6::errors(&mut runs, config);
    section7::what_the_runs_are_worth(&mut runs);
    runs
}
