//! Nights written by hand, with what must be said of them.

use crate::samples::{COLUMNS, ERROR_COLUMNS};
use crate::support::{World, place};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date};
use serde_json::{Value, json};
use smartetl_testkit::TestDatabase;
use std::fmt::Write as _;

/// Logs of one company in Paris, line by line.
struct Hand {
    lines: Vec<(DateTime, String)>,
    world: World,
    _database: TestDatabase,
}

impl Hand {
    fn new() -> Self {
        let (database, world) = place();
        Self {
            lines: Vec::new(),
            world,
            _database: database,
        }
    }

    /// A run of PROD, with its begin and end on the local clock.
    fn run(&mut self, job: &str, begin: DateTime, end: DateTime, how: &str) {
        let pid = format!("p{:05}", self.lines.len());
        let who = format!("{pid};{pid};{pid};77;SALES;{job};_{job};0.1;PROD;");
        let at = |moment: DateTime| moment.strftime("%Y-%m-%d %H:%M:%S").to_string();
        let begun = format!("{};{who};begin;;", at(begin));
        self.lines.push((begin, begun));
        let ended = format!("{};{who};end;{how};60000", at(end));
        self.lines.push((end, ended));
    }

    /// A run of PROD that is going on.
    fn begin(&mut self, job: &str, begin: DateTime) {
        self.run(job, begin, begin, "success");
        self.lines.pop();
    }

    /// The same in every night of these business days; hours before 18:00 are those of the morning.
    fn nightly(&mut self, job: &str, days: [Date; 2], begin: (i8, i8), end: (i8, i8)) {
        let [first, last] = days;
        for day in first.series(1.day()).take_while(|day| *day <= last) {
            let at = |(hour, minute): (i8, i8)| {
                let of = if hour < 18 {
                    day
                } else {
                    day.yesterday().expect("a day")
                };
                of.at(hour, minute, 0, 0)
            };
            self.run(job, at(begin), at(end), "success");
        }
    }

    fn load(&mut self, as_of: &str) {
        self.lines.sort();
        let mut text = COLUMNS.to_owned();
        for (_, line) in self.lines.drain(..) {
            let _ = writeln!(text, "{line}");
        }
        let file = self.world.file("logs/stats.csv", &text);
        let file = file.to_str().expect("UTF-8");
        self.must(&["load", "--as-of", as_of, file]);
    }

    fn must(&self, arguments: &[&str]) -> String {
        let answer = self.world.run(arguments).done();
        answer.stdout
    }

    fn text(&self, arguments: &[&str]) -> String {
        let text = self.must(&[&["report"], arguments].concat());
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let json = ["report", "--lang", "en", "--format", "json"];
        serde_json::from_str(&self.must(&[&json, arguments].concat())).expect("JSON")
    }
}

fn jobs(list: &Value) -> Vec<&str> {
    let jobs = list.as_array().expect("a list").iter();
    jobs.map(|job| job["job"].as_str().expect("a name"))
        .collect()
}

