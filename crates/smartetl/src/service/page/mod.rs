//! `/`: the status page, one self-contained HTML file without script. Every value goes through maud, which escapes it.

mod address;
mod docs;
mod frame;
mod login;
mod night;
mod stored;

use super::Service;
use super::health::{self, Unready};
use super::problem::Problem;
use crate::night::{Lang, Teller, UNSCHEDULED_QUERY, Words, no_night};
use address::{Asked, Choice, link};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use frame::Frame;
use jiff::civil::Date;
use maud::{Markup, html};
use smartetl_store::facts::{Facts, facts};
use smartetl_store::night::{Night, Unscheduled, environments, night, unscheduled};
use std::sync::Arc;

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
    let page = Page::new(
        &service,
        language(request.uri(), request.headers(), service.lang),
        choice,
    );
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
    let page = Page::new(service, lang, Choice::default());
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

pub use docs::docs;
pub use login::{ask_who, login};

/// `?lang=` beats the browser, which beats the program's own language.
pub fn language(uri: &Uri, headers: &HeaderMap, own: Lang) -> Lang {
    let asked = || {
        let asked = Query::<Asked>::try_from_uri(uri).ok()?;
        asked.lang().ok()?
    };
    let browser = || {
        let header = headers.get(header::ACCEPT_LANGUAGE)?;
        Lang::of_accept_language(header.to_str().ok()?)
    };
    asked().or_else(browser).unwrap_or(own)
}

/// What the database says about a choice.
enum Read {
    Night(Night, Facts),
    /// There is no night at all; the runs that belong to none.
    Nothing(Vec<Unscheduled>, Facts),
    Problem(Problem),
}

struct Page<'a> {
    service: &'a Service,
    teller: Teller,
    choice: Choice<'a>,
}

impl<'a> Page<'a> {
    fn new(service: &'a Service, lang: Lang, choice: Choice<'a>) -> Self {
        let teller = Teller {
            lang,
            zone: service.zone.clone(),
            now: jiff::Timestamp::now(),
        };
        Self {
            service,
            teller,
            choice,
        }
    }

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
}
