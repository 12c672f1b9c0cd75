//! What is taken back leaves the tables as if it had never been loaded.

use crate::company::Company;
use crate::processes::wait_until;
use crate::support::{Answer, World, empty, place};
use crate::tables::{assert_same_content, number, rows};
use sqlx::{Connection, PgConnection};
use std::path::{Path, PathBuf};
use std::process::Command;

const AS_OF: &str = "2026-01-02T12:00:00Z";

#[test]
fn a_wrong_time_zone_is_as_if_it_had_never_been() {
    let company = Company::simulate(&["--jobs", "15", "--days", "25", "--seed", "21"]);
    let (wrong, right) = (place(), place());
    let logs = text(&company.logs);
    load(
        &wrong.1,
        &company,
        &["--timezone", "America/New_York", logs],
    );
    load(&right.1, &company, &[logs]);
    assert_ne!(
        rows(&wrong.0.url, MOMENTS),
        rows(&right.0.url, MOMENTS),
        "the zone matters"
    );
    let answer = wrong
        .1
        .run(&["unload", "--as-of", &company.as_of, logs])
        .done();
    assert!(answer.stdout.contains("taken back"), "{}", answer.stdout);
    nothing_is_left(&wrong.0.url);
    load(&wrong.1, &company, &[logs]);
    same(&wrong, &right);
}

const MOMENTS: &str = "SELECT ARRAY[min(started_at)::text, max(started_at)::text] FROM dataset";

#[test]
fn a_wrong_mapping_is_as_if_it_had_never_been() {
    let (wrong, right) = (place(), place());
    let log = "flux,execution,debut,fin,etat\n\
               J_STOCKS,e1,2025-12-01 02:00:00,2025-12-01 02:10:00,OK\n\
               J_STOCKS,e2,2025-12-02 02:00:00,2025-12-02 02:10:00,KO\n\
               J_PRIX,e3,2025-12-02 03:00:00,2025-12-02 03:01:00,OK\n";
    let mapping = |job: &str| {
        format!(
            "name = \"flux\"\nsystem = \"scripts\"\n[run]\njob = \"{job}\"\nrun_id = \"execution\"\n\
             [[log]]\nevent = \"begin\"\nmoment = \"debut\"\n[[log]]\nevent = \"end\"\nmoment = \"fin\"\nstatus = \"etat\"\n\
             [vocabulary.status]\nOK = \"success\"\nKO = \"failed\"\n"
        )
    };
    let load = [
        "load",
        "--as-of",
        AS_OF,
        "--mapping",
        "mapping.toml",
        "logs",
    ];
    for ((_, world), job) in [(&wrong, "execution"), (&right, "flux")] {
        world.file("logs/flux.csv", log);
        world.file("mapping.toml", &mapping(job));
        world.run(&load).done();
    }
    wrong.1.file("mapping.toml", &mapping("flux"));
    wrong
        .1
        .run(&["unload", "--as-of", AS_OF, "logs/flux.csv"])
        .done();
    nothing_is_left(&wrong.0.url);
    wrong.1.run(&load).done();
    same(&wrong, &right);
    assert_eq!(number(&wrong.0.url, "SELECT count(*) FROM job"), 2);
}

/// Pieces of the same nights: runs, trees, days, habits and horizons hang together across them.
#[test]
fn some_pieces_taken_back_are_as_if_only_the_others_had_been_loaded() {
    for seed in ["31", "32", "33"] {
        let company = Company::simulate(&[
            "--jobs", "12", "--days", "20", "--seed", seed, "--pieces", "24",
        ]);
        let (taken, other) = (place(), place());
        let files = company.files();
        let number: usize = seed.parse().expect("a number");
        let (back, stay): (Vec<PathBuf>, Vec<PathBuf>) = files
            .iter()
            .cloned()
            .enumerate()
            .map(|(at, path)| ((at * 7 + number).is_multiple_of(3), path))
            .fold(
                (Vec::new(), Vec::new()),
                |(mut back, mut stay), (goes, path)| {
                    if goes {
                        back.push(path)
                    } else {
                        stay.push(path)
                    }
                    (back, stay)
                },
            );
        assert!(
            back.len() > 4 && stay.len() > 8,
            "{} and {}",
            back.len(),
            stay.len()
        );
        load_all(&taken.1, &company, &files);
        load_all(&other.1, &company, &stay);
        let paths: Vec<&str> = back.iter().map(|path| text(path)).collect();
        // In two goes, so that the second one stands on what the first one left.
        for some in [&paths[..paths.len() / 2], &paths[paths.len() / 2..]] {
            taken
                .1
                .run(&[&["unload", "--as-of", &company.as_of][..], some].concat())
                .done();
        }
        same(&taken, &other);
        load_all(&taken.1, &company, &files);
        load_all(&other.1, &company, &files);
        same(&taken, &other);
    }
}

