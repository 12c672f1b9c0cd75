//! Histories as a person reads them: one line per row, one line per expected run or day.
//!
//! ```text
//! case The rerun succeeds in the morning
//! on 2025-03-11                                     the day that times belong to; Europe/Paris
//! as_of 12:00
//! with host=etl1                                    from here on, for every row
//! log 03:00 LOAD#r1 begin                           time, job#run<parent, event, status
//! log 03:20 LOAD#r1 end failed reported=20m
//! err +1/00:10 SUB#r2<r1 error "no route" category=connection
//! run LOAD#r1 status=failed duration_ms=20m         only the columns that matter; - is NULL
//! day LOAD verdict=failed
//! ```
//! `~` behind a time marks it: the local time occurred twice or never. Rows without `root=` belong to the tree of
//! their parent. Environments come from `context`, which is PROD where nothing else is said.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use smartetl_core::model::{Blame, Category, Event, Moment, RowStatus, Severity};
use uuid::Uuid;

use crate::reference::{ErrorPart, InRow, LogPart, What};

#[derive(Clone, Debug)]
pub struct Case {
    pub name: String,
    pub on: Date,
    pub as_of: Moment,
    pub rows: Vec<InRow>,
    pub runs: Vec<Expected>,
    pub days: Vec<Expected>,
}

/// A line `run` or `day`: whom it is about, and its columns.
#[derive(Clone, Debug)]
pub struct Expected {
    pub of: String,
    pub columns: Vec<(String, String)>,
}

pub fn zone() -> TimeZone {
    TimeZone::get("Europe/Paris").expect("the zone database is compiled in")
}

/// The signature that the classifier would give to an error with this masked text.
pub fn signature(masked: &str) -> Uuid {
    Uuid::new_v8(xxhash_rust::xxh3::xxh3_128(masked.as_bytes()).to_be_bytes())
}

/// The message with its variable parts masked, as the crate masks it.
pub fn masked(message: &str) -> String {
    let mut masked = String::new();
    smartetl_core::group::mask(message, &mut masked);
    masked
}

/// All cases of a file.
pub fn parse(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut defaults: BTreeMap<String, String> = BTreeMap::new();
    let mut roots: BTreeMap<String, String> = BTreeMap::new();
    for line in text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        if kind == "case" {
            let on = Date::ZERO;
            let name = rest.to_owned();
            cases.push(Case {
                name,
                on,
                as_of: Moment(0),
                rows: vec![],
                runs: vec![],
                days: vec![],
            });
            defaults = [("context", "PROD"), ("project", "WH"), ("system", "talend")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into();
            roots.clear();
            continue;
        }
        let case = cases
            .last_mut()
            .expect("a file of cases starts with a case");
        let words = words(rest);
        match kind {
            "on" => {
                case.on = rest
                    .parse()
                    .unwrap_or_else(|error| panic!("{line}: {error}"));
            }
            "as_of" => case.as_of = moment(rest, case.on).0,
            "with" => defaults.extend(words.iter().map(|word| pair(word))),
            "log" | "err" => {
                case.rows
                    .push(row(kind == "log", &words, case.on, &defaults, &mut roots));
            }
            "run" => case.runs.push(expected(&words)),
            "day" => case.days.push(expected(&words)),
            _ => panic!("{line}: no such kind of line"),
        }
    }
    cases
}

/// Splits at spaces outside of quotes.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().expect("never empty").push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn pair(word: &str) -> (String, String) {
    let (key, value) = word.split_once('=').unwrap_or((word, "yes"));
    (key.to_owned(), value.to_owned())
}

fn expected(words: &[String]) -> Expected {
    let (of, columns) = words.split_first().expect("whom the line is about");
    Expected {
        of: of.clone(),
        columns: columns.iter().map(|word| pair(word)).collect(),
    }
}

/// A moment, and whether it is marked. `03:00`, `03:00:30`, `+1/03:00`, `-1/22:00`, `2024-10-27/02:30~`, or UTC with a Z.
pub fn moment(text: &str, on: Date) -> (Moment, bool) {
    let (text, marked) = text
        .strip_suffix('~')
        .map_or((text, false), |text| (text, true));
    if text.ends_with('Z') {
        let timestamp: jiff::Timestamp = text
            .parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        return (Moment(timestamp.as_microsecond()), marked);
    }
    let (day, time) = text.split_once('/').unwrap_or(("+0", text));
    let day: Date = if day.starts_with(['+', '-']) {
        let days: i32 = day
            .parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        on.checked_add(jiff::Span::new().days(days))
            .expect("far from the ends of the calendar")
    } else {
        day.parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    };
    let time: Time = time
        .parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"));
    let local: DateTime = day.to_datetime(time);
    // The earlier of two readings; where there is none, shifted forward.
    let read = zone()
        .to_ambiguous_timestamp(local)
        .compatible()
        .expect("within the years of the calendar");
    (Moment(read.as_microsecond()), marked)
}

/// `90s`, `20m`, `1h30m`, or plain milliseconds.
pub fn milliseconds(text: &str) -> i64 {
    if let Ok(plain) = text.parse() {
        return plain;
    }
    let (mut sum, mut number) = (0, 0);
    for letter in text.chars() {
        match letter {
            '0'..='9' => number = number * 10 + i64::from(letter as u8 - b'0'),
            'h' | 'm' | 's' => {
                sum += number
                    * if letter == 'h' {
                        3_600_000
                    } else if letter == 'm' {
                        60_000
                    } else {
                        1_000
                    };
                number = 0;
            }
            _ => panic!("{text}: no duration"),
        }
    }
    sum
}

