//! Section 2.6: errors that name no tree.

use std::collections::BTreeSet;

use smartetl_core::model::Evidence;
use uuid::Uuid;

use super::DAY;
use super::section1::{Row, names_of_neighbours};
use super::section2::which_rows_are_one_run;
use super::section3::{Run, the_runs_themselves};

pub fn errors_that_name_no_tree(rows: Vec<Row>, taken: &BTreeSet<Uuid>) -> Vec<Row> {
    let runs = the_runs_themselves(which_rows_are_one_run(rows, taken));
    let mut all = Vec::new();
    for run in &runs {
        for row in &run.rows {
            let mut row = row.clone();
            row.moment = row.said.moment;
            row.settled = false;
            if is_adrift(run)
                && let Some(found) = run_of_another_tree(&row, &runs)
            {
                let root = &found.rows[0].said.root_run_id;
                row.said.root_run_id.clone_from(root);
                row.tree_inferred = true;
            }
            all.push(row);
        }
    }
    names_of_neighbours(&mut all);
    all
}

fn is_adrift(run: &Run) -> bool {
    let said = &run.rows[0].said;
    run.out.evidence == Evidence::ErrorsOnly && said.run_id == said.root_run_id
}

fn run_of_another_tree<'r>(row: &Row, runs: &'r [Run]) -> Option<&'r Run> {
    let mut found: Vec<(i64, &Run)> = Vec::new();
    for run in runs {
        let distance = distance(row, run);
        if fits(row, run) && distance <= DAY {
            found.push((distance, run));
        }
    }
    let nearest = found.iter().map(|(distance, _)| *distance).min()?;
    found.retain(|(distance, _)| *distance == nearest);
    let latest = found.iter().map(|(_, run)| run.out.started_at).max()?;
    found.retain(|(_, run)| run.out.started_at == latest);
    found
        .into_iter()
        .map(|(_, run)| run)
        .min_by_key(|run| run.out.run_key)
}

fn fits(row: &Row, run: &Run) -> bool {
    let (said, out) = (&row.said, &run.out);
    let parent = run
        .rows
        .iter()
        .find_map(|row| row.said.parent_run_id.as_ref());
    said.system == out.system
        && row.environment == out.environment
        && said.run_id == out.run_id
        && run.rows[0].said.root_run_id != out.run_id
        && out.evidence != Evidence::ErrorsOnly
        && (said.parent_run_id.is_none() || said.parent_run_id.as_ref() == parent)
        && (said.project.is_none()
            || out.project.is_empty()
            || said.project.as_ref() == Some(&out.project))
        && same_job(&said.job, &out.job)
}

/// Whether the names are equal, or one is the other, cut at 50 characters.
pub fn same_job(one: &str, other: &str) -> bool {
    let cut = |cut: &str, whole: &str| cut.chars().count() == 50 && whole.starts_with(cut);
    one == other || cut(one, other) || cut(other, one)
}

/// From the moment to the nearer end of the run, 0 inside of it.
fn distance(row: &Row, run: &Run) -> i64 {
    let moment = row.said.moment;
    let (first, last) = (run.out.started_at, run.out.last_event_at);
    if moment < first {
        first.0 - moment.0
    } else if last < moment {
        moment.0 - last.0
    } else {
        0
    }
}
