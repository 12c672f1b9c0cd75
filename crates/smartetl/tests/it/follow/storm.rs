//! Hundreds of rotations while a log is written, in both ways of logrotate, with pauses and half lines by chance; and with the
//! program killed now and then. Every record that was written is in the tables once.

use super::program::{Follow, proven};
use crate::processes::{Dice, wait_until};
use crate::running::stat;
use crate::samples::COLUMNS;
use crate::support::{Answer, place};
use crate::tables::number;
use smartetl_testkit::TestDatabase;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// So many rotated files are kept.
const KEPT: usize = 9;

/// How files are rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Renamed, and a new one made.
    Create,
    /// Copied, and cut.
    CopyTruncate,
}

/// A job's log that is written and rotated.
struct Log {
    path: PathBuf,
    file: File,
    dice: Dice,
    /// Records that were written.
    written: usize,
    /// Of a line that was begun.
    rest: String,
}

impl Log {
    fn new(path: PathBuf, seed: u64) -> Self {
        let file = made(&path);
        Self {
            path,
            file,
            dice: Dice(seed),
            written: 0,
            rest: String::new(),
        }
    }

    fn name(&self, number: usize) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    }

    fn put(&mut self, text: &str) {
        self.file.write_all(text.as_bytes()).expect("written");
    }

    /// Some lines, the last one perhaps not to its end.
    fn write(&mut self) {
        for _ in 0..self.dice.below(8) {
            self.complete();
            if self.file.metadata().expect("a file").len() == 0 {
                self.put(COLUMNS);
            }
            let number = self.written;
            let time = format!(
                "{:02}:{:02}:{:02}",
                number / 3600 % 24,
                number / 60 % 60,
                number % 60
            );
            let line = stat(&time, &format!("r{number}é"), "begin");
            let half = self.dice.below(line.len());
            // Also in the middle of a letter.
            self.file
                .write_all(&line.as_bytes()[..half])
                .expect("written");
            let rest = &line.as_bytes()[half..];
            if self.dice.below(3) == 0 {
                self.pause();
            }
            let later = self.dice.below(3) == 0 && line.is_char_boundary(half);
            if later {
                line[half..].clone_into(&mut self.rest);
            } else {
                self.file.write_all(rest).expect("written");
            }
            self.written += 1;
        }
    }

    /// The other half of a line.
    fn complete(&mut self) {
        let rest = std::mem::take(&mut self.rest);
        self.put(&rest);
    }

    fn pause(&mut self) {
        let micros = [0, 300, 3_000, 20_000][self.dice.below(4)];
        std::thread::sleep(Duration::from_micros(micros));
    }

    /// As logrotate does it: those that are there move on, the last one goes.
    fn rotate(&mut self, way: Way) {
        // What ends in a copy, and goes on in the file that was cut, is lost by cutting it.
        if way == Way::CopyTruncate {
            self.complete();
        }
        for number in (1..=KEPT).rev() {
            let (from, to) = (self.name(number), self.name(number + 1));
            if from.exists() {
                std::fs::rename(from, to).expect("renamed");
            }
        }
        let _ = std::fs::remove_file(self.name(KEPT + 1));
        match way {
            Way::Create => {
                std::fs::rename(&self.path, self.name(1)).expect("renamed");
                let next = made(&self.path);
                // The writer goes on with the old one until it hears of it.
                self.write();
                self.complete();
                self.file = next;
            }
            Way::CopyTruncate => {
                std::fs::copy(&self.path, self.name(1)).expect("copied");
                self.file.set_len(0).expect("cut");
            }
        }
    }
}

fn made(path: &Path) -> File {
    let mut options = OpenOptions::new();
    let options = options.create_new(true).append(true).mode(0o640);
    options.open(path).expect("a new file")
}

fn count(database: &TestDatabase, query: &str) -> usize {
    usize::try_from(number(&database.url, query)).expect("a count")
}

