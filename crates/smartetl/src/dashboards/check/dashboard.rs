//! One dashboard by itself: who it is, where its panels stand, and what they need to show something.

use super::provisioning::Provisioning;
use super::tree::{Panel, inner_list, list, name_of, panels, text};
use super::{Notes, data_source, opening, panel_parts, units};
use crate::dashboards::files::is_uid;
use crate::dashboards::form::is_built_in;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Grafana's limit.
const LONGEST_UID: usize = 40;
/// How many columns a dashboard has.
const COLUMNS: i64 = 24;

/// Panels that show something else than the answer of a query.
const WITHOUT_QUERY: &[&str] = &[
    "row",
    "text",
    "news",
    "dashlist",
    "alertlist",
    "annolist",
    "welcome",
    "gettingstarted",
];

pub fn check(path: &Path, dashboard: &Value, provisioning: &Provisioning, notes: &mut Notes<'_>) {
    identity(path, dashboard, notes);
    for key in ["title", "description"] {
        if text(dashboard, key).trim().is_empty() {
            missing(key, "$", "dashboard", "tableau de bord", notes);
        }
    }
    opening::check(dashboard, notes);
    let panels = panels(dashboard);
    if panels.is_empty() {
        notes.add(
            "no_panels",
            "$.panels",
            ["it has no panels", "il n’a pas de panneaux"],
            [
                "add one, or remove the file",
                "ajoutez-en un, ou retirez le fichier",
            ],
        );
    }
    panel_ids(&panels, notes);
    places(dashboard, "$", notes);
    for panel in &panels {
        one_panel(panel, provisioning, notes);
    }
    variables(dashboard, provisioning, notes);
    for (index, annotation) in inner_list(dashboard, "annotations", "list")
        .iter()
        .enumerate()
    {
        if !is_built_in(annotation) {
            let path = format!("$.annotations.list[{index}]");
            data_source::check(annotation, &path, provisioning, notes);
        }
    }
}

fn identity(path: &Path, dashboard: &Value, notes: &mut Notes<'_>) {
    let uid = text(dashboard, "uid");
    if uid.is_empty() {
        notes.add(
            "no_uid",
            "$.uid",
            [
                "it has no uid: Grafana would invent one, and no link would find it",
                "il n’a pas d’uid\u{a0}: Grafana en inventerait un, et aucun lien ne le trouverait",
            ],
            [
                "give it one that can be read, like the name of the file",
                "donnez-lui-en un qui se lit, comme le nom du fichier",
            ],
        );
        return;
    }
    if uid.chars().count() > LONGEST_UID || !is_uid(uid) {
        notes.add(
            "uid_form",
            "$.uid",
            [
                format!("Grafana takes no uid like `{uid}`"),
                format!("Grafana n’accepte pas d’uid comme `{uid}`"),
            ],
            [
                "at most 40 letters, digits, - and _",
                "au plus 40 lettres, chiffres, - et _",
            ],
        );
    }
    if path.file_stem().is_none_or(|stem| stem != uid) {
        notes.add(
            "file_name",
            "$.uid",
            [
                format!("the file is not named after the uid `{uid}`"),
                format!("le fichier ne porte pas le nom de l’uid `{uid}`"),
            ],
            [
                format!("name it {uid}.json"),
                format!("nommez-le {uid}.json"),
            ],
        );
    }
}

fn missing(key: &str, path: &str, en: &str, fr: &str, notes: &mut Notes<'_>) {
    let word = if key == "title" {
        "titre"
    } else {
        "description"
    };
    let kind = if key == "title" {
        "no_title"
    } else {
        "no_description"
    };
    notes.add(
        kind,
        format!("{path}.{key}"),
        [
            format!("this {en} has no {key}"),
            format!("ce {fr} n’a pas de {word}"),
        ],
        [
            "say in a few words what it answers",
            "dites en quelques mots à quoi il répond",
        ],
    );
}

