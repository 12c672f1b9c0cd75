//! Bad input: each has a clear message and its exit code, and whatever good lies beside it is loaded.

use crate::company::Company;
use crate::pieces::compress;
use crate::samples::{COLUMNS, stats, told};
use crate::support::{PROGRAM, World, place};
use crate::tables::number;
use nix::unistd::Uid;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Loads a bad file beside a good one of ten runs, then the bad one alone; gives what is said both times.
fn beside_a_good_one(name: &str, bytes: &[u8], arguments: &[&str]) -> String {
    let (database, world) = place();
    let delimiter = if arguments.contains(&"--delimiter") {
        ","
    } else {
        ";"
    };
    let good = stats(0..10).replace(';', delimiter);
    world.file("logs/good.csv", &good);
    std::fs::write(world.home.path().join("logs").join(name), bytes).expect("there is room");
    let both = told(&world, &[&["load", "logs"], arguments].concat());
    let good = "SELECT count(*) FROM dataset WHERE run_id < 'r00010'";
    assert_eq!(number(&database.url, good), 10, "{both}");
    let path = format!("logs/{name}");
    let alone = told(&world, &[&["load", &path], arguments].concat());
    format!("beside a good one:\n{both}\nalone:\n{alone}")
}

#[test]
fn empty_file() {
    insta::assert_snapshot!(beside_a_good_one("empty.csv", b"", &[]));
}

#[test]
fn only_a_header() {
    insta::assert_snapshot!(beside_a_good_one("header.csv", COLUMNS.as_bytes(), &[]));
}

#[test]
fn binary_file() {
    let bytes: Vec<u8> = (0..9000_u32)
        .map(|number| (number * 7919 % 256) as u8)
        .collect();
    insta::assert_snapshot!(beside_a_good_one("picture.csv", &bytes, &[]));
}

#[test]
fn no_parquet_although_it_begins_so() {
    insta::assert_snapshot!(beside_a_good_one(
        "rows.parquet",
        b"PAR1 and nothing behind it",
        &[]
    ));
}

/// The decoder's way to give up on some damage is a panic. To a person it is damage like any other.
#[test]
fn parquet_whose_decoder_panics() {
    let company = Company::simulate(&[
        "--jobs", "100", "--days", "120", "--format", "parquet", "--pieces", "3",
    ]);
    let ends_well = |path: &PathBuf| path.display().to_string().ends_with("_stats.parquet");
    let path = company.files().into_iter().find(ends_well);
    let mut bytes = std::fs::read(path.expect("runs are logged")).expect("it was written");
    let (from, until) = (bytes.len() * 600 / 1000, bytes.len() * 601 / 1000);
    bytes[from..until].fill(0xff);
    let (_database, world) = place();
    let damaged = world.home.path().join("damaged.parquet");
    std::fs::write(damaged, bytes).expect("there is room");
    let load = world.run(&["load", "damaged.parquet"]);
    let said = load.stdout + &load.stderr;
    assert!(
        said.contains("the Parquet file is damaged: Num of bytes exceed MAX_VLQ_BYTE_LEN"),
        "another damage is needed, at which the decoder panics: {said}"
    );
    assert!(
        !said.contains("panicked") && !said.contains("backtrace"),
        "{said}"
    );
}

#[test]
fn wrong_delimiter_forced() {
    let bytes = stats(50..60);
    insta::assert_snapshot!(beside_a_good_one(
        "stats.csv",
        bytes.as_bytes(),
        &["--delimiter", ","]
    ));
}

#[test]
fn a_column_missing() {
    let without: String = stats(50..60)
        .lines()
        .map(|line| {
            let mut fields: Vec<&str> = line.split(';').collect();
            fields.remove(1);
            fields.join(";") + "\n"
        })
        .collect();
    insta::assert_snapshot!(beside_a_good_one("stats.csv", without.as_bytes(), &[]));
}

