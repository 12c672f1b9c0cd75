//! The files that Grafana reads when it starts: data sources, where dashboards are, alerting. As YAML they must be right, and the
//! variables in them must be set: one that is not becomes nothing without a word.

use super::environment::{self, Environment, variables_in};
use super::tree::{list, text};
use super::{Finding, Notes, yaml};
use crate::dashboards::files::{files_with, is_uid, read};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Who owns the tables: in compose.yaml and in the embedded server, and the superuser of most servers.
const OWNERS: &[&str] = &["smartetl", "postgres"];

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
        let environment = environment::of(folder)?;
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
            environment::unset(&sheet.value, environment.as_ref(), &mut notes);
        }
        provisioning.check_sources(found);
        provisioning.check_providers(environment.as_ref(), found);
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
                login(source, &path, &mut notes);
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

    fn check_providers(&self, environment: Option<&Environment>, found: &mut Vec<Finding>) {
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
                let folder = provider.pointer("/options/path");
                let folder = folder.and_then(Value::as_str).unwrap_or("");
                if folder.is_empty() {
                    missing("options.path", &path, &mut notes);
                } else if environment.is_some_and(|environment| !environment.may_have(folder)) {
                    notes.add(
                        "no_mount",
                        format!("{path}.options.path"),
                        [
                            format!("the service grafana of compose.yaml has no folder {folder}: no dashboard would be read"),
                            format!("le service grafana de compose.yaml n’a pas de dossier {folder}\u{a0}: aucun tableau de bord ne serait lu"),
                        ],
                        [
                            "write where its volumes put the dashboards",
                            "écrivez l’endroit où ses volumes mettent les tableaux de bord",
                        ],
                    );
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

/// As whom a data source logs in: with a password that no file holds, and not as somebody who may change everything.
fn login(source: &Value, path: &str, notes: &mut Notes<'_>) {
    let user = text(source, "user");
    if OWNERS.contains(&user) {
        notes.add(
            "owner",
            format!("{path}.user"),
            [
                format!("`{user}` owns the tables: a panel could change them, and see what readers may not"),
                format!("`{user}` possède les tables\u{a0}: un panneau pourrait les changer, et voir ce que les lecteurs ne doivent pas voir"),
            ],
            [
                "log in as a role that may only read: grafana",
                "connectez-vous avec un rôle qui ne fait que lire\u{a0}: grafana",
            ],
        );
    }
    let secrets = source.get("secureJsonData").and_then(Value::as_object);
    for (key, value) in secrets.into_iter().flatten() {
        let written = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let is_literal = !written.contains("$__") && variables_in(&written).is_empty();
        if is_literal && !written.is_empty() {
            notes.add(
                "literal_secret",
                format!("{path}.secureJsonData.{key}"),
                [
                    format!("`{key}` stands here for everybody who can read this file"),
                    format!("`{key}` est écrit ici pour quiconque peut lire ce fichier"),
                ],
                [
                    "name a variable of the environment: $GRAFANA_DB_PASSWORD",
                    "nommez une variable de l’environnement\u{a0}: $GRAFANA_DB_PASSWORD",
                ],
            );
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
