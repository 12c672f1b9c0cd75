//! Every address of the document, over a company's nights: what is answered is what the document says.

use super::client::Api;
use super::schema::Document;
use serde_json::Value;

/// The addresses that a path of the document stands for here.
pub fn targets(api: &Api, path: &str) -> Vec<String> {
    let of = |list: &str, field: &str| -> Vec<String> {
        let items = api.items(list);
        let keys = items.iter().filter_map(|item| item[field].as_str());
        keys.map(str::to_owned).collect()
    };
    let below = path.strip_prefix("/api/v1").expect("it is below the root");
    let filled = |name: &str, values: Vec<String>| -> Vec<String> {
        assert!(!values.is_empty(), "{path}: nothing to ask for");
        values
            .iter()
            .map(|value| below.replace(name, value))
            .collect()
    };
    let with = |queries: &[&str]| -> Vec<String> {
        queries
            .iter()
            .map(|query| format!("{below}{query}"))
            .collect()
    };
    match below {
        "/about" | "/openapi.json" | "/session" | "/users" | "/tokens" | "/uploads"
        | "/settings" | "/topics" => with(&["", "?lang=fr"]),
        "/explain" => with(&["?message=ORA-12541", "?message=%C3%A9&code=1&lang=fr"]),
        "/nights" => with(&["", "?environment=prod&limit=3"]),
        "/nights/{day}" | "/nights/{day}/timeline" => {
            let mut days = of("/nights", "business_day");
            days.push("latest".to_owned());
            filled("{day}", days)
        }
        "/heatmap" => with(&["", "?days=400", "?days=1&environment=PROD"]),
        "/runs" => with(&[
            "",
            "?all=true&limit=500",
            "?status=failed,lost&category=connection",
            "?from=2020-01-01&to=2030-01-01T00:00:00Z&job=*a*",
        ]),
        "/runs/{run_key}"
        | "/runs/{run_key}/tree"
        | "/runs/{run_key}/rows"
        | "/runs/{run_key}/compare" => {
            let mut keys = of("/runs?status=failed&limit=500", "run_key");
            keys.truncate(15);
            keys.extend(of("/runs?all=true&limit=500&status=success", "run_key").drain(..10));
            let mut targets = filled("{run_key}", keys);
            if below.ends_with("/rows") {
                let around: Vec<String> = targets
                    .iter()
                    .map(|target| format!("{target}?around=error&limit=5"))
                    .collect();
                targets.extend(around);
            }
            targets
        }
        "/jobs" => with(&["", "?all=true&limit=500", "?status=failed"]),
        "/errors" => with(&[
            "",
            "?limit=3&category=connection,timeout&blame=platform",
            "?environment=PROD&job=*a*&from=2020-01-01&to=2030-01-01T00:00:00Z&limit=20",
        ]),
        "/jobs/{environment}/{project}/{job}" | "/jobs/{environment}/{project}/{job}/history" => {
            let jobs = api.items("/jobs?all=true");
            let name = |job: &Value| {
                let part = |field: &str| job[field].as_str().unwrap_or("-").to_owned();
                below
                    .replace("{environment}", &part("environment"))
                    .replace("{project}", &part("project"))
                    .replace("{job}", &part("job"))
            };
            jobs.iter().take(10).map(name).collect()
        }
        "/search" => with(&[
            "?q=load",
            "?q=connection&lang=fr&limit=1",
            "?q=csv&environment=PROD",
        ]),
        "/search/messages" => with(&[
            "?q=a&from=2025-12-01&to=2026-02-01&limit=20",
            "?q=%22no+such%22&from=2026-01-01T00:00:00Z&to=2026-01-02",
        ]),
        "/sources/{source}" => {
            let sources = api.items("/sources");
            let numbers = sources.iter().map(|source| source["source"].to_string());
            filled("{source}", numbers.take(3).collect())
        }
        // What is in them is looked at where there are some.
        "/tasks/{task}" | "/uploads/{upload}" => Vec::new(),
        "/audit" | "/overrides" | "/tasks" => with(&["", "?limit=1"]),
        "/sources" => with(&["", "?limit=2"]),
        "/batches" => with(&["", "?source=1"]),
        "/batches/{batch}/rejects" => {
            let batches = api.items("/batches");
            let with_rejects = batches.iter().filter(|batch| batch["rejects"] != 0);
            let numbers = with_rejects.map(|batch| batch["batch"].to_string());
            filled("{batch}", numbers.take(5).collect())
        }
        "/issues" => with(&["", "?all=true", "?state=resolved&blame=data,code"]),
        "/issues/{issue}" => {
            let mut names = of("/issues?all=true", "issue");
            names.truncate(10);
            names.extend(of("/issues?all=true&limit=3", "id").drain(..1));
            filled("{issue}", names)
        }
        other => panic!("nobody asks for {other}"),
    }
}

#[test]
fn every_answer_is_what_the_document_says() {
    let api = Api::of_a_company();
    let document = Document::current();
    let paths = document.0["paths"].as_object().expect("paths");
    let asked = paths
        .iter()
        .filter(|(path, item)| item["get"].is_object() && !path.ends_with("/events"));
    for (path, _) in asked {
        for target in targets(&api, path) {
            let value = api.json(&target);
            let checked = document.check(document.answer(path), &value, &target);
            assert_eq!(checked, Ok(()), "{target}");
        }
    }
    assert_eq!(api.json("/openapi.json"), document.0);
    api.up.stop();
}

#[test]
fn an_answer_says_what_the_commands_say() {
    let api = Api::of_a_company();
    let command = |arguments: &[&str]| -> Value {
        let answer = api.world.run(arguments).done();
        serde_json::from_str(&answer.stdout).expect("JSON")
    };
    let mut night = api.json("/nights/latest?environment=PROD&lang=en");
    let told = command(&[
        "report",
        "night",
        "--environment",
        "PROD",
        "--format",
        "json",
        "--lang",
        "en",
    ]);
    for (name, value) in told.as_object().expect("an object") {
        assert_eq!(night[name].take(), *value, "{name}");
    }
    for (list, arguments, keys, fields) in [
        (
            "/runs?all=true",
            ["runs", "--all", "--limit", "100000"].as_slice(),
            ["run_key"].as_slice(),
            ["started_at", "duration_ms", "outcome", "business_day"].as_slice(),
        ),
        (
            "/issues?all=true",
            &["issues", "--all"],
            &["issue"],
            &[
                "id",
                "state",
                "runs",
                "lost_ms",
                "blocked",
                "last_seen",
                "title",
            ],
        ),
        (
            "/jobs?all=true",
            &["jobs", "--all"],
            &["environment", "project", "job"],
            &["usual_duration_ms", "runs_since_success"],
        ),
    ] {
        let listed = api.items(list);
        let told = command(&[arguments, &["--format", "json"]].concat());
        let told = told.as_array().expect("items");
        assert!(told.len() > 4, "{list}: {told:?}");
        let part = |item: &Value, names: &[&str]| -> Vec<Value> {
            names.iter().map(|name| item[*name].clone()).collect()
        };
        for (one, other) in listed.iter().zip(told) {
            assert_eq!(
                part(one, keys),
                part(other, keys),
                "{list}: in another order"
            );
            assert_eq!(part(one, fields), part(other, fields), "{list}: {other}");
        }
        assert_eq!(listed.len(), told.len(), "{list}");
    }
    api.up.stop();
}
