//! Parquet: every type of column, going on at any row, and damage.

use std::fs::File;
use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BinaryArray, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array,
    LargeStringArray, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, CompressionCodec, GzipLevel, ZstdLevel};
use parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use smartetl_formats::{AtEnd, Extractor, Plan, Position};

use crate::support::{drain, fixture, paris, read_all, read_file, temporary};

pub fn written(columns: Vec<(&str, ArrayRef)>, group: usize, compression: Compression) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns
            .into_iter()
            .map(|(name, values)| (name, values, true)),
    )
    .expect("columns of one length");
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group))
        .set_compression(compression)
        .build();
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).expect("a writer");
    writer.write(&batch).expect("memory can be written");
    writer.close().expect("memory can be written");
    bytes
}

/// A statistics table of `count` rows; row 7 has no pid.
fn statistics(count: i64, group: usize) -> Vec<u8> {
    let rows = || 0..count;
    let text = |make: fn(i64) -> Option<String>| {
        Arc::new(rows().map(make).collect::<StringArray>()) as ArrayRef
    };
    written(
        vec![
            (
                "moment",
                Arc::new(
                    rows()
                        .map(|row| Some(1_769_839_504_000 + row))
                        .collect::<TimestampMillisecondArray>(),
                ),
            ),
            ("pid", text(|row| (row != 7).then(|| format!("p{row}")))),
            ("job", text(|_| Some("ventes".to_owned()))),
            (
                "message_type",
                text(|row| Some(if row % 2 == 0 { "begin" } else { "end" }.to_owned())),
            ),
            (
                "message",
                text(|row| (row % 2 == 1).then(|| "success".to_owned())),
            ),
            (
                "duration",
                Arc::new(
                    rows()
                        .map(|row| (row % 2 == 1).then_some(row))
                        .collect::<Int64Array>(),
                ),
            ),
        ],
        group,
        Compression::SNAPPY,
    )
}

#[test]
fn every_type_of_time_and_text() {
    let second = 1_769_839_504;
    let times: Vec<(&str, ArrayRef, &str)> = vec![
        (
            "s",
            Arc::new(TimestampSecondArray::from(vec![second])),
            "2026-01-31T05:05:04Z",
        ),
        (
            "ms",
            Arc::new(TimestampMillisecondArray::from(vec![second * 1_000 + 5])),
            "2026-01-31T05:05:04.005Z",
        ),
        (
            "us",
            Arc::new(TimestampMicrosecondArray::from(vec![
                second * 1_000_000 + 5,
            ])),
            "2026-01-31T05:05:04.000005Z",
        ),
        (
            "ns",
            Arc::new(TimestampNanosecondArray::from(vec![
                second * 1_000_000_000 + 5000,
            ])),
            "2026-01-31T05:05:04.000005Z",
        ),
        (
            "zone",
            Arc::new(
                TimestampMicrosecondArray::from(vec![second * 1_000_000]).with_timezone("UTC"),
            ),
            "2026-01-31T06:05:04Z",
        ),
        (
            "date",
            Arc::new(Date32Array::from(vec![20_484])),
            "2026-01-30T23:00:00Z",
        ),
        (
            "text",
            Arc::new(StringArray::from(vec!["31/01/2026 06:05:04"])),
            "2026-01-31T05:05:04Z",
        ),
        (
            "epoch",
            Arc::new(Int64Array::from(vec![second * 1_000])),
            "2026-01-31T06:05:04Z",
        ),
    ];
    for (kind, moment, expected) in times {
        let bytes = written(
            vec![
                ("Moment", moment),
                ("pid", Arc::new(Int32Array::from(vec![4711]))),
                ("job", Arc::new(StringViewArray::from(vec!["ventes"]))),
                (
                    "project",
                    Arc::new(
                        vec![Some("ENTREPOT")]
                            .into_iter()
                            .collect::<DictionaryArray<Int8Type>>(),
                    ),
                ),
                ("context", Arc::new(LargeStringArray::from(vec![""]))),
                (
                    "origin",
                    Arc::new(BinaryArray::from(vec![b"\xE9tape".as_slice()])),
                ),
                ("message_type", Arc::new(StringArray::from(vec!["end"]))),
                ("duration", Arc::new(Float64Array::from(vec![12.0]))),
            ],
            10,
            Compression::ZSTD(parquet::basic::ZstdLevel::default()),
        );
        let (_, reading) = read_file(&temporary(&bytes), &paris())
            .unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(
            reading.rows.lines,
            [format!(
                "1.0 log {expected} end talend ventes step=étape duration_reported_ms=12 project=ENTREPOT run=4711 root=4711"
            )],
            "{kind}"
        );
    }
}

