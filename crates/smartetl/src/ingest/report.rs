//! What loading came to, file by file.

use std::collections::BTreeMap;

use smartetl_core::model::RejectReason;
use smartetl_formats::Plan;
use smartetl_formats::container::ContainerError;
use smartetl_formats::dialect::generic;

use super::batch::Counts;
use super::identity::Arrival;
use crate::jobs::Gathered;
use crate::night::Lang;
use crate::reason::Reason;

/// What a load came to.
#[derive(Debug, Default)]
pub struct LoadReport {
    pub files: Vec<FileReport>,
    /// Rows for the fuse; `None` when nothing was gathered, or not everything that was gathered is stored.
    pub gathered: Option<Gathered>,
}

/// The numbers of one file.
#[derive(Clone, Debug, serde::Serialize)]
pub struct FileReport {
    pub path: String,
    #[serde(flatten)]
    pub result: FileResult,
    /// How it was read: container, dialect, formats.
    pub reading: Option<String>,
    /// As what.
    pub read_as: Option<ReadAs>,
    pub records: u64,
    pub rows_log: u64,
    pub rows_error: u64,
    pub silent: u64,
    pub rejects: BTreeMap<String, u64>,
    /// A last line without end waits for its end.
    pub waiting: bool,
    /// Options that were given and have no effect, because it was read before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Reason>,
    /// Which of the files that were asked for it is.
    #[serde(skip)]
    pub index: usize,
    /// What it holds, as far as that is known.
    #[serde(skip)]
    pub lineage: Option<i64>,
    /// It changed while it was read, or somebody else read on: it is to be looked at once more.
    #[serde(skip)]
    pub again: bool,
}

/// As what a file was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct ReadAs {
    pub dialect: String,
    /// Which of the dialect's tables, or the name of the mapping.
    pub layout: String,
    /// How sure that was, in per cent, where the dialect claimed the file.
    pub confidence: Option<u8>,
}

impl ReadAs {
    pub fn of(plan: &Plan) -> Self {
        Self {
            dialect: plan.dialect.dialect.clone(),
            layout: plan.dialect.layout.clone(),
            confidence: plan.confidence.map(|confidence| confidence.0),
        }
    }

    /// `talend tstatcatcher`, `mapping airflow_dag_run`
    pub fn name(&self, lang: Lang) -> String {
        let dialect = match (self.dialect.as_str(), lang) {
            (generic::NAME, Lang::En) => "mapping",
            (generic::NAME, Lang::Fr) => "correspondance",
            (other, _) => other,
        };
        format!("{dialect} {}", self.layout)
    }
}

/// What one file came to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum FileResult {
    Loaded {
        arrival: Arrival,
    },
    /// Nothing that was not read before.
    NothingNew,
    /// A person has to decide.
    Trouble {
        reason: Reason,
    },
    /// It cannot be read, or not to its end; what was read before the fault is stored.
    Failed {
        reason: Reason,
    },
    /// It is no log at all, and nobody named it.
    NoLog {
        reason: Reason,
    },
    /// It was told of before, when it was found for the first time; nothing was ever read from it, and it is as it was.
    NoLogAsBefore,
}

impl FileReport {
    pub(super) fn of(path: String) -> Self {
        Self {
            path,
            result: FileResult::NothingNew,
            reading: None,
            read_as: None,
            records: 0,
            rows_log: 0,
            rows_error: 0,
            silent: 0,
            rejects: BTreeMap::new(),
            waiting: false,
            note: None,
            index: 0,
            lineage: None,
            again: false,
        }
    }

    /// A path that is no file to read.
    pub fn failed(path: String, reason: Reason) -> Self {
        Self {
            result: FileResult::Failed { reason },
            ..Self::of(path)
        }
    }

    pub(super) fn count(&mut self, tally: &Tally) {
        self.records = tally.records;
        self.rows_log = tally.rows_log;
        self.rows_error = tally.rows_error;
        self.silent = tally.silent;
        self.rejects = tally
            .rejects
            .iter()
            .map(|(reason, count)| (reason.to_string(), *count))
            .collect();
        self.waiting = tally.waiting;
    }
}

/// What reading a source came to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) records: u64,
    rows_log: u64,
    rows_error: u64,
    silent: u64,
    rejects: BTreeMap<RejectReason, u64>,
    /// A last line without end was left.
    pub(super) waiting: bool,
    /// The file was cut or replaced while it was read: what was read last is not stored.
    pub(super) replaced: bool,
    /// Why it could not be read to its end.
    pub(super) stopped: Option<ContainerError>,
}

impl Tally {
    pub(super) fn add(&mut self, batch: &Counts) {
        self.records += batch.records as u64;
        self.rows_log += batch.rows_log as u64;
        self.rows_error += batch.rows_error as u64;
        self.silent += batch.silent as u64;
        for (reason, count) in &batch.by_reason {
            *self.rejects.entry(*reason).or_default() += count;
        }
    }
}
