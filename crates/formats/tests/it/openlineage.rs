//! Events of OpenLineage one by one, as a topic or a request brings them: what each becomes.

use std::path::PathBuf;

use proptest::prelude::*;
use smartetl_formats::{FormatError, MessageReader, Outcome, Plan, Settings};

use crate::support::{Rows, fixture, paris, plan_of, read_all};

fn openlineage() -> Settings {
    Settings {
        dialect: Some("openlineage".to_owned()),
        ..paris()
    }
}

fn reader(settings: &Settings) -> MessageReader {
    let plan = Plan::of_messages(settings).expect("a known dialect");
    let plan = plan.expect("events need no sample");
    MessageReader::open(&plan, settings).expect("its own plan")
}

/// What a message gives, without its place.
fn read(message: &[u8]) -> (Outcome, Rows) {
    let mut rows = Rows::default();
    let outcome = reader(&openlineage()).read(message, 7, &mut rows);
    assert_eq!(
        outcome,
        match (rows.logs + rows.errors, rows.rejects) {
            (0, 0) => Outcome::Silent,
            (0, 1) => Outcome::Rejected,
            (count, 0) => Outcome::Rows(count),
            more => panic!("rows and rejects of one message: {more:?}"),
        }
    );
    (outcome, rows)
}

/// An event with these parts in place of the usual ones, or beside them.
fn event(parts: &str) -> String {
    let mut event = serde_json::json!({
        "eventType": "START",
        "eventTime": "2026-03-04T05:00:00Z",
        "run": {"runId": "r"},
        "job": {"namespace": "prod", "name": "export"},
        "producer": "https://jobs.example.org/client",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    });
    let parts: serde_json::Value =
        serde_json::from_str(&format!("{{{parts}}}")).expect("a part of an event");
    let own = event.as_object_mut().expect("an object");
    for (key, value) in parts.as_object().expect("an object") {
        if value.is_null() {
            own.remove(key);
        } else {
            own.insert(key.clone(), value.clone());
        }
    }
    event.to_string()
}

#[track_caller]
fn check(parts: &str, expected: &[&str]) {
    let (_, rows) = read(event(parts).as_bytes());
    assert_eq!(rows.lines, expected, "{parts}");
}

#[track_caller]
fn check_reject(message: &str, expected: &str) {
    let (_, rows) = read(message.as_bytes());
    let told = rows.lines.join("\n");
    assert!(
        told.starts_with(&format!("7 reject {expected}")),
        "{message}: {told}"
    );
}

const WHO: &str = "openlineage export";
const RUN: &str = "project=prod context=prod run=r root=r";

#[test]
fn every_type_of_event() {
    let at = "2026-03-04T05:00:00Z";
    for (kind, expected) in [
        ("START", "begin STATUS running"),
        ("start", "begin STATUS running"),
        ("RUNNING", "metric STATUS running"),
        ("COMPLETE", "end STATUS success"),
        ("FAIL", "end STATUS failed"),
        ("ABORT", "end STATUS cancelled"),
    ] {
        let (event, status) = expected.split_once(" STATUS ").expect("two words");
        check(
            &format!("\"eventType\":\"{kind}\""),
            &[&format!("7.0 log {at} {event} {WHO} status={status} {RUN}")],
        );
    }
    check("\"eventType\":\"OTHER\"", &[]);
    check("\"eventType\":null", &[]);
    check("\"eventType\":\"\"", &[]);
    check_reject(
        &event("\"eventType\":\"FINISHED\""),
        "unknown_word eventType (`FINISHED` is none of START, RUNNING, COMPLETE, FAIL, ABORT and OTHER)",
    );
}

