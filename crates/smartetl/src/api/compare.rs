//! A run line by line beside the last good run and what is usual on such days, and what changed first.

use super::asked::{Asked, Place};
use super::problem::Problems;
use super::run::{LangAsked, LangParams, RunLink, find};
use crate::look::words::{duration, outcome};
use crate::look::{self, Beside, Compared, Line, What};
use crate::night::{Lang, Teller};
use crate::service::{Problem, Service};
use crate::wire::{DayKindWord, OutcomeWord, WhatWord};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_core::model::Outcome;
use std::sync::Arc;
use utoipa::ToSchema;

/// A run beside the last good one and what is usual.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompareAnswer {
    run: RunLink,
    /// The last good run of the same job; null where there is none.
    last_good: Option<RunLink>,
    /// Usual is the median of the good runs before it on days of this kind.
    day_kind: DayKindWord,
    /// So many good runs say what is usual, 20 at most; nothing is usual where they are fewer than 3.
    usual_runs: usize,
    /// What changed first; null where nothing did.
    first: Option<FirstChange>,
    /// The run that was asked for, and all below it with their steps, each followed by what is below it; what stands in the last good
    /// run only stands where it would be.
    lines: Vec<CompareLine>,
    /// There are more lines, or more rows behind them than were read.
    is_cut: bool,
}

/// What changed first: of several at the same time what is deeper in the tree.
#[derive(Debug, Serialize, ToSchema)]
pub struct FirstChange {
    /// Which of the lines.
    line: usize,
    change: LineChange,
    /// The same as a sentence.
    text: String,
}

/// Something that is not as in the last good run, or as usual.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineChange {
    what: WhatWord,
    /// When it showed, from the begin of the run that was asked for.
    at_ms: i64,
}

/// A run of the tree, or one of its steps.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompareLine {
    /// 0 for the run that was asked for; a step stands one below its run.
    level: usize,
    project: Option<String>,
    job: String,
    /// Null for a run.
    step: Option<String>,
    attempt: Option<i32>,
    map_index: Option<i32>,
    /// The run, or that of the step; null where the run is missing.
    run_key: Option<String>,
    /// The run that stands in its place in the last good one.
    last_good_run_key: Option<String>,
    /// It stands in the last good run only.
    missing: bool,
    outcome: Option<OutcomeWord>,
    last_good_outcome: Option<OutcomeWord>,
    duration_ms: Numbers,
    rows_in: Numbers,
    rows_out: Numbers,
    /// The version of the job; null for steps.
    version: Versions,
    changes: Vec<LineChange>,
}

/// A number of this run, of the last good one, and the median of the usual ones.
#[derive(Debug, Serialize, ToSchema)]
pub struct Numbers {
    this: Option<i64>,
    last_good: Option<i64>,
    usual: Option<i64>,
}

/// The version in this run, in the last good one, and in most of the usual ones.
#[derive(Debug, Serialize, ToSchema)]
pub struct Versions {
    this: Option<String>,
    last_good: Option<String>,
    usual: Option<String>,
}

/// A run beside the last good one and what is usual on such days: durations, rows, versions, and what changed first.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{run_key}/compare",
    tag = "runs",
    params(("run_key" = String, Path, description = "The key, or its first digits where they name one run"), LangParams),
    responses((status = 200, description = "The run, line by line", body = CompareAnswer), Problems)
)]
pub async fn compare(
    State(service): State<Arc<Service>>,
    Place(key): Place<String>,
    asked: Asked<LangAsked>,
) -> Result<Response, Problem> {
    super::answer::json(&service, &asked.reader, async |connection| {
        let run = find(connection, &key).await?;
        let compared = Compared::read(connection, &run).await?;
        let teller = Teller {
            lang: asked.reader.lang,
            zone: service.zone.clone(),
            now: run.until().timestamp(),
        };
        Ok(CompareAnswer::new(&compared, &teller))
    })
    .await
}

impl CompareAnswer {
    fn new(compared: &Compared, teller: &Teller) -> Self {
        let tree = &compared.looked.tree;
        let against = &compared.against;
        let first = against.first.map(|(line, change)| FirstChange {
            line,
            text: told(&against.lines[line], change.what, teller),
            change: change.into(),
        });
        Self {
            run: tree.run().into(),
            last_good: tree.nodes[0].last_good.as_ref().map(Into::into),
            day_kind: compared.kind.into(),
            usual_runs: compared.usual_runs,
            first,
            lines: against.lines.iter().map(Into::into).collect(),
            is_cut: against.is_cut,
        }
    }
}

