//! Files of one's own, read with mappings of one's own: each file chooses, and is read on as it began.

use crate::support::place;
use crate::tables::number;

/// Runs and errors of a scheduler, each with its mapping, in one file.
const MAPPINGS: &str = r#"
[[mapping]]
name = "runs"
system = "scheduler"
[mapping.run]
job = "flow"
run_id = "execution"
[[mapping.log]]
event = "begin"
moment = "begun"
[[mapping.log]]
event = "end"
moment = "ended"
when = { column = "ended", filled = true }
status = "state"
[mapping.vocabulary.status]
OK = "success"
KO = "failed"

[[mapping]]
name = "errors"
system = "scheduler"
[mapping.run]
job = "flow"
run_id = "execution"
[[mapping.error]]
moment = "at"
message = "text"
"#;

const RUNS: &str = "flow,execution,begun,ended,state\n\
                    J_STOCKS,e1,2025-12-01 02:00:00,2025-12-01 02:10:00,OK\n\
                    J_STOCKS,e2,2025-12-02 02:00:00,2025-12-02 02:10:00,KO\n";
const ERRORS: &str = "flow,execution,at,text\nJ_STOCKS,e2,2025-12-02 02:09:00,File not found\n";
const AS_OF: [&str; 2] = ["--as-of", "2026-01-01T00:00:00Z"];

#[test]
fn each_file_is_read_with_its_mapping_and_read_on_without_it() {
    let (database, world) = place();
    world.file("logs/runs.csv", RUNS);
    world.file("logs/errors.csv", ERRORS);
    world.file("mappings.toml", MAPPINGS);
    let load = |options: &[&str]| {
        world
            .run(&[&["load", "logs"][..], &AS_OF, options].concat())
            .done();
    };
    load(&["--set", "load.mappings=mappings.toml"]);
    let holds = |table: &str| number(&database.url, &format!("SELECT count(*) FROM {table}"));
    assert_eq!(
        (holds("log"), holds("logerreur"), holds("dataset")),
        (4, 1, 2)
    );
    // The setting is gone, and another mapping of the file has changed: what was read is read on as before.
    world.file(
        "logs/errors.csv",
        &format!("{ERRORS}J_STOCKS,e1,2025-12-01 02:09:00,Disk full\n"),
    );
    load(&[]);
    assert_eq!(holds("logerreur"), 2);
    world.file("mappings.toml", &MAPPINGS.replace("KO = ", "NOK = "));
    world.file(
        "logs/errors.csv",
        &format!("{ERRORS}J_STOCKS,e1,2025-12-01 02:09:00,Disk full\nJ_STOCKS,e1,2025-12-01 02:09:30,Again\n"),
    );
    load(&[]);
    assert_eq!(holds("logerreur"), 3);
    world.run(&["verify", "--recompute"]).done();
}

#[test]
fn a_file_that_none_of_the_given_mappings_fits_is_refused() {
    let (_database, world) = place();
    world.file("logs/runs.csv", RUNS);
    world.file("logs/others.csv", "name,born\nAnne,1990-01-01\n");
    world.file("logs/README.md", "Of runs, and errors.\n");
    world.file("a.toml", MAPPINGS);
    let answer = world.run(&[
        "load",
        "logs",
        "--mapping",
        "a.toml",
        "--mapping",
        "airflow_dag_run",
        AS_OF[0],
        AS_OF[1],
    ]);
    assert_eq!(answer.exit, 1, "{}{}", answer.stdout, answer.stderr);
    assert!(
        answer.stdout.contains(
            "failed: logs/others.csv\n  it fits none of the mappings given; the nearest is errors, which asks for columns that are missing: \
             flow, execution, at, text; the source has: name, born\n"
        ),
        "{}",
        answer.stdout
    );
    assert!(
        answer.stdout.contains("1 file is no log: README.md\n"),
        "{}",
        answer.stdout
    );
}

#[test]
fn a_mistake_in_the_configuration_is_told_with_its_place() {
    let (_database, world) = place();
    world.file("logs/runs.csv", RUNS);
    world.file(
        "m/a.toml",
        &MAPPINGS.replace("text\"", "text\"\ncolour = 1"),
    );
    let answer = world.run(&["load", "logs", "--set", "load.mappings=m"]);
    assert_eq!(answer.exit, 2, "{}", answer.stdout);
    for words in [
        "load.mappings: the mapping m/a.toml (errors) cannot be used",
        "line 29",
        "`colour`",
    ] {
        assert!(answer.stderr.contains(words), "{words}: {}", answer.stderr);
    }
}
