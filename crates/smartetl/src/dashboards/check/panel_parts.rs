//! What a panel is made of: its type, its transformations, and queries that are asked at all.

use super::tree::{list, text};
use super::{Notes, data_source};
use serde_json::Value;

/// Panels that Grafana brings: its documentation, "Visualizations", and `public/app/plugins/panel`. Those of others end in `-panel`.
const PANELS: &[&str] = &[
    "alertlist",
    "annolist",
    "barchart",
    "bargauge",
    "candlestick",
    "canvas",
    "dashlist",
    "datagrid",
    "debug",
    "flamegraph",
    "gauge",
    "geomap",
    "gettingstarted",
    "heatmap",
    "histogram",
    "live",
    "logs",
    "logstable",
    "news",
    "nodeGraph",
    "piechart",
    "row",
    "stat",
    "state-timeline",
    "status-history",
    "table",
    "text",
    "timeseries",
    "traces",
    "trend",
    "welcome",
    "xychart",
];

/// Of Grafana's documentation, "Transform data", and `DataTransformerID` in its `packages/grafana-data`.
const TRANSFORMATIONS: &[&str] = &[
    "append",
    "calculateField",
    "concatenate",
    "configFromData",
    "convertFieldType",
    "convertFrameType",
    "ensureColumns",
    "extractFields",
    "fieldLookup",
    "filterByRefId",
    "filterByValue",
    "filterFields",
    "filterFieldsByName",
    "filterFrames",
    "formatString",
    "formatTime",
    "groupBy",
    "groupToNestedTable",
    "groupingToMatrix",
    "heatmap",
    "histogram",
    "joinByField",
    "joinByLabels",
    "labelsToFields",
    "limit",
    "merge",
    "noop",
    "order",
    "organize",
    "partitionByValues",
    "prepareTimeSeries",
    "reduce",
    "regression",
    "rename",
    "renameByRegex",
    "rowsToFields",
    "seriesToColumns",
    "seriesToRows",
    "smoothing",
    "sortBy",
    "spatial",
    "timeSeriesTable",
    "transpose",
];

pub fn check(panel: &Value, path: &str, notes: &mut Notes<'_>) {
    let kind = text(panel, "type");
    if !kind.is_empty() && !PANELS.contains(&kind) && !kind.ends_with("-panel") {
        let near = near(kind, PANELS);
        notes.add(
            "panel_type",
            format!("{path}.type"),
            [
                format!("Grafana brings no panel of type `{kind}`"),
                format!("Grafana n’apporte pas de panneau de type `{kind}`"),
            ],
            [format!("one of {near}"), format!("l’un de {near}")],
        );
    }
    for (index, one) in list(panel, "transformations").iter().enumerate() {
        let id = text(one, "id");
        if !TRANSFORMATIONS.contains(&id) {
            let near = near(id, TRANSFORMATIONS);
            notes.add(
                "transformation",
                format!("{path}.transformations[{index}].id"),
                [
                    format!("Grafana has no transformation `{id}`"),
                    format!("Grafana n’a pas de transformation `{id}`"),
                ],
                [format!("one of {near}"), format!("l’une de {near}")],
            );
        }
    }
    asked(panel, path, notes);
}

/// Queries that Grafana would not ask.
fn asked(panel: &Value, path: &str, notes: &mut Notes<'_>) {
    let targets = list(panel, "targets");
    let is_set = |target: &Value, key: &str, to: bool| target.get(key) == Some(&Value::Bool(to));
    if !targets.is_empty() && targets.iter().all(|target| is_set(target, "hide", true)) {
        notes.add(
            "hidden",
            format!("{path}.targets"),
            [
                "all queries of this panel are hidden: it shows nothing",
                "toutes les requêtes de ce panneau sont masquées\u{a0}: il ne montre rien",
            ],
            ["show one of them", "affichez-en une"],
        );
    }
    for (index, target) in targets.iter().enumerate() {
        if data_source::is_sql(target, panel)
            && is_set(target, "rawQuery", false)
            && text(target, "editorMode") != "builder"
        {
            notes.add(
                "raw_query",
                format!("{path}.targets[{index}].rawQuery"),
                [
                    "with rawQuery: false, Grafana’s editor takes the SQL for that of its builder, and replaces it",
                    "avec rawQuery: false, l’éditeur de Grafana prend le SQL pour celui de son assistant, et le remplace",
                ],
                ["write rawQuery: true", "écrivez rawQuery: true"],
            );
        }
    }
}

/// The three words that look most like one.
fn near(word: &str, known: &[&str]) -> String {
    let mut known = known.to_vec();
    known.sort_by_key(|known| strsim::damerau_levenshtein(known, word));
    known.truncate(3);
    known.join(", ")
}
