//! What goes back, goes back for all: a moment that more rows make another one, a clock, the habits of a job. Fused piece
//! by piece or at once, the result is the same.

use crate::processes::Dice;
use crate::samples::{COLUMNS, stats};
use crate::support::{World, place};
use crate::tables::{assert_same_content, number, rows};
use smartetl_testkit::TestDatabase;
use std::fmt::Write as _;

/// A run's row of `tStatCatcher`.
struct Stat<'s> {
    at: &'s str,
    run: &'s str,
    job: &'s str,
    project: &'s str,
    kind: &'s str,
    duration: &'s str,
}

impl Stat<'_> {
    fn text(&self) -> String {
        let Self {
            at,
            run,
            job,
            project,
            kind,
            duration,
        } = self;
        let message = if *kind == "end" { "success" } else { "" };
        format!(
            "{at};{run};{run};{run};77;{project};{job};_x1;0.1;PROD;;{kind};{message};{duration}\n"
        )
    }
}

fn stat<'s>(at: &'s str, run: &'s str, job: &'s str, kind: &'s str) -> Stat<'s> {
    Stat {
        at,
        run,
        job,
        project: "SALES",
        kind,
        duration: "",
    }
}

fn file(stats: &[Stat<'_>]) -> String {
    stats
        .iter()
        .fold(COLUMNS.to_owned(), |text, stat| text + &stat.text())
}

/// A database into which files are loaded one by one.
struct Place {
    world: World,
    database: TestDatabase,
    files: usize,
}

impl Place {
    fn new() -> Self {
        let (database, world) = place();
        Self {
            world,
            database,
            files: 0,
        }
    }

    fn load(&mut self, text: &str, as_of: &str) {
        self.files += 1;
        let path = self.world.file(&format!("{}.csv", self.files), text);
        let path = path.to_str().expect("UTF-8");
        self.world.run(&["load", path, "--as-of", as_of]).done();
    }

    fn status(&self, run: &str) -> String {
        let statement = format!("SELECT ARRAY[status] FROM dataset WHERE run_id = '{run}'");
        rows(&self.database.url, &statement).concat().concat()
    }

    /// What everything folded again says; empty when it is what is stored.
    fn unproved(&self) -> String {
        let verify = self.world.run(&["verify", "--recompute"]);
        if verify.exit == 0 {
            String::new()
        } else {
            verify.stdout
        }
    }
}

/// Loads two files one after the other, and in the other order: both give the same. The status of a run is `before` after
/// the first file, and `after` at last.
#[track_caller]
fn check_both_orders(first: &str, second: &str, as_of: &str, run: &str, before: &str, after: &str) {
    let mut place = Place::new();
    place.load(first, as_of);
    assert_eq!(place.status(run), before);
    place.load(second, as_of);
    assert_eq!(place.status(run), after);
    assert_eq!(place.unproved(), "");
    let mut other = Place::new();
    other.load(second, as_of);
    other.load(first, as_of);
    assert_same_content("the other order", &place.database.url, &other.database.url);
}

/// 02:20 is first read as the later one, since its run began at 02:50. When an earlier begin comes it is the earlier one,
/// and nothing was logged 81 minutes after the other run's last row.
#[test]
fn a_horizon_in_the_hour_that_comes_twice() {
    let first = file(&[
        stat("2025-10-26 01:59:00", "open", "load_stock", "begin"),
        stat("2025-10-26 02:50:00", "twice", "load_orders", "begin"),
        stat("2025-10-26 02:20:00", "twice", "load_orders", "end"),
    ]);
    let second = file(&[stat("2025-10-26 02:10:00", "twice", "load_orders", "begin")]);
    let as_of = "2025-10-27T00:00:00Z";
    check_both_orders(&first, &second, as_of, "open", "lost", "unverified");
}

/// A run of the job turns out to be one of a job with a longer name, so that the job's runs are long ones.
#[test]
fn the_habits_of_a_job_whose_name_was_cut() {
    let long = "LOAD_WAREHOUSE_STOCK_MOVEMENTS_OF_ALL_PLATFORMS_ABCD";
    let cut = &long[..50];
    let first = file(&[
        stat("2026-01-06 00:00:00", "short", cut, "begin"),
        stat("2026-01-06 00:01:00", "short", cut, "end"),
        stat("2026-01-06 01:00:00", "long", cut, "begin"),
        stat("2026-01-06 11:00:00", "long", cut, "end"),
        stat("2026-01-06 12:00:00", "open", cut, "begin"),
        stat("2026-01-06 20:00:00", "other", "load_orders", "begin"),
        stat("2026-01-06 20:01:00", "other", "load_orders", "end"),
    ]);
    let second = file(&[stat("2026-01-06 00:00:00", "short", long, "begin")]);
    let as_of = "2026-01-06T20:00:00Z";
    check_both_orders(&first, &second, as_of, "open", "lost", "running");
}

#[test]
fn a_clock_that_goes_back() {
    let text = file(&[
        stat("2026-01-06 06:00:00", "open", "load_stock", "begin"),
        stat("2026-01-06 12:00:00", "other", "load_orders", "begin"),
        stat("2026-01-06 12:01:00", "other", "load_orders", "end"),
    ]);
    let mut place = Place::new();
    place.load(&text, "2026-01-06T12:00:00Z");
    assert_eq!(place.status("open"), "lost");
    let earlier = "2026-01-06T05:30:00Z";
    place.world.run(&["fuse", "--as-of", earlier]).done();
    assert_eq!(place.status("open"), "running");
    assert_eq!(place.unproved(), "");
}

/// Nights made to be nasty: few runs, many rows of the same minutes, cut names, clocks in any order.
#[test]
fn any_rows_of_the_autumn_night_in_any_order() {
    for seed in 0..16 {
        let mut dice = Dice(seed);
        let mut place = Place::new();
        let mut told = String::new();
        for _ in 0..4 {
            let (text, as_of) = (any_rows(&mut dice), any_clock(&mut dice));
            let _ = write!(told, "--as-of {as_of}\n{text}");
            place.load(&text, &as_of);
            let unproved = place.unproved();
            assert_eq!(unproved, "", "seed {seed}\n{told}");
        }
    }
}

fn any_rows(dice: &mut Dice) -> String {
    let long = "LOAD_WAREHOUSE_STOCK_MOVEMENTS_OF_ALL_PLATFORMS_ABCD";
    let jobs = [long, &long[..50], "load_orders"];
    let mut text = COLUMNS.to_owned();
    for _ in 0..2 + dice.below(5) {
        let (hour, minute) = ([1, 2, 2, 2, 3][dice.below(5)], 5 * dice.below(12));
        let kind = ["begin", "begin", "end"][dice.below(3)];
        let duration = if kind == "end" {
            ["", "600000", "4200000"][dice.below(3)]
        } else {
            ""
        };
        let row = Stat {
            at: &format!("2025-10-26 {hour:02}:{minute:02}:00"),
            run: ["r1", "r2", "r3", "r4", "r5"][dice.below(5)],
            job: jobs[dice.below(3)],
            project: ["SALES", "SALES", ""][dice.below(3)],
            kind,
            duration,
        };
        text.push_str(&row.text());
    }
    text
}

fn any_clock(dice: &mut Dice) -> String {
    let hour = [1, 2, 4][dice.below(3)];
    format!("2025-10-26T{hour:02}:30:00Z")
}

/// A fuse reads the other runs of the days it touches: what somebody wrote there must not end all fuses without a word.
#[test]
fn a_run_that_somebody_changed_is_told_and_computed_again() {
    let (database, world) = place();
    let path = world.file("logs/a.csv", &stats(0..3));
    let load = || world.run(&["load", "logs"]);
    load().done();
    let change = "UPDATE dataset SET status = 'finished' WHERE run_id = 'r00001'";
    world.run(&["sql", "--write", change]).done();
    std::fs::write(&path, stats(0..4)).expect("there is room");
    let told = load();
    assert_eq!(told.exit, 2, "{}{}", told.stdout, told.stderr);
    for words in ["`finished` is stored", "`smartetl fuse --full`"] {
        assert!(told.stderr.contains(words), "{}", told.stderr);
    }
    world.run(&["fuse", "--full"]).done();
    let good = "SELECT count(*) FROM dataset WHERE status = 'success'";
    assert_eq!(number(&database.url, good), 4);
}
