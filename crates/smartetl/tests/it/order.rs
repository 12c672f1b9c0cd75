//! The result depends on what was loaded, never on the order, on how often it was fused in between, or on the size of the
//! batches.

use crate::company::Company;
use crate::processes::Dice;
use crate::support::{World, place};
use crate::tables::assert_same_content;
use smartetl_testkit::TestDatabase;

fn company() -> Company {
    Company::simulate(&["--jobs", "30", "--days", "45", "--seed", "11"])
}

/// Loads, with more arguments.
fn load(world: &World, company: &Company, arguments: &[&str]) {
    let load = ["load", "--allow-rejects", "--as-of", &company.as_of];
    world.run(&[&load, arguments].concat()).done();
}

/// Everything at once: what all others must equal.
fn at_once(company: &Company) -> TestDatabase {
    let (database, world) = place();
    load(&world, company, &[company.logs.to_str().expect("UTF-8")]);
    database
}

/// The files in any order, in so many heaps.
fn heaps(company: &Company, count: usize, seed: u64) -> Vec<Vec<String>> {
    let mut files = company.files();
    Dice(seed).shuffle(&mut files);
    let mut heaps = vec![Vec::new(); count];
    for (at, file) in files.into_iter().enumerate() {
        heaps[at % count].push(file.to_str().expect("UTF-8").to_owned());
    }
    heaps
}

fn arguments(heap: &[String]) -> Vec<&str> {
    heap.iter().map(String::as_str).collect()
}

#[test]
fn seven_loads_with_fuses_between_equal_one() {
    let company = company();
    let clean = at_once(&company);
    for seed in [1, 2, 3] {
        let (database, world) = place();
        for heap in heaps(&company, 7, seed) {
            load(&world, &company, &arguments(&heap));
        }
        assert_same_content(&format!("order {seed}"), &clean.url, &database.url);
        let full = world
            .run(&["fuse", "--full", "--as-of", &company.as_of])
            .done();
        assert!(
            full.stdout.contains("everything folded again"),
            "{}",
            full.stdout
        );
        assert_same_content(
            &format!("order {seed}, all of it folded again"),
            &clean.url,
            &database.url,
        );
    }
}

#[test]
fn fused_once_behind_all_loads_equals_fused_with_them() {
    let company = company();
    let clean = at_once(&company);
    let (database, world) = place();
    for heap in heaps(&company, 4, 4) {
        let scheduled = ["--set", "fuse.mode=scheduled"];
        load(
            &world,
            &company,
            &[&scheduled[..], &arguments(&heap)].concat(),
        );
    }
    let count = "SELECT count(*) FROM dataset";
    assert_eq!(crate::tables::number(&database.url, count), 0);
    world.run(&["fuse", "--as-of", &company.as_of]).done();
    assert_same_content("fused once", &clean.url, &database.url);
}

#[test]
fn the_clock_of_earlier_fuses_leaves_no_trace() {
    let company = company();
    let clean = at_once(&company);
    let (database, world) = place();
    for (heap, as_of) in heaps(&company, 3, 5).into_iter().zip([
        "2025-01-10T00:00:00Z",
        "2025-02-02T03:04:05Z",
        "2027-01-01T00:00:00Z",
    ]) {
        let load = ["load", "--allow-rejects", "--as-of", as_of];
        world.run(&[&load[..], &arguments(&heap)].concat()).done();
    }
    world.run(&["fuse", "--as-of", &company.as_of]).done();
    assert_same_content("fused with other clocks before", &clean.url, &database.url);
}

#[test]
fn the_size_of_the_batches_does_not_matter() {
    let company = company();
    let clean = at_once(&company);
    for batch in ["100", "16000"] {
        let (database, world) = place();
        let set = format!("load.batch_records={batch}");
        let logs = company.logs.to_str().expect("UTF-8");
        load(&world, &company, &["--set", &set, logs]);
        assert_same_content(&set, &clean.url, &database.url);
    }
}
