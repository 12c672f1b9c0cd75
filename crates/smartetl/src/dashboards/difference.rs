//! What differs between two forms of a dashboard, as places with their values before and after.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// One difference. Absent where the place exists on one side only.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// `$.panels[id=3].title`.
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// By what members of a list are known where they have it; else by their number.
const NAMES: &[&str] = &["id", "refId", "name", "uid"];

/// All differences, in the order of the places. None exactly where both are equal.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare("$", before, after, &mut found);
    found
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<Change>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys {
                sides(&below(path, key), old.get(key), new.get(key), found);
            }
        }
        (Value::Array(old), Value::Array(new)) => lists(path, old, new, found),
        _ => sides_differ(path, Some(before), Some(after), found),
    }
}

/// A place below another one, as JSON path writes it.
pub fn below(path: &str, key: &str) -> String {
    let is_plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain {
        format!("{path}.{key}")
    } else {
        format!("{path}[{}]", Value::from(key))
    }
}

fn sides(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Change>) {
    match (before, after) {
        (Some(before), Some(after)) => compare(path, before, after, found),
        _ => sides_differ(path, before, after, found),
    }
}

fn sides_differ(
    path: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    found: &mut Vec<Change>,
) {
    found.push(Change {
        path: path.to_owned(),
        before: before.cloned(),
        after: after.cloned(),
    });
}

fn lists(path: &str, old: &[Value], new: &[Value], found: &mut Vec<Change>) {
    let Some(name) = NAMES
        .iter()
        .find(|name| is_named(old, name) && is_named(new, name))
    else {
        for index in 0..old.len().max(new.len()) {
            let path = format!("{path}[{index}]");
            sides(&path, old.get(index), new.get(index), found);
        }
        return;
    };
    let named = |list: &[Value]| -> Vec<Value> {
        let names = list.iter().filter_map(|member| member.get(name));
        names.cloned().collect()
    };
    let (old_names, new_names) = (named(old), named(new));
    let member = |list: &'_ [Value], wanted: &Value| -> Option<Value> {
        let mut list = list.iter();
        list.find(|member| member.get(name) == Some(wanted))
            .cloned()
    };
    let only_new = new_names.iter().filter(|name| !old_names.contains(name));
    for wanted in old_names.iter().chain(only_new) {
        let shown = match wanted {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let path = format!("{path}[{name}={shown}]");
        let (before, after) = (member(old, wanted), member(new, wanted));
        sides(&path, before.as_ref(), after.as_ref(), found);
    }
    let kept = |names: &[Value], others: &[Value]| -> Vec<Value> {
        let kept = names.iter().filter(|name| others.contains(name));
        kept.cloned().collect()
    };
    let (before, after) = (kept(&old_names, &new_names), kept(&new_names, &old_names));
    if before != after {
        let (before, after) = (Value::Array(before), Value::Array(after));
        sides_differ(
            &format!("{path}[{name}]"),
            Some(&before),
            Some(&after),
            found,
        );
    }
}

/// Whether every member has a name of this kind, and each its own.
fn is_named(list: &[Value], name: &str) -> bool {
    let names: Vec<&Value> = list
        .iter()
        .filter_map(|member| member.get(name))
        .filter(|name| name.is_string() || name.is_number())
        .collect();
    let mut distinct: Vec<String> = names.iter().map(ToString::to_string).collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() == list.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn told(before: &Value, after: &Value) -> Vec<String> {
        let side = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
        let changes = changes(before, after).into_iter();
        changes
            .map(|change| {
                format!(
                    "{} {} {}",
                    change.path,
                    side(&change.before),
                    side(&change.after)
                )
            })
            .collect()
    }

    #[test]
    fn panels_are_known_by_their_id() {
        let before = json!({ "panels": [{ "id": 1, "title": "a" }, { "id": 2, "title": "b" }] });
        let after = json!({ "panels": [{ "id": 2, "title": "c" }, { "id": 3 }, { "id": 1, "title": "a" }] });
        assert_eq!(
            told(&before, &after),
            [
                "$.panels[id=2].title \"b\" \"c\"",
                "$.panels[id=3] - {\"id\":3}",
                "$.panels[id] [1,2] [2,1]"
            ]
        );
    }

    #[test]
    fn what_has_no_names_is_known_by_its_number() {
        let before = json!({ "tags": ["a", "b"], "a-b": 1 });
        let after = json!({ "tags": ["a", "c", "d"], "a-b": null });
        assert_eq!(
            told(&before, &after),
            [
                "$[\"a-b\"] 1 null",
                "$.tags[1] \"b\" \"c\"",
                "$.tags[2] - \"d\""
            ]
        );
    }

    fn list() -> impl Strategy<Value = Value> {
        let member =
            (0..3_i64, 0..2_i64).prop_map(|(id, x)| json!({ "id": id, "x": [x, { "y": x }] }));
        prop::collection::vec(member, 0..4).prop_map(Value::from)
    }

    proptest! {
        #[test]
        fn there_are_none_exactly_where_both_are_equal(before in list(), after in list()) {
            prop_assert_eq!(changes(&before, &after).is_empty(), before == after);
        }
    }
}
