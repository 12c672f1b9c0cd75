//! Delimited text: `;`, quotes where needed, several encodings and line ends, compressed or not.

use super::Table;
use super::damage::Suffers;
use super::record::Cell;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf8WithMark,
    /// ISO-8859-15 and cp1252 agree on every sign that the world uses.
    OneByte,
}

/// What a text file looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextKind {
    pub(crate) header: bool,
    /// The columns stand in another order.
    pub(crate) reordered: bool,
    pub(crate) encoding: Encoding,
    pub(crate) crlf: bool,
    pub(crate) gz: bool,
}

/// A text file while it is written.
pub(crate) struct TextFile {
    out: Out,
    kind: TextKind,
    order: Vec<usize>,
    /// The line at which the next record starts.
    line: i64,
    record: String,
    bytes: Vec<u8>,
}

enum Out {
    Plain(BufWriter<File>),
    Gz(Box<GzEncoder<BufWriter<File>>>),
}

impl TextFile {
    pub(crate) fn create(path: &Path, table: Table, kind: TextKind) -> io::Result<Self> {
        let file = BufWriter::with_capacity(1 << 17, File::create(path)?);
        let out = if kind.gz {
            Out::Gz(Box::new(GzEncoder::new(file, Compression::fast())))
        } else {
            Out::Plain(file)
        };
        let columns = table.columns();
        let mut order: Vec<usize> = (0..columns.len()).collect();
        if kind.reordered {
            order.rotate_left(4);
            order.reverse();
        }
        let mut text = Self {
            out,
            kind,
            order,
            line: 1,
            record: String::new(),
            bytes: Vec::new(),
        };
        if kind.encoding == Encoding::Utf8WithMark {
            text.write_bytes("\u{FEFF}".as_bytes())?;
        }
        if kind.header {
            let header: Vec<Cell> = columns
                .iter()
                .map(|&column| Cell::Text(column.into()))
                .collect();
            text.write(&header)?;
        }
        Ok(text)
    }

    pub(crate) fn suffers() -> Suffers {
        Suffers {
            is_text: true,
            moment_is_text: true,
        }
    }

    /// Writes a record, whole or damaged; tells the line at which it starts.
    pub(crate) fn write(&mut self, cells: &[Cell]) -> io::Result<i64> {
        self.record.clear();
        if cells.len() == self.order.len() {
            for n in 0..cells.len() {
                field(&mut self.record, &cells[self.order[n]], n);
            }
        } else {
            for (n, cell) in cells.iter().enumerate() {
                field(&mut self.record, cell, n);
            }
        }
        let lines = 1 + self.record.bytes().filter(|&byte| byte == b'\n').count() as i64;
        self.record
            .push_str(if self.kind.crlf { "\r\n" } else { "\n" });
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        if self.kind.encoding == Encoding::OneByte {
            let byte = |sign: char| u8::try_from(u32::from(sign)).unwrap_or(b'?');
            bytes.extend(self.record.chars().map(byte));
        } else {
            bytes.extend_from_slice(self.record.as_bytes());
        }
        self.write_bytes(&bytes)?;
        self.bytes = bytes;
        let started = self.line;
        self.line += lines;
        Ok(started)
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.out {
            Out::Plain(out) => out.write_all(bytes),
            Out::Gz(out) => out.write_all(bytes),
        }
    }

    pub(crate) fn close(self) -> io::Result<()> {
        match self.out {
            Out::Plain(mut out) => out.flush(),
            Out::Gz(out) => out.finish()?.flush(),
        }
    }
}

fn field(record: &mut String, cell: &Cell, number: usize) {
    if number > 0 {
        record.push(';');
    }
    match cell {
        Cell::Null => {}
        Cell::Int(number) => {
            use std::fmt::Write as _;
            write!(record, "{number}").expect("writing to a String cannot fail");
        }
        Cell::Moment(moment) => super::civil(record, *moment, ' '),
        Cell::Text(text) if text.contains([';', '"', '\n']) => {
            record.push('"');
            record.push_str(&text.replace('"', "\"\""));
            record.push('"');
        }
        Cell::Text(text) => record.push_str(text),
    }
}
