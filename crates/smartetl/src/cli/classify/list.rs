//! A list of messages: CSV with commas, semicolons or tabulators. What is no text in the list's encoding is read as far as
//! it is one.

use crate::errors::{self, ErrorCode, Failure};
use crate::reason::{self, Reason};
use smartetl_formats::container::{
    AtEnd, Content, CsvReader, CsvSettings, Encoding, Item, Limits, Position,
};
use std::io::{Cursor, Read};
use std::path::Path;

/// A list that is read message by message.
pub(super) struct List {
    place: String,
    reader: CsvReader,
    message: usize,
    system: Option<usize>,
}

pub(super) struct Message {
    pub(super) line: i64,
    pub(super) system: String,
    pub(super) text: String,
    /// It could not be split into its columns, and is taken as it stands.
    pub(super) is_damaged: bool,
}

impl List {
    /// # Errors
    /// When it cannot be read, or has no column `message`.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let place = path.display().to_string();
        let text = read(path).map_err(|error| {
            let reason = [
                format!("cannot read the list: {}", errors::reason(&error)),
                format!(
                    "impossible de lire la liste\u{a0}: {}",
                    reason::of_system(&error)
                ),
            ];
            Failure::new(ErrorCode::Unreadable, Reason::from(reason)).at(&*place)
        })?;
        let settings = CsvSettings {
            delimiter: delimiter(&text),
            header: false,
            ..CsvSettings::default()
        };
        // A message of a megabyte in quotes is still a message.
        let limits = Limits {
            quote_bytes: Limits::default().record_bytes,
            ..Limits::default()
        };
        let text = Cursor::new(text.into_bytes());
        let reader = CsvReader::with_limits(text, &settings, Position::START, AtEnd::Take, limits);
        let mut list = Self {
            place,
            reader,
            message: 0,
            system: None,
        };
        let heading = list.heading()?;
        let column = |wanted: &str| {
            heading
                .iter()
                .position(|name| name.trim().eq_ignore_ascii_case(wanted))
        };
        list.system = column("system");
        list.message = column("message").ok_or_else(|| list.no_message())?;
        Ok(list)
    }

    fn heading(&mut self) -> anyhow::Result<Vec<String>> {
        while let Some((item, _)) = self.reader.next().map_err(anyhow::Error::from)? {
            match item {
                Item::Record(record) => {
                    return Ok((0..record.width())
                        .map(|column| record.get(column).unwrap_or_default().to_owned())
                        .collect());
                }
                Item::Damaged(_) => break,
                Item::Blank { .. } => {}
            }
        }
        Ok(Vec::new())
    }

    fn no_message(&self) -> Failure {
        Failure::new(
            ErrorCode::Usage,
            [
                "this list has no column `message`: its first line must name the columns",
                "cette liste n’a pas de colonne `message`\u{a0}: sa première ligne doit nommer les colonnes",
            ],
        )
        .at(&*self.place)
        .hint([
            "for one message, `smartetl explain MESSAGE` does without a list",
            "pour un seul message, `smartetl explain MESSAGE` se passe de liste",
        ])
    }

    /// # Errors
    /// When it cannot be read on.
    pub(super) fn next(&mut self) -> anyhow::Result<Option<Message>> {
        while let Some((item, _)) = self.reader.next().map_err(anyhow::Error::from)? {
            match item {
                Item::Record(record) => {
                    let cell = |column| record.get(column).unwrap_or_default().to_owned();
                    return Ok(Some(Message {
                        line: record.line,
                        system: self.system.map(cell).unwrap_or_default(),
                        text: cell(self.message),
                        is_damaged: false,
                    }));
                }
                Item::Damaged(damage) => {
                    return Ok(Some(Message {
                        line: damage.line,
                        system: String::new(),
                        text: damage.shown.into_owned(),
                        is_damaged: true,
                    }));
                }
                Item::Blank { .. } => {}
            }
        }
        Ok(None)
    }
}

/// All of a file or of stdin, as text.
fn read(path: &Path) -> std::io::Result<String> {
    let mut raw = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut raw)?;
    } else {
        std::fs::File::open(path)?.read_to_end(&mut raw)?;
    }
    let mut bytes = Vec::new();
    Content::open(Cursor::new(raw), None)?.read_to_end(&mut bytes)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    Ok(Encoding::recognise(bytes).decode_lossy(bytes).into_owned())
}

/// What stands most often between the headings.
fn delimiter(text: &str) -> char {
    let heading = text.lines().find(|line| !line.trim().is_empty());
    let count = |delimiter: &char| heading.unwrap_or_default().matches(*delimiter).count();
    [';', '\t', ',']
        .into_iter()
        .max_by_key(count)
        .unwrap_or(',')
}
