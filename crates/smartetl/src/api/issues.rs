//! Issues: open ones first, what was seen last first; and one of them.

use super::answer::Listing;
use super::asked::{Asked, Place, Question, Said};
use super::cursor::Page;
use super::explain::{Explanation, KnowledgeFacts};
use super::filters::{self, ListParams};
use super::issue_facts::{Around, IssueFacts};
use super::issue_likeness::{SimilarIssue, TOLD, alike, similar};
use super::issue_values::{VariableFacts, variables};
use super::problem::{Problems, Wrong};
use super::run::{LangAsked, LangParams, RunLink};
use crate::filtering;
use crate::issue::{ActFacts, Which};
use crate::jobs::said::ErrorId;
use crate::look::first_and_last;
use crate::night::Lang;
use crate::service::{Problem, Service};
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use serde::Serialize;
use smartetl_core::classify::knowledge;
use smartetl_core::model::{Blame, Category, IssueState, Moment};
use smartetl_store::issues::{self, Filter, IssueError, Listed};
use smartetl_store::night::newest_days;
use sqlx::PgConnection;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// So many days of an issue are counted, and so many of its runs are named.
const DAYS: usize = 30;
const RUNS: u32 = 20;
/// So many errors of these runs say what stands in the places of a template.
const ERRORS: i64 = 200;
/// So many problems are looked at for likeness.
const PROBLEMS: i64 = 5000;

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct IssuesParams {
    /// In these states, with commas between the words; all but resolved ones where it is left out
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false)]
    state: Option<Vec<String>>,
    /// Of these environments, with commas between them
    environment: Option<String>,
    /// Of the job families with this name; `*` stands for anything
    family: Option<String>,
    /// Of these categories, with commas between the words
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false)]
    category: Option<Vec<String>>,
    /// For these to deal with, with commas between the words
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false)]
    blame: Option<Vec<String>>,
    /// Assigned to this person; to nobody where the name is empty
    assignee: Option<String>,
    /// That occurred on this business day; resolved ones too
    #[param(format = Date)]
    day: Option<String>,
    /// In whose messages, title or family this stands, or whose id begins so
    q: Option<String>,
    /// Those that are muted, which are left out otherwise
    #[param(default = false)]
    muted: Option<bool>,
    /// Resolved and muted ones too
    #[param(default = false)]
    all: Option<bool>,
}

#[derive(Debug)]
pub struct IssuesAsked {
    environments: Vec<String>,
    which: Which,
    page: Page<Cursor>,
}

/// What issues are ordered by: whether it is resolved, what was seen last first, in microseconds, and the issue.
type Cursor = (bool, Reverse<i64>, String);

impl Question for IssuesAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        let day: Option<Date> = said.day("day")?;
        let filter = Filter {
            states: said.words(
                "state",
                |word| filtering::issue_state(word).ok(),
                || IssueState::ALL.iter().map(|word| word.as_str()).collect(),
            )?,
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
            family: said.text("family"),
            assignee: said.given("assignee"),
            day,
            text: said.text("q"),
            environments: Vec::new(),
        };
        Ok(Self {
            environments: filters::environments(said),
            which: Which {
                filter,
                muted: said.flag("muted")?,
                all: said.flag("all")?,
            },
            page: Page::read(said)?,
        })
    }
}

/// Some issues.
#[derive(Debug, Serialize, ToSchema)]
pub struct Issues {
    items: Vec<IssueFacts>,
    /// The cursor of what follows; null at the end.
    next: Option<String>,
}

/// An issue and what is around it.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssueAnswer {
    issue: IssueFacts,
    /// What its messages share: `<*>` and the like stand for what differs.
    template: Option<String>,
    /// What stands there, in messages of the last runs.
    variables: Vec<VariableFacts>,
    /// What its problem consists of; whoever splits it says which of them go.
    signatures: Vec<SignatureFacts>,
    /// An error of its last run; null where its rows were pruned.
    example: Option<IssueExample>,
    /// Why that is of its kind.
    explanation: Option<Explanation>,
    /// What is known about its category, in the reader's language.
    knowledge: Option<KnowledgeFacts>,
    /// The same problem elsewhere, and problems that read alike; 5 at most.
    similar: Vec<SimilarIssue>,
    /// The last runs in which it occurred, newest first.
    last_runs: Vec<RunLink>,
    /// What people did, in the order in which it holds.
    acts: Vec<ActFacts>,
}

