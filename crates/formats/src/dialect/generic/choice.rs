//! Which mapping a source is read with.

use super::super::Settings;
use super::fit::Fit;
use super::mapping::Mapping;
use super::resolve::missing;
use crate::container::Sample;
use crate::error::FormatError;
use crate::registry::{CLEAR, unknown};

/// A mapping that a source may be read with.
pub(super) struct Candidate<'m> {
    pub(super) mapping: &'m Mapping,
    pub(super) fit: Fit,
    /// By the user, who knows better than those that come with smartETL.
    given: bool,
    /// About as sure as the surest.
    near: bool,
}

impl Candidate<'_> {
    /// The order between mappings that are nearly as sure: that of the user first, then the one that asks for more.
    fn rank(&self) -> (bool, usize) {
        (self.given, self.mapping.recognise.len())
    }
}

/// The mappings whose columns a sample has, the best first.
pub(super) fn candidates<'m>(
    sample: &Sample,
    settings: &'m Settings,
    shipped: &'m [Mapping],
) -> Vec<Candidate<'m>> {
    let given = &settings.mappings;
    let only = given.is_only();
    let candidate = |given: bool, mapping: &'m Mapping| Candidate {
        mapping,
        fit: Fit::of(mapping, sample, settings),
        given,
        near: false,
    };
    let own = given.iter().map(|mapping| candidate(true, mapping));
    // One of the user's takes the place of a shipped one of the same name.
    let others = shipped
        .iter()
        .filter(|mapping| !only && given.by_name(&mapping.name).is_none())
        .map(|mapping| candidate(false, mapping));
    let mut all: Vec<Candidate<'m>> = own
        .chain(others)
        .filter(|Candidate { fit, .. }| {
            fit.missing.is_empty() && fit.on_path && (only || fit.recognised)
        })
        .collect();
    let sure = |candidate: &Candidate<'_>| candidate.fit.confidence.0;
    let most = all.iter().map(sure).max().unwrap_or_default();
    for candidate in &mut all {
        candidate.near = most - sure(candidate) < CLEAR;
    }
    all.sort_by_key(|candidate| {
        std::cmp::Reverse((candidate.near, candidate.rank(), sure(candidate)))
    });
    all
}

/// The mapping to read a sample with.
///
/// # Errors
/// When none fits, or several do.
pub(super) fn choose<'m>(
    sample: &Sample,
    settings: &'m Settings,
    shipped: &'m [Mapping],
) -> Result<&'m Mapping, FormatError> {
    let candidates = candidates(sample, settings, shipped);
    match candidates.as_slice() {
        [] => none(sample, settings),
        [first, second, ..] if second.near && first.rank() == second.rank() => {
            Err(FormatError::SeveralDialects {
                first: format!("mapping {}", first.mapping.name),
                second: format!("mapping {}", second.mapping.name),
            })
        }
        [first, ..] => Ok(first.mapping),
    }
}

/// Why no mapping fits: what the nearest one lacks. Where that is the path, the mapping tells it by itself.
fn none<'m>(sample: &Sample, settings: &'m Settings) -> Result<&'m Mapping, FormatError> {
    let mut given: Vec<(Fit, &Mapping)> = settings
        .mappings
        .iter()
        .filter(|_| settings.mappings.is_only())
        .map(|mapping| (Fit::of(mapping, sample, settings), mapping.as_ref()))
        .collect();
    given.sort_by_key(|(fit, _)| (fit.missing.len(), std::cmp::Reverse(fit.confidence)));
    let Some((fit, nearest)) = given.first() else {
        return Err(unknown(sample));
    };
    let columns = sample.describe();
    match fit.missing.as_slice() {
        [] => Ok(*nearest),
        [column] if given.len() == 1 => Err(missing(nearest, column, columns)),
        missing => Err(FormatError::NoMapping {
            nearest: nearest.name.clone(),
            missing: missing.join(", "),
            columns,
        }),
    }
}
