//! Rows and columns on their way out, whatever the format.

use super::table::Widths;
use super::{Format, csv, json, records, table};
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
    format: Option<Format>,
    width: Option<u16>,
    colour: bool,
    out: W,
    /// Rows of the current block.
    waiting: Vec<Vec<Field>>,
    /// Decided by the first block.
    layout: Option<Layout>,
    written: u64,
}

/// How rows are laid out for people.
#[derive(Clone, Debug)]
enum Layout {
    Table(Widths),
    Records,
}

/// Rows that are laid out together; the first block decides the widths of all.
const BLOCK: usize = 1000;

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    pub rows: u64,
    /// Whether texts were cut to fit the terminal.
    pub cut: bool,
}

impl<W: Write> Printer<W> {
    /// `format`: a table, or records where the terminal is too narrow for one, when `None`. `width` is the terminal's;
    /// without one nothing is cut.
    pub fn new(
        columns: Vec<Column>,
        format: Option<Format>,
        width: Option<u16>,
        colour: bool,
        out: W,
    ) -> Self {
        let columns = match format {
            Some(Format::Json) => json::distinct_names(columns),
            _ => columns,
        };
        Self {
            columns,
            format,
            width,
            colour,
            out,
            waiting: Vec::new(),
            layout: None,
            written: 0,
        }
    }

    pub fn row(&mut self, row: Vec<Field>) -> io::Result<()> {
        match self.format {
            None | Some(Format::Table | Format::Records) => {
                self.waiting.push(row);
                if self.waiting.len() == BLOCK {
                    self.block()?;
                }
                return Ok(());
            }
            Some(Format::Csv) => {
                if self.written == 0 {
                    csv::header(&mut self.out, &self.columns)?;
                }
                csv::row(&mut self.out, &row)?;
            }
            Some(Format::Json) => {
                self.out
                    .write_all(if self.written == 0 { b"[\n" } else { b",\n" })?;
                json::object(&mut self.out, &self.columns, &row)?;
            }
        }
        self.written += 1;
        Ok(())
    }

    /// Writes what is left and flushes.
    pub fn finish(mut self) -> io::Result<Written> {
        match self.format {
            None | Some(Format::Table | Format::Records) => {
                if !self.waiting.is_empty() || self.layout.is_none() {
                    self.block()?;
                }
            }
            Some(Format::Csv) if self.written == 0 => csv::header(&mut self.out, &self.columns)?,
            Some(Format::Csv) => {}
            Some(Format::Json) if self.written == 0 => self.out.write_all(b"[]\n")?,
            Some(Format::Json) => self.out.write_all(b"\n]\n")?,
        }
        self.out.flush()?;
        Ok(Written {
            rows: self.written,
            cut: matches!(&self.layout, Some(Layout::Table(widths)) if widths.cut),
        })
    }

    fn block(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.waiting);
        let first = self.layout.is_none();
        let layout = match self.layout.take() {
            Some(layout) => layout,
            None => self.decide(&rows),
        };
        let text = match &layout {
            Layout::Table(widths) => {
                table::layout(&self.columns, &rows, widths, first, self.colour)
            }
            Layout::Records if rows.is_empty() && self.width.is_some() => "(no rows)\n".to_owned(),
            Layout::Records => records::layout(
                &self.columns,
                &rows,
                self.written + 1,
                self.width,
                self.colour,
            ),
        };
        self.layout = Some(layout);
        self.written += rows.len() as u64;
        self.out.write_all(text.as_bytes())
    }

    fn decide(&self, rows: &[Vec<Field>]) -> Layout {
        let Some(width) = self.width else {
            return match self.format {
                Some(Format::Records) => Layout::Records,
                _ => Layout::Table(Widths::natural(&self.columns, rows)),
            };
        };
        let (widths, enough) = Widths::fitted(&self.columns, rows, width);
        match self.format {
            Some(Format::Records) => Layout::Records,
            None if !enough => Layout::Records,
            _ => Layout::Table(widths),
        }
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

    /// A table as text, without colours; long cells go on in the next line.
    pub fn to_table(&self, width: Option<u16>) -> String {
        table::wrapped(&self.columns, &self.rows, width)
    }

    /// A table as text, or records where it is too wide; without colours.
    pub fn to_text(&self, width: Option<u16>) -> anyhow::Result<String> {
        self.printed(None, width, false)
    }

    /// Records as text.
    pub fn to_records(&self, width: Option<u16>, colour: bool) -> anyhow::Result<String> {
        self.printed(Some(Format::Records), width, colour)
    }

    /// The same as a JSON array of objects.
    pub fn to_json(&self) -> anyhow::Result<String> {
        self.printed(Some(Format::Json), None, false)
    }

    /// The same as CSV with a header.
    pub fn to_csv(&self) -> anyhow::Result<String> {
        self.printed(Some(Format::Csv), None, false)
    }

    fn printed(
        &self,
        format: Option<Format>,
        width: Option<u16>,
        colour: bool,
    ) -> anyhow::Result<String> {
        let mut text = Vec::new();
        let mut printer = Printer::new(self.columns.clone(), format, width, colour, &mut text);
        for row in &self.rows {
            printer.row(row.clone())?;
        }
        printer.finish()?;
        Ok(String::from_utf8(text)?)
    }
}