#[test]
fn times_in_all_ways_that_senders_write_them() {
    for (time, expected) in [
        (
            "\"2026-03-04T05:00:00.123456789Z\"",
            "2026-03-04T05:00:00.123456Z",
        ),
        ("\"2026-03-04T05:00:00+10:00\"", "2026-03-03T19:00:00Z"),
        ("\"2026-03-04T05:00:00-0530\"", "2026-03-04T10:30:00Z"),
        ("\"2026-03-04 05:00:00,5+01\"", "2026-03-04T04:00:00.5Z"),
        // Without offset: local, here in Paris.
        ("\"2026-03-04T05:00:00.5\"", "2026-03-04T04:00:00.5Z"),
        ("\"2026-03-04T05:00\"", "2026-03-04T04:00:00Z"),
        (
            "\"2026-03-04T05:00:00+01:00[Europe/Paris]\"",
            "2026-03-04T04:00:00Z",
        ),
        ("\"2026-03-04T05:00:00Z[UTC]\"", "2026-03-04T05:00:00Z"),
        (
            "\"2026-03-04T05:00:00[Asia/Tokyo]\"",
            "2026-03-03T20:00:00Z",
        ),
        ("1772600400123", "2026-03-04T05:00:00.123Z"),
        ("1772600400", "2026-03-04T05:00:00Z"),
        ("1772600400.250000000", "2026-03-04T05:00:00.25Z"),
        ("\"1772600400123\"", "2026-03-04T05:00:00.123Z"),
    ] {
        let message = event("\"eventTime\":\"X\"").replace("\"X\"", time);
        let (_, rows) = read(message.as_bytes());
        assert_eq!(
            rows.lines,
            [format!(
                "7.0 log {expected} begin {WHO} status=running {RUN}"
            )],
            "{time}"
        );
    }
    // The hour that comes twice in Paris, told by the offset.
    check(
        "\"eventTime\":\"2026-10-25T02:30:00+01:00\"",
        &[&format!(
            "7.0 log 2026-10-25T01:30:00Z begin {WHO} status=running {RUN}"
        )],
    );
    check(
        "\"eventTime\":\"2026-10-25T02:30:00\"",
        &[&format!(
            "7.0 log 2026-10-25T00:30:00Z begin ambiguous {WHO} status=running {RUN}"
        )],
    );
    for (time, expected) in [
        ("null", "missing_value eventTime"),
        ("\"\"", "missing_value eventTime"),
        (
            "\"yesterday\"",
            "bad_time eventTime (`yesterday` is no time",
        ),
        ("\"2026-03-04T05:00:00 CEST\"", "bad_time eventTime"),
        ("\"2026-03-04T05:00:00[Mars/Base]\"", "bad_time eventTime"),
        ("\"2026-02-30T05:00:00Z\"", "bad_time eventTime"),
        ("\"1970-01-01T00:00:00Z\"", "time_out_of_range eventTime"),
        ("\"04/03/2026 05:00:00\"", "bad_time eventTime"),
        ("true", "bad_time eventTime"),
        ("[2026,3,4,5,0]", "bad_time eventTime"),
        ("17", "bad_time eventTime"),
    ] {
        check_reject(
            &event("\"eventTime\":\"X\"").replace("\"X\"", time),
            expected,
        );
    }
}

#[test]
fn what_a_run_cannot_do_without() {
    for (parts, expected) in [
        ("\"run\":null", "missing_value run.runId"),
        ("\"run\":{}", "missing_value run.runId"),
        ("\"run\":\"r\"", "missing_value run.runId"),
        ("\"run\":{\"runId\":\"\"}", "missing_value run.runId"),
        ("\"job\":null", "missing_value job.name"),
        ("\"job\":{\"namespace\":\"prod\"}", "missing_value job.name"),
        ("\"job\":{\"name\":\"a\\u0000b\"}", "bad_value -"),
        ("\"job\":{\"name\":\"a\\ud800b\"}", "bad_value -"),
    ] {
        if parts.contains("\\ud800") {
            let message = event("").replace("export", "a\\ud800b");
            check_reject(&message, expected);
        } else {
            check_reject(&event(parts), expected);
        }
    }
    check(
        "\"job\":{\"name\":\"export\"}, \"producer\":null, \"schemaURL\":null, \"inputs\":null",
        &[&format!(
            "7.0 log 2026-03-04T05:00:00Z begin {WHO} status=running run=r root=r"
        )],
    );
}

