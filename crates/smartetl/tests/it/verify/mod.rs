//! `verify` says that all is well where it is, and never where it is not: everything that can be spoiled is spoiled.

mod columns;
mod sources;
mod spoiled;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;
use smartetl_testkit::TestDatabase;

use crate::samples::{COLUMNS, ERROR_COLUMNS};
use crate::support::{Answer, World, check, own_database};

/// A loaded folder of logs: 24 runs in several batches, some failed, one without end, a child, damaged lines.
struct Loaded {
    world: World,
    stats: PathBuf,
    /// Dropped last.
    database: TestDatabase,
}

/// Later than everything in the logs, but not later than every limit.
const AS_OF: &str = "2026-01-07T00:00:00Z";

fn stats() -> String {
    let mut text = COLUMNS.to_owned();
    for run in 0..24 {
        let (job, father) = if run == 5 {
            ("load_stock", "run004")
        } else {
            ("load_orders", "")
        };
        let id = format!("run{run:03}");
        let (father, root) = if father.is_empty() {
            (id.as_str(), id.as_str())
        } else {
            (father, father)
        };
        let mut row = |minute: u32, kind: &str, message: &str, duration: &str| {
            let _ = writeln!(
                text,
                "2026-01-06 {run:02}:{minute:02}:00;{id};{father};{root};77;SALES;{job};_x1;0.1;PROD;;{kind};{message};{duration}"
            );
        };
        row(u32::from(run == 5), "begin", "", "");
        let message = if run % 6 == 4 { "failure" } else { "success" };
        if run != 23 {
            row(10, "end", message, "600000");
        }
    }
    text.push_str("2026-13-45 00:00:00;bad;bad;bad;1;SALES;load_orders;_x1;0.1;PROD;;begin;;\n");
    text.push_str("no time;bad;bad;bad;1;SALES;load_orders;_x1;0.1;PROD;;begin;;\n");
    text
}

const ERRORS: &str = "2026-01-06 04:05:00;run004;run004;run004;SALES;load_orders;PROD;5;Java Exception;tDBInput_1;Connection refused;1\n\
    2026-01-06 10:05:00;run010;run010;run010;SALES;load_orders;PROD;5;Java Exception;tDBInput_1;ORA-00942: table inexistante;1\n\
    2026-01-06 16:05:00;run016;run016;run016;SALES;load_orders;PROD;4;tWarn;tWarn_1;slow;42\n";

impl Loaded {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(more: &[&str]) -> Self {
        let database = own_database();
        let world = World::on(&database.url);
        let stats = world.file("logs/stats.csv", &stats());
        world.file("logs/errors.csv", &format!("{ERROR_COLUMNS}{ERRORS}"));
        let loaded = Self {
            world,
            stats,
            database,
        };
        let small = ["--set", "load.batch_records=10"];
        loaded.load("logs", &[&small, more].concat());
        loaded
    }

    fn load(&self, path: &str, more: &[&str]) {
        let load = ["load", path, "--as-of", AS_OF, "--timezone", "UTC"];
        self.world
            .run(&[&load, &["--allow-rejects"][..], more].concat())
            .done();
    }

    fn sql(&self, statement: &str) -> String {
        let answer = self
            .world
            .run(&["sql", "--write", "--format", "csv", statement])
            .done();
        answer.stdout
    }

    fn verify(&self, more: &[&str]) -> Verdict {
        let mut arguments = vec!["verify", "--format", "json"];
        arguments.extend(more);
        Verdict::of(&self.world.run(&arguments))
    }

    /// Nothing is found, with all checks.
    fn is_proved(&self) {
        let verdict = self.verify(&["--recompute"]);
        assert_eq!(
            (verdict.exit, verdict.failed.len()),
            (0, 0),
            "{}",
            verdict.text
        );
    }
}

/// What `verify` answered.
struct Verdict {
    exit: i32,
    failed: BTreeSet<String>,
    /// Everything that was found, a line each, and the notes.
    text: String,
}