impl From<&Line> for CompareLine {
    fn from(line: &Line) -> Self {
        let run = &line.run;
        let is_there = !line.is_missing || line.step.is_some();
        let good = line.last_good.as_ref();
        Self {
            level: line.level,
            project: run.project.clone(),
            job: run.job.clone(),
            step: line.step.clone(),
            attempt: line.attempt,
            map_index: line.map_index,
            run_key: is_there.then(|| run.run_key.to_string()),
            last_good_run_key: good.map(|good| good.run_key.to_string()),
            missing: line.is_missing,
            outcome: line.outcome.this.map(Into::into),
            last_good_outcome: line.outcome.last_good.map(Into::into),
            duration_ms: (&line.duration_ms).into(),
            rows_in: (&line.rows_in).into(),
            rows_out: (&line.rows_out).into(),
            version: Versions {
                this: line.version.this.clone(),
                last_good: line.version.last_good.clone(),
                usual: line.version.usual.clone(),
            },
            changes: line.changes.iter().copied().map(Into::into).collect(),
        }
    }
}

impl From<&Beside<i64>> for Numbers {
    fn from(beside: &Beside<i64>) -> Self {
        Self {
            this: beside.this,
            last_good: beside.last_good,
            usual: beside.usual,
        }
    }
}

impl From<look::Change> for LineChange {
    fn from(change: look::Change) -> Self {
        Self {
            what: change.what.into(),
            at_ms: change.at_ms,
        }
    }
}

/// What changed of a line, as a sentence.
fn told(line: &Line, what: What, teller: &Teller) -> String {
    let lang = teller.lang;
    let name = match &line.step {
        Some(step) => format!("{} › {step}", line.run.job),
        None => line.run.job.clone(),
    };
    let numbers = |beside: &Beside<i64>, tell: &dyn Fn(i64) -> String| {
        let of = |number: Option<i64>| number.map_or_else(|| "–".to_owned(), tell);
        [of(beside.this), of(beside.usual.or(beside.last_good))]
    };
    let span = |number| duration(number, lang);
    let count = |number| {
        let rows = lang.plural(
            number,
            lang.pick("row", "ligne"),
            lang.pick("rows", "lignes"),
        );
        format!("{} {rows}", teller.number(number))
    };
    match what {
        What::Version => {
            let version = |one: &Option<String>| one.clone().unwrap_or_default();
            let [this, good] = [&line.version.this, &line.version.last_good].map(version);
            match lang {
                Lang::En => format!("{name} is version {this} instead of {good}."),
                Lang::Fr => format!("{name} est en version {this} au lieu de {good}."),
            }
        }
        What::Added => match lang {
            Lang::En => format!("{name} was not part of the last good run."),
            Lang::Fr => format!("{name} ne faisait pas partie de la dernière exécution réussie."),
        },
        What::Missing => match lang {
            Lang::En => format!("{name} did not run, as it did in the last good run."),
            Lang::Fr => {
                format!(
                    "{name} n’a pas été exécuté, contrairement à la dernière exécution réussie."
                )
            }
        },
        What::Outcome => {
            let word = outcome(line.outcome.this.unwrap_or(Outcome::Unverified), lang);
            format!("{name}{} {word}.", lang.colon())
        }
        What::RowsIn => {
            let [this, other] = numbers(&line.rows_in, &count);
            match lang {
                Lang::En => format!("{name} read {this} instead of {other}."),
                Lang::Fr => format!("{name} a lu {this} au lieu de {other}."),
            }
        }
        What::RowsOut => {
            let [this, other] = numbers(&line.rows_out, &count);
            match lang {
                Lang::En => format!("{name} wrote {this} instead of {other}."),
                Lang::Fr => format!("{name} a écrit {this} au lieu de {other}."),
            }
        }
        What::Duration => {
            let [this, other] = numbers(&line.duration_ms, &span);
            match lang {
                Lang::En => format!("{name} took {this} instead of {other}."),
                Lang::Fr => format!("{name} a duré {this} au lieu de {other}."),
            }
        }
    }
}
