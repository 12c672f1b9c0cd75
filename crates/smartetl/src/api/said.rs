//! What people say of problems, by the same code as `smartetl issues merge` and its like: which mean the same, what they are called, and
//! of which category they are. It holds for all that was and all that comes, so runs are folded again.

use super::access::Actor;
use super::acting::refused;
use super::asked::{Asked, Place};
use super::body::{Body, filled, word};
use super::issues::{meant, none};
use super::problem::{Sent, Wrong};
use super::run::{LangAsked, LangParams};
use crate::filtering;
use crate::jobs::said::{self, Act, Report, Request, Words, one_already};
use crate::service::Problem;
use crate::wire::{BlameWord, CategoryWord};
use axum::Json;
use serde::Deserialize;
use smartetl_core::classify;
use smartetl_core::group::problem::Correction;
use smartetl_core::model::{Blame, Category};
use smartetl_store::issues::{self, Listed};
use smartetl_store::problems;
use tokio::runtime::Handle;
use utoipa::ToSchema;

/// The other problem.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeAsked {
    /// An issue of the problem that means the same; the id and the name of this issue's problem stay
    other: String,
}

/// What becomes a problem of its own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitAsked {
    /// Signatures, or the beginnings of their ids; without any, a merged problem falls apart into what it was, another one into its signatures
    #[serde(default)]
    signatures: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameAsked {
    /// What the problem is called from now on
    title: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectAsked {
    #[schema(value_type = CategoryWord)]
    category: String,
    /// Who must act; what the category usually means where it is left out
    #[schema(value_type = Option<BlameWord>)]
    blame: Option<String>,
    /// Whether trying again can help; the same
    retryable: Option<bool>,
}

/// Say that the problem of another issue is that of this one.
#[utoipa::path(
    post,
    path = "/api/v1/issues/{issue}/merge",
    tag = "issues",
    params(("issue" = String, Path, description = "The id, or its first digits where they name one issue"), LangParams),
    request_body = MergeAsked,
    responses((status = 200, description = "What was said, and what it came to", body = Report), Sent)
)]
pub async fn merge(
    Place(name): Place<String>,
    actor: Actor,
    _: Asked<LangAsked>,
    Body(asked): Body<MergeAsked>,
) -> Result<Json<Report>, Problem> {
    let [into, other] = [&name, &asked.other];
    let into_problem = found(&actor, into).await?.row.problem;
    let other_problem = found(&actor, other).await?.row.problem;
    if into_problem == other_problem {
        return Err(refused(one_already(into, other).into()));
    }
    let words = Words::Merge {
        into: into_problem.to_string(),
        other: other_problem.to_string(),
    };
    say(actor, Act::Say(words)).await
}

/// Say that the problem of an issue is several.
#[utoipa::path(
    post,
    path = "/api/v1/issues/{issue}/split",
    tag = "issues",
    params(("issue" = String, Path, description = "The id, or its first digits where they name one issue"), LangParams),
    request_body = SplitAsked,
    responses((status = 200, description = "What was said, and what it came to", body = Report), Sent)
)]
pub async fn split(
    Place(name): Place<String>,
    actor: Actor,
    _: Asked<LangAsked>,
    Body(asked): Body<SplitAsked>,
) -> Result<Json<Report>, Problem> {
    let words = Words::Split {
        problem: found(&actor, &name).await?.row.problem.to_string(),
        signatures: asked.signatures,
    };
    say(actor, Act::Say(words)).await
}

/// Say what the problem of an issue is called.
#[utoipa::path(
    post,
    path = "/api/v1/issues/{issue}/rename",
    tag = "issues",
    params(("issue" = String, Path, description = "The id, or its first digits where they name one issue"), LangParams),
    request_body = RenameAsked,
    responses((status = 200, description = "What was said, and what it came to", body = Report), Sent)
)]
pub async fn rename(
    Place(name): Place<String>,
    actor: Actor,
    _: Asked<LangAsked>,
    Body(asked): Body<RenameAsked>,
) -> Result<Json<Report>, Problem> {
    let title = filled("title", &asked.title)?;
    let words = Words::Rename {
        problem: found(&actor, &name).await?.row.problem.to_string(),
        title,
    };
    say(actor, Act::Say(words)).await
}

/// Say of which category the problem of an issue is: for all errors that mean the same, those that were and those that come.
#[utoipa::path(
    post,
    path = "/api/v1/issues/{issue}/category",
    tag = "issues",
    params(("issue" = String, Path, description = "The id, or its first digits where they name one issue"), LangParams),
    request_body = CorrectAsked,
    responses((status = 200, description = "What was said, and what it came to", body = Report), Sent)
)]
pub async fn correct(
    Place(name): Place<String>,
    actor: Actor,
    _: Asked<LangAsked>,
    Body(asked): Body<CorrectAsked>,
) -> Result<Json<Report>, Problem> {
    let category = word(
        "category",
        &asked.category,
        |word| filtering::category(word).ok(),
        || Category::ALL.iter().map(|word| word.as_str()).collect(),
    )?;
    let said = asked.blame.as_deref().map(|said| {
        word(
            "blame",
            said,
            |word| filtering::blame(word).ok(),
            || Blame::ALL.iter().map(|word| word.as_str()).collect(),
        )
    });
    let said = said.transpose()?;
    let listed = found(&actor, &name).await?;
    let (blame, retryable) = classify::of_category(category);
    let words = Words::CorrectProblem {
        problem: listed.row.problem,
        signature: listed.row.signatures.first().copied(),
        to: Correction {
            category,
            blame: said.or(blame),
            retryable: asked.retryable.or(retryable),
        },
    };
    say(actor, Act::Say(words)).await
}

/// Take back what was said; everything is then as if it had never been said.
#[utoipa::path(
    post,
    path = "/api/v1/overrides/{override}/undo",
    tag = "issues",
    params(("override" = i64, Path, description = "Its number"), LangParams),
    responses((status = 200, description = "What it came to", body = Report), Sent)
)]
pub async fn undo(
    Place(number): Place<i64>,
    actor: Actor,
    _: Asked<LangAsked>,
) -> Result<Json<Report>, Problem> {
    let mut connection = actor.acting.pool.acquire().await?;
    let is_known = problems::was_said(&mut connection, number).await?;
    drop(connection);
    if !is_known {
        let what = ["override", "cette décision"];
        return Err(Problem::Api(Wrong::Nothing(what)));
    }
    say(actor, Act::Undo(number)).await
}

/// The issue that a name means.
async fn found(actor: &Actor, name: &str) -> Result<Listed, Problem> {
    let mut connection = actor.acting.pool.acquire().await?;
    let id = meant(&mut connection, name).await?;
    issues::by_id(&mut connection, id).await?.ok_or_else(none)
}

/// Whoever asked may have gone when it is done: it is done as a whole.
async fn say(Actor { who, acting }: Actor, act: Act) -> Result<Json<Report>, Problem> {
    let request = Request {
        act,
        by: who.name,
        config: acting.config.clone(),
        rules: acting.rules,
        now: acting.now(),
        folder: acting.folder.clone(),
    };
    let mut connection = acting.pool.acquire().await?;
    let runtime = Handle::current();
    // Folding computes, too: beside what answers.
    let said =
        tokio::task::spawn_blocking(move || runtime.block_on(said::say(&mut connection, request)));
    let said = said.await.map_err(anyhow::Error::from)?;
    said.map(Json).map_err(refused)
}
