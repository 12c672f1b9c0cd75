//! Who asks, and whether they may: somebody on this machine, somebody who is logged in, or a program with a token.
//!
//! Whatever changes something has to say that it comes from a page of this service, or a token, which no browser sends by itself.

use super::acting::Acting;
use super::problem::Wrong;
use super::session;
use crate::access::{hash_of, role_of};
use crate::service::{Problem, Service, is_own_page};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use smartetl_core::model::{Role, Scope, Way};
use smartetl_store::access;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

/// Whatever changes something sends this header, which a page of others cannot.
pub const OWN: &str = "smartetl-csrf";

/// Who asks, and what they may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    pub name: String,
    pub role: Role,
    pub way: Way,
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
        bearer(headers).is_some_and(|token| {
            // By hashes that nobody knows, so that the time it takes tells nothing about the token.
            let [said, known] = [token, &self.token].map(|token| self.secret.hash_one(token));
            said == known
        })
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let said = headers.get(header::AUTHORIZATION)?;
    let (scheme, token) = said.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Whether a token that a request says may post.
///
/// # Errors
/// When the database does not answer.
pub async fn may_post(service: &Service, headers: &HeaderMap) -> Result<bool, Problem> {
    if let Some(token) = &service.token {
        if token.is_said(headers) {
            return Ok(true);
        }
    } else if service.hosts.bind.is_loopback() {
        // Who comes through a proxy is a stranger as soon as anybody has an account.
        if service.hosts.is_local(headers) && !is_login_always(service) {
            return Ok(true);
        }
        if is_nobodys(service).await? {
            return Ok(true);
        }
    }
    let token = api_token(service, headers).await?;
    Ok(token.is_some_and(|token| token.scopes.contains(&Scope::Post)))
}

async fn api_token(
    service: &Service,
    headers: &HeaderMap,
) -> Result<Option<access::ApiToken>, Problem> {
    let Some(said) = bearer(headers) else {
        return Ok(None);
    };
    let mut connection = service.pool.acquire().await?;
    Ok(access::token(&mut connection, &hash_of(said)).await?)
}

fn is_login_always(service: &Service) -> bool {
    service.acting.as_ref().is_some_and(|acting| acting.always)
}

/// Who asks; `None` for a stranger.
///
/// # Errors
/// When the database does not answer.
pub async fn who(service: &Service, headers: &HeaderMap) -> Result<Option<Who>, Problem> {
    let of_settings = service.token.as_ref();
    if of_settings.is_some_and(|token| token.is_said(headers)) {
        return Ok(Some(Who {
            name: "http.token".to_owned(),
            role: Role::Viewer,
            way: Way::Token,
        }));
    }
    if let Some(token) = api_token(service, headers).await? {
        return Ok(role_of(&token.scopes).map(|role| Who {
            name: token.name,
            role,
            way: Way::Token,
        }));
    }
    if let Some(secret) = session::said(headers) {
        let mut connection = service.pool.acquire().await?;
        if let Some(person) = access::session(&mut connection, &hash_of(&secret)).await? {
            return Ok(Some(Who {
                name: person.name,
                role: person.role,
                way: Way::Session,
            }));
        }
    }
    if service.hosts.is_local(headers) && !is_login_always(service) {
        let user = service.acting.as_ref().map(|acting| acting.user.clone());
        return Ok(Some(Who {
            name: user.unwrap_or_default(),
            role: Role::Admin,
            way: Way::Local,
        }));
    }
    // As long as nobody has an account, a proxy on this machine decides who may look.
    let is_open = service.token.is_none() && service.hosts.bind.is_loopback();
    if is_open && is_nobodys(service).await? {
        return Ok(Some(Who {
            name: String::new(),
            role: Role::Viewer,
            way: Way::Local,
        }));
    }
    Ok(None)
}

/// Lets through who may do what a role may; everybody where none is named.
pub async fn check(
    State((role, service)): State<(Option<Role>, Arc<Service>)>,
    mut request: Request,
    next: Next,
) -> Response {
    match allowed(role, &service, Asks::of(&request)).await {
        Ok(who) => {
            if let Some(who) = who {
                request.extensions_mut().insert(who);
            }
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// The same for the status page, which everybody may see whom a proxy on this machine lets through, as long as nobody has an account.
pub async fn check_page(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Response {
    let is_seen = match allowed(Some(Role::Viewer), &service, Asks::of(&request)).await {
        Ok(_) => Ok(true),
        Err(Problem::Api(Wrong::Token)) if service.hosts.bind.is_loopback() => {
            is_nobodys(&service).await
        }
        Err(problem) => Err(problem),
    };
    match is_seen {
        Ok(true) => next.run(request).await,
        Ok(false) => Problem::Api(Wrong::Token).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// Whether nobody has an account, and nobody needs one.
async fn is_nobodys(service: &Service) -> Result<bool, Problem> {
    if is_login_always(service) {
        return Ok(false);
    }
    Ok(!access::any(&mut *service.pool.acquire().await?).await?)
}

/// What a request says of whoever sends it.
struct Asks<'r> {
    headers: &'r HeaderMap,
    /// It changes nothing.
    is_safe: bool,
}

impl<'r> Asks<'r> {
    fn of(request: &'r Request) -> Self {
        Self {
            headers: request.headers(),
            is_safe: request.method().is_safe(),
        }
    }
}

async fn allowed(
    role: Option<Role>,
    service: &Service,
    Asks { headers, is_safe }: Asks<'_>,
) -> Result<Option<Who>, Problem> {
    let who = who(service, headers).await?;
    if let Some(role) = role {
        let who = who.as_ref().ok_or(Problem::Api(Wrong::Token))?;
        if who.role < role {
            return Err(Problem::Api(Wrong::Role(role)));
        }
    }
    let is_by_token = who.as_ref().is_some_and(|who| who.way == Way::Token);
    let is_own = headers.contains_key(OWN) && is_own_page(headers);
    if !is_safe && !is_by_token && !is_own {
        return Err(Problem::Api(Wrong::Forgery));
    }
    Ok(who)
}

/// Who asks, where a role was wanted.
impl FromRequestParts<Arc<Service>> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Service>) -> Result<Self, Problem> {
        parts
            .extensions
            .get()
            .cloned()
            .ok_or(Problem::Api(Wrong::Token))
    }
}

/// Who asks and what it takes to change something.
pub struct Actor {
    pub who: Who,
    pub acting: Acting,
}

impl FromRequestParts<Arc<Service>> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            who: Who::from_request_parts(parts, service).await?,
            acting: Acting::of(service)?.clone(),
        })
    }
}
