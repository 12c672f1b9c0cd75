//! No secret is stored: what the simulator plants into messages stands in no table, no column and no answer.

use crate::company::Company;
use crate::samples::ERROR_COLUMNS;
use crate::support::place;
use crate::tables::{number, rows};

/// What the simulated messages hold: passwords, a key, a bearer token.
const PLANTED: [&str; 4] = [
    "Ch4ngeMoi!2021",
    "s3cr3t-Primeur",
    "Zk9fQw27LmPx4Tt8",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJldGwifQ.c2lnbmF0dXJl",
];

#[test]
fn planted_secrets_stand_nowhere() {
    let company = Company::simulate(&[
        "--jobs", "60", "--days", "120", "--seed", "3", "--format", "csv", "--plain",
    ]);
    let files: Vec<String> = company
        .files()
        .iter()
        .map(|file| String::from_utf8_lossy(&std::fs::read(file).expect("a log")).into_owned())
        .collect();
    for secret in PLANTED {
        let planted = files
            .iter()
            .map(|text| text.matches(secret).count())
            .sum::<usize>();
        assert!(planted > 0, "the simulator no longer plants {secret}");
    }

    let (database, world) = place();
    // Lines that hold a secret and are no records: rejects keep raw text.
    let damaged: String = PLANTED
        .iter()
        .map(|secret| {
            format!("2025-01-01 00:00:00;abc;password={secret};Authorization: Bearer {secret}\n")
        })
        .collect();
    let damaged = world.file("damaged.csv", &format!("{ERROR_COLUMNS}{damaged}"));
    let logs = company.logs.to_str().expect("UTF-8");
    let damaged = damaged.to_str().expect("UTF-8");
    let load = world.run(&["load", "-vv", "--as-of", &company.as_of, logs, damaged]);
    assert_eq!(load.exit, 1, "{}", load.stderr);
    assert!(number(&database.url, "SELECT count(*) FROM reject") >= 4);
    let status = world.run(&["status"]);
    for answer in [&load, &status] {
        for secret in PLANTED {
            assert!(
                !answer.stdout.contains(secret) && !answer.stderr.contains(secret),
                "{secret}"
            );
        }
    }

    let tables = rows(
        &database.url,
        "SELECT ARRAY[relname::text] FROM pg_class WHERE relkind IN ('r', 'p', 'm') \
         AND relnamespace = 'public'::regnamespace AND NOT relispartition",
    );
    assert!(tables.len() >= 9, "{tables:?}");
    for table in tables {
        for secret in PLANTED {
            // All columns of a row as one text.
            let found = format!(
                "SELECT count(*) FROM \"{0}\" t WHERE strpos(t::text, '{secret}') > 0",
                table[0]
            );
            assert_eq!(
                number(&database.url, &found),
                0,
                "{secret} stands in {}",
                table[0]
            );
        }
    }
    let messages = "SELECT count(*) FROM logerreur WHERE message LIKE '%postgresql://%' OR message LIKE '%Bearer%'";
    assert!(
        number(&database.url, messages) > 0,
        "the rest of the messages is there"
    );
}

/// A mapping can lead any column anywhere: every word of a row is looked at.
#[test]
fn secrets_in_whatever_column_of_a_mapping() {
    const SECRET: &str = "Ch4ngeMoi-2021";
    let (database, world) = place();
    let of_run = [
        "environment",
        "host",
        "project",
        "parent_run_id",
        "context",
        "step",
    ];
    let of_error = ["error_type", "error_code", "code_scheme", "message"];
    let word = |name: &str| format!("{name} = 'secret'\n");
    let mapping = format!(
        "name = 'any'\nsystem = 'any'\n[run]\njob = 'secret'\nrun_id = 'secret'\n{}[[error]]\nmoment = 'moment'\n{}",
        of_run.map(word).concat(),
        of_error.map(word).concat()
    );
    world.file("any.toml", &mapping);
    let moment = "2026-11-05 22:00:00";
    world.file(
        "any.csv",
        &format!("moment,secret\n{moment},password={SECRET}\n"),
    );
    world
        .run(&["load", "any.csv", "--mapping", "any.toml"])
        .done();
    assert_eq!(number(&database.url, "SELECT count(*) FROM logerreur"), 1);
    for table in ["logerreur", "dataset", "job_day", "job"] {
        let found = format!("SELECT coalesce(string_agg(t::text, ' '), '') FROM \"{table}\" t");
        let text = &rows(&database.url, &format!("SELECT ARRAY[({found})]"))[0][0];
        assert!(!text.contains(SECRET), "{table}: {text}");
    }
}