#[test]
fn names_that_no_key_can_hold_are_rejects() {
    let name = |bytes: usize| "n".repeat(bytes);
    let job = |namespace: usize, job: usize| {
        let (namespace, job) = (name(namespace), name(job));
        event(&format!(
            "\"job\":{{\"namespace\":\"{namespace}\",\"name\":\"{job}\"}}"
        ))
    };
    assert_eq!(read(job(1_000, 1_000).as_bytes()).0, Outcome::Rows(1));
    check_reject(
        &job(1_001, 1),
        "bad_value job.namespace (a name of more than 1000 bytes)",
    );
    check_reject(
        &job(1, 1_001),
        "bad_value job.name (a name of more than 1000 bytes)",
    );
}

#[test]
fn what_is_no_event_of_a_run_is_silent() {
    for parts in [
        "\"run\":null, \"job\":null, \"eventType\":null, \"dataset\":{\"namespace\":\"s3://lake\",\"name\":\"t\"}, \"schemaURL\":\"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent\"",
        "\"run\":null, \"eventType\":null, \"schemaURL\":\"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent\"",
        "\"run\":null, \"eventType\":null, \"schemaURL\":null",
    ] {
        check(parts, &[]);
    }
    check_reject(
        &event("\"run\":null, \"eventType\":null"),
        "missing_value run.runId",
    );
    check_reject("{}", "missing_value run.runId");
}

#[test]
fn errors_come_with_any_type_and_name_their_class() {
    let facet = "\"run\":{\"runId\":\"r\",\"facets\":{\"errorMessage\":{\"message\":\"M\",\"programmingLanguage\":\"JAVA\",\"stackTrace\":\"a.b.Ex: M\\n\\tat x\"}}}";
    let error = |seq: u32| {
        format!(
            "7.{seq} error 2026-03-04T05:00:00Z error {WHO} error_type=a.b.Ex {RUN} message=Some(\"M\") stack=a.b.Ex: M\n\tat x"
        )
    };
    check(
        &format!("\"eventType\":\"FAIL\", {facet}"),
        &[
            &format!("7.0 log 2026-03-04T05:00:00Z end {WHO} status=failed {RUN}"),
            &error(1),
        ],
    );
    check(&format!("\"eventType\":\"OTHER\", {facet}"), &[&error(0)]);
    check(&format!("\"eventType\":null, {facet}"), &[&error(0)]);
    // What could not be said about the lineage is no failure of the run.
    check(
        "\"eventType\":\"OTHER\", \"run\":{\"runId\":\"r\",\"facets\":{\"extractionError\":{\"totalTasks\":1,\"failedTasks\":1,\"errors\":[{\"errorMessage\":\"no\"}]}}}",
        &[],
    );
    check(
        "\"eventType\":\"FAIL\", \"run\":{\"runId\":\"r\",\"facets\":{\"errorMessage\":\"text\"}}",
        &[&format!(
            "7.0 log 2026-03-04T05:00:00Z end {WHO} status=failed {RUN}"
        )],
    );
}

