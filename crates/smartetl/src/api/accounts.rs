//! Accounts and tokens.

use super::access::Actor;
use super::acting::refused;
use super::asked::{Asked, Place};
use super::body::Body;
use super::problem::{Problems, Sent, Wrong};
use super::run::{LangAsked, LangParams};
use crate::access::{Change, Changes};
use crate::service::{Problem, Service};
use crate::wire::{At, RoleWord, ScopeWord};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use smartetl_core::model::{Role, Scope};
use smartetl_store::access::{self, Account, ApiToken};
use std::sync::Arc;
use utoipa::ToSchema;

/// Somebody who may log in.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserFacts {
    name: String,
    role: RoleWord,
    made_at: Option<At>,
    /// When role or password were set last.
    changed_at: Option<At>,
}

impl From<Account> for UserFacts {
    fn from(account: Account) -> Self {
        Self {
            name: account.name,
            role: account.role.into(),
            made_at: At::shown(account.made_at),
            changed_at: At::shown(account.changed_at),
        }
    }
}

/// All who may log in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Users {
    items: Vec<UserFacts>,
}

/// A token, without what it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenFacts {
    name: String,
    scopes: Vec<ScopeWord>,
    made_at: Option<At>,
    made_by: String,
    /// Null where it never expires.
    expires_at: Option<At>,
}

impl From<ApiToken> for TokenFacts {
    fn from(token: ApiToken) -> Self {
        Self {
            name: token.name,
            scopes: token.scopes.into_iter().map(Into::into).collect(),
            made_at: At::shown(token.made_at),
            made_by: token.made_by,
            expires_at: token.expires_at.and_then(At::shown),
        }
    }
}

/// All tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tokens {
    items: Vec<TokenFacts>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserAsked {
    name: String,
    #[schema(value_type = RoleWord)]
    role: Role,
    /// At least 10 characters
    #[schema(min_length = 10)]
    password: String,
}

/// What is to be changed of an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChangeAsked {
    #[schema(value_type = Option<RoleWord>)]
    role: Option<Role>,
    /// At least 10 characters; all sessions of the account end
    #[schema(min_length = 10)]
    password: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenAsked {
    /// What it is for
    name: String,
    #[schema(value_type = Vec<ScopeWord>, min_items = 1)]
    scopes: Vec<Scope>,
    /// For so many days; for ever where it is left out
    #[schema(minimum = 1, maximum = 3650)]
    days: Option<u16>,
}

/// A new token. It is never shown again.
#[derive(Serialize, ToSchema)]
pub struct NewTokenAnswer {
    token: String,
}

/// Who may log in.
#[utoipa::path(
    get,
    path = "/api/v1/users",
    tag = "access",
    params(LangParams),
    responses((status = 200, description = "Who may log in", body = Users), Problems)
)]
pub async fn users(
    State(service): State<Arc<Service>>,
    asked: Asked<LangAsked>,
) -> Result<Json<Users>, Problem> {
    asked.reader.is_json()?;
    let mut connection = service.pool.acquire().await?;
    let all = access::accounts(&mut connection).await?;
    Ok(Json(Users {
        items: all.into_iter().map(Into::into).collect(),
    }))
}

/// Add an account.
#[utoipa::path(
    post,
    path = "/api/v1/users",
    tag = "access",
    params(LangParams),
    request_body = UserAsked,
    responses((status = 204, description = "The account is there"), Sent)
)]
pub async fn add_user(
    actor: Actor,
    _: Asked<LangAsked>,
    Body(asked): Body<UserAsked>,
) -> Result<StatusCode, Problem> {
    let change = Change::AddUser {
        name: &asked.name,
        role: asked.role,
        password: &asked.password,
    };
    make(&actor, vec![change]).await
}

/// Give an account another role or password.
#[utoipa::path(
    patch,
    path = "/api/v1/users/{user}",
    tag = "access",
    params(("user" = String, Path, description = "The name"), LangParams),
    request_body = UserChangeAsked,
    responses((status = 204, description = "It is changed"), Sent)
)]
pub async fn change_user(
    Place(name): Place<String>,
    actor: Actor,
    _: Asked<LangAsked>,
    Body(asked): Body<UserChangeAsked>,
) -> Result<StatusCode, Problem> {
    let name = name.as_str();
    let role = asked.role.map(|role| Change::Role { name, role });
    let password = asked.password.as_deref();
    let password = password.map(|password| Change::Password { name, password });
    if role.is_none() && password.is_none() {
        let nothing = [
            "neither role nor password is there",
            "ni role ni password n’est donné",
        ];
        return Err(Wrong::body(nothing));
    }
    make(&actor, role.into_iter().chain(password).collect()).await
}

/// Remove an account, with its sessions.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{user}",
    tag = "access",
    params(("user" = String, Path, description = "The name"), LangParams),
    responses((status = 204, description = "It is gone"), Sent)
)]
pub async fn remove_user(
    Place(name): Place<String>,
    actor: Actor,
    _: Asked<LangAsked>,
) -> Result<StatusCode, Problem> {
    make(&actor, vec![Change::RemoveUser { name: &name }]).await
}

/// Programs that may use the service.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    tag = "access",
    params(LangParams),
    responses((status = 200, description = "The tokens, without what they are", body = Tokens), Problems)
)]
pub async fn tokens(
    State(service): State<Arc<Service>>,
    asked: Asked<LangAsked>,
) -> Result<Json<Tokens>, Problem> {
    asked.reader.is_json()?;
    let mut connection = service.pool.acquire().await?;
    let all = access::tokens(&mut connection).await?;
    Ok(Json(Tokens {
        items: all.into_iter().map(Into::into).collect(),
    }))
}

/// Make a token.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    tag = "access",
    params(LangParams),
    request_body = TokenAsked,
    responses((status = 201, description = "The token: it is never shown again", body = NewTokenAnswer), Sent)
)]
pub async fn create_token(
    Actor { who, acting }: Actor,
    _: Asked<LangAsked>,
    Body(asked): Body<TokenAsked>,
) -> Result<(StatusCode, Json<NewTokenAnswer>), Problem> {
    if asked.days.is_some_and(|days| !(1..=3650).contains(&days)) {
        let wrong = ["days is 1 to 3650", "days va de 1 à 3650"];
        return Err(Wrong::body(wrong));
    }
    let changes = Changes {
        who: who.name,
        way: who.way,
    };
    let new = (
        asked.name.as_str(),
        asked.scopes.as_slice(),
        asked.days.map(i32::from),
    );
    let mut connection = acting.pool.acquire().await?;
    let secret = changes.make_token(&mut connection, new).await;
    let secret = secret.map_err(refused)?;
    let answer = NewTokenAnswer {
        token: secret.text().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Take a token back.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{token}",
    tag = "access",
    params(("token" = String, Path, description = "Its name"), LangParams),
    responses((status = 204, description = "It counts nothing any more"), Sent)
)]
pub async fn revoke_token(
    Place(name): Place<String>,
    actor: Actor,
    _: Asked<LangAsked>,
) -> Result<StatusCode, Problem> {
    make(&actor, vec![Change::RevokeToken { name: &name }]).await
}

async fn make(actor: &Actor, all: Vec<Change<'_>>) -> Result<StatusCode, Problem> {
    let changes = Changes {
        who: actor.who.name.clone(),
        way: actor.who.way,
    };
    let mut connection = actor.acting.pool.acquire().await?;
    let made = changes.make(&mut connection, all).await;
    made.map(|()| StatusCode::NO_CONTENT).map_err(refused)
}
