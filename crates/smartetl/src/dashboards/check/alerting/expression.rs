//! Steps of a rule that compute from other steps.

use super::missing;
use crate::dashboards::check::Notes;
use crate::dashboards::check::tree::{list, text};
use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// How a threshold compares, and how many numbers each needs. Of Grafana's documentation, "Queries and conditions", and of its
/// `pkg/expr/threshold.go`.
const EVALUATORS: &[(&str, usize)] = &[
    ("gt", 1),
    ("lt", 1),
    ("eq", 1),
    ("ne", 1),
    ("gte", 1),
    ("lte", 1),
    ("within_range", 2),
    ("outside_range", 2),
    ("within_range_included", 2),
    ("outside_range_included", 2),
];
/// Only in classic conditions.
const NO_VALUE: (&str, usize) = ("no_value", 0);

/// What an expression computes from must be there.
pub fn check(step: &Value, path: &str, ids: &[&str], notes: &mut Notes<'_>) {
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
    evaluators(model, kind, path, notes);
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

/// The comparisons of a threshold, and of the conditions of old.
fn evaluators(model: &Value, kind: &str, path: &str, notes: &mut Notes<'_>) {
    if !["threshold", "classic_conditions"].contains(&kind) {
        return;
    }
    let conditions = list(model, "conditions");
    if conditions.is_empty() {
        missing("conditions", &format!("{path}.model"), notes);
    }
    for (index, condition) in conditions.iter().enumerate() {
        let path = format!("{path}.model.conditions[{index}]");
        for key in ["evaluator", "unloadEvaluator"] {
            let evaluator = condition.get(key);
            if key == "evaluator" || evaluator.is_some() {
                let path = format!("{path}.{key}");
                self::evaluator(evaluator.unwrap_or(&Value::Null), kind, &path, notes);
            }
        }
    }
}

fn evaluator(evaluator: &Value, kind: &str, path: &str, notes: &mut Notes<'_>) {
    let mut known = EVALUATORS.to_vec();
    if kind == "classic_conditions" {
        known.push(NO_VALUE);
    }
    let written = text(evaluator, "type");
    let Some((_, needed)) = known.iter().find(|(known, _)| *known == written) else {
        let known: Vec<&str> = known.iter().map(|(known, _)| *known).collect();
        let known = known.join(", ");
        notes.add(
            "evaluator",
            format!("{path}.type"),
            [
                format!("there is no comparison `{written}`"),
                format!("il n’y a pas de comparaison `{written}`"),
            ],
            [format!("one of {known}"), format!("l’un de {known}")],
        );
        return;
    };
    let params = list(evaluator, "params");
    // Grafana's editor leaves a second one where it is not needed.
    if params.len() < *needed || !params.iter().take(*needed).all(Value::is_number) {
        notes.add(
            "evaluator",
            format!("{path}.params"),
            [
                format!("the comparison `{written}` has not the numbers that it needs ({needed})"),
                format!("la comparaison `{written}` n’a pas les nombres qu’il lui faut ({needed})"),
            ],
            [
                "write for example params: [0]",
                "écrivez par exemple params: [0]",
            ],
        );
    }
}