#[test]
fn a_test_of_the_data_tells_what_does_not_hold() {
    let test = |kind: &str, severity: &str, more: &str| {
        format!(
            "\"eventType\":\"{kind}\", \"inputs\":[{{\"inputFacets\":{{\"dataQualityAssertions\":{{\"assertions\":[{{\
             \"assertion\":\"unique\",\"success\":false,\"column\":\"id\",\"name\":\"unique_orders_id\"{severity}}}]}}}}}}]{more}"
        )
    };
    let end =
        |status: &str| format!("7.0 log 2026-03-04T05:00:00Z end {WHO} status={status} {RUN}");
    let row = |severity: &str, message: &str| {
        format!("7.1 error 2026-03-04T05:00:00Z {severity} {WHO} {RUN} message=Some(\"{message}\")")
    };
    let told = "Failure in test unique_orders_id: unique of column id";
    for (kind, severity, status, expected) in [
        ("FAIL", "", "failed", "error"),
        ("FAIL", ",\"severity\":\"error\"", "failed", "error"),
        ("COMPLETE", ",\"severity\":\"warn\"", "success", "warning"),
        ("COMPLETE", "", "success", "warning"),
    ] {
        check(
            &test(kind, severity, ""),
            &[&end(status), &row(expected, told)],
        );
    }
    // What is said in words says it all.
    check(
        &test(
            "FAIL",
            "",
            ", \"run\":{\"runId\":\"r\",\"facets\":{\"errorMessage\":{\"message\":\"Got 3 results\"}}}",
        ),
        &[&end("failed"), &row("error", "Got 3 results")],
    );
    check(
        &test("START", "", ""),
        &[&format!(
            "7.0 log 2026-03-04T05:00:00Z begin {WHO} status=running {RUN}"
        )],
    );
}

#[test]
fn statistics_count_once_the_run_is_over() {
    let outputs = "\"inputs\":[{\"inputFacets\":{\"inputStatistics\":{\"rowCount\":9}}}], \"outputs\":[{\"outputFacets\":{\"outputStatistics\":{\"rowCount\":5}}},{\"outputFacets\":{\"outputStatistics\":{\"rowCount\":2}}}]";
    let row = |event: &str, status: &str, rows: &str| {
        format!("7.0 log 2026-03-04T05:00:00Z {event} {WHO}{status}{rows} {RUN}")
    };
    for (kind, expected) in [
        (
            "COMPLETE",
            row("end", " status=success", " rows_in=9 rows_out=7"),
        ),
        (
            "FAIL",
            row("end", " status=failed", " rows_in=9 rows_out=7"),
        ),
        ("OTHER", row("metric", "", " rows_in=9 rows_out=7")),
        ("RUNNING", row("metric", " status=running", "")),
        ("START", row("begin", " status=running", "")),
    ] {
        check(
            &format!("\"eventType\":\"{kind}\", {outputs}"),
            &[&expected],
        );
    }
}

#[test]
fn tries_and_indexes_of_tasks() {
    let task = |instance: &str| {
        format!(
            "\"job\":{{\"namespace\":\"prod\",\"name\":\"dag.load\"}}, \"run\":{{\"runId\":\"t\",\"facets\":{{\"airflow\":{{\"taskInstance\":{instance}}},\
             \"parent\":{{\"run\":{{\"runId\":\"r\"}},\"job\":{{\"namespace\":\"prod\",\"name\":\"dag\"}}}}}}}}"
        )
    };
    let row = |more: &str| {
        format!(
            "7.0 log 2026-03-04T05:00:00Z begin openlineage dag status=running step=load{more} {RUN}"
        )
    };
    for (instance, expected) in [
        (
            "{\"try_number\":2,\"map_index\":3}",
            " attempt=2 map_index=3",
        ),
        ("{\"try_number\":1,\"map_index\":-1}", " attempt=1"),
        ("{\"try_number\":\"2\"}", " attempt=2"),
        ("{\"try_number\":\"first\",\"map_index\":[]}", ""),
        ("{\"try_number\":0}", ""),
        ("{\"try_number\":99999999999}", ""),
        ("{}", ""),
    ] {
        check(&task(instance), &[&row(expected)]);
    }
}