#[test]
fn what_logs_do_not_reach_is_not_said_to_be_missing() {
    let mut hand = Hand::new();
    let before = [date(2025, 11, 3), date(2025, 12, 8)];
    hand.nightly("load_orders", before, (22, 0), (22, 11));
    hand.nightly("load_stock", before, (1, 0), (1, 20));
    hand.nightly("make_marts", before, (5, 0), (5, 20));
    // The logs end at 22:11, and are read at nine in the morning.
    let night = [date(2025, 12, 9); 2];
    hand.nightly("load_orders", night, (22, 0), (22, 11));
    hand.load("2025-12-09T08:00:00Z");
    let told = hand.json(&[]);
    assert_eq!(told["business_day"], "2025-12-09");
    assert_eq!(told["sentence"], "the only job succeeded.");
    assert_eq!(told["counts"]["not_seen"], 0);
    assert_eq!(told["no_logs_since"], "2025-12-08T21:11:00Z");
    let text = hand.text(&["--lang", "en"]);
    let said = "Not seen none Logs no logs since 22:11: what started since cannot be known";
    assert!(text.contains(said), "{text}");
    let text = hand.text(&["--lang", "fr"]);
    let said = "Non démarrés aucun Journaux aucun journal depuis 22:11 : on ne peut pas savoir ce qui a démarré depuis";
    assert!(text.contains(said), "{text}");
    // Nor is a deadline said to be missed.
    hand.must(&[
        "sql",
        "--write",
        "UPDATE job SET deadline = '07:00' WHERE job = 'make_marts'",
    ]);
    let due = &hand.json(&[])["deadlines"];
    assert_eq!(
        (&due[0]["state"], &due[0]["deadline_at"]),
        (&json!("unknown"), &json!("2025-12-09T06:00:00Z"))
    );
    // Nothing is unknown of the night before.
    let told = hand.json(&["--day", "2025-12-08"]);
    assert_eq!(told["no_logs_since"], Value::Null);
    // With the logs of five in the morning, what usually begins at one is missing, and nothing else.
    hand.nightly("make_marts", night, (5, 0), (5, 20));
    let mut text = COLUMNS.to_owned();
    for (_, line) in hand.lines.drain(..) {
        let _ = writeln!(text, "{}", line.replace(";p0", ";q0"));
    }
    let file = hand.world.file("logs/morning.csv", &text);
    hand.must(&[
        "load",
        "--as-of",
        "2025-12-09T08:00:00Z",
        file.to_str().expect("UTF-8"),
    ]);
    let told = hand.json(&[]);
    assert_eq!(jobs(&told["not_seen"]), ["load_stock"]);
    assert_eq!(told["no_logs_since"], "2025-12-09T04:20:00Z");
    assert_eq!(told["sentence"], "both jobs succeeded. 1 was not seen.");
}

/// Everything that is usual has come: that nothing more was logged is no news.
#[test]
fn a_night_that_ended_early_is_no_silence() {
    let mut hand = Hand::new();
    let days = [date(2025, 11, 3), date(2025, 12, 9)];
    hand.nightly("load_orders", days, (22, 0), (22, 11));
    hand.nightly("load_stock", days, (1, 0), (1, 20));
    hand.load("2025-12-09T08:00:00Z");
    let told = hand.json(&[]);
    assert_eq!(told["counts"]["ok"], 2);
    assert_eq!(told["no_logs_since"], Value::Null);
    let text = hand.text(&["--lang", "en"]);
    assert!(!text.contains("no logs since"), "{text}");
}

/// It was ready in time, whatever goes on now.
#[test]
fn a_job_that_runs_for_another_time_is_not_late() {
    let mut hand = Hand::new();
    let days = [date(2025, 11, 3), date(2025, 12, 8)];
    for (begin, end) in [((22, 0), (22, 11)), ((3, 0), (3, 11))] {
        hand.nightly("load_orders", days, begin, end);
        hand.nightly("load_stock", days, begin, end);
    }
    let night = date(2025, 12, 9);
    hand.nightly("load_orders", [night; 2], (22, 0), (22, 11));
    hand.begin("load_orders", night.at(3, 0, 0, 0));
    hand.begin("load_stock", night.at(3, 0, 0, 0));
    hand.load("2025-12-09T02:30:00Z");
    let told = hand.json(&[]);
    assert_eq!(told["counts"]["running"], 2);
    assert_eq!(jobs(&told["late"]), ["load_stock"]);
}

#[test]
fn the_change_of_the_clock_in_spring_makes_no_job_late() {
    let mut hand = Hand::new();
    let before = [date(2026, 3, 1), date(2026, 3, 28)];
    let night = date(2026, 3, 29);
    // Five hours and a half from 22:00; the same; always at 05:00; always at 05:00.
    hand.nightly("build_cube", before, (22, 0), (3, 30));
    hand.nightly("build_marts", before, (22, 0), (3, 30));
    hand.nightly("send_orders", before, (5, 0), (5, 20));
    hand.nightly("send_stock", before, (5, 0), (5, 20));
    // At 02:00 it is 03:00. One takes as long as ever, one an hour more; one begins as ever, one an hour later.
    hand.nightly("build_cube", [night; 2], (22, 0), (4, 30));
    hand.nightly("build_marts", [night; 2], (22, 0), (5, 30));
    hand.nightly("send_orders", [night; 2], (5, 0), (5, 20));
    hand.nightly("send_stock", [night; 2], (6, 30), (6, 50));
    hand.load("2026-03-29T10:00:00Z");
    let told = hand.json(&["--day", "2026-03-29"]);
    assert_eq!(
        told["late"],
        json!([
            {
                "project": "SALES",
                "job": "build_marts",
                "ready_at": "2026-03-29T03:30:00Z",
                "usually_ready_by": "2026-03-29T02:30:00Z",
                "late_ms": 3_600_000,
            },
            {
                "project": "SALES",
                "job": "send_stock",
                "ready_at": "2026-03-29T04:50:00Z",
                "usually_ready_by": "2026-03-29T04:20:00Z",
                "late_ms": 1_800_000,
            },
        ])
    );
}

