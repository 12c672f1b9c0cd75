//! Section 6: errors, copies of errors, and the cause.

use std::collections::BTreeMap;

use smartetl_core::group::problem::Correction;
use smartetl_core::model::{Category, Moment, RunStatus, Severity};
use uuid::Uuid;

use super::section1::Row;
use super::section3::{Run, is_error};
use super::section4::{below, subtree};
use super::{Config, ErrorPart};

/// One of the different errors of a run (6.3), standing for its copies.
struct Distinct {
    run: usize,
    moment: Moment,
    step: Option<String>,
    signature: Uuid,
    said: ErrorPart,
    /// 6.9: what the rules say, where a person says otherwise.
    ruled: Option<Correction>,
}

/// What a run inherits as its cause.
struct Cause {
    run: usize,
    step: Option<String>,
    signature: Option<Uuid>,
    said: Option<ErrorPart>,
    category: Category,
    ruled: Option<Correction>,
}

pub fn errors(runs: &mut [Run], config: &Config) {
    let signatures = signatures(runs);
    let distinct: Vec<Distinct> = (0..runs.len())
        .flat_map(|place| distinct(runs, place, &signatures))
        .map(|error| corrected(error, config))
        .collect();
    for place in 0..runs.len() {
        let counting: Vec<&Distinct> = distinct
            .iter()
            .filter(|error| error.run == place && counts(runs, &distinct, error))
            .collect();
        let (errors, signatures_of_errors) = (counting.len(), error_signatures(&counting));
        let warnings = warnings(&runs[place], &signatures[place]);
        let cause = cause(runs, &distinct, place);
        let own: Vec<Moment> = runs[place]
            .rows
            .iter()
            .filter(|row| is_error(row))
            .map(|row| row.moment)
            .collect();
        let cause_run = cause
            .as_ref()
            .map(|cause| (runs[cause.run].out.run_key, runs[cause.run].out.job.clone()));
        let out = &mut runs[place].out;
        out.error_rows = own.len() as i64;
        out.errors = errors as i64;
        out.warnings = warnings as i64;
        out.error_signatures = signatures_of_errors;
        out.first_error_at = own.into_iter().min();
        if let (Some(cause), Some((cause_run_key, cause_job))) = (cause, cause_run) {
            out.cause_run_key = Some(cause_run_key);
            out.cause_job = Some(cause_job);
            out.cause_step = cause.step;
            out.cause_signature = cause.signature;
            out.category = Some(cause.category);
            out.blame = cause.said.as_ref().and_then(|said| said.blame);
            out.retryable = cause.said.as_ref().and_then(|said| said.retryable);
            out.error_message = cause.said.and_then(|said| said.message);
            out.ruled = cause.ruled;
        }
    }
}

/// 6.2: for each run the signatures of its rows; None for rows of `log`.
fn signatures(runs: &[Run]) -> Vec<Vec<Option<Uuid>>> {
    runs.iter()
        .map(|run| run.rows.iter().map(|row| signature(runs, row)).collect())
        .collect()
}

fn signature(runs: &[Run], row: &Row) -> Option<Uuid> {
    let error = row.said.error()?;
    if !error.truncated {
        return Some(error.signature);
    }
    // Its last word may be half a word.
    let prefix = error
        .masked
        .rsplit_once(' ')
        .map_or("", |(before, _)| before);
    let mut begins_with_it: BTreeMap<Uuid, &str> = BTreeMap::new();
    for other in runs
        .iter()
        .flat_map(|run| &run.rows)
        .filter(|other| other.same_tree(row))
    {
        if let Some(whole) = other.said.error()
            && !whole.truncated
            && whole.signature != error.signature
            && !prefix.is_empty()
            && whole.masked.starts_with(prefix)
        {
            begins_with_it.insert(whole.signature, &whole.masked);
        }
    }
    if begins_with_it.len() == 1 {
        begins_with_it.into_keys().next()
    } else {
        Some(error.signature)
    }
}

/// 6.3
fn distinct(runs: &[Run], place: usize, signatures: &[Vec<Option<Uuid>>]) -> Vec<Distinct> {
    let mut distinct: Vec<Distinct> = Vec::new();
    for (row, signature) in runs[place].rows.iter().zip(&signatures[place]) {
        let (true, Some(said), &Some(signature)) = (is_error(row), row.said.error(), signature)
        else {
            continue;
        };
        if !distinct
            .iter()
            .any(|other| other.step == row.said.step && other.signature == signature)
        {
            distinct.push(Distinct {
                run: place,
                moment: row.moment,
                step: row.said.step.clone(),
                signature,
                said: said.clone(),
                ruled: None,
            });
        }
    }
    distinct
}

