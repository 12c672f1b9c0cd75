//! Section 9 of `doc/fusion.md` on histories that nobody chose: a part of the rows is folded, old trees retire, their rows go, and the
//! other rows come late.

use std::collections::BTreeSet;

use smartetl_core::model::{Event, Moment, RowStatus, Severity};

use crate::equality::{check, differences};
use crate::fast;
use crate::histories::{Dice, History, history};
use crate::reference::{self, Config, DAY, HOUR, InRow, LogPart, Retired, What};
use crate::story::{print, zone};

const HISTORIES: u64 = 1_000;

/// Somewhere among the rows, so that some trees go and some stay.
fn cut(seed: u64, history: &History) -> Moment {
    let mut dice = Dice::new(seed ^ 0x9E37);
    let row = &history.rows[dice.below(history.rows.len())];
    Moment(row.moment.0 + *dice.of(&[0, 1, -HOUR, HOUR, DAY]))
}

/// Whether a row is late follows from what it says: rows that are left out of a history change nothing for the others.
fn late_and_early(rows: &[InRow], percent: u64, salt: u64) -> (Vec<InRow>, Vec<InRow>) {
    let (mut early, mut late) = (Vec::new(), Vec::new());
    for (place, row) in rows.iter().enumerate() {
        let copies = rows[..place].iter().filter(|other| *other == row).count();
        let said = format!("{row:?} {copies} {salt}");
        let is_late = xxhash_rust::xxh3::xxh3_64(said.as_bytes()) % 100 < percent;
        let side = if is_late { &mut late } else { &mut early };
        side.push(row.clone());
    }
    (late, early)
}

/// What stands when old trees have retired and late rows have come.
fn pruned(rows: &[InRow], since: Moment, salt: u64, as_of: Moment) -> (Retired, Vec<InRow>) {
    let config = Config::with_zone(zone());
    let (late, early) = late_and_early(rows, 20, salt);
    let (retired, mut rows) = Retired::default().and_before(since, &early, &config, as_of);
    rows.extend(late);
    (retired, rows)
}

/// Whoever knows only the runs would not see that there was a prune.
#[test]
fn nothing_changes_when_trees_retire() {
    let mut looked_at = 0;
    for seed in 0..HISTORIES {
        let whole = history(seed);
        let since = cut(seed, &whole);
        check(seed, &whole, |rows, config, as_of| {
            let (retired, staying) = Retired::default().and_before(since, rows, config, as_of);
            let expected = reference::fold(rows, config, as_of);
            (
                expected,
                reference::fold_beside(&staying, config, as_of, &retired),
            )
        });
        let config = Config::with_zone(zone());
        let (retired, staying) =
            Retired::default().and_before(since, &whole.rows, &config, whole.as_of);
        looked_at += usize::from(!retired.outs().is_empty() && !staying.is_empty());
        let found = fast::fold_beside(&staying, &config, whole.as_of, &retired.outs());
        let differ = differences(&reference::fold(&whole.rows, &config, whole.as_of), &found);
        assert!(
            differ.is_empty(),
            "seed {seed}:\n{}\n{}",
            print(&whole.rows, whole.as_of),
            differ.join("\n")
        );
    }
    assert!(looked_at >= 200, "only {looked_at} histories");
}

#[test]
fn late_rows_give_what_the_rules_say() {
    for seed in 0..HISTORIES {
        let whole = history(seed);
        let since = cut(seed, &whole);
        check(seed, &whole, |rows, config, as_of| {
            let (retired, rows) = pruned(rows, since, seed, as_of);
            let counting = retired.rows_that_count(&rows, config);
            (
                reference::fold_beside(&rows, config, as_of, &retired),
                fast::fold_beside(&counting, config, as_of, &retired.outs()),
            )
        });
    }
}

/// Under an id that came back, or of what was kept or came late the first time; nothing that counted before stops counting.
#[test]
fn trees_retire_one_after_the_other() {
    for seed in 0..HISTORIES {
        let whole = history(seed);
        let [first, second] = [seed, seed ^ 0xFFFF].map(|seed| cut(seed, &whole));
        check(seed, &whole, |rows, config, as_of| {
            let (retired, rows) = pruned(rows, first.min(second), seed, as_of);
            let before = reference::fold_beside(&rows, config, as_of, &retired);
            let (retired, staying) = retired.and_before(first.max(second), &rows, config, as_of);
            assert_eq!(
                retired.rows_that_count(&staying, config),
                staying,
                "seed {seed}"
            );
            (
                before,
                fast::fold_beside(&staying, config, as_of, &retired.outs()),
            )
        });
    }
}

