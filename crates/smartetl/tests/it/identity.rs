//! What counts is the content of a file and how far it was read, never its name.

use crate::pieces::compress;
use crate::running::Up;
use crate::samples::{COLUMNS, ERROR_COLUMNS, stats, told};
use crate::support::{World, place};
use crate::tables::{assert_same_content, number};
use smartetl_testkit::TestDatabase;
use std::path::Path;

/// A folder of logs, and a database that counts.
struct Place {
    world: World,
    database: TestDatabase,
}

impl Place {
    fn new() -> Self {
        let (database, world) = place();
        Self { world, database }
    }

    fn write(&self, name: &str, text: &str) {
        self.world.file(&format!("logs/{name}"), text);
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.world.home.path().join("logs").join(name)
    }

    /// Loads the folder, expecting this exit code; what it says.
    fn load(&self, exit: i32) -> String {
        self.load_with(exit, &[])
    }

    fn load_with(&self, exit: i32, arguments: &[&str]) -> String {
        let text = told(&self.world, &[&["load", "logs"], arguments].concat());
        assert!(text.starts_with(&format!("exit: {exit}\n")), "{text}");
        text
    }

    /// How many runs, and how many rows of `log`.
    fn holds(&self) -> (i64, i64) {
        let count =
            |table: &str| number(&self.database.url, &format!("SELECT count(*) FROM {table}"));
        (count("dataset"), count("log"))
    }

    fn verified(self) {
        self.world.run(&["verify", "--recompute"]).done();
    }
}

#[test]
fn again_and_grown() {
    let place = Place::new();
    place.write("stats.csv", &stats(0..5));
    place.load(0);
    assert_eq!(place.holds(), (5, 10));
    insta::assert_snapshot!(place.load(0));
    assert_eq!(place.holds(), (5, 10));
    place.write("stats.csv", &stats(0..9));
    insta::assert_snapshot!(place.load(0));
    assert_eq!(place.holds(), (9, 18));
    place.verified();
}

#[test]
fn copied_renamed_compressed_and_grown_elsewhere() {
    let place = Place::new();
    place.write("stats.csv", &stats(0..5));
    place.load(0);
    std::fs::copy(place.path("stats.csv"), place.path("copy.csv")).expect("a copy");
    compress(&place.path("stats.csv"), &place.path("stats.csv.gz"));
    std::fs::rename(place.path("stats.csv"), place.path("old.csv")).expect("a new name");
    place.load(0);
    assert_eq!(place.holds(), (5, 10));
    place.write("grown.csv", &stats(0..7));
    place.load(0);
    assert_eq!(place.holds(), (7, 14));
    std::fs::remove_file(place.path("grown.csv")).expect("it is there");
    // The copies are behind now, and nobody grew them.
    place.load(0);
    compress_text(&stats(0..8), &place.path("stats.csv.gz"));
    place.load(0);
    assert_eq!(place.holds(), (8, 16));
    place.verified();
}

#[test]
fn an_older_copy_is_told() {
    let place = Place::new();
    place.write("stats.csv", &stats(0..90));
    place.load(0);
    place.write("older.csv", &stats(0..60));
    insta::assert_snapshot!(place.load(1));
    assert_eq!(place.holds(), (90, 180));
    place.verified();
}

/// Less of it than what makes a source known: it can only be told from its rows.
#[test]
fn a_small_older_copy_is_told() {
    let place = Place::new();
    place.write("stats.csv", &stats(0..90));
    place.load(0);
    place.write("older.csv", &stats(0..10));
    insta::assert_snapshot!(place.load(0));
    place.verified();
}

#[test]
fn cut_short() {
    let place = Place::new();
    place.write("stats.csv", &stats(0..7));
    place.load(0);
    place.write("stats.csv", &stats(0..4));
    place.write("good.csv", &stats(20..22));
    insta::assert_snapshot!(place.load(1));
    assert_eq!(place.holds(), (9, 18));
}

