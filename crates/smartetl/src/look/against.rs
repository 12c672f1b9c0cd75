//! A run line by line, its child runs and their steps, beside the last good run and what is usual on such days; and what changed first.
//!
//! What is usual is the median of the good runs of the same job before it, on days of the same kind. A number changed when it lies
//! outside of all that the usual runs had and a fifth away from their median; where these are too few, when it is half as much
//! again, or half as much less, as in the last good run.

use super::compare::{Node, Tree, pair};
use super::read::Looked;
use super::steps::{Placed, Step, place};
use smartetl_core::model::{Moment, Outcome, RowStatus};
use smartetl_store::looking::{LogLine, RowsOfTree, Run};
use std::collections::HashMap;

/// Fewer good runs say nothing about what is usual.
const FEWEST: usize = 3;
/// Less than this is no change of a duration, milliseconds.
const LEAST_MS: i64 = 5_000;
/// More lines are not compared.
const MOST_LINES: usize = 5_000;

/// A value of this run beside those of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside<T> {
    pub this: Option<T>,
    pub last_good: Option<T>,
    pub usual: Option<T>,
}

impl<T> Default for Beside<T> {
    fn default() -> Self {
        Self {
            this: None,
            last_good: None,
            usual: None,
        }
    }
}

/// What changed of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    Version,
    Added,
    Missing,
    Outcome,
    RowsIn,
    RowsOut,
    Duration,
}

impl What {
    pub const ALL: &'static [Self] = &[
        Self::Version,
        Self::Added,
        Self::Missing,
        Self::Outcome,
        Self::RowsIn,
        Self::RowsOut,
        Self::Duration,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Added => "added",
            Self::Missing => "missing",
            Self::Outcome => "outcome",
            Self::RowsIn => "rows_in",
            Self::RowsOut => "rows_out",
            Self::Duration => "duration",
        }
    }
}

/// A change, and when it showed: milliseconds from the begin of the run that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub what: What,
    pub at_ms: i64,
}

/// A run of the tree, or one of its steps.
#[derive(Clone, Debug)]
pub struct Line {
    /// 0 for the run that was asked for; a step stands one below its run.
    pub level: usize,
    /// That of the last good run where it is missing in this one.
    pub run: Run,
    pub step: Option<String>,
    pub attempt: Option<i32>,
    pub map_index: Option<i32>,
    /// It stands in the last good run only.
    pub is_missing: bool,
    pub last_good: Option<Run>,
    pub outcome: Beside<Outcome>,
    pub duration_ms: Beside<i64>,
    pub rows_in: Beside<i64>,
    pub rows_out: Beside<i64>,
    pub version: Beside<String>,
    pub changes: Vec<Change>,
}

/// A good run with its tree and the rows of its steps.
#[derive(Clone, Debug)]
pub struct Good {
    pub run: Run,
    pub tree: Vec<Run>,
    pub steps: Vec<LogLine>,
}

/// The lines of a run, in the order of its tree.
#[derive(Clone, Debug)]
pub struct Against {
    pub lines: Vec<Line>,
    /// Which of the lines changed first, and how.
    pub first: Option<(usize, Change)>,
    /// There are more lines, or more rows behind them.
    pub is_cut: bool,
}

impl Against {
    /// `last_good` is the one that stands beside the tree in `looked`, `usual` those of days of the same kind.
    pub fn of(looked: &Looked, whole: &[Run], last_good: Option<&Good>, usual: &[Good]) -> Self {
        let tree = &looked.tree;
        let other = |good: &Good| Other::of(tree.run(), whole, good);
        let last_good = last_good.map(other);
        let usual: Vec<Other> = usual.iter().map(other).collect();
        let writing = Writing {
            tree,
            last_good: last_good.as_ref(),
            usual: &usual,
        };
        let mut lines = Vec::new();
        let mut place = 0;
        for node in &tree.nodes {
            if lines.len() >= MOST_LINES {
                break;
            }
            if node.is_missing {
                lines.push(writing.missing(node));
            } else {
                lines.push(writing.run(node, place));
                writing.steps(node, place, &looked.placed, &mut lines);
                place += 1;
            }
        }
        let is_cut = looked.placed.is_cut || lines.len() >= MOST_LINES;
        let changes = lines.iter().enumerate().flat_map(|(number, line)| {
            let changes = line.changes.iter();
            changes.map(move |change| (number, line.level, *change))
        });
        // What is deeper explains what is above it, and what failed why something did not run.
        let first = changes.min_by_key(|(number, level, change)| {
            (
                change.at_ms,
                change.what == What::Missing,
                std::cmp::Reverse(*level),
                change.what,
                *number,
            )
        });
        Self {
            first: first.map(|(number, _, change)| (number, change)),
            lines,
            is_cut,
        }
    }
}

