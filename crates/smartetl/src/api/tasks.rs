//! Long work that somebody asked for: how far it is, and what came of it.

use super::answer::Listing;
use super::asked::{Asked, Place, Question, Said};
use super::cursor::Page;
use super::filters::ListParams;
use super::problem::{Problems, Wrong};
use super::run::{LangAsked, LangParams};
use crate::night::Lang;
use crate::reason::of_reject_code;
use crate::service::{Problem, Service};
use crate::wire::{At, TaskKindWord, TaskStateWord};
use crate::work::{Kind, Loaded, State as Far, Told, Unloaded};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_core::model::Moment;
use smartetl_store::tasks::{self, Task};
use sqlx::PgConnection;
use std::sync::Arc;
use utoipa::ToSchema;

/// Long work: it goes on when the page is closed.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskFacts {
    task: i64,
    kind: Option<TaskKindWord>,
    state: Option<TaskStateWord>,
    /// The path of the source that it is about.
    target: String,
    /// What that was called where it was uploaded; null where it was not.
    name: Option<String>,
    /// The number of that source; null where there is none now.
    source: Option<i64>,
    who: String,
    made_at: Option<At>,
    begun_at: Option<At>,
    ended_at: Option<At>,
    /// The size of the file; null where none is read.
    total_bytes: Option<i64>,
    /// So much of its content is read, unpacked: more than its size where it is packed.
    bytes: i64,
    /// So many records are stored.
    records: i64,
    /// What was taken back; null where nothing was.
    unloaded: Option<UnloadedFacts>,
    /// What was read; null where nothing was.
    loaded: Option<LoadedFacts>,
    /// Why it is not done, or not all of it.
    failed: Option<String>,
}

/// What was taken back, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnloadedFacts {
    sources: Vec<UnloadedSource>,
    batches: u64,
    rows_log: u64,
    rows_error: u64,
    rejects: u64,
    /// Runs and days of jobs that were made anew without these rows.
    runs: u64,
    job_days: u64,
}

/// What goes of one path.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnloadedSource {
    path: String,
    records: u64,
    /// All of it, and not only its end.
    whole: bool,
}

/// What was read.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoadedFacts {
    /// There was nothing that was not read before.
    nothing_new: bool,
    /// How it was read, in words: container, dialect, formats.
    reading: Option<String>,
    dialect: Option<String>,
    /// Which of the dialect's tables, or the name of the mapping.
    layout: Option<String>,
    /// How sure that was, in per cent; null where somebody said it.
    confidence: Option<u8>,
    records: u64,
    rows_log: u64,
    rows_error: u64,
    /// Records that say nothing of a run, on purpose.
    silent: u64,
    rejects: Vec<RejectCount>,
    /// Runs and days of jobs that were made of it; null where `smartetl fuse` makes them later.
    runs: Option<u64>,
    job_days: Option<u64>,
}

/// So many records could not become rows for the same reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct RejectCount {
    /// The stable word, and what it means in the reader's language.
    reason: String,
    reason_name: Option<&'static str>,
    records: u64,
}

impl TaskFacts {
    pub fn of(task: Task, lang: Lang) -> Self {
        let told: Option<Told> = task.told.and_then(|told| serde_json::from_value(told).ok());
        let told = told.unwrap_or_default();
        let shown = |us: Option<i64>| us.map(Moment).and_then(At::shown);
        Self {
            task: task.task,
            kind: Kind::parse(&task.kind).map(Into::into),
            state: Far::parse(&task.state).map(Into::into),
            target: task.target,
            name: task.name,
            source: task.source,
            who: task.who,
            made_at: shown(Some(task.made_us)),
            begun_at: shown(task.begun_us),
            ended_at: shown(task.ended_us),
            total_bytes: task.total_bytes,
            bytes: task.bytes,
            records: task.records,
            unloaded: told.unloaded.map(Into::into),
            loaded: told.loaded.map(|loaded| LoadedFacts::of(loaded, lang)),
            failed: told.failed.map(|failed| failed.text(lang).to_owned()),
        }
    }
}

