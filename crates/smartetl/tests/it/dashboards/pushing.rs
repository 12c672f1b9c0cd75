//! From files into a Grafana.

use super::copied;
use super::pulling::{as_grafana_has_it, dashboards, with_fixture};
use serde_json::{Value, json};
use std::path::Path;

/// Replaces a text in a file.
fn edit(place: &Path, name: &str, from: &str, to: &str) {
    let path = place.join("dashboards").join(name);
    let text = std::fs::read_to_string(&path).expect("a file");
    assert!(text.contains(from), "{text}");
    std::fs::write(path, text.replacen(from, to, 1)).expect("a file");
}

#[test]
fn what_differs_is_sent_with_the_version_it_was_compared_with() {
    let (grafana, world) = with_fixture();
    let place = copied(&world);
    dashboards(&world, &["pull"]).done();
    let answer = dashboards(&world, &["push"]);
    assert_eq!(
        (answer.exit, answer.stderr.as_str()),
        (0, "0 dashboards sent, 2 the same already\n")
    );
    edit(&place, "nuit.json", "\"La nuit\"", "\"Cette nuit\"");
    let answer = dashboards(&world, &["push"]);
    assert_eq!(
        (answer.exit, answer.stdout.as_str(), answer.stderr.as_str()),
        (
            0,
            "conf/grafana/dashboards/nuit.json: 1 change\n",
            "1 dashboard sent, 1 the same already\n"
        )
    );
    let posted = grafana.state().posted.clone();
    let [body] = posted.as_slice() else {
        panic!("{posted:?}")
    };
    assert_eq!(body["overwrite"], false);
    assert_eq!(body["folderUid"], "etl");
    assert_eq!(
        (&body["dashboard"]["version"], &body["dashboard"]["id"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(
        grafana.state().kept["nuit"].dashboard["title"],
        "Cette nuit"
    );
    // And on: what was sent is known as agreed.
    edit(&place, "nuit.json", "\"Cette nuit\"", "\"La nuit\"");
    dashboards(&world, &["push"]).done();
    assert_eq!(grafana.state().posted.len(), 2);
}

#[test]
fn an_edit_that_was_not_pulled_is_not_written_over() {
    let (grafana, world) = with_fixture();
    let place = copied(&world);
    dashboards(&world, &["pull"]).done();
    let mut edited = as_grafana_has_it("nuit");
    edited["panels"][1]["title"] = json!("Ratés");
    grafana.save(edited);
    edit(&place, "nuit.json", "\"La nuit\"", "\"Cette nuit\"");
    let answer = dashboards(&world, &["push"]);
    assert_eq!((answer.exit, answer.stdout.as_str()), (1, ""));
    let told = answer.stderr.replace('\n', " ");
    assert!(
        told.contains(
            "it was edited in Grafana since the last pull (2 differences from this file)"
        ),
        "{told}"
    );
    assert!(told.contains("push --force"), "{told}");
    assert!(grafana.state().posted.is_empty());
    let answer = dashboards(&world, &["push", "--force", "--format", "json"]).done();
    let told: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    assert_eq!(told["sent"][0]["uid"], "nuit");
    assert_eq!(grafana.state().posted[0]["overwrite"], true);
    assert_eq!(
        grafana.state().kept["nuit"].dashboard["panels"][1]["title"],
        "Échecs"
    );
}

#[test]
fn without_a_pull_nothing_is_known_to_be_agreed() {
    let (grafana, world) = with_fixture();
    let place = copied(&world);
    edit(&place, "nuit.json", "\"La nuit\"", "\"Cette nuit\"");
    let answer = dashboards(&world, &["push"]);
    assert_eq!(answer.exit, 1);
    assert!(grafana.state().posted.is_empty());
    // Grafana still has what the file said: that needs no force.
    edit(&place, "nuit.json", "\"Cette nuit\"", "\"La nuit\"");
    dashboards(&world, &["push"]).done();
}

#[test]
fn a_save_in_between_and_a_refusal_are_told() {
    let (grafana, world) = with_fixture();
    let place = copied(&world);
    dashboards(&world, &["pull"]).done();
    edit(&place, "nuit.json", "\"La nuit\"", "\"Cette nuit\"");
    grafana.state().is_hasty = true;
    let answer = dashboards(&world, &["push"]);
    assert_eq!(answer.exit, 1);
    assert!(
        answer
            .stderr
            .contains("it was edited in Grafana since the last pull"),
        "{}",
        answer.stderr
    );
    grafana.state().is_hasty = false;
    grafana.state().refusal = Some((
        400,
        json!({ "message": "Cannot save provisioned dashboard" }),
    ));
    let answer = dashboards(&world, &["push", "--lang", "fr"]);
    assert_eq!(answer.exit, 1);
    assert!(
        answer
            .stderr
            .contains("Grafana ne l’accepte pas\u{a0}: Cannot save provisioned dashboard"),
        "{}",
        answer.stderr
    );
    grafana.state().refusal = None;
    dashboards(&world, &["push"]).done();
}

#[test]
fn new_files_are_created_and_unfit_ones_are_left_out() {
    let (grafana, world) = with_fixture();
    let place = copied(&world);
    grafana.state().kept.remove("fiche");
    world.file("conf/grafana/dashboards/none.json", "{}");
    world.file(
        "conf/grafana/dashboards/old/nuit.json",
        &std::fs::read_to_string(place.join("dashboards/nuit.json")).expect("a file"),
    );
    let answer = dashboards(&world, &["push"]);
    assert_eq!(
        (answer.exit, answer.stdout.as_str()),
        (1, "conf/grafana/dashboards/fiche.json: new\n")
    );
    assert!(
        answer.stderr.contains("none.json: this file has no uid"),
        "{}",
        answer.stderr
    );
    assert!(
        answer
            .stderr
            .contains("another file has the same uid `nuit`"),
        "{}",
        answer.stderr
    );
    assert_eq!(
        grafana.state().kept["fiche"].dashboard["title"],
        "Fiche job"
    );
}
