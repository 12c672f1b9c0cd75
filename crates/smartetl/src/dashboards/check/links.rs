//! Links between dashboards: what they lead to must be there.

use super::tree::{inner_list, is_number, list, panels, text, texts};
use super::{Finding, Notes, Sheet};
use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// `/d/uid`, with what follows in the same address.
static TO_DASHBOARD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[/(])d(?:-solo)?/([A-Za-z0-9_-]+)([^\s"'<>)]*)"#)
        .expect("the pattern is written here")
});
static TO_PANEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[?&](?:viewPanel|editPanel|panelId)=(?:panel-)?([0-9]+)")
        .expect("the pattern is written here")
});
static WITH_VARIABLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[?&]var-([A-Za-z0-9_]+)=").expect("the pattern is written here"));

pub fn check(sheets: &[Sheet<'_>], found: &mut Vec<Finding>) {
    for sheet in sheets {
        let mut notes = Notes {
            file: sheet.file.clone(),
            findings: found,
        };
        by_tag(sheet, sheets, &mut notes);
        listed(sheet, sheets, &mut notes);
        texts(sheet.value, "$", &mut |path, text| {
            if text.contains("d/") && !path.ends_with("rawSql") {
                addresses(text, path, sheets, &mut notes);
            }
        });
    }
}

fn by_tag(sheet: &Sheet<'_>, sheets: &[Sheet<'_>], notes: &mut Notes<'_>) {
    for (index, link) in list(sheet.value, "links").iter().enumerate() {
        if text(link, "type") != "dashboards" {
            continue;
        }
        let tags: Vec<&str> = list(link, "tags")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let has_all = |other: &Sheet<'_>| {
            let theirs = list(other.value, "tags");
            tags.iter().all(|tag| theirs.iter().any(|has| has == tag))
        };
        let others = sheets.iter().filter(|other| other.file != sheet.file);
        if others.filter(|other| has_all(other)).count() == 0 {
            let tags = tags.join(", ");
            notes.add(
                "dead_link",
                format!("$.links[{index}].tags"),
                [
                    format!("no other dashboard has the tags of this link: {tags}"),
                    format!(
                        "aucun autre tableau de bord n’a les étiquettes de ce lien\u{a0}: {tags}"
                    ),
                ],
                [
                    "correct the tags, or tag the dashboards that it is to list",
                    "corrigez les étiquettes, ou étiquetez les tableaux de bord à lister",
                ],
            );
        }
    }
}

/// Where other dashboards list those with some tags, each needs such tags: nobody would find the way to it.
fn listed(sheet: &Sheet<'_>, sheets: &[Sheet<'_>], notes: &mut Notes<'_>) {
    let own = list(sheet.value, "tags");
    let others = sheets.iter().filter(|other| other.file != sheet.file);
    let links = others.flat_map(|other| list(other.value, "links"));
    // A link to nobody at all is a finding of its own.
    let lists_any = |tags: &&[Value]| {
        let mut held = sheets.iter().map(|sheet| list(sheet.value, "tags"));
        held.any(|held| tags.iter().all(|tag| held.contains(tag)))
    };
    let mut wanted: Vec<&[Value]> = links
        .filter(|link| text(link, "type") == "dashboards")
        .map(|link| list(link, "tags"))
        .filter(lists_any)
        .collect();
    wanted.dedup();
    let has_all = |tags: &&[Value]| tags.iter().all(|tag| own.contains(tag));
    if wanted.is_empty() || wanted.iter().any(has_all) {
        return;
    }
    let tags = wanted.iter().flat_map(|tags| tags.iter());
    let tags: Vec<&str> = tags.filter_map(Value::as_str).collect();
    let tags = tags.join(", ");
    notes.add(
        "unlisted",
        "$.tags",
        [
            format!("no other dashboard lists this one: they list those with the tag {tags}"),
            format!("aucun autre tableau de bord ne montre celui-ci\u{a0}: ils montrent ceux qui portent l’étiquette {tags}"),
        ],
        ["give it that tag", "donnez-lui cette étiquette"],
    );
}

