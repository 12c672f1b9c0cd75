//! The record splitter against a slow reference, whatever the content, the pieces it comes in, and where reading begins.

use std::io::Cursor;

use proptest::prelude::*;
use smartetl_core::model::RejectReason;
use smartetl_formats::container::{CsvReader, CsvSettings, Item, Limits, Overrides, Sample};
use smartetl_formats::{AtEnd, Position, Settings};

use crate::support::{Pieces, fixture, paris, read_all, read_text};

const QUOTE_BYTES: usize = 12;
const QUOTE_LINES: usize = 2;
const RECORD_BYTES: usize = 40;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// A record or its reject: line, fields or reason, raw bytes.
type Piece = (i64, Result<Vec<String>, RejectReason>, Vec<u8>);

fn limits(block_bytes: usize) -> Limits {
    Limits {
        quote_bytes: QUOTE_BYTES,
        quote_lines: QUOTE_LINES,
        record_bytes: RECORD_BYTES,
        block_bytes,
    }
}

/// Everything from a position to the end, and the positions behind each.
fn read(
    content: &[u8],
    settings: &CsvSettings,
    start: Position,
    at_end: AtEnd,
    sizes: Vec<usize>,
) -> (Vec<Piece>, Vec<Position>) {
    let bytes = Cursor::new(content[start.byte as usize..].to_vec());
    let input = Pieces {
        bytes,
        sizes,
        next: 0,
    };
    let mut reader = CsvReader::with_limits(input, settings, start, at_end, limits(16));
    let (mut pieces, mut positions) = (Vec::new(), Vec::new());
    while let Some((item, position)) = reader.next().expect("memory can be read") {
        positions.push(position);
        pieces.push(match item {
            Item::Record(record) => {
                let fields = (0..record.width())
                    .map(|column| record.get(column).unwrap_or_default().to_owned());
                (record.line, Ok(fields.collect()), record.raw.to_vec())
            }
            Item::Damaged(damage) => (damage.line, Err(damage.reason), damage.raw.to_vec()),
            Item::Blank { raw } => panic!("{} blank bytes are no long stretch", raw.len()),
        });
    }
    assert_eq!(
        reader.position(),
        positions.last().copied().unwrap_or(start)
    );
    assert_eq!(reader.position().byte + reader.left(), content.len() as u64);
    (pieces, positions)
}

enum Ending {
    Record(Vec<Vec<u8>>, usize),
    Damaged,
    Open,
}

fn count_lines(bytes: &[u8]) -> i64 {
    let mut count = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
            at += 1;
        }
        if bytes[at] == b'\n' || bytes[at] == b'\r' {
            count += 1;
        }
        at += 1;
    }
    count
}

/// The place behind a line end, when it is certain.
fn behind_line_end(window: &[u8], at: usize, last: bool) -> Option<usize> {
    match (window[at], window.get(at + 1)) {
        (b'\r', Some(b'\n')) => Some(at + 2),
        (b'\r', None) if !last => None,
        _ => Some(at + 1),
    }
}

/// One record, byte by byte.
fn reference_record(window: &[u8], last: bool) -> Ending {
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let mut field = Vec::new();
        if window.get(at) == Some(&b'"') {
            let open = at;
            at += 1;
            loop {
                if at - open >= QUOTE_BYTES {
                    return Ending::Damaged;
                }
                match (window.get(at), window.get(at + 1)) {
                    (None, _) => return if last { Ending::Damaged } else { Ending::Open },
                    (Some(b'"'), None) if !last => return Ending::Open,
                    (Some(b'"'), Some(b'"')) => {
                        field.push(b'"');
                        at += 2;
                    }
                    (Some(b'"'), None | Some(b';' | b'\n' | b'\r')) => break,
                    (Some(b'"'), Some(_)) => return Ending::Damaged,
                    (Some(other), _) => {
                        field.push(*other);
                        at += 1;
                    }
                }
            }
            if count_lines(&window[open..at]) > QUOTE_LINES as i64 {
                return Ending::Damaged;
            }
            at += 1;
        } else {
            while let Some(byte) = window
                .get(at)
                .filter(|byte| !matches!(byte, b';' | b'\n' | b'\r'))
            {
                field.push(*byte);
                at += 1;
            }
        }
        fields.push(field);
        match window.get(at) {
            Some(b';') => at += 1,
            Some(_) => {
                return behind_line_end(window, at, last)
                    .map_or(Ending::Open, |end| Ending::Record(fields, end));
            }
            None if last => return Ending::Record(fields, at),
            None => return Ending::Open,
        }
    }
}

