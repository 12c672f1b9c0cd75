//! The states of issues on histories that nobody chose: as a slow reference says that is written from `doc/issues.md` alone, in any
//! order, and however often the same is told.

use std::collections::BTreeSet;

use jiff::civil::Date;
use proptest::prelude::*;
use smartetl_core::issue::{
    Act, Facts, Good, JobNumber, Judged, Mute, Occurrence, Rules, Version, What, judge,
};
use smartetl_core::model::{IssueState, Moment, ResolvedBy};
use uuid::Uuid;

fn occurrence() -> impl Strategy<Value = (i64, i64, JobNumber)> {
    (0..60_i64, 0..4_i64, 0..3_u32)
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        Just(What::Ack),
        Just(What::Resolve),
        Just(What::Reopen),
        (0..70_i64).prop_map(|at| What::Mute(Mute::Until(Moment(at)))),
        (0..4_u32).prop_map(|more| What::Mute(Mute::Occurrences(more))),
        Just(What::Mute(Mute::NextVersion)),
        Just(What::Unmute),
        proptest::option::of("[ab]").prop_map(What::Assign),
        proptest::option::of("[ab]").prop_map(What::Note),
        proptest::option::of("[ab]").prop_map(What::Runbook),
    ]
}

prop_compose! {
    fn facts()(
        bad in proptest::collection::vec(occurrence(), 0..10),
        good in proptest::collection::vec(occurrence(), 0..25),
        retired in proptest::collection::vec((0..60_i64, 0..3_u32), 0..2),
        versions in proptest::collection::vec((0..60_i64, 0..3_u32, "[12]"), 0..8),
        acts in proptest::collection::vec((0..60_i64, "[xy]", what()), 0..8),
    ) -> Facts {
        let occurrences = bad.into_iter().enumerate().map(|(number, (at, later, job))| Occurrence {
            run_key: Uuid::from_u128(number as u128),
            job,
            started_at: Moment(at),
            seen_at: Moment(at + later),
            business_day: Date::constant(2026, 11, 1).saturating_add(jiff::Span::new().days(at / 12)),
            failed_runs: later,
            lost_ms: later * 10,
        });
        // The first few are runs that failed as well.
        let successes = good.into_iter().enumerate().map(|(number, (at, later, job))| Good::Success {
            run_key: Uuid::from_u128(if number < 2 { number as u128 } else { number as u128 + 100 }),
            job,
            started_at: Moment(at),
            ended_at: Moment(at + later),
        });
        let retired = retired.into_iter().map(|(at, job)| Good::Retired { job, at: Moment(at) });
        Facts {
            occurrences: occurrences.collect(),
            good: successes.chain(retired).collect(),
            versions: versions
                .into_iter()
                .map(|(at, job, version)| Version { job, started_at: Moment(at), version })
                .collect(),
            acts: acts
                .into_iter()
                .enumerate()
                .map(|(number, (at, by, what))| Act { number: number as i64, at: Moment(at), by, what })
                .collect(),
        }
    }
}

