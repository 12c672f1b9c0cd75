//! JSON lines: what an object becomes, what damage costs, and that reading can go on anywhere.

use std::io::Write as _;

use proptest::prelude::*;
use smartetl_formats::container::{JsonlReader, Shape};
use smartetl_formats::dialect::generic::MappingSet;
use smartetl_formats::{AtEnd, Position, Settings};

use crate::support::{
    Piece, Pieces, fixture, in_small_blocks, independent_of_pieces, paris, piece, plan_of,
    read_all, read_file, read_text, temporary,
};

const MAPPING: &str = r#"
name = "flux"
system = "scripts"
silent = { column = "kind", in = ["heartbeat"] }

[run]
job = "job.name"
run_id = "run"
host = { columns = ["where", "job.host"] }
context = "tags"
step = "step"

[[log]]
event = { column = "kind" }
moment = "at"
when = { column = "kind", in = ["begin", "end"] }
status = "state"
rows_in = "rows.read"
message = "note"

[[error]]
moment = "at"
when = { column = "kind", in = ["error"] }
error_type = "error.class"
message = "error.message"
"#;

fn with(mapping: &str) -> Settings {
    let mappings = MappingSet::parse("m.toml", mapping).unwrap_or_else(|error| panic!("{error}"));
    Settings {
        mappings: mappings.only(),
        ..paris()
    }
}

/// What one line gives.
fn rows_of(line: &str) -> Vec<String> {
    // The first line says nothing of what comes later.
    let first = r#"{"at":1769839504,"kind":"heartbeat","run":"r","job":{"name":"j"}}"#;
    let text = format!("{first}\n{first}\n{first}\n{line}\n");
    let (_, reading) = read_all(text.as_bytes(), &with(MAPPING));
    assert_eq!(reading.silent, 3, "{line}");
    reading.rows.lines
}

#[track_caller]
fn check(line: &str, expected: &str) {
    assert_eq!(rows_of(line).join("\n"), expected, "{line}");
}

#[test]
fn an_object_is_a_record() {
    check(
        r#"{"at":1769839504,"kind":"begin","run":"r","job":{"name":"j","host":"h"}}"#,
        "4.0 log 2026-01-31T06:05:04Z begin scripts j host=h run=r root=r",
    );
    // Escapes, spaces, other keys, and null, false and lists where a text belongs.
    check(
        r#" { "job" : { "host" : null, "name" : "Entrep\u00f4t \"A\"\n\ud83d\ude00", "more":[{"name":1}] } , "kind":"end",
            "run":17.50, "at":1769839504, "state":"success", "note":false, "tags":["a", {"b":1}], "rows":{"read":12} } "#
            .replace('\n', "")
            .as_str(),
        "4.0 log 2026-01-31T06:05:04Z end scripts Entrepôt \"A\"\n😀 status=success rows_in=12 message=false context=[\"a\", {\"b\":1}] run=17.50 root=17.50",
    );
    // A key that comes late, under its path or whole, and twice: the last one counts.
    check(
        r#"{"at":1,"at":1769839504,"kind":"error","run":"r","job.name":"j","error":{"message":"File not found","class":"E"}}"#,
        "4.0 error 2026-01-31T06:05:04Z error scripts j error_type=E run=r root=r message=Some(\"File not found\")",
    );
    check(
        r#"{"at":1769839504,"kind":"error","run":"r","job":{"name":"j"},"error":"as a text"}"#,
        "4.0 error 2026-01-31T06:05:04Z error scripts j run=r root=r message=None",
    );
}

