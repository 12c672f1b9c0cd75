//! Errors as they were written, each with the run that wrote it.

use super::answer::Listing;
use super::asked::{Asked, Question, Said, wrong};
use super::cursor::{Page, encoded};
use super::filters::{self, ListParams};
use super::issues::{meant, none};
use super::problem::{Problems, Wanted};
use super::run::find;
use crate::filtering::{self, When};
use crate::jobs::said::ErrorId;
use crate::look::pair;
use crate::report::Clock;
use crate::service::{Problem, Service};
use crate::wire::{At, BlameWord, CategoryWord, Day, OutcomeWord, SeverityWord};
use axum::extract::State;
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use smartetl_core::model::{Blame, Category, Moment, Outcome, Severity};
use smartetl_store::catalogue::entries;
use smartetl_store::search::{self, FoundError, Place, Stretch, Which};
use smartetl_store::{issues, looking};
use sqlx::PgConnection;
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// When so much time is over, what was found until then is the answer.
pub const TIME: Duration = Duration::from_secs(2);
/// Errors of a run stand so near to it, milliseconds.
const NEAR_MS: i64 = 3_600_000;

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct ErrorsParams {
    /// Of runs of these environments, with commas between them
    environment: Option<String>,
    /// Of the jobs with this name; `*` stands for anything
    job: Option<String>,
    /// Of jobs of this project; `-` stands for none
    project: Option<String>,
    /// Of jobs of this system
    system: Option<String>,
    /// Of this run and all below it: its key, or its first digits where they name one run
    run: Option<String>,
    /// Of this issue: its id, or its first digits where they name one issue
    issue: Option<String>,
    /// Of these categories, with commas between the words
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false)]
    category: Option<Vec<String>>,
    /// For these to deal with, with commas between the words
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false)]
    blame: Option<Vec<String>>,
    /// From this business day on, or from this moment on
    #[param(schema_with = super::document::when)]
    from: Option<String>,
    /// Until this business day, with it, or before this moment
    #[param(schema_with = super::document::when)]
    to: Option<String>,
}

/// Moment in microseconds, batch, line, seq.
pub type Cursor = (i64, i64, i64, i32);

#[derive(Debug)]
pub struct ErrorsAsked {
    environments: Vec<String>,
    job: Option<String>,
    project: Option<String>,
    system: Option<String>,
    run: Option<String>,
    issue: Option<String>,
    categories: Vec<Category>,
    blames: Vec<Blame>,
    from: Option<When>,
    to: Option<When>,
    page: Page<Cursor>,
}

impl Question for ErrorsAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        Ok(Self {
            environments: filters::environments(said),
            job: said.text("job"),
            project: filters::project(said),
            system: said.text("system"),
            run: said.text("run"),
            issue: said.text("issue"),
            categories: said.words(
                "category",
                |word| filtering::category(word).ok(),
                || Category::ALL.iter().map(|word| word.as_str()).collect(),
            )?,
            blames: said.words(
                "blame",
                |word| filtering::blame(word).ok(),
                || Blame::ALL.iter().map(|word| word.as_str()).collect(),
            )?,
            from: said.when("from")?,
            to: said.when("to")?,
            page: Page::read(said)?,
        })
    }
}

/// Some errors.
#[derive(Debug, Serialize, ToSchema)]
pub struct Errors {
    items: Vec<ErrorFacts>,
    /// The cursor of what follows; null at the end. Where a search takes long, less than was asked for is found until then, perhaps
    /// nothing, and what follows is still to be searched.
    next: Option<String>,
}

/// A row of `logerreur`, and the run that wrote it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorFacts {
    /// What names the row: batch-line-seq.
    error: String,
    moment: Option<At>,
    system: String,
    project: Option<String>,
    job: String,
    step: Option<String>,
    run_id: String,
    severity: Option<SeverityWord>,
    error_type: Option<String>,
    error_code: Option<String>,
    message: Option<String>,
    message_truncated: bool,
    signature: String,
    /// By a person's word where somebody corrected it, like who must act and whether trying again can help.
    category: Option<CategoryWord>,
    blame: Option<BlameWord>,
    retryable: Option<bool>,
    corrected: bool,
    /// What decided the category.
    rule: String,
    /// Null until it is known.
    issue: Option<String>,
    /// The run; null where no run is known.
    run_key: Option<String>,
    environment: Option<String>,
    business_day: Option<Day>,
    outcome: Option<OutcomeWord>,
}

