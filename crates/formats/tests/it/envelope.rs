//! Messages: what rows become on their way through Kafka, that they come out as they went in, and what is refused.

use proptest::prelude::*;
use smartetl_core::model::{
    ErrorRow, Event, LogRow, Moment, Reject, RejectReason, RowStatus, Severity,
};
use smartetl_formats::envelope;

use crate::support::Rows;

fn log() -> LogRow<'static> {
    LogRow {
        line: 12,
        seq: 1,
        moment: Moment(1_795_550_403_123_456),
        moment_ambiguous: true,
        system: "talend",
        environment: Some("PROD"),
        host: Some("srv-etl-01"),
        project: Some("ACHATS"),
        job: "J_Commandes",
        job_id: Some("_abc"),
        job_version: Some("1.2"),
        context: Some("PROD_REPRISE"),
        run_id: "x1Yz",
        parent_run_id: Some("p1"),
        root_run_id: "r1",
        step: Some("tMap_1"),
        attempt: Some(2),
        map_index: Some(0),
        event: Event::End,
        status: Some(RowStatus::Failed),
        duration_reported_ms: Some(-55_830),
        label: Some("rejeté"),
        count: Some(0),
        rows_in: Some(3),
        rows_out: Some(2),
        rows_rejected: Some(1),
        message: Some("fin « normale »\n\"?\""),
    }
}

fn error() -> ErrorRow<'static> {
    ErrorRow {
        line: 7,
        seq: 0,
        moment: Moment(1_795_550_403_000_000),
        moment_ambiguous: false,
        system: "talend",
        environment: None,
        host: None,
        project: None,
        job: "J",
        context: None,
        run_id: "x",
        parent_run_id: None,
        root_run_id: "x",
        step: None,
        attempt: None,
        map_index: None,
        severity: Severity::Fatal,
        error_type: Some("java.sql.SQLException"),
        error_code: Some("ORA-00942"),
        code_scheme: Some("oracle"),
        message: Some("table inconnue"),
        message_truncated: true,
        stack: Some("at a.b(C.java:1)"),
    }
}

fn body(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = br#"{"v":1"#.to_vec();
    for (name, element) in parts {
        body.extend_from_slice(format!(",\"{name}\":").as_bytes());
        body.extend_from_slice(element);
    }
    body.push(b'}');
    body
}

fn of(write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out).expect("rows can be written");
    out
}

fn listed(element: &[u8]) -> Vec<u8> {
    [b"[", element, b"]"].concat()
}

fn refused(value: &[u8]) -> (RejectReason, String) {
    let mut rows = Rows::default();
    let unreadable = envelope::read(value, &mut rows).expect_err("it is no message");
    assert_eq!(rows, Rows::default(), "nothing of it is taken");
    (unreadable.reason, unreadable.detail)
}

#[test]
fn rows_come_out_as_they_went_in() {
    use smartetl_core::model::RowSink as _;
    let mut sent = Rows::default();
    let reject = Reject {
        line: 9,
        column: Some("moment"),
        reason: RejectReason::BadTime,
        detail: "“hier” is no time",
        raw: "a;hier",
    };
    sent.log(&log());
    sent.error(&error());
    sent.reject(&reject);
    let rows = body(&[
        ("log", &listed(&of(|out| envelope::write_log(&log(), out)))),
        (
            "logerreur",
            &listed(&of(|out| envelope::write_error(&error(), out))),
        ),
    ]);
    let refused = body(&[("reject", &of(|out| envelope::write_reject(&reject, out)))]);
    let mut received = Rows::default();
    assert_eq!(envelope::read(&rows, &mut received), Ok(2));
    assert_eq!(envelope::read(&refused, &mut received), Ok(0));
    assert_eq!(received, sent);
}

/// What others read in the topic: it may only grow.
#[test]
fn the_document_is_as_the_page_says() {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("JSON is UTF-8");
    let least = LogRow {
        moment_ambiguous: false,
        seq: 0,
        moment: Moment(1_795_550_403_000_000),
        ..log()
    };
    insta::assert_snapshot!(text(of(|out| envelope::write_log(&log(), out))));
    insta::assert_snapshot!(text(of(|out| envelope::write_log(&least, out))));
    insta::assert_snapshot!(text(of(|out| envelope::write_error(&error(), out))));
}

