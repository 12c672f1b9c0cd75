//! One mistake at a time in a good folder: each is found, in its place, with its own words.

use super::copied;
use crate::samples::stats;
use crate::support::{World, place};
use serde_json::{Value, json};
use smartetl::dashboards::{normal, to_text};
use std::path::Path;

/// What makes a good folder a wrong one.
enum Mistake {
    /// In a dashboard, at this JSON pointer.
    Set(&'static str, &'static str, Value),
    Gone(&'static str, &'static str),
    /// In any file, this text by that one.
    Text(&'static str, &'static str, &'static str),
    Rename(&'static str, &'static str),
    Copy(&'static str, &'static str),
}

use Mistake::{Copy, Gone, Rename, Set, Text};

const NUIT: &str = "dashboards/nuit.json";
const FICHE: &str = "dashboards/fiche.json";
const RULES: &str = "provisioning/alerting/rules.yaml";
const SENDING: &str = "provisioning/alerting/sending.yaml";
const SOURCE: &str = "provisioning/datasources/smartetl.yaml";
const PROVIDER: &str = "provisioning/dashboards/smartetl.yaml";

/// The SQL of the panel with the failures, the one with the durations, the table.
const STAT: &str = "/panels/1/targets/0/rawSql";
const SERIES: &str = "/panels/2/targets/0/rawSql";
const TABLE: &str = "/panels/3/targets/0/rawSql";

/// A mistake, the kind of what is found, its place, and words that only this one has.
type Case = (Mistake, &'static str, &'static str, &'static str);

fn queries() -> Vec<Case> {
    let stat = "$.panels[1].targets[0].rawSql";
    let series = "$.panels[2].targets[0].rawSql";
    vec![
        (
            Set(
                NUIT,
                STAT,
                json!("SELECT count(*) FROM dataset WHERE statu = 'failed'"),
            ),
            "query",
            stat,
            "column \"statu\" does not exist",
        ),
        (
            Set(NUIT, STAT, json!("SELECT 1 AS a\nFROM datasett")),
            "query",
            stat,
            "[2: FROM datasett]",
        ),
        // Right as far as EXPLAIN goes: it fails at the first row.
        (
            Set(NUIT, STAT, json!("SELECT job::integer FROM dataset")),
            "query",
            stat,
            "invalid input syntax for type integer",
        ),
        (
            Set(NUIT, STAT, json!("DELETE FROM dataset")),
            "query",
            stat,
            "syntax error",
        ),
        (
            Set(NUIT, STAT, json!("SELECT 1; SELECT 2")),
            "query",
            stat,
            "multiple commands",
        ),
        (
            Set(NUIT, STAT, json!("SELECT pg_sleep(60)")),
            "query",
            stat,
            "statement timeout",
        ),
        // The list brings its own quotes.
        (
            Set(
                NUIT,
                TABLE,
                json!("SELECT job FROM dataset WHERE job IN ('$job')"),
            ),
            "query",
            "$.panels[3].targets[0].rawSql",
            "syntax error",
        ),
        (
            Set(
                NUIT,
                STAT,
                json!("SELECT count(*) FROM dataset WHERE $__timeFliter(started_at)"),
            ),
            "macro",
            stat,
            "there is no macro $__timeFliter()",
        ),
        (
            Set(
                NUIT,
                SERIES,
                json!(
                    "SELECT $__timeGroupAlias(date_trunc('hour',started_at),'1h'), 1 FROM dataset ORDER BY 1"
                ),
            ),
            "macro",
            series,
            "takes no interval `started_at`",
        ),
        (
            Set(
                NUIT,
                STAT,
                json!("SELECT count(*) FROM dataset WHERE job = $jobs"),
            ),
            "undefined_variable",
            stat,
            "there is no variable `jobs`",
        ),
        (
            Set(
                NUIT,
                TABLE,
                json!("SELECT job FROM dataset WHERE job IN (${job:sqlstrin})"),
            ),
            "variable_format",
            "$.panels[3].targets[0].rawSql",
            "no way `sqlstrin`",
        ),
        (
            Set(
                NUIT,
                SERIES,
                json!("SELECT started_at AS moment, duration_ms FROM dataset ORDER BY 1"),
            ),
            "columns",
            series,
            "no column `time` with moments",
        ),
        (
            Set(
                NUIT,
                SERIES,
                json!("SELECT started_at AS \"time\", duration_ms FROM dataset"),
            ),
            "unsorted",
            series,
            "has no ORDER BY",
        ),
        (
            Set(NUIT, STAT, json!(" ")),
            "no_query",
            stat,
            "this query is empty",
        ),
        (
            Set(
                NUIT,
                "/annotations/list/0/target/rawSql",
                json!("SELECT job AS text FROM dataset"),
            ),
            "columns",
            "$.annotations.list[0].target.rawSql",
            "this annotation has no column `time`",
        ),
        (
            Set(
                NUIT,
                "/templating/list/0/query",
                json!("SELECT environnement FROM dataset"),
            ),
            "query",
            "$.templating.list[0].query",
            "column \"environnement\" does not exist",
        ),
        (
            Set(NUIT, "/templating/list/0/query", json!("")),
            "no_query",
            "$.templating.list[0].query",
            "this variable has no query",
        ),
        (
            Set(
                NUIT,
                "/templating/list/0/query",
                json!("SELECT environment FROM dataset WHERE job IN ($job)"),
            ),
            "variable_circle",
            "$.templating.list[0].query",
            "waits for one that waits for it",
        ),
        (
            Text(
                RULES,
                "count(*) AS failed FROM dataset",
                "count(*) AS failed FROM runs",
            ),
            "query",
            "$.groups[0].rules[0].data[0].model.rawSql",
            "relation \"runs\" does not exist",
        ),
        (
            Text(
                RULES,
                "SELECT job, count(*) AS failed FROM",
                "SELECT job FROM",
            ),
            "columns",
            "$.groups[0].rules[0].data[0].model.rawSql",
            "brings no number to compare",
        ),
        (
            Text(RULES, "status = 'failed'", "environment = '$environment'"),
            "variable_in_alert",
            "$.groups[0].rules[0].data[0].model.rawSql",
            "the variable `environment` has no value here",
        ),
    ]
}

fn structure() -> Vec<Case> {
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
    ]
}

fn provisioning() -> Vec<Case> {
    vec![
        (
            Text(SOURCE, "${GRAFANA_DB_PASSWORD}", "${GRAFANA_PASSWORD}"),
            "unset_variable",
            "$.datasources[0].secureJsonData.password",
            "the variable `GRAFANA_PASSWORD` is set nowhere",
        ),
        (
            Text(RULES, "$$labels.job", "$labels.job"),
            "unset_variable",
            "$.groups[0].rules[0].labels.job",
            "the variable `labels` is set nowhere",
        ),
        (
            Text(RULES, "{{ $labels.job }} failed", "${labels.job} failed"),
            "unset_variable",
            "$.groups[0].rules[0].annotations.summary",
            "the variable `labels.job`",
        ),
        (
            Text(SOURCE, "    url: $DB_HOST:5432\n", ""),
            "missing",
            "$.datasources[0].url",
            "`url` is missing",
        ),
        (
            Text(
                SOURCE,
                "    user: grafana\n",
                "    user: grafana\n    user: other\n",
            ),
            "no_yaml",
            "$",
            "this is no YAML",
        ),
        (
            Text(PROVIDER, "allowUiUpdates: true", "allowUiUpdates: false"),
            "no_ui_updates",
            "$.providers[0].allowUiUpdates",
            "nobody can save what they edit",
        ),
        (
            Text(
                PROVIDER,
                "      path: /etc/grafana/dashboards\n",
                "      foldersFromFilesStructure: true\n",
            ),
            "missing",
            "$.providers[0].options.path",
            "`options.path` is missing",
        ),
        (
            Text(PROVIDER, "apiVersion: 1\n", ""),
            "missing",
            "$.apiVersion",
            "`apiVersion` is missing",
        ),
        (
            Text(RULES, "condition: C", "condition: D"),
            "alert_condition",
            "$.groups[0].rules[0].condition",
            "no step of the rule has the refId `D`",
        ),
        (
            Text(RULES, "        title: Vital job failed\n", ""),
            "missing",
            "$.groups[0].rules[0].title",
            "`title` is missing",
        ),
        (
            Text(RULES, "    folder: smartETL\n", ""),
            "missing",
            "$.groups[0].folder",
            "`folder` is missing",
        ),
        (
            Text(RULES, "for: 5m", "for: five minutes"),
            "duration",
            "$.groups[0].rules[0].for",
            "`for` is no duration",
        ),
        (
            Text(RULES, "noDataState: OK", "noDataState: Ok"),
            "alert_state",
            "$.groups[0].rules[0].noDataState",
            "`Ok` is no state of noDataState",
        ),
        (
            Text(
                RULES,
                "refId: A\n            relative",
                "refId: B\n            relative",
            ),
            "ref_id",
            "$.groups[0].rules[0].data[1].refId",
            "refId `B` is empty or that of another one",
        ),
        (
            Text(RULES, "expression: $B > 0", "expression: $D > 0"),
            "expression",
            "$.groups[0].rules[0].data[2].model.expression",
            "has the refId `D`",
        ),
        (
            Text(RULES, "from: 86400, to: 0", "from: 0, to: 0"),
            "time_range",
            "$.groups[0].rules[0].data[0].relativeTimeRange",
            "no time range from further back",
        ),
        (
            Text(RULES, "datasourceUid: smartetl", "datasourceUid: postgres"),
            "data_source",
            "$.groups[0].rules[0].data[0].datasourceUid",
            "no data source with the uid `postgres`",
        ),
        (
            Text(RULES, "panelId: 2", "panelId: 12"),
            "dead_link",
            "$.groups[0].rules[0].dashboardUid",
            "no panel 12 in it",
        ),
        (
            Text(RULES, "/d/nuit?viewPanel=2", "/d/night"),
            "dead_link",
            "$.groups[0].rules[0].annotations.summary",
            "the link /d/night leads",
        ),
        (
            Text(
                SENDING,
                "- receiver: on-call\n    group_by",
                "- receiver: on-duty\n    group_by",
            ),
            "unknown_receiver",
            "$.policies[0].receiver",
            "there is no contact point `on-duty`",
        ),
        (
            Text(
                SENDING,
                "policies:\n",
                "  - name: nobody\n    receivers: [{ uid: n, type: webhook, settings: { url: http://n } }]\npolicies:\n",
            ),
            "unused",
            "$.contactPoints[1].name",
            "to the contact point `nobody`",
        ),
        (
            Text(SENDING, "[weekend]", "[holidays]"),
            "unknown_time",
            "$.policies[0].routes[0].mute_time_intervals[0]",
            "there is no mute time `holidays`",
        ),
        (
            Text(
                SENDING,
                "{{ template \"smartetl.title\"",
                "{{ template \"smartetl.titel\"",
            ),
            "unknown_template",
            "$.contactPoints[0].receivers[0].settings.subject",
            "no template defines `smartetl.titel`",
        ),
    ]
}

/// What follows from some mistakes besides, because others lean on what they took away.
const FOLLOWING: &[&str] = &[
    "dead_link",
    "file_name",
    "undefined_variable",
    "expression",
    "not_normal",
    "query",
    "columns",
    "alert_condition",
    "variable_circle",
    "data_source",
];

impl Mistake {
    fn make(&self, folder: &Path) {
        let read =
            |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file of the fixture");
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        };
        match self {
            Set(name, pointer, value) => {
                let mut dashboard: Value = serde_json::from_str(&read(name)).expect("JSON");
                let (holder, key) = pointer.rsplit_once('/').expect("a pointer");
                match dashboard.pointer_mut(pointer) {
                    Some(place) => *place = value.clone(),
                    None => dashboard.pointer_mut(holder).expect("a place")[key] = value.clone(),
                }
                write(name, &to_text(&normal(&dashboard)));
            }
            Gone(name, pointer) => {
                let mut dashboard: Value = serde_json::from_str(&read(name)).expect("JSON");
                let (holder, key) = pointer.rsplit_once('/').expect("a pointer");
                let holder = dashboard.pointer_mut(holder).and_then(Value::as_object_mut);
                holder
                    .expect("a place")
                    .remove(key)
                    .expect("something to remove");
                write(name, &to_text(&normal(&dashboard)));
            }
            Text(name, from, to) => {
                let text = read(name);
                assert!(text.contains(from), "{name} has no {from}");
                write(name, &text.replacen(from, to, 1));
            }
            Rename(from, to) => {
                std::fs::rename(folder.join(from), folder.join(to)).expect("a file")
            }
            Copy(from, to) => write(to, &read(from)),
        }
    }
}

