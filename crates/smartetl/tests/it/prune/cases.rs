//! What once went wrong, or could: each with the few rows that show it.

use super::{AS_OF, HEAD, folded, load, prune, same, stays, sure};
use crate::processes::wait_until;
use crate::support::{World, place};
use crate::tables::{connected, number, rows};
use sqlx::{Connection, Executor};
use std::fmt::Write as _;
use std::sync::mpsc;

/// Lines of Talend's tStatCatcher.
pub(super) struct Stats(pub(super) String, String);

impl Stats {
    pub(super) fn new() -> Self {
        Self(HEAD.to_owned(), "PROD".to_owned())
    }

    /// What runs from here on say of their environment.
    pub(super) fn context(mut self, context: &str) -> Self {
        context.clone_into(&mut self.1);
        self
    }

    /// `ids`: of the run, of its father and of its root.
    pub(super) fn line(
        &mut self,
        moment: &str,
        ids: [&str; 3],
        job: &str,
        context: &str,
        event: &str,
    ) {
        let [run, father, root] = ids;
        writeln!(
            self.0,
            "{moment};{run};{father};{root};1;P;{job};_x;0.1;{context};;{event};"
        )
        .expect("memory");
    }

    /// A run from one moment to another.
    pub(super) fn run(
        mut self,
        ids: [&str; 3],
        job: &str,
        [from, to]: [&str; 2],
        status: &str,
    ) -> Self {
        let context = self.1.clone();
        self.line(from, ids, job, &context, "begin;");
        self.line(to, ids, job, &context, &format!("end;{status}"));
        self
    }

    pub(super) fn root(self, id: &str, job: &str, times: [&str; 2]) -> Self {
        self.run([id; 3], job, times, "success")
    }
}

/// Runs of October: what retires in all cases.
pub(super) fn old() -> Stats {
    Stats::new().root(
        "old",
        "J_Old",
        ["2025-10-10 02:00:00", "2025-10-10 02:10:00"],
    )
}

/// `(dag, due, state, started, ended)`.
pub(super) fn dag_runs(runs: &[(&str, &str, &str, &str, &str)]) -> String {
    let mut text = "dag_id,run_id,run_type,state,queued_at,start_date,end_date\n".to_owned();
    for (dag, due, state, from, to) in runs {
        writeln!(
            text,
            "{dag},scheduled__{due}:00:00+00:00,scheduled,{state},{from}+00:00,{from}+00:00,{to}"
        )
        .expect("memory");
    }
    text
}

/// Errors that know their run and no tree: `(moment, run, job)`.
pub(super) fn errors(lines: &[(&str, &str, &str)]) -> String {
    let mut text = crate::samples::ERROR_COLUMNS.to_owned();
    for (moment, run, job) in lines {
        let column = |name: &str| match name {
            "moment" => (*moment).to_owned(),
            "pid" | "root_pid" | "father_pid" => (*run).to_owned(),
            "project" => "P".to_owned(),
            "job" => (*job).to_owned(),
            "context" => "PROD".to_owned(),
            "priority" => "6".to_owned(),
            "type" => "java.sql.SQLException".to_owned(),
            "origin" => "tDBInput_1".to_owned(),
            "message" => "connection refused".to_owned(),
            _ => "1".to_owned(),
        };
        let fields = crate::samples::ERROR_COLUMNS
            .trim_end()
            .split(';')
            .map(column);
        writeln!(text, "{}", fields.collect::<Vec<_>>().join(";")).expect("memory");
    }
    text
}

pub(super) fn late(world: &World, name: &str, text: &str) {
    world.file(name, text);
    load(world, AS_OF, &[name]);
    sure(world);
}

const RUNS: &str = "SELECT count(*) FROM dataset";