/// No run stands twice, and no row of an error counts in two runs.
#[test]
fn nothing_counts_twice() {
    for seed in 0..HISTORIES {
        let whole = history(seed);
        let (retired, rows) = pruned(&whole.rows, cut(seed, &whole), seed, whole.as_of);
        let config = Config::with_zone(zone());
        let found = reference::fold_beside(&rows, &config, whole.as_of, &retired);
        let keys: BTreeSet<_> = found.runs.iter().map(|run| run.run_key).collect();
        let told = || format!("seed {seed}:\n{}", print(&whole.rows, whole.as_of));
        assert_eq!(keys.len(), found.runs.len(), "{}", told());
        let errors = whole.rows.iter().filter_map(InRow::error);
        let errors = errors.filter(|error| error.severity != Severity::Warning);
        let counted: i64 = found.runs.iter().map(|run| run.error_rows).sum();
        assert!(counted <= errors.count() as i64, "{}", told());
    }
}

/// A row of a run of Airflow.
fn row_of_dag(job: &str, context: &str, hour: i64, event: Event) -> InRow {
    let is_end = event == Event::End;
    InRow {
        moment: Moment(1_741_651_200_000_000 + hour * HOUR),
        marked: false,
        system: "airflow".to_owned(),
        environment: None,
        host: None,
        project: None,
        job: job.to_owned(),
        context: Some(context.to_owned()),
        run_id: "scheduled__2025-03-11".to_owned(),
        parent_run_id: None,
        root_run_id: "scheduled__2025-03-11".to_owned(),
        step: None,
        attempt: None,
        map_index: None,
        what: What::Log(LogPart {
            job_id: None,
            job_version: None,
            event,
            status: is_end.then_some(RowStatus::Success),
            duration_reported_ms: None,
            label: None,
            count: None,
            rows_in: None,
            rows_out: None,
            rows_rejected: None,
        }),
    }
}

/// One id for all jobs: only what says the same job and names the same environment, known or not, comes too late.
#[test]
fn one_id_of_several_jobs_and_environments() {
    let of = |job: &str, context: &str, hour: i64| {
        [(0_i64, Event::Begin), (1, Event::End)]
            .map(|(later, event)| row_of_dag(job, context, hour + later, event))
    };
    let (config, as_of) = (Config::with_zone(zone()), Moment(1_743_465_600_000_000));
    let first = [of("old", "PROD", 0), of("odd", "site 1", 0)].concat();
    let (retired, mut rows) = Retired::default().and_before(as_of, &first, &config, as_of);
    assert!(rows.is_empty());
    for (job, context) in [
        ("old", "PROD"),
        ("old", "prod 2"),
        ("odd", "site 2"),
        ("new", "PROD"),
        ("old", "DEV"),
        ("odd", "PROD"),
    ] {
        rows.extend(of(job, context, 240));
    }
    let counting = retired.rows_that_count(&rows, &config);
    assert_eq!(counting, rows[6..]);
    let found = reference::fold_beside(&rows, &config, as_of, &retired);
    let mut keys: Vec<_> = found.runs.iter().map(|run| run.run_key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!((found.runs.len(), keys.len()), (5, 5));
    let fast = fast::fold_beside(&counting, &config, as_of, &retired.outs());
    let differ = differences(&found, &fast);
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// What section 9 speaks of comes up often enough to be tested.
#[test]
fn the_cuts_hold_every_situation() {
    let mut seen = [0; 6];
    for seed in 0..HISTORIES {
        let whole = history(seed);
        let since = cut(seed, &whole);
        let (retired, rows) = pruned(&whole.rows, since, seed, whole.as_of);
        let outs = retired.outs();
        let config = Config::with_zone(zone());
        let counting = retired.rows_that_count(&rows, &config);
        let names = |row: &InRow| {
            let same = |run: &&reference::RunOut| {
                [&run.system, &run.root_run_id] == [&row.system, &row.root_run_id]
            };
            outs.iter().any(|run| same(&run))
        };
        let without = reference::fold_beside(&rows, &config, whole.as_of, &Retired::default());
        let found = reference::fold_beside(&rows, &config, whole.as_of, &retired);
        let (of_tied, inferred) = (
            |row: &&InRow| row.moment < since,
            "tree_inferred".to_owned(),
        );
        for (place, holds) in [
            !outs.is_empty() && !counting.is_empty(),
            // Rows are left out because of their tree, or because they name none.
            rows.iter().any(|row| !counting.contains(row) && names(row)),
            rows.iter()
                .any(|row| !counting.contains(row) && !names(row)),
            // An id has come back.
            counting.iter().any(names),
            // Trees stay although some of their rows are old.
            counting.iter().filter(of_tied).count() > 0
                && outs
                    .iter()
                    .any(|run| run.quality_reasons.contains(&inferred)),
            // Without what has retired there would be other runs.
            found.runs.len() != without.runs.len() + outs.len(),
        ]
        .into_iter()
        .enumerate()
        {
            seen[place] += usize::from(holds);
        }
    }
    assert!(seen.iter().all(|count| *count >= 10), "too rare: {seen:?}");
}