#[test]
fn the_change_of_the_clock_in_spring_makes_no_job_missing() {
    let mut hand = Hand::new();
    let before = [date(2026, 3, 1), date(2026, 3, 28)];
    let night = date(2026, 3, 29);
    hand.nightly("build_cube", before, (22, 0), (3, 30));
    hand.nightly("send_cube", before, (3, 35), (3, 45));
    hand.nightly("send_orders", before, (3, 35), (3, 45));
    hand.nightly("load_stock", before, (4, 6), (4, 8));
    // What follows the cube begins at 04:35, which is five minutes behind it as ever.
    hand.nightly("load_stock", [night; 2], (4, 6), (4, 8));
    hand.load("2026-03-29T02:10:00Z");
    let told = hand.json(&["--day", "2026-03-29"]);
    // Of 22:00 it is known that it did not begin.
    assert_eq!(jobs(&told["not_seen"]), ["build_cube"]);
    assert_eq!(
        told["not_seen"][0]["usually_started_by"],
        "2026-03-28T21:00:00Z"
    );
}

#[test]
fn a_deadline_in_the_hour_that_comes_twice_is_the_later_one_everywhere() {
    let mut hand = Hand::new();
    let before = [date(2026, 9, 28), date(2026, 10, 24)];
    let night = [date(2026, 10, 25); 2];
    for days in [before, night] {
        hand.nightly("load_orders", days, (23, 0), (23, 30));
        hand.nightly("make_marts", days, (6, 0), (6, 10));
    }
    hand.nightly("load_stock", before, (23, 0), (23, 30));
    let as_of = "2026-10-25T08:00:00Z";
    hand.load(as_of);
    hand.must(&[
        "sql",
        "--write",
        "UPDATE job SET deadline = '02:30' WHERE job LIKE 'load%'",
    ]);
    hand.must(&["fuse", "--full", "--as-of", as_of]);
    let told = hand.json(&["--day", "2026-10-25"]);
    let due: Vec<[&Value; 4]> = told["deadlines"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|due| ["job", "deadline_at", "state", "margin_ms"].map(|field| &due[field]))
        .collect();
    let at = json!("2026-10-25T01:30:00Z");
    assert_eq!(
        due,
        [
            // Not begun: half past eight in the morning less one and a half hours of UTC.
            [
                &json!("load_stock"),
                &at,
                &json!("missed"),
                &json!(-23_400_000)
            ],
            // Ready at 23:30 in summer, 21:30 of UTC: four hours before.
            [
                &json!("load_orders"),
                &at,
                &json!("kept"),
                &json!(14_400_000)
            ],
        ]
    );
    hand.must(&["verify"]);
}