#[test]
fn two_names_that_begin_alike_under_one_id() {
    let (database, world) = place();
    let name = "warehouse_load_stock_movements_of_all_platforms_region";
    let [north, south] = ["north", "south"].map(|region| format!("{name}_{region}"));
    let dags = dag_runs(&[
        (
            "old",
            "2025-11-09T00",
            "success",
            "2025-11-10 02:00:00",
            "2025-11-10 02:10:00+00:00",
        ),
        (
            &north,
            "2025-12-01T18",
            "success",
            "2025-12-02 17:59:58",
            "2025-12-02 18:10:00+00:00",
        ),
        (
            &south,
            "2025-12-01T18",
            "success",
            "2025-12-02 18:00:03",
            "2025-12-02 18:10:00+00:00",
        ),
    ]);
    world.file("dag_run.csv", &dags);
    load(&world, AS_OF, &["dag_run.csv"]);
    let before = folded(&database.url);
    prune(&world, AS_OF, &["--months", "1"]);
    assert_eq!(number(&database.url, RUNS), 3);
    stays(&before, &database.url, &world);
}

#[test]
fn a_run_whose_two_rows_come_late_one_after_the_other() {
    let (database, world) = place();
    late(&world, "a.csv", &old().0);
    prune(&world, AS_OF, &["--months", "1"]);
    let whole = Stats::new().root("x", "J_X", ["2025-11-02 17:30:00", "2025-11-02 23:00:00"]);
    let mut lines: Vec<&str> = whole.0.lines().collect();
    let end = lines.pop().expect("an end");
    late(&world, "b.csv", &lines.join("\n"));
    late(&world, "c.csv", &format!("{HEAD}{end}\n"));
    let run = "SELECT ARRAY[evidence, status, is_retired::text] FROM dataset WHERE job = 'J_X'";
    assert_eq!(rows(&database.url, run), [["full", "success", "false"]]);
    let before = folded(&database.url);
    stays(&before, &database.url, &world);
    prune(&world, AS_OF, &["--months", "1"]);
    assert_eq!(rows(&database.url, run), [["full", "success", "true"]]);
    stays(&before, &database.url, &world);
}

/// Rows that count nothing count for no habit either: a fuse without news changes nothing.
#[test]
fn a_fuse_without_news_changes_nothing() {
    let (database, world) = place();
    let first = [
        (
            "old",
            "2025-11-09T00",
            "success",
            "2025-11-10 02:00:00",
            "2025-11-10 02:10:00+00:00",
        ),
        ("A", "2026-01-01T09", "running", "2026-01-02 09:00:00", ""),
        (
            "Z",
            "2026-01-01T11",
            "success",
            "2026-01-02 11:30:00",
            "2026-01-02 11:31:00+00:00",
        ),
    ];
    late(&world, "first.csv", &dag_runs(&first));
    prune(&world, AS_OF, &["--months", "1"]);
    let second = dag_runs(&[
        (
            "A",
            "2025-12-01T00",
            "success",
            "2025-12-02 01:00:00",
            "2025-12-02 11:00:00+00:00",
        ),
        (
            "B",
            "2025-12-01T00",
            "success",
            "2025-12-05 01:00:00",
            "2025-12-05 02:00:00+00:00",
        ),
        (
            "old",
            "2025-11-09T00",
            "success",
            "2025-11-10 01:00:00",
            "2025-11-10 01:01:00+00:00",
        ),
    ]);
    late(&world, "second.csv", &second);
    assert_eq!(number(&database.url, RUNS), 5);
    let before = folded(&database.url);
    world.run(&["fuse", "--as-of", AS_OF]).done();
    same("fused again", &before, &database.url);
    stays(&before, &database.url, &world);
}

