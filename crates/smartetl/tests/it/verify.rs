//! `verify` says that all is well where it is, and never where it is not: everything that can be spoiled is spoiled.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use smartetl_testkit::TestDatabase;

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
    let mut text = String::from(
        "moment;pid;father_pid;root_pid;system_pid;project;job;job_repository_id;job_version;context;origin;message_type;message;duration\n",
    );
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

const ERRORS: &str = "moment;pid;root_pid;father_pid;project;job;context;priority;type;origin;message;code\n\
    2026-01-06 04:05:00;run004;run004;run004;SALES;load_orders;PROD;5;Java Exception;tDBInput_1;Connection refused;1\n\
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
        world.file("logs/errors.csv", ERRORS);
        let mut arguments = vec![
            "load",
            "logs",
            "--as-of",
            AS_OF,
            "--timezone",
            "UTC",
            "--allow-rejects",
        ];
        arguments.extend(["--set", "load.batch_records=10"]);
        arguments.extend(more);
        let answer = world.run(&arguments);
        assert_eq!(answer.exit, 0, "{}{}", answer.stdout, answer.stderr);
        Self {
            world,
            stats,
            database,
        }
    }

    fn sql(&self, statement: &str) -> String {
        let answer = self
            .world
            .run(&["sql", "--write", "--format", "csv", statement]);
        assert_eq!(answer.exit, 0, "{statement}\n{}", answer.stderr);
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
        &["dataset"],
        "dataset: a run is missing",
    );
}

