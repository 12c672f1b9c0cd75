//! Messages that smartETL did not send: records of any dialect.

use std::sync::Arc;

use smartetl_core::model::{ErrorRow, LogRow, Reject, RejectReason, RowSink};
use smartetl_formats::envelope::Unreadable;
use smartetl_formats::message::MessageReader;
use smartetl_formats::{FormatError, Outcome, Plan, Settings};

/// Reads them, all in the way that the first one showed.
pub(super) struct Foreign {
    settings: Arc<Settings>,
    reader: Option<MessageReader>,
    pub(super) dialect: String,
}

impl Foreign {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        let dialect = settings
            .dialect
            .clone()
            .unwrap_or_else(|| "generic".to_owned());
        Self {
            settings,
            reader: None,
            dialect,
        }
    }

    /// Hands over the rows of one message. A reject is told, and not handed over.
    ///
    /// # Errors
    /// When it cannot become rows.
    pub(super) fn read(
        &mut self,
        value: &[u8],
        line: i64,
        sink: &mut impl RowSink,
    ) -> Result<Outcome, Unreadable> {
        let reader = match &mut self.reader {
            Some(reader) => reader,
            none => none.insert(open(value, &self.settings).map_err(|error| Unreadable {
                reason: RejectReason::Schema,
                detail: error.to_string(),
            })?),
        };
        let mut noting = Noting {
            sink,
            refused: None,
        };
        let outcome = reader.read(value, line, &mut noting);
        match noting.refused {
            Some(refused) => Err(refused),
            None => Ok(outcome),
        }
    }
}

fn open(first: &[u8], settings: &Settings) -> Result<MessageReader, FormatError> {
    let plan = match Plan::of_messages(settings)? {
        Some(plan) => plan,
        None => Plan::of_message(first, settings)?,
    };
    MessageReader::open(&plan, settings)
}

/// Keeps why a message was refused.
struct Noting<'s, S> {
    sink: &'s mut S,
    refused: Option<Unreadable>,
}

impl<S: RowSink> RowSink for Noting<'_, S> {
    fn log(&mut self, row: &LogRow<'_>) {
        self.sink.log(row);
    }

    fn error(&mut self, row: &ErrorRow<'_>) {
        self.sink.error(row);
    }

    fn reject(&mut self, reject: &Reject<'_>) {
        self.refused = Some(Unreadable {
            reason: reject.reason,
            detail: match reject.column {
                Some(column) => format!("{column}: {}", reject.detail),
                None => reject.detail.to_owned(),
            },
        });
    }
}