#[test]
fn columns_of_something_else() {
    insta::assert_snapshot!(beside_a_good_one(
        "people.csv",
        b"name;age\nann;31\nbob;32\n",
        &[]
    ));
}

#[test]
fn lines_that_are_no_records() {
    let mut text = stats(50..52);
    text.push_str("2026-01-01 25:99:00;r1;r1;r1;1;SALES;load_orders;_x1;0.1;PROD;;begin;;\nonly;three;fields\n");
    text.push_str(
        stats(52..53)
            .strip_prefix(COLUMNS)
            .expect("it begins with its header"),
    );
    insta::assert_snapshot!(beside_a_good_one("stats.csv", text.as_bytes(), &[]));
}

#[test]
fn packed_and_cut() {
    let (database, world) = place();
    world.file("logs/good.csv", &stats(0..10));
    let whole = world.file("stats.csv", &stats(100..4000));
    let packed = world.home.path().join("logs/stats.csv.gz");
    compress(&whole, &packed);
    let bytes = std::fs::read(&packed).expect("it was written");
    std::fs::write(&packed, &bytes[..bytes.len() / 2]).expect("there is room");
    insta::assert_snapshot!(told(&world, &["load", "logs"]));
    let runs = || number(&database.url, "SELECT count(*) FROM dataset");
    let before = runs();
    assert!(before > 1000, "the rows before the cut are there: {before}");
    assert_eq!(world.run(&["load", "logs"]).exit, 1);
    assert_eq!(runs(), before);
    std::fs::write(&packed, &bytes).expect("there is room");
    world.run(&["load", "logs"]).done();
    assert_eq!(runs(), 3910);
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 7820);
    world.run(&["verify", "--recompute"]).done();
}

#[test]
fn unknown_dialect() {
    let (_database, world) = place();
    world.file("logs/good.csv", &stats(0..10));
    insta::assert_snapshot!(told(&world, &["load", "logs", "--dialect", "talnd"]));
}

#[test]
fn missing_path() {
    let (database, world) = place();
    world.file("logs/good.csv", &stats(0..10));
    insta::assert_snapshot!(told(
        &world,
        &["load", "logs", "nowhere.csv", "archive/*.csv"]
    ));
    assert_eq!(number(&database.url, "SELECT count(*) FROM dataset"), 10);
    insta::assert_snapshot!(told(&world, &["load", "nowhere.csv"]));
}

#[test]
fn a_folder_without_anything() {
    let (_database, world) = place();
    std::fs::create_dir(world.home.path().join("logs")).expect("a folder");
    insta::assert_snapshot!(told(&world, &["load", "logs"]));
}

#[test]
fn without_rights() {
    let (database, world) = place();
    world.file("logs/good.csv", &stats(0..10));
    world.file("logs/secret.csv", &stats(50..60));
    world.file("logs/locked/stats.csv", &stats(60..70));
    let allow = |name: &str, mode: u32| {
        let path = world.home.path().join(name);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("it is ours");
    };
    for (name, mode) in [
        ("", 0o755),
        ("logs/secret.csv", 0o000),
        ("logs/locked", 0o000),
    ] {
        allow(name, mode);
    }
    let program = world.home.path().join("smartetl");
    std::fs::copy(PROGRAM, &program).expect("there is room");
    let load = |path: &str| {
        let output = as_nobody(&world, &program, &["load", path])
            .output()
            .expect("it starts");
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        let said = said
            .lines()
            .filter(|line| !line.starts_with("took "))
            .collect::<Vec<_>>()
            .join("\n");
        format!(
            "exit: {}\n{said}\n",
            output.status.code().expect("it is not killed")
        )
    };
    let said = [load("logs"), load("logs/locked"), load("logs/secret.csv")].join("\n");
    allow("logs/locked", 0o755);
    insta::assert_snapshot!(said);
    assert_eq!(number(&database.url, "SELECT count(*) FROM dataset"), 10);
}

