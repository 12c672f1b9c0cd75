//! The one form in which a dashboard is written and compared: without what Grafana counts or fills in by itself, keys sorted.

use crate::reason::Reason;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What differs from one Grafana to the next, or from one save to the next, and means nothing.
const OF_ONE_GRAFANA: &[&str] = &[
    "id",
    "version",
    "iteration",
    "gnetId",
    "__inputs",
    "__requires",
    "__elements",
];

/// The form that files have. Equal dashboards have equal forms, and the form of a form is itself.
pub fn normal(dashboard: &Value) -> Value {
    let mut dashboard = dashboard.clone();
    if let Value::Object(map) = &mut dashboard {
        for key in OF_ONE_GRAFANA {
            map.remove(*key);
        }
        without_built_in(map);
        without_choices(map);
        for list in ["annotations", "templating"] {
            let is_empty = map.get(list).and_then(Value::as_object);
            if is_empty.is_some_and(|inner| inner.values().all(is_empty_list)) {
                map.remove(list);
            }
        }
        without_plugin_versions(map);
    }
    sorted(dashboard)
}

fn is_empty_list(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

/// The text of a file: a line for each value, a final newline.
pub fn to_text(normal: &Value) -> String {
    format!("{normal:#}\n")
}

/// The annotation "Annotations & Alerts", which Grafana adds to every dashboard.
fn without_built_in(dashboard: &mut Map<String, Value>) {
    if let Some(list) = list_in(dashboard, "annotations") {
        list.retain(|entry| !is_built_in(entry));
    }
}

pub fn is_built_in(annotation: &Value) -> bool {
    match annotation.get("builtIn") {
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        Some(Value::Bool(built_in)) => *built_in,
        _ => false,
    }
}

/// The options of variables come from their queries, and `selected` only says how the last list was drawn.
fn without_choices(dashboard: &mut Map<String, Value>) {
    for variable in list_in(dashboard, "templating").into_iter().flatten() {
        let Value::Object(variable) = variable else {
            continue;
        };
        if variable.get("type").and_then(Value::as_str) == Some("query") {
            variable.remove("options");
        }
        if let Some(Value::Object(current)) = variable.get_mut("current") {
            current.remove("selected");
        }
    }
}

/// In panels, also in those of a row.
fn without_plugin_versions(holder: &mut Map<String, Value>) {
    let Some(Value::Array(panels)) = holder.get_mut("panels") else {
        return;
    };
    for panel in panels {
        if let Value::Object(panel) = panel {
            panel.remove("pluginVersion");
            without_plugin_versions(panel);
        }
    }
}

fn list_in<'a>(dashboard: &'a mut Map<String, Value>, key: &str) -> Option<&'a mut Vec<Value>> {
    dashboard.get_mut(key)?.get_mut("list")?.as_array_mut()
}

/// Whatever kind of map the JSON library has.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let by_key: BTreeMap<String, Value> = map
                .into_iter()
                .map(|(key, value)| (key, sorted(value)))
                .collect();
            Value::Object(by_key.into_iter().collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// Which of Grafana's formats something is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    Classic,
    /// Classic inside an envelope (`apiVersion`, `kind`, `spec`).
    Resource,
    /// The format of dynamic dashboards, with what of it Classic cannot say.
    V2(Vec<Reason>),
}

pub fn format_of(dashboard: &Value) -> Format {
    let spec = dashboard.get("spec");
    let inner = spec.unwrap_or(dashboard);
    let version = dashboard.get("apiVersion").and_then(Value::as_str);
    let has_parts = inner.get("elements").is_some() && inner.get("layout").is_some();
    if has_parts || version.is_some_and(|version| version.contains("/v2")) {
        return Format::V2(beyond_classic(inner));
    }
    if spec.is_some() && version.is_some() {
        Format::Resource
    } else {
        Format::Classic
    }
}

/// Classic has panels in a grid, and rows of such: nothing else of V2 survives there.
fn beyond_classic(spec: &Value) -> Vec<Reason> {
    let mut found = Vec::new();
    walk(spec, &mut |value| {
        let kind = value.get("kind").and_then(Value::as_str);
        let reason = match kind {
            Some("TabsLayout") => Reason::new("tabs", "des onglets"),
            Some("AutoGridLayout") => Reason::new("an automatic grid", "une grille automatique"),
            Some("RowsLayoutRow" | "RowsLayout") if has_rows_below(value) => {
                Reason::new("rows in rows", "des rangées dans des rangées")
            }
            _ if value
                .get("conditionalRendering")
                .is_some_and(Value::is_object) =>
            {
                Reason::new("conditional rendering", "un affichage conditionnel")
            }
            _ => return,
        };
        if !found.contains(&reason) {
            found.push(reason);
        }
    });
    found
}

