//! Looking into JSON of any shape: what is not there, or of another kind, is empty.

use serde_json::Value;

/// A text; empty where there is none.
pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

/// A list; empty where there is none.
pub fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A list two steps down: `templating.list`.
pub fn inner_list<'a>(value: &'a Value, outer: &str, key: &str) -> &'a [Value] {
    value.get(outer).map_or(&[], |inner| list(inner, key))
}

/// A panel and its place.
pub struct Panel<'a> {
    pub path: String,
    pub value: &'a Value,
}

/// All panels with their places, those of rows behind their row.
pub fn panels(dashboard: &Value) -> Vec<Panel<'_>> {
    fn below<'a>(holder: &'a Value, path: &str, found: &mut Vec<Panel<'a>>) {
        for (index, value) in list(holder, "panels").iter().enumerate() {
            let path = format!("{path}.panels[{index}]");
            found.push(Panel {
                path: path.clone(),
                value,
            });
            below(value, &path, found);
        }
    }
    let mut found = Vec::new();
    below(dashboard, "$", &mut found);
    found
}

/// Every text of a tree with its place.
pub fn texts(value: &Value, path: &str, visit: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => visit(path, text),
        Value::Object(map) => {
            for (key, inner) in map {
                texts(
                    inner,
                    &crate::dashboards::difference::below(path, key),
                    visit,
                );
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                texts(inner, &format!("{path}[{index}]"), visit);
            }
        }
        _ => {}
    }
}

/// Whether a value is the number that a text writes.
pub fn is_number(value: &Value, text: &str) -> bool {
    text.parse()
        .is_ok_and(|number| value.as_i64() == Some(number))
}

/// What a person calls a panel: its title, else its number.
pub fn name_of(panel: &Value) -> String {
    let title = text(panel, "title");
    if title.is_empty() {
        let id = panel.get("id").map(Value::to_string);
        format!("#{}", id.unwrap_or_else(|| "?".to_owned()))
    } else {
        title.to_owned()
    }
}
