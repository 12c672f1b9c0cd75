//! Error logs that name a run and no tree: whatever was loaded first, in how many pieces, and taken back in between, their errors come to
//! the runs that they speak of.

use crate::company::Company;
use crate::map::raw::{Raw, Record, Sheet, split};
use crate::processes::Dice;
use crate::samples::{COLUMNS, ERROR_COLUMNS};
use crate::support::{Answer, World, place};
use crate::tables::{assert_same_content, number, rows};
use smartetl_testkit::TestDatabase;
use std::path::PathBuf;
use tempfile::TempDir;

/// The columns that a header names.
fn columns(header: &'static str) -> Vec<&'static str> {
    header.trim_end().split(';').collect()
}

/// So many files of each kind.
const PIECES: usize = 5;

/// A company whose catchers of errors know the run only.
pub struct Forgetful {
    pub company: Company,
    runs: Vec<PathBuf>,
    errors: Vec<PathBuf>,
    _folder: TempDir,
}

impl Forgetful {
    fn new(seed: u64) -> Self {
        Self::of_days(seed, "25")
    }

    pub fn of_days(seed: u64, days: &str) -> Self {
        let number = seed.to_string();
        let company = Company::simulate(&[
            "--jobs", "14", "--days", days, "--seed", &number, "--plain", "--format", "csv",
        ]);
        let raw = Raw::read(&company.logs);
        let folder = tempfile::tempdir().expect("a folder");
        let mut dice = Dice(seed);
        let mut pieces =
            |name: &str, header: &[&'static str], records: &[Record]| -> Vec<PathBuf> {
                let mut heaps = vec![Vec::new(); PIECES];
                for record in records {
                    let row = header.iter().map(|column| record[*column].clone());
                    heaps[dice.below(PIECES)].push(row.collect());
                }
                let files = heaps.into_iter().enumerate().map(|(at, heap)| {
                    let path = folder.path().join(format!("{name}_{at}.csv"));
                    Sheet::new(header, heap.into_iter()).csv(&path, ';', encoding_rs::UTF_8, true)
                });
                files.collect()
            };
        let runs = pieces("stats", &columns(COLUMNS), &raw.stats);
        let errors: Vec<Record> = raw.logs.iter().map(without_tree).collect();
        let errors = pieces("logs", &columns(ERROR_COLUMNS), &errors);
        Self {
            company,
            runs,
            errors,
            _folder: folder,
        }
    }

    pub fn all(&self) -> Vec<PathBuf> {
        [&self.runs[..], &self.errors].concat()
    }

    pub fn load(&self, world: &World, files: &[PathBuf]) {
        self.run(world, &["load", "--timezone", "Europe/Paris"], files);
    }

    fn unload(&self, world: &World, files: &[PathBuf]) {
        self.run(world, &["unload"], files);
    }

    fn run(&self, world: &World, words: &[&str], files: &[PathBuf]) -> Answer {
        let paths = files.iter().map(|path| path.to_str().expect("UTF-8"));
        let as_of = ["--as-of", self.company.as_of.as_str()];
        let arguments: Vec<&str> = words.iter().copied().chain(as_of).chain(paths).collect();
        world.run(&arguments).done()
    }

    /// These files at once: what all others must equal.
    fn at_once(&self, files: &[PathBuf]) -> TestDatabase {
        let (database, world) = place();
        self.load(&world, files);
        world.run(&["verify", "--recompute"]).done();
        database
    }
}

/// The record names its own run as its tree, as a root does.
fn without_tree(record: &Record) -> Record {
    let mut forgetful = record.clone();
    for column in ["root_pid", "father_pid"] {
        forgetful.insert(column.to_owned(), record["pid"].clone());
    }
    forgetful
}

const INFERRED: &str = "SELECT count(*) FROM dataset WHERE 'tree_inferred' = ANY (quality_reasons)";

/// All that the fold says but how sure it is. Runs that log errors only have nothing to be found by.
const FOUND: &str = "SELECT ARRAY[(to_jsonb(t) - '{batches,fused_at,as_of,quality,quality_reasons}'::text[])::text] FROM dataset t \
     WHERE root_run_key NOT IN (SELECT root_run_key FROM dataset WHERE evidence = 'errors_only') ORDER BY 1";

#[test]
fn errors_without_a_tree_give_the_runs_that_errors_with_one_give() {
    let forgetful = Forgetful::new(41);
    let found = forgetful.at_once(&forgetful.all());
    let (database, world) = place();
    let logs = forgetful.company.logs.clone();
    forgetful.load(
        &world,
        &["stats.csv", "logs.csv"].map(|name| logs.join(name)),
    );
    assert_eq!(rows(&found.url, FOUND), rows(&database.url, FOUND));
    let inferred = number(&found.url, INFERRED);
    assert!(inferred >= 5, "{inferred}");
    assert_eq!(number(&database.url, INFERRED), 0);
}

#[test]
fn whatever_comes_first() {
    for seed in [42, 43] {
        let forgetful = Forgetful::new(seed);
        let at_once = forgetful.at_once(&forgetful.all());
        let (runs, errors) = (&forgetful.runs, &forgetful.errors);
        let mut mixed = forgetful.all();
        Dice(seed).shuffle(&mut mixed);
        let orders: [Vec<Vec<PathBuf>>; 3] = [
            vec![runs.clone(), errors.clone()],
            vec![errors.clone(), runs.clone()],
            mixed.chunks(1).map(<[PathBuf]>::to_vec).collect(),
        ];
        for (number, heaps) in orders.into_iter().enumerate() {
            let (database, world) = place();
            for heap in heaps {
                forgetful.load(&world, &heap);
            }
            let what = format!("seed {seed}, order {number}");
            assert_same_content(&what, &at_once.url, &database.url);
            world.run(&["verify", "--recompute"]).done();
        }
    }
}

#[test]
fn what_is_taken_back_gives_the_errors_back() {
    let forgetful = Forgetful::new(44);
    let all = forgetful.all();
    let at_once = forgetful.at_once(&all);
    let mut mixed = all.clone();
    Dice(44).shuffle(&mut mixed);
    mixed.truncate(PIECES);
    let (database, world) = place();
    forgetful.load(&world, &all);
    for back in [&forgetful.errors, &forgetful.runs, &mixed] {
        let stay: Vec<PathBuf> = all
            .iter()
            .filter(|path| !back.contains(path))
            .cloned()
            .collect();
        for some in back.chunks(2) {
            forgetful.unload(&world, some);
        }
        let only = forgetful.at_once(&stay);
        assert_same_content("taken back", &only.url, &database.url);
        world.run(&["verify", "--recompute"]).done();
        forgetful.load(&world, back);
        assert_same_content("loaded again", &at_once.url, &database.url);
    }
}

#[test]
fn scheduled_fuses_and_the_fold_without_a_database_give_the_same() {
    let forgetful = Forgetful::new(45);
    let at_once = forgetful.at_once(&forgetful.all());
    let (database, world) = place();
    for heap in forgetful.all().chunks(3) {
        let scheduled = ["--set", "fuse.mode=scheduled"];
        let load = ["load", "--timezone", "Europe/Paris"];
        forgetful.run(&world, &[&load[..], &scheduled].concat(), heap);
    }
    forgetful.run(&world, &["fuse"], &[]);
    assert_same_content("scheduled", &at_once.url, &database.url);
    let direct = ["fuse", "--to", "-", "--timezone", "Europe/Paris"];
    let csv = forgetful.run(&world, &direct, &forgetful.all()).stdout;
    let mut direct = split(&csv, ',').into_iter();
    let names = direct.next().expect("a header");
    let wanted = ["run_key", "parent_run_key", "errors", "cause_signature"];
    let at = wanted.map(|name| names.iter().position(|column| column == name).expect(name));
    let mut direct: Vec<Vec<String>> = direct
        .map(|row| at.iter().map(|at| row[*at].clone()).collect())
        .collect();
    direct.sort();
    let stored = "SELECT ARRAY[run_key::text, parent_run_key::text, errors::text, cause_signature::text] FROM dataset";
    let mut stored = rows(&database.url, stored);
    stored.sort();
    assert_eq!(direct, stored);
}
