//! Section 6 of `doc/fusion.md`: which errors count, and which one is the cause.

use std::cmp::Reverse;

use uuid::Uuid;

use super::heads::Names;
use super::piece::{Draft, Entry, Facts};
use super::rows::Corrections;
use super::tree::Forest;
use crate::group;
use crate::group::problem::Correction;
use crate::model::{Blame, Category, Moment, RunStatus, Severity};

/// One of the different errors of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Distinct<'t> {
    pub(super) run: usize,
    pub(super) moment: Moment,
    pub(super) severity: Severity,
    pub(super) step: &'t str,
    pub(super) signature: Uuid,
    pub(super) category: Category,
    pub(super) wrapper: bool,
    pub(super) blame: Option<Blame>,
    pub(super) retryable: Option<bool>,
    pub(super) message: Option<&'t str>,
    /// What the rules said, where a person corrected it.
    pub(super) ruled: Option<Correction>,
}

/// The errors of one run.
#[derive(Clone, Debug, Default)]
pub(super) struct Errors<'t> {
    pub(super) different: Vec<Distinct<'t>>,
    pub(super) rows: i64,
    pub(super) warnings: i64,
    pub(super) first_at: Option<Moment>,
}

/// Why a run, or something below it, went wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause<'t> {
    pub(super) run: usize,
    pub(super) category: Category,
    pub(super) error: Option<Distinct<'t>>,
}

/// Sections 6.1 to 6.3, 6.6, 6.9: the errors of each run.
pub(super) fn of_runs<'t>(
    names: Names<'t>,
    facts: &Facts<'t>,
    entries: &[Entry],
    drafts: &[Draft],
    corrections: &Corrections,
) -> Vec<Errors<'t>> {
    let whole = whole_signatures(facts);
    drafts
        .iter()
        .enumerate()
        .map(|(run, draft)| {
            let mut errors = Errors::default();
            let mut warnings = Vec::new();
            for entry in &entries[draft.entries.clone()] {
                let Some(error) = entry.error(facts) else {
                    continue;
                };
                let step = names.word(error.step);
                let signature = whole.of(error);
                if error.severity == Severity::Warning {
                    warnings.push((step, signature));
                    continue;
                }
                errors.rows += 1;
                errors.first_at.get_or_insert(entry.moment());
                if errors
                    .different
                    .iter()
                    .any(|other| other.step == step && other.signature == signature)
                {
                    continue;
                }
                let said = Correction {
                    category: error.category,
                    blame: error.blame,
                    retryable: error.retryable,
                };
                // Somebody may have looked at the cut message.
                let corrected = corrections
                    .get(&signature)
                    .or_else(|| corrections.get(&error.signature))
                    .copied();
                let holds = corrected.unwrap_or(said);
                errors.different.push(Distinct {
                    run,
                    moment: entry.moment(),
                    severity: error.severity,
                    step,
                    signature,
                    category: holds.category,
                    wrapper: error.wrapper,
                    blame: holds.blame,
                    retryable: holds.retryable,
                    message: error.message,
                    ruled: corrected.map(|_| said),
                });
            }
            warnings.sort_unstable();
            warnings.dedup();
            errors.warnings = warnings.len() as i64;
            errors
        })
        .collect()
}

/// The signature that a cut message stands for.
struct WholeSignatures(Vec<(Uuid, Uuid)>);

impl WholeSignatures {
    fn of(&self, error: &super::facts::ErrorFact<'_>) -> Uuid {
        if !error.truncated {
            return error.signature;
        }
        self.0
            .iter()
            .find(|(cut, _)| *cut == error.signature)
            .map_or(error.signature, |(_, whole)| *whole)
    }
}

/// Section 6.2.
fn whole_signatures(facts: &Facts<'_>) -> WholeSignatures {
    let mut cut: Vec<(Uuid, &str)> = Vec::new();
    for error in facts.errors.iter().filter(|error| error.truncated) {
        let message = error.message.unwrap_or_default();
        if !cut
            .iter()
            .any(|&(signature, _)| signature == error.signature)
        {
            cut.push((error.signature, message));
        }
    }
    let mut found = Vec::new();
    for (signature, message) in cut {
        let mut masked = String::new();
        group::mask(message, &mut masked);
        let begin = without_last_word(&masked);
        let mut whole: Option<Uuid> = None;
        let mut several = false;
        for other in facts
            .errors
            .iter()
            .filter(|other| !other.truncated && other.signature != signature)
        {
            if whole == Some(other.signature) {
                continue;
            }
            let mut text = String::new();
            group::mask(other.message.unwrap_or_default(), &mut text);
            if !begin.is_empty() && text.starts_with(begin) {
                several |= whole.is_some();
                whole = Some(other.signature);
            }
        }
        if let Some(whole) = whole.filter(|_| !several) {
            found.push((signature, whole));
        }
    }
    WholeSignatures(found)
}

