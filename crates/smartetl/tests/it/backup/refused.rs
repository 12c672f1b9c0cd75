//! What cannot be backed up or restored is said, and nothing changes.

use super::loaded;
use crate::outages::{SmallDisk, as_root};
use crate::samples::stats;
use crate::support::{World, empty, own_database, place};
use crate::tables::{number, rows};

fn refused(world: &World, arguments: &[&str], words: &[&str]) {
    let answer = world.run(arguments);
    assert_eq!(answer.exit, 2, "{}", answer.stdout);
    assert!(answer.stderr.contains("\nhint: "), "{}", answer.stderr);
    for words in words {
        assert!(answer.stderr.contains(words), "{}", answer.stderr);
    }
}

#[test]
fn a_file_that_is_there() {
    let (_source, world) = place();
    let path = world.file("b.tar", "precious");
    refused(
        &world,
        &["backup", "b.tar"],
        &["the file is there already", "--force"],
    );
    assert_eq!(std::fs::read(&path).expect("a file"), b"precious");
    world.run(&["backup", "b.tar", "--force"]).done();
    world.run(&["restore", "--check", "b.tar"]).done();
    refused(
        &world,
        &["backup", "nowhere/b.tar"],
        &["make the folder first"],
    );
}

#[test]
fn a_disk_that_is_full() {
    if !as_root("backup::refused::a_disk_that_is_full") {
        return;
    }
    let (source, world) = place();
    let fill = "INSERT INTO reject SELECT 1, n, NULL, 'r', 'd', encode(sha256(n::text::bytea), 'hex') \
         FROM generate_series(1, 100000) AS n";
    world.run(&["sql", "--write", fill]).done();
    let disk = SmallDisk::mounted(1);
    let file = disk.folder.join("b.tar");
    refused(
        &world,
        &["backup", file.to_str().expect("UTF-8")],
        &[
            "the file cannot be written: no space left on device",
            "make room there, or write elsewhere",
        ],
    );
    let left = std::fs::read_dir(&disk.folder).expect("a folder").count();
    assert_eq!(left, 0);
    let recorded = rows(
        &source.url,
        "SELECT ARRAY[kind, ok::text, detail->>'error'] FROM upkeep",
    );
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0][..2], ["backup", "false"]);
    assert!(recorded[0][2].contains("no space left"), "{recorded:?}");
}

#[test]
fn a_database_without_tables() {
    let (_source, world) = place();
    empty(&world);
    refused(&world, &["backup", "b.tar"], &["no tables of smartETL yet"]);
    assert!(!world.home.path().join("b.tar").exists());
}

/// Nothing is ever replaced.
#[test]
fn a_target_that_is_not_empty() {
    let (_source, world, _company) = loaded();
    world.run(&["backup", "b.tar"]).done();
    let file = world.home.path().join("b.tar");
    let file = file.to_str().expect("UTF-8");
    refused(
        &world,
        &["restore", file],
        &["this database is not empty", "give an empty database"],
    );
    let (target, other) = place();
    other.file("logs/stats.csv", &stats(0..2));
    other.run(&["load", "logs"]).done();
    refused(&other, &["restore", file], &["this database is not empty"]);
    assert_eq!(number(&target.url, "SELECT count(*) FROM log"), 4);
}

/// Whoever looked at an empty database first has put nothing into it.
#[test]
fn a_database_that_was_only_looked_at_is_empty() {
    let (_source, world, _company) = loaded();
    let stream = "INSERT INTO stream (stream, lineage, from_record, is_ours, retired_at) SELECT gen_random_uuid(), lineage, 0, true, now() FROM checkpoint LIMIT 1";
    world.run(&["sql", "--write", stream]).done();
    world.run(&["backup", "b.tar"]).done();
    let file = world.home.path().join("b.tar");
    let (target, other) = place();
    for before in [
        &["migrate"][..],
        &["fuse"],
        &["verify"],
        &["backup", "mine.tar"],
    ] {
        other.run(before).done();
    }
    let restored = other
        .run(&["restore", file.to_str().expect("UTF-8")])
        .done();
    assert!(
        restored.stderr.contains("went through Kafka"),
        "{}",
        restored.stderr
    );
    assert!(number(&target.url, "SELECT count(*) FROM log") > 0);
    other.run(&["verify", "--recompute"]).done();
}

#[test]
fn a_file_that_is_cut_changed_or_none() {
    let (_source, world, _company) = loaded();
    world.run(&["backup", "b.tar"]).done();
    let whole = std::fs::read(world.home.path().join("b.tar")).expect("it is written");
    let target = own_database();
    let other = World::on(&target.url).in_paris();
    empty(&other);
    let nothing_changed = || {
        let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
        assert_eq!(number(&target.url, tables), 0);
    };
    let write = |bytes: &[u8]| {
        let path = other.home.path().join("damaged");
        std::fs::write(path, bytes).expect("a file");
    };
    for part in [1, 4, 7, 9] {
        write(&whole[..whole.len() * part / 10]);
        refused(
            &other,
            &["restore", "damaged"],
            &["the backup is damaged or cut", "nothing was restored"],
        );
        nothing_changed();
    }
    for part in [5, 7, 9] {
        let mut other_bit = whole.clone();
        other_bit[whole.len() * part / 10] ^= 4;
        write(&other_bit);
        for command in [
            &["restore", "damaged"][..],
            &["restore", "--check", "damaged"],
        ] {
            refused(&other, command, &["the backup is damaged or cut"]);
        }
        nothing_changed();
    }
    write(stats(0..3).as_bytes());
    refused(
        &other,
        &["restore", "damaged"],
        &["this is no backup of smartETL", "smartetl load"],
    );
    refused(
        &other,
        &["restore", "nowhere"],
        &["the backup cannot be read: no such file"],
    );
    nothing_changed();
}

#[test]
fn it_is_told_in_french() {
    let (_source, world, _company) = loaded();
    let world = world.set("SMARTETL_LANG", "fr");
    let told = |arguments: &[&str]| {
        let answer = world.run(arguments);
        answer.stdout + &answer.stderr
    };
    assert!(told(&["backup", "b.tar"]).contains(" lignes de "));
    assert!(
        told(&["restore", "--check", "b.tar"]).ends_with("\u{a0}: la sauvegarde est complète\n")
    );
    let full = told(&["restore", "b.tar"]);
    assert!(
        full.starts_with("erreur\u{a0}: cette base n’est pas vide"),
        "{full}"
    );
    world.file("c.tar", "rien");
    let foreign = told(&["restore", "c.tar"]);
    assert!(
        foreign.contains("ce n’est pas une sauvegarde de smartETL"),
        "{foreign}"
    );
}