impl From<Unloaded> for UnloadedFacts {
    fn from(unloaded: Unloaded) -> Self {
        let sources = unloaded.parts.into_iter().map(|part| UnloadedSource {
            path: part.path,
            records: part.records,
            whole: part.is_whole,
        });
        Self {
            sources: sources.collect(),
            batches: unloaded.batches,
            rows_log: unloaded.rows_log,
            rows_error: unloaded.rows_error,
            rejects: unloaded.rejects,
            runs: unloaded.runs,
            job_days: unloaded.job_days,
        }
    }
}

impl LoadedFacts {
    fn of(loaded: Loaded, lang: Lang) -> Self {
        let rejects = loaded
            .rejects
            .into_iter()
            .map(|(reason, records)| RejectCount {
                reason_name: of_reject_code(&reason, lang),
                reason,
                records,
            });
        Self {
            nothing_new: loaded.is_nothing_new,
            reading: loaded.reading,
            dialect: loaded.dialect,
            layout: loaded.layout,
            confidence: loaded.confidence,
            records: loaded.records,
            rows_log: loaded.rows_log,
            rows_error: loaded.rows_error,
            silent: loaded.silent,
            rejects: rejects.collect(),
            runs: loaded.runs,
            job_days: loaded.job_days,
        }
    }
}

/// The task with this number.
///
/// # Errors
/// When there is none, or the database does not answer.
pub async fn found(
    connection: &mut PgConnection,
    task: i64,
    lang: Lang,
) -> Result<TaskFacts, Problem> {
    let found = tasks::by_number(connection, task).await?;
    let none = || Problem::Api(Wrong::Nothing(["task", "cette tâche"]));
    Ok(TaskFacts::of(found.ok_or_else(none)?, lang))
}

#[derive(Debug)]
pub struct TasksAsked {
    page: Page<i64>,
}

impl Question for TasksAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        let page = Page::read(said)?;
        Ok(Self { page })
    }
}

/// Some tasks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tasks {
    items: Vec<TaskFacts>,
    /// The cursor of what follows; null at the end.
    next: Option<String>,
}

impl Listing for Tasks {
    type Item = TaskFacts;
    const NAME: &str = "tasks";

    fn items(&self) -> &[TaskFacts] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

/// Long work that was asked for in the last 90 days, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/tasks",
    tag = "sources",
    params(ListParams),
    responses((status = 200, description = "Tasks", content((Tasks = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn tasks(
    State(service): State<Arc<Service>>,
    mut asked: Asked<TasksAsked>,
) -> Result<Response, Problem> {
    // Nothing else that people look at changes with it.
    asked.reader.always_new();
    super::answer::list(&service, &asked.reader, async |connection| {
        let page = &asked.question.page;
        let mut found = tasks::tasks(connection, None, page.after, page.limit + 1).await?;
        let next = page.cut(&mut found, |task| task.task);
        let lang = asked.reader.lang;
        let items = found.into_iter().map(|task| TaskFacts::of(task, lang));
        Ok(Tasks {
            items: items.collect(),
            next,
        })
    })
    .await
}

/// How far a task is, and what came of it: ask again until it is done or failed.
#[utoipa::path(
    get,
    path = "/api/v1/tasks/{task}",
    tag = "sources",
    params(("task" = i64, Path, description = "The number of the task"), LangParams),
    responses((status = 200, description = "The task", body = TaskFacts), Problems)
)]
pub async fn task(
    State(service): State<Arc<Service>>,
    Place(task): Place<i64>,
    mut asked: Asked<LangAsked>,
) -> Result<Response, Problem> {
    asked.reader.always_new();
    let lang = asked.reader.lang;
    super::answer::json(&service, &asked.reader, async |connection| {
        found(connection, task, lang).await
    })
    .await
}
