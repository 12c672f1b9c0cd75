//! What came of long work, as it is written down: figures, and texts in both languages.

use crate::ingest::{FileReport, FileResult};
use crate::jobs::{fuse, unload};
use crate::night::Lang;
use crate::reason::Reason;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    en: String,
    fr: String,
}

impl Words {
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Fr => &self.fr,
        }
    }
}

impl From<&Reason> for Words {
    /// Without what is to be done on a command line.
    fn from(reason: &Reason) -> Self {
        let (reason, _) = reason.without_hint();
        Self {
            en: reason.text(Lang::En).to_owned(),
            fr: reason.text(Lang::Fr).to_owned(),
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Told {
    pub unloaded: Option<Unloaded>,
    pub loaded: Option<Loaded>,
    /// Why it is not done, or not all of it.
    pub failed: Option<Words>,
}

/// What was taken back, or would be.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Unloaded {
    pub parts: Vec<Part>,
    pub batches: u64,
    pub rows_log: u64,
    pub rows_error: u64,
    pub rejects: u64,
    /// Runs and days of jobs that were made anew without these rows.
    pub runs: u64,
    pub job_days: u64,
}

/// What of one path.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    pub path: String,
    pub records: u64,
    /// All of it, and not only its end.
    pub is_whole: bool,
}

impl From<&unload::Report> for Unloaded {
    fn from(report: &unload::Report) -> Self {
        let parts = report.sources.iter().map(|(path, taken)| Part {
            path: path.clone(),
            records: taken.records,
            is_whole: taken.whole,
        });
        Self {
            parts: parts.collect(),
            batches: report.batches,
            rows_log: report.rows_log,
            rows_error: report.rows_error,
            rejects: report.rejects,
            runs: report.fuse.as_ref().map_or(0, |fuse| fuse.runs),
            job_days: report.fuse.as_ref().map_or(0, |fuse| fuse.job_days),
        }
    }
}

/// What was read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Loaded {
    /// There was nothing that was not read before.
    pub is_nothing_new: bool,
    /// How it was read: container, dialect, formats.
    pub reading: Option<String>,
    pub dialect: Option<String>,
    /// Which of the dialect's tables, or the name of the mapping.
    pub layout: Option<String>,
    pub confidence: Option<u8>,
    pub records: u64,
    pub rows_log: u64,
    pub rows_error: u64,
    pub silent: u64,
    /// By reason.
    pub rejects: BTreeMap<String, u64>,
    /// Runs and days of jobs that were made of it; null where only `smartetl fuse` makes some.
    pub runs: Option<u64>,
    pub job_days: Option<u64>,
}

impl Loaded {
    pub fn of(file: &FileReport, fuse: Option<&fuse::Report>) -> Self {
        let read_as = file.read_as.as_ref();
        Self {
            is_nothing_new: file.result == FileResult::NothingNew,
            reading: file.reading.clone(),
            dialect: read_as.map(|as_what| as_what.dialect.clone()),
            layout: read_as.map(|as_what| as_what.layout.clone()),
            confidence: read_as.and_then(|as_what| as_what.confidence),
            records: file.records,
            rows_log: file.rows_log,
            rows_error: file.rows_error,
            silent: file.silent,
            rejects: file.rejects.clone(),
            runs: fuse.map(|fuse| fuse.runs),
            job_days: fuse.map(|fuse| fuse.job_days),
        }
    }
}
