//! Who changed what, the latest first.

use super::answer::Listing;
use super::asked::{Asked, Question, Said};
use super::cursor::Page;
use super::filters::ListParams;
use super::problem::Problems;
use crate::service::{Problem, Service};
use crate::wire::At;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_core::model::Moment;
use smartetl_store::access::{self, Entry};
use std::sync::Arc;
use utoipa::ToSchema;

/// When, in microseconds, and where it stands among what was done then.
type Cursor = (i64, i32, i64);

#[derive(Debug)]
pub struct AuditAsked(Page<Cursor>);

impl Question for AuditAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        Page::read(said).map(Self)
    }
}

/// What somebody did.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditFacts {
    at: Option<At>,
    /// An account, a token, or the user of a machine; `?` where nobody has the name.
    who: String,
    /// `local`, `session`, `token` or `command`; null of what is done with issues.
    way: Option<String>,
    /// `login`, `user_add`, `token_create` and their like; `issue_…` with an issue, `problem_…` said of a problem.
    kind: String,
    /// With what it was done.
    target: Option<String>,
    /// What it is from then on.
    detail: Option<String>,
}

/// Some of what was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Audit {
    items: Vec<AuditFacts>,
    /// The cursor of what follows; null at the end.
    next: Option<String>,
}

impl Listing for Audit {
    type Item = AuditFacts;
    const NAME: &str = "audit";

    fn items(&self) -> &[AuditFacts] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

/// Who changed what, the latest first.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "access",
    params(ListParams),
    responses((status = 200, description = "What was done", content((Audit = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn audit(
    State(service): State<Arc<Service>>,
    mut asked: Asked<AuditAsked>,
) -> Result<Response, Problem> {
    // Nothing else that people look at changes with it.
    asked.reader.always_new();
    super::answer::list(&service, &asked.reader, async |connection| {
        let AuditAsked(page) = &asked.question;
        let after = page
            .after
            .map(|(at, place, number)| (Moment(at), place, number));
        let mut done = access::entries(connection, after, page.limit + 1).await?;
        let next = page.cut(&mut done, |one: &Entry| (one.at_us, one.place, one.number));
        let items = done.into_iter().map(|one| AuditFacts {
            at: At::shown(Moment(one.at_us)),
            who: one.who,
            way: one.way,
            kind: one.kind,
            target: one.target,
            detail: one.detail,
        });
        Ok(Audit {
            items: items.collect(),
            next,
        })
    })
    .await
}
