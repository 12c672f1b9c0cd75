//! What a mapping makes of a file: how many rows, the first ones, and what is rejected and why. Nothing is stored.

use super::doubts::Seen;
use crate::night::Lang;
use crate::reason::Reason;
use smartetl_core::model::{ErrorRow, LogRow, Moment, Reject, RowSink};
use smartetl_core::redact::redact;
use smartetl_formats::dialect::generic::MappingSet;
use smartetl_formats::{AtEnd, Extractor, Outcome, Plan, Position, Settings};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// So many rows of each table are kept.
const SHOWN: usize = 20;
/// So many examples of one kind of reject are kept.
const EXAMPLES: usize = 3;

/// What a file gives.
pub struct Trial {
    pub path: String,
    /// The mapping that was used.
    pub mapping: String,
    pub records: u64,
    /// It has more records than were read.
    pub more: bool,
    pub silent: u64,
    pub rows_log: u64,
    pub rows_error: u64,
    pub first_logs: Vec<Row>,
    pub first_errors: Vec<Row>,
    /// By reason and column.
    pub rejects: BTreeMap<(&'static str, String), Rejected>,
    /// What its rows say together, where a mapping is tried.
    pub seen: Option<Seen>,
    /// Why it cannot be read.
    pub failed: Option<Reason>,
}

/// A row as it would be stored: moment, job, run, step, what, and how.
pub struct Row {
    pub moment: Moment,
    pub job: String,
    pub run: String,
    pub step: String,
    pub what: &'static str,
    pub text: String,
}

/// Records of one kind that are rejected.
#[derive(Default)]
pub struct Rejected {
    pub records: u64,
    /// Line and what was found.
    pub examples: Vec<(i64, String)>,
}

impl Trial {
    /// `most`: so many records are read; all where it is left out.
    pub fn of(path: &Path, mappings: &MappingSet, settings: &Settings, most: Option<u64>) -> Self {
        let settings = Settings {
            path: path.display().to_string(),
            mappings: mappings.clone(),
            ..settings.clone()
        };
        Self::reading(path, &settings, most, Some(Seen::default()))
    }

    /// The same for a file that is called otherwise in the settings, and read as they say.
    pub fn with(path: &Path, settings: &Settings, most: Option<u64>) -> Self {
        Self::reading(path, settings, most, None)
    }

    fn reading(path: &Path, settings: &Settings, most: Option<u64>, seen: Option<Seen>) -> Self {
        let mut trial = Self {
            path: settings.path.clone(),
            mapping: String::new(),
            records: 0,
            more: false,
            silent: 0,
            rows_log: 0,
            rows_error: 0,
            first_logs: Vec::new(),
            first_errors: Vec::new(),
            rejects: BTreeMap::new(),
            seen,
            failed: None,
        };
        if let Err(error) = trial.read(path, settings, most.unwrap_or(u64::MAX)) {
            let reason = Reason::from(&error);
            let clean = |lang| redact(reason.text(lang)).into_owned();
            trial.failed = Some(Reason::new(clean(Lang::En), clean(Lang::Fr)));
        }
        trial
    }

    fn read(&mut self, path: &Path, settings: &Settings, most: u64) -> anyhow::Result<()> {
        let file = File::open(path)?;
        let plan = Plan::examine(&file, settings)?;
        self.mapping.clone_from(&plan.dialect.layout);
        let mut extractor = Extractor::open(&file, &plan, settings, Position::START, AtEnd::Take)?;
        let (mut records, mut silent) = (0, 0);
        loop {
            if records >= most {
                self.more = extractor.step(&mut Nowhere)?.is_some();
                break;
            }
            let Some(step) = extractor.step(self)? else {
                break;
            };
            records += u64::from(step.outcome.is_some());
            silent += u64::from(step.outcome == Some(Outcome::Silent));
        }
        (self.records, self.silent) = (records, silent);
        Ok(())
    }

    pub fn rejected(&self) -> u64 {
        self.rejects.values().map(|rejected| rejected.records).sum()
    }

    pub fn has_findings(&self) -> bool {
        self.failed.is_some() || !self.rejects.is_empty()
    }
}

fn clean(text: &str) -> String {
    redact(text).into_owned()
}

/// Rows that nobody wants.
struct Nowhere;

impl RowSink for Nowhere {
    fn log(&mut self, _: &LogRow<'_>) {}

    fn error(&mut self, _: &ErrorRow<'_>) {}

    fn reject(&mut self, _: &Reject<'_>) {}
}

impl RowSink for Trial {
    fn log(&mut self, row: &LogRow<'_>) {
        self.rows_log += 1;
        if let Some(seen) = &mut self.seen {
            seen.log(row);
        }
        if self.first_logs.len() < SHOWN {
            let mut text: Vec<String> = Vec::new();
            text.extend(row.status.map(|status| status.to_string()));
            text.extend(row.duration_reported_ms.map(|ms| format!("{ms} ms")));
            text.extend(row.label.map(clean));
            text.extend(row.count.map(|count| count.to_string()));
            for (name, rows) in [
                ("rows_in", row.rows_in),
                ("rows_out", row.rows_out),
                ("rows_rejected", row.rows_rejected),
            ] {
                text.extend(rows.map(|rows| format!("{name} {rows}")));
            }
            self.first_logs.push(Row {
                moment: row.moment,
                job: clean(row.job),
                run: clean(row.run_id),
                step: row.step.map(clean).unwrap_or_default(),
                what: row.event.as_str(),
                text: text.join(" "),
            });
        }
    }

    fn error(&mut self, row: &ErrorRow<'_>) {
        self.rows_error += 1;
        if let Some(seen) = &mut self.seen {
            seen.error(row);
        }
        if self.first_errors.len() < SHOWN {
            let texts = [row.error_type, row.error_code, row.message];
            let text: Vec<String> = texts.into_iter().flatten().map(clean).collect();
            self.first_errors.push(Row {
                moment: row.moment,
                job: clean(row.job),
                run: clean(row.run_id),
                step: row.step.map(clean).unwrap_or_default(),
                what: row.severity.as_str(),
                text: text.join(" "),
            });
        }
    }

    fn reject(&mut self, reject: &Reject<'_>) {
        let column = reject.column.unwrap_or_default().to_owned();
        let rejected = self
            .rejects
            .entry((reject.reason.as_str(), column))
            .or_default();
        rejected.records += 1;
        let detail = clean(reject.detail);
        let is_new = rejected.examples.iter().all(|(_, known)| *known != detail);
        if rejected.examples.len() < EXAMPLES && is_new {
            rejected.examples.push((reject.line, detail));
        }
    }
}
