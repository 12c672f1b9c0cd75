//! Parquet with the columns of the catchers.

use super::Table;
use super::damage::Suffers;
use super::record::Cell;
use arrow_array::builder::{
    ArrayBuilder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Rows of one row group.
const ROWS_OF_A_GROUP: i64 = 65_536;

/// A Parquet file while it is written.
pub(crate) struct ParquetFile {
    writer: ArrowWriter<File>,
    schema: SchemaRef,
    columns: Vec<Column>,
    moment_is_text: bool,
    rows: i64,
}

enum Column {
    Text(StringBuilder),
    Int(Int64Builder),
    Moment(TimestampMicrosecondBuilder),
}

impl ParquetFile {
    /// `moment_is_text`: `yyyy-MM-dd HH:mm:ss`, else a timestamp without zone.
    pub(crate) fn create(
        path: &Path,
        table: Table,
        moment_is_text: bool,
    ) -> Result<Self, ParquetError> {
        let mut columns = Vec::new();
        let mut fields = Vec::new();
        for &name in table.columns() {
            let (column, kind) = if name == "moment" && !moment_is_text {
                (
                    Column::Moment(TimestampMicrosecondBuilder::new()),
                    DataType::Timestamp(TimeUnit::Microsecond, None),
                )
            } else if Table::is_number(name) {
                (Column::Int(Int64Builder::new()), DataType::Int64)
            } else {
                (Column::Text(StringBuilder::new()), DataType::Utf8)
            };
            columns.push(column);
            fields.push(Field::new(name, kind, true));
        }
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .build();
        let writer =
            ArrowWriter::try_new(File::create(path)?, Arc::clone(&schema), Some(properties))?;
        Ok(Self {
            writer,
            schema,
            columns,
            moment_is_text,
            rows: 0,
        })
    }

    pub(crate) fn suffers(&self) -> Suffers {
        Suffers {
            is_text: false,
            moment_is_text: self.moment_is_text,
        }
    }

    /// Writes a record; tells its row, from 1.
    pub(crate) fn write(&mut self, cells: &[Cell]) -> Result<i64, ParquetError> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            match (column, cell) {
                (Column::Text(column), Cell::Text(text)) => column.append_value(text),
                (Column::Text(column), Cell::Moment(moment)) => {
                    let mut text = String::with_capacity(19);
                    super::civil(&mut text, *moment, ' ');
                    column.append_value(text);
                }
                (Column::Text(column), _) => column.append_null(),
                (Column::Int(column), Cell::Int(number)) => column.append_value(*number),
                (Column::Int(column), _) => column.append_null(),
                (Column::Moment(column), Cell::Moment(moment)) => {
                    column.append_value(moment * 1_000);
                }
                (Column::Moment(column), _) => column.append_null(),
            }
        }
        self.rows += 1;
        if self.rows % ROWS_OF_A_GROUP == 0 {
            self.flush()?;
        }
        Ok(self.rows)
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        let arrays = self.columns.iter_mut().map(Column::finish).collect();
        self.writer
            .write(&RecordBatch::try_new(Arc::clone(&self.schema), arrays)?)?;
        self.writer.flush()
    }

    pub(crate) fn close(mut self) -> Result<(), ParquetError> {
        if self.columns.iter().any(|column| column.len() > 0) {
            self.flush()?;
        }
        self.writer.close().map(|_| ())
    }
}

impl Column {
    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) => Arc::new(column.finish()),
            Self::Int(column) => Arc::new(column.finish()),
            Self::Moment(column) => Arc::new(column.finish()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Text(column) => column.len(),
            Self::Int(column) => column.len(),
            Self::Moment(column) => column.len(),
        }
    }
}
