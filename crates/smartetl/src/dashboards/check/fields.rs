//! Columns that a panel names beside its query: in overrides, transformations, reductions and links. One that no query brings changes
//! nothing, and nobody is told.

use super::Notes;
use super::expand::references;
use super::tree::{Panel, list, text, texts};
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;

/// What one query brings.
pub struct Frame {
    pub ref_id: String,
    pub columns: Vec<String>,
    pub has_number: bool,
}

/// Panels that reduce columns to one value each.
const REDUCING: &[&str] = &["stat", "gauge", "bargauge", "piechart"];

pub fn check(panel: &Panel<'_>, frames: &[Frame], notes: &mut Notes<'_>) {
    let mut columns = Columns::of(frames);
    for (index, one) in list(panel.value, "transformations").iter().enumerate() {
        if one.get("disabled") == Some(&Value::Bool(true)) {
            continue;
        }
        let path = format!("{}.transformations[{index}].options", panel.path);
        for (place, name) in named_by(one) {
            columns.must_have(&name, format!("{path}.{place}"), notes);
        }
        if !columns.transform(one) {
            // What comes out now, only Grafana knows.
            return;
        }
    }
    columns.show(panel.value);
    overrides(panel, &columns, notes);
    reduction(panel, &columns, notes);
    if !frames.iter().any(|frame| frame.has_number) {
        no_number(panel, notes);
    }
    links(panel, &columns, notes);
}

/// Columns as they are called at one moment.
struct Columns {
    names: BTreeSet<String>,
    /// What panels may call them besides.
    shown: BTreeSet<String>,
}

impl Columns {
    fn of(frames: &[Frame]) -> Self {
        let mut columns = Self {
            names: BTreeSet::new(),
            shown: BTreeSet::new(),
        };
        for frame in frames {
            columns.names.extend(frame.columns.iter().cloned());
            if frame.columns.iter().any(|column| column == "time") {
                columns.shown.insert("Time".to_owned());
            }
            if frames.len() > 1 {
                // Columns of several queries are told apart by the query’s name.
                let id = &frame.ref_id;
                columns.shown.insert(id.clone());
                for column in &frame.columns {
                    columns.shown.insert(format!("{id} {column}"));
                    columns.shown.insert(format!("{column} {id}"));
                }
            }
        }
        columns
    }

    fn all(&self) -> impl Iterator<Item = &String> {
        self.names.iter().chain(&self.shown)
    }

    fn must_have(&self, name: &str, path: String, notes: &mut Notes<'_>) {
        if self.all().all(|one| one != name) {
            notes.add(
                "unknown_column",
                path,
                [
                    format!("no query of this panel brings a column `{name}`"),
                    format!("aucune requête de ce panneau ne rend de colonne `{name}`"),
                ],
                self.known(),
            );
        }
    }

    /// Which there are, as a finding says it.
    fn known(&self) -> [String; 2] {
        let known: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let known = known.join(", ");
        [
            format!("there are: {known}"),
            format!("il y a\u{a0}: {known}"),
        ]
    }

    /// Whether it is known what comes out of a transformation.
    fn transform(&mut self, one: &Value) -> bool {
        match text(one, "id") {
            "organize" => {
                let options = &one["options"];
                let excluded = |name: &str| options["excludeByName"][name] == Value::Bool(true);
                let renamed = |name: &String| {
                    let other = options["renameByName"][name].as_str();
                    other
                        .filter(|other| !other.is_empty())
                        .map_or_else(|| name.clone(), str::to_owned)
                };
                let kept = self.names.iter().filter(|name| !excluded(name));
                self.names = kept.map(renamed).collect();
                true
            }
            "sortBy" | "limit" | "filterByValue" | "convertFieldType" | "formatTime" | "noop" => {
                true
            }
            _ => false,
        }
    }

    /// Names that a panel itself gives.
    fn show(&mut self, panel: &Value) {
        let config = &panel["fieldConfig"];
        let of_all = config["defaults"]["displayName"].as_str();
        self.shown.extend(of_all.map(str::to_owned));
        for one in list(config, "overrides") {
            for property in list(one, "properties") {
                if text(property, "id") == "displayName" {
                    self.shown.insert(text(property, "value").to_owned());
                }
            }
        }
    }
}

