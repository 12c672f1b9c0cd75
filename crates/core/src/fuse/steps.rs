//! Sections 3.5, 3.7, 3.11 and 3.12 of `doc/fusion.md`: what the steps of a run and its measures add up to.

use super::facts::LogFact;
use super::interner::Sym;
use super::piece::{Entry, Facts};
use crate::model::{Event, Moment, RowStatus, RunStatus};

/// What the steps of a run say together.
pub(super) struct Steps {
    pub(super) count: Option<i32>,
    pub(super) failed: Option<i32>,
    /// The latest end, when every step that began has ended.
    pub(super) ended_at: Option<Moment>,
    /// Only means something with `ended_at`.
    pub(super) status: RunStatus,
}

/// One step's first try to last try: what its latest begin and its last end are.
#[derive(Default)]
struct Step {
    began: Option<(i32, Moment)>,
    ended: Option<(i32, Moment)>,
    state: Option<RowStatus>,
    /// Of whatever try.
    latest_end: Option<Moment>,
}

impl Step {
    fn is_running(&self) -> bool {
        self.began > self.ended
    }
}

pub(super) fn of_piece(facts: &Facts<'_>, piece: &[Entry]) -> Steps {
    let mut rows: Vec<(Sym, Option<i32>, usize, Moment, &LogFact)> = piece
        .iter()
        .enumerate()
        .filter_map(|(place, entry)| entry.log(facts).map(|log| (place, entry.moment(), log)))
        .filter(|(_, _, log)| !log.step.is_none() && log.event != Event::Metric)
        .map(|(place, moment, log)| (log.step, log.map_index, place, moment, log))
        .collect();
    rows.sort_unstable_by_key(|&(step, map_index, place, _, _)| (step.0, map_index, place));

    let mut steps = Vec::new();
    for same in rows.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let mut step = Step::default();
        for &(_, _, _, moment, log) in same {
            let place = Some((log.attempt.unwrap_or(1), moment));
            if log.event == Event::Begin {
                step.began = step.began.max(place);
            } else {
                step.latest_end = step.latest_end.max(Some(moment));
                if place >= step.ended {
                    step.ended = place;
                    step.state = log.status;
                }
            }
        }
        steps.push(step);
    }
    if steps.is_empty() {
        return Steps {
            count: None,
            failed: None,
            ended_at: None,
            status: RunStatus::Success,
        };
    }
    let over = steps.iter().all(|step| !step.is_running());
    let any = |state: RowStatus| {
        steps
            .iter()
            .filter(|step| !step.is_running() && step.state == Some(state))
            .count() as i32
    };
    let failed = any(RowStatus::Failed);
    Steps {
        count: Some(steps.len() as i32),
        failed: Some(failed),
        ended_at: steps
            .iter()
            .filter_map(|step| step.latest_end)
            .max()
            .filter(|_| over),
        status: if failed + any(RowStatus::UpstreamFailed) > 0 {
            RunStatus::Failed
        } else if any(RowStatus::Cancelled) > 0 {
            RunStatus::Cancelled
        } else {
            RunStatus::Success
        },
    }
}

/// Sums of what was measured; `None` where nothing was.
#[derive(Default)]
pub(super) struct Measures {
    pub(super) rows_in: Option<i64>,
    pub(super) rows_out: Option<i64>,
    pub(super) rows_rejected: Option<i64>,
}

pub(super) fn measures(facts: &Facts<'_>, piece: &[Entry]) -> Measures {
    let measured = |log: &LogFact| {
        log.rows_in.is_some() || log.rows_out.is_some() || log.rows_rejected.is_some()
    };
    let mut rows: Vec<_> = piece
        .iter()
        .filter_map(|entry| entry.log(facts).map(|log| (entry.moment(), log)))
        .filter(|(_, log)| measured(log))
        .map(|(moment, log)| {
            let place = (moment, log.step.0, log.map_index, log.label.0, log.count);
            (place, (log.rows_in, log.rows_out, log.rows_rejected))
        })
        .collect();
    rows.sort_unstable();
    rows.dedup();
    let mut sums = Measures::default();
    for (_, (rows_in, rows_out, rows_rejected)) in rows {
        add(&mut sums.rows_in, rows_in);
        add(&mut sums.rows_out, rows_out);
        add(&mut sums.rows_rejected, rows_rejected);
    }
    sums
}

fn add(sum: &mut Option<i64>, value: Option<i64>) {
    if let Some(value) = value {
        *sum = Some(sum.unwrap_or(0).saturating_add(value));
    }
}
