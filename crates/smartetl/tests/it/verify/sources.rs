//! Files that were changed, cut, removed or not read to their end.

use std::path::PathBuf;
use std::time::Duration;

use super::{AS_OF, Loaded, Verdict, stats};
use crate::support::{World, age, own_database};

/// Rows that come later, for runs that are there already.
#[test]
fn a_file_that_grew() {
    let loaded = Loaded::new();
    let grown = stats() + MORE;
    std::fs::write(&loaded.stats, grown).expect("the file grows");
    loaded.is_proved();
    loaded.load("logs", &[]);
    assert_eq!(
        loaded.sql("SELECT count(*) FROM dataset WHERE run_id = 'run023' AND status = 'success'"),
        "count\n1\n"
    );
    loaded.is_proved();
}

#[test]
fn a_copy_that_grew() {
    let loaded = Loaded::new();
    let grown = stats() + MORE;
    loaded.world.file("logs/copy.csv", &grown);
    loaded.load("logs/copy.csv", &[]);
    let verdict = loaded.verify(&["--recompute"]);
    assert_eq!(verdict.exit, 0, "{}", verdict.text);
    assert!(
        verdict
            .text
            .contains("stats.csv: as long as when it was loaded, but a copy of it has grown"),
        "{}",
        verdict.text
    );
}

#[test]
fn a_file_edited_in_the_middle() {
    let loaded = Loaded::new();
    let text = stats().replace("run011;run011;run011", "run011;run011;run01l");
    std::fs::write(&loaded.stats, text).expect("the file is edited");
    loaded
        .verify(&["--recompute"])
        .finds(&["sources"], "bytes are not those that were loaded");
}

#[test]
fn a_file_cut() {
    let loaded = Loaded::new();
    std::fs::write(&loaded.stats, &stats()[..500]).expect("the file is cut");
    loaded
        .verify(&[])
        .finds(&["sources"], "shorter than what was loaded from it");
}

#[test]
fn a_file_removed() {
    let loaded = Loaded::new();
    std::fs::remove_file(&loaded.stats).expect("the file is removed");
    let verdict = loaded.verify(&["--recompute"]);
    assert_eq!(verdict.exit, 0, "{}", verdict.text);
    assert!(
        verdict.text.contains("stats.csv: not there any more"),
        "{}",
        verdict.text
    );
}

const MORE: &str = "2026-01-06 23:30:00;run023;run023;run023;77;SALES;load_orders;_x1;0.1;PROD;;end;success;1800000\n";

/// Whoever follows a file has looked at it by then.
const SILENT: Duration = Duration::from_mins(10);

#[test]
fn a_packed_file_that_was_cut() {
    let loaded = Loaded::new();
    let whole = loaded
        .world
        .file("whole.csv", &crate::samples::stats(0..4000));
    let packed = loaded.world.home.path().join("packed.csv.gz");
    crate::pieces::compress(&whole, &packed);
    let bytes = std::fs::read(&packed).expect("it was written");
    std::fs::write(&packed, &bytes[..bytes.len() / 2]).expect("there is room");
    let load = || {
        loaded
            .world
            .run(&["load", "packed.csv.gz", "--as-of", AS_OF])
    };
    assert_eq!(load().exit, 1);
    let cut = loaded.verify(&["--recompute"]);
    cut.finds(&["complete"], "packed.csv.gz");
    assert!(
        cut.text
            .contains("cannot be read to its end (incomplete deflate stream): only its first"),
        "{}",
        cut.text
    );
    std::fs::write(&packed, &bytes).expect("there is room");
    age(&packed, SILENT);
    loaded
        .verify(&[])
        .finds(&["complete"], "a load ended before the end of the file");
    assert_eq!(load().exit, 0);
    loaded.is_proved();
}

