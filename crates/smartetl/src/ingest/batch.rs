//! A batch in the making: rows are redacted, signed, classified, encoded and gathered for the fuse.

use std::sync::{Arc, Mutex, PoisonError};

use smartetl_core::classify;
use smartetl_core::group;
use smartetl_core::model::{ErrorRow, LogRow, Moment, Reject, RejectReason, RowSink};
use smartetl_core::redact::redact;
use smartetl_store::Month;
use smartetl_store::copy::{self, ErrorFacts};
use smartetl_store::ledger::EncodedRows;

use super::words::CleanWords;
use crate::jobs::{Gathered, class_of};

/// What a batch came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) records: i64,
    pub(super) records_with_rows: i64,
    pub(super) rows_log: i64,
    pub(super) rows_error: i64,
    pub(super) rejects: i64,
    pub(super) silent: i64,
    pub(super) log_checksum: i64,
    pub(super) error_checksum: i64,
    pub(super) reject_checksum: i64,
    pub(super) by_reason: std::collections::BTreeMap<RejectReason, u64>,
}

/// Takes the rows of one batch.
pub(super) struct BatchBuilder {
    number: i64,
    rows: EncodedRows,
    counts: Counts,
    month: CurrentMonth,
    scratch: String,
    words: CleanWords,
    gathered: Option<Arc<Mutex<Gathered>>>,
}

impl BatchBuilder {
    /// `gathered`: where rows are kept for the fuse.
    pub(super) fn new(number: i64, gathered: Option<Arc<Mutex<Gathered>>>) -> Self {
        Self {
            number,
            rows: EncodedRows::default(),
            counts: Counts::default(),
            month: CurrentMonth::default(),
            scratch: String::new(),
            words: CleanWords::default(),
            gathered,
        }
    }

    pub(super) fn counts(&mut self) -> &mut Counts {
        &mut self.counts
    }

    /// Gives away what was collected and starts the next batch.
    pub(super) fn finish(&mut self, next: i64) -> (i64, EncodedRows, Counts) {
        let number = std::mem::replace(&mut self.number, next);
        (
            number,
            std::mem::take(&mut self.rows),
            std::mem::take(&mut self.counts),
        )
    }

    fn gather(&self, give: impl FnOnce(&mut Gathered)) {
        if let Some(gathered) = &self.gathered {
            give(&mut gathered.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl RowSink for BatchBuilder {
    fn log(&mut self, row: &LogRow<'_>) {
        let words = &mut self.words;
        let (job, run_id, root_run_id) = (
            words.clean(row.job),
            words.clean(row.run_id),
            words.clean(row.root_run_id),
        );
        let (environment, host) = (words.option(row.environment), words.option(row.host));
        let (project, context) = (words.option(row.project), words.option(row.context));
        let (job_id, job_version) = (words.option(row.job_id), words.option(row.job_version));
        let (parent_run_id, step) = (words.option(row.parent_run_id), words.option(row.step));
        let (label, message) = (words.option(row.label), row.message.map(redact));
        let row = LogRow {
            job: &job,
            run_id: &run_id,
            root_run_id: &root_run_id,
            environment: environment.as_deref(),
            host: host.as_deref(),
            project: project.as_deref(),
            context: context.as_deref(),
            job_id: job_id.as_deref(),
            job_version: job_version.as_deref(),
            parent_run_id: parent_run_id.as_deref(),
            step: step.as_deref(),
            label: label.as_deref(),
            message: message.as_deref(),
            ..row.clone()
        };
        let month = self.month.of(row.moment);
        let tuples = tuples_of(&mut self.rows.log, month);
        let from = tuples.len();
        copy::encode_log(self.number, &row, tuples);
        self.counts.rows_log += 1;
        self.counts.log_checksum = self
            .counts
            .log_checksum
            .wrapping_add(copy::tuple_checksum(&tuples[from..]));
        self.gather(|gathered| gathered.rows().log(self.number, &row));
    }

    fn error(&mut self, row: &ErrorRow<'_>) {
        let words = &mut self.words;
        let (job, run_id, root_run_id) = (
            words.clean(row.job),
            words.clean(row.run_id),
            words.clean(row.root_run_id),
        );
        let (environment, host) = (words.option(row.environment), words.option(row.host));
        let (project, context) = (words.option(row.project), words.option(row.context));
        let (parent_run_id, step) = (words.option(row.parent_run_id), words.option(row.step));
        let (error_type, error_code) = (words.option(row.error_type), words.option(row.error_code));
        let (message, stack) = (row.message.map(redact), row.stack.map(redact));
        let row = ErrorRow {
            job: &job,
            run_id: &run_id,
            root_run_id: &root_run_id,
            environment: environment.as_deref(),
            host: host.as_deref(),
            project: project.as_deref(),
            context: context.as_deref(),
            parent_run_id: parent_run_id.as_deref(),
            step: step.as_deref(),
            error_type: error_type.as_deref(),
            error_code: error_code.as_deref(),
            message: message.as_deref(),
            stack: stack.as_deref(),
            ..row.clone()
        };
        let class = classify::classify(&classify::ErrorFacts {
            system: row.system,
            error_type: row.error_type,
            error_code: row.error_code,
            code_scheme: row.code_scheme,
            message: row.message,
            stack: row.stack,
        });
        let facts = ErrorFacts {
            signature: group::signature(
                row.error_type,
                row.error_code,
                row.message,
                &mut self.scratch,
            ),
            category: class.category,
            rule: class.rule,
            confidence: class.confidence,
            blame: class.blame,
            retryable: class.retryable,
        };
        let month = self.month.of(row.moment);
        let tuples = tuples_of(&mut self.rows.errors, month);
        let from = tuples.len();
        copy::encode_error(self.number, &row, &facts, tuples);
        self.counts.rows_error += 1;
        self.counts.error_checksum = self
            .counts
            .error_checksum
            .wrapping_add(copy::tuple_checksum(&tuples[from..]));
        self.gather(|gathered| gathered.rows().error(self.number, &row, &class_of(&facts)));
    }

    fn reject(&mut self, reject: &Reject<'_>) {
        let tuples = &mut self.rows.rejects;
        let from = tuples.len();
        copy::encode_reject(
            self.number,
            reject.line,
            reject.column,
            reject.reason.as_str(),
            &redact(reject.detail),
            &redact(reject.raw),
            tuples,
        );
        self.counts.reject_checksum = self
            .counts
            .reject_checksum
            .wrapping_add(copy::tuple_checksum(&tuples[from..]));
        *self.counts.by_reason.entry(reject.reason).or_default() += 1;
    }
}

fn tuples_of(months: &mut Vec<(Month, Vec<u8>)>, month: Month) -> &mut Vec<u8> {
    let at = match months.iter().rposition(|(other, _)| *other == month) {
        Some(at) => at,
        None => {
            months.push((month, Vec::new()));
            months.len() - 1
        }
    };
    &mut months[at].1
}

/// The month of the last row, and how far it reaches.
struct CurrentMonth {
    month: Month,
    bounds: (Moment, Moment),
}

impl Default for CurrentMonth {
    fn default() -> Self {
        let month = Month::of(Moment(0));
        Self {
            month,
            bounds: month.bounds(),
        }
    }
}

impl CurrentMonth {
    fn of(&mut self, moment: Moment) -> Month {
        if moment < self.bounds.0 || moment >= self.bounds.1 {
            self.month = Month::of(moment);
            self.bounds = self.month.bounds();
        }
        self.month
    }
}
