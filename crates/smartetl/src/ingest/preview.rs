//! As what a file would be read, and what its first records would give. Nothing is stored.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use smartetl_core::model::{ErrorRow, LogRow, Reject, RowSink};
use smartetl_formats::container::{Encoding, Shape};
use smartetl_formats::{AtEnd, Extractor, Outcome, Plan, Position, Settings};

use super::ReadError;
use super::beside::Named;
use super::report::{FileReport, FileResult, ReadAs};

/// So many records are read.
const RECORDS: u64 = 500;

/// A file as it would be read.
#[derive(Debug, serde::Serialize)]
pub struct Preview {
    #[serde(flatten)]
    pub as_read: FileReport,
    /// `None` where it cannot be read.
    pub how: Option<How>,
}

/// How a file would be read.
#[derive(Debug, serde::Serialize)]
pub struct How {
    /// `csv`, `json lines`, `parquet`
    pub container: &'static str,
    pub encoding: Option<&'static str>,
    pub delimiter: Option<char>,
    pub header: Option<bool>,
    /// The form of times.
    pub times: String,
    /// Of times that name none.
    pub zone: String,
    /// What was guessed.
    pub notes: Vec<String>,
    /// It has more records than were read.
    pub more: bool,
}

impl Preview {
    /// Looks at a file. Where it cannot be read, its report says why.
    pub fn of(path: &Path, named: &Named, settings: &Settings) -> Self {
        let shown = path.display().to_string();
        let settings = Settings {
            path: std::path::absolute(path)
                .map_or_else(|_| shown.clone(), |path| path.display().to_string()),
            ..settings.clone()
        };
        let mut preview = Self {
            as_read: FileReport::of(shown),
            how: None,
        };
        if let Err(error) = preview.read(path, &settings) {
            preview.as_read.result = named.result(path, &error);
        }
        preview
    }

    fn read(&mut self, path: &Path, settings: &Settings) -> anyhow::Result<()> {
        let file = File::open(path).map_err(|source| ReadError::Open {
            path: path.display().to_string(),
            source,
        })?;
        let plan = Plan::examine(&file, settings)?;
        let report = &mut self.as_read;
        report.reading = Some(plan.describe());
        report.read_as = Some(ReadAs::of(&plan));
        report.result = FileResult::Loaded {
            arrival: super::Arrival::New,
        };
        let mut extractor = Extractor::open(&file, &plan, settings, Position::START, AtEnd::Take)?;
        let mut sink = Count::default();
        let how = self.how.insert(How::of(&plan, settings));
        loop {
            if report.records == RECORDS {
                how.more = extractor.step(&mut Count::default())?.is_some();
                break;
            }
            let Some(step) = extractor.step(&mut sink)? else {
                break;
            };
            report.records += u64::from(step.outcome.is_some());
            report.silent += u64::from(step.outcome == Some(Outcome::Silent));
        }
        report.rows_log = sink.rows_log;
        report.rows_error = sink.rows_error;
        report.rejects = sink.rejects;
        Ok(())
    }
}

impl How {
    pub fn of(plan: &Plan, settings: &Settings) -> Self {
        let csv = match &plan.shape {
            Shape::Csv(csv) => Some(csv),
            Shape::Jsonl(_) | Shape::Json(_) | Shape::Parquet => None,
        };
        Self {
            container: plan.shape.name(),
            encoding: plan.shape.encoding().map(Encoding::name),
            delimiter: csv.map(|csv| csv.delimiter),
            header: csv.map(|csv| csv.header),
            times: plan.dialect.moment.describe().to_owned(),
            zone: plan.dialect.zone(settings),
            notes: plan.dialect.notes.clone(),
            more: false,
        }
    }
}

#[derive(Default)]
struct Count {
    rows_log: u64,
    rows_error: u64,
    rejects: BTreeMap<String, u64>,
}

impl RowSink for Count {
    fn log(&mut self, _: &LogRow<'_>) {
        self.rows_log += 1;
    }

    fn error(&mut self, _: &ErrorRow<'_>) {
        self.rows_error += 1;
    }

    fn reject(&mut self, reject: &Reject<'_>) {
        *self.rejects.entry(reject.reason.to_string()).or_default() += 1;
    }
}
