//! Texts with templates in them: annotations and labels of rules, settings of contact points, and the templates themselves.

use super::template::{Template, read};
use super::words::{Language, OF_MESSAGES, OF_RULES};
use super::{Names, Rule};
use crate::dashboards::check::Notes;
use crate::dashboards::check::tree::{list, text, texts};
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static CALLED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\{\{-?\s*template\s+"([^"]+)""#).expect("the pattern is written here")
});

/// Templates that Grafana brings itself begin so.
const OF_GRAFANA: &[&str] = &["default.", "teams.", "slack.", "webhook.", "__"];

/// The templates of messages, by themselves or in the settings of a contact point.
pub fn messages(value: &Value, path: &str, names: &Names<'_>, notes: &mut Notes<'_>) {
    texts(value, path, &mut |path, text| {
        let text = text.replace("$$", "$");
        template(&text, path, &OF_MESSAGES, notes);
        for found in CALLED.captures_iter(&text) {
            let name = &found[1];
            if OF_GRAFANA.iter().any(|begin| name.starts_with(begin))
                || names.templates.contains(name)
            {
                continue;
            }
            notes.add(
                "unknown_template",
                path,
                [
                    format!("no template defines `{name}`"),
                    format!("aucun modèle ne définit `{name}`"),
                ],
                [
                    "define it under templates, or correct its name",
                    "définissez-le sous templates, ou corrigez son nom",
                ],
            );
        }
    });
}

/// What the annotations and labels of a rule say, without its queries being run.
pub fn of_rule(rule: &Rule<'_>, notes: &mut Notes<'_>) {
    let steps = list(rule.value, "data");
    let ids: Vec<&str> = steps.iter().map(|step| text(step, "refId")).collect();
    for_each(rule, &mut |path, text| {
        let Some(read) = template(text, path, &OF_RULES, notes) else {
            return;
        };
        for chain in &read.chains {
            let wrong = match named(chain, "$values", "Values") {
                [id, ..] if !ids.contains(&id.as_str()) => id,
                [_, part, ..] if !["Value", "Labels"].contains(&part.as_str()) => part,
                _ => continue,
            };
            let known = ids.join(", ");
            notes.add(
                "template",
                path,
                [
                    format!("the rule has no value `{wrong}` for `{}`", chain.join(".")),
                    format!(
                        "la règle n’a pas de valeur `{wrong}` pour `{}`",
                        chain.join(".")
                    ),
                ],
                [
                    format!("write $values.REFID.Value; the steps are: {known}"),
                    format!("écrivez $values.REFID.Value\u{a0}; les étapes sont\u{a0}: {known}"),
                ],
            );
        }
    });
}

/// Labels that the texts of a rule name and its queries do not bring. `labels`: columns with texts; those that a rule adds itself are not
/// among `$labels`.
pub fn labels_of_rule(rule: &Rule<'_>, labels: &BTreeSet<String>, notes: &mut Notes<'_>) {
    let known: Vec<&str> = labels.iter().map(String::as_str).collect();
    let known = known.join(", ");
    for_each(rule, &mut |path, text| {
        // What cannot be read was told before.
        let read = read(text, &OF_RULES).unwrap_or_default();
        for chain in &read.chains {
            let [label, ..] = named(chain, "$labels", "Labels") else {
                continue;
            };
            if labels.contains(label) {
                continue;
            }
            notes.add(
                "template",
                path,
                [
                    format!("no query of the rule brings a label `{label}`"),
                    format!("aucune requête de la règle ne rend d’étiquette `{label}`"),
                ],
                [
                    format!("its columns with texts are: {known}"),
                    format!("ses colonnes de texte sont\u{a0}: {known}"),
                ],
            );
        }
    });
}

/// What follows the variable or the field in a chain; nothing where it names neither.
fn named<'c>(chain: &'c [String], variable: &str, field: &str) -> &'c [String] {
    match chain {
        [first, rest @ ..] if first == variable => rest,
        [first, second, rest @ ..] if (first.is_empty() || first == "$") && second == field => rest,
        _ => &[],
    }
}

/// Each text of a rule that is a template, as Grafana reads it once variables of its environment are put in.
fn for_each(rule: &Rule<'_>, look: &mut impl FnMut(&str, &str)) {
    for key in ["annotations", "labels"] {
        let Some(part) = rule.value.get(key) else {
            continue;
        };
        texts(part, &format!("{}.{key}", rule.path), &mut |path, text| {
            if key == "labels" {
                look(path, &text.replace("$$", "$"));
            } else {
                look(path, text);
            }
        });
    }
}

fn template(
    text: &str,
    path: &str,
    language: &Language,
    notes: &mut Notes<'_>,
) -> Option<Template> {
    match read(text, language) {
        Ok(read) => Some(read),
        Err(reason) => {
            notes.add(
                "template",
                path,
                reason,
                [
                    "correct it: Grafana would send the text as it stands, or nothing",
                    "corrigez-le\u{a0}: Grafana enverrait le texte tel quel, ou rien",
                ],
            );
            None
        }
    }
}
