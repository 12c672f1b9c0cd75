//! A folder of all kinds of files: what is read as what, what is refused, what is passed over.

use crate::samples::stats;
use crate::support::{World, place};
use crate::tables::number;

const AS_OF: [&str; 2] = ["--as-of", "2026-03-01T00:00:00Z"];
const DAG_RUNS: &str = "dag_id,run_id,run_type,state,queued_at,start_date,end_date\n\
                        sales,r1,scheduled,success,2026-01-01 02:00:00,2026-01-01 02:00:01,2026-01-01 02:10:00\n";

/// Logs of two tools, and what lies beside logs.
fn mixed(world: &World) {
    world.file("logs/a.csv", &stats(0..3));
    world.file("logs/b.csv", &stats(3..4));
    world.file("logs/dag_run.csv", DAG_RUNS);
    world.file(
        "logs/README.md",
        "# Logs\n\nThese are logs, of last year, and more.\n",
    );
    world.file("logs/job.sql", "SELECT 1;\nSELECT 2;\n");
    world.file("logs/mapping.toml", "name = \"x\"\n");
    let picture = world.home.path().join("logs/photo.png");
    let noise: Vec<u8> = (0..4_000_u32)
        .map(|number| (number * number % 251) as u8)
        .collect();
    std::fs::write(&picture, [b"\x89PNG\r\n\x1A\n".as_slice(), &noise].concat()).expect("a file");
    let archive = world.home.path().join("logs/old.zip");
    std::fs::write(&archive, [b"PK\x03\x04".as_slice(), &noise].concat()).expect("a file");
}

#[test]
fn a_folder_of_all_kinds_is_loaded_and_told_in_two_lines() {
    let (database, world) = place();
    mixed(&world);
    let answer = world.run(&["load", "logs", AS_OF[0], AS_OF[1]]).done();
    let told = answer.stdout.lines().take(3).collect::<Vec<_>>();
    assert_eq!(
        told,
        [
            "read: 2 files as talend tstatcatcher (100 %), 1 as mapping airflow_dag_run (100 %)",
            "5 files are no logs: README.md, job.sql, mapping.toml, old.zip, photo.png",
            "3 files: 3 loaded, 0 with nothing new, 0 not loaded, 0 failed",
        ],
    );
    assert_eq!(number(&database.url, "SELECT count(*) FROM dataset"), 5);
    let json = world.run(&["load", "logs", "--format", "json"]).stdout;
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(report["files_no_log"], 0, "they were told before");
    assert_eq!(report["files_no_log_as_before"], 5);
    assert_eq!(report["files_failed"], 0);
}

#[test]
fn who_names_a_file_hears_why_it_is_no_log() {
    let (_database, world) = place();
    mixed(&world);
    let answer = world.run(&["load", "logs", "logs/README.md", AS_OF[0], AS_OF[1]]);
    assert_eq!(answer.exit, 1, "{}{}", answer.stdout, answer.stderr);
    assert!(
        answer
            .stdout
            .starts_with("failed: logs/README.md\n  this is text, but no table"),
        "{}",
        answer.stdout
    );
    assert!(
        answer.stdout.contains("4 files are no logs:"),
        "{}",
        answer.stdout
    );
}

#[test]
fn a_folder_without_any_log_is_not_loaded() {
    let (_database, world) = place();
    world.file("texts/a.txt", "A novel\nof two lines\n");
    let answer = world.run(&["load", "texts"]);
    assert_eq!(answer.exit, 2, "{}{}", answer.stdout, answer.stderr);
    assert!(
        answer.stdout.starts_with("1 file is no log: a.txt\n"),
        "{}",
        answer.stdout
    );
}

#[test]
fn what_nobody_reads_yet_is_called_by_its_name() {
    let (_database, world) = place();
    world.file("logs/a.csv", &stats(0..3));
    world.file(
        "logs/events",
        "{\"Event\":\"SparkListenerLogStart\",\"Spark Version\":\"3.5.1\"}\n",
    );
    world.file(
        "logs/run_results.json",
        "{\n  \"metadata\": {\n    \"dbt_schema_version\": \"https://schemas.getdbt.com/dbt/run-results/v6.json\"\n  }\n}\n",
    );
    let answer = world.run(&["load", "logs", AS_OF[0], AS_OF[1]]);
    assert_eq!(answer.exit, 1, "{}", answer.stderr);
    for words in [
        "failed: logs/events\n  it is an event log of Apache Spark, which smartETL does not read yet\n",
        "failed: logs/run_results.json\n  it is a run_results.json of dbt, which smartETL does not read yet\n",
    ] {
        assert!(answer.stdout.contains(words), "{words}: {}", answer.stdout);
    }
}