/// A tree that reaches into the months that are kept has all its rows, so what comes late finds its place.
#[test]
fn a_late_row_of_a_tree_that_is_kept() {
    let ((database, world), (whole, all_at_once)) = (place(), place());
    let (world, all_at_once) = (world.in_paris(), all_at_once.in_paris());
    let first = old()
        .root(
            "R",
            "J_Night",
            ["2025-11-04 20:00:00", "2025-11-04 21:00:00"],
        )
        .root(
            "R",
            "J_Night",
            ["2025-12-28 20:00:00", "2025-12-28 21:00:00"],
        )
        .root(
            "S",
            "J_Border",
            ["2025-12-02 16:30:00", "2025-12-02 22:00:00"],
        );
    let second = Stats::new()
        .run(
            ["c", "R", "R"],
            "J_C",
            ["2025-11-04 20:10:00", "2025-11-04 20:20:00"],
            "failure",
        )
        .run(
            ["k", "S", "S"],
            "J_K",
            ["2025-12-02 18:10:00", "2025-12-02 18:20:00"],
            "failure",
        );
    late(&world, "a.csv", &first.0);
    prune(&world, AS_OF, &["--months", "1"]);
    late(&world, "b.csv", &second.0);
    for (name, text) in [("a.csv", &first.0), ("b.csv", &second.0)] {
        all_at_once.file(name, text);
    }
    load(&all_at_once, AS_OF, &["a.csv", "b.csv"]);
    assert_eq!(number(&database.url, RUNS), 6);
    same("late", &folded(&whole.url), &database.url);
    world.run(&["fuse", "--full", "--as-of", AS_OF]).done();
    same("folded again", &folded(&whole.url), &database.url);
}

#[test]
fn days_stay_while_rows_of_their_runs_are_stored() {
    let (database, world) = place();
    let dags = dag_runs(&[
        (
            "older",
            "2025-10-09T00",
            "success",
            "2025-10-10 02:00:00",
            "2025-10-10 02:10:00+00:00",
        ),
        (
            "P",
            "2025-11-27T00",
            "success",
            "2025-11-28 01:00:00",
            "2025-11-28 02:00:00+00:00",
        ),
        (
            "Q",
            "2025-11-27T00",
            "success",
            "2025-12-05 09:01:00",
            "2025-12-05 09:05:00+00:00",
        ),
        (
            "P",
            "2025-12-09T00",
            "success",
            "2025-12-10 01:00:00",
            "2025-12-10 02:00:00+00:00",
        ),
    ]);
    world.file("dag_run.csv", &dags);
    load(&world, AS_OF, &["dag_run.csv"]);
    let report = prune(&world, AS_OF, &["--months", "1", "--dataset-months", "1"]);
    assert_eq!(
        (&report["runs"], number(&database.url, RUNS)),
        (&1.into(), 3)
    );
    let before = folded(&database.url);
    stays(&before, &database.url, &world);
    // What comes again after its run went is a new run; what comes too late before goes with what it speaks of.
    prune(&world, "2026-02-02T12:00:00Z", &["--months", "1"]);
    let again = (
        "P",
        "2025-11-27T00",
        "success",
        "2026-02-01 09:01:00",
        "2026-02-01 09:05:00+00:00",
    );
    world.file("again.csv", &dag_runs(&[again]));
    let told = world
        .run(&["load", "--as-of", "2026-02-02T12:00:00Z", "again.csv"])
        .done();
    assert!(told.stdout.contains("rows left out"), "{}", told.stdout);
    sure(&world);
    let gone = prune(
        &world,
        "2026-02-02T12:00:00Z",
        &["--months", "1", "--dataset-months", "1"],
    );
    assert_eq!((&gone["runs"], number(&database.url, RUNS)), (&3.into(), 0));
    assert_eq!(number(&database.url, "SELECT count(*) FROM retired"), 0);
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 0);
    sure(&world);
    world
        .run(&["fuse", "--full", "--as-of", "2026-02-02T12:00:00Z"])
        .done();
    assert_eq!(number(&database.url, RUNS), 0);
    let new = (
        "P",
        "2025-11-27T00",
        "success",
        "2026-02-01 10:01:00",
        "2026-02-01 10:05:00+00:00",
    );
    world.file("new.csv", &dag_runs(&[new]));
    load(&world, "2026-02-02T12:00:00Z", &["new.csv"]);
    assert_eq!(number(&database.url, RUNS), 1);
    sure(&world);
}

