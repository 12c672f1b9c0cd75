//! What a business day says about its jobs: which runs repeat a failed one, and how each root job came out.

use super::{Fact, Status};
use crate::world::plan::Day;
use crate::world::{Environment, Reason};
use std::collections::BTreeMap;

/// A scheduler's beat is seen from this many roots of a day on.
const ROOTS_OF_A_CADENCE: usize = 6;

type Group<'a> = (Environment, &'static str, &'a str);

/// One line of `job_day`.
pub(crate) struct JobDay<'a> {
    pub(crate) group: Group<'a>,
    pub(crate) runs: usize,
    pub(crate) attempts_failed: usize,
    pub(crate) first_status: Status,
    pub(crate) first_failure: Option<i64>,
    pub(crate) final_status: Status,
    pub(crate) verdict: &'static str,
    pub(crate) recovered_at: Option<i64>,
    pub(crate) recovered_by: Option<&'static str>,
    pub(crate) ready_at: Option<i64>,
    /// Place of the run whose cause is the day's.
    pub(crate) first_failed: Option<usize>,
}

/// Fills in `trigger` and `rerun_of`, and counts the day.
pub(crate) fn job_days<'a>(day: &Day, facts: &mut [Fact<'a>]) -> Vec<JobDay<'a>> {
    let mut groups: BTreeMap<Group<'a>, Vec<usize>> = BTreeMap::new();
    for (place, fact) in facts.iter().enumerate() {
        groups
            .entry((day.trees[fact.tree].environment, fact.project, fact.name))
            .or_default()
            .push(place);
    }
    for members in groups.values_mut() {
        members.sort_by_key(|&place| facts[place].started);
    }
    for members in groups.values() {
        triggers(day, facts, members);
    }
    for place in 0..facts.len() {
        facts[place].trigger = facts[facts[place].root].trigger;
    }
    groups
        .iter()
        .filter_map(|(group, members)| job_day(day, facts, *group, members, &groups))
        .collect()
}

fn triggers(day: &Day, facts: &mut [Fact], members: &[usize]) {
    let reason = |facts: &[Fact], place: usize| day.trees[facts[place].tree].reason;
    let beat = members
        .iter()
        .filter(|&&place| {
            is_root(facts, place) && matches!(reason(facts, place), Reason::Slot | Reason::Hand)
        })
        .count();
    let mut failed: Option<usize> = None;
    for &place in members {
        let why = reason(facts, place);
        if is_root(facts, place) {
            let repeats = failed.filter(|&other| {
                facts[other].root != place && matches!(why, Reason::Hand | Reason::Manual)
            });
            facts[place].rerun_of = repeats;
            facts[place].trigger = match why {
                Reason::Manual => "manual",
                Reason::Reprocess => "reprocess",
                _ if repeats.is_some() => "rerun",
                _ if beat >= ROOTS_OF_A_CADENCE => "scheduled",
                _ => "unknown",
            };
        }
        match facts[place].status {
            Status::Success => failed = None,
            status if status.is_broken() && why != Reason::Reprocess => failed = Some(place),
            _ => {}
        }
    }
}

fn is_root(facts: &[Fact], place: usize) -> bool {
    facts[place].parent.is_none()
}

