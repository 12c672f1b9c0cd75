//! What was read, and what came of it.

use super::answer::Listing;
use super::asked::{Asked, Place, Question, Said};
use super::cursor::Page;
use super::filters::ListParams;
use super::problem::{Problems, Wrong};
use crate::reason::of_reject_code;
use crate::service::{Problem, Service};
use crate::wire::At;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_core::model::Moment;
use smartetl_store::sources::{self, Batch, Rejected, Source};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug)]
pub struct SourcesAsked {
    page: Page<i64>,
}

impl Question for SourcesAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        let page = Page::read(said)?;
        Ok(Self { page })
    }
}

/// Some sources.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sources {
    items: Vec<SourceFacts>,
    /// The cursor of what follows; null at the end.
    next: Option<String>,
}

/// A path, a topic or whoever posted, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceFacts {
    source: i64,
    path: String,
    /// What it was called where it was uploaded; null where it was not.
    name: Option<String>,
    size_bytes: i64,
    modified_at: Option<At>,
    /// When it was looked at last.
    seen_at: Option<At>,
    /// How its newest batch was read; null where nothing was.
    dialect: Option<String>,
    committed_at: Option<At>,
    batches: i64,
    records: i64,
    rows_log: i64,
    rows_error: i64,
    /// Records that could not become rows.
    rejects: i64,
    /// Records that say nothing of a run, on purpose.
    silent: i64,
}

/// What was read, the newest source first.
#[utoipa::path(
    get,
    path = "/api/v1/sources",
    tag = "sources",
    params(ListParams),
    responses((status = 200, description = "Sources", content((Sources = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn sources(
    State(service): State<Arc<Service>>,
    mut asked: Asked<SourcesAsked>,
) -> Result<Response, Problem> {
    // A file is looked at again without anything being committed.
    asked.reader.this_minute();
    super::answer::list(&service, &asked.reader, async |connection| {
        let page = &asked.question.page;
        let mut found = sources::sources(connection, page.after, page.limit + 1).await?;
        let next = page.cut(&mut found, |source| source.source);
        let items = found.into_iter().map(Into::into).collect();
        Ok(Sources { items, next })
    })
    .await
}

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct BatchesParams {
    /// Of this source
    source: Option<i64>,
}

#[derive(Debug)]
pub struct BatchesAsked {
    source: Option<i64>,
    page: Page<i64>,
}

impl Question for BatchesAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        Ok(Self {
            source: said.number("source", 1, i64::MAX)?,
            page: Page::read(said)?,
        })
    }
}

/// Some batches.
#[derive(Debug, Serialize, ToSchema)]
pub struct Batches {
    items: Vec<BatchFacts>,
    /// The cursor of what follows; null at the end.
    next: Option<String>,
}

/// One transaction that stored rows: its records are those with rows, the rejected and the silent ones.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchFacts {
    batch: i64,
    source: i64,
    path: Option<String>,
    dialect: String,
    /// In which zone times without an offset were read.
    zone: String,
    first_record: i64,
    first_line: i64,
    records: i64,
    records_with_rows: i64,
    rows_log: i64,
    rows_error: i64,
    rejects: i64,
    silent: i64,
    /// Runs were made of it.
    fused: bool,
    committed_at: Option<At>,
}

/// Batches, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/batches",
    tag = "sources",
    params(BatchesParams, ListParams),
    responses((status = 200, description = "Batches", content((Batches = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn batches(
    State(service): State<Arc<Service>>,
    asked: Asked<BatchesAsked>,
) -> Result<Response, Problem> {
    super::answer::list(&service, &asked.reader, async |connection| {
        let BatchesAsked { source, page } = &asked.question;
        let mut found = sources::batches(connection, *source, page.after, page.limit + 1).await?;
        let next = page.cut(&mut found, |batch| batch.batch);
        let items = found.into_iter().map(Into::into).collect();
        Ok(Batches { items, next })
    })
    .await
}

#[derive(Debug)]
pub struct RejectsAsked {
    page: Page<(i64, i64)>,
}

impl Question for RejectsAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        let page = Page::read(said)?;
        Ok(Self { page })
    }
}

/// Some rejects.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rejects {
    items: Vec<RejectFacts>,
    /// The cursor of what follows; null at the end.
    next: Option<String>,
}

/// A record that could not become a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct RejectFacts {
    line: i64,
    column: Option<String>,
    /// The stable word, and what it means in the reader's language.
    reason: String,
    reason_name: Option<&'static str>,
    detail: String,
    /// The record, redacted.
    raw: String,
}

/// What of a batch could not become rows, in order.
#[utoipa::path(
    get,
    path = "/api/v1/batches/{batch}/rejects",
    tag = "sources",
    params(("batch" = i64, Path, description = "The number of the batch"), ListParams),
    responses((status = 200, description = "Rejects", content((Rejects = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn rejects(
    State(service): State<Arc<Service>>,
    Place(batch): Place<i64>,
    asked: Asked<RejectsAsked>,
) -> Result<Response, Problem> {
    super::answer::list(&service, &asked.reader, async |connection| {
        let page = &asked.question.page;
        let found = sources::rejects(connection, batch, page.after, page.limit + 1).await?;
        let none = || Problem::Api(Wrong::Nothing(["batch", "ce lot"]));
        let mut found = found.ok_or_else(none)?;
        let next = page.cut(&mut found, |reject| (reject.line, reject.number));
        let told = |reject: Rejected| RejectFacts {
            line: reject.line,
            column: reject.column_name,
            reason_name: of_reject_code(&reject.reason, asked.reader.lang),
            reason: reject.reason,
            detail: reject.detail,
            raw: reject.raw,
        };
        let items = found.into_iter().map(told).collect();
        Ok(Rejects { items, next })
    })
    .await
}

impl Listing for Sources {
    type Item = SourceFacts;
    const NAME: &str = "sources";

    fn items(&self) -> &[SourceFacts] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl Listing for Batches {
    type Item = BatchFacts;
    const NAME: &str = "batches";

    fn items(&self) -> &[BatchFacts] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl Listing for Rejects {
    type Item = RejectFacts;
    const NAME: &str = "rejects";

    fn items(&self) -> &[RejectFacts] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

fn shown(us: Option<i64>) -> Option<At> {
    us.map(Moment).and_then(At::shown)
}

impl From<Source> for SourceFacts {
    fn from(source: Source) -> Self {
        Self {
            source: source.source,
            path: source.path,
            name: source.name,
            size_bytes: source.size_bytes,
            modified_at: shown(source.modified_us),
            seen_at: shown(Some(source.seen_us)),
            dialect: source.dialect,
            committed_at: shown(source.committed_us),
            batches: source.batches,
            records: source.records,
            rows_log: source.rows_log,
            rows_error: source.rows_error,
            rejects: source.rejects,
            silent: source.silent,
        }
    }
}

impl From<Batch> for BatchFacts {
    fn from(batch: Batch) -> Self {
        Self {
            batch: batch.batch,
            source: batch.source,
            path: batch.path,
            dialect: batch.dialect,
            zone: batch.zone,
            first_record: batch.first_record,
            first_line: batch.first_line,
            records: batch.records,
            records_with_rows: batch.records_with_rows,
            rows_log: batch.rows_log,
            rows_error: batch.rows_error,
            rejects: batch.rejects,
            silent: batch.silent,
            fused: batch.fused,
            committed_at: shown(Some(batch.committed_us)),
        }
    }
}
