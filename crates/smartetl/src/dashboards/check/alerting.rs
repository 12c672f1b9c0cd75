//! Alert rules, contact points, policies, mute times and templates: each whole, and each other's names right.

use super::expand::references;
use super::provisioning::{Provisioning, missing};
use super::sql::without_comments;
use super::tree::{is_number, list, panels, text};
use super::{Finding, Notes, Sheet, links};
use crate::dashboards::files::is_uid;
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
        contact_points(&sheet.value, &names, &mut notes);
        for (index, policy) in list(&sheet.value, "policies").iter().enumerate() {
            let path = format!("$.policies[{index}]");
            if text(policy, "receiver").is_empty() {
                missing("receiver", &path, &mut notes);
            }
            route(policy, &path, &names, &mut notes);
        }
        for (key, what) in [("muteTimes", "time_intervals"), ("templates", "template")] {
            for (index, one) in list(&sheet.value, key).iter().enumerate() {
                let path = format!("$.{key}[{index}]");
                for key in ["name", what] {
                    if one.get(key).is_none_or(is_empty) {
                        missing(key, &path, &mut notes);
                    }
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
        one_rule(&rule, provisioning, &names, &mut notes);
        leads_somewhere(&rule, sheets, &mut notes);
    }
}

/// What the parts of alerting call each other.
struct Names<'a> {
    receivers: BTreeSet<&'a str>,
    used: BTreeSet<&'a str>,
    times: BTreeSet<&'a str>,
    templates: BTreeSet<String>,
}

static DEFINED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\{\{-?\s*define\s+"([^"]+)""#).expect("the pattern is written here")
});
static CALLED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\{\{-?\s*template\s+"([^"]+)""#).expect("the pattern is written here")
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
        duration(group, "interval", &path, notes);
    }
}

/// `60s`, `1m30s`, `2h`.
fn duration(holder: &Value, key: &str, path: &str, notes: &mut Notes<'_>) {
    static DURATION: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:[0-9]+(?:ms|s|m|h|d|w|y))+$|^0$").expect("the pattern is written here")
    });
    let Some(value) = holder.get(key).filter(|value| !is_empty(value)) else {
        return;
    };
    if !value.as_str().is_some_and(|text| DURATION.is_match(text)) {
        notes.add(
            "duration",
            format!("{path}.{key}"),
            [
                format!("`{key}` is no duration: {value}"),
                format!("`{key}` n’est pas une durée\u{a0}: {value}"),
            ],
            [
                "write for example 1m or 2h10m",
                "écrivez par exemple 1m ou 2h10m",
            ],
        );
    }
}

fn one_rule(
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
    duration(value, "for", path, notes);
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
            expression(step, &path, &ids, notes);
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

/// What an expression computes from must be there.
fn expression(step: &Value, path: &str, ids: &[&str], notes: &mut Notes<'_>) {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\$(?:\{([^}]+)\}|([A-Za-z0-9_]+))").expect("the pattern is written here")
    });
    let model = &step["model"];
    let kind = text(model, "type");
    let written = text(model, "expression");
    let mut used: Vec<(String, String)> = Vec::new();
    let of_expression = format!("{path}.model.expression");
    match kind {
        "math" => {
            for found in NAMED.captures_iter(written) {
                let name = found
                    .get(1)
                    .or(found.get(2))
                    .map_or("", |name| name.as_str());
                used.push((of_expression.clone(), name.to_owned()));
            }
        }
        "reduce" | "resample" | "threshold" => {
            used.push((
                of_expression,
                written
                    .trim_start_matches('$')
                    .trim_matches(['{', '}'])
                    .to_owned(),
            ));
        }
        "classic_conditions" => {
            for (index, condition) in list(model, "conditions").iter().enumerate() {
                let name = condition.pointer("/query/params/0").and_then(Value::as_str);
                let path = format!("{path}.model.conditions[{index}].query.params[0]");
                used.push((path, name.unwrap_or("").to_owned()));
            }
        }
        "sql" => {}
        _ => notes.add(
            "expression",
            format!("{path}.model.type"),
            [
                format!("there is no expression of type `{kind}`"),
                format!("il n’y a pas d’expression du type `{kind}`"),
            ],
            [
                "math, reduce, resample, threshold, classic_conditions or sql",
                "math, reduce, resample, threshold, classic_conditions ou sql",
            ],
        ),
    }
    let known = ids.join(", ");
    let own = text(step, "refId");
    for (path, name) in used {
        if !ids.contains(&name.as_str()) || name == own {
            notes.add(
                "expression",
                path,
                [
                    format!("no other step of the rule has the refId `{name}`"),
                    format!("aucune autre étape de la règle n’a le refId `{name}`"),
                ],
                [
                    format!("the steps are: {known}"),
                    format!("les étapes sont\u{a0}: {known}"),
                ],
            );
        }
    }
}