#[test]
fn a_table_gives_the_same_rows_as_csv_and_as_parquet() {
    let (_, expected) = read_all(&fixture("talend/stat_without_header.csv"), &paris());
    let text = String::from_utf8(fixture("talend/stat.csv")).expect("UTF-8");
    let mut lines = text
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| line.split(';').collect::<Vec<_>>());
    let names = lines.next().expect("a header");
    let rows: Vec<Vec<&str>> = lines.collect();
    let columns = names.iter().enumerate().map(|(column, name)| {
        let values = rows
            .iter()
            .map(|row| Some(row[column]).filter(|value| !value.is_empty()));
        (*name, Arc::new(values.collect::<StringArray>()) as ArrayRef)
    });
    let bytes = written(
        columns.collect(),
        100,
        Compression::GZIP(parquet::basic::GzipLevel::default()),
    );
    let (_, found) = read_file(&temporary(&bytes), &paris()).expect("a good file");
    let without_line = |lines: &[String]| -> Vec<String> {
        lines
            .iter()
            .map(|line| line.split_once(' ').expect("a place").1.to_owned())
            .collect()
    };
    assert_eq!(
        without_line(&found.rows.lines),
        without_line(&expected.rows.lines)
    );
}

#[test]
fn reading_goes_on_at_any_row() {
    let file = temporary(&statistics(53, 10));
    let (plan, whole) = read_file(&file, &paris()).expect("a good file");
    assert_eq!((whole.records(), whole.rejected), (53, 1));
    assert!(
        whole.rows.lines[7].starts_with("8 reject missing_value pid"),
        "{}",
        whole.rows.lines[7]
    );
    assert_eq!(
        whole.end,
        Position {
            record: 53,
            byte: 0,
            line: 54
        }
    );
    for row in 0..=53_i64 {
        let start = Position {
            record: row,
            byte: 0,
            line: row + 1,
        };
        let rest =
            drain(Extractor::open(&file, &plan, &paris(), start, AtEnd::Take).expect("it goes on"));
        assert_eq!(rest.rows.lines, whole.rows.lines[row as usize..]);
        assert_eq!(rest.end, whole.end);
        assert!(whole.raw.ends_with(&rest.raw), "row {row}");
    }
    let behind = Position {
        record: 54,
        byte: 0,
        line: 55,
    };
    assert!(
        Extractor::open(&file, &plan, &paris(), behind, AtEnd::Take).is_err(),
        "the file is shorter than it was"
    );
}

#[test]
fn the_raw_bytes_depend_on_the_values_only() {
    let (_, small) = read_file(&temporary(&statistics(53, 10)), &paris()).expect("a good file");
    let (_, large) = read_file(&temporary(&statistics(53, 1000)), &paris()).expect("a good file");
    assert_eq!(small.raw, large.raw);
    let (_, other) = read_file(&temporary(&statistics(54, 10)), &paris()).expect("a good file");
    assert!(other.raw.starts_with(&small.raw) && other.raw != small.raw);
}

#[test]
fn a_nul_character_is_a_reject() {
    let text = |values: Vec<&str>| Arc::new(StringArray::from(values)) as ArrayRef;
    let bytes = written(
        vec![
            ("moment", text(vec!["2026-01-01 00:00:00"; 2])),
            ("pid", text(vec!["a\0b", "c"])),
            ("job", text(vec!["j", "j"])),
            ("message_type", text(vec!["begin", "begin"])),
        ],
        10,
        Compression::UNCOMPRESSED,
    );
    let (_, reading) = read_file(&temporary(&bytes), &paris()).expect("a good file");
    assert_eq!((reading.with_rows, reading.rejected), (1, 1));
    assert!(
        reading.rows.lines[0].starts_with("1 reject bad_value"),
        "{}",
        reading.rows.lines[0]
    );
}

