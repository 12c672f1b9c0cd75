//! The facts of each run and each tree: times, states, counts and causes.

use super::{Cause, Fact, Status, status_when_cut};
use crate::world::catalogue::Stats;
use crate::world::plan::{Day, World};
use crate::world::{Failure, FailureKind, Run};
use std::collections::BTreeSet;

/// The facts of all runs of a day; parents stand before their children.
pub(crate) fn facts<'a>(world: &'a World, day: &'a Day) -> Vec<Fact<'a>> {
    let mut facts = Vec::new();
    for (number, tree) in day.trees.iter().enumerate() {
        let first = facts.len();
        for run in &tree.runs {
            facts.push(of_run(world, day, number, run, first));
        }
        join(&mut facts, first);
    }
    facts
}

fn of_run<'a>(world: &'a World, day: &Day, number: usize, run: &'a Run, first: usize) -> Fact<'a> {
    let job = &world.catalogue.jobs[run.job];
    let moment = |at: i64| run.stamp(at);
    let first_row = run.moments().map(moment).min().unwrap_or(0);
    let last = run.moments().map(moment).max().unwrap_or(0);
    let reported = run.end.map(|end| end.reported_ms);
    let end = run.end.map(|end| moment(end.at));
    let evidence = match (run.begin, run.end) {
        (Some(_), Some(_)) => "full",
        (Some(_), None) => "no_end",
        (None, Some(_)) => "no_begin",
        (None, None) if job.stats == Stats::Nothing => "errors_only",
        (None, None) => "steps_only",
    };
    let started = match (run.begin, end, reported) {
        (Some(begin), _, _) => moment(begin),
        (None, Some(end), Some(reported)) => end - reported,
        _ => first_row,
    };
    let steps_over = !run.steps.is_empty() && run.steps.iter().all(|step| step.end.is_some());
    let last_step = run
        .steps
        .iter()
        .filter_map(|step| step.end.map(|end| moment(end.at)))
        .max();
    let errors = || {
        run.failures
            .iter()
            .filter(|failure| failure.kind != FailureKind::Warning)
    };
    let ended = match evidence {
        "steps_only" => last_step.filter(|_| steps_over),
        "errors_only" => errors().map(|failure| moment(failure.at)).max(),
        _ => end,
    };
    let steps = steps(run);
    let status = match (ended, evidence) {
        (None, _) if run.killed => Status::Lost,
        (None, _) => status_when_cut(world, day),
        (Some(_), "errors_only") => Status::Failed,
        (Some(_), "steps_only") if steps.is_some_and(|(_, failed)| failed > 0) => Status::Failed,
        (Some(_), _) if run.end.is_some_and(|end| !end.success) => Status::Failed,
        _ => Status::Success,
    };
    let has_duration = matches!(evidence, "full" | "steps_only" | "no_begin");
    Fact {
        tree: number,
        run,
        parent: run.parent.map(|parent| first + parent),
        root: first,
        project: job.project,
        name: job.name_on(day.number),
        evidence,
        started,
        ended,
        last,
        status,
        tree_status: status,
        outcome: status.word(),
        duration: ended
            .filter(|_| has_duration)
            .map(|ended| ended - started)
            .filter(|&duration| duration >= 0),
        self_duration: None,
        steps,
        rows: rows(run),
        errors: 0,
        error_rows: errors()
            .map(|failure| usize::from(failure.whole + failure.cut))
            .sum(),
        warnings: different(
            run.failures
                .iter()
                .filter(|failure| failure.kind == FailureKind::Warning),
        ),
        first_error: errors().map(|failure| moment(failure.at)).min(),
        cause: None,
        trigger: "unknown",
        rerun_of: None,
    }
}

/// How many steps there were, and how many of them failed the last time.
fn steps(run: &Run) -> Option<(usize, usize)> {
    let names: BTreeSet<String> = run
        .steps
        .iter()
        .map(|step| step.origin.to_string())
        .collect();
    let failed = |name: &&String| {
        let last = run
            .steps
            .iter()
            .rfind(|step| step.origin.to_string() == **name);
        last.is_some_and(|step| step.end.is_some_and(|end| !end.success))
    };
    (!names.is_empty()).then(|| (names.len(), names.iter().filter(failed).count()))
}

/// Rows in, out and rejected.
fn rows(run: &Run) -> [Option<i64>; 3] {
    let mut sums = [None; 3];
    for meter in &run.meters {
        let place = match meter.label {
            "lignes_lues" | "rows_read" => 0,
            "lignes_ecrites" | "rows_written" => 1,
            "lignes_rejetees" | "rows_rejected" => 2,
            _ => continue,
        };
        *sums[place].get_or_insert(0) += meter.count;
    }
    sums
}

