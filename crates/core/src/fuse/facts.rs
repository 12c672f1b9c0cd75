//! Rows as the fold keeps them: packed into bytes while they wait, unpacked tree by tree.
//!
//! The bytes never leave one process, so their form may change with every version.

use uuid::Uuid;

use super::interner::Sym;
use crate::model::{Blame, Category, Event, Moment, RowStatus, Severity};

/// A row of `log`.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogFact {
    pub(super) head: u32,
    pub(super) moment: Moment,
    pub(super) marked: bool,
    pub(super) batch: u32,
    pub(super) event: Event,
    pub(super) step: Sym,
    pub(super) status: Option<RowStatus>,
    pub(super) attempt: Option<i32>,
    pub(super) map_index: Option<i32>,
    pub(super) duration_ms: Option<i64>,
    pub(super) label: Sym,
    pub(super) count: Option<i64>,
    pub(super) rows_in: Option<i64>,
    pub(super) rows_out: Option<i64>,
    pub(super) rows_rejected: Option<i64>,
}

/// A row of `logerreur`.
#[derive(Clone, Copy, Debug)]
pub(super) struct ErrorFact<'b> {
    pub(super) head: u32,
    pub(super) moment: Moment,
    pub(super) marked: bool,
    pub(super) batch: u32,
    pub(super) step: Sym,
    pub(super) attempt: Option<i32>,
    pub(super) map_index: Option<i32>,
    pub(super) severity: Severity,
    pub(super) signature: Uuid,
    pub(super) category: Category,
    pub(super) wrapper: bool,
    pub(super) blame: Option<Blame>,
    pub(super) retryable: Option<bool>,
    pub(super) truncated: bool,
    /// It named no tree: the one it stands in was found (section 2.6).
    pub(super) tree_inferred: bool,
    pub(super) message: Option<&'b str>,
}

const LOG: u8 = 0;
const ERROR: u8 = 1;

/// Which optional fields follow, one bit each.
mod has {
    pub(super) const ATTEMPT: u16 = 1;
    pub(super) const MAP_INDEX: u16 = 1 << 1;
    pub(super) const DURATION: u16 = 1 << 2;
    pub(super) const LABEL: u16 = 1 << 3;
    pub(super) const COUNT: u16 = 1 << 4;
    pub(super) const ROWS_IN: u16 = 1 << 5;
    pub(super) const ROWS_OUT: u16 = 1 << 6;
    pub(super) const ROWS_REJECTED: u16 = 1 << 7;
    pub(super) const MARKED: u16 = 1 << 8;
    pub(super) const STEP: u16 = 1 << 9;
    pub(super) const MESSAGE: u16 = 1 << 10;
    pub(super) const TRUNCATED: u16 = 1 << 11;
    pub(super) const WRAPPER: u16 = 1 << 12;
    pub(super) const TREE_INFERRED: u16 = 1 << 13;
}

/// No member, where a vocabulary is packed into a byte.
const NO_WORD: u8 = u8::MAX;

impl LogFact {
    pub(super) fn pack(&self, out: &mut Vec<u8>) {
        let mut bits = 0;
        for (bit, present) in [
            (has::ATTEMPT, self.attempt.is_some()),
            (has::MAP_INDEX, self.map_index.is_some()),
            (has::DURATION, self.duration_ms.is_some()),
            (has::LABEL, !self.label.is_none()),
            (has::COUNT, self.count.is_some()),
            (has::ROWS_IN, self.rows_in.is_some()),
            (has::ROWS_OUT, self.rows_out.is_some()),
            (has::ROWS_REJECTED, self.rows_rejected.is_some()),
            (has::MARKED, self.marked),
            (has::STEP, !self.step.is_none()),
        ] {
            bits |= if present { bit } else { 0 };
        }
        out.push(LOG);
        out.extend_from_slice(&bits.to_le_bytes());
        out.extend_from_slice(&self.head.to_le_bytes());
        out.extend_from_slice(&self.batch.to_le_bytes());
        out.extend_from_slice(&self.moment.0.to_le_bytes());
        out.push(self.event as u8);
        out.push(self.status.map_or(NO_WORD, |status| status as u8));
        if !self.step.is_none() {
            out.extend_from_slice(&self.step.0.to_le_bytes());
        }
        if !self.label.is_none() {
            out.extend_from_slice(&self.label.0.to_le_bytes());
        }
        for value in [self.attempt, self.map_index].into_iter().flatten() {
            out.extend_from_slice(&value.to_le_bytes());
        }
        for value in [
            self.duration_ms,
            self.count,
            self.rows_in,
            self.rows_out,
            self.rows_rejected,
        ]
        .into_iter()
        .flatten()
        {
            out.extend_from_slice(&value.to_le_bytes());
        }
    }
}

