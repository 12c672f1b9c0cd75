//! The table of dialects. Sniffing, documentation and tests come from it: a new tool is one line here.

use crate::container::Sample;
use crate::dialect::{Confidence, Dialect, Settings, generic, talend};
use crate::error::FormatError;

/// Every dialect, in the order of the manual.
pub const DIALECTS: &[&dyn Dialect] = &[&talend::Talend, &generic::Generic];

/// How far the second must be behind the first.
const CLEAR: u8 = 10;

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
    if settings.mapping.is_some() {
        return by_name(generic::NAME);
    }
    let mut claims: Vec<(Confidence, &'static dyn Dialect)> = DIALECTS
        .iter()
        .map(|dialect| (dialect.sniff(sample, settings), *dialect))
        .collect();
    claims.sort_by_key(|(confidence, _)| std::cmp::Reverse(*confidence));
    match claims.as_slice() {
        [(first, _), ..] if *first < Confidence::ENOUGH => Err(unknown(sample)),
        [(first, one), (second, other), ..]
            if *second >= Confidence::ENOUGH && first.0 - second.0 < CLEAR =>
        {
            Err(FormatError::SeveralDialects {
                first: one.name().to_owned(),
                second: other.name().to_owned(),
            })
        }
        [(_, dialect), ..] => Ok(*dialect),
        [] => Err(unknown(sample)),
    }
}

fn unknown(sample: &Sample) -> FormatError {
    let first = match (&sample.columns, sample.rows.first()) {
        (Some(columns), _) => columns.first(),
        (None, row) => row.and_then(|row| row.first()?.as_ref()),
    };
    if first.is_some_and(|field| field.trim_start().starts_with(['{', '['])) {
        return FormatError::Json;
    }
    FormatError::NoDialect {
        columns: describe(sample),
    }
}

/// The columns of a sample, for a message.
fn describe(sample: &Sample) -> String {
    match (&sample.columns, sample.rows.first()) {
        (Some(columns), _) => columns.join(", "),
        (None, Some(row)) if row.len() == 1 => "one column without header".to_owned(),
        (None, Some(row)) => format!("{} columns without header", row.len()),
        (None, None) => "none".to_owned(),
    }
}