/// 6.9
fn corrected(error: Distinct, config: &Config) -> Distinct {
    let of = |wanted: Uuid| {
        let mut all = config.corrections.iter();
        all.find(|(signature, _)| *signature == wanted)
    };
    let of = of(error.signature).or_else(|| of(error.said.signature));
    let Some((_, correction)) = of else {
        return error;
    };
    Distinct {
        ruled: Some(Correction {
            category: error.said.category,
            blame: error.said.blame,
            retryable: error.said.retryable,
        }),
        said: ErrorPart {
            category: correction.category,
            blame: correction.blame,
            retryable: correction.retryable,
            ..error.said
        },
        ..error
    }
}

/// 6.4
fn counts(runs: &[Run], distinct: &[Distinct], error: &Distinct) -> bool {
    if !error.said.wrapper {
        return true;
    }
    let members = subtree(runs, error.run);
    let telling = distinct
        .iter()
        .any(|other| members.contains(&other.run) && !other.said.wrapper);
    let failed_below = below(runs, error.run)
        .into_iter()
        .any(|member| runs[member].failed_or_lost());
    !telling && !failed_below
}

/// 6.8
fn error_signatures(counting: &[&Distinct]) -> Vec<Uuid> {
    let mut signatures = Vec::new();
    for error in counting {
        if !signatures.contains(&error.signature) {
            signatures.push(error.signature);
        }
    }
    signatures.sort();
    signatures
}

/// 6.5
fn warnings(run: &Run, signatures: &[Option<Uuid>]) -> usize {
    let mut different: Vec<(&Option<String>, &Option<Uuid>)> = Vec::new();
    for (row, signature) in run.rows.iter().zip(signatures) {
        let is_warning = row
            .said
            .error()
            .is_some_and(|error| error.severity == Severity::Warning);
        if is_warning && !different.contains(&(&row.said.step, signature)) {
            different.push((&row.said.step, signature));
        }
    }
    different.len()
}

/// 6.7
fn cause(runs: &[Run], distinct: &[Distinct], place: usize) -> Option<Cause> {
    let members = subtree(runs, place);
    let depth = |run: usize| std::cmp::Reverse(runs[run].out.depth);
    let within_run = |error: &Distinct| {
        (
            error.moment,
            error.said.severity,
            error.step.clone(),
            error.signature,
        )
    };
    let deepest_first = |error: &&Distinct| {
        (
            depth(error.run),
            within_run(error),
            runs[error.run].out.run_key,
        )
    };
    let from_error = |error: &Distinct| Cause {
        run: error.run,
        step: error.step.clone(),
        signature: Some(error.signature),
        category: error.said.category,
        said: Some(error.said.clone()),
        ruled: error.ruled,
    };
    let inside: Vec<&Distinct> = distinct
        .iter()
        .filter(|error| members.contains(&error.run))
        .collect();

    let telling = inside
        .iter()
        .copied()
        .filter(|error| !error.said.wrapper)
        .min_by_key(deepest_first);
    if let Some(error) = telling {
        return Some(from_error(error));
    }

    let deepest = |wanted: &[RunStatus]| {
        members
            .iter()
            .copied()
            .filter(|&member| wanted.contains(&runs[member].out.status))
            .min_by_key(|&member| {
                (
                    depth(member),
                    runs[member].out.started_at,
                    runs[member].out.run_key,
                )
            })
    };
    let bad =
        deepest(&[RunStatus::Failed, RunStatus::Lost]).or_else(|| deepest(&[RunStatus::Cancelled]));
    if let Some(run) = bad {
        let wrapper = inside
            .iter()
            .copied()
            .filter(|error| error.run == run)
            .min_by_key(|error| within_run(error));
        if let Some(error) = wrapper {
            return Some(from_error(error));
        }
        let cancelled = runs[run].out.status == RunStatus::Cancelled;
        let category = if cancelled {
            Category::Cancelled
        } else {
            Category::Unknown
        };
        return Some(Cause {
            run,
            step: None,
            signature: None,
            said: None,
            category,
            ruled: None,
        });
    }

    inside.into_iter().min_by_key(deepest_first).map(from_error)
}
