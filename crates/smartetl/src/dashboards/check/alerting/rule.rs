//! One alert rule: whole, its steps as they name each other, its queries with all they need, and the panel it belongs to.

use super::policies::unknown_receiver;
use super::{Names, Rule, durations, expression, is_empty, is_expression, missing};
use crate::dashboards::check::expand::references;
use crate::dashboards::check::provisioning::Provisioning;
use crate::dashboards::check::sql::without_comments;
use crate::dashboards::check::tree::{is_number, list, panels, text, texts};
use crate::dashboards::check::{Notes, Sheet, links};
use serde_json::Value;

pub fn check(
    rule: &Rule<'_>,
    provisioning: &Provisioning,
    names: &Names<'_>,
    notes: &mut Notes<'_>,
) {
    let (value, path) = (rule.value, &rule.path);
    for key in ["uid", "title", "condition", "data"] {
        if value.get(key).is_none_or(is_empty) {
            missing(key, path, notes);
        }
    }
    durations::check(value, "for", path, notes);
    for (key, words) in [
        ("noDataState", ["NoData", "Alerting", "OK", "KeepLast"]),
        ("execErrState", ["Error", "Alerting", "OK", "KeepLast"]),
    ] {
        let word = text(value, key);
        if value.get(key).is_some() && !words.contains(&word) {
            let words = words.join(", ");
            notes.add(
                "alert_state",
                format!("{path}.{key}"),
                [
                    format!("`{word}` is no state of {key}"),
                    format!("`{word}` n’est pas un état de {key}"),
                ],
                [format!("one of {words}"), format!("l’un de {words}")],
            );
        }
    }
    let steps = list(value, "data");
    let ids: Vec<&str> = steps.iter().map(|step| text(step, "refId")).collect();
    let known = ids.join(", ");
    let condition = text(value, "condition");
    if !condition.is_empty() && !ids.contains(&condition) {
        notes.add(
            "alert_condition",
            format!("{path}.condition"),
            [
                format!("no step of the rule has the refId `{condition}` of its condition"),
                format!("aucune étape de la règle n’a le refId `{condition}` de sa condition"),
            ],
            [
                format!("the steps are: {known}"),
                format!("les étapes sont\u{a0}: {known}"),
            ],
        );
    }
    for (index, step) in steps.iter().enumerate() {
        let path = format!("{path}.data[{index}]");
        let id = ids[index];
        if id.is_empty() || ids[..index].contains(&id) {
            notes.add(
                "ref_id",
                format!("{path}.refId"),
                [
                    format!("the step’s refId `{id}` is empty or that of another one"),
                    format!("le refId `{id}` de l’étape est vide, ou celui d’une autre"),
                ],
                ["name them A, B, C, …", "nommez-les A, B, C…"],
            );
        }
        if is_expression(step) {
            expression::check(step, &path, &ids, notes);
        } else {
            query(step, &path, provisioning, notes);
        }
    }
    let own = value.get("notification_settings");
    let receiver = own.map_or("", |own| text(own, "receiver"));
    if own.is_some() && !names.receivers.contains(receiver) {
        unknown_receiver(
            receiver,
            &format!("{path}.notification_settings.receiver"),
            names,
            notes,
        );
    }
}

fn query(step: &Value, path: &str, provisioning: &Provisioning, notes: &mut Notes<'_>) {
    let uid = text(step, "datasourceUid");
    let known = provisioning.data_sources();
    if !known.iter().any(|(known, _)| *known == uid) {
        let known: Vec<&str> = known.iter().map(|(uid, _)| *uid).collect();
        let known = known.join(", ");
        notes.add(
            "data_source",
            format!("{path}.datasourceUid"),
            [
                format!("no data source with the uid `{uid}` is provisioned"),
                format!("aucune source de données d’uid `{uid}` n’est dans le provisioning"),
            ],
            [
                format!("there are: {known}"),
                format!("il y a\u{a0}: {known}"),
            ],
        );
    }
    let of_range = |key: &str| {
        step.pointer(&format!("/relativeTimeRange/{key}"))
            .and_then(Value::as_i64)
    };
    if !matches!((of_range("from"), of_range("to")), (Some(from), Some(to)) if from > to) {
        notes.add(
            "time_range",
            format!("{path}.relativeTimeRange"),
            [
                "the query has no time range from further back to nearer",
                "la requête n’a pas de période du plus ancien au plus récent",
            ],
            [
                "give seconds before now: from: 3600, to: 0",
                "donnez des secondes avant maintenant\u{a0}: from: 3600, to: 0",
            ],
        );
    }
    let sql = step
        .pointer("/model/rawSql")
        .and_then(Value::as_str)
        .unwrap_or("");
    let path = format!("{path}.model.rawSql");
    if sql.trim().is_empty() {
        notes.add(
            "no_query",
            path,
            ["this query is empty", "cette requête est vide"],
            ["write it, or remove it", "écrivez-la, ou retirez-la"],
        );
        return;
    }
    for reference in references(&without_comments(sql)) {
        let name = &reference.name;
        if reference.is_called || name == "__interval" || name == "__interval_ms" {
            continue;
        }
        notes.add(
            "variable_in_alert",
            path.as_str(),
            [
                format!("the variable `{name}` has no value here: nobody looks at a dashboard when a rule is evaluated"),
                format!("la variable `{name}` n’a pas de valeur ici\u{a0}: personne ne regarde un tableau de bord quand une règle est évaluée"),
            ],
            [
                "write the value itself, or let the query cover all of them",
                "écrivez la valeur elle-même, ou faites porter la requête sur toutes",
            ],
        );
    }
}

/// The dashboard and the panel that a rule belongs to, and the links that its messages hold.
pub fn leads_somewhere(rule: &Rule<'_>, sheets: &[Sheet<'_>], notes: &mut Notes<'_>) {
    let (value, path) = (rule.value, &rule.path);
    let annotations = value.get("annotations");
    let of = |key: &str, hidden: &str| {
        let written = value.get(key).or_else(|| annotations?.get(hidden));
        written.map(|written| {
            written
                .as_str()
                .map_or_else(|| written.to_string(), str::to_owned)
        })
    };
    if let Some(uid) = of("dashboardUid", "__dashboardUid__") {
        let sheet = sheets.iter().find(|sheet| text(sheet.value, "uid") == uid);
        let id = of("panelId", "__panelId__");
        let has = |id: &String| {
            let panels = sheet.map(|sheet| panels(sheet.value)).unwrap_or_default();
            let mut panels = panels.iter();
            panels.any(|panel| panel.value.get("id").is_some_and(|has| is_number(has, id)))
        };
        if sheet.is_none() || id.as_ref().is_some_and(|id| !has(id)) {
            let id = id.unwrap_or_default();
            notes.add(
                "dead_link",
                format!("{path}.dashboardUid"),
                [
                    format!("there is no dashboard `{uid}`, or no panel {id} in it"),
                    format!(
                        "il n’y a pas de tableau de bord `{uid}`, ou pas de panneau {id} dedans"
                    ),
                ],
                [
                    "correct dashboardUid and panelId",
                    "corrigez dashboardUid et panelId",
                ],
            );
        }
    }
    if let Some(annotations) = annotations {
        texts(
            annotations,
            &format!("{path}.annotations"),
            &mut |path, text| {
                links::addresses(text, path, sheets, notes);
            },
        );
    }
}