fn different<'a>(failures: impl Iterator<Item = &'a Failure>) -> usize {
    failures
        .map(|failure| (failure.origin.to_string(), failure.identity))
        .collect::<BTreeSet<_>>()
        .len()
}

/// What runs of one tree, those from `first` on, say about each other.
fn join(facts: &mut [Fact], first: usize) {
    for place in first..facts.len() {
        let below = subtree(facts, place);
        let run = facts[place].run;
        let broken_below = below[1..]
            .iter()
            .any(|&other| facts[other].status.is_broken());
        let telling_in = |other: usize| facts[other].run.failures.iter().any(is_telling);
        let wrapper_counts = !broken_below && !below.iter().any(|&other| telling_in(other));
        let counting = run.failures.iter().filter(|failure| {
            is_telling(failure) || (failure.kind == FailureKind::Wrapper && wrapper_counts)
        });
        let errors = different(counting);
        let tree_status = below
            .iter()
            .map(|&other| facts[other].status)
            .max()
            .unwrap_or(facts[place].status);
        let self_duration = self_duration(facts, place);
        let cause = cause(facts, &below);
        let fact = &mut facts[place];
        (
            fact.errors,
            fact.tree_status,
            fact.self_duration,
            fact.cause,
        ) = (errors, tree_status, self_duration, cause);
        if fact.status == Status::Success {
            fact.outcome = match () {
                () if errors > 0 || broken_below => "success_with_errors",
                () if fact.warnings > 0 => "success_with_warnings",
                () => "success",
            };
        }
    }
}

fn is_telling(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Exception | FailureKind::Die)
}

/// A run and all below it, the run itself first.
fn subtree(facts: &[Fact], top: usize) -> Vec<usize> {
    let mut members = vec![top];
    for (place, fact) in facts.iter().enumerate().skip(top + 1) {
        if fact.parent.is_some_and(|parent| members.contains(&parent)) {
            members.push(place);
        }
    }
    members
}

/// The duration without the time in which a direct child ran.
fn self_duration(facts: &[Fact], place: usize) -> Option<i64> {
    let (duration, from) = (facts[place].duration?, facts[place].started);
    let until = facts[place].ended.unwrap_or(from);
    let children = facts[place + 1..]
        .iter()
        .filter(|child| child.parent == Some(place));
    let mut spans: Vec<(i64, i64)> = children
        .map(|child| {
            (
                child.started.clamp(from, until),
                child.ended.unwrap_or(until).clamp(from, until),
            )
        })
        .collect();
    spans.sort_unstable();
    let (mut covered, mut reached) = (0, from);
    for (begin, end) in spans {
        covered += (end - begin.max(reached)).max(0);
        reached = reached.max(end);
    }
    Some(duration - covered)
}

/// The deepest telling error, else the deepest broken run.
fn cause(facts: &[Fact], below: &[usize]) -> Option<Cause> {
    let errors = |kind: fn(&Failure) -> bool| {
        below.iter().flat_map(move |&place| {
            let fact = &facts[place];
            fact.run
                .failures
                .iter()
                .filter(move |failure| kind(failure))
                .map(move |failure| {
                    let severity = i32::from(failure.kind == FailureKind::Die);
                    (
                        (
                            std::cmp::Reverse(fact.run.depth),
                            fact.run.stamp(failure.at),
                            severity,
                            failure.origin.to_string(),
                        ),
                        place,
                        failure.category,
                    )
                })
        })
    };
    let as_cause = |(key, fact, category): ((_, _, _, String), usize, &'static str)| Cause {
        fact,
        step: Some(key.3),
        category,
    };
    if let Some(telling) = errors(is_telling).min_by(|one, other| one.0.cmp(&other.0)) {
        return Some(as_cause(telling));
    }
    let broken = below
        .iter()
        .copied()
        .filter(|&place| facts[place].status.is_broken());
    let deepest = broken.min_by_key(|&place| {
        (
            std::cmp::Reverse(facts[place].run.depth),
            facts[place].started,
        )
    });
    let wrapper = |failure: &Failure| failure.kind == FailureKind::Wrapper;
    match deepest {
        Some(place) => {
            let own = errors(wrapper)
                .filter(|error| error.1 == place)
                .min_by(|one, other| one.0.cmp(&other.0));
            Some(own.map_or(
                Cause {
                    fact: place,
                    step: None,
                    category: "unknown",
                },
                as_cause,
            ))
        }
        None => errors(wrapper)
            .min_by(|one, other| one.0.cmp(&other.0))
            .map(as_cause),
    }
}
