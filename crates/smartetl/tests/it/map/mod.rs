//! Logs that nobody knows: `map` proposes a mapping that loads as it is and gives the true runs, or asks about the right columns.

mod raw;
mod sets;

use crate::company::Company;
use crate::support::place;
use crate::truth;
use raw::Raw;
use sets::Set;
use std::fmt::Write as _;
use std::path::Path;

#[test]
fn ten_unknown_sets_of_files() {
    let company = Company::simulate(&[
        "--jobs", "15", "--days", "20", "--seed", "21", "--plain", "--format", "csv",
    ]);
    let raw = Raw::read(&company.logs);
    let folder = tempfile::tempdir().expect("a folder for the sets");
    let sets = sets::all(&raw, folder.path());
    assert_eq!(sets.len(), 10);
    let (mut right, mut report) = (0, String::new());
    for set in &sets {
        let found = of_set(&company, set);
        if found.is_empty() {
            right += 1;
        } else {
            let _ = writeln!(report, "--- {}\n{found}", set.name);
        }
    }
    assert!(right >= 8, "{right} of 10 are right\n{report}");
}

/// What differs from the truth after `map` and `load`, where the set's questions do not name the columns at fault.
fn of_set(company: &Company, set: &Set) -> String {
    let (database, world) = place();
    let mapping = world.home.path().join("mapping.toml");
    let files: Vec<&str> = set.files.iter().map(|file| text(file)).collect();
    let zone = ["--timezone", "Europe/Paris"];
    let map = world.run(&[&["map", "-o", text(&mapping)], &zone[..], &files].concat());
    if map.exit == 2 {
        return map.stderr;
    }
    for column in set.asked {
        if !map.stderr.contains(&format!("`{column}`")) {
            return format!("no question names `{column}`\n{}", map.stderr);
        }
    }
    let load = [
        "load",
        "--as-of",
        &company.as_of,
        "--mapping",
        text(&mapping),
    ];
    let load = world.run(&[&load[..], &files].concat());
    let mut report = String::new();
    if load.exit != 0 {
        let _ = writeln!(report, "load: {}{}", load.stdout, load.stderr);
    }
    report + &truth::dataset_without(company, &database.url, &set.left_out, set.without)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
