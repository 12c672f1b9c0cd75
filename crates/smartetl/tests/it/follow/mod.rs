//! `smartetl follow`: what is appended to files, whatever becomes of them.

mod limits;
mod program;
mod rotation;
mod storm;

use crate::running::{RECORDS, RUNS, append, stat, until};
use crate::samples::{COLUMNS, stats};
use crate::support::{World, own_database, place};
use program::{Follow, proven};

#[test]
fn appended_rows_appear_until_it_is_told_to_stop() {
    for lang in ["en", "fr"] {
        let database = own_database();
        let world = World::on(&database.url);
        let follow = Follow::start_in(lang, &world, &["logs"]);
        // The folder comes later.
        let path = world.file(
            "logs/deep/stats.csv",
            &(COLUMNS.to_owned() + &stat("02:00:00", "a1", "begin")),
        );
        until(&database, RUNS, "a1 unverified");
        append(&path, &stat("02:01:00", "a1", "success"));
        until(&database, RUNS, "a1 success");
        let words = match lang {
            "en" => "1 file · 1 record · 1 log · 0 logerreur · 1 run",
            _ => "1 fichier · 1 enregistrement · 1 log · 0 logerreur · 1 exécution",
        };
        follow.line(words);
        follow.stop();
        world.run(&["verify", "--recompute"]).done();
    }
}

#[test]
fn only_fuse_fuses_where_it_is_scheduled() {
    let database = own_database();
    let world = World::on(&database.url).set("SMARTETL_FUSE_MODE", "scheduled");
    let path = world.file("stats.csv", COLUMNS);
    let follow = Follow::start(&world, &["stats.csv"]);
    append(&path, &stat("02:00:00", "a1", "begin"));
    until(&database, RECORDS, "1 rows, 0 rejects");
    follow.line("0 runs");
    until(&database, RUNS, "");
    follow.stop();
    world.run(&["fuse"]).done();
    until(&database, RUNS, "a1 unverified");
}

/// A record is read when it is whole: neither half a line, nor half a letter, nor a quote that is still open.
#[test]
fn lines_that_are_still_written() {
    let (database, world) = place();
    let path = world.file("stats.csv", &COLUMNS[..20]);
    let other = world.file("other.csv", COLUMNS);
    let follow = Follow::start(&world, &["stats.csv", "other.csv"]);
    let mut seen = 0;
    // What another file brings proves that this one was looked at, which changed before.
    let mut stays = |expected: &str| {
        seen += 1;
        append(&other, &stat("05:00:00", &format!("o{seen}"), "begin"));
        let rows = "SELECT (SELECT count(*) FROM log WHERE run_id LIKE 'o%') || ' ' || (SELECT count(*) FROM reject) || ' ' || \
             coalesce((SELECT string_agg(run_id || '=' || coalesce(message, ''), ',' ORDER BY run_id) FROM log WHERE run_id LIKE 'a%'), '')";
        until(&database, rows, &format!("{seen} 0 {expected}"));
    };
    stays("");
    append(&path, &COLUMNS[20..]);
    stays("");
    let line = stat("02:00:00", "a1", "begin");
    append(&path, &line[..15]);
    stays("");
    append(&path, &line[15..line.len() - 1]);
    stays("");
    append(&path, "\n");
    stays("a1=");
    // Two bytes of one letter, a quote over two lines, and an end that comes in two pieces.
    let letters = stat("02:00:00", "a2é", "begin");
    let middle = letters.find('é').expect("the letter") + 1;
    let mut file = std::fs::File::options()
        .append(true)
        .open(&path)
        .expect("the file");
    let write = |file: &mut std::fs::File, bytes: &[u8]| {
        std::io::Write::write_all(file, bytes).expect("written");
    };
    write(&mut file, &letters.as_bytes()[..middle]);
    stays("a1=");
    write(&mut file, &letters.as_bytes()[middle..]);
    stays("a1=,a2é=");
    let quoted = stat("02:01:00", "a1", "success").replace(";success;", ";\"suc\ncess; he said\";");
    let (first, rest) = quoted.split_at(quoted.find("cess").expect("its second line"));
    write(&mut file, first.as_bytes());
    stays("a1=,a2é=");
    write(&mut file, &rest.as_bytes()[..3]);
    stays("a1=,a2é=");
    write(&mut file, &rest.as_bytes()[3..]);
    stays("a1=,a1=suc\ncess; he said,a2é=");
    follow.stop();
    proven(&world);
}

