//! `/api/v1`: everything that is shown of the nights, runs, jobs and sources, for the web app and for programs. Reads only.
//!
//! The document (`web/openapi.json`) comes from these handlers and types and from nothing else. Facts are those of the commands:
//! what a night came to is decided and worded by `report`, `night` and `look`, read by `smartetl_store`; here it is only handed out.
//! Answers hold for the clock of the last fuse. What depends on the wall clock (what is muted, sources) has an `ETag` of its minute.

mod about;
mod access;
mod answer;
mod asked;
mod cursor;
mod document;
mod events;
mod explain;
mod files;
mod filters;
mod heatmap;
mod issue_facts;
mod issues;
mod job;
mod jobs;
mod night;
mod nights;
mod problem;
mod row_facts;
mod rows;
mod run;
mod run_facts;
mod runs;
mod sources;
mod timeline;
mod tree;

pub use access::Token;
pub use answer::packed;
pub use document::document;
pub use events::Listeners;
pub use problem::{ProblemDetails, Wrong};

use crate::service::Service;
use access::Role;
use axum::Router;
use axum::middleware::from_fn_with_state;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Where all of it is.
pub const ROOT: &str = "/api/v1/";

/// What whoever may look may ask for.
fn looking() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(about::about))
        .routes(routes!(nights::nights))
        .routes(routes!(night::night))
        .routes(routes!(timeline::timeline))
        .routes(routes!(heatmap::heatmap))
        .routes(routes!(runs::runs))
        .routes(routes!(run::run))
        .routes(routes!(tree::tree))
        .routes(routes!(rows::rows))
        .routes(routes!(jobs::jobs))
        .routes(routes!(job::job))
        .routes(routes!(issues::issues))
        .routes(routes!(issues::issue))
        .routes(routes!(sources::sources))
        .routes(routes!(sources::batches))
        .routes(routes!(sources::rejects))
        .routes(routes!(explain::explain))
        .routes(routes!(events::events))
        .routes(routes!(document::openapi))
}

/// All routes.
pub fn router(service: &Arc<Service>) -> Router<Arc<Service>> {
    let (looking, _) = looking().split_for_parts();
    let state = (Role::Viewer, Arc::clone(service));
    looking
        .layer(from_fn_with_state(state, access::check))
        .layer(answer::packed())
}