#[test]
fn a_parquet_file_that_is_damaged_in_its_second_half() {
    let company = crate::company::Company::simulate(&[
        "--jobs", "100", "--days", "120", "--format", "parquet", "--pieces", "3",
    ]);
    let ends_well = |path: &PathBuf| path.display().to_string().ends_with("_stats.parquet");
    let path = company
        .files()
        .into_iter()
        .find(ends_well)
        .expect("runs are logged");
    let whole = std::fs::read(&path).expect("it was written");
    let mut damaged = whole.clone();
    let at = whole.len() * 4 / 5;
    // Several pages with their headers; what a file says of itself stands behind them.
    damaged[at..whole.len() * 19 / 20].fill(0xff);
    std::fs::write(&path, damaged).expect("there is room");
    let database = own_database();
    let world = World::on(&database.url);
    let load = || {
        let path = path.to_str().expect("UTF-8");
        world.run(&["load", path, "--allow-rejects", "--as-of", &company.as_of])
    };
    let verify = || Verdict::of(&world.run(&["verify", "--recompute", "--format", "json"]));
    let said = load();
    assert_eq!(said.exit, 1, "{}{}", said.stdout, said.stderr);
    verify().finds(
        &["complete"],
        "cannot be read to its end (the Parquet file is damaged",
    );
    std::fs::write(&path, whole).expect("there is room");
    age(&path, SILENT);
    verify().finds(
        &["complete"],
        "a load ended before the end of the file: only its first",
    );
    assert_eq!(load().exit, 0);
    let proved = verify();
    assert_eq!(proved.exit, 0, "{}", proved.text);
}

#[test]
fn a_cut_file_that_is_gone() {
    let loaded = Loaded::new();
    loaded.sql("UPDATE source SET size_bytes = -1 WHERE path LIKE '%stats.csv'");
    std::fs::remove_file(&loaded.stats).expect("the file is removed");
    let verdict = loaded.verify(&[]);
    assert_eq!(verdict.exit, 0, "{}", verdict.text);
    assert!(
        verdict
            .text
            .contains("stats.csv: not there any more, and only its first 49 records are stored"),
        "{}",
        verdict.text
    );
}

/// The process was killed between two batches, or someone reads it now.
#[test]
fn a_load_that_ended_before_its_end() {
    let loaded = Loaded::new();
    std::fs::write(&loaded.stats, stats() + MORE).expect("the file grows");
    loaded.sql("UPDATE source SET size_bytes = -1 WHERE path LIKE '%stats.csv'");
    // Whoever follows the file may be about to read it.
    let told = loaded.verify(&[]);
    assert_eq!(told.exit, 0, "{}", told.text);
    assert!(told.text.contains("was written just now"), "{}", told.text);
    age(&loaded.stats, SILENT);
    loaded.verify(&[]).finds(
        &["complete"],
        "a load ended before the end of the file: only its first 49 records are stored",
    );
    let lineage = loaded.sql("SELECT lineage FROM source WHERE path LIKE '%stats.csv'");
    let lineage: i64 = lineage
        .lines()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("a number");
    let told = crate::tables::connected(&loaded.database.url, async |connection| {
        smartetl_store::checkpoint::lock_lineage(connection, lineage)
            .await
            .expect("the server");
        loaded.verify(&[]).text
    });
    assert!(told.contains("stats.csv: is being read now"), "{told}");
}

#[test]
fn a_file_that_grew_and_is_not_read_yet() {
    let loaded = Loaded::new();
    std::fs::write(&loaded.stats, stats() + MORE).expect("the file grows");
    let verdict = loaded.verify(&[]);
    assert_eq!(verdict.exit, 0, "{}", verdict.text);
    let words = format!(
        "stats.csv: has grown since it was loaded: `smartetl load FILE` reads the {} bytes behind",
        MORE.len()
    );
    assert!(verdict.text.contains(&words), "{}", verdict.text);
}

#[test]
fn a_last_line_that_goes_on() {
    let loaded = Loaded::new();
    let path = loaded
        .world
        .file("half.csv", crate::samples::stats(0..3).trim_end());
    assert_eq!(
        loaded
            .world
            .run(&["load", "half.csv", "--as-of", AS_OF])
            .exit,
        0
    );
    loaded.is_proved();
    let text = crate::samples::stats(0..3).trim_end().to_owned() + "0\n";
    std::fs::write(path, text).expect("the file grows");
    loaded.verify(&[]).finds(
        &["complete"],
        "its last line was loaded before it was complete, and now goes on: 2 bytes are not loaded",
    );
    let told = loaded.world.run(&["verify"]).stdout;
    assert!(told.contains("run `smartetl load FILE` again"), "{told}");
    let again = loaded.world.run(&["load", "half.csv", "--as-of", AS_OF]);
    assert_eq!(again.exit, 0, "{}", again.stdout);
    loaded.is_proved();
}

/// Blank lines are no records, wherever they stand.
#[test]
fn blank_lines_behind_the_end() {
    let loaded = Loaded::new();
    std::fs::write(&loaded.stats, stats() + "\n\r\n\n").expect("the file grows");
    let verdict = loaded.verify(&[]);
    assert_eq!((verdict.exit, verdict.text.as_str()), (0, ""));
}
