//! `runs` and `runs show`: what they say is what truly happened, how it looks in a terminal, and what is shown again and again.

use crate::company::Company;
use crate::samples::{COLUMNS, ERROR_COLUMNS};
use crate::screen::Screen;
use crate::support::{World, check, place};
use crate::tables::number;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use smartetl_testkit::TestDatabase;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// Rows of the truth by column.
type Fact = BTreeMap<String, String>;

/// A loaded company and the truth about its runs.
pub struct Looked {
    pub company: Company,
    pub database: TestDatabase,
    pub world: World,
    facts: Vec<Fact>,
}

impl Looked {
    pub fn new() -> Self {
        let company = Company::simulate(&["--jobs", "25", "--days", "40", "--seed", "4"]);
        let (database, world) = place();
        let logs = company.logs.to_str().expect("UTF-8");
        world
            .run(&["load", "--as-of", &company.as_of, "--allow-rejects", logs])
            .done();
        let text = std::fs::read_to_string(company.truth.join("dataset.csv")).expect("the truth");
        let mut lines = text.lines().map(|line| line.split(','));
        let columns: Vec<&str> = lines.next().expect("a header").collect();
        let facts = lines
            .map(|values| {
                let names = columns.iter().map(|name| (*name).to_owned());
                names.zip(values.map(str::to_owned)).collect()
            })
            .collect();
        Self {
            company,
            database,
            world,
            facts,
        }
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let answer = self
            .world
            .run(&[arguments, &["--format", "json"]].concat())
            .done();
        serde_json::from_str(&answer.stdout).expect("JSON")
    }

    /// The days of the truth on which most root runs failed.
    fn worst_day(&self) -> String {
        let mut failed: BTreeMap<&str, usize> = BTreeMap::new();
        for fact in self.facts.iter().filter(|fact| fact["status"] == "failed") {
            *failed.entry(&fact["business_day"]).or_default() += 1;
        }
        let worst = failed.into_iter().max_by_key(|(_, number)| *number);
        worst.expect("some run failed").0.to_owned()
    }
}

/// What the truth and the program both say of a run, as texts.
const SAID: &[&str] = &[
    "environment",
    "project",
    "job",
    "run_id",
    "root_job",
    "started_at",
    "ended_at",
    "duration_ms",
    "status",
    "outcome",
    "tree_status",
    "category",
    "cause_job",
    "cause_step",
    "trigger",
    "business_day",
];

fn of_fact(fact: &Fact) -> Vec<String> {
    SAID.iter().map(|name| fact[*name].clone()).collect()
}

