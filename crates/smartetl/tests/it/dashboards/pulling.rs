//! From a Grafana into files.

use super::grafana::{Grafana, Kept, TOKEN, serve_text};
use super::{copied, fixture};
use crate::running::Up;
use crate::samples::stats;
use crate::support::{Answer, World, own_database};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// A Grafana with the dashboards of the fixture, the way it gives them, and surroundings that know it.
pub fn with_fixture() -> (Grafana, World) {
    let grafana = Grafana::start();
    for name in ["nuit", "fiche"] {
        grafana.save(as_grafana_has_it(name));
    }
    let world = World::new()
        .set("SMARTETL_GRAFANA_URL", &grafana.url)
        .set("SMARTETL_GRAFANA_TOKEN", TOKEN);
    (grafana, world)
}

/// With all that Grafana fills in.
pub fn as_grafana_has_it(name: &str) -> Value {
    let text = std::fs::read_to_string(fixture().join(format!("dashboards/{name}.json")));
    let mut dashboard: Value = serde_json::from_str(&text.expect("a file")).expect("JSON");
    dashboard["iteration"] = json!(1_700_000_000_000_u64);
    dashboard["__requires"] = json!([{ "type": "grafana" }]);
    for panel in dashboard["panels"].as_array_mut().expect("panels") {
        panel["pluginVersion"] = json!("13.0.2");
    }
    let built_in = json!({ "builtIn": 1, "name": "Annotations & Alerts", "datasource": { "type": "grafana", "uid": "-- Grafana --" } });
    match dashboard.pointer_mut("/annotations/list") {
        Some(list) => list.as_array_mut().expect("a list").insert(0, built_in),
        None => dashboard["annotations"] = json!({ "list": [built_in] }),
    }
    for variable in dashboard["templating"]["list"]
        .as_array_mut()
        .expect("variables")
    {
        if variable["type"] == "query" {
            variable["options"] = json!([{ "text": "x", "value": "x", "selected": true }]);
        }
        variable["current"]["selected"] = json!(true);
    }
    dashboard
}

pub fn dashboards(world: &World, arguments: &[&str]) -> Answer {
    world.run(&[&["dashboards"], arguments].concat())
}

/// Every file below a folder with its text.
pub fn texts(folder: &Path) -> BTreeMap<String, String> {
    let files = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok);
    let files = files.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).expect("a text");
            (
                entry
                    .path()
                    .strip_prefix(folder)
                    .expect("below")
                    .display()
                    .to_string(),
                text,
            )
        })
        .collect()
}

#[test]
fn an_edit_becomes_one_small_difference_and_nothing_the_second_time() {
    let (grafana, world) = with_fixture();
    let place = copied(&world);
    let before = texts(&place);
    let answer = dashboards(&world, &["pull"]);
    assert_eq!(
        (answer.exit, answer.stdout.as_str()),
        (0, ""),
        "{}",
        answer.stderr
    );
    assert_eq!(answer.stderr, "2 dashboards read, 0 files written\n");
    assert_eq!(texts(&place), before);

    let mut edited = as_grafana_has_it("nuit");
    edited["panels"][1]["title"] = json!("Échecs de la nuit");
    grafana.save(edited);
    let answer = dashboards(&world, &["diff"]);
    assert_eq!(answer.exit, 1, "{}", answer.stderr);
    assert_eq!(
        answer.stdout,
        "conf/grafana/dashboards/nuit.json: 1 change\n  $.panels[id=2].title\n    - \"Échecs\"\n    + \"Échecs de la nuit\"\n"
    );
    assert_eq!(answer.stderr, "2 dashboards read, 1 differs\n");
    assert_eq!(texts(&place), before);

    let answer = dashboards(&world, &["pull"]);
    assert_eq!(
        (answer.exit, answer.stdout.as_str(), answer.stderr.as_str()),
        (
            0,
            "conf/grafana/dashboards/nuit.json: 1 change\n",
            "2 dashboards read, 1 file written\n"
        )
    );
    let after = texts(&place);
    let changed: Vec<&String> = before
        .keys()
        .filter(|name| before[*name] != after[*name])
        .collect();
    assert_eq!(changed, ["dashboards/nuit.json"]);
    assert_eq!(before.len(), after.len());
    let lines = |texts: &BTreeMap<String, String>| -> Vec<String> {
        texts["dashboards/nuit.json"]
            .lines()
            .map(str::to_owned)
            .collect()
    };
    let (old, new) = (lines(&before), lines(&after));
    let differing = old.iter().zip(&new).filter(|(old, new)| old != new).count();
    assert_eq!((old.len(), differing), (new.len(), 1));

    for command in ["pull", "diff"] {
        let answer = dashboards(&world, &[command]);
        assert_eq!(
            (answer.exit, answer.stdout.as_str()),
            (0, ""),
            "{}",
            answer.stderr
        );
    }
    assert_eq!(texts(&place), after);
}