#[test]
fn what_is_no_object_is_a_reject_and_costs_only_itself() {
    let deep = format!("{{\"job\":{}1{}}}", "{\"name\":".repeat(3), "}".repeat(3));
    for (line, reason) in [
        ("[1]", "json - (no JSON object)"),
        ("17", "json - (no JSON object)"),
        ("\"text\"", "json - (no JSON object)"),
        (
            "{\"at\":1769839504,\"kind\":\"be",
            "json - (no JSON: it is damaged or cut)",
        ),
        (
            "{\"at\":1769839504} {}",
            "json - (no JSON: it is damaged or cut)",
        ),
        ("{'at':1}", "json - (no JSON: it is damaged or cut)"),
        ("at;kind;run", "json - (no JSON: it is damaged or cut)"),
        (
            "{\"run\":\"\\ud83d\"}",
            "bad_value - (half a character in a string)",
        ),
        (
            "{\"run\":\"a\\u0000b\"}",
            "bad_value - (a NUL character, which no text in PostgreSQL can hold)",
        ),
        (
            "{\"run\":\"a\0b\"}",
            "json - (no JSON: it is damaged or cut)",
        ),
        (
            "{\"kind\":\"begin\",\"run\":\"r\"}",
            "missing_value at (the value is missing)",
        ),
        (
            "{\"kind\":\"begin\",\"at\":\"soon\",\"run\":\"r\"}",
            "bad_time at (`soon` is no time of the form epoch seconds)",
        ),
        (
            &deep,
            "missing_value kind (the condition of no row holds, and the record is none that the mapping calls silent)",
        ),
    ] {
        let rows = rows_of(line);
        let shown = line.replace('\0', "\u{FFFD}");
        assert_eq!(rows, [format!("4 reject {reason}: {shown:?}")], "{line}");
    }
}