/// Another run, as its runs stand in the places of this one.
struct Other {
    /// For each run of this tree, from the top down.
    runs: Vec<Option<Run>>,
    placed: Placed,
}

impl Other {
    fn of(asked: &Run, whole: &[Run], good: &Good) -> Self {
        let beside = pair(asked, whole, Some((&good.run, &good.tree)), |_| None);
        let own = pair(&good.run, &good.tree, None, |_| None);
        let rows = RowsOfTree {
            log: good.steps.clone(),
            ..RowsOfTree::default()
        };
        Self {
            runs: beside.runs().map(|node| node.last_good.clone()).collect(),
            placed: place(&own, rows),
        }
    }

    fn run(&self, place: usize) -> Option<&Run> {
        self.runs.get(place)?.as_ref()
    }

    fn steps(&self, place: usize) -> &[Step] {
        self.run(place).map_or(&[], |run| self.placed.steps_of(run))
    }

    /// The same step; of several attempts the same one, else the last.
    fn step(&self, place: usize, like: &Step) -> Option<&Step> {
        let same = self.steps(place).iter().filter(|step| is_same(step, like));
        same.max_by_key(|step| (step.attempt == like.attempt, step.attempt))
    }
}

fn is_same(one: &Step, other: &Step) -> bool {
    one.name == other.name && one.map_index == other.map_index
}

struct Writing<'w> {
    tree: &'w Tree,
    last_good: Option<&'w Other>,
    usual: &'w [Other],
}

