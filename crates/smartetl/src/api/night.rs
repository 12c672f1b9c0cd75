//! One night: what `report night` says of it, and what changed since the night before.

use super::asked::{Asked, Place, Question, Said, wrong};
use super::nights::environment;
use super::problem::{Problems, Wanted};
use crate::filtering;
use crate::night::{Part, Teller};
use crate::report::{self, Clock, NightFacts, headline};
use crate::service::{Problem, Service};
use crate::wire::{Day, ToneWord, VerdictWord};
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use serde::Serialize;
use smartetl_core::model::Verdict;
use smartetl_store::report::{Turn, VersionChange, nights, turns, version_changes};
use sqlx::PgConnection;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// The night that is meant where no day is.
pub const LATEST: &str = "latest";

/// Of which environment.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct NightParams {
    /// The environment; PROD where it is left out, or else the one with most jobs
    environment: Option<String>,
    /// In which language texts are told
    #[param(schema_with = super::document::languages)]
    lang: Option<String>,
}

#[derive(Debug)]
pub struct NightAsked {
    pub environment: Option<String>,
}

impl Question for NightAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        Ok(Self {
            environment: said.text("environment"),
        })
    }
}

/// A night.
#[derive(Debug, Serialize, ToSchema)]
pub struct NightAnswer {
    #[serde(flatten)]
    facts: NightFacts,
    /// The name of the night in the reader's language, like `Night of 22 to 23 November`.
    title: String,
    /// The sentence in parts, to be joined by blanks.
    parts: Vec<SentencePart>,
    /// The nearest days before and after that have a night.
    before: Option<Day>,
    after: Option<Day>,
    environments: Vec<String>,
    /// Null for the first night.
    changes: Option<NightChanges>,
}

/// A part of the sentence.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentencePart {
    tone: ToneWord,
    text: String,
}

/// What is otherwise than in the night before.
#[derive(Debug, Serialize, ToSchema)]
pub struct NightChanges {
    /// The night before that is meant.
    since: Day,
    /// Failed or lost now, and not in the night before.
    newly_failed: Vec<TurnFacts>,
    /// Failed or lost in the night before, and good now.
    good_again: Vec<TurnFacts>,
    /// They stand in no earlier night.
    new_jobs: Vec<TurnFacts>,
    /// They stood in the night before, and do not stand in this one.
    absent_jobs: Vec<TurnFacts>,
    /// Jobs, children too, that run in another version.
    versions: Vec<VersionFacts>,
}

/// A job whose verdict changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct TurnFacts {
    project: Option<String>,
    job: String,
    before: Option<VerdictWord>,
    now: Option<VerdictWord>,
}

/// A job whose version changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionFacts {
    project: Option<String>,
    job: String,
    before: String,
    now: String,
}

/// One night: of a day like `2026-11-23`, or `latest`.
#[utoipa::path(
    get,
    path = "/api/v1/nights/{day}",
    tag = "nights",
    params(("day" = String, Path, description = "The business day, or `latest`"), NightParams),
    responses((status = 200, description = "The night", body = NightAnswer), Problems)
)]
pub async fn night(
    State(service): State<Arc<Service>>,
    Place(day): Place<String>,
    asked: Asked<NightAsked>,
) -> Result<Response, Problem> {
    let day = day_of(&day)?;
    super::answer::json(&service, &asked.reader, async |connection| {
        let asked_for = asked.question.environment.as_deref();
        read(connection, &service, asked_for, day, asked.reader.lang).await
    })
    .await
}

/// The day that a path says; `None` for the newest.
///
/// # Errors
/// When it is no day.
pub fn day_of(text: &str) -> Result<Option<Date>, Problem> {
    if text == LATEST {
        return Ok(None);
    }
    let day = filtering::day(text).ok();
    day.map(Some).ok_or_else(|| wrong("day", Wanted::Day))
}

