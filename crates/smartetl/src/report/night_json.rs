//! A night for programs, as one object. `doc/report.md` describes the fields.

use super::amount::Rate;
use super::clock::Clock;
use super::night::{Due, Late, NightReport, NightsWithoutJobs, NotSeen};
use super::night_section::headline;
use crate::night::Teller;
use crate::wire::{
    At, BlameWord, CategoryWord, Day, DayTypeWord, DueStateWord, IssueStateWord, RecoveredByWord,
};
use serde::Serialize;
use smartetl_core::model::Verdict;
use smartetl_store::issues::Named;
use smartetl_store::night::{Cause, Counts, Job, Place};
use smartetl_store::report::DayCounts;
use utoipa::ToSchema;

/// What is said of a night.
#[derive(Debug, Serialize, ToSchema)]
pub struct NightFacts {
    /// Always `night`.
    report: &'static str,
    environment: String,
    business_day: Day,
    /// The zone of the business day; null for one without a name.
    timezone: Option<String>,
    /// From border to border.
    from: Option<At>,
    until: Option<At>,
    /// The clock of the last fuse: for this moment all of it holds.
    as_of: Option<At>,
    /// The latest moment seen of this environment.
    last_event_at: Option<At>,
    language: &'static str,
    /// What a person would say about the night.
    sentence: String,
    /// The last log, where it is long ago and more should have come.
    no_logs_since: Option<At>,
    nights_without_jobs: Option<NightsWithoutJobsFacts>,
    counts: NightCounts,
    /// How many jobs are `ok` on days of this kind (median of four weeks); null where too few are known.
    usually_ok: Option<i64>,
    first_try: RateFacts,
    /// Of the nights in the four weeks before.
    first_try_before: RateFacts,
    /// What made jobs fail, also those that were recovered; open ones first; at most 50.
    causes: Vec<CauseFacts>,
    failed: Vec<NightJob>,
    lost: Vec<NightJob>,
    unverified: Vec<NightJob>,
    running: Vec<NightJob>,
    recovered: Vec<NightJob>,
    /// Jobs that came through, or are still running, later than usual; the latest first.
    late: Vec<LateFacts>,
    /// Jobs that usually stand in such a night and do not.
    not_seen: Vec<NotSeenFacts>,
    /// Of all jobs with a deadline: missed ones first, then open ones, then by how close it was.
    deadlines: Vec<DueFacts>,
    unmapped_contexts: Vec<UnmappedContext>,
    /// Earlier nights and this one, oldest first.
    nights: Vec<DayFacts>,
}

/// Root jobs by verdict.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct VerdictCounts {
    jobs: i64,
    ok: i64,
    recovered: i64,
    failed: i64,
    lost: i64,
    running: i64,
    unverified: i64,
    /// Cancelled or skipped: nothing of them failed, and nothing succeeded.
    cancelled: i64,
}

/// Root jobs by verdict, and those that are late or were not seen.
#[derive(Debug, Serialize, ToSchema)]
pub struct NightCounts {
    #[serde(flatten)]
    verdicts: VerdictCounts,
    late: usize,
    not_seen: usize,
}

/// Jobs that succeeded at the first try, of those that came out.
#[derive(Debug, Serialize, ToSchema)]
pub struct RateFacts {
    ok: i64,
    of: i64,
    /// Between 0 and 1; null where nothing came out.
    share: Option<f64>,
}

/// Nights that should be over or have begun, and of which no job is known.
#[derive(Debug, Serialize, ToSchema)]
pub struct NightsWithoutJobsFacts {
    first_day: Day,
    last_day: Day,
    nights: i64,
    /// Whether there are any logs since they began.
    logs: bool,
}

/// The same problem, wherever it struck.
#[derive(Debug, Serialize, ToSchema)]
pub struct CauseFacts {
    category: CategoryWord,
    blame: Option<BlameWord>,
    retryable: Option<bool>,
    /// As it was written where it struck first; at most 2000 characters.
    message: Option<String>,
    /// Root jobs touched, and those of them that are not made good.
    jobs: i64,
    open: i64,
    first_at: Option<At>,
    /// How long the runs of that day took that it made fail, without what they waited for others.
    lost_ms: i64,
    places: Vec<PlaceFacts>,
}

/// A step of a job in which a cause struck.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceFacts {
    job: Option<String>,
    step: Option<String>,
    first_at: Option<At>,
    /// Root jobs that failed by it and are not made good.
    open: i64,
    /// The first few root jobs above it, and how many there are besides.
    roots: Vec<String>,
    roots_more: i64,
    /// Jobs that it kept from being started.
    blocked: Vec<String>,
    lost_ms: i64,
    issue: Option<PlaceIssue>,
}

