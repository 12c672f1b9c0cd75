//! `sql` against a real PostgreSQL.

use crate::support::{Answer, World, check, own_database};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

const TYPES: &str = "SELECT 9007199254740993::int8 AS big, 1.500::numeric AS num, 'NaN'::float8 AS nan, true AS yes, \
     NULL::text AS nothing, '' AS empty, 'a \"b\", c' AS text, '{\"k\": [1]}'::json AS doc, ARRAY[1,NULL,3] AS list, \
     ARRAY['x y',NULL] AS words, '2026-03-29 02:30:00+01'::timestamptz AS moment, '\\xdead'::bytea AS bytes, \
     INTERVAL '1 day 2 hours' AS span, point(1,2) AS place";

#[test]
fn table() {
    check!(
        World::with_database(),
        "sql",
        "SELECT g AS n, CASE WHEN g > 1 THEN 'row ' || g END AS t FROM generate_series(1, 3) g"
    );
}

#[test]
fn csv() {
    check!(World::with_database(), "sql", "--format", "csv", TYPES);
}

#[test]
fn json() {
    check!(World::with_database(), "sql", "--format", "json", TYPES);
}

#[test]
fn no_rows() {
    let world = World::with_database();
    let run = |format: &str| {
        world
            .run(&["sql", "SELECT 1 AS a WHERE false", "--format", format])
            .stdout
    };
    assert_eq!(
        (run("table"), run("csv"), run("json")),
        ("a\n".into(), "a\n".into(), "[]\n".into())
    );
}

#[test]
fn mistake_with_place() {
    check!(
        World::with_database(),
        "sql",
        "SELECT 1,\n  nope\nFROM pg_class"
    );
}

#[test]
fn two_statements() {
    check!(World::with_database(), "sql", "SELECT 1; SELECT 2");
}

#[test]
fn empty_statement() {
    check!(World::with_database(), "sql", " ; ");
}

#[test]
fn copy_to_the_client() {
    check!(World::with_database(), "sql", "COPY (SELECT 1) TO STDOUT");
}

#[test]
fn too_slow() {
    check!(
        World::with_database(),
        "sql",
        "SELECT pg_sleep(600)",
        "--timeout",
        "10ms"
    );
}

#[test]
fn no_server() {
    check!(
        World::new().set("DATABASE_URL", "postgres://ann:s3cret@127.0.0.1:1/etl"),
        "sql",
        "SELECT 1"
    );
}

#[test]
fn statement_from_stdin_and_from_a_file() {
    let world = World::with_database();
    let mut child = world.command(&["sql", "-", "--format", "csv"]);
    child.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().expect("the program starts");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(b"SELECT 1 AS one;\n")
        .expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.stdout, b"one\n1\n");
    world.file("query.sql", "-- a comment\nSELECT 2 AS two\n");
    assert_eq!(
        world.run(&["sql", "@query.sql", "--format", "csv"]).stdout,
        "two\n2\n"
    );
    assert_eq!(world.run(&["sql", "@nowhere.sql"]).exit, 2);
}

#[test]
fn reading_cannot_write() {
    let database = own_database();
    let world = World::on(&database.url);
    let write = |statement: &str| {
        world.run(&["sql", "--write", statement]).done();
    };
    // The reader sees what was made since the migrations.
    world.run(&["migrate"]).done();
    write("CREATE TABLE guarded (a int)");
    write("INSERT INTO guarded VALUES (1)");
    for statement in [
        "DELETE FROM guarded",
        "WITH gone AS (DELETE FROM guarded RETURNING a) SELECT * FROM gone",
        "EXPLAIN ANALYZE DELETE FROM guarded",
        "CREATE TABLE other (a int)",
        "DROP TABLE guarded",
        "DO $$ BEGIN SET TRANSACTION READ WRITE; DELETE FROM guarded; END $$",
        "DO $$ BEGIN PERFORM set_config('transaction_read_only', 'off', false); DELETE FROM guarded; END $$",
        "DO $$ BEGIN COMMIT; SET TRANSACTION READ WRITE; DELETE FROM guarded; END $$",
        "DO $$ BEGIN RESET ROLE; SET default_transaction_read_only = off; DELETE FROM guarded; END $$",
    ] {
        let answer = world.run(&["sql", statement]);
        assert_eq!(
            answer.exit, 2,
            "{statement}: {}{}",
            answer.stdout, answer.stderr
        );
    }
    let left = world.run(&["sql", "SELECT count(*) FROM guarded", "--format", "csv"]);
    assert_eq!(left.stdout, "count\n1\n", "{}", left.stderr);
    check!(world, "sql", "DELETE FROM guarded");
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let world = World::with_database();
    let mut command = world.command(&[
        "sql",
        "--format",
        "csv",
        "SELECT * FROM generate_series(1, 10000000)",
    ]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("a line");
    assert_eq!(line, "generate_series\n");
    drop(stdout);
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .expect("a pipe")
        .read_to_string(&mut stderr)
        .expect("text");
    assert_eq!(
        (child.wait().expect("it ends").code(), stderr.as_str()),
        (Some(0), "")
    );
}

#[test]
fn many_rows_are_all_there() {
    let statement = "SELECT g, 'x' AS t FROM generate_series(1, 2500) g";
    for format in ["table", "csv"] {
        let answer =
            Answer::of(World::with_database().command(&["sql", statement, "--format", format]));
        let numbers: Vec<u32> = answer
            .stdout
            .lines()
            .skip(1)
            .map(|line| {
                line.trim()
                    .split([' ', ','])
                    .next()
                    .expect("a field")
                    .parse()
                    .expect("a number")
            })
            .collect();
        assert_eq!(numbers, (1..=2500).collect::<Vec<_>>(), "{format}");
    }
}

#[test]
fn a_statement_may_begin_with_a_comment_and_no_flag_is_one() {
    let world = World::with_database();
    for statement in ["-- one row\nSELECT 1 AS a", "--one row\nSELECT 1 AS a"] {
        let answer = world.run(&["sql", statement, "--format", "csv"]);
        assert_eq!(answer.stdout, "a\n1\n", "{}", answer.stderr);
    }
    let flag = world.run(&["sql", "--fromat"]);
    assert_eq!(flag.exit, 2);
    assert!(
        flag.stderr.contains("there is no flag `--fromat`"),
        "{}",
        flag.stderr
    );
}
