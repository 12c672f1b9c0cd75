//! Small cases whose results were computed by hand, from DATASET.md and `doc/fusion.md`, never by a program.

use jiff::civil::Date;
use smartetl_core::model::Moment;

use crate::reference::{self, Config, Fused, InRow, RunOut};
use crate::story::{Case, Expected, masked, milliseconds, moment, parse, signature, zone};

type Fold = fn(&[InRow], &Config, Moment) -> Fused;

const FILES: &[(&str, &str)] = &[
    ("nights", include_str!("cases/nights.txt")),
    ("errors", include_str!("cases/errors.txt")),
    ("identity", include_str!("cases/identity.txt")),
    ("clocks", include_str!("cases/clocks.txt")),
    ("evidence", include_str!("cases/evidence.txt")),
    ("habits", include_str!("cases/habits.txt")),
];

#[test]
fn the_reference_gives_what_was_computed_by_hand() {
    check(reference::fold);
}

#[test]
fn there_are_thirty_cases_and_each_expects_something() {
    let cases: Vec<Case> = FILES.iter().flat_map(|(_, text)| parse(text)).collect();
    assert!(cases.len() >= 30, "{} cases", cases.len());
    for case in &cases {
        let columns: usize = case
            .runs
            .iter()
            .chain(&case.days)
            .map(|expected| expected.columns.len())
            .sum();
        assert!(columns > 0, "{} expects nothing", case.name);
    }
}

/// Folds every case and compares each column that it names; also how many runs and days there are.
pub fn check(fold: Fold) {
    let mut wrong: Vec<String> = Vec::new();
    for (file, text) in FILES {
        for case in parse(text) {
            let fused = fold(&case.rows, &Config::with_zone(zone()), case.as_of);
            let name = format!("{file}: {}", case.name);
            wrong.extend(
                differences(&case, &fused)
                    .into_iter()
                    .map(|difference| format!("{name}\n    {difference}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differences(case: &Case, fused: &Fused) -> Vec<String> {
    let mut wrong = Vec::new();
    if fused.runs.len() != case.runs.len() {
        let found: Vec<String> = fused
            .runs
            .iter()
            .map(|run| format!("{}#{}", run.job, run.run_id))
            .collect();
        wrong.push(format!(
            "{} runs, expected {}: {}",
            fused.runs.len(),
            case.runs.len(),
            found.join(" ")
        ));
    }
    if fused.days.len() != case.days.len() {
        let found: Vec<String> = fused
            .days
            .iter()
            .map(|day| format!("{} {}", day.job, day.business_day))
            .collect();
        wrong.push(format!(
            "{} days, expected {}: {}",
            fused.days.len(),
            case.days.len(),
            found.join(", ")
        ));
    }
    for expected in &case.runs {
        match run(&expected.of, environment(expected), case.on, fused) {
            Ok(run) => wrong.extend(columns(expected, &run.columns(), case.on, fused)),
            Err(why) => wrong.push(why),
        }
    }
    for expected in &case.days {
        let found: Vec<_> = fused
            .days
            .iter()
            .filter(|day| {
                let (job, date) = expected.of.split_once('@').unwrap_or((&expected.of, ""));
                let date: Date = date.parse().unwrap_or(case.on);
                day.job == job
                    && day.business_day == date
                    && environment(expected)
                        .is_none_or(|environment| environment == day.environment)
            })
            .collect();
        match found[..] {
            [day] => wrong.extend(columns(expected, &day.columns(), case.on, fused)),
            _ => wrong.push(format!("day {}: {} found", expected.of, found.len())),
        }
    }
    wrong
}

fn environment(expected: &Expected) -> Option<&str> {
    expected
        .columns
        .iter()
        .find(|(name, _)| name == "environment")
        .map(|(_, value)| value.as_str())
}

/// The run that `job#run` or `job#run@start` names.
fn run<'f>(
    of: &str,
    environment: Option<&str>,
    on: Date,
    fused: &'f Fused,
) -> Result<&'f RunOut, String> {
    let (who, start) = of
        .split_once('@')
        .map_or((of, None), |(who, start)| (who, Some(moment(start, on).0)));
    let found: Vec<&RunOut> = fused
        .runs
        .iter()
        .filter(|run| {
            format!("{}#{}", run.job, run.run_id) == who
                && start.is_none_or(|start| start == run.started_at)
                && environment.is_none_or(|environment| environment == run.environment)
        })
        .collect();
    match found[..] {
        [run] => Ok(run),
        _ => Err(format!("run {of}: {} found", found.len())),
    }
}

fn columns(
    expected: &Expected,
    found: &[(&'static str, String)],
    on: Date,
    fused: &Fused,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, value) in &expected.columns {
        let (column, value) = match meaning(name, value, on, fused) {
            Ok(meaning) => meaning,
            Err(why) => {
                wrong.push(format!("{}: {name}: {why}", expected.of));
                continue;
            }
        };
        match found.iter().find(|(found, _)| *found == column) {
            None => wrong.push(format!("{}: there is no column {column}", expected.of)),
            Some((_, found)) if *found != value => {
                wrong.push(format!(
                    "{}: {column} is {found}, expected {value}",
                    expected.of
                ));
            }
            Some(_) => {}
        }
    }
    wrong
}

/// A column as the case writes it: the real column, and its value as the columns print it.
fn meaning(name: &str, value: &str, on: Date, fused: &Fused) -> Result<(String, String), String> {
    let column = match name {
        "parent" => "parent_run_key",
        "root" => "root_run_key",
        "cause_run" => "cause_run_key",
        "cause" => "cause_signature",
        "messages" => "error_signatures",
        other => other,
    };
    let text = if value == reference::NULL {
        value.to_owned()
    } else if column.ends_with("_key") || column == "rerun_of" {
        run(value, None, on, fused)?.run_key.to_string()
    } else if column == "cause_signature" {
        signature(&masked(value)).to_string()
    } else if column == "error_signatures" {
        let mut signatures: Vec<String> = value
            .split(" | ")
            .map(|message| signature(&masked(message)).to_string())
            .collect();
        signatures.sort();
        signatures.join(",")
    } else if column.ends_with("_at") {
        moment(value, on).0.to_string()
    } else if column.ends_with("_ms") {
        milliseconds(value).to_string()
    } else {
        value.to_owned()
    };
    Ok((column.to_owned(), text))
}
