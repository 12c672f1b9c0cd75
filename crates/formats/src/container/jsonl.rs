//! Reading JSON lines: one object on each line. A line that is none is damaged, and costs only itself.
//!
//! A string in JSON holds no line end, so that a record begins behind any of them, wherever reading began.

use smartetl_core::model::RejectReason;

use super::flatten::Reason;
use super::object::ObjectStream;
use super::window::BLANK_BYTES;
use super::{AtEnd, ContainerError, Encoding, Item, Position};

/// Why a piece of a record that is longer than the limit is none.
pub(super) const TOO_LONG: Reason = (
    RejectReason::TooLong,
    "a record of more than 16 MiB; this is a piece of it",
);

/// How the lines of a text are written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonlSettings {
    pub encoding: Encoding,
    /// The encoding was recognised, not set: a line that is no UTF-8 is then read as windows-1252.
    pub encoding_guessed: bool,
}

/// Each object stands on a line.
pub struct Lines;

/// Gives out the objects of a text, one at a time.
pub type JsonlReader = ObjectStream<Lines>;

/// A line's place in the buffer.
struct Line {
    start: usize,
    /// Without line end.
    text_end: usize,
    end: usize,
    /// Physical lines.
    lines: i64,
}

impl JsonlReader {
    /// After the end: whether more than blank lines was left.
    pub fn leaves_line(&self) -> bool {
        self.window.leaves_line()
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
        // All count from `taken`, which moves when the buffer is filled.
        let mut ahead = self.window.mark()?;
        let mut searched = ahead;
        let mut line = self.window.position.line;
        loop {
            let start = self.window.taken + ahead;
            let known = self.window.ahead();
            // No more than a line may have is looked at, so that the answer does not depend on how much is in the buffer.
            let most = known.len().min(ahead + self.limits.record_bytes + 1);
            let found = known
                .get(searched..most)
                .and_then(|rest| memchr::memchr(b'\n', rest));
            let found = match found {
                Some(at) => Line {
                    start,
                    text_end: self.window.taken + searched + at,
                    end: self.window.taken + searched + at + 1,
                    lines: 1,
                },
                None if most - ahead > self.limits.record_bytes => {
                    return Ok(Some(self.piece(start, line)));
                }
                None if !self.window.ended => {
                    searched = most;
                    self.window.fill()?;
                    continue;
                }
                None if self.window.at_end == AtEnd::Leave || !self.window.leaves_line() => {
                    return self.window.end();
                }
                None => Line {
                    start,
                    text_end: self.window.filled,
                    end: self.window.filled,
                    lines: 1,
                },
            };
            if self.window.buffer[found.start..found.text_end]
                .trim_ascii_start()
                .is_empty()
            {
                ahead = found.end - self.window.taken;
                searched = ahead;
                line += 1;
                if ahead >= BLANK_BYTES {
                    let from = self.window.take(found.end, line);
                    let raw = &self.window.buffer[from..found.end];
                    return Ok(Some((Item::Blank { raw }, self.window.position)));
                }
                continue;
            }
            return Ok(Some(self.record(&found, line)));
        }
    }

    /// Hands out a line as a record, if it is one.
    fn record(&mut self, found: &Line, line: i64) -> (Item<'_>, Position) {
        self.window.position.record += 1;
        let from = self.window.take(found.end, line + found.lines);
        let raw = &self.window.buffer[from..found.end];
        let own = &self.window.buffer[found.start..found.text_end];
        let own = own.strip_suffix(b"\r").unwrap_or(own);
        (self.objects.item(own, raw, line), self.window.position)
    }

    /// Hands out a piece of a line that is too long.
    fn piece(&mut self, start: usize, line: i64) -> (Item<'_>, Position) {
        let end = start + self.limits.record_bytes;
        self.window.position.record += 1;
        let from = self.window.take(end, line);
        let own = &self.window.buffer[start..end];
        let raw = &self.window.buffer[from..end];
        let damage = self.objects.damage(TOO_LONG, own, raw, line);
        (Item::Damaged(damage), self.window.position)
    }
}
