//! Section 3: the run itself, from its own rows.

use jiff::civil::Date;
use smartetl_core::model::{
    Event, Evidence, Moment, Outcome, RowStatus, RunStatus, Severity, Trigger,
};

use super::section1::Row;
use super::section2::{Piece, is_run_level, order};
use super::{HOUR, InRow, LogPart, RunOut};

/// A run on its way through the sections.
#[derive(Clone, Debug)]
pub struct Run {
    /// In order (2.2).
    pub rows: Vec<Row>,
    pub key_was_cut: bool,
    /// Where the parent stands in the list of runs (section 4).
    pub parent: Option<usize>,
    pub parent_inferred: bool,
    pub parent_missing: bool,
    pub out: RunOut,
}

impl Run {
    pub fn is_open(&self) -> bool {
        self.out.ended_at.is_none()
    }

    pub fn failed_or_lost(&self) -> bool {
        matches!(self.out.status, RunStatus::Failed | RunStatus::Lost)
    }
}

pub fn is_error(row: &Row) -> bool {
    row.said
        .error()
        .is_some_and(|error| error.severity != Severity::Warning)
}

pub fn the_runs_themselves(pieces: Vec<Piece>) -> Vec<Run> {
    pieces.into_iter().map(the_run_itself).collect()
}

fn the_run_itself(piece: Piece) -> Run {
    let Piece {
        run_key,
        key,
        mut rows,
        key_was_cut,
    } = piece;
    let (begin, end) = begin_and_end(&mut rows);
    let evidence = evidence(&rows, begin.is_some(), end.is_some());
    let steps = steps(&rows);
    let reported = end.as_ref().and_then(|(_, log)| log.duration_reported_ms);
    let end_moment = end.as_ref().map(|&(moment, _)| moment);
    let ended_at = ended_at(evidence, end_moment, &rows, &steps);
    let started_at = started_at(begin, end_moment, reported, &rows);
    let duration_ms = duration_ms(evidence, started_at, ended_at, reported);
    let has_error = rows.iter().any(is_error);
    let status = if ended_at.is_some() {
        ended_status(
            evidence,
            end.as_ref().and_then(|(_, log)| log.status),
            &steps,
            has_error,
        )
    } else {
        // Section 5 decides.
        RunStatus::Running
    };
    let out = RunOut {
        run_key,
        system: key.system,
        environment: key.environment,
        host: first_said(&rows, |row| row.host.as_ref()),
        project: key.project,
        job: key.job.clone(),
        job_id: first_said(&rows, |row| row.log().and_then(|log| log.job_id.as_ref())),
        job_version: first_said(&rows, |row| {
            row.log().and_then(|log| log.job_version.as_ref())
        }),
        context: first_said(&rows, |row| row.context.as_ref()),
        run_id: key.run_id,
        root_run_id: key.root_run_id,
        attempt: attempt(&rows),
        started_at,
        ended_at,
        last_event_at: rows
            .iter()
            .map(|row| row.moment)
            .chain(ended_at)
            .max()
            .expect("a run has rows"),
        duration_ms,
        duration_reported_ms: reported,
        status,
        steps: (!steps.is_empty()).then_some(steps.len() as i64),
        steps_failed: (!steps.is_empty()).then_some(
            steps
                .iter()
                .filter(|step| step.state == State::Ended(Some(RowStatus::Failed)))
                .count() as i64,
        ),
        rows_in: measured(&rows, |log| log.rows_in),
        rows_out: measured(&rows, |log| log.rows_out),
        rows_rejected: measured(&rows, |log| log.rows_rejected),
        evidence,
        // What follows is filled by the later sections.
        parent_run_key: None,
        root_run_key: run_key,
        is_root: true,
        depth: 0,
        root_job: key.job,
        self_duration_ms: None,
        outcome: Outcome::Running,
        tree_status: RunStatus::Running,
        errors: 0,
        error_rows: 0,
        warnings: 0,
        error_signatures: Vec::new(),
        first_error_at: None,
        cause_signature: None,
        cause_run_key: None,
        cause_job: None,
        cause_step: None,
        category: None,
        blame: None,
        retryable: None,
        error_message: None,
        ruled: None,
        trigger: Trigger::Unknown,
        trigger_evidence: None,
        rerun_of: None,
        business_day: Date::ZERO,
        quality_percent: 100,
        quality_reasons: Vec::new(),
    };
    Run {
        rows,
        key_was_cut,
        parent: None,
        parent_inferred: false,
        parent_missing: false,
        out,
    }
}

type End = (Moment, LogPart);

