//! The first fuse of much writes its runs before it is done: whatever ends it there leaves nothing behind.

use crate::company::Company;
use crate::samples::{ERROR_COLUMNS, stats};
use crate::support::{World, own_database};
use crate::tables::{assert_same_content, number, rows};

/// What makes the fuse fail after its runs are written: this table takes no rows any more.
fn refuse(world: &World, table: &str) {
    for statement in [
        format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no {table}''; END'"
        ),
        format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
        ),
    ] {
        world.run(&["sql", "--write", &statement]).done();
    }
}

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
    in_paris(&clean.url)
        .run(&[&load[..], &OTHERWISE].concat())
        .done();
    assert_eq!(indexes(&clean.url), fresh);

    let database = own_database();
    let world = in_paris(&database.url);
    refuse(&world, "job_day");
    let answer = world.run(&load);
    assert_eq!(answer.exit, 2, "{}", answer.stdout);
    assert!(answer.stderr.contains("no job_day"), "{}", answer.stderr);
    assert!(number(&database.url, "SELECT count(*) FROM dataset") > 10_000);
    assert_eq!(number(&database.url, "SELECT count(*) FROM fuse_state"), 0);

    world
        .run(&["sql", "--write", "DROP TRIGGER refuse ON job_day"])
        .done();
    world.run(&[&load[..], &OTHERWISE].concat()).done();
    assert_same_content("after the interruption", &clean.url, &database.url);
    assert_eq!(indexes(&database.url), fresh);
    world
        .run(&[&["verify", "--recompute"][..], &OTHERWISE].concat())
        .done();
}

/// So many runs that the fuse builds indexes beside other work.
const RUNS: u32 = 6_000;

#[test]
fn what_refuses_issues_is_told_although_indexes_are_built_meanwhile() {
    let database = own_database();
    let world = World::on(&database.url).in_paris();
    let fresh = indexes(&database.url);
    refuse(&world, "issue");
    let error = "2026-01-01 00:07:10;r00007;r00007;r00007;SALES;load_orders;PROD;6;Java Exception;tDBInput_1;\"java.io.IOException: gone\";1\n";
    world.file("logs/stats.csv", &stats(0..RUNS));
    world.file("logs/errors.csv", &(ERROR_COLUMNS.to_owned() + error));
    let load = ["load", "logs", "--as-of", "2026-01-10T12:00:00Z"];
    let answer = world.run(&load);
    assert_eq!(answer.exit, 2, "{}", answer.stdout);
    assert!(answer.stderr.contains("no issue"), "{}", answer.stderr);
    assert_eq!(
        number(&database.url, "SELECT count(*) FROM dataset"),
        i64::from(RUNS)
    );
    assert_eq!(number(&database.url, "SELECT count(*) FROM fuse_state"), 0);

    world
        .run(&["sql", "--write", "DROP TRIGGER refuse ON issue"])
        .done();
    world.run(&load).done();
    assert_eq!(indexes(&database.url), fresh);
    assert_eq!(number(&database.url, "SELECT count(*) FROM issue"), 1);
    world.run(&["verify", "--recompute"]).done();
}
