//! What people said of problems, the latest first.

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
use smartetl_store::problems::{self, Listed};
use std::sync::Arc;
use utoipa::ToSchema;

#[derive(Debug)]
pub struct OverridesAsked(Page<i64>);

impl Question for OverridesAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        Page::read(said).map(Self)
    }
}

/// What somebody said of a problem.
#[derive(Debug, Serialize, ToSchema)]
pub struct OverrideFacts {
    /// Its number, by which it is taken back.
    #[serde(rename = "override")]
    number: i64,
    /// `merge`, `split`, `rename` or `correct`.
    kind: String,
    problem: String,
    /// What the problem is called by now.
    problem_title: Option<String>,
    /// Of `merge`: the problem that means the same, and what it was called.
    other: Option<String>,
    other_title: Option<String>,
    /// Of `rename`: what it is called.
    title: Option<String>,
    /// Of `correct`.
    category: Option<String>,
    blame: Option<String>,
    retryable: Option<bool>,
    /// Of `split`: these signatures, each signature, or else what was merged.
    signatures: Option<Vec<String>>,
    each: bool,
    made_at: Option<At>,
    made_by: String,
    /// When it was taken back; null while it holds.
    undone_at: Option<At>,
    undone_by: Option<String>,
}

impl From<&Listed> for OverrideFacts {
    fn from(listed: &Listed) -> Self {
        let signatures = listed.signatures.as_ref();
        Self {
            number: listed.number,
            kind: listed.kind.clone(),
            problem: listed.problem.to_string(),
            problem_title: listed.of_title.clone(),
            other: listed.other.map(|other| other.to_string()),
            other_title: listed.other_title.clone(),
            title: listed.title.clone(),
            category: listed.category.clone(),
            blame: listed.blame.clone(),
            retryable: listed.retryable,
            signatures: signatures.map(|these| these.iter().map(ToString::to_string).collect()),
            each: listed.each,
            made_at: At::shown(Moment(listed.made_at)),
            made_by: listed.made_by.clone(),
            undone_at: listed.undone_at.and_then(|at| At::shown(Moment(at))),
            undone_by: listed.undone_by.clone(),
        }
    }
}

/// Some of what was said.
#[derive(Debug, Serialize, ToSchema)]
pub struct Overrides {
    items: Vec<OverrideFacts>,
    /// The cursor of what follows; null at the end.
    next: Option<String>,
}

impl Listing for Overrides {
    type Item = OverrideFacts;
    const NAME: &str = "overrides";

    fn items(&self) -> &[OverrideFacts] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

/// What people said of problems, the latest first; also what was taken back.
#[utoipa::path(
    get,
    path = "/api/v1/overrides",
    tag = "issues",
    params(ListParams),
    responses((status = 200, description = "What was said", content((Overrides = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn overrides(
    State(service): State<Arc<Service>>,
    asked: Asked<OverridesAsked>,
) -> Result<Response, Problem> {
    super::answer::list(&service, &asked.reader, async |connection| {
        let OverridesAsked(page) = &asked.question;
        let mut said = problems::listed(connection).await?;
        said.sort_by_key(|one| std::cmp::Reverse(one.number));
        if let Some(last) = page.after {
            said.retain(|one| one.number < last);
        }
        let next = page.cut(&mut said, |one| one.number);
        Ok(Overrides {
            items: said.iter().map(Into::into).collect(),
            next,
        })
    })
    .await
}