#[test]
fn dashboards_without_a_file_get_one_that_grafana_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let (_grafana, world) = with_fixture();
    let answer = dashboards(&world, &["pull", "--folder", "new", "--format", "json"]).done();
    let told: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    assert_eq!(told["different"][0]["is_new"], true);
    let pulled = texts(&world.home.path().join("new"));
    let wanted = texts(&fixture());
    assert_eq!(pulled.len(), 2);
    for (name, text) in &pulled {
        assert_eq!(Some(text), wanted.get(name), "{name}");
        let data = std::fs::metadata(world.home.path().join("new").join(name)).expect("a file");
        assert_eq!(data.permissions().mode() & 0o777, 0o644);
    }
}

#[test]
fn a_grafana_that_shows_nothing_changes_nothing() {
    let (grafana, world) = with_fixture();
    let place = copied(&world);
    let before = texts(&place);
    let answer = dashboards(&world, &["pull", "--tag", "nobody"]);
    assert_eq!(answer.exit, 2);
    assert!(
        answer.stderr.contains("--tag is a tag of theirs"),
        "{}",
        answer.stderr
    );
    grafana.state().kept.clear();
    for command in ["pull", "diff"] {
        let answer = dashboards(&world, &[command]);
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""));
        assert!(
            answer
                .stderr
                .starts_with("error: Grafana shows no dashboard at all; nothing was changed\n"),
            "{}",
            answer.stderr
        );
        assert!(
            answer.stderr.contains("another organisation"),
            "{}",
            answer.stderr
        );
    }
    assert_eq!(texts(&place), before);
}

#[test]
fn what_classic_files_cannot_hold_is_refused_and_the_others_are_written() {
    let (grafana, world) = with_fixture();
    let place = copied(&world);
    let nuit = texts(&place)["dashboards/nuit.json"].clone();
    let dynamic = |kind: &str| json!({ "title": "x", "elements": {}, "layout": { "kind": kind, "spec": {} } });
    {
        let mut state = grafana.state();
        state.kept.get_mut("nuit").expect("kept").dynamic = Some(dynamic("TabsLayout"));
        // Saved by Grafana 13, with nothing that Classic could not say.
        let fiche = state.kept.get_mut("fiche").expect("kept");
        fiche.dynamic = Some(dynamic("GridLayout"));
        fiche.dashboard["title"] = json!("Fiche d’un job");
        let other = Kept {
            dashboard: Value::Null,
            version: 1,
            dynamic: Some(Value::Null),
        };
        state.kept.insert("other".to_owned(), other);
    }
    let answer = dashboards(&world, &["pull"]);
    assert_eq!(answer.exit, 1);
    assert_eq!(
        answer.stdout,
        "conf/grafana/dashboards/fiche.json: 1 change\n"
    );
    let told = answer.stderr.replace('\n', " ");
    assert!(told.contains("nuit.json: `La nuit` is a dynamic dashboard (V2) with what Classic files cannot hold: tabs"), "{told}");
    assert!(
        told.contains("Grafana gives no Classic form of it"),
        "{told}"
    );
    assert_eq!(texts(&place)["dashboards/nuit.json"], nuit);
}

#[test]
fn panels_of_a_library_are_in_no_file() {
    let (grafana, world) = with_fixture();
    let place = copied(&world);
    let nuit = texts(&place)["dashboards/nuit.json"].clone();
    {
        let mut state = grafana.state();
        let panels = &mut state.kept.get_mut("nuit").expect("kept").dashboard["panels"];
        let inside = json!({ "type": "row", "panels": [{ "id": 90, "libraryPanel": { "uid": "x", "name": "Retards" } }] });
        panels.as_array_mut().expect("panels").push(inside);
    }
    let answer = dashboards(&world, &["pull"]);
    assert_eq!(answer.exit, 1, "{}", answer.stdout);
    let told = answer.stderr.replace('\n', " ");
    assert!(
        told.contains(
            "`La nuit` shows panels of this Grafana’s library, which files do not hold: Retards"
        ),
        "{told}"
    );
    assert_eq!(texts(&place)["dashboards/nuit.json"], nuit);
}

/// A container that runs as somebody else has no cache folder of its own.
#[test]
fn what_cannot_be_remembered_is_pulled_all_the_same() {
    let (grafana, world) = with_fixture();
    let place = copied(&world);
    let blocked = world.file("blocked", "no folder");
    let world = world.set("SMARTETL_CACHE_DIR", blocked.to_str().expect("UTF-8"));
    let before = texts(&place)["dashboards/nuit.json"].clone();
    grafana
        .state()
        .kept
        .get_mut("nuit")
        .expect("kept")
        .dashboard["title"] = json!("Cette nuit");
    dashboards(&world, &["pull"]).done();
    assert_ne!(texts(&place)["dashboards/nuit.json"], before);
}

