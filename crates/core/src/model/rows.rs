//! What a dialect makes of one record. Rows borrow from the record: nothing is copied before it is stored.

use super::{Event, Moment, RejectReason, RowStatus, Severity};

/// A row of `log`: something began, ended or was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRow<'a> {
    /// Where the record starts in its source: line (text) or row (Parquet), from 1.
    pub line: i64,
    /// Which row of the record this is, from 0.
    pub seq: i32,
    pub moment: Moment,
    /// The local time occurred twice or never; `moment` is the earlier reading.
    pub moment_ambiguous: bool,
    /// The tool: `talend`, `airflow`, …
    pub system: &'a str,
    /// Only what the source or the mapping says; the fold derives it from `context` when `None`.
    pub environment: Option<&'a str>,
    pub host: Option<&'a str>,
    pub project: Option<&'a str>,
    pub job: &'a str,
    pub job_id: Option<&'a str>,
    pub job_version: Option<&'a str>,
    pub context: Option<&'a str>,
    pub run_id: &'a str,
    /// `None` at the root, also where the tool repeats the run's own id.
    pub parent_run_id: Option<&'a str>,
    /// The run's own id at the root.
    pub root_run_id: &'a str,
    /// `None` for a row of the whole run.
    pub step: Option<&'a str>,
    pub attempt: Option<i32>,
    pub map_index: Option<i32>,
    pub event: Event,
    pub status: Option<RowStatus>,
    pub duration_reported_ms: Option<i64>,
    pub label: Option<&'a str>,
    pub count: Option<i64>,
    pub rows_in: Option<i64>,
    pub rows_out: Option<i64>,
    pub rows_rejected: Option<i64>,
    pub message: Option<&'a str>,
}

/// A row of `logerreur`: something went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorRow<'a> {
    /// Where the record starts in its source: line (text) or row (Parquet), from 1.
    pub line: i64,
    /// Which row of the record this is, from 0.
    pub seq: i32,
    pub moment: Moment,
    pub moment_ambiguous: bool,
    pub system: &'a str,
    pub environment: Option<&'a str>,
    pub host: Option<&'a str>,
    pub project: Option<&'a str>,
    pub job: &'a str,
    pub context: Option<&'a str>,
    pub run_id: &'a str,
    pub parent_run_id: Option<&'a str>,
    pub root_run_id: &'a str,
    pub step: Option<&'a str>,
    pub attempt: Option<i32>,
    pub map_index: Option<i32>,
    pub severity: Severity,
    /// The exception class, as far as the tool names one.
    pub error_type: Option<&'a str>,
    pub error_code: Option<&'a str>,
    /// What `error_code` belongs to: `sqlstate`, `oracle`, `errno`, `http`, `exit`, …
    pub code_scheme: Option<&'a str>,
    pub message: Option<&'a str>,
    /// The tool cut the message at the width of its column.
    pub message_truncated: bool,
    pub stack: Option<&'a str>,
}

/// A record that could not become a row, with its place and its raw text (not yet redacted).
#[derive(Clone, Debug, PartialEq)]
pub struct Reject<'a> {
    /// Where the record starts in its source: line (text) or row (Parquet), from 1.
    pub line: i64,
    /// The name of the column at fault, where one is.
    pub column: Option<&'a str>,
    pub reason: RejectReason,
    /// For a person: what was found and what was expected.
    pub detail: &'a str,
    pub raw: &'a str,
}

/// Takes what a dialect makes of records, in the order of the source.
pub trait RowSink {
    fn log(&mut self, row: &LogRow<'_>);
    fn error(&mut self, row: &ErrorRow<'_>);
    fn reject(&mut self, reject: &Reject<'_>);
}
