//! Whatever is asked, the service answers, and never that it failed.

use super::client::Api;
use super::routes::targets;
use super::schema::Document;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::fmt::Write as _;

const NAMES: [&str; 21] = [
    "environment",
    "job",
    "status",
    "category",
    "day",
    "from",
    "to",
    "limit",
    "cursor",
    "lang",
    "format",
    "all",
    "state",
    "assignee",
    "days",
    "around",
    "message",
    "family",
    "muted",
    "q",
    "x",
];

const VALUES: [&str; 30] = [
    "PROD",
    "prod",
    "*",
    "%25",
    "_",
    "failed",
    "succès",
    "connection",
    "2026-01-05",
    "-009999-01-01",
    "9999-12-31",
    "2026-01-05T02:00:00Z",
    "-1",
    "0",
    "1",
    "500",
    "10000",
    "99999999999999999999",
    "fr",
    "csv",
    "parquet",
    "true",
    "error",
    "%00",
    "%FF",
    "'",
    "\"",
    "%5Cu0000",
    "W10",
    "WyIyMDI2LTAxLTA1Iiw5MjIzMzcyMDM2ODU0Nzc1ODA3LCIwIl0",
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(&VALUES[..]).prop_map(str::to_owned),
        1 => "[ -~é€\u{202e}]{0,40}",
        1 => "[A-Za-z0-9_-]{0,60}",
    ]
}

fn query() -> impl Strategy<Value = String> {
    let pair = (prop::sample::select(&NAMES[..]), value()).prop_map(|(name, value)| {
        let mut text = format!("{name}=");
        for byte in value.bytes() {
            match byte {
                b'%' | b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'*' => {
                    text.push(char::from(byte));
                }
                other => {
                    let _ = write!(text, "%{other:02X}");
                }
            }
        }
        text
    });
    prop::collection::vec(pair, 0..4).prop_map(|pairs| pairs.join("&"))
}

#[test]
fn no_question_makes_the_service_fail() {
    let api = Api::of_a_company();
    let document = Document::current();
    let paths = document.0["paths"].as_object().expect("paths");
    let paths = paths
        .iter()
        .filter(|(path, item)| item["get"].is_object() && !path.ends_with("/events"))
        .map(|(path, _)| path);
    let mut known: Vec<String> = Vec::new();
    for path in paths {
        let targets = targets(&api, path);
        let targets = targets.into_iter().take(2);
        known.extend(targets.map(|target| target.split('?').next().expect("a path").to_owned()));
    }
    known.push("/runs/%F0%9F%92%A3".to_owned());
    known.push("/nights/%2e%2e%2f".to_owned());
    known.push("/issues/'%20OR%201=1".to_owned());
    let config = Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    };
    let asked = (prop::sample::select(known), query());
    let result = TestRunner::new(config).run(&asked, |(path, query)| {
        let answer = api.get(&format!("{path}?{query}"));
        prop_assert!(
            [200, 400, 404, 406].contains(&answer.status),
            "{} {path}?{query}: {}",
            answer.status,
            answer.text()
        );
        if answer.status != 200 {
            let checked = document.check(document.problem(), &answer.json(), "problem");
            prop_assert_eq!(checked, Ok(()));
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let answered = api.up.total("smartetl_http_requests_total");
    assert!(answered > 400, "{answered}");
    api.up.stop();
}
