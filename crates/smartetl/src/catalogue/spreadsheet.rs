//! A list of jobs from a file: CSV with semicolons, commas or tabulators, in UTF-8, UTF-16 or windows-1252.

use super::Column;
use crate::errors::{self, ErrorCode, Failure};
use crate::night::Lang;
use crate::reason::{self, Reason};
use smartetl_formats::container::{
    AtEnd, ContainerError, Content, CsvReader, CsvSettings, Encoding, Item, Position,
};
use std::io::{Cursor, Read};
use std::path::Path;

/// A list of jobs.
#[derive(Clone, Debug, Default)]
pub struct Spreadsheet {
    /// The columns that are known, and where they stand.
    pub columns: Vec<(usize, Column)>,
    /// Headings that mean nothing to smartETL.
    pub unknown: Vec<String>,
    pub rows: Vec<Line>,
}

/// A line of it, or why it is none.
#[derive(Clone, Debug)]
pub struct Line {
    /// From 1, as an editor counts.
    pub line: i64,
    /// By place.
    pub cells: Result<Vec<String>, Reason>,
}

/// Lists of jobs are small: a larger file is something else.
const LARGEST_BYTES: u64 = 64 << 20;

/// Reads a list; `-` reads stdin.
///
/// # Errors
/// When it cannot be read, or has no column with the names of jobs.
pub fn read(path: &Path) -> anyhow::Result<Spreadsheet> {
    let place = || path.display().to_string();
    let unreadable = |reason: Reason| Failure::new(ErrorCode::Unreadable, reason).at(place());
    let of_system = |error: std::io::Error| {
        unreadable(Reason::from([
            format!("cannot read the list: {}", errors::reason(&error)),
            format!(
                "impossible de lire la liste\u{a0}: {}",
                reason::of_system(&error)
            ),
        ]))
    };
    let mut bytes = Vec::new();
    let source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(of_system)?)
    };
    let mut limited = source.take(LARGEST_BYTES + 1);
    limited.read_to_end(&mut bytes).map_err(of_system)?;
    if bytes.len() as u64 > LARGEST_BYTES {
        let large = [
            "this is too large for a list of jobs",
            "c’est trop gros pour une liste de jobs",
        ];
        return Err(unreadable(large.into()).into());
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(
            unreadable(["this is a workbook", "c’est un classeur"].into())
                .hint([
                    "save it as CSV (UTF-8) in the spreadsheet program, and import that",
                    "enregistrez-le en CSV (UTF-8) dans le tableur, et importez ce fichier",
                ])
                .into(),
        );
    }
    of_bytes(bytes).map_err(|failure| failure.at(place()).into())
}

/// # Errors
/// When it has no column with the names of jobs.
pub(super) fn of_bytes(bytes: Vec<u8>) -> Result<Spreadsheet, Failure> {
    let unreadable = |error: ContainerError| {
        Failure::new(
            ErrorCode::Unreadable,
            Reason::from(&anyhow::Error::from(error)),
        )
    };
    of_lines(lines(bytes).map_err(unreadable)?)
}

fn lines(bytes: Vec<u8>) -> Result<Vec<Line>, ContainerError> {
    let start = Position::START;
    let of_content = |error| ContainerError::stopped(error, start);
    let mut text = Vec::new();
    let mut content = Content::open(Cursor::new(bytes), None).map_err(of_content)?;
    content.read_to_end(&mut text).map_err(of_content)?;
    let settings = CsvSettings {
        delimiter: delimiter(&text),
        header: false,
        encoding: Encoding::recognise(&text),
        ..CsvSettings::default()
    };
    let mut reader = CsvReader::open(Cursor::new(text), &settings, start, AtEnd::Take);
    let mut lines = Vec::new();
    while let Some((item, _)) = reader.next()? {
        lines.push(match item {
            Item::Record(record) => Line {
                line: record.line,
                cells: Ok((0..record.width())
                    .map(|column| record.get(column).unwrap_or_default().to_owned())
                    .collect()),
            },
            Item::Damaged(damage) => Line {
                line: damage.line,
                cells: Err(Reason::from(damage.detail)),
            },
            Item::Blank { .. } => continue,
        });
    }
    Ok(lines)
}

/// What separates the headings: what stands there most often.
fn delimiter(text: &[u8]) -> char {
    let mut lines = text.split(|byte| matches!(byte, b'\n' | b'\r'));
    let first = lines.find(|line| !line.trim_ascii().is_empty());
    let heading = String::from_utf8_lossy(first.unwrap_or_default());
    let count = |delimiter: char| heading.matches(delimiter).count();
    [',', '\t', ';']
        .into_iter()
        .max_by_key(|delimiter| count(*delimiter))
        .unwrap_or(';')
}

