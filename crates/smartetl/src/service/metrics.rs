//! `/metrics`: the numbers of this process and of what is stored, in Prometheus' text format (version 0.0.4).

use super::{Process, Service, consumers};
use crate::inbox::Inbox;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use smartetl_store::facts::{Facts, facts};
use sqlx::Connection as _;
use std::fmt::{Display, Write as _};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);

pub async fn metrics(State(service): State<Arc<Service>>) -> Response {
    let mut text = Exposition::default();
    let now_us = jiff::Timestamp::now().as_microsecond();
    match &service.process {
        Process::Pages => of_process(&service, &mut text),
        Process::Consumer(consumer) => {
            consumers::families(&[consumer.line()], &consumer.lags(), now_us, &mut text);
            of_service(&service, &mut text);
        }
        Process::Producer => of_service(&service, &mut text),
    }
    let stored = tokio::time::timeout(PATIENCE, async {
        let mut connection = service.pool.acquire().await?;
        anyhow::Ok(match service.process {
            Process::Pages => Some(facts(&mut connection).await?),
            // What is stored is told by `up`.
            Process::Consumer(_) | Process::Producer => {
                connection.ping().await?;
                None
            }
        })
    });
    let stored = stored.await.ok().and_then(Result::ok);
    text.family(
        "smartetl_database_up",
        "gauge",
        "Whether the database answered",
    );
    text.sample(&[], i32::from(stored.is_some()));
    if let Some(stored) = stored.flatten() {
        of_tables(&stored, &mut text);
        consumers::families(&stored.consumers, &stored.lags, now_us, &mut text);
    }
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text.0,
    )
        .into_response()
}

fn of_process(service: &Service, text: &mut Exposition) {
    let telemetry = &service.telemetry;
    let mut one = |name: &'static str, kind: &str, help: &str, value: &dyn Display| {
        text.family(name, kind, help);
        text.sample(&[], value);
    };
    one(
        "smartetl_demo",
        "gauge",
        "Whether the data is simulated",
        &i32::from(service.demo),
    );
    one(
        "smartetl_loading",
        "gauge",
        "Whether the first load is going on",
        &i32::from(telemetry.is_loading()),
    );
    one(
        "smartetl_intake_trouble",
        "gauge",
        "Whether new logs cannot be stored at the moment",
        &i32::from(telemetry.intake_trouble().is_some()),
    );
    one(
        "smartetl_fuse_trouble",
        "gauge",
        "Whether no runs can be made of stored rows at the moment",
        &i32::from(telemetry.fuse_trouble().is_some()),
    );
    one(
        "smartetl_unreadable_paths",
        "gauge",
        "Files and paths that cannot be read, or not to their end, or wait for a person's decision",
        &telemetry.findings().len(),
    );
    for (name, kind, help, value) in [
        (
            "smartetl_watched_files",
            "gauge",
            "Files below the watched paths",
            &telemetry.files_watched,
        ),
        (
            "smartetl_looks_total",
            "counter",
            "Times the watched paths were looked at",
            &telemetry.looks,
        ),
        (
            "smartetl_files_read_total",
            "counter",
            "Files of which something was read",
            &telemetry.files_read,
        ),
        (
            "smartetl_files_failed_total",
            "counter",
            "Times a file could not be read, or not to its end",
            &telemetry.files_failed,
        ),
        (
            "smartetl_files_undecided_total",
            "counter",
            "Times a file was left alone because a person has to decide",
            &telemetry.files_undecided,
        ),
        (
            "smartetl_waiting_files",
            "gauge",
            "Files whose last line has no end yet",
            &telemetry.files_waiting,
        ),
        (
            "smartetl_lines_reopened_total",
            "counter",
            "Last lines without end that were taken as they were, went on, and were read again",
            &telemetry.lines_reopened,
        ),
        (
            "smartetl_records_read_total",
            "counter",
            "Records read",
            &telemetry.records_read,
        ),
        (
            "smartetl_records_rejected_total",
            "counter",
            "Records read that could not become rows",
            &telemetry.records_rejected,
        ),
        (
            "smartetl_intakes_failed_total",
            "counter",
            "Times new logs could not be stored; they are read again",
            &telemetry.intakes_failed,
        ),
        (
            "smartetl_fuses_total",
            "counter",
            "Fuses that made runs of rows",
            &telemetry.fuses,
        ),
        (
            "smartetl_fuses_failed_total",
            "counter",
            "Fuses that failed; they are tried again",
            &telemetry.fuses_failed,
        ),
        (
            "smartetl_clock_fuses_total",
            "counter",
            "Fuses without new rows, because time passed",
            &telemetry.clock_fuses,
        ),
        (
            "smartetl_runs_fused_total",
            "counter",
            "Runs written by fuses",
            &telemetry.runs_fused,
        ),
    ] {
        one(name, kind, help, &value.load(Ordering::Relaxed));
    }
    text.family(
        "smartetl_intake_seconds",
        "summary",
        "Time spent reading, storing and fusing new logs",
    );
    text.line(
        "smartetl_intake_seconds_sum",
        &[],
        telemetry.intake_seconds(),
    );
    text.line(
        "smartetl_intake_seconds_count",
        &[],
        telemetry.intakes.load(Ordering::Relaxed),
    );
    of_service(service, text);
}

