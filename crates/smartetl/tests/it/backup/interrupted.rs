//! Others write meanwhile, processes die in the middle.

use super::{goes_on, loaded, sums};
use crate::company::Company;
use crate::processes::{wait_for_batches, wait_until};
use crate::support::{Answer, World, empty, own_database, place};
use crate::tables::{assert_same_content, connected, number, rows};
use std::io::Write as _;
use std::process::Stdio;

/// What was committed when the backup began is in it, whole batches only; the load goes on in both places.
#[test]
fn a_backup_while_a_load_runs_is_of_one_moment() {
    let (source, world) = place();
    let company = Company::of_many_batches();
    let load = company.load_slowly(&world).spawn();
    let mut load = load.expect("the program starts");
    wait_for_batches(&mut load, &source.url);
    world.run(&["backup", "b.tar"]).done();
    let file = world.home.path().join("b.tar");
    let loaded = load.wait_with_output().expect("it is our child");
    assert!(loaded.status.success());

    let target = own_database();
    let other = World::on(&target.url).in_paris();
    other
        .run(&["restore", file.to_str().expect("UTF-8")])
        .done();
    let ledger = rows(
        &target.url,
        "SELECT ARRAY[sum(rows_log)::text, sum(rows_error)::text, sum(rejects)::text] FROM batch",
    );
    let stored = rows(
        &target.url,
        "SELECT ARRAY[(SELECT count(*) FROM log)::text, (SELECT count(*) FROM logerreur)::text, \
         (SELECT count(*) FROM reject)::text]",
    );
    assert_eq!(ledger, stored);
    let batches = |url: &str| number(url, "SELECT count(*) FROM batch");
    assert!((5..batches(&source.url)).contains(&batches(&target.url)));
    Answer::of(company.load_slowly(&other)).done();
    assert_same_content("after the load went on", &source.url, &target.url);
}

#[test]
fn a_killed_backup_leaves_no_file_of_its_name() {
    let (source, world) = place();
    world.file("logs/stats.csv", &crate::samples::stats(0..5));
    world.run(&["load", "logs"]).done();
    let folder = world.home.path().join("backups");
    std::fs::create_dir(&folder).expect("a folder");
    connected(&source.url, async |connection| {
        sqlx::raw_sql("BEGIN; LOCK TABLE horizon IN ACCESS EXCLUSIVE MODE")
            .execute(&mut *connection)
            .await
            .expect("a lock");
        let mut command = world.command(&["backup", "backups/b.tar"]);
        let mut child = command.spawn().expect("the program starts");
        wait_until("the backup has begun its file", || {
            std::fs::read_dir(&folder).expect("a folder").count() == 1
        });
        child.kill().expect("it runs");
        child.wait().expect("it is our child");
        sqlx::raw_sql("ROLLBACK")
            .execute(&mut *connection)
            .await
            .expect("no lock");
    });
    assert!(!folder.join("b.tar").exists());
    world.run(&["backup", "backups/b.tar"]).done();
    world.run(&["restore", "--check", "backups/b.tar"]).done();
}

#[test]
fn a_killed_restore_leaves_the_database_empty() {
    let (source, world, _company) = loaded();
    let before = sums(&source.url);
    world.run(&["backup", "b.tar"]).done();
    let file = world.home.path().join("b.tar");
    let bytes = std::fs::read(&file).expect("it is written");
    for has_tables in [true, false] {
        let target = own_database();
        let other = World::on(&target.url).in_paris();
        if !has_tables {
            empty(&other);
        }
        let mut command = other.command(&["restore", "-"]);
        command.stdin(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin
            .write_all(&bytes[..bytes.len() / 2])
            .expect("it reads");
        let restores = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND query LIKE 'COPY%FROM STDIN%'";
        wait_until("rows are on their way", || {
            number(&target.url, restores) > 0
        });
        child.kill().expect("it runs");
        child.wait().expect("it is our child");
        drop(stdin);
        wait_until("the server noticed", || number(&target.url, restores) == 0);
        let tables = "SELECT count(*) FROM pg_class WHERE relname = 'log'";
        assert_eq!(number(&target.url, tables), i64::from(has_tables));
        if has_tables {
            assert_eq!(number(&target.url, "SELECT count(*) FROM batch"), 0);
        }
        other
            .run(&["restore", file.to_str().expect("UTF-8")])
            .done();
        assert_eq!(goes_on(&sums(&target.url)), goes_on(&before));
    }
}