fn in_another_order(facts: &Facts, seed: u64) -> Facts {
    fn shuffled<T: Clone>(list: &[T], seed: u64) -> Vec<T> {
        let mut list = list.to_vec();
        crate::histories::Dice::new(seed).shuffle(&mut list);
        list
    }
    Facts {
        occurrences: shuffled(&facts.occurrences, seed),
        good: shuffled(&facts.good, seed ^ 1),
        versions: shuffled(&facts.versions, seed ^ 2),
        acts: shuffled(&facts.acts, seed ^ 3),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_is_said_is_what_the_rules_say(facts in facts(), resolve_after in 0..4_u32) {
        let rules = Rules { resolve_after };
        let judged = judge(&facts, rules);
        let expected = reference(&facts, rules);
        prop_assert_eq!(judged.as_ref().map(Said::of), expected);
        for as_of in [0, 30, 65] {
            let is_muted = judged.as_ref().is_some_and(|judged| judged.is_muted(Moment(as_of)));
            prop_assert_eq!(is_muted, is_muted_by_the_rules(&facts, rules, Moment(as_of)) && judged.is_some());
        }
    }

    #[test]
    fn neither_order_nor_telling_it_twice_changes_anything(facts in facts(), seed in any::<u64>()) {
        let rules = Rules { resolve_after: 2 };
        let expected = judge(&facts, rules);
        prop_assert_eq!(&judge(&in_another_order(&facts, seed), rules), &expected);
        // Runs that two fuses brought, or that were folded again.
        let mut twice = facts.clone();
        twice.occurrences.extend(facts.occurrences.iter().cloned());
        twice.good.extend(facts.good.iter().cloned());
        prop_assert_eq!(&judge(&in_another_order(&twice, seed), rules), &expected);
    }
}

/// What of an issue is compared.
#[derive(Debug, PartialEq)]
struct Said {
    state: IssueState,
    since: Moment,
    resolved_by: Option<ResolvedBy>,
    acknowledged: Option<(Moment, String)>,
    regressions: i64,
    runs: i64,
    runs_since_opened: i64,
    seen: (Moment, Moment),
    sums: (i64, i64),
    words: [Option<String>; 3],
}

impl Said {
    fn of(judged: &Judged) -> Self {
        Self {
            state: judged.state,
            since: judged.since,
            resolved_by: judged.resolved_by,
            acknowledged: judged.acknowledged.clone(),
            regressions: judged.regressions,
            runs: judged.runs,
            runs_since_opened: judged.runs_since_opened,
            seen: (judged.first_seen, judged.last_seen),
            sums: (judged.failed_runs, judged.lost_ms),
            words: [
                judged.assignee.clone(),
                judged.note.clone(),
                judged.runbook.clone(),
            ],
        }
    }
}

/// A moment of a history.
enum Step<'f> {
    Bad(&'f Occurrence),
    Success(JobNumber, Moment),
    Retired(JobNumber),
    Act(&'f Act),
}

fn steps(facts: &Facts) -> Vec<(Moment, Step<'_>)> {
    let mut steps: Vec<((Moment, u8, i64, Uuid), Step<'_>)> = Vec::new();
    for one in &facts.occurrences {
        steps.push(((one.started_at, 0, 0, one.run_key), Step::Bad(one)));
    }
    for good in &facts.good {
        match good {
            Good::Success {
                run_key,
                job,
                started_at,
                ended_at,
            } => {
                let is_bad = facts.occurrences.iter().any(|one| one.run_key == *run_key);
                if !is_bad {
                    let step = Step::Success(*job, *started_at);
                    steps.push(((*ended_at, 1, 0, *run_key), step));
                }
            }
            Good::Retired { job, at } => {
                let order = (*at, 2, i64::from(*job), Uuid::nil());
                steps.push((order, Step::Retired(*job)));
            }
        }
    }
    for act in &facts.acts {
        steps.push(((act.at, 3, act.number, Uuid::nil()), Step::Act(act)));
    }
    steps.sort_by_key(|(order, _)| *order);
    steps
        .into_iter()
        .map(|((at, ..), step)| (at, step))
        .collect()
}

/// The step that opened it, as of each step, and the one that resolved it since.
fn turns(steps: &[(Moment, Step<'_>)], rules: Rules) -> (Vec<Option<usize>>, Vec<Option<usize>>) {
    let is_act =
        |at: usize, what: &What| matches!(&steps[at].1, Step::Act(act) if act.what == *what);
    let is_bad = |at: usize| matches!(steps[at].1, Step::Bad(_));
    let mut opened: Vec<Option<usize>> = Vec::new();
    let mut resolved: Vec<Option<usize>> = Vec::new();
    for now in 0..steps.len() {
        let (opened_before, resolved_before) = match now {
            0 => (None, None),
            _ => (opened[now - 1], resolved[now - 1]),
        };
        let opens = match opened_before {
            None => is_bad(now),
            Some(_) => resolved_before.is_some() && (is_bad(now) || is_act(now, &What::Reopen)),
        };
        let opener = if opens { Some(now) } else { opened_before };
        opened.push(opener);
        let Some(opener) = opener else {
            resolved.push(None);
            continue;
        };
        let since = if opens { None } else { resolved_before };
        let here = is_act(now, &What::Resolve)
            || is_good(steps, &opened, opener, now, rules.resolve_after);
        resolved.push(since.or(here.then_some(now).filter(|_| !opens)));
    }
    (opened, resolved)
}

/// Looks back from each step, with nothing carried on but which steps opened and which resolved it.
fn reference(facts: &Facts, rules: Rules) -> Option<Said> {
    let steps = steps(facts);
    let is_act =
        |at: usize, what: &What| matches!(&steps[at].1, Step::Act(act) if act.what == *what);
    let is_bad = |at: usize| matches!(steps[at].1, Step::Bad(_));
    let (opened, resolved) = turns(&steps, rules);
    let last = steps.len().checked_sub(1)?;
    let opener = opened[last]?;
    let is_first = !(0..opener).any(is_bad);
    let acts = |name: fn(&What) -> Option<Option<String>>| {
        let mut said = steps.iter().rev().filter_map(|(_, step)| match step {
            Step::Act(act) => name(&act.what),
            _ => None,
        });
        said.next().flatten()
    };
    let origin = origin(&steps, &opened, opener);
    let end = resolved[last].unwrap_or(last);
    let ack = (origin..=end).find(|&at| {
        let is_open = resolved[at].is_none();
        is_act(at, &What::Ack) && is_open
    });
    let (state, since, resolved_by) = if let Some(at) = resolved[last] {
        let by = if is_act(at, &What::Resolve) {
            ResolvedBy::Person
        } else {
            ResolvedBy::Itself
        };
        (IssueState::Resolved, steps[at].0, Some(by))
    } else if let Step::Bad(first) = steps[opener].1 {
        let goes_on = (opener + 1..=last).find_map(|at| match steps[at].1 {
            Step::Bad(one) if one.business_day != first.business_day => Some(one.seen_at),
            Step::Act(act) if act.what == What::Ack => Some(act.at),
            _ => None,
        });
        match goes_on {
            Some(since) => (IssueState::Ongoing, since, None),
            None if is_first => (IssueState::New, first.seen_at, None),
            None => (IssueState::Regressed, first.seen_at, None),
        }
    } else {
        (IssueState::Ongoing, steps[opener].0, None)
    };
    let openings: BTreeSet<usize> = opened.iter().flatten().copied().collect();
    let all = &facts.occurrences;
    Some(Said {
        state,
        since,
        resolved_by,
        acknowledged: ack.and_then(|at| match steps[at].1 {
            Step::Act(act) => Some((act.at, act.by.clone())),
            _ => None,
        }),
        regressions: openings.iter().filter(|&&at| is_bad(at)).count() as i64 - 1,
        runs: all.len() as i64,
        runs_since_opened: (origin..=last).filter(|&at| is_bad(at)).count() as i64,
        seen: (
            all.iter().map(|one| one.seen_at).min()?,
            all.iter().map(|one| one.seen_at).max()?,
        ),
        sums: (
            all.iter().map(|one| one.failed_runs).sum(),
            all.iter().map(|one| one.lost_ms).sum(),
        ),
        words: [
            acts(|what| match what {
                What::Assign(to) => Some(to.clone()),
                _ => None,
            }),
            acts(|what| match what {
                What::Note(text) => Some(text.clone()),
                _ => None,
            }),
            acts(|what| match what {
                What::Runbook(link) => Some(link.clone()),
                _ => None,
            }),
        ],
    })
}

/// The occurrence behind an opening, which may be a person's.
fn origin(steps: &[(Moment, Step<'_>)], opened: &[Option<usize>], mut opener: usize) -> usize {
    while !matches!(steps[opener].1, Step::Bad(_)) {
        opener = opened[opener - 1].expect("what is reopened was open");
    }
    opener
}

/// Whether this step makes the last of the touched jobs good.
fn is_good(
    steps: &[(Moment, Step<'_>)],
    opened: &[Option<usize>],
    opener: usize,
    now: usize,
    wanted: u32,
) -> bool {
    let (Step::Success(of_job, _) | Step::Retired(of_job)) = steps[now].1 else {
        return false;
    };
    let from = origin(steps, opened, opener);
    let jobs: BTreeSet<JobNumber> = (from..=now)
        .filter_map(|at| match steps[at].1 {
            Step::Bad(one) => Some(one.job),
            _ => None,
        })
        .collect();
    let good = |job: JobNumber| {
        let bad = (opener..=now)
            .rev()
            .find(|&at| matches!(steps[at].1, Step::Bad(one) if one.job == job));
        let from = bad.unwrap_or(opener);
        let since = steps[from].0;
        let is_retired =
            (from..=now).any(|at| matches!(steps[at].1, Step::Retired(of) if of == job));
        let successes = (from..=now).filter(
            |&at| matches!(steps[at].1, Step::Success(of, began) if of == job && began > since),
        );
        wanted > 0 && (is_retired || successes.count() >= wanted as usize)
    };
    jobs.contains(&of_job) && jobs.into_iter().all(good)
}

fn is_muted_by_the_rules(facts: &Facts, rules: Rules, as_of: Moment) -> bool {
    let steps = steps(facts);
    let (_, resolved) = turns(&steps, rules);
    let last = (0..steps.len()).rev().find(|&at| match &steps[at].1 {
        Step::Act(act) => match act.what {
            What::Mute(Mute::Occurrences(0)) | What::Unmute | What::Resolve => true,
            What::Mute(_) => resolved[at].is_none(),
            _ => false,
        },
        _ => resolved[at] == Some(at),
    });
    let Some(Step::Act(act)) = last.map(|at| &steps[at].1) else {
        return false;
    };
    let later = |one: &&Occurrence| one.started_at > act.at;
    match act.what {
        What::Mute(Mute::Until(until)) => as_of < until,
        What::Mute(Mute::Occurrences(more)) => {
            facts.occurrences.iter().filter(later).count() < more as usize
        }
        What::Mute(Mute::NextVersion) => facts
            .occurrences
            .iter()
            .all(|one| !has_next_version(&facts.versions, one.job, act.at)),
        _ => false,
    }
}

fn has_next_version(versions: &[Version], job: JobNumber, at: Moment) -> bool {
    let mut versions: Vec<(Moment, &str)> = versions
        .iter()
        .filter(|version| version.job == job)
        .map(|version| (version.started_at, version.version.as_str()))
        .collect();
    versions.sort_unstable();
    let known = versions.partition_point(|(began, _)| *began <= at);
    let from = known.saturating_sub(1);
    versions[from..]
        .iter()
        .any(|(_, version)| Some(*version) != versions.get(from).map(|(_, first)| *first))
}
