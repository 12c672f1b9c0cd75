//! Whether dashboards and provisioning would work in a Grafana, without one: structure, references, and every query run for real.
//!
//! Finds, and changes nothing. What Grafana would swallow without a word (a variable that is not set, a panel over another) is
//! found as well as what it would refuse.

mod alerting;
mod chosen;
mod dashboard;
mod data_source;
mod environment;
mod expand;
mod fields;
mod links;
mod macros;
mod opening;
mod panel_parts;
mod provisioning;
mod queries;
mod references;
mod runner;
mod sql;
mod time;
mod tree;
mod units;
pub mod yaml;

use super::files::{Files, shared_uids};
use super::form::{Format, format_of, normal, to_text};
use crate::errors::{ErrorCode, Failure};
use crate::reason::Reason;
use jiff::Timestamp;
use provisioning::Provisioning;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use std::path::{Path, PathBuf};

/// What to look at, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// With `dashboards/` and `provisioning/`.
    pub folder: PathBuf,
    /// Whether a query that brings nothing is a finding.
    pub needs_rows: bool,
    /// Where time ranges end.
    pub now: Timestamp,
}

/// Something that a person should correct.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable name of what kind it is.
    pub kind: &'static str,
    pub file: String,
    /// `$.panels[3].targets[0].rawSql`.
    pub path: String,
    pub what: Reason,
    pub todo: Reason,
}

/// What was looked at and found.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub dashboards: usize,
    pub rules: usize,
    /// How often a query was run: once for each way in which its variables can be set.
    pub queries: usize,
    pub findings: Vec<Finding>,
}

/// The findings of one file.
struct Notes<'a> {
    file: String,
    findings: &'a mut Vec<Finding>,
}

impl Notes<'_> {
    fn add(
        &mut self,
        kind: &'static str,
        path: impl Into<String>,
        what: impl Into<Reason>,
        todo: impl Into<Reason>,
    ) {
        self.findings.push(Finding {
            kind,
            file: self.file.clone(),
            path: path.into(),
            what: what.into(),
            todo: todo.into(),
        });
    }
}

/// One dashboard that can be looked at.
struct Sheet<'a> {
    file: String,
    value: &'a Value,
}

/// Looks at everything below the folder. Queries are run where there is a connection, which must not be able to write.
///
/// # Errors
/// There is nothing to look at, a file cannot be read, or the database is gone.
pub async fn check(
    request: &Request,
    connection: Option<&mut PgConnection>,
) -> anyhow::Result<Report> {
    let files = Files::read(&request.folder)?;
    let mut report = Report::default();
    let found = &mut report.findings;
    let provisioning = Provisioning::read(&request.folder, found)?;
    if files.all.is_empty() && provisioning.is_empty() {
        return Err(nothing(&request.folder).into());
    }
    let mut sheets = Vec::new();
    for file in &files.all {
        let mut notes = Notes {
            file: file.path.display().to_string(),
            findings: found,
        };
        match &file.value {
            Err(error) => notes.add(
                "no_json",
                "$",
                [
                    format!("this is no JSON: {error}"),
                    format!("ce n’est pas du JSON\u{a0}: {error}"),
                ],
                ["correct it at that place", "corrigez-le à cet endroit"],
            ),
            Ok(value) if format_of(value) != Format::Classic => notes.add(
                "not_classic",
                "$",
                [
                    "this is not in the Classic format, and Grafana reads no other from files",
                    "ce n’est pas au format Classic, et Grafana n’en lit pas d’autre dans les fichiers",
                ],
                [
                    "save its Classic form: Share, Export, Classic; or `smartetl dashboards pull`",
                    "enregistrez sa forme Classic\u{a0}: Partager, Exporter, Classic\u{a0}; ou `smartetl dashboards pull`",
                ],
            ),
            Ok(value) => {
                if file.text != to_text(&normal(value)) {
                    notes.add(
                        "not_normal",
                        "$",
                        [
                            "it is not written as `pull` writes it: the first pull would change lines that nobody edited",
                            "il n’est pas écrit comme `pull` l’écrit\u{a0}: le premier pull changerait des lignes que personne n’a \
                             modifiées",
                        ],
                        [
                            "`smartetl dashboards check --fix` rewrites it",
                            "`smartetl dashboards check --fix` le réécrit",
                        ],
                    );
                }
                dashboard::check(&file.path, value, &provisioning, &mut notes);
                sheets.push(Sheet {
                    file: notes.file,
                    value,
                });
            }
        }
    }
    for (uid, holders) in shared_uids(&files) {
        let first = holders[0].path.display();
        for file in &holders[1..] {
            let mut notes = Notes {
                file: file.path.display().to_string(),
                findings: found,
            };
            notes.add(
                "uid_twice",
                "$.uid",
                [
                    format!("the uid `{uid}` is also that of {first}: Grafana would show now one, now the other"),
                    format!("l’uid `{uid}` est aussi celui de {first}\u{a0}: Grafana montrerait tantôt l’un, tantôt l’autre"),
                ],
                ["give it a uid of its own", "donnez-lui un uid à lui"],
            );
        }
    }
    links::check(&sheets, found);
    references::check(&sheets, found);
    alerting::check(&provisioning, &sheets, found);
    report.dashboards = sheets.len();
    report.rules = alerting::rules(&provisioning).len();
    if let Some(connection) = connection {
        let mut runs = queries::Runs::new(request, connection).await?;
        runs.dashboards(&sheets, found).await?;
        runs.rules(&provisioning, found).await?;
        report.queries = runs.count;
    }
    // By file, and within one as they were found.
    report.findings.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(report)
}

/// Rewrites the dashboards that are not in the form of `pull`; says which.
///
/// # Errors
/// A file cannot be read or written.
pub fn fix(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut fixed = Vec::new();
    for file in Files::read(folder)?.all {
        let Ok(value) = &file.value else { continue };
        let text = to_text(&normal(value));
        if format_of(value) == Format::Classic && text != file.text {
            super::files::write(&file.path, &text)?;
            fixed.push(file.path);
        }
    }
    Ok(fixed)
}

fn nothing(folder: &Path) -> Failure {
    Failure::new(
        ErrorCode::Unreadable,
        [
            "there are neither dashboards nor provisioning here",
            "il n’y a ici ni tableaux de bord ni provisioning",
        ],
    )
    .at(folder.display().to_string())
    .hint([
        "--folder names the folder that holds dashboards/ and provisioning/",
        "--folder désigne le dossier qui contient dashboards/ et provisioning/",
    ])
}
