//! Section 2: which rows are one run.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use smartetl_core::model::{Event, Moment};
use uuid::Uuid;

use super::section1::Row;
use super::{DAY, ErrorPart, HOUR, LogPart, What};

/// 2.1
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub system: String,
    pub environment: String,
    pub root_run_id: String,
    pub project: String,
    pub job: String,
    pub run_id: String,
}

/// The rows of one run, in order.
#[derive(Clone, Debug)]
pub struct Piece {
    pub run_key: Uuid,
    pub key: Key,
    pub rows: Vec<Row>,
    /// The key was cut: its id came back, or it was silent for long.
    pub key_was_cut: bool,
}

/// `taken`: the keys of runs that have retired.
pub fn which_rows_are_one_run(rows: Vec<Row>, taken: &BTreeSet<Uuid>) -> Vec<Piece> {
    let mut keys: BTreeMap<Key, Vec<Row>> = BTreeMap::new();
    for row in rows {
        let key = Key {
            system: row.said.system.clone(),
            environment: row.environment.clone(),
            root_run_id: row.said.root_run_id.clone(),
            project: row.project.clone().unwrap_or_default(),
            job: row.job.clone(),
            run_id: row.said.run_id.clone(),
        };
        keys.entry(key).or_default().push(row);
    }
    let mut pieces = Vec::new();
    for (key, mut rows) in keys {
        the_hour_that_comes_twice(&mut rows);
        rows.sort_by(order);
        let cut = cuts(&key.system, rows);
        let key_was_cut = cut.len() > 1;
        for rows in cut {
            let run_key = run_key(&key, rows[0].moment, taken);
            pieces.push(Piece {
                run_key,
                key: key.clone(),
                rows,
                key_was_cut,
            });
        }
    }
    pieces
}

pub fn is_run_level(row: &Row, event: Event) -> bool {
    row.said.step.is_none() && row.said.log().is_some_and(|log| log.event == event)
}

fn rank(row: &Row) -> u8 {
    match (&row.said.what, &row.said.step) {
        (
            What::Log(LogPart {
                event: Event::Begin,
                ..
            }),
            None,
        ) => 0,
        (
            What::Log(LogPart {
                event: Event::Begin,
                ..
            }),
            Some(_),
        ) => 1,
        (
            What::Log(LogPart {
                event: Event::Metric,
                ..
            }),
            _,
        ) => 2,
        (What::Error(_), _) => 3,
        (
            What::Log(LogPart {
                event: Event::End, ..
            }),
            Some(_),
        ) => 4,
        (
            What::Log(LogPart {
                event: Event::End, ..
            }),
            None,
        ) => 5,
    }
}

/// 2.2
pub fn order(one: &Row, other: &Row) -> Ordering {
    place(one)
        .cmp(&place(other))
        .then_with(|| match (&one.said.what, &other.said.what) {
            (What::Log(of_one), What::Log(of_other)) => {
                log_content(one, of_one).cmp(&log_content(other, of_other))
            }
            (What::Error(of_one), What::Error(of_other)) => {
                error_content(one, of_one).cmp(&error_content(other, of_other))
            }
            // Never of the same rank.
            _ => Ordering::Equal,
        })
}

fn place(row: &Row) -> impl Ord + '_ {
    let said = &row.said;
    (
        row.moment,
        rank(row),
        &said.step,
        said.map_index,
        said.attempt,
    )
}

fn log_content<'a>(row: &'a Row, part: &'a LogPart) -> impl Ord + 'a {
    let measured = (
        part.status,
        part.duration_reported_ms,
        &part.label,
        part.count,
        part.rows_in,
        part.rows_out,
        part.rows_rejected,
    );
    let said = &row.said;
    (
        measured,
        &said.parent_run_id,
        &part.job_id,
        &part.job_version,
        &said.context,
        &said.host,
    )
}

fn error_content<'a>(row: &'a Row, part: &'a ErrorPart) -> impl Ord + 'a {
    let said = &row.said;
    (
        (part.severity, part.signature),
        (&said.parent_run_id, &said.context, &said.host),
        (&part.message, part.truncated),
        (part.category, part.wrapper, part.blame, part.retryable),
    )
}

/// 2.3
fn the_hour_that_comes_twice(rows: &mut [Row]) {
    let marked_begins = rows
        .iter()
        .filter(|row| row.said.marked && is_run_level(row, Event::Begin));
    let Some(begin) = marked_begins.map(|row| row.moment.0).min() else {
        return;
    };
    for row in rows.iter_mut().filter(|row| row.said.marked) {
        if begin - HOUR <= row.moment.0 && row.moment.0 < begin {
            row.moment.0 += HOUR;
            row.settled = true;
        }
    }
}

pub fn ids_never_come_back(system: &str) -> bool {
    [
        "airflow",
        "dbt",
        "spark",
        "openlineage",
        "ssis",
        "hop",
        "adf",
    ]
    .contains(&system)
}

/// 2.4
fn cuts(system: &str, rows: Vec<Row>) -> Vec<Vec<Row>> {
    if ids_never_come_back(system) {
        return vec![rows];
    }
    let mut pieces: Vec<Vec<Row>> = vec![Vec::new()];
    let mut begin_before: Option<Moment> = None;
    let mut row_before: Option<Moment> = None;
    for row in rows {
        let begins_anew = is_run_level(&row, Event::Begin)
            && begin_before.is_some_and(|before| before != row.moment);
        let long_silence = row_before.is_some_and(|before| row.moment.0 - before.0 > DAY);
        if begins_anew || long_silence {
            pieces.push(Vec::new());
        }
        if is_run_level(&row, Event::Begin) {
            begin_before = Some(row.moment);
        }
        row_before = Some(row.moment);
        pieces.last_mut().expect("there is always one").push(row);
    }
    pieces
}

/// 2.5: the first of these that no run has that has retired.
fn run_key(key: &Key, first: Moment, taken: &BTreeSet<Uuid>) -> Uuid {
    (0..=taken.len() as u64)
        .map(|again| hash_of_key(key, first, again))
        .find(|hash| !taken.contains(hash))
        .expect("one number more than runs")
}

/// A hash of the key and, where ids come back, of the first moment; and of a number behind them.
fn hash_of_key(key: &Key, first: Moment, again: u64) -> Uuid {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    for word in [
        &key.system,
        &key.environment,
        &key.root_run_id,
        &key.project,
        &key.job,
        &key.run_id,
    ] {
        hasher.update(&(word.len() as u32).to_le_bytes());
        hasher.update(word.as_bytes());
    }
    if !ids_never_come_back(&key.system) {
        hasher.update(&first.0.to_le_bytes());
    }
    if again > 0 {
        hasher.update(&again.to_le_bytes());
    }
    Uuid::new_v8(hasher.digest128().to_be_bytes())
}