#[test]
fn nights_of_which_nothing_is_there_are_told() {
    let mut hand = Hand::new();
    let nights = [date(2025, 12, 1), date(2025, 12, 31)];
    hand.nightly("load_orders", nights, (22, 0), (22, 20));
    hand.nightly("load_stock", nights, (6, 0), (6, 20));
    hand.load("2026-01-05T09:00:00Z");
    let told = hand.json(&[]);
    assert_eq!(told["business_day"], "2025-12-31");
    assert_eq!(
        told["sentence"],
        "both jobs succeeded. No logs for the 5 nights since, up to that of 4 to 5 January."
    );
    assert_eq!(
        told["nights_without_jobs"],
        json!({"first_day": "2026-01-01", "last_day": "2026-01-05", "nights": 5, "logs": false})
    );
    let text = hand.text(&["--lang", "fr"]);
    let said = "Nuit du 30 au 31 décembre 2025 : les 2 jobs ont réussi. Aucun journal pour les 5 nuits suivantes, jusqu’à \
                celle du 4 au 5 janvier.";
    assert!(text.contains(said), "{text}");
    // Whoever asks for a night is told of that one.
    let asked = hand.json(&["--day", "2025-12-31"]);
    assert_eq!(asked["nights_without_jobs"], Value::Null);
    assert_eq!(asked["sentence"], "both jobs succeeded.");
    // The morning after a night in which nothing was started.
    hand.must(&["fuse", "--full", "--as-of", "2026-01-01T08:00:00Z"]);
    let told = hand.json(&[]);
    assert_eq!(
        told["sentence"],
        "both jobs succeeded. No logs yet for the night since, that of 31 December to 1 January."
    );
    // Before the border there is no such night.
    hand.must(&["fuse", "--full", "--as-of", "2025-12-31T16:59:00Z"]);
    assert_eq!(hand.json(&[])["nights_without_jobs"], Value::Null);
}

#[test]
fn environments_and_days_are_named_as_for_runs_and_files_are_not_replaced_unasked() {
    let mut hand = Hand::new();
    let nights = [date(2025, 12, 30), date(2025, 12, 31)];
    hand.nightly("load_orders", nights, (22, 0), (22, 20));
    hand.load("2025-12-31T09:00:00Z");
    let told = hand.text(&[
        "--environment",
        "prod",
        "--day",
        "30/12/2025",
        "--lang",
        "en",
    ]);
    assert!(
        told.starts_with("Night of 29 to 30 December: the only job succeeded. PROD · 1 succeeded"),
        "{told}"
    );
    let week = hand.text(&[
        "week",
        "--environment",
        "Prod",
        "--day",
        "31/12/2025",
        "--lang",
        "en",
    ]);
    assert!(
        week.starts_with("Week of 25 to 31 December: 100%"),
        "{week}"
    );
    let file = hand.world.file("out/night.txt", "of yesterday");
    let read = || std::fs::read_to_string(&file).expect("a file");
    let answer = hand.world.run(&["report", "-o", "out/night.txt"]);
    assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""));
    assert_eq!(
        answer.stderr,
        "error: the file is there already\n  --> out/night.txt\nhint: --force replaces it\n"
    );
    assert_eq!(read(), "of yesterday");
    hand.must(&["report", "--lang", "en", "-o", "out/night.txt", "--force"]);
    assert!(
        read().starts_with("Night of 30 to 31 December:"),
        "{}",
        read()
    );
    let files = std::fs::read_dir(hand.world.home.path().join("out")).expect("a folder");
    assert_eq!(files.count(), 1);
    let shown = hand.must(&["report", "--lang", "en", "-o", "-"]);
    assert!(shown.starts_with("Night of 30 to 31 December:"), "{shown}");
}

#[test]
fn how_often_a_job_failed_is_said_in_french() {
    let mut hand = Hand::new();
    let days = [date(2025, 12, 8), date(2025, 12, 12)];
    hand.nightly("load_orders", days, (22, 0), (22, 20));
    for day in [9, 10] {
        let at = |hour: i8| date(2025, 12, day).at(hour, 0, 0, 0);
        hand.run("load_stock", at(1), at(2), "failure");
    }
    for day in [11, 12] {
        let at = |hour: i8| date(2025, 12, day).at(hour, 0, 0, 0);
        hand.run("make_marts", at(1), at(2), "failure");
        hand.run("make_marts", at(3), at(4), "success");
    }
    hand.load("2025-12-12T09:00:00Z");
    let week = hand.text(&["week", "--lang", "fr"]);
    assert!(week.contains("Le plus souvent en échec"), "{week}");
    for said in [
        "load_stock\u{a0}: non rattrapé pendant 2 nuits",
        "make_marts\u{a0}: rattrapé pendant 2 nuits",
    ] {
        let said = said.replace('\u{a0}', " ");
        assert!(week.contains(&said), "{week}");
    }
}

