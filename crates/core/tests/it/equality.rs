//! The fold of the crate gives what the rules say, on histories that nobody chose; and neither order nor batches matter.

use std::collections::{BTreeMap, BTreeSet};

use smartetl_core::group::problem::Correction;
use smartetl_core::model::{Blame, Category, Moment};
use uuid::Uuid;

use crate::fast;
use crate::histories::{Dice, History, history};
use crate::reference::{self, Config, Fused, InRow};
use crate::story::{print, zone};

const HISTORIES: u64 = 1_000;

#[test]
fn the_fast_fold_equals_the_reference_on_random_histories() {
    for seed in 0..HISTORIES {
        check(seed, &history(seed), |rows, config, as_of| {
            (
                reference::fold(rows, config, as_of),
                fast::fold(rows, config, as_of),
            )
        });
    }
}

#[test]
fn the_order_of_rows_changes_nothing() {
    for seed in 0..HISTORIES {
        check(seed, &history(seed), |rows, config, as_of| {
            let mut shuffled = rows.to_vec();
            Dice::new(seed ^ 0xABCD).shuffle(&mut shuffled);
            (
                fast::fold(rows, config, as_of),
                fast::fold(&shuffled, config, as_of),
            )
        });
    }
}

#[test]
fn the_order_of_rows_changes_nothing_in_the_reference() {
    for seed in 0..HISTORIES / 4 {
        check(seed, &history(seed), |rows, config, as_of| {
            let mut shuffled = rows.to_vec();
            Dice::new(seed ^ 0xDCBA).shuffle(&mut shuffled);
            (
                reference::fold(rows, config, as_of),
                reference::fold(&shuffled, config, as_of),
            )
        });
    }
}

#[test]
fn batches_change_nothing() {
    for seed in 0..HISTORIES {
        check(seed, &history(seed), |rows, config, as_of| {
            let mut dice = Dice::new(seed ^ 0x1234);
            let batches: Vec<i64> = rows.iter().map(|_| dice.below(7) as i64).collect();
            (
                fast::fold(rows, config, as_of),
                fast::fold_batches(rows, &batches, config, as_of),
            )
        });
    }
}

#[test]
fn rows_that_were_kept_elsewhere_change_nothing() {
    for seed in 0..HISTORIES {
        check(seed, &history(seed), |rows, config, as_of| {
            (
                fast::fold(rows, config, as_of),
                fast::fold_spilled(rows, config, as_of),
            )
        });
    }
}

#[test]
fn rows_that_several_gathered_give_the_same() {
    for seed in 0..HISTORIES {
        check(seed, &history(seed), |rows, config, as_of| {
            (
                fast::fold(rows, config, as_of),
                fast::fold_joined(rows, config, as_of, 2 + seed as usize % 3),
            )
        });
    }
}

/// People say of every second signature that it is something else.
#[test]
fn corrections_hold_for_the_fast_fold_as_for_the_reference() {
    let mut corrected = 0;
    for seed in 0..HISTORIES / 2 {
        let history = history(seed);
        let signatures: BTreeSet<Uuid> = history
            .rows
            .iter()
            .filter_map(|row| row.error())
            .map(|error| error.signature)
            .collect();
        let correction = |at: usize| Correction {
            category: [Category::Lock, Category::Code][at % 2],
            blame: at.is_multiple_of(3).then_some(Blame::External),
            retryable: (at % 3 != 1).then_some(at.is_multiple_of(2)),
        };
        let config = Config {
            corrections: (0..)
                .zip(signatures)
                .filter(|(at, _)| (at + seed as usize).is_multiple_of(2))
                .map(|(at, signature)| (signature, correction(at)))
                .collect(),
            ..Config::with_zone(zone())
        };
        check_with(seed, &history, &config, |rows, config, as_of| {
            let expected = reference::fold(rows, config, as_of);
            corrected += expected
                .runs
                .iter()
                .filter(|run| run.ruled.is_some())
                .count();
            (expected, fast::fold_joined(rows, config, as_of, 2))
        });
    }
    assert!(corrected > 100, "only {corrected} runs were corrected");
}

#[test]
fn no_two_runs_have_the_same_key() {
    for seed in 0..HISTORIES {
        let History { rows, as_of } = history(seed);
        let fused = fast::fold(&rows, &Config::with_zone(zone()), as_of);
        let keys: BTreeSet<_> = fused.runs.iter().map(|run| run.run_key).collect();
        assert_eq!(
            keys.len(),
            fused.runs.len(),
            "seed {seed}:\n{}",
            print(&rows, as_of)
        );
    }
}

#[test]
fn the_fast_fold_gives_what_was_computed_by_hand() {
    crate::by_hand::check(fast::fold);
}

