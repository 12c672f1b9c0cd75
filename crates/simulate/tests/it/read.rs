//! Plain readers for what was written.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// A record as bytes, and where it starts.
pub struct Record {
    pub line: i64,
    pub fields: Vec<Vec<u8>>,
}

/// The records of a log file; the column names of its header or those of its table.
pub struct LogFile {
    pub names: Vec<String>,
    pub records: Vec<Record>,
}

pub fn log_file(path: &Path) -> LogFile {
    if path
        .extension()
        .is_some_and(|extension| extension == "parquet")
    {
        return parquet_file(path);
    }
    let mut bytes = std::fs::read(path).expect("a file that was written");
    if path.extension().is_some_and(|extension| extension == "gz") {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&bytes[..])
            .read_to_end(&mut plain)
            .expect("a whole gz file");
        bytes = plain;
    }
    let text = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(&bytes);
    let mut records = delimited(text, b';');
    let names = if path.extension().is_some_and(|extension| extension == "txt") {
        let name = path.file_stem().expect("a name").to_string_lossy();
        let names: &str = match name.as_ref() {
            "stats_file" => {
                "moment pid father_pid root_pid system_pid project job job_repository_id job_version context origin message_type message duration"
            }
            "logs_file" => {
                "moment pid root_pid father_pid project job context priority type origin message code"
            }
            _ => {
                "moment pid father_pid root_pid system_pid project job job_repository_id job_version context origin label count reference thresholds"
            }
        };
        names.split(' ').map(str::to_owned).collect()
    } else {
        records
            .remove(0)
            .fields
            .iter()
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect()
    };
    LogFile { names, records }
}

/// Splits text with doubled quotes into records; a line end is LF or CRLF.
pub fn delimited(text: &[u8], delimiter: u8) -> Vec<Record> {
    let mut records = Vec::new();
    let (mut line, mut started, mut quoted) = (1, 1, false);
    let mut fields = vec![Vec::new()];
    for (place, &byte) in text.iter().enumerate() {
        match byte {
            b'"' => {
                quoted = !quoted;
                if quoted && place > 0 && text[place - 1] == b'"' {
                    fields.last_mut().expect("never empty").push(b'"');
                }
            }
            b'\n' if !quoted => {
                let last = fields.last_mut().expect("never empty");
                if last.last() == Some(&b'\r') {
                    last.pop();
                }
                records.push(Record {
                    line: started,
                    fields: std::mem::replace(&mut fields, vec![Vec::new()]),
                });
                started = line + 1;
            }
            byte if byte == delimiter && !quoted => fields.push(Vec::new()),
            byte => fields.last_mut().expect("never empty").push(byte),
        }
        line += i64::from(byte == b'\n');
    }
    assert!(
        fields.len() == 1 && fields[0].is_empty(),
        "the last line is complete"
    );
    records
}

fn parquet_file(path: &Path) -> LogFile {
    let file = std::fs::File::open(path).expect("a file that was written");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file");
    let names = builder
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let mut records = Vec::new();
    for batch in builder.build().expect("a reader") {
        let batch = batch.expect("a batch");
        for row in 0..batch.num_rows() {
            let fields = batch
                .columns()
                .iter()
                .map(|column| value(column, row).into_bytes())
                .collect();
            records.push(Record {
                line: records.len() as i64 + 1,
                fields,
            });
        }
    }
    LogFile { names, records }
}

fn value(column: &dyn Array, row: usize) -> String {
    if column.is_null(row) {
        return String::new();
    }
    match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        _ => {
            let moment = column.as_primitive::<TimestampMicrosecondType>().value(row);
            let moment = jiff::Timestamp::from_microsecond(moment).expect("a moment");
            moment.strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
    }
}

/// The lines of a file of the truth, by column.
pub fn truth(folder: &Path, name: &str) -> Vec<HashMap<String, String>> {
    let bytes = std::fs::read(folder.join("truth").join(name)).expect("a file of the truth");
    let mut records = delimited(&bytes, b',').into_iter();
    let text = |field: Vec<u8>| String::from_utf8(field).expect("UTF-8");
    let header: Vec<String> = records
        .next()
        .expect("a header")
        .fields
        .into_iter()
        .map(text)
        .collect();
    records
        .map(|record| {
            assert_eq!(
                record.fields.len(),
                header.len(),
                "line {} of {name}",
                record.line
            );
            header
                .iter()
                .cloned()
                .zip(record.fields.into_iter().map(text))
                .collect()
        })
        .collect()
}
