//! Every column of every table, and every figure of the ledger.

use super::Loaded;

/// Changes every column of a table in turn, in one row; `verify` must say so each time, in words made from the column's name.
fn check_every_column(
    table: &str,
    ignored: &[&str],
    flags: &[&str],
    check: &str,
    words: impl Fn(&str) -> String,
) {
    let loaded = Loaded::new();
    loaded.is_proved();
    loaded.sql(&format!("CREATE TABLE saved AS SELECT * FROM {table}"));
    let columns = loaded.sql(&format!(
        "SELECT column_name, udt_name FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
    ));
    let mut changed = 0;
    for line in columns.lines().skip(1) {
        let (column, kind) = line.split_once(',').expect("two columns");
        if ignored.contains(&column) {
            continue;
        }
        let value = match kind {
            "text" => format!("coalesce({column}, '') || 'x'"),
            "int8" | "int4" => format!("coalesce({column}, 0) + 1"),
            "bool" => format!("NOT coalesce({column}, false)"),
            "timestamptz" => {
                format!("coalesce({column}, '2026-01-06 12:00Z') + interval '1 microsecond'")
            }
            "uuid" => format!("md5(coalesce({column}::text, ''))::uuid"),
            "date" => format!("{column} + 100"),
            "float4" => format!("{column} / 3"),
            "_text" => format!("{column} || 'x'::text"),
            "_int8" => format!("{column} || 999::bigint"),
            "_uuid" => format!("{column} || md5('x')::uuid"),
            other => panic!("{column} is of type {other}, which this test does not know"),
        };
        loaded.sql(&format!(
            "UPDATE {table} SET {column} = {value} WHERE (tableoid, ctid) = (SELECT tableoid, ctid FROM {table} LIMIT 1)"
        ));
        let verdict = loaded.verify(flags);
        assert!(
            verdict.exit == 1 && verdict.failed.contains(check),
            "{column} changed: {}",
            verdict.text
        );
        assert!(
            verdict.text.contains(&words(column)),
            "{column} changed: {}",
            verdict.text
        );
        loaded.sql(&format!(
            "DO $$ BEGIN DELETE FROM {table}; INSERT INTO {table} SELECT * FROM saved; END $$"
        ));
        changed += 1;
    }
    assert!(changed >= 2, "only {changed} columns were changed");
    loaded.is_proved();
}

#[test]
fn every_column_of_log() {
    check_every_column("log", &[], &[], "log", |column| match column {
        "batch" => "rows of log are missing".to_owned(),
        _ => "rows of log are not those that were written".to_owned(),
    });
}

#[test]
fn every_column_of_logerreur() {
    check_every_column("logerreur", &[], &[], "logerreur", |column| match column {
        "batch" => "rows of logerreur are missing".to_owned(),
        _ => "rows of logerreur are not those that were written".to_owned(),
    });
}

#[test]
fn every_column_of_reject() {
    check_every_column("reject", &[], &[], "reject", |column| match column {
        "batch" => "rows of reject are missing".to_owned(),
        _ => "a value changed: the 2 rows of reject".to_owned(),
    });
}

#[test]
fn every_column_of_dataset() {
    check_every_column(
        "dataset",
        &["as_of", "fused_at"],
        &["--recompute"],
        "dataset",
        |column| match column {
            // A run that has retired is taken as it stands.
            "run_key" | "is_retired" => "a run is missing".to_owned(),
            _ => format!("{column} is not what the rows fold to"),
        },
    );
}

#[test]
fn every_column_of_job_day() {
    check_every_column(
        "job_day",
        &[],
        &["--recompute"],
        "job_day",
        |column| match column {
            "environment" | "project" | "job" | "business_day" => {
                "a job's day is missing".to_owned()
            }
            // People say what the deadline is; the fold knows nothing of it.
            "deadline_at" | "late_ms" => format!("{column} is not what the catalogue says"),
            _ => format!("{column} is not what the rows fold to"),
        },
    );
}

#[test]
fn every_column_of_templates_and_problems() {
    let words = |table: &'static str| move |_: &str| format!("{table} is not what the texts");
    // Of a text that other masks made, nobody can tell more than that it groups otherwise.
    let ignored = ["version", "kept", "text"];
    let flags = ["--recompute"];
    check_every_column("signature", &ignored, &flags, "problem", words("signature"));
    check_every_column("template", &[], &flags, "problem", words("template"));
    check_every_column("problem", &[], &flags, "problem", words("problem"));
}

#[test]
fn every_figure_of_the_ledger() {
    let loaded = Loaded::new();
    loaded.sql("ALTER TABLE batch DROP CONSTRAINT batch_conserves");
    for column in [
        "lineage",
        "first_record",
        "records",
        "records_with_rows",
        "rows_log",
        "rows_error",
        "rejects",
        "silent",
        "log_checksum",
        "error_checksum",
        "reject_checksum",
    ] {
        let change = |sign: &str| {
            loaded.sql(&format!(
                "UPDATE batch SET {column} = {column} {sign} 1 WHERE batch = (SELECT min(batch) FROM batch)"
            ))
        };
        change("+");
        let verdict = loaded.verify(&[]);
        assert_eq!(verdict.exit, 1, "{column} changed: {}", verdict.text);
        change("-");
    }
    loaded.is_proved();
}