#[test]
fn what_started_a_run_of_airflow_stands_behind_its_namespace() {
    let dag = |dag_run: &str| {
        format!(
            "\"run\":{{\"runId\":\"r\",\"facets\":{{\"airflowDagRun\":{{\"dagRun\":{dag_run}}}}}}}"
        )
    };
    let row = |attempt: &str, context: &str| {
        format!(
            "7.0 log 2026-03-04T05:00:00Z begin {WHO} status=running{attempt} project=prod context={context} run=r root=r"
        )
    };
    for (dag_run, attempt, context) in [
        (
            "{\"run_type\":\"scheduled\",\"clear_number\":0}",
            " attempt=1",
            "scheduled prod",
        ),
        (
            "{\"run_type\":\"scheduled\",\"clear_number\":1}",
            " attempt=2",
            "rerun prod",
        ),
        ("{\"run_type\":\"manual\"}", "", "manual prod"),
        ("{\"run_type\":\"backfill\"}", "", "backfill prod"),
        ("{\"run_type\":\"asset_triggered\"}", "", "prod"),
        ("{\"run_type\":7,\"clear_number\":\"often\"}", "", "prod"),
        ("[]", "", "prod"),
    ] {
        check(&dag(dag_run), &[&row(attempt, context)]);
    }
    // A task has tries of its own.
    check(
        "\"job\":{\"namespace\":\"prod\",\"name\":\"dag.load\"}, \"run\":{\"runId\":\"t\",\"facets\":{\"airflow\":{\
         \"dagRun\":{\"run_type\":\"scheduled\",\"clear_number\":3},\"taskInstance\":{\"try_number\":5}},\
         \"parent\":{\"run\":{\"runId\":\"r\"},\"job\":{\"namespace\":\"prod\",\"name\":\"dag\"}}}}",
        &[
            "7.0 log 2026-03-04T05:00:00Z begin openlineage dag status=running step=load attempt=5 project=prod context=rerun prod \
             run=r root=r",
        ],
    );
}

#[test]
fn the_end_of_a_dag_tells_of_tasks_without_events() {
    let dag = |facets: &str| {
        format!(
            "\"eventType\":\"FAIL\", \"run\":{{\"runId\":\"r\",\"facets\":{{\"errorMessage\":{{\"message\":\"task_failure\"}}{facets}}}}}"
        )
    };
    let end = format!("7.0 log 2026-03-04T05:00:00Z end {WHO} status=failed {RUN}");
    let task = |seq: u32, task: &str, status: &str| {
        format!("7.{seq} log 2026-03-04T05:00:00Z end {WHO} status={status} step={task} {RUN}")
    };
    let error = |seq: u32, step: &str| {
        format!(
            "7.{seq} error 2026-03-04T05:00:00Z error {WHO}{step} {RUN} message=Some(\"task_failure\")"
        )
    };
    check(
        &dag(
            ", \"airflowState\":{\"tasksState\":{\"publish\":\"upstream_failed\",\"load\":\"failed\",\"extract\":\"success\",\
             \"done\":\"success\"},\"tasksDuration\":{\"publish\":0.0,\"load\":2.6,\"extract\":1.0,\"done\":0.0}}",
        ),
        &[
            &end,
            &task(1, "done", "success"),
            &task(2, "publish", "upstream_failed"),
            &error(3, " step=load"),
        ],
    );
    check(&dag(""), &[&end, &error(1, "")]);
    check(
        &dag(", \"airflowState\":{\"tasksState\":[7],\"tasksDuration\":\"long\"}"),
        &[&end, &error(1, "")],
    );
}

#[test]
fn nominal_time_and_version_stand_in_the_begin() {
    check(
        "\"run\":{\"runId\":\"r\",\"facets\":{\"nominalTime\":{\"nominalStartTime\":\"2026-03-03T00:00:00Z\"}}}, \
         \"job\":{\"namespace\":\"prod\",\"name\":\"export\",\"facets\":{\"sourceCodeLocation\":{\"version\":\"4be1c02\"}}}",
        &[
            "7.0 log 2026-03-04T05:00:00Z begin openlineage export status=running message=nominal time 2026-03-03T00:00:00Z \
             project=prod job_version=4be1c02 context=prod run=r root=r",
        ],
    );
}