/// Needs no database: none is there.
#[test]
fn a_dry_run_says_what_would_be_read() {
    let world = World::new()
        .in_paris()
        .set("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none");
    mixed(&world);
    world.file("logs/people.csv", "name;born\nann;1990-01-01\n");
    let damaged = stats(4..6).replace("2026-01-01 00:05:20", "soon");
    world.file("logs/damaged.csv", &damaged);
    let answer = world.run(&["load", "logs", "--dry-run"]);
    assert_eq!(answer.exit, 1, "{}{}", answer.stdout, answer.stderr);
    insta::assert_snapshot!(answer.stdout);
    let json = world
        .run(&["load", "logs", "--dry-run", "--format", "json"])
        .stdout;
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let of = |name: &str| {
        let files = report["files"].as_array().expect("a list");
        files
            .iter()
            .find(|file| file["path"] == format!("logs/{name}"))
            .unwrap_or_else(|| panic!("{name}: {json}"))
            .clone()
    };
    let damaged = of("damaged.csv");
    assert_eq!(damaged["read_as"]["layout"], "tstatcatcher");
    assert_eq!(damaged["read_as"]["confidence"], 100);
    assert_eq!(damaged["how"]["delimiter"], ";");
    assert_eq!(damaged["how"]["zone"], "Europe/Paris");
    assert_eq!(damaged["rejects"]["bad_time"], 1);
    assert_eq!(of("dag_run.csv")["how"]["zone"], "UTC");
    assert_eq!(of("people.csv")["result"], "failed");
    assert_eq!(of("old.zip")["result"], "no_log");
}

/// A table of something else lies in the folder every night: it is told when it is found, and when it changes.
#[test]
fn what_is_no_log_is_told_once_and_again_when_it_changed() {
    let (_database, world) = place();
    world.file("logs/a.csv", &stats(0..3));
    world.file("logs/people.csv", "name;born\nann;1990-01-01\n");
    world.file("logs/empty.csv", "");
    let load = || world.run(&["load", "logs", AS_OF[0], AS_OF[1]]);
    let first = load();
    assert_eq!(first.exit, 1, "{}", first.stdout);
    assert!(
        first.stdout.contains("failed: logs/people.csv\n"),
        "{}",
        first.stdout
    );
    for _ in 0..2 {
        let later = load().done();
        assert!(
            later.stdout.starts_with(
                "2 files that are no logs, as before\n1 file: 0 loaded, 1 with nothing new,"
            ),
            "{}",
            later.stdout
        );
    }
    // Who names it hears why.
    let named = world.run(&["load", "logs/people.csv", "logs/a.csv"]);
    assert_eq!(named.exit, 1, "{}", named.stdout);
    world.file(
        "logs/people.csv",
        "name;born\nann;1990-01-01\nbob;1991-01-01\n",
    );
    world.file("logs/other.csv", "name;age\nann;31\n");
    let changed = load();
    assert_eq!(changed.exit, 1, "{}", changed.stdout);
    for words in [
        "    logs/people.csv\n",
        "    logs/other.csv\n",
        "1 file that is no log, as before\n",
    ] {
        assert!(
            changed.stdout.contains(words),
            "{words}: {}",
            changed.stdout
        );
    }
    load().done();
    let json = world.run(&["load", "logs", "--format", "json"]).stdout;
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(report["files_no_log_as_before"], 3, "{json}");
    assert_eq!(report["files_failed"], 0, "{json}");
    // Once it is a log, it is read.
    world.file("logs/empty.csv", &stats(3..4));
    let read = load().done();
    assert!(read.stdout.contains("1 loaded"), "{}", read.stdout);
    // What was a log and is none any more is for a person.
    world.file("logs/empty.csv", "name;age\nann;31\n");
    for _ in 0..2 {
        assert_eq!(load().exit, 1);
    }
}

#[test]
fn the_same_advice_stands_once_below_the_files_that_it_is_for() {
    let (_database, world) = place();
    world.file("logs/a.csv", &stats(0..3));
    for number in 0..12 {
        let text = format!("name;age\nann;3{number}\n");
        world.file(&format!("logs/people_{number:02}.csv"), &text);
    }
    world.file("logs/sales.csv", "article;price\nx;1\n");
    let told = world.run(&["load", "logs", AS_OF[0], AS_OF[1]]).stdout;
    let (head, rest) = told
        .split_once("    + 2 more (all of them: --format json)\n")
        .unwrap_or_else(|| panic!("{told}"));
    assert!(head.starts_with("failed: 13 files\n  no dialect"), "{told}");
    assert_eq!(head.matches("    logs/people_").count(), 10, "{told}");
    assert_eq!(told.matches("hint: ").count(), 1, "{told}");
    assert!(rest.contains("article, price"), "{told}");
}
