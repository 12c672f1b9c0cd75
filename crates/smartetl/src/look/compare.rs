//! A run's tree beside that of the last good run of the same job.

use smartetl_core::model::Moment;
use smartetl_store::looking::{Run, Usual};
use std::collections::HashMap;
use uuid::Uuid;

/// A run of a tree, from the top down.
#[derive(Clone, Debug)]
pub struct Node {
    pub run: Run,
    /// For each level below the run that was asked for, down to this one: whether more of the same parent comes. Very deep levels
    /// are drawn as one.
    pub goes_on: Vec<bool>,
    /// The same place in the last good run.
    pub last_good: Option<Run>,
    pub usual: Option<Usual>,
    /// It stands in the last good run only.
    pub is_missing: bool,
}

/// Deeper levels have no indent of their own.
const DEEPEST: usize = 16;

/// The run that was asked for, and all below it.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The first is the run that was asked for; each is followed by its children.
    pub nodes: Vec<Node>,
    /// The runs above it, from the root down.
    pub above: Vec<Run>,
}

impl Tree {
    pub fn run(&self) -> &Run {
        &self.nodes[0].run
    }

    /// When and by which job the error was written that is the cause.
    pub fn struck(&self) -> Option<(Moment, &str)> {
        let cause = self.run().cause.as_ref()?.run_key?;
        let struck = self.runs().find(|node| node.run.run_key == cause)?;
        Some((struck.run.first_error_at?, &struck.run.job))
    }

    /// Runs that really are there.
    pub fn runs(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| !node.is_missing)
    }

    /// How long after the run that was asked for the last good one is drawn, to begin at the same place.
    pub fn shift_us(&self) -> i64 {
        let good = self.nodes[0].last_good.as_ref();
        good.map_or(0, |good| self.run().started_at.0 - good.started_at.0)
    }

    /// The last good run of a node on the time axis of this one.
    pub fn ghost(&self, node: &Node) -> Option<[Moment; 2]> {
        let shift = self.shift_us();
        let good = node.last_good.as_ref()?;
        Some([good.started_at, good.until()].map(|at| Moment(at.0.saturating_add(shift))))
    }
}

/// Orders the runs of a tree below the one that was asked for, each with the run that stands in its place in the last good one:
/// the same number of the same job among its parent's children. Children of the last good one that are not there stand where they
/// would be.
pub fn pair(
    asked: &Run,
    tree: &[Run],
    good: Option<(&Run, &[Run])>,
    usual: impl Fn(i64) -> Option<Usual>,
) -> Tree {
    let of_good = good.map(|(run, tree)| (run.clone(), children_of(tree)));
    let children = children_of(tree);
    let of_good_children = of_good.as_ref().map(|(_, children)| children);
    let mut nodes = Vec::new();
    let mut todo = vec![Todo {
        run: asked,
        good: of_good.as_ref().map(|(run, _)| run),
        goes_on: Vec::new(),
        is_missing: false,
    }];
    // A tree may be as deep as somebody writes it: no function calls itself.
    while let Some(next) = todo.pop() {
        if !next.is_missing {
            let theirs = next.good.zip(of_good_children);
            let theirs = theirs.and_then(|(good, children)| children.get(&good.run_key));
            let ours = children.get(&next.run.run_key);
            let below = side_by_side(
                ours.map_or(&[], Vec::as_slice),
                theirs.map_or(&[], Vec::as_slice),
            );
            for (number, (run, good, is_missing)) in below.into_iter().rev().enumerate() {
                let mut goes_on = next.goes_on.clone();
                if goes_on.len() < DEEPEST {
                    goes_on.push(number > 0);
                }
                todo.push(Todo {
                    run,
                    good,
                    goes_on,
                    is_missing,
                });
            }
        }
        nodes.push(Node {
            run: next.run.clone(),
            goes_on: next.goes_on,
            last_good: next.good.cloned(),
            usual: usual(next.run.job_number),
            is_missing: next.is_missing,
        });
    }
    Tree {
        nodes,
        above: above(asked, tree),
    }
}

/// The runs of its tree above a run, from the root down.
pub fn above(asked: &Run, tree: &[Run]) -> Vec<Run> {
    let mut above = Vec::new();
    let mut parent = asked.parent_run_key;
    while let Some(run) = parent.and_then(|key| tree.iter().find(|run| run.run_key == key))
        && above.len() < tree.len()
    {
        above.push(run.clone());
        parent = run.parent_run_key;
    }
    above.reverse();
    above
}

type Children<'r> = HashMap<Uuid, Vec<&'r Run>>;

fn children_of(tree: &[Run]) -> Children<'_> {
    let mut children: Children = HashMap::new();
    for run in tree {
        if let Some(parent) = run.parent_run_key {
            children.entry(parent).or_default().push(run);
        }
    }
    children
}

struct Todo<'r> {
    run: &'r Run,
    good: Option<&'r Run>,
    goes_on: Vec<bool>,
    is_missing: bool,
}

/// Children beside those of the last good run; behind them those that stand there only.
fn side_by_side<'r>(ours: &[&'r Run], theirs: &[&'r Run]) -> Vec<(&'r Run, Option<&'r Run>, bool)> {
    let mut by_place: HashMap<(i64, usize), &Run> = HashMap::new();
    for (place, run) in places(theirs) {
        by_place.insert(place, run);
    }
    let mut below: Vec<(&Run, Option<&Run>, bool)> = places(ours)
        .into_iter()
        .map(|(place, run)| (run, by_place.remove(&place), false))
        .collect();
    let mut missing: Vec<&Run> = by_place.into_values().collect();
    missing.sort_by_key(|run| (run.started_at, run.run_key));
    below.extend(missing.into_iter().map(|run| (run, Some(run), true)));
    below
}

/// Runs with the number of their job and which one of that job they are.
fn places<'r>(runs: &[&'r Run]) -> Vec<((i64, usize), &'r Run)> {
    let mut seen: HashMap<i64, usize> = HashMap::new();
    runs.iter()
        .map(|run| {
            let number = seen.entry(run.job_number).or_default();
            *number += 1;
            ((run.job_number, *number), *run)
        })
        .collect()
}
