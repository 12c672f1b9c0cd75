//! The table of dialects. Sniffing, documentation and tests come from it: a new tool is one line here.

use crate::container::Sample;
use crate::dialect::{Claim, Confidence, Dialect, Settings, generic, talend};
use crate::error::FormatError;

/// Every dialect, in the order of the manual.
pub const DIALECTS: &[&dyn Dialect] = &[&talend::Talend, &generic::Generic];

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

/// The dialect that the settings name, or else the one that knows the sample.
///
/// # Errors
/// When none knows it, or two do.
pub fn choose(sample: &Sample, settings: &Settings) -> Result<&'static dyn Dialect, FormatError> {
    if let Some(name) = &settings.dialect {
        return by_name(name);
    }
    if settings.mappings.is_only() {
        return by_name(generic::NAME);
    }
    let mut claims: Vec<(Claim, &'static dyn Dialect)> = DIALECTS
        .iter()
        .filter_map(|dialect| {
            let first = dialect.sniff(sample, settings).into_iter().next()?;
            Some((first, *dialect))
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
        [(first, dialect), ..] if first.confidence >= Confidence::ENOUGH => Ok(*dialect),
        _ => Err(unknown(sample)),
    }
}

fn unknown(sample: &Sample) -> FormatError {
    FormatError::NoDialect {
        columns: sample.describe(),
    }
}
