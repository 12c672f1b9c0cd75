//! JSON documents: lists and single objects over several lines, damage in them, and where reading goes on.

use proptest::prelude::*;
use smartetl_formats::container::{DocumentReader, Shape};
use smartetl_formats::dialect::generic::MappingSet;
use smartetl_formats::{AtEnd, Position, Settings};

use crate::support::{
    Piece, Pieces, in_small_blocks, independent_of_pieces, paris, piece, plan_of, read_all,
};

const RECORD_BYTES: usize = 60;

fn pieces(content: &[u8], start: Position, at_end: AtEnd, sizes: Vec<usize>) -> Vec<Piece> {
    let input = Pieces::of(content, start, sizes);
    let (settings, limits) = in_small_blocks(RECORD_BYTES);
    let columns = ["a".to_owned()];
    let mut reader = DocumentReader::with_limits(input, &settings, &columns, start, at_end, limits);
    let mut pieces = Vec::new();
    while let Some(handed_out) = reader.next().expect("memory can be read") {
        pieces.push(piece(handed_out, columns.len()));
    }
    pieces
}

/// `line:field`, or `line!reason`.
#[track_caller]
fn check(content: &str, expected: &str) {
    let found = pieces(
        content.as_bytes(),
        Position::START,
        AtEnd::Take,
        vec![1 << 20],
    );
    let found: Vec<String> = found
        .iter()
        .map(|(line, field, _, _)| match field {
            Ok(field) => format!("{line}:{field}"),
            Err(reason) => format!("{line}!{reason}"),
        })
        .collect();
    assert_eq!(found.join(" "), expected, "{content}");
}

#[test]
fn objects_are_found_however_they_are_laid_out() {
    check("[{\"a\":1},{\"a\":2}]", "1:1 1:2");
    check("[\n  {\n    \"a\": 1\n  },\n  {\"a\": 2}\n]\n", "2:1 5:2");
    check("[ {\n  \"a\" : 1\n}, {\n  \"a\" : 2\n} ]", "1:1 3:2");
    check("{\n\"a\": {\"b\": [\n{}\n]}\n}", "1:{\"b\": [\n{}\n]}");
    check("{\"a\":1}\n{\"a\":2}{\"a\":3}\r\n", "1:1 2:2 2:3");
    check("\u{FEFF}[{\"a\":\"}]\\\"\"}]", "1:}]\"");
    check("[[{\"a\":1}],[{\"a\":2}]]", "1:1 1:2");
    check("[]", "");
}

#[test]
fn damage_costs_only_itself() {
    // A string, an object and a list that are not closed.
    check("[\n{\"a\":\"1},\n{\"a\":2}]", "2!json 3:2");
    check(
        "[\n{\"a\":{\"b\":1},\n{\"a\":2},\n{\"a\":3}]",
        "2!json 3:2 4:3",
    );
    check("[\n{\"a\":[1},\n{\"a\":2}]", "2!json 3:2");
    check("[\n{\"a\":\n  {\"b\":1,\n},\n{\"a\":2}]", "2!json 5:2");
    // Without indentation, a part of it begins as the next one would.
    check("[\n{\"a\":\n{\"b\":1,\n},\n{\"a\":2}]", "2!json 3!json 5:2");
    check("[{\"a\" 1}, {\"a\":2}]", "1!json 1:2");
    check("[null, {\"a\":2}, 7]", "1!json 1:2 1!json");
    check(
        "[\n  {\n    \"a\": \"1\n  },\n  {\n    \"a\": 2\n  }\n]",
        "2!json 5:2",
    );
    check("[ {\n  \"a\" : \"1\n}, {\n  \"a\" : 2\n} ]", "1!json 3:2");
    // At the end of what was written so far.
    check("[{\"a\":1},{\"a\":", "1:1 1!json");
    check("[{\"a\":1},\n{\"a\":{\n{\"b\":\n", "1:1 2!json 3!json");
    let long = format!("[{{\"a\":\"{}\"}},\n{{\"a\":2}}]", "x".repeat(RECORD_BYTES));
    check(&long, "1!too_long 1!json 2:2");
}

/// What documents are made of, in any order.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just(b"{\"a\":1}".to_vec()),
        Just(b"{\n  \"a\": [\n    {\"b\": \"}\"}\n  ]\n}".to_vec()),
        Just(b",\n".to_vec()),
        Just(b"[".to_vec()),
        Just(b"]\n".to_vec()),
        Just(b"}, {".to_vec()),
        Just(b"\n  {\"a\":".to_vec()),
        Just(b"{\"a\":\"\xE9\"}".to_vec()),
        Just(vec![b'x'; RECORD_BYTES + 7]),
        prop::collection::vec(any::<u8>(), 0..20),
        prop::collection::vec(
            prop::sample::select(b"{}[]\",:\\ab1.eu0nt \r\n".to_vec()),
            0..30
        ),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn records_do_not_depend_on_pieces_and_beginnings(content in content(), sizes in prop::collection::vec(1..9_usize, 1..5)) {
        let raw = independent_of_pieces(&content, sizes, pieces)?;
        let is_blank = |byte: &u8| byte.is_ascii_whitespace() || b"[],".contains(byte);
        let marks = content.starts_with(b"\xEF\xBB\xBF") && raw.is_empty();
        prop_assert!(marks || content[raw.len()..].iter().all(is_blank));
    }
}

const MAPPING: &str = "name = 'n'\nsystem = 's'\ntime_format = 'ymd'\n[run]\njob = 'job.name'\nrun_id = 'run'\n[[log]]\nevent = 'begin'\nmoment = 'at'\n";

#[test]
fn a_mapping_reads_a_document_as_it_reads_lines() {
    let settings = Settings {
        mappings: MappingSet::parse("n.toml", MAPPING)
            .expect("a good mapping")
            .only(),
        ..paris()
    };
    let lines = "{\"at\":\"2026-01-31\",\"run\":\"1\",\"job\":{\"name\":\"j\"}}\n{\"at\":\"2026-02-01\",\"run\":\"2\",\"job\":{\"name\":\"é\"}}\n";
    let (_, of_lines) = read_all(lines.as_bytes(), &settings);
    let list = format!("[{}]", lines.trim_end().replace('\n', ","));
    let (plan, of_list) = read_all(list.as_bytes(), &settings);
    assert!(matches!(plan.shape, Shape::Json(_)));
    let without_place = |lines: &[String]| -> Vec<String> {
        let behind = |line: &String| line.split_once(' ').expect("a place").1.to_owned();
        lines.iter().map(behind).collect()
    };
    assert_eq!(
        without_place(&of_list.rows.lines),
        without_place(&of_lines.rows.lines)
    );
    assert_eq!(of_list.with_rows, 2);
    // What the mapping does not know is told as before.
    assert!(plan_of(b"[{\"b\":1}]", &paris()).is_err());
}
