//! The thread that reads one source: records to rows, rows to batches, batches to whoever stores them.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::Ordering;

use anyhow::Context as _;
use smartetl_formats::{AtEnd, Extractor, Position, Step};
use smartetl_store::ledger::{self, LedgerLine};
use tokio::sync::mpsc;

use super::batch::BatchBuilder;
use super::collect::{Collector, Rows};
use super::content::{ContentHash, ContentRead, HEAD_BYTES, Reading};
use super::gathering::Gathering;
use super::identity::{self, Start};
use super::load::Loader;
use super::report::Tally;
use super::write::{Destination, Ready};
use crate::jobs::{Gathered, told};
use crate::kafka::MessageBuilder;

/// A batch is also ended at this size, so that long messages do not make huge ones.
const BATCH_BYTES: usize = 8 << 20;

/// A source that is to be read.
pub(super) struct Reader {
    pub(super) loader: Loader,
    pub(super) source: i64,
    pub(super) start: Start,
    /// A last line without end is taken as it is, in a batch of its own that can be taken back when the line goes on.
    pub(super) takes_rest: bool,
    /// Whoever writes it may cut it at any moment.
    pub(super) may_be_cut: bool,
    pub(super) gathering: Gathering,
    /// Where batches go.
    pub(super) to: mpsc::Sender<Ready>,
}

impl Reader {
    /// Reads up to the end, or until nobody takes the batches any more: whoever took them knows why.
    ///
    /// # Errors
    /// When the source cannot be opened, the database is gone, or rows that wait for the fuse find no room.
    pub(super) fn read(self, file: &File) -> anyhow::Result<Tally> {
        let Start {
            reading,
            settings,
            position,
            ..
        } = &self.start;
        let takes_rest = self.takes_rest;
        let standing = (self.may_be_cut && identity::is_plain(file, &reading.plan)?)
            .then(|| Standing::of(&self.start));
        let mut extractor =
            Extractor::open(file, &reading.plan, settings, *position, AtEnd::Leave)?;
        let mut batches = Batches::new(self, standing)?;
        loop {
            let over = match extractor.step(&mut batches.builder) {
                Ok(Some(step)) => {
                    batches.take(&step);
                    false
                }
                Ok(None) => true,
                Err(error) => {
                    batches.tally.stopped = Some(error);
                    true
                }
            };
            if batches.is_due(over) {
                // Asked after the last of its bytes was read.
                if batches.is_replaced(file) {
                    batches.tally.replaced = true;
                    return Ok(batches.tally);
                }
                if !batches.send()? {
                    return Ok(batches.tally);
                }
            }
            if over {
                let leaves_line = batches.tally.stopped.is_none() && extractor.leaves_line();
                if leaves_line && takes_rest && !batches.in_rest {
                    batches.in_rest = true;
                    extractor.take_rest();
                    continue;
                }
                batches.tally.waiting = leaves_line && !takes_rest;
                return Ok(batches.tally);
            }
        }
    }
}

/// The batches of one source.
struct Batches {
    loader: Loader,
    source: i64,
    lineage: i64,
    reading: Reading,
    gathering: Gathering,
    to: mpsc::Sender<Ready>,
    /// Numbers for the next ones.
    numbers: Vec<i64>,
    /// The one in the making, …
    builder: Collector,
    /// … its size, …
    bytes: usize,
    /// … and where it begins.
    from: Position,
    /// Where reading stands.
    position: Position,
    read: ContentRead,
    last_byte: Option<u8>,
    /// What the file holds for as long as nobody cuts it.
    standing: Option<Standing>,
    /// The last line, which has no end, is being taken.
    in_rest: bool,
    tally: Tally,
}

impl Batches {
    fn new(reader: Reader, standing: Option<Standing>) -> anyhow::Result<Self> {
        let Reader {
            loader,
            source,
            start,
            gathering,
            to,
            ..
        } = reader;
        let mut numbers = Vec::new();
        let builder = match &loader.destination {
            Destination::Tables(_) => {
                let first = next_number(&mut numbers, &loader)?;
                Collector::Tuples(BatchBuilder::new(first, gathering.clone()))
            }
            Destination::Kafka(outlet) => {
                let producer = &outlet.producer;
                // What stands around a value: a key and headers, one of them the path.
                let around = 1024 + start.settings.path.len();
                let limit = producer.limit().saturating_sub(around);
                let messages = MessageBuilder::new(producer.is_one_topic(), limit);
                Collector::Messages(messages)
            }
        };
        Ok(Self {
            source,
            lineage: start.lineage,
            reading: start.reading,
            to,
            numbers,
            builder,
            gathering,
            bytes: 0,
            from: start.position,
            position: start.position,
            read: start.read,
            last_byte: None,
            standing,
            in_rest: false,
            tally: Tally::default(),
            loader,
        })
    }

