//! The rows of `log` and `logerreur` behind a run and all below it, in order.

use super::answer::Listing;
use super::asked::{Asked, Form, Place, Question, Said};
use super::cursor::{Page, encoded};
use super::problem::{Problems, Wanted};
use super::row_facts::{ErrorRow, LogRow, RowLine};
use super::run::find;
use crate::look::{Found, Looked, middle};
use crate::service::{Problem, Service};
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use smartetl_core::model::Moment;
use sqlx::PgConnection;
use std::ops::Range;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// What stands in the place of a moment for the error that is the cause.
const ERROR: &str = "error";

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct RowsParams {
    /// Rows before and behind this moment, or `error` for the error that is the cause, else for the first one
    around: Option<String>,
    /// So many at most
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u32>,
    /// Where to go on: `next` or `previous` of an answer to the same question
    cursor: Option<String>,
    /// What it is answered as; `Accept` says it too
    #[param(schema_with = super::document::forms)]
    format: Option<String>,
    /// In which language texts are told
    #[param(schema_with = super::document::languages)]
    lang: Option<String>,
}

/// A moment in microseconds, which row of it, and whether the list goes on behind it and not before it.
type Cursor = (i64, usize, bool);

#[derive(Debug)]
pub struct RowsAsked {
    around: Option<Around>,
    page: Page<Cursor>,
}

#[derive(Clone, Copy, Debug)]
enum Around {
    Error,
    Moment(Moment),
}

impl Question for RowsAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        let around = |text: &str| {
            if text == ERROR {
                return Some(Around::Error);
            }
            let at: Timestamp = text.parse().ok()?;
            Some(Around::Moment(Moment(at.as_microsecond())))
        };
        Ok(Self {
            around: said.parsed("around", around, || Wanted::When)?,
            page: Page::read(said)?,
        })
    }
}

/// Some rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rows {
    items: Vec<RowItem>,
    /// Which of the items is the row that was asked for; null where none was.
    focus: Option<usize>,
    /// The cursors of what stands before and behind; null at the ends.
    previous: Option<String>,
    next: Option<String>,
    /// There are more rows than were read.
    is_cut: bool,
}

/// A row of either table.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "table", rename_all = "lowercase")]
pub enum RowItem {
    Log(LogRow),
    Logerreur(ErrorRow),
}

/// The rows behind a run and all below it, in order.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{run_key}/rows",
    tag = "runs",
    params(("run_key" = String, Path, description = "The key, or its first digits where they name one run"), RowsParams),
    responses((status = 200, description = "Rows in order", content((Rows = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn rows(
    State(service): State<Arc<Service>>,
    Place(key): Place<String>,
    asked: Asked<RowsAsked>,
) -> Result<Response, Problem> {
    let found = async |connection: &mut PgConnection| {
        let run = find(connection, &key).await?;
        let looked = Looked::read(connection, &run).await?;
        Ok(read(&looked, &asked.question))
    };
    if asked.reader.form == Form::Json {
        return super::answer::json(&service, &asked.reader, found).await;
    }
    super::answer::list(&service, &asked.reader, async |connection| {
        Ok(Lines::from(found(connection).await?))
    })
    .await
}

/// Rows as they stand in a file.
#[derive(Serialize)]
struct Lines {
    items: Vec<RowLine>,
    next: Option<String>,
}

impl From<Rows> for Lines {
    fn from(rows: Rows) -> Self {
        let items = rows.items.into_iter().map(|row| match row {
            RowItem::Log(row) => row.into(),
            RowItem::Logerreur(row) => row.into(),
        });
        Self {
            items: items.collect(),
            next: rows.next,
        }
    }
}

impl Listing for Lines {
    type Item = RowLine;
    const NAME: &str = "rows";

    fn items(&self) -> &[RowLine] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

fn read(looked: &Looked, asked: &RowsAsked) -> Rows {
    let rows = &looked.placed.rows;
    let limit = asked.page.limit as usize;
    let focus = match asked.around {
        Some(Around::Error) => middle(&looked.placed, looked.tree.struck()),
        Some(Around::Moment(at)) => (!rows.is_empty()).then(|| {
            rows.partition_point(|row| row.moment() < at)
                .min(rows.len() - 1)
        }),
        None => None,
    };
    let Range { start, end } = match (&asked.page.after, focus) {
        (Some((moment_us, number, is_behind)), _) => {
            let first = rows.partition_point(|row| row.moment().0 < *moment_us);
            let at = first.saturating_add(*number).min(rows.len());
            if *is_behind {
                at.saturating_add(1)..at.saturating_add(1).saturating_add(limit)
            } else {
                at.saturating_sub(limit)..at
            }
        }
        (None, Some(focus)) => {
            let start = focus.saturating_sub(limit / 2);
            start..start + limit
        }
        (None, None) => 0..limit,
    };
    let (start, end) = (start.min(rows.len()), end.min(rows.len()));
    let cursor = |at: usize, is_behind: bool| {
        let moment = rows[at].moment();
        let first = rows.partition_point(|row| row.moment() < moment);
        encoded(&(moment.0, at - first, is_behind))
    };
    Rows {
        items: rows[start..end].iter().map(Into::into).collect(),
        focus: focus
            .filter(|focus| (start..end).contains(focus))
            .map(|focus| focus - start),
        previous: (start > 0 && start < rows.len()).then(|| cursor(start, false)),
        next: (end < rows.len() && end > 0).then(|| cursor(end - 1, true)),
        is_cut: looked.placed.is_cut,
    }
}

impl From<&Found> for RowItem {
    fn from(found: &Found) -> Self {
        match found {
            Found::Log(line) => Self::Log(line.into()),
            Found::Error(line) => Self::Logerreur(line.into()),
        }
    }
}
