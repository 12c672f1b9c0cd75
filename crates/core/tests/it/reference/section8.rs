//! Section 8: the day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use smartetl_core::model::{Moment, RecoveredBy, RunStatus, Trigger, Verdict};
use uuid::Uuid;

use super::calendar::day_type;
use super::section1::trigger_word;
use super::section3::Run;
use super::section4::{below, root};
use super::{Config, DayOut};

/// Environment, project, job, business day.
type Group = (String, String, String, Date);

pub fn the_days(runs: &mut [Run], config: &Config) -> Vec<DayOut> {
    reruns_and_triggers(runs, config);
    let mut groups: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
    for place in 0..runs.len() {
        groups
            .entry(group(&runs[place]))
            .or_insert_with(|| job_group(runs, place));
    }
    groups
        .into_values()
        .filter_map(|members| job_day(runs, &members))
        .collect()
}

fn group(run: &Run) -> Group {
    let out = &run.out;
    (
        out.environment.clone(),
        out.project.clone(),
        out.job.clone(),
        out.business_day,
    )
}

/// The job group of a run, in its order.
fn job_group(runs: &[Run], place: usize) -> Vec<usize> {
    let mut members: Vec<usize> = (0..runs.len())
        .filter(|&other| group(&runs[other]) == group(&runs[place]))
        .collect();
    members.sort_by_key(|&member| (runs[member].out.started_at, runs[member].out.run_key));
    members
}

/// 1.2: of the run's root, that of the first row that has one.
fn word(runs: &[Run], place: usize, config: &Config) -> Option<(Trigger, &'static str)> {
    let rows = &runs[root(runs, place)].rows;
    rows.iter().find_map(|row| trigger_word(&row.said, config))
}

fn says(runs: &[Run], place: usize, config: &Config, trigger: Trigger) -> bool {
    word(runs, place, config).is_some_and(|(said, _)| said == trigger)
}

/// 8.1 to 8.3
fn reruns_and_triggers(runs: &mut [Run], config: &Config) {
    let mut decided = Vec::new();
    for place in 0..runs.len() {
        let root = root(runs, place);
        let (rerun_of, cadence) = rerun_of(runs, root, config);
        let (trigger, evidence) = match word(runs, root, config) {
            Some((trigger, evidence)) => (trigger, Some(evidence)),
            None if rerun_of.is_some() => (Trigger::Rerun, Some("repeats_failed_run")),
            None if cadence => (Trigger::Scheduled, Some("cadence")),
            None => (Trigger::Unknown, None),
        };
        decided.push((trigger, evidence, rerun_of.filter(|_| root == place)));
    }
    for (run, (trigger, evidence, rerun_of)) in runs.iter_mut().zip(decided) {
        run.out.trigger = trigger;
        run.out.trigger_evidence = evidence.map(str::to_owned);
        run.out.rerun_of = rerun_of;
    }
}

/// 8.1 and 8.2: the failed run that this root repeats, and whether its job has a cadence on this day.
fn rerun_of(runs: &[Run], place: usize, config: &Config) -> (Option<Uuid>, bool) {
    let members = job_group(runs, place);
    let cadence = cadence(runs, &members, config);
    if says(runs, place, config, Trigger::Reprocess) {
        return (None, cadence.is_some());
    }
    let others: Vec<&Run> = members
        .iter()
        .filter(|&&other| {
            root(runs, other) != place && !says(runs, other, config, Trigger::Reprocess)
        })
        .map(|&other| &runs[other])
        .collect();
    let start = runs[place].out.started_at;
    let failed = others
        .iter()
        .rev()
        .find(|other| other.failed_or_lost() && other.out.started_at < start);
    let Some(failed) = failed else {
        return (None, cadence.is_some());
    };
    let failed_start = failed.out.started_at;
    let success_between = others.iter().any(|other| {
        other.out.status == RunStatus::Success
            && failed_start < other.out.started_at
            && other.out.started_at < start
    });
    let has_word = word(runs, place, config).is_some();
    let on_the_beat =
        cadence.is_some_and(|beat| !has_word && on_the_beat(start.0 - failed_start.0, beat));
    (
        (!success_between && !on_the_beat).then_some(failed.out.run_key),
        cadence.is_some(),
    )
}

/// 8.2
fn cadence(runs: &[Run], members: &[usize], config: &Config) -> Option<i64> {
    let starts: Vec<i64> = members
        .iter()
        .filter(|&&member| runs[member].out.is_root)
        .filter(|&&member| !says(runs, member, config, Trigger::Manual))
        .filter(|&&member| !says(runs, member, config, Trigger::Reprocess))
        .map(|&member| runs[member].out.started_at.0)
        .collect();
    if starts.len() < 6 {
        return None;
    }
    let mut differences: Vec<i64> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    differences.sort_unstable();
    Some(differences[(differences.len() - 1) / 2])
}

/// A beat of nothing is never met.
fn on_the_beat(distance: i64, beat: i64) -> bool {
    if beat == 0 {
        return false;
    }
    let below = distance / beat;
    [below, below + 1]
        .into_iter()
        .any(|times| times > 0 && (distance - times * beat).abs() * 10 <= beat)
}

/// 8.4: roots that count for the day.
fn considered(run: &Run) -> bool {
    run.out.is_root
        && match run.out.trigger {
            Trigger::Reprocess => false,
            Trigger::Manual => run.out.rerun_of.is_some(),
            Trigger::Scheduled | Trigger::Rerun | Trigger::Unknown => true,
        }
}