fn panel_ids(panels: &[Panel<'_>], notes: &mut Notes<'_>) {
    let mut owners: BTreeMap<i64, &Panel<'_>> = BTreeMap::new();
    for panel in panels {
        let path = format!("{}.id", panel.path);
        let id = panel.value.get("id").and_then(Value::as_i64);
        let Some(id) = id.filter(|id| *id > 0) else {
            notes.add(
                "panel_id",
                path,
                [
                    "this panel has no id: links and alerts cannot name it",
                    "ce panneau n’a pas d’id\u{a0}: liens et alertes ne peuvent pas le désigner",
                ],
                ["give it a number of its own", "donnez-lui un numéro à lui"],
            );
            continue;
        };
        if let Some(owner) = owners.insert(id, panel) {
            let other = name_of(owner.value);
            notes.add(
                "panel_id",
                path,
                [
                    format!("the id {id} is also that of `{other}`"),
                    format!("l’id {id} est aussi celui de `{other}`"),
                ],
                ["give it a number of its own", "donnez-lui un numéro à lui"],
            );
        }
    }
}

/// Where a panel stands: columns and rows.
struct Place {
    x: i64,
    y: i64,
    width: i64,
    height: i64,
}

impl Place {
    fn of(panel: &Value) -> Option<Self> {
        let of = |key: &str| {
            panel
                .pointer(&format!("/gridPos/{key}"))
                .and_then(Value::as_i64)
        };
        let place = Self {
            x: of("x")?,
            y: of("y")?,
            width: of("w")?,
            height: of("h")?,
        };
        let inside = place.x >= 0 && place.y >= 0 && place.width > 0 && place.height > 0;
        (inside && place.x + place.width <= COLUMNS).then_some(place)
    }

    fn covers(&self, other: &Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }
}

/// Panels of one level: those of a folded row are only seen when those below it move down.
fn places(holder: &Value, path: &str, notes: &mut Notes<'_>) {
    let mut seen: Vec<(Place, String)> = Vec::new();
    for (index, panel) in list(holder, "panels").iter().enumerate() {
        let path = format!("{path}.panels[{index}]");
        places(panel, &path, notes);
        let Some(place) = Place::of(panel) else {
            notes.add(
                "grid",
                format!("{path}.gridPos"),
                [
                    "this panel does not stand inside the 24 columns of a dashboard",
                    "ce panneau ne tient pas dans les 24 colonnes d’un tableau de bord",
                ],
                [
                    "give x, y, w and h, with x + w at most 24",
                    "donnez x, y, w et h, avec x + w d’au plus 24",
                ],
            );
            continue;
        };
        if let Some((_, other)) = seen.iter().find(|(other, _)| other.covers(&place)) {
            notes.add(
                "overlap",
                format!("{path}.gridPos"),
                [
                    format!(
                        "this panel lies over `{other}`: Grafana would push one of them elsewhere"
                    ),
                    format!(
                        "ce panneau est posé sur `{other}`\u{a0}: Grafana en pousserait un ailleurs"
                    ),
                ],
                ["move one of the two", "déplacez l’un des deux"],
            );
        }
        seen.push((place, name_of(panel)));
    }
}

fn one_panel(panel: &Panel<'_>, provisioning: &Provisioning, notes: &mut Notes<'_>) {
    let (value, path) = (panel.value, &panel.path);
    let kind = text(value, "type");
    if kind.is_empty() {
        notes.add(
            "panel_type",
            format!("{path}.type"),
            ["this panel has no type", "ce panneau n’a pas de type"],
            [
                "say what it is: timeseries, table, stat, …",
                "dites ce qu’il est\u{a0}: timeseries, table, stat…",
            ],
        );
    }
    if kind != "text" && text(value, "title").trim().is_empty() {
        missing("title", path, "panel", "panneau", notes);
    }
    if !["row", "text"].contains(&kind) && text(value, "description").trim().is_empty() {
        missing("description", path, "panel", "panneau", notes);
    }
    panel_parts::check(value, path, notes);
    fields(value, path, notes);
    if WITHOUT_QUERY.contains(&kind) {
        return;
    }
    let targets = list(value, "targets");
    if targets.is_empty() {
        notes.add(
            "no_query",
            format!("{path}.targets"),
            ["this panel has no query", "ce panneau n’a pas de requête"],
            [
                "add one, or make it a panel of text",
                "ajoutez-en une, ou faites-en un panneau de texte",
            ],
        );
    }
    let all_have = targets
        .iter()
        .all(|target| target.get("datasource").is_some());
    if value.get("datasource").is_some() || !all_have || targets.is_empty() {
        data_source::check(value, path, provisioning, notes);
    }
    let mut names = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        let path = format!("{path}.targets[{index}]");
        if target.get("datasource").is_some() {
            data_source::check(target, &path, provisioning, notes);
        }
        let name = text(target, "refId");
        if name.is_empty() || names.contains(&name) {
            notes.add(
                "ref_id",
                format!("{path}.refId"),
                [
                    format!("the query’s refId `{name}` is empty or that of another one"),
                    format!("le refId `{name}` de la requête est vide, ou celui d’une autre"),
                ],
                ["name them A, B, C, …", "nommez-les A, B, C…"],
            );
        }
        names.push(name);
        if data_source::is_sql(target, value) {
            sql_target(target, &path, notes);
        }
    }
}

fn sql_target(target: &Value, path: &str, notes: &mut Notes<'_>) {
    if text(target, "rawSql").trim().is_empty() {
        notes.add(
            "no_query",
            format!("{path}.rawSql"),
            ["this query is empty", "cette requête est vide"],
            ["write it, or remove it", "écrivez-la, ou retirez-la"],
        );
    }
    let format = target.get("format");
    if format.is_some_and(|format| !["table", "time_series"].iter().any(|known| format == known)) {
        notes.add(
            "query_format",
            format!("{path}.format"),
            [
                "the format of this query is neither table nor time_series",
                "le format de cette requête n’est ni table ni time_series",
            ],
            ["choose one of the two", "choisissez l’un des deux"],
        );
    }
}

