//! Reading Parquet: row groups in, rows out. Whatever the types of the columns, a row gives text, integers and times.
//!
//! A damaged file ends in an error, never in a panic: the decoder's own panics on damaged pages are caught, and
//! [`is_panic_told`] says so to the program's panic hook while they happen.

use std::cell::{Cell, OnceCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringViewArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, TimeUnit};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::CompressionCodec;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::ChunkReader;
use smartetl_core::model::RejectReason;

use super::record::Fields;
use super::{ContainerError, Damage, Encoding, Item, Position, Record, TypedMoment};

const BATCH_ROWS: usize = 4096;

/// Gives out the rows of a Parquet file, one at a time.
pub struct ParquetReader {
    names: Vec<String>,
    batches: ParquetRecordBatchReader,
    columns: Columns,
    rows: usize,
    next_row: usize,
    has_nul: bool,
    position: Position,
    raw: Vec<u8>,
}

/// The columns of the rows at hand.
#[derive(Debug, Default)]
pub(super) struct Columns {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    source: ArrayRef,
    values: Values,
    /// Numbers and times as text, made when someone asks.
    text: OnceCell<StringViewArray>,
}

#[derive(Debug)]
enum Values {
    Text(StringViewArray),
    Int(Int64Array),
    Moment { micros: Int64Array, utc: bool },
}

impl ParquetReader {
    /// Opens a file at row `start.record`. Row groups before it are not decoded.
    pub fn open(file: impl ChunkReader + 'static, start: Position) -> Result<Self, ContainerError> {
        guarded(|| {
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(damaged)?;
            let names = builder
                .schema()
                .fields()
                .iter()
                .map(|field| field.name().clone())
                .collect();
            let mut skip = usize::try_from(start.record).unwrap_or(0);
            let groups = builder.metadata().row_groups();
            let mut chunks = groups.iter().flat_map(RowGroupMetaData::columns);
            if let Some(codec) = chunks.find_map(|chunk| unread(chunk.compression_codec())) {
                return Err(ContainerError::Codec { codec });
            }
            let mut first = 0;
            while let Some(group) = groups.get(first) {
                let rows = usize::try_from(group.num_rows()).map_err(damaged)?;
                if rows > skip {
                    break;
                }
                skip -= rows;
                first += 1;
            }
            if first == groups.len() && skip > 0 {
                return Err(ContainerError::Parquet {
                    reason: format!(
                        "it has fewer than the {} rows that were read earlier",
                        start.record
                    ),
                });
            }
            let wanted = (first..groups.len()).collect();
            let batches = builder
                .with_row_groups(wanted)
                .with_offset(skip)
                .with_batch_size(BATCH_ROWS)
                .build()
                .map_err(damaged)?;
            Ok(Self {
                names,
                batches,
                columns: Columns::default(),
                rows: 0,
                next_row: 0,
                has_nul: false,
                position: start,
                raw: Vec::new(),
            })
        })
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The place behind what was handed out last.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The next row and the position behind it; `None` at the end.
    #[expect(
        clippy::should_implement_trait,
        reason = "the record borrows from the reader"
    )]
    pub fn next(&mut self) -> Result<Option<(Item<'_>, Position)>, ContainerError> {
        while self.next_row == self.rows {
            let batches = &mut self.batches;
            let Some(batch) = guarded(|| batches.next().transpose().map_err(damaged))? else {
                return Ok(None);
            };
            self.columns = guarded(|| Columns::of(&batch))?;
            self.rows = batch.num_rows();
            self.next_row = 0;
            self.has_nul = (0..self.rows).any(|row| self.columns.has_nul(row));
        }
        let row = self.next_row;
        self.next_row += 1;
        let line = self.position.line;
        self.position.record += 1;
        self.position.line += 1;
        self.raw.clear();
        self.columns.render(row, &mut self.raw);
        let record = Record {
            line,
            raw: &self.raw,
            fields: Fields::Row {
                columns: &self.columns,
                row,
            },
        };
        if self.has_nul && self.columns.has_nul(row) {
            let damage = Damage {
                line,
                reason: RejectReason::BadValue,
                detail: "a NUL character, which no text in PostgreSQL can hold",
                raw: &self.raw,
                shown: record.shown(),
            };
            return Ok(Some((Item::Damaged(damage), self.position)));
        }
        Ok(Some((Item::Record(record), self.position)))
    }
}

impl Columns {
    fn of(batch: &RecordBatch) -> Result<Self, ContainerError> {
        let columns = batch
            .columns()
            .iter()
            .map(|column| Column::of(column.clone()))
            .collect::<Result<_, _>>()?;
        Ok(Self { columns })
    }

    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn text(&self, column: usize, row: usize) -> Option<&str> {
        let column = self.columns.get(column)?;
        let array = match &column.values {
            Values::Text(array) => array,
            Values::Moment { micros, utc: true } => column.text.get_or_init(|| utc_as_text(micros)),
            Values::Int(_) | Values::Moment { .. } => {
                column.text.get_or_init(|| as_text(&column.source))
            }
        };
        array
            .is_valid(row)
            .then(|| array.value(row))
            .filter(|text| !text.is_empty())
    }

    pub(super) fn int(&self, column: usize, row: usize) -> Option<i64> {
        match &self.columns.get(column)?.values {
            Values::Int(array) => array.is_valid(row).then(|| array.value(row)),
            Values::Text(_) | Values::Moment { .. } => None,
        }
    }

