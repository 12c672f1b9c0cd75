//! Reading CSV: blocks of content in, records out, each with the bytes it was made of and the place behind it.
//!
//! Records are found by content alone, never by where a block ended or reading began: a reader that goes on at any
//! position gives the same records as one that read through.

use std::io::Read;
use std::ops::Range;

use smartetl_core::model::RejectReason;

use super::record::{Fields, shown};
use super::split::{Span, Split, Syntax, count_line_ends, line_end, physical_line, split};
use super::window::{BLANK_BYTES, BOM, Window};
use super::{ContainerError, Damage, Encoding, Item, Position, Record};

/// What is said of a quote that may be closed in what is still to be written.
pub(super) const OPEN_AT_END: &str =
    "a quote is opened and not closed before the end of the source";

/// What a byte order mark begins with.
const MARK: u8 = BOM[0];

/// How the records of a text are written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvSettings {
    pub delimiter: char,
    /// `None`: quotes are plain characters.
    pub quote: Option<char>,
    /// The first record names the columns.
    pub header: bool,
    pub encoding: Encoding,
    /// The encoding was recognised, not set: a record that is no UTF-8 is then read as windows-1252.
    pub encoding_guessed: bool,
}

/// A delimiter for a person, so that it is not taken for a sign of the sentence: `';'`, `tab`
pub fn delimiter_name(delimiter: char) -> String {
    match delimiter {
        '\t' => "tab".to_owned(),
        other => format!("'{}'", other.escape_debug()),
    }
}

impl Default for CsvSettings {
    fn default() -> Self {
        Self {
            delimiter: ';',
            quote: Some('"'),
            header: false,
            encoding: Encoding::UTF_8,
            encoding_guessed: true,
        }
    }
}

/// What happens to a last line without line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// The source is complete: the line is a record.
    Take,
    /// The source may still be written: the position stays before the line.
    Leave,
}

/// Where damage is contained. The defaults hold for every source; tests make them small.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A quote must be closed within so many bytes, …
    pub quote_bytes: usize,
    /// … and so many lines; otherwise the line that opened it is given up.
    pub quote_lines: usize,
    /// A record of more bytes is cut into pieces of this size, which are rejects.
    pub record_bytes: usize,
    /// How much is read at a time.
    pub block_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            quote_bytes: 2 * 1024 * 1024,
            quote_lines: 100_000,
            record_bytes: 16 * 1024 * 1024,
            block_bytes: 256 * 1024,
        }
    }
}

/// Gives out the records of a text, one at a time.
pub struct CsvReader {
    window: Window,
    syntax: Syntax,
    limits: Limits,
    encoding: Encoding,
    encoding_guessed: bool,
    header: bool,
    spans: Vec<Span>,
    scratch: String,
}

/// A record's place in the buffer: its text, and where its line end ends.
#[derive(Clone, Copy)]
struct Stretch {
    start: usize,
    text_end: usize,
    end: usize,
    lines: i64,
}

/// What stands next in the buffer.
enum Found {
    Record(Stretch),
    Damaged(Stretch, Reason),
    /// What follows is left for the next reader.
    Left,
    More,
}

