//! A job night by night.

use super::answer::Listing;
use super::asked::{Asked, Place, Question, Said};
use super::job::NO_PROJECT;
use super::problem::{Problems, Wrong};
use crate::report::Kind;
use crate::service::{Problem, Service};
use crate::wire::{At, CategoryWord, Day, DayKindWord, OutcomeWord, VerdictWord};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_store::looking::{JobNight, NamedJob, named_jobs, nights_of};
use sqlx::PgConnection;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// So many days where nobody says how many.
const USUAL_DAYS: i64 = 90;
const MOST_DAYS: i64 = 400;
/// What is usual is said by the nights before, these many days too.
const DAYS_BEFORE: i64 = 120;
/// So many good nights of the same kind say what is usual, and fewer say nothing.
const USUAL_NIGHTS: usize = 20;
const FEWEST: usize = 3;

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct HistoryParams {
    /// So many business days until the newest one of the job
    #[param(minimum = 1, maximum = 400, default = 90)]
    days: Option<u32>,
    /// Which of the jobs of this name, where several systems have one; else the first by name
    system: Option<String>,
    /// As JSON, or as a file; the header `accept` says it too
    #[param(schema_with = super::document::forms)]
    format: Option<String>,
    /// In which language texts are told
    #[param(schema_with = super::document::languages)]
    lang: Option<String>,
}

#[derive(Debug)]
pub struct HistoryAsked {
    days: i64,
    system: Option<String>,
}

impl Question for HistoryAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        Ok(Self {
            days: said.number("days", 1, MOST_DAYS)?.unwrap_or(USUAL_DAYS),
            system: said.text("system"),
        })
    }
}

/// The nights of a job, oldest first; those in which it did not run are left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct History {
    items: Vec<HistoryNight>,
}

/// A job on one business day.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryNight {
    business_day: Day,
    day_kind: DayKindWord,
    /// What the night came to; null for what only other jobs start.
    verdict: Option<VerdictWord>,
    runs: i64,
    /// Those of them that failed or never ended.
    failed: i64,
    /// The last run of the day; what follows is said of it.
    run_key: String,
    outcome: OutcomeWord,
    category: Option<CategoryWord>,
    started_at: Option<At>,
    ended_at: Option<At>,
    duration_ms: Option<i64>,
    /// Median and 95th percentile of the last 20 good nights of the same kind before it; null where they are fewer than 3.
    usual_duration_ms: Option<i64>,
    usual_p95_ms: Option<i64>,
    rows_in: Option<i64>,
    rows_out: Option<i64>,
    job_version: Option<String>,
    /// The version of the night before, where it was another one.
    version_before: Option<String>,
    /// When its night was good, and when it was due; null where it has no deadline.
    ready_at: Option<At>,
    deadline_at: Option<At>,
    /// How much later than due it was ready; 0 where it was in time.
    late_ms: Option<i64>,
}

/// A job night by night: how each came out, how long it took beside what is usual, its rows, its deadline, and when its version changed.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{environment}/{project}/{job}/history",
    tag = "jobs",
    params(
        ("environment" = String, Path, description = "The environment"),
        ("project" = String, Path, description = "The project, or `-` for none"),
        ("job" = String, Path, description = "The name"),
        HistoryParams
    ),
    responses((status = 200, description = "Nights, oldest first", content((History = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn history(
    State(service): State<Arc<Service>>,
    Place((environment, project, job)): Place<(String, String, String)>,
    asked: Asked<HistoryAsked>,
) -> Result<Response, Problem> {
    super::answer::list(&service, &asked.reader, async |connection| {
        let named = named_jobs(connection, &[environment], &job).await?;
        let named = named.into_iter().find(|named| {
            named.job == job
                && named.project.as_deref().unwrap_or(NO_PROJECT) == project
                && asked
                    .question
                    .system
                    .as_ref()
                    .is_none_or(|system| *system == named.system)
        });
        let named = named.ok_or(Problem::Api(Wrong::Nothing(["job", "ce job"])))?;
        read(connection, &named, asked.question.days).await
    })
    .await
}

async fn read(
    connection: &mut PgConnection,
    job: &NamedJob,
    days: i64,
) -> Result<History, Problem> {
    let all = i32::try_from(days + DAYS_BEFORE).unwrap_or(i32::MAX);
    let nights = nights_of(connection, job, all).await?;
    let newest = nights.last().map(|night| night.day);
    let is_asked = |night: &JobNight| {
        newest.is_some_and(|newest| i64::from((newest - night.day).get_days()) < days)
    };
    let items = nights.iter().enumerate();
    let items = items.filter(|(_, night)| is_asked(night));
    Ok(History {
        items: items
            .map(|(place, night)| HistoryNight::new(night, &nights[..place]))
            .collect(),
    })
}

impl Listing for History {
    type Item = HistoryNight;
    const NAME: &str = "history";

    fn items(&self) -> &[HistoryNight] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        None
    }
}

fn kind(night: &JobNight) -> Kind {
    Kind::of_day(night.day, &night.day_type)
}

impl HistoryNight {
    fn new(night: &JobNight, before: &[JobNight]) -> Self {
        let alike = before.iter().rev();
        let alike = alike.filter(|one| one.is_good && kind(one) == kind(night));
        let mut usual: Vec<i64> = alike
            .filter_map(|one| one.duration_ms)
            .take(USUAL_NIGHTS)
            .collect();
        usual.sort_unstable();
        let part = |percent: usize| {
            let place = (usual.len() * percent).div_ceil(100).max(1) - 1;
            (usual.len() >= FEWEST).then(|| usual[place])
        };
        let last = before.last().and_then(|last| last.job_version.clone());
        Self {
            business_day: Day(night.day),
            day_kind: kind(night).into(),
            verdict: night.verdict.map(Into::into),
            runs: night.runs,
            failed: night.failed,
            run_key: night.run_key.to_string(),
            outcome: night.outcome.into(),
            category: night.category.map(Into::into),
            started_at: At::shown(night.started_at),
            ended_at: night.ended_at.and_then(At::shown),
            duration_ms: night.duration_ms,
            usual_duration_ms: part(50),
            usual_p95_ms: part(95),
            rows_in: night.rows_in,
            rows_out: night.rows_out,
            version_before: last.filter(|last| {
                let this = night.job_version.as_ref();
                this.is_some_and(|this| this != last)
            }),
            job_version: night.job_version.clone(),
            ready_at: night.ready_at.and_then(At::shown),
            deadline_at: night.deadline_at.and_then(At::shown),
            late_ms: night.late_ms,
        }
    }
}
