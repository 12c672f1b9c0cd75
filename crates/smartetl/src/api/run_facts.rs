//! A run as it is handed out.

use crate::wire::{
    At, BlameWord, CategoryWord, Day, EvidenceWord, OutcomeWord, RunStatusWord, TriggerWord,
};
use serde::Serialize;
use smartetl_store::looking::{Cause, Run, Usual};
use utoipa::ToSchema;

/// One run. `doc/dataset.md` says what the values mean.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunFacts {
    run_key: String,
    /// Null at the root.
    parent_run_key: Option<String>,
    root_run_key: String,
    system: String,
    environment: String,
    host: Option<String>,
    project: Option<String>,
    job: String,
    job_version: Option<String>,
    context: Option<String>,
    run_id: String,
    root_run_id: String,
    root_job: String,
    is_root: bool,
    depth: i32,
    attempt: i32,
    started_at: Option<At>,
    /// Null while it runs, or where it is lost.
    ended_at: Option<At>,
    last_event_at: Option<At>,
    duration_ms: Option<i64>,
    self_duration_ms: Option<i64>,
    /// Median and 95th percentile of the last 90 good runs; null where they are too few.
    usual_duration_ms: Option<i64>,
    usual_p95_ms: Option<i64>,
    status: RunStatusWord,
    outcome: OutcomeWord,
    tree_status: RunStatusWord,
    steps: Option<i32>,
    steps_failed: Option<i32>,
    rows_in: Option<i64>,
    rows_out: Option<i64>,
    rows_rejected: Option<i64>,
    errors: i64,
    warnings: i64,
    first_error_at: Option<At>,
    cause: Option<RunCause>,
    trigger: TriggerWord,
    /// The failed run that this one repeats.
    rerun_of: Option<String>,
    business_day: Day,
    evidence: EvidenceWord,
    quality_reasons: Vec<String>,
}

/// Why a run failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunCause {
    category: CategoryWord,
    blame: Option<BlameWord>,
    retryable: Option<bool>,
    /// The deepest run, in which it struck.
    run_key: Option<String>,
    job: Option<String>,
    step: Option<String>,
    message: Option<String>,
}

impl RunFacts {
    pub fn new(run: &Run, usual: Option<&Usual>) -> Self {
        let key = |key: uuid::Uuid| key.to_string();
        Self {
            run_key: key(run.run_key),
            parent_run_key: run.parent_run_key.map(key),
            root_run_key: key(run.root_run_key),
            system: run.system.clone(),
            environment: run.environment.clone(),
            host: run.host.clone(),
            project: run.project.clone(),
            job: run.job.clone(),
            job_version: run.job_version.clone(),
            context: run.context.clone(),
            run_id: run.run_id.clone(),
            root_run_id: run.root_run_id.clone(),
            root_job: run.root_job.clone(),
            is_root: run.is_root,
            depth: run.depth,
            attempt: run.attempt,
            started_at: At::shown(run.started_at),
            ended_at: run.ended_at.and_then(At::shown),
            last_event_at: At::shown(run.last_event_at),
            duration_ms: run.duration_ms,
            self_duration_ms: run.self_duration_ms,
            usual_duration_ms: usual.map(|usual| usual.median_ms),
            usual_p95_ms: usual.map(|usual| usual.p95_ms),
            status: run.status.into(),
            outcome: run.outcome.into(),
            tree_status: run.tree_status.into(),
            steps: run.steps,
            steps_failed: run.steps_failed,
            rows_in: run.rows_in,
            rows_out: run.rows_out,
            rows_rejected: run.rows_rejected,
            errors: run.errors,
            warnings: run.warnings,
            first_error_at: run.first_error_at.and_then(At::shown),
            cause: run.cause.as_ref().map(Into::into),
            trigger: run.trigger.into(),
            rerun_of: run.rerun_of.map(key),
            business_day: Day(run.business_day),
            evidence: run.evidence.into(),
            quality_reasons: run.quality_reasons.clone(),
        }
    }
}

impl From<&Cause> for RunCause {
    fn from(cause: &Cause) -> Self {
        Self {
            category: cause.category.into(),
            blame: cause.blame.map(Into::into),
            retryable: cause.retryable,
            run_key: cause.run_key.map(|key| key.to_string()),
            job: cause.job.clone(),
            step: cause.step.clone(),
            message: cause.message.clone(),
        }
    }
}