/// The issue that a place belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceIssue {
    /// As it is shown, and as it is stored.
    id: String,
    issue: String,
    state: IssueStateWord,
    /// Since when it is open; where the run belongs to an earlier opening, when it was first seen.
    since: Option<At>,
    /// It was resolved after this run.
    is_of_before: bool,
    /// Since then.
    runs: i64,
    assignee: Option<String>,
}

/// A root job with something to say.
#[derive(Debug, Serialize, ToSchema)]
pub struct NightJob {
    project: Option<String>,
    job: String,
    /// Of its last run.
    started_at: Option<At>,
    last_event_at: Option<At>,
    first_failure_at: Option<At>,
    /// Its last run failed by something else than the first that did.
    again: Option<AgainFacts>,
    recovered_at: Option<At>,
    /// The end of its first success.
    ready_at: Option<At>,
    recovered_by: Option<RecoveredByWord>,
    category: Option<CategoryWord>,
    blame: Option<BlameWord>,
    cause_job: Option<String>,
    cause_step: Option<String>,
    /// Nine nights of ten it was ready by then.
    usually_ready_by: Option<At>,
}

/// A later failure by another cause.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgainFacts {
    failed_at: Option<At>,
    category: CategoryWord,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LateFacts {
    project: Option<String>,
    job: String,
    /// Null: it is still running.
    ready_at: Option<At>,
    usually_ready_by: Option<At>,
    late_ms: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NotSeenFacts {
    project: Option<String>,
    job: String,
    usually_started_by: Option<At>,
    /// 1 vital, 2 important, 3 comfort.
    criticality: Option<i16>,
    deadline_at: Option<At>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DueFacts {
    project: Option<String>,
    job: String,
    deadline_at: Option<At>,
    ready_at: Option<At>,
    state: DueStateWord,
    /// How long before the deadline it was ready, or is left; negative: too late by so much.
    margin_ms: i64,
}

/// A context that names no environment, with its runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnmappedContext {
    context: Option<String>,
    runs: i64,
}

/// One night of several.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayFacts {
    business_day: Day,
    day_type: Vec<DayTypeWord>,
    #[serde(flatten)]
    counts: VerdictCounts,
    first_try: RateFacts,
}

impl NightFacts {
    pub fn new(report: &NightReport, teller: &Teller, clock: &Clock) -> Self {
        let night = &report.night;
        let jobs = |of: Verdict| report.jobs(of).map(|job| told(job, report)).collect();
        let parts = headline(report, teller).into_iter().map(|part| part.text);
        Self {
            report: "night",
            environment: night.environment.clone(),
            business_day: Day(night.day),
            timezone: clock.zone.iana_name().map(str::to_owned),
            from: At::shown(report.from),
            until: At::shown(report.until),
            as_of: At::shown(report.as_of),
            last_event_at: night.last_event_at.and_then(At::shown),
            language: teller.lang.tag(),
            sentence: parts.collect::<Vec<_>>().join(" "),
            no_logs_since: report.no_logs_since.and_then(At::shown),
            nights_without_jobs: report.without_jobs.as_ref().map(Into::into),
            counts: NightCounts {
                verdicts: night.counts.into(),
                late: report.late.len(),
                not_seen: report.not_seen.len(),
            },
            usually_ok: night.usually_ok,
            first_try: report.first_try.into(),
            first_try_before: report.before.into(),
            causes: night.causes.iter().map(Into::into).collect(),
            failed: jobs(Verdict::Failed),
            lost: jobs(Verdict::Lost),
            unverified: jobs(Verdict::Unverified),
            running: jobs(Verdict::Running),
            recovered: jobs(Verdict::Recovered),
            late: report.late.iter().map(Into::into).collect(),
            not_seen: report.not_seen.iter().map(Into::into).collect(),
            deadlines: report.due.iter().map(Into::into).collect(),
            unmapped_contexts: UnmappedContext::all(&report.unmapped),
            nights: report.nights.iter().map(Into::into).collect(),
        }
    }
}

