//! What variables of a dashboard can be set to.

use super::expand::{Chosen, Setting};
use super::tree::text;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a variable can be set to.
pub struct Known {
    pub name: String,
    pub values: Vec<String>,
    pub is_multi: bool,
    pub has_all: bool,
    pub all_value: Option<String>,
}

impl Known {
    fn setting(&self, chosen: Chosen) -> Setting {
        Setting {
            chosen,
            is_list: self.is_multi || self.has_all,
        }
    }

    /// As a dashboard opens: the first value of a choice, and as much as a list can hold.
    fn opened(&self) -> Setting {
        match (&self.all_value, self.has_all, self.is_multi) {
            (Some(text), true, _) => self.setting(Chosen::Written(text.clone())),
            (None, true, _) => self.setting(Chosen::Many(self.values.clone())),
            (_, false, true) => {
                self.setting(Chosen::Many(self.values.iter().take(2).cloned().collect()))
            }
            (_, false, false) => self.one(self.values.first()),
        }
    }

    /// The other end: the last value of a choice, and one of a list.
    fn narrowed(&self) -> Setting {
        self.one(if self.has_all || self.is_multi {
            self.values.first()
        } else {
            self.values.last()
        })
    }

    fn one(&self, value: Option<&String>) -> Setting {
        self.setting(Chosen::One(value.cloned().unwrap_or_default()))
    }
}

/// Two ways of choosing that have little in common.
pub fn ways(known: &[Known]) -> [BTreeMap<String, Setting>; 2] {
    let all = |set: &dyn Fn(&Known) -> Setting| {
        known
            .iter()
            .map(|known| (known.name.clone(), set(known)))
            .collect()
    };
    [all(&Known::opened), all(&Known::narrowed)]
}

/// The text that a variable comes from, and where it stands: newer Grafanas keep an object.
pub fn query_of(variable: &Value) -> (&str, &'static str) {
    match variable.get("query") {
        Some(Value::Object(query)) => match query.get("rawSql").or_else(|| query.get("query")) {
            Some(sql) if query.contains_key("rawSql") => {
                (sql.as_str().unwrap_or(""), "query.rawSql")
            }
            Some(sql) => (sql.as_str().unwrap_or(""), "query.query"),
            None => ("", "query"),
        },
        Some(query) => (query.as_str().unwrap_or(""), "query"),
        None => (text(variable, "definition"), "definition"),
    }
}

/// What is chosen when the dashboard opens.
pub fn current_of(variable: &Value) -> Vec<String> {
    let values = match variable.pointer("/current/value") {
        Some(Value::String(value)) => vec![value.clone()],
        Some(Value::Array(values)) => values
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    };
    values
        .into_iter()
        .filter(|value| !value.is_empty() && value != "$__all")
        .collect()
}

/// What a variable without a query offers: `a, b`, or `Name : value`.
pub fn options_of(variable: &Value) -> Vec<String> {
    let (written, _) = query_of(variable);
    let values: Vec<String> = match text(variable, "type") {
        "custom" => written
            .split(',')
            .map(|option| {
                option
                    .rsplit_once(" : ")
                    .map_or(option, |(_, value)| value)
                    .trim()
                    .to_owned()
            })
            .collect(),
        "interval" => written
            .split(',')
            .map(|option| option.trim().to_owned())
            .collect(),
        "constant" => vec![written.to_owned()],
        _ => {
            let mut values = current_of(variable);
            if values.is_empty() {
                values.push(written.to_owned());
            }
            values
        }
    };
    if values.iter().all(String::is_empty) {
        current_of(variable)
    } else {
        values
    }
}

/// A value that can be cast back, for a variable whose query brings none yet.
pub fn stand_in_of(kind: &str) -> &'static str {
    match kind {
        "DATE" => "2026-01-01",
        "TIMESTAMP" | "TIMESTAMPTZ" => "2026-01-01T00:00:00Z",
        "INT2" | "INT4" | "INT8" | "FLOAT4" | "FLOAT8" | "NUMERIC" => "1",
        "BOOL" => "true",
        "UUID" => "00000000-0000-0000-0000-000000000000",
        _ => "x",
    }
}
