//! The program with a server of its own.

use crate::processes::{OwnServer, wait_until};
use crate::support::{World, empty};
use crate::tables::number;
use sqlx::Connection as _;
use std::process::Stdio;

#[test]
fn it_starts_is_found_and_lets_readers_only_read() {
    let data = format!("{}/embedded", env!("CARGO_TARGET_TMPDIR"));
    let cache = smartetl_testkit::place::cache();
    let world = World::new()
        .set("SMARTETL_DATA_DIR", &data)
        .set("SMARTETL_CACHE_DIR", &cache.display().to_string());
    let sql = |arguments: &[&str]| world.run(&[&["sql", "--format", "csv"], arguments].concat());
    empty(&world);
    world.run(&["migrate"]).done();
    let who = sql(&["SELECT session_user AS s, current_user AS c"]);
    assert_eq!(
        (who.exit, who.stdout.as_str()),
        (0, "s,c\nsmartetl_read,smartetl_read\n"),
        "{}",
        who.stderr
    );
    // The other user of the server, for comparison: it may do what the reader is refused below.
    let who = sql(&["SELECT session_user AS s", "--write"]);
    assert_eq!(
        (who.exit, who.stdout.as_str()),
        (0, "s\nsmartetl\n"),
        "{}",
        who.stderr
    );
    let file = world.home.path().join("written");
    let program = format!("COPY (SELECT 1) TO PROGRAM 'cat > {}'", file.display());
    for statement in [
        program.clone(),
        format!("DO $$ BEGIN RESET ROLE; {program}; END $$"),
        format!("DO $$ BEGIN RESET SESSION AUTHORIZATION; {program}; END $$"),
        "SELECT set_config('role', 'smartetl', false), pg_read_file('PG_VERSION')".to_owned(),
        "SELECT passwd FROM pg_shadow".to_owned(),
        "SELECT lo_export(1, '/nowhere')".to_owned(),
    ] {
        let answer = sql(&[&statement]);
        assert_eq!(answer.exit, 2, "{statement}: {}", answer.stdout);
    }
    assert!(!file.exists());

    let doctor = world
        .run(&["doctor", "--format", "json", "--set", "http.port=0"])
        .done();
    let report: serde_json::Value = serde_json::from_str(&doctor.stdout).expect("JSON");
    let url = report["database_url"].as_str().expect("an address");
    let other = World::on(url).run(&["sql", "--format", "csv", "SELECT count(*) FROM dataset"]);
    assert_eq!(
        (other.exit, other.stdout.as_str()),
        (0, "count\n0\n"),
        "{}",
        other.stderr
    );
}

#[test]
fn the_first_reader_tries_again_when_another_one_changes_the_role() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = OwnServer::below(folder.path());
    let world = server.used_by(World::new());
    server.with_url(|url| {
        world.run(&["migrate"]).done();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let mut other = runtime.block_on(async {
            let mut other = sqlx::PgConnection::connect(url).await.expect("the server");
            sqlx::raw_sql("BEGIN; ALTER ROLE smartetl_read CONNECTION LIMIT -1")
                .execute(&mut other)
                .await
                .expect("it is the owner");
            other
        });
        let mut command = world.command(&["sql", "--format", "csv", "SELECT session_user AS s"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("the program starts");
        wait_until("the reader waits for the other", || {
            number(url, "SELECT count(*) FROM pg_locks WHERE NOT granted") > 0
        });
        runtime
            .block_on(sqlx::raw_sql("COMMIT").execute(&mut other))
            .expect("the server");
        let read = child.wait_with_output().expect("it is our child");
        let stderr = String::from_utf8_lossy(&read.stderr);
        assert_eq!(read.status.code(), Some(0), "{stderr}");
        assert_eq!(read.stdout, b"s\nsmartetl_read\n");
        runtime.block_on(other.close()).expect("an end");
    });
}