impl ErrorFact<'_> {
    pub(super) fn pack(&self, out: &mut Vec<u8>) {
        let mut bits = 0;
        for (bit, present) in [
            (has::ATTEMPT, self.attempt.is_some()),
            (has::MAP_INDEX, self.map_index.is_some()),
            (has::MARKED, self.marked),
            (has::STEP, !self.step.is_none()),
            (has::MESSAGE, self.message.is_some()),
            (has::TRUNCATED, self.truncated),
            (has::WRAPPER, self.wrapper),
            (has::TREE_INFERRED, self.tree_inferred),
        ] {
            bits |= if present { bit } else { 0 };
        }
        out.push(ERROR);
        out.extend_from_slice(&bits.to_le_bytes());
        out.extend_from_slice(&self.head.to_le_bytes());
        out.extend_from_slice(&self.batch.to_le_bytes());
        out.extend_from_slice(&self.moment.0.to_le_bytes());
        out.push(self.severity as u8);
        out.push(self.category as u8);
        out.push(self.blame.map_or(NO_WORD, |blame| blame as u8));
        out.push(self.retryable.map_or(NO_WORD, u8::from));
        out.extend_from_slice(self.signature.as_bytes());
        if !self.step.is_none() {
            out.extend_from_slice(&self.step.0.to_le_bytes());
        }
        for value in [self.attempt, self.map_index].into_iter().flatten() {
            out.extend_from_slice(&value.to_le_bytes());
        }
        if let Some(message) = self.message {
            out.extend_from_slice(&(message.len() as u32).to_le_bytes());
            out.extend_from_slice(message.as_bytes());
        }
    }
}

/// Unpacks what [`LogFact::pack`] and [`ErrorFact::pack`] wrote; `base` is added to the numbers of heads.
pub(super) fn unpack<'b>(
    mut bytes: Packed<'b>,
    base: u32,
    logs: &mut Vec<LogFact>,
    errors: &mut Vec<ErrorFact<'b>>,
) {
    while !bytes.is_empty() {
        let [tag] = bytes.take();
        let bits = u16::from_le_bytes(bytes.take());
        let has = |bit: u16| bits & bit != 0;
        let head = base + bytes.int();
        let batch = bytes.int();
        let moment = Moment(i64::from_le_bytes(bytes.take()));
        let marked = has(has::MARKED);
        if tag == LOG {
            let [event, status] = bytes.take();
            let step = bytes.sym(has(has::STEP));
            let label = bytes.sym(has(has::LABEL));
            logs.push(LogFact {
                head,
                moment,
                marked,
                batch,
                event: Event::from_index(event).expect("packed from an event"),
                step,
                status: RowStatus::from_index(status),
                label,
                attempt: bytes.option_int(has(has::ATTEMPT)),
                map_index: bytes.option_int(has(has::MAP_INDEX)),
                duration_ms: bytes.option_long(has(has::DURATION)),
                count: bytes.option_long(has(has::COUNT)),
                rows_in: bytes.option_long(has(has::ROWS_IN)),
                rows_out: bytes.option_long(has(has::ROWS_OUT)),
                rows_rejected: bytes.option_long(has(has::ROWS_REJECTED)),
            });
        } else {
            let [severity, category, blame, retryable] = bytes.take();
            let signature = Uuid::from_bytes(bytes.take());
            let step = bytes.sym(has(has::STEP));
            let attempt = bytes.option_int(has(has::ATTEMPT));
            let map_index = bytes.option_int(has(has::MAP_INDEX));
            let message = has(has::MESSAGE).then(|| bytes.text());
            errors.push(ErrorFact {
                head,
                moment,
                marked,
                batch,
                step,
                attempt,
                map_index,
                severity: Severity::from_index(severity).expect("packed from a severity"),
                signature,
                category: Category::from_index(category).expect("packed from a category"),
                wrapper: has(has::WRAPPER),
                blame: Blame::from_index(blame),
                retryable: (retryable != NO_WORD).then_some(retryable == 1),
                truncated: has(has::TRUNCATED),
                tree_inferred: has(has::TREE_INFERRED),
                message,
            });
        }
    }
}

/// What was packed, from its beginning on.
#[derive(Clone, Copy)]
pub(super) struct Packed<'b>(pub(super) &'b [u8]);

impl<'b> Packed<'b> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take<const N: usize>(&mut self) -> [u8; N] {
        let (head, rest) = self
            .0
            .split_first_chunk::<N>()
            .expect("packed values are whole");
        self.0 = rest;
        *head
    }

    pub(super) fn split(&mut self, length: usize) -> Self {
        let (head, rest) = self.0.split_at(length);
        self.0 = rest;
        Self(head)
    }

    pub(super) fn int(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    pub(super) fn text(&mut self) -> &'b str {
        let length = self.int() as usize;
        std::str::from_utf8(self.split(length).0).expect("packed from a str")
    }

    fn sym(&mut self, present: bool) -> Sym {
        if present { Sym(self.int()) } else { Sym::NONE }
    }

    fn option_int(&mut self, present: bool) -> Option<i32> {
        present.then(|| i32::from_le_bytes(self.take()))
    }

    fn option_long(&mut self, present: bool) -> Option<i64> {
        present.then(|| i64::from_le_bytes(self.take()))
    }
}