/// The fields of a record; a mark that was cut makes it windows-1252.
fn texts(fields: Vec<Vec<u8>>) -> Vec<String> {
    let utf_8 = fields.iter().map(|field| String::from_utf8(field.clone()));
    let latin = |field: &Vec<u8>| field.iter().map(|byte| char::from(*byte)).collect();
    utf_8
        .collect::<Result<_, _>>()
        .unwrap_or_else(|_| fields.iter().map(latin).collect())
}

/// All records of a content, without any buffer.
fn reference(content: &[u8], header: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut at, mut raw_from, mut line, mut header) = (0, 0, 1, header);
    loop {
        if content[at..].starts_with(BOM) {
            at += BOM.len();
            continue;
        }
        let spaces = content[at..]
            .iter()
            .take_while(|byte| **byte == b' ')
            .count();
        match content.get(at + spaces) {
            None => return pieces,
            Some(b'\n' | b'\r') => {
                at = behind_line_end(content, at + spaces, true).expect("the content is complete");
                line += 1;
                continue;
            }
            Some(_) => {}
        }
        let window = &content[at..content.len().min(at + RECORD_BYTES + 1)];
        let last = at + window.len() == content.len() && window.len() <= RECORD_BYTES;
        let too_long = (RECORD_BYTES, Err(RejectReason::TooLong));
        let (length, result) = match reference_record(window, last) {
            Ending::Record(fields, end) => (end, Ok(fields)),
            Ending::Open => too_long,
            Ending::Damaged => match window.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                Some(found) => match behind_line_end(window, found, last) {
                    Some(end) => (end, Err(RejectReason::Quote)),
                    None => too_long,
                },
                None if last => (window.len(), Err(RejectReason::Quote)),
                None => too_long,
            },
        };
        let lines = match &result {
            Err(RejectReason::Quote) => 1,
            Ok(_) => count_lines(&window[..length]).max(1),
            Err(_) => count_lines(&window[..length]),
        };
        let result = match result {
            Ok(_) if window[..length].contains(&0) => Err(RejectReason::BadValue),
            other => other.map(texts),
        };
        at += length;
        if header {
            header = false;
        } else {
            pieces.push((line, result, content[raw_from..at].to_vec()));
            raw_from = at;
        }
        line += lines;
    }
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just(b"a".to_vec()),
        3 => Just(b";".to_vec()),
        3 => Just(b"\"".to_vec()),
        2 => Just(b"\n".to_vec()),
        1 => Just(b"\r".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b" ".to_vec()),
        1 => Just(b"\"b;\"\"c\"".to_vec()),
        1 => Just(b";\"\n\"\n".to_vec()),
        1 => Just(b"\0".to_vec()),
        1 => Just(BOM.to_vec()),
        1 => Just(b"long text without any end".to_vec()),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1_usize..20, 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn the_splitter_equals_the_reference(content in content(), sizes in sizes(), header: bool) {
        let settings = CsvSettings { header, ..CsvSettings::default() };
        let (pieces, _) = read(&content, &settings, Position::START, AtEnd::Take, sizes);
        prop_assert_eq!(pieces, reference(&content, header));
    }

    #[test]
    fn reading_can_go_on_anywhere(content in content(), sizes in sizes(), header: bool) {
        let settings = CsvSettings { header, ..CsvSettings::default() };
        let (pieces, positions) = read(&content, &settings, Position::START, AtEnd::Take, sizes.clone());
        for (index, position) in positions.iter().enumerate() {
            let (rest, _) = read(&content, &settings, *position, AtEnd::Take, sizes.clone());
            prop_assert_eq!(&rest[..], &pieces[index + 1..]);
        }
    }

    #[test]
    fn a_source_that_grows_gives_the_records_of_the_whole(
        content in content(), sizes in sizes(), header: bool, cut in 0.0..1.0_f64,
    ) {
        let settings = CsvSettings { header, ..CsvSettings::default() };
        let (whole, _) = read(&content, &settings, Position::START, AtEnd::Take, sizes.clone());
        let early = &content[..(content.len() as f64 * cut) as usize];
        let (mut pieces, positions) = read(early, &settings, Position::START, AtEnd::Leave, sizes.clone());
        let start = positions.last().copied().unwrap_or(Position::START);
        let (rest, _) = read(&content, &settings, start, AtEnd::Take, sizes);
        pieces.extend(rest);
        prop_assert_eq!(pieces, whole);
    }
}

