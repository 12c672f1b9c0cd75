//! The files that Grafana reads when it starts: data sources, where dashboards are, alerting. As YAML they must be right, and the
//! variables in them must be set: one that is not becomes nothing without a word.

use super::tree::{list, text, texts};
use super::{Finding, Notes, yaml};
use crate::dashboards::files::{files_with, is_uid, read};
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// One file.
pub struct Sheet {
    pub file: String,
    pub value: Value,
}

/// All files, by what they are about.
#[derive(Default)]
pub struct Provisioning {
    pub sources: Vec<Sheet>,
    pub providers: Vec<Sheet>,
    pub alerting: Vec<Sheet>,
}

impl Provisioning {
    /// Reads and looks at `FOLDER/provisioning`.
    ///
    /// # Errors
    /// A file or folder cannot be read.
    pub fn read(folder: &Path, found: &mut Vec<Finding>) -> anyhow::Result<Self> {
        let all = folder.join("provisioning");
        let provisioning = Self {
            sources: sheets(&all.join("datasources"), found)?,
            providers: sheets(&all.join("dashboards"), found)?,
            alerting: sheets(&all.join("alerting"), found)?,
        };
        let environment = environment(folder)?;
        let sheets = [
            &provisioning.sources,
            &provisioning.providers,
            &provisioning.alerting,
        ];
        for sheet in sheets.into_iter().flatten() {
            let mut notes = Notes {
                file: sheet.file.clone(),
                findings: found,
            };
            unset(&sheet.value, environment.as_ref(), &mut notes);
        }
        provisioning.check_sources(found);
        provisioning.check_providers(found);
        Ok(provisioning)
    }

    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.providers.is_empty() && self.alerting.is_empty()
    }

    /// (uid, type) of every provisioned data source.
    pub fn data_sources(&self) -> Vec<(&str, &str)> {
        let all = self
            .sources
            .iter()
            .flat_map(|sheet| list(&sheet.value, "datasources"));
        all.map(|source| (text(source, "uid"), text(source, "type")))
            .collect()
    }

    fn check_sources(&self, found: &mut Vec<Finding>) {
        let mut seen = BTreeSet::new();
        for sheet in &self.sources {
            let mut notes = Notes {
                file: sheet.file.clone(),
                findings: found,
            };
            for (index, source) in list(&sheet.value, "datasources").iter().enumerate() {
                let path = format!("$.datasources[{index}]");
                for key in ["name", "type", "uid", "url"] {
                    if text(source, key).is_empty() {
                        missing(key, &path, &mut notes);
                    }
                }
                let uid = text(source, "uid");
                if !uid.is_empty() && (!is_uid(uid) || !seen.insert(uid)) {
                    notes.add(
                        "uid_form",
                        format!("{path}.uid"),
                        [
                            format!("the uid `{uid}` is that of another data source, or not made of letters, digits, - and _"),
                            format!(
                                "l’uid `{uid}` est celui d’une autre source de données, ou n’est pas fait de lettres, de chiffres, \
                                 de - et de _"
                            ),
                        ],
                        ["give it a uid of its own", "donnez-lui un uid à elle"],
                    );
                }
            }
        }
    }

    fn check_providers(&self, found: &mut Vec<Finding>) {
        for sheet in &self.providers {
            let mut notes = Notes {
                file: sheet.file.clone(),
                findings: found,
            };
            for (index, provider) in list(&sheet.value, "providers").iter().enumerate() {
                let path = format!("$.providers[{index}]");
                if text(provider, "name").is_empty() {
                    missing("name", &path, &mut notes);
                }
                if provider
                    .pointer("/options/path")
                    .and_then(Value::as_str)
                    .unwrap_or("")
                    .is_empty()
                {
                    missing("options.path", &path, &mut notes);
                }
                if provider.get("allowUiUpdates") != Some(&Value::Bool(true)) {
                    notes.add(
                        "no_ui_updates",
                        format!("{path}.allowUiUpdates"),
                        [
                            "nobody can save what they edit in Grafana, so that there is nothing to pull",
                            "personne ne peut enregistrer ce qu’il modifie dans Grafana\u{a0}: il n’y a donc rien à reprendre",
                        ],
                        ["write allowUiUpdates: true", "écrivez allowUiUpdates: true"],
                    );
                }
            }
        }
    }
}

/// Something obligatory that is not there.
pub fn missing(key: &str, path: &str, notes: &mut Notes<'_>) {
    notes.add(
        "missing",
        format!("{path}.{key}"),
        [
            format!("`{key}` is missing or empty, and Grafana needs it"),
            format!("`{key}` manque ou est vide, et Grafana en a besoin"),
        ],
        ["give it", "donnez-le"],
    );
}

fn sheets(folder: &Path, found: &mut Vec<Finding>) -> anyhow::Result<Vec<Sheet>> {
    let mut sheets = Vec::new();
    for path in files_with(folder, &["yaml", "yml"])? {
        let file = path.display().to_string();
        let mut notes = Notes {
            file: file.clone(),
            findings: found,
        };
        match yaml::read(&read(&path)?) {
            Ok(value @ Value::Object(_)) => {
                if value.get("apiVersion").and_then(Value::as_i64) != Some(1) {
                    missing("apiVersion", "$", &mut notes);
                }
                sheets.push(Sheet { file, value });
            }
            // A file of comments only.
            Ok(Value::Null) => {}
            Ok(_) => notes.add(
                "no_yaml",
                "$",
                [
                    "this is no YAML mapping",
                    "ce n’est pas un dictionnaire YAML",
                ],
                ["begin with apiVersion: 1", "commencez par apiVersion: 1"],
            ),
            Err(error) => {
                notes.add(
                    "no_yaml",
                    "$",
                    [
                        format!("this is no YAML: {error}"),
                        format!("ce n’est pas du YAML\u{a0}: {error}"),
                    ],
                    ["correct it at that place", "corrigez-le à cet endroit"],
                );
            }
        }
    }
    Ok(sheets)
}