/// Errors, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/errors",
    tag = "errors",
    params(ErrorsParams, ListParams),
    responses((status = 200, description = "Errors", content((Errors = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn errors(
    State(service): State<Arc<Service>>,
    asked: Asked<ErrorsAsked>,
) -> Result<Response, Problem> {
    let question = &asked.question;
    let [from, to] = period(question.from, question.to, &service.clock())?;
    super::answer::list(&service, &asked.reader, async |connection| {
        let (which, from, to) = which(connection, question, from, to).await?;
        let stretch = Stretch {
            from,
            to,
            after: question.page.after.map(place),
            limit: question.page.limit,
        };
        let (found, next) = search::errors(connection, &which, stretch, TIME).await?;
        let items = found.into_iter().map(Into::into).collect();
        let next = next.map(cursor);
        Ok(Errors { items, next })
    })
    .await
}

/// From when to when; all the time where nothing is said.
///
/// # Errors
/// When it ends before it begins.
pub fn period(from: Option<When>, to: Option<When>, clock: &Clock) -> Result<[Moment; 2], Problem> {
    let from = match from {
        None => Moment::MIN,
        Some(When::Moment(at)) => at,
        Some(When::Day(day)) => clock.bounds(day).0,
    };
    let to = match to {
        None => Moment::END,
        Some(When::Moment(at)) => at,
        Some(When::Day(day)) => clock.bounds(day).1,
    };
    if to <= from {
        return Err(wrong("to", Wanted::After("from")));
    }
    Ok([from, to])
}

/// What is asked for, and the narrowest stretch of time in which it can be.
async fn which(
    connection: &mut PgConnection,
    asked: &ErrorsAsked,
    mut from: Moment,
    mut to: Moment,
) -> Result<(Which, Moment, Moment), Problem> {
    let mut which = Which {
        environments: filters::known(connection, &asked.environments).await?,
        categories: asked.categories.clone(),
        blames: asked.blames.clone(),
        project: asked.project.clone(),
        system: asked.system.clone(),
        ..Which::default()
    };
    if let Some(pattern) = &asked.job {
        let named = looking::named_jobs(connection, &which.environments, pattern).await?;
        which.jobs = Some(named.into_iter().map(|named| named.job).collect());
    }
    if let Some(key) = &asked.run {
        let run = find(connection, key).await?;
        let whole = looking::tree(connection, &run).await?;
        let tree = pair(&run, &whole, None, |_| None);
        let runs: Vec<_> = tree.runs().map(|node| node.run.clone()).collect();
        let begins = runs
            .iter()
            .flat_map(|run| [Some(run.started_at), run.first_error_at]);
        let begin = begins.flatten().min().unwrap_or(from);
        let ends = runs.iter().map(|run| run.until().max(run.last_event_at));
        let end = ends.max().unwrap_or(to);
        from = from.max(begin.plus_millis(-NEAR_MS));
        to = to.min(end.plus_millis(NEAR_MS));
        which.runs = Some(runs);
    }
    if let Some(name) = &asked.issue {
        let id = meant(connection, name).await?;
        let issue = issues::by_id(connection, id).await?.ok_or_else(none)?.row;
        let known = entries(connection, std::slice::from_ref(&issue.environment), None).await?;
        let of_family = known
            .into_iter()
            .filter(|entry| entry.said.family == issue.family);
        let jobs: Vec<String> = of_family.map(|entry| entry.name.job).collect();
        let is_named = |job: &String| which.jobs.as_ref().is_none_or(|named| named.contains(job));
        which.jobs = Some(jobs.into_iter().filter(is_named).collect());
        which.signatures = Some(issue.signatures);
        if which.environments.is_empty() {
            which.environments.push(issue.environment);
        } else {
            which.environments.retain(|one| *one == issue.environment);
            if which.environments.is_empty() {
                which.jobs = Some(Vec::new());
            }
        }
    }
    Ok((which, from, to))
}

pub fn place((moment_us, batch, line, seq): Cursor) -> Place {
    Place {
        moment_us,
        batch,
        line,
        seq,
    }
}

pub fn cursor(place: Place) -> String {
    encoded(&(place.moment_us, place.batch, place.line, place.seq))
}

impl Listing for Errors {
    type Item = ErrorFacts;
    const NAME: &str = "errors";

    fn items(&self) -> &[ErrorFacts] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl From<FoundError> for ErrorFacts {
    fn from(found: FoundError) -> Self {
        let day = |days: i32| Date::constant(1970, 1, 1).saturating_add(days.days());
        Self {
            error: ErrorId {
                batch: found.batch,
                line: found.line,
                seq: found.seq,
            }
            .to_string(),
            moment: At::shown(Moment(found.moment_us)),
            system: found.system,
            project: found.project,
            job: found.job,
            step: found.step,
            run_id: found.run_id,
            severity: Severity::parse(&found.severity).map(Into::into),
            error_type: found.error_type,
            error_code: found.error_code,
            message: found.message,
            message_truncated: found.message_truncated,
            signature: found.signature.to_string(),
            category: Category::parse(&found.category).map(Into::into),
            blame: found
                .blame
                .as_deref()
                .and_then(Blame::parse)
                .map(Into::into),
            retryable: found.retryable,
            corrected: found.corrected,
            rule: found.rule,
            issue: found.issue.map(|issue| issue.to_string()),
            run_key: found.run_key.map(|key| key.to_string()),
            environment: found.environment,
            business_day: found.business_day.map(day).map(Day),
            outcome: found
                .outcome
                .as_deref()
                .and_then(Outcome::parse)
                .map(Into::into),
        }
    }
}