/// Messages that have the same letters once what differs is masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignatureFacts {
    signature: String,
    text: String,
}

/// An error as it was written, redacted.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssueExample {
    /// What names it: batch-line-seq.
    error: String,
    run_key: String,
    error_type: Option<String>,
    message: Option<String>,
}

/// Issues: open ones first, what was seen last first.
#[utoipa::path(
    get,
    path = "/api/v1/issues",
    tag = "issues",
    params(IssuesParams, ListParams),
    responses((status = 200, description = "Issues", content((Issues = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn issues(
    State(service): State<Arc<Service>>,
    mut asked: Asked<IssuesAsked>,
) -> Result<Response, Problem> {
    let now = asked.reader.this_minute();
    super::answer::list(&service, &asked.reader, async |connection| {
        read(connection, &asked.question, now).await
    })
    .await
}

/// One issue, by its id or the beginning of it.
#[utoipa::path(
    get,
    path = "/api/v1/issues/{issue}",
    tag = "issues",
    params(("issue" = String, Path, description = "The id, or its first digits where they name one issue"), LangParams),
    responses((status = 200, description = "The issue", body = IssueAnswer), Problems)
)]
pub async fn issue(
    State(service): State<Arc<Service>>,
    Place(name): Place<String>,
    mut asked: Asked<LangAsked>,
) -> Result<Response, Problem> {
    let now = asked.reader.this_minute();
    super::answer::json(&service, &asked.reader, async |connection| {
        let id = meant(connection, &name).await?;
        answer(connection, id, asked.reader.lang, now).await
    })
    .await
}

pub fn none() -> Problem {
    Problem::Api(Wrong::Nothing(["issue", "ce problème"]))
}

/// The issue with this id or the beginning of it, also where another one has taken it over.
///
/// # Errors
/// When there is none, or several.
pub async fn meant(connection: &mut PgConnection, name: &str) -> Result<Uuid, Problem> {
    let range = first_and_last(name).ok_or_else(none)?;
    let mut ids = issues::ids(connection, range, 2).await?;
    if ids.is_empty() {
        let formers = issues::former(connection, range).await?;
        ids.extend(formers.iter().map(|former| former.issue));
        ids.dedup();
    }
    match ids[..] {
        [id] => Ok(id),
        _ => Err(none()),
    }
}

/// An issue and what is around it.
///
/// # Errors
/// When there is none with this id.
pub async fn answer(
    connection: &mut PgConnection,
    id: Uuid,
    lang: Lang,
    now: Moment,
) -> Result<IssueAnswer, Problem> {
    let listed = issues::by_id(connection, id).await?.ok_or_else(none)?;
    let category = listed.row.category;
    let runs = issues::recent_runs(connection, id, RUNS).await?;
    let acts = issues::acts_of(connection, &listed.row).await?;
    let short = issues::shortest(connection).await?;
    let mut facts = facts(connection, std::slice::from_ref(&listed), &short, now).await?;
    let signatures = issues::signature_texts(connection, id).await?;
    let mut errors = issues::errors_of(connection, &listed.row.signatures, &runs, ERRORS).await?;
    // Other jobs may have written the same into the same batches.
    let run_of = |error: &IssueError| {
        let mut runs = runs.iter();
        runs.find(|run| error.run_id.as_ref() == Some(&run.run_id))
    };
    errors.retain(|error| run_of(error).is_some());
    let template = listed.template.as_deref().unwrap_or_default();
    let texts = issues::problem_texts(connection, PROBLEMS).await?;
    let alike = alike(template, listed.row.problem, &texts);
    let others = issues::beside(connection, &listed.row, &alike, TOLD as i64).await?;
    // One of the last run itself, where its rows are still there.
    let last = runs
        .iter()
        .find(|run| run.run_key == listed.row.last_run_key);
    let is_of_last =
        |error: &&IssueError| last.is_some_and(|run| error.run_id.as_ref() == Some(&run.run_id));
    let example = errors.iter().find(is_of_last).or(errors.first());
    Ok(IssueAnswer {
        variables: variables(template, errors.iter().filter_map(told).collect()),
        signatures: signatures
            .into_iter()
            .map(|(signature, text)| SignatureFacts {
                signature: signature.to_string(),
                text,
            })
            .collect(),
        similar: similar(listed.row.problem, &alike, &others, &short),
        explanation: example.map(|error| Explanation::of(&error.written.facts(), lang)),
        example: example.map(|error| {
            let run_key = run_of(error).map_or(listed.row.last_run_key, |run| run.run_key);
            let id = ErrorId {
                batch: error.batch,
                line: error.line,
                seq: error.seq,
            };
            IssueExample {
                error: id.to_string(),
                run_key: run_key.to_string(),
                error_type: error.written.error_type.clone(),
                message: error.written.message.clone(),
            }
        }),
        template: listed.template,
        issue: facts.pop().ok_or_else(none)?,
        knowledge: category.map(|category| {
            let known = knowledge::of_category(category);
            KnowledgeFacts::new(category.as_str(), known, lang)
        }),
        last_runs: runs.iter().map(Into::into).collect(),
        acts: acts.iter().map(Into::into).collect(),
    })
}

/// A message with the class of its exception before it, as templates have it.
fn told(error: &IssueError) -> Option<String> {
    let message = error.written.message.as_ref()?;
    Some(match &error.written.error_type {
        Some(kind) => format!("{kind}:{message}"),
        None => message.clone(),
    })
}

impl Listing for Issues {
    type Item = IssueFacts;
    const NAME: &str = "issues";

    fn items(&self) -> &[IssueFacts] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

async fn read(
    connection: &mut PgConnection,
    asked: &IssuesAsked,
    now: Moment,
) -> Result<Issues, Problem> {
    let mut which = asked.which.clone();
    which.filter.environments = filters::known(connection, &asked.environments).await?;
    let mut issues = which.read(connection, now).await?;
    issues.sort_by_key(place);
    if let Some(last) = &asked.page.after {
        issues.retain(|issue| place(issue) > *last);
    }
    let next = asked.page.cut(&mut issues, place);
    let short = issues::shortest(connection).await?;
    Ok(Issues {
        items: facts(connection, &issues, &short, now).await?,
        next,
    })
}

fn place(issue: &Listed) -> Cursor {
    let row = &issue.row;
    let is_resolved = row.state == IssueState::Resolved;
    let issue = row.issue.to_string();
    (is_resolved, Reverse(row.last_seen.0), issue)
}

/// What is said of these issues.
async fn facts(
    connection: &mut PgConnection,
    issues: &[Listed],
    short: &HashMap<Uuid, String>,
    now: Moment,
) -> Result<Vec<IssueFacts>, Problem> {
    let ids: Vec<Uuid> = issues.iter().map(|listed| listed.row.issue).collect();
    let blocked = issues::blocked(connection, &ids).await?;
    let newest: HashMap<String, Date> = newest_days(connection).await?.into_iter().collect();
    let mut counted: HashMap<Uuid, Vec<i64>> = HashMap::new();
    for (environment, last) in &newest {
        let ids: Vec<Uuid> = issues
            .iter()
            .filter(|issue| issue.row.environment == *environment)
            .map(|issue| issue.row.issue)
            .collect();
        if ids.is_empty() {
            continue;
        }
        for (issue, ago, runs) in issues::by_day(connection, &ids, *last, DAYS).await? {
            let days = counted.entry(issue).or_insert_with(|| vec![0; DAYS]);
            if let Some(day) = DAYS.checked_sub(ago + 1) {
                days[day] = runs;
            }
        }
    }
    let told = issues.iter().map(|listed| {
        let id = listed.row.issue;
        let days = counted.remove(&id).unwrap_or_else(|| vec![0; DAYS]);
        let around = Around {
            short: short.get(&id).map(String::as_str),
            blocked: blocked.get(&id).copied(),
            days,
        };
        IssueFacts::new(listed, around, now)
    });
    Ok(told.collect())
}
