//! What the fold gives: a row of `dataset`, a row of `job_day`.

use jiff::civil::Date;
use uuid::Uuid;

use super::config::TriggerEvidence;
use crate::group::problem::Correction;
use crate::model::{
    Blame, Category, DayType, Evidence, Moment, Outcome, RecoveredBy, RunStatus, Trigger, Verdict,
};

/// A row of `dataset`, all but what the day says (`trigger`, `rerun_of`: see [`TriggerOf`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Run<'a> {
    pub run_key: Uuid,
    /// The number under which the rows of its tree are found together.
    pub tree: i64,
    /// The number under which the runs of its job are found: [`super::job_hash`].
    pub job_number: i64,
    pub system: &'a str,
    pub environment: &'a str,
    pub host: Option<&'a str>,
    pub project: Option<&'a str>,
    pub job: &'a str,
    pub job_id: Option<&'a str>,
    pub job_version: Option<&'a str>,
    pub context: Option<&'a str>,
    pub run_id: &'a str,
    /// The ids as the tool says them, for fetching the tree again.
    pub root_run_id: &'a str,
    pub parent_run_key: Option<Uuid>,
    pub root_run_key: Uuid,
    pub is_root: bool,
    pub depth: i32,
    pub root_job: &'a str,
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
    pub steps: Option<i32>,
    pub steps_failed: Option<i32>,
    pub rows_in: Option<i64>,
    pub rows_out: Option<i64>,
    pub rows_rejected: Option<i64>,
    pub errors: i64,
    pub error_rows: i64,
    pub warnings: i64,
    /// Of the errors that count: each once, ascending.
    pub error_signatures: Vec<Uuid>,
    pub first_error_at: Option<Moment>,
    pub cause: Option<RunCause<'a>>,
    pub business_day: Date,
    pub evidence: Evidence,
    /// Hundredths: 100 is nothing doubtful.
    pub quality_percent: u8,
    pub quality_reasons: Vec<&'static str>,
    /// Ascending.
    pub batches: Vec<i64>,
    /// Why its root started, where its context or its run id says so.
    pub trigger: Option<(Trigger, TriggerEvidence)>,
}

/// Why a run, or something below it, went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct RunCause<'a> {
    pub run_key: Uuid,
    pub job: &'a str,
    pub step: Option<&'a str>,
    pub signature: Option<Uuid>,
    pub category: Category,
    pub blame: Option<Blame>,
    pub retryable: Option<bool>,
    pub message: Option<&'a str>,
    /// What the rules said, where a person corrected it.
    pub ruled: Option<Correction>,
}

/// Why a run started: decided by the day, not by the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TriggerOf {
    pub trigger: Trigger,
    pub evidence: Option<TriggerEvidence>,
    pub rerun_of: Option<Uuid>,
}

impl TriggerOf {
    /// What words say, before the day is known.
    pub fn word(word: Option<(Trigger, TriggerEvidence)>) -> Self {
        Self {
            trigger: word.map_or(Trigger::Unknown, |(trigger, _)| trigger),
            evidence: word.map(|(_, evidence)| evidence),
            rerun_of: None,
        }
    }

    /// The word that decided, if it was one.
    pub(super) fn as_word(self) -> Option<(Trigger, TriggerEvidence)> {
        let evidence = self.evidence?;
        matches!(evidence, TriggerEvidence::Context | TriggerEvidence::RunId)
            .then_some((self.trigger, evidence))
    }
}

/// A row of `job_day`.
#[derive(Clone, Debug, PartialEq)]
pub struct JobDay {
    pub environment: String,
    pub project: Option<String>,
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
    pub cause: Option<DayCause>,
    pub day_type: Vec<DayType>,
}

/// The cause of the first failure of a day; kept after recovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayCause {
    pub signature: Option<Uuid>,
    pub job: String,
    pub step: Option<String>,
    pub category: Category,
    pub blame: Option<Blame>,
}