#[test]
fn fixtures_can_be_read_on_from_every_record() {
    for name in [
        "talend/stat.csv",
        "talend/log.csv",
        "talend/damaged_stat.csv",
        "airflow/damaged_task_instance.csv",
    ] {
        let bytes = fixture(name);
        let (plan, whole) = read_all(&bytes, &paris());
        for (position, lines) in whole.positions.iter().zip(&whole.lines_at) {
            let rest = read_text(&bytes, &plan, &paris(), *position, AtEnd::Take);
            assert_eq!(
                rest.rows.lines,
                whole.rows.lines[*lines..],
                "{name} from {position:?}"
            );
            assert_eq!(rest.end, whole.end);
        }
    }
}

#[test]
fn an_open_quote_costs_one_line_within_the_real_limits() {
    let head = "moment;pid;job;message_type;message\n";
    let good = "2026-01-01 00:00:00;a;job;begin;\n";
    let open = "2026-01-01 00:00:00;a;job;begin;\"never closed\n";
    // No quote follows: once by lines, once by bytes.
    for (filler, count) in [
        (good.to_owned(), 110_000),
        (
            format!("2026-01-01 00:00:00;a;{};begin;\n", "j".repeat(2000)),
            1200,
        ),
    ] {
        let text = [
            head,
            open,
            &filler.repeat(count),
            "2026-01-01 00:00:00;a;job;begin;\"closed\"\n",
        ]
        .concat();
        let (_, reading) = read_all(text.as_bytes(), &paris());
        assert_eq!((reading.with_rows, reading.rejected), (count as u32 + 1, 1));
        assert!(
            reading.rows.lines[0].starts_with("2 reject quote"),
            "{}",
            reading.rows.lines[0]
        );
    }
}

/// A message of a mebibyte, as a stack overflow leaves it, is one field however many lines it has.
#[test]
fn a_message_of_many_lines_is_one_record() {
    let stack = "\tat a.b(C.java:1)\n".repeat(60_000);
    let content = format!("before;x\nlong;\"{stack}\"\nafter;y\n");
    assert!(stack.len() >= 1024 * 1024);
    let settings = CsvSettings::default();
    let mut reader = CsvReader::open(
        Cursor::new(content.into_bytes()),
        &settings,
        Position::START,
        AtEnd::Take,
    );
    let mut lines = Vec::new();
    while let Some((item, _)) = reader.next().expect("memory can be read") {
        match item {
            Item::Record(record) => lines.push((record.line, record.width())),
            _ => panic!("a line is no record"),
        }
    }
    assert_eq!(lines, [(1, 2), (2, 2), (60_003, 2)]);
}

#[test]
fn an_endless_line_is_cut_into_rejects() {
    let limit = Limits::default().record_bytes;
    let text = [
        "moment;pid;job;message_type\n",
        &"x".repeat(limit * 2 + 5),
        "\n2026-01-01 00:00:00;a;job;begin\n",
    ]
    .concat();
    let (_, reading) = read_all(text.as_bytes(), &paris());
    let reasons: Vec<&str> = reading
        .rows
        .lines
        .iter()
        .map(|line| line.split(' ').nth(2).expect("a word"))
        .collect();
    assert_eq!((reading.with_rows, reading.rejected), (1, 3));
    assert_eq!(reasons[..3], ["too_long", "too_long", "field_count"]);
    assert!(
        reading.rows.lines[0].len() < 9000,
        "what is shown of a reject is short"
    );
    assert_eq!(reading.raw, text.as_bytes());
}

#[test]
fn a_flood_of_blank_lines_is_not_held() {
    let text = [
        "moment;pid;job;message_type\n",
        &"\r\n".repeat(200_000),
        "2026-01-01 00:00:00;a;job;begin\n",
    ]
    .concat();
    let (_, reading) = read_all(text.as_bytes(), &paris());
    assert_eq!((reading.records(), reading.with_rows), (1, 1));
    assert!(
        reading.positions.len() > 3,
        "the blank lines came in several steps"
    );
    assert_eq!(reading.raw, text.as_bytes());
    assert!(
        reading.rows.lines[0].starts_with("200002.0 log"),
        "{}",
        reading.rows.lines[0]
    );
}

/// What the properties above once found.
#[test]
fn contents_that_were_once_read_differently() {
    let contents: [&[u8]; 3] = [
        // The last record is one byte longer than it may be, and damaged.
        b"a\n\"b;\"\"c\"along text without any end\"b;\"\"c\"a",
        b"aa aa\0aaa\0aaaaalong text without any end\r\n",
        // A quote with too many lines, doubled where the source ended at first.
        b"aaaa\nlong text without any end;aaaaa;\"\n\na\na\"\"b;\"\"c\";\"\naaa",
    ];
    for content in contents {
        for header in [false, true] {
            let settings = CsvSettings {
                header,
                ..CsvSettings::default()
            };
            for size in [1, 7, 100] {
                let (whole, _) = read(content, &settings, Position::START, AtEnd::Take, vec![size]);
                assert_eq!(whole, reference(content, header));
                for cut in 0..content.len() {
                    let early = &content[..cut];
                    let (mut pieces, positions) =
                        read(early, &settings, Position::START, AtEnd::Leave, vec![size]);
                    let start = positions.last().copied().unwrap_or(Position::START);
                    pieces.extend(read(content, &settings, start, AtEnd::Take, vec![size]).0);
                    assert_eq!(pieces, whole, "cut at {cut}");
                }
            }
        }
    }
}

