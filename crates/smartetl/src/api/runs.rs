//! Runs, newest first.

use super::answer::Listing;
use super::asked::{Asked, Question, Said};
use super::cursor::{Page, refused};
use super::filters::{FilterParams, Filters, ListParams};
use super::problem::Problems;
use super::run_facts::RunFacts;
use crate::filtering;
use crate::service::{Problem, Service};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_core::model::Moment;
use smartetl_store::looking::{self, Place, Run};
use sqlx::PgConnection;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct RunsParams {
    /// Child runs too
    #[param(default = false)]
    all: Option<bool>,
}

#[derive(Debug)]
pub struct RunsAsked {
    filters: Filters,
    all: bool,
    page: Page<Cursor>,
}

/// Business day, start in microseconds, key.
type Cursor = (String, i64, String);

impl Question for RunsAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        Ok(Self {
            filters: Filters::read(said)?,
            all: said.flag("all")?,
            page: Page::read(said)?,
        })
    }
}

/// Some runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Runs {
    items: Vec<RunFacts>,
    /// The cursor of what follows; null at the end.
    next: Option<String>,
}

/// Runs, newest first: by business day and start.
#[utoipa::path(
    get,
    path = "/api/v1/runs",
    tag = "runs",
    params(FilterParams, RunsParams, ListParams),
    responses((status = 200, description = "Runs, newest first", content((Runs = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn runs(
    State(service): State<Arc<Service>>,
    asked: Asked<RunsAsked>,
) -> Result<Response, Problem> {
    super::answer::list(&service, &asked.reader, async |connection| {
        read(connection, &asked.question).await
    })
    .await
}

impl Listing for Runs {
    type Item = RunFacts;
    const NAME: &str = "runs";

    fn items(&self) -> &[RunFacts] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

async fn read(connection: &mut PgConnection, asked: &RunsAsked) -> Result<Runs, Problem> {
    let mut filter = asked.filters.resolve(connection).await?;
    filter.all = asked.all;
    let after = asked.page.after.as_ref().map(place).transpose()?;
    let mut runs = looking::runs(connection, &filter, after, asked.page.limit + 1).await?;
    let next = asked.page.cut(&mut runs, |run: &Run| {
        let day = run.business_day.to_string();
        (day, run.started_at.0, run.run_key.to_string())
    });
    let jobs: Vec<i64> = runs.iter().map(|run| run.job_number).collect();
    let usual = looking::usual(connection, &jobs).await?;
    let items = runs.iter();
    Ok(Runs {
        items: items
            .map(|run| RunFacts::new(run, usual.get(&run.job_number)))
            .collect(),
        next,
    })
}

fn place((day, started_us, run_key): &Cursor) -> Result<Place, Problem> {
    let started_at = Moment(*started_us);
    match (filtering::day(day), run_key.parse()) {
        (Ok(day), Ok(run_key)) if started_at.in_range() => Ok(Place {
            day,
            started_at,
            run_key,
        }),
        _ => refused(),
    }
}