/// What is said of every process that answers.
fn of_service(service: &Service, text: &mut Exposition) {
    text.family(
        "smartetl_http_requests_total",
        "counter",
        "Answers by route and status",
    );
    for ((route, status), number) in service.telemetry.requests() {
        text.sample(
            &[("route", &route), ("status", &status.to_string())],
            number,
        );
    }
    if let Some(posting) = &service.posting {
        of_posts(&posting.inbox, text);
    }
    text.family("smartetl_build_info", "gauge", "The version that runs");
    text.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
}

/// What was posted over HTTP to this process.
fn of_posts(inbox: &Inbox, text: &mut Exposition) {
    let counters = &inbox.counters;
    for (name, help, value) in [
        (
            "smartetl_posted_records_total",
            "Records posted and stored",
            &counters.records,
        ),
        (
            "smartetl_posted_rejects_total",
            "Records posted that could not become rows",
            &counters.rejects,
        ),
        (
            "smartetl_posted_repeats_total",
            "Posts that were stored before and changed nothing",
            &counters.repeated,
        ),
        (
            "smartetl_posted_commit_failures_total",
            "Commits of posts that failed",
            &counters.commits_failed,
        ),
    ] {
        text.family(name, "counter", help);
        text.sample(&[], value.load(Ordering::Relaxed));
    }
    text.family(
        "smartetl_posted_commit_seconds",
        "summary",
        "Time spent committing posts",
    );
    text.line(
        "smartetl_posted_commit_seconds_sum",
        &[],
        counters.commit_seconds(),
    );
    text.line(
        "smartetl_posted_commit_seconds_count",
        &[],
        counters.commits.load(Ordering::Relaxed),
    );
    text.family(
        "smartetl_posted_waiting_bytes",
        "gauge",
        "Room taken by posts that are being read or wait to be stored",
    );
    text.sample(&[], inbox.room.taken());
}

fn of_tables(stored: &Facts, text: &mut Exposition) {
    text.family(
        "smartetl_rows",
        "gauge",
        "Rows stored, by table and dialect",
    );
    for of in &stored.sources {
        text.sample(&[("table", "log"), ("dialect", &of.dialect)], of.rows_log);
        text.sample(
            &[("table", "logerreur"), ("dialect", &of.dialect)],
            of.rows_error,
        );
    }
    for (name, help, pick) in [
        (
            "smartetl_sources",
            "Sources read, by dialect",
            (|of| of.sources) as fn(&smartetl_store::facts::Sources) -> i64,
        ),
        (
            "smartetl_records",
            "Records stored, rejected or silent, by dialect",
            |of| of.records,
        ),
        ("smartetl_batches", "Batches committed, by dialect", |of| {
            of.batches
        }),
        (
            "smartetl_rows_left_out",
            "Rows that counted nothing because their trees had retired, by dialect",
            |of| of.left_out,
        ),
        (
            "smartetl_batches_not_fused",
            "Batches whose rows are not in dataset yet, by dialect",
            |of| of.batches_not_fused,
        ),
    ] {
        text.family(name, "gauge", help);
        for of in &stored.sources {
            text.sample(&[("dialect", &of.dialect)], pick(of));
        }
    }
    text.family("smartetl_rejects", "gauge", "Rejected records, by reason");
    for (reason, number) in &stored.rejects {
        text.sample(&[("reason", reason)], number);
    }
    text.family(
        "smartetl_last_event_timestamp_seconds",
        "gauge",
        "The latest moment in the logs, by system and environment",
    );
    for (system, environment, at) in &stored.horizons {
        text.sample(
            &[("system", system), ("environment", environment)],
            at.0 as f64 / 1e6,
        );
    }
    if let Some(fuse) = &stored.fuse {
        text.family(
            "smartetl_last_fuse_timestamp_seconds",
            "gauge",
            "When the last fuse ended",
        );
        text.sample(&[], fuse.fused_at.0 as f64 / 1e6);
        text.family(
            "smartetl_last_fuse_runs",
            "gauge",
            "Runs that the last fuse wrote",
        );
        text.sample(&[], fuse.runs);
    }
}

/// The text, family by family.
#[derive(Default)]
pub(super) struct Exposition(String, &'static str);

impl Exposition {
    /// Begins a family: its samples follow.
    pub(super) fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.1 = name;
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    pub(super) fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.line(self.1, labels, value);
    }

    pub(super) fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (index, (label, text)) in labels.iter().enumerate() {
            let text = text
                .replace('\\', r"\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            let _ = write!(
                self.0,
                "{}{label}=\"{text}\"",
                if index == 0 { '{' } else { ',' }
            );
        }
        let _ = writeln!(
            self.0,
            "{} {value}",
            if labels.is_empty() { "" } else { "}" }
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped() {
        let mut text = Exposition::default();
        text.family("n", "gauge", "Help");
        text.sample(&[("a", "x\"\\\ny"), ("b", "é")], 1.5);
        text.sample(&[], 2);
        assert_eq!(
            text.0,
            "# HELP n Help\n# TYPE n gauge\nn{a=\"x\\\"\\\\\\ny\",b=\"é\"} 1.5\nn 2\n"
        );
    }
}
