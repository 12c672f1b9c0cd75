//! A run for programs: one JSON object, or a line for each run of its tree.

use super::Shown;
use crate::look::{Found, Node, around};
use crate::output::{Column, ColumnKind, Sheet};
use serde_json::{Value, json};
use smartetl_core::model::Moment;
use smartetl_store::looking::{ErrorLine, LogLine};
use uuid::Uuid;

impl Shown {
    /// The run, its tree as a list from the top down, what of the last good run is not in it, and the rows around the error.
    pub(super) fn json(&self) -> anyhow::Result<String> {
        let tree: Vec<Value> = self.tree.runs().map(|node| self.of_node(node)).collect();
        let missing: Vec<Value> = self
            .tree
            .nodes
            .iter()
            .filter(|node| node.is_missing)
            .map(|node| {
                json!({"job": node.run.job, "environment": node.run.environment, "last_good_run_key": node.run.run_key.to_string(),
                       "last_good_duration_ms": node.run.duration_ms})
            })
            .collect();
        let good = self.tree.nodes[0].last_good.as_ref().map(|good| {
            json!({"run_key": good.run_key.to_string(), "run_id": good.run_id, "started_at": time(good.started_at),
                   "duration_ms": good.duration_ms, "business_day": good.business_day.to_string()})
        });
        let above: Vec<Value> = self
            .tree
            .above
            .iter()
            .map(|run| json!({"run_key": run.run_key.to_string(), "job": run.job, "run_id": run.run_id}))
            .collect();
        let rows: Vec<Value> = around(&self.placed, self.tree.struck())
            .iter()
            .map(|found| match found {
                Found::Log(line) => of_log(line),
                Found::Error(line) => of_error(line),
            })
            .collect();
        let whole = json!({
            "run_key": self.tree.run().run_key.to_string(),
            "above": above,
            "last_good": good,
            "issue": self.issue.as_ref().map(|issue| json!({
                "id": issue.short, "issue": key(issue.issue), "state": issue.state, "since": time(issue.since),
                "is_of_before": issue.is_of_before, "runs": issue.runs, "assignee": issue.assignee,
            })),
            "tree": tree,
            "missing": missing,
            "rows_around": rows,
            "is_cut": self.placed.is_cut,
        });
        Ok(serde_json::to_string_pretty(&whole)? + "\n")
    }

    fn of_node(&self, node: &Node) -> Value {
        let run = &node.run;
        let good = node.last_good.as_ref();
        let steps: Vec<Value> = self
            .placed
            .steps_of(run)
            .iter()
            .map(|step| {
                json!({"step": step.name, "attempt": step.attempt, "map_index": step.map_index,
                       "began_at": step.began_at.map(time), "ended_at": step.ended_at.map(time),
                       "duration_ms": step.duration_ms, "status": step.status,
                       "rows_in": step.rows_in, "rows_out": step.rows_out})
            })
            .collect();
        let errors: Vec<Value> = self.placed.errors_of(run).iter().map(of_error).collect();
        let usual = self.usual.get(&run.job_number);
        let cause = run.cause.as_ref().map(|cause| {
            json!({"category": cause.category, "blame": cause.blame, "retryable": cause.retryable, "run_key": cause.run_key.map(key),
                   "job": cause.job, "step": cause.step, "message": cause.message})
        });
        let mut object = json!({
            "run": self.key(run.run_key), "run_key": run.run_key.to_string(), "parent_run_key": run.parent_run_key.map(key),
            "system": run.system, "environment": run.environment, "host": run.host, "project": run.project,
            "job": run.job, "job_version": run.job_version, "context": run.context, "run_id": run.run_id,
            "depth": run.depth, "attempt": run.attempt, "started_at": time(run.started_at),
            "ended_at": run.ended_at.map(time), "last_event_at": time(run.last_event_at),
            "duration_ms": run.duration_ms, "self_duration_ms": run.self_duration_ms,
            "usual_duration_ms": usual.map(|usual| usual.median_ms),
            "last_good_duration_ms": good.and_then(|good| good.duration_ms),
        });
        let more = json!({
            "status": run.status, "outcome": run.outcome, "tree_status": run.tree_status, "cause": cause,
            "trigger": run.trigger, "rerun_of": run.rerun_of.map(key), "business_day": run.business_day.to_string(),
            "evidence": run.evidence, "quality_reasons": run.quality_reasons, "rows_in": run.rows_in, "rows_out": run.rows_out,
            "rows_rejected": run.rows_rejected, "steps": steps, "errors": errors,
        });
        if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
            object.extend(more);
        }
        object
    }

    /// A line for each run.
    pub(super) fn csv(&self) -> anyhow::Result<String> {
        let number = |name: &str| Column::number(name);
        let moment = |name: &str| Column {
            name: name.to_owned(),
            kind: ColumnKind::Moment,
        };
        let mut sheet = Sheet::new(vec![
            Column::text("run_key"),
            Column::text("parent_run_key"),
            number("depth"),
            Column::text("environment"),
            Column::text("project"),
            Column::text("job"),
            Column::text("run_id"),
            number("attempt"),
            moment("started_at"),
            moment("ended_at"),
            number("duration_ms"),
            number("usual_duration_ms"),
            number("last_good_duration_ms"),
            Column::text("status"),
            Column::text("outcome"),
            Column::text("category"),
            Column::text("cause_job"),
            Column::text("cause_step"),
            Column::text("error_message"),
            number("errors"),
        ]);
        for node in self.tree.runs() {
            let (run, cause) = (&node.run, node.run.cause.as_ref());
            let good = node.last_good.as_ref().and_then(|good| good.duration_ms);
            let usual = self.usual.get(&run.job_number).map(|usual| usual.median_ms);
            sheet.push([
                Some(run.run_key.to_string()),
                run.parent_run_key.map(|key| key.to_string()),
                Some(run.depth.to_string()),
                Some(run.environment.clone()),
                run.project.clone(),
                Some(run.job.clone()),
                Some(run.run_id.clone()),
                Some(run.attempt.to_string()),
                Some(time(run.started_at)),
                run.ended_at.map(time),
                run.duration_ms.map(|duration| duration.to_string()),
                usual.map(|duration| duration.to_string()),
                good.map(|duration| duration.to_string()),
                Some(run.status.to_string()),
                Some(run.outcome.to_string()),
                cause.map(|cause| cause.category.to_string()),
                cause.and_then(|cause| cause.job.clone()),
                cause.and_then(|cause| cause.step.clone()),
                cause.and_then(|cause| cause.message.clone()),
                Some(run.errors.to_string()),
            ]);
        }
        sheet.to_csv()
    }
}

fn key(run: Uuid) -> String {
    run.to_string()
}

fn time(at: Moment) -> String {
    at.to_string()
}

fn of_log(line: &LogLine) -> Value {
    json!({"table": "log", "moment": time(line.moment), "job": line.job, "run_id": line.run_id, "step": line.step,
           "event": line.event, "status": line.status, "duration_reported_ms": line.duration_reported_ms,
           "label": line.label, "count": line.count, "rows_in": line.rows_in, "rows_out": line.rows_out,
           "message": line.message})
}

fn of_error(line: &ErrorLine) -> Value {
    json!({"table": "logerreur", "error": line.error, "moment": time(line.moment), "job": line.job, "run_id": line.run_id, "step": line.step,
           "severity": line.severity, "error_type": line.error_type, "error_code": line.error_code,
           "message": line.message, "message_truncated": line.message_truncated, "category": line.category,
           "rule": line.rule, "rows": line.rows})
}
