//! The table of dialects. Sniffing, documentation and tests come from it: a new tool is one line here.

use crate::container::{Sample, Shape};
use crate::dialect::{Claim, Confidence, Dialect, Settings, generic, openlineage, talend};
use crate::error::FormatError;
use crate::unread::Tool;

/// Every dialect, in the order of the manual.
pub const DIALECTS: &[&dyn Dialect] = &[
    &talend::Talend,
    &openlineage::OpenLineage,
    &generic::Generic,
];

/// How far the second must be behind the first.
pub(crate) const CLEAR: u8 = 10;

/// The dialect with this name.
pub fn by_name(name: &str) -> Result<&'static dyn Dialect, FormatError> {
    DIALECTS
        .iter()
        .copied()
        .find(|dialect| dialect.name() == name)
        .ok_or_else(|| FormatError::UnknownDialect {
            name: name.to_owned(),
            known: DIALECTS
                .iter()
                .map(|dialect| dialect.name())
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// The dialect that the settings name, or else the one that knows the sample; and how sure it is, where it claims it at all.
///
/// # Errors
/// When none knows it, or two do.
pub fn choose(
    sample: &Sample,
    settings: &Settings,
) -> Result<(&'static dyn Dialect, Option<Confidence>), FormatError> {
    let named = match &settings.dialect {
        Some(name) => Some(by_name(name)?),
        None if settings.mappings.is_only() => Some(by_name(generic::NAME)?),
        None => None,
    };
    let first = |dialect: &'static dyn Dialect| {
        let claim = dialect.sniff(sample, settings).into_iter().next();
        (claim, dialect)
    };
    if let Some(named) = named {
        let (claim, dialect) = first(named);
        return Ok((dialect, claim.map(|claim| claim.confidence)));
    }
    let mut claims: Vec<(Claim, &'static dyn Dialect)> = DIALECTS
        .iter()
        .filter_map(|dialect| match first(*dialect) {
            (Some(claim), dialect) => Some((claim, dialect)),
            (None, _) => None,
        })
        .collect();
    claims.sort_by_key(|(claim, _)| std::cmp::Reverse(claim.confidence));
    match claims.as_slice() {
        [(first, one), (second, other), ..]
            if second.confidence >= Confidence::ENOUGH
                && first.confidence.0 - second.confidence.0 < CLEAR =>
        {
            Err(FormatError::SeveralDialects {
                first: format!("{} {}", one.name(), first.layout),
                second: format!("{} {}", other.name(), second.layout),
            })
        }
        [(first, dialect), ..] if first.confidence >= Confidence::ENOUGH => {
            Ok((*dialect, Some(first.confidence)))
        }
        _ => Err(unknown(sample)),
    }
}

/// The error for a sample that nothing knows.
pub(crate) fn unknown(sample: &Sample) -> FormatError {
    let json = matches!(sample.shape, Shape::Jsonl(_));
    match Tool::of_lines(sample).filter(|_| json) {
        Some(tool) => FormatError::NotReadYet { tool },
        None => FormatError::NoDialect {
            columns: sample.describe(),
            has_times: sample.has_times(),
        },
    }
}