/// Findings as (kind, path, what), and the exit code.
fn found(world: &World, folder: &Path) -> (i32, Vec<(String, String, String)>) {
    let folder = folder.to_str().expect("UTF-8");
    let answer = world.run(&[
        "dashboards",
        "check",
        "--folder",
        folder,
        "--timeout",
        "2s",
        "--format",
        "json",
    ]);
    let report: Value =
        serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("{}", answer.stderr));
    let text = |finding: &Value, key: &str| finding[key].as_str().expect("a text").to_owned();
    let findings = report["findings"].as_array().expect("a list").iter();
    let findings = findings.map(|one| (text(one, "kind"), text(one, "path"), text(one, "what")));
    (answer.exit, findings.collect())
}

fn check(world: &World, cases: Vec<Case>) {
    for (number, (mistake, kind, path, words)) in cases.iter().enumerate() {
        let own = World::new();
        let folder = copied(&own);
        mistake.make(&folder);
        let (exit, found) = found(world, &folder);
        assert_eq!(exit, 1, "case {number} ({words}): {found:#?}");
        let (wanted, others): (Vec<_>, Vec<_>) = found
            .iter()
            .partition(|one| one.0 == *kind && one.1 == *path && one.2.contains(words));
        assert_eq!(wanted.len(), 1, "case {number} ({words}): {found:#?}");
        let foreign = others
            .iter()
            .find(|one| !FOLLOWING.contains(&one.0.as_str()));
        assert!(foreign.is_none(), "case {number} ({words}): {foreign:?}");
    }
}

