//! `/`: the status page, one self-contained HTML file without script. Every value goes through maud, which escapes it.

use super::Service;
use super::health::{self, Unready};
use super::problem::Problem;
use crate::night::{
    Lang, Teller, Tone, UNSCHEDULED_QUERY, Words, blame, category, initial_upper, last_log,
    no_night, of_counts, recovered_by, sentence, verdict,
};
use crate::reason::Reason;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use smartetl_core::fuse::UNMAPPED;
use smartetl_core::model::{Moment, Verdict};
use smartetl_store::facts::{Facts, facts};
use smartetl_store::night::{Cause, Job, Night, Unscheduled, environments, night, unscheduled};
use std::fmt::Write as _;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// So many places of one cause are named.
const PLACES_LISTED: usize = 8;
/// More of them are counted only.
const UNREADABLE_LISTED: usize = 30;

const STYLE: &str = include_str!("page.css");

/// What the address asks for.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Asked {
    lang: Option<String>,
    environment: Option<String>,
    day: Option<String>,
}

impl Asked {
    fn lang(&self) -> Result<Option<Lang>, Problem> {
        let asked = self.lang.as_deref().filter(|lang| !lang.is_empty());
        asked
            .map(|tag| Lang::of_tag(tag).ok_or_else(|| Problem::Lang(tag.to_owned())))
            .transpose()
    }

    fn environment(&self) -> Option<&str> {
        self.environment.as_deref().filter(|name| !name.is_empty())
    }

    fn day(&self) -> Result<Option<Date>, Problem> {
        let asked = self.day.as_deref().filter(|day| !day.is_empty());
        asked
            .map(|day| day.parse().map_err(|_| Problem::Day(day.to_owned())))
            .transpose()
    }
}

pub async fn status(
    State(service): State<Arc<Service>>,
    asked: Result<Query<Asked>, QueryRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|_| Problem::Query)?;
    let choice = Choice {
        lang: asked.lang()?,
        environment: asked.environment(),
        day: asked.day()?,
    };
    let page = Page {
        service: &service,
        teller: Teller {
            lang: language(&request, service.lang),
            zone: service.zone.clone(),
            now: jiff::Timestamp::now(),
        },
        choice,
    };
    if let Err(unready) = health::check(&service.pool).await {
        return Ok(page.unready(&unready));
    }
    match page.read().await {
        Ok(Read::Problem(problem)) => Err(problem),
        Ok(Read::Night(night, facts)) => Ok(page.night(Some(&night), &facts, &[])),
        Ok(Read::Nothing(unscheduled, facts)) => Ok(page.night(None, &facts, &unscheduled)),
        Err(error) => {
            tracing::warn!("the status page cannot be made: {error:#}");
            let unready = Unready::Database("it refused to answer".to_owned());
            Ok(page.unready(&unready))
        }
    }
}

/// A problem as a page of the same look.
pub fn problem(service: &Service, lang: Lang, problem: &Problem) -> Response {
    let page = Page {
        service,
        teller: Teller {
            lang,
            zone: service.zone.clone(),
            now: jiff::Timestamp::now(),
        },
        choice: Choice::default(),
    };
    let told = problem.told(lang);
    let known = match problem {
        Problem::Environment { known, .. } => known.as_slice(),
        _ => &[],
    };
    let body = html! {
        main {
            h1 { (told.title) }
            p { (page.with_commands(&told.hint)) }
            p { a href=(link(Some(lang), None, None)) { (page.words().newest) } }
        }
    };
    let frame = Frame {
        status: problem.status(),
        title: &told.title,
        environments: known,
        environment: None,
        again: false,
    };
    page.answer(&frame, &body)
}

/// `?lang=` beats the browser, which beats the program's own language.
pub fn language(request: &Request, own: Lang) -> Lang {
    let asked = || {
        let asked = Query::<Asked>::try_from_uri(request.uri()).ok()?;
        asked.lang().ok()?
    };
    let browser = || {
        let header = request.headers().get(header::ACCEPT_LANGUAGE)?;
        Lang::of_accept_language(header.to_str().ok()?)
    };
    asked().or_else(browser).unwrap_or(own)
}

/// What was chosen in the address.
#[derive(Debug, Default)]
struct Choice<'a> {
    lang: Option<Lang>,
    environment: Option<&'a str>,
    day: Option<Date>,
}

/// What the database says about a choice.
enum Read {
    Night(Night, Facts),
    /// There is no night at all; the runs that belong to none.
    Nothing(Vec<Unscheduled>, Facts),
    Problem(Problem),
}

/// What stands around a body.
struct Frame<'a> {
    status: StatusCode,
    title: &'a str,
    environments: &'a [String],
    /// That which is shown.
    environment: Option<&'a str>,
    /// It may be better in a minute.
    again: bool,
}