/// 3.1 and 3.2; brings the rows into their final order.
fn begin_and_end(rows: &mut [Row]) -> (Option<Moment>, Option<End>) {
    let begin_at = rows.iter().position(|row| is_run_level(row, Event::Begin));
    let end_at = rows.iter().rposition(|row| is_run_level(row, Event::End));
    if let (Some(begin_at), Some(end_at)) = (begin_at, end_at) {
        let reported = rows[end_at]
            .said
            .log()
            .and_then(|log| log.duration_reported_ms);
        let (begin, end) = best_reading(
            &readings(&rows[begin_at]),
            &readings(&rows[end_at]),
            reported,
        );
        for (place, row) in rows.iter_mut().enumerate() {
            if place == begin_at {
                row.moment = begin;
            } else if place == end_at {
                row.moment = end;
            } else if row.said.marked && !row.settled && row.moment < begin {
                row.moment.0 += HOUR;
            }
        }
        let end_row = rows[end_at]
            .said
            .log()
            .expect("an end is a row of log")
            .clone();
        rows.sort_by(order);
        return (Some(begin), Some((end, end_row)));
    }
    let begin = begin_at.map(|place| rows[place].moment);
    let end = end_at.map(|place| {
        (
            rows[place].moment,
            rows[place]
                .said
                .log()
                .expect("an end is a row of log")
                .clone(),
        )
    });
    (begin, end)
}

fn readings(row: &Row) -> Vec<Moment> {
    if row.said.marked && !row.settled {
        vec![row.moment, Moment(row.moment.0 + HOUR)]
    } else {
        vec![row.moment]
    }
}

fn best_reading(begins: &[Moment], ends: &[Moment], reported_ms: Option<i64>) -> (Moment, Moment) {
    let mut all: Vec<(Moment, Moment)> = Vec::new();
    for &begin in begins {
        for &end in ends {
            all.push((begin, end));
        }
    }
    all.sort_by_key(|&(begin, end)| {
        let apart = reported_ms
            .map(|ms| (i128::from(end.0) - i128::from(begin.0) - i128::from(ms) * 1_000).abs());
        (end < begin, apart, begin, end)
    });
    all[0]
}

/// 3.3
fn evidence(rows: &[Row], begin: bool, end: bool) -> Evidence {
    match (begin, end) {
        (true, true) => Evidence::Full,
        (true, false) => Evidence::NoEnd,
        (false, true) => Evidence::NoBegin,
        (false, false) if rows.iter().any(|row| row.said.log().is_some()) => Evidence::StepsOnly,
        (false, false) => Evidence::ErrorsOnly,
    }
}

/// 3.4
fn started_at(
    begin: Option<Moment>,
    end: Option<Moment>,
    reported_ms: Option<i64>,
    rows: &[Row],
) -> Moment {
    match (begin, end) {
        (Some(begin), _) => begin,
        (None, Some(end)) if reaches(end, reported_ms) => {
            end.plus_millis(-reported_ms.unwrap_or(0))
        }
        _ => rows[0].moment,
    }
}

/// A duration that is not negative, and from the end not back beyond 1990.
fn reaches(end: Moment, reported_ms: Option<i64>) -> bool {
    reported_ms.is_some_and(|reported| {
        let begin = i128::from(end.0) - i128::from(reported) * 1_000;
        reported >= 0 && begin >= i128::from(Moment::MIN.0)
    })
}

/// 3.5
fn ended_at(
    evidence: Evidence,
    end: Option<Moment>,
    rows: &[Row],
    steps: &[Step],
) -> Option<Moment> {
    match evidence {
        Evidence::Full | Evidence::NoBegin => end,
        Evidence::NoEnd => None,
        Evidence::StepsOnly if steps.iter().any(|step| step.state == State::Running) => None,
        Evidence::StepsOnly => steps.iter().filter_map(|step| step.last_end).max(),
        Evidence::ErrorsOnly => rows
            .iter()
            .filter(|row| is_error(row))
            .map(|row| row.moment)
            .max(),
    }
}