fn has_rows_below(row: &Value) -> bool {
    let is_row = row.get("kind").and_then(Value::as_str) == Some("RowsLayoutRow");
    let below = row.pointer("/spec/layout/kind").and_then(Value::as_str);
    is_row && below == Some("RowsLayout")
}

/// Every object of a tree.
pub fn walk(value: &Value, visit: &mut impl FnMut(&Value)) {
    match value {
        Value::Object(map) => {
            visit(value);
            for inner in map.values() {
                walk(inner, visit);
            }
        }
        Value::Array(list) => {
            for inner in list {
                walk(inner, visit);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_grafana_fills_in_is_left_out() {
        let saved = json!({
            "id": 7, "version": 12, "iteration": 1, "gnetId": null, "__inputs": [], "__requires": [], "__elements": {},
            "uid": "a", "title": "A",
            "annotations": { "list": [{ "builtIn": 1, "name": "Annotations & Alerts" }] },
            "templating": { "list": [
                { "name": "job", "type": "query", "options": [{ "text": "x" }], "current": { "selected": true, "value": "x" } },
                { "name": "kind", "type": "custom", "options": [{ "text": "x" }] },
            ] },
            "panels": [{ "id": 1, "version": 2, "pluginVersion": "13.0", "panels": [{ "id": 2, "pluginVersion": "13.0" }] }],
        });
        let wanted = json!({
            "uid": "a", "title": "A",
            "templating": { "list": [
                { "name": "job", "type": "query", "current": { "value": "x" } },
                { "name": "kind", "type": "custom", "options": [{ "text": "x" }] },
            ] },
            "panels": [{ "id": 1, "version": 2, "panels": [{ "id": 2 }] }],
        });
        assert_eq!(normal(&saved), wanted);
    }

    #[test]
    fn keys_are_sorted_and_the_last_line_ends() {
        let text = to_text(&normal(&json!({ "title": "É", "a": { "c": 1, "b": [] } })));
        assert_eq!(
            text,
            "{\n  \"a\": {\n    \"b\": [],\n    \"c\": 1\n  },\n  \"title\": \"É\"\n}\n"
        );
    }

    #[test]
    fn formats_are_told_apart() {
        let grid = |layout: Value| json!({ "elements": {}, "layout": layout });
        let plain = json!({ "kind": "GridLayout", "spec": { "items": [] } });
        assert_eq!(format_of(&json!({ "panels": [] })), Format::Classic);
        assert_eq!(
            format_of(
                &json!({ "apiVersion": "dashboard.grafana.app/v1", "kind": "Dashboard", "spec": { "panels": [] } })
            ),
            Format::Resource
        );
        assert_eq!(format_of(&grid(plain.clone())), Format::V2(vec![]));
        let rows = json!({ "kind": "RowsLayout", "spec": { "rows": [{ "kind": "RowsLayoutRow", "spec": { "layout": plain } }] } });
        assert_eq!(format_of(&grid(rows)), Format::V2(vec![]));
        let tabs = json!({ "kind": "TabsLayout", "spec": { "conditionalRendering": { "kind": "Group" } } });
        assert_eq!(
            format_of(&grid(tabs)),
            Format::V2(vec![
                Reason::new("tabs", "des onglets"),
                Reason::new("conditional rendering", "un affichage conditionnel")
            ])
        );
    }

    fn tree() -> impl Strategy<Value = Value> {
        let key = prop::sample::select(vec![
            "id",
            "version",
            "uid",
            "title",
            "annotations",
            "templating",
            "list",
            "panels",
            "builtIn",
            "type",
            "options",
            "current",
            "selected",
            "pluginVersion",
            "__inputs",
            "name",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-3_i64..3).prop_map(Value::from),
            prop::sample::select(vec!["query", "custom", "", "é\"\n"]).prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(key.clone(), inner, 0..6).prop_map(|map| {
                    Value::Object(map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_form_of_a_form_is_itself(dashboard in tree()) {
            let once = normal(&dashboard);
            prop_assert_eq!(normal(&once), once.clone());
            let text = to_text(&once);
            let read: Value = serde_json::from_str(&text).expect("JSON");
            prop_assert_eq!(to_text(&normal(&read)), text);
        }
    }
}
