//! Contact points: of a type that Grafana has, with what it needs, and used.

use super::{Names, is_empty, missing, texts};
use crate::dashboards::check::Notes;
use crate::dashboards::check::tree::{list, text};
use serde_json::Value;

/// Types of contact points, each with the settings that it cannot do without. Of Grafana's documentation: "Use configuration files to
/// provision alerting resources", "Contact points". Slack needs one of two, and is looked at apart.
const TYPES: &[(&str, &[&str])] = &[
    ("dingding", &["url"]),
    ("discord", &["url"]),
    ("email", &["addresses"]),
    ("googlechat", &["url"]),
    ("jira", &["api_url", "project", "issue_type"]),
    ("kafka", &["kafkaRestProxy", "kafkaTopic"]),
    ("line", &["token"]),
    ("mqtt", &["brokerUrl", "topic"]),
    ("oncall", &["url"]),
    ("opsgenie", &["apiKey"]),
    ("pagerduty", &["integrationKey"]),
    ("prometheus-alertmanager", &["url"]),
    ("pushover", &["apiToken", "userKey"]),
    ("sensugo", &["url", "apikey"]),
    ("slack", &[]),
    ("sns", &[]),
    ("teams", &["url"]),
    ("telegram", &["bottoken", "chatid"]),
    ("threema", &["api_secret", "gateway_id", "recipient_id"]),
    ("victorops", &["url"]),
    ("webex", &["bot_token", "room_id"]),
    ("webhook", &["url"]),
    ("wecom", &[]),
];

pub fn check(sheet: &Value, names: &Names<'_>, notes: &mut Notes<'_>) {
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
            settings(receiver, &path, notes);
            texts::messages(receiver, &path, names, notes);
        }
    }
}

/// A type that there is, and its settings. One that the environment brings can be any.
fn settings(receiver: &Value, path: &str, notes: &mut Notes<'_>) {
    let kind = text(receiver, "type");
    if kind.is_empty() || kind.contains('$') {
        return;
    }
    let Some((_, needed)) = TYPES.iter().find(|(known, _)| *known == kind) else {
        let known: Vec<&str> = TYPES.iter().map(|(known, _)| *known).collect();
        let known = known.join(", ");
        notes.add(
            "contact_type",
            format!("{path}.type"),
            [
                format!("Grafana has no contact point of type `{kind}`"),
                format!("Grafana n’a pas de point de contact de type `{kind}`"),
            ],
            [format!("one of {known}"), format!("l’un de {known}")],
        );
        return;
    };
    let has = |key: &str| {
        let mut holders = ["settings", "secureSettings"].iter();
        holders.any(|holder| {
            let value = receiver.get(holder).and_then(|holder| holder.get(key));
            value.is_some_and(|value| !is_empty(value))
        })
    };
    let path = format!("{path}.settings");
    for key in *needed {
        if !has(key) {
            missing(key, &path, notes);
        }
    }
    if kind == "slack" && !has("url") && !has("token") {
        missing("url", &path, notes);
    }
}
