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
