//! How results reach stdout: one printer for tables, CSV and JSON. Writes to whatever it is given, decides nothing
//! about content; messages for people go to stderr and not through here.

mod csv;
mod fold;
mod json;
mod records;
mod sheet;
mod table;

pub use fold::{folded, phrases};
pub use sheet::{Column, ColumnKind, Printer, Sheet};
pub use table::{stderr_width, terminal_width, visible};

use crate::errors::StdoutClosed;
use std::io::{self, Write};

/// How a list is written. Where none is said, people get a table, or records where the terminal is too narrow for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: aligned; on a terminal long texts are cut to fit.
    Table,
    /// For people: each row as a list of its columns, for wide tables.
    Records,
    /// Comma separated with a header; NULL is an empty field, an empty text is `""`.
    Csv,
    /// An array of objects.
    Json,
}

/// How one answer with parts is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportFormat {
    /// For people.
    #[default]
    Table,
    /// One object.
    Json,
}

/// `1 file`, `2 files`.
pub fn counted(number: impl Into<u64>, one: &str, many: &str) -> String {
    let number = number.into();
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Whether a character could steer a terminal or turn the direction of a line: what logs say is shown without it.
pub fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
}

/// Buffered stdout.
pub fn stdout() -> io::BufWriter<io::Stdout> {
    io::BufWriter::with_capacity(64 * 1024, io::stdout())
}

/// Writes text to stdout and flushes it.
///
/// # Errors
/// [`StdoutClosed`] when the reader is gone, else the error of the write.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = stdout();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(closed)
}

/// Turns a broken pipe on stdout into [`StdoutClosed`], which ends the program quietly.
pub fn closed(error: io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        anyhow::Error::new(StdoutClosed)
    } else {
        anyhow::Error::new(error).context("cannot write to stdout")
    }
}