fn of_lines(lines: Vec<Line>) -> Result<Spreadsheet, Failure> {
    let mut lines = lines
        .into_iter()
        .skip_while(|line| line.cells.as_ref().is_ok_and(|cells| is_blank(cells)));
    let heading = lines.next().and_then(|line| line.cells.ok());
    let heading = heading.unwrap_or_default();
    let mut sheet = Spreadsheet::default();
    for (place, name) in heading.iter().enumerate() {
        match Column::parse(name) {
            Some(column) if sheet.columns.iter().any(|(_, known)| *known == column) => {
                return Err(Failure::new(
                    ErrorCode::Usage,
                    [
                        format!(
                            "two columns mean {}: `{}` is the second",
                            column.name(),
                            name.trim()
                        ),
                        format!(
                            "deux colonnes signifient {}\u{a0}: `{}` est la seconde",
                            column.name(),
                            name.trim()
                        ),
                    ],
                )
                .hint(["leave one of them out", "enlevez l’une des deux"]));
            }
            Some(column) => sheet.columns.push((place, column)),
            None if name.trim().is_empty() => {}
            None => sheet.unknown.push(name.trim().to_owned()),
        }
    }
    if !sheet
        .columns
        .iter()
        .any(|(_, column)| *column == Column::Job)
    {
        return Err(no_list([
            "this list has no column `job`: its first line must name the columns",
            "cette liste n’a pas de colonne `job`\u{a0}: sa première ligne doit nommer les colonnes",
        ]));
    }
    let says = |(_, column): &(usize, Column)| matches!(column, Column::Said(_));
    if !sheet.columns.iter().any(says) {
        return Err(no_list([
            "this is no list of what people say of jobs: it has a column `job`, but none of those that can be changed",
            "ce n’est pas une liste de ce qu’on dit des jobs\u{a0}: elle a une colonne `job`, mais aucune de celles qui se modifient",
        ]));
    }
    sheet.rows = lines
        .filter(|line| !line.cells.as_ref().is_ok_and(|cells| is_blank(cells)))
        .map(|line| line.below(heading.len()))
        .collect();
    Ok(sheet)
}

impl Line {
    /// What stands right of all headings belongs to a text that was cut by its own delimiter.
    fn below(self, headings: usize) -> Self {
        let is_longer =
            |cells: &Vec<String>| cells.get(headings..).is_some_and(|more| !is_blank(more));
        Self {
            cells: self.cells.and_then(|cells| {
                if is_longer(&cells) {
                    Err(Reason::from(SURPLUS))
                } else {
                    Ok(cells)
                }
            }),
            ..self
        }
    }
}

const SURPLUS: [&str; 2] = [
    "more values than headings: a text that holds the delimiter stands between quotes",
    "plus de valeurs que d’en-têtes\u{a0}: un texte qui contient le délimiteur se met entre guillemets",
];

/// What the columns should have been.
fn no_list(what: [&str; 2]) -> Failure {
    let names = |lang: Lang| {
        let said = Column::ALL
            .iter()
            .filter(|column| matches!(column, Column::Said(_)));
        let names: Vec<&str> = said.map(|column| column.heading(lang)).collect();
        names.join(", ")
    };
    Failure::new(ErrorCode::Usage, what).hint([
        format!(
            "expected are job, and any of {}, or what they are called in French; `smartetl jobs export` writes such a list",
            names(Lang::En)
        ),
        format!(
            "sont attendues job, et l’une ou l’autre de {}, ou leurs noms anglais\u{a0}; `smartetl jobs export` écrit une telle \
             liste",
            names(Lang::Fr)
        ),
    ])
}

fn is_blank(cells: &[String]) -> bool {
    cells.iter().all(|cell| cell.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Editable;

    fn check(bytes: &[u8], line: i64, cells: &[&str]) {
        let lines = lines(bytes.to_vec()).expect("it can be read");
        let sheet = of_lines(lines).expect("it has jobs");
        assert_eq!(sheet.columns.len(), 2, "{sheet:?}");
        assert_eq!(sheet.columns[1].1, Column::Said(Editable::Deadline));
        assert_eq!(sheet.rows[0].line, line);
        assert_eq!(
            sheet.rows[0].cells.as_deref(),
            Ok(cells.map_owned().as_slice())
        );
    }

    trait Owned {
        fn map_owned(&self) -> Vec<String>;
    }

    impl Owned for [&str] {
        fn map_owned(&self) -> Vec<String> {
            self.iter().map(|cell| (*cell).to_owned()).collect()
        }
    }

    #[test]
    fn as_spreadsheets_write_it() {
        check(
            "\u{feff}job;échéance\r\nJ_1;06:30\r\n".as_bytes(),
            2,
            &["J_1", "06:30"],
        );
        check(
            b"job;\xe9ch\xe9ance\nJ_\xe9t\xe9;06:30\n",
            2,
            &["J_été", "06:30"],
        );
        check("job\tdeadline\nJ_1\t\n".as_bytes(), 2, &["J_1", ""]);
        check(
            "\n\njob,deadline\n,\n\"J,1\",\"06:30\"".as_bytes(),
            5,
            &["J,1", "06:30"],
        );
        let utf_16 = "\u{feff}job\tdeadline\nJ_1\t06:30\n".encode_utf16();
        let utf_16: Vec<u8> = utf_16.flat_map(u16::to_le_bytes).collect();
        check(&utf_16, 2, &["J_1", "06:30"]);
    }

    #[test]
    fn a_text_that_its_own_delimiter_cut_is_told() {
        let text = b"job,owner\nJ_1,Dupont, Jean\nJ_2,\"Dupont, Jean\",\n";
        let sheet = of_lines(lines(text.to_vec()).expect("it can be read")).expect("it has jobs");
        let told = sheet.rows.iter().map(|row| row.cells.is_ok());
        assert_eq!(told.collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn what_is_no_list() {
        for (text, words) in [
            ("name;age\nann;31\n", "no column `job`"),
            ("", "no column `job`"),
            ("job;due;deadline\nJ;1;2\n", "two columns mean deadline"),
            (
                "moment;job;status\n;J;ok\n",
                "none of those that can be changed",
            ),
        ] {
            let lines = lines(text.as_bytes().to_vec()).expect("it can be read");
            let refused = of_lines(lines).expect_err(text);
            assert!(refused.to_string().contains(words), "{refused}");
        }
    }
}