/// The program as a user who owns nothing. Root may read everything, so that it has to step down.
fn as_nobody(world: &World, program: &Path, arguments: &[&str]) -> Command {
    if !Uid::effective().is_root() {
        return world.command(arguments);
    }
    let mut command = Command::new("setpriv");
    let nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    command.args(nobody).arg("--").arg(program).args(arguments);
    let mut command = world.around(command);
    command.env("PATH", "/usr/bin:/bin");
    command
}

/// One absurd row must not stop the fuse of all others.
#[test]
fn durations_that_nothing_can_have() {
    let (database, world) = place();
    let mut text = stats(0..10);
    for (number, duration) in [
        9_000_000_000_000_000,
        200_000_000_000_000,
        i64::MAX,
        i64::MIN,
    ]
    .into_iter()
    .enumerate()
    {
        let who = format!("odd{number};odd{number};odd{number};77;SALES;odd;_x1;0.1;PROD;");
        let _ = writeln!(text, "2026-01-05 03:20:00;{who};end;success;{duration}");
    }
    world.file("stats.csv", &text);
    world.run(&["load", "stats.csv"]).done();
    world.run(&["verify", "--recompute"]).done();
    let odd = "SELECT count(*) FROM dataset WHERE job = 'odd' AND started_at = ended_at AND duration_ms IS NULL \
         AND business_day = '2026-01-05'";
    assert_eq!(number(&database.url, odd), 4);
    assert_eq!(number(&database.url, "SELECT count(*) FROM dataset"), 14);
}

/// Two such names can look the same where they are shown: the ledger could not tell them apart.
#[test]
fn a_name_that_is_no_text() {
    use std::os::unix::ffi::OsStrExt;
    let (database, world) = place();
    world.file("logs/good.csv", &stats(0..10));
    let name = std::ffi::OsStr::from_bytes(b"logs/\xe9t\xe9.csv");
    std::fs::write(world.home.path().join(name), stats(10..20)).expect("a file");
    let told = told(&world, &["load", "logs"]);
    assert!(
        told.contains("the name of this file is no text in UTF-8"),
        "{told}"
    );
    assert!(told.contains("rename the file"), "{told}");
    assert_eq!(number(&database.url, "SELECT count(*) FROM dataset"), 10);
}

#[test]
fn an_environment_that_nobody_knows() {
    let (database, world) = place();
    world.file("stats.csv", &stats(0..10));
    let load = ["load", "stats.csv", "--environment", "BATCH"];
    let refused = world.run(&load);
    assert_eq!(refused.exit, 2, "{}", refused.stderr);
    let [error, hint] = [
        "error: --environment: `BATCH` does not name one environment",
        "hint: known are DEV, PROD, REC, SMARTETL;",
    ];
    assert!(refused.stderr.starts_with(error), "{}", refused.stderr);
    assert!(refused.stderr.contains(hint), "{}", refused.stderr);
    let named = [&["--set", "environments.BATCH=batch"], &load[..]].concat();
    world.run(&named).done();
    let batch = "SELECT count(*) FROM dataset WHERE environment = 'BATCH'";
    assert_eq!(number(&database.url, batch), 10);
}

#[test]
fn a_small_packed_file_with_something_behind_it() {
    let (database, world) = place();
    let whole = world.file("stats.csv", &stats(0..10));
    let packed = world.home.path().join("stats.csv.gz");
    compress(&whole, &packed);
    let mut bytes = std::fs::read(&packed).expect("it was written");
    bytes.extend_from_slice(b"what a broken transfer left");
    std::fs::write(&packed, bytes).expect("there is room");
    let told = told(&world, &["load", "stats.csv.gz"]);
    let why = "behind the compressed data stand bytes that are no gzip";
    assert!(told.contains(why), "{told}");
    assert!(told.contains("cut these bytes off"), "{told}");
    assert_eq!(number(&database.url, "SELECT count(*) FROM dataset"), 10);
}