fn of_run(run: &Value) -> Vec<String> {
    SAID.iter().map(|name| text(&run[*name])).collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// Compares what the program lists with those facts that `is_meant`; there are some.
fn check_runs(looked: &Looked, arguments: &[&str], is_meant: impl Fn(&Fact) -> bool) {
    let all = [&["runs", "--limit", "100000"], arguments].concat();
    let listed = looked.json(&all);
    let ours: BTreeSet<Vec<String>> = list(&listed).iter().map(of_run).collect();
    let facts = looked.facts.iter().filter(|fact| is_meant(fact));
    let truth: BTreeSet<Vec<String>> = facts.map(of_fact).collect();
    assert!(!truth.is_empty(), "{arguments:?} asks for nothing");
    assert_eq!(ours, truth, "{arguments:?}");
}

#[test]
fn what_is_asked_for_is_what_truly_happened() {
    let looked = Looked::new();
    let day = looked.worst_day();
    let is_root = |fact: &Fact| fact["is_root"] == "true";
    check_runs(&looked, &[], is_root);
    check_runs(&looked, &["--root", "--day", &day], |fact| {
        is_root(fact) && fact["business_day"] == day
    });
    check_runs(
        &looked,
        &["--all", "--day", &day, "--status", "failed"],
        |fact| fact["business_day"] == day && fact["status"] == "failed",
    );
    check_runs(
        &looked,
        &["--all", "--environment", "prod", "--since", &day],
        |fact| fact["environment"] == "PROD" && fact["business_day"] >= day,
    );
    check_runs(
        &looked,
        &["--all", "--until", &day, "--status", "en échec,lost"],
        |fact| fact["business_day"] <= day && ["failed", "lost"].contains(&fact["status"].as_str()),
    );
    check_runs(
        &looked,
        &["--all", "--status", "success_with_errors"],
        |fact| fact["outcome"] == "success_with_errors",
    );
    let failed = looked
        .facts
        .iter()
        .find(|fact| !fact["category"].is_empty());
    let (category, job) = failed
        .map(|fact| (&fact["category"], &fact["job"]))
        .expect("one");
    check_runs(&looked, &["--all", "--category", category], |fact| {
        fact["category"] == *category
    });
    check_runs(&looked, &["--all", "--job", job], |fact| {
        fact["job"] == *job
    });
    let begins = format!("{}*", &job[..job.len() - 2]);
    check_runs(
        &looked,
        &["--all", "--job", &begins, "--environment", "PROD,REC"],
        |fact| fact["job"].starts_with(&job[..job.len() - 2]) && fact["environment"] != "DEV",
    );
}

#[test]
fn newest_first_and_never_more_than_asked_for() {
    let looked = Looked::new();
    let listed = looked.json(&["runs", "--all", "--limit", "300"]);
    let order: Vec<(String, String)> = list(&listed)
        .iter()
        .map(|run| (text(&run["business_day"]), text(&run["started_at"])))
        .collect();
    assert_eq!(order.len(), 300);
    assert!(order.is_sorted_by(|one, other| one >= other), "{order:?}");
    let told = looked.world.run(&["runs", "--limit", "3"]).stdout;
    assert!(
        told.contains("There are more: --limit shows them."),
        "{told}"
    );
}

#[test]
fn what_is_usual_is_the_median_of_good_runs() {
    let looked = Looked::new();
    let listed = looked.json(&["runs", "--limit", "30"]);
    let mut compared = 0;
    for run in list(&listed) {
        let mut good: Vec<(String, i64)> = looked
            .facts
            .iter()
            .filter(|fact| {
                ["environment", "project", "job"]
                    .iter()
                    .all(|name| fact[*name] == text(&run[*name]))
                    && fact["status"] == "success"
                    && fact["evidence"] == "full"
            })
            .map(|fact| {
                (
                    fact["started_at"].clone(),
                    fact["duration_ms"].parse().expect("a number"),
                )
            })
            .collect();
        good.sort();
        let newest = good.len().saturating_sub(90);
        let mut durations: Vec<i64> = good[newest..]
            .iter()
            .map(|(_, duration)| *duration)
            .collect();
        durations.sort_unstable();
        let median = (durations.len() >= 3).then(|| durations[(durations.len() - 1) / 2]);
        assert_eq!(run["usual_duration_ms"].as_i64(), median, "{run}");
        compared += usize::from(median.is_some());
    }
    assert!(compared > 5, "only {compared} runs have something usual");
}

#[test]
fn a_tree_has_the_members_that_it_truly_has() {
    let looked = Looked::new();
    let mut sizes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for fact in &looked.facts {
        *sizes
            .entry((&fact["root_run_id"], &fact["root_started_at"]))
            .or_default() += 1;
    }
    let largest = sizes
        .iter()
        .max_by_key(|(_, size)| **size)
        .expect("a tree")
        .0;
    let (root, began) = *largest;
    let day = looked
        .facts
        .iter()
        .find(|fact| fact["root_run_id"] == root && fact["root_started_at"] == began);
    let day = &day.expect("it has a day")["business_day"];
    let shown = looked.json(&["runs", "show", root, "--day", day]);
    let tree = list(&shown["tree"]);
    let of_key: BTreeMap<String, String> = tree
        .iter()
        .map(|run| (text(&run["run_key"]), text(&run["run_id"])))
        .collect();
    let ours: BTreeSet<[String; 4]> = tree
        .iter()
        .map(|run| {
            let parent = of_key.get(&text(&run["parent_run_key"])).cloned();
            [
                text(&run["job"]),
                text(&run["run_id"]),
                parent.unwrap_or_default(),
                text(&run["duration_ms"]),
            ]
        })
        .collect();
    let truth: BTreeSet<[String; 4]> = looked
        .facts
        .iter()
        .filter(|fact| fact["root_run_id"] == root && fact["root_started_at"] == began)
        .map(|fact| {
            ["job", "run_id", "parent_run_id", "duration_ms"].map(|name| fact[name].clone())
        })
        .collect();
    assert!(truth.len() > 2);
    assert_eq!(ours, truth);
    assert_eq!(shown["tree"][0]["run_id"], root);
    // A line for each of them, and the same for a part of the tree.
    let csv = looked
        .world
        .run(&["runs", "show", root, "--day", day, "--format", "csv"])
        .stdout;
    assert_eq!(csv.lines().count(), 1 + truth.len(), "{csv}");
    let child = text(&tree[1]["run_key"]);
    let part = looked.json(&["runs", "show", &child]);
    assert_eq!(part["above"][0]["run_id"], root);
    assert!(list(&part["tree"]).len() < truth.len());
}

/// A night that went well, and one in which a child failed, was caught by its parent, and blocked another child.
fn two_nights(world: &World) {
    let mut stats = COLUMNS.to_owned();
    let mut errors = ERROR_COLUMNS.to_owned();
    let mut run =
        |day: u32, ids: [&str; 2], job: &str, times: [&str; 2], status: &str, duration: u32| {
            let [run, root] = ids;
            let who = format!("{run};{root};{root};1;SALES;{job};_{job};0.1;PROD;");
            let _ = writeln!(stats, "2026-01-0{day} {};{who};begin;;", times[0]);
            let _ = writeln!(
                stats,
                "2026-01-0{day} {};{who};end;{status};{duration}",
                times[1]
            );
        };
    run(
        5,
        ["a1", "a1"],
        "load_all",
        ["02:00:00", "02:20:00"],
        "success",
        1_200_000,
    );
    run(
        5,
        ["a2", "a1"],
        "load_orders",
        ["02:00:10", "02:08:10"],
        "success",
        480_000,
    );
    run(
        5,
        ["a3", "a1"],
        "load_stock",
        ["02:08:20", "02:19:50"],
        "success",
        690_000,
    );
    run(
        6,
        ["b1", "b1"],
        "load_all",
        ["02:00:00", "02:12:00"],
        "failure",
        720_000,
    );
    run(
        6,
        ["b2", "b1"],
        "load_orders",
        ["02:00:10", "02:11:50"],
        "failure",
        700_000,
    );
    let who = "b2;b1;b1;1;SALES;load_orders;_load_orders;0.1;PROD;tDBInput_1";
    let _ = writeln!(stats, "2026-01-06 02:00:20;{who};begin;;");
    let _ = writeln!(stats, "2026-01-06 02:11:40;{who};end;failure;680000");
    let refused = "java.sql.SQLException:ORA-12541: TNS:no listener on db.example.com, the session of the nightly load was refused";
    let _ = writeln!(
        errors,
        "2026-01-06 02:11:40;b2;b1;b1;SALES;load_orders;PROD;6;Java Exception;tDBInput_1;{refused};1"
    );
    let _ = writeln!(
        errors,
        "2026-01-06 02:11:50;b1;b1;b1;SALES;load_all;PROD;6;Java Exception;tRunJob_1;java.lang.RuntimeException:Child job running failed;1"
    );
    world.file("logs/stats.csv", &stats);
    world.file("logs/errors.csv", &errors);
    world
        .run(&["load", "--as-of", "2026-01-06T12:00:00Z", "logs"])
        .done();
}

/// The lines on a terminal of 80 columns, none of which is longer.
fn on_a_terminal(world: &World, arguments: &[&str]) -> String {
    let (exit, lines) = Screen::start(world, arguments, 80).end();
    assert_eq!(exit, Some(0), "{lines:?}");
    for line in &lines {
        let plain = without_colours(line);
        assert!(plain.chars().count() <= 80, "{plain}");
    }
    lines.join("\n")
}

fn without_colours(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    plain.extend(
        parts
            .filter_map(|part| part.split_once('m'))
            .map(|(_, text)| text),
    );
    plain
}

#[test]
fn how_it_looks_at_80_columns() {
    let (_database, world) = place();
    two_nights(&world);
    for lang in ["en", "fr"] {
        let shown = |arguments: &[&str]| {
            let flags = ["--color", "never"];
            on_a_terminal(&world, &[&flags, arguments, &["--lang", lang]].concat())
        };
        insta::assert_snapshot!(format!("runs_{lang}"), shown(&["runs", "--all"]));
        insta::assert_snapshot!(format!("show_{lang}"), shown(&["runs", "show", "b1"]));
    }
    let coloured = on_a_terminal(&world, &["--color", "always", "runs", "show", "b1"]);
    insta::assert_snapshot!("show_in_colours", coloured);
    // Where no terminal says how wide it is nothing is cut, and the locale decides about lines and blocks.
    let world = world.set("LC_ALL", "C");
    let plain = world.run(&["runs", "show", "b2"]).stdout;
    assert!(plain.is_ascii(), "{plain}");
    insta::assert_snapshot!("show_in_ascii", plain);
}

/// The numbers of rows of steps are wider than any result of a run.
#[test]
fn numbers_of_rows_have_their_room_at_every_width() {
    let (_database, world) = place();
    let who = "r1;r1;r1;1;SALES;load_orders;_load_orders;0.1;PROD;";
    let mut stats = COLUMNS.to_owned();
    let _ = writeln!(stats, "2026-01-06 02:00:00;{who};begin;;");
    let _ = writeln!(stats, "2026-01-06 02:10:00;{who};end;success;600000");
    let mut meter =
        "moment;pid;father_pid;root_pid;system_pid;project;job;job_repository_id;job_version;context;origin;label;count;reference;thresholds\n"
            .to_owned();
    for (step, rows) in [("tFlowMeter_1", 7), ("tFlowMeter_2", 1_259_720)] {
        let _ = writeln!(
            meter,
            "2026-01-06 02:09:00;{who}{step};rows_written;{rows};;"
        );
    }
    world.file("logs/stats.csv", &stats);
    world.file("logs/meter.csv", &meter);
    world
        .run(&["load", "--as-of", "2026-01-06T12:00:00Z", "logs"])
        .done();
    for (lang, rows) in [
        ("en", "1,259,720 rows"),
        ("fr", "1\u{202f}259\u{202f}720 lignes"),
    ] {
        for columns in [80, 100, 120] {
            let arguments = ["--color", "never", "--lang", lang, "runs", "show", "r1"];
            let (exit, lines) = Screen::start(&world, &arguments, columns).end();
            assert_eq!(exit, Some(0), "{lines:?}");
            let longest = lines.iter().map(|line| line.chars().count()).max();
            assert!(longest <= Some(usize::from(columns)), "{lines:#?}");
            let many = lines.iter().find(|line| line.ends_with(rows));
            let few = lines
                .iter()
                .find(|line| line.contains("tFlowMeter_1") && line.contains(" 7 "));
            let ends = [many, few].map(|line| line.map(|line| line.chars().count()));
            assert!(ends[0].is_some() && ends[0] == ends[1], "{lines:#?}");
        }
    }
}

#[test]
fn the_last_good_run_stands_beside_it() {
    let (_database, world) = place();
    two_nights(&world);
    let answer = world.run(&["runs", "show", "b1", "--format", "json"]);
    let shown: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    assert_eq!(shown["last_good"]["run_id"], "a1");
    let good: Vec<(String, Option<i64>)> = list(&shown["tree"])
        .iter()
        .map(|run| (text(&run["job"]), run["last_good_duration_ms"].as_i64()))
        .collect();
    let expected = [("load_all", 1_200_000), ("load_orders", 480_000)];
    assert_eq!(
        good,
        expected.map(|(job, good)| (job.to_owned(), Some(good)))
    );
    assert_eq!(shown["missing"][0]["job"], "load_stock");
    // The parent's copy of the error is told under the child only.
    assert_eq!(list(&shown["tree"][0]["errors"]).len(), 0, "{shown}");
    assert_eq!(shown["tree"][1]["errors"][0]["category"], "connection");
    assert_eq!(shown["tree"][1]["steps"][0]["duration_ms"], 680_000);
    let first = world.run(&["runs", "show", "a1"]).stdout;
    assert!(first.contains("no good run before"), "{first}");
}

#[test]
fn a_run_is_named_in_many_ways() {
    let (database, world) = place();
    two_nights(&world);
    // The same id as b1, in another job.
    let line = |at: &str, kind: &str| {
        format!("2026-01-07 {at};b1;b1;b1;1;SALES;load_mail;_load_mail;0.1;PROD;;{kind}\n")
    };
    let more = [
        COLUMNS,
        &line("03:00:00", "begin;;"),
        &line("03:00:30", "end;success;30000"),
    ];
    world.file("more/stats.csv", &more.concat());
    assert_eq!(
        world
            .run(&["load", "--as-of", "2026-01-08T00:00:00Z", "more"])
            .exit,
        0
    );
    let several = world.run(&["runs", "show", "b1"]);
    assert_eq!(several.exit, 2, "{}", several.stdout);
    for words in [
        "`b1` names several runs",
        "--job or --day",
        "load_mail",
        "load_all",
    ] {
        assert!(several.stderr.contains(words), "{}", several.stderr);
    }
    let job = |arguments: &[&str]| {
        let answer = world
            .run(&[&["runs", "show"], arguments, &["--format", "json"]].concat())
            .done();
        let shown: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        text(&shown["tree"][0]["job"])
    };
    assert_eq!(job(&["b1", "--job", "load_m*"]), "load_mail");
    assert_eq!(job(&["b1", "--day", "2026-01-06"]), "load_all");
    let listed = world.run(&["runs", "--all", "--format", "json"]).stdout;
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    for run in list(&listed) {
        assert_eq!(job(&[&text(&run["run"])]), text(&run["job"]), "{run}");
        assert_eq!(job(&[&text(&run["run_key"])]), text(&run["job"]), "{run}");
    }
    assert_eq!(number(&database.url, "SELECT count(*) FROM dataset"), 6);
    let unknown = world.run(&["runs", "show", "nothing"]);
    assert_eq!(unknown.exit, 2);
    assert!(
        unknown.stderr.contains("there is no run `nothing`"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn what_is_unknown_is_told_with_what_is_known() {
    let (_database, world) = place();
    two_nights(&world);
    check!(world, "runs", "--status", "broken");
    check!(world, "runs", "--environment", "TEST");
    check!(world, "runs", "--job", "load_order");
}

/// A program that shows something again and again, of which nobody waits longer than it takes.
struct Watched {
    child: std::process::Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Watched {
    fn start(world: &World, arguments: &[&str]) -> Self {
        let mut command = world.command_in_the_foreground(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let stdout = child.stdout.take().expect("its stdout");
        Self {
            child,
            lines: BufReader::new(stdout).lines(),
        }
    }

    /// The next JSON list.
    fn block(&mut self) -> Value {
        let mut text = String::new();
        loop {
            let line = self.lines.next().expect("it goes on").expect("UTF-8");
            text.push_str(&line);
            if line == "]" {
                return serde_json::from_str(&text).expect("JSON");
            }
        }
    }

    /// Waits until so many runs are shown. What is shown meanwhile has no more of them.
    fn until(&mut self, runs: usize) {
        loop {
            let shown = list(&self.block()).len();
            assert!(shown <= runs, "{shown} runs where {runs} are expected");
            if shown == runs {
                return;
            }
        }
    }

    fn end(mut self) -> Option<i32> {
        let pid = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(pid), Signal::SIGINT).expect("it is our child");
        self.child.wait().expect("it is our child").code()
    }
}

#[test]
fn what_changed_is_shown_again_also_after_the_connection_was_lost() {
    let (database, world) = place();
    two_nights(&world);
    let watch = ["runs", "--watch=100ms", "--format", "json"];
    let mut watched = Watched::start(&world, &watch);
    watched.until(2);
    let load = |file: &str, first: u32| {
        world.file(file, &crate::samples::stats(first..first + 1));
        assert_eq!(
            world
                .run(&["load", "--as-of", "2026-01-08T00:00:00Z", file])
                .exit,
            0
        );
    };
    load("one/stats.csv", 1);
    watched.until(3);
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(number(&database.url, cut) >= 1);
    load("two/stats.csv", 100);
    watched.until(4);
    assert_eq!(watched.end(), Some(0));
}

#[test]
fn a_terminal_is_given_back_as_it_was() {
    use std::io::Write as _;
    let (_database, world) = place();
    two_nights(&world);
    let watch = ["--color", "never", "runs", "--watch=100ms"];
    let mut screen = Screen::start(&world, &watch, 80);
    screen.wait_for("load_all");
    screen.keyboard.write_all(b"\x03").expect("a key");
    let (exit, text) = screen.whole();
    assert_eq!(exit, Some(0), "{text:?}");
    assert!(text.starts_with("\x1b[?1049h\x1b[?25l"), "{text:?}");
    assert!(
        text.trim_end().ends_with("\x1b[?25h\x1b[?1049l"),
        "{text:?}"
    );
    assert!(text.contains("Refreshed at"), "{text:?}");
}

/// Begun from one moment on and before another, or on the days between two: in both forms.
#[test]
fn days_and_moments_limit_lists() {
    let (_database, world) = place();
    two_nights(&world);
    let number = |command: &[&str]| {
        let answer = world.run(&[command, &["--format", "json"]].concat()).done();
        let found: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        list(&found).len()
    };
    for (flags, runs) in [
        (&[][..], 5),
        (&["--since", "2026-01-06"], 2),
        (&["--until", "2026-01-05"], 3),
        (&["--since", "2026-01-05T02:00:10+01:00"], 4),
        (
            &[
                "--since",
                "2026-01-05T01:00:10Z",
                "--until",
                "2026-01-05T01:08:20Z",
            ],
            1,
        ),
        (
            &["--since", "2026-01-05", "--until", "2026-01-06T01:00:10Z"],
            4,
        ),
    ] {
        assert_eq!(
            number(&[&["runs", "--all"], flags].concat()),
            runs,
            "{flags:?}"
        );
    }
    let last = |flags: &[&str]| {
        let jobs = ["jobs", "--job", "load_all", "--format", "json"];
        let found: Value =
            serde_json::from_str(&world.run(&[&jobs, flags].concat()).stdout).expect("JSON");
        text(&found[0]["last_status"])
    };
    assert_eq!(last(&[]), "failed");
    assert_eq!(last(&["--until", "2026-01-06T00:00:00Z"]), "success");
    for (wrong, told) in [
        ("2026-01-06T02:00", "write 2026-01-06T02:00:00Z for UTC"),
        ("yesterday", "neither a day nor a moment"),
    ] {
        let answer = world.run(&["runs", "--since", wrong]);
        assert_eq!(answer.exit, 2);
        assert!(answer.stderr.contains(told), "{}", answer.stderr);
    }
}

/// Somebody who names a job where a run is wanted.
#[test]
fn a_job_in_the_place_of_a_run_is_told_how_its_runs_are_listed() {
    let (_database, world) = place();
    two_nights(&world);
    let answer = world.run(&["runs", "show", "load_order"]);
    assert_eq!(answer.exit, 2);
    assert!(
        answer
            .stderr
            .contains("did you mean the job? `smartetl runs --job load_orders` lists its runs"),
        "{}",
        answer.stderr
    );
}

/// More rows than are read of one tree: what is told says so.
#[test]
fn a_tree_with_very_many_rows_is_cut_and_says_so() {
    let (_database, world) = place();
    let who = "r1;r1;r1;77;SALES;load_orders;_x1;0.1;PROD";
    let mut text = COLUMNS.to_owned();
    let _ = writeln!(text, "2026-01-05 02:00:00;{who};;begin;;");
    for step in 0..25_010 {
        let at = format!(
            "2026-01-05 0{}:{:02}:{:02}",
            2 + step / 7_200,
            step / 120 % 60,
            step / 2 % 60
        );
        let _ = writeln!(text, "{at};{who};tStep_{step};begin;;");
        let _ = writeln!(text, "{at};{who};tStep_{step};end;success;1");
    }
    let _ = writeln!(text, "2026-01-05 08:00:00;{who};;end;success;21600000");
    world.file("logs/stats.csv", &text);
    assert_eq!(
        world
            .run(&["load", "--as-of", "2026-01-06T00:00:00Z", "logs"])
            .exit,
        0
    );
    let json = world
        .run(&["runs", "show", "r1", "--format", "json"])
        .stdout;
    assert!(
        json.contains("\"is_cut\": true"),
        "{}",
        &json[..json.len().min(2_000)]
    );
    let told = world.run(&["runs", "show", "r1"]).stdout;
    assert!(
        told.contains("those of the first 50,000 rows"),
        "{}",
        &told[..told.len().min(2_000)]
    );
}

/// Three catchers write one error at one moment, the parent another: each is one row of the problem, however often it is written.
#[test]
fn copies_of_an_error_are_counted_once() {
    let (_database, world) = place();
    two_nights(&world);
    let line = "2026-01-06 02:11:40;b2;b1;b1;SALES;load_orders;PROD;6;Java Exception;tDBInput_1;\
                java.sql.SQLException:ORA-12541: TNS:no listener on db.example.com, the session of the nightly load was \
                refused;1\n";
    world.file(
        "logs/copies.csv",
        &(ERROR_COLUMNS.to_owned() + &line.repeat(3)),
    );
    assert_eq!(
        world
            .run(&["load", "--as-of", "2026-01-06T12:00:00Z", "logs"])
            .exit,
        0
    );
    let json = world
        .run(&["runs", "show", "b1", "--format", "json"])
        .stdout;
    let shown: Value = serde_json::from_str(&json).expect("JSON");
    let failed = list(&shown["tree"])
        .iter()
        .find(|run| run["job"] == "load_orders")
        .expect("it is there");
    let errors = list(&failed["errors"]);
    let of_step: Vec<&Value> = errors
        .iter()
        .filter(|error| error["step"] == "tDBInput_1")
        .collect();
    assert_eq!(of_step.len(), 1, "{errors:?}");
    assert_eq!(of_step[0]["rows"], 1, "{errors:?}");
}