#[test]
fn rewritten() {
    let place = Place::new();
    place.write("stats.csv", &stats(0..7));
    place.load(0);
    place.write("stats.csv", &stats(30..40));
    place.write("good.csv", &stats(20..22));
    insta::assert_snapshot!(place.load(1));
    assert_eq!(place.holds(), (9, 18));
    place.load_with(0, &["--allow-duplicate"]);
    // Everything under a path of this folder counts as new: the good file stands twice, the runs do not.
    assert_eq!(place.holds(), (19, 42));
}

/// Loads a file that was cut there, then the whole file, and expects what the whole file gives alone.
fn goes_on(name: &str, all: &str, cut: usize, whole_name: &str) {
    let clean = Place::new();
    clean.write(name, all);
    clean.load(0);
    let place = Place::new();
    place.write(name, &all[..cut]);
    let half = place.world.run(&["load", "logs"]);
    assert!(half.exit < 2, "{}", half.stderr);
    let path = place.path(whole_name);
    if whole_name == name {
        std::fs::write(&path, all).expect("there is room");
    } else {
        compress_text(all, &path);
    }
    place
        .world
        .run(&["load", &path.display().to_string()])
        .done();
    let what = format!("cut behind {:?}", &all[cut.saturating_sub(20)..cut]);
    assert_same_content(&what, &clean.database.url, &place.database.url);
    place.verified();
}

#[test]
fn a_last_line_without_end_that_goes_on() {
    let all = stats(0..3);
    let last = all.trim_end().rfind('\n').expect("it has lines") + 1;
    // From the first letter to a figure that looks whole: `2000` of `20000`.
    for cut in [
        last + 1,
        last + 12,
        last + 30,
        all.len() - 20,
        all.len() - 2,
    ] {
        goes_on("stats.csv", &all, cut, "stats.csv");
    }
    goes_on("stats.csv", &all, all.len() - 2, "stats.csv.gz");
    // Of the first record nothing stands before it.
    goes_on("stats.csv", &stats(0..1), COLUMNS.len() + 40, "stats.csv");
}

#[test]
fn a_half_name_of_a_run_leaves_no_run_behind() {
    let columns =
        "moment;pid;father_pid;project;job;context;message_type;message;duration;root_pid\n";
    let mut all = columns.to_owned();
    for (at, run, event) in [
        ("02:00:00", "r1", "begin;;"),
        ("02:01:00", "r1", "end;success;60000"),
        ("03:00:00", "r2", "begin;;"),
        ("03:01:00", "r2", "end;success;60000"),
    ] {
        let line = format!(
            "2026-01-05 {at};{run};{run};SALES;load_orders;PROD;{event};{run}-of-the-night\n"
        );
        all.push_str(&line);
    }
    // The tree of the last row is `r2-of` until the line goes on, on a day that has others and on one that has none.
    let cut = all.len() - "-the-night\n".len();
    goes_on("stats.csv", &all, cut, "stats.csv");
    let first = all.split_inclusive('\n').take(2).collect::<String>();
    goes_on("stats.csv", &first, first.len() - 5, "stats.csv");

    // Until the line goes on, the last row is the latest one of an environment that does not exist.
    let columns =
        "moment;pid;father_pid;root_pid;project;job;message_type;message;duration;context\n";
    let mut all = columns.to_owned();
    for (at, run, event) in [
        ("02:00:00", "r1", "begin;;"),
        ("02:01:00", "r1", "end;success;60000"),
        ("02:30:00", "r2", "begin;;"),
        ("03:01:00", "r3", "begin;;"),
    ] {
        let line = format!("2026-01-05 {at};{run};{run};{run};SALES;load_orders;{event};PROD\n");
        all.push_str(&line);
    }
    goes_on("stats.csv", &all, all.len() - 3, "stats.csv");
}

