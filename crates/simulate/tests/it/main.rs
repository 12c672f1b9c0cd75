//! What the simulator promises: one world per seed, every situation, a truth that agrees with itself, and damaged
//! records exactly where the truth says. Nothing here uses the simulator's own code to read what it wrote.

mod labelled;
mod options;
mod read;
mod rejects;
mod situations;
mod truth;

use smartetl_simulate::{Options, Summary, simulate};
use std::sync::LazyLock;
use tempfile::TempDir;

/// A year of 200 jobs, made once.
static YEAR: LazyLock<(TempDir, Summary)> = LazyLock::new(|| make(200, 365, 1));

fn make(jobs: u32, days: u32, seed: u64) -> (TempDir, Summary) {
    let folder = TempDir::new().expect("a temporary folder");
    let summary = simulate(&Options::new(jobs, days, seed, folder.path())).expect("a world");
    (folder, summary)
}
