//! Nothing lost, nothing twice: two hundred pieces in any order, each twice, by several processes, killed again and again.

use crate::company::Company;
use crate::processes::{Dice, OwnServer};
use crate::support::{Answer, World, own_database};
use crate::tables::{assert_same_content, number};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// How often a process is killed.
const KILLS: usize = 20;
/// Each of this many kills takes the server with it, and whoever else uses it.
const EVERYTHING: usize = 4;
/// Records of a batch: few, so that a kill finds a file half read.
const BATCH: &str = "load.batch_records=60";

#[test]
fn killed_at_twenty_moments() {
    let company = Company::simulate(&[
        "--jobs", "20", "--days", "67", "--seed", "8", "--pieces", "200",
    ]);
    let clean = own_database();
    let world = World::on(&clean.url).in_paris();
    let answer = Loading::new(&world, &company).run(std::slice::from_ref(&company.logs));
    assert_eq!(answer.exit, 1, "{}", answer.stderr);

    let mut dice = Dice(8);
    let world = World::new().in_paris();
    let server = OwnServer::below(world.home.path());
    let world = server.used_by(world);
    let loading = Loading::new(&world, &company);
    let copies = world.home.path().join("copies");
    let paths = each_twice(&company, &copies, &mut dice);
    assert!(paths.len() >= 380, "{} paths", paths.len());
    let moments = load_and_kill(&loading, &server, paths, &mut dice);
    assert_eq!(moments.kills, KILLS);
    assert!(
        moments.of_everything >= 3,
        "{} kills of everything",
        moments.of_everything
    );

    loading.run(&[company.logs.clone(), copies]).done();
    world.run(&["fuse", "--as-of", &company.as_of]).done();
    world.run(&["verify", "--recompute"]).done();
    server.with_url(|url| {
        // A test that never interrupted anything would prove nothing.
        let interrupted = "SELECT count(DISTINCT lineage) FROM batch WHERE first_record > 0";
        assert!(number(url, interrupted) > 20);
        assert_same_content("after the kills", &clean.url, url);
    });
}

/// How this test loads.
struct Loading<'w> {
    world: &'w World,
    as_of: String,
}

impl<'w> Loading<'w> {
    fn new(world: &'w World, company: &Company) -> Self {
        Self {
            world,
            as_of: company.as_of.clone(),
        }
    }

    fn command(&self, paths: &[PathBuf]) -> std::process::Command {
        let mut command = self
            .world
            .command(&["load", "--as-of", &self.as_of, "--set", BATCH]);
        command.args(paths);
        command
    }

    fn run(&self, paths: &[PathBuf]) -> Answer {
        Answer::of(self.command(paths))
    }

    fn start(&self, paths: Vec<PathBuf>) -> Running {
        let mut command = self.command(&paths);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().expect("the program starts");
        Running { child, paths }
    }
}

/// A load that is under way.
struct Running {
    child: Child,
    paths: Vec<PathBuf>,
}

impl Running {
    /// Kills it; `false` when it was over.
    fn kill(&mut self) -> bool {
        let running = self.child.try_wait().expect("it is our child").is_none();
        let _ = self.child.kill();
        self.child.wait().expect("it is our child");
        running
    }

    /// Waits for its end, which must be a good one.
    fn finish(self) {
        let output = self.child.wait_with_output().expect("it is our child");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{stderr}");
    }
}

struct Moments {
    kills: usize,
    of_everything: usize,
}

/// Loads all paths, some at a time, one or two processes at once; whoever is killed leaves its paths to be loaded again.
fn load_and_kill(
    loading: &Loading<'_>,
    server: &OwnServer,
    paths: Vec<PathBuf>,
    dice: &mut Dice,
) -> Moments {
    let mut waiting = paths.clone();
    let mut moments = Moments {
        kills: 0,
        of_everything: 0,
    };
    // How long a load takes that nobody disturbs; the first one also makes the server.
    let first = loading.start(take(&mut waiting, 10));
    first.finish();
    let started = Instant::now();
    loading.start(take(&mut waiting, 20)).finish();
    let mut usual = started.elapsed();

    while !waiting.is_empty() || moments.kills < KILLS {
        if waiting.is_empty() {
            waiting.clone_from(&paths);
        }
        let count = 12 + dice.below(16);
        let mut victim = loading.start(take(&mut waiting, count));
        let beside = (dice.below(2) == 0 && !waiting.is_empty())
            .then(|| loading.start(take(&mut waiting, 12)));
        if moments.kills == KILLS {
            victim.finish();
            beside.into_iter().for_each(Running::finish);
            continue;
        }
        // The moment is what this test is about: any, from the start of the process to its end.
        std::thread::sleep(Duration::from_micros(
            dice.below(usual.as_micros().max(1) as usize) as u64,
        ));
        if !victim.kill() {
            // It was over already: the next moment is sought earlier, so that this comes to an end.
            usual = usual * 3 / 4;
            beside.into_iter().for_each(Running::finish);
            continue;
        }
        moments.kills += 1;
        waiting.append(&mut victim.paths);
        if moments.kills.is_multiple_of(EVERYTHING) {
            if let Some(mut other) = beside {
                other.kill();
                waiting.append(&mut other.paths);
            }
            moments.of_everything += usize::from(server.kill());
        } else {
            beside.into_iter().for_each(Running::finish);
        }
        dice.shuffle(&mut waiting);
    }
    moments
}

/// The first of what waits, never none of them.
fn take(waiting: &mut Vec<PathBuf>, count: usize) -> Vec<PathBuf> {
    let count = count.min(waiting.len());
    waiting.split_off(waiting.len() - count)
}

/// Every file twice, in any order: by its own path again, as a copy under another name, or as a compressed copy.
fn each_twice(company: &Company, copies: &Path, dice: &mut Dice) -> Vec<PathBuf> {
    std::fs::create_dir(copies).expect("a folder for copies");
    let mut paths = Vec::new();
    for (number, file) in company.files().into_iter().enumerate() {
        let name = file
            .file_name()
            .and_then(|name| name.to_str())
            .expect("the names of the simulator are UTF-8");
        let is_packed = name.ends_with(".gz") || name.ends_with(".parquet");
        let again = match dice.below(4) {
            0 => file.clone(),
            1 if !is_packed => {
                let copy = copies.join(format!("{number}_{name}.gz"));
                compress(&file, &copy);
                copy
            }
            _ => {
                let copy = copies.join(format!("{number}_{name}"));
                std::fs::copy(&file, &copy).expect("a copy");
                copy
            }
        };
        paths.extend([file, again]);
    }
    dice.shuffle(&mut paths);
    paths
}

/// Writes a gzip'ed copy.
pub fn compress(file: &Path, copy: &Path) {
    let bytes = std::fs::read(file).expect("the file is there");
    let into = std::fs::File::create(copy).expect("a file");
    let mut encoder = GzEncoder::new(into, Compression::default());
    encoder.write_all(&bytes).expect("there is room");
    encoder.finish().expect("there is room");
}
