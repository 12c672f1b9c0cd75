//! An issue as it is handed out.

use crate::wire::{At, BlameWord, CategoryWord, IssueStateWord, MuteKindWord, ResolvedByWord};
use serde::Serialize;
use smartetl_core::model::Moment;
use smartetl_store::issues::Listed;
use utoipa::ToSchema;

/// One issue: a problem of a job family in an environment. `doc/issues.md` says what the values mean.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssueFacts {
    /// The beginning of `issue` that names it and no other.
    id: String,
    issue: String,
    environment: String,
    family: String,
    /// What the problem is called.
    title: Option<String>,
    state: IssueStateWord,
    /// Since when it is in this state.
    since: Option<At>,
    /// When it occurred first, or came back.
    opened_at: Option<At>,
    resolved_by: Option<ResolvedByWord>,
    acknowledged_at: Option<At>,
    acknowledged_by: Option<String>,
    /// Until what it is muted; null where it is not.
    muted: Option<MuteKindWord>,
    muted_by: Option<String>,
    muted_until: Option<At>,
    /// After so many more occurrences it is not muted any more.
    muted_left: Option<u32>,
    assignee: Option<String>,
    note: Option<String>,
    runbook: Option<String>,
    category: Option<CategoryWord>,
    /// A person said what its category is.
    corrected: bool,
    blame: Option<BlameWord>,
    retryable: Option<bool>,
    first_seen: Option<At>,
    last_seen: Option<At>,
    last_run_key: String,
    /// Runs in which it occurred.
    runs: i64,
    runs_since_opened: i64,
    /// Business days on which it occurred.
    days: i64,
    /// How often it came back.
    regressions: i64,
    /// Root runs that failed by it.
    failed_runs: i64,
    /// Runs of jobs that were never started because of it.
    blocked: i64,
    /// How long the runs took that it made fail.
    lost_ms: i64,
    /// Scheduled successes of each job so far, of those that resolve it; null where it is resolved.
    successes: Option<u32>,
    jobs: Vec<String>,
    problem: String,
    /// Runs in which it occurred on each of the 30 business days until the newest night of its environment, oldest first.
    sparkline: Vec<i64>,
}

/// What is known of an issue beside its row.
pub struct Around<'s> {
    pub short: Option<&'s str>,
    pub blocked: Option<i64>,
    pub days: Vec<i64>,
}

impl IssueFacts {
    pub fn new(listed: &Listed, around: Around<'_>, as_of: Moment) -> Self {
        let row = &listed.row;
        let muted = row.muted.filter(|_| row.is_muted(as_of));
        Self {
            id: around.short.unwrap_or_default().to_owned(),
            issue: row.issue.to_string(),
            environment: row.environment.clone(),
            family: row.family.clone(),
            title: listed.title.clone(),
            state: row.state.into(),
            since: At::shown(row.since),
            opened_at: At::shown(row.opened_at),
            resolved_by: row.resolved_by.map(Into::into),
            acknowledged_at: row.acknowledged_at.and_then(At::shown),
            acknowledged_by: row.acknowledged_by.clone(),
            muted: muted.map(Into::into),
            muted_by: muted.and(row.muted_by.clone()),
            muted_until: muted.and(row.muted_until).and_then(At::shown),
            muted_left: muted.and(row.muted_left),
            assignee: row.assignee.clone(),
            note: row.note.clone(),
            runbook: row.runbook.clone(),
            category: row.category.map(Into::into),
            corrected: listed.corrected,
            blame: row.blame.map(Into::into),
            retryable: row.retryable,
            first_seen: At::shown(row.first_seen),
            last_seen: At::shown(row.last_seen),
            last_run_key: row.last_run_key.to_string(),
            runs: row.runs,
            runs_since_opened: row.runs_since_opened,
            days: row.days,
            regressions: row.regressions,
            failed_runs: row.failed_runs,
            blocked: around.blocked.unwrap_or(0),
            lost_ms: row.lost_ms,
            successes: row.successes,
            jobs: row.jobs.clone(),
            problem: row.problem.to_string(),
            sparkline: around.days,
        }
    }
}
