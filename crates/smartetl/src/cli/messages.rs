//! The messages of a CSV file, record by record: what `classify` and `group` read. No file is held as a whole.

use super::near::near;
use crate::errors::{self, ErrorCode, Failure};
use crate::night::Lang;
use crate::output;
use crate::reason::{self, Reason};
use smartetl_formats::container::{
    AtEnd, ContainerError, Content, CsvReader, CsvSettings, Encoding, Item, Limits, Position,
    Record, take_sample,
};
use std::io::{Cursor, Read};
use std::path::Path;

/// The column whose values name the lines, as benchmarks of log parsers have it.
const LINE_ID: &str = "LineId";
/// The column that says which tool or system complains.
const SYSTEM: &str = "system";

/// No text holds it: a file whose first line has no delimiter has one column.
const NONE: char = '\u{1f}';

/// Where the messages stand.
pub(super) struct Wanted<'a> {
    /// `-` for stdin.
    pub(super) path: &'a Path,
    pub(super) column: &'a str,
    /// What to do where there is no such column.
    pub(super) hint: [&'a str; 2],
}

pub(super) struct Message<'a> {
    /// What the file calls the line.
    pub(super) id: Option<&'a str>,
    pub(super) system: &'a str,
    /// The whole record as it stands where it is no proper CSV.
    pub(super) text: &'a str,
    pub(super) is_damaged: bool,
}

/// Records that could not be split into their columns.
#[derive(Default)]
pub(super) struct Damaged {
    count: u64,
    /// Line and reason of the first.
    first: Option<(i64, &'static str)>,
}

impl Damaged {
    /// What people are told of them; `None` where all are as they should be.
    pub(super) fn told(&self) -> Option<Reason> {
        let (line, detail) = self.first?;
        Some(Reason::from([
            format!(
                "{}; the first is at line {line}: {detail}",
                output::counted(
                    self.count,
                    "record unreadable as CSV",
                    "records unreadable as CSV"
                )
            ),
            format!(
                "{}\u{a0}; le premier est à la ligne {line}\u{a0}: {}",
                output::counted(
                    self.count,
                    "enregistrement illisible comme CSV",
                    "enregistrements illisibles comme CSV"
                ),
                reason::of_detail(detail, Lang::Fr)
            ),
        ]))
    }
}

/// Hands on the messages in a column of a file.
///
/// # Errors
/// When the file cannot be read or has no such column.
pub(super) fn read(
    wanted: &Wanted<'_>,
    mut take: impl FnMut(Message<'_>),
) -> anyhow::Result<Damaged> {
    let place = wanted.path.display().to_string();
    let at_place = |error: ContainerError| {
        let reason = Reason::from(&anyhow::Error::from(error));
        Failure::new(ErrorCode::Unreadable, reason).at(&*place)
    };
    let mut reader = open(wanted.path, &place)?;
    let mut columns: Option<Columns> = None;
    let mut damaged = Damaged::default();
    while let Some((item, _)) = reader.next().map_err(at_place)? {
        match (item, &columns) {
            (Item::Blank { .. }, _) => {}
            (Item::Record(heading), None) => {
                let found = Columns::of(&heading, wanted).map_err(|failure| failure.at(&*place))?;
                columns = Some(found);
            }
            (Item::Damaged(damage), None) => {
                let reason = [
                    format!("the names of the columns cannot be read: {}", damage.detail),
                    format!(
                        "les noms des colonnes sont illisibles\u{a0}: {}",
                        reason::of_detail(damage.detail, Lang::Fr)
                    ),
                ];
                return Err(Failure::new(ErrorCode::Unreadable, reason).at(place).into());
            }
            (Item::Record(record), Some(columns)) => {
                let cell = |at: Option<usize>| at.and_then(|at| record.get(at));
                take(Message {
                    id: cell(columns.id),
                    system: cell(columns.system).unwrap_or_default(),
                    text: cell(Some(columns.message)).unwrap_or_default(),
                    is_damaged: false,
                });
            }
            (Item::Damaged(damage), Some(_)) => {
                damaged.count += 1;
                damaged.first.get_or_insert((damage.line, damage.detail));
                take(Message {
                    id: None,
                    system: "",
                    text: &damage.shown,
                    is_damaged: true,
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
        let reason = [
            format!("cannot read the file: {}", errors::reason(&error)),
            format!(
                "impossible de lire le fichier\u{a0}: {}",
                reason::of_system(&error)
            ),
        ];
        Failure::new(ErrorCode::Unreadable, reason).at(place)
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
    // A message of a megabyte in quotes is still a message.
    let limits = Limits {
        quote_bytes: Limits::default().record_bytes,
        ..Limits::default()
    };
    let all = Cursor::new(sample).chain(content);
    Ok(CsvReader::with_limits(
        all,
        &settings,
        Position::START,
        AtEnd::Take,
        limits,
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
    system: Option<usize>,
}

impl Columns {
    fn of(heading: &Record<'_>, wanted: &Wanted<'_>) -> Result<Self, Failure> {
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
        let column = wanted.column;
        let Some(message) = find(column) else {
            let alike = near(column, names.iter().copied());
            let offered = if alike.is_empty() { names } else { alike };
            let offered = offered.join(", ");
            let [english, french] = wanted.hint;
            return Err(Failure::new(
                ErrorCode::Usage,
                [
                    format!("there is no column `{column}`"),
                    format!("il n’y a pas de colonne `{column}`"),
                ],
            )
            .hint([
                format!("{english}; in this file: {offered}"),
                format!("{french}\u{a0}; dans ce fichier\u{a0}: {offered}"),
            ]));
        };
        let other = |name| find(name).filter(|at| *at != message);
        Ok(Self {
            message,
            id: other(LINE_ID),
            system: other(SYSTEM),
        })
    }
}
