//! Jobs with their last run and their habits.

use super::answer::Listing;
use super::asked::{Asked, Question, Said};
use super::cursor::Page;
use super::filters::{FilterParams, Filters, ListParams};
use super::problem::Problems;
use super::run::CatalogueFacts;
use crate::service::{Problem, Service};
use crate::wire::{At, CategoryWord, OutcomeWord, RunStatusWord};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_store::looking::{self, JobPlace, WatchedJob};
use sqlx::PgConnection;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct JobsParams {
    /// Jobs that only other jobs start, and retired ones, too
    #[param(default = false)]
    all: Option<bool>,
}

#[derive(Debug)]
pub struct JobsAsked {
    filters: Filters,
    all: bool,
    page: Page<JobPlace>,
}

/// So many of the newest runs say where the duration goes; a trend needs more than these.
const RECENT: i64 = 10;

impl Question for JobsAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        Ok(Self {
            filters: Filters::read(said)?,
            all: said.flag("all")?,
            page: Page::read(said)?,
        })
    }
}

/// Some jobs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Jobs {
    items: Vec<JobFacts>,
    /// The cursor of what follows; null at the end.
    next: Option<String>,
}

/// A job with its last run and its habits.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobFacts {
    #[serde(flatten)]
    catalogue: CatalogueFacts,
    /// The last run on the days that were asked for.
    last_run_key: Option<String>,
    last_started_at: Option<At>,
    last_status: Option<RunStatusWord>,
    last_outcome: Option<OutcomeWord>,
    last_category: Option<CategoryWord>,
    last_duration_ms: Option<i64>,
    /// Median and 95th percentile of the last 90 good runs; null where they are too few.
    usual_duration_ms: Option<i64>,
    p95_duration_ms: Option<i64>,
    /// The median of the last 10 of these runs, as a share of that of all of them: 1.2 is a fifth slower than usual.
    duration_trend: Option<f64>,
    /// Rows that these runs write (median), or read where nobody counts what they write.
    usual_rows: Option<i64>,
    /// The local time, like `02:15`; null for jobs that run several times a day.
    usual_start: Option<String>,
    runs_per_day: Option<i64>,
    /// Of the last 30 nights, between 0 and 1; null where it has fewer than 3 of its own.
    first_try_rate: Option<f64>,
    nights: Option<i64>,
    runs_since_success: i64,
}

/// Jobs, those of PROD first, then by name.
#[utoipa::path(
    get,
    path = "/api/v1/jobs",
    tag = "jobs",
    params(FilterParams, JobsParams, ListParams),
    responses((status = 200, description = "Jobs", content((Jobs = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn jobs(
    State(service): State<Arc<Service>>,
    asked: Asked<JobsAsked>,
) -> Result<Response, Problem> {
    super::answer::list(&service, &asked.reader, async |connection| {
        read(connection, &service, &asked.question).await
    })
    .await
}

impl Listing for Jobs {
    type Item = JobFacts;
    const NAME: &str = "jobs";

    fn items(&self) -> &[JobFacts] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

async fn read(
    connection: &mut PgConnection,
    service: &Service,
    asked: &JobsAsked,
) -> Result<Jobs, Problem> {
    let mut filter = asked.filters.resolve(connection).await?;
    filter.all = asked.all;
    let (zone, border_minutes) = clock(service);
    let mut jobs = looking::jobs(connection, &filter, zone, border_minutes).await?;
    if let Some(last) = &asked.page.after {
        jobs.retain(|job| place(job) > *last);
    }
    let next = asked.page.cut(&mut jobs, place);
    Ok(Jobs {
        items: jobs.iter().map(Into::into).collect(),
        next,
    })
}

/// The zone and the border of the business days, as jobs are asked for.
pub fn clock(service: &Service) -> (&str, i32) {
    let border = service.border;
    let minutes = i32::from(border.hour()) * 60 + i32::from(border.minute());
    (service.zone.iana_name().unwrap_or("UTC"), minutes)
}

fn rounded(share: f64) -> f64 {
    (share * 100.0).round() / 100.0
}

fn place(job: &WatchedJob) -> JobPlace {
    job.entry.name.place()
}

impl From<&WatchedJob> for JobFacts {
    fn from(job: &WatchedJob) -> Self {
        let last = job.last.as_ref();
        let cause = last.and_then(|run| run.cause.as_ref());
        Self {
            catalogue: (&job.entry).into(),
            last_run_key: last.map(|run| run.run_key.to_string()),
            last_started_at: last.and_then(|run| At::shown(run.started_at)),
            last_status: last.map(|run| run.status.into()),
            last_outcome: last.map(|run| run.outcome.into()),
            last_category: cause.map(|cause| cause.category.into()),
            last_duration_ms: last.and_then(|run| run.duration_ms),
            usual_duration_ms: job.usual.map(|usual| usual.median_ms),
            p95_duration_ms: job.usual.map(|usual| usual.p95_ms),
            duration_trend: job
                .usual
                .filter(|usual| usual.runs > RECENT && usual.median_ms > 0)
                .map(|usual| rounded(usual.recent_ms as f64 / usual.median_ms as f64)),
            usual_rows: job.usual.and_then(|usual| usual.rows),
            usual_start: job.usual_start.map(|at| at.strftime("%H:%M").to_string()),
            runs_per_day: job.runs_per_day,
            first_try_rate: job.rate.map(|rate| rate.ok as f64 / rate.nights as f64),
            nights: job.rate.map(|rate| rate.nights),
            runs_since_success: job.runs_since_success,
        }
    }
}