/// Three exports by `cat`: each brings its header along, with a byte order mark, quoted or with other line ends.
#[test]
fn a_header_that_comes_again_is_silent() {
    let header = "moment;pid;job;message_type;message";
    let quoted = "\"moment\"; pid;job ;\"message_type\";message";
    let begin = |pid: &str| format!("2026-01-05 02:00:00;{pid};ventes;begin;");
    let text = [
        &format!("\u{feff}{header}\n{}\n", begin("a")),
        &format!("\u{feff}{header}\r\n{}\r\n", begin("b")),
        &format!("{quoted}\n{}\n", begin("c")),
        // No header: a field more, a field less, another case, another word.
        &format!("{header};x\nmoment;pid;job;message_type\nMOMENT;pid;job;message_type;message\n"),
        "moment;pid;job;message_type;other\n",
        &format!("\n\u{feff}\n\u{feff}\u{feff}{}\n{header}", begin("d")),
    ]
    .map(str::to_owned)
    .concat();
    let (plan, whole) = read_all(text.as_bytes(), &paris());
    assert_eq!(
        (whole.with_rows, whole.rejected, whole.silent),
        (4, 4, 3),
        "{:?}",
        whole.rows.lines
    );
    assert_eq!(whole.raw, text.as_bytes());
    // Wherever reading goes on.
    for (number, position) in whole.positions.iter().enumerate() {
        let rest = read_text(text.as_bytes(), &plan, &paris(), *position, AtEnd::Take);
        assert_eq!(rest.rows.lines, whole.rows.lines[whole.lines_at[number]..]);
        assert_eq!(rest.positions, whole.positions[number + 1..]);
    }
    // A repeated header that is not written to its end yet is left, and a mark with it.
    for length in 0..text.len() {
        let early = &text.as_bytes()[..length];
        let cut = read_text(early, &plan, &paris(), Position::START, AtEnd::Leave);
        assert_eq!(cut.positions, whole.positions[..cut.positions.len()]);
        assert_eq!(cut.rows.lines, whole.rows.lines[..cut.rows.lines.len()]);
    }
}

/// Without header nothing is one; with one, a sample shows it once.
#[test]
fn only_a_header_comes_again() {
    let settings = Settings {
        overrides: Overrides {
            header: Some(false),
            ..Overrides::default()
        },
        ..paris()
    };
    let line = "2026-01-05 02:00:00;a1;a1;a1;1;P;ventes;_id;0.1;PROD;;begin;;\n";
    let (_, reading) = read_all(line.repeat(3).as_bytes(), &settings);
    assert_eq!((reading.with_rows, reading.silent), (3, 0));
    let text = "a ;b\n1;2\na;b\n3;4\n";
    let csv = CsvSettings {
        header: true,
        ..CsvSettings::default()
    };
    let sample = Sample::of_text(text.as_bytes(), true, &csv);
    assert_eq!(sample.values(0).collect::<Vec<_>>(), ["1", "3"]);
}

/// A byte order mark in the middle costs no row, and no memory where there is nothing but marks.
#[test]
fn byte_order_marks_in_the_middle_are_no_text() {
    let head = "moment;pid;job;message_type\n";
    let row = "2026-01-05 02:00:00;a;ventes;begin\n";
    let text = format!(
        "{head}{row}\u{feff}{row}{}\"2026-01-05 02:00:00\";\u{feff}b;ventes;begin\n\u{feff}",
        "\u{feff}".repeat(100_000)
    );
    let (_, reading) = read_all(text.as_bytes(), &paris());
    assert_eq!(
        (reading.with_rows, reading.rejected),
        (3, 0),
        "{:?}",
        reading.rows.lines
    );
    assert!(
        reading.positions.len() > 6,
        "the marks came in several steps"
    );
    assert!(
        reading.rows.lines[2].contains("run=\u{feff}b"),
        "inside of a record it is text"
    );
}

#[test]
fn delimiters_are_named_so_that_they_are_seen() {
    let named = [',', ';', '|', '\t'].map(smartetl_formats::container::delimiter_name);
    assert_eq!(named, ["','", "';'", "'|'", "tab"]);
}