#[test]
fn nesting_has_an_end() {
    let name = |depth: usize| vec!["a"; depth].join(".");
    let object = |depth: usize| format!("{}\"r\"{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    for (depth, rejected) in [(32, 0), (33, 1)] {
        let mapping = format!(
            "name = 'n'\nsystem = 's'\n[run]\njob = 'j'\nrun_id = '{}'\n[[log]]\nevent = 'begin'\nmoment = 'at'\n",
            name(depth)
        );
        let line = object(depth).replacen('{', "{\"j\":\"j\",\"at\":1769839504,", 1);
        let plan = plan_of(b"{\"j\":\"j\",\"at\":1769839504}\n", &with(&mapping));
        // What is needed must be shown.
        assert!(plan.is_err());
        let mapping = mapping.replace("run_id = '", "run_id = 'r'\nstep = '");
        let line = line.replacen('{', "{\"r\":\"r\",", 1);
        let text = format!("{{\"j\":\"j\",\"r\":\"r\",\"at\":1769839504}}\n{line}\n");
        let (_, reading) = read_all(text.as_bytes(), &with(&mapping));
        assert_eq!(
            reading.rejected, rejected,
            "{depth}: {:?}",
            reading.rows.lines
        );
    }
    // However deep what nobody asks for is.
    let deep = format!(
        "{{\"at\":1769839504,\"kind\":\"begin\",\"run\":\"r\",\"job\":{{\"name\":\"j\"}},\"x\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(rows_of(&deep).len(), 1);
}

#[test]
fn a_table_gives_the_same_rows_as_csv_and_as_json_lines() {
    let (_, csv) = read_all(&fixture("airflow/task_instance.csv"), &paris());
    let (plan, lines) = read_all(&fixture("airflow/task_instance.jsonl"), &paris());
    assert!(matches!(plan.shape, Shape::Jsonl(_)));
    let without_line = |line: &String| line.split_once('.').expect("a place").1.to_owned();
    let rows = |of: &[String]| of.iter().map(without_line).collect::<Vec<_>>();
    assert_eq!(rows(&lines.rows.lines), rows(&csv.rows.lines));
}

#[test]
fn talend_as_json_lines_is_talend() {
    let text = "{\"moment\":\"2026-01-31 07:05:04\",\"pid\":\"a1\",\"father_pid\":\"a1\",\"root_pid\":\"a1\",\"job\":\"J\",\"message_type\":\"begin\"}\n\
                {\"moment\":\"2026-01-31 07:05:09\",\"pid\":\"a1\",\"job\":\"J\",\"message_type\":\"end\",\"message\":\"success\",\"duration\":5000}\n";
    let (plan, reading) = read_all(text.as_bytes(), &paris());
    assert_eq!(plan.dialect.layout, "tstatcatcher");
    assert_eq!(
        reading.rows.lines[1],
        "2.0 log 2026-01-31T06:05:09Z end talend J status=success duration_reported_ms=5000 run=a1 root=a1"
    );
}

#[test]
fn every_form_of_time_is_read_as_in_csv() {
    let mapping = "name = 'n'\nsystem = 's'\n[run]\njob = 'j'\nrun_id = 'r'\n[[log]]\nevent = 'begin'\nmoment = 'at'\n";
    for at in [
        "1769839504",
        "1769839504000",
        "1769839504000000",
        "1769839504000000000",
        "\"2026-01-31T06:05:04Z\"",
        "\"2026-01-31T07:05:04.000+01:00\"",
        "\"2026-01-31 07:05:04\"",
        "\"31/01/2026 07:05:04\"",
    ] {
        let text = format!("{{\"j\":\"j\",\"r\":\"r\",\"at\":{at}}}\n");
        let (_, reading) = read_all(text.as_bytes(), &with(mapping));
        assert_eq!(
            reading.rows.lines,
            ["1.0 log 2026-01-31T06:05:04Z begin s j run=r root=r"],
            "{at}"
        );
    }
}

#[test]
fn reading_goes_on_behind_every_line_and_half_a_line_waits() {
    let bytes = fixture("airflow/damaged_task_instance.jsonl");
    let (plan, whole) = read_all(&bytes, &paris());
    for (position, lines) in whole.positions.iter().zip(&whole.lines_at) {
        let rest = read_text(&bytes, &plan, &paris(), *position, AtEnd::Take);
        assert_eq!(rest.rows.lines, whole.rows.lines[*lines..], "{position:?}");
        assert_eq!(rest.end, whole.end);
    }
    for length in 0..bytes.len() {
        let cut = read_text(
            &bytes[..length],
            &plan,
            &paris(),
            Position::START,
            AtEnd::Leave,
        );
        assert_eq!(cut.rows.lines, whole.rows.lines[..cut.rows.lines.len()]);
        let left = &bytes[cut.end.byte as usize..length];
        assert!(
            left.trim_ascii_start().iter().all(|byte| *byte != b'\n'),
            "{length}: only a line without end is left"
        );
        let on = read_text(&bytes, &plan, &paris(), cut.end, AtEnd::Take);
        assert_eq!(
            [cut.rows.lines, on.rows.lines].concat(),
            whole.rows.lines,
            "{length}"
        );
    }
}

#[test]
fn packed_and_in_other_encodings_it_gives_the_same_rows() {
    let text = "{\"at\":1769839504,\"kind\":\"begin\",\"run\":\"é\",\"job\":{\"name\":\"Entrepôt\"},\"note\":\"à c\\u00f4té\"}\r\n"
        .repeat(3);
    let settings = with(MAPPING);
    let (_, expected) = read_all(text.as_bytes(), &settings);
    assert_eq!(expected.rows.logs, 3);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).expect("memory takes it");
    let utf_16 = std::iter::once(0xFEFF).chain(text.encode_utf16());
    for (how, bytes) in [
        ("gzip", gzip.finish().expect("memory takes it")),
        (
            "zstd",
            zstd::encode_all(text.as_bytes(), 3).expect("memory takes it"),
        ),
        ("a mark", [b"\xEF\xBB\xBF", text.as_bytes()].concat()),
        ("UTF-16", utf_16.flat_map(u16::to_le_bytes).collect()),
        (
            "windows-1252",
            encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        ),
    ] {
        let (_, found) = read_file(&temporary(&bytes), &settings)
            .unwrap_or_else(|error| panic!("{how}: {error}"));
        assert_eq!(found.rows.lines, expected.rows.lines, "{how}");
    }
}

#[test]
fn a_long_first_line_is_recognised_all_the_same() {
    let long = format!(
        "{{\"at\":1769839504,\"kind\":\"begin\",\"note\":\"{}\",\"run\":\"r\",\"job\":{{\"name\":\"j\"}}}}\n",
        "x".repeat(300_000)
    );
    let (plan, reading) = read_all(long.repeat(3).as_bytes(), &with(MAPPING));
    assert!(matches!(plan.shape, Shape::Jsonl(_)));
    assert_eq!(reading.with_rows, 3);
}

