//! Parquet with zstd. Several encoders share the columns: each walks all tuples and makes its own columns of them, while whoever
//! brings the tuples goes on.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use anyhow::{Context as _, anyhow};
use arrow_array::ArrayRef;
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float32Builder, Int16Builder, Int32Builder, Int64Builder,
    ListBuilder, StringBuilder, Time64MicrosecondBuilder, TimestampMicrosecondBuilder,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use smartetl_store::copy::Tuples;
use uuid::Uuid;

use super::Writer;
use super::value::{Column, Kind, Value, each, shown};

/// Rows that are handed to the encoders together.
const BATCH_ROWS: usize = 8_192;
/// Rows of a row group, whose encoded columns are in memory until it is complete.
const GROUP_ROWS: usize = 8 * BATCH_ROWS;
/// More encoders than these would mostly walk tuples.
const MOST_ENCODERS: usize = 4;
const ENDED: &str = "the writer of the Parquet file came to an unexpected end";

pub(super) struct Parquet {
    tuples: Vec<u8>,
    rows: usize,
    rows_of_group: usize,
    groups: usize,
    factory: ArrowRowGroupWriterFactory,
    encoders: Vec<Encoder>,
    file: Option<SerializedFileWriter<BufWriter<File>>>,
}

/// A thread that encodes some of the columns.
struct Encoder {
    to: SyncSender<Message>,
    /// A row group's columns, by their numbers.
    from: Receiver<Vec<(usize, ArrowColumnChunk)>>,
    thread: JoinHandle<anyhow::Result<()>>,
}

enum Message {
    /// A row group begins; those who write its columns, by their numbers.
    Begin(Vec<(usize, ArrowColumnWriter)>),
    Tuples(Arc<Vec<u8>>),
    /// The row group is complete.
    End,
}

impl Parquet {
    pub(super) fn begin(file: File, columns: Vec<Column>) -> anyhow::Result<Self> {
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
        let out = BufWriter::new(file);
        let writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties.build()))?;
        let (file, factory) = writer.into_serialized_writer()?;
        let count = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(MOST_ENCODERS);
        let encoders = (0..count)
            .map(|number| Encoder::start(number, count, &columns, &schema))
            .collect();
        Ok(Self {
            tuples: Vec::new(),
            rows: 0,
            rows_of_group: 0,
            groups: 0,
            factory,
            encoders,
            file: Some(file),
        })
    }

    /// Hands the waiting tuples to the encoders.
    fn send(&mut self) -> anyhow::Result<()> {
        if self.rows_of_group == 0 {
            let count = self.encoders.len();
            let mut shares: Vec<Vec<_>> = (0..count).map(|_| Vec::new()).collect();
            let writers = self.factory.create_column_writers(self.groups)?;
            for (number, writer) in writers.into_iter().enumerate() {
                shares[number % count].push((number, writer));
            }
            for (number, share) in shares.into_iter().enumerate() {
                self.tell(number, Message::Begin(share))?;
            }
        }
        let capacity = self.tuples.capacity();
        let tuples = Arc::new(std::mem::replace(
            &mut self.tuples,
            Vec::with_capacity(capacity),
        ));
        for number in 0..self.encoders.len() {
            self.tell(number, Message::Tuples(Arc::clone(&tuples)))?;
        }
        self.rows_of_group += std::mem::take(&mut self.rows);
        if self.rows_of_group >= GROUP_ROWS {
            self.end_group()?;
        }
        Ok(())
    }

    /// Writes the columns of a complete row group, in their order.
    fn end_group(&mut self) -> anyhow::Result<()> {
        self.rows_of_group = 0;
        self.groups += 1;
        for number in 0..self.encoders.len() {
            self.tell(number, Message::End)?;
        }
        let mut chunks = Vec::new();
        for number in 0..self.encoders.len() {
            match self.encoders[number].from.recv() {
                Ok(share) => chunks.extend(share),
                Err(_) => return Err(self.why_it_ended()),
            }
        }
        chunks.sort_unstable_by_key(|(number, _)| *number);
        let mut group = self.file.as_mut().context(ENDED)?.next_row_group()?;
        for (_, chunk) in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
        Ok(())
    }

    fn tell(&mut self, number: usize, message: Message) -> anyhow::Result<()> {
        match self.encoders[number].to.send(message) {
            Ok(()) => Ok(()),
            Err(_) => Err(self.why_it_ended()),
        }
    }

    /// Why an encoder takes nothing any more.
    fn why_it_ended(&mut self) -> anyhow::Error {
        for encoder in self.encoders.drain(..) {
            drop(encoder.to);
            if let Ok(Err(error)) = encoder.thread.join() {
                return error;
            }
        }
        anyhow!(ENDED)
    }
}

impl Writer for Parquet {
    fn tuple(&mut self, tuple: &[u8]) -> anyhow::Result<()> {
        self.tuples.extend_from_slice(tuple);
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
        if self.rows_of_group > 0 {
            self.end_group()?;
        }
        let file = self.file.take().context(ENDED)?;
        Ok(file.into_inner()?.flush()?)
    }
}

impl Encoder {
    /// The one that encodes the columns `number`, `number + count` and so on of those that are shown.
    fn start(number: usize, count: usize, columns: &[Column], schema: &SchemaRef) -> Self {
        let (to, messages) = sync_channel(2);
        let (done, from) = sync_channel(1);
        let columns = columns.to_vec();
        let schema = Arc::clone(schema);
        let thread = std::thread::spawn(move || {
            let share = Share {
                number,
                count,
                columns,
                schema,
            };
            share.encode(&messages, &done)
        });
        Self { to, from, thread }
    }
}

/// What an encoder works on.
struct Share {
    number: usize,
    count: usize,
    columns: Vec<Column>,
    schema: SchemaRef,
}

impl Share {
    fn encode(
        &self,
        messages: &Receiver<Message>,
        done: &SyncSender<Vec<(usize, ArrowColumnChunk)>>,
    ) -> anyhow::Result<()> {
        let kinds = shown(&self.columns).skip(self.number).step_by(self.count);
        let mut builders: Vec<Builder> = kinds.map(|column| Builder::of(column.kind)).collect();
        let mut writers = Vec::new();
        for message in messages {
            match message {
                Message::Begin(of_group) => writers = of_group,
                Message::Tuples(tuples) => {
                    for tuple in Tuples(&tuples) {
                        self.take(tuple, &mut builders)?;
                    }
                    for ((column, writer), builder) in writers.iter_mut().zip(&mut builders) {
                        let array = builder.finish();
                        for leaf in compute_leaves(self.schema.field(*column), &array)? {
                            writer.write(&leaf)?;
                        }
                    }
                }
                Message::End => {
                    let closed = std::mem::take(&mut writers).into_iter();
                    let closed = closed.map(|(column, writer)| Ok((column, writer.close()?)));
                    let closed = closed.collect::<anyhow::Result<_>>()?;
                    if done.send(closed).is_err() {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn take(&self, tuple: &[u8], builders: &mut [Builder]) -> anyhow::Result<()> {
        let is_own = |column: usize| column % self.count == self.number;
        each(tuple, &self.columns, is_own, |column, value| {
            builders[column / self.count]
                .append(value)
                .context("a value has another type than its column")
        })
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
        Kind::Texts => list_of(DataType::Utf8),
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
            Kind::Texts => Self::Texts(ListBuilder::new(StringBuilder::new())),
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