struct Page<'a> {
    service: &'a Service,
    teller: Teller,
    choice: Choice<'a>,
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

    /// This page with another environment or day.
    fn link(&self, environment: Option<&str>, day: Option<Date>) -> String {
        link(self.choice.lang, environment, day)
    }

    async fn read(&self) -> anyhow::Result<Read> {
        let mut connection = self.service.pool.acquire().await?;
        let Choice {
            environment, day, ..
        } = self.choice;
        // Before and after, no row can be.
        let is_possible = day.is_none_or(|day| (1990..=2100).contains(&day.year()));
        let mut found = None;
        if let (None, None, Some(first)) = (environment, day, self.service.day) {
            found = night(&mut connection, None, Some(first)).await?;
        }
        if found.is_none() && is_possible {
            found = night(&mut connection, environment, day).await?;
        }
        if let Some(night) = found {
            return Ok(Read::Night(night, facts(&mut connection).await?));
        }
        let known = environments(&mut connection).await?;
        let unscheduled = unscheduled(&mut connection).await?;
        if let Some(asked) = environment
            && !known.iter().any(|name| name == asked)
        {
            let of_asked = unscheduled.iter().find(|runs| runs.environment == asked);
            return Ok(Read::Problem(match of_asked {
                Some(runs) => Problem::OnlyUnscheduled(runs.clone()),
                None => Problem::Environment {
                    asked: asked.to_owned(),
                    known,
                },
            }));
        }
        if let Some(day) = day {
            let environment = environment.map(str::to_owned);
            return Ok(Read::Problem(Problem::NoNight { environment, day }));
        }
        Ok(Read::Nothing(unscheduled, facts(&mut connection).await?))
    }

    /// The frame around a body, with headers that allow nothing but its own style.
    fn answer(&self, frame: &Frame<'_>, body: &Markup) -> Response {
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
            "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        let mut response = (frame.status, markup.into_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(
            header::VARY,
            HeaderValue::from_static("accept, accept-language"),
        );
        headers.insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(lang.tag()),
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }

    fn unready(&self, unready: &Unready) -> Response {
        let words = self.words();
        let body = html! {
            main {
                h1 { (words.database_away) }
                @match unready {
                    Unready::Database(reason) => {
                        pre { (reason) }
                        p { (words.database_away_text) }
                    }
                    Unready::Tables => p { (self.with_commands(words.not_migrated_text)) }
                }
                p { a href="" { (words.reload) } }
            }
        };
        let frame = Frame {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: words.database_away,
            environments: &[],
            environment: None,
            again: true,
        };
        self.answer(&frame, &body)
    }

    fn night(&self, night: Option<&Night>, facts: &Facts, unscheduled: &[Unscheduled]) -> Response {
        let title = night.map(|night| self.teller.night(night.day));
        let frame = Frame {
            status: StatusCode::OK,
            title: title.as_deref().unwrap_or(self.words().title),
            environments: night.map_or(&[], |night| night.environments.as_slice()),
            environment: night.map(|night| night.environment.as_str()),
            again: true,
        };
        self.answer(&frame, &self.body(night, facts, unscheduled))
    }

    fn body(&self, night: Option<&Night>, facts: &Facts, unscheduled: &[Unscheduled]) -> Markup {
        let words = self.words();
        let telemetry = &self.service.telemetry;
        let unreadable = telemetry.findings();
        html! {
            @for (what, trouble) in [
                (words.intake_trouble, telemetry.intake_trouble()),
                (words.fuse_trouble, telemetry.fuse_trouble()),
            ] {
                @if let Some(trouble) = trouble {
                    div.band.warn role="alert" { p { (what) } pre { (trouble) } }
                }
            }
            @if !unreadable.is_empty() {
                div.band.warn role="alert" {
                    a href="#unreadable" { (self.teller.counted(unreadable.len() as u64, words.unreadable)) }
                }
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
                } @else if unscheduled.is_empty() {
                    h1 { (words.no_night) }
                    @if self.service.scheduled { p { (self.with_commands(words.not_fused)) } }
                } @else {
                    h1 { @for runs in unscheduled { div { (no_night(runs, self.teller.lang)) } } }
                    p { (self.with_commands(words.unscheduled_what)) }
                    pre { "smartetl" (self.service.folder) " " (UNSCHEDULED_QUERY) }
                }
                @if !unreadable.is_empty() { (self.unreadable(&unreadable)) }
                @if !facts.sources.is_empty() { (self.sources(facts)) }
            }
        }
    }

    fn unmapped(&self, facts: &Facts) -> Markup {
        let words = self.words();
        html! {
            div.band.warn role="note" {
                p {
                    a href=(self.link(Some(UNMAPPED), None)) { (words.unmapped) }
                    (self.colon()) " "
                    @for (index, (context, runs)) in facts.unmapped.iter().enumerate() {
                        @if index > 0 { ", " }
                        @match context { Some(context) => b { (context) }, None => (words.no_context) }
                        " (" (self.teller.counted(runs.unsigned_abs(), words.runs)) ")"
                    }
                }
                p.sub { (self.with_commands(words.unmapped_what)) }
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
                    a rel="prev" href=(self.link(environment, Some(day))) { "◀ " (words.earlier) }
                }
                @if let Some(day) = night.after {
                    a rel="next" href=(self.link(environment, Some(day))) { (words.later) " ▶" }
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
        let several = cause.places.len() > 1;
        let more = cause.places.len().saturating_sub(PLACES_LISTED);
        let first = cause.places.first();
        html! {
            tr {
                td.first {
                    div.what {
                        (category(cause.category, teller.lang)) " "
                        @if cause.open > 0 { span.state.open { (words.still_open) } }
                        @else { span.state.done { (words.all_recovered) } }
                    }
                    @match &cause.message { Some(message) => pre { (message) }, None => div.sub { (words.no_message) } }
                    @for place in cause.places.iter().take(PLACES_LISTED) {
                        div.sub {
                            @if several { (teller.in_night(place.first_at, night.day)) " " }
                            @if let Some(job) = &place.job { (job) }
                            @if let Some(step) = &place.step { " › " (step) }
                            @if !place.blocked.is_empty() { " → " (words.blocked) " " (place.blocked.join(", ")) }
                            @if place.blocked_more > 0 { " + " (teller.counted(place.blocked_more.unsigned_abs(), words.and_more)) }
                            @if place.open == 0 && cause.open > 0 { " · " (words.recovered) }
                        }
                    }
                    @if more > 0 { div.sub { "+ " (teller.counted(more as u64, words.and_more)) } }
                }
                td.t data-label=(self.label(words.since)) title=[first.map(|place| teller.exact(place.first_at))] {
                    @if let Some(place) = first { (teller.in_night(place.first_at, night.day)) }
                }
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
                td data-label=(self.label(words.cause)) {
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

    fn unreadable(&self, findings: &[(String, Reason)]) -> Markup {
        let words = self.words();
        let more = findings.len().saturating_sub(UNREADABLE_LISTED);
        html! {
            h2 #unreadable { (words.unreadable_title) }
            div.wide { table.stack {
                thead { tr { th { (words.source) } th { (words.unreadable_what) } } }
                tbody { @for (path, reason) in findings.iter().take(UNREADABLE_LISTED) {
                    tr { td.first { code { (path) } } td { pre { (reason.text(self.teller.lang)) } } }
                } }
            } }
            @if more > 0 { p.sub { "+ " (self.teller.counted(more as u64, words.and_more)) } }
        }
    }

    fn sources(&self, facts: &Facts) -> Markup {
        let words = self.words();
        let teller = &self.teller;
        let numbers = [
            &initial_upper(words.files[1]),
            &initial_upper(words.records[1]),
            "log",
            "logerreur",
            &initial_upper(words.rejects[1]),
        ];
        let waiting = self.service.telemetry.files_waiting.load(Ordering::Relaxed);
        html! {
            h2 { (words.sources) }
            div.wide { table.stack {
                thead { tr { th { (words.source) } th { (words.last_log) } } }
                tbody { @for (system, environment, at) in &facts.horizons {
                    tr { td.first { (system) " · " (environment) } td.t title=(teller.exact(*at)) { (teller.moment_and_age(*at)) } }
                } }
            } }
            h2 { (words.stored) }
            div.wide { table.stack {
                thead { tr {
                    th { (words.source) }
                    @for name in numbers { th.n { (name) } }
                    th { (initial_upper(words.last_stored)) }
                } }
                tbody { @for of in &facts.sources {
                    tr {
                        td.name { (of.dialect) }
                        @for (name, number) in numbers.iter().zip([of.sources, of.records, of.rows_log, of.rows_error, of.rejects]) {
                            td.n data-label=(self.label(name)) { (teller.number(number)) }
                        }
                        td.t data-label=(self.label(&initial_upper(words.last_stored))) { (teller.moment_and_age(Moment(of.last_commit))) }
                    }
                } }
            } }
            @if waiting > 0 { p.sub { (teller.counted(waiting, words.waiting)) } }
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

    /// A text whose commands stand between backticks.
    fn with_commands(&self, text: &str) -> Markup {
        html! {
            @for (index, part) in text.split('`').enumerate() {
                @match part.strip_prefix("smartetl ") {
                    Some(rest) if index % 2 == 1 => code { "smartetl" (self.service.folder) " " (rest) },
                    _ if index % 2 == 1 => code { (part) },
                    _ => (part),
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
                li { (words.empty_load) pre { "smartetl" (self.service.folder) " load PATH…" } }
                li { (words.empty_demo) pre { "smartetl up --demo" } }
            }
            p.sub { (words.empty_text) }
        }
    }
}

/// This page with other choices; `None` leaves a choice to the page.
fn link(lang: Option<Lang>, environment: Option<&str>, day: Option<Date>) -> String {
    let mut query = Vec::new();
    if let Some(lang) = lang {
        query.push(format!("lang={}", lang.tag()));
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
