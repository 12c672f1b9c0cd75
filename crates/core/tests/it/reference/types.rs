//! What goes into the reference and what comes out of it: owned, flat, printable.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use smartetl_core::group::problem::Correction;
use smartetl_core::model::{
    Blame, Category, DayType, Event, Evidence, Moment, Outcome, RecoveredBy, RowStatus, RunStatus,
    Severity, Trigger, Verdict,
};
use uuid::Uuid;

/// The configuration that the rules mention.
#[derive(Clone, Debug)]
pub struct Config {
    pub zone: TimeZone,
    pub border_minutes: i32,
    /// Lower-case word, environment.
    pub environments: Vec<(&'static str, &'static str)>,
    /// Lower-case word, trigger.
    pub triggers: Vec<(&'static str, Trigger)>,
    /// What people say of signatures.
    pub corrections: Vec<(Uuid, Correction)>,
}

impl Config {
    /// The defaults of section 1, in this zone.
    pub fn with_zone(zone: TimeZone) -> Self {
        Self {
            zone,
            border_minutes: 18 * 60,
            environments: vec![
                ("prod", "PROD"),
                ("prd", "PROD"),
                ("production", "PROD"),
                ("rec", "REC"),
                ("recette", "REC"),
                ("uat", "REC"),
                ("qualif", "REC"),
                ("staging", "REC"),
                ("preprod", "REC"),
                ("dev", "DEV"),
                ("developpement", "DEV"),
                ("développement", "DEV"),
                ("development", "DEV"),
                ("upkeep", "SMARTETL"),
            ],
            triggers: vec![
                ("planifié", Trigger::Scheduled),
                ("planifie", Trigger::Scheduled),
                ("scheduled", Trigger::Scheduled),
                ("manuel", Trigger::Manual),
                ("manual", Trigger::Manual),
                ("reprise", Trigger::Reprocess),
                ("reprocess", Trigger::Reprocess),
                ("backfill", Trigger::Reprocess),
                ("relance", Trigger::Rerun),
                ("rerun", Trigger::Rerun),
            ],
            corrections: Vec::new(),
        }
    }
}

/// A row of `log` or of `logerreur`: what both have, and what only one has.
#[derive(Clone, Debug, PartialEq)]
pub struct InRow {
    pub moment: Moment,
    pub marked: bool,
    pub system: String,
    pub environment: Option<String>,
    pub host: Option<String>,
    pub project: Option<String>,
    pub job: String,
    pub context: Option<String>,
    pub run_id: String,
    pub parent_run_id: Option<String>,
    pub root_run_id: String,
    pub step: Option<String>,
    pub attempt: Option<i32>,
    pub map_index: Option<i32>,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Log(LogPart),
    Error(ErrorPart),
}

#[derive(Clone, Debug, PartialEq)]
pub struct LogPart {
    pub job_id: Option<String>,
    pub job_version: Option<String>,
    pub event: Event,
    pub status: Option<RowStatus>,
    pub duration_reported_ms: Option<i64>,
    pub label: Option<String>,
    pub count: Option<i64>,
    pub rows_in: Option<i64>,
    pub rows_out: Option<i64>,
    pub rows_rejected: Option<i64>,
}

/// An error with what the classifier says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorPart {
    pub severity: Severity,
    pub message: Option<String>,
    /// The message with its variable parts masked.
    pub masked: String,
    pub truncated: bool,
    pub signature: Uuid,
    pub category: Category,
    pub wrapper: bool,
    pub blame: Option<Blame>,
    pub retryable: Option<bool>,
}

impl InRow {
    pub fn log(&self) -> Option<&LogPart> {
        match &self.what {
            What::Log(part) => Some(part),
            What::Error(_) => None,
        }
    }

