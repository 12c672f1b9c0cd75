//! Finding jobs, runs, issues, notes and sources by what people remember of them.

use super::asked::{Asked, Question, Said, wrong};
use super::filters;
use super::piece::{PiecePart, piece};
use super::problem::{Problems, Wanted};
use crate::look::first_and_last;
use crate::night::{Lang, category};
use crate::service::{Problem, Service};
use crate::wire::{At, CategoryWord, Day, IssueStateWord, OutcomeWord};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_core::model::{Category, Moment};
use smartetl_store::looking::{self, Filter, Name, Run};
use smartetl_store::search::{
    self, FoundIssue, FoundJob, FoundNote, FoundSource, Terms, Within, plain,
};
use sqlx::PgConnection;
use std::collections::HashSet;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// More characters are no question.
pub const LONGEST: usize = 200;
/// So many of each kind where nobody says how many.
const USUAL: i64 = 8;
const MOST: i64 = 50;
/// The beginning of a category's name that means it.
const CATEGORY_CHARS: usize = 4;

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct SearchParams {
    /// Words or their beginnings, all of which are to be found; of an id its beginning
    #[param(min_length = 1, max_length = 200)]
    q: String,
    /// In these environments, with commas between them; sources are of none
    environment: Option<String>,
    /// So many of each kind at most
    #[param(minimum = 1, maximum = 50, default = 8)]
    limit: Option<u32>,
    /// In which language texts are told
    #[param(schema_with = super::document::languages)]
    lang: Option<String>,
}

#[derive(Debug)]
pub struct SearchAsked {
    terms: Terms,
    environments: Vec<String>,
    limit: i64,
}

impl Question for SearchAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        let terms = said.parsed("q", terms, || Wanted::Searched)?;
        Ok(Self {
            terms: terms.ok_or_else(|| wrong("q", Wanted::Given))?,
            environments: filters::environments(said),
            limit: said.number("limit", 1, MOST)?.unwrap_or(USUAL),
        })
    }
}

fn terms(text: &str) -> Option<Terms> {
    Terms::of(text).filter(|terms| terms.said.chars().count() <= LONGEST)
}

/// What was found, by kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchAnswer {
    /// Nothing holds the words: what is only like them is shown.
    alike: bool,
    /// Kinds of which something was found: jobs, issues, runs, notes, sources.
    groups: Vec<SearchGroup>,
}

/// What was found of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchGroup {
    kind: HitKind,
    /// The best first.
    hits: Vec<SearchHit>,
    /// There are more.
    more: bool,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HitKind {
    Job,
    Issue,
    Run,
    Note,
    Source,
}

/// One thing that was found. What it does not have is null: a run has `run_key`, an issue and a note have `issue`, a source has
/// `source`; a job is named by environment, project and job.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct SearchHit {
    /// What it is called: a job's name, a run's id, an issue's title, of a note that of its issue, a source's path.
    title: String,
    /// Where it matched; empty where only its key or its category did.
    piece: Vec<PiecePart>,
    environment: Option<String>,
    system: Option<String>,
    project: Option<String>,
    /// Of a job and a run.
    job: Option<String>,
    /// Of an issue and a note: the family of its jobs.
    family: Option<String>,
    run_key: Option<String>,
    issue: Option<String>,
    source: Option<i64>,
    business_day: Option<Day>,
    outcome: Option<OutcomeWord>,
    state: Option<IssueStateWord>,
    category: Option<CategoryWord>,
    /// Who wrote the note.
    by: Option<String>,
    /// When it was seen or began last, or was written.
    at: Option<At>,
}

/// Jobs, issues, runs, notes and sources that hold what is looked for.
#[utoipa::path(
    get,
    path = "/api/v1/search",
    tag = "search",
    params(SearchParams),
    responses((status = 200, description = "What was found, by kind", body = SearchAnswer), Problems)
)]
pub async fn search(
    State(service): State<Arc<Service>>,
    asked: Asked<SearchAsked>,
) -> Result<Response, Problem> {
    super::answer::json(&service, &asked.reader, async |connection| {
        read(connection, &asked.question).await
    })
    .await
}

async fn read(connection: &mut PgConnection, asked: &SearchAsked) -> Result<SearchAnswer, Problem> {
    let environments = filters::known(connection, &asked.environments).await?;
    let terms = &asked.terms;
    let within = Within {
        environments: &environments,
        limit: asked.limit + 1,
    };
    let keys = first_and_last(&terms.said);
    let jobs = search::jobs(connection, terms, within).await?;
    let issues = search::issues(connection, terms, &categories(terms), keys, within).await?;
    let runs = runs(connection, terms, within).await?;
    let notes = search::notes(connection, terms, within).await?;
    let sources = search::sources(connection, terms, within.limit).await?;
    let told = |kind, hits: Vec<SearchHit>| group(kind, hits, asked.limit);
    let words = terms.words.clone();
    let groups = [
        told(
            HitKind::Job,
            jobs.iter().map(|job| of_job(job, &words)).collect(),
        ),
        told(
            HitKind::Issue,
            issues.iter().map(|issue| of_issue(issue, &words)).collect(),
        ),
        told(
            HitKind::Run,
            runs.iter().map(|run| of_run(run, &terms.plain)).collect(),
        ),
        told(
            HitKind::Note,
            notes.iter().map(|note| of_note(note, &words)).collect(),
        ),
        told(
            HitKind::Source,
            sources
                .iter()
                .map(|source| of_source(source, terms))
                .collect(),
        ),
    ];
    let groups: Vec<SearchGroup> = groups.into_iter().flatten().collect();
    if !groups.is_empty() {
        return Ok(SearchAnswer {
            alike: false,
            groups,
        });
    }
    let jobs = search::jobs_alike(connection, terms, within).await?;
    let issues = search::issues_alike(connection, terms, within).await?;
    let groups = [
        told(
            HitKind::Job,
            jobs.iter().map(|job| of_job(job, &words)).collect(),
        ),
        told(
            HitKind::Issue,
            issues.iter().map(|issue| of_issue(issue, &words)).collect(),
        ),
    ];
    let groups: Vec<SearchGroup> = groups.into_iter().flatten().collect();
    Ok(SearchAnswer {
        alike: !groups.is_empty(),
        groups,
    })
}

