//! A table as it is looked at: each column's different values, and which of them each record has.

use std::collections::HashMap;
use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};

use smartetl_core::model::{ErrorRow, LogRow, Reject, RowSink};

use super::profile::Profile;
use crate::container::{Position, Record, Shape};
use crate::dialect::{DialectPlan, Outcome, RecordParser, Settings, plain_name};
use crate::error::FormatError;
use crate::moment::MomentFormat;
use crate::{AtEnd, Extractor, Plan};

/// So much of a file is looked at: rare words of states stand far from the beginning.
const MOST_RECORDS: usize = 200_000;
const MOST_BYTES: usize = 64 << 20;
/// A title and blank records stand above the names of columns, no more.
const TITLE_RECORDS: usize = 6;
/// How dumps write NULL.
const NULLS: [&str; 6] = ["\\N", "NULL", "null", "(null)", "None", "NaN"];

/// One file, or several with the same columns.
#[derive(Clone, Debug)]
pub struct Table {
    pub files: Vec<Source>,
    pub columns: Vec<Column>,
    pub rows: usize,
    /// Words for NULL that occur.
    pub nulls: Vec<&'static str>,
    /// The form of times that the user says.
    pub time_format: Option<MomentFormat>,
}

/// A file of a table.
#[derive(Clone, Debug)]
pub struct Source {
    pub path: String,
    pub shape: Shape,
    /// How many records were looked at, and how many of these were damaged.
    pub records: usize,
    pub damaged: usize,
    /// There are no others.
    pub complete: bool,
}

/// The values of a column.
#[derive(Clone, Debug, Default)]
pub struct Column {
    pub name: String,
    /// Other columns that it joins, the day and the hour of a time.
    pub parts: Vec<usize>,
    /// The different values, in order of appearance, and how many records have each.
    pub words: Vec<String>,
    pub counts: Vec<u32>,
    /// By record: 0 where the field is empty, else the place of its value from 1.
    pub cells: Vec<u32>,
    places: HashMap<String, u32>,
}

impl Column {
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    pub fn push(&mut self, value: Option<&str>) {
        let Some(value) = value else {
            self.cells.push(0);
            return;
        };
        let place = match self.places.get(value) {
            Some(place) => *place,
            None => {
                self.words.push(value.to_owned());
                self.counts.push(0);
                let place = self.words.len() as u32;
                self.places.insert(value.to_owned(), place);
                place
            }
        };
        self.counts[place as usize - 1] += 1;
        self.cells.push(place);
    }

    pub fn get(&self, row: usize) -> Option<&str> {
        let place = *self.cells.get(row)? as usize;
        self.words.get(place.checked_sub(1)?).map(String::as_str)
    }

    pub fn has(&self, word: &str) -> bool {
        self.places.contains_key(word)
    }

    /// How many records have a value.
    pub fn filled(&self) -> usize {
        self.counts.iter().map(|count| *count as usize).sum()
    }

    /// The share of filled records whose value is such.
    pub fn share(&self, such: impl Fn(&str) -> bool) -> f64 {
        let counted = self.words.iter().zip(&self.counts);
        let found: usize = counted
            .filter(|(word, _)| such(word))
            .map(|(_, count)| *count as usize)
            .sum();
        match self.filled() {
            0 => 0.0,
            filled => found as f64 / filled as f64,
        }
    }

    /// The share of different values that another column has as well.
    pub fn within(&self, other: &Self) -> f64 {
        let found = self.words.iter().filter(|word| other.has(word)).count();
        found as f64 / self.words.len().max(1) as f64
    }

    fn append(&mut self, other: &Self) {
        for row in 0..other.cells.len() {
            self.push(other.get(row));
        }
    }
}

impl Table {
    /// Reads the beginning of a file, up to 200,000 records or 64 MiB of values.
    ///
    /// # Errors
    /// When the file is empty, or cannot be read.
    pub fn read(file: &File, settings: &Settings) -> Result<Self, FormatError> {
        let sample = Plan::sample(file, settings)?;
        let names = sample.column_names();
        let collected = Arc::new(Mutex::new(Collected {
            columns: names.iter().map(|name| Column::named(name)).collect(),
            nulls: Vec::new(),
            records: 0,
            bytes: 0,
            cut: 0,
        }));
        let plan = Plan {
            shape: sample.shape.clone(),
            confidence: None,
            dialect: DialectPlan {
                dialect: crate::dialect::generic::NAME.to_owned(),
                layout: String::new(),
                columns: names,
                moment: MomentFormat::YearFirst,
                notes: Vec::new(),
            },
        };
        let mut extractor = Extractor::open_with(
            Box::new(Collector(collected.clone())),
            file,
            &plan,
            settings,
            Position::START,
            AtEnd::Take,
        )?;
        let mut damaged = Damaged(0);
        let mut complete = false;
        loop {
            // What cannot be read any more is what `load` will tell.
            let Ok(Some(_)) = extractor.step(&mut damaged) else {
                complete = true;
                break;
            };
            let collected = collected.lock().unwrap_or_else(PoisonError::into_inner);
            if collected.records >= MOST_RECORDS || collected.bytes >= MOST_BYTES {
                break;
            }
        }
        let mut collected = collected.lock().unwrap_or_else(PoisonError::into_inner);
        let columns = std::mem::take(&mut collected.columns);
        Ok(Self {
            files: vec![Source {
                path: settings.path.clone(),
                shape: plan.shape,
                records: collected.records + collected.cut + damaged.0,
                damaged: collected.cut + damaged.0,
                complete,
            }],
            columns,
            rows: collected.records,
            nulls: std::mem::take(&mut collected.nulls),
            time_format: settings.moment_format.clone(),
        })
    }