impl Writing<'_> {
    fn since_begin(&self, at: Moment) -> i64 {
        at.millis_since(self.tree.run().started_at)
    }

    /// What never was there is no change as long as it may still come.
    fn is_over(&self, at_ms: i64) -> bool {
        let run = self.tree.run();
        run.ended_at.is_some() || at_ms <= self.since_begin(run.until())
    }

    fn missing(&self, node: &Node) -> Line {
        let run = &node.run;
        let at_ms = self
            .tree
            .ghost(node)
            .map_or(0, |[from, _]| self.since_begin(from));
        let mut line = line(node.goes_on.len(), run);
        line.is_missing = true;
        line.last_good = Some(run.clone());
        line.outcome.last_good = Some(run.outcome);
        line.duration_ms.last_good = run.duration_ms;
        line.rows_in.last_good = run.rows_in;
        line.rows_out.last_good = run.rows_out;
        line.version.last_good = run.job_version.clone();
        if self.is_over(at_ms) {
            line.changes.push(Change {
                what: What::Missing,
                at_ms,
            });
        }
        line
    }

    fn run(&self, node: &Node, place: usize) -> Line {
        let run = &node.run;
        let good = self.last_good.and_then(|good| good.run(place));
        let usual: Vec<&Run> = self.usual.iter().filter_map(|one| one.run(place)).collect();
        let numbers = |pick: fn(&Run) -> Option<i64>| Numbers {
            this: pick(run),
            last_good: good.and_then(pick),
            usual: usual.iter().copied().filter_map(pick).collect(),
        };
        let [duration, rows_in, rows_out] = [
            numbers(|run| run.duration_ms),
            numbers(|run| run.rows_in),
            numbers(|run| run.rows_out),
        ];
        let (from, to) = (
            self.since_begin(run.started_at),
            self.since_begin(run.until()),
        );
        let mut line = line(node.goes_on.len(), run);
        line.last_good = good.cloned();
        line.outcome.this = Some(run.outcome);
        line.outcome.last_good = good.map(|good| good.outcome);
        line.version = Beside {
            this: run.job_version.clone(),
            last_good: good.and_then(|good| good.job_version.clone()),
            usual: most(usual.iter().filter_map(|run| run.job_version.as_deref())),
        };
        let mut changes = Vec::new();
        let versions = line
            .version
            .this
            .as_ref()
            .zip(line.version.last_good.as_ref());
        if versions.is_some_and(|(this, good)| this != good) {
            changes.push((What::Version, from));
        }
        if good.is_none() && self.last_good.is_some() {
            changes.push((What::Added, from));
        }
        let is_good = |outcome| {
            matches!(
                outcome,
                Outcome::Success | Outcome::SuccessWithWarnings | Outcome::Running
            )
        };
        if !is_good(run.outcome) && good.is_none_or(|good| good.outcome != run.outcome) {
            let struck = run.first_error_at.map(|at| self.since_begin(at));
            changes.push((What::Outcome, struck.unwrap_or(to)));
        }
        line.compare([duration, rows_in, rows_out], [from, to], changes);
        line
    }

    fn steps(&self, node: &Node, place: usize, placed: &Placed, lines: &mut Vec<Line>) {
        let level = node.goes_on.len() + 1;
        let ours = placed.steps_of(&node.run);
        let good = self.last_good.map_or(&[][..], |good| good.steps(place));
        let has_good = self.last_good.is_some_and(|good| good.run(place).is_some());
        for step in ours {
            let of_good = self.last_good.and_then(|good| good.step(place, step));
            let usual = self.usual.iter().filter_map(|one| one.step(place, step));
            let usual: Vec<&Step> = usual.collect();
            let numbers = |pick: fn(&Step) -> Option<i64>| Numbers {
                this: pick(step),
                last_good: of_good.and_then(pick),
                usual: usual.iter().copied().filter_map(pick).collect(),
            };
            let values = [
                numbers(|step| step.duration_ms),
                numbers(|step| step.rows_in),
                numbers(|step| step.rows_out),
            ];
            let [from, to] = step.span().unwrap_or([node.run.started_at; 2]);
            let (from, to) = (self.since_begin(from), self.since_begin(to));
            let mut line = of_step(level, &node.run, step);
            line.outcome.this = outcome(step);
            line.outcome.last_good = of_good.and_then(outcome);
            let mut changes = Vec::new();
            if of_good.is_none() && has_good && !good.is_empty() {
                changes.push((What::Added, from));
            }
            if line.outcome.this == Some(Outcome::Failed)
                && line.outcome.last_good != Some(Outcome::Failed)
            {
                changes.push((What::Outcome, to));
            }
            line.compare(values, [from, to], changes);
            lines.push(line);
        }
        if ours.is_empty() {
            return;
        }
        for step in good {
            if ours.iter().any(|one| is_same(one, step)) {
                continue;
            }
            let mut line = of_step(level, &node.run, step);
            line.is_missing = true;
            line.outcome.last_good = outcome(step);
            line.duration_ms.last_good = step.duration_ms;
            line.rows_in.last_good = step.rows_in;
            line.rows_out.last_good = step.rows_out;
            let begin = self.last_good.and_then(|good| good.run(place));
            // Where nobody knows when it ran, it was missed when the run was over.
            let at_ms = match step.span().zip(begin) {
                Some(([from, _], run)) => {
                    self.since_begin(node.run.started_at) + from.millis_since(run.started_at)
                }
                None => self.since_begin(node.run.until()),
            };
            if self.is_over(at_ms) {
                line.changes.push(Change {
                    what: What::Missing,
                    at_ms,
                });
            }
            lines.push(line);
        }
    }
}

fn line(level: usize, run: &Run) -> Line {
    Line {
        level,
        run: run.clone(),
        step: None,
        attempt: None,
        map_index: None,
        is_missing: false,
        last_good: None,
        outcome: Beside::default(),
        duration_ms: Beside::default(),
        rows_in: Beside::default(),
        rows_out: Beside::default(),
        version: Beside::default(),
        changes: Vec::new(),
    }
}

fn of_step(level: usize, run: &Run, step: &Step) -> Line {
    Line {
        step: Some(step.name.clone()),
        attempt: step.attempt,
        map_index: step.map_index,
        ..line(level, run)
    }
}

fn outcome(step: &Step) -> Option<Outcome> {
    Outcome::parse(step.status.map(RowStatus::as_str)?)
}

