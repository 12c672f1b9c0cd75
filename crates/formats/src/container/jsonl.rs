//! Reading JSON lines: one object on each line. A line that is none is damaged, and costs only itself.
//!
//! A string in JSON holds no line end, so that a record begins behind any of them, wherever reading began.

use std::io::Read;

use smartetl_core::model::RejectReason;

use super::flatten::Reason;
use super::object::ObjectWindow;
use super::window::BLANK_BYTES;
use super::{AtEnd, ContainerError, Encoding, Item, Limits, Position};

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

/// Gives out the objects of a text, one at a time.
pub struct JsonlReader {
    inner: ObjectWindow,
}

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
    /// `input` must stand at content byte `start.byte` (see `Content::skip`). A record has these columns, in this order.
    pub fn open(
        input: impl Read + Send + 'static,
        settings: &JsonlSettings,
        columns: &[String],
        start: Position,
        at_end: AtEnd,
    ) -> Self {
        Self::with_limits(input, settings, columns, start, at_end, Limits::default())
    }

    pub fn with_limits(
        input: impl Read + Send + 'static,
        settings: &JsonlSettings,
        columns: &[String],
        start: Position,
        at_end: AtEnd,
        limits: Limits,
    ) -> Self {
        Self {
            inner: ObjectWindow::new(input, settings, columns, start, at_end, limits),
        }
    }

    /// For a sample, whose columns are those that its objects turn out to have.
    pub(super) fn of_sample(sample: &[u8], complete: bool, settings: &JsonlSettings) -> Self {
        Self {
            inner: ObjectWindow::of_sample(sample, complete, settings),
        }
    }

    /// The columns of its records.
    pub(super) fn into_names(self) -> Vec<String> {
        self.inner.into_names()
    }

    /// The place behind what was handed out last.
    pub fn position(&self) -> Position {
        self.inner.window.position
    }

    /// After the end: whether more than blank lines was left.
    pub fn leaves_line(&self) -> bool {
        self.inner.window.leaves_line()
    }

    /// After the end: what was left is given out after all, as if the source were complete.
    pub fn take_rest(&mut self) {
        self.inner.window.at_end = AtEnd::Take;
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
        let mut ahead = self.inner.window.mark()?;
        let mut searched = ahead;
        let mut line = self.inner.window.position.line;
        loop {
            let start = self.inner.window.taken + ahead;
            let known = self.inner.window.ahead();
            // No more than a line may have is looked at, so that the answer does not depend on how much is in the buffer.
            let most = known.len().min(ahead + self.inner.limits.record_bytes + 1);
            let found = known
                .get(searched..most)
                .and_then(|rest| memchr::memchr(b'\n', rest));
            let found = match found {
                Some(at) => Line {
                    start,
                    text_end: self.inner.window.taken + searched + at,
                    end: self.inner.window.taken + searched + at + 1,
                    lines: 1,
                },
                None if most - ahead > self.inner.limits.record_bytes => {
                    return Ok(Some(self.piece(start, line)));
                }
                None if !self.inner.window.ended => {
                    searched = most;
                    self.inner.window.fill()?;
                    continue;
                }
                None if self.inner.window.at_end == AtEnd::Leave
                    || !self.inner.window.leaves_line() =>
                {
                    return Ok(None);
                }
                None => Line {
                    start,
                    text_end: self.inner.window.filled,
                    end: self.inner.window.filled,
                    lines: 1,
                },
            };
            if self.inner.window.buffer[found.start..found.text_end]
                .trim_ascii_start()
                .is_empty()
            {
                ahead = found.end - self.inner.window.taken;
                searched = ahead;
                line += 1;
                if ahead >= BLANK_BYTES {
                    let from = self.inner.window.take(found.end, line);
                    let raw = &self.inner.window.buffer[from..found.end];
                    return Ok(Some((Item::Blank { raw }, self.inner.window.position)));
                }
                continue;
            }
            return Ok(Some(self.record(&found, line)));
        }
    }

    /// Hands out a line as a record, if it is one.
    fn record(&mut self, found: &Line, line: i64) -> (Item<'_>, Position) {
        self.inner.window.position.record += 1;
        let from = self.inner.window.take(found.end, line + found.lines);
        let raw = &self.inner.window.buffer[from..found.end];
        let own = &self.inner.window.buffer[found.start..found.text_end];
        let own = own.strip_suffix(b"\r").unwrap_or(own);
        (
            self.inner.objects.item(own, raw, line),
            self.inner.window.position,
        )
    }

    /// Hands out a piece of a line that is too long.
    fn piece(&mut self, start: usize, line: i64) -> (Item<'_>, Position) {
        let end = start + self.inner.limits.record_bytes;
        self.inner.window.position.record += 1;
        let from = self.inner.window.take(end, line);
        let own = &self.inner.window.buffer[start..end];
        let raw = &self.inner.window.buffer[from..end];
        let damage = self.inner.objects.damage(TOO_LONG, own, raw, line);
        (Item::Damaged(damage), self.inner.window.position)
    }
}