fn told(job: &Job, report: &NightReport) -> NightJob {
    let name = (job.project.clone(), job.job.clone());
    let usual = report.usual.get(&name);
    NightJob {
        project: name.0,
        job: name.1,
        started_at: job.started_at.and_then(At::shown),
        last_event_at: job.last_event_at.and_then(At::shown),
        first_failure_at: job.first_failure_at.and_then(At::shown),
        again: job.again.map(|again| AgainFacts {
            failed_at: At::shown(again.failed_at),
            category: again.category.into(),
        }),
        recovered_at: job.recovered_at.and_then(At::shown),
        ready_at: job.ready_at.and_then(At::shown),
        recovered_by: job.recovered_by.map(Into::into),
        category: job.category.map(Into::into),
        blame: job.blame.map(Into::into),
        cause_job: job.cause_job.clone(),
        cause_step: job.cause_step.clone(),
        usually_ready_by: usual.and_then(|usual| At::shown(usual.by)),
    }
}

impl UnmappedContext {
    pub fn all(contexts: &[(Option<String>, i64)]) -> Vec<Self> {
        let contexts = contexts.iter().cloned();
        contexts
            .map(|(context, runs)| Self { context, runs })
            .collect()
    }
}

impl From<Counts> for VerdictCounts {
    fn from(counts: Counts) -> Self {
        Self {
            jobs: counts.jobs,
            ok: counts.ok,
            recovered: counts.recovered,
            failed: counts.failed,
            lost: counts.lost,
            running: counts.running,
            unverified: counts.unverified,
            cancelled: counts.cancelled,
        }
    }
}

impl From<Rate> for RateFacts {
    fn from(rate: Rate) -> Self {
        Self {
            ok: rate.ok,
            of: rate.of,
            share: rate.share(),
        }
    }
}

impl From<&NightsWithoutJobs> for NightsWithoutJobsFacts {
    fn from(nights: &NightsWithoutJobs) -> Self {
        Self {
            first_day: Day(nights.first),
            last_day: Day(nights.last),
            nights: nights.number,
            logs: !nights.is_silent,
        }
    }
}

impl From<&Cause> for CauseFacts {
    fn from(cause: &Cause) -> Self {
        let first = cause.places.first();
        Self {
            category: cause.category.into(),
            blame: cause.blame.map(Into::into),
            retryable: cause.retryable,
            message: cause.message.clone(),
            jobs: cause.jobs,
            open: cause.open,
            first_at: first.and_then(|place| At::shown(place.first_at)),
            lost_ms: cause.places.iter().map(|place| place.lost_ms).sum(),
            places: cause.places.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Place> for PlaceFacts {
    fn from(place: &Place) -> Self {
        Self {
            job: place.job.clone(),
            step: place.step.clone(),
            first_at: At::shown(place.first_at),
            open: place.open,
            roots: place.roots.clone(),
            roots_more: place.roots_more,
            blocked: place.blocked.clone(),
            lost_ms: place.lost_ms,
            issue: place.issue.as_ref().map(Into::into),
        }
    }
}

impl From<&Named> for PlaceIssue {
    fn from(issue: &Named) -> Self {
        Self {
            id: issue.short.clone(),
            issue: issue.issue.to_string(),
            state: issue.state.into(),
            since: At::shown(issue.since),
            is_of_before: issue.is_of_before,
            runs: issue.runs,
            assignee: issue.assignee.clone(),
        }
    }
}

impl From<&Late> for LateFacts {
    fn from(late: &Late) -> Self {
        Self {
            project: late.project.clone(),
            job: late.job.clone(),
            ready_at: late.ready_at.and_then(At::shown),
            usually_ready_by: At::shown(late.usually_by),
            late_ms: late.late_ms,
        }
    }
}

impl From<&NotSeen> for NotSeenFacts {
    fn from(job: &NotSeen) -> Self {
        Self {
            project: job.project.clone(),
            job: job.job.clone(),
            usually_started_by: job.usually_by.and_then(At::shown),
            criticality: job.criticality,
            deadline_at: job.deadline_at.and_then(At::shown),
        }
    }
}

impl From<&Due> for DueFacts {
    fn from(due: &Due) -> Self {
        Self {
            project: due.project.clone(),
            job: due.job.clone(),
            deadline_at: At::shown(due.deadline_at),
            ready_at: due.ready_at.and_then(At::shown),
            state: due.state.into(),
            margin_ms: due.margin_ms,
        }
    }
}

impl From<&DayCounts> for DayFacts {
    fn from(of: &DayCounts) -> Self {
        Self {
            business_day: Day(of.day),
            day_type: of.types.iter().copied().map(Into::into).collect(),
            counts: of.counts.into(),
            first_try: Rate::of([&of.counts]).into(),
        }
    }
}