#[test]
fn a_quoted_message_that_goes_on_over_lines() {
    let mut all = ERROR_COLUMNS.to_owned();
    for run in 1..4 {
        let line = format!(
            "2026-01-05 02:00:0{run};r{run};r{run};r{run};SALES;load_orders;PROD;6;Java Exception;tMap_1;\"no\n  at a\n  at b\";1\n"
        );
        all.push_str(&line);
    }
    // Inside of a line, at its end, and behind its end.
    for back in [15, 13, 12] {
        let cut = all.len() - back;
        goes_on("errors.csv", &all, cut, "errors.csv");
    }
}

#[test]
fn a_last_line_that_goes_on_while_its_batch_is_not_in_the_ledger() {
    let place = Place::new();
    let all = stats(0..7);
    place.write("stats.csv", &all[..all.len() - 2]);
    place.load(0);
    let unknown = ["sql", "--write", "DELETE FROM batch"];
    place.world.run(&unknown).done();
    place.write("stats.csv", &all);
    insta::assert_snapshot!(place.load(1));
}

#[test]
fn a_last_line_without_end_that_is_whole() {
    let place = Place::new();
    let all = stats(0..7);
    place.write("stats.csv", all.trim_end());
    place.load(0);
    assert_eq!(place.holds(), (7, 14));
    place.write("stats.csv", &stats(0..8));
    place.load(0);
    assert_eq!(place.holds(), (8, 16));
    place.verified();
}

#[test]
fn equal_lines_inside_a_file_stay() {
    let place = Place::new();
    let once = stats(0..1);
    let lines = once
        .strip_prefix(COLUMNS)
        .expect("it begins with its header");
    place.write("stats.csv", &format!("{once}{lines}{lines}"));
    place.load(0);
    assert_eq!(place.holds(), (1, 6));
    place.verified();
}

#[test]
fn exports_that_overlap_are_loaded() {
    let place = Place::new();
    place.write("monday.csv", &stats(0..6));
    place.load(0);
    place.write("tuesday.csv", &stats(3..9));
    insta::assert_snapshot!(place.load(0));
    assert_eq!(place.holds(), (9, 24));
    // Told once: they were there before whatever comes now.
    place.write("tuesday.csv", &stats(3..10));
    let told = place.load(0);
    assert!(!told.contains("overlap"), "{told}");
    place.verified();
}

#[test]
fn exports_that_overlap_are_told_by_the_fuse_where_it_comes_later() {
    let place = Place::new();
    place.write("monday.csv", &stats(0..6));
    place.write("tuesday.csv", &stats(3..9));
    let scheduled = place.load_with(0, &["--set", "fuse.mode=scheduled"]);
    assert!(!scheduled.contains("overlap"), "{scheduled}");
    let fuse = place.world.run(&["fuse"]);
    assert!(
        fuse.stdout.contains("6 of its 12 rows were there already"),
        "{}",
        fuse.stdout
    );
    let again = place.world.run(&["fuse", "--full"]);
    assert!(!again.stdout.contains("overlap"), "{}", again.stdout);
}

#[test]
fn errors_that_overlap_are_told() {
    let place = Place::new();
    let lines: Vec<String> = (0..6)
        .map(|run| format!("2026-01-06 04:0{run}:00;r{run};r{run};r{run};SALES;load_orders;PROD;5;Java Exception;tDBInput_1;refused;1\n"))
        .collect();
    place.write(
        "monday.csv",
        &(ERROR_COLUMNS.to_owned() + &lines[..4].concat()),
    );
    place.load(0);
    place.write(
        "tuesday.csv",
        &(ERROR_COLUMNS.to_owned() + &lines[3..].concat()),
    );
    let told = place.load(0);
    assert!(
        told.contains("1 of its 3 rows were there already, from"),
        "{told}"
    );
    place.verified();
}

#[test]
fn rows_that_are_equal_in_one_file_do_not_overlap() {
    let place = Place::new();
    let all = stats(0..4);
    let lines = all
        .strip_prefix(COLUMNS)
        .expect("it begins with its header");
    place.write("stats.csv", &format!("{all}{lines}"));
    let told = place.load_with(0, &["--set", "load.batch_records=3"]);
    assert!(!told.contains("overlap"), "{told}");
    assert_eq!(place.holds(), (4, 16));
}