/// 3.7
fn ended_status(
    evidence: Evidence,
    said: Option<RowStatus>,
    steps: &[Step],
    has_error: bool,
) -> RunStatus {
    let some_step = |states: &[RowStatus]| {
        steps
            .iter()
            .any(|step| matches!(step.state, State::Ended(Some(state)) if states.contains(&state)))
    };
    match evidence {
        Evidence::ErrorsOnly => RunStatus::Failed,
        Evidence::StepsOnly if some_step(&[RowStatus::Failed, RowStatus::UpstreamFailed]) => {
            RunStatus::Failed
        }
        Evidence::StepsOnly if some_step(&[RowStatus::Cancelled]) => RunStatus::Cancelled,
        Evidence::StepsOnly => RunStatus::Success,
        Evidence::Full | Evidence::NoBegin | Evidence::NoEnd => match said {
            Some(RowStatus::Success) => RunStatus::Success,
            Some(RowStatus::Failed | RowStatus::UpstreamFailed) => RunStatus::Failed,
            Some(RowStatus::Cancelled) => RunStatus::Cancelled,
            Some(RowStatus::Skipped) => RunStatus::Skipped,
            _ if has_error => RunStatus::Failed,
            _ => RunStatus::Success,
        },
    }
}

/// 3.8
fn duration_ms(
    evidence: Evidence,
    started_at: Moment,
    ended_at: Option<Moment>,
    reported_ms: Option<i64>,
) -> Option<i64> {
    let known = match evidence {
        Evidence::Full | Evidence::StepsOnly => true,
        Evidence::NoBegin => ended_at.is_some_and(|end| reaches(end, reported_ms)),
        Evidence::NoEnd | Evidence::ErrorsOnly => false,
    };
    let ended_at = ended_at.filter(|_| known)?;
    (ended_at >= started_at).then(|| ended_at.millis_since(started_at))
}

/// 3.9: metrics are never run-level (2.2).
fn attempt(rows: &[Row]) -> i32 {
    let run_level = rows.iter().filter(|row| {
        row.said.step.is_none() && row.said.log().is_none_or(|log| log.event != Event::Metric)
    });
    run_level
        .filter_map(|row| row.said.attempt)
        .max()
        .unwrap_or(1)
}

/// 3.10
fn first_said(rows: &[Row], column: impl Fn(&InRow) -> Option<&String>) -> Option<String> {
    let logs = rows.iter().filter(|row| row.said.log().is_some());
    let errors = rows.iter().filter(|row| row.said.error().is_some());
    logs.chain(errors)
        .find_map(|row| column(&row.said))
        .cloned()
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Running,
    Ended(Option<RowStatus>),
}

struct Step {
    name: String,
    map_index: Option<i32>,
    state: State,
    /// The latest of all its ends.
    last_end: Option<Moment>,
}

/// 3.11
fn steps(rows: &[Row]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for row in rows {
        let (Some(name), Some(log)) = (&row.said.step, row.said.log()) else {
            continue;
        };
        let known = steps
            .iter()
            .any(|step| step.name == *name && step.map_index == row.said.map_index);
        if log.event == Event::Metric || known {
            continue;
        }
        let of_this_step = |event: Event| {
            rows.iter().filter(move |other| {
                other.said.step.as_ref() == Some(name)
                    && other.said.map_index == row.said.map_index
                    && other.said.log().is_some_and(|log| log.event == event)
            })
        };
        let try_and_time = |row: &Row| (row.said.attempt.unwrap_or(1), row.moment);
        // Of equals the last in order, as `max_by_key` has it.
        let last_end = of_this_step(Event::End).max_by_key(|row| try_and_time(row));
        let last_begin = of_this_step(Event::Begin).max_by_key(|row| try_and_time(row));
        let state = match (last_begin, last_end) {
            (_, None) => State::Running,
            (Some(begin), Some(end)) if try_and_time(begin) > try_and_time(end) => State::Running,
            (_, Some(end)) => State::Ended(end.said.log().and_then(|log| log.status)),
        };
        let latest_end = of_this_step(Event::End).map(|row| row.moment).max();
        steps.push(Step {
            name: name.clone(),
            map_index: row.said.map_index,
            state,
            last_end: latest_end,
        });
    }
    steps
}

/// 3.12
fn measured(rows: &[Row], column: impl Fn(&LogPart) -> Option<i64>) -> Option<i64> {
    let mut different: Vec<(Moment, &InRow, &LogPart)> = Vec::new();
    for row in rows {
        let Some(log) = row.said.log() else { continue };
        let seen = different.iter().any(|&(moment, said, other)| {
            moment == row.moment
                && said.step == row.said.step
                && said.map_index == row.said.map_index
                && (&other.label, other.count) == (&log.label, log.count)
                && (other.rows_in, other.rows_out, other.rows_rejected)
                    == (log.rows_in, log.rows_out, log.rows_rejected)
        });
        if !seen {
            different.push((row.moment, &row.said, log));
        }
    }
    let values: Vec<i64> = different
        .into_iter()
        .filter_map(|(_, _, log)| column(log))
        .collect();
    (!values.is_empty()).then(|| values.into_iter().fold(0, i64::saturating_add))
}
