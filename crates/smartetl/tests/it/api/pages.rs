//! Lists in parts: each item exactly once, however many are asked for at a time.

use super::client::Api;
use serde_json::Value;

#[test]
fn each_item_comes_exactly_once() {
    let api = Api::of_a_company();
    for list in [
        "/nights?environment=PROD",
        "/runs?all=true&from=2020-01-01",
        "/runs?status=failed,lost",
        "/jobs?all=true",
        "/issues?all=true",
        "/sources?lang=en",
        "/batches?lang=en",
        "/errors?environment=PROD",
    ] {
        let whole = api.items(&format!("{list}&limit=500"));
        assert!(whole.len() > 8, "{list} has {}", whole.len());
        let mut told: Vec<String> = whole.iter().map(Value::to_string).collect();
        for limit in [7, whole.len() - 1, whole.len()] {
            if limit > 500 {
                continue;
            }
            let parts = api.items(&format!("{list}&limit={limit}"));
            let parts: Vec<String> = parts.iter().map(Value::to_string).collect();
            assert_eq!(parts, told, "{list} by {limit}");
        }
        told.sort();
        told.dedup();
        assert_eq!(told.len(), whole.len(), "{list}");
    }
    api.up.stop();
}

#[test]
fn rows_go_on_in_both_directions() {
    let api = Api::of_a_company();
    let failed = api.json("/runs?status=failed&limit=1");
    let key = failed["items"][0]["run_key"]
        .as_str()
        .expect("a failed run");
    let whole = api.items(&format!("/runs/{key}/rows?limit=500"));
    assert!(whole.len() > 3, "{whole:?}");
    assert_eq!(api.items(&format!("/runs/{key}/rows?limit=2")), whole);

    let around = api.json(&format!("/runs/{key}/rows?around=error&limit=3"));
    let focus = around["focus"].as_u64().expect("the error") as usize;
    assert_eq!(around["items"][focus]["table"], "logerreur", "{around}");
    let mut before = around["items"].as_array().expect("items").clone();
    let mut previous = around["previous"].clone();
    while let Some(cursor) = previous.as_str() {
        let page = api.json(&format!("/runs/{key}/rows?limit=3&cursor={cursor}"));
        let mut items = page["items"].as_array().expect("items").clone();
        items.append(&mut before);
        before = items;
        previous = page["previous"].clone();
    }
    assert_eq!(before, whole[..before.len()], "from the first row on");
    api.up.stop();
}

#[test]
fn jobs_are_told_apart_by_project_and_system_and_alike_wherever_they_stand() {
    let api = Api::of_a_company();
    let jobs = api.items("/jobs?all=true&limit=500");
    let word = |item: &Value, field: &str| item[field].as_str().unwrap_or("-").to_owned();
    let keys = |items: &[Value]| -> Vec<String> {
        let mut keys: Vec<String> = items.iter().map(|run| word(run, "run_key")).collect();
        keys.sort();
        keys
    };
    let errors = api.items("/errors?limit=500");
    for job in jobs.iter().step_by(5) {
        let [name, project, system] = ["job", "project", "system"].map(|field| word(job, field));
        let runs = format!("/runs?all=true&job={name}&limit=500");
        let whole = api.items(&runs);
        let ours: Vec<Value> = whole
            .iter()
            .filter(|run| word(run, "project") == project && word(run, "system") == system)
            .cloned()
            .collect();
        assert!(!ours.is_empty(), "{job}");
        let asked = api.items(&format!("{runs}&project={project}&system={system}"));
        assert_eq!(keys(&asked), keys(&ours), "{name}");
        let ours = errors.iter().filter(|error| {
            word(error, "job") == name
                && word(error, "project") == project
                && word(error, "system") == system
        });
        let asked = format!("/errors?limit=500&job={name}&project={project}&system={system}");
        assert_eq!(
            api.items(&asked).iter().collect::<Vec<_>>(),
            ours.collect::<Vec<_>>()
        );
        for nothing in ["project=nobody", "system=nobody"] {
            assert!(api.items(&format!("/errors?{nothing}")).is_empty());
            assert!(api.items(&format!("{runs}&{nothing}")).is_empty());
            assert!(api.items(&format!("/jobs?all=true&{nothing}")).is_empty());
        }
        let environment = word(job, "environment");
        let told = api.json(&format!("/jobs/{environment}/{project}/{name}"));
        let told = told["jobs"].as_array().expect("jobs").iter();
        let same: Vec<&Value> = told.filter(|one| word(one, "system") == system).collect();
        assert_eq!(same, [job]);
    }
    api.up.stop();
}

#[test]
fn issues_are_found_by_what_stands_in_them() {
    let api = Api::of_a_company();
    let issues = api.items("/issues?all=true&limit=500");
    let ids = |items: &[Value]| -> Vec<Value> {
        items.iter().map(|issue| issue["issue"].clone()).collect()
    };
    for issue in issues.iter().step_by(4) {
        let id = issue["issue"].as_str().expect("an id");
        let of = |q: &str| ids(&api.items(&format!("/issues?all=true&limit=500&q={q}")));
        assert_eq!(of(&id[..13].to_uppercase()), [id]);
        let family = issue["family"].as_str().expect("a family");
        let expected: Vec<Value> = issues
            .iter()
            .filter(|one| {
                one.to_string()
                    .to_lowercase()
                    .contains(&family.to_lowercase())
            })
            .map(|one| one["issue"].clone())
            .collect();
        assert_eq!(of(&family.to_lowercase()), expected, "{family}");
    }
    assert!(api.items("/issues?all=true&q=xyzzy%25").is_empty());
    api.up.stop();
}