/// Columns that a transformation names, and where.
fn named_by(one: &Value) -> Vec<(String, String)> {
    let options = &one["options"];
    let mut found = Vec::new();
    let keys: &[&str] = match text(one, "id") {
        "organize" => &[
            "excludeByName",
            "includeByName",
            "renameByName",
            "indexByName",
        ],
        "groupBy" | "groupToNestedTable" => &["fields"],
        _ => &[],
    };
    for key in keys {
        for name in options[key].as_object().into_iter().flatten() {
            found.push(((*key).to_owned(), name.0.clone()));
        }
    }
    let lists: &[(&str, &str)] = match text(one, "id") {
        "sortBy" => &[("sort", "field")],
        "convertFieldType" => &[("conversions", "targetField")],
        "filterByValue" => &[("filters", "fieldName")],
        _ => &[],
    };
    for (key, inner) in lists {
        for (index, value) in list(options, key).iter().enumerate() {
            found.push((
                format!("{key}[{index}].{inner}"),
                text(value, inner).to_owned(),
            ));
        }
    }
    match text(one, "id") {
        "joinByField" => found.push(("byField".to_owned(), text(options, "byField").to_owned())),
        "filterFieldsByName" => {
            for key in ["include", "exclude"] {
                for name in list(&options[key], "names")
                    .iter()
                    .filter_map(Value::as_str)
                {
                    found.push((format!("{key}.names"), name.to_owned()));
                }
            }
        }
        _ => {}
    }
    found.retain(|(_, name)| !name.is_empty());
    found
}

fn overrides(panel: &Panel<'_>, columns: &Columns, notes: &mut Notes<'_>) {
    for (index, one) in list(&panel.value["fieldConfig"], "overrides")
        .iter()
        .enumerate()
    {
        let path = format!(
            "{}.fieldConfig.overrides[{index}].matcher.options",
            panel.path
        );
        let matcher = &one["matcher"];
        let written = text(matcher, "options");
        match text(matcher, "id") {
            "byName" => columns.must_have(written, path, notes),
            "byRegexp" => matches(written, path, columns, notes),
            _ => {}
        }
    }
}

/// Which columns a stat, a gauge or a pie takes; empty: those with numbers.
fn reduced<'v>(panel: &Panel<'v>) -> &'v str {
    let written = panel.value.pointer("/options/reduceOptions/fields");
    written.and_then(Value::as_str).unwrap_or("")
}

fn reduction(panel: &Panel<'_>, columns: &Columns, notes: &mut Notes<'_>) {
    let written = reduced(panel);
    if !written.is_empty() {
        let path = format!("{}.options.reduceOptions.fields", panel.path);
        matches(written, path, columns, notes);
    }
}

/// Where nothing is written, only numbers are taken.
fn no_number(panel: &Panel<'_>, notes: &mut Notes<'_>) {
    if REDUCING.contains(&text(panel.value, "type")) && reduced(panel).is_empty() {
        notes.add(
            "columns",
            format!("{}.options.reduceOptions.fields", panel.path),
            [
                "this panel takes columns with numbers, and its queries bring none",
                "ce panneau prend des colonnes de nombres, et ses requêtes n’en rendent pas",
            ],
            [
                "select a number, or name the column: /^Name$/",
                "sélectionnez un nombre, ou nommez la colonne\u{a0}: /^Nom$/",
            ],
        );
    }
}

/// Finds a pattern, `/^Name$/` or a whole name, that no column matches.
fn matches(written: &str, path: String, columns: &Columns, notes: &mut Notes<'_>) {
    let pattern = match written
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'))
    {
        Some((pattern, flags)) if flags.contains('i') => format!("(?i){pattern}"),
        Some((pattern, _)) => pattern.to_owned(),
        None => format!("^{written}$"),
    };
    // What only JavaScript reads stays unknown; so do variables.
    let Ok(pattern) = Regex::new(&pattern) else {
        return;
    };
    if written.contains("${") || columns.all().any(|name| pattern.is_match(name)) {
        return;
    }
    notes.add(
        "unknown_column",
        path,
        [
            format!("no column of this panel’s queries matches {written}"),
            format!("aucune colonne des requêtes de ce panneau ne correspond à {written}"),
        ],
        columns.known(),
    );
}

/// `${__data.fields.job}` and `${__data.fields["job"]}` in links.
fn links(panel: &Panel<'_>, columns: &Columns, notes: &mut Notes<'_>) {
    for key in ["fieldConfig", "links", "options"] {
        let Some(part) = panel.value.get(key) else {
            continue;
        };
        texts(part, &format!("{}.{key}", panel.path), &mut |path, text| {
            for reference in references(text) {
                let field = reference.field.unwrap_or_default();
                let Some(rest) = field.strip_prefix("fields") else {
                    continue;
                };
                let name = rest
                    .trim_start_matches(['.', '['])
                    .trim_end_matches(']')
                    .trim_matches(['"', '\'']);
                let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
                if reference.name == "__data" && !is_number {
                    columns.must_have(name, path.to_owned(), notes);
                }
            }
        });
    }
}