/// 8.4 to 8.10
fn job_day(runs: &[Run], members: &[usize]) -> Option<DayOut> {
    let roots: Vec<usize> = members
        .iter()
        .copied()
        .filter(|&member| considered(&runs[member]))
        .collect();
    let (&first, &last) = (roots.first()?, roots.last()?);
    let failed: Vec<usize> = roots
        .iter()
        .copied()
        .filter(|&root| runs[root].failed_or_lost())
        .collect();
    let made_good: Vec<Option<MadeGood>> = failed
        .iter()
        .map(|&root| made_good(runs, &roots, root))
        .collect();
    let verdict = verdict(runs, &roots, &failed, &made_good);

    let latest = made_good
        .iter()
        .flatten()
        .map(|good| good.at)
        .max()
        .filter(|_| verdict == Verdict::Recovered);
    let recovered_by = latest.and_then(|latest| {
        let by: Vec<RecoveredBy> = made_good
            .iter()
            .flatten()
            .filter(|good| good.at == latest)
            .flat_map(|good| good.by.clone())
            .collect();
        // Several did it at the same moment.
        [
            RecoveredBy::Person,
            RecoveredBy::Rerun,
            RecoveredBy::Schedule,
        ]
        .into_iter()
        .find(|who| by.contains(who))
    });
    let successes = roots
        .iter()
        .filter(|&&root| runs[root].out.status == RunStatus::Success);
    let first_success_end = successes.filter_map(|&root| runs[root].out.ended_at).min();

    let first_failed = failed.first().map(|&root| &runs[root].out);
    let out = &runs[first].out;
    Some(DayOut {
        environment: out.environment.clone(),
        project: out.project.clone(),
        job: out.job.clone(),
        business_day: out.business_day,
        runs: roots.len() as i64,
        attempts_failed: failed.len() as i64,
        first_status: out.status,
        first_failure_at: first_failed
            .map(|failed| failed.ended_at.unwrap_or(failed.last_event_at)),
        final_status: runs[last].out.status,
        verdict,
        recovered_at: latest,
        recovered_by,
        ready_at: first_success_end.or(latest),
        cause_signature: first_failed.and_then(|failed| failed.cause_signature),
        cause_job: first_failed.and_then(|failed| failed.cause_job.clone()),
        cause_step: first_failed.and_then(|failed| failed.cause_step.clone()),
        category: first_failed.and_then(|failed| failed.category),
        blame: first_failed.and_then(|failed| failed.blame),
        day_type: day_type(out.business_day),
    })
}

struct MadeGood {
    at: Moment,
    by: Vec<RecoveredBy>,
}

/// 8.6
fn made_good(runs: &[Run], roots: &[usize], failed: usize) -> Option<MadeGood> {
    let by_a_root = by_a_later_root(runs, roots, failed);
    let by_leaves = by_its_leaves(runs, failed);
    match (by_a_root, by_leaves) {
        (Some(a), Some(b)) if a.at == b.at => Some(MadeGood {
            at: a.at,
            by: [a.by, b.by].concat(),
        }),
        (Some(a), Some(b)) => Some(if a.at < b.at { a } else { b }),
        (a, b) => a.or(b),
    }
}

fn by_a_later_root(runs: &[Run], roots: &[usize], failed: usize) -> Option<MadeGood> {
    let later = roots.iter().copied().find(|&root| {
        runs[root].out.started_at > runs[failed].out.started_at
            && runs[root].out.status == RunStatus::Success
    })?;
    let by = match runs[later].out.trigger {
        Trigger::Manual => RecoveredBy::Person,
        Trigger::Rerun => RecoveredBy::Rerun,
        Trigger::Scheduled | Trigger::Reprocess | Trigger::Unknown => RecoveredBy::Schedule,
    };
    Some(MadeGood {
        at: runs[later].out.ended_at?,
        by: vec![by],
    })
}

fn by_its_leaves(runs: &[Run], failed: usize) -> Option<MadeGood> {
    let leaves: Vec<usize> = below(runs, failed)
        .into_iter()
        .filter(|&member| runs[member].failed_or_lost())
        .filter(|&member| {
            !runs
                .iter()
                .any(|run| run.parent == Some(member) && run.failed_or_lost())
        })
        .collect();
    let mut successes = Vec::new();
    for leaf in leaves {
        let first = job_group(runs, leaf).into_iter().find(|&other| {
            runs[other].out.started_at > runs[leaf].out.started_at
                && runs[other].out.status == RunStatus::Success
                && root(runs, other) != failed
        })?;
        successes.push(first);
    }
    let at = successes
        .iter()
        .filter_map(|&success| runs[success].out.ended_at)
        .max()?;
    let by = successes
        .iter()
        .filter(|&&success| runs[success].out.ended_at == Some(at))
        .map(|&success| match runs[root(runs, success)].out.trigger {
            Trigger::Manual => RecoveredBy::Person,
            _ => RecoveredBy::Rerun,
        })
        .collect();
    Some(MadeGood { at, by })
}

/// 8.7
fn verdict(
    runs: &[Run],
    roots: &[usize],
    failed: &[usize],
    made_good: &[Option<MadeGood>],
) -> Verdict {
    let some = |status: RunStatus| roots.iter().any(|&root| runs[root].out.status == status);
    if failed.is_empty() {
        return if some(RunStatus::Running) {
            Verdict::Running
        } else if some(RunStatus::Unverified) {
            Verdict::Unverified
        } else {
            Verdict::Ok
        };
    }
    if made_good.iter().all(Option::is_some) {
        return Verdict::Recovered;
    }
    let still_running = roots
        .last()
        .is_some_and(|&last| runs[last].out.status == RunStatus::Running);
    let not_made_good_failed = failed
        .iter()
        .zip(made_good)
        .any(|(&root, good)| good.is_none() && runs[root].out.status == RunStatus::Failed);
    if still_running {
        Verdict::Running
    } else if not_made_good_failed {
        Verdict::Failed
    } else {
        Verdict::Lost
    }
}
