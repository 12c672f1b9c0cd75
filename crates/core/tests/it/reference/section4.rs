//! Section 4: the tree.

use jiff::Span;
use jiff::civil::Date;
use smartetl_core::model::Moment;

use super::section3::Run;
use super::{Config, DAY};

pub fn the_tree(runs: &mut [Run], config: &Config) {
    for place in 0..runs.len() {
        parent(runs, place);
    }
    rings(runs);
    for place in 0..runs.len() {
        let above = above(runs, place);
        let root = *above.last().unwrap_or(&place);
        let (root_run_key, root_job) = (runs[root].out.run_key, runs[root].out.job.clone());
        let business_day = business_day(runs[root].out.started_at, config);
        let parent_run_key = runs[place].parent.map(|parent| runs[parent].out.run_key);
        let out = &mut runs[place].out;
        out.parent_run_key = parent_run_key;
        out.is_root = above.is_empty();
        out.depth = above.len() as i64;
        out.root_run_key = root_run_key;
        out.root_job = root_job;
        out.business_day = business_day;
    }
}

/// 4.1
fn parent(runs: &mut [Run], place: usize) {
    let Some(parent_run_id) = runs[place]
        .rows
        .iter()
        .find_map(|row| row.said.parent_run_id.clone())
    else {
        return;
    };
    let run = &runs[place];
    let candidates: Vec<usize> = (0..runs.len())
        .filter(|&other| {
            other != place
                && runs[other].rows[0].same_tree(&run.rows[0])
                && runs[other].out.run_id == parent_run_id
        })
        .collect();
    let begin = run.out.started_at;
    let around: Vec<usize> = candidates
        .iter()
        .copied()
        .filter(|&other| contains(&runs[other], begin))
        .collect();
    let inferred = candidates.len() > 1 && around.is_empty();
    let of_these = if around.is_empty() || candidates.len() == 1 {
        candidates
    } else {
        around
    };
    let nearest = of_these.into_iter().min_by_key(|&other| {
        (
            (runs[other].out.started_at.0 - begin.0).abs(),
            runs[other].out.run_key,
        )
    });
    let run = &mut runs[place];
    run.parent = nearest;
    run.parent_inferred = inferred;
    run.parent_missing = nearest.is_none();
}

fn contains(run: &Run, begin: Moment) -> bool {
    let until = run
        .out
        .ended_at
        .unwrap_or(Moment(run.out.last_event_at.0 + DAY));
    run.out.started_at <= begin && begin <= until
}

/// 4.2: in a ring the smallest member becomes a root.
fn rings(runs: &mut [Run]) {
    for place in 0..runs.len() {
        let mut ring = vec![place];
        let mut next = runs[place].parent;
        while let Some(member) = next.filter(|member| !ring.contains(member)) {
            ring.push(member);
            next = runs[member].parent;
        }
        if next == Some(place) {
            let smallest = ring
                .into_iter()
                .min_by_key(|&member| (runs[member].out.started_at, runs[member].out.run_key))
                .expect("a ring has members");
            runs[smallest].parent = None;
            runs[smallest].parent_missing = true;
        }
    }
}

/// The parents of a run up to its root.
pub fn above(runs: &[Run], place: usize) -> Vec<usize> {
    let mut above = Vec::new();
    let mut next = runs[place].parent;
    while let Some(parent) = next {
        above.push(parent);
        next = runs[parent].parent;
    }
    above
}

/// 4.4: all runs below this one, without itself.
pub fn below(runs: &[Run], place: usize) -> Vec<usize> {
    (0..runs.len())
        .filter(|&other| above(runs, other).contains(&place))
        .collect()
}

/// 4.4: the run and all below it.
pub fn subtree(runs: &[Run], place: usize) -> Vec<usize> {
    let mut members = below(runs, place);
    members.push(place);
    members
}

pub fn root(runs: &[Run], place: usize) -> usize {
    *above(runs, place).last().unwrap_or(&place)
}

/// 4.3: the clock on the wall is moved, so that a night of 23 or 25 hours changes nothing.
fn business_day(started_at: Moment, config: &Config) -> Date {
    let local = config.zone.to_datetime(started_at.timestamp());
    let ahead = Span::new().minutes(24 * 60 - config.border_minutes);
    local
        .checked_add(ahead)
        .expect("moments lie between 1990 and 2100")
        .date()
}
