//! A run's tree as a time line, beside that of the last good run of the same job.

use super::asked::{Asked, Place};
use super::problem::Problems;
use super::row_facts::ErrorRow;
use super::run::{LangAsked, LangParams, RunLink, find};
use super::run_facts::RunFacts;
use crate::look::{Looked, Node, Step};
use crate::service::{Problem, Service};
use crate::wire::{At, OutcomeWord, RowStatusWord};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_core::model::Moment;
use std::sync::Arc;
use utoipa::ToSchema;

/// A run's tree.
#[derive(Debug, Serialize, ToSchema)]
pub struct TreeAnswer {
    /// The last good run of the same job; its tree stands beside this one as if it had begun at the same moment.
    last_good: Option<RunLink>,
    /// The run that was asked for, and all below it, each followed by its children; of the last good run what does not stand in
    /// this one stands where it would be.
    nodes: Vec<TreeNode>,
    /// There are more rows behind it than were read: steps and errors may be missing.
    is_cut: bool,
}

/// A run of the tree.
#[derive(Debug, Serialize, ToSchema)]
pub struct TreeNode {
    /// 0 for the run that was asked for.
    level: usize,
    /// It stands in the last good run only; `run` is that of then.
    missing: bool,
    run: RunFacts,
    /// From the begin of the run that was asked for; null where it is missing.
    offset_ms: Option<i64>,
    /// Until its end, or the last sign of life.
    length_ms: Option<i64>,
    /// The same place in the last good run.
    last_good: Option<Ghost>,
    steps: Vec<StepFacts>,
    /// Without the copies that catchers and parents write.
    errors: Vec<ErrorRow>,
}

/// A run of the last good tree, on the time line of this one.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ghost {
    run_key: String,
    offset_ms: i64,
    length_ms: i64,
    duration_ms: Option<i64>,
    outcome: OutcomeWord,
}

/// A step of a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepFacts {
    step: String,
    attempt: Option<i32>,
    map_index: Option<i32>,
    began_at: Option<At>,
    ended_at: Option<At>,
    /// From the begin of the run that was asked for; null where nobody said when it ran.
    offset_ms: Option<i64>,
    length_ms: Option<i64>,
    duration_ms: Option<i64>,
    status: Option<RowStatusWord>,
    rows_in: Option<i64>,
    rows_out: Option<i64>,
}

/// The tree of a run, with its steps and errors, beside the last good run.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{run_key}/tree",
    tag = "runs",
    params(("run_key" = String, Path, description = "The key, or its first digits where they name one run"), LangParams),
    responses((status = 200, description = "The tree", body = TreeAnswer), Problems)
)]
pub async fn tree(
    State(service): State<Arc<Service>>,
    Place(key): Place<String>,
    asked: Asked<LangAsked>,
) -> Result<Response, Problem> {
    super::answer::json(&service, &asked.reader, async |connection| {
        let run = find(connection, &key).await?;
        Ok(TreeAnswer::new(&Looked::read(connection, &run).await?))
    })
    .await
}

impl TreeAnswer {
    fn new(looked: &Looked) -> Self {
        let good = looked.tree.nodes[0].last_good.as_ref();
        let nodes = looked.tree.nodes.iter();
        Self {
            last_good: good.map(Into::into),
            nodes: nodes.map(|node| TreeNode::new(node, looked)).collect(),
            is_cut: looked.placed.is_cut,
        }
    }
}

impl TreeNode {
    fn new(node: &Node, looked: &Looked) -> Self {
        let begin = looked.tree.run().started_at;
        let run = &node.run;
        let ghost = looked.tree.ghost(node).zip(node.last_good.as_ref());
        let steps = looked.placed.steps_of(run).iter();
        let errors = looked.placed.errors_of(run).iter();
        let is_there = !node.is_missing;
        Self {
            level: node.goes_on.len(),
            missing: node.is_missing,
            offset_ms: is_there.then(|| run.started_at.millis_since(begin)),
            length_ms: is_there.then(|| run.until().millis_since(run.started_at)),
            last_good: ghost.map(|([from, to], good)| Ghost {
                run_key: good.run_key.to_string(),
                offset_ms: from.millis_since(begin),
                length_ms: to.millis_since(from),
                duration_ms: good.duration_ms,
                outcome: good.outcome.into(),
            }),
            steps: steps.map(|step| StepFacts::new(step, begin)).collect(),
            errors: errors.map(Into::into).collect(),
            run: RunFacts::new(run, node.usual.as_ref()),
        }
    }
}

impl StepFacts {
    fn new(step: &Step, begin: Moment) -> Self {
        let span = step.span();
        Self {
            step: step.name.clone(),
            attempt: step.attempt,
            map_index: step.map_index,
            began_at: step.began_at.and_then(At::shown),
            ended_at: step.ended_at.and_then(At::shown),
            offset_ms: span.map(|[from, _]| from.millis_since(begin)),
            length_ms: span.map(|[from, to]| to.millis_since(from)),
            duration_ms: step.duration_ms,
            status: step.status.map(Into::into),
            rows_in: step.rows_in,
            rows_out: step.rows_out,
        }
    }
}
