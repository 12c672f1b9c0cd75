//! Files that are rotated: what was written before, what is still written to the old one, and what is found after a restart.

use super::program::{Follow, proven};
use crate::running::{RECORDS, append, stat, until};
use crate::samples::COLUMNS;
use crate::support::place;
use smartetl_testkit::TestDatabase;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

const SOURCES: &str = "SELECT string_agg(DISTINCT regexp_replace(path, '^.*/', ''), ', ') FROM batch JOIN source USING (source)";

fn begin(run: &str) -> String {
    stat("02:00:00", run, "begin")
}

fn rows(database: &TestDatabase, count: usize) {
    until(database, RECORDS, &format!("{count} rows, 0 rejects"));
}

fn appending(path: &Path) -> File {
    File::options().append(true).open(path).expect("the file")
}

fn write(file: &mut File, text: &str) {
    file.write_all(text.as_bytes()).expect("written");
}

#[test]
fn what_is_still_written_to_a_renamed_file() {
    let (database, world) = place();
    let path = world.file("logs/stats.csv", &(COLUMNS.to_owned() + &begin("a1")));
    let rotated = path.with_file_name("stats.csv.1");
    let follow = Follow::start(&world, &["logs/stats.csv"]);
    rows(&database, 1);
    let mut old = appending(&path);
    // Written just before the rename, in one go with it.
    write(&mut old, &begin("a2"));
    std::fs::rename(&path, &rotated).expect("renamed");
    rows(&database, 2);
    // The new file comes late, and both are written.
    write(&mut old, &begin("a3")[..30]);
    world.file("logs/stats.csv", "");
    append(&path, &(COLUMNS.to_owned() + &begin("b1")));
    rows(&database, 3);
    write(&mut old, &begin("a3")[30..]);
    rows(&database, 4);
    // Rotated again, the old one compressed and removed while its writer still has it.
    std::fs::rename(&rotated, path.with_file_name("stats.csv.2")).expect("renamed");
    std::fs::rename(&path, &rotated).expect("renamed");
    std::fs::remove_file(path.with_file_name("stats.csv.2")).expect("removed");
    write(&mut old, &begin("a4"));
    world.file("logs/stats.csv", &(COLUMNS.to_owned() + &begin("c1")));
    rows(&database, 6);
    until(&database, "SELECT count(*)::text FROM dataset", "6");
    proven(&world);
    follow.stop();
}

/// Neither its own head nor that of others makes a new file an older copy of the one before.
#[test]
fn new_files_begin_like_the_old_ones() {
    let (database, world) = place();
    let path = world.file("stats.csv", COLUMNS);
    let follow = Follow::start(&world, &["stats.csv"]);
    let mut count = 0;
    for generation in 0..5 {
        for line in 0..(10 - 2 * generation) {
            append(&path, &begin(&format!("g{generation}l{line}")));
            count += 1;
            rows(&database, count);
        }
        std::fs::rename(&path, path.with_file_name(format!("old-{generation}"))).expect("renamed");
        world.file("stats.csv", COLUMNS);
    }
    proven(&world);
    follow.stop();
}

/// The copy is found when it was named; the file itself begins again.
#[test]
fn copied_and_truncated() {
    let (database, world) = place();
    let path = world.file("stats.csv", &(COLUMNS.to_owned() + &begin("a1")));
    let follow = Follow::start(&world, &["stats.csv*"]);
    rows(&database, 1);
    let mut live = appending(&path);
    write(&mut live, &begin("a2"));
    std::fs::copy(&path, path.with_file_name("stats.csv.1")).expect("copied");
    live.set_len(0).expect("cut");
    write(&mut live, &(COLUMNS.to_owned() + &begin("b1")));
    rows(&database, 3);
    // Cut, and longer than before at once.
    live.set_len(0).expect("cut");
    write(
        &mut live,
        &(COLUMNS.to_owned() + &begin("c1") + &begin("c2") + &begin("c3")),
    );
    rows(&database, 6);
    live.set_len(0).expect("cut");
    append(&path, &begin("d1"));
    rows(&database, 7);
    proven(&world);
    follow.stop();
}

/// Rotated while nobody looked: the rest is found beside the file by its content, compressed or not; what is no rest of it, and
/// was not named, is left alone.
#[test]
fn rotated_while_it_was_away() {
    for compressed in [false, true] {
        let (database, world) = place();
        let path = world.file("logs/stats.csv", &(COLUMNS.to_owned() + &begin("a1")));
        world.file("logs/stats.csv.2", &(COLUMNS.to_owned() + &begin("x1")));
        world.file("logs/stats.csv.bak", "something else altogether\n");
        let follow = Follow::start(&world, &["logs/stats.csv"]);
        rows(&database, 1);
        follow.kill();
        append(&path, &(begin("a2") + &begin("a3")));
        let rotated = path.with_file_name("stats.csv.1");
        std::fs::rename(&path, &rotated).expect("renamed");
        world.file("logs/stats.csv", &(COLUMNS.to_owned() + &begin("b1")));
        let name = if compressed {
            let text = std::fs::read(&rotated).expect("text");
            let packed = File::create(path.with_file_name("stats.csv.1.gz")).expect("a file");
            let mut packer = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
            packer
                .write_all(&text)
                .and_then(|()| packer.try_finish())
                .expect("packed");
            std::fs::remove_file(&rotated).expect("removed");
            "stats.csv.1.gz"
        } else {
            "stats.csv.1"
        };
        let follow = Follow::start(&world, &["logs/stats.csv"]);
        rows(&database, 4);
        if !compressed {
            // Its writer goes on as well.
            append(&rotated, &begin("a4"));
            rows(&database, 5);
        }
        append(&path, &begin("b2"));
        rows(&database, if compressed { 5 } else { 6 });
        until(&database, SOURCES, &format!("stats.csv, {name}"));
        let said = follow.said();
        assert!(!said.contains('!'), "{said}");
        proven(&world);
        follow.stop();
    }
}

/// Where the file is gone and its successor has not come yet, the rest of it is found all the same.
#[test]
fn rotated_and_not_yet_there_again() {
    let (database, world) = place();
    let path = world.file("stats.csv", &(COLUMNS.to_owned() + &begin("a1")));
    let follow = Follow::start(&world, &["stats.csv"]);
    rows(&database, 1);
    follow.kill();
    append(&path, &begin("a2"));
    std::fs::rename(&path, path.with_file_name("stats-20260105.csv")).expect("renamed");
    let follow = Follow::start(&world, &["stats.csv"]);
    rows(&database, 2);
    world.file("stats.csv", &(COLUMNS.to_owned() + &begin("b1")));
    rows(&database, 3);
    proven(&world);
    follow.stop();
}
