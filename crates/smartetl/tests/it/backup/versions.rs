//! Tables of other versions than this one.

use crate::support::{World, empty, own_database};
use crate::tables::{connected, number, rows};
use smartetl::backup::{Head, Order, Piece, read, write};
use sqlx::migrate::Migrator;
use std::path::Path;
use std::sync::mpsc::sync_channel;

/// A database as a smartETL of this version left it, with some rows.
fn of_version(version: i64, url: &str) {
    connected(url, async |connection| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../store/migrations");
        let migrations = Migrator::new(Path::new(folder)).await.expect("migrations");
        migrations
            .run_to(version, &mut *connection)
            .await
            .expect("migrated");
        sqlx::raw_sql(
            "CREATE TABLE log_2026_01 (LIKE log INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
             ALTER TABLE log ATTACH PARTITION log_2026_01 FOR VALUES FROM ('2026-01-01 00:00+0') TO ('2026-02-01 00:00+0');
             INSERT INTO log (batch, line, moment, system, job, run_id, root_run_id, event)
             VALUES (nextval('batch_seq'), 1, '2026-01-05', 'talend', 'load', 'r', 'r', 'begin');
             INSERT INTO horizon VALUES ('talend', 'PROD', '2026-01-05')",
        )
        .execute(connection)
        .await
        .expect("rows");
    });
}

#[test]
fn a_backup_of_earlier_tables_becomes_one_of_these() {
    let source = own_database();
    let world = World::on(&source.url);
    empty(&world);
    of_version(7, &source.url);
    world.run(&["backup", "b.tar"]).done();
    let applied = "SELECT count(*) FROM _sqlx_migrations";
    assert_eq!(number(&source.url, applied), 7);
    let file = world.home.path().join("b.tar");
    for has_tables in [true, false] {
        let target = own_database();
        let other = World::on(&target.url);
        let current = number(&target.url, applied);
        if !has_tables {
            empty(&other);
        }
        other
            .run(&["restore", file.to_str().expect("UTF-8")])
            .done();
        assert_eq!(number(&target.url, applied), current);
        let log = rows(
            &target.url,
            "SELECT ARRAY[job, moment::text] FROM log_2026_01",
        );
        assert_eq!(log.len(), 1);
        assert_eq!(number(&target.url, "SELECT nextval('batch_seq')"), 2);
        other.run(&["migrate"]).done();
        other.run(&["status"]).done();
    }
}

/// The same backup, with another head.
fn with_head(file: &Path, change: impl Fn(&mut Head)) -> Vec<u8> {
    let bytes = std::fs::read(file).expect("it is written");
    let (orders, received) = sync_channel(10_000);
    let mut head = None;
    read(&bytes[..], |piece| {
        match piece {
            Piece::Head(found) => head = Some(*found),
            Piece::Rows { data, .. } => orders.send(Order::Rows(data)).expect("room"),
            Piece::End { .. } => orders.send(Order::End(0)).expect("room"),
            Piece::Whole(whole) => orders.send(Order::Finish(whole.sequences)).expect("room"),
        }
        true
    })
    .expect("it is whole");
    let mut head = head.expect("it has one");
    change(&mut head);
    let mut written = Vec::new();
    write(&mut written, head, &received).expect("memory takes it");
    written
}

#[test]
fn what_a_later_or_another_smartetl_made_is_refused() {
    let source = own_database();
    let world = World::on(&source.url);
    world.run(&["backup", "b.tar"]).done();
    let file = world.home.path().join("b.tar");
    let changed = world.home.path().join("c.tar");
    let empty = own_database();
    let target = World::on(&empty.url);
    let check = |change: &dyn Fn(&mut Head), words: &[&str]| {
        std::fs::write(&changed, with_head(&file, change)).expect("a file");
        let answer = target.run(&["restore", changed.to_str().expect("UTF-8")]);
        assert_eq!(answer.exit, 2, "{}", answer.stdout);
        for words in words {
            assert!(answer.stderr.contains(words), "{}", answer.stderr);
        }
    };
    let hint = "hint: restore it by the smartETL that made the backup";
    check(
        &|head| head.contents.migrations[0].checksum = "00".to_owned(),
        &["version 1 of the tables was made by another build", hint],
    );
    check(
        &|head| {
            let mut last = head.contents.migrations[0].clone();
            last.version = 9999;
            head.contents.migrations.push(last);
        },
        &["which a later smartETL made", hint],
    );
    check(
        &|head| head.format += 1,
        &["in a way that this version does not know yet"],
    );
    // Names come from the database, never from the file.
    check(
        &|head| head.contents.relations[0].name = "batch; DROP TABLE log".to_owned(),
        &["have no batch; DROP TABLE log like that of the backup"],
    );
    assert_eq!(number(&empty.url, "SELECT count(*) FROM log"), 0);
}
