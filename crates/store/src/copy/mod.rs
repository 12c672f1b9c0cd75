//! PostgreSQL's binary COPY format: how rows become bytes and bytes become rows again.
//!
//! Source of the format: PostgreSQL 17 manual, "COPY", section "Binary Format". Only bytes here; connections are elsewhere.

mod dataset;
mod log;
mod logerreur;
mod narrow;
mod reader;
mod tuple;

pub(crate) use dataset::days_since_1970;
pub use dataset::{
    DATASET_COLUMNS, JOB_DAY_COLUMNS, decode_day_run, encode_job_day, encode_run, encode_trigger,
};
pub use log::{LOG_COLUMNS, decode_log, encode_log};
pub use logerreur::{ERROR_COLUMNS, ErrorFacts, decode_error, encode_error};
pub(crate) use narrow::{Columns, Layout, Named};
pub use reader::{DecodeError, Fields, TupleReader};
pub use tuple::Tuples;

use smartetl_core::model::Moment;
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64;

/// What every binary COPY stream begins with: signature, no flags, no header extension.
pub const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What every binary COPY stream ends with: a field count of −1.
pub const TRAILER: &[u8] = &[0xff, 0xff];

/// From 1970-01-01 to PostgreSQL's epoch 2000-01-01.
pub(crate) const POSTGRES_EPOCH_US: i64 = 946_684_800_000_000;
/// Days from 1970-01-01 to 2000-01-01.
const POSTGRES_EPOCH_DAYS: i32 = 10_957;

/// The names in a list of columns.
pub fn column_names(columns: &str) -> impl Iterator<Item = &str> {
    columns.split(", ")
}

/// The hash of a tuple. The wrapping sum of those of a set of tuples is its checksum, whatever their order.
pub fn tuple_checksum(tuple: &[u8]) -> i64 {
    xxh3_64(tuple) as i64
}

/// Appends one tuple to a buffer, field by field.
#[derive(Debug)]
pub(crate) struct Tuple<'o> {
    out: &'o mut Vec<u8>,
}

impl<'o> Tuple<'o> {
    pub(crate) fn new(out: &'o mut Vec<u8>, fields: usize) -> Self {
        out.extend_from_slice(&(fields as i16).to_be_bytes());
        Self { out }
    }

    /// Goes on with a tuple whose field count was written before.
    pub(crate) fn resume(out: &'o mut Vec<u8>) -> Self {
        Self { out }
    }

    pub(crate) fn null(&mut self) -> &mut Self {
        self.out.extend_from_slice(&(-1_i32).to_be_bytes());
        self
    }

    fn fixed<const N: usize>(&mut self, bytes: [u8; N]) -> &mut Self {
        self.out.extend_from_slice(&(N as i32).to_be_bytes());
        self.out.extend_from_slice(&bytes);
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.out
            .extend_from_slice(&(text.len() as i32).to_be_bytes());
        self.out.extend_from_slice(text.as_bytes());
        self
    }

    pub(crate) fn long(&mut self, value: i64) -> &mut Self {
        self.fixed(value.to_be_bytes())
    }

    pub(crate) fn int(&mut self, value: i32) -> &mut Self {
        self.fixed(value.to_be_bytes())
    }

    pub(crate) fn real(&mut self, value: f32) -> &mut Self {
        self.fixed(value.to_be_bytes())
    }

    pub(crate) fn boolean(&mut self, value: bool) -> &mut Self {
        self.fixed([u8::from(value)])
    }

    pub(crate) fn moment(&mut self, moment: Moment) -> &mut Self {
        self.fixed((moment.0 - POSTGRES_EPOCH_US).to_be_bytes())
    }

    pub(crate) fn uuid(&mut self, uuid: Uuid) -> &mut Self {
        self.fixed(*uuid.as_bytes())
    }

    /// `days` since 1970-01-01.
    pub(crate) fn date(&mut self, days: i32) -> &mut Self {
        self.fixed((days - POSTGRES_EPOCH_DAYS).to_be_bytes())
    }

    pub(crate) fn option<T>(
        &mut self,
        value: Option<T>,
        put: impl FnOnce(&mut Self, T) -> &mut Self,
    ) -> &mut Self {
        match value {
            Some(value) => put(self, value),
            None => self.null(),
        }
    }

    pub(crate) fn option_text(&mut self, text: Option<&str>) -> &mut Self {
        self.option(text, Self::text)
    }

    /// A one-dimensional array: dimensions, has-nulls, element type, length, lower bound, elements.
    pub(crate) fn array<T>(
        &mut self,
        element_type: i32,
        items: &[T],
        put: impl Fn(&mut Self, &T),
    ) -> &mut Self {
        let start = self.out.len();
        self.out.extend_from_slice(&0_i32.to_be_bytes());
        let dimensions = i32::from(!items.is_empty());
        self.out.extend_from_slice(&dimensions.to_be_bytes());
        self.out.extend_from_slice(&0_i32.to_be_bytes());
        self.out.extend_from_slice(&element_type.to_be_bytes());
        if dimensions == 1 {
            self.out
                .extend_from_slice(&(items.len() as i32).to_be_bytes());
            self.out.extend_from_slice(&1_i32.to_be_bytes());
            for item in items {
                put(self, item);
            }
        }
        let length = (self.out.len() - start - 4) as i32;
        self.out[start..start + 4].copy_from_slice(&length.to_be_bytes());
        self
    }
}

/// `bigint`, `text` and `uuid` in `pg_type`.
pub(crate) const BIGINT_TYPE: i32 = 20;
pub(crate) const TEXT_TYPE: i32 = 25;
pub(crate) const UUID_TYPE: i32 = 2950;

/// Appends the tuple of a reject. The texts must be redacted and hold no NUL.
pub fn encode_reject(
    batch: i64,
    line: i64,
    column: Option<&str>,
    reason: &str,
    detail: &str,
    raw: &str,
    out: &mut Vec<u8>,
) {
    Tuple::new(out, 6)
        .long(batch)
        .long(line)
        .option_text(column)
        .text(reason)
        .text(detail)
        .text(raw);
}