/// The codec of each column chunk stands in the footer; the writer can write those alone that the reader reads.
fn with_codec(bytes: &[u8], codec: CompressionCodec) -> Vec<u8> {
    let metadata = ParquetMetaDataReader::new()
        .parse_and_finish(&temporary(bytes))
        .expect("a good file");
    let mut builder = metadata.into_builder();
    for group in builder.take_row_groups() {
        let mut group = group.into_builder();
        for chunk in group.take_columns() {
            let chunk = chunk.into_builder().set_compression_codec(codec);
            group = group.add_column_metadata(chunk.build().expect("a column chunk"));
        }
        builder = builder.add_row_group(group.build().expect("a row group"));
    }
    let footer = u32::from_le_bytes(
        bytes[bytes.len() - 8..bytes.len() - 4]
            .try_into()
            .expect("four bytes"),
    );
    let mut changed = bytes[..bytes.len() - 8 - footer as usize].to_vec();
    ParquetMetaDataWriter::new(&mut changed, &builder.build())
        .finish()
        .expect("memory can be written");
    changed
}

#[test]
fn a_compression_that_is_not_read_is_no_damage() {
    for (codec, name) in [
        (CompressionCodec::BROTLI, "brotli"),
        (CompressionCodec::LZO, "lzo"),
    ] {
        let bytes = with_codec(&statistics(53, 10), codec);
        let told = read_file(&temporary(&bytes), &paris())
            .expect_err("it is not built in")
            .to_string();
        assert_eq!(
            told,
            format!(
                "its columns are compressed with {name}, which smartETL does not read in Parquet\n\
                 hint: write it with zstd, snappy, gzip or lz4, or uncompressed"
            )
        );
    }
    // What the hint names is read.
    let moment = || Arc::new(StringArray::from(vec!["2026-01-31 06:05:04"])) as ArrayRef;
    for codec in [
        Compression::ZSTD(ZstdLevel::default()),
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::UNCOMPRESSED,
    ] {
        let text = |word: &str| Arc::new(StringArray::from(vec![word])) as ArrayRef;
        let columns = vec![
            ("moment", moment()),
            ("pid", text("a")),
            ("job", text("ventes")),
            ("message_type", text("begin")),
        ];
        let (_, reading) = read_file(&temporary(&written(columns, 10, codec)), &paris())
            .unwrap_or_else(|error| panic!("{codec}: {error}"));
        assert_eq!(reading.with_rows, 1, "{codec}");
    }
}

#[test]
fn two_columns_of_one_name_are_refused() {
    let text = |word: &str| Arc::new(StringArray::from(vec![word])) as ArrayRef;
    let bytes = written(
        vec![
            ("moment", text("2026-01-31 06:05:04")),
            ("pid", text("a")),
            ("job", text("ventes")),
            ("message_type", text("begin")),
            ("pid", text("zzz")),
        ],
        10,
        Compression::SNAPPY,
    );
    let file = temporary(&bytes);
    let told = [
        read_file(&file, &paris()).map(|_| ()),
        Plan::sample(&file, &paris()).map(|_| ()),
    ];
    for told in told {
        let told = told.expect_err("two columns of one name").to_string();
        assert!(
            told.starts_with("the column `pid` is there twice, "),
            "{told}"
        );
    }
}

#[test]
fn a_cut_file_is_told() {
    let bytes = statistics(53, 10);
    for length in [4, 5, 8, 12, bytes.len() / 2, bytes.len() - 1] {
        let error = read_file(&temporary(&bytes[..length]), &paris())
            .expect_err("it is cut")
            .to_string();
        assert!(
            error.starts_with("the Parquet file is damaged: "),
            "{length}: {error}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_damaged_file_never_panics(damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let good = statistics(53, 10);
        let plan = plan_of_file(&temporary(&good));
        let mut bytes = good;
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(extractor) = Extractor::open(&temporary(&bytes), &plan, &paris(), Position::START, AtEnd::Take) {
            let reading = drain(extractor);
            prop_assert_eq!(i64::from(reading.records()), reading.end.record);
        }
    }
}

fn plan_of_file(file: &File) -> Plan {
    Plan::examine(file, &paris()).expect("a good file")
}