fn job_day<'a>(
    day: &Day,
    facts: &[Fact<'a>],
    group: Group<'a>,
    members: &[usize],
    groups: &BTreeMap<Group<'a>, Vec<usize>>,
) -> Option<JobDay<'a>> {
    let considered: Vec<usize> = members
        .iter()
        .copied()
        .filter(|&place| is_root(facts, place))
        .filter(|&place| match day.trees[facts[place].tree].reason {
            Reason::Reprocess => false,
            Reason::Manual => facts[place].rerun_of.is_some(),
            _ => true,
        })
        .collect();
    let (&first, &last) = (considered.first()?, considered.last()?);
    let failed: Vec<usize> = considered
        .iter()
        .copied()
        .filter(|&place| facts[place].status.is_broken())
        .collect();
    let mended: Vec<Option<(i64, &'static str)>> = failed
        .iter()
        .map(|&place| made_good(day, facts, &considered, place, groups))
        .collect();
    let any = |status: Status| {
        considered
            .iter()
            .any(|&place| facts[place].status == status)
    };
    let verdict = if failed.is_empty() {
        match () {
            () if any(Status::Running) => "running",
            () if any(Status::Unverified) => "unverified",
            () => "ok",
        }
    } else if mended.iter().all(Option::is_some) {
        "recovered"
    } else if facts[last].status == Status::Running {
        "running"
    } else {
        let unmended = |status: Status| {
            failed
                .iter()
                .zip(&mended)
                .any(|(&place, mended)| mended.is_none() && facts[place].status == status)
        };
        if unmended(Status::Failed) {
            "failed"
        } else {
            "lost"
        }
    };
    let recovery = mended
        .iter()
        .flatten()
        .max_by_key(|(at, _)| *at)
        .filter(|_| verdict == "recovered");
    let success = considered
        .iter()
        .filter(|&&place| facts[place].status == Status::Success)
        .filter_map(|&place| facts[place].ended)
        .min();
    Some(JobDay {
        group,
        runs: considered.len(),
        attempts_failed: failed.len(),
        first_status: facts[first].status,
        first_failure: failed
            .first()
            .map(|&place| facts[place].ended.unwrap_or(facts[place].last)),
        final_status: facts[last].status,
        verdict,
        recovered_at: recovery.map(|(at, _)| *at),
        recovered_by: recovery.map(|(_, by)| *by),
        ready_at: success.or(recovery.map(|(at, _)| *at)),
        first_failed: failed.first().copied(),
    })
}

/// When, and by whom, a failed root was made good: by a later success of the job, or of all its failed leaves.
fn made_good<'a>(
    day: &Day,
    facts: &[Fact<'a>],
    considered: &[usize],
    root: usize,
    groups: &BTreeMap<Group<'a>, Vec<usize>>,
) -> Option<(i64, &'static str)> {
    let later = |place: &&usize| {
        facts[**place].started > facts[root].started && facts[**place].status == Status::Success
    };
    let whole = considered.iter().find(later).and_then(|&place| {
        facts[place]
            .ended
            .map(|ended| (ended, by_whom(facts, place, "schedule")))
    });
    let in_tree = |place: usize| facts[place].root == root;
    let broken = |place: usize| facts[place].status.is_broken();
    let leaves: Vec<usize> = (root + 1..facts.len())
        .take_while(|&place| in_tree(place))
        .filter(|&place| {
            broken(place)
                && !(place + 1..facts.len())
                    .take_while(|&child| in_tree(child))
                    .any(|child| facts[child].parent == Some(place) && broken(child))
        })
        .collect();
    let mut by_leaves = None;
    for &leaf in &leaves {
        let fact = &facts[leaf];
        let group = &groups[&(day.trees[fact.tree].environment, fact.project, fact.name)];
        let again = group
            .iter()
            .find(|&&place| {
                !in_tree(place)
                    && facts[place].started > fact.started
                    && facts[place].status == Status::Success
            })
            .and_then(|&place| {
                facts[place]
                    .ended
                    .map(|ended| (ended, by_whom(facts, place, "rerun")))
            });
        match again {
            None => return whole,
            Some(again) => by_leaves = by_leaves.max(Some(again)),
        }
    }
    match (whole, by_leaves) {
        (Some(one), Some(other)) => Some(if other.0 < one.0 { other } else { one }),
        (one, other) => one.or(other),
    }
}

fn by_whom(facts: &[Fact], place: usize, else_by: &'static str) -> &'static str {
    match facts[place].trigger {
        "manual" => "person",
        "rerun" => "rerun",
        _ => else_by,
    }
}
