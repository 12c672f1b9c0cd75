//! Nights, newest first.

use super::answer::Listing;
use super::asked::{Asked, Question, Said};
use super::cursor::{Page, refused};
use super::filters::ListParams;
use super::problem::Problems;
use crate::filtering;
use crate::report::DayFacts;
use crate::service::{Problem, Service};
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use serde::Serialize;
use smartetl_store::night::{chosen, newest_days};
use smartetl_store::report::{self, ListedNight};
use sqlx::PgConnection;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Which nights.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct NightsParams {
    /// The environment; PROD where it is left out, or else the one with most jobs
    environment: Option<String>,
    /// From this business day on
    #[param(format = Date)]
    from: Option<String>,
    /// Until this business day, with it
    #[param(format = Date)]
    to: Option<String>,
}

#[derive(Debug)]
pub struct NightsAsked {
    environment: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
    page: Page<String>,
}

impl Question for NightsAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        Ok(Self {
            environment: said.text("environment"),
            from: said.day("from")?,
            to: said.day("to")?,
            page: Page::read(said)?,
        })
    }
}

/// Some nights.
#[derive(Debug, Serialize, ToSchema)]
pub struct Nights {
    environment: String,
    items: Vec<NightItem>,
    /// The cursor of what follows; null at the end.
    next: Option<String>,
}

/// A night of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct NightItem {
    #[serde(flatten)]
    day: DayFacts,
    /// How many jobs are `ok` on days of this kind (median of four weeks); null where too few are known.
    usually_ok: Option<i64>,
}

/// Nights, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/nights",
    tag = "nights",
    params(NightsParams, ListParams),
    responses((status = 200, description = "Nights, newest first", content((Nights = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn nights(
    State(service): State<Arc<Service>>,
    asked: Asked<NightsAsked>,
) -> Result<Response, Problem> {
    super::answer::list(&service, &asked.reader, async |connection| {
        read(connection, &asked.question).await
    })
    .await
}

impl Listing for Nights {
    type Item = NightItem;
    const NAME: &str = "nights";

    fn items(&self) -> &[NightItem] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

async fn read(connection: &mut PgConnection, asked: &NightsAsked) -> Result<Nights, Problem> {
    let (environment, _) = environment(connection, asked.environment.as_deref()).await?;
    let (from, page) = (asked.from, &asked.page);
    let after = page
        .after
        .as_deref()
        .map(|day| filtering::day(day).or_else(|_| refused()));
    let before = after.transpose()?.map(|day| day.yesterday().unwrap_or(day));
    let to = match (asked.to, before) {
        (Some(to), Some(before)) => Some(to.min(before)),
        (to, before) => to.or(before),
    };
    let mut nights = report::nights(connection, &environment, (from, to), page.limit + 1).await?;
    let next = page.cut(&mut nights, |night| night.counts.day.to_string());
    Ok(Nights {
        environment,
        items: nights.iter().map(NightItem::from).collect(),
        next,
    })
}

impl From<&ListedNight> for NightItem {
    fn from(night: &ListedNight) -> Self {
        Self {
            day: DayFacts::from(&night.counts),
            usually_ok: night.usually_ok,
        }
    }
}

/// The environment that is meant, with its newest day.
///
/// # Errors
/// When there is no such environment.
pub async fn environment(
    connection: &mut PgConnection,
    asked: Option<&str>,
) -> Result<(String, Option<Date>), Problem> {
    let known = newest_days(connection).await?;
    let mut names: Vec<String> = known.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    let meant = asked.map(|name| filtering::meant(name, &names).unwrap_or(name));
    match (chosen(&known, meant), asked) {
        (Some((name, day)), _) => Ok((name.clone(), Some(*day))),
        (None, Some(asked)) if !names.is_empty() => Err(Problem::Environment {
            asked: asked.to_owned(),
            known: names,
        }),
        // Before anything is stored, whatever is said.
        (None, asked) => Ok((asked.unwrap_or("PROD").to_owned(), None)),
    }
}
