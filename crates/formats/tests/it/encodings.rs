//! The same text in every encoding and packing gives the same rows.

use std::io::Write as _;

use smartetl_core::model::RejectReason;
use smartetl_formats::container::{Encoding, Shape};
use smartetl_formats::{AtEnd, Extractor, Position};

use crate::support::{Rows, drain, fixture, paris, read_all, read_file, read_text, temporary};

fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "utf-16le" => std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect(),
        "utf-16be" => std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect(),
        "utf-8 with mark" => [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat(),
        label => {
            let encoding =
                encoding_rs::Encoding::for_label(label.as_bytes()).expect("a known label");
            let (bytes, _, lost) = encoding.encode(text);
            assert!(!lost, "the text can be written in {label}");
            bytes.into_owned()
        }
    }
}

#[test]
fn every_encoding_gives_the_same_rows() {
    // ISO-8859-15 has no long dash.
    let text = String::from_utf8(fixture("talend/log.csv"))
        .expect("UTF-8")
        .replace('—', "-");
    let (_, expected) = read_all(text.as_bytes(), &paris());
    assert!(
        expected
            .rows
            .lines
            .iter()
            .any(|line| line.contains("œuvre à 5 €"))
    );
    for encoding in [
        "utf-8",
        "utf-8 with mark",
        "windows-1252",
        "iso-8859-15",
        "utf-16le",
        "utf-16be",
    ] {
        let bytes = encoded(&text, encoding);
        let (plan, found) = read_all(&bytes, &paris());
        assert_eq!(found.rows, expected.rows, "{encoding}");
        let Shape::Csv(csv) = &plan.shape else {
            panic!("{encoding} is read as {:?}", plan.shape)
        };
        let label = encoding.trim_end_matches(" with mark");
        assert_eq!(
            csv.encoding,
            Encoding::parse(label).expect("a known label"),
            "{encoding}"
        );
        // Positions are inside the content, so going on works in every encoding.
        for (position, lines) in found.positions.iter().zip(&found.lines_at) {
            let rest = read_text(&bytes, &plan, &paris(), *position, AtEnd::Take);
            assert_eq!(
                rest.rows.lines,
                expected.rows.lines[*lines..],
                "{encoding} from {position:?}"
            );
        }
    }
}

#[test]
fn an_encoding_can_be_set() {
    let text = "moment;pid;job;message_type;message\n2026-01-01 00:00:00;a;œuf;begin;\n";
    let mut settings = paris();
    settings.overrides.encoding = Some(Encoding::parse("ISO_8859-15").expect("a label"));
    let (_, reading) = read_all(&encoded(text, "iso-8859-15"), &settings);
    assert!(
        reading.rows.lines[0].contains("œuf"),
        "{:?}",
        reading.rows.lines
    );
    assert!(Encoding::parse("utf-7").is_err() && Encoding::parse("shift_jis").is_err());
}

#[test]
fn utf_8_that_was_set_refuses_what_it_cannot_read_and_guessed_utf_8_reads_windows_1252() {
    let head = "moment;pid;job;message_type;message\n2026-01-01 00:00:00;a;é;begin;\n";
    // Behind the sample, so that it cannot be taken into account when the encoding is recognised.
    let filler = "2026-01-01 00:00:00;a;job;begin;\n".repeat(3000);
    let bytes = [
        head.as_bytes(),
        filler.as_bytes(),
        b"2026-01-01 00:00:00;a;\xE9t\xE9;begin;\n",
    ]
    .concat();
    let (_, guessed) = read_all(&bytes, &paris());
    assert_eq!(guessed.rejected, 0);
    assert!(
        guessed
            .rows
            .lines
            .last()
            .expect("rows")
            .contains("talend été run=a")
    );
    let mut settings = paris();
    settings.overrides.encoding = Some(Encoding::UTF_8);
    let (_, set) = read_all(&bytes, &settings);
    assert_eq!(set.rejected, 1);
    let reject = set.rows.lines.last().expect("rows");
    assert!(
        reject.contains(RejectReason::Encoding.as_str()) && reject.contains("été"),
        "{reject}"
    );
}

