//! Records that come one at a time, each whole and in JSON: the value of a message of Kafka, the body of a request.
//!
//! What stands around them (topics, offsets, headers, keys) belongs to the caller.

use smartetl_core::model::{RejectReason, RowSink};

use crate::container::{Encoding, Item, JsonlSettings, ObjectReader, Sample, Shape};
use crate::dialect::{Outcome, RecordParser, Settings, generic};
use crate::error::FormatError;
use crate::extract::Plan;
use crate::registry;

/// A message is not longer, as a record of a file is not.
pub const MESSAGE_BYTES: usize = 16 * 1024 * 1024;

impl Plan {
    /// How messages are read, before any was seen; `None` where it takes one to tell (`of_message`): the dialect must be named, and
    /// a mapping must say how it writes times.
    ///
    /// # Errors
    /// When the dialect is not known, or the mapping cannot be used.
    pub fn of_messages(settings: &Settings) -> Result<Option<Self>, FormatError> {
        let dialect = match &settings.dialect {
            Some(name) => registry::by_name(name)?,
            None if settings.mappings.is_only() => registry::by_name(generic::NAME)?,
            None => return Ok(None),
        };
        let plan = dialect.plan_of_messages(settings)?;
        Ok(plan.map(|dialect| Self {
            shape: Sample::of_no_messages().shape,
            dialect,
            confidence: None,
        }))
    }

    /// How messages like this one are read.
    ///
    /// # Errors
    /// When it is no object of JSON, or belongs to no dialect.
    pub fn of_message(message: &[u8], settings: &Settings) -> Result<Self, FormatError> {
        let plan = Self::of_text(message, true, None, settings)?;
        match plan.shape {
            Shape::Jsonl(_) | Shape::Json(_) => Ok(Self {
                shape: Sample::of_no_messages().shape,
                ..plan
            }),
            Shape::Csv(_) | Shape::Parquet => Err(FormatError::NoDialect {
                columns: plan.dialect.columns.join(", "),
                has_times: true,
            }),
        }
    }
}

impl Sample {
    /// What is known of messages before there are any.
    pub(crate) fn of_no_messages() -> Self {
        Self {
            shape: Shape::Jsonl(JsonlSettings {
                encoding: Encoding::UTF_8,
                encoding_guessed: false,
            }),
            columns: Some(Vec::new()),
            rows: Vec::new(),
        }
    }
}

/// Turns messages into rows, in any dialect.
pub struct MessageReader {
    objects: ObjectReader,
    parser: Box<dyn RecordParser>,
}

impl MessageReader {
    /// For messages that are read by this plan.
    ///
    /// # Errors
    /// When the plan is that of another version, or its mapping is not given.
    pub fn open(plan: &Plan, settings: &Settings) -> Result<Self, FormatError> {
        let dialect = registry::by_name(&plan.dialect.dialect)?;
        Ok(Self {
            objects: ObjectReader::of(&plan.dialect.columns),
            parser: dialect.open(&plan.dialect, settings)?,
        })
    }

    /// Reads one message, which is one record, and hands over what it gives. Rows and rejects carry `line`.
    pub fn read(&mut self, message: &[u8], line: i64, sink: &mut dyn RowSink) -> Outcome {
        let item = if message.len() > MESSAGE_BYTES {
            let reason = (RejectReason::TooLong, "a record of more than 16 MiB");
            self.objects.refuse(reason, message, line)
        } else {
            self.objects.item(message, line)
        };
        match item {
            Item::Record(record) => self.parser.record(&record, sink),
            Item::Damaged(damage) => {
                sink.reject(&damage.reject());
                Outcome::Rejected
            }
            // A message is never a stretch of blank lines.
            Item::Blank { .. } => Outcome::Silent,
        }
    }
}