#[test]
fn what_is_no_event_at_all_is_a_reject_with_a_reason() {
    for (message, expected) in [
        ("", "json -"),
        ("  \n", "json -"),
        ("null", "json -"),
        ("[]", "json -"),
        ("[{}]", "json -"),
        ("7", "json -"),
        ("{\"eventType\":\"START\"", "json -"),
        ("{\"eventType\":\"START\"} {}", "json -"),
        ("not JSON", "json -"),
    ] {
        check_reject(message, expected);
    }
    let (_, rows) = read(b"{\"eventType\":\"\xE9\"}");
    assert!(rows.lines[0].starts_with("7 reject encoding -"), "{rows:?}");
    let long = event(&format!("\"x\":\"{}\"", "x".repeat(16 << 20)));
    let (_, rows) = read(long.as_bytes());
    assert!(
        rows.lines[0].starts_with("7 reject too_long -"),
        "{}",
        &rows.lines[0][..100]
    );
    // 10 MB of a facet that nobody asks for are no reason.
    let large = event(&format!("\"x\":\"{}\"", "x".repeat(10 << 20)));
    assert_eq!(read(large.as_bytes()).0, Outcome::Rows(1));
    // Nor is how deep it is.
    let deep =
        event("\"x\":7").replace('7', &format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)));
    assert_eq!(read(deep.as_bytes()).0, Outcome::Rows(1));
    // A mark of the byte order, and an event over several lines.
    let marked = format!("\u{FEFF}{}", event("").replace(',', ",\n"));
    assert_eq!(read(marked.as_bytes()).0, Outcome::Rows(1));
}

#[test]
fn a_message_gives_what_its_line_in_a_file_gives() {
    for name in ["night.jsonl", "edges.jsonl", "damaged_events.jsonl"] {
        let bytes = fixture(&format!("openlineage/{name}"));
        let (_, reading) = read_all(&bytes, &paris());
        let mut rows = Rows::default();
        let mut reader = reader(&openlineage());
        for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if !line.is_empty() {
                reader.read(line, number as i64 + 1, &mut rows);
            }
        }
        assert_eq!(rows.lines, reading.rows.lines, "{name}");
    }
}

#[test]
fn other_dialects_read_messages_too() {
    let mapping = "name = 'n'\nsystem = 's'\ntime_format = 'ymd'\nzone = 'UTC'\n[run]\njob = 'job.name'\nrun_id = 'run'\n[[log]]\nevent = 'begin'\nmoment = 'at'\n";
    let of = |text: &str| {
        let mappings = smartetl_formats::dialect::generic::MappingSet::parse("n.toml", text)
            .expect("a good mapping");
        Settings {
            mappings: mappings.only(),
            ..paris()
        }
    };
    let settings = of(mapping);
    let plan = Plan::of_messages(&settings).expect("it can be used");
    let plan = plan.expect("the mapping says everything");
    let mut reader = MessageReader::open(&plan, &settings).expect("its own plan");
    let mut rows = Rows::default();
    let message = b"{\"run\":\"1\",\"at\":\"2026-01-31\",\"job\":{\"name\":\"j\"}}";
    assert_eq!(reader.read(message, 1, &mut rows), Outcome::Rows(1));
    assert_eq!(
        reader.read(b"{\"run\":\"1\"}", 2, &mut rows),
        Outcome::Rejected
    );
    assert_eq!(
        rows.lines[0],
        "1.0 log 2026-01-31T00:00:00Z begin s j run=1 root=1"
    );
    // Without the form of the times it takes a message to tell, as for Talend's tables.
    let open = of(&mapping.replace("time_format = 'ymd'\n", ""));
    assert_eq!(Plan::of_messages(&open).expect("it can be used"), None);
    assert_eq!(Plan::of_messages(&paris()).expect("nothing is named"), None);
    let told = Plan::of_message(message, &open).expect("it fits");
    let mut reader = MessageReader::open(&told, &open).expect("its own plan");
    assert_eq!(reader.read(message, 1, &mut rows), Outcome::Rows(1));
    let talend = br#"{"moment":"2026-01-31 06:05:04","pid":"a1","job":"j","message_type":"begin"}"#;
    let plan = Plan::of_message(talend, &paris()).expect("Talend's columns");
    assert_eq!(plan.dialect.dialect, "talend");
    let mut rows = Rows::default();
    let mut reader = MessageReader::open(&plan, &paris()).expect("its own plan");
    assert_eq!(reader.read(talend, 1, &mut rows), Outcome::Rows(1));
    // A table is no message.
    assert!(matches!(
        Plan::of_message(&fixture("talend/stat.csv"), &paris()),
        Err(FormatError::NoDialect { .. })
    ));
    let unknown = Settings {
        dialect: Some("none".to_owned()),
        ..paris()
    };
    assert!(matches!(
        Plan::of_messages(&unknown),
        Err(FormatError::UnknownDialect { .. })
    ));
}

