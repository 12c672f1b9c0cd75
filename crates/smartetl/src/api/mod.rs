//! `/api/v1`: everything that is shown of the nights, runs, jobs and sources, and what people do with it, for the web app and for programs.
//!
//! The document (`web/openapi.json`) comes from these handlers and types and from nothing else. Facts are those of the commands:
//! what a night came to is decided and worded by `report`, `night` and `look`, read by `smartetl_store`; here it is only handed out.
//! Answers hold for the clock of the last fuse. What depends on the wall clock (what is muted, sources) has an `ETag` of its minute.

mod about;
mod access;
mod accounts;
mod act;
mod acting;
mod answer;
mod asked;
mod audit;
mod body;
mod compare;
mod cursor;
mod document;
mod edit_job;
mod errors;
mod events;
mod explain;
mod files;
mod filters;
mod heatmap;
mod history;
mod issue_facts;
mod issue_likeness;
mod issue_values;
mod issues;
mod job;
mod jobs;
mod messages;
mod night;
mod nights;
mod overrides;
mod piece;
mod problem;
mod row_facts;
mod rows;
mod run;
mod run_facts;
mod runs;
mod said;
mod search;
mod session;
mod settings;
mod source;
mod sources;
mod tasks;
mod timeline;
mod topics;
mod tree;
mod upload_facts;
mod uploads;

pub use access::{Token, check_page, may_post};
pub use acting::Acting;
pub use answer::packed;
pub use body::MOST_BYTES;
pub use document::document;
pub use events::Listeners;
pub use problem::{ProblemDetails, Wrong};
pub use session::{LoginAsked, address, logged_in};

use crate::service::Service;
use axum::Router;
use axum::middleware::from_fn_with_state;
use smartetl_core::model::Role;
use std::sync::Arc;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

/// Where all of it is.
pub const ROOT: &str = "/api/v1/";

/// Methods of a path, and what the document says of them.
type Described = UtoipaMethodRouter<Arc<Service>>;

/// What whoever may look may ask for.
fn looking() -> Vec<Described> {
    vec![
        routes!(about::about),
        routes!(nights::nights),
        routes!(night::night),
        routes!(timeline::timeline),
        routes!(heatmap::heatmap),
        routes!(runs::runs),
        routes!(run::run),
        routes!(tree::tree),
        routes!(compare::compare),
        routes!(rows::rows),
        routes!(jobs::jobs),
        routes!(job::job),
        routes!(history::history),
        routes!(errors::errors),
        routes!(issues::issues),
        routes!(issues::issue),
        routes!(overrides::overrides),
        routes!(sources::sources),
        routes!(source::source),
        routes!(tasks::tasks),
        routes!(tasks::task),
        routes!(uploads::uploads),
        routes!(uploads::uploaded),
        routes!(sources::batches),
        routes!(sources::rejects),
        routes!(topics::topics),
        routes!(search::search),
        routes!(messages::messages),
        routes!(explain::explain),
        routes!(settings::settings),
        routes!(events::events),
        routes!(document::openapi),
    ]
}

/// What everybody may ask for: who they are, and to be let in.
fn entering() -> Vec<Described> {
    vec![routes!(session::session, session::login, session::logout)]
}

/// What whoever deals with issues may do.
fn dealing() -> Vec<Described> {
    vec![
        routes!(act::act),
        routes!(said::merge),
        routes!(said::split),
        routes!(said::rename),
        routes!(said::correct),
        routes!(said::undo),
        routes!(edit_job::edit_job),
        routes!(source::unload),
        routes!(source::reload),
        routes!(uploads::upload),
        routes!(uploads::remove),
        routes!(uploads::preview),
        routes!(uploads::load),
    ]
}

/// What only whoever manages everything may do.
fn managing() -> Vec<Described> {
    vec![
        routes!(accounts::users, accounts::add_user),
        routes!(accounts::change_user, accounts::remove_user),
        routes!(accounts::tokens, accounts::create_token),
        routes!(accounts::revoke_token),
        routes!(audit::audit),
    ]
}

/// What whoever is known may do to themselves.
fn own() -> Vec<Described> {
    vec![routes!(session::password)]
}

/// All of it, with the role that each part wants.
fn parts() -> [(Option<Role>, Vec<Described>); 5] {
    [
        (None, entering()),
        (Some(Role::Viewer), looking()),
        (Some(Role::Viewer), own()),
        (Some(Role::Operator), dealing()),
        (Some(Role::Admin), managing()),
    ]
}

/// All routes. Methods that a route does not have are told so before anybody is asked who they are.
pub fn router(service: &Arc<Service>) -> Router<Arc<Service>> {
    let mut all = OpenApiRouter::new();
    for (role, part) in parts() {
        let check = from_fn_with_state((role, Arc::clone(service)), access::check);
        for (schemas, paths, methods) in part {
            all = all.routes((schemas, paths, methods.route_layer(check.clone())));
        }
    }
    let (all, _) = all.split_for_parts();
    all.layer(answer::packed())
}
