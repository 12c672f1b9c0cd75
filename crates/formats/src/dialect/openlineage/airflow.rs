//! What Airflow says in facets of its own: what started the run of a DAG, and what became of tasks that send no events.

use std::collections::BTreeMap;

use smartetl_core::model::RowStatus;

use super::NAME_BYTES;

/// What Airflow writes as the error of a run of which a task failed.
pub(super) const TASK_FAILURE: &str = "task_failure";

/// A word of the vocabulary of triggers for what started a run, by its type and by how often it was cleared.
pub(super) fn started_by(run_type: Option<&str>, cleared: i32) -> Option<&'static str> {
    match run_type {
        // Also one that was cleared: it is about another day.
        Some("backfill") => Some("backfill"),
        // Each time a run is cleared it is another run to OpenLineage, of the same type.
        _ if cleared > 0 => Some("rerun"),
        Some("scheduled") => Some("scheduled"),
        Some("manual") => Some("manual"),
        // By an asset, by another DAG, or unknown.
        _ => None,
    }
}

/// What the end of a run tells about its tasks.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tasks {
    /// They never ran, so that this is the only word about them.
    pub without_events: Vec<(String, RowStatus)>,
    pub failed: Vec<String>,
}

impl Tasks {
    /// From the texts of `tasksState` and `tasksDuration`. Of a mapped task they tell only one instance, which had events of its own if it ran.
    pub fn of(states: Option<&str>, durations: Option<&str>) -> Self {
        let Some(states) = states.and_then(read::<Option<String>>) else {
            return Self::default();
        };
        let durations = durations.and_then(read::<f64>).unwrap_or_default();
        let mut tasks = Self::default();
        for (task, state) in states {
            // No column can hold the one, and no name is longer than the other.
            if task.is_empty() || task.contains('\0') || task.len() > NAME_BYTES {
                continue;
            }
            let status = match state.as_deref() {
                Some("failed") => {
                    tasks.failed.push(task);
                    continue;
                }
                Some("upstream_failed") => RowStatus::UpstreamFailed,
                Some("skipped") => RowStatus::Skipped,
                Some("success") => RowStatus::Success,
                _ => continue,
            };
            if durations.get(&task) == Some(&0.0) {
                tasks.without_events.push((task, status));
            }
        }
        tasks
    }
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Option<BTreeMap<String, T>> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cleared_run_is_a_rerun_whatever_started_it_first() {
        for (run_type, cleared, expected) in [
            (Some("scheduled"), 0, Some("scheduled")),
            (Some("manual"), 0, Some("manual")),
            (Some("backfill"), 0, Some("backfill")),
            (Some("scheduled"), 1, Some("rerun")),
            (Some("asset_triggered"), 2, Some("rerun")),
            (Some("backfill"), 1, Some("backfill")),
            (Some("operator_triggered"), 0, None),
            (None, 0, None),
        ] {
            assert_eq!(
                started_by(run_type, cleared),
                expected,
                "{run_type:?} {cleared}"
            );
        }
    }

    #[test]
    fn only_tasks_that_never_ran_have_no_events() {
        let states = r#"{"a":"success","b":"failed","c":"upstream_failed","d":"skipped","e":"success","f":null,"g":"running","":"success","h\u0000":"skipped"}"#;
        let durations =
            r#"{"a":1.5,"b":0.7,"c":0.0,"d":0,"e":0.0,"f":0.0,"g":0.0,"":0.0,"h\u0000":0.0}"#;
        let without_events = [
            ("c", RowStatus::UpstreamFailed),
            ("d", RowStatus::Skipped),
            ("e", RowStatus::Success),
        ];
        assert_eq!(
            Tasks::of(Some(states), Some(durations)),
            Tasks {
                without_events: without_events
                    .map(|(task, status)| (task.to_owned(), status))
                    .to_vec(),
                failed: vec!["b".to_owned()],
            }
        );
        // Without durations nobody knows which of them ran.
        assert_eq!(Tasks::of(Some(states), None).without_events, []);
        for odd in ["7", "[]", r#"{"a":1}"#, "\"a\"", r#"{"a":"#] {
            assert_eq!(
                Tasks::of(Some(odd), Some(durations)),
                Tasks::default(),
                "{odd}"
            );
        }
    }
}