#[test]
fn every_page_of_the_list_is_read() {
    let (grafana, world) = with_fixture();
    for number in 0..230 {
        let uid = format!("d{number}");
        grafana.save(json!({ "uid": uid, "title": uid, "tags": ["many"], "panels": [] }));
    }
    let answer = dashboards(&world, &["pull", "--tag", "many"]).done();
    assert_eq!(answer.stderr, "230 dashboards read, 230 files written\n");
    assert_eq!(
        texts(&world.home.path().join("conf/grafana/dashboards")).len(),
        230
    );
}

#[test]
fn files_stay_whose_dashboard_is_not_there_and_those_in_the_way_are_not_touched() {
    let (grafana, world) = with_fixture();
    let place = copied(&world);
    grafana.state().kept.remove("fiche");
    grafana.save(json!({ "uid": "broken", "title": "Broken", "panels": [] }));
    grafana.save(json!({ "uid": "..", "title": "Above", "panels": [] }));
    world.file("conf/grafana/dashboards/broken.json", "{ half an edit");
    let answer = dashboards(&world, &["pull"]);
    assert_eq!((answer.exit, answer.stdout.as_str()), (1, ""));
    assert!(
        answer
            .stderr
            .contains("note: conf/grafana/dashboards/fiche.json is not in this Grafana; it stays"),
        "{}",
        answer.stderr
    );
    assert!(
        answer.stderr.contains("broken.json: this file is no JSON"),
        "{}",
        answer.stderr
    );
    assert!(
        answer
            .stderr
            .contains("..: its uid cannot be the name of a file"),
        "{}",
        answer.stderr
    );
    let after = texts(&place.join("dashboards"));
    assert_eq!(
        after.keys().collect::<Vec<_>>(),
        ["broken.json", "fiche.json", "nuit.json"]
    );
    assert_eq!(after["broken.json"], "{ half an edit");
}

#[test]
fn a_grafana_that_cannot_be_asked_is_told_with_what_to_do() {
    let world = World::new().set("SMARTETL_GRAFANA_TOKEN", "glsa_other");
    let grafana = Grafana::start();
    let check = |url: &str, lang: &str, wanted: &[&str]| {
        let answer = dashboards(&world, &["pull", "--url", url, "--lang", lang]);
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{url}");
        let told = answer.stderr.replace('\n', " ");
        for part in wanted {
            assert!(told.contains(part), "{url}: {told}");
        }
        assert!(!told.contains("glsa_"), "{told}");
    };
    check(
        "http://127.0.0.1:1",
        "en",
        &[
            "Grafana cannot be reached: connection refused",
            "grafana.url is its address",
        ],
    );
    check("http://127.0.0.1:1", "fr", &["Grafana est injoignable"]);
    check(
        &grafana.url,
        "en",
        &["Grafana refuses: 401", "SMARTETL_GRAFANA_TOKEN"],
    );
    check(
        &serve_text(200, "text/html", "<html>Welcome</html>"),
        "en",
        &["no JSON of Grafana’s API", "address of its start page"],
    );
    check(
        &serve_text(302, "text/html", ""),
        "en",
        &["302 Found → /login"],
    );
    check(
        &serve_text(
            500,
            "application/json",
            "{\"message\":\"database is locked\"}",
        ),
        "en",
        &["500 Internal Server Error: database is locked"],
    );
    check(
        "ftp://somewhere",
        "en",
        &["this is no address of a Grafana"],
    );
    check(
        "http://ann:pw@somewhere",
        "en",
        &["what signs in stands in grafana.token"],
    );
    let answer = dashboards(&world, &["pull"]);
    assert_eq!(answer.exit, 2);
    assert!(
        answer.stderr.contains("SMARTETL_GRAFANA_URL"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_user_and_a_password_sign_in_as_well() {
    let (grafana, world) = with_fixture();
    dashboards(&world, &["pull", "--token", "admin:pass:word"]).done();
    let said = grafana.state().authorizations.first().cloned();
    assert_eq!(said.as_deref(), Some("Basic YWRtaW46cGFzczp3b3Jk"));
}

#[test]
fn up_pulls_from_time_to_time() {
    let (grafana, world) = with_fixture();
    let place = copied(&world);
    let database = own_database();
    let world = world
        .set("DATABASE_URL", &database.url)
        .set("SMARTETL_GRAFANA_PULL_EVERY", "100ms");
    world.file("data/stats.csv", &stats(0..1));
    let mut edited = as_grafana_has_it("nuit");
    edited["panels"][1]["title"] = json!("Ratés");
    grafana.save(edited);
    let up = Up::start(&world, &["data"]);
    assert_eq!(
        up.line("Grafana → "),
        "Grafana → conf/grafana/dashboards/nuit.json: 1 change"
    );
    let nuit = texts(&place)["dashboards/nuit.json"].clone();
    assert!(nuit.contains("\"Ratés\""), "{nuit}");
    grafana.state().kept.clear();
    let told = up.line("! Grafana");
    assert!(told.contains("shows no dashboard at all"), "{told}");
    assert_eq!(texts(&place)["dashboards/nuit.json"], nuit);
}