/// Finds variables that are not set, at all places where Grafana puts them in.
fn unset(value: &Value, environment: Option<&Environment>, notes: &mut Notes<'_>) {
    let mut all = Vec::new();
    texts(value, "$", &mut |path, text| {
        if text.contains('$') {
            all.push((path.to_owned(), text.to_owned()));
        }
    });
    for (path, text) in all {
        // Queries are left as they are; in the annotations of a rule `$labels` is, and `${labels}` is not.
        if path.contains(".data[") && path.contains(".model") {
            continue;
        }
        let in_annotation = path.contains(".rules[") && path.contains(".annotations");
        for name in variables_in(&text) {
            if in_annotation && !name.braced {
                continue;
            }
            let name = name.name;
            // Without a list of what is set, only what looks like no variable at all is known to be none.
            let is_set = match environment {
                Some(environment) => environment.names.contains(&name),
                None => !name.is_empty() && !name.contains(|c: char| c.is_lowercase()),
            };
            if is_set {
                continue;
            }
            let looked =
                environment.map_or_else(String::new, |environment| environment.shown.clone());
            notes.add(
                "unset_variable",
                path.as_str(),
                [
                    format!("the variable `{name}` is set nowhere{}: Grafana would put nothing in its place", in_files(&looked, " (")),
                    format!(
                        "la variable `{name}` n’est définie nulle part{}\u{a0}: Grafana ne mettrait rien à sa place",
                        in_files(&looked, " (")
                    ),
                ],
                [
                    format!("set it in .env.example, or write $${name} where a dollar sign is meant"),
                    format!("définissez-la dans .env.example, ou écrivez $${name} si c’est un signe dollar"),
                ],
            );
        }
    }
}

fn in_files(looked: &str, before: &str) -> String {
    if looked.is_empty() {
        String::new()
    } else {
        format!("{before}{looked})")
    }
}

/// What Grafana would take out of its environment.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    name: String,
    braced: bool,
}

/// Variables of a text as Grafana expands them: `$$` is a dollar sign; `$__env{NAME}` names one, `$__file{PATH}` none.
fn variables_in(text: &str) -> Vec<Named> {
    static PROVIDER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\$__(\w+)\{([^}]*)\}").expect("the pattern is written here"));
    static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\$(?:\{([^}]*)\}|([A-Za-z0-9_]+))").expect("the pattern is written here")
    });
    let mut found = Vec::new();
    for part in text.split("$$") {
        for provider in PROVIDER.captures_iter(part) {
            if &provider[1] == "env" {
                found.push(Named {
                    name: provider[2].trim().to_owned(),
                    braced: true,
                });
            }
        }
        let rest = PROVIDER.replace_all(part, "");
        for plain in PLAIN.captures_iter(&rest) {
            let braced = plain.get(1);
            let name = braced.or(plain.get(2)).map_or("", |name| name.as_str());
            found.push(Named {
                name: name.to_owned(),
                braced: braced.is_some(),
            });
        }
    }
    found
}

/// Which variables the container of Grafana will have.
struct Environment {
    names: BTreeSet<String>,
    /// Where they were looked for.
    shown: String,
}

/// From `.env.example` and `compose.yaml` in the folder or above it; `None` where there is neither.
fn environment(folder: &Path) -> anyhow::Result<Option<Environment>> {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let place = absolute
        .ancestors()
        .find(|folder| folder.join(".env.example").is_file());
    let Some(place) = place else {
        return Ok(None);
    };
    let example: PathBuf = place.join(".env.example");
    let mut names: BTreeSet<String> = read(&example)?.lines().filter_map(set_in_line).collect();
    let mut shown = ".env.example".to_owned();
    let compose = place.join("compose.yaml");
    if compose.is_file() {
        // What is wrong with it is the business of whoever runs it.
        let read = yaml::read(&read(&compose)?).unwrap_or_default();
        match read.pointer("/services/grafana/environment") {
            Some(Value::Object(map)) => names.extend(map.keys().cloned()),
            Some(Value::Array(list)) => {
                let lines = list.iter().filter_map(Value::as_str);
                names.extend(lines.map(|line| line.split('=').next().unwrap_or(line).to_owned()));
            }
            _ => {}
        }
        shown.push_str(", compose.yaml");
    }
    Ok(Some(Environment { names, shown }))
}

/// `NAME=value`; what stands in a comment is not set.
fn set_in_line(line: &str) -> Option<String> {
    let line = line.trim_start();
    let (name, _) = line
        .strip_prefix("export ")
        .unwrap_or(line)
        .split_once('=')?;
    let name = name.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_seen_as_grafana_expands_them() {
        let check = |text: &str, wanted: &[&str]| {
            let found = variables_in(text).into_iter();
            let found: Vec<String> = found.map(|named| named.name).collect();
            assert_eq!(found, wanted, "{text}");
        };
        check(
            "$A ${B}:5432 $__env{C} $__file{/run/secrets/d}",
            &["C", "A", "B"],
        );
        check("{{ $$labels.job }} $$$E 5 $ %", &["E"]);
        check("{{ $labels.job }}", &["labels"]);
    }

    #[test]
    fn an_example_sets_what_it_does_not_comment_out() {
        assert_eq!(set_in_line("export A_1=x"), Some("A_1".to_owned()));
        assert_eq!(set_in_line("B="), Some("B".to_owned()));
        assert_eq!(set_in_line("# C=x"), None);
        assert_eq!(set_in_line("words = of a person"), Some("words".to_owned()));
    }
}
