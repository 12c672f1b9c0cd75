//! Rows of `dataset` and `job_day` as tuples.

use jiff::civil::Date;
use smartetl_core::fuse::{DayCause, DayRun, JobDay, Run, TriggerEvidence, TriggerOf};
use smartetl_core::model::{Blame, Category, DayType, Moment, RecoveredBy, RunStatus, Trigger};

use super::{BIGINT_TYPE, DecodeError, Fields, TEXT_TYPE, Tuple, UUID_TYPE};

/// The columns of a tuple of `dataset`, in order: [`encode_run`], then [`encode_trigger`].
pub const DATASET_COLUMNS: &str = "run_key, tree, job_number, system, environment, host, project, job, job_id, job_version, context, run_id, \
     root_run_id, parent_run_key, root_run_key, is_root, depth, root_job, attempt, started_at, ended_at, last_event_at, \
     duration_ms, duration_reported_ms, self_duration_ms, status, outcome, tree_status, steps, steps_failed, rows_in, \
     rows_out, rows_rejected, errors, error_rows, warnings, error_signatures, first_error_at, cause_signature, cause_run_key, cause_job, \
     cause_step, category, blame, retryable, error_message, ruled_category, ruled_blame, ruled_retryable, business_day, evidence, quality, quality_reasons, batches, \
     as_of, fused_at, trigger, trigger_evidence, rerun_of";
const FIELDS: usize = 59;

/// Appends the tuple of a run, all but what [`encode_trigger`] adds.
pub fn encode_run(run: &Run<'_>, as_of: Moment, fused_at: Moment, out: &mut Vec<u8>) {
    let cause = run.cause.as_ref();
    let ruled = cause.and_then(|cause| cause.ruled);
    Tuple::new(out, FIELDS)
        .uuid(run.run_key)
        .long(run.tree)
        .long(run.job_number)
        .text(run.system)
        .text(run.environment)
        .option_text(run.host)
        .option_text(run.project)
        .text(run.job)
        .option_text(run.job_id)
        .option_text(run.job_version)
        .option_text(run.context)
        .text(run.run_id)
        .text(run.root_run_id)
        .option(run.parent_run_key, Tuple::uuid)
        .uuid(run.root_run_key)
        .boolean(run.is_root)
        .int(run.depth)
        .text(run.root_job)
        .int(run.attempt)
        .moment(run.started_at)
        .option(run.ended_at, Tuple::moment)
        .moment(run.last_event_at)
        .option(run.duration_ms, Tuple::long)
        .option(run.duration_reported_ms, Tuple::long)
        .option(run.self_duration_ms, Tuple::long)
        .text(run.status.as_str())
        .text(run.outcome.as_str())
        .text(run.tree_status.as_str())
        .option(run.steps, Tuple::int)
        .option(run.steps_failed, Tuple::int)
        .option(run.rows_in, Tuple::long)
        .option(run.rows_out, Tuple::long)
        .option(run.rows_rejected, Tuple::long)
        .long(run.errors)
        .long(run.error_rows)
        .long(run.warnings)
        .array(UUID_TYPE, &run.error_signatures, |tuple, signature| {
            tuple.uuid(*signature);
        })
        .option(run.first_error_at, Tuple::moment)
        .option(cause.and_then(|cause| cause.signature), Tuple::uuid)
        .option(cause.map(|cause| cause.run_key), Tuple::uuid)
        .option_text(cause.map(|cause| cause.job))
        .option_text(cause.and_then(|cause| cause.step))
        .option_text(cause.map(|cause| cause.category.as_str()))
        .option_text(cause.and_then(|cause| cause.blame).map(Blame::as_str))
        .option(cause.and_then(|cause| cause.retryable), Tuple::boolean)
        .option_text(cause.and_then(|cause| cause.message))
        .option_text(ruled.map(|ruled| ruled.category.as_str()))
        .option_text(ruled.and_then(|ruled| ruled.blame).map(Blame::as_str))
        .option(ruled.and_then(|ruled| ruled.retryable), Tuple::boolean)
        .date(days_since_1970(run.business_day))
        .text(run.evidence.as_str())
        .real(f32::from(run.quality_percent) / 100.0)
        .array(TEXT_TYPE, &run.quality_reasons, |tuple, reason| {
            tuple.text(reason);
        })
        .array(BIGINT_TYPE, &run.batches, |tuple, batch| {
            tuple.long(*batch);
        })
        .moment(as_of)
        .moment(fused_at);
}