/// Nobody shall believe that a source was read again because options were given for it.
#[test]
fn options_for_what_was_read_before_are_told_to_change_nothing() {
    let (database, world) = place();
    let path = world.file("logs/a.csv", &stats(0..2));
    let load = |options: &[&str]| {
        let answer = world.run(&[&["load", "logs"][..], options].concat()).done();
        answer.stdout
    };
    load(&[]);
    let before = number(&database.url, "SELECT count(*) FROM log");
    let mapping = "name = \"mine\"\nsystem = \"mine\"\n[run]\njob = \"job\"\nrun_id = \"pid\"\n\
                   [[log]]\nevent = \"begin\"\nmoment = \"moment\"\n";
    world.file("mine.toml", mapping);
    for (options, named) in [
        (&["--delimiter", ","][..], "--delimiter"),
        (&["--mapping", "mine.toml"], "--mapping"),
        (&["--timezone", "UTC"], "--timezone"),
        (&["--set", "timezone=UTC"], "--timezone"),
        (
            &["--time-format", "dmy", "--host", "h"],
            "--host, --time-format",
        ),
        (&["--encoding", "utf-16le"], "--encoding"),
    ] {
        let said = load(options);
        assert!(
            said.contains("nothing new: logs/a.csv\n"),
            "{options:?}: {said}"
        );
        let words = format!("zone Europe/Paris. What is given now changes nothing: {named}\n");
        assert!(said.contains(&words), "{options:?}: {said}");
        assert!(
            said.contains("hint: `smartetl unload` with this path takes it back"),
            "{said}"
        );
    }
    // Those that it was read with, and none.
    for options in [
        &[][..],
        &[
            "--delimiter",
            ";",
            "--dialect",
            "talend",
            "--header",
            "true",
        ],
        &[
            "--timezone",
            "Europe/Paris",
            "--encoding",
            "utf-8",
            "--time-format",
            "ymd",
        ],
    ] {
        let said = load(options);
        assert!(!said.contains("changes nothing"), "{options:?}: {said}");
    }
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), before);
    std::fs::write(&path, stats(0..3)).expect("it grows");
    let said = load(&["--timezone", "UTC"]);
    assert!(said.contains("read as before: logs/a.csv\n"), "{said}");
    let added = number(&database.url, "SELECT count(*) FROM log");
    assert_eq!(added, before + 2);

    let up = Up::start(&world, &["logs", "--timezone", "UTC"]);
    up.line("! logs/a.csv: its content was loaded before");
    up.stop();
}

#[test]
fn duplicates_on_demand() {
    let place = Place::new();
    place.write("stats.csv", &stats(0..5));
    place.load(0);
    place.load_with(0, &["--allow-duplicate"]);
    assert_eq!(place.holds(), (5, 20));
    place.load(0);
    assert_eq!(place.holds(), (5, 20));
}

#[test]
fn damaged_copies_of_known_content_do_not_wait_for_each_other() {
    let place = Place::new();
    place.write("stats.csv", &stats(0..3000));
    place.load(0);
    compress(&place.path("stats.csv"), &place.path("whole.csv.gz"));
    let bytes = std::fs::read(place.path("whole.csv.gz")).expect("it was written");
    for name in ["a.csv.gz", "b.csv.gz", "c.csv.gz", "d.csv.gz"] {
        std::fs::write(place.path(name), &bytes[..bytes.len() - 500]).expect("there is room");
    }
    insta::assert_snapshot!(place.load(1));
    assert_eq!(place.holds(), (3000, 6000));
}

fn compress_text(text: &str, to: &Path) {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = folder.path().join("plain");
    std::fs::write(&plain, text).expect("there is room");
    compress(&plain, to);
}
