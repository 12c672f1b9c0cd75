//! The first fuse of much writes its runs before it is done: whatever ends it there leaves nothing behind.

use crate::company::Company;
use crate::support::{World, own_database};
use crate::tables::{assert_same_content, number, rows};

/// What makes the fuse fail after its runs are written.
const REFUSE: [&str; 2] = [
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no day''; END'",
    "CREATE TRIGGER refuse BEFORE INSERT ON job_day FOR EACH ROW EXECUTE FUNCTION refuse()",
];
/// Contexts mean something else: runs of DEV become those of no environment, in other trees.
const OTHERWISE: [&str; 2] = ["--set", "environments.DEV=nobody"];

fn indexes(url: &str) -> Vec<crate::tables::Row> {
    rows(
        url,
        "SELECT ARRAY[indexdef] FROM pg_indexes WHERE tablename = 'dataset' ORDER BY 1",
    )
}

#[test]
fn ended_behind_its_runs_with_another_configuration_afterwards() {
    let company = Company::simulate(&["--jobs", "100", "--days", "120", "--seed", "21"]);
    let logs = company.logs.to_str().expect("UTF-8");
    let load = ["load", logs, "--allow-rejects", "--as-of", &company.as_of];
    let in_paris = |url: &str| World::on(url).in_paris();

    let clean = own_database();
    let fresh = indexes(&clean.url);
    let answer = in_paris(&clean.url).run(&[&load[..], &OTHERWISE].concat());
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    assert_eq!(indexes(&clean.url), fresh);

    let database = own_database();
    let world = in_paris(&database.url);
    for statement in REFUSE {
        let answer = world.run(&["sql", "--write", statement]);
        assert_eq!(answer.exit, 0, "{}", answer.stderr);
    }
    let answer = world.run(&load);
    assert_eq!(answer.exit, 2, "{}", answer.stdout);
    assert!(answer.stderr.contains("no day"), "{}", answer.stderr);
    assert!(number(&database.url, "SELECT count(*) FROM dataset") > 10_000);
    assert_eq!(number(&database.url, "SELECT count(*) FROM fuse_state"), 0);

    let answer = world.run(&["sql", "--write", "DROP TRIGGER refuse ON job_day"]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    let answer = world.run(&[&load[..], &OTHERWISE].concat());
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    assert_same_content("after the interruption", &clean.url, &database.url);
    assert_eq!(indexes(&database.url), fresh);
    let verify = world.run(&[&["verify", "--recompute"][..], &OTHERWISE].concat());
    assert_eq!(verify.exit, 0, "{}", verify.stdout);
}
