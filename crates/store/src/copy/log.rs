//! Rows of `log` as tuples.

use smartetl_core::model::{Event, LogRow, RowStatus};

use super::Tuple;
use super::reader::{DecodeError, Fields};

/// The columns of a tuple, in order.
pub const LOG_COLUMNS: &str = "batch, line, seq, moment, moment_ambiguous, system, environment, host, project, job, job_id, \
     job_version, context, run_id, parent_run_id, root_run_id, step, attempt, map_index, event, status, \
     duration_reported_ms, label, count, rows_in, rows_out, rows_rejected, message";
const FIELDS: usize = 28;

/// Appends the tuple of a row.
pub fn encode_log(batch: i64, row: &LogRow<'_>, out: &mut Vec<u8>) {
    Tuple::new(out, FIELDS)
        .long(batch)
        .long(row.line)
        .int(row.seq)
        .moment(row.moment)
        .boolean(row.moment_ambiguous)
        .text(row.system)
        .option_text(row.environment)
        .option_text(row.host)
        .option_text(row.project)
        .text(row.job)
        .option_text(row.job_id)
        .option_text(row.job_version)
        .option_text(row.context)
        .text(row.run_id)
        .option_text(row.parent_run_id)
        .text(row.root_run_id)
        .option_text(row.step)
        .option(row.attempt, Tuple::int)
        .option(row.map_index, Tuple::int)
        .text(row.event.as_str())
        .option_text(row.status.map(RowStatus::as_str))
        .option(row.duration_reported_ms, Tuple::long)
        .option_text(row.label)
        .option(row.count, Tuple::long)
        .option(row.rows_in, Tuple::long)
        .option(row.rows_out, Tuple::long)
        .option(row.rows_rejected, Tuple::long)
        .option_text(row.message);
}

/// The batch and the row of a tuple.
///
/// # Errors
/// When the tuple does not have these columns, or holds a word that is in no vocabulary.
pub fn decode_log<'t>(fields: &mut Fields<'t>) -> Result<(i64, LogRow<'t>), DecodeError> {
    let batch = fields.long()?;
    let row = LogRow {
        line: fields.long()?,
        seq: fields.int()?,
        moment: fields.moment()?,
        moment_ambiguous: fields.boolean()?,
        system: fields.text()?,
        environment: fields.option_text()?,
        host: fields.option_text()?,
        project: fields.option_text()?,
        job: fields.text()?,
        job_id: fields.option_text()?,
        job_version: fields.option_text()?,
        context: fields.option_text()?,
        run_id: fields.text()?,
        parent_run_id: fields.option_text()?,
        root_run_id: fields.text()?,
        step: fields.option_text()?,
        attempt: fields.option_int()?,
        map_index: fields.option_int()?,
        event: fields.word(Event::parse)?,
        status: fields.option_word(RowStatus::parse)?,
        duration_reported_ms: fields.option_long()?,
        label: fields.option_text()?,
        count: fields.option_long()?,
        rows_in: fields.option_long()?,
        rows_out: fields.option_long()?,
        rows_rejected: fields.option_long()?,
        message: fields.option_text()?,
    };
    Ok((batch, row))
}
