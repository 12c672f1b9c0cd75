//! `/`: the status page, one self-contained HTML file without script. Every value goes through maud, which escapes it.

use super::Service;
use super::health::{self, Unready};
use super::problem::Problem;
use crate::night::{
    Lang, Teller, Tone, Words, blame, category, initial_upper, last_log, of_counts, recovered_by,
    sentence, verdict,
};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use smartetl_core::fuse::UNMAPPED;
use smartetl_core::model::{Moment, Verdict};
use smartetl_store::facts::{Facts, facts};
use smartetl_store::night::{Cause, Job, Night, night};
use std::fmt::Write as _;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const STYLE: &str = include_str!("page.css");

/// What the address asks for.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Asked {
    lang: Option<String>,
    environment: Option<String>,
    day: Option<String>,
}

pub async fn status(
    State(service): State<Arc<Service>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let lang = language(&asked, &headers, service.lang);
    let teller = Teller {
        lang,
        zone: service.zone.clone(),
        now: jiff::Timestamp::now(),
    };
    let Ok(day) = asked.day.as_deref().map(str::parse::<Date>).transpose() else {
        return Problem::bad_request("`day` must be a date like 2026-11-23").into_response();
    };
    let page = Page {
        service: &service,
        teller,
        asked: &asked,
    };
    if let Err(unready) = health::check(&service.pool).await {
        return page.answer(
            StatusCode::SERVICE_UNAVAILABLE,
            None,
            &page.unready(&unready),
        );
    }
    let read = async {
        let mut connection = service.pool.acquire().await?;
        let found = match (asked.environment.as_deref(), day, service.day) {
            (None, None, Some(first)) => night(&mut connection, None, Some(first)).await?,
            _ => None,
        };
        let found = match found {
            Some(found) => Some(found),
            None => night(&mut connection, asked.environment.as_deref(), day).await?,
        };
        anyhow::Ok((found, facts(&mut connection).await?))
    };
    match read.await {
        Ok((None, _)) if asked.environment.is_some() || day.is_some() => Problem::not_found(
            "no job of this environment is known on this day; / shows the newest night",
        )
        .into_response(),
        Ok((found, facts)) => page.answer(
            StatusCode::OK,
            found.as_ref(),
            &page.night(found.as_ref(), &facts),
        ),
        Err(error) => {
            tracing::warn!("the status page cannot be made: {error:#}");
            let unready = Unready::Database("it refused to answer".to_owned());
            page.answer(
                StatusCode::SERVICE_UNAVAILABLE,
                None,
                &page.unready(&unready),
            )
        }
    }
}

/// `?lang=` beats the browser, which beats the program's own language.
fn language(asked: &Asked, headers: &HeaderMap, own: Lang) -> Lang {
    let browser = || {
        let header = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        Lang::of_accept_language(header)
    };
    asked
        .lang
        .as_deref()
        .and_then(Lang::of_tag)
        .or_else(browser)
        .unwrap_or(own)
}

struct Page<'a> {
    service: &'a Service,
    teller: Teller,
    asked: &'a Asked,
}

