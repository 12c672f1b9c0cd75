//! One mistake at a time in a good folder: each is found, in its place, with its own words.

mod provisioning;
mod queries;
mod structure;

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

/// The SQL of the panel with the failures.
const STAT: &str = "/panels/1/targets/0/rawSql";
/// A link in an override of the table.
const DETAIL: &str = "/panels/3/fieldConfig/overrides/0/properties/1/value/0/url";

/// A mistake, the kind of what is found, its place, and words that only this one has.
type Case = (Mistake, &'static str, &'static str, &'static str);

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
    world
        .run(&["load", "logs", "--as-of", "2026-03-01T00:00:00Z"])
        .done();
    (database, world)
}

#[test]
fn mistakes_in_queries_are_found() {
    let (_database, world) = loaded();
    check(&world, queries::cases());
}

#[test]
fn mistakes_in_dashboards_are_found() {
    let (_database, world) = loaded();
    check(&world, structure::cases());
}

#[test]
fn mistakes_in_provisioning_are_found() {
    let (_database, world) = loaded();
    check(&world, provisioning::cases());
}

#[test]
fn a_good_folder_passes_with_rows_and_without() {
    for (_database, world) in [loaded(), {
        let (database, world) = place();
        world.run(&["migrate"]).done();
        (database, world)
    }] {
        copied(&world);
        let answer = world.run(&["dashboards", "check"]).done();
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
