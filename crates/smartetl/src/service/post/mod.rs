//! What is posted: `/api/v1/lineage` takes events of OpenLineage as Marquez does, `/api/v1/logs` rows as lines of JSON.
//!
//! Nothing is answered before it is committed. Only JSON is taken, and it must be called so: a foreign web page can make a
//! browser post text, but not JSON.

mod body;
mod refusal;

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, BodyDataStream};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use smartetl_formats::Settings;
use smartetl_formats::dialect::generic::{Mapping, MappingSet};
use smartetl_formats::envelope::DIALECT as OURS;

use super::Service;
use super::problem::Problem;
use crate::api::may_post;
use crate::inbox::{Form, Inbox, Key, Post, Receipt, Refused, Way};
use crate::reason::Reason;
pub use body::read_off;
pub use refusal::Refusal;

/// What posts need.
#[derive(Clone)]
pub struct Posting {
    pub inbox: Inbox,
    /// How rows are read where a request says nothing else.
    pub settings: Settings,
}

impl std::fmt::Debug for Posting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Posting").finish_non_exhaustive()
    }
}

/// The header with which a sender names what it may send again (an Internet-Draft of the IETF's HTTPAPI group).
const KEY: &str = "idempotency-key";
/// A key is no longer, bytes.
const KEY_BYTES: usize = 255;

/// `POST /api/v1/lineage`: one event; 201 when it is stored.
pub async fn lineage(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    heard(&headers, body, async |body| {
        let posting = allowed(&service, &headers).await?;
        let (body, taken) = body::read(&headers, body, &posting.inbox.room).await?;
        let key = Key::of_event(&body);
        let post = Post {
            way: Way::Lineage,
            body: body.into(),
            form: Form::Event,
            key: Some(key),
            taken,
        };
        stored(posting, post).await?;
        Ok(StatusCode::CREATED.into_response())
    })
    .await
}

/// Answers; where it is a refusal, after the body was heard. Who asks first whether to send it is not let send it for nothing.
async fn heard(
    headers: &HeaderMap,
    body: Body,
    answer: impl AsyncFnOnce(&mut BodyDataStream) -> Result<Response, Refusal>,
) -> Result<Response, Problem> {
    let mut body = body.into_data_stream();
    let answer = answer(&mut body).await;
    if answer.is_err() && !headers.contains_key(header::EXPECT) {
        body::read_off(&mut body).await;
    }
    answer.map_err(Problem::Post)
}

/// What is said about rows.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    dialect: Option<String>,
    mapping: Option<String>,
    timezone: Option<String>,
    environment: Option<String>,
    host: Option<String>,
    /// In which language problems are told.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// `POST /api/v1/logs`: rows, one object of JSON a line; 200 with what they came to when they are stored.
pub async fn logs(
    State(service): State<Arc<Service>>,
    said: Result<Query<Said>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    heard(&headers, body, async |body| {
        let posting = allowed(&service, &headers).await?;
        let Query(said) = said.map_err(|_| {
            Refusal::Parameter(
                [
                    "A parameter of the address is not known, or is there twice",
                    "Un paramètre de l’adresse est inconnu, ou s’y trouve deux fois",
                ]
                .into(),
            )
        })?;
        let settings = said.settings(&posting.settings)?;
        let chosen = key(&headers)?;
        let (body, taken) = body::read(&headers, body, &posting.inbox.room).await?;
        // It looks at the first records, which may be large.
        let (key, form) = tokio::task::block_in_place(|| {
            let key = chosen.map(|key| Key::chosen(key, &said.how(), &body));
            (key, Form::of_logs(&body, settings))
        });
        let form = form.map_err(Refusal::unrecognised)?;
        let post = Post {
            way: Way::Logs,
            body: body.into(),
            form,
            key,
            taken,
        };
        Ok(Json(stored(posting, post).await?).into_response())
    })
    .await
}

/// Whether this service takes posts, and from whoever asks.
async fn allowed<'s>(service: &'s Service, headers: &HeaderMap) -> Result<&'s Posting, Refusal> {
    let posting = service.posting.as_ref().ok_or(Refusal::Demo)?;
    match may_post(service, headers).await {
        Ok(true) => Ok(posting),
        Ok(false) => Err(Refusal::Token),
        Err(_) => Err(Refusal::NotStored),
    }
}

fn key(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut keys = headers.get_all(KEY).iter();
    let (Some(key), more) = (keys.next(), keys.next()) else {
        return Ok(None);
    };
    if more.is_some() {
        return Err(Refusal::Key);
    }
    // The draft writes it as a quoted string; most send it as it is.
    let key = key.to_str().map(|key| key.trim().trim_matches('"'));
    match key {
        Ok(key) if !key.is_empty() && key.len() <= KEY_BYTES => Ok(Some(key)),
        _ => Err(Refusal::Key),
    }
}

impl Said {
    /// What is said about how to read, in one order.
    fn how(&self) -> Vec<(&'static str, &str)> {
        let said = [
            ("dialect", &self.dialect),
            ("mapping", &self.mapping),
            ("timezone", &self.timezone),
            ("environment", &self.environment),
            ("host", &self.host),
        ];
        said.into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
            .collect()
    }

    /// Those of the service, with what is said.
    fn settings(&self, own: &Settings) -> Result<Settings, Refusal> {
        let mut settings = own.clone();
        if self.dialect.is_some() && self.mapping.is_some() {
            return Err(Refusal::Parameter(
                [
                    "`dialect` and `mapping` exclude each other",
                    "`dialect` et `mapping` s’excluent",
                ]
                .into(),
            ));
        }
        if let Some(name) = &self.dialect {
            if name != OURS {
                smartetl_formats::registry::by_name(name)
                    .map_err(|_| Refusal::Parameter(unknown("dialect", name)))?;
            }
            settings.mappings = MappingSet::default();
            settings.dialect = Some(name.clone());
        }
        if let Some(name) = &self.mapping {
            // By name only: whoever posts must not say which file is read here.
            let known = own.mappings.by_name(name).map(|known| (**known).clone());
            let Some(mapping) = known.or_else(|| Mapping::shipped(name)) else {
                return Err(Refusal::Parameter(unknown("mapping", name)));
            };
            settings.mappings = MappingSet::from(mapping).only();
        }
        if let Some(name) = &self.timezone {
            settings.timezone = jiff::tz::TimeZone::get(name)
                .map_err(|_| Refusal::Parameter(unknown("timezone", name)))?;
        }
        let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        settings.environment = given(&self.environment).or(settings.environment);
        settings.host = given(&self.host).or(settings.host);
        Ok(settings)
    }
}

fn unknown(parameter: &str, value: &str) -> Reason {
    let value = super::problem::shortened(value);
    Reason::new(
        format!("{parameter}={value}: this name is not known here"),
        format!("{parameter}={value}\u{a0}: ce nom n’est pas connu ici"),
    )
}

/// Where all of it was rejected, that is the answer: it is kept, and mended by nobody but the sender.
async fn stored(posting: &Posting, post: Post) -> Result<Receipt, Refusal> {
    let stored = posting.inbox.post(post).await;
    let receipt = stored.map_err(|refused| match refused {
        Refused::OtherContent => Refusal::OtherContent,
        Refused::TooMany => Refusal::TooMany,
        Refused::Unacceptable => Refusal::Unacceptable,
        Refused::NotStored => Refusal::NotStored,
    })?;
    match receipt.rejected.first() {
        Some(first) if receipt.rejects == receipt.records => {
            Err(Refusal::Rejected(receipt.rejects, first.clone()))
        }
        _ => Ok(receipt),
    }
}
