//! `about`: what this smartETL is and what it looks at.

use super::asked::Asked;
use super::problem::Problems;
use crate::night::Lang;
use crate::report::UnmappedContext;
use crate::service::{Problem, Service};
use crate::wire::{At, Day};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_core::model::Moment;
use smartetl_store::{facts, night};
use std::sync::Arc;
use utoipa::ToSchema;

/// What this smartETL is and what it looks at.
#[derive(Debug, Serialize, ToSchema)]
pub struct About {
    version: &'static str,
    /// The zone of the business days; null for one without a name.
    timezone: Option<String>,
    /// The local time at which a business day begins, like `18:00`: the night before it belongs to it.
    border: String,
    /// The language in which this answer was asked for, and those that there are.
    language: &'static str,
    languages: Vec<&'static str>,
    /// Environments that have nights, PROD first, then by name.
    environments: Vec<EnvironmentFacts>,
    /// The environment that is shown where nobody asks for one; null without any night.
    environment: Option<String>,
    /// The day to show where nobody asks for one; null for the newest.
    day: Option<Day>,
    /// The data are simulated.
    demo: bool,
    /// The clock of the last fuse, and when it was; null before the first one.
    as_of: Option<At>,
    fused_at: Option<At>,
    /// When rows were committed last.
    committed_at: Option<At>,
    /// Nothing was ever stored.
    empty: bool,
    /// The first reading of the watched paths is still going on: what is there is not complete.
    loading: bool,
    /// Runs are made by `smartetl fuse` only.
    scheduled: bool,
    watched: Vec<String>,
    /// Why new logs cannot be stored at the moment.
    intake_trouble: Option<String>,
    /// Why no runs can be made of stored rows at the moment.
    fuse_trouble: Option<String>,
    /// What cannot be read at the moment.
    unreadable: Vec<Unreadable>,
    unmapped_contexts: Vec<UnmappedContext>,
    /// Logs come, or came, through Kafka.
    kafka: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EnvironmentFacts {
    environment: String,
    newest_day: Day,
}

/// A path that cannot be read, and why, in the reader's language.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unreadable {
    path: String,
    reason: String,
}

/// What this smartETL is and what it looks at.
#[utoipa::path(
    get,
    path = "/api/v1/about",
    tag = "about",
    params(super::run::LangParams),
    responses((status = 200, description = "What this smartETL is", body = About), Problems)
)]
pub async fn about(
    State(service): State<Arc<Service>>,
    asked: Asked<()>,
) -> Result<Response, Problem> {
    let lang = asked.reader.lang;
    let mut connection = service.pool.acquire().await?;
    let known = night::newest_days(&mut connection).await?;
    let facts = facts::brief(&mut connection).await?;
    drop(connection);
    let chosen = night::chosen(&known, None).map(|(environment, _)| environment.clone());
    let mut environments: Vec<EnvironmentFacts> = known
        .into_iter()
        .map(|(environment, day)| EnvironmentFacts {
            environment,
            newest_day: Day(day),
        })
        .collect();
    environments.sort_by(|one, other| {
        let key = |of: &EnvironmentFacts| (of.environment != "PROD", of.environment.clone());
        key(one).cmp(&key(other))
    });
    let telemetry = &service.telemetry;
    let unreadable = telemetry.findings().into_iter();
    let unreadable = unreadable.map(|(path, reason)| Unreadable {
        path,
        reason: reason.text(lang).to_owned(),
    });
    let shown = |at: Option<Moment>| at.and_then(At::shown);
    let about = About {
        version: env!("CARGO_PKG_VERSION"),
        timezone: service.zone.iana_name().map(str::to_owned),
        border: service.border.strftime("%H:%M").to_string(),
        language: lang.tag(),
        languages: [Lang::En, Lang::Fr].map(Lang::tag).to_vec(),
        environments,
        environment: chosen,
        day: service.day.map(Day),
        demo: service.demo,
        as_of: shown(facts.fuse.map(|fuse| fuse.as_of)),
        fused_at: shown(facts.fuse.map(|fuse| fuse.fused_at)),
        committed_at: shown(facts.committed_at),
        empty: facts.committed_at.is_none(),
        loading: telemetry.is_loading(),
        scheduled: service.scheduled,
        watched: service.watched.clone(),
        intake_trouble: telemetry.intake_trouble(),
        fuse_trouble: telemetry.fuse_trouble(),
        unreadable: unreadable.collect(),
        unmapped_contexts: UnmappedContext::all(&facts.unmapped),
        kafka: facts.kafka,
    };
    let text = serde_json::to_string(&about).map_err(anyhow::Error::from)?;
    super::answer::of_text(&service, &asked.reader, text)
}