#[test]
fn a_batch_in_the_middle_takes_what_stands_behind_it_along_and_is_read_again() {
    let company = Company::simulate(&["--jobs", "12", "--days", "20", "--seed", "5", "--plain"]);
    let (taken, other) = (place(), place());
    for (_, world) in [&taken, &other] {
        world
            .run(&[
                "load",
                "--set",
                "load.batch_records=300",
                "--allow-rejects",
                "--as-of",
                &company.as_of,
                text(&company.logs),
            ])
            .done();
    }
    let middle = number(
        &taken.0.url,
        "SELECT batch FROM batch JOIN source USING (source) WHERE path LIKE '%stats%' ORDER BY first_record OFFSET 3 LIMIT 1",
    );
    let before = number(&taken.0.url, "SELECT count(*) FROM batch");
    let dry = taken
        .1
        .run(&["unload", "--dry-run", &middle.to_string()])
        .done();
    assert!(dry.stdout.contains("nothing was changed"), "{}", dry.stdout);
    same(&taken, &other);
    let answer = taken
        .1
        .run(&["unload", "--as-of", &company.as_of, &middle.to_string()])
        .done();
    assert!(answer.stdout.contains("its end"), "{}", answer.stdout);
    assert!(number(&taken.0.url, "SELECT count(*) FROM batch") < before - 3);
    taken
        .1
        .run(&["verify", "--recompute"])
        .with_findings()
        .done();
    load(&taken.1, &company, &[text(&company.logs)]);
    same(&taken, &other);
}

#[test]
fn content_that_was_loaded_twice_on_purpose_goes_as_a_whole() {
    let (database, world) = place();
    let path = world.file("my logs/stats.csv", STATS);
    for more in [&[][..], &["--allow-duplicate"]] {
        world
            .run(&[&["load", "--as-of", AS_OF, text(&path)][..], more].concat())
            .done();
    }
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 4);
    world.run(&["verify", "--recompute"]).done();
    world.run(&["unload", "--as-of", AS_OF, "my logs"]).done();
    nothing_is_left(&database.url);
    // A copy is the same content, grown or packed ones too.
    world.run(&["load", "--as-of", AS_OF, text(&path)]).done();
    let copy = world.file(
        "copy.csv",
        &(STATS.to_owned() + STATS.lines().last().expect("a line") + "\n"),
    );
    world.run(&["load", "--as-of", AS_OF, text(&copy)]).done();
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 3);
    world.run(&["unload", "--as-of", AS_OF, text(&copy)]).done();
    nothing_is_left(&database.url);
}

const STATS: &str = "moment;pid;father_pid;root_pid;system_pid;project;job;job_repository_id;job_version;context;origin;\
                     message_type;message;duration\n\
                     2025-12-01 02:00:00;Aa1;Aa1;Aa1;1;P;J_Total;_x;0.1;PROD;;begin;;\n\
                     2025-12-01 02:00:30;Aa1;Aa1;Aa1;1;P;J_Total;_x;0.1;PROD;;end;success;30000\n";

#[test]
fn what_people_wrote_into_the_catalogue_stays() {
    let (database, world) = place();
    let path = world.file("stats.csv", STATS);
    world.run(&["load", "--as-of", AS_OF, text(&path)]).done();
    world
        .run(&["sql", "--write", "UPDATE job SET owner = 'Logistique'"])
        .done();
    world.run(&["unload", "--as-of", AS_OF, text(&path)]).done();
    assert_eq!(
        number(
            &database.url,
            "SELECT count(*) FROM job WHERE owner = 'Logistique'"
        ),
        1
    );
    assert_eq!(number(&database.url, "SELECT count(*) FROM dataset"), 0);
}

