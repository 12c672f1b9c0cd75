//! From the body of a post to rows.

use std::io::Cursor;
use std::sync::Arc;

use smartetl_core::model::{ErrorRow, LogRow, Reject, RowSink};
use smartetl_formats::container::{recognise_json, sample_of};
use smartetl_formats::envelope::{self, DIALECT as OURS, Unreadable};
use smartetl_formats::{
    AtEnd, Extractor, FormatError, MessageReader, Outcome, Plan, Position, Settings,
};

use super::{Receipt, Refused};
use crate::ingest::BatchBuilder;
use crate::reason::Reason;

/// How a body is read.
pub enum Form {
    /// One event of OpenLineage.
    Event,
    /// Documents in our own schema (`doc/message.schema.json`), with the environment and the host of rows that say none.
    Ours(Option<String>, Option<String>),
    /// JSON of any dialect, read like a file.
    Foreign(Box<Plan>, Arc<Settings>),
}

/// One post holds no more records: what comes of them takes more room than they do.
pub const MOST_RECORDS: u64 = 100_000;
/// The dialect of events.
pub(super) const EVENTS: &str = "openlineage";

/// So much of a line that cannot become rows is kept as its raw text, bytes: as much as of a line of a file.
const RAW_BYTES: usize = 8 * 1024;

impl Form {
    /// Recognises how rows are to be read.
    ///
    /// # Errors
    /// When the body is no JSON, or belongs to no dialect.
    pub fn of_logs(body: &[u8], settings: Settings) -> Result<Self, Reason> {
        let is_chosen = settings.dialect.is_some() || settings.mappings.is_only();
        if settings.dialect.as_deref() == Some(OURS) || (!is_chosen && is_ours(body)) {
            return Ok(Self::Ours(settings.environment, settings.host));
        }
        let (sample, complete) = sample_of(body);
        let is_json = recognise_json(sample, complete, None, &settings.overrides).is_some();
        if !is_json {
            return Err(["it is no JSON", "ce n’est pas du JSON"].into());
        }
        let plan = Plan::of_text(sample, complete, None, &settings);
        match plan {
            Ok(plan) => Ok(Self::Foreign(Box::new(plan), Arc::new(settings))),
            // For a file that says how it is written.
            Err(FormatError::Json | FormatError::JsonArray) => Err([
                "no dialect and no mapping knows its objects, or it is cut",
                "aucun dialecte ni aucune correspondance ne connaît ses objets, ou il est coupé",
            ]
            .into()),
            Err(error) => Err(Reason::from(&anyhow::Error::new(error))),
        }
    }

    pub(super) fn dialect(&self) -> &str {
        match self {
            Self::Event => EVENTS,
            Self::Ours(..) => OURS,
            Self::Foreign(plan, _) => &plan.dialect.dialect,
        }
    }

    /// The zone of local times; `None` where it is that of events.
    pub(super) fn zone(&self) -> Option<&str> {
        match self {
            Self::Event => None,
            Self::Ours(..) => Some("UTC"),
            Self::Foreign(_, settings) => Some(zone_name(settings)),
        }
    }

    /// Reads a body; says what it came to. Rows and rejects take their places from `next` on.
    ///
    /// # Errors
    /// When it holds too much, or cannot be read as it was recognised: some of it may be in the batch, which is then of no use.
    pub(super) fn read<'b>(
        &'b self,
        body: &Arc<[u8]>,
        events: &mut MessageReader,
        (batch, next): (&'b mut BatchBuilder, &'b mut i64),
    ) -> Result<Receipt, Refused> {
        let mut placing = Placing {
            batch,
            next,
            receipt: Receipt::default(),
            seq: None,
            environment: None,
            host: None,
        };
        match self {
            Self::Event => {
                let outcome = events.read(body, 1, &mut placing);
                placing.end_record(outcome);
            }
            Self::Ours(environment, host) => {
                placing.environment = environment.as_deref();
                placing.host = host.as_deref();
                for (line, document) in envelope::documents(body) {
                    placing.seq = Some(0);
                    placing.ours(document, line);
                    placing.check_room()?;
                }
            }
            Self::Foreign(plan, settings) => {
                let content = Cursor::new(Arc::clone(body));
                let mut extractor =
                    Extractor::over_text(content, plan, settings, Position::START, AtEnd::Take)
                        .map_err(|error| unread(&error))?;
                while let Some(step) = extractor
                    .step(&mut placing)
                    .map_err(|error| unread(&error))?
                {
                    if let Some(outcome) = step.outcome {
                        placing.end_record(outcome);
                        placing.check_room()?;
                    }
                }
            }
        }
        Ok(placing.receipt)
    }
}

