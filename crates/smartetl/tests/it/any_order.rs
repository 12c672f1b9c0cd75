//! The same errors in any order and in pieces: the same templates, problems and issues with the same ids. Each order is loaded
//! into a database of its own. Five orders; more where `SMARTETL_ORDERS` says how many.

use crate::grouping::{errors, orders, shuffle};
use crate::samples::{COLUMNS, ERROR_COLUMNS};
use crate::support::place;
use crate::tables::{Row, rows};
use jiff::ToSpan;
use jiff::civil::date;

/// So many errors has a run that fails, of so many jobs that run each night.
const ERRORS_OF_A_RUN: usize = 20;
const JOBS: usize = 40;
/// Each of them is a load, so that most runs are folded again with each.
const PIECES: usize = 3;

/// What is compared, ids included.
const TABLES: [&str; 4] = [
    "SELECT ARRAY[to_jsonb(issue.*)::text] FROM issue ORDER BY issue",
    "SELECT ARRAY[signature::text, cut::text, template::text, problem::text] FROM signature ORDER BY signature, cut",
    "SELECT ARRAY[template::text, text] FROM template ORDER BY template",
    "SELECT ARRAY[to_jsonb(problem.*)::text] FROM problem ORDER BY problem",
];

/// The lines of both files of runs: three nights out of four are bad.
fn lines() -> (Vec<String>, Vec<String>) {
    let (mut stats, mut failures) = (Vec::new(), Vec::new());
    let all = errors();
    let who = |night: usize, job: usize| {
        let day = date(2025, 1, 1)
            .checked_add((night as i64).days())
            .expect("a day");
        (day, format!("n{night}j{job}"), format!("LOAD_{job}"))
    };
    let mut run = |night, job, status| {
        let (day, id, job) = who(night, job);
        let who = format!("{id};{id};{id};1;SALES;{job};_{job};0.1;PROD;");
        stats.push(format!("{day} 02:00:00;{who};begin;;\n"));
        stats.push(format!("{day} 02:10:00;{who};end;{status};600000\n"));
    };
    for (number, these) in all.chunks(ERRORS_OF_A_RUN).enumerate() {
        let (bad, job) = (number / JOBS, number % JOBS);
        let night = bad + bad / 3;
        run(night, job, "failure");
        if bad % 3 == 2 {
            run(night + 1, job, "success");
        }
        let (day, id, job) = who(night, job);
        for (at, (saying, _)) in these.iter().enumerate() {
            let message = saying.message.replace('"', "\"\"") + &stack(at, &job, &saying.message);
            failures.push(format!(
                "{day} 02:09:{at:02};{id};{id};{id};SALES;{job};PROD;6;Java Exception;tDBInput_{at};\"{message}\";1\n"
            ));
        }
    }
    (stats, failures)
}

/// A third of the errors have one, which tells the message again; only its first frame differs from job to job.
fn stack(at: usize, job: &str, message: &str) -> String {
    if !at.is_multiple_of(3) {
        return String::new();
    }
    let said = message.lines().next().unwrap_or_default();
    let said = said.replace('"', "\"\"");
    format!(
        "\n\tat org.{job}.Main.run(Main.java:{at})\nCaused by: java.io.IOException: {said}\n\tat erp.Load.go(Load.java:2)"
    )
}

/// Loads the lines in their order; what has become of them.
fn loaded(stats: &[String], failures: &[String]) -> Vec<Vec<Row>> {
    let (database, world) = place();
    let piece = |lines: &[String], number: usize, header: &str| {
        let size = lines.len().div_ceil(PIECES);
        let of = lines.chunks(size).nth(number).unwrap_or_default();
        header.to_owned() + &of.concat()
    };
    for number in 0..PIECES {
        world.file(
            &format!("{number}/stats.csv"),
            &piece(stats, number, COLUMNS),
        );
        world.file(
            &format!("{number}/errors.csv"),
            &piece(failures, number, ERROR_COLUMNS),
        );
        let folder = number.to_string();
        world
            .run(&["load", "--as-of", "2025-12-01T12:00:00Z", &folder])
            .done();
    }
    let all = TABLES.map(|table| rows(&database.url, table));
    assert!(all.iter().all(|rows| rows.len() > JOBS));
    all.into()
}

#[test]
fn any_order_of_errors_gives_the_same_issues() {
    let (mut stats, mut failures) = lines();
    let first = loaded(&stats, &failures);
    for seed in 1..=orders() {
        shuffle(&mut stats, seed);
        shuffle(&mut failures, seed);
        assert!(loaded(&stats, &failures) == first, "order {seed}");
    }
}
