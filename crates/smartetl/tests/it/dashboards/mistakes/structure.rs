//! Dashboards that are not whole, or that Grafana would not show as they are meant.

use super::Mistake::{Copy, Gone, Rename, Set, Text};
use super::{Case, DETAIL, FICHE, NUIT};
use serde_json::json;

pub fn cases() -> Vec<Case> {
    vec![
        (Gone(FICHE, "/uid"), "no_uid", "$.uid", "it has no uid"),
        (
            Set(FICHE, "/uid", json!("fiche-".repeat(7))),
            "uid_form",
            "$.uid",
            "Grafana takes no uid like",
        ),
        (
            Copy(NUIT, "dashboards/old/nuit.json"),
            "uid_twice",
            "$.uid",
            "the uid `nuit` is also that of",
        ),
        (
            Rename(FICHE, "dashboards/job.json"),
            "file_name",
            "$.uid",
            "not named after the uid `fiche`",
        ),
        (
            Set(NUIT, "/title", json!("")),
            "no_title",
            "$.title",
            "this dashboard has no title",
        ),
        (
            Gone(NUIT, "/description"),
            "no_description",
            "$.description",
            "this dashboard has no description",
        ),
        (
            Set(NUIT, "/panels/1/title", json!(" ")),
            "no_title",
            "$.panels[1].title",
            "this panel has no title",
        ),
        (
            Set(NUIT, "/panels/1/description", json!("")),
            "no_description",
            "$.panels[1].description",
            "this panel has no description",
        ),
        (
            Set(NUIT, "/panels/3/id", json!(2)),
            "panel_id",
            "$.panels[3].id",
            "the id 2 is also that of `Échecs`",
        ),
        (
            Set(NUIT, "/panels/3/gridPos/y", json!(6)),
            "overlap",
            "$.panels[3].gridPos",
            "this panel lies over `Échecs`",
        ),
        (
            Set(NUIT, "/panels/3/gridPos/w", json!(25)),
            "grid",
            "$.panels[3].gridPos",
            "24 columns",
        ),
        (
            Set(
                NUIT,
                "/panels/3/fieldConfig/defaults/unit",
                json!("percentunits"),
            ),
            "unit",
            "$.panels[3].fieldConfig.defaults.unit",
            "no unit `percentunits`",
        ),
        (
            Set(
                NUIT,
                "/panels/3/fieldConfig/overrides/0/properties/0/value",
                json!("dtdurationm"),
            ),
            "unit",
            "$.panels[3].fieldConfig.overrides[0].properties[0].value",
            "no unit `dtdurationm`",
        ),
        (
            Set(
                NUIT,
                "/panels/1/fieldConfig/defaults/thresholds/steps/0/value",
                json!(0),
            ),
            "thresholds",
            "$.panels[1].fieldConfig.defaults.thresholds.steps[0].value",
            "the first threshold is not null",
        ),
        (
            Set(NUIT, "/panels/1/targets/0/format", json!("logs")),
            "query_format",
            "$.panels[1].targets[0].format",
            "neither table nor time_series",
        ),
        (
            Set(NUIT, "/panels/1/targets/0/refId", json!("")),
            "ref_id",
            "$.panels[1].targets[0].refId",
            "refId `` is empty",
        ),
        (
            Set(NUIT, "/panels/1/targets", json!([])),
            "no_query",
            "$.panels[1].targets",
            "this panel has no query",
        ),
        (
            Set(NUIT, "/panels/1/datasource/uid", json!("postgres")),
            "data_source",
            "$.panels[1].datasource",
            "no data source with the uid `postgres`",
        ),
        (
            Set(NUIT, "/panels/1/datasource/type", json!("postgres")),
            "data_source",
            "$.panels[1].datasource",
            "is of type `grafana-postgresql-datasource`, not `postgres`",
        ),
        (
            Set(NUIT, "/panels/1/datasource", json!("smartETL")),
            "data_source",
            "$.panels[1].datasource",
            "no object with type and uid",
        ),
        (
            Set(NUIT, "/templating/list/1/refresh", json!(0)),
            "variable_refresh",
            "$.templating.list[1].refresh",
            "the variable `job` is never read again",
        ),
        (
            Set(NUIT, "/templating/list/1/name", json!("the job")),
            "variable_name",
            "$.templating.list[1].name",
            "`the job` is empty, of odd characters",
        ),
        (
            Set(NUIT, "/panels/1/repeat", json!("server")),
            "undefined_variable",
            "$.panels[1].repeat",
            "there is no variable `server`",
        ),
        (
            Set(NUIT, "/panels/1/title", json!("Échecs de $family")),
            "undefined_variable",
            "$.panels[1].title",
            "there is no variable `family`",
        ),
        (
            Set(NUIT, "/panels/2/links/0/url", json!("/d/fische")),
            "dead_link",
            "$.panels[2].links[0].url",
            "the link /d/fische leads to no dashboard",
        ),
        (
            Set(NUIT, "/panels/2/links/0/url", json!("/d/fiche?viewPanel=9")),
            "dead_link",
            "$.panels[2].links[0].url",
            "the dashboard `fiche` has no panel 9",
        ),
        (
            Set(NUIT, "/panels/2/links/0/url", json!("/d/fiche?var-jobb=a")),
            "dead_link",
            "$.panels[2].links[0].url",
            "the dashboard `fiche` has no variable `jobb`",
        ),
        (
            Set(NUIT, "/links/0/tags", json!(["etl"])),
            "dead_link",
            "$.links[0].tags",
            "no other dashboard has the tags of this link: etl",
        ),
        (
            Set(
                FICHE,
                "/panels/0/options/content",
                json!("[La nuit](/d/night)"),
            ),
            "dead_link",
            "$.panels[0].options.content",
            "the link /d/night leads",
        ),
        (
            Text(FICHE, "\"schemaVersion\": 41", "\"schemaVersion\":  41"),
            "not_normal",
            "$",
            "not written as `pull` writes it",
        ),
        (
            Text(FICHE, "\"schemaVersion\": 41,", "\"schemaVersion\": 41"),
            "no_json",
            "$",
            "this is no JSON: expected",
        ),
        (
            Set(FICHE, "/apiVersion", json!("dashboard.grafana.app/v2")),
            "not_classic",
            "$",
            "not in the Classic format",
        ),
        (
            Set(NUIT, "/panels/2/type", json!("timeserie")),
            "panel_type",
            "$.panels[2].type",
            "no panel of type `timeserie`",
        ),
        (
            Set(
                NUIT,
                "/panels/3/transformations",
                json!([{ "id": "organise", "options": {} }]),
            ),
            "transformation",
            "$.panels[3].transformations[0].id",
            "no transformation `organise`",
        ),
        (
            Set(NUIT, DETAIL, json!("/d/fiche?var-job=${__data.feilds.job}")),
            "undefined_variable",
            "$.panels[3].fieldConfig.overrides[0].properties[1].value[0].url",
            "`__data` has no part `feilds`",
        ),
        (
            Set(NUIT, "/time/from", json!("now/dd-6h")),
            "time_range",
            "$.time.from",
            "`now/dd-6h` is no moment",
        ),
        (
            Set(NUIT, "/time/to", json!("now-8d")),
            "time_range",
            "$.time",
            "ends before it begins",
        ),
        (
            Set(NUIT, "/refresh", json!("1 minute")),
            "refresh",
            "$.refresh",
            "every \"1 minute\"",
        ),
        (
            Set(NUIT, "/timezone", json!("Europe/Pariss")),
            "time_zone",
            "$.timezone",
            "no time zone `Europe/Pariss`",
        ),
        (
            Set(NUIT, "/panels/1/targets/0/rawQuery", json!(false)),
            "raw_query",
            "$.panels[1].targets[0].rawQuery",
            "with rawQuery: false",
        ),
        (
            Set(NUIT, "/panels/1/targets/0/hide", json!(true)),
            "hidden",
            "$.panels[1].targets",
            "all queries of this panel are hidden",
        ),
        (
            Set(FICHE, "/tags", json!([])),
            "unlisted",
            "$.tags",
            "they list those with the tag smartetl",
        ),
    ]
}