/// What a zone is called in the ledger.
pub(super) fn zone_name(settings: &Settings) -> &str {
    settings.timezone.iana_name().unwrap_or("UTC")
}

/// What was recognised, and then cannot be read, is no fault of the database.
fn unread(error: &dyn std::error::Error) -> Refused {
    tracing::warn!("what was posted cannot be read: {error}");
    Refused::Unacceptable
}

/// Whether one of the first documents says that it is in our own schema: any of them may be broken.
fn is_ours(body: &[u8]) -> bool {
    const LOOKED_AT: usize = 10;
    let documents = envelope::documents(body);
    let mut first = documents.iter().take(LOOKED_AT);
    first.any(|(_, document)| envelope::is_ours(document))
}

/// Gives rows their places in a batch, and counts.
struct Placing<'b> {
    batch: &'b mut BatchBuilder,
    /// The place of the record that is read.
    next: &'b mut i64,
    receipt: Receipt,
    /// The number of the next row of the record, where its sender does not count well enough.
    seq: Option<i32>,
    /// Of rows that say none.
    environment: Option<&'b str>,
    host: Option<&'b str>,
}

impl Placing<'_> {
    fn end_record(&mut self, outcome: Outcome) {
        self.batch.counts().note(Some(outcome));
        self.receipt.records += 1;
        match outcome {
            Outcome::Rows(_) => {}
            Outcome::Rejected => self.receipt.rejects += 1,
            Outcome::Silent => self.receipt.silent += 1,
        }
        *self.next += 1;
    }

    fn check_room(&self) -> Result<(), Refused> {
        if self.receipt.records > MOST_RECORDS {
            return Err(Refused::TooMany);
        }
        Ok(())
    }

    fn ours(&mut self, line: &[u8], number: i64) {
        let outcome = match envelope::read(line, self) {
            Ok(0) => Outcome::Rejected,
            Ok(rows) => Outcome::Rows(rows),
            Err(Unreadable { reason, detail }) => {
                self.reject(&Reject {
                    line: number,
                    column: None,
                    reason,
                    detail: &detail,
                    raw: &String::from_utf8_lossy(&line[..line.len().min(RAW_BYTES)]),
                });
                Outcome::Rejected
            }
        };
        self.end_record(outcome);
    }

    fn seq(&mut self, said: i32) -> i32 {
        match &mut self.seq {
            Some(seq) => {
                *seq += 1;
                *seq - 1
            }
            None => said,
        }
    }
}

impl RowSink for Placing<'_> {
    fn log(&mut self, row: &LogRow<'_>) {
        self.receipt.rows_log += 1;
        let (line, seq) = (*self.next, self.seq(row.seq));
        self.batch.log(&LogRow {
            line,
            seq,
            environment: row.environment.or(self.environment),
            host: row.host.or(self.host),
            ..row.clone()
        });
    }

    fn error(&mut self, row: &ErrorRow<'_>) {
        self.receipt.rows_error += 1;
        let (line, seq) = (*self.next, self.seq(row.seq));
        self.batch.error(&ErrorRow {
            line,
            seq,
            environment: row.environment.or(self.environment),
            host: row.host.or(self.host),
            ..row.clone()
        });
    }

    fn reject(&mut self, reject: &Reject<'_>) {
        self.receipt.refuse(reject);
        let line = *self.next;
        self.batch.reject(&Reject { line, ..*reject });
    }
}
