//! Where a reader puts rows: into tuples for the tables, or into messages.

use smartetl_core::model::{ErrorRow, LogRow, Reject, RowSink};
use smartetl_store::ledger::EncodedRows;

use super::batch::{BatchBuilder, Counts};
use crate::kafka::{MessageBuilder, Messages};

/// The rows of a batch, ready to leave.
#[derive(Debug)]
pub(super) enum Rows {
    Tuples(EncodedRows),
    Messages(Messages),
}

/// Collects the rows of one batch.
pub(super) enum Collector {
    Tuples(BatchBuilder),
    Messages(MessageBuilder),
}

impl Collector {
    pub(super) fn counts(&mut self) -> &mut Counts {
        match self {
            Self::Tuples(batch) => batch.counts(),
            Self::Messages(messages) => messages.counts(),
        }
    }

    /// All rows of this record are there.
    pub(super) fn end_record(&mut self, record: i64) {
        if let Self::Messages(messages) = self {
            messages.end_record(record);
        }
    }
}

impl RowSink for Collector {
    fn log(&mut self, row: &LogRow<'_>) {
        match self {
            Self::Tuples(batch) => batch.log(row),
            Self::Messages(messages) => messages.log(row),
        }
    }

    fn error(&mut self, row: &ErrorRow<'_>) {
        match self {
            Self::Tuples(batch) => batch.error(row),
            Self::Messages(messages) => messages.error(row),
        }
    }

    fn reject(&mut self, reject: &Reject<'_>) {
        match self {
            Self::Tuples(batch) => batch.reject(reject),
            Self::Messages(messages) => messages.reject(reject),
        }
    }
}