impl Verdict {
    fn of(answer: &Answer) -> Self {
        let report: Value = serde_json::from_str(&answer.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", answer.stdout, answer.stderr));
        let list = |name: &str| report[name].as_array().expect("a list").clone();
        let failed = list("checks")
            .into_iter()
            .filter(|check| check["ok"] == Value::Bool(false))
            .map(|check| check["name"].as_str().expect("a name").to_owned());
        let mut text = String::new();
        for finding in list("findings") {
            let _ = writeln!(
                text,
                "{}: {} ({})",
                finding["check"].as_str().expect("a name"),
                finding["what"].as_str().expect("what was found"),
                finding["where"].as_str().expect("a place")
            );
        }
        for note in list("notes") {
            let _ = writeln!(text, "note: {}", note.as_str().expect("a text"));
        }
        Self {
            exit: answer.exit,
            failed: failed.collect(),
            text,
        }
    }

    #[track_caller]
    fn finds(&self, checks: &[&str], words: &str) {
        let expected: BTreeSet<String> = checks.iter().map(|&check| check.to_owned()).collect();
        assert_eq!((self.exit, &self.failed), (1, &expected), "{}", self.text);
        assert!(
            self.text.contains(words),
            "`{words}` is not in\n{}",
            self.text
        );
    }
}

/// A batch that says it is fused, but whose rows are in no run.
#[test]
fn a_batch_marked_as_fused() {
    let loaded = Loaded::with(&["--set", "fuse.mode=scheduled"]);
    let open = loaded.verify(&["--recompute"]);
    assert_eq!(open.exit, 0, "{}", open.text);
    assert!(
        open.text.contains("note: 6 batches wait for the next fuse"),
        "{}",
        open.text
    );
    loaded.sql("UPDATE batch SET committed_at = committed_at - interval '3 hours' WHERE batch = (SELECT min(batch) FROM batch)");
    loaded.verify(&["--recompute"]).finds(
        &["fused"],
        "6 batches have waited for more than two hours for a fuse",
    );
    loaded.sql("UPDATE batch SET fused = true");
    loaded.verify(&["--recompute"]).finds(
        &["dataset", "job_day", "horizon", "problem"],
        "24 are missing",
    );
    loaded.sql("UPDATE batch SET fused = false");
    loaded.world.run(&["fuse", "--as-of", AS_OF]).done();
    loaded.is_proved();
}

#[test]
fn another_configuration() {
    let loaded = Loaded::new();
    for flags in [
        &["--set", "business_day.border=12:00"][..],
        &["--set", "business_day.border=12:00", "--recompute"],
    ] {
        loaded.verify(flags).finds(
            &["fused"],
            "the configuration is not that of the last fuse: a fuse is due",
        );
    }
}

#[test]
fn nothing_loaded() {
    let database = own_database();
    let world = World::on(&database.url);
    world.run(&["migrate"]).done();
    let verdict = Verdict::of(&world.run(&["verify", "--recompute", "--format", "json"]));
    assert_eq!((verdict.exit, verdict.text.as_str()), (0, ""));
}

#[test]
fn tables_of_another_version() {
    let loaded = Loaded::new();
    loaded.sql(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'later', true, '', 0)",
    );
    let answer = loaded.world.run(&["verify"]);
    assert_eq!(
        (answer.exit, answer.stdout.as_str()),
        (2, ""),
        "{}",
        answer.stderr
    );
    assert!(
        answer.stderr.contains("which a later smartETL made"),
        "{}",
        answer.stderr
    );
}

/// What could not be proved to the end is no good proof.
#[test]
fn a_proof_that_breaks_off() {
    let loaded = Loaded::new();
    loaded.sql("ALTER TABLE batch RENAME COLUMN records TO other");
    assert_eq!(loaded.world.run(&["verify"]).exit, 2);
    let written = "SELECT kind || ' ' || ok || ' ' || (detail->>'error' <> '') FROM upkeep";
    assert!(loaded.sql(written).contains("verify false true"));
}

#[test]
fn told_to_people() {
    let loaded = Loaded::new();
    check!(loaded.world, "verify", "--recompute");
    loaded.sql("UPDATE dataset SET status = 'success', rows_in = 7 WHERE run_id = 'run004'");
    loaded.sql("UPDATE log SET message = 'x' WHERE line = 2");
    let world = &loaded.world;
    // The runs' keys and the batches' numbers are what they are.
    let told = world.transcript(&["verify", "--recompute"]);
    for words in [
        "exit: 1",
        "FAIL: 1 finding",
        "dataset: status, rows_in are not what the rows fold to",
        "load_orders in PROD, run_id run004",
        "log: a value changed: the 10 rows of log are not those that were written",
        "records 1 to 10 of [HOME]/logs/stats.csv",
        "hint: run `smartetl fuse --full`",
        "note: dataset: 1 runs differ (rows_in 1, status 1), 0 are missing, 0 that no row speaks of",
    ] {
        assert!(told.contains(words), "`{words}` is not in\n{told}");
    }
}

/// More findings than are told one by one are still counted.
#[test]
fn everything_wrong_at_once() {
    let loaded = Loaded::new();
    loaded.sql("UPDATE dataset SET job = job || '!', errors = errors + 1");
    let verdict = loaded.verify(&["--recompute"]);
    verdict.finds(&["dataset", "issue"], "24 runs differ (errors 24, job 24)");
    assert_eq!(
        verdict
            .text
            .lines()
            .filter(|line| line.starts_with("dataset:"))
            .count(),
        20
    );
}