#[test]
fn parquet_is_read_when_it_is_complete() {
    let (database, world) = place();
    world
        .run(&[
            "simulate", "--jobs", "5", "--days", "2", "--format", "parquet", "--seed", "3",
            "--output", "made",
        ])
        .done();
    let stats = walkdir::WalkDir::new(world.home.path().join("made"))
        .into_iter()
        .flatten();
    let whole = stats
        .map(walkdir::DirEntry::into_path)
        .find(|path| path.display().to_string().ends_with("_stats.parquet"));
    let bytes = std::fs::read(whole.expect("a table of runs")).expect("bytes");
    let path = world.file("logs/stats.parquet", "");
    let other = world.file("logs/other.csv", COLUMNS);
    let follow = Follow::start(&world, &["logs"]);
    let pieces: Vec<&[u8]> = bytes.chunks(bytes.len() / 3).collect();
    let mut file = std::fs::File::options()
        .append(true)
        .open(&path)
        .expect("the file");
    for (number, piece) in pieces.iter().enumerate() {
        until(
            &database,
            "SELECT count(*)::text FROM log",
            &number.to_string(),
        );
        std::io::Write::write_all(&mut file, piece).expect("written");
        if number + 1 < pieces.len() {
            append(&other, &stat("05:00:00", &format!("o{number}"), "begin"));
        }
    }
    until(&database, "SELECT (count(*) > 10)::text FROM log", "true");
    follow.stop();
    proven(&world);
}

#[test]
fn two_that_follow_the_same_count_nothing_twice() {
    let (database, world) = place();
    let path = world.file("stats.csv", COLUMNS);
    let one = Follow::start(&world, &["stats.csv"]);
    let other = Follow::start(&world, &["stats.csv"]);
    for number in 0..40 {
        append(&path, &stat("02:00:00", &format!("a{number}"), "begin"));
        if number % 4 == 0 {
            until(
                &database,
                RECORDS,
                &format!("{} rows, 0 rejects", number + 1),
            );
        }
    }
    until(&database, RECORDS, "40 rows, 0 rejects");
    until(&database, "SELECT count(*)::text FROM dataset", "40");
    one.stop();
    append(&path, &stat("02:00:00", "b", "begin"));
    until(&database, RECORDS, "41 rows, 0 rejects");
    other.stop();
    proven(&world);
}

/// A folder that is removed and made again, links, files that editors replace, and hundreds of files in one folder.
#[test]
fn whatever_happens_to_folders() {
    let (database, world) = place();
    let home = world.home.path();
    for number in 0..300 {
        let runs = number * 2..number * 2 + 1;
        world.file(&format!("logs/many/s{number}.csv"), &stats(runs));
    }
    std::fs::create_dir(home.join("real")).expect("a folder");
    let behind = world.file("real/behind.csv", COLUMNS);
    std::os::unix::fs::symlink(&behind, home.join("link.csv")).expect("a link");
    let follow = Follow::start(&world, &["logs", "link.csv", "*/[x]*.csv"]);
    until(&database, RECORDS, "600 rows, 0 rejects");
    append(&behind, &stat("02:00:00", "a1", "begin"));
    until(&database, RECORDS, "601 rows, 0 rejects");
    append(
        &home.join("logs/many/s7.csv"),
        &stat("02:00:00", "a2", "begin"),
    );
    until(&database, RECORDS, "602 rows, 0 rejects");
    world.file(
        "globbed/x1.csv",
        &(COLUMNS.to_owned() + &stat("02:00:00", "a3", "begin")),
    );
    until(&database, RECORDS, "603 rows, 0 rejects");
    // Another file behind the link.
    let next = world.file(
        "real/next.csv",
        &(COLUMNS.to_owned() + &stat("02:00:00", "a4", "begin")),
    );
    std::os::unix::fs::symlink(&next, home.join("new.csv")).expect("a link");
    std::fs::rename(home.join("new.csv"), home.join("link.csv")).expect("renamed");
    until(&database, RECORDS, "604 rows, 0 rejects");
    append(&next, &stat("02:00:00", "a5", "begin"));
    until(&database, RECORDS, "605 rows, 0 rejects");
    // Editors write a new file and rename it.
    let edited = home.join("logs/many/s8.csv");
    let text = std::fs::read_to_string(&edited).expect("text") + &stat("02:00:00", "a6", "begin");
    world.file("logs/many/.s8.csv.swp", &text);
    std::fs::rename(home.join("logs/many/.s8.csv.swp"), &edited).expect("renamed");
    until(&database, RECORDS, "606 rows, 0 rejects");
    std::fs::remove_dir_all(home.join("logs")).expect("removed");
    world.file(
        "logs/many/s0.csv",
        &(COLUMNS.to_owned() + &stat("02:00:00", "a7", "begin")),
    );
    until(&database, RECORDS, "607 rows, 0 rejects");
    append(
        &home.join("logs/many/s0.csv"),
        &stat("02:00:00", "a8", "begin"),
    );
    until(&database, RECORDS, "608 rows, 0 rejects");
    follow.stop();
}