/// `doc/message.schema.json` has the fields that are written, and the words of the vocabularies.
#[test]
fn the_schema_is_that_of_the_program() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../../doc/message.schema.json")).expect("JSON");
    let full = ErrorRow {
        seq: 1,
        moment_ambiguous: true,
        environment: Some("PROD"),
        host: Some("h"),
        project: Some("p"),
        context: Some("c"),
        parent_run_id: Some("p"),
        step: Some("s"),
        attempt: Some(1),
        map_index: Some(1),
        ..error()
    };
    let reject = Reject {
        line: 1,
        column: Some("c"),
        reason: RejectReason::Json,
        detail: "",
        raw: "",
    };
    for (name, written) in [
        ("log", of(|out| envelope::write_log(&log(), out))),
        ("logerreur", of(|out| envelope::write_error(&full, out))),
        ("reject", of(|out| envelope::write_reject(&reject, out))),
    ] {
        let written: serde_json::Value = serde_json::from_slice(&written).expect("JSON");
        let keys = |of: &serde_json::Value| -> Vec<String> {
            let mut keys: Vec<_> = of.as_object().expect("an object").keys().cloned().collect();
            keys.sort();
            keys
        };
        let definition = &schema["$defs"][name];
        assert_eq!(keys(&definition["properties"]), keys(&written), "{name}");
        assert_eq!(definition["additionalProperties"], false, "{name}");
        for required in definition["required"].as_array().expect("a list") {
            let mut without = written.clone();
            without
                .as_object_mut()
                .expect("an object")
                .remove(required.as_str().expect("a name"));
            let element = serde_json::to_vec(&without).expect("JSON");
            let element = if name == "reject" {
                element
            } else {
                listed(&element)
            };
            refused(&body(&[(name, &element)]));
        }
    }
    let words = |of: &str, field: &str| {
        let words = schema["$defs"][of]["properties"][field]["enum"].as_array();
        let words = words.expect("words").iter();
        words
            .map(|word| word.as_str().expect("a word").to_owned())
            .collect::<Vec<_>>()
    };
    let all = |words: &[&dyn std::fmt::Display]| {
        words.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let events: Vec<&dyn std::fmt::Display> = Event::ALL.iter().map(|word| word as _).collect();
    let states: Vec<&dyn std::fmt::Display> = RowStatus::ALL.iter().map(|word| word as _).collect();
    let severities: Vec<&dyn std::fmt::Display> =
        Severity::ALL.iter().map(|word| word as _).collect();
    assert_eq!(words("log", "event"), all(&events));
    assert_eq!(words("log", "status"), all(&states));
    assert_eq!(words("logerreur", "severity"), all(&severities));
    assert_eq!(schema["properties"]["v"]["const"], envelope::VERSION);
}

#[test]
fn what_is_no_message_says_why() {
    let log = of(|out| envelope::write_log(&log(), out));
    let with = |from: &str, to: &str| {
        let text = String::from_utf8(body(&[("log", &listed(&log))])).expect("UTF-8");
        assert!(text.contains(from), "{from} in {text}");
        text.replace(from, to).into_bytes()
    };
    for (value, reason, detail) in [
        (b"".to_vec(), RejectReason::Json, "EOF"),
        (b"hello".to_vec(), RejectReason::Json, "expected value"),
        (b"{\"v\":1".to_vec(), RejectReason::Json, "EOF"),
        (b"{\"v\":1}{}".to_vec(), RejectReason::Json, "trailing"),
        (b"\xff{}".to_vec(), RejectReason::Encoding, "byte 0"),
        (b"{}".to_vec(), RejectReason::Schema, "no `v`"),
        (b"[]".to_vec(), RejectReason::Schema, "invalid"),
        (b"{\"v\":1}".to_vec(), RejectReason::MissingValue, "neither"),
        (
            b"{\"v\":2,\"new\":1}".to_vec(),
            RejectReason::SchemaVersion,
            "version 2",
        ),
        (
            with("\"v\":1", "\"v\":0"),
            RejectReason::SchemaVersion,
            "version 0",
        ),
        (
            with("\"seq\"", "\"sequence\""),
            RejectReason::Schema,
            "unknown field `sequence`",
        ),
        (with("\"end\"", "\"ended\""), RejectReason::Schema, "ended"),
        (
            with("2026-11-24", "2026-13-24"),
            RejectReason::Schema,
            "month",
        ),
        (
            with("2026-11-24", "1826-11-24"),
            RejectReason::TimeOutOfRange,
            "1826",
        ),
        (
            with("\"x1Yz\"", "\"\""),
            RejectReason::MissingValue,
            "run_id",
        ),
        (with("\"x1Yz\"", "null"), RejectReason::Schema, "null"),
        (with("x1Yz", "x\\u0000"), RejectReason::BadValue, "run_id"),
        (with("ACHATS", "\\u0000"), RejectReason::BadValue, "project"),
        (with("ACHATS", "\\ud800"), RejectReason::Json, "hex"),
        (
            with("\"line\":12", "\"line\":1e99"),
            RejectReason::Schema,
            "floating point",
        ),
    ] {
        let (found, why) = refused(&value);
        let shown = String::from_utf8_lossy(&value);
        assert_eq!(found, reason, "{shown}: {why}");
        assert!(why.contains(detail), "{shown}: {why}");
    }
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(value in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = envelope::read(&value, &mut Rows::default());
    }

    #[test]
    fn damage_is_told_or_harmless(at in 0_usize..600, byte in any::<u8>()) {
        let mut value = body(&[("log", &listed(&of(|out| envelope::write_log(&log(), out))))]);
        let at = at % value.len();
        value[at] = byte;
        let mut rows = Rows::default();
        match envelope::read(&value, &mut rows) {
            Ok(count) => prop_assert_eq!(count, 1),
            Err(_) => prop_assert_eq!(rows, Rows::default()),
        }
    }
}
