//! What is shipped, as Grafana would ask it: the rules of alerts with their comparison, and the queries of panels.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use smartetl::dashboards::check::yaml;

use crate::tables::rows;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conf/grafana")
}

/// A file of the provisioning of alerts.
pub fn alerting(name: &str) -> Value {
    let path = folder().join("provisioning/alerting").join(name);
    let text = std::fs::read_to_string(&path).expect("a file");
    yaml::read(&text).expect("YAML")
}

struct Rule {
    sql: String,
    is_above: bool,
    bound: f64,
}

fn rules() -> BTreeMap<String, Rule> {
    let mut found = BTreeMap::new();
    for file in ["rules-jobs.yaml", "rules-platform.yaml"] {
        let sheet = alerting(file);
        let groups = sheet["groups"].as_array().expect("groups");
        for rule in groups
            .iter()
            .flat_map(|group| group["rules"].as_array().expect("rules"))
        {
            let uid = rule["uid"].as_str().expect("a uid").to_owned();
            found.insert(uid, read(rule));
        }
    }
    found
}

/// Its condition must be a comparison of what its query gives.
fn read(rule: &Value) -> Rule {
    let steps = rule["data"].as_array().expect("steps");
    let step = |id: &Value| {
        let found = steps.iter().find(|step| step["refId"] == *id);
        &found.expect("a step of that name")["model"]
    };
    let condition = step(&rule["condition"]);
    assert_eq!(condition["type"], "threshold", "{}", rule["uid"]);
    let evaluator = &condition["conditions"][0]["evaluator"];
    let sql = &step(&condition["expression"])["rawSql"];
    Rule {
        sql: sql.as_str().expect("a query").to_owned(),
        is_above: match evaluator["type"].as_str() {
            Some("gt") => true,
            Some("lt") => false,
            other => panic!("{}: {other:?}", rule["uid"]),
        },
        bound: evaluator["params"][0].as_f64().expect("a number"),
    }
}

pub fn uids() -> Vec<String> {
    rules().into_keys().collect()
}

/// The labels of each alert that this rule gives now, in the order of their names.
pub fn firing(url: &str, uid: &str) -> Vec<String> {
    let rules = rules();
    let Rule {
        sql,
        is_above,
        bound,
    } = &rules[uid];
    let statement = format!("SELECT ARRAY[to_jsonb(found)::text] FROM ({sql}) AS found");
    let mut alerts = Vec::new();
    for row in rows(url, &statement) {
        let row: BTreeMap<String, Value> = serde_json::from_str(&row[0]).expect("a row");
        let value = row["value"].as_f64();
        let fires = value.is_some_and(|value| {
            if *is_above {
                value > *bound
            } else {
                value < *bound
            }
        });
        if fires {
            let labels = row.values().filter_map(Value::as_str);
            alerts.push(labels.collect::<Vec<_>>().join(" "));
        }
    }
    alerts.sort();
    alerts
}

#[track_caller]
pub fn fires(url: &str, uid: &str, expected: &[&str]) {
    assert_eq!(firing(url, uid), expected, "{uid}");
}

/// The query of a panel, for PROD and this business day, seen from one moment to another.
pub fn panel(uid: &str, id: i64, day: &str, [from, to]: [&str; 2]) -> String {
    let dashboard = dashboard(uid);
    let panels = dashboard["panels"].as_array().expect("panels");
    let panel = panels.iter().find(|panel| panel["id"] == id);
    let sql = &panel.expect("a panel of that number")["targets"][0]["rawSql"];
    let mut sql = sql.as_str().expect("a query").to_owned();
    for (name, value) in [
        ("$environment", "PROD"),
        ("$day", day),
        ("$family", "SELECT family FROM grafana_family"),
        (
            "$application",
            "SELECT application FROM grafana_application",
        ),
        ("$__timeFrom()", &format!("'{from}'")),
        ("$__timeTo()", &format!("'{to}'")),
    ] {
        sql = sql.replace(name, value);
    }
    format!("({sql}) AS shown")
}

pub fn dashboard(uid: &str) -> Value {
    let path = folder().join(format!("dashboards/{uid}.json"));
    let text = std::fs::read_to_string(&path).expect("a file");
    serde_json::from_str(&text).expect("JSON")
}