impl Page<'_> {
    fn words(&self) -> &'static Words {
        self.teller.lang.words()
    }

    fn colon(&self) -> &'static str {
        self.teller.lang.colon()
    }

    fn label(&self, word: &str) -> String {
        format!("{word}{}", self.colon())
    }

    fn asked_lang(&self) -> Option<&str> {
        self.asked
            .lang
            .as_deref()
            .and_then(Lang::of_tag)
            .map(Lang::tag)
    }

    /// The frame around a body, with headers that allow nothing but its own style.
    fn answer(&self, status: StatusCode, night: Option<&Night>, body: &Markup) -> Response {
        let nonce = nonce();
        let words = self.words();
        let lang = self.teller.lang;
        let environment = night.map(|night| night.environment.as_str());
        let asked_day = self.asked.day.as_deref().and_then(|day| day.parse().ok());
        let title = night.map_or_else(
            || words.title.to_owned(),
            |night| self.teller.night(night.day),
        );
        let markup = html! {
            (DOCTYPE)
            html lang=(lang.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width,initial-scale=1";
                    meta http-equiv="refresh" content="60";
                    title { @if self.service.demo { (words.demo) " · " } (title) " · smartETL" }
                    style nonce=(nonce) { (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        b { "smartETL" }
                        @if let Some(night) = night {
                            nav aria-label=(words.environment) {
                                @for name in &night.environments {
                                    a href=(link(self.asked_lang(), Some(name), None))
                                        aria-current=[(Some(name.as_str()) == environment).then_some("page")] { (name) }
                                }
                            }
                        }
                        nav aria-label="Language" {
                            @for other in [Lang::En, Lang::Fr] {
                                a lang=(other.tag()) hreflang=(other.tag())
                                    href=(link(Some(other.tag()), self.asked.environment.as_deref(), asked_day))
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
            "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        let mut response = (status, markup.into_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
        headers.insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(lang.tag()),
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }

    fn unready(&self, unready: &Unready) -> Markup {
        let words = self.words();
        html! {
            main {
                h1 { (words.database_away) }
                @match unready {
                    Unready::Database(reason) => {
                        pre { (reason) }
                        p { (words.database_away_text) }
                    }
                    Unready::Tables => p { (words.not_migrated_text) }
                }
                p { a href="" { (words.reload) } }
            }
        }
    }

    fn night(&self, night: Option<&Night>, facts: &Facts) -> Markup {
        let words = self.words();
        html! {
            @if let Some(trouble) = self.service.telemetry.trouble() {
                div.band.warn role="alert" { p { (words.look_trouble) } pre { (trouble) } }
            }
            @if self.service.telemetry.is_loading() {
                div.band.warn role="status" { (words.loading) }
            }
            @if !facts.unmapped.is_empty() { (self.unmapped(facts)) }
            main {
                @if let Some(night) = night {
                    (self.head(night))
                    (self.causes(night))
                    (self.jobs(night))
                } @else if facts.sources.is_empty() {
                    (self.empty())
                } @else {
                    h1 { (words.no_night) }
                    @if self.service.scheduled { p { (words.not_fused) } }
                }
                @if !facts.sources.is_empty() { (self.sources(facts)) }
            }
        }
    }

    fn unmapped(&self, facts: &Facts) -> Markup {
        let words = self.words();
        html! {
            div.band.warn role="note" {
                p {
                    a href=(link(self.asked_lang(), Some(UNMAPPED), None)) { (words.unmapped) }
                    (self.colon()) " "
                    @for (index, (context, runs)) in facts.unmapped.iter().enumerate() {
                        @if index > 0 { ", " }
                        @match context { Some(context) => b { (context) }, None => (words.no_context) }
                        " (" (self.teller.counted(runs.unsigned_abs(), words.runs)) ")"
                    }
                }
                p.sub { (words.unmapped_what) }
            }
        }
    }

    fn head(&self, night: &Night) -> Markup {
        let words = self.words();
        let teller = &self.teller;
        let environment = Some(night.environment.as_str());
        html! {
            div.day {
                @if let Some(day) = night.before {
                    a rel="prev" href=(link(self.asked_lang(), environment, Some(day))) { "◀ " (words.earlier) }
                }
                @if let Some(day) = night.after {
                    a rel="next" href=(link(self.asked_lang(), environment, Some(day))) { (words.later) " ▶" }
                }
                @if let Some(last) = last_log(night, teller) { span.fresh { (last) } }
            }
            h1 {
                (teller.night(night.day)) (self.colon())
                @for part in sentence(night, teller) {
                    " "
                    @match part.tone {
                        Tone::Plain => (part.text),
                        Tone::Bad => span.bad { (part.text) },
                        Tone::Quiet => span.quiet { (part.text) },
                    }
                }
            }
            ul.counts {
                @for (of, number) in of_counts(&night.counts) {
                    li {
                        span class={ "k " (of.as_str()) } {}
                        b { (teller.number(number)) } (verdict(of, number, teller.lang))
                        @if let (Verdict::Ok, Some(usual)) = (of, night.usually_ok) {
                            " (" (words.usually) " " (teller.number(usual)) ")"
                        }
                    }
                }
            }
        }
    }

    fn causes(&self, night: &Night) -> Markup {
        let words = self.words();
        html! {
            h2 { (words.causes) }
            @if night.causes.is_empty() {
                p.sub { (words.none) }
            } @else {
                div.wide { table.stack {
                    thead { tr { th { (words.cause) } th { (words.since) } th.n { (words.jobs_touched) } th { (words.to_act) } } }
                    tbody { @for cause in &night.causes { (self.cause(cause, night)) } }
                } }
            }
        }
    }

    fn cause(&self, cause: &Cause, night: &Night) -> Markup {
        let words = self.words();
        let teller = &self.teller;
        let others: Vec<&str> = cause
            .names
            .iter()
            .map(String::as_str)
            .filter(|name| Some(*name) != cause.job.as_deref())
            .collect();
        let more = cause.jobs - cause.names.len() as i64;
        html! {
            tr {
                td.first {
                    div.what {
                        (category(cause.category, teller.lang)) " "
                        @if cause.open > 0 { span.state.open { (words.still_open) } }
                        @else { span.state.done { (words.all_recovered) } }
                    }
                    @match &cause.message { Some(message) => pre { (message) }, None => div.sub { (words.no_message) } }
                    div.sub {
                        @if let Some(job) = &cause.job { (job) }
                        @if let Some(step) = &cause.step { " › " (step) }
                        @if !others.is_empty() { " → " (others.join(", ")) }
                        @if more > 0 { " + " (teller.counted(more.unsigned_abs(), words.and_more)) }
                    }
                }
                td.t data-label=(self.label(words.since)) title=(teller.exact(cause.first_at)) { (teller.in_night(cause.first_at, night.day)) }
                td.n data-label=(self.label(words.jobs_touched)) { (teller.number(cause.jobs)) }
                td.t data-label=(self.label(words.to_act)) {
                    @match cause.blame { Some(who) => (blame(who, teller.lang)), None => "–" }
                    @if cause.retryable == Some(true) { div.sub { (words.retryable) } }
                }
            }
        }
    }

    fn jobs(&self, night: &Night) -> Markup {
        let words = self.words();
        let unlisted = night.counts.jobs - night.counts.ok - night.jobs.len() as i64;
        html! {
            h2 { (words.jobs) }
            @if night.jobs.is_empty() {
                p.sub { (words.all_jobs_fine) }
            } @else {
                div.wide { table.stack {
                    thead { tr { th { (words.job) } th { (words.what) } th { (words.when) } th { (words.cause) } } }
                    tbody { @for job in &night.jobs { (self.job(job, night)) } }
                } }
                @if unlisted > 0 { p.sub { "+ " (self.teller.counted(unlisted.unsigned_abs(), words.and_more)) } }
            }
        }
    }

    fn job(&self, job: &Job, night: &Night) -> Markup {
        let words = self.words();
        let teller = &self.teller;
        let at = |moment: Option<Moment>| moment.map(|at| teller.at(at, night.day));
        html! {
            tr {
                td.first { div.name { (job.job) } @if let Some(project) = &job.project { div.sub { (project) } } }
                td.t {
                    span class={ "k " (job.verdict.as_str()) } {} (verdict(job.verdict, 1, teller.lang))
                    @if let (Verdict::Recovered, Some(by)) = (job.verdict, job.recovered_by) {
                        div.sub { (recovered_by(by, teller.lang)) }
                    }
                }
                td.t {
                    @match job.verdict {
                        Verdict::Failed | Verdict::Recovered => {
                            @if let Some(at) = at(job.first_failure_at) { div { (words.failed_at) " " (at) } }
                            @if let Some(at) = at(job.recovered_at) { div { (words.recovered_at) " " (at) } }
                        }
                        _ => {
                            @if let Some(at) = at(job.started_at) { div { (words.started) " " (at) } }
                            @if let Some(at) = at(job.last_event_at) { div { (words.last_sign) " " (at) } }
                        }
                    }
                }
                td {
                    @if let Some(of) = job.category {
                        (category(of, teller.lang))
                        div.sub {
                            @if let Some(job) = &job.cause_job { (job) }
                            @if let Some(step) = &job.cause_step { " › " (step) }
                        }
                    }
                }
            }
        }
    }

    fn sources(&self, facts: &Facts) -> Markup {
        let words = self.words();
        let teller = &self.teller;
        html! {
            h2 { (words.sources) }
            div.wide { table.stack {
                thead { tr { th { (words.source) } th { (words.last_log) } } }
                tbody { @for (system, environment, at) in &facts.horizons {
                    tr { td.first { (system) " · " (environment) } td.t title=(teller.exact(*at)) { (teller.moment_and_age(*at)) } }
                } }
            } }
            h2 { (words.stored) }
            div.wide { table {
                thead { tr { th { (words.source) } th.n { (words.files[1]) } th.n { (words.records[1]) } th.n { "log" } th.n { "logerreur" } th.n { (words.rejects[1]) } th { (words.last_stored) } } }
                tbody { @for of in &facts.sources {
                    tr {
                        td { (of.dialect) }
                        @for number in [of.sources, of.records, of.rows_log, of.rows_error, of.rejects] { td.n { (teller.number(number)) } }
                        td.t { (teller.moment_and_age(Moment(of.last_commit))) }
                    }
                } }
            } }
            @if !facts.rejects.is_empty() {
                p.sub {
                    (initial_upper(words.rejects[1])) (self.colon()) " "
                    @for (index, (reason, number)) in facts.rejects.iter().enumerate() {
                        @if index > 0 { ", " }
                        (reason) " " (teller.number(*number))
                    }
                }
            }
        }
    }

    fn empty(&self) -> Markup {
        let words = self.words();
        html! {
            h1 { (words.empty_title) }
            ol.ways {
                li { (words.empty_folder) @for path in &self.service.watched { pre { (path) } } }
                li { (words.empty_load) pre { "smartetl load PATH…" } }
                li { (words.empty_demo) pre { "smartetl up --demo" } }
            }
            p.sub { (words.empty_text) }
        }
    }
}

/// This page with other choices; `None` leaves a choice to the page.
fn link(lang: Option<&str>, environment: Option<&str>, day: Option<Date>) -> String {
    let mut query = Vec::new();
    if let Some(lang) = lang {
        query.push(format!("lang={lang}"));
    }
    if let Some(environment) = environment {
        query.push(format!("environment={}", percent_encoded(environment)));
    }
    if let Some(day) = day {
        query.push(format!("day={day}"));
    }
    if query.is_empty() {
        "/".to_owned()
    } else {
        format!("/?{}", query.join("&"))
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

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