#[test]
fn what_cannot_be_taken_back_is_told() {
    let (database, world) = place();
    let path = world.file("stats.csv", STATS);
    world.run(&["load", "--as-of", AS_OF, text(&path)]).done();
    for (target, words) in [
        ("none.csv", "nothing was loaded from there"),
        ("999", "there is no batch 999"),
    ] {
        let answer = world.run(&["unload", target]);
        assert_eq!(answer.exit, 2, "{target}");
        assert!(answer.stderr.contains(words), "{}", answer.stderr);
    }
    std::fs::remove_file(&path).expect("it goes");
    let answer = world.run(&["unload", "stats.csv"]);
    assert_eq!(answer.exit, 2);
    assert!(answer.stderr.contains("--force"), "{}", answer.stderr);
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 2);
    world
        .run(&["unload", "--force", "--as-of", AS_OF, "stats.csv"])
        .done();
    nothing_is_left(&database.url);
}

/// Killed wherever it may stand, nothing is taken back.
#[test]
fn killed_in_the_middle_nothing_is_half_taken_back() {
    let company = Company::simulate(&["--jobs", "30", "--days", "40", "--seed", "6"]);
    let (whole, left) = (place(), place());
    let logs = text(&company.logs);
    load(&whole.1, &company, &[logs]);
    load(&left.1, &company, &[logs]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for table in [
        "log",
        "reject",
        "batch",
        "horizon",
        "dataset",
        "checkpoint",
        "job_day",
        "fuse_state",
    ] {
        let mut command: Command = left.1.command(&["unload", "--as-of", &company.as_of, logs]);
        command.stdout(std::process::Stdio::null());
        let mut holder = runtime
            .block_on(PgConnection::connect(&left.0.url))
            .expect("the server");
        let mut tell = |statement: String| {
            let told = sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut holder);
            runtime.block_on(told).expect("the server");
        };
        tell("BEGIN".to_owned());
        // Whoever writes into the table waits.
        tell(format!("LOCK TABLE {table} IN SHARE MODE"));
        let mut child = command.spawn().expect("it starts");
        wait_until("the unload waits", || {
            let ended = child.try_wait().expect("it is our child");
            assert!(ended.is_none(), "it does not write into {table}");
            number(&left.0.url, WAITING) > 0
        });
        child.kill().expect("it is our child");
        child.wait().expect("it ends");
        tell("ROLLBACK".to_owned());
        // The server may still be ending the transaction of the dead process: whoever comes next waits for it.
        left.1.run(&["fuse", "--as-of", &company.as_of]).done();
        same(&left, &whole);
    }
    empty(&left.1);
}

const WAITING: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// A batch whose source would go with it is as good as the source.
#[test]
fn a_batch_of_a_file_that_is_gone_is_not_taken_back_without_force() {
    let (database, world) = place();
    let path = world.file("stats.csv", STATS);
    world.run(&["load", "--as-of", AS_OF, "stats.csv"]).done();
    let batch = number(&database.url, "SELECT batch FROM batch").to_string();
    std::fs::remove_file(&path).expect("it goes");
    let answer = world.run(&["unload", &batch]);
    assert_eq!(answer.exit, 2, "{}", answer.stdout);
    assert!(
        answer.stderr.contains("the file is gone"),
        "{}",
        answer.stderr
    );
    assert_eq!(number(&database.url, "SELECT count(*) FROM log"), 2);
    world
        .run(&["unload", "--force", "--as-of", AS_OF, &batch])
        .done();
    nothing_is_left(&database.url);
}

fn load(world: &World, company: &Company, arguments: &[&str]) {
    let load = ["load", "--allow-rejects", "--as-of", &company.as_of];
    world.run(&[&load[..], arguments].concat()).done();
}

fn load_all(world: &World, company: &Company, files: &[PathBuf]) {
    let paths: Vec<&str> = files.iter().map(|path| text(path)).collect();
    load(world, company, &paths);
}

/// The same rows, runs, days and catalogue, and everything can be proved.
fn same(
    one: &(smartetl_testkit::TestDatabase, World),
    other: &(smartetl_testkit::TestDatabase, World),
) {
    assert_same_content("after unload", &other.0.url, &one.0.url);
    one.1.run(&["verify", "--recompute"]).done();
}

fn nothing_is_left(url: &str) {
    for table in [
        "log",
        "logerreur",
        "reject",
        "batch",
        "checkpoint",
        "source",
        "dataset",
        "job_day",
        "job",
        "horizon",
        "adrift",
        "fuse_state",
    ] {
        let count = number(url, &format!("SELECT count(*) FROM {table}"));
        assert_eq!(count, 0, "{table}");
    }
}

impl Answer {
    /// Findings are no failure here.
    fn with_findings(mut self) -> Self {
        assert!(self.exit <= 1, "{}{}", self.stdout, self.stderr);
        self.exit = 0;
        self
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
