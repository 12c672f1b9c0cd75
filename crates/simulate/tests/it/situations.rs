//! The situations occur, and the year is as dense as promised.

use crate::{YEAR, make};

#[test]
fn every_situation_occurs_in_a_year() {
    let missing: Vec<_> = YEAR
        .1
        .situations
        .iter()
        .filter(|(_, count)| **count == 0)
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(YEAR.1.situations.len() > 50);
}

#[test]
fn most_situations_occur_in_a_small_company_within_seven_weeks() {
    let (_folder, summary) = make(60, 50, 3);
    let missing: Vec<_> = summary
        .situations
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(name, _)| *name)
        .collect();
    assert!(missing.len() <= 4, "{missing:?}");
}

#[test]
fn a_year_has_the_usual_density() {
    let summary = &YEAR.1;
    assert!(
        (1_000_000..1_600_000).contains(&summary.rows_log),
        "{}",
        summary.rows_log
    );
    let share = summary.rows_logerreur * 1_000 / summary.rows_log;
    assert!((15..35).contains(&share), "{share} per mille");
    let per_run = summary.rows_log / summary.runs;
    assert!((12..26).contains(&per_run), "{per_run} rows per run");
}
