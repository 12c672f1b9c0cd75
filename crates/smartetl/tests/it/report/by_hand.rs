//! Nights written by hand, with what must be said of them.

use crate::samples::COLUMNS;
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
        let answer = self.world.run(arguments);
        assert_eq!(answer.exit, 0, "{}{}", answer.stdout, answer.stderr);
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