#[test]
fn only_events_are_taken_for_events() {
    for other in [
        // The names alone.
        "{\"eventTime\":\"2026-03-04T05:00:00Z\",\"run\":{\"runId\":\"r\"},\"message\":\"x\"}\n",
        "{\"eventTime\":\"2026-03-04T05:00:00Z\",\"job\":{\"name\":\"j\"},\"eventType\":\"START\"}\n",
        "{\"eventTime\":\"2026-03-04T05:00:00Z\",\"eventType\":\"START\",\"producer\":\"openlineage\"}\n",
        "{\"Event\":\"SparkListenerJobStart\",\"Job ID\":1}\n",
    ] {
        if let Ok(plan) = plan_of(other.as_bytes(), &paris()) {
            panic!("{other} is read as {}", plan.describe());
        }
    }
    let csv = "eventTime;run.runId;job.name;producer\n2026-03-04T05:00:00Z;r;j;openlineage\n";
    assert!(plan_of(csv.as_bytes(), &paris()).is_err());
    let told = plan_of(csv.as_bytes(), &openlineage()).expect_err("no JSON");
    assert!(told.to_string().contains("events are JSON"), "{told}");
}

#[test]
fn a_first_event_of_megabytes_is_recognised() {
    let facets: String = (0..30_000)
        .map(|number| format!("\"f{number}\":{{\"x\":{{\"y\":\"{}\"}}}},", "z".repeat(60)))
        .collect();
    let large = event("").replace(
        "\"run\":{",
        &format!("\"run\":{{\"facets\":{{{facets}\"z\":1}},"),
    );
    assert!(large.len() > 2 << 20);
    for text in [
        format!("{large}\n{}\n", event("")),
        format!("[{large},\n{}]\n", event("")),
        format!("[\n{},\n{}]\n", large.replace("}},", "}},\n"), event("")),
    ] {
        let (plan, reading) = read_all(text.as_bytes(), &paris());
        assert_eq!(plan.dialect.dialect, "openlineage");
        assert_eq!((reading.with_rows, reading.records()), (2, 2));
    }
}

/// So many rows, rejects and silent records each sample gives.
const SAMPLES: &[(&str, u32, &str)] = &[
    ("event_additional_facet.json", 1, "begin"),
    ("event_full.json", 1, "end"),
    ("event_namespace_naming.json", 1, "end"),
    ("event_required_no_timezone.json", 0, "silent"),
    ("event_required_only.json", 0, "silent"),
    ("event_simple.json", 1, "end"),
    ("event_without_schema_url.json", 1, "end"),
];

