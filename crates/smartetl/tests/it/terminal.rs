//! What stands on a terminal, of which nothing else can tell.

use crate::company::Company;
use crate::processes::wait_for_batches;
use crate::screen::Screen;
use crate::support::{World, place};
use std::io::Write;

const WIDE: &str = "SELECT 'J_ODS_Load_Orders_' || g AS job, 'r000' || g AS run_id, g * 1000000 AS rows_written, \
     timestamptz '2026-01-06 05:00+00' AS started_at, 'PROD' AS environment, \
     repeat('the listener refused the connection, ', 6) AS error_message FROM generate_series(1, 3) g";

fn shown(arguments: &[&str], columns: u16) -> Vec<String> {
    let world = World::with_database();
    let (exit, lines) = Screen::start(&world, arguments, columns).end();
    assert_eq!(exit, Some(0), "{lines:?}");
    for line in &lines {
        assert!(line.chars().count() <= usize::from(columns), "{line}");
    }
    lines
}

#[test]
fn a_wide_table_is_shown_as_records_where_it_does_not_fit() {
    let sql = ["--color", "never", "sql", WIDE];
    insta::assert_snapshot!(shown(&sql, 80).join("\n"));
    insta::assert_snapshot!(shown(&sql, 150).join("\n"));
    let table = ["--color", "never", "sql", WIDE, "--format", "table"];
    insta::assert_snapshot!(shown(&table, 105).join("\n"));
}

#[test]
fn what_is_told_breaks_between_words() {
    let (_database, world) = place();
    world.file("logs/people.csv", "name;age\nann;31\n");
    world.file("logs/good.csv", &crate::samples::stats(0..3));
    let load = ["--color", "never", "load", "logs", "nowhere.csv"];
    let whole = world.run(&load).stdout;
    let words: Vec<&str> = whole.split_whitespace().collect();
    // A file that did not change would be counted only.
    world.file("logs/people.csv", "name;age\nbob;31\nann;31\n");
    let (exit, lines) = Screen::start(&world, &load, 46).end();
    assert_eq!(exit, Some(1), "{lines:?}");
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("  hint: `smartetl map FILE")),
        "{lines:?}"
    );
    for line in &lines {
        assert!(line.chars().count() <= 46, "{line}");
        for word in line.split_whitespace() {
            let number = word.chars().any(|c| c.is_ascii_digit());
            assert!(
                number || words.contains(&word),
                "`{word}` is half a word: {lines:?}"
            );
        }
    }
    // So do failures, on stderr.
    let failing = ["--color", "never", "load", "nowhere.csv"];
    let (exit, lines) = Screen::start(&world, &failing, 40).end();
    assert_eq!(exit, Some(2));
    assert_eq!(
        lines,
        [
            "error: nowhere.csv does not exist",
            "hint: give files, folders or globs of",
            "  logs: CSV, JSON lines or Parquet",
            ""
        ]
    );
}

#[test]
fn elsewhere_nothing_is_cut() {
    let world = World::with_database();
    for (format, lines) in [(&[][..], 4), (&["--format", "records"], 21)] {
        let answer = world.run(&[&["sql", WIDE], format].concat());
        let whole = "the listener refused the connection, ".repeat(6);
        assert_eq!(
            answer.stdout.matches(whole.trim_end()).count(),
            3,
            "{}",
            answer.stdout
        );
        assert_eq!(answer.stdout.lines().count(), lines, "{}", answer.stdout);
    }
}

#[test]
fn ctrl_c_leaves_no_bar() {
    let company = Company::of_many_batches();
    let (database, world) = place();
    let logs = company.logs.to_str().expect("UTF-8");
    let load = [
        "load",
        "--allow-rejects",
        "--set",
        "load.batch_records=100",
        logs,
    ];
    world.run(&["migrate"]).done();
    let mut screen = Screen::start(&world, &load, 100);
    wait_for_batches(&mut screen.child, &database.url);
    screen.keyboard.write_all(b"\x03").expect("a key");
    let (exit, lines) = screen.end();
    assert_eq!(exit, Some(130), "{lines:?}");
    let stopping = lines
        .iter()
        .position(|line| line.contains("stopping after"));
    let rest = &lines[stopping.expect("it says so")..];
    assert!(
        rest.len() == 3 && rest[1].starts_with("stopped: ") && rest[2].is_empty(),
        "{lines:?}"
    );
}