/// A database with rows, so that what fails for a row does.
fn loaded() -> (smartetl_testkit::TestDatabase, World) {
    let (database, world) = place();
    world.file("logs/a.csv", &stats(0..5));
    let answer = world.run(&["load", "logs", "--as-of", "2026-03-01T00:00:00Z"]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    (database, world)
}

#[test]
fn mistakes_in_queries_are_found() {
    let (_database, world) = loaded();
    check(&world, queries());
}

#[test]
fn mistakes_in_dashboards_are_found() {
    let (_database, world) = loaded();
    check(&world, structure());
}

#[test]
fn mistakes_in_provisioning_are_found() {
    let (_database, world) = loaded();
    check(&world, provisioning());
}

#[test]
fn a_good_folder_passes_with_rows_and_without() {
    for (_database, world) in [loaded(), {
        let (database, world) = place();
        assert_eq!(world.run(&["migrate"]).exit, 0);
        (database, world)
    }] {
        copied(&world);
        let answer = world.run(&["dashboards", "check"]);
        assert_eq!(answer.exit, 0, "{}{}", answer.stdout, answer.stderr);
        assert!(
            answer.stdout.starts_with("2 dashboards, 1 alert rule, "),
            "{}",
            answer.stdout
        );
        assert!(
            answer.stdout.ends_with(" queries run: all is well.\n"),
            "{}",
            answer.stdout
        );
    }
}

#[test]
fn findings_are_told_in_both_languages_with_what_to_do() {
    let (_database, world) = loaded();
    let folder = copied(&world);
    Set(
        NUIT,
        STAT,
        json!("SELECT count(*) FROM dataset WHERE statu = 'failed'"),
    )
    .make(&folder);
    Set(NUIT, "/panels/3/fieldConfig/defaults/unit", json!("millis")).make(&folder);
    let told = |lang: &str| world.run(&["dashboards", "check", "--lang", lang]).stdout;
    insta::assert_snapshot!(told("en") + &told("fr"));
}

#[test]
fn without_queries_no_database_is_needed() {
    let world = World::on("postgresql://nobody@127.0.0.1:1/none");
    let folder = copied(&world);
    let answer = world.run(&["dashboards", "check", "--no-queries"]);
    assert_eq!(
        (answer.exit, answer.stdout.as_str()),
        (
            0,
            "2 dashboards, 1 alert rule, 0 queries run: all is well.\n"
        )
    );
    let answer = world.run(&["dashboards", "check"]);
    assert_eq!(answer.exit, 2);
    std::fs::remove_dir_all(folder).expect("a folder");
    let answer = world.run(&["dashboards", "check", "--no-queries"]);
    assert_eq!(answer.exit, 2);
    assert!(
        answer
            .stderr
            .contains("there are neither dashboards nor provisioning here"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_query_without_rows_is_found_where_that_is_asked() {
    let (_database, world) = loaded();
    copied(&world);
    let answer = world.run(&["dashboards", "check", "--rows"]);
    assert_eq!(answer.exit, 1);
    assert!(
        answer
            .stdout
            .contains("this query brings no rows\n  --> $.panels[2].targets[0].rawSql\n"),
        "{}",
        answer.stdout
    );
}

#[test]
fn files_are_brought_into_the_form_of_pull() {
    let world = World::new();
    let folder = copied(&world);
    let good = std::fs::read_to_string(folder.join(NUIT)).expect("a file");
    let value: Value = serde_json::from_str(&good).expect("JSON");
    std::fs::write(folder.join(NUIT), value.to_string()).expect("a file");
    let answer = world.run(&["dashboards", "check", "--no-queries", "--fix"]);
    assert_eq!(
        (answer.exit, answer.stderr.as_str()),
        (0, "conf/grafana/dashboards/nuit.json is rewritten\n")
    );
    assert_eq!(
        std::fs::read_to_string(folder.join(NUIT)).expect("a file"),
        good
    );
}

/// Those that are shipped.
#[test]
fn the_dashboards_of_the_repository_pass() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("conf/grafana");
    let (_database, world) = loaded();
    let (exit, found) = found(&world, &folder);
    assert_eq!((exit, found), (0, vec![]));
}
