//! One run: what it came to, where it stands, and why it failed.

use super::asked::{Asked, Place, Question, Said};
use super::explain::Explanation;
use super::problem::{Problems, Wrong};
use super::run_facts::RunFacts;
use crate::look::first_and_last;
use crate::night::Lang;
use crate::report::PlaceIssue;
use crate::service::{Problem, Service};
use crate::wire::{At, Day, OutcomeWord};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_store::catalogue::{Entry, entries};
use smartetl_store::issues;
use smartetl_store::looking::{self, Filter, Name, Run};
use sqlx::PgConnection;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// In which language.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct LangParams {
    /// In which language texts are told
    #[param(schema_with = super::document::languages)]
    lang: Option<String>,
}

/// Nothing but the language.
#[derive(Debug)]
pub struct LangAsked;

impl Question for LangAsked {
    fn read(_: &mut Said) -> Result<Self, Problem> {
        Ok(Self)
    }
}

/// A run and what is around it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunAnswer {
    run: RunFacts,
    /// The runs above it, from the root down.
    parents: Vec<RunLink>,
    /// The runs of the same job before and after it.
    before: Option<RunLink>,
    after: Option<RunLink>,
    /// The last run of the same job before it that came to a good end with all below it.
    last_good: Option<RunLink>,
    /// Why it failed; null where nothing did.
    explanation: Option<Explanation>,
    /// The issue of its cause; null where nothing failed, or no message says why.
    issue: Option<PlaceIssue>,
    /// What people said of the job.
    catalogue: Option<CatalogueFacts>,
}

/// A run in few words.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunLink {
    run_key: String,
    run_id: String,
    job: String,
    job_version: Option<String>,
    business_day: Day,
    started_at: Option<At>,
    duration_ms: Option<i64>,
    outcome: OutcomeWord,
}

/// A job as the catalogue has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueFacts {
    pub environment: String,
    pub system: String,
    pub project: Option<String>,
    pub job: String,
    /// The tool's own id.
    pub job_id: Option<String>,
    pub family: String,
    pub source_app: Option<String>,
    pub domain: Option<String>,
    pub owner: Option<String>,
    /// 1 vital, 2 important, 3 comfort.
    pub criticality: Option<i16>,
    /// The local time at which it is due, like `07:30`.
    pub deadline: Option<String>,
    pub calendar: Option<String>,
    pub runbook_url: Option<String>,
    pub first_seen: Option<At>,
    pub last_seen: Option<At>,
    pub retired_at: Option<At>,
    pub renamed_from: Option<String>,
}

/// One run, by its key or the beginning of it.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{run_key}",
    tag = "runs",
    params(("run_key" = String, Path, description = "The key, or its first digits where they name one run"), LangParams),
    responses((status = 200, description = "The run", body = RunAnswer), Problems)
)]
pub async fn run(
    State(service): State<Arc<Service>>,
    Place(key): Place<String>,
    asked: Asked<LangAsked>,
) -> Result<Response, Problem> {
    super::answer::json(&service, &asked.reader, async |connection| {
        let run = find(connection, &key).await?;
        read(connection, &run, asked.reader.lang).await
    })
    .await
}

/// The run with this key, or the only one whose key begins so.
///
/// # Errors
/// When there is none, or several.
pub async fn find(connection: &mut PgConnection, key: &str) -> Result<Run, Problem> {
    let none = || Problem::Api(Wrong::Nothing(["run", "cette exécution"]));
    let keys = first_and_last(key).ok_or_else(none)?;
    let filter = Filter::default();
    let mut found = looking::named(connection, Name::Keys(keys), &filter, 2).await?;
    if found.len() == 1 {
        found.pop().ok_or_else(none)
    } else {
        Err(none())
    }
}

async fn read(connection: &mut PgConnection, run: &Run, lang: Lang) -> Result<RunAnswer, Problem> {
    let tree = looking::tree(connection, run).await?;
    let good = looking::last_good(connection, run).await?;
    let [before, after] = looking::before_and_after(connection, run).await?;
    let usual = looking::usual(connection, &[run.job_number]).await?;
    let struck = looking::struck(connection, run).await?;
    let explanation = struck.map(|struck| {
        let explanation = Explanation::of(&struck.facts(), lang);
        match &run.cause {
            Some(cause) => explanation.corrected(cause.category, lang),
            None => explanation,
        }
    });
    let issues = issues::of_causes(connection, &[run.run_key]).await?;
    let known = entries(connection, std::slice::from_ref(&run.environment), None).await?;
    let known = known
        .iter()
        .find(|entry| entry.name.number() == run.job_number);
    let link = |run: Option<Run>| run.as_ref().map(RunLink::from);
    Ok(RunAnswer {
        parents: crate::look::above(run, &tree)
            .iter()
            .map(Into::into)
            .collect(),
        before: link(before),
        after: link(after),
        last_good: link(good),
        explanation,
        issue: issues.get(&run.run_key).map(Into::into),
        catalogue: known.map(Into::into),
        run: RunFacts::new(run, usual.get(&run.job_number)),
    })
}

impl From<&Run> for RunLink {
    fn from(run: &Run) -> Self {
        Self {
            run_key: run.run_key.to_string(),
            run_id: run.run_id.clone(),
            job: run.job.clone(),
            job_version: run.job_version.clone(),
            business_day: Day(run.business_day),
            started_at: At::shown(run.started_at),
            duration_ms: run.duration_ms,
            outcome: run.outcome.into(),
        }
    }
}

impl From<&Entry> for CatalogueFacts {
    fn from(entry: &Entry) -> Self {
        let (name, said) = (&entry.name, &entry.said);
        Self {
            environment: name.environment.clone(),
            system: name.system.clone(),
            project: name.project.clone(),
            job: name.job.clone(),
            job_id: entry.job_id.clone(),
            family: said.family.clone(),
            source_app: said.source_app.clone(),
            domain: said.domain.clone(),
            owner: said.owner.clone(),
            criticality: said.criticality,
            deadline: said.deadline.map(|at| at.strftime("%H:%M").to_string()),
            calendar: said.calendar.clone(),
            runbook_url: said.runbook_url.clone(),
            first_seen: At::shown(entry.first_seen),
            last_seen: At::shown(entry.last_seen),
            retired_at: said.retired_at.and_then(At::shown),
            renamed_from: entry.renamed_from.clone(),
        }
    }
}