#[test]
fn packed_sources_give_the_same_rows() {
    let original = fixture("talend/log.csv");
    let (plan, expected) = read_all(&original, &paris());
    let (first, second) = original.split_at(original.len() / 2);
    let zst = |bytes: &[u8]| zstd::encode_all(bytes, 3).expect("memory can be written");
    for (name, packed) in [
        ("gzip", gzip(&original)),
        ("gzip of two members", [gzip(first), gzip(second)].concat()),
        ("zstd", zst(&original)),
        ("zstd of two frames", [zst(first), zst(second)].concat()),
        (
            "gzip of UTF-16",
            gzip(&encoded(
                std::str::from_utf8(&original).expect("UTF-8"),
                "utf-16le",
            )),
        ),
    ] {
        let (_, found) = read_all(&packed, &paris());
        assert_eq!(found.rows, expected.rows, "{name}");
        assert_eq!(
            found.raw, expected.raw,
            "{name}: the lineage is that of the plain file"
        );
        let middle = found.positions[2];
        let rest = read_text(&packed, &plan, &paris(), middle, AtEnd::Take);
        assert_eq!(
            rest.rows.lines,
            expected.rows.lines[found.lines_at[2]..],
            "{name}"
        );
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

#[test]
fn what_stands_behind_gzip_costs_no_record() {
    // The last line is whole, and has no end.
    let long = fixture("talend/stat.csv").trim_ascii_end().to_vec();
    let short = b"moment;pid;job;message_type\n2026-01-05 02:00:00;a;ventes;begin".to_vec();
    let lines = fixture("airflow/task_instance.jsonl")
        .trim_ascii_end()
        .to_vec();
    let document = fixture("openlineage/events.json");
    for content in [long, short, lines, document] {
        let (plan, expected) = read_all(&content, &paris());
        for junk in ["garbage", "\0\0g", "x", &"g".repeat(200_000)] {
            let file = temporary(&[&gzip(&content), junk.as_bytes()].concat());
            let (found, reading) = read_file(&file, &paris()).expect("its records can be read");
            assert_eq!((&found, &reading.rows), (&plan, &expected.rows));
            assert_eq!(reading.positions, expected.positions);
            let end = expected.end;
            let told = format!(
                "behind the compressed data stand bytes that are no gzip (behind record {}, line {})\n\
                 hint: all records before them were read; copy the file again, or cut these bytes off",
                end.record, end.line
            );
            assert_eq!(reading.error, Some(told.clone()));
            // Where a last line may still be written it is left, and the rest told only behind it.
            let mut extractor =
                Extractor::open(&file, &plan, &paris(), Position::START, AtEnd::Leave)
                    .expect("it can be opened");
            let mut rows = Rows::default();
            while extractor.step(&mut rows).is_ok_and(|step| step.is_some()) {}
            if extractor.leaves_line() {
                extractor.take_rest();
                let rest = drain(extractor);
                rows.lines.extend(rest.rows.lines);
                assert_eq!(rest.error, Some(told.clone()));
            }
            assert_eq!(rows.lines, expected.rows.lines);
            // Read on from its end, it is told again.
            let again = Extractor::open(&file, &plan, &paris(), end, AtEnd::Take);
            assert_eq!(drain(again.expect("it can be opened")).error, Some(told));
        }
    }
}

#[test]
fn zeros_behind_members_of_gzip_are_padding() {
    let original = fixture("talend/stat.csv");
    let (plan, expected) = read_all(&original, &paris());
    let (first, second) = original.split_at(original.len() / 3);
    for zeros in [1, 9, 10, 511, 64 * 1024, 200_000] {
        let zeros = vec![0; zeros];
        let padded = [&gzip(first), zeros.as_slice(), &gzip(second), &zeros].concat();
        let (found, reading) = read_file(&temporary(&padded), &paris()).expect("it can be read");
        assert_eq!((&found, reading.error), (&plan, None));
        assert_eq!(reading.rows, expected.rows);
    }
    // A member that is cut is damage, as ever.
    let cut = [&gzip(first), &gzip(second)[..7]].concat();
    let (_, reading) = read_file(&temporary(&cut), &paris()).expect("its records can be read");
    let error = reading.error.expect("it is told");
    assert!(error.contains("is cut or damaged behind record"), "{error}");
}

#[test]
fn packed_data_that_is_cut_gives_its_whole_records_and_then_says_so() {
    let original = fixture("talend/stat.csv");
    let (plan, expected) = read_all(&original, &paris());
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(&original).expect("memory can be written");
    let gzip = encoder.finish().expect("memory can be written");
    let zst = zstd::encode_all(original.as_slice(), 1).expect("memory can be written");
    let mut some = false;
    for packed in [gzip, zst] {
        for length in 4..packed.len() {
            let reading = read_text(
                &packed[..length],
                &plan,
                &paris(),
                Position::START,
                AtEnd::Take,
            );
            let count = reading.rows.lines.len();
            assert_eq!(reading.rows.lines, expected.rows.lines[..count], "{length}");
            let error = reading
                .error
                .unwrap_or_else(|| panic!("{length} of {} bytes: no error", packed.len()));
            assert!(error.contains("is cut or damaged behind record"), "{error}");
            some |= count > 0;
        }
    }
    assert!(some, "some records came out before a cut");
    let error = read_file(&temporary(&[0x1F, 0x8B]), &paris())
        .expect_err("nothing but a magic number")
        .to_string();
    assert!(
        error.starts_with("the compressed data is cut or damaged behind record 0 (line 1)"),
        "{error}"
    );
}