#[test]
fn other_json_is_told_with_what_turns_it_into_lines() {
    let refused = |text: &str| {
        plan_of(text.as_bytes(), &paris())
            .expect_err("no lines")
            .to_string()
    };
    let array = "it is one JSON array, and not one object on each line\nhint: `jq -c '.[]' FILE > FILE.jsonl` turns it into lines";
    let document = "it is one JSON document over several lines, and not one object on each line\nhint: where the document is the record, \
                    `jq -c . FILE > FILE.jsonl` puts it on a line";
    for (text, expected) in [
        ("[{\"a\": 1},\n {\"a\": 2}]\n", array),
        ("[\n  {\n    \"a\": 1\n  }\n]\n", array),
        ("{\n  \"a\": 1,\n  \"b\": {}\n}\n", document),
        ("{\"a\": [\n1,\n2]}\n", document),
        ("[1,\n2]", document),
        ("{\n  \"a\": 1,\n", document),
    ] {
        assert_eq!(refused(text), expected, "{text}");
    }
    // And what only looks like it.
    for text in [
        "[INFO] text\n[WARN] more\n",
        "{a};{b}\n1;2\n",
        "{% set a = 1 %}\nselect 1\n",
    ] {
        assert!(!refused(text).contains("JSON"), "{text}: {}", refused(text));
    }
}

const RECORD_BYTES: usize = 40;

fn pieces(content: &[u8], start: Position, at_end: AtEnd, sizes: Vec<usize>) -> Vec<Piece> {
    let input = Pieces::of(content, start, sizes);
    let (settings, limits) = in_small_blocks(RECORD_BYTES);
    let columns = ["a".to_owned(), "b.c".to_owned()];
    let mut reader = JsonlReader::with_limits(input, &settings, &columns, start, at_end, limits);
    let mut pieces = Vec::new();
    while let Some(handed_out) = reader.next().expect("memory can be read") {
        pieces.push(piece(handed_out, columns.len()));
    }
    pieces
}

/// Lines that are objects, nearly objects, and anything.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just(b"{\"a\":1}".to_vec()),
        Just(b"{\"b\":{\"c\":\"x\\n\"},\"a\":[1]}\r".to_vec()),
        Just(b"  ".to_vec()),
        Just(b"{\"a\":\"\xE9\"}".to_vec()),
        Just(b"{\"a\":".to_vec()),
        Just(vec![b'x'; RECORD_BYTES + 7]),
        prop::collection::vec(any::<u8>(), 0..20),
        prop::collection::vec(
            prop::sample::select(b"{}[]\",:\\ab1.eu0nt \r".to_vec()),
            0..30
        ),
    ];
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.join(&b'\n'))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn records_do_not_depend_on_pieces_and_beginnings(content in content(), sizes in prop::collection::vec(1..9_usize, 1..5)) {
        let raw = independent_of_pieces(&content, sizes, pieces)?;
        prop_assert!(content[raw.len()..].iter().all(u8::is_ascii_whitespace));
    }

    #[test]
    fn any_bytes_as_json_lines_lose_nothing(content in content()) {
        let mapping = "name = 'n'\nsystem = 's'\n[run]\njob = 'a'\nrun_id = 'a'\n[[log]]\nevent = 'begin'\nmoment = 'b.c'\n";
        let settings = with(mapping);
        let plan = plan_of(b"{\"a\":\"a\",\"b\":{\"c\":\"2026-01-31\"}}\n", &settings).expect("it fits");
        let reading = read_text(&content, &plan, &settings, Position::START, AtEnd::Take);
        // Packed data and UTF-16 are told by their first bytes, and may then be damaged.
        if reading.error.is_none() && !content.starts_with(b"\xFF\xFE") && !content.starts_with(b"\xFE\xFF") {
            prop_assert_eq!(i64::from(reading.records()), reading.end.record);
            prop_assert_eq!(reading.rejected, reading.rows.rejects);
            prop_assert!(content.starts_with(&reading.raw));
        }
    }
}
