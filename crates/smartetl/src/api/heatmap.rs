//! Jobs and nights as a map.

use super::asked::{Asked, Question, Said};
use super::nights::environment;
use super::problem::Problems;
use crate::service::{Problem, Service};
use crate::wire::{Day, VerdictWord};
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use serde::Serialize;
use smartetl_core::model::Verdict;
use smartetl_store::report::{MapCell, map};
use sqlx::PgConnection;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// So many days where nobody says how many.
const USUAL_DAYS: i64 = 30;
const MOST_DAYS: i64 = 400;

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct HeatmapParams {
    /// The environment; PROD where it is left out, or else the one with most jobs
    environment: Option<String>,
    /// So many days
    #[param(minimum = 1, maximum = 400, default = 30)]
    days: Option<u32>,
    /// Until this business day, with it; the newest where it is left out
    #[param(format = Date)]
    to: Option<String>,
    /// In which language texts are told
    #[param(schema_with = super::document::languages)]
    lang: Option<String>,
}

#[derive(Debug)]
pub struct HeatmapAsked {
    environment: Option<String>,
    days: i64,
    to: Option<Date>,
}

impl Question for HeatmapAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        Ok(Self {
            environment: said.text("environment"),
            days: said.number("days", 1, MOST_DAYS)?.unwrap_or(USUAL_DAYS),
            to: said.day("to")?,
        })
    }
}

/// Jobs and nights.
#[derive(Debug, Serialize, ToSchema)]
pub struct Heatmap {
    environment: String,
    /// Days with a night, oldest first.
    days: Vec<Day>,
    /// As they are worth looking at: those that went wrong last come first, then those that went wrong more often, then by name.
    jobs: Vec<HeatmapJob>,
}

/// A root job in many nights.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeatmapJob {
    project: Option<String>,
    job: String,
    /// The nights in which it stands, oldest first.
    days: Vec<HeatmapCell>,
}

/// A root job in one night.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeatmapCell {
    business_day: Day,
    /// Null for a verdict of a later version.
    verdict: Option<VerdictWord>,
    runs: i64,
    /// How much later than its deadline it was ready; null where it has none.
    late_ms: Option<i64>,
}

/// Jobs and nights as a map.
#[utoipa::path(
    get,
    path = "/api/v1/heatmap",
    tag = "nights",
    params(HeatmapParams),
    responses((status = 200, description = "Jobs and nights", body = Heatmap), Problems)
)]
pub async fn heatmap(
    State(service): State<Arc<Service>>,
    asked: Asked<HeatmapAsked>,
) -> Result<Response, Problem> {
    super::answer::json(&service, &asked.reader, async |connection| {
        read(connection, &asked.question).await
    })
    .await
}

async fn read(connection: &mut PgConnection, asked: &HeatmapAsked) -> Result<Heatmap, Problem> {
    let (environment, newest) = environment(connection, asked.environment.as_deref()).await?;
    let cells = match asked.to.or(newest) {
        Some(last) => {
            let days = i32::try_from(asked.days).unwrap_or(i32::MAX);
            map(connection, &environment, last, days).await?
        }
        None => Vec::new(),
    };
    let days: BTreeSet<Date> = cells.iter().map(|cell| cell.day).collect();
    let mut jobs: Vec<&[MapCell]> = cells
        .chunk_by(|one, other| (&one.job, &one.project) == (&other.job, &other.project))
        .collect();
    // They come by name, and stay so where nothing else tells them apart.
    jobs.sort_by_key(|cells| {
        let wrong = || cells.iter().filter(|cell| is_wrong(cell));
        let last = wrong().map(|cell| cell.day).max();
        Reverse((last, wrong().count()))
    });
    Ok(Heatmap {
        environment,
        days: days.into_iter().map(Day).collect(),
        jobs: jobs.into_iter().filter_map(HeatmapJob::of).collect(),
    })
}

fn is_wrong(cell: &MapCell) -> bool {
    !matches!(cell.verdict, Some(Verdict::Ok | Verdict::Running)) || cell.late_ms > Some(0)
}

impl HeatmapJob {
    fn of(cells: &[MapCell]) -> Option<Self> {
        let first = cells.first()?;
        Some(Self {
            project: first.project.clone(),
            job: first.job.clone(),
            days: cells.iter().map(Into::into).collect(),
        })
    }
}

impl From<&MapCell> for HeatmapCell {
    fn from(cell: &MapCell) -> Self {
        Self {
            business_day: Day(cell.day),
            verdict: cell.verdict.map(Into::into),
            runs: cell.runs,
            late_ms: cell.late_ms,
        }
    }
}
