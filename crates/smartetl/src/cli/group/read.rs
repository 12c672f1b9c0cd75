//! One column of a CSV file, record by record.

use crate::cli::near::near;
use crate::errors::{self, ErrorCode, Failure};
use crate::reason::{self, Reason};
use smartetl_formats::container::{
    AtEnd, ContainerError, Content, CsvReader, CsvSettings, Encoding, Item, Position, Record,
    take_sample,
};
use std::io::{Cursor, Read};
use std::path::Path;

/// The column whose values name the lines, as benchmarks of log parsers have it.
const LINE_ID: &str = "LineId";

/// No text holds it: a file whose first line has no delimiter has one column.
const NONE: char = '\u{1f}';

pub(super) struct Message<'a> {
    /// What the file calls the line.
    pub(super) id: Option<&'a str>,
    /// `None` for what is no record.
    pub(super) text: Option<&'a str>,
}

/// Records that cannot be read.
#[derive(Default)]
pub(super) struct Damaged {
    pub(super) count: u64,
    /// Line and reason of the first.
    pub(super) first: Option<(i64, &'static str)>,
}

/// Hands on the messages in a column of a file, `-` for stdin.
///
/// # Errors
/// When the file cannot be read or has no such column.
pub(super) fn messages(
    path: &Path,
    column: &str,
    mut take: impl FnMut(Message<'_>),
) -> anyhow::Result<Damaged> {
    let place = path.display().to_string();
    let at_place = |error: ContainerError| {
        Failure::new(
            ErrorCode::Unreadable,
            Reason::from(&anyhow::Error::from(error)),
        )
        .at(&*place)
    };
    let mut reader = open(path, &place)?;
    let mut columns: Option<Columns> = None;
    let mut damaged = Damaged::default();
    while let Some((item, _)) = reader.next().map_err(at_place)? {
        match (item, &columns) {
            (Item::Blank { .. }, _) => {}
            (Item::Record(heading), None) => {
                columns =
                    Some(Columns::of(&heading, column).map_err(|failure| failure.at(&*place))?);
            }
            (Item::Record(record), Some(columns)) => take(Message {
                id: columns.id.and_then(|at| record.get(at)),
                text: Some(record.get(columns.message).unwrap_or_default()),
            }),
            (Item::Damaged(damage), _) => {
                damaged.count += 1;
                damaged.first.get_or_insert((damage.line, damage.detail));
                take(Message {
                    id: None,
                    text: None,
                });
            }
        }
    }
    if columns.is_none() {
        let empty = Failure::new(
            ErrorCode::Unreadable,
            ["the file is empty", "le fichier est vide"],
        );
        return Err(empty.at(place).into());
    }
    Ok(damaged)
}

fn open(path: &Path, place: &str) -> Result<CsvReader, Failure> {
    let of_system = |error: std::io::Error| {
        Failure::new(
            ErrorCode::Unreadable,
            [
                format!("cannot read the file: {}", errors::reason(&error)),
                format!(
                    "impossible de lire le fichier\u{a0}: {}",
                    reason::of_system(&error)
                ),
            ],
        )
        .at(place)
    };
    let source: Box<dyn Read + Send> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(of_system)?)
    };
    let mut content = Content::open(source, None).map_err(of_system)?;
    let (sample, _) = take_sample(&mut content).map_err(of_system)?;
    let settings = CsvSettings {
        delimiter: delimiter(&sample),
        header: false,
        encoding: content
            .utf_16()
            .unwrap_or_else(|| Encoding::recognise(&sample)),
        ..CsvSettings::default()
    };
    let all = Cursor::new(sample).chain(content);
    Ok(CsvReader::open(
        all,
        &settings,
        Position::START,
        AtEnd::Take,
    ))
}

/// What separates the names in the first line: what stands there most often.
fn delimiter(sample: &[u8]) -> char {
    let mut lines = sample.split(|byte| matches!(byte, b'\n' | b'\r'));
    let heading = lines
        .find(|line| !line.trim_ascii().is_empty())
        .unwrap_or_default();
    let count = |delimiter: char| {
        heading
            .iter()
            .filter(|byte| char::from(**byte) == delimiter)
            .count()
    };
    [';', '|', '\t', ',']
        .into_iter()
        .max_by_key(|delimiter| count(*delimiter))
        .filter(|delimiter| count(*delimiter) > 0)
        .unwrap_or(NONE)
}

/// Where the columns stand.
struct Columns {
    message: usize,
    id: Option<usize>,
}

impl Columns {
    fn of(heading: &Record<'_>, column: &str) -> Result<Self, Failure> {
        let names: Vec<&str> = (0..heading.width())
            .map(|at| {
                heading
                    .get(at)
                    .unwrap_or_default()
                    .trim()
                    .trim_start_matches('\u{feff}')
            })
            .collect();
        let find = |wanted: &str| {
            let same = |name: &&str| name.eq_ignore_ascii_case(wanted);
            names
                .iter()
                .position(|name| *name == wanted)
                .or_else(|| names.iter().position(same))
        };
        let Some(message) = find(column) else {
            let alike = near(column, names.iter().copied());
            let offered = if alike.is_empty() { names } else { alike };
            let offered = offered.join(", ");
            return Err(Failure::new(
                ErrorCode::Usage,
                [
                    format!("there is no column `{column}`"),
                    format!("il n’y a pas de colonne `{column}`"),
                ],
            )
            .hint([
                format!("--column NAME; in this file: {offered}"),
                format!("--column NOM\u{a0}; dans ce fichier\u{a0}: {offered}"),
            ]));
        };
        let id = find(LINE_ID).filter(|id| *id != message);
        Ok(Self { message, id })
    }
}
