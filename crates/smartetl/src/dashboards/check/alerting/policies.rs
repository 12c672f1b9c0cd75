//! Which alert goes where: policies name contact points and times that there are, and labels that alerts can have.

use super::{Names, durations, missing};
use crate::dashboards::check::Notes;
use crate::dashboards::check::tree::{list, text};
use serde_json::Value;

/// How a policy compares a label. Of Grafana's documentation, "Notification policies", "Label matchers".
const OPERATORS: &[&str] = &["=", "!=", "=~", "!~"];

pub fn check(sheet: &Value, names: &Names<'_>, notes: &mut Notes<'_>) {
    for (index, policy) in list(sheet, "policies").iter().enumerate() {
        let path = format!("$.policies[{index}]");
        if text(policy, "receiver").is_empty() {
            missing("receiver", &path, notes);
        }
        route(policy, &path, names, notes);
    }
}

/// A policy with those below it.
fn route(route: &Value, path: &str, names: &Names<'_>, notes: &mut Notes<'_>) {
    let receiver = text(route, "receiver");
    if !receiver.is_empty() && !names.receivers.contains(receiver) {
        unknown_receiver(receiver, &format!("{path}.receiver"), names, notes);
    }
    for (index, matcher) in list(route, "object_matchers").iter().enumerate() {
        let path = format!("{path}.object_matchers[{index}]");
        self::matcher(matcher, &path, names, notes);
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
        durations::check(route, key, path, notes);
    }
    for (index, inner) in list(route, "routes").iter().enumerate() {
        self::route(inner, &format!("{path}.routes[{index}]"), names, notes);
    }
}

/// `[severity, "=", critical]`.
fn matcher(matcher: &Value, path: &str, names: &Names<'_>, notes: &mut Notes<'_>) {
    let parts: Vec<&str> = matcher
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let [name, operator, value] = parts[..] else {
        notes.add(
            "matcher",
            path,
            [
                format!("this compares no label: {matcher}"),
                format!("ceci ne compare pas d’étiquette\u{a0}: {matcher}"),
            ],
            [
                "write three texts: [severity, \"=\", critical]",
                "écrivez trois textes\u{a0}: [severity, \"=\", critical]",
            ],
        );
        return;
    };
    if !OPERATORS.contains(&operator) {
        let known = OPERATORS.join(", ");
        notes.add(
            "matcher",
            format!("{path}[1]"),
            [
                format!("a label cannot be compared with `{operator}`"),
                format!("une étiquette ne se compare pas avec `{operator}`"),
            ],
            [format!("one of {known}"), format!("l’un de {known}")],
        );
    } else if names.labels.never_has(name, operator, value) {
        let known = names.labels.values_of(name);
        notes.add(
            "matcher",
            path,
            [
                format!("no rule gives its alerts a label {name}{operator}{value}: this policy would never match"),
                format!("aucune règle ne donne à ses alertes d’étiquette {name}{operator}{value}\u{a0}: cette politique ne s’appliquerait jamais"),
            ],
            [
                format!("values that rules set: {known}"),
                format!("valeurs que donnent les règles\u{a0}: {known}"),
            ],
        );
    }
}

pub fn unknown_receiver(receiver: &str, path: &str, names: &Names<'_>, notes: &mut Notes<'_>) {
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
