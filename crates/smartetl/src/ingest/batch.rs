//! A batch in the making: rows are redacted, signed, classified, encoded and gathered for the fuse.

use smartetl_core::classify;
use smartetl_core::group;
use smartetl_core::model::{ErrorRow, LogRow, Moment, Reject, RejectReason, RowSink};
use smartetl_core::redact::redact;
use smartetl_store::Month;
use smartetl_store::copy::{self, ErrorFacts};
use smartetl_store::ledger::EncodedRows;

use super::gathering::Gathering;
use super::words::CleanWords;
use crate::jobs::class_of;

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
    gathering: Gathering,
}

impl BatchBuilder {
    pub(super) fn new(number: i64, gathering: Gathering) -> Self {
        Self {
            number,
            rows: EncodedRows::default(),
            counts: Counts::default(),
            month: CurrentMonth::default(),
            scratch: String::new(),
            words: CleanWords::default(),
            gathering,
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
}

/// Puts the same row without secrets in the place of `row`; fields that are not listed stay. Names come again and again, texts
/// do not.
macro_rules! redact_row {
    ($row:ident: $Row:ident, $words:expr, names: $($name:ident)+, options: $($option:ident)+, texts: $($text:ident)+) => {
        let words = &mut $words;
        $(let $name = words.clean($row.$name);)+
        $(let $option = words.option($row.$option);)+
        $(let $text = $row.$text.map(redact);)+
        let $row = &$Row {
            $($name: &$name,)+
            $($option: $option.as_deref(),)+
            $($text: $text.as_deref(),)+
            ..$row.clone()
        };
    };
}

impl RowSink for BatchBuilder {
    fn log(&mut self, row: &LogRow<'_>) {
        redact_row!(row: LogRow, self.words,
            names: job run_id root_run_id,
            options: environment host project context job_id job_version parent_run_id step label,
            texts: message);
        let month = self.month.of(row.moment);
        let tuples = tuples_of(&mut self.rows.log, month);
        let from = tuples.len();
        copy::encode_log(self.number, row, tuples);
        self.counts.rows_log += 1;
        add_checksum(&mut self.counts.log_checksum, &tuples[from..]);
        self.gathering
            .with(|gathered| gathered.rows().log(self.number, row));
    }

    fn error(&mut self, row: &ErrorRow<'_>) {
        redact_row!(row: ErrorRow, self.words,
            names: job run_id root_run_id,
            options: environment host project context parent_run_id step error_type error_code code_scheme,
            texts: message stack);
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
        copy::encode_error(self.number, row, &facts, tuples);
        self.counts.rows_error += 1;
        add_checksum(&mut self.counts.error_checksum, &tuples[from..]);
        self.gathering
            .with(|gathered| gathered.rows().error(self.number, row, &class_of(&facts)));
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
        add_checksum(&mut self.counts.reject_checksum, &tuples[from..]);
        *self.counts.by_reason.entry(reject.reason).or_default() += 1;
    }
}

fn add_checksum(sum: &mut i64, tuple: &[u8]) {
    *sum = sum.wrapping_add(copy::tuple_checksum(tuple));
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
