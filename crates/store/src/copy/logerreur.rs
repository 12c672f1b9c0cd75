//! Rows of `logerreur` as tuples.

use smartetl_core::model::{Blame, Category, ErrorRow, Severity};
use uuid::Uuid;

use super::Tuple;
use super::reader::{DecodeError, Fields};

/// The columns of a tuple, in order.
pub const ERROR_COLUMNS: &str = "batch, line, seq, moment, moment_ambiguous, system, environment, host, project, job, context, \
     run_id, parent_run_id, root_run_id, step, attempt, map_index, severity, error_type, error_code, code_scheme, \
     message, message_truncated, stack, signature, category, rule, confidence, blame, retryable";
const FIELDS: usize = 30;

/// What signature and classification add to a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorFacts<'a> {
    pub signature: Uuid,
    pub category: Category,
    pub rule: &'a str,
    pub confidence: f32,
    pub blame: Option<Blame>,
    pub retryable: Option<bool>,
}

/// Appends the tuple of a row.
pub fn encode_error(batch: i64, row: &ErrorRow<'_>, facts: &ErrorFacts<'_>, out: &mut Vec<u8>) {
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
        .option_text(row.context)
        .text(row.run_id)
        .option_text(row.parent_run_id)
        .text(row.root_run_id)
        .option_text(row.step)
        .option(row.attempt, Tuple::int)
        .option(row.map_index, Tuple::int)
        .text(row.severity.as_str())
        .option_text(row.error_type)
        .option_text(row.error_code)
        .option_text(row.code_scheme)
        .option_text(row.message)
        .boolean(row.message_truncated)
        .option_text(row.stack)
        .uuid(facts.signature)
        .text(facts.category.as_str())
        .text(facts.rule)
        .real(facts.confidence)
        .option_text(facts.blame.map(Blame::as_str))
        .option(facts.retryable, Tuple::boolean);
}

/// The batch, the row and what was added to it, of a tuple.
///
/// # Errors
/// When the tuple does not have these columns, or holds a word that is in no vocabulary.
pub fn decode_error<'t>(
    fields: &mut Fields<'t>,
) -> Result<(i64, ErrorRow<'t>, ErrorFacts<'t>), DecodeError> {
    let batch = fields.long()?;
    let row = ErrorRow {
        line: fields.long()?,
        seq: fields.int()?,
        moment: fields.moment()?,
        moment_ambiguous: fields.boolean()?,
        system: fields.text()?,
        environment: fields.option_text()?,
        host: fields.option_text()?,
        project: fields.option_text()?,
        job: fields.text()?,
        context: fields.option_text()?,
        run_id: fields.text()?,
        parent_run_id: fields.option_text()?,
        root_run_id: fields.text()?,
        step: fields.option_text()?,
        attempt: fields.option_int()?,
        map_index: fields.option_int()?,
        severity: fields.word(Severity::parse)?,
        error_type: fields.option_text()?,
        error_code: fields.option_text()?,
        code_scheme: fields.option_text()?,
        message: fields.option_text()?,
        message_truncated: fields.boolean()?,
        stack: fields.option_text()?,
    };
    let facts = ErrorFacts {
        signature: fields.uuid()?,
        category: fields.word(Category::parse)?,
        rule: fields.text()?,
        confidence: fields.real()?,
        blame: fields.option_word(Blame::parse)?,
        retryable: fields.option_boolean()?,
    };
    Ok((batch, row, facts))
}
