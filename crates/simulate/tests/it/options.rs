//! Options, layouts and seeds.

use crate::read::log_file;
use smartetl_simulate::{Format, Options, SimulateError, simulate};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

/// All files below a folder with their bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").to_path_buf();
                files.insert(name, std::fs::read(path).expect("a file"));
            }
        }
    }
    files
}

#[test]
fn a_seed_gives_one_world() {
    let made: Vec<_> = [5, 5, 6]
        .map(|seed| {
            let folder = folder();
            simulate(&Options::new(25, 40, seed, folder.path())).expect("a world");
            contents(folder.path())
        })
        .into();
    assert!(made[0] == made[1], "the same seed gives the same bytes");
    assert!(made[0] != made[2], "another seed gives another world");
}

#[test]
fn the_smallest_company_has_a_night() {
    for seed in 0..8 {
        let folder = folder();
        let summary = simulate(&Options::new(1, 1, seed, folder.path())).expect("a world");
        assert!(summary.runs > 0 && summary.rows_log > 0, "{summary:?}");
    }
}

#[test]
fn the_layout_changes_files_only() {
    let mut rows = Vec::new();
    for (format, plain, pieces, expected) in [
        (Format::Both, false, None, 0..30),
        (Format::Csv, true, None, 3..4),
        (Format::Parquet, true, None, 3..4),
        (Format::Parquet, false, None, 9..30),
        (Format::Csv, false, Some(60), 50..70),
    ] {
        let folder = folder();
        let options = Options {
            format,
            plain,
            pieces,
            ..Options::new(30, 60, 8, folder.path())
        };
        let summary = simulate(&options).expect("a world");
        assert!(
            expected.contains(&summary.files.len()),
            "{format:?} {plain} {pieces:?}: {}",
            summary.files.len()
        );
        let read: usize = summary
            .files
            .iter()
            .map(|path| log_file(path).records.len())
            .sum();
        assert_eq!(
            read as u64,
            summary.rows_log + summary.rows_logerreur + summary.rejects
        );
        rows.push((
            summary.rows,
            std::fs::read(folder.path().join("truth/dataset.csv")).expect("a truth"),
        ));
    }
    assert!(
        rows.windows(2).all(|pair| pair[0] == pair[1]),
        "the world is the same whatever the files look like"
    );
}

#[test]
fn impossible_wishes_are_refused() {
    let folder = folder();
    for (jobs, days) in [(0, 1), (1, 0), (1, 40_000)] {
        let refused = simulate(&Options::new(jobs, days, 0, folder.path()));
        assert!(
            matches!(refused, Err(SimulateError::Options { .. })),
            "{jobs} jobs, {days} days"
        );
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = folder();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").expect("a file");
    let error =
        simulate(&Options::new(3, 3, 0, file.join("below"))).expect_err("no folder below a file");
    assert!(error.to_string().contains("file/below"), "{error}");
}

#[test]
fn the_last_day_is_fixed_unless_the_first_is_given() {
    let folder = folder();
    let start = |days: u32, start: Option<&str>| {
        let options = Options {
            start: start.map(|day| day.parse().expect("a day")),
            ..Options::new(1, days, 1, folder.path())
        };
        simulate(&options).expect("a world").start
    };
    assert_eq!(start(1, None), "2025-12-31");
    assert_eq!(start(31, None), "2025-12-01");
    assert_eq!(start(31, Some("2024-03-20")), "2024-03-20");
    assert_eq!(start(13_500, None), "1990-01-02");
}
