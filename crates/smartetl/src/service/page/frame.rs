//! What stands around the page: the head, choices, the foot, and headers that allow nothing but its own style.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::super::app;
use super::Page;
use super::address::link;
use crate::night::Lang;

const STYLE: &str = include_str!("page.css");

/// What stands around a body.
pub(super) struct Frame<'a> {
    pub(super) status: StatusCode,
    pub(super) title: &'a str,
    pub(super) environments: &'a [String],
    /// That which is shown.
    pub(super) environment: Option<&'a str>,
    /// It may be better in a minute.
    pub(super) again: bool,
}

impl Page<'_> {
    /// This page, with what is chosen.
    fn chosen(&self, frame: &Frame<'_>) -> String {
        link(self.choice.lang, frame.environment, self.choice.day)
    }

    /// The frame around a body, with headers that allow nothing but its own style.
    pub(super) fn answer(&self, frame: &Frame<'_>, body: &Markup) -> Response {
        let nonce = nonce();
        let words = self.words();
        let lang = self.teller.lang;
        let markup = html! {
            (DOCTYPE)
            html lang=(lang.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width,initial-scale=1";
                    @if frame.again { meta http-equiv="refresh" content="60"; }
                    title { @if self.service.demo { (words.demo) " · " } (frame.title) " · smartETL" }
                    style nonce=(nonce) { (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        b { "smartETL" }
                        @if app::is_built() { a href=(format!("{}{}", app::ROOT, self.chosen(frame).trim_start_matches('/'))) { (words.app) } }
                        @if !frame.environments.is_empty() {
                            nav aria-label=(words.environment) {
                                @for name in frame.environments {
                                    a href=(self.link(Some(name), None))
                                        aria-current=[(Some(name.as_str()) == frame.environment).then_some("page")] { (name) }
                                }
                            }
                        }
                        nav aria-label=(words.language) {
                            @for other in [Lang::En, Lang::Fr] {
                                a lang=(other.tag()) hreflang=(other.tag())
                                    href=(link(Some(other), self.choice.environment, self.choice.day))
                                    aria-current=[(other == lang).then_some("true")] { (other.tag()) }
                            }
                        }
                    }
                    @if self.service.demo {
                        div.band.demo role="note" { b { (words.demo) } " · " (words.demo_text) }
                    }
                    (body)
                    footer { (words.zone) " " (self.teller.zone.iana_name().unwrap_or("UTC")) " · " (words.looked) " " (env!("CARGO_PKG_VERSION")) }
                }
            }
        };
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        );
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::VARY, "accept, accept-language"),
            (header::CONTENT_LANGUAGE, lang.tag()),
        ];
        let policy = [(header::CONTENT_SECURITY_POLICY, policy)];
        (frame.status, headers, policy, markup.into_string()).into_response()
    }
}

/// For one answer; nobody can guess it.
fn nonce() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let hasher = std::hash::RandomState::new();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!(
        "{:016x}{:016x}",
        hasher.hash_one(count),
        hasher.hash_one(!count)
    )
}