fn storm(way: Way, rotations: usize, named: &str, kills: bool) {
    let (database, world) = place();
    let seed = std::process::id().into();
    let mut log = Log::new(world.home.path().join("stats.csv"), seed);
    let mut follow = Follow::start(&world, &[named]);
    // What is renamed before the program looks for the first time has another name than it was told.
    wait_until("the live file is seen", || follow.holds(&log.path));
    let stored = |first: usize| {
        let query =
            format!("SELECT count(*) FROM log WHERE translate(run_id, 'ré', '')::int < {first}");
        wait_until(
            &format!("the first {first} records are stored (seed {seed})"),
            || count(&database, &query) >= first,
        );
    };
    // What had been written some rotations ago.
    let mut before = std::collections::VecDeque::new();
    for rotation in 0..rotations {
        log.write();
        log.pause();
        before.push_back(log.written);
        if before.len() > KEPT / 2 {
            // A file that goes before anybody could read it is lost for everybody.
            stored(before.pop_front().unwrap_or(0).saturating_sub(1));
        }
        log.rotate(way);
        if kills && log.dice.below(rotations / 8) == 0 {
            follow.kill();
            log.write();
            follow = Follow::start(&world, &[named]);
        }
        let said = follow.said();
        assert!(
            !said.contains("there already"),
            "rotation {rotation}, seed {seed}: {said}"
        );
    }
    log.complete();
    let written = log.written;
    assert!(written > rotations, "{written}");
    stored(written);
    wait_until(&format!("{written} runs are fused (seed {seed})"), || {
        count(&database, "SELECT count(*) FROM dataset") == written
    });
    proven(&world);
    follow.stop();
    let stored = "SELECT count(*) FROM log";
    assert_eq!(count(&database, stored), written, "seed {seed}");
    let once = "SELECT count(DISTINCT run_id) FROM log";
    assert_eq!(count(&database, once), written, "seed {seed}");
    let rejects = "SELECT count(*) FROM reject";
    assert_eq!(count(&database, rejects), 0, "seed {seed}");
}

#[test]
fn two_hundred_renames() {
    storm(Way::Create, 200, "stats.csv", false);
}

#[test]
fn two_hundred_cuts() {
    storm(Way::CopyTruncate, 200, "stats.csv*", false);
}

#[test]
fn killed_while_files_are_renamed() {
    storm(Way::Create, 60, "stats.csv*", true);
}

#[test]
fn killed_while_files_are_cut() {
    storm(Way::CopyTruncate, 60, "stats.csv*", true);
}

/// The same by logrotate itself, which packs the old ones.
#[test]
fn logrotate_itself() {
    let program = ["/usr/sbin/logrotate", "/usr/bin/logrotate"];
    let program = program.iter().find(|path| Path::new(path).exists());
    let program = program.expect("logrotate, which `make test` installs");
    for how in [
        "create 0640\ncompress\ndelaycompress",
        "create 0640\ncompress",
        "copytruncate",
    ] {
        let (database, world) = place();
        let mut log = Log::new(world.home.path().join("stats.csv"), 1);
        let text = format!("{} {{\nrotate 4\n{how}\n}}\n", log.path.display());
        let configuration = world.file("logrotate.conf", &text);
        let named = if how == "copytruncate" {
            "stats.csv*"
        } else {
            "stats.csv"
        };
        let follow = Follow::start(&world, &[named]);
        for _ in 0..6 {
            // A file that is made, written, renamed and compressed between two looks is seen by nobody.
            wait_until("the live file is seen", || {
                how.contains("delaycompress") || how == "copytruncate" || follow.holds(&log.path)
            });
            log.write();
            let is_cut = how == "copytruncate";
            if is_cut {
                log.complete();
            }
            let mut command = Command::new(program);
            command
                .arg("--force")
                .arg("--state")
                .arg(world.home.path().join("state"));
            command.arg(&configuration);
            Answer::of(world.around(command)).done();
            if !is_cut {
                log.write();
                log.complete();
                log.file = File::options()
                    .append(true)
                    .open(&log.path)
                    .expect("the new one");
            }
            let written = log.written;
            wait_until("all is stored", || {
                count(&database, "SELECT count(*) FROM log") >= written
            });
        }
        proven(&world);
        follow.stop();
        for (query, expected) in [
            ("SELECT count(*) FROM log", log.written),
            ("SELECT count(DISTINCT run_id) FROM log", log.written),
            ("SELECT count(*) FROM reject", 0),
        ] {
            assert_eq!(count(&database, query), expected, "{how}: {query}");
        }
    }
}
