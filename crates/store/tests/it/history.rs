//! The view `run_history`, on rows whose values were found by hand.

use smartetl_core::fuse::{Run, TriggerOf};
use smartetl_core::model::{Moment, RunStatus, Trigger};
use smartetl_store::copy::{encode_run, encode_trigger};
use smartetl_store::fusion;
use uuid::Uuid;

use crate::samples;

/// Statuses of one job's root runs, hour by hour -> previous status and runs since the last success, in that order.
/// A word before a colon is the trigger; a leading `-` makes a child run.
async fn check(runs: &str, expected: &str) {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let mut tuples = Vec::new();
    for (hour, word) in runs.split_whitespace().enumerate() {
        let (is_root, word) = word
            .strip_prefix('-')
            .map_or((true, word), |child| (false, child));
        let (trigger, status) = word.split_once(':').unwrap_or(("scheduled", word));
        let (status, trigger) = (
            RunStatus::parse(status).expect("a status"),
            Trigger::parse(trigger).expect("a trigger"),
        );
        // Two jobs with the same rows, the second without a project: neither sees the other.
        for (job, project) in [(0, Some("P")), (1, None)] {
            let run = Run {
                run_key: Uuid::from_u128(1 + 2 * hour as u128 + job),
                project,
                started_at: Moment(
                    samples::moment("2026-11-23T00:00:00Z").0 + hour as i64 * 3_600_000_000,
                ),
                status,
                is_root,
                ..samples::bare_run()
            };
            encode_run(&run, Moment(0), Moment(0), &mut tuples);
            encode_trigger(
                &TriggerOf {
                    trigger,
                    ..samples::BARE_TRIGGER
                },
                &mut tuples,
            );
        }
    }
    fusion::copy_dataset(&mut connection, |piece| {
        piece.append(&mut tuples);
        Ok(false)
    })
    .await
    .expect("the runs are accepted");
    for project in ["project = 'P'", "project IS NULL"] {
        let found: Vec<(Option<String>, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT previous_status, runs_since_success FROM run_history WHERE {project} ORDER BY started_at"
        )))
        .fetch_all(&mut connection)
        .await
        .expect("the view");
        let found: Vec<String> = found
            .into_iter()
            .map(|(previous, since)| {
                format!("{}+{since}", previous.unwrap_or_else(|| "none".to_owned()))
            })
            .collect();
        assert_eq!(found.join(" "), expected, "{project}");
    }
}

#[tokio::test]
async fn a_success_begins_anew() {
    check(
        "success failed lost success success running",
        "none+0 success+1 failed+2 lost+0 success+0 success+1",
    )
    .await;
}

#[tokio::test]
async fn before_the_first_success_all_runs_count() {
    check(
        "failed failed success failed",
        "none+1 failed+2 failed+0 success+1",
    )
    .await;
}

#[tokio::test]
async fn runs_that_say_nothing_about_the_job_are_left_out() {
    check(
        "success cancelled manual:failed reprocess:success skipped -failed failed rerun:success",
        "none+0 success+1 failed+0",
    )
    .await;
}
