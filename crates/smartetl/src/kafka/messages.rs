//! Records as messages: their rows, without secrets, as documents of the schema.

use smartetl_core::model::{ErrorRow, LogRow, Reject, RejectReason, RowSink};
use smartetl_core::redact::redact;
use smartetl_formats::envelope::{self, VERSION};

use crate::ingest::{Counts, Meaning};

/// Which topic a message goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Log,
    /// Also takes rejects.
    Error,
}

/// A message that is ready to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Message<'m> {
    pub topic: Topic,
    pub record: i64,
    /// The run: all messages of a run go to one partition.
    pub key: &'m [u8],
    pub value: &'m [u8],
}

/// The messages of a batch.
#[derive(Debug, Default)]
pub struct Messages {
    bytes: Vec<u8>,
    ends: Vec<Ends>,
}

#[derive(Debug)]
struct Ends {
    topic: Topic,
    record: i64,
    key: usize,
    value: usize,
}

impl Messages {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Message<'_>> {
        let mut from = 0;
        self.ends.iter().map(move |ends| {
            let key = &self.bytes[from..ends.key];
            from = ends.value;
            Message {
                topic: ends.topic,
                record: ends.record,
                key,
                value: &self.bytes[ends.key..ends.value],
            }
        })
    }

    fn push(&mut self, topic: Topic, record: i64, key: &[u8], parts: &[&[u8]]) {
        self.bytes.extend_from_slice(key);
        let key = self.bytes.len();
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.ends.push(Ends {
            topic,
            record,
            key,
            value: self.bytes.len(),
        });
    }
}

/// Takes the rows of records and makes messages of them.
#[derive(Default)]
pub struct MessageBuilder {
    messages: Messages,
    counts: Counts,
    meaning: Meaning,
    /// Both kinds go to one topic: then a record is one message.
    one_topic: bool,
    /// A longer value is a reject.
    limit: usize,
    /// Elements of the record that is being read, with commas between.
    log: Vec<u8>,
    errors: Vec<u8>,
    reject: Vec<u8>,
    key: Vec<u8>,
    line: i64,
    /// How many rows of either kind it has given.
    rows: (i64, i64),
}

impl MessageBuilder {
    /// `limit`: bytes of a message that the broker takes.
    pub fn new(one_topic: bool, limit: usize) -> Self {
        Self {
            one_topic,
            limit,
            ..Self::default()
        }
    }

    pub fn counts(&mut self) -> &mut Counts {
        &mut self.counts
    }

    /// What was collected.
    pub fn finish(&mut self) -> (Messages, Counts) {
        (
            std::mem::take(&mut self.messages),
            std::mem::take(&mut self.counts),
        )
    }

