//! Which labels alerts can have: what rules set, what their queries may bring, and what Grafana adds.

use super::Rule;
use crate::dashboards::check::tree::{list, text};
use regex::Regex;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Labels and their values, where these are known.
#[derive(Default)]
pub struct Labels<'a> {
    /// A label that a template fills can have any value, and so has none here.
    set: BTreeMap<&'a str, Option<BTreeSet<&'a str>>>,
    /// What queries say: a word in them may be a column, and so a label.
    asked: String,
    has_rules: bool,
}

impl<'a> Labels<'a> {
    /// `folders`: of the groups, which Grafana adds as a label.
    pub fn of(rules: &[Rule<'a>], folders: BTreeSet<&'a str>) -> Self {
        let mut labels = Self {
            has_rules: !rules.is_empty(),
            ..Self::default()
        };
        labels.set.insert("grafana_folder", Some(folders));
        for rule in rules {
            labels.add("alertname", text(rule.value, "title"));
            let own = rule.value.get("labels").and_then(Value::as_object);
            for (name, value) in own.into_iter().flatten() {
                labels.add(name, value.as_str().unwrap_or("$"));
            }
            for step in list(rule.value, "data") {
                let sql = step.pointer("/model/rawSql").and_then(Value::as_str);
                labels.asked.push_str(sql.unwrap_or(""));
                labels.asked.push('\n');
            }
        }
        labels
    }

    fn add(&mut self, name: &'a str, value: &'a str) {
        let values = self
            .set
            .entry(name)
            .or_insert_with(|| Some(BTreeSet::new()));
        if value.contains("{{") || value.contains('$') {
            *values = None;
        } else if let Some(values) = values {
            values.insert(value);
        }
    }

    /// Whether no alert can have this label with a value that this operator lets pass.
    pub fn never_has(&self, name: &str, operator: &str, value: &str) -> bool {
        // `__alert_rule_uid__` and its like, values of the environment, and a missing label, which is an empty one.
        if !self.has_rules || name.starts_with("__") || value.contains('$') || value.is_empty() {
            return false;
        }
        let passes: Box<dyn Fn(&str) -> bool> = match operator {
            "=" => Box::new(|one| one == value),
            "=~" => match Regex::new(&format!("^(?:{value})$")) {
                Ok(pattern) if !pattern.is_match("") => Box::new(move |one| pattern.is_match(one)),
                _ => return false,
            },
            _ => return false,
        };
        match self.set.get(name) {
            Some(None) => false,
            Some(Some(values)) => !values.iter().any(|one| passes(one)),
            None => !self.may_be_column(name),
        }
    }

    /// Values that rules give to a label.
    pub fn values_of(&self, name: &str) -> String {
        let values = self.set.get(name).and_then(Option::as_ref);
        let values: Vec<&str> = values.into_iter().flatten().copied().collect();
        values.join(", ")
    }

    fn may_be_column(&self, name: &str) -> bool {
        static ALL_COLUMNS: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(?i)\bselect\s+\*|,\s*\*|\.\*").expect("the pattern is written here")
        });
        let mut words = self
            .asked
            .split(|c: char| !(c.is_alphanumeric() || c == '_'));
        ALL_COLUMNS.is_match(&self.asked) || words.any(|word| word == name)
    }
}
