//! Rows and columns on their way out, whatever the format.

use super::{Format, csv, json, table};
use std::io::{self, Write};

/// What a column holds, as far as writing it goes. Values are always text, exactly as the server gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    Text,
    /// Aligned to the right; a JSON number where JSON can say it.
    Number,
    Boolean,
    /// A timestamp; in JSON as ISO 8601 writes it.
    Moment,
    /// JSON already.
    Json,
    /// A PostgreSQL array literal of numbers or of anything else.
    NumberArray,
    TextArray,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub kind: ColumnKind,
}

impl Column {
    pub fn text(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: ColumnKind::Text,
        }
    }

    pub fn number(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: ColumnKind::Number,
        }
    }
}

/// One field; `None` is NULL.
pub type Field = Option<String>;

/// Writes rows as they come, so that a large result needs little memory.
pub struct Printer<W: Write> {
    columns: Vec<Column>,
    format: Format,
    width: Option<u16>,
    colour: bool,
    out: W,
    /// Rows of the table's current block.
    waiting: Vec<Vec<Field>>,
    widths: Option<Vec<u16>>,
    written: u64,
}

/// Rows that are laid out together; the first block decides the widths of all.
const BLOCK: usize = 1000;

impl<W: Write> Printer<W> {
    /// `width` is the terminal's; `None` means that nothing is cut into lines.
    pub fn new(
        columns: Vec<Column>,
        format: Format,
        width: Option<u16>,
        colour: bool,
        out: W,
    ) -> Self {
        let columns = match format {
            Format::Json => json::distinct_names(columns),
            Format::Table | Format::Csv => columns,
        };
        Self {
            columns,
            format,
            width,
            colour,
            out,
            waiting: Vec::new(),
            widths: None,
            written: 0,
        }
    }

    pub fn row(&mut self, row: Vec<Field>) -> io::Result<()> {
        match self.format {
            Format::Table => {
                self.waiting.push(row);
                if self.waiting.len() == BLOCK {
                    self.block()?;
                }
            }
            Format::Csv => {
                if self.written == 0 {
                    csv::header(&mut self.out, &self.columns)?;
                }
                csv::row(&mut self.out, &row)?;
            }
            Format::Json => {
                self.out
                    .write_all(if self.written == 0 { b"[\n" } else { b",\n" })?;
                json::object(&mut self.out, &self.columns, &row)?;
            }
        }
        self.written += 1;
        Ok(())
    }

    /// Writes what is left and flushes; returns the number of rows.
    pub fn finish(mut self) -> io::Result<u64> {
        match self.format {
            Format::Table => {
                if !self.waiting.is_empty() || self.widths.is_none() {
                    self.block()?;
                }
            }
            Format::Csv if self.written == 0 => csv::header(&mut self.out, &self.columns)?,
            Format::Csv => {}
            Format::Json if self.written == 0 => self.out.write_all(b"[]\n")?,
            Format::Json => self.out.write_all(b"\n]\n")?,
        }
        self.out.flush()?;
        Ok(self.written)
    }

    fn block(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.waiting);
        let first = self.widths.is_none();
        let (text, widths) = table::layout(
            &self.columns,
            &rows,
            self.width,
            self.widths.as_deref(),
            self.colour,
        );
        if first {
            self.widths = Some(widths);
        }
        self.out.write_all(text.as_bytes())
    }
}

/// A small list that is complete before it is written.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Field>>,
}

impl Sheet {
    pub fn new(columns: Vec<Column>) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    pub fn push<const N: usize>(&mut self, row: [Field; N]) {
        self.rows.push(row.into());
    }

    /// Writes it to stdout in the format.
    pub fn print(self, format: Format, colour: bool) -> anyhow::Result<()> {
        let mut printer = Printer::new(
            self.columns,
            format,
            super::terminal_width(),
            colour,
            super::stdout(),
        );
        for row in self.rows {
            printer.row(row).map_err(super::closed)?;
        }
        printer.finish().map_err(super::closed)?;
        Ok(())
    }

    /// The same as text, without colours, for answers that have several parts. No word is cut.
    pub fn to_table(&self, width: Option<u16>) -> String {
        table::whole(&self.columns, &self.rows, width)
    }

    /// The same as a JSON array of objects.
    pub fn to_json(&self) -> anyhow::Result<String> {
        let mut text = Vec::new();
        let mut printer = Printer::new(self.columns.clone(), Format::Json, None, false, &mut text);
        for row in &self.rows {
            printer.row(row.clone())?;
        }
        printer.finish()?;
        Ok(String::from_utf8(text)?)
    }
}
