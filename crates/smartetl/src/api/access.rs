//! Who may ask. Until there are accounts, whoever reaches this machine's own address; anybody else needs the service's token
//! where one is set.

use super::problem::Wrong;
use crate::service::{Problem, Service};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

/// What somebody has to be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Look at everything.
    Viewer,
}

/// The secret of the setting `http.token`.
#[derive(Clone)]
pub struct Token {
    token: String,
    secret: RandomState,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").finish_non_exhaustive()
    }
}

impl Token {
    /// `None` where none is set.
    pub fn of(token: &str) -> Option<Self> {
        let secret = RandomState::new();
        (!token.is_empty()).then(|| Self {
            token: token.to_owned(),
            secret,
        })
    }

    /// Whether a request says it.
    pub fn is_said(&self, headers: &HeaderMap) -> bool {
        let said = headers.get(header::AUTHORIZATION);
        let said = said.and_then(|said| said.to_str().ok()?.split_once(' '));
        said.is_some_and(|(scheme, token)| {
            // By hashes that nobody knows, so that the time it takes tells nothing about the token.
            let [said, known] =
                [token, &self.token].map(|token| self.secret.hash_one(token.trim()));
            scheme.eq_ignore_ascii_case("bearer") && said == known
        })
    }
}

/// Lets through who may do what a role may.
pub async fn check(
    State((Role::Viewer, service)): State<(Role, Arc<Service>)>,
    request: Request,
    next: Next,
) -> Response {
    let is_allowed = match &service.token {
        // A proxy on this machine is called by a name; whoever calls by the loopback address is here, if nothing else listens.
        Some(token) => service.hosts.is_local(&request) || token.is_said(request.headers()),
        None => true,
    };
    if is_allowed {
        next.run(request).await
    } else {
        Problem::Api(Wrong::Token).into_response()
    }
}
