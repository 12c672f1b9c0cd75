//! What an issue says of itself, and what leads to it.

use super::client::Api;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

fn list<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value[field]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
}

#[test]
fn an_issue_says_what_its_messages_share_what_differs_and_why_it_is_of_its_kind() {
    let api = Api::of_a_company();
    let (mut variables, mut similar, mut explained) = (0, 0, 0);
    for item in api.items("/issues?all=true&limit=100") {
        let id = item["issue"].as_str().expect("an id");
        let answer = api.json(&format!("/issues/{id}"));
        let template = answer["template"].as_str().expect("a template");
        assert_eq!(answer["issue"]["title"], template, "nobody named it");
        assert!(!list(&answer, "signatures").is_empty(), "{id}");
        for variable in list(&answer, "variables") {
            let mark = variable["mark"].as_str().expect("a mark");
            assert!(template.contains(mark), "{mark}: {template}");
            let values = list(variable, "values");
            assert!(!values.is_empty() && values.len() <= 5);
            let of = |value: &Value| value["messages"].as_u64().expect("a number");
            assert!(values.windows(2).all(|pair| of(&pair[0]) >= of(&pair[1])));
            // They are those of messages, not of the template.
            assert!(values.iter().all(|value| value["value"] != mark));
            variables += 1;
        }
        for other in list(&answer, "similar") {
            assert_ne!(other["issue"], item["issue"]);
            similar += 1;
        }
        if !answer["example"].is_null() {
            let evidence = list(&answer["explanation"], "evidence");
            let decided = evidence.iter().filter(|one| one["decided"] == true);
            assert!(decided.count() <= 1);
            assert_eq!(answer["example"]["run_key"], item["last_run_key"]);
            explained += 1;
        }
    }
    assert!(variables > 0 && similar > 0 && explained > 0);
    api.up.stop();
}

#[test]
fn a_failed_run_and_a_night_lead_to_the_issue_and_say_what_it_cost() {
    let api = Api::of_a_company();
    let mut led = HashSet::new();
    for run in api.items("/runs?status=failed&limit=100") {
        let key = run["run_key"].as_str().expect("a key");
        let answer = api.json(&format!("/runs/{key}"));
        if let Some(issue) = answer["issue"]["issue"].as_str() {
            let told = api.json(&format!("/issues/{issue}"));
            assert_eq!(told["issue"]["id"], answer["issue"]["id"]);
            led.insert(issue.to_owned());
        }
    }
    assert!(!led.is_empty());
    let mut told_ms: HashMap<(String, [String; 3]), i64> = HashMap::new();
    let environment = api.json("/nights")["environment"].clone();
    let environment = environment.as_str().expect("an environment");
    for night in api.items("/nights?limit=100") {
        let day = night["business_day"].as_str().expect("a day");
        let told = api.json(&format!("/nights/{day}?environment={environment}"));
        for cause in list(&told, "causes") {
            let places = list(cause, "places").iter();
            let of_places = places.map(|place| place["lost_ms"].as_i64().expect("a number"));
            assert_eq!(cause["lost_ms"], of_places.sum::<i64>());
            for place in list(cause, "places") {
                let key = [&place["job"], &place["step"], &cause["category"]];
                let key = key.map(Value::to_string);
                let lost_ms = place["lost_ms"].as_i64().expect("a number");
                *told_ms.entry((day.to_owned(), key)).or_insert(0) += lost_ms;
            }
        }
    }
    let asked = format!(
        "SELECT business_day::text, cause_job, cause_step, category, sum(coalesce(self_duration_ms, duration_ms, 0))::bigint AS ms \
         FROM dataset WHERE environment = '{environment}' AND status = 'failed' AND category IS NOT NULL GROUP BY 1, 2, 3, 4"
    );
    let answer = api.world.run(&["sql", "--format", "json", &asked]);
    let truth: Vec<Value> = serde_json::from_str(&answer.stdout).expect("JSON");
    let truth: HashMap<_, i64> = truth
        .iter()
        .map(|row| {
            let day = row["business_day"].as_str().expect("a day").to_owned();
            let key = ["cause_job", "cause_step", "category"].map(|field| row[field].to_string());
            ((day, key), row["ms"].as_i64().expect("a number"))
        })
        .collect();
    assert!(told_ms.values().any(|ms| *ms > 0));
    for (place, ms) in &told_ms {
        assert_eq!(truth.get(place).unwrap_or(&0), ms, "{place:?}");
    }
    api.up.stop();
}