fn group(kind: HitKind, mut hits: Vec<SearchHit>, limit: i64) -> Option<SearchGroup> {
    let more = hits.len() as i64 > limit;
    hits.truncate(limit as usize);
    (!hits.is_empty()).then_some(SearchGroup { kind, hits, more })
}

/// Runs by the beginning of their key, then by that of their id.
async fn runs(
    connection: &mut PgConnection,
    terms: &Terms,
    within: Within<'_>,
) -> Result<Vec<Run>, Problem> {
    let mut runs = Vec::new();
    if let Some(keys) = first_and_last(&terms.said) {
        let filter = Filter {
            environments: within.environments.to_vec(),
            ..Filter::default()
        };
        let limit = u32::try_from(within.limit).unwrap_or(u32::MAX);
        runs = looking::named(connection, Name::Keys(keys), &filter, limit).await?;
    }
    let mut seen: HashSet<_> = runs.iter().map(|run| run.run_key).collect();
    let by_id = search::runs(connection, terms, within).await?;
    runs.extend(by_id.into_iter().filter(|run| seen.insert(run.run_key)));
    Ok(runs)
}

/// The categories whose name, in either language, has words that begin with all that was typed.
fn categories(terms: &Terms) -> Vec<Category> {
    let is_meant = |name: &str| {
        let name = plain(name);
        terms.words.iter().all(|typed| {
            let mut words = name.split(|c: char| !c.is_alphanumeric());
            typed.chars().count() >= CATEGORY_CHARS && words.any(|word| word.starts_with(&**typed))
        })
    };
    let all = Category::ALL.iter().copied();
    all.filter(|one| {
        [Lang::En, Lang::Fr]
            .iter()
            .any(|lang| is_meant(category(*one, *lang)))
    })
    .collect()
}

fn of_job(found: &FoundJob, words: &[String]) -> SearchHit {
    let name = &found.name;
    let in_name = piece(&name.job, words);
    let is_there = in_name.iter().any(|part| part.matches);
    SearchHit {
        title: name.job.clone(),
        piece: if is_there {
            in_name
        } else {
            piece(&found.text, words)
        },
        environment: Some(name.environment.clone()),
        system: Some(name.system.clone()),
        project: name.project.clone(),
        job: Some(name.job.clone()),
        at: At::shown(found.last_seen),
        ..SearchHit::default()
    }
}

fn of_run(run: &Run, typed: &str) -> SearchHit {
    let in_id = piece(&run.run_id, &[typed.to_owned()]);
    let is_there = in_id.iter().any(|part| part.matches);
    SearchHit {
        title: run.run_id.clone(),
        piece: if is_there { in_id } else { Vec::new() },
        environment: Some(run.environment.clone()),
        system: Some(run.system.clone()),
        project: run.project.clone(),
        job: Some(run.job.clone()),
        run_key: Some(run.run_key.to_string()),
        business_day: Some(Day(run.business_day)),
        outcome: Some(run.outcome.into()),
        category: run.cause.as_ref().map(|cause| cause.category.into()),
        at: At::shown(run.started_at),
        ..SearchHit::default()
    }
}

fn of_issue(found: &FoundIssue, words: &[String]) -> SearchHit {
    let in_title = piece(&found.title, words);
    let matches = |parts: &[PiecePart]| parts.iter().any(|part| part.matches);
    let piece = if matches(&in_title) {
        in_title
    } else {
        piece(&found.text, words)
    };
    SearchHit {
        title: found.title.clone(),
        piece: if matches(&piece) { piece } else { Vec::new() },
        environment: Some(found.environment.clone()),
        family: Some(found.family.clone()),
        issue: Some(found.issue.to_string()),
        state: Some(found.state.into()),
        category: found.category.map(Into::into),
        at: At::shown(found.last_seen),
        ..SearchHit::default()
    }
}

fn of_note(found: &FoundNote, words: &[String]) -> SearchHit {
    SearchHit {
        title: found.title.clone(),
        piece: piece(&found.text, words),
        environment: Some(found.environment.clone()),
        family: Some(found.family.clone()),
        issue: Some(found.issue.to_string()),
        by: Some(found.made_by.clone()),
        at: At::shown(Moment(found.made_us)),
        ..SearchHit::default()
    }
}

fn of_source(found: &FoundSource, terms: &Terms) -> SearchHit {
    let parts: Vec<String> = terms.plain.split_whitespace().map(str::to_owned).collect();
    SearchHit {
        title: found.path.clone(),
        piece: piece(&found.path, &parts),
        source: Some(found.source),
        at: At::shown(Moment(found.seen_us)),
        ..SearchHit::default()
    }
}
