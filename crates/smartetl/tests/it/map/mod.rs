//! Logs that nobody knows: `map` proposes a mapping that loads as it is and gives the true runs, or asks about the right columns.

pub mod raw;
mod sets;
mod sets_of_events;
mod sets_of_runs;
mod told;

use crate::company::Company;
use crate::support::{World, place};
use crate::truth;
use raw::Raw;
use sets::Set;
use std::fmt::Write as _;
use std::path::Path;

#[test]
fn unknown_sets_of_files() {
    let company = Company::simulate(&[
        "--jobs", "15", "--days", "20", "--seed", "21", "--plain", "--format", "csv",
    ]);
    let raw = Raw::read(&company.logs);
    let folder = tempfile::tempdir().expect("a folder for the sets");
    let sets = sets::all(&raw, folder.path());
    let mut report = String::new();
    for set in &sets {
        let found = of_set(&company, set);
        if !found.is_empty() {
            let _ = writeln!(report, "--- {}\n{found}", set.name);
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// The tables of Airflow as they are, read by a mapping that knows nothing of Airflow, give the runs that the shipped mappings
/// give.
#[test]
fn tables_of_airflow() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/airflow");
    let [runs, tasks] =
        ["dag_run.csv", "task_instance.csv"].map(|name| text(&samples.join(name)).to_owned());
    for files in [vec![&runs, &tasks], vec![&tasks], vec![&runs]] {
        let files: Vec<&str> = files.into_iter().map(String::as_str).collect();
        let fold = |more: &[&str], world: &World| {
            let options = ["fuse", "--to", "-", "--as-of", "2026-11-24T12:00:00Z"];
            let answer = world.run(&[&options[..], more, &files].concat()).done();
            runs_of(&answer.stdout)
        };
        let world = World::new().in_paris();
        let map = [
            "map",
            "-o",
            "m.toml",
            "--timezone",
            "UTC",
            "--name",
            "airflow",
        ];
        world.run(&[&map[..], &files].concat()).done();
        let proposed = fold(&["--mapping", "m.toml"], &world);
        let shipped = fold(&[], &world);
        assert_eq!(proposed, shipped, "{files:?}");
        assert_eq!(shipped.len(), 1);
    }
}

/// The runs of a CSV of `fuse`, without when they were made.
fn runs_of(csv: &str) -> Vec<Vec<(String, String)>> {
    let mut rows = raw::split(csv, ',').into_iter();
    let names = rows.next().expect("a header");
    rows.map(|row| {
        let named = names.iter().cloned().zip(row);
        named.filter(|(name, _)| name != "fused_at").collect()
    })
    .collect()
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