impl Line {
    /// Durations and rows in and out, from when to when, and what else changed.
    fn compare(
        &mut self,
        [duration, rows_in, rows_out]: [Numbers; 3],
        [from, to]: [i64; 2],
        mut changes: Vec<(What, i64)>,
    ) {
        if rows_in.changed(1) {
            changes.push((What::RowsIn, to));
        }
        if rows_out.changed(1) {
            changes.push((What::RowsOut, to));
        }
        if duration.changed(LEAST_MS) {
            // What takes longer shows when it should have been over.
            let reference = duration.reference().unwrap_or(0);
            let should_end = from.saturating_add(reference);
            changes.push((What::Duration, should_end.min(to)));
        }
        self.duration_ms = duration.told();
        self.rows_in = rows_in.told();
        self.rows_out = rows_out.told();
        self.changes = changes
            .into_iter()
            .map(|(what, at_ms)| Change { what, at_ms })
            .collect();
    }
}

/// A number of this run, of the last good run, and of each usual one.
#[derive(Clone, Debug, Default)]
struct Numbers {
    this: Option<i64>,
    last_good: Option<i64>,
    usual: Vec<i64>,
}

impl Numbers {
    fn median(&self) -> Option<i64> {
        if self.usual.len() < FEWEST {
            return None;
        }
        let mut sorted = self.usual.clone();
        sorted.sort_unstable();
        Some(sorted[(sorted.len() - 1) / 2])
    }

    fn reference(&self) -> Option<i64> {
        self.median().or(self.last_good)
    }

    fn changed(&self, least: i64) -> bool {
        let Some(this) = self.this else {
            return false;
        };
        let is_far = |from: i64, part: i64| (this - from).abs() >= least.max(from / part);
        match (self.median(), self.last_good) {
            (Some(median), _) => !self.is_inside(this) && is_far(median, 5),
            (None, Some(good)) => is_far(good, 2),
            (None, None) => false,
        }
    }

    /// Some usual run had less, and some had more, or as much.
    fn is_inside(&self, this: i64) -> bool {
        let (least, most) = (self.usual.iter().min(), self.usual.iter().max());
        least.is_some_and(|least| *least <= this) && most.is_some_and(|most| this <= *most)
    }

    fn told(self) -> Beside<i64> {
        Beside {
            usual: self.median(),
            this: self.this,
            last_good: self.last_good,
        }
    }
}

/// The word that most have; of several the greatest.
fn most<'w>(words: impl Iterator<Item = &'w str>) -> Option<String> {
    let mut counted: HashMap<&str, usize> = HashMap::new();
    let mut all = 0;
    for word in words {
        *counted.entry(word).or_default() += 1;
        all += 1;
    }
    let most = counted
        .into_iter()
        .max_by_key(|(word, times)| (*times, *word));
    most.filter(|_| all >= FEWEST)
        .map(|(word, _)| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(this: i64, last_good: Option<i64>, usual: &[i64]) -> Numbers {
        Numbers {
            this: Some(this),
            last_good,
            usual: usual.to_vec(),
        }
    }

    #[test]
    fn a_number_changes_beyond_what_is_usual() {
        let usual = [60_000, 61_000, 75_000, 62_000];
        let check = |this, least, changed: bool| {
            assert_eq!(
                numbers(this, Some(1), &usual).changed(least),
                changed,
                "{this}"
            );
        };
        assert_eq!(numbers(0, None, &usual).median(), Some(61_000));
        // Another one took as long, whatever the last good one did.
        check(75_000, LEAST_MS, false);
        check(76_000, LEAST_MS, true);
        // Outside, but not by a fifth.
        check(59_000, LEAST_MS, false);
        check(40_000, LEAST_MS, true);
        // Too few of them: the last good run counts.
        let few = |this| numbers(this, Some(100), &[1, 2]).changed(1);
        assert!(!few(149) && few(150) && few(50) && !few(51));
        assert!(!numbers(5, None, &[]).changed(1));
        // Nothing where there always was something.
        assert!(numbers(0, None, &[1, 1, 1]).changed(1));
        assert!(numbers(1, None, &[0, 0, 0]).changed(1));
        assert!(!numbers(7_000, None, &[3_000; 5]).changed(LEAST_MS));
    }

    #[test]
    fn most_have_one_version() {
        assert_eq!(
            most(["1.0", "1.1", "1.1"].into_iter()).as_deref(),
            Some("1.1")
        );
        assert_eq!(most(["1.0", "1.1"].into_iter()), None);
    }
}
