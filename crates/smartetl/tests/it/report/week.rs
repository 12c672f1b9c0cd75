//! Weeks of a simulated company against its truth.

use super::truth::{self, Name, Truth};
use super::words::without_tags;
use super::{Told, name};
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn a_week_is_true() {
    let told = Told::autumn();
    let days = told.truth.days();
    // The first has nothing to compare with, the last is not over.
    for last in [days[6], days[45], days[60], days[days.len() - 1]] {
        let day = last.to_string();
        let json = told.report(&["week", "--day", &day, "--format", "json", "--lang", "en"]);
        let json: Value = serde_json::from_str(&json).expect("JSON");
        true_against_the_truth(&told.truth, last, &json);
        for (lang, percent) in [("en", "%"), ("fr", "\u{202f}%")] {
            let json = told.report(&["week", "--day", &day, "--format", "json", "--lang", lang]);
            let json: Value = serde_json::from_str(&json).expect("JSON");
            for format in ["text", "html"] {
                let report =
                    told.report(&["week", "--day", &day, "--format", format, "--lang", lang]);
                let report = without_tags(&report);
                let report = report.split_whitespace().collect::<Vec<_>>().join(" ");
                let says = |words: &str| {
                    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
                    assert!(
                        report.contains(&words),
                        "{last} {lang} {format}: `{words}` in {report}"
                    );
                };
                says(json["sentence"].as_str().expect("a sentence"));
                says(percent);
                for night in json["nights"]
                    .as_array()
                    .expect("a list")
                    .iter()
                    .rev()
                    .take(7)
                {
                    let succeeded = if lang == "en" { "succeeded" } else { "réussi" };
                    says(&format!("{} {succeeded}", night["ok"]));
                }
                let worst = &json["jobs"][0]["job"];
                says(worst.as_str().expect("some job failed"));
            }
        }
    }
}

fn true_against_the_truth(truth: &Truth, last: Date, json: &Value) {
    let first = last.saturating_sub(6.days());
    let week: Vec<_> = truth
        .job_days
        .iter()
        .filter(|row| (first..=last).contains(&truth::day(row)))
        .collect();
    assert_eq!(json["first_day"], first.to_string());
    for verdict in ["ok", "recovered", "failed", "lost", "running", "unverified"] {
        let number = week.iter().filter(|row| row["verdict"] == verdict).count();
        assert_eq!(json["counts"][verdict], number, "{last}: {verdict}");
    }
    for (field, days) in [("first_try", [0, 6]), ("first_try_before", [7, 34])] {
        let [ok, of] = truth.first_try(last, days);
        assert_eq!(
            (&json[field]["ok"], &json[field]["of"]),
            (&ok.into(), &of.into()),
            "{last}: {field}"
        );
    }
    for (back, week) in json["weeks"]
        .as_array()
        .expect("a list")
        .iter()
        .rev()
        .enumerate()
    {
        let back = back as i32 * 7;
        let [ok, of] = truth.first_try(last, [back, back + 6]);
        assert_eq!(
            (&week["first_try"]["ok"], &week["first_try"]["of"]),
            (&ok.into(), &of.into()),
            "{last}: {week}"
        );
    }
    let struck: Vec<_> = week
        .iter()
        .filter(|row| !row["first_failure_at"].is_empty() && row["verdict"] != "running")
        .collect();
    let mut jobs: BTreeMap<Name, [i64; 2]> = BTreeMap::new();
    let (mut by, mut categories) = (BTreeMap::new(), BTreeMap::new());
    for row in &struck {
        let is_recovered = row["verdict"] == "recovered";
        jobs.entry(truth::name(row)).or_default()[usize::from(is_recovered)] += 1;
        if is_recovered {
            *by.entry(row["recovered_by"].clone()).or_insert(0) += 1;
        }
        *categories.entry(row["category"].clone()).or_insert(0) += 1;
    }
    let told = json["jobs"].as_array().expect("a list").iter();
    let told: Vec<(Name, [i64; 2])> = told
        .map(|job| {
            (
                name(job),
                ["failed", "recovered"].map(|of| job[of].as_i64().expect("a number")),
            )
        })
        .collect();
    let struck_nights = |job: &(Name, [i64; 2])| -(job.1[0] + job.1[1]);
    assert!(told.is_sorted_by_key(struck_nights), "{last}: {told:?}");
    assert_eq!(told.into_iter().collect::<BTreeMap<_, _>>(), jobs, "{last}");
    let told_by: BTreeMap<String, i32> =
        serde_json::from_value(json["recovered_by"].clone()).expect("numbers");
    assert_eq!(told_by, by, "{last}");
    let mut told_categories = BTreeMap::new();
    for cause in json["causes"].as_array().expect("a list") {
        let text = cause["category"].as_str().expect("a category").to_owned();
        let number = |field: &str| cause[field].as_u64().expect("a number");
        *told_categories.entry(text).or_insert(0) += number("failures");
        // Where it struck are jobs of the truth, and no cause strikes more nights or jobs than it has failures.
        assert!(
            number("nights") <= number("failures").min(7) && number("jobs") <= number("failures")
        );
        let places: BTreeSet<&str> = cause["places"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert!(
            places
                .iter()
                .all(|place| struck.iter().any(|row| row["cause_job"] == *place)),
            "{cause}"
        );
    }
    assert_eq!(told_categories, categories, "{last}");
}
