//! Rows of `log` and `logerreur` of a run, as they are handed out.

use crate::wire::{At, CategoryWord, EventWord, RowStatusWord, SeverityWord};
use serde::Serialize;
use smartetl_store::looking::{ErrorLine, LogLine};
use utoipa::ToSchema;

/// A row of `log`.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogRow {
    moment: Option<At>,
    job: String,
    run_id: String,
    step: Option<String>,
    attempt: Option<i32>,
    map_index: Option<i32>,
    event: EventWord,
    status: Option<RowStatusWord>,
    duration_reported_ms: Option<i64>,
    label: Option<String>,
    count: Option<i64>,
    rows_in: Option<i64>,
    rows_out: Option<i64>,
    message: Option<String>,
}

/// A row of `logerreur`; of rows with the same signature in one step of one run only the first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorRow {
    moment: Option<At>,
    job: String,
    run_id: String,
    step: Option<String>,
    severity: SeverityWord,
    error_type: Option<String>,
    error_code: Option<String>,
    message: Option<String>,
    message_truncated: bool,
    category: CategoryWord,
    rule: String,
    /// How often it was written.
    rows: i64,
}

impl From<&LogLine> for LogRow {
    fn from(line: &LogLine) -> Self {
        Self {
            moment: At::shown(line.moment),
            job: line.job.clone(),
            run_id: line.run_id.clone(),
            step: line.step.clone(),
            attempt: line.attempt,
            map_index: line.map_index,
            event: line.event.into(),
            status: line.status.map(Into::into),
            duration_reported_ms: line.duration_reported_ms,
            label: line.label.clone(),
            count: line.count,
            rows_in: line.rows_in,
            rows_out: line.rows_out,
            message: line.message.clone(),
        }
    }
}

impl From<&ErrorLine> for ErrorRow {
    fn from(line: &ErrorLine) -> Self {
        Self {
            moment: At::shown(line.moment),
            job: line.job.clone(),
            run_id: line.run_id.clone(),
            step: line.step.clone(),
            severity: line.severity.into(),
            error_type: line.error_type.clone(),
            error_code: line.error_code.clone(),
            message: line.message.clone(),
            message_truncated: line.message_truncated,
            category: line.category.into(),
            rule: line.rule.clone(),
            rows: line.rows,
        }
    }
}

/// A row of either table as a line of a file: what its table does not have is empty.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct RowLine {
    /// `log` or `logerreur`.
    table: &'static str,
    moment: Option<At>,
    job: String,
    run_id: String,
    step: Option<String>,
    attempt: Option<i32>,
    map_index: Option<i32>,
    event: Option<EventWord>,
    status: Option<RowStatusWord>,
    duration_reported_ms: Option<i64>,
    label: Option<String>,
    count: Option<i64>,
    rows_in: Option<i64>,
    rows_out: Option<i64>,
    severity: Option<SeverityWord>,
    error_type: Option<String>,
    error_code: Option<String>,
    category: Option<CategoryWord>,
    rule: Option<String>,
    message: Option<String>,
    /// How often it was written.
    rows: i64,
}

impl From<LogRow> for RowLine {
    fn from(row: LogRow) -> Self {
        Self {
            table: "log",
            moment: row.moment,
            job: row.job,
            run_id: row.run_id,
            step: row.step,
            attempt: row.attempt,
            map_index: row.map_index,
            event: Some(row.event),
            status: row.status,
            duration_reported_ms: row.duration_reported_ms,
            label: row.label,
            count: row.count,
            rows_in: row.rows_in,
            rows_out: row.rows_out,
            message: row.message,
            rows: 1,
            ..Self::default()
        }
    }
}

impl From<ErrorRow> for RowLine {
    fn from(row: ErrorRow) -> Self {
        Self {
            table: "logerreur",
            moment: row.moment,
            job: row.job,
            run_id: row.run_id,
            step: row.step,
            severity: Some(row.severity),
            error_type: row.error_type,
            error_code: row.error_code,
            category: Some(row.category),
            rule: Some(row.rule),
            message: row.message,
            rows: row.rows,
            ..Self::default()
        }
    }
}
