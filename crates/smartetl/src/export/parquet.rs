//! Parquet with zstd: one thread turns tuples into columns, another one writes them.

use std::io::BufWriter;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use anyhow::{Context as _, anyhow};
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float32Builder, Int16Builder, Int32Builder, Int64Builder,
    ListBuilder, StringBuilder, Time64MicrosecondBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use uuid::Uuid;

use super::value::{Column, Kind, Value, each, shown};
use super::{Out, Writer};

/// Rows that are handed to the writer together.
const BATCH_ROWS: usize = 8_192;
/// Rows of a row group, whose columns are in memory until it is complete.
const GROUP_ROWS: usize = 65_536;
const ENDED: &str = "the writer of the Parquet file came to an unexpected end";

pub(super) struct Parquet {
    columns: Vec<Column>,
    schema: SchemaRef,
    builders: Vec<Builder>,
    rows: usize,
    to: Option<SyncSender<RecordBatch>>,
    writer: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Parquet {
    pub(super) fn begin(out: Out, columns: Vec<Column>) -> anyhow::Result<Self> {
        let fields: Vec<Field> = shown(&columns)
            .map(|column| Field::new(&column.name, data_type(column.kind), true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS));
        // Values that hardly ever come twice: looking for them would only cost.
        for column in shown(&columns).filter(|column| matches!(column.kind, Kind::Uuid)) {
            let path = ColumnPath::from(column.name.as_str());
            properties = properties.set_column_dictionary_enabled(path, false);
        }
        let out = BufWriter::new(out);
        let mut writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties.build()))?;
        let (to, batches) = sync_channel::<RecordBatch>(2);
        let writer = std::thread::spawn(move || {
            for batch in batches {
                writer.write(&batch)?;
            }
            writer.finish()?;
            Ok(std::io::Write::flush(writer.inner_mut())?)
        });
        Ok(Self {
            builders: shown(&columns)
                .map(|column| Builder::of(column.kind))
                .collect(),
            columns,
            schema,
            rows: 0,
            to: Some(to),
            writer: Some(writer),
        })
    }

    /// Hands over the rows that were taken.
    fn send(&mut self) -> anyhow::Result<()> {
        self.rows = 0;
        let arrays = self.builders.iter_mut().map(Builder::finish).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)?;
        let sent = self.to.as_ref().is_some_and(|to| to.send(batch).is_ok());
        if sent {
            return Ok(());
        }
        // Nobody takes it any more: the writer knows why.
        self.end()?;
        Err(anyhow!(ENDED))
    }

    /// Waits until everything is written.
    fn end(&mut self) -> anyhow::Result<()> {
        self.to = None;
        let writer = self.writer.take().context(ENDED)?;
        writer.join().map_err(|_| anyhow!(ENDED))?
    }
}

impl Writer for Parquet {
    fn tuple(&mut self, tuple: &[u8]) -> anyhow::Result<()> {
        let Self {
            builders, columns, ..
        } = self;
        each(tuple, columns, |number, value| {
            builders[number]
                .append(value)
                .context("a value has another type than its column")
        })?;
        self.rows += 1;
        if self.rows == BATCH_ROWS {
            self.send()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        if self.rows > 0 {
            self.send()?;
        }
        self.end()
    }
}

const UTC: &str = "UTC";

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Bool => DataType::Boolean,
        Kind::Short => DataType::Int16,
        Kind::Int => DataType::Int32,
        Kind::Long => DataType::Int64,
        Kind::Real => DataType::Float32,
        Kind::Text | Kind::Uuid => DataType::Utf8,
        Kind::Moment => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        Kind::Date => DataType::Date32,
        Kind::Time => DataType::Time64(TimeUnit::Microsecond),
        Kind::Texts | Kind::Uuids => list_of(DataType::Utf8),
        Kind::Longs => list_of(DataType::Int64),
    }
}

fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(item, true)))
}

