//! A batch in the making: rows get their meaning, are encoded, and gathered for the fuse.

use std::borrow::Cow;

use smartetl_core::model::{ErrorRow, LogRow, Moment, Reject, RejectReason, RowSink};
use smartetl_core::redact::redact;
use smartetl_formats::Outcome;
use smartetl_store::Month;
use smartetl_store::copy;
use smartetl_store::ledger::{EncodedRows, LedgerLine};

use super::gathering::Gathering;
use super::meaning::Meaning;
use crate::jobs::class_of;

/// What a batch came to.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub records: i64,
    pub records_with_rows: i64,
    pub rows_log: i64,
    pub rows_error: i64,
    pub rejects: i64,
    pub silent: i64,
    pub log_checksum: i64,
    pub error_checksum: i64,
    pub reject_checksum: i64,
    pub by_reason: std::collections::BTreeMap<RejectReason, u64>,
}

impl Counts {
    /// Counts a record; `None`: what was read is none.
    pub fn note(&mut self, outcome: Option<Outcome>) {
        let of_outcome = match outcome {
            None => return,
            Some(Outcome::Rows(_)) => &mut self.records_with_rows,
            Some(Outcome::Rejected) => &mut self.rejects,
            Some(Outcome::Silent) => &mut self.silent,
        };
        *of_outcome += 1;
        self.records += 1;
    }

    /// What of it stands in the ledger, of a batch that is still to be named.
    pub fn ledger_line(&self) -> LedgerLine {
        LedgerLine {
            records: self.records,
            records_with_rows: self.records_with_rows,
            rows_log: self.rows_log,
            rows_error: self.rows_error,
            rejects: self.rejects,
            silent: self.silent,
            log_checksum: self.log_checksum,
            error_checksum: self.error_checksum,
            reject_checksum: self.reject_checksum,
            ..LedgerLine::default()
        }
    }
}

/// Takes the rows of one batch.
pub struct BatchBuilder {
    number: i64,
    rows: EncodedRows,
    counts: Counts,
    month: CurrentMonth,
    meaning: Meaning,
    gathering: Gathering,
}

impl BatchBuilder {
    pub fn new(number: i64, gathering: Gathering) -> Self {
        Self {
            number,
            rows: EncodedRows::default(),
            counts: Counts::default(),
            month: CurrentMonth::default(),
            meaning: Meaning::default(),
            gathering,
        }
    }

    pub fn counts(&mut self) -> &mut Counts {
        &mut self.counts
    }

    /// Gives away what was collected and starts the next batch.
    pub fn finish(&mut self, next: i64) -> (i64, EncodedRows, Counts) {
        let number = std::mem::replace(&mut self.number, next);
        (
            number,
            std::mem::take(&mut self.rows),
            std::mem::take(&mut self.counts),
        )
    }
}

impl RowSink for BatchBuilder {
    fn log(&mut self, row: &LogRow<'_>) {
        let Self {
            number,
            rows,
            counts,
            month,
            gathering,
            ..
        } = self;
        self.meaning.of_log(row, |row| {
            let month = month.of(row.moment);
            let tuples = tuples_of(&mut rows.log, month);
            let from = tuples.len();
            copy::encode_log(*number, row, tuples);
            counts.rows_log += 1;
            add_checksum(&mut counts.log_checksum, &tuples[from..]);
            gathering.with(|gathered| gathered.rows().log(*number, row));
        });
    }

    fn error(&mut self, row: &ErrorRow<'_>) {
        let Self {
            number,
            rows,
            counts,
            month,
            gathering,
            ..
        } = self;
        self.meaning.of_error(row, |row, facts| {
            let month = month.of(row.moment);
            let tuples = tuples_of(&mut rows.errors, month);
            let from = tuples.len();
            copy::encode_error(*number, row, facts, tuples);
            counts.rows_error += 1;
            add_checksum(&mut counts.error_checksum, &tuples[from..]);
            gathering.with(|gathered| gathered.rows().error(*number, row, &class_of(facts)));
        });
    }

    fn reject(&mut self, reject: &Reject<'_>) {
        let column = reject.column.map(|column| storable(column, DETAIL_BYTES));
        let tuples = &mut self.rows.rejects;
        let from = tuples.len();
        copy::encode_reject(
            self.number,
            reject.line,
            column.as_deref(),
            reject.reason.as_str(),
            &storable(reject.detail, DETAIL_BYTES),
            &storable(reject.raw, usize::MAX),
            tuples,
        );
        add_checksum(&mut self.counts.reject_checksum, &tuples[from..]);
        *self.counts.by_reason.entry(reject.reason).or_default() += 1;
    }
}

/// So much of what is said about a reject is kept, bytes: hostile input may stand in it.
const DETAIL_BYTES: usize = 1024;

/// A text without secrets and without NUL, which PostgreSQL does not store; not longer than so many bytes.
pub fn storable(text: &str, limit: usize) -> Cow<'_, str> {
    /// What shows that a secret is one may stand behind it.
    const BEHIND: usize = 4096;
    let looked_at = text.floor_char_boundary(limit.saturating_add(BEHIND));
    let text = match redact(&text[..looked_at]) {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..text.floor_char_boundary(limit)]),
        Cow::Owned(mut text) => {
            text.truncate(text.floor_char_boundary(limit));
            Cow::Owned(text)
        }
    };
    if text.contains('\0') {
        return Cow::Owned(text.replace('\0', "\u{fffd}"));
    }
    text
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
