//! Which data source something asks, and whether there is such a one.

use super::Notes;
use super::provisioning::Provisioning;
use super::tree::text;
use serde_json::Value;

/// Data sources that every Grafana has.
const OF_GRAFANA: &[&str] = &[
    "-- Grafana --",
    "grafana",
    "-- Mixed --",
    "-- Dashboard --",
    "__expr__",
];

/// What Grafana calls its PostgreSQL data source.
const POSTGRES: &[&str] = &["grafana-postgresql-datasource", "postgres"];

/// Whether a query is one of PostgreSQL, by its own data source or by that of its holder.
pub fn is_sql(query: &Value, holder: &Value) -> bool {
    let of = |value: &Value| {
        value
            .get("datasource")
            .map(|source| text(source, "type").to_owned())
    };
    let kind = of(query).or_else(|| of(holder)).unwrap_or_default();
    POSTGRES.contains(&kind.as_str()) || query.get("rawSql").is_some_and(Value::is_string)
}

/// Finds a data source that is none, or another than the provisioned one.
pub fn check(value: &Value, path: &str, provisioning: &Provisioning, notes: &mut Notes<'_>) {
    let path = format!("{path}.datasource");
    let known = provisioning.data_sources();
    let listed: Vec<String> = known
        .iter()
        .map(|(uid, kind)| format!("{{\"type\": \"{kind}\", \"uid\": \"{uid}\"}}"))
        .collect();
    let listed = listed.join(", ");
    let todo = [
        format!("write the provisioned one: {listed}"),
        format!("écrivez celle du provisioning\u{a0}: {listed}"),
    ];
    let Some(Value::Object(_)) = value.get("datasource") else {
        let found = value
            .get("datasource")
            .map_or_else(|| "nothing".to_owned(), Value::to_string);
        notes.add(
            "data_source",
            path,
            [
                format!("the data source is no object with type and uid ({found})"),
                format!("la source de données n’est pas un objet avec type et uid ({found})"),
            ],
            todo,
        );
        return;
    };
    let (kind, uid) = (
        text(&value["datasource"], "type"),
        text(&value["datasource"], "uid"),
    );
    if OF_GRAFANA.contains(&uid) {
        return;
    }
    match known.iter().find(|(known, _)| *known == uid) {
        Some((_, known)) if *known == kind => {}
        Some((_, known)) => notes.add(
            "data_source",
            path,
            [
                format!("the data source `{uid}` is of type `{known}`, not `{kind}`"),
                format!("la source de données `{uid}` est du type `{known}`, et non `{kind}`"),
            ],
            todo,
        ),
        None => notes.add(
            "data_source",
            path,
            [
                format!("no data source with the uid `{uid}` is provisioned"),
                format!("aucune source de données d’uid `{uid}` n’est dans le provisioning"),
            ],
            todo,
        ),
    }
}