/// A column in the making.
enum Builder {
    Bool(BooleanBuilder),
    Short(Int16Builder),
    Int(Int32Builder),
    Long(Int64Builder),
    Real(Float32Builder),
    Text(StringBuilder),
    Moment(TimestampMicrosecondBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Texts(ListBuilder<StringBuilder>),
    Longs(ListBuilder<Int64Builder>),
}

impl Builder {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Bool => Self::Bool(BooleanBuilder::new()),
            Kind::Short => Self::Short(Int16Builder::new()),
            Kind::Int => Self::Int(Int32Builder::new()),
            Kind::Long => Self::Long(Int64Builder::new()),
            Kind::Real => Self::Real(Float32Builder::new()),
            Kind::Text | Kind::Uuid => Self::Text(StringBuilder::new()),
            Kind::Moment => Self::Moment(TimestampMicrosecondBuilder::new().with_timezone(UTC)),
            Kind::Date => Self::Date(Date32Builder::new()),
            Kind::Time => Self::Time(Time64MicrosecondBuilder::new()),
            Kind::Texts | Kind::Uuids => Self::Texts(ListBuilder::new(StringBuilder::new())),
            Kind::Longs => Self::Longs(ListBuilder::new(Int64Builder::new())),
        }
    }

    /// `None` when the value is of another type.
    fn append(&mut self, value: Option<Value<'_>>) -> Option<()> {
        let Some(value) = value else {
            self.append_null();
            return Some(());
        };
        match (self, value) {
            (Self::Bool(column), Value::Bool(value)) => column.append_value(value),
            (Self::Short(column), Value::Int(value)) => {
                column.append_value(i16::try_from(value).ok()?);
            }
            (Self::Int(column), Value::Int(value)) => {
                column.append_value(i32::try_from(value).ok()?);
            }
            (Self::Long(column), Value::Int(value)) => column.append_value(value),
            (Self::Real(column), Value::Real(value)) => column.append_value(value),
            (Self::Text(column), Value::Text(value)) => column.append_value(value),
            (Self::Text(column), Value::Uuid(value)) => {
                let mut text = Uuid::encode_buffer();
                column.append_value(value.hyphenated().encode_lower(&mut text));
            }
            (Self::Moment(column), Value::Moment(value)) => column.append_value(value.0),
            (Self::Date(column), Value::Date(value)) => column.append_value(value),
            (Self::Time(column), Value::Time(value)) => column.append_value(value),
            (Self::Texts(column), Value::Texts(values)) => {
                column.append_value(values.into_iter().map(Some));
            }
            (Self::Texts(column), Value::Uuids(values)) => {
                column.append_value(values.iter().map(|value| Some(value.to_string())));
            }
            (Self::Longs(column), Value::Longs(values)) => {
                column.append_value(values.into_iter().map(Some));
            }
            _ => return None,
        }
        Some(())
    }

    fn append_null(&mut self) {
        match self {
            Self::Bool(column) => column.append_null(),
            Self::Short(column) => column.append_null(),
            Self::Int(column) => column.append_null(),
            Self::Long(column) => column.append_null(),
            Self::Real(column) => column.append_null(),
            Self::Text(column) => column.append_null(),
            Self::Moment(column) => column.append_null(),
            Self::Date(column) => column.append_null(),
            Self::Time(column) => column.append_null(),
            Self::Texts(column) => column.append_null(),
            Self::Longs(column) => column.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Bool(column) => Arc::new(column.finish()),
            Self::Short(column) => Arc::new(column.finish()),
            Self::Int(column) => Arc::new(column.finish()),
            Self::Long(column) => Arc::new(column.finish()),
            Self::Real(column) => Arc::new(column.finish()),
            Self::Text(column) => Arc::new(column.finish()),
            Self::Moment(column) => Arc::new(column.finish()),
            Self::Date(column) => Arc::new(column.finish()),
            Self::Time(column) => Arc::new(column.finish()),
            Self::Texts(column) => Arc::new(column.finish()),
            Self::Longs(column) => Arc::new(column.finish()),
        }
    }
}
