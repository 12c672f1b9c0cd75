//! Section 5: open runs are running, lost or not verifiable.

use smartetl_core::model::{Evidence, Moment, RunStatus};

use super::HOUR;
use super::section3::Run;
use super::section4::subtree;

/// `retired`: runs that are not folded any more count for limit and horizon (section 9).
pub fn open_runs(runs: &mut [Run], retired: &[Run], as_of: Moment) {
    let statuses: Vec<RunStatus> = (0..runs.len())
        .map(|place| status(runs, place, retired, as_of))
        .collect();
    for (run, status) in runs.iter_mut().zip(statuses) {
        run.out.status = status;
    }
}

fn status(runs: &[Run], place: usize, retired: &[Run], as_of: Moment) -> RunStatus {
    let run = &runs[place];
    if !run.is_open() {
        return run.out.status;
    }
    let last = subtree(runs, place)
        .into_iter()
        .map(|member| runs[member].out.last_event_at)
        .max();
    let last = last.expect("a subtree has at least the run").0;
    let all = || runs.iter().chain(retired);
    let limit = limit(all(), run);
    let horizon = horizon(all(), run);
    let parent_ended = run.parent.is_some_and(|parent| !runs[parent].is_open());
    if parent_ended || as_of.min(horizon).0 - last > limit {
        RunStatus::Lost
    } else if as_of.0 - last > limit {
        RunStatus::Unverified
    } else {
        RunStatus::Running
    }
}

/// In microseconds.
fn limit<'r>(all: impl Iterator<Item = &'r Run>, run: &Run) -> i64 {
    let mut durations: Vec<i64> = all
        .filter(|other| {
            other.out.system == run.out.system
                && other.out.environment == run.out.environment
                && other.out.project == run.out.project
                && other.out.job == run.out.job
                && !other.is_open()
                && other.out.status == RunStatus::Success
                && other.out.evidence == Evidence::Full
        })
        .filter_map(|other| other.out.duration_ms)
        .collect();
    durations.sort_unstable();
    if durations.is_empty() {
        return HOUR;
    }
    HOUR.max(4 * durations[(durations.len() - 1) / 2] * 1_000)
}

fn horizon<'r>(all: impl Iterator<Item = &'r Run>, run: &Run) -> Moment {
    all.filter(|other| {
        other.out.system == run.out.system && other.out.environment == run.out.environment
    })
    .map(|other| other.out.last_event_at)
    .max()
    .expect("the run itself is one of them")
}
