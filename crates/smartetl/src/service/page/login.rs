//! Who asks, where the page is not for everybody: a form without script. It sends nothing by which a page of others could be told from it
//! but what the browser itself says, so that has to be there.

use super::super::{Peer, Problem, Service, is_own_page};
use super::Page;
use super::address::{Choice, link};
use super::frame::Frame;
use crate::api::{LoginAsked, MOST_BYTES, Wrong, address, logged_in};
use crate::night::Lang;
use axum::body::Body;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use std::sync::Arc;

/// What the form sends: then the page, with a cookie.
pub async fn login(
    State(service): State<Arc<Service>>,
    uri: Uri,
    headers: HeaderMap,
    peer: Option<Extension<Peer>>,
    body: Body,
) -> Result<Response, Problem> {
    let is_said = ["origin", "sec-fetch-site"]
        .into_iter()
        .any(|name| headers.contains_key(name));
    if !is_said || !is_own_page(&headers) {
        return Err(Problem::Api(Wrong::Forgery));
    }
    let body = axum::body::to_bytes(body, MOST_BYTES).await;
    let body = body.map_err(|_| Problem::Api(Wrong::TooLarge))?;
    // It is written like what stands behind the question mark of an address.
    let asked = std::str::from_utf8(&body).ok().and_then(|text| {
        let written: Uri = format!("/?{text}").parse().ok()?;
        Query::<LoginAsked>::try_from_uri(&written).ok()
    });
    let Query(asked) = asked.ok_or(Problem::Api(Wrong::Login))?;
    if asked.name.contains('\0') {
        return Err(Problem::Api(Wrong::Login));
    }
    let (_, cookie) = logged_in(&service, &headers, address(&headers, peer), &asked).await?;
    let lang = super::language(&uri, &headers, service.lang);
    let to = link(Some(lang), None, None);
    let headers = [(header::LOCATION, to)];
    Ok((
        StatusCode::SEE_OTHER,
        headers,
        [(header::SET_COOKIE, cookie)],
    )
        .into_response())
}

/// The form; with why it has to be filled in again.
pub fn ask_who(service: &Service, lang: Lang, problem: Option<&Problem>) -> Response {
    let page = Page::new(service, lang, Choice::default());
    let title = lang.pick("Who are you?", "Qui êtes-vous\u{a0}?");
    let told = problem.map(|problem| problem.told(lang));
    let body = html! {
        main {
            h1 { (title) }
            @if let Some(told) = &told {
                p role="alert" { b { (told.title) } " " (page.with_commands(&told.hint)) }
            }
            form.login method="post" action=(format!("/login?lang={}", lang.tag())) {
                label for="name" { (lang.pick("Name", "Nom")) }
                input #name name="name" autocomplete="username" autocapitalize="none" required autofocus;
                label for="password" { (lang.pick("Password", "Mot de passe")) }
                input #password name="password" type="password" autocomplete="current-password" required;
                button { (lang.pick("Log in", "Se connecter")) }
            }
        }
    };
    let frame = Frame {
        status: problem.map_or(StatusCode::UNAUTHORIZED, Problem::status),
        title,
        environments: &[],
        environment: None,
        again: false,
    };
    // Without a referrer a browser sends the form with the origin `null`.
    let referrer = [(header::REFERRER_POLICY, "same-origin")];
    (referrer, page.answer(&frame, &body)).into_response()
}
