//! A night as bars: when its jobs ran, beside when they usually do.

use super::asked::{Asked, Place};
use super::night::{NightAsked, NightParams, day_of, meant, nothing};
use super::problem::Problems;
use crate::report::{self, Spread, TimedJob, Timeline};
use crate::service::{Problem, Service};
use crate::wire::{At, Day, RunStatusWord, VerdictWord};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_store::report::RootRun;
use std::sync::Arc;
use utoipa::ToSchema;

/// A night as bars.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineAnswer {
    environment: String,
    business_day: Day,
    /// From border to border.
    from: Option<At>,
    until: Option<At>,
    /// Root jobs; those that began first come first.
    jobs: Vec<TimelineJob>,
}

/// A root job and its runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineJob {
    project: Option<String>,
    job: String,
    /// Null for runs that count for no night.
    verdict: Option<VerdictWord>,
    deadline_at: Option<At>,
    /// Of undisturbed nights of the same kind; null where too few are known.
    usual_start: Option<SpreadFacts>,
    usual_end: Option<SpreadFacts>,
    runs: Vec<TimelineRun>,
}

/// Eight nights of ten lie between `early` and `late`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpreadFacts {
    early: Option<At>,
    median: Option<At>,
    late: Option<At>,
}

/// A root run.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineRun {
    run_key: String,
    started_at: Option<At>,
    /// Null while it runs, or where it is lost.
    ended_at: Option<At>,
    /// Its end, or the last sign of life.
    last_event_at: Option<At>,
    /// Null for a status of a later version.
    status: Option<RunStatusWord>,
    attempt: i32,
}

/// The runs of a night, job by job, beside when they usually run.
#[utoipa::path(
    get,
    path = "/api/v1/nights/{day}/timeline",
    tag = "nights",
    params(("day" = String, Path, description = "The business day, or `latest`"), NightParams),
    responses((status = 200, description = "The night as bars", body = TimelineAnswer), Problems)
)]
pub async fn timeline(
    State(service): State<Arc<Service>>,
    Place(day): Place<String>,
    asked: Asked<NightAsked>,
) -> Result<Response, Problem> {
    let day = day_of(&day)?;
    super::answer::json(&service, &asked.reader, async |connection| {
        let asked_for = asked.question.environment.as_deref();
        let (environment, day) = meant(connection, &service, asked_for, day).await?;
        let clock = service.clock();
        match report::timeline(connection, Some(&environment), day, &clock).await? {
            Some(timeline) => Ok(TimelineAnswer::from(&timeline)),
            None => Err(nothing(connection, environment, day).await?),
        }
    })
    .await
}

impl From<&Timeline> for TimelineAnswer {
    fn from(timeline: &Timeline) -> Self {
        Self {
            environment: timeline.environment.clone(),
            business_day: Day(timeline.day),
            from: At::shown(timeline.from),
            until: At::shown(timeline.until),
            jobs: timeline.jobs.iter().map(Into::into).collect(),
        }
    }
}

impl From<&TimedJob> for TimelineJob {
    fn from(job: &TimedJob) -> Self {
        Self {
            project: job.project.clone(),
            job: job.job.clone(),
            verdict: job.verdict.map(Into::into),
            deadline_at: job.deadline_at.and_then(At::shown),
            usual_start: job.usual_start.map(Into::into),
            usual_end: job.usual_end.map(Into::into),
            runs: job.runs.iter().map(Into::into).collect(),
        }
    }
}

impl From<Spread> for SpreadFacts {
    fn from(spread: Spread) -> Self {
        Self {
            early: At::shown(spread.early),
            median: At::shown(spread.median),
            late: At::shown(spread.late),
        }
    }
}

impl From<&RootRun> for TimelineRun {
    fn from(run: &RootRun) -> Self {
        Self {
            run_key: run.run_key.to_string(),
            started_at: At::shown(run.started_at),
            ended_at: run.ended_at.and_then(At::shown),
            last_event_at: At::shown(run.until),
            status: run.status.map(Into::into),
            attempt: run.attempt,
        }
    }
}
