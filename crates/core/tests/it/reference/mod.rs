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
mod types;

use smartetl_core::model::Moment;

pub use types::{Config, DayOut, ErrorPart, Fused, InRow, LogPart, NULL, RunOut, What};

pub const SECOND: i64 = 1_000_000;
pub const HOUR: i64 = 3_600 * SECOND;
pub const DAY: i64 = 24 * HOUR;

/// `dataset` and `job_day` from all rows, in any order.
pub fn fold(rows: &[InRow], config: &Config, as_of: Moment) -> Fused {
    let rows = section1::what_each_row_says(rows, config);
    let rows = section2_6::errors_that_name_no_tree(rows);
    let pieces = section2::which_rows_are_one_run(rows);
    let mut runs = section3::the_runs_themselves(pieces);
    section4::the_tree(&mut runs, config);
    section5::open_runs(&mut runs, as_of);
    section6::errors(&mut runs);
    section7::what_the_runs_are_worth(&mut runs);
    let days = section8::the_days(&mut runs, config);
    Fused {
        runs: runs.into_iter().map(|run| run.out).collect(),
        days,
    }
}
