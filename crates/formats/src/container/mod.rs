//! How bytes become records: decompression, encodings, CSV, JSON lines, JSON documents and Parquet, and the
//! recognition of all of them.
//!
//! A container knows nothing about ETL tools. It never loses a byte: each record says which content bytes it was made
//! of, and what cannot be a record is handed out as damaged, not dropped.

mod content;
mod csv;
mod detect;
mod document;
mod encoding;
mod flatten;
mod json;
mod jsonl;
mod object;
mod parquet;
mod record;
mod split;
mod window;

pub use content::{Compression, Content, is_behind};
pub use csv::{AtEnd, CsvReader, CsvSettings, Limits, delimiter_name};
pub use detect::{
    Overrides, SAMPLE_BYTES, Sample, Shape, WITHOUT_HEADER, detect, is_table, sample_of,
    sample_parquet, take_sample,
};
pub use document::DocumentReader;
pub use encoding::Encoding;
pub use json::{Json, recognise_json};
pub use jsonl::{JsonlReader, JsonlSettings};
pub use object::{ObjectReader, ObjectStream};
pub use parquet::{ParquetReader, is_panic_told};
pub use record::{Damage, Item, Record, TypedMoment};

/// Where a reader stands: behind `record` records and `byte` content bytes, before physical line `line` (from 1).
///
/// Content bytes are those after decompression, for UTF-16 after transcoding to UTF-8. For Parquet `byte` is 0 and
/// `line` the number of the next row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    pub record: i64,
    pub byte: u64,
    pub line: i64,
}

impl Position {
    pub const START: Self = Self {
        record: 0,
        byte: 0,
        line: 1,
    };
}

impl Default for Position {
    fn default() -> Self {
        Self::START
    }
}

/// What stops the reading of a whole source. Everything before the place was handed out.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    #[error("cannot read on behind record {} (line {}): {source}", place.record, place.line)]
    Read {
        place: Position,
        source: std::io::Error,
    },
    #[error("the compressed data is cut or damaged behind record {} (line {}): {reason}\nhint: copy the file again; the records before it were read", place.record, place.line)]
    Cut { place: Position, reason: String },
    #[error("behind the compressed data stand bytes that are no gzip (behind record {}, line {})\nhint: all records before them were read; copy the file again, or cut these bytes off", place.record, place.line)]
    Behind { place: Position },
    #[error("the Parquet file is damaged: {reason}\nhint: copy or export the file again")]
    Parquet { reason: String },
    #[error(
        "its columns are compressed with {codec}, which smartETL does not read in Parquet\nhint: write it with zstd, snappy, gzip or lz4, or uncompressed"
    )]
    Codec { codec: &'static str },
    #[error("this is no text and no Parquet file: {found}")]
    Binary { found: &'static str },
    #[error("it is packed with {with}\nhint: unpack it, or pack it with gzip or zstd")]
    Packed { with: &'static str },
    #[error(
        "unknown encoding `{label}`\nhint: utf-8, windows-1252, iso-8859-15, utf-16le, utf-16be and other labels of the WHATWG list whose text holds ASCII as it is"
    )]
    UnknownEncoding { label: String },
}

impl ContainerError {
    /// Why reading stopped at a place: because of the bytes, or because of what they lie on.
    pub fn stopped(error: std::io::Error, place: Position) -> Self {
        use std::io::ErrorKind;
        if content::is_behind(&error) {
            return Self::Behind { place };
        }
        // zstd reports damage as an error of its own library, without a number of the system's.
        let of_the_bytes = matches!(
            error.kind(),
            ErrorKind::UnexpectedEof | ErrorKind::InvalidInput | ErrorKind::InvalidData
        ) || (error.kind() == ErrorKind::Other
            && error.raw_os_error().is_none());
        if of_the_bytes {
            Self::Cut {
                place,
                reason: error.to_string(),
            }
        } else {
            Self::Read {
                place,
                source: error,
            }
        }
    }
}
