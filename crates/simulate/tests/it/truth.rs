//! The truth agrees with itself and with the rows.

use crate::YEAR;
use crate::read::{log_file, truth};
use std::collections::{BTreeMap, HashMap, HashSet};

type Line = HashMap<String, String>;

fn key(run: &Line) -> (String, String, String) {
    (
        run["environment"].clone(),
        run["run_id"].clone(),
        run["started_at"].clone(),
    )
}

#[test]
fn parents_and_roots_exist() {
    let runs = truth(YEAR.0.path(), "dataset.csv");
    let by_key: HashMap<_, &Line> = runs.iter().map(|run| (key(run), run)).collect();
    assert_eq!(
        by_key.len(),
        runs.len(),
        "a run id that comes back does so at another time"
    );
    for run in &runs {
        let other = |id: &str, at: &str| {
            by_key.get(&(run["environment"].clone(), run[id].clone(), run[at].clone()))
        };
        let root = other("root_run_id", "root_started_at").expect("a root");
        assert_eq!(
            (&root["is_root"][..], &root["job"], &root["business_day"]),
            ("true", &run["root_job"], &run["business_day"])
        );
        assert_eq!(root["trigger"], run["trigger"]);
        if run["is_root"] == "true" {
            assert_eq!(
                (
                    &run["parent_run_id"][..],
                    &run["depth"][..],
                    &run["root_run_id"]
                ),
                ("", "0", &run["run_id"])
            );
        } else {
            let parent = other("parent_run_id", "parent_started_at").expect("a parent");
            let depth = |run: &Line| run["depth"].parse::<u32>().expect("a number");
            assert_eq!(depth(run), depth(parent) + 1);
            assert!(run["rerun_of"].is_empty());
        }
    }
}

#[test]
fn states_and_times_agree() {
    for run in truth(YEAR.0.path(), "dataset.csv") {
        let is = |name: &str, words: &[&str]| words.contains(&run[name].as_str());
        assert_eq!(
            run["ended_at"].is_empty(),
            is("status", &["running", "lost", "unverified"]),
            "{run:?}"
        );
        assert!(
            is("status", &["success"]) || run["outcome"] == run["status"],
            "{run:?}"
        );
        assert!(
            !is("status", &["failed", "lost"]) || !run["category"].is_empty(),
            "{run:?}"
        );
        assert_eq!(run["cause_job"].is_empty(), run["category"].is_empty());
        assert!(
            run["errors"].parse::<u64>().expect("a number")
                <= run["error_rows"].parse().expect("a number")
        );
        let moment = |name: &str| run[name].parse::<jiff::Timestamp>().ok();
        let (started, ended) = (moment("started_at").expect("a start"), moment("ended_at"));
        assert!(ended.is_none_or(|ended| ended >= started), "{run:?}");
        assert!(
            moment("last_event_at").expect("a last event") >= started,
            "{run:?}"
        );
        if let (Ok(own), Ok(all)) = (
            run["self_duration_ms"].parse::<i64>(),
            run["duration_ms"].parse::<i64>(),
        ) {
            assert!((0..=all).contains(&own), "{run:?}");
        }
    }
}

#[test]
fn days_add_up() {
    let mut roots: BTreeMap<[String; 4], Vec<Line>> = BTreeMap::new();
    let day_key = |line: &Line, job: &str| {
        ["environment", "project", job, "business_day"].map(|name| line[name].clone())
    };
    for run in truth(YEAR.0.path(), "dataset.csv") {
        let manual = run["trigger"] == "manual" && run["rerun_of"].is_empty();
        if run["is_root"] == "true" && run["trigger"] != "reprocess" && !manual {
            roots.entry(day_key(&run, "job")).or_default().push(run);
        }
    }
    let days = truth(YEAR.0.path(), "job_day.csv");
    assert_eq!(days.len(), roots.len());
    let mut verdicts = HashSet::new();
    for day in &days {
        let runs = &roots[&day_key(day, "job")];
        let broken = runs
            .iter()
            .filter(|run| ["failed", "lost"].contains(&run["status"].as_str()))
            .count();
        assert_eq!(
            (day["runs"].parse(), day["attempts_failed"].parse()),
            (Ok(runs.len()), Ok(broken)),
            "{day:?}"
        );
        assert_eq!(
            broken == 0,
            ["ok", "running", "unverified"].contains(&day["verdict"].as_str())
                && day["first_failure_at"].is_empty()
        );
        assert_eq!(
            day["verdict"] == "recovered",
            !day["recovered_at"].is_empty()
        );
        verdicts.insert(day["verdict"].clone());
    }
    assert_eq!(
        verdicts,
        ["ok", "recovered", "failed", "lost", "running", "unverified"]
            .map(str::to_owned)
            .into()
    );
}

#[test]
fn a_repeated_run_failed_before_on_the_same_day() {
    let runs = truth(YEAR.0.path(), "dataset.csv");
    let place = |run: &Line, id: &str| {
        ["environment", "project", "job", "business_day"]
            .map(|name| run[name].clone())
            .into_iter()
            .chain([run[id].clone()])
            .collect::<Vec<_>>()
    };
    let by_id: HashMap<Vec<String>, &Line> =
        runs.iter().map(|run| (place(run, "run_id"), run)).collect();
    for run in runs.iter().filter(|run| !run["rerun_of"].is_empty()) {
        let before = by_id[&place(run, "rerun_of")];
        assert!(
            ["failed", "lost"].contains(&before["status"].as_str())
                && before["started_at"] < run["started_at"],
            "{run:?}"
        );
    }
}

#[test]
fn all_error_rows_are_counted() {
    let runs = truth(YEAR.0.path(), "dataset.csv");
    let told: u64 = runs
        .iter()
        .map(|run| run["error_rows"].parse::<u64>().expect("a number"))
        .sum();
    let mut written = 0;
    for path in YEAR.1.files.iter().filter(|path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().contains("logs"))
    }) {
        let file = log_file(path);
        let kind = file
            .names
            .iter()
            .position(|name| name == "type")
            .expect("the column type");
        written += file
            .records
            .iter()
            .filter(|record| record.fields.get(kind).is_some_and(|kind| kind != b"tWarn"))
            .count() as u64;
    }
    let damaged = truth(YEAR.0.path(), "rejects.csv")
        .iter()
        .filter(|reject| reject["file"].contains("logs"))
        .count() as u64;
    assert!(
        (told..=told + damaged).contains(&written),
        "{told} told, {written} written, {damaged} damaged"
    );
}