/// What says why it failed stands before what only says that it did, however early that was; of what was made good, too.
#[test]
fn an_explained_cause_comes_before_one_without_a_message() {
    let mut hand = Hand::new();
    let night = date(2025, 12, 9);
    hand.run(
        "load_stock",
        night.at(1, 0, 0, 0),
        night.at(1, 10, 0, 0),
        "failure",
    );
    hand.run(
        "load_orders",
        night.at(2, 0, 0, 0),
        night.at(2, 10, 0, 0),
        "failure",
    );
    // The second run of `load_orders` by its number among the lines.
    let errors = format!(
        "{ERROR_COLUMNS}2025-12-09 02:09:00;p00002;p00002;p00002;SALES;load_orders;PROD;6;Java Exception;tDBInput_1;\
         java.io.IOException:No space left on device;1\n"
    );
    hand.world.file("logs/errors.csv", &errors);
    hand.load("2025-12-09T08:00:00Z");
    hand.must(&["load", "--as-of", "2025-12-09T08:00:00Z", "logs"]);
    let causes = |told: &Value| -> Vec<String> {
        let causes = told["causes"].as_array().expect("causes").iter();
        let jobs = causes.map(|cause| cause["places"][0]["job"].as_str().expect("a job"));
        jobs.map(str::to_owned).collect()
    };
    let told = hand.json(&[]);
    assert_eq!(causes(&told), ["load_orders", "load_stock"]);
    let text = hand.text(&["--lang", "en"]);
    let [explained, silent] =
        ["No space left", "no message was written"].map(|words| text.find(words).expect(words));
    assert!(explained < silent, "{text}");
    // What was made good stays behind what was not.
    hand.run(
        "load_orders",
        night.at(5, 0, 0, 0),
        night.at(5, 20, 0, 0),
        "success",
    );
    let stats = hand.lines.drain(..).map(|(_, line)| line + "\n");
    let stats = COLUMNS.to_owned() + &stats.collect::<String>();
    let stats = stats.replace("p00000", "p00009");
    hand.world.file("again/stats.csv", &stats);
    hand.must(&["load", "--as-of", "2025-12-09T08:00:00Z", "again"]);
    assert_eq!(causes(&hand.json(&[])), ["load_stock", "load_orders"]);
}

/// Nothing of it failed, and nothing succeeded: it is not among those that did.
#[test]
fn a_job_that_was_cancelled_has_not_succeeded() {
    let (_database, world) = place();
    world.file(
        "m.toml",
        "name = \"m\"\nsystem = \"etl\"\nzone = \"Europe/Paris\"\n\n[run]\njob = \"job\"\nrun_id = \"id\"\n\
         environment = { constant = \"PROD\" }\n\n[[log]]\nevent = \"begin\"\nmoment = \"from\"\n\n\
         [[log]]\nevent = \"end\"\nmoment = \"to\"\nstatus = \"state\"\n\n[vocabulary.status]\nok = \"success\"\nstopped = \"cancelled\"\n",
    );
    world.file(
        "runs.csv",
        "id;job;from;to;state\n\
         r1;load_a;2026-01-05 02:00:00;2026-01-05 02:30:00;ok\n\
         r2;load_b;2026-01-05 02:00:00;2026-01-05 02:10:00;stopped\n\
         r3;load_c;2026-01-05 02:00:00;2026-01-05 02:10:00;stopped\n\
         r4;load_c;2026-01-05 03:00:00;2026-01-05 03:10:00;ok\n",
    );
    let at = ["--as-of", "2026-01-05T09:00:00Z"];
    world
        .run(&[&["load", "--mapping", "m.toml", "runs.csv"], &at[..]].concat())
        .done();
    let json = world
        .run(&["report", "--format", "json", "--lang", "en"])
        .done();
    let told: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(
        told["sentence"],
        "2 of 3 jobs succeeded, none failed. 1 cancelled or skipped."
    );
    assert_eq!(told["counts"]["ok"], 2);
    assert_eq!(told["counts"]["cancelled"], 1);
    assert_eq!(told["first_try"], json!({"ok": 2, "of": 2, "share": 1.0}));
}