    pub fn error(&self) -> Option<&ErrorPart> {
        match &self.what {
            What::Log(_) => None,
            What::Error(part) => Some(part),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Fused {
    pub runs: Vec<RunOut>,
    pub days: Vec<DayOut>,
}

/// A row of `dataset`, without batches, `as_of` and `fused_at`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunOut {
    pub run_key: Uuid,
    pub system: String,
    pub environment: String,
    pub host: Option<String>,
    pub project: String,
    pub job: String,
    pub job_id: Option<String>,
    pub job_version: Option<String>,
    pub context: Option<String>,
    pub run_id: String,
    pub root_run_id: String,
    pub parent_run_key: Option<Uuid>,
    pub root_run_key: Uuid,
    pub is_root: bool,
    pub depth: i64,
    pub root_job: String,
    pub attempt: i32,
    pub started_at: Moment,
    pub ended_at: Option<Moment>,
    pub last_event_at: Moment,
    pub duration_ms: Option<i64>,
    pub duration_reported_ms: Option<i64>,
    pub self_duration_ms: Option<i64>,
    pub status: RunStatus,
    pub outcome: Outcome,
    pub tree_status: RunStatus,
    pub steps: Option<i64>,
    pub steps_failed: Option<i64>,
    pub rows_in: Option<i64>,
    pub rows_out: Option<i64>,
    pub rows_rejected: Option<i64>,
    pub errors: i64,
    pub error_rows: i64,
    pub warnings: i64,
    pub error_signatures: Vec<Uuid>,
    pub first_error_at: Option<Moment>,
    pub cause_signature: Option<Uuid>,
    pub cause_run_key: Option<Uuid>,
    pub cause_job: Option<String>,
    pub cause_step: Option<String>,
    pub category: Option<Category>,
    pub blame: Option<Blame>,
    pub retryable: Option<bool>,
    pub error_message: Option<String>,
    /// What the rules say, where a person said otherwise.
    pub ruled: Option<Correction>,
    pub trigger: Trigger,
    pub trigger_evidence: Option<String>,
    pub rerun_of: Option<Uuid>,
    pub business_day: Date,
    pub evidence: Evidence,
    /// Hundredths, so that sums are exact.
    pub quality_percent: i64,
    pub quality_reasons: Vec<String>,
}

/// A row of `job_day`, without what the catalogue adds.
#[derive(Clone, Debug, PartialEq)]
pub struct DayOut {
    pub environment: String,
    pub project: String,
    pub job: String,
    pub business_day: Date,
    pub runs: i64,
    pub attempts_failed: i64,
    pub first_status: RunStatus,
    pub first_failure_at: Option<Moment>,
    pub final_status: RunStatus,
    pub verdict: Verdict,
    pub recovered_at: Option<Moment>,
    pub recovered_by: Option<RecoveredBy>,
    pub ready_at: Option<Moment>,
    pub cause_signature: Option<Uuid>,
    pub cause_job: Option<String>,
    pub cause_step: Option<String>,
    pub category: Option<Category>,
    pub blame: Option<Blame>,
    pub day_type: Vec<DayType>,
}

/// How a missing value is printed.
pub const NULL: &str = "-";

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(|| NULL.to_owned(), ToString::to_string)
}

impl RunOut {
    /// Every column with its value as text, in the order of DATASET.md.
    pub fn columns(&self) -> Vec<(&'static str, String)> {
        vec![
            ("run_key", self.run_key.to_string()),
            ("system", self.system.clone()),
            ("environment", self.environment.clone()),
            ("host", text(self.host.as_ref())),
            ("project", self.project.clone()),
            ("job", self.job.clone()),
            ("job_id", text(self.job_id.as_ref())),
            ("job_version", text(self.job_version.as_ref())),
            ("context", text(self.context.as_ref())),
            ("run_id", self.run_id.clone()),
            ("root_run_id", self.root_run_id.clone()),
            ("parent_run_key", text(self.parent_run_key.as_ref())),
            ("root_run_key", self.root_run_key.to_string()),
            ("is_root", self.is_root.to_string()),
            ("depth", self.depth.to_string()),
            ("root_job", self.root_job.clone()),
            ("attempt", self.attempt.to_string()),
            ("started_at", self.started_at.to_string()),
            ("ended_at", text(self.ended_at.as_ref())),
            ("last_event_at", self.last_event_at.to_string()),
            ("duration_ms", text(self.duration_ms.as_ref())),
            (
                "duration_reported_ms",
                text(self.duration_reported_ms.as_ref()),
            ),
            ("self_duration_ms", text(self.self_duration_ms.as_ref())),
            ("status", self.status.to_string()),
            ("outcome", self.outcome.to_string()),
            ("tree_status", self.tree_status.to_string()),
            ("steps", text(self.steps.as_ref())),
            ("steps_failed", text(self.steps_failed.as_ref())),
            ("rows_in", text(self.rows_in.as_ref())),
            ("rows_out", text(self.rows_out.as_ref())),
            ("rows_rejected", text(self.rows_rejected.as_ref())),
            ("errors", self.errors.to_string()),
            ("error_rows", self.error_rows.to_string()),
            ("warnings", self.warnings.to_string()),
            ("error_signatures", list(&self.error_signatures)),
            ("first_error_at", text(self.first_error_at.as_ref())),
            ("cause_signature", text(self.cause_signature.as_ref())),
            ("cause_run_key", text(self.cause_run_key.as_ref())),
            ("cause_job", text(self.cause_job.as_ref())),
            ("cause_step", text(self.cause_step.as_ref())),
            ("category", text(self.category.as_ref())),
            ("blame", text(self.blame.as_ref())),
            ("retryable", text(self.retryable.as_ref())),
            ("error_message", text(self.error_message.as_ref())),
            (
                "ruled_category",
                text(self.ruled.map(|ruled| ruled.category).as_ref()),
            ),
            (
                "ruled_blame",
                text(self.ruled.and_then(|ruled| ruled.blame).as_ref()),
            ),
            (
                "ruled_retryable",
                text(self.ruled.and_then(|ruled| ruled.retryable).as_ref()),
            ),
            ("trigger", self.trigger.to_string()),
            ("trigger_evidence", text(self.trigger_evidence.as_ref())),
            ("rerun_of", text(self.rerun_of.as_ref())),
            ("business_day", self.business_day.to_string()),
            ("evidence", self.evidence.to_string()),
            ("quality", hundredths(self.quality_percent)),
            ("quality_reasons", list(&self.quality_reasons)),
        ]
    }
}

impl DayOut {
    /// Every column with its value as text, in the order of DATASET.md.
    pub fn columns(&self) -> Vec<(&'static str, String)> {
        vec![
            ("environment", self.environment.clone()),
            ("project", self.project.clone()),
            ("job", self.job.clone()),
            ("business_day", self.business_day.to_string()),
            ("runs", self.runs.to_string()),
            ("attempts_failed", self.attempts_failed.to_string()),
            ("first_status", self.first_status.to_string()),
            ("first_failure_at", text(self.first_failure_at.as_ref())),
            ("final_status", self.final_status.to_string()),
            ("verdict", self.verdict.to_string()),
            ("recovered_at", text(self.recovered_at.as_ref())),
            ("recovered_by", text(self.recovered_by.as_ref())),
            ("ready_at", text(self.ready_at.as_ref())),
            ("cause_signature", text(self.cause_signature.as_ref())),
            ("cause_job", text(self.cause_job.as_ref())),
            ("cause_step", text(self.cause_step.as_ref())),
            ("category", text(self.category.as_ref())),
            ("blame", text(self.blame.as_ref())),
            ("day_type", list(&self.day_type)),
        ]
    }
}

fn list<T: ToString>(values: &[T]) -> String {
    if values.is_empty() {
        return NULL.to_owned();
    }
    values
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

fn hundredths(percent: i64) -> String {
    format!("{}.{:02}", percent / 100, percent % 100)
}
