//! Rows of `log` and `logerreur` of a tree, each under its run: steps with their durations, errors without their copies.

use super::Tree;
use smartetl_core::fuse::CUT_JOB_CHARS;
use smartetl_core::model::{Event, Moment, RowStatus, Severity};
use smartetl_store::looking::{ErrorLine, LogLine, RowsOfTree, Run};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub name: String,
    pub attempt: Option<i32>,
    pub map_index: Option<i32>,
    pub began_at: Option<Moment>,
    pub ended_at: Option<Moment>,
    /// What the tool said, or what lies between its begin and its end.
    pub duration_ms: Option<i64>,
    pub status: Option<RowStatus>,
    pub rows_in: Option<i64>,
    pub rows_out: Option<i64>,
}

impl Step {
    fn says_something(&self) -> bool {
        self.span().is_some() || self.rows_in.or(self.rows_out).is_some()
    }

    /// From when to when it ran, as far as that is known.
    pub fn span(&self) -> Option<[Moment; 2]> {
        let to = self.ended_at.or(self.began_at)?;
        let before = self
            .duration_ms
            .map(|milliseconds| to.plus_millis(-milliseconds));
        Some([self.began_at.or(before).unwrap_or(to), to])
    }
}

/// A row of either table.
#[derive(Clone, Debug)]
pub enum Found {
    Log(LogLine),
    Error(ErrorLine),
}

impl Found {
    pub fn moment(&self) -> Moment {
        match self {
            Self::Log(line) => line.moment,
            Self::Error(line) => line.moment,
        }
    }

    /// The job that wrote it, perhaps cut.
    pub fn job(&self) -> &str {
        match self {
            Self::Log(line) => &line.job,
            Self::Error(line) => &line.job,
        }
    }

    /// At one moment a job begins, then writes errors, then ends.
    fn rank(&self) -> u8 {
        match self {
            Self::Log(line) if line.event == Event::End => 2,
            Self::Log(_) => 0,
            Self::Error(_) => 1,
        }
    }
}

/// Rows under their runs.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    pub steps: HashMap<Uuid, Vec<Step>>,
    pub errors: HashMap<Uuid, Vec<ErrorLine>>,
    /// All rows of the runs of the tree by moment.
    pub rows: Vec<Found>,
    /// There are more rows, which were not read.
    pub is_cut: bool,
}

impl Placed {
    pub fn steps_of(&self, run: &Run) -> &[Step] {
        self.steps.get(&run.run_key).map_or(&[], Vec::as_slice)
    }

    pub fn errors_of(&self, run: &Run) -> &[ErrorLine] {
        self.errors.get(&run.run_key).map_or(&[], Vec::as_slice)
    }
}

/// Puts rows under the runs of a tree; those of other runs are left out.
pub fn place(tree: &Tree, rows: RowsOfTree) -> Placed {
    let mut by_id: HashMap<&str, Vec<&Run>> = HashMap::new();
    for node in tree.runs() {
        by_id.entry(&node.run.run_id).or_default().push(&node.run);
    }
    let run_of = |run_id: &str, job: &str, context: Option<&str>, at: Moment| {
        let candidates = by_id.get(run_id)?;
        candidates
            .iter()
            .filter(|run| is_named(&run.job, job) && may_be(run.context.as_deref(), context))
            .min_by_key(|run| far_from(run, at))
            .map(|run| run.run_key)
    };
    let mut placed = Placed {
        is_cut: rows.is_cut,
        ..Placed::default()
    };
    let mut steps: HashMap<Uuid, BTreeMap<StepKey, Step>> = HashMap::new();
    for line in rows.log {
        let context = line.context.as_deref();
        let Some(run) = run_of(&line.run_id, &line.job, context, line.moment) else {
            continue;
        };
        if let Some(name) = &line.step {
            let key = (name.clone(), line.attempt, line.map_index);
            let of_run = steps.entry(run).or_default();
            add(
                of_run.entry(key).or_insert_with(|| step(name, &line)),
                &line,
            );
        }
        placed.rows.push(Found::Log(line));
    }
    for (run, steps) in steps {
        // What was measured without a number to show is left out.
        let mut steps: Vec<Step> = steps.into_values().filter(Step::says_something).collect();
        steps.sort_by_key(|step| (step.span().map(|[from, _]| from), step.name.clone()));
        placed.steps.insert(run, steps);
    }
    for line in rows.errors {
        let context = line.context.as_deref();
        if let Some(run) = run_of(&line.run_id, &line.job, context, line.moment) {
            placed.errors.entry(run).or_default().push(line.clone());
            placed.rows.push(Found::Error(line));
        }
    }
    placed
        .rows
        .sort_by_key(|found| (found.moment(), found.rank()));
    without_copies(tree, &mut placed.errors);
    placed
}

type StepKey = (String, Option<i32>, Option<i32>);

fn step(name: &str, line: &LogLine) -> Step {
    Step {
        name: name.to_owned(),
        attempt: line.attempt,
        map_index: line.map_index,
        began_at: None,
        ended_at: None,
        duration_ms: None,
        status: None,
        rows_in: None,
        rows_out: None,
    }
}

fn add(step: &mut Step, line: &LogLine) {
    match line.event {
        Event::Begin => step.began_at = step.began_at.or(Some(line.moment)),
        Event::End => {
            step.ended_at = Some(line.moment);
            let computed = step.began_at.map(|began| line.moment.millis_since(began));
            step.duration_ms = line.duration_reported_ms.or(computed);
            step.status = line.status.or(step.status);
        }
        Event::Metric => {}
    }
    let sum = |have: Option<i64>, more: Option<i64>| match (have, more) {
        (Some(have), Some(more)) => Some(have.saturating_add(more)),
        (have, more) => have.or(more),
    };
    step.rows_in = sum(step.rows_in, line.rows_in);
    step.rows_out = sum(step.rows_out, line.rows_out);
}

/// Some tools cut the names of jobs.
fn is_named(job: &str, written: &str) -> bool {
    job == written || (written.chars().count() == CUT_JOB_CHARS && job.starts_with(written))
}

fn may_be(of_run: Option<&str>, of_row: Option<&str>) -> bool {
    of_run.zip(of_row).is_none_or(|(run, row)| run == row)
}

/// Microseconds between a moment and a run; 0 inside of it.
fn far_from(run: &Run, at: Moment) -> i64 {
    let before = run.started_at.0.saturating_sub(at.0);
    let behind = at.0.saturating_sub(run.until().0);
    before.max(behind).max(0)
}

/// Catchers and parents write an error again. Of each run as many stay as it has, those first that stand nowhere below it.
fn without_copies(tree: &Tree, errors: &mut HashMap<Uuid, Vec<ErrorLine>>) {
    let mut below: HashSet<Option<String>> = HashSet::new();
    // From the bottom up: children stand behind their parents.
    for node in tree.nodes.iter().rev().filter(|node| !node.is_missing) {
        let Some(of_run) = errors.get_mut(&node.run.run_key) else {
            continue;
        };
        of_run.sort_by_key(|line| (below.contains(&line.message), line.moment));
        let mut left = [node.run.errors, node.run.warnings];
        of_run.retain(|line| {
            let left = &mut left[usize::from(line.severity == Severity::Warning)];
            *left -= 1;
            *left >= 0
        });
        of_run.sort_by_key(|line| line.moment);
        below.extend(of_run.iter().map(|line| line.message.clone()));
    }
}