/// Finds addresses in a text that lead nowhere.
pub(super) fn addresses(text: &str, path: &str, sheets: &[Sheet<'_>], notes: &mut Notes<'_>) {
    for found in TO_DASHBOARD.captures_iter(text) {
        let (uid, rest) = (&found[1], &found[2]);
        // A part of another site's address: only what Grafana itself serves is ours.
        let begin = found.get(1).map_or(0, |uid| uid.start());
        if is_elsewhere(&text[..begin]) {
            continue;
        }
        let target = sheets
            .iter()
            .find(|sheet| super::tree::text(sheet.value, "uid") == uid);
        let Some(target) = target else {
            let known: Vec<&str> = sheets
                .iter()
                .map(|sheet| super::tree::text(sheet.value, "uid"))
                .collect();
            let known = known.join(", ");
            notes.add(
                "dead_link",
                path,
                [
                    format!("the link /d/{uid} leads to no dashboard of these files"),
                    format!("le lien /d/{uid} ne mène à aucun tableau de bord de ces fichiers"),
                ],
                [
                    format!("there are: {known}"),
                    format!("il y a\u{a0}: {known}"),
                ],
            );
            continue;
        };
        for panel in TO_PANEL.captures_iter(rest) {
            let id = &panel[1];
            let has = |panel: &Value| panel.get("id").is_some_and(|has| is_number(has, id));
            if !panels(target.value).iter().any(|panel| has(panel.value)) {
                notes.add(
                    "dead_link",
                    path,
                    [
                        format!("the dashboard `{uid}` has no panel {id}"),
                        format!("le tableau de bord `{uid}` n’a pas de panneau {id}"),
                    ],
                    ["correct the number", "corrigez le numéro"],
                );
            }
        }
        for variable in WITH_VARIABLE.captures_iter(rest) {
            let name = &variable[1];
            let theirs = inner_list(target.value, "templating", "list");
            if !theirs
                .iter()
                .any(|variable| super::tree::text(variable, "name") == name)
            {
                notes.add(
                    "dead_link",
                    path,
                    [
                        format!("the dashboard `{uid}` has no variable `{name}`: it would be ignored"),
                        format!("le tableau de bord `{uid}` n’a pas de variable `{name}`\u{a0}: elle serait ignorée"),
                    ],
                    ["correct its name", "corrigez son nom"],
                );
            }
        }
    }
}

/// Whether the address that reaches up to here begins with a host.
fn is_elsewhere(before: &str) -> bool {
    let begin = before.rfind(|c: char| c.is_whitespace() || "\"'<>(".contains(c));
    let address = &before[begin.map_or(0, |at| at + 1)..];
    address.contains("://") && !address.contains('$')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_that_lead_nowhere_are_found() {
        let night = json!({ "uid": "night", "panels": [{ "id": 4 }], "templating": { "list": [{ "name": "env" }] } });
        let sheets = [Sheet {
            file: "night.json".to_owned(),
            value: &night,
        }];
        let check = |text: &str, wanted: &[&str]| {
            let mut found = Vec::new();
            let mut notes = Notes {
                file: String::new(),
                findings: &mut found,
            };
            addresses(text, "$", &sheets, &mut notes);
            let told: Vec<String> = found.iter().map(|found| found.what.to_string()).collect();
            assert_eq!(told, wanted, "{text}");
        };
        check("/d/night?var-env=${env}&viewPanel=4", &[]);
        check("d/night/la-nuit?orgId=1&viewPanel=panel-4", &[]);
        check(
            "see [it](/d/day) or https://example.com/d/other",
            &["the link /d/day leads to no dashboard of these files"],
        );
        check(
            "/d/night?viewPanel=5",
            &["the dashboard `night` has no panel 5"],
        );
        check(
            "/d/night?var-job=$job",
            &["the dashboard `night` has no variable `job`: it would be ignored"],
        );
        check("and/or", &[]);
    }
}