/// An error that names no tree, and a run of one that has retired or that stays.
#[test]
fn late_errors_without_a_tree() {
    let (database, world) = place();
    let first = old()
        .root(
            "R",
            "J_Root",
            ["2025-11-04 20:00:00", "2025-11-04 21:00:00"],
        )
        .run(
            ["k", "R", "R"],
            "J_K",
            ["2025-11-04 20:10:00", "2025-11-04 20:20:00"],
            "failure",
        )
        .run(
            ["J_Before", "T", "T"],
            "J_Before",
            ["2025-12-02 17:30:00", "2025-12-02 23:00:00"],
            "success",
        )
        .run(
            ["J_Behind", "T", "T"],
            "J_Behind",
            ["2025-12-02 18:30:00", "2025-12-02 20:30:00"],
            "success",
        );
    late(&world, "stats.csv", &first.0);
    prune(&world, AS_OF, &["--months", "1"]);
    let before = folded(&database.url);
    late(
        &world,
        "logs.csv",
        &errors(&[("2025-11-05 20:00:00", "k", "J_K")]),
    );
    same("within a day", &before, &database.url);
    late(
        &world,
        "more.csv",
        &errors(&[
            ("2025-11-07 20:00:00", "k", "J_K"),
            ("2025-12-02 19:30:00", "J_Behind", "J_Behind"),
        ]),
    );
    let found = "SELECT ARRAY[job, evidence, error_rows::text] FROM dataset WHERE error_rows > 0 ORDER BY job, started_at";
    let expected = [["J_Behind", "full", "1"], ["J_K", "errors_only", "1"]];
    assert_eq!(rows(&database.url, found), expected);
    let before = folded(&database.url);
    stays(&before, &database.url, &world);
    prune(&world, AS_OF, &["--months", "1"]);
    stays(&before, &database.url, &world);
}

#[test]
fn a_run_that_is_going_on_stays() {
    let (database, world) = place();
    let mut text = old();
    text.line(
        "2025-11-20 08:00:00",
        ["d"; 3],
        "J_Daemon",
        "PROD",
        "begin;",
    );
    for (month, days) in [("11", 21..31), ("12", 1..32), ("01", 1..3)] {
        let year = if month == "01" { 2026 } else { 2025 };
        for day in days {
            let moment = format!("{year}-{month}-{day:02} 07:50:00");
            writeln!(
                text.0,
                "{moment};d;d;d;1;P;J_Daemon;_x;0.1;PROD;tRow_1;begin;;"
            )
            .expect("memory");
        }
    }
    late(&world, "stats.csv", &text.0);
    prune(&world, "2026-01-02T08:00:00Z", &["--months", "1"]);
    sure(&world);
    text.line(
        "2026-01-02 10:00:00",
        ["d"; 3],
        "J_Daemon",
        "PROD",
        "end;success",
    );
    late(&world, "stats.csv", &text.0);
    let daemon = "SELECT ARRAY[status, evidence, started_at::date::text] FROM dataset WHERE job = 'J_Daemon'";
    assert_eq!(
        rows(&database.url, daemon),
        [["success", "full", "2025-11-20"]]
    );
}

#[test]
fn a_clock_that_is_wrong_removes_nothing_of_today() {
    let (database, world) = place();
    let now = jiff::Timestamp::now();
    let at = |minutes: i64| {
        let moment = now - jiff::SignedDuration::from_mins(minutes);
        moment.strftime("%Y-%m-%d %H:%M:%S").to_string()
    };
    let (from, to) = (at(60), at(50));
    let text = old().root("now", "J_Now", [&from, &to]);
    world.file("stats.csv", &text.0);
    world.run(&["load", "stats.csv"]).done();
    prune(&world, "2099-01-01T00:00:00Z", &["--months", "1"]);
    let kept = "SELECT ARRAY[job, is_retired::text] FROM dataset ORDER BY job";
    assert_eq!(
        rows(&database.url, kept),
        [["J_Now", "false"], ["J_Old", "true"]]
    );
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 2);
}