/// Every word of every vocabulary, and every reason, comes up often enough to be tested.
#[test]
fn the_histories_hold_every_situation() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..HISTORIES {
        let History { rows, as_of } = history(seed);
        let fused = reference::fold(&rows, &Config::with_zone(zone()), as_of);
        let of_runs = fused.runs.iter().flat_map(|run| {
            let reasons = run
                .quality_reasons
                .iter()
                .map(|reason| format!("quality {reason}"));
            let set = [
                ("rerun_of", run.rerun_of.is_some()),
                ("rows_in", run.rows_in.is_some()),
                ("depth 3", run.depth == 3),
                (
                    "wrapper that does not count",
                    run.error_rows > 0 && run.errors == 0,
                ),
                ("copies", run.error_rows > run.errors),
                (
                    "cause of another run",
                    run.cause_run_key.is_some_and(|cause| cause != run.run_key),
                ),
            ];
            let set = set
                .into_iter()
                .filter(|(_, holds)| *holds)
                .map(|(name, _)| name.to_owned());
            let words = run.columns().into_iter().filter_map(|(name, value)| {
                let vocabulary = [
                    "status",
                    "outcome",
                    "tree_status",
                    "evidence",
                    "trigger",
                    "trigger_evidence",
                    "environment",
                ];
                vocabulary
                    .contains(&name)
                    .then(|| format!("{name} {value}"))
            });
            words.chain(reasons).chain(set).collect::<Vec<_>>()
        });
        let of_days = fused.days.iter().flat_map(|day| {
            let types = day
                .day_type
                .iter()
                .map(|day_type| format!("day_type {day_type}"));
            let by = day.recovered_by.map(|by| format!("recovered_by {by}"));
            types
                .chain(by)
                .chain([format!("verdict {}", day.verdict)])
                .collect::<Vec<_>>()
        });
        let these: BTreeSet<String> = of_runs.chain(of_days).collect();
        for this in these {
            *seen.entry(this).or_default() += 1;
        }
    }
    let expected = include_str!("situations.txt")
        .lines()
        .filter(|line| !line.is_empty());
    let rare: Vec<String> = expected
        .map(|situation| (situation, seen.get(situation).copied().unwrap_or(0)))
        .filter(|(_, count)| *count < 8)
        .map(|(situation, count)| format!("{situation}: in {count} histories"))
        .collect();
    assert!(
        rare.is_empty(),
        "too rare:\n{}\nall: {seen:#?}",
        rare.join("\n")
    );
}

type Pair = (Fused, Fused);

/// Both folds of a pair must be equal. If they are not, rows are left out as long as they stay unequal, and what
/// remains is shown in the language of the cases.
pub fn check(seed: u64, history: &History, fold: impl Fn(&[InRow], &Config, Moment) -> Pair) {
    check_with(seed, history, &Config::with_zone(zone()), fold);
}

fn check_with(
    seed: u64,
    history: &History,
    config: &Config,
    mut fold: impl FnMut(&[InRow], &Config, Moment) -> Pair,
) {
    let mut differ = |rows: &[InRow]| {
        let (expected, found) = fold(rows, config, history.as_of);
        differences(&expected, &found)
    };
    if differ(&history.rows).is_empty() {
        return;
    }
    let mut rows = history.rows.clone();
    let mut place = 0;
    while place < rows.len() {
        let mut fewer = rows.clone();
        fewer.remove(place);
        if differ(&fewer).is_empty() {
            place += 1;
        } else {
            rows = fewer;
            place = 0;
        }
    }
    panic!(
        "seed {seed}:\n{}\n{}",
        print(&rows, history.as_of),
        differ(&rows).join("\n")
    );
}

pub fn differences(expected: &Fused, found: &Fused) -> Vec<String> {
    let runs = |fused: &Fused| {
        let key =
            |run: &reference::RunOut| format!("run {}#{} {}", run.job, run.run_id, run.run_key);
        fused
            .runs
            .iter()
            .map(|run| (key(run), run.columns()))
            .collect()
    };
    let days = |fused: &Fused| {
        let key = |day: &reference::DayOut| {
            format!(
                "day {} {} {} {}",
                day.environment, day.project, day.job, day.business_day
            )
        };
        fused
            .days
            .iter()
            .map(|day| (key(day), day.columns()))
            .collect()
    };
    let mut all = compare(runs(expected), runs(found));
    all.extend(compare(days(expected), days(found)));
    all
}

type Table = Vec<(String, Vec<(&'static str, String)>)>;

fn compare(expected: Table, found: Table) -> Vec<String> {
    let mut all = Vec::new();
    if expected.len() != found.len() {
        all.push(format!("{} rows, expected {}", found.len(), expected.len()));
    }
    let found: BTreeMap<String, Vec<(&str, String)>> = found.into_iter().collect();
    for (key, columns) in expected {
        let Some(others) = found.get(&key) else {
            all.push(format!("{key} is missing"));
            continue;
        };
        for ((name, value), (_, other)) in columns.iter().zip(others) {
            if value != other {
                all.push(format!("{key}: {name} is {other}, expected {value}"));
            }
        }
    }
    all
}
