//! Logging in and out, and who asks.
//!
//! Each login has a new secret, which only a cookie has that no script reads; the tables have its hash. Where the address is not one of
//! this machine's own, the cookie is sent by TLS only.

use super::access::{Actor, Who};
use super::acting::{Acting, refused};
use super::asked::Asked;
use super::body::Body;
use super::problem::{Problems, Sent, Wrong};
use super::run::{LangAsked, LangParams};
use crate::access::{Change, Changes, Secret, hash_of, is_right, nobodys};
use crate::service::{Peer, Problem, Service, is_asked_here, is_machine_of_container};
use crate::wire::{RoleWord, WayWord};
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use smartetl_core::model::Way;
use smartetl_store::access::{self, Done, NewEntry};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use utoipa::ToSchema;

/// Beginning with this, browsers take it by TLS only, and from no other name.
pub const COOKIE: &str = "__Host-smartetl";

/// The same where this machine asks itself, without TLS.
const COOKIE_HERE: &str = "smartetl";

/// How long a login holds.
const SECONDS: i32 = 24 * 3600;

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// The account, the token, or the user of this machine; null for a stranger, and for whom a proxy lets look.
    name: Option<String>,
    /// What they may; null where they have to log in first.
    role: Option<RoleWord>,
    way: Option<WayWord>,
}

impl Session {
    fn of(who: Option<Who>) -> Self {
        let Some(who) = who else {
            return Self {
                name: None,
                role: None,
                way: None,
            };
        };
        Self {
            name: Some(who.name).filter(|name| !name.is_empty()),
            role: Some(who.role.into()),
            way: Some(who.way.into()),
        }
    }
}

/// A name and its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginAsked {
    pub name: String,
    pub password: String,
}

/// One's own password, and the one that it becomes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordAsked {
    password: String,
    new: String,
}

/// Who asks.
#[utoipa::path(
    get,
    path = "/api/v1/session",
    tag = "access",
    params(LangParams),
    responses((status = 200, description = "Who asks", body = Session), Problems)
)]
pub async fn session(
    who: Option<Extension<Who>>,
    asked: Asked<LangAsked>,
) -> Result<Json<Session>, Problem> {
    asked.reader.is_json()?;
    Ok(Json(Session::of(who.map(|Extension(who)| who))))
}

/// Log in: the cookie of the answer says who asks from then on, for 24 hours.
#[utoipa::path(
    post,
    path = "/api/v1/session",
    tag = "access",
    params(LangParams),
    request_body = LoginAsked,
    responses((status = 200, description = "Who is logged in", body = Session), Sent)
)]
pub async fn login(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    peer: Option<Extension<Peer>>,
    _: Asked<LangAsked>,
    Body(asked): Body<LoginAsked>,
) -> Result<Response, Problem> {
    let (who, cookie) = logged_in(&service, &headers, address(&headers, peer), &asked).await?;
    let session = Json(Session::of(Some(who)));
    Ok(([(header::SET_COOKIE, cookie)], session).into_response())
}

/// Log out.
#[utoipa::path(
    delete,
    path = "/api/v1/session",
    tag = "access",
    params(LangParams),
    responses((status = 204, description = "The session is over"), Sent)
)]
pub async fn logout(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    _: Asked<LangAsked>,
) -> Result<Response, Problem> {
    let acting = Acting::of(&service)?;
    if let Some(secret) = said(&headers) {
        let mut connection = acting.pool.acquire().await?;
        access::end_session(&mut connection, &hash_of(&secret)).await?;
    }
    let cookie = [(header::SET_COOKIE, cookie(&headers, "", 0))];
    Ok((StatusCode::NO_CONTENT, cookie).into_response())
}