async fn read(
    connection: &mut PgConnection,
    service: &Service,
    asked: Option<&str>,
    day: Option<Date>,
    lang: crate::night::Lang,
) -> Result<NightAnswer, Problem> {
    let (environment, day) = meant(connection, service, asked, day).await?;
    let clock = service.clock();
    let found = report::night(connection, Some(&environment), day, &clock).await?;
    let Some(report) = found else {
        return Err(nothing(connection, environment, day).await?);
    };
    let night = &report.night;
    let teller = Teller {
        lang,
        zone: service.zone.clone(),
        // The report holds for the clock of the fuse, whenever it is read.
        now: report.as_of.timestamp(),
    };
    let changes = match night.before {
        Some(before) => {
            let turns = turns(connection, &night.environment, before, night.day).await?;
            let versions = version_changes(connection, &night.environment, night.day).await?;
            Some(NightChanges::new(before, turns, versions))
        }
        None => None,
    };
    Ok(NightAnswer {
        title: teller.night(night.day),
        parts: headline(&report, &teller)
            .into_iter()
            .map(Into::into)
            .collect(),
        before: night.before.map(Day),
        after: night.after.map(Day),
        environments: night.environments.clone(),
        changes,
        facts: NightFacts::new(&report, &teller, &clock),
    })
}

/// The environment and the day that are meant; no day for the newest. A demo shows a night of its own where nothing is asked for.
///
/// # Errors
/// When there is no such environment.
pub async fn meant(
    connection: &mut PgConnection,
    service: &Service,
    asked: Option<&str>,
    day: Option<Date>,
) -> Result<(String, Option<Date>), Problem> {
    let (environment, _) = environment(connection, asked).await?;
    let shown = service.day.filter(|_| day.is_none() && asked.is_none());
    if let Some(shown) = shown
        && nights(connection, &environment, (Some(shown), Some(shown)), 1)
            .await?
            .len()
            == 1
    {
        return Ok((environment, Some(shown)));
    }
    Ok((environment, day))
}

/// Why there is no such night.
pub async fn nothing(
    connection: &mut PgConnection,
    environment: String,
    day: Option<Date>,
) -> Result<Problem, Problem> {
    if let Some(day) = day {
        let environment = Some(environment);
        return Ok(Problem::NoNight { environment, day });
    }
    let unscheduled = smartetl_store::night::unscheduled(connection).await?;
    let mut unscheduled = unscheduled.into_iter();
    Ok(
        match unscheduled.find(|runs| runs.environment == environment) {
            Some(runs) => Problem::OnlyUnscheduled(runs),
            None => Problem::Api(super::problem::Wrong::Nothing(["night", "cette nuit"])),
        },
    )
}

impl NightChanges {
    fn new(before: Date, turns: Vec<Turn>, versions: Vec<VersionChange>) -> Self {
        let is_bad =
            |verdict: Option<Verdict>| matches!(verdict, Some(Verdict::Failed | Verdict::Lost));
        let those = |which: &dyn Fn(&Turn) -> bool| -> Vec<TurnFacts> {
            let turns = turns.iter().filter(|turn| which(turn));
            turns.map(Into::into).collect()
        };
        Self {
            since: Day(before),
            newly_failed: those(&|turn| {
                is_bad(turn.now) && turn.before.is_some() && !is_bad(turn.before)
            }),
            good_again: those(&|turn| {
                is_bad(turn.before) && matches!(turn.now, Some(Verdict::Ok | Verdict::Recovered))
            }),
            new_jobs: those(&|turn| turn.is_new),
            absent_jobs: those(&|turn| turn.now.is_none()),
            versions: versions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<&Turn> for TurnFacts {
    fn from(turn: &Turn) -> Self {
        Self {
            project: turn.project.clone(),
            job: turn.job.clone(),
            before: turn.before.map(Into::into),
            now: turn.now.map(Into::into),
        }
    }
}

impl From<VersionChange> for VersionFacts {
    fn from(change: VersionChange) -> Self {
        Self {
            project: change.project,
            job: change.job,
            before: change.before,
            now: change.now,
        }
    }
}

impl From<Part> for SentencePart {
    fn from(part: Part) -> Self {
        Self {
            tone: part.tone.into(),
            text: part.text,
        }
    }
}

impl Service {
    /// The zone and the border of the business days.
    pub fn clock(&self) -> Clock {
        Clock {
            zone: self.zone.clone(),
            border: self.border,
        }
    }
}