/// Why a stretch is no record; the same in words.
type Reason = (RejectReason, &'static str);

impl CsvReader {
    /// `input` must stand at content byte `start.byte` (see `Content::skip`).
    pub fn open(
        input: impl Read + Send + 'static,
        settings: &CsvSettings,
        start: Position,
        at_end: AtEnd,
    ) -> Self {
        Self::with_limits(input, settings, start, at_end, Limits::default())
    }

    pub fn with_limits(
        input: impl Read + Send + 'static,
        settings: &CsvSettings,
        start: Position,
        at_end: AtEnd,
        limits: Limits,
    ) -> Self {
        let utf_16 = settings.encoding.is_utf_16();
        Self {
            window: Window::new(input, limits.block_bytes, start, at_end),
            syntax: Syntax {
                delimiter: u8::try_from(settings.delimiter).unwrap_or(b';'),
                quote: settings.quote.and_then(|quote| u8::try_from(quote).ok()),
                quote_bytes: limits.quote_bytes,
                quote_lines: limits.quote_lines,
            },
            limits,
            encoding: if utf_16 {
                Encoding::UTF_8
            } else {
                settings.encoding
            },
            encoding_guessed: settings.encoding_guessed && !utf_16,
            header: settings.header,
            spans: Vec::new(),
            scratch: String::new(),
        }
    }

    /// The place behind what was handed out last.
    pub fn position(&self) -> Position {
        self.window.position
    }

    /// How many fields of the record handed out last were quoted.
    pub(super) fn quoted_fields(&self) -> usize {
        self.spans.iter().filter(|span| span.quoted).count()
    }

    /// After the end: how many content bytes stand behind the last record (blank lines, a line that was left).
    pub fn left(&self) -> u64 {
        self.window.ahead().len() as u64
    }

    /// After the end: whether more than blank lines was left.
    pub fn leaves_line(&self) -> bool {
        self.window.leaves_line()
    }

    /// After the end: what was left is given out after all, as if the source were complete.
    pub fn take_rest(&mut self) {
        self.window.at_end = AtEnd::Take;
    }

    /// The next record and the position behind it; `None` at the end, and again `None` after it.
    ///
    /// # Errors
    /// When the source cannot be read on or its compressed data is cut; all whole records before were handed out.
    #[expect(
        clippy::should_implement_trait,
        reason = "the record borrows from the reader"
    )]
    pub fn next(&mut self) -> Result<Option<(Item<'_>, Position)>, ContainerError> {
        // Both count from `taken`, which moves when the buffer is filled.
        let mut header_due = self.header && self.window.position.byte == 0;
        let mut line = self.window.position.line;
        let mut ahead = 0;
        loop {
            let start = self.window.taken + ahead;
            if start == self.window.filled {
                if self.window.ended {
                    return self.window.end();
                }
                self.window.fill()?;
                continue;
            }
            if let b'\n' | b'\r' | b' ' | MARK = self.window.buffer[start] {
                match self.blank(start) {
                    Blank::More => {
                        self.window.fill()?;
                        continue;
                    }
                    Blank::Until(end, lines) => {
                        ahead = end - self.window.taken;
                        line += lines;
                        if ahead >= BLANK_BYTES {
                            let raw = self.window.take(end, line);
                            return Ok(Some((
                                Item::Blank {
                                    raw: &self.window.buffer[raw..end],
                                },
                                self.window.position,
                            )));
                        }
                        continue;
                    }
                    Blank::No => {}
                }
            }
            match self.find(start) {
                Found::More => self.window.fill()?,
                Found::Left => return Ok(None),
                Found::Record(stretch) | Found::Damaged(stretch, _) if header_due => {
                    header_due = false;
                    ahead = stretch.end - self.window.taken;
                    line += stretch.lines;
                }
                Found::Record(stretch) => {
                    return match self.decode(stretch) {
                        Ok(direct) => Ok(Some(self.record(stretch, line, direct))),
                        Err(reason) => Ok(Some(self.damaged(stretch, line, reason))),
                    };
                }
                Found::Damaged(stretch, reason) => {
                    return Ok(Some(self.damaged(stretch, line, reason)));
                }
            }
        }
    }

    /// Hands out a record; `direct`: its own bytes are its text.
    #[inline]
    fn record(&mut self, stretch: Stretch, line: i64, direct: bool) -> (Item<'_>, Position) {
        let (raw, own) = self.take_record(stretch, line);
        let own = &self.window.buffer[own];
        let text = if direct {
            std::str::from_utf8(own).unwrap_or_default()
        } else {
            ""
        };
        let fields = Fields::Text {
            text,
            scratch: self.scratch.as_str(),
            spans: self.spans.as_slice(),
            own,
            encoding: self.encoding,
        };
        let raw = &self.window.buffer[raw];
        (
            Item::Record(Record { line, raw, fields }),
            self.window.position,
        )
    }

    fn damaged(
        &mut self,
        stretch: Stretch,
        line: i64,
        (reason, detail): Reason,
    ) -> (Item<'_>, Position) {
        let (raw, own) = self.take_record(stretch, line);
        let damage = Damage {
            line,
            reason,
            detail,
            raw: &self.window.buffer[raw],
            shown: shown(&self.window.buffer[own], self.encoding),
        };
        (Item::Damaged(damage), self.window.position)
    }

    /// Moves the position behind a record that begins in `line`; gives all bytes that were taken, and the record's own.
    #[inline]
    fn take_record(&mut self, stretch: Stretch, line: i64) -> (Range<usize>, Range<usize>) {
        self.window.position.record += 1;
        let from = self.window.take(stretch.end, line + stretch.lines);
        (from..stretch.end, stretch.start..stretch.text_end)
    }

    /// Tells apart the record at `start`. Looks at no more than a record may have, so that the answer
    /// does not depend on how much happens to be in the buffer.
    fn find(&mut self, start: usize) -> Found {
        let full = start + self.limits.record_bytes + 1;
        let window = &self.window.buffer[..self.window.filled.min(full)];
        // A full window says nothing about what follows, even when nothing does.
        let last = self.window.ended && self.window.filled < full;
        let leave = last && self.window.at_end == AtEnd::Leave;
        let too_long = window.len() == full;
        // Without line end, or with a CR that may become CR LF.
        let unfinished = |text_end, end| {
            leave && end == window.len() && (text_end == end || window[end - 1] == b'\r')
        };
        let stretch = |text_end, end, lines| Stretch {
            start,
            text_end,
            end,
            lines,
        };
        match split(window, start, &self.syntax, last, &mut self.spans) {
            Split::Record { text_end, end, .. } if unfinished(text_end, end) => Found::Left,
            Split::Record {
                text_end,
                end,
                lines,
            } => Found::Record(stretch(text_end, end, lines)),
            Split::Damaged { at_end: true } if leave => Found::Left,
            Split::Damaged { at_end } => match physical_line(window, start, last) {
                Some((text_end, end)) if unfinished(text_end, end) => Found::Left,
                Some((text_end, end)) => {
                    let detail = if at_end {
                        OPEN_AT_END
                    } else {
                        "a quote is opened and not closed where the field ends"
                    };
                    Found::Damaged(stretch(text_end, end, 1), (RejectReason::Quote, detail))
                }
                None if too_long => self.piece(start),
                None => Found::More,
            },
            Split::More if too_long => self.piece(start),
            Split::More => Found::More,
        }
    }

    fn piece(&self, start: usize) -> Found {
        let end = start + self.limits.record_bytes;
        let stretch = Stretch {
            start,
            text_end: end,
            end,
            lines: count_line_ends(&self.window.buffer[start..end]),
        };
        let detail = "a record of more than 16 MiB; this is a piece of it";
        Found::Damaged(stretch, (RejectReason::TooLong, detail))
    }

    /// A blank line at `start`, or the byte order mark of the source, or of another one that was put behind it.
    fn blank(&self, start: usize) -> Blank {
        let data = &self.window.buffer[..self.window.filled];
        if data[start..].starts_with(BOM) {
            return Blank::Until(start + BOM.len(), 0);
        }
        if BOM.starts_with(&data[start..]) && !self.window.ended {
            return Blank::More;
        }
        let Some(spaces) = data[start..].iter().position(|byte| *byte != b' ') else {
            // Spaces up to the end of what is known; a long run of them is no blank line.
            return match self.window.filled - start {
                long if long > BLANK_BYTES => Blank::No,
                _ if self.window.ended => Blank::Until(self.window.filled, 1),
                _ => Blank::More,
            };
        };
        match data[start + spaces] {
            b'\n' | b'\r' if spaces <= BLANK_BYTES => {
                line_end(data, start + spaces, self.window.ended)
                    .map_or(Blank::More, |end| Blank::Until(end, 1))
            }
            _ => Blank::No,
        }
    }

    /// Makes text of the record's fields. `true`: the record's own bytes are its text; `false`: every field stands in
    /// the scratch text.
    fn decode(&mut self, stretch: Stretch) -> Result<bool, Reason> {
        let own = &self.window.buffer[stretch.start..stretch.text_end];
        if self.window.nul_seen && memchr::memchr(0, own).is_some() {
            return Err((
                RejectReason::BadValue,
                "a NUL byte, which no text in PostgreSQL can hold",
            ));
        }
        self.scratch.clear();
        let direct = own.is_ascii()
            || (self.encoding == Encoding::UTF_8 && std::str::from_utf8(own).is_ok());
        if direct {
            for span in self.spans.iter_mut().filter(|span| span.doubled) {
                let field = own
                    .get(span.start as usize..span.end as usize)
                    .unwrap_or_default();
                let text = std::str::from_utf8(field).unwrap_or_default();
                push_undoubled(&mut self.scratch, span, text, self.syntax.quote);
            }
            return Ok(true);
        }
        let fallback = self.encoding == Encoding::UTF_8 && self.encoding_guessed;
        let encoding = if fallback {
            Encoding::WINDOWS_1252
        } else {
            self.encoding
        };
        for span in &mut self.spans {
            let field = own
                .get(span.start as usize..span.end as usize)
                .unwrap_or_default();
            let Some(text) = encoding.decode(field) else {
                return Err((
                    RejectReason::Encoding,
                    "bytes that are no text in the encoding of the source",
                ));
            };
            if text.contains('\0') {
                return Err((
                    RejectReason::BadValue,
                    "a NUL character, which no text in PostgreSQL can hold",
                ));
            }
            push_undoubled(&mut self.scratch, span, &text, self.syntax.quote);
        }
        Ok(false)
    }
}

enum Blank {
    No,
    /// What is blank ends here, and so many lines with it.
    Until(usize, i64),
    More,
}

/// Puts a field into the scratch text, doubled quotes as one.
fn push_undoubled(scratch: &mut String, span: &mut Span, text: &str, quote: Option<u8>) {
    let start = scratch.len();
    match quote.map(char::from) {
        Some(quote) if span.doubled => {
            let mut rest = text;
            while let Some(at) = rest.find(quote) {
                scratch.push_str(&rest[..=at]);
                let after = &rest[at + 1..];
                rest = after.strip_prefix(quote).unwrap_or(after);
            }
            scratch.push_str(rest);
        }
        _ => scratch.push_str(text),
    }
    *span = Span {
        start: start as u32,
        end: scratch.len() as u32,
        scratch: true,
        doubled: false,
        ..*span
    };
}
