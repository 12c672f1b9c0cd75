//! What is sent: one object of JSON, small, of which every field is known.

use super::problem::Wrong;
use crate::issue;
use crate::service::{Problem, Service};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

/// More is not needed, bytes.
pub const MOST_BYTES: usize = 64 << 10;

/// What was sent.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Service>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Arc<Service>) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let media = kind.split(';').next().unwrap_or("").trim();
        if !media.eq_ignore_ascii_case("application/json") {
            return Err(Problem::Api(Wrong::Type));
        }
        let bytes = axum::body::to_bytes(request.into_body(), MOST_BYTES).await;
        let bytes = bytes.map_err(|_| Problem::Api(Wrong::TooLarge))?;
        let value: Value = serde_json::from_slice(&bytes).map_err(wrong)?;
        if has_nul(&value) {
            let why = ["a text holds U+0000", "un texte contient U+0000"];
            return Err(Wrong::body(why));
        }
        serde_json::from_value(value).map(Self).map_err(wrong)
    }
}

/// A text that is kept; `field` names it where it cannot be.
pub fn filled(field: &str, text: &str) -> Result<String, Problem> {
    issue::named_filled([field; 2], text).map_err(Wrong::body)
}

/// A word of a vocabulary, in the words in which lists are asked for; `field` names it where it is none.
pub fn word<T>(
    field: &'static str,
    said: &str,
    parse: impl Fn(&str) -> Option<T>,
    known: impl FnOnce() -> Vec<&'static str>,
) -> Result<T, Problem> {
    parse(said).ok_or_else(|| Problem::Api(Wrong::Word(field, known())))
}

fn wrong(error: serde_json::Error) -> Problem {
    // It repeats what was sent.
    Wrong::body(crate::service::shortened(&error.to_string()))
}

/// No text of the database holds it.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}