/// The dashboard and the panel that a rule belongs to, and the links that its messages hold.
fn leads_somewhere(rule: &Rule<'_>, sheets: &[Sheet<'_>], notes: &mut Notes<'_>) {
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
        super::tree::texts(
            annotations,
            &format!("{path}.annotations"),
            &mut |path, text| {
                links::addresses(text, path, sheets, notes);
            },
        );
    }
}

fn contact_points(sheet: &Value, names: &Names<'_>, notes: &mut Notes<'_>) {
    for (index, point) in list(sheet, "contactPoints").iter().enumerate() {
        let path = format!("$.contactPoints[{index}]");
        let name = text(point, "name");
        if name.is_empty() {
            missing("name", &path, notes);
        } else if !names.used.contains(name) {
            notes.add(
                "unused",
                format!("{path}.name"),
                [
                    format!("no policy and no rule sends anything to the contact point `{name}`"),
                    format!("aucune politique ni règle n’envoie rien au point de contact `{name}`"),
                ],
                [
                    "name it in a policy, or remove it",
                    "nommez-le dans une politique, ou retirez-le",
                ],
            );
        }
        let receivers = list(point, "receivers");
        if receivers.is_empty() {
            missing("receivers", &path, notes);
        }
        for (number, receiver) in receivers.iter().enumerate() {
            let path = format!("{path}.receivers[{number}]");
            for key in ["uid", "type", "settings"] {
                if receiver.get(key).is_none_or(is_empty) {
                    missing(key, &path, notes);
                }
            }
            called(receiver, &path, names, notes);
        }
    }
}

/// Templates that the settings of a contact point call.
fn called(receiver: &Value, path: &str, names: &Names<'_>, notes: &mut Notes<'_>) {
    super::tree::texts(receiver, path, &mut |path, text| {
        for found in CALLED.captures_iter(text) {
            let name = &found[1];
            let of_grafana = ["default.", "teams.", "slack.", "webhook.", "__"];
            if of_grafana.iter().any(|begin| name.starts_with(begin))
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

/// A policy with those below it.
fn route(route: &Value, path: &str, names: &Names<'_>, notes: &mut Notes<'_>) {
    let receiver = text(route, "receiver");
    if !receiver.is_empty() && !names.receivers.contains(receiver) {
        unknown_receiver(receiver, &format!("{path}.receiver"), names, notes);
    }
    for key in ["mute_time_intervals", "active_time_intervals"] {
        for (index, time) in list(route, key).iter().enumerate() {
            let time = time.as_str().unwrap_or("");
            if !names.times.contains(time) {
                notes.add(
                    "unknown_time",
                    format!("{path}.{key}[{index}]"),
                    [
                        format!("there is no mute time `{time}`"),
                        format!("il n’y a pas de plage de silence `{time}`"),
                    ],
                    [
                        "define it under muteTimes, or correct its name",
                        "définissez-la sous muteTimes, ou corrigez son nom",
                    ],
                );
            }
        }
    }
    for key in ["group_wait", "group_interval", "repeat_interval"] {
        duration(route, key, path, notes);
    }
    for (index, inner) in list(route, "routes").iter().enumerate() {
        self::route(inner, &format!("{path}.routes[{index}]"), names, notes);
    }
}

fn unknown_receiver(receiver: &str, path: &str, names: &Names<'_>, notes: &mut Notes<'_>) {
    let known: Vec<&str> = names.receivers.iter().copied().collect();
    let known = known.join(", ");
    notes.add(
        "unknown_receiver",
        path,
        [
            format!("there is no contact point `{receiver}`"),
            format!("il n’y a pas de point de contact `{receiver}`"),
        ],
        [
            format!("there are: {known}"),
            format!("il y a\u{a0}: {known}"),
        ],
    );
}