/// A cut may have fallen into a word, which then masks differently.
fn without_last_word(masked: &str) -> &str {
    masked.rsplit_once(' ').map_or("", |(begin, _)| begin)
}

/// What the subtree of each run holds, for sections 6.4 and 6.7.
#[derive(Clone, Copy, Default)]
struct Below<'t> {
    telling: Option<Distinct<'t>>,
    wrapper: Option<Distinct<'t>>,
    broken: Option<usize>,
    cancelled: Option<usize>,
    /// A failed or lost run, the run itself left out.
    broken_below: bool,
}

/// How many of each run's errors count and which signatures they have, and the cause of each run that has one.
pub(super) struct Judged<'t> {
    pub(super) counts: Vec<i64>,
    pub(super) signatures: Vec<Vec<Uuid>>,
    pub(super) causes: Vec<Option<Cause<'t>>>,
    pub(super) broken_below: Vec<bool>,
}

/// Sections 6.4, 6.5, 6.7 and 6.8.
pub(super) fn judge<'t>(
    drafts: &[Draft],
    forest: &Forest,
    statuses: &[RunStatus],
    errors: &[Errors<'t>],
) -> Judged<'t> {
    let mut below: Vec<Below<'t>> = vec![Below::default(); drafts.len()];
    let depth = |run: usize| forest.depth[run];
    let error_order = |error: &Distinct<'t>| {
        let key = drafts[error.run].run_key;
        (
            Reverse(depth(error.run)),
            error.moment,
            error.severity,
            error.step,
            error.signature,
            key,
        )
    };
    let run_order = |&run: &usize| {
        (
            Reverse(depth(run)),
            drafts[run].started_at,
            drafts[run].run_key,
        )
    };
    for &run in forest.down.iter().rev() {
        let mut here = Below::default();
        for &child in &forest.children[run] {
            let child = below[child];
            here.broken_below |= child.broken.is_some();
            here.telling = here
                .telling
                .into_iter()
                .chain(child.telling)
                .min_by_key(error_order);
            here.wrapper = here
                .wrapper
                .into_iter()
                .chain(child.wrapper)
                .min_by_key(error_order);
            here.broken = here
                .broken
                .into_iter()
                .chain(child.broken)
                .min_by_key(run_order);
            here.cancelled = here
                .cancelled
                .into_iter()
                .chain(child.cancelled)
                .min_by_key(run_order);
        }
        for error in &errors[run].different {
            let best = if error.wrapper {
                &mut here.wrapper
            } else {
                &mut here.telling
            };
            *best = best
                .take()
                .into_iter()
                .chain([*error])
                .min_by_key(error_order);
        }
        match statuses[run] {
            RunStatus::Failed | RunStatus::Lost => {
                here.broken = here.broken.into_iter().chain([run]).min_by_key(run_order);
            }
            RunStatus::Cancelled => {
                here.cancelled = here
                    .cancelled
                    .into_iter()
                    .chain([run])
                    .min_by_key(run_order);
            }
            _ => {}
        }
        below[run] = here;
    }
    let (counts, signatures) = (0..drafts.len())
        .map(|run| {
            let swallow = below[run].telling.is_some() || below[run].broken_below;
            let counting = errors[run]
                .different
                .iter()
                .filter(|error| !(error.wrapper && swallow));
            let mut signatures: Vec<Uuid> = counting.clone().map(|error| error.signature).collect();
            signatures.sort_unstable();
            signatures.dedup();
            (counting.count() as i64, signatures)
        })
        .unzip();
    let causes = below
        .iter()
        .map(|here| {
            if let Some(error) = here.telling {
                return Some(Cause {
                    run: error.run,
                    category: error.category,
                    error: Some(error),
                });
            }
            if let Some(run) = here.broken.or(here.cancelled) {
                let own = errors[run]
                    .different
                    .iter()
                    .min_by_key(|error| error_order(error))
                    .copied();
                let unexplained = if here.broken.is_some() {
                    Category::Unknown
                } else {
                    Category::Cancelled
                };
                let category = own.map_or(unexplained, |error| error.category);
                return Some(Cause {
                    run,
                    category,
                    error: own,
                });
            }
            here.wrapper.map(|error| Cause {
                run: error.run,
                category: error.category,
                error: Some(error),
            })
        })
        .collect();
    Judged {
        counts,
        signatures,
        causes,
        broken_below: below.iter().map(|here| here.broken_below).collect(),
    }
}
