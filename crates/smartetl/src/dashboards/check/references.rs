//! Variables that texts of a dashboard name: they must be defined, and written in a way that Grafana knows.

use super::expand::{Reference, of_grafana, references};
use super::macros::Range;
use super::sql::without_comments;
use super::tree::{inner_list, panels, text, texts};
use super::{Finding, Notes, Sheet};
use jiff::Timestamp;
use serde_json::Value;

/// What Grafana puts into titles and links by itself.
const IN_TEXTS: &[&str] = &[
    "__data",
    "__value",
    "__field",
    "__series",
    "__cell",
    "__name",
    "__url",
    "__url_time_range",
    // The choice of a variable that stands for all of its values.
    "__all",
    "__all_variables",
    "__dashboard",
    "__org",
    "__user",
];

/// What these have after a dot. Of Grafana's documentation, "Configure data links", "Data link variables".
const PARTS: &[(&str, &[&str])] = &[
    ("__data", &["fields", "name", "refId"]),
    ("__value", &["raw", "numeric", "text", "time", "calc"]),
    ("__field", &["name", "labels", "displayName"]),
    ("__series", &["name"]),
    ("__user", &["id", "login", "email", "name"]),
    ("__org", &["id", "name"]),
    ("__dashboard", &["uid", "name"]),
];

pub fn check(sheets: &[Sheet<'_>], found: &mut Vec<Finding>) {
    for sheet in sheets {
        let notes = Notes {
            file: sheet.file.clone(),
            findings: found,
        };
        let list = inner_list(sheet.value, "templating", "list");
        let mut looking = Looking {
            defined: list.iter().map(|variable| text(variable, "name")).collect(),
            notes,
        };
        looking.dashboard(sheet.value);
    }
}

struct Looking<'a> {
    defined: Vec<&'a str>,
    notes: Notes<'a>,
}

impl Looking<'_> {
    fn dashboard(&mut self, dashboard: &Value) {
        for key in ["links", "annotations", "templating"] {
            if let Some(part) = dashboard.get(key) {
                self.tree(part, &format!("$.{key}"));
            }
        }
        for panel in panels(dashboard) {
            let (value, path) = (panel.value, panel.path);
            for key in [
                "title",
                "description",
                "links",
                "options",
                "fieldConfig",
                "targets",
            ] {
                if let Some(part) = value.get(key) {
                    self.tree(part, &format!("{path}.{key}"));
                }
            }
            let repeated = text(value, "repeat");
            if !repeated.is_empty() && !self.defined.contains(&repeated) {
                self.undefined(repeated, &format!("{path}.repeat"));
            }
        }
    }

    fn tree(&mut self, part: &Value, path: &str) {
        let mut all = Vec::new();
        texts(part, path, &mut |path, text| {
            if text.contains('$') || text.contains("[[") {
                all.push((path.to_owned(), text.to_owned()));
            }
        });
        for (path, text) in all {
            // Regular expressions of transformations and mappings end in a dollar sign, which names nothing.
            let is_sql = is_query(&path);
            let text = if is_sql {
                without_comments(&text)
            } else {
                text
            };
            for reference in references(&text) {
                self.reference(&reference, &path, is_sql);
            }
        }
    }

    fn reference(&mut self, reference: &Reference, path: &str, is_sql: bool) {
        let name = reference.name.as_str();
        let starts_with_digit = name.starts_with(|c: char| c.is_ascii_digit());
        if (reference.is_called && is_sql) || (starts_with_digit && !is_sql) {
            return;
        }
        if reference.has_unknown_format() {
            let format = reference.format.as_deref().unwrap_or("");
            self.notes.add(
                "variable_format",
                path,
                [
                    format!("Grafana knows no way `{format}` to write the variable `{name}`"),
                    format!(
                        "Grafana ne connaît pas de façon `{format}` d’écrire la variable `{name}`"
                    ),
                ],
                [
                    "in SQL: nothing, csv, sqlstring, raw, regex, …",
                    "en SQL\u{a0}: rien, csv, sqlstring, raw, regex…",
                ],
            );
        }
        self.part(reference, path);
        let now = Timestamp::UNIX_EPOCH;
        let range = Range { from: now, to: now };
        let is_known = if reference.is_of_grafana() {
            of_grafana(name, None, &range).is_some() || (!is_sql && IN_TEXTS.contains(&name))
        } else {
            self.defined.contains(&name)
        };
        if !is_known {
            self.undefined(name, path);
        }
    }

    fn part(&mut self, reference: &Reference, path: &str) {
        let name = reference.name.as_str();
        let parts = PARTS.iter().find(|(known, _)| *known == name);
        let written = reference.field.as_deref().unwrap_or("");
        let part = written.split(['.', '[']).next().unwrap_or("");
        let Some((_, parts)) =
            parts.filter(|(_, parts)| !part.is_empty() && !parts.contains(&part))
        else {
            return;
        };
        let parts = parts.join(", ");
        self.notes.add(
            "undefined_variable",
            path,
            [
                format!("Grafana’s variable `{name}` has no part `{part}`"),
                format!("la variable `{name}` de Grafana n’a pas de partie `{part}`"),
            ],
            [format!("one of {parts}"), format!("l’une de {parts}")],
        );
    }

    fn undefined(&mut self, name: &str, path: &str) {
        let defined = self.defined.join(", ");
        self.notes.add(
            "undefined_variable",
            path,
            [
                format!("there is no variable `{name}`: Grafana leaves ${name} as it stands"),
                format!("il n’y a pas de variable `{name}`\u{a0}: Grafana laisse ${name} tel quel"),
            ],
            [
                format!("define it (templating), or use one of: {defined}"),
                format!("définissez-la (templating), ou prenez l’une de\u{a0}: {defined}"),
            ],
        );
    }
}

/// Whether SQL stands at this place.
fn is_query(path: &str) -> bool {
    ["rawSql", "rawQuery", "query"]
        .iter()
        .any(|end| path.ends_with(&format!(".{end}")))
}
