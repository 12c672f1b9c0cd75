//! Section 9: trees that retire.

use std::collections::BTreeSet;

use smartetl_core::model::{Moment, RunStatus};
use uuid::Uuid;

use super::section1::environment;
use super::section2::ids_never_come_back;
use super::section2_6::same_job;
use super::section3::Run;
use super::section8::the_days;
use super::{Config, DAY, InRow, RunOut, folded};

/// System and root id, whatever the environment.
type Unit = [String; 2];

/// What has retired.
#[derive(Clone, Debug, Default)]
pub struct Retired {
    pub(super) runs: Vec<Run>,
    gone: Vec<Gone>,
}

/// A row that went with its unit: what it named.
#[derive(Clone, Debug)]
struct Gone {
    unit: Unit,
    environment: String,
    job: String,
    moment: Moment,
}

impl Retired {
    pub fn outs(&self) -> Vec<RunOut> {
        self.runs.iter().map(|run| run.out.clone()).collect()
    }

    /// The keys that no run may have that is folded.
    pub(super) fn keys(&self) -> BTreeSet<Uuid> {
        self.runs.iter().map(|run| run.out.run_key).collect()
    }

    /// 9.2: those rows that do not come too late.
    pub fn rows_that_count(&self, rows: &[InRow], config: &Config) -> Vec<InRow> {
        let counts = |row: &&InRow| {
            let environment = environment(row, config);
            let of_same: Vec<&Gone> = self
                .gone
                .iter()
                .filter(|gone| gone.environment == environment)
                .collect();
            !of_same.iter().any(|gone| gone.is_near(row))
                && !self
                    .runs
                    .iter()
                    .any(|run| may_be_of_retired(row, run, &of_same))
        };
        rows.iter().filter(counts).cloned().collect()
    }

    /// The retired runs and these, each with its parent at its new place.
    pub(super) fn beside(&self, runs: Vec<Run>) -> Vec<Run> {
        let ahead = self.runs.len();
        let behind = runs.into_iter().map(|mut run| {
            run.parent = run.parent.map(|parent| parent + ahead);
            run
        });
        self.runs.iter().cloned().chain(behind).collect()
    }

    /// 9.1: what retires where rows from `since` on are kept; the rows that stay.
    pub fn and_before(
        &self,
        since: Moment,
        rows: &[InRow],
        config: &Config,
        as_of: Moment,
    ) -> (Self, Vec<InRow>) {
        let rows = self.rows_that_count(rows, config);
        let runs = folded(&rows, config, as_of, self);
        let mut stay: BTreeSet<Unit> = runs
            .iter()
            .filter(|run| run.out.last_event_at >= since || run.out.status == RunStatus::Running)
            .map(of_run)
            .collect();
        let ties = ties(&rows, &runs);
        loop {
            let before = stay.len();
            for [one, other] in &ties {
                if stay.contains(one) || stay.contains(other) {
                    stay.extend([one.clone(), other.clone()]);
                }
            }
            if stay.len() == before {
                break;
            }
        }
        let mut all = self.beside(runs);
        the_days(&mut all, config);
        let runs = retiring(all, |place, run| {
            place < self.runs.len() || !stay.contains(&of_run(run))
        });
        let (staying, going): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|row| stay.contains(&of_row(row)));
        // Errors that stand in other trees are known by these where their own unit has no run.
        let new = &runs[self.runs.len()..];
        let has_runs = |row: &&InRow| new.iter().any(|run| of_run(run) == of_row(row));
        let gone = going.iter().filter(has_runs).map(|row| Gone {
            unit: of_row(row),
            environment: environment(row, config),
            job: row.job.clone(),
            moment: row.moment,
        });
        let gone = self.gone.iter().cloned().chain(gone).collect();
        (Self { runs, gone }, staying)
    }
}

/// Runs of whole trees: their parents are among them.
fn retiring(runs: Vec<Run>, retires: impl Fn(usize, &Run) -> bool) -> Vec<Run> {
    let retire: Vec<bool> = runs
        .iter()
        .enumerate()
        .map(|(place, run)| retires(place, run))
        .collect();
    let place_of = |place: usize| retire[..place].iter().filter(|retires| **retires).count();
    let mut these = Vec::new();
    for (place, mut run) in runs.into_iter().enumerate() {
        if retire[place] {
            run.parent = run.parent.map(place_of);
            these.push(run);
        }
    }
    these
}

fn of_row(row: &InRow) -> Unit {
    [row.system.clone(), row.root_run_id.clone()]
}

fn of_run(run: &Run) -> Unit {
    [run.out.system.clone(), run.out.root_run_id.clone()]
}

/// An error that names no tree and the run that it may speak of, of whose unit and job a row named the same environment.
fn may_be_of_retired(row: &InRow, run: &Run, of_same: &[&Gone]) -> bool {
    may_be_of(row, run)
        && same_job(&row.job, &run.out.job)
        && of_same
            .iter()
            .any(|gone| gone.unit == of_run(run) && same_job(&gone.job, &run.out.job))
}

impl Gone {
    /// Where run ids never come back, all rows are near.
    fn is_near(&self, row: &InRow) -> bool {
        self.unit == of_row(row)
            && same_job(&self.job, &row.job)
            && (ids_never_come_back(&row.system) || (self.moment.0 - row.moment.0).abs() <= DAY)
    }
}

/// An error that names no tree, and a run below a root.
fn may_be_of(row: &InRow, run: &Run) -> bool {
    row.error().is_some()
        && row.run_id == row.root_run_id
        && row.system == run.out.system
        && row.run_id == run.out.run_id
        && run.out.run_id != run.out.root_run_id
        && run.out.started_at.0 - DAY <= row.moment.0
        && row.moment.0 <= run.out.last_event_at.0 + DAY
}

fn ties(rows: &[InRow], runs: &[Run]) -> Vec<[Unit; 2]> {
    let mut ties = Vec::new();
    for run in runs {
        for row in rows.iter().filter(|row| may_be_of(row, run)) {
            ties.push([of_row(row), of_run(run)]);
        }
        for row in run.rows.iter().filter(|row| row.tree_inferred) {
            let own = [row.said.system.clone(), row.said.run_id.clone()];
            ties.push([own, of_run(run)]);
        }
    }
    ties
}