    /// Adds another file with the same columns, in whatever order; gives it back where it has others.
    pub fn join(&mut self, other: Self) -> Result<(), Self> {
        let place = |name: &str| {
            let plain = plain_name(name);
            let mut columns = other.columns.iter();
            columns.position(|column| column.name == name || plain_name(&column.name) == plain)
        };
        let places: Option<Vec<usize>> = self
            .columns
            .iter()
            .map(|column| place(&column.name))
            .collect();
        let Some(places) = places.filter(|_| other.columns.len() == self.columns.len()) else {
            return Err(other);
        };
        for (column, place) in self.columns.iter_mut().zip(places) {
            column.append(&other.columns[place]);
        }
        self.rows += other.rows;
        self.files.extend(other.files);
        for null in other.nulls {
            if !self.nulls.contains(&null) {
                self.nulls.push(null);
            }
        }
        Ok(())
    }
}

impl Table {
    /// The first names of the columns where something stands above them, as the title of a spreadsheet does: a record of nothing but
    /// texts is among the first, and those above it have a single field.
    pub fn names_below_a_title(&self) -> Option<Vec<&str>> {
        let columns = self.columns.iter().enumerate();
        let named = columns.filter(|(at, column)| column.name != (at + 1).to_string());
        if named.count() > 1 || self.columns.len() < 3 {
            return None;
        }
        let fields = |row: usize| -> Vec<&str> {
            let columns = self.columns.iter();
            columns.filter_map(|column| column.get(row)).collect()
        };
        let mut first = (0..self.rows.min(TITLE_RECORDS)).map(fields);
        let mut names = first.find(|fields| fields.len() > 1)?;
        let is_name = |name: &&str| {
            let signs = name.chars().filter(|sign| sign.is_alphanumeric());
            let digits = signs.clone().filter(char::is_ascii_digit).count();
            name.starts_with(char::is_alphabetic) && digits * 2 <= signs.count()
        };
        let are_names = names.len() + 1 >= self.columns.len() && names.iter().all(is_name);
        names.truncate(3);
        are_names.then_some(names)
    }

    /// Adds a column for each time that stands in two: its day and its hour.
    pub fn join_days_and_hours(&mut self, profiles: &[Profile]) {
        let such = |wanted: fn(&Profile) -> bool| {
            let all = profiles.iter().enumerate();
            all.filter(move |(_, profile)| wanted(profile))
                .map(|(at, _)| at)
        };
        let whole = |profile: &Profile| profile.times.is_some() && !profile.is_day;
        let days: Vec<usize> = such(|profile| profile.is_day).collect();
        let is_hour = |profile: &Profile| {
            !profile.name.is_of("duration")
                && (profile.is_hour || profile.is_hour_of_digits && profile.name.is_of("time"))
        };
        let hours: Vec<usize> = such(is_hour).collect();
        let names = |at: usize| &profiles[at].name;
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for hour in hours {
            // The day of the same thing, else the only day there is.
            let own = days.iter().find(|day| names(**day).goes_with(names(hour)));
            let only = days.first().filter(|_| days.len() == 1);
            if let Some(day) = own.or(only) {
                pairs.push((*day, hour));
            }
        }
        if profiles.iter().any(whole) && pairs.len() < 2 {
            return;
        }
        for (day, hour) in pairs {
            let [day_name, hour_name] = [day, hour].map(|at| self.columns[at].name.as_str());
            let mut joined = Column::named(&format!("{day_name} + {hour_name}"));
            joined.parts = vec![day, hour];
            for row in 0..self.rows {
                let parts = [day, hour].map(|at| self.columns[at].get(row));
                match parts {
                    [Some(day), Some(hour)] => joined.push(Some(&format!("{day} {hour}"))),
                    _ => joined.push(None),
                }
            }
            self.columns.push(joined);
        }
    }
}

struct Collected {
    columns: Vec<Column>,
    nulls: Vec<&'static str>,
    records: usize,
    bytes: usize,
    /// Records with more or fewer fields.
    cut: usize,
}

/// Takes records as they are.
struct Collector(Arc<Mutex<Collected>>);

impl RecordParser for Collector {
    fn record(&mut self, record: &Record<'_>, _: &mut dyn RowSink) -> Outcome {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let collected = &mut *guard;
        let width = collected.columns.len();
        if record.width() < width || (width..record.width()).any(|at| record.get(at).is_some()) {
            collected.cut += 1;
            return Outcome::Silent;
        }
        collected.records += 1;
        for (at, column) in collected.columns.iter_mut().enumerate() {
            let text = record
                .get(at)
                .map(str::trim)
                .filter(|text| !text.is_empty());
            let null = text.and_then(|text| NULLS.iter().find(|null| **null == text));
            if let Some(null) = null {
                if !collected.nulls.contains(null) {
                    collected.nulls.push(null);
                }
                column.push(None);
                continue;
            }
            collected.bytes += text.map_or(0, str::len);
            column.push(text);
        }
        Outcome::Silent
    }
}

/// Counts what the container refuses.
struct Damaged(usize);

impl RowSink for Damaged {
    fn log(&mut self, _: &LogRow<'_>) {}

    fn error(&mut self, _: &ErrorRow<'_>) {}

    fn reject(&mut self, _: &Reject<'_>) {
        self.0 += 1;
    }
}
