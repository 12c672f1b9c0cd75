//! Section 7: what the run is worth.

use smartetl_core::model::{Evidence, Moment, Outcome, RunStatus};

use super::SECOND;
use super::section3::Run;
use super::section4::{below, subtree};

pub fn what_the_runs_are_worth(runs: &mut [Run]) {
    for place in 0..runs.len() {
        let outcome = outcome(runs, place);
        let tree_status = tree_status(runs, place);
        let self_duration_ms = self_duration_ms(runs, place);
        let (quality_percent, quality_reasons) = quality(runs, place);
        let out = &mut runs[place].out;
        out.outcome = outcome;
        out.tree_status = tree_status;
        out.self_duration_ms = self_duration_ms;
        out.quality_percent = quality_percent;
        out.quality_reasons = quality_reasons;
    }
}

/// 7.1
fn outcome(runs: &[Run], place: usize) -> Outcome {
    let out = &runs[place].out;
    let failing_below = below(runs, place)
        .into_iter()
        .any(|member| runs[member].failed_or_lost());
    match out.status {
        RunStatus::Success if out.errors > 0 || failing_below => Outcome::SuccessWithErrors,
        RunStatus::Success if out.warnings > 0 => Outcome::SuccessWithWarnings,
        RunStatus::Success => Outcome::Success,
        RunStatus::Failed => Outcome::Failed,
        RunStatus::Running => Outcome::Running,
        RunStatus::Lost => Outcome::Lost,
        RunStatus::Cancelled => Outcome::Cancelled,
        RunStatus::Skipped => Outcome::Skipped,
        RunStatus::Unverified => Outcome::Unverified,
    }
}

/// 7.2
fn tree_status(runs: &[Run], place: usize) -> RunStatus {
    let worst_first = [
        RunStatus::Failed,
        RunStatus::Lost,
        RunStatus::Running,
        RunStatus::Unverified,
        RunStatus::Cancelled,
        RunStatus::Success,
        RunStatus::Skipped,
    ];
    let members = subtree(runs, place);
    worst_first
        .into_iter()
        .find(|status| {
            members
                .iter()
                .any(|&member| runs[member].out.status == *status)
        })
        .expect("every status is in the list")
}

/// 7.3: cuts the run's interval at every begin and end of a child; a slice is the children's when one of them covers it.
fn self_duration_ms(runs: &[Run], place: usize) -> Option<i64> {
    let out = &runs[place].out;
    let (duration_ms, start, end) = (out.duration_ms?, out.started_at, out.ended_at?);
    let children: Vec<(Moment, Moment)> = runs
        .iter()
        .filter(|run| run.parent == Some(place))
        .map(|run| (run.out.started_at, run.out.ended_at.unwrap_or(end)))
        .collect();
    let mut edges = vec![start, end];
    for &(from, to) in &children {
        edges.extend(
            [from, to]
                .into_iter()
                .filter(|edge| (start..=end).contains(edge)),
        );
    }
    edges.sort();
    let mut of_children = 0;
    for slice in edges.windows(2) {
        if children
            .iter()
            .any(|&(from, to)| from <= slice[0] && slice[1] <= to)
        {
            of_children += slice[1].0 - slice[0].0;
        }
    }
    Some(duration_ms - of_children / 1_000)
}

/// 7.4: in hundredths.
fn quality(runs: &[Run], place: usize) -> (i64, Vec<String>) {
    let run = &runs[place];
    let evidence = run.out.evidence;
    let penalties = [
        (
            "end_missing",
            30,
            !matches!(evidence, Evidence::Full | Evidence::NoBegin),
        ),
        (
            "begin_missing",
            20,
            !matches!(evidence, Evidence::Full | Evidence::NoEnd),
        ),
        ("errors_only", 30, evidence == Evidence::ErrorsOnly),
        ("parent_inferred", 10, run.parent_inferred),
        ("parent_missing", 10, run.parent_missing),
        (
            "tree_inferred",
            10,
            run.rows.iter().any(|row| row.tree_inferred),
        ),
        ("ambiguous_id", 10, run.key_was_cut),
        ("clocks_apart", 10, clocks_apart(runs, place)),
        (
            "time_ambiguous",
            5,
            run.rows.iter().any(|row| row.said.marked),
        ),
        (
            "message_truncated",
            5,
            run.rows
                .iter()
                .any(|row| row.said.error().is_some_and(|error| error.truncated)),
        ),
    ];
    let applying: Vec<_> = penalties
        .into_iter()
        .filter(|&(_, _, applies)| applies)
        .collect();
    let sum: i64 = applying.iter().map(|&(_, penalty, _)| penalty).sum();
    let reasons = applying
        .into_iter()
        .map(|(reason, _, _)| reason.to_owned())
        .collect();
    ((100 - sum).max(0), reasons)
}

fn clocks_apart(runs: &[Run], place: usize) -> bool {
    let out = &runs[place].out;
    let Some(parent) = runs[place].parent.map(|parent| &runs[parent].out) else {
        return false;
    };
    let begins_early = parent.started_at.0 - out.started_at.0 > 60 * SECOND;
    let ends_late = match (out.ended_at, parent.ended_at) {
        (Some(own), Some(of_parent)) => own.0 - of_parent.0 > 60 * SECOND,
        _ => false,
    };
    begins_early || ends_late
}