    /// Counts what was read; its rows are in the builder already.
    fn take(&mut self, step: &Step<'_>) {
        if let Some(standing) = &mut self.standing {
            standing.append(step.raw);
        }
        self.read.append(step.raw);
        self.last_byte = step.raw.last().copied();
        self.bytes += step.raw.len();
        if step.outcome.is_some() {
            self.builder.end_record(self.position.record);
        }
        self.position = step.position;
        self.builder.counts().note(step.outcome);
    }

    /// Whether the file was cut, or written anew, since reading began.
    fn is_replaced(&self, file: &File) -> bool {
        let standing = self.standing.as_ref();
        standing.is_some_and(|standing| !standing.is_in(file))
    }

    /// Whether the batch in the making is to be sent; `over`: nothing more comes.
    fn is_due(&mut self, over: bool) -> bool {
        let records = self.builder.counts().records;
        let full = records as usize >= self.loader.batch_records || self.bytes >= BATCH_BYTES;
        (full || over) && records > 0
    }

    /// Sends the batch in the making and begins the next one. `false` when nobody takes it.
    fn send(&mut self) -> anyhow::Result<bool> {
        let (batch, rows, counts) = match &mut self.builder {
            Collector::Tuples(builder) => {
                let next = next_number(&mut self.numbers, &self.loader)?;
                let (batch, rows, counts) = builder.finish(next);
                (batch, Rows::Tuples(rows), counts)
            }
            // Whoever receives the messages numbers batches of their own.
            Collector::Messages(builder) => {
                let (messages, counts) = builder.finish();
                (0, Rows::Messages(messages), counts)
            }
        };
        self.tally.add(&counts);
        let progress = &self.loader.progress;
        progress
            .content_bytes
            .fetch_add(self.bytes as u64, Ordering::Relaxed);
        progress
            .records
            .fetch_add(counts.records as u64, Ordering::Relaxed);
        // A line that ends with LF is only left when a quote is open.
        let unterminated = self.in_rest && self.last_byte != Some(b'\r');
        let ready = Ready {
            rows,
            line: LedgerLine {
                batch,
                source: self.source,
                lineage: self.lineage,
                dialect: self.reading.plan.dialect.dialect.clone(),
                zone: self.reading.timezone.clone(),
                configuration_hash: self.loader.configuration_hash,
                first_record: self.from.record,
                first_line: self.from.line,
                ..counts.ledger_line()
            },
            advance: self
                .read
                .advance(self.lineage, self.from.record, self.position, unterminated),
        };
        if self.to.blocking_send(ready).is_err() {
            return Ok(false);
        }
        if let Some(made) = self.gathering.with(Gathered::make_room) {
            made.map_err(|error| told(error.into()))?;
        }
        if let Some(standing) = &mut self.standing {
            standing.before = (self.read.length, self.read.tail.bytes().to_vec());
        }
        self.from = self.position;
        self.bytes = 0;
        Ok(true)
    }
}

/// What a file held when a batch of it was begun. A file that is cut while it is read, and grows again beyond the place that
/// was reached, gives bytes of two contents: then it no longer holds this.
struct Standing {
    /// The beginning by which its content is known: its length and its hash.
    known_head: (usize, Vec<u8>),
    /// Its first bytes as they were read, where reading began with them.
    head: Vec<u8>,
    is_from_start: bool,
    /// Where the batch began, and what stands before that.
    before: (u64, Vec<u8>),
}

impl Standing {
    fn of(start: &Start) -> Self {
        Self {
            known_head: start.head.clone(),
            head: Vec::new(),
            is_from_start: start.read.length == 0,
            before: (start.read.length, start.read.tail.bytes().to_vec()),
        }
    }

    fn append(&mut self, raw: &[u8]) {
        if self.is_from_start {
            let wanted = raw.len().min(HEAD_BYTES - self.head.len());
            self.head.extend_from_slice(&raw[..wanted]);
        }
    }

    fn is_in(&self, file: &File) -> bool {
        let read = |from: u64, length: usize| {
            let mut bytes = vec![0; length];
            file.read_exact_at(&mut bytes, from).ok().map(|()| bytes)
        };
        let (length, hash) = &self.known_head;
        let is_known = read(0, *length).is_some_and(|bytes| ContentHash::of(&bytes) == *hash);
        let has_head = read(0, self.head.len()).is_some_and(|bytes| bytes == self.head);
        let (at, before) = &self.before;
        is_known
            && has_head
            && read(at - before.len() as u64, before.len()).is_some_and(|bytes| bytes == *before)
    }
}

/// The number of the next batch; more are fetched when none is left.
fn next_number(numbers: &mut Vec<i64>, loader: &Loader) -> anyhow::Result<i64> {
    if numbers.is_empty() {
        let fetched = tokio::runtime::Handle::current().block_on(async {
            let mut connection = loader.pool.acquire().await?;
            ledger::batch_numbers(&mut connection, 16).await
        })?;
        numbers.extend(fetched.into_iter().rev());
    }
    numbers.pop().context("the server gave no batch numbers")
}
