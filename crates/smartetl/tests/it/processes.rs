//! Processes that are ended the hard way, and chance that can be repeated.

use crate::support::World;
use crate::tables::number;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use smartetl_store::embedded::{Embedded, Options, Server};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

/// An embedded server of the test's own; what lies below `folder` is all that it leaves.
pub struct OwnServer {
    pub data: PathBuf,
}

impl OwnServer {
    pub fn below(folder: &Path) -> Self {
        Self {
            data: folder.join("data"),
        }
    }

    /// Lets the program use it.
    pub fn used_by(&self, world: World) -> World {
        let cache = smartetl_testkit::place::cache();
        world
            .set("SMARTETL_DATA_DIR", &self.data.display().to_string())
            .set("SMARTETL_CACHE_DIR", &cache.display().to_string())
    }

    /// Starts or joins it, works with its address, and stops it.
    pub fn with_url<T>(&self, work: impl FnOnce(&str) -> T) -> T {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let server: Server = runtime.block_on(async {
            let runner = PathBuf::from(crate::support::PROGRAM);
            let options = Options::new(self.data.clone(), smartetl_testkit::place::cache(), runner);
            Embedded::start(options).await.expect("the server starts")
        });
        let result = work(server.url());
        runtime
            .block_on(server.stop())
            .expect("the server can be stopped");
        result
    }

    /// Kills the supervisor, the postmaster and everything below them at once, also while they are only starting; waits
    /// until they are gone. `false` when there was none.
    pub fn kill(&self) -> bool {
        let roots = self.processes();
        for process in &roots {
            // It must not start others while they are looked for.
            let _ = kill(Pid::from_raw(*process), Signal::SIGSTOP);
        }
        let all = with_descendants(roots);
        for process in &all {
            let _ = kill(Pid::from_raw(*process), Signal::SIGKILL);
        }
        for process in &all {
            wait_until("a killed process is gone", || is_gone(*process));
        }
        !all.is_empty()
    }

    /// Kills the postmaster alone: the supervisor starts another one.
    pub fn kill_postmaster(&self) {
        let text = std::fs::read_to_string(self.data.join("postgresql/cluster/postmaster.pid"));
        let text = text.expect("the server runs");
        let number = text.lines().next().and_then(|line| line.parse().ok());
        kill(Pid::from_raw(number.expect("its number")), Signal::SIGKILL).expect("it runs");
    }

    /// Those whose command line names the folder: the supervisor and the postmaster.
    fn processes(&self) -> Vec<i32> {
        let folder = self.data.to_str().expect("UTF-8");
        let names_it = |number: &i32| {
            std::fs::read(format!("/proc/{number}/cmdline"))
                .is_ok_and(|command| String::from_utf8_lossy(&command).contains(folder))
        };
        all_processes().into_iter().filter(names_it).collect()
    }
}

fn all_processes() -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").expect("Linux").flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// Processes and all below them, each once.
fn with_descendants(first: Vec<i32>) -> Vec<i32> {
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for number in all_processes() {
        if let Some((_, parent)) = state_and_parent(number) {
            children.entry(parent).or_default().push(number);
        }
    }
    let mut all = first;
    let mut next = 0;
    while let Some(parent) = all.get(next) {
        let below = children.remove(parent).unwrap_or_default();
        all.extend(below);
        next += 1;
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn is_gone(process: i32) -> bool {
    state_and_parent(process).is_none_or(|(state, _)| matches!(state, 'Z' | 'X'))
}

/// From `/proc/PID/stat`: the name in parentheses may hold anything, what follows it may not.
fn state_and_parent(number: i32) -> Option<(char, i32)> {
    let text = std::fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    let mut fields = text.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// Looks again and again until it holds.
///
/// # Panics
/// When it does not hold after two minutes.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let mut patience = 120_000 / 5;
    while !holds() {
        patience -= 1;
        assert!(patience > 0, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until a load has stored some batches, but not all.
pub fn wait_for_batches(load: &mut Child, url: &str) {
    wait_until("some batches are stored", || {
        let ended = load.try_wait().expect("it is our child");
        assert!(ended.is_none(), "it was too fast");
        number(url, "SELECT count(*) FROM batch") >= 5
    });
}

/// Chance from a seed (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is at least 1.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.roll() % limit as u64) as usize
    }

    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for at in (1..things.len()).rev() {
            things.swap(at, self.below(at + 1));
        }
    }
}
