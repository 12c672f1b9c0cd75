//! One job.

use super::asked::{Asked, Place};
use super::edit_job::tag;
use super::jobs::{JobFacts, clock};
use super::problem::{Problems, Wrong};
use super::run::{LangAsked, LangParams};
use crate::service::{Problem, Service};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_store::looking::{self, Filter};
use std::sync::Arc;
use utoipa::ToSchema;

/// What stands in the place of a project where a job has none.
pub const NO_PROJECT: &str = "-";

/// A job by its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobAnswer {
    /// One for each system that runs a job of this name; its runs are those of `/api/v1/runs`.
    jobs: Vec<JobFacts>,
    /// For each of them, what a change says as `If-Match`.
    tags: Vec<String>,
}

/// One job, by its environment, its project (`-` for none) and its name.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{environment}/{project}/{job}",
    tag = "jobs",
    params(
        ("environment" = String, Path, description = "The environment"),
        ("project" = String, Path, description = "The project, or `-` for none"),
        ("job" = String, Path, description = "The name"),
        LangParams
    ),
    responses((status = 200, description = "The job", body = JobAnswer), Problems)
)]
pub async fn job(
    State(service): State<Arc<Service>>,
    Place((environment, project, job)): Place<(String, String, String)>,
    asked: Asked<LangAsked>,
) -> Result<Response, Problem> {
    super::answer::json(&service, &asked.reader, async |connection| {
        let filter = Filter {
            environments: vec![environment],
            job: Some(job.clone()),
            all: true,
            ..Filter::default()
        };
        let (zone, border_minutes) = clock(&service);
        let mut found = looking::jobs(connection, &filter, zone, border_minutes).await?;
        found.retain(|found| {
            let name = &found.entry.name;
            name.job == job && name.project.as_deref().unwrap_or(NO_PROJECT) == project
        });
        if found.is_empty() {
            return Err(Problem::Api(Wrong::Nothing(["job", "ce job"])));
        }
        let tags = found.iter().map(|job| tag(&job.entry, &service.zone));
        Ok(JobAnswer {
            tags: tags.collect(),
            jobs: found.iter().map(Into::into).collect(),
        })
    })
    .await
}