/// Units and thresholds, of all fields and of those set apart.
fn fields(panel: &Value, path: &str, notes: &mut Notes<'_>) {
    let Some(config) = panel.get("fieldConfig") else {
        return;
    };
    let path = format!("{path}.fieldConfig");
    if let Some(defaults) = config.get("defaults") {
        let path = format!("{path}.defaults");
        unit(defaults.get("unit"), &format!("{path}.unit"), notes);
        thresholds(
            defaults.get("thresholds"),
            &format!("{path}.thresholds"),
            notes,
        );
    }
    for (index, one) in list(config, "overrides").iter().enumerate() {
        for (number, property) in list(one, "properties").iter().enumerate() {
            let path = format!("{path}.overrides[{index}].properties[{number}].value");
            match text(property, "id") {
                "unit" => unit(property.get("value"), &path, notes),
                "thresholds" => thresholds(property.get("value"), &path, notes),
                _ => {}
            }
        }
    }
}

fn unit(value: Option<&Value>, path: &str, notes: &mut Notes<'_>) {
    let Some(unit) = value.and_then(Value::as_str) else {
        return;
    };
    if unit.is_empty() || units::is_known(unit) {
        return;
    }
    let what = [
        format!("Grafana knows no unit `{unit}`: it would write it behind the number"),
        format!("Grafana ne connaît pas d’unité `{unit}`\u{a0}: il l’écrirait derrière le nombre"),
    ];
    let todo = match units::near(unit) {
        Some(near) => [
            format!("did you mean `{near}`?"),
            format!("vouliez-vous dire `{near}`\u{a0}?"),
        ],
        None => [
            format!("write `suffix: {unit}` where that is what you want"),
            format!("écrivez `suffix: {unit}` si c’est ce que vous voulez"),
        ],
    };
    notes.add("unit", path, what, todo);
}

fn thresholds(value: Option<&Value>, path: &str, notes: &mut Notes<'_>) {
    let Some(value) = value else { return };
    let steps = list(value, "steps");
    let first = steps.first().map(|step| step.get("value"));
    if !matches!(first, Some(Some(Value::Null))) {
        notes.add(
            "thresholds",
            format!("{path}.steps[0].value"),
            [
                "the first threshold is not null: values below it would have no colour",
                "le premier seuil n’est pas null\u{a0}: les valeurs au-dessous n’auraient pas de couleur",
            ],
            ["begin with {\"value\": null}", "commencez par {\"value\": null}"],
        );
    }
    let values: Vec<Option<f64>> = steps
        .iter()
        .skip(1)
        .map(|step| step.get("value").and_then(Value::as_f64))
        .collect();
    let rises = values.windows(2).all(|pair| pair[0] < pair[1]);
    if !rises || values.iter().any(Option::is_none) {
        notes.add(
            "thresholds",
            format!("{path}.steps"),
            [
                "the thresholds after the first are no rising numbers",
                "les seuils après le premier ne sont pas des nombres croissants",
            ],
            ["sort them", "triez-les"],
        );
    }
}

fn variables(dashboard: &Value, provisioning: &Provisioning, notes: &mut Notes<'_>) {
    let mut names = Vec::new();
    for (index, variable) in inner_list(dashboard, "templating", "list")
        .iter()
        .enumerate()
    {
        let path = format!("$.templating.list[{index}]");
        let name = text(variable, "name");
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(plain) || names.contains(&name) {
            notes.add(
                "variable_name",
                format!("{path}.name"),
                [
                    format!("the name of the variable `{name}` is empty, of odd characters, or that of another one"),
                    format!("le nom de la variable `{name}` est vide, de caractères inattendus, ou celui d’une autre"),
                ],
                ["letters, digits and _, once", "des lettres, des chiffres et _, une seule fois"],
            );
        }
        names.push(name);
        if text(variable, "type") != "query" {
            continue;
        }
        data_source::check(variable, &path, provisioning, notes);
        if !matches!(variable.get("refresh").and_then(Value::as_i64), Some(1 | 2)) {
            notes.add(
                "variable_refresh",
                format!("{path}.refresh"),
                [
                    format!("the variable `{name}` is never read again, and files hold no options"),
                    format!("la variable `{name}` n’est jamais relue, et les fichiers ne contiennent pas d’options"),
                ],
                [
                    "1: when the dashboard is opened; 2: when its time range changes",
                    "1\u{a0}: à l’ouverture du tableau de bord\u{a0}; 2\u{a0}: quand sa période change",
                ],
            );
        }
    }
}
