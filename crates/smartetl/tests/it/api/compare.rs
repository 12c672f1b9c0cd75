//! A run beside the last good one and what is usual on such days, and what changed first.

use super::client::Api;
use crate::samples::COLUMNS;
use crate::support::{World, own_database};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A night of a parent with one child of two steps.
#[derive(Clone, Copy)]
struct Night {
    day: u32,
    version: &'static str,
    /// How long the first step takes.
    minutes: u32,
    /// The second step is not there, and the child fails.
    fails: bool,
}

const GOOD: Night = Night {
    day: 5,
    version: "0.1",
    minutes: 2,
    fails: false,
};

impl Night {
    fn write(self, text: &mut String) {
        let Self { day, minutes, .. } = self;
        let mut line = |at: u32, who: &str, what: &str| {
            let (version, step, rest) = match who {
                "root" => ("0.1", "", what),
                "child" => (self.version, "", what),
                step => (self.version, step, what),
            };
            let (pid, job) = if who == "root" {
                ('r', "J_Root")
            } else {
                ('c', "J_Child")
            };
            let _ = writeln!(
                text,
                "2026-01-{day:02} 02:{:02}:{:02};{pid}{day};r{day};r{day};1;SALES;{job};_{pid};{version};Prod;{step};{rest}",
                at / 60,
                at % 60,
            );
        };
        let read = 10 + minutes * 60;
        let end = if self.fails {
            "end;failure"
        } else {
            "end;success"
        };
        line(0, "root", "begin;;");
        line(10, "child", "begin;;");
        line(10, "tDBInput_1", "begin;;");
        line(read, "tDBInput_1", &format!("{end};{}", minutes * 60_000));
        if !self.fails {
            line(read, "tFileOutput_1", "begin;;");
            line(read + 60, "tFileOutput_1", "end;success;60000");
        }
        line(
            read + 60,
            "child",
            &format!("{end};{}", (read + 50) * 1_000),
        );
        line(read + 70, "root", &format!("{end};{}", (read + 70) * 1_000));
    }
}

/// Five working days and a Saturday that takes long, then this one.
fn after_a_week(last: Night) -> (Api, Value) {
    let mut text = COLUMNS.to_owned();
    for (day, minutes) in [(5, 2), (6, 2), (7, 3), (8, 2), (9, 2), (10, 50)] {
        Night {
            day,
            minutes,
            ..GOOD
        }
        .write(&mut text);
    }
    last.write(&mut text);
    let database = own_database();
    let world = World::on(&database.url);
    world.file("logs/stats.csv", &text);
    world
        .run(&["load", "logs", "--as-of", "2026-01-12T12:00:00Z"])
        .done();
    let api = Api::over(database, world, &[]);
    let runs = api.items("/runs?day=2026-01-12");
    let key = runs[0]["run_key"].as_str().expect("a key");
    let compared = api.json(&format!("/runs/{key}/compare?lang=en"));
    (api, compared)
}

fn line<'c>(compared: &'c Value, job: &str, step: Option<&str>) -> &'c Value {
    let lines = compared["lines"].as_array().expect("lines");
    let found = lines
        .iter()
        .find(|line| line["job"] == job && line["step"].as_str() == step);
    found.unwrap_or_else(|| panic!("{job} {step:?}: {compared}"))
}

#[test]
fn what_takes_longer_is_found_at_its_step() {
    let slow = Night {
        day: 12,
        minutes: 20,
        ..GOOD
    };
    let (api, compared) = after_a_week(slow);
    assert_eq!(compared["day_kind"], "working");
    assert_eq!(compared["usual_runs"], 5, "Saturday is another kind of day");
    assert_eq!(compared["last_good"]["business_day"], "2026-01-10");
    let step = line(&compared, "J_Child", Some("tDBInput_1"));
    assert_eq!(step["level"], 2);
    let durations = json!({"this": 1_200_000, "last_good": 3_000_000, "usual": 120_000});
    assert_eq!(step["duration_ms"], durations);
    assert_eq!(step["changes"][0]["what"], "duration");
    // The step, its job and the parent are late for the same reason: the deepest one is named.
    let first = &compared["first"];
    assert_eq!(first["change"]["what"], "duration", "{first}");
    assert_eq!(
        first["text"],
        "J_Child › tDBInput_1 took 20 min 00 s instead of 2 min 00 s."
    );
    let named = &compared["lines"][first["line"].as_u64().expect("a line") as usize];
    assert_eq!(named["step"], "tDBInput_1");
    let steady = line(&compared, "J_Child", Some("tFileOutput_1"));
    assert_eq!(steady["changes"], json!([]));
    assert_eq!(line(&compared, "J_Root", None)["version"]["usual"], "0.1");
    api.up.stop();
}

#[test]
fn a_new_version_comes_before_what_it_did() {
    let broken = Night {
        day: 12,
        version: "0.2",
        fails: true,
        ..GOOD
    };
    let (api, compared) = after_a_week(broken);
    let child = line(&compared, "J_Child", None);
    let versions = json!({"this": "0.2", "last_good": "0.1", "usual": "0.1"});
    assert_eq!(child["version"], versions);
    assert_eq!(child["outcome"], "failed");
    assert_eq!(child["last_good_outcome"], "success");
    let missing = line(&compared, "J_Child", Some("tFileOutput_1"));
    assert_eq!(
        (&missing["missing"], &missing["duration_ms"]["this"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(compared["first"]["change"]["what"], "version");
    assert_eq!(
        compared["first"]["text"],
        "J_Child is version 0.2 instead of 0.1."
    );
    let key = compared["run"]["run_key"].as_str().expect("a key");
    let french = api.json(&format!("/runs/{key}/compare?lang=fr"));
    assert_eq!(
        french["first"]["text"],
        "J_Child est en version 0.2 au lieu de 0.1."
    );
    api.up.stop();
}

#[test]
fn the_first_run_has_nothing_beside_it() {
    let (api, _) = after_a_week(Night { day: 12, ..GOOD });
    let first = api.items("/runs?day=2026-01-05");
    let key = first[0]["run_key"].as_str().expect("a key");
    let compared = api.json(&format!("/runs/{key}/compare"));
    assert_eq!(compared["last_good"], Value::Null);
    assert_eq!(
        (&compared["usual_runs"], &compared["first"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(compared["lines"].as_array().expect("lines").len(), 4);
    let good = api.items("/runs?day=2026-01-09");
    let key = good[0]["run_key"].as_str().expect("a key");
    assert_eq!(
        api.json(&format!("/runs/{key}/compare"))["first"],
        Value::Null
    );
    assert_eq!(api.get("/runs/ffffffff/compare").status, 404);
    api.up.stop();
}