    /// The record is over: what it gave becomes messages.
    pub fn end_record(&mut self, record: i64) {
        if self.log.is_empty() && self.errors.is_empty() && self.reject.is_empty() {
            return;
        }
        let opening = format!(r#"{{"v":{VERSION}"#);
        let log: [&[u8]; 3] = [br#","log":["#, &self.log, b"]"];
        let errors: [&[u8]; 3] = [br#","logerreur":["#, &self.errors, b"]"];
        let reject: [&[u8]; 2] = [br#","reject":"#, &self.reject];
        let of_log: &[&[u8]] = if self.log.is_empty() { &[] } else { &log };
        let of_errors: &[&[u8]] = if self.errors.is_empty() { &[] } else { &errors };
        let of_reject: &[&[u8]] = if self.reject.is_empty() { &[] } else { &reject };
        let others = [of_errors, of_reject].concat();
        let wanted = if self.one_topic {
            vec![(Topic::Log, [of_log, &others].concat())]
        } else {
            vec![(Topic::Log, of_log.to_vec()), (Topic::Error, others)]
        };
        let mut is_cut = false;
        for (topic, parts) in wanted {
            if parts.is_empty() {
                continue;
            }
            let parts = [&[opening.as_bytes()], parts.as_slice(), &[b"}"]].concat();
            let length: usize = parts.iter().map(|part| part.len()).sum();
            if length + self.key.len() <= self.limit {
                self.messages.push(topic, record, &self.key, &parts);
            } else {
                let too_long = too_long(self.line, length, self.limit, &opening, parts[2]);
                self.messages.push(topic, record, &self.key, &[&too_long]);
                match (topic, self.one_topic) {
                    (_, true) => self.rows = (0, 0),
                    (Topic::Log, false) => self.rows.0 = 0,
                    (Topic::Error, false) => self.rows.1 = 0,
                }
                is_cut |= self.reject.is_empty();
            }
        }
        if is_cut {
            // The outcome that is counted next says rows.
            self.counts.records_with_rows -= 1;
            self.counts.rejects += 1;
            *self
                .counts
                .by_reason
                .entry(RejectReason::TooLong)
                .or_default() += 1;
        }
        let (log, errors) = std::mem::take(&mut self.rows);
        self.counts.rows_log += log;
        self.counts.rows_error += errors;
        self.log.clear();
        self.errors.clear();
        self.reject.clear();
        self.key.clear();
    }
}

/// A longer key is replaced by its hash, bytes.
const KEY_BYTES: usize = 512;

/// The key of a record is that of its first row.
fn note_key(key: &mut Vec<u8>, run_id: &str) {
    if !key.is_empty() {
        return;
    }
    if run_id.len() <= KEY_BYTES {
        key.extend_from_slice(run_id.as_bytes());
    } else {
        let hash = xxhash_rust::xxh3::xxh3_128(run_id.as_bytes());
        key.extend_from_slice(format!("{hash:032x}").as_bytes());
    }
}

/// A reject in the place of a record that no message can hold, with the beginning of its rows.
fn too_long(line: i64, length: usize, limit: usize, opening: &str, rows: &[u8]) -> Vec<u8> {
    let raw = String::from_utf8_lossy(&rows[..rows.len().min(limit / 8)]);
    let reject = Reject {
        line,
        column: None,
        reason: RejectReason::TooLong,
        detail: &format!("a message of {length} bytes; the topic takes {limit}"),
        raw: &raw,
    };
    let mut value = format!(r#"{opening},"reject":"#).into_bytes();
    // Writing to memory cannot fail.
    let _ = envelope::write_reject(&reject, &mut value);
    value.push(b'}');
    value
}

fn comma(elements: &mut Vec<u8>) {
    if !elements.is_empty() {
        elements.push(b',');
    }
}

impl RowSink for MessageBuilder {
    fn log(&mut self, row: &LogRow<'_>) {
        self.line = row.line;
        let Self {
            meaning,
            log,
            key,
            rows,
            ..
        } = self;
        meaning.of_log(row, |row| {
            note_key(key, row.run_id);
            comma(log);
            // Writing to memory cannot fail.
            let _ = envelope::write_log(row, log);
            rows.0 += 1;
        });
    }

    fn error(&mut self, row: &ErrorRow<'_>) {
        self.line = row.line;
        let Self {
            meaning,
            errors,
            key,
            rows,
            ..
        } = self;
        meaning.without_secrets(row, |row| {
            note_key(key, row.run_id);
            comma(errors);
            // Writing to memory cannot fail.
            let _ = envelope::write_error(row, errors);
            rows.1 += 1;
        });
    }

    fn reject(&mut self, reject: &Reject<'_>) {
        // The same record has the same key whenever it is sent.
        self.line = reject.line;
        note_key(&mut self.key, &format!("line {}", reject.line));
        let redacted = Reject {
            detail: &redact(reject.detail),
            raw: &redact(reject.raw),
            ..reject.clone()
        };
        self.reject.clear();
        // Writing to memory cannot fail.
        let _ = envelope::write_reject(&redacted, &mut self.reject);
        *self.counts.by_reason.entry(reject.reason).or_default() += 1;
    }
}