/// The last line of a file goes on after its run has retired.
#[test]
fn a_line_that_goes_on() {
    let (database, world) = place();
    let mut text = old()
        .root(
            "last",
            "J_Last",
            ["2025-10-20 02:00:00", "2025-10-20 02:10:00"],
        )
        .0;
    text.truncate(text.trim_end().len());
    text.push_str("60");
    late(&world, "stats.csv", &text);
    prune(&world, AS_OF, &["--months", "1"]);
    let before = folded(&database.url);
    text.push_str("0000\n");
    late(&world, "stats.csv", &text);
    same("loaded again", &before, &database.url);
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 1);
    stays(&before, &database.url, &world);
}

/// What somebody says later about environments makes no second run of an old one.
#[test]
fn an_environment_that_is_said_later() {
    let (database, world) = place();
    let mut text = old();
    text.line("2025-10-12 02:00:00", ["o"; 3], "J_O", "Usine", "begin;");
    text.line(
        "2025-10-12 03:00:00",
        ["o"; 3],
        "J_O",
        "Usine",
        "end;success",
    );
    text.line("2025-11-28 02:00:00", ["p"; 3], "J_P", "Usine", "begin;");
    text.line(
        "2025-11-28 12:00:00",
        ["p"; 3],
        "J_P",
        "Usine",
        "end;success",
    );
    text.line(
        "2025-12-05 02:01:00",
        ["c", "p", "p"],
        "J_C",
        "Usine",
        "begin;",
    );
    late(&world, "stats.csv", &text.0);
    prune(&world, AS_OF, &["--months", "1"]);
    let set = ["--set", "environments.PROD=prod,usine"];
    world
        .run(&[&["fuse", "--as-of", AS_OF][..], &set].concat())
        .done();
    world
        .run(&[&["verify", "--recompute"][..], &set].concat())
        .done();
    let mut more = Stats::new();
    for (ids, job) in [(["o"; 3], "J_O"), (["c", "o", "o"], "J_C")] {
        more.line("2025-10-12 02:30:00", ids, job, "Usine", "begin;");
    }
    world.file("more.csv", &more.0);
    world
        .run(&[&["load", "--as-of", AS_OF, "more.csv"][..], &set].concat())
        .done();
    world
        .run(&[&["verify", "--recompute"][..], &set].concat())
        .done();
    let found = "SELECT ARRAY[job, environment] FROM dataset WHERE job <> 'J_Old' ORDER BY job";
    // A job that was not there before is a run of its own.
    let expected = [
        ["J_C", "PROD"],
        ["J_C", "PROD"],
        ["J_O", "UNMAPPED"],
        ["J_P", "PROD"],
    ];
    assert_eq!(rows(&database.url, found), expected);
}

/// Whoever reads for long keeps a prune waiting; nobody else waits behind it.
#[test]
fn readers_go_by_while_a_prune_waits() {
    let (database, world) = place();
    late(&world, "stats.csv", &old().0);
    let (url, read) = (&database.url, "SELECT count(*) FROM log");
    let (reads, is_reading) = mpsc::channel();
    let (end, is_to_end) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            connected(url, async |connection| {
                let mut long = connection.begin().await.expect("a transaction");
                long.execute(read).await.expect("read");
                reads.send(()).expect("somebody asks");
                is_to_end.recv().expect("somebody says so");
                long.rollback().await.expect("an end");
            });
        });
        is_reading.recv().expect("it reads");
        let pruning = scope.spawn(|| prune(&world, AS_OF, &["--months", "1"]));
        let waits =
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'";
        for _ in 0..3 {
            wait_until("the prune waits", || number(url, waits) > 0);
            assert_eq!(number(url, read), 2);
            assert!(!pruning.is_finished());
        }
        end.send(()).expect("it reads still");
        assert_eq!(pruning.join().expect("pruned")["rows_log"], 2);
    });
    assert_eq!(number(&database.url, read), 0);
    sure(&world);
}
