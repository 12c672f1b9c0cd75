//! Errors as a list: each once, and those that are asked for.

use super::client::Api;
use crate::tables::number;
use serde_json::{Value, json};
use std::collections::HashSet;

fn names(items: &[Value]) -> Vec<&str> {
    let names = items.iter().map(|item| item["error"].as_str());
    names.map(|name| name.expect("a name")).collect()
}

/// Those of all that fit.
fn fitting(all: &[Value], fits: impl Fn(&Value) -> bool) -> Vec<&str> {
    let fitting = all.iter().filter(|item| fits(item));
    fitting.filter_map(|item| item["error"].as_str()).collect()
}

#[test]
fn each_error_comes_once_and_filters_leave_those_that_fit() {
    let api = Api::of_a_company();
    let all = api.items("/errors?limit=500");
    let stored = number(&api.database_url(), "SELECT count(*) FROM logerreur");
    assert_eq!(all.len() as i64, stored);
    assert!(stored > 50, "{stored}");
    let moments: Vec<&str> = all
        .iter()
        .filter_map(|item| item["moment"].as_str())
        .collect();
    assert!(moments.is_sorted_by(|one, other| one >= other));
    assert_eq!(
        names(&all).into_iter().collect::<HashSet<_>>().len(),
        all.len()
    );
    assert_eq!(names(&api.items("/errors?limit=37")), names(&all));

    let category = all[0]["category"].as_str().expect("a category");
    let blame = all[0]["blame"].as_str();
    let environment = all[0]["environment"].as_str().expect("an environment");
    let job = all[0]["job"].as_str().expect("a job");
    for (query, fits) in [
        (
            format!("category={category}"),
            &(|one: &Value| one["category"] == category) as &dyn Fn(&Value) -> bool,
        ),
        (format!("environment={environment}"), &|one| {
            one["environment"] == environment
        }),
        (format!("job={job}"), &|one| one["job"] == job),
        (format!("category={category}&job={job}"), &|one| {
            one["category"] == category && one["job"] == job
        }),
    ] {
        let found = api.items(&format!("/errors?{query}&limit=20"));
        assert!(!found.is_empty(), "{query}");
        assert_eq!(names(&found), fitting(&all, fits), "{query}");
    }
    if let Some(blame) = blame {
        let found = api.items(&format!("/errors?blame={blame}"));
        assert_eq!(names(&found), fitting(&all, |one| one["blame"] == blame));
    }
    // Of a run and all below it; of an issue.
    let run = &api.items_once("/runs?status=failed&limit=1")[0];
    let key = run["run_key"].as_str().expect("a key");
    let tree = api.json(&format!("/runs/{key}/tree"));
    let nodes = tree["nodes"].as_array().expect("nodes");
    let keys: Vec<&Value> = nodes.iter().map(|node| &node["run"]["run_key"]).collect();
    let of_run = api.items(&format!("/errors?run={key}"));
    assert!(!of_run.is_empty());
    assert_eq!(
        names(&of_run),
        fitting(&all, |one| keys.contains(&&one["run_key"]))
    );
    let mut issues = all.iter().filter_map(|one| one["issue"].as_str());
    let issue = issues.next().expect("an issue");
    let of_issue = api.items(&format!("/errors?issue={issue}"));
    assert_eq!(names(&of_issue), fitting(&all, |one| one["issue"] == issue));
    let day = run["business_day"].as_str().expect("a day");
    let of_day = api.items(&format!("/errors?from={day}&to={day}"));
    assert!(
        of_day.len() < all.len()
            && names(&of_day).contains(&of_run[0]["error"].as_str().expect("a name"))
    );

    // A person's word counts for what was written before.
    let other = if category == "resource" {
        "timeout"
    } else {
        "resource"
    };
    let body = json!({"category": other});
    let answer = api.act(
        "POST",
        &format!("/issues/{issue}/category"),
        &body.to_string(),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    let corrected = api.items(&format!("/errors?category={other}&issue={issue}"));
    assert_eq!(names(&corrected), names(&of_issue));
    assert!(
        corrected
            .iter()
            .all(|one| one["corrected"] == true && one["category"] == other)
    );
    let before = of_issue[0]["category"].as_str().expect("a category");
    let left = api.items(&format!("/errors?category={before}"));
    let gone = names(&of_issue);
    assert!(names(&left).iter().all(|name| !gone.contains(name)));

    for (query, status) in [
        ("category=weather", 400),
        ("run=ffffffff", 404),
        ("issue=ffffffff", 404),
        ("environment=nowhere", 404),
        ("from=2026-01-02&to=2026-01-01", 400),
        ("limit=501", 400),
    ] {
        assert_eq!(
            api.get(&format!("/errors?{query}")).status,
            status,
            "{query}"
        );
    }
    let file = api.get("/errors?format=csv");
    assert!(file.text().lines().count() > all.len(), "{}", file.status);
    api.up.stop();
}
