//! A simulated company: its logs in one folder, the truth about them in another, and the clock to fuse with.

use crate::support::World;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What `simulate` wrote.
pub struct Company {
    /// What to load.
    pub logs: PathBuf,
    /// `dataset.csv`, `job_day.csv`, `rejects.csv` and `meta.json`.
    pub truth: PathBuf,
    /// The clock of the fuse.
    pub as_of: String,
    _folder: TempDir,
}

impl Company {
    /// Runs `simulate` with these arguments.
    pub fn simulate(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the company");
        let output = folder.path().join("company");
        let output_text = output.to_str().expect("a temporary folder is UTF-8");
        let answer = World::new()
            .run(&[&["simulate", "--output", output_text], arguments].concat())
            .done();
        let (logs, truth) = apart(&output, &said(&answer.stdout, "truth"), folder.path());
        let meta = std::fs::read_to_string(truth.join("meta.json")).expect("the truth has a meta");
        let meta: serde_json::Value = serde_json::from_str(&meta).expect("JSON");
        let as_of = meta["as_of"].as_str().expect("a clock").to_owned();
        Self {
            logs,
            truth,
            as_of,
            _folder: folder,
        }
    }

    /// One whose logs are many batches for [`Company::load_slowly`].
    pub fn of_many_batches() -> Self {
        Self::simulate(&["--jobs", "60", "--days", "60", "--seed", "12"])
    }

    /// A load in small batches.
    pub fn load_slowly(&self, world: &World) -> Command {
        let logs = self.logs.to_str().expect("UTF-8");
        let batch = ["--set", "load.batch_records=500"];
        let load = ["load", "--allow-rejects", "--as-of", &self.as_of];
        let mut command = world.command(&[&load[..], &batch, &[logs]].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// All log files, sorted.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = walkdir::WalkDir::new(&self.logs)
            .into_iter()
            .map(|entry| entry.expect("a readable folder"))
            .filter(|entry| entry.file_type().is_file())
            .map(walkdir::DirEntry::into_path)
            .collect();
        files.sort();
        files
    }
}

/// The value of a line of what `simulate` prints.
fn said(stdout: &str, name: &str) -> PathBuf {
    let line = stdout
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    PathBuf::from(line.expect("simulate says where the truth is").trim())
}

/// The folders of the logs and of the truth. Where the truth lies among the logs it is moved away, so that nobody loads
/// it.
fn apart(output: &Path, truth: &Path, aside: &Path) -> (PathBuf, PathBuf) {
    let logs = output.join("logs");
    if logs.is_dir() {
        return (logs, truth.to_owned());
    }
    let moved = aside.join("truth");
    std::fs::rename(truth, &moved).expect("the truth can be moved");
    (output.to_owned(), moved)
}
