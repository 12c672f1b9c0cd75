//! Alert rules, contact points, policies, mute times and templates: each whole, and each other's names right.

mod contacts;
mod durations;
mod expression;
mod labels;
mod lexer;
mod policies;
mod rule;
mod template;
mod texts;
mod times;
mod words;

pub use texts::labels_of_rule;

use super::provisioning::{Provisioning, missing};
use super::tree::{list, text};
use super::{Finding, Notes, Sheet};
use crate::dashboards::files::is_uid;
use labels::Labels;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// One rule, and where it stands.
pub struct Rule<'a> {
    pub file: &'a str,
    pub path: String,
    pub value: &'a Value,
}

/// One step of a rule, and whether it asks a data source or computes from the others.
pub fn is_expression(step: &Value) -> bool {
    ["__expr__", "-100"].contains(&text(step, "datasourceUid"))
}

pub fn rules(provisioning: &Provisioning) -> Vec<Rule<'_>> {
    let mut found = Vec::new();
    for sheet in &provisioning.alerting {
        for (group, value) in list(&sheet.value, "groups").iter().enumerate() {
            for (index, value) in list(value, "rules").iter().enumerate() {
                found.push(Rule {
                    file: &sheet.file,
                    path: format!("$.groups[{group}].rules[{index}]"),
                    value,
                });
            }
        }
    }
    found
}

pub fn check(provisioning: &Provisioning, sheets: &[Sheet<'_>], found: &mut Vec<Finding>) {
    let names = Names::of(provisioning);
    for sheet in &provisioning.alerting {
        let mut notes = Notes {
            file: sheet.file.clone(),
            findings: found,
        };
        groups(&sheet.value, &mut notes);
        contacts::check(&sheet.value, &names, &mut notes);
        policies::check(&sheet.value, &names, &mut notes);
        times::check(&sheet.value, &mut notes);
        for (key, what) in [("muteTimes", "time_intervals"), ("templates", "template")] {
            for (index, one) in list(&sheet.value, key).iter().enumerate() {
                let path = format!("$.{key}[{index}]");
                for key in ["name", what] {
                    if one.get(key).is_none_or(is_empty) {
                        missing(key, &path, &mut notes);
                    }
                }
                if key == "templates" {
                    texts::messages(one, &path, &names, &mut notes);
                }
            }
        }
    }
    let mut seen = BTreeSet::new();
    for rule in rules(provisioning) {
        let mut notes = Notes {
            file: rule.file.to_owned(),
            findings: found,
        };
        let uid = text(rule.value, "uid");
        if !uid.is_empty() && (!is_uid(uid) || uid.len() > 40 || !seen.insert(uid)) {
            notes.add(
                "uid_form",
                format!("{}.uid", rule.path),
                [
                    format!("the uid `{uid}` is that of another rule, too long, or of odd characters"),
                    format!("l’uid `{uid}` est celui d’une autre règle, trop long, ou de caractères inattendus"),
                ],
                [
                    "at most 40 letters, digits, - and _, once",
                    "au plus 40 lettres, chiffres, - et _, une seule fois",
                ],
            );
        }
        rule::check(&rule, provisioning, &names, &mut notes);
        rule::leads_somewhere(&rule, sheets, &mut notes);
        texts::of_rule(&rule, &mut notes);
    }
}

/// What the parts of alerting call each other.
struct Names<'a> {
    receivers: BTreeSet<&'a str>,
    used: BTreeSet<&'a str>,
    times: BTreeSet<&'a str>,
    templates: BTreeSet<String>,
    labels: Labels<'a>,
}

static DEFINED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\{\{-?\s*define\s+"([^"]+)""#).expect("the pattern is written here")
});

impl<'a> Names<'a> {
    fn of(provisioning: &'a Provisioning) -> Self {
        let all = |key: &'static str| {
            let sheets = provisioning.alerting.iter();
            sheets.flat_map(move |sheet| list(&sheet.value, key))
        };
        let mut used = BTreeSet::new();
        for policy in all("policies") {
            receivers_of(policy, &mut used);
        }
        for rule in rules(provisioning) {
            let own = rule.value.get("notification_settings");
            used.extend(own.map(|own| text(own, "receiver")));
        }
        let defined = |template: &Value| -> Vec<String> {
            let found = DEFINED.captures_iter(text(template, "template"));
            found.map(|found| found[1].to_owned()).collect()
        };
        Self {
            receivers: all("contactPoints")
                .map(|point| text(point, "name"))
                .collect(),
            used,
            times: all("muteTimes").map(|time| text(time, "name")).collect(),
            templates: all("templates").flat_map(defined).collect(),
            labels: Labels::of(
                &rules(provisioning),
                all("groups").map(|group| text(group, "folder")).collect(),
            ),
        }
    }
}

fn receivers_of<'a>(route: &'a Value, found: &mut BTreeSet<&'a str>) {
    found.insert(text(route, "receiver"));
    for inner in list(route, "routes") {
        receivers_of(inner, found);
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

fn groups(sheet: &Value, notes: &mut Notes<'_>) {
    for (index, group) in list(sheet, "groups").iter().enumerate() {
        let path = format!("$.groups[{index}]");
        for key in ["name", "folder", "interval"] {
            if group.get(key).is_none_or(is_empty) {
                missing(key, &path, notes);
            }
        }
        durations::check(group, "interval", &path, notes);
        durations::ticks(group, &path, notes);
    }
}