    pub(super) fn moment(&self, column: usize, row: usize) -> Option<TypedMoment> {
        match &self.columns.get(column)?.values {
            Values::Moment { micros, utc } if micros.is_valid(row) => Some(if *utc {
                TypedMoment::Utc(micros.value(row))
            } else {
                TypedMoment::Local(micros.value(row))
            }),
            _ => None,
        }
    }

    fn has_nul(&self, row: usize) -> bool {
        self.columns.iter().any(|column| match &column.values {
            Values::Text(array) => array.is_valid(row) && array.value(row).contains('\0'),
            Values::Int(_) | Values::Moment { .. } => false,
        })
    }

    /// Kind, length and bytes of each value: no two rows of different values look the same.
    fn render(&self, row: usize, raw: &mut Vec<u8>) {
        for column in &self.columns {
            match &column.values {
                Values::Text(array) if array.is_valid(row) => {
                    let text = array.value(row);
                    raw.push(1);
                    raw.extend_from_slice(&(text.len() as u64).to_le_bytes());
                    raw.extend_from_slice(text.as_bytes());
                }
                Values::Int(array) if array.is_valid(row) => {
                    raw.push(2);
                    raw.extend_from_slice(&array.value(row).to_le_bytes());
                }
                Values::Moment { micros, .. } if micros.is_valid(row) => {
                    raw.push(3);
                    raw.extend_from_slice(&micros.value(row).to_le_bytes());
                }
                Values::Text(_) | Values::Int(_) | Values::Moment { .. } => raw.push(0),
            }
        }
    }
}

impl Column {
    fn of(source: ArrayRef) -> Result<Self, ContainerError> {
        let kind = match source.data_type() {
            DataType::Dictionary(_, values) => values.as_ref().clone(),
            other => other.clone(),
        };
        let values = match kind {
            _ if kind.is_integer() => {
                let ints = arrow_cast::cast(&source, &DataType::Int64).map_err(damaged)?;
                Values::Int(ints.as_primitive::<Int64Type>().clone())
            }
            DataType::Timestamp(_, ref zone) => moments(&source, zone.clone())?,
            DataType::Date32 | DataType::Date64 => moments(&source, None)?,
            _ => Values::Text(as_text(&source)),
        };
        Ok(Self {
            source,
            values,
            text: OnceCell::new(),
        })
    }
}

fn moments(source: &ArrayRef, zone: Option<Arc<str>>) -> Result<Values, ContainerError> {
    let utc = zone.is_some();
    let micros = arrow_cast::cast(source, &DataType::Timestamp(TimeUnit::Microsecond, zone))
        .map_err(damaged)?;
    let micros = micros
        .as_primitive::<TimestampMicrosecondType>()
        .reinterpret_cast::<Int64Type>();
    Ok(Values::Moment { micros, utc })
}

/// Moments in UTC, whatever their column calls its zone: arrow knows zones by offset only.
fn utc_as_text(micros: &Int64Array) -> StringViewArray {
    let text = |micros: i64| {
        jiff::Timestamp::from_microsecond(micros)
            .map_or_else(|_| micros.to_string(), |stamp| stamp.to_string())
    };
    micros.iter().map(|micros| micros.map(text)).collect()
}

/// Any column as text. Bytes without a declared encoding are UTF-8 or, value by value, windows-1252.
fn as_text(source: &ArrayRef) -> StringViewArray {
    if let Ok(bytes) = arrow_cast::cast(source, &DataType::BinaryView)
        && !matches!(
            source.data_type(),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
        )
        && is_binary(source.data_type())
    {
        let decode = |bytes| match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => Encoding::WINDOWS_1252.decode_lossy(bytes).into_owned(),
        };
        return bytes
            .as_binary_view()
            .iter()
            .map(|value| value.map(decode))
            .collect();
    }
    if let Ok(text) = arrow_cast::cast(source, &DataType::Utf8View) {
        return text.as_string_view().clone();
    }
    let options = FormatOptions::default();
    let Ok(formatter) = ArrayFormatter::try_new(source.as_ref(), &options) else {
        return std::iter::repeat_n(None::<&str>, source.len()).collect();
    };
    (0..source.len())
        .map(|row| {
            source
                .is_valid(row)
                .then(|| formatter.value(row).to_string())
        })
        .collect()
}

fn is_binary(kind: &DataType) -> bool {
    match kind {
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => true,
        DataType::Dictionary(_, values) => is_binary(values),
        _ => false,
    }
}

/// The name of a compression that is not built in (see the features of `parquet` in the workspace's `Cargo.toml`).
fn unread(codec: CompressionCodec) -> Option<&'static str> {
    match codec {
        CompressionCodec::BROTLI => Some("brotli"),
        CompressionCodec::LZO => Some("lzo"),
        CompressionCodec::UNCOMPRESSED
        | CompressionCodec::SNAPPY
        | CompressionCodec::GZIP
        | CompressionCodec::ZSTD
        | CompressionCodec::LZ4
        | CompressionCodec::LZ4_RAW => None,
    }
}

fn damaged(error: impl std::fmt::Display) -> ContainerError {
    ContainerError::Parquet {
        reason: error.to_string(),
    }
}

thread_local! {
    /// The decoder works on this thread, and whatever it does is caught.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread, just now, is caught and told as an error: nobody need hear of it otherwise.
pub fn is_panic_told() -> bool {
    GUARDED.get()
}

/// Damaged pages can make the decoder panic; here that is an error like any other.
fn guarded<T>(work: impl FnOnce() -> Result<T, ContainerError>) -> Result<T, ContainerError> {
    let before = GUARDED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(before);
    done.unwrap_or_else(|panic| {
        let reason = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("the decoder gave up");
        Err(ContainerError::Parquet {
            reason: reason.to_owned(),
        })
    })
}