/// Set one's own password. All of one's sessions end: log in again.
#[utoipa::path(
    put,
    path = "/api/v1/session/password",
    tag = "access",
    params(LangParams),
    request_body = PasswordAsked,
    responses((status = 204, description = "The new password is set"), Sent)
)]
pub async fn password(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    peer: Option<Extension<Peer>>,
    Actor { who, acting }: Actor,
    _: Asked<LangAsked>,
    Body(asked): Body<PasswordAsked>,
) -> Result<Response, Problem> {
    if who.way != Way::Session {
        return Err(Problem::Api(Wrong::NoSession));
    }
    let old = LoginAsked {
        name: who.name.clone(),
        password: asked.password,
    };
    checked(&service, address(&headers, peer), &old).await?;
    let changes = Changes {
        who: who.name.clone(),
        way: who.way,
    };
    let change = Change::Password {
        name: &who.name,
        password: &asked.new,
    };
    let mut connection = acting.pool.acquire().await?;
    changes
        .make(&mut connection, vec![change])
        .await
        .map_err(refused)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Lets somebody in who knows the password: who it is, and the cookie. The session that was there before ends.
///
/// # Errors
/// When they do not know it, or have failed too often before.
pub async fn logged_in(
    service: &Service,
    headers: &HeaderMap,
    address: Option<IpAddr>,
    asked: &LoginAsked,
) -> Result<(Who, HeaderValue), Problem> {
    let acting = Acting::of(service)?;
    let known = checked(service, address, asked).await?;
    let secret = Secret::of_session()?;
    let mut transaction = acting.pool.begin().await?;
    if let Some(before) = said(headers) {
        access::end_session(&mut transaction, &hash_of(&before)).await?;
    }
    let hash = hash_of(secret.text());
    access::begin_session(&mut transaction, &hash, known.account, SECONDS).await?;
    let entry = NewEntry {
        who: &known.name,
        way: Way::Session,
        done: Done::Login,
        target: None,
        detail: None,
    };
    access::record(&mut transaction, entry).await?;
    transaction.commit().await?;
    let who = Who {
        name: known.name,
        role: known.role,
        way: Way::Session,
    };
    Ok((who, cookie(headers, secret.text(), SECONDS)))
}

/// Whose password it is.
async fn checked(
    service: &Service,
    address: Option<IpAddr>,
    asked: &LoginAsked,
) -> Result<access::Credentials, Problem> {
    let acting = Acting::of(service)?;
    let slowing = &acting.slowing;
    if let Err(wait) = slowing.hear(&asked.name, address, Instant::now()) {
        return Err(Problem::Api(Wrong::Slowly(wait.as_secs() + 1)));
    }
    let mut connection = acting.pool.acquire().await?;
    let known = access::credentials(&mut connection, asked.name.trim()).await?;
    let stored = match &known {
        Some(known) => known.password.as_str(),
        None => nobodys(),
    };
    let is_right = is_right(&asked.password, stored).await?;
    if let Some(known) = known.as_ref().filter(|_| is_right) {
        slowing.succeeded(&asked.name, address);
        return Ok(known.clone());
    }
    // A name that nobody has may be a password, typed into the wrong field.
    let target = known.as_ref().map(|known| known.name.as_str());
    let address = address.map(|address| address.to_string());
    let entry = NewEntry {
        who: target.unwrap_or("?"),
        way: Way::Session,
        done: Done::LoginFailed,
        target,
        detail: address.as_deref(),
    };
    access::record(&mut connection, entry).await?;
    Err(Problem::Api(Wrong::Login))
}

/// Where a login comes from: of what a proxy on this machine passes on, what it says itself.
pub fn address(headers: &HeaderMap, peer: Option<Extension<Peer>>) -> Option<IpAddr> {
    let peer = peer.map(|Extension(Peer(address))| address)?;
    let passed_on = || {
        let said = headers.get_all("x-forwarded-for").iter().next_back()?;
        said.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    let is_proxy = peer.is_loopback() || is_machine_of_container(peer);
    Some(is_proxy.then(passed_on).flatten().unwrap_or(peer))
}

/// The secret that a cookie says. Only that which can have been set here counts.
pub fn said(headers: &HeaderMap) -> Option<String> {
    let name = name(headers);
    let cookies = headers.get_all(header::COOKIE).iter();
    let mut pairs = cookies
        .filter_map(|cookie| cookie.to_str().ok())
        .flat_map(|cookie| cookie.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(known, secret)| *known == name && !secret.is_empty())
        .map(|(_, secret)| secret.to_owned())
}

fn name(headers: &HeaderMap) -> &'static str {
    if is_asked_here(headers) {
        COOKIE_HERE
    } else {
        COOKIE
    }
}

fn cookie(headers: &HeaderMap, secret: &str, seconds: i32) -> HeaderValue {
    let secure = if is_asked_here(headers) {
        ""
    } else {
        "; Secure"
    };
    let name = name(headers);
    let text =
        format!("{name}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    let value = HeaderValue::from_str(&text);
    let mut value = value.unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}