/// Completes the tuple of a run.
pub fn encode_trigger(trigger: &TriggerOf, out: &mut Vec<u8>) {
    Tuple::resume(out)
        .text(trigger.trigger.as_str())
        .option_text(trigger.evidence.map(TriggerEvidence::as_str))
        .option(trigger.rerun_of, Tuple::uuid);
}

/// What a run's day wants to know of its tuple, and the tuple without what [`encode_trigger`] added.
///
/// # Errors
/// When the tuple is none of `dataset`.
pub fn decode_day_run(tuple: &[u8]) -> Result<(DayRun<'_>, &[u8]), DecodeError> {
    let mut fields = Fields::of(tuple)?;
    let run_key = fields.uuid()?;
    fields.skip(3)?;
    let environment = fields.text()?;
    fields.skip(1)?;
    let (project, job) = (fields.option_text()?, fields.text()?);
    fields.skip(5)?;
    let (parent_run_key, root_run_key) = (fields.option_uuid()?, fields.uuid()?);
    let is_root = fields.boolean()?;
    fields.skip(3)?;
    let (started_at, ended_at) = (fields.moment()?, fields.option_moment()?);
    let last_event_at = fields.moment()?;
    fields.skip(3)?;
    let status = fields.word(RunStatus::parse)?;
    fields.skip(12)?;
    let signature = fields.option_uuid()?;
    fields.skip(1)?;
    let (cause_job, step) = (fields.option_text()?, fields.option_text()?);
    let category = fields.option_word(Category::parse)?;
    let blame = fields.option_word(Blame::parse)?;
    fields.skip(5)?;
    let business_day = date_of(fields.int()?);
    fields.skip(6)?;
    let without_trigger = &tuple[..tuple.len() - fields.left()];
    let trigger = TriggerOf {
        trigger: fields.word(Trigger::parse)?,
        evidence: fields.option_word(TriggerEvidence::parse)?,
        rerun_of: fields.option_uuid()?,
    };
    let run = DayRun {
        run_key,
        parent_run_key,
        root_run_key,
        environment,
        project,
        job,
        business_day,
        started_at,
        ended_at,
        last_event_at,
        status,
        is_root,
        trigger,
        cause: category.map(|category| DayCause {
            signature,
            job: cause_job.unwrap_or_default().to_owned(),
            step: step.map(str::to_owned),
            category,
            blame,
        }),
    };
    Ok((run, without_trigger))
}

/// The columns of a tuple of `job_day`, in order.
pub const JOB_DAY_COLUMNS: &str = "environment, project, job, business_day, runs, attempts_failed, first_status, first_failure_at, \
     final_status, verdict, recovered_at, recovered_by, ready_at, cause_signature, cause_job, cause_step, category, blame, \
     day_type";

/// Appends the tuple of a job's day.
pub fn encode_job_day(day: &JobDay, out: &mut Vec<u8>) {
    let cause = day.cause.as_ref();
    Tuple::new(out, 19)
        .text(&day.environment)
        .option_text(day.project.as_deref())
        .text(&day.job)
        .date(days_since_1970(day.business_day))
        .long(day.runs)
        .long(day.attempts_failed)
        .text(day.first_status.as_str())
        .option(day.first_failure_at, Tuple::moment)
        .text(day.final_status.as_str())
        .text(day.verdict.as_str())
        .option(day.recovered_at, Tuple::moment)
        .option_text(day.recovered_by.map(RecoveredBy::as_str))
        .option(day.ready_at, Tuple::moment)
        .option(cause.and_then(|cause| cause.signature), Tuple::uuid)
        .option_text(cause.map(|cause| cause.job.as_str()))
        .option_text(cause.and_then(|cause| cause.step.as_deref()))
        .option_text(cause.map(|cause| cause.category).map(Category::as_str))
        .option_text(cause.and_then(|cause| cause.blame).map(Blame::as_str))
        .array(TEXT_TYPE, &day.day_type, |tuple, day_type: &DayType| {
            tuple.text(day_type.as_str());
        });
}

/// A day as COPY carries it: days since 2000-01-01.
fn date_of(days: i32) -> Date {
    Date::constant(2000, 1, 1).saturating_add(jiff::Span::new().days(days))
}

pub(crate) fn days_since_1970(date: Date) -> i32 {
    let epoch = Date::constant(1970, 1, 1);
    epoch.until(date).map_or(0, |span| span.get_days())
}
