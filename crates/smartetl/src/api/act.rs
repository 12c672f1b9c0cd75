//! What people do with an issue, by the same code as `smartetl issues ack` and its like.

use super::access::Actor;
use super::acting;
use super::asked::{Asked, Place};
use super::body::{Body, filled, word};
use super::issues::{IssueAnswer, answer, meant, none};
use super::problem::{Sent, Wrong};
use super::run::{LangAsked, LangParams};
use crate::catalogue;
use crate::filtering::{self, When};
use crate::issue::{self, Done};
use crate::service::{Problem, Service};
use crate::wire::ActKindWord;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use smartetl_core::issue::{Mute, What};
use smartetl_core::model::{ActKind, Moment};
use smartetl_store::{fusion, issues};
use std::sync::Arc;
use utoipa::ToSchema;

/// What is done with an issue. Which fields belong to it depends on its kind.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActAsked {
    #[schema(value_type = ActKindWord)]
    kind: String,
    /// Of `note`: what; of `assign`: to whom; of `runbook`: a link. Where it is left out, what was said before is taken away
    text: Option<String>,
    /// Of `mute_until`: until that day begins, or until this moment
    #[schema(schema_with = super::document::when)]
    until: Option<String>,
    /// Of `mute_occurrences`: until it has occurred so many times more
    #[schema(minimum = 1)]
    occurrences: Option<u32>,
    /// Of `ack`, `resolve`, `reopen`, `unmute` and the mutes: why
    note: Option<String>,
}

/// Acknowledge, resolve, reopen, mute, unmute or assign an issue, note something, or say where it is written what to do.
#[utoipa::path(
    post,
    path = "/api/v1/issues/{issue}/acts",
    tag = "issues",
    params(("issue" = String, Path, description = "The id, or its first digits where they name one issue"), LangParams),
    request_body = ActAsked,
    responses((status = 200, description = "What has become of the issue", body = IssueAnswer), Sent)
)]
pub async fn act(
    State(service): State<Arc<Service>>,
    Place(name): Place<String>,
    Actor { who, acting }: Actor,
    asked: Asked<LangAsked>,
    Body(body): Body<ActAsked>,
) -> Result<Json<IssueAnswer>, Problem> {
    let now = acting::now();
    let acts = acts(&body, now, &service)?;
    let mut transaction = acting.pool.begin().await?;
    fusion::lock(&mut transaction).await?;
    let id = meant(&mut transaction, &name).await?;
    let before = issues::by_id(&mut transaction, id).await?;
    let before = before.ok_or_else(none)?;
    let done = Done {
        acts: &acts,
        at: now,
        made_at: now,
        by: &who.name,
    };
    issue::act(&mut transaction, &[&before.row], &done, acting.rules).await?;
    let answer = answer(&mut transaction, id, asked.reader.lang, now).await?;
    transaction.commit().await?;
    Ok(Json(answer))
}

/// The acts that are meant: a note behind what is done is one of its own.
fn acts(asked: &ActAsked, now: Moment, service: &Service) -> Result<Vec<What>, Problem> {
    use ActKind as Kind;
    let ActAsked {
        kind,
        text,
        until,
        occurrences,
        note,
    } = asked;
    let kind = word("kind", kind, ActKind::parse, || {
        ActKind::ALL.iter().map(|kind| kind.as_str()).collect()
    })?;
    let is_mute = matches!(
        kind,
        Kind::MuteUntil | Kind::MuteOccurrences | Kind::MuteNextVersion
    );
    let has_text = matches!(kind, Kind::Note | Kind::Assign | Kind::Runbook);
    let has_note = is_mute || !has_text;
    for (field, is_said, is_known) in [
        ("text", text.is_some(), has_text),
        ("until", until.is_some(), kind == Kind::MuteUntil),
        (
            "occurrences",
            occurrences.is_some(),
            kind == Kind::MuteOccurrences,
        ),
        ("note", note.is_some(), has_note),
    ] {
        if is_said && !is_known {
            return Err(Wrong::body([
                format!("{field} does not belong to {kind}"),
                format!("{field} ne va pas avec {kind}"),
            ]));
        }
    }
    let missing =
        |field: &str| Wrong::body([format!("{field} is missing"), format!("il manque {field}")]);
    let said = text
        .as_deref()
        .map(|text| filled("text", text))
        .transpose()?;
    let what = match kind {
        Kind::Ack => What::Ack,
        Kind::Resolve => What::Resolve,
        Kind::Reopen => What::Reopen,
        Kind::Unmute => What::Unmute,
        Kind::Assign => What::Assign(said),
        Kind::Runbook => {
            if let Some(link) = &said {
                catalogue::link(link).map_err(|why| Problem::Api(Wrong::Field("text", why)))?;
            }
            What::Runbook(said)
        }
        Kind::Note => What::Note(said),
        Kind::MuteNextVersion => What::Mute(Mute::NextVersion),
        Kind::MuteOccurrences => {
            let more = occurrences.ok_or_else(|| missing("occurrences"))?;
            if more == 0 {
                return Err(Wrong::body([
                    "occurrences is 1 or more",
                    "occurrences est 1 ou plus",
                ]));
            }
            What::Mute(Mute::Occurrences(more))
        }
        Kind::MuteUntil => {
            let until = until.as_deref().ok_or_else(|| missing("until"))?;
            let at = match filtering::when(until).map_err(Wrong::body)? {
                When::Moment(at) => at,
                When::Day(day) => {
                    issue::begin_of(day, &service.zone).map_err(anyhow::Error::from)?
                }
            };
            if at <= now {
                return Err(Wrong::body([
                    "until is over already",
                    "until est déjà passé",
                ]));
            }
            What::Mute(Mute::Until(at))
        }
    };
    let note = note
        .as_deref()
        .map(|note| filled("note", note))
        .transpose()?;
    let note = note.map(|note| What::Note(Some(note)));
    Ok([what].into_iter().chain(note).collect())
}