fn row(
    is_log: bool,
    words: &[String],
    on: Date,
    defaults: &BTreeMap<String, String>,
    roots: &mut BTreeMap<String, String>,
) -> InRow {
    let [time, who, what, rest @ ..] = words else {
        panic!("{words:?}: time, job#run and what happened")
    };
    let (moment, ambiguous) = moment(time, on);
    let (job, ids) = who
        .split_once('#')
        .unwrap_or_else(|| panic!("{who}: job#run"));
    let (run_id, parent) = ids
        .split_once('<')
        .map_or((ids, None), |(run, parent)| (run, Some(parent.to_owned())));
    let mut said = defaults.clone();
    let mut bare: Vec<&str> = Vec::new();
    for word in rest {
        if word.contains('=') || ["wrapper", "cut"].contains(&word.as_str()) {
            said.extend([pair(word)]);
        } else {
            bare.push(word);
        }
    }
    let root = said.get("root").cloned().unwrap_or_else(|| match &parent {
        Some(parent) => roots.get(parent).unwrap_or(parent).clone(),
        None => roots
            .get(run_id)
            .cloned()
            .unwrap_or_else(|| run_id.to_owned()),
    });
    roots.insert(run_id.to_owned(), root.clone());
    let word = |key: &str| said.get(key).filter(|value| *value != "-").cloned();
    let number = |key: &str| word(key).map(|value| milliseconds(&value));
    let what = if is_log {
        What::Log(LogPart {
            job_id: word("job_id"),
            job_version: word("version"),
            event: known(what, Event::parse),
            status: bare.first().map(|status| known(status, RowStatus::parse)),
            duration_reported_ms: number("reported"),
            label: word("label"),
            count: number("count"),
            rows_in: number("in"),
            rows_out: number("out"),
            rows_rejected: number("rejected"),
        })
    } else {
        let message = bare.first().map(|message| (*message).to_owned());
        let masked = masked(message.as_deref().unwrap_or_default());
        What::Error(ErrorPart {
            severity: known(what, Severity::parse),
            signature: signature(&masked),
            message,
            masked,
            truncated: word("cut").is_some(),
            category: word("category").map_or(Category::Unknown, |category| {
                known(&category, Category::parse)
            }),
            wrapper: word("wrapper").is_some(),
            blame: word("blame").map(|blame| known(&blame, Blame::parse)),
            retryable: word("retry").map(|retry| retry == "yes"),
        })
    };
    InRow {
        moment,
        marked: ambiguous,
        system: word("system").expect("a default"),
        environment: word("environment"),
        host: word("host"),
        project: word("project"),
        job: job.to_owned(),
        context: word("context"),
        run_id: run_id.to_owned(),
        parent_run_id: parent,
        root_run_id: root,
        step: word("step"),
        attempt: number("attempt").map(|attempt| attempt as i32),
        map_index: number("map").map(|index| index as i32),
        what,
    }
}

fn known<T>(word: &str, parse: fn(&str) -> Option<T>) -> T {
    parse(word).unwrap_or_else(|| panic!("{word}: not in the vocabulary"))
}

/// A history in the same language, so that a counter-example can be kept as a case.
pub fn print(rows: &[InRow], as_of: Moment) -> String {
    let mut text = format!("as_of {as_of}\n");
    for row in rows {
        let kind = if row.log().is_some() { "log" } else { "err" };
        let mark = if row.marked { "~" } else { "" };
        let parent = row
            .parent_run_id
            .as_ref()
            .map(|parent| format!("<{parent}"))
            .unwrap_or_default();
        let _ = write!(
            text,
            "{kind} {}{mark} {}#{}{parent}",
            row.moment, row.job, row.run_id
        );
        let mut columns = vec![
            ("root", Some(row.root_run_id.clone())),
            ("system", Some(row.system.clone())),
            (
                "project",
                Some(row.project.clone().unwrap_or_else(|| "-".to_owned())),
            ),
            (
                "context",
                Some(row.context.clone().unwrap_or_else(|| "-".to_owned())),
            ),
            ("environment", row.environment.clone()),
            ("host", row.host.clone()),
            ("step", row.step.clone()),
            ("attempt", row.attempt.map(|value| value.to_string())),
            ("map", row.map_index.map(|value| value.to_string())),
        ];
        match &row.what {
            What::Log(log) => {
                let status = log
                    .status
                    .map(|status| format!(" {status}"))
                    .unwrap_or_default();
                let _ = write!(text, " {}{status}", log.event);
                let number = |value: Option<i64>| value.map(|value| value.to_string());
                columns.extend([
                    ("job_id", log.job_id.clone()),
                    ("version", log.job_version.clone()),
                    ("reported", number(log.duration_reported_ms)),
                    ("label", log.label.clone()),
                    ("count", number(log.count)),
                    ("in", number(log.rows_in)),
                    ("out", number(log.rows_out)),
                    ("rejected", number(log.rows_rejected)),
                ]);
            }
            What::Error(error) => {
                let message = error
                    .message
                    .as_ref()
                    .map(|message| format!(" \"{message}\""))
                    .unwrap_or_default();
                let _ = write!(text, " {}{message}", error.severity);
                columns.extend([
                    ("category", Some(error.category.to_string())),
                    ("blame", error.blame.map(|blame| blame.to_string())),
                    (
                        "retry",
                        error
                            .retryable
                            .map(|retry| if retry { "yes" } else { "no" }.to_owned()),
                    ),
                    ("wrapper", error.wrapper.then(|| "yes".to_owned())),
                    ("cut", error.truncated.then(|| "yes".to_owned())),
                ]);
            }
        }
        for (key, value) in columns {
            let _ = value.map(|value| write!(text, " {key}={value}"));
        }
        text.push('\n');
    }
    text
}
