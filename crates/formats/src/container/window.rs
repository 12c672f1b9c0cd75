//! The stretch of content that a reader has in memory: what was read and not handed out yet, and where that stands.

use std::io::{self, Read};

use super::content::is_behind;
use super::{AtEnd, ContainerError, Position};

/// A longer stretch of blank lines is handed out on its own.
pub(super) const BLANK_BYTES: usize = 64 * 1024;
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

pub(super) struct Window {
    input: Box<dyn Read + Send>,
    pub(super) buffer: Vec<u8>,
    /// `buffer[..filled]` holds content.
    pub(super) filled: usize,
    /// `buffer[taken]` is the content byte at `position.byte`.
    pub(super) taken: usize,
    pub(super) ended: bool,
    pub(super) at_end: AtEnd,
    failure: Option<io::Error>,
    pub(super) nul_seen: bool,
    /// The place behind what was handed out last.
    pub(super) position: Position,
}

impl Window {
    /// `input` must stand at content byte `start.byte`; `block_bytes` are read at a time.
    pub(super) fn new(
        input: impl Read + Send + 'static,
        block_bytes: usize,
        start: Position,
        at_end: AtEnd,
    ) -> Self {
        Self {
            input: Box::new(input),
            buffer: vec![0; block_bytes.max(16)],
            filled: 0,
            taken: 0,
            ended: false,
            at_end,
            failure: None,
            nul_seen: false,
            position: start,
        }
    }

    /// What is known and not handed out.
    pub(super) fn ahead(&self) -> &[u8] {
        &self.buffer[self.taken..self.filled]
    }

    /// After the end: whether more than blank lines was left.
    pub(super) fn leaves_line(&self) -> bool {
        !self.ahead().trim_ascii().is_empty()
    }

    /// How many bytes a byte order mark takes here: none but at the start.
    pub(super) fn mark(&mut self) -> Result<usize, ContainerError> {
        if self.position.byte > 0 {
            return Ok(0);
        }
        while self.ahead().len() < BOM.len() && !self.ended {
            self.fill()?;
        }
        Ok(if self.ahead().starts_with(BOM) {
            BOM.len()
        } else {
            0
        })
    }

    /// Moves the position to `end`, before this line; gives back where the bytes taken begin.
    pub(super) fn take(&mut self, end: usize, line: i64) -> usize {
        let from = std::mem::replace(&mut self.taken, end);
        self.position.byte += (end - from) as u64;
        self.position.line = line;
        from
    }

    /// Reads until the buffer is full or the source ends; makes room first.
    pub(super) fn fill(&mut self) -> Result<(), ContainerError> {
        if let Some(failure) = self.failure.take() {
            // Told once; whoever asks again hears that the data is cut.
            return Err(self.failed(failure));
        }
        if self.taken > 0 {
            self.buffer.copy_within(self.taken..self.filled, 0);
            self.filled -= self.taken;
            self.taken = 0;
        }
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let before = self.filled;
        while self.filled < self.buffer.len() {
            match self.input.read(&mut self.buffer[self.filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Told when all that came before is handed out.
                Err(error) if is_behind(&error) => {
                    self.failure = Some(error);
                    self.ended = true;
                    break;
                }
                Err(error) if self.filled == before => return Err(self.failed(error)),
                Err(error) => {
                    self.failure = Some(error);
                    break;
                }
            }
        }
        self.nul_seen |= memchr::memchr(0, &self.buffer[before..self.filled]).is_some();
        Ok(())
    }

    /// What there is to say at the end: nothing, or once what stands behind packed data, when no line is left before it.
    pub(super) fn end<T>(&mut self) -> Result<Option<T>, ContainerError> {
        if self.at_end == AtEnd::Leave && self.leaves_line() {
            return Ok(None);
        }
        let failure = self.failure.take();
        failure.map_or(Ok(None), |failure| Err(self.failed(failure)))
    }

    fn failed(&self, error: io::Error) -> ContainerError {
        ContainerError::stopped(error, self.position)
    }
}