#[test]
#[expect(clippy::print_stderr, reason = "says that the samples are missing")]
fn the_samples_of_marquez_are_read() {
    let shared = std::env::var_os("SMARTETL_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let samples = shared.join("samples/openlineage");
    if !samples.is_dir() {
        eprintln!(
            "the samples are left out: {} is not there",
            samples.display()
        );
        return;
    }
    let mut names: Vec<String> = std::fs::read_dir(&samples)
        .expect("a folder")
        .map(|entry| entry.expect("it can be listed"))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".json"))
        .collect();
    names.sort();
    let known: Vec<&str> = SAMPLES.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(names, known);
    for (name, rows, word) in SAMPLES {
        let bytes = std::fs::read(samples.join(name)).expect("a sample");
        let (plan, reading) = read_all(&bytes, &paris());
        assert_eq!(plan.dialect.dialect, "openlineage", "{name}");
        let count = (reading.with_rows, reading.rejected, reading.silent);
        assert_eq!(count, (*rows, 0, 1 - rows), "{name}");
        assert_eq!(reading.rows.lines.len() as u32, *rows, "{name}");
        assert!(
            *word == "silent" || reading.rows.lines[0].contains(&format!(" {word} openlineage my")),
            "{name}: {:?}",
            reading.rows.lines
        );
        // By itself, as a request would bring it.
        assert_eq!(read(&bytes).1.logs, *rows, "{name}");
    }
}

/// Any JSON, often with what an event has.
fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Map, Value};
    let word = prop::sample::select(vec![
        "",
        "START",
        "FAIL",
        "other",
        "r",
        "prod",
        "dag",
        "dag.load",
        "TASK",
        "DBT",
        "SQL",
        "MODEL",
        "2026-03-04T05:00:00Z",
        "2026-03-04T05:00:00[Europe/Paris]",
        "2026-10-25T02:30:00",
        "é[\u{1F600}]",
        "]",
        "[",
        "\0",
        "Traceback (most recent call last):\nA: b",
        "Exception in thread \"x\" a.B: c",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "eventType",
        "eventTime",
        "schemaURL",
        "producer",
        "run",
        "runId",
        "job",
        "namespace",
        "name",
        "facets",
        "parent",
        "root",
        "parentRun",
        "errorMessage",
        "message",
        "stackTrace",
        "nominalTime",
        "nominalStartTime",
        "jobType",
        "integration",
        "airflow",
        "taskInstance",
        "try_number",
        "map_index",
        "dataset",
        "inputs",
        "outputs",
        "outputFacets",
        "outputStatistics",
        "rowCount",
        "inputFacets",
        "inputStatistics",
        "sourceCodeLocation",
        "version",
        "x",
    ]);
    leaf.prop_recursive(7, 80, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..12).prop_map(|members| {
                let members = members
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value));
                Value::from(members.collect::<Map<_, _>>())
            }),
        ]
    })
}

/// A whole event in which some places hold anything.
fn nearly() -> impl Strategy<Value = serde_json::Value> {
    let places = vec![
        "/eventType",
        "/eventTime",
        "/run",
        "/run/runId",
        "/job",
        "/job/name",
        "/job/namespace",
        "/job/facets",
        "/job/facets/jobType",
        "/run/facets",
        "/run/facets/parent",
        "/run/facets/parent/run/runId",
        "/run/facets/parent/job/name",
        "/run/facets/parent/root",
        "/run/facets/parent/root/run/runId",
        "/run/facets/errorMessage",
        "/run/facets/errorMessage/message",
        "/run/facets/airflow",
        "/inputs",
        "/outputs",
        "/outputs/0",
        "/outputs/0/outputFacets",
    ];
    let damage = prop::collection::vec((prop::sample::select(places), json()), 0..4);
    (0..20_usize, damage).prop_map(|(line, damage)| {
        let night = fixture("openlineage/night.jsonl");
        let line = night
            .split(|byte| *byte == b'\n')
            .nth(line)
            .expect("a line");
        let mut event: serde_json::Value = serde_json::from_slice(line).expect("an event");
        for (place, value) in damage {
            if let Some(found) = event.pointer_mut(place) {
                *found = value;
            }
        }
        event
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_json_gives_rows_or_a_reject(value in json()) {
        read(value.to_string().as_bytes());
    }

    #[test]
    fn nearly_any_event_gives_rows_or_a_reject(value in nearly()) {
        read(value.to_string().as_bytes());
    }

    #[test]
    fn any_bytes_give_rows_or_a_reject(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&bytes);
    }
}
