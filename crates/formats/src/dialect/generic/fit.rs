//! How well a mapping fits a source.

use super::super::{Confidence, Settings, recognise_form};
use super::mapping::{Mapping, Value};
use super::path::parts_of_path;
use super::resolve::Names;
use super::value::ANY_OTHER;
use crate::container::{Sample, Shape};
use crate::moment::{MomentFormat, MomentReader};

/// What a sample says about a mapping.
#[derive(Debug)]
pub(super) struct Fit {
    /// Columns that the source lacks and must have.
    pub(super) missing: Vec<String>,
    /// The path follows the template.
    pub(super) on_path: bool,
    /// All columns to be recognised by are there.
    pub(super) recognised: bool,
    pub(super) confidence: Confidence,
}

impl Fit {
    /// The confidence is made of four shares, in per cent: of the columns to be recognised by that are there (30), of all columns
    /// that the mapping names (20), of the times that are written in its form (30), of the words that its vocabulary, our own
    /// or a condition knows (20). A source that lacks a column that it must have, or holds records and no time, is not taken: 49
    /// at most.
    pub(super) fn of(mapping: &Mapping, sample: &Sample, settings: &Settings) -> Self {
        let columns = sample.column_names();
        let names = Names::of(&columns, sample.shape.has_optional_columns());
        let has = |wanted: &[&str]| wanted.iter().any(|name| names.find(name).is_some());
        let named = mapping.columns();
        let must_have: Vec<Vec<&str>> = if sample.shape.has_optional_columns() {
            let needed = mapping.needed().map(Value::columns);
            let moments = mapping.moments().flat_map(Value::columns).collect();
            needed.into_iter().chain([moments]).collect()
        } else {
            named.clone()
        };
        let recognise: Vec<Vec<&str>> = match mapping.recognise.as_slice() {
            [] => must_have.clone(),
            given => given.iter().map(|name| vec![name.as_str()]).collect(),
        };
        let share_of = |lists: &[Vec<&str>]| {
            let there = lists.iter().filter(|names| has(names)).count();
            share(there, lists.len())
        };
        let missing: Vec<String> = must_have
            .iter()
            .filter(|names| !names.is_empty() && !has(names))
            .map(|names| names[0].to_owned())
            .collect();
        let times = times(mapping, sample, settings, &names);
        let words = words(mapping, sample, &names);
        let in_all =
            30.0 * share_of(&recognise) + 20.0 * share_of(&named) + 30.0 * times + 20.0 * words;
        let sure = in_all.round() as u8;
        let is_usable = missing.is_empty() && times > 0.0;
        let follows = |template: &String| parts_of_path(template, &settings.path).is_some();
        Self {
            on_path: mapping.path.as_ref().is_none_or(follows),
            recognised: recognise.iter().all(|names| has(names)),
            confidence: Confidence(if is_usable {
                sure
            } else {
                sure.min(Confidence::ENOUGH.0 - 1)
            }),
            missing,
        }
    }
}

/// The share of filled times that can be read; all where there is no record.
fn times(mapping: &Mapping, sample: &Sample, settings: &Settings, names: &Names<'_>) -> f64 {
    let (mut texts, mut columns) = (Vec::new(), Vec::new());
    for moment in mapping.moments() {
        let places = moment
            .columns()
            .into_iter()
            .filter_map(|name| names.find(name));
        if moment.0.join.is_empty() {
            columns.extend(places);
        } else {
            let places: Vec<usize> = places.collect();
            texts.extend(sample.rows.iter().filter_map(|row| {
                let part = |place: &usize| row.get(*place)?.as_deref().map(str::trim);
                let parts: Option<Vec<&str>> = places.iter().map(part).collect();
                parts.map(|parts| parts.join(" "))
            }));
        }
    }
    columns.sort_unstable();
    columns.dedup();
    for column in columns {
        texts.extend(sample.values(column).map(str::to_owned));
    }
    let given = mapping.time_format.as_deref().and_then(MomentFormat::parse);
    let format = match (&settings.moment_format, given) {
        (None, Some(format)) => format,
        _ => recognise_form(&texts, settings).0,
    };
    let reader = |format| MomentReader::new(format, jiff::tz::TimeZone::UTC);
    // Parquet may hold them as times, whatever the mapping says about texts; a sample shows these with the year first.
    let typed = (sample.shape == Shape::Parquet).then_some(MomentFormat::YearFirst);
    let mut readers: Vec<MomentReader> = typed.into_iter().chain([format]).map(reader).collect();
    let mut reads = |text: &String| readers.iter_mut().any(|reader| reader.read(text).is_ok());
    if sample.rows.is_empty() {
        1.0
    } else if texts.is_empty() {
        0.0
    } else {
        texts.iter().filter(|text| reads(text)).count() as f64 / texts.len() as f64
    }
}

/// The share of filled words that mean something; all where there is none.
fn words(mapping: &Mapping, sample: &Sample, names: &Names<'_>) -> f64 {
    let (mut known, mut all) = (0, 0);
    for worded in mapping.worded() {
        let column = worded
            .value
            .columns()
            .into_iter()
            .find_map(|name| names.find(name));
        for word in column.iter().flat_map(|column| sample.values(*column)) {
            all += 1;
            let is_known = |word: &str| worded.known.contains(word);
            known += usize::from(is_known(ANY_OTHER) || is_known(&word.trim().to_lowercase()));
        }
    }
    share(known, all)
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}