#[test]
fn a_run_too_many() {
    check_spoiled(
        "INSERT INTO dataset SELECT (json_populate_record(d, '{\"run_key\": \"00000000-0000-0000-0000-000000000009\"}')).*
         FROM dataset AS d WHERE run_id = 'run007'",
        &["--recompute"],
        &["dataset"],
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

/// A batch that says it is fused, but whose rows are in no run.
#[test]
fn a_batch_marked_as_fused() {
    let loaded = Loaded::with(&["--set", "fuse.mode=scheduled"]);
    let open = loaded.verify(&["--recompute"]);
    open.finds(
        &["fused"],
        "6 batches are not in dataset yet: a fuse is due",
    );
    loaded.sql("UPDATE batch SET fused = true");
    loaded
        .verify(&["--recompute"])
        .finds(&["dataset", "job_day", "horizon"], "24 are missing");
    loaded.sql("UPDATE batch SET fused = false");
    let fused = loaded.world.run(&["fuse", "--as-of", AS_OF]);
    assert_eq!(fused.exit, 0, "{}", fused.stderr);
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
    assert_eq!(world.run(&["migrate"]).exit, 0);
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

/// Rows that come later, for runs that are there already.
#[test]
fn a_file_that_grew() {
    let loaded = Loaded::new();
    let grown = stats() + MORE;
    std::fs::write(&loaded.stats, grown).expect("the file grows");
    loaded.is_proved();
    let again = loaded.world.run(&[
        "load",
        "logs",
        "--as-of",
        AS_OF,
        "--timezone",
        "UTC",
        "--allow-rejects",
    ]);
    assert_eq!(again.exit, 0, "{}{}", again.stdout, again.stderr);
    assert_eq!(
        loaded.sql("SELECT count(*) FROM dataset WHERE run_id = 'run023' AND status = 'success'"),
        "count\n1\n"
    );
    loaded.is_proved();
}

#[test]
fn a_copy_that_grew() {
    let loaded = Loaded::new();
    let grown = stats() + MORE;
    loaded.world.file("logs/copy.csv", &grown);
    let again = loaded.world.run(&[
        "load",
        "logs/copy.csv",
        "--as-of",
        AS_OF,
        "--timezone",
        "UTC",
        "--allow-rejects",
    ]);
    assert_eq!(again.exit, 0, "{}{}", again.stdout, again.stderr);
    let verdict = loaded.verify(&["--recompute"]);
    assert_eq!(verdict.exit, 0, "{}", verdict.text);
    assert!(
        verdict
            .text
            .contains("stats.csv: as long as when it was loaded, but a copy of it has grown"),
        "{}",
        verdict.text
    );
}

#[test]
fn a_file_edited_in_the_middle() {
    let loaded = Loaded::new();
    let text = stats().replace("run011;run011;run011", "run011;run011;run01l");
    std::fs::write(&loaded.stats, text).expect("the file is edited");
    loaded
        .verify(&["--recompute"])
        .finds(&["sources"], "bytes are not those that were loaded");
}

#[test]
fn a_file_cut() {
    let loaded = Loaded::new();
    std::fs::write(&loaded.stats, &stats()[..500]).expect("the file is cut");
    loaded
        .verify(&[])
        .finds(&["sources"], "shorter than what was loaded from it");
}

#[test]
fn a_file_removed() {
    let loaded = Loaded::new();
    std::fs::remove_file(&loaded.stats).expect("the file is removed");
    let verdict = loaded.verify(&["--recompute"]);
    assert_eq!(verdict.exit, 0, "{}", verdict.text);
    assert!(
        verdict.text.contains("stats.csv: not there any more"),
        "{}",
        verdict.text
    );
}

const MORE: &str = "2026-01-06 23:30:00;run023;run023;run023;77;SALES;load_orders;_x1;0.1;PROD;;end;success;1800000\n";

/// Ten minutes ago somebody wrote it last.
fn age(path: &Path) {
    let file = std::fs::File::options()
        .write(true)
        .open(path)
        .expect("it is there");
    let before = std::time::SystemTime::now() - std::time::Duration::from_mins(10);
    file.set_modified(before).expect("it is ours");
}

#[test]
fn a_packed_file_that_was_cut() {
    let loaded = Loaded::new();
    let whole = loaded
        .world
        .file("whole.csv", &crate::samples::stats(0..4000));
    let packed = loaded.world.home.path().join("packed.csv.gz");
    crate::pieces::compress(&whole, &packed);
    let bytes = std::fs::read(&packed).expect("it was written");
    std::fs::write(&packed, &bytes[..bytes.len() / 2]).expect("there is room");
    let load = || {
        loaded
            .world
            .run(&["load", "packed.csv.gz", "--as-of", AS_OF])
    };
    assert_eq!(load().exit, 1);
    let cut = loaded.verify(&["--recompute"]);
    cut.finds(&["complete"], "packed.csv.gz");
    assert!(
        cut.text
            .contains("cannot be read to its end (incomplete deflate stream): only its first"),
        "{}",
        cut.text
    );
    std::fs::write(&packed, &bytes).expect("there is room");
    age(&packed);
    loaded
        .verify(&[])
        .finds(&["complete"], "a load ended before the end of the file");
    assert_eq!(load().exit, 0);
    loaded.is_proved();
}

#[test]
fn a_parquet_file_that_is_damaged_in_its_second_half() {
    let company = crate::company::Company::simulate(&[
        "--jobs", "100", "--days", "120", "--format", "parquet", "--pieces", "3",
    ]);
    let ends_well = |path: &PathBuf| path.display().to_string().ends_with("_stats.parquet");
    let path = company
        .files()
        .into_iter()
        .find(ends_well)
        .expect("runs are logged");
    let whole = std::fs::read(&path).expect("it was written");
    let mut damaged = whole.clone();
    let at = whole.len() * 4 / 5;
    // Several pages with their headers; what a file says of itself stands behind them.
    damaged[at..whole.len() * 19 / 20].fill(0xff);
    std::fs::write(&path, damaged).expect("there is room");
    let database = own_database();
    let world = World::on(&database.url);
    let load = || {
        let path = path.to_str().expect("UTF-8");
        world.run(&["load", path, "--allow-rejects", "--as-of", &company.as_of])
    };
    let verify = || Verdict::of(&world.run(&["verify", "--recompute", "--format", "json"]));
    let said = load();
    assert_eq!(said.exit, 1, "{}{}", said.stdout, said.stderr);
    verify().finds(
        &["complete"],
        "cannot be read to its end (the Parquet file is damaged",
    );
    std::fs::write(&path, whole).expect("there is room");
    age(&path);
    verify().finds(
        &["complete"],
        "a load ended before the end of the file: only its first",
    );
    assert_eq!(load().exit, 0);
    let proved = verify();
    assert_eq!(proved.exit, 0, "{}", proved.text);
}

#[test]
fn a_cut_file_that_is_gone() {
    let loaded = Loaded::new();
    loaded.sql("UPDATE source SET size_bytes = -1 WHERE path LIKE '%stats.csv'");
    std::fs::remove_file(&loaded.stats).expect("the file is removed");
    let verdict = loaded.verify(&[]);
    assert_eq!(verdict.exit, 0, "{}", verdict.text);
    assert!(
        verdict
            .text
            .contains("stats.csv: not there any more, and only its first 49 records are stored"),
        "{}",
        verdict.text
    );
}

/// The process was killed between two batches, or someone reads it now.
#[test]
fn a_load_that_ended_before_its_end() {
    let loaded = Loaded::new();
    std::fs::write(&loaded.stats, stats() + MORE).expect("the file grows");
    loaded.sql("UPDATE source SET size_bytes = -1 WHERE path LIKE '%stats.csv'");
    // Whoever follows the file may be about to read it.
    let told = loaded.verify(&[]);
    assert_eq!(told.exit, 0, "{}", told.text);
    assert!(told.text.contains("was written just now"), "{}", told.text);
    age(&loaded.stats);
    loaded.verify(&[]).finds(
        &["complete"],
        "a load ended before the end of the file: only its first 49 records are stored",
    );
    let lineage = loaded.sql("SELECT lineage FROM source WHERE path LIKE '%stats.csv'");
    let lineage: i64 = lineage
        .lines()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("a number");
    let told = crate::tables::connected(&loaded.database.url, async |connection| {
        smartetl_store::checkpoint::lock_lineage(connection, lineage)
            .await
            .expect("the server");
        loaded.verify(&[]).text
    });
    assert!(told.contains("stats.csv: is being read now"), "{told}");
}

#[test]
fn a_file_that_grew_and_is_not_read_yet() {
    let loaded = Loaded::new();
    std::fs::write(&loaded.stats, stats() + MORE).expect("the file grows");
    let verdict = loaded.verify(&[]);
    assert_eq!(verdict.exit, 0, "{}", verdict.text);
    let words = format!(
        "stats.csv: has grown since it was loaded: `smartetl load FILE` reads the {} bytes behind",
        MORE.len()
    );
    assert!(verdict.text.contains(&words), "{}", verdict.text);
}

#[test]
fn a_last_line_that_goes_on() {
    let loaded = Loaded::new();
    let path = loaded
        .world
        .file("half.csv", crate::samples::stats(0..3).trim_end());
    assert_eq!(
        loaded
            .world
            .run(&["load", "half.csv", "--as-of", AS_OF])
            .exit,
        0
    );
    loaded.is_proved();
    let text = crate::samples::stats(0..3).trim_end().to_owned() + "0\n";
    std::fs::write(path, text).expect("the file grows");
    loaded.verify(&[]).finds(
        &["complete"],
        "its last line was loaded before it was complete, and now goes on: 2 bytes are not loaded",
    );
    let told = loaded.world.run(&["verify"]).stdout;
    assert!(told.contains("run `smartetl load FILE` again"), "{told}");
    let again = loaded.world.run(&["load", "half.csv", "--as-of", AS_OF]);
    assert_eq!(again.exit, 0, "{}", again.stdout);
    loaded.is_proved();
}

/// Blank lines are no records, wherever they stand.
#[test]
fn blank_lines_behind_the_end() {
    let loaded = Loaded::new();
    std::fs::write(&loaded.stats, stats() + "\n\r\n\n").expect("the file grows");
    let verdict = loaded.verify(&[]);
    assert_eq!((verdict.exit, verdict.text.as_str()), (0, ""));
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
    verdict.finds(&["dataset"], "24 runs differ (errors 24, job 24)");
    assert_eq!(
        verdict
            .text
            .lines()
            .filter(|line| line.starts_with("dataset:"))
            .count(),
        20
    );
}

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
    assert!(changed >= 5, "only {changed} columns were changed");
    loaded.is_proved();
}

#[test]
fn every_column_of_log() {
    check_every_column("log", &[], &[], "log", |column| match column {
        "batch" => "rows of log are missing".to_owned(),
        _ => "a value changed: the 10 rows of log".to_owned(),
    });
}

#[test]
fn every_column_of_logerreur() {
    check_every_column("logerreur", &[], &[], "logerreur", |column| match column {
        "batch" => "rows of logerreur are missing".to_owned(),
        _ => "a value changed: the 3 rows of logerreur".to_owned(),
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
            "run_key" => "a run is missing".to_owned(),
            _ => format!("{column} is not what the rows fold to"),
        },
    );
}

#[test]
fn every_column_of_job_day() {
    // People say what the deadline is; the fold knows nothing of it.
    check_every_column(
        "job_day",
        &["deadline_at", "late_ms"],
        &["--recompute"],
        "job_day",
        |column| match column {
            "environment" | "project" | "job" | "business_day" => {
                "a job's day is missing".to_owned()
            }
            _ => format!("{column} is not what the rows fold to"),
        },
    );
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
