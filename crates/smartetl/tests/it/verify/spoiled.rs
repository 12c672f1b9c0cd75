//! Rows that were deleted, doubled or changed behind the program's back.

use super::Loaded;

/// Spoils a loaded database by a statement; `verify` with `flags` finds it by exactly these checks, and says these words.
#[track_caller]
fn check_spoiled(statement: &str, flags: &[&str], checks: &[&str], words: &str) {
    let loaded = Loaded::new();
    loaded.is_proved();
    loaded.sql(statement);
    loaded.verify(flags).finds(checks, words);
}

/// One row of a table, also a partitioned one.
macro_rules! one {
    ($table:literal) => {
        concat!(
            "(tableoid, ctid) = (SELECT tableoid, ctid FROM ",
            $table,
            " ORDER BY batch, line LIMIT 1)"
        )
    };
}

#[test]
fn a_row_of_log_deleted() {
    check_spoiled(
        concat!("DELETE FROM log WHERE ", one!("log")),
        &[],
        &["log"],
        "1 of 10 rows of log are missing",
    );
}

#[test]
fn a_row_of_log_doubled() {
    check_spoiled(
        concat!("INSERT INTO log SELECT * FROM log WHERE ", one!("log")),
        &[],
        &["log"],
        "log holds 1 rows more than the 10 that were written; line 2 row 0 stands 2 times",
    );
}

#[test]
fn a_row_of_log_deleted_and_another_doubled() {
    check_spoiled(
        concat!(
            "WITH gone AS (DELETE FROM log WHERE line = 3 RETURNING 1) INSERT INTO log SELECT * FROM log WHERE ",
            one!("log")
        ),
        &[],
        &["log"],
        "a value changed: the 10 rows of log are not those that were written; line 2 row 0 stands 2 times",
    );
}

#[test]
fn a_row_of_logerreur_deleted() {
    check_spoiled(
        concat!("DELETE FROM logerreur WHERE ", one!("logerreur")),
        &[],
        &["logerreur"],
        "1 of 3 rows of logerreur are missing",
    );
}

#[test]
fn a_row_of_logerreur_doubled() {
    check_spoiled(
        concat!(
            "INSERT INTO logerreur SELECT * FROM logerreur WHERE ",
            one!("logerreur")
        ),
        &[],
        &["logerreur"],
        "logerreur holds 1 rows more than the 3",
    );
}

#[test]
fn a_reject_deleted() {
    check_spoiled(
        concat!("DELETE FROM reject WHERE ", one!("reject")),
        &[],
        &["reject"],
        "of reject are missing",
    );
}

#[test]
fn a_reject_doubled() {
    check_spoiled(
        concat!(
            "INSERT INTO reject SELECT * FROM reject WHERE ",
            one!("reject")
        ),
        &[],
        &["reject"],
        "stands 2 times",
    );
}

#[test]
fn rows_of_an_unknown_batch() {
    check_spoiled(
        concat!(
            "INSERT INTO log SELECT (json_populate_record(l, '{\"batch\": 999}')).* FROM log AS l WHERE ",
            one!("log")
        ),
        &[],
        &["log"],
        "log: 1 rows of log belong to a batch that the ledger does not know (batch 999)",
    );
}

#[test]
fn a_word_that_nobody_wrote() {
    check_spoiled(
        concat!("UPDATE log SET event = 'started' WHERE ", one!("log")),
        &["--recompute"],
        &["log", "dataset"],
        "`started` is stored, but this version of smartETL does not know the word",
    );
}

#[test]
fn a_line_of_the_ledger_removed() {
    check_spoiled(
        "DELETE FROM batch WHERE batch = (SELECT batch FROM batch WHERE first_record = 10)",
        &["--recompute"],
        &["log", "lineages"],
        "no batch of the ledger holds records 11 to 20",
    );
}

#[test]
fn the_last_line_of_the_ledger_removed() {
    check_spoiled(
        "DELETE FROM batch WHERE first_record = (SELECT max(first_record) FROM batch)",
        &[],
        &["log", "reject", "lineages"],
        "the checkpoint stands after record 49, the ledger ends at 40",
    );
}

#[test]
fn a_checkpoint_set_back() {
    check_spoiled(
        "UPDATE checkpoint SET next_record = 40 WHERE next_record = 49",
        &[],
        &["lineages"],
        "the checkpoint stands after record 40, the ledger ends at 49",
    );
}

#[test]
fn a_run_removed() {
    check_spoiled(
        "DELETE FROM dataset WHERE run_id = 'run007'",
        &["--recompute"],
        &["dataset", "issue"],
        "dataset: a run is missing",
    );
}

#[test]
fn a_run_too_many() {
    check_spoiled(
        "INSERT INTO dataset SELECT (json_populate_record(d, '{\"run_key\": \"00000000-0000-0000-0000-000000000009\"}')).*
         FROM dataset AS d WHERE run_id = 'run007'",
        &["--recompute"],
        &["dataset", "issue"],
        "a run that no row speaks of (run 00000000-0000-0000-0000-000000000009: load_orders in PROD, run_id run007)",
    );
}

#[test]
fn a_day_too_many() {
    check_spoiled(
        "INSERT INTO job_day SELECT (json_populate_record(d, '{\"job\": \"nobody\"}')).* FROM job_day AS d LIMIT 1",
        &["--recompute"],
        &["job_day"],
        "a job's day that no run speaks of (SALES/nobody in PROD, 2026-01-0",
    );
}

#[test]
fn a_day_removed() {
    check_spoiled(
        "DELETE FROM job_day",
        &["--recompute"],
        &["job_day"],
        "a job's day is missing (SALES/load_orders in PROD, 2026-01-0",
    );
}

#[test]
fn a_horizon_moved() {
    check_spoiled(
        "UPDATE horizon SET last_event_at = last_event_at + interval '1 hour'",
        &["--recompute"],
        &["horizon"],
        "the last row is of 2026-01-06T23:00:00Z",
    );
}
