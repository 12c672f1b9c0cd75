//! What a shipped mapping does, for the manual.

use super::super::ColumnDoc;
use super::mapping::{EventFrom, Mapping, Value};

pub(super) fn documentation(table: &'static str, mapping: &'static Mapping) -> Vec<ColumnDoc> {
    let run = &mapping.run;
    let mut lines: Vec<(Option<&'static Value>, &'static str, &'static str)> = vec![
        (Some(&run.job), "job", "missing: reject"),
        (Some(&run.run_id), "run_id", "missing: reject"),
        (run.parent_run_id.as_ref(), "parent_run_id", ""),
        (run.root_run_id.as_ref(), "root_run_id", ""),
        (run.environment.as_ref(), "environment", ""),
        (run.host.as_ref(), "host", ""),
        (run.project.as_ref(), "project", ""),
        (run.job_id.as_ref(), "job_id", ""),
        (run.job_version.as_ref(), "job_version", ""),
        (run.context.as_ref(), "context", ""),
        (run.step.as_ref(), "step", ""),
        (run.attempt.as_ref(), "attempt", ""),
        (run.map_index.as_ref(), "map_index", ""),
    ];
    for rule in &mapping.log {
        let which = match &rule.event {
            EventFrom::Always(event) => event.as_str(),
            EventFrom::Value(_) => "event as it says",
        };
        lines.push((Some(&rule.moment), "moment", which));
        lines.push((rule.status.as_ref(), "status", which));
    }
    for rule in &mapping.error {
        lines.push((Some(&rule.moment), "moment", "error"));
        lines.push((rule.message.as_ref(), "message", "error"));
    }
    let durations = mapping
        .log
        .iter()
        .filter_map(|rule| rule.duration.as_ref())
        .map(|duration| ColumnDoc {
            table,
            column: &duration.column,
            target: "duration_reported_ms",
            note: "as the tool says; can be wrong",
        });
    let columns = lines.into_iter().filter_map(|(value, target, note)| {
        let spec = &value?.0;
        let column = spec
            .column
            .as_deref()
            .or(spec.columns.first().map(String::as_str))?;
        Some(ColumnDoc {
            table,
            column,
            target,
            note,
        })
    });
    columns.chain(durations).collect()
}
