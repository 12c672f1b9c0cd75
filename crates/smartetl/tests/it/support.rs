//! Runs the program in surroundings of its own, and the one PostgreSQL that the tests share.

use smartetl_testkit::TestDatabase;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_smartetl");

/// A home folder with nothing in it and an environment with little in it.
pub struct World {
    pub home: TempDir,
    variables: Vec<(String, String)>,
}

/// What a command answered.
pub struct Answer {
    pub exit: i32,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder for the test");
        Self {
            home,
            variables: vec![("TZ".to_owned(), "Europe/Paris".to_owned())],
        }
    }

    /// With the shared PostgreSQL as its server.
    pub fn with_database() -> Self {
        Self::on(database_url())
    }

    /// With this server.
    pub fn on(url: &str) -> Self {
        Self::new().set("DATABASE_URL", url)
    }

    /// Business days, and times that name no zone, are those of Paris.
    pub fn in_paris(self) -> Self {
        self.set("SMARTETL_TIMEZONE", "Europe/Paris")
    }

    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file below the home folder.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// A command that listens to SIGINT also where the tests themselves run in the background of a script.
    pub fn command_in_the_foreground(&self, arguments: &[&str]) -> Command {
        let [python, rest @ ..] = in_the_foreground();
        let mut command = Command::new(python);
        command.args(rest).arg(PROGRAM).args(arguments);
        self.around(command)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments);
        self.around(command)
    }

    /// Another program in these surroundings, also one that starts ours.
    pub fn around(&self, mut command: Command) -> Command {
        command
            .env_clear()
            .env("HOME", self.home.path())
            .envs(self.variables.iter().cloned())
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(self.command(arguments))
    }

    /// Exit code, stdout and stderr as one text, with this test's folder replaced.
    pub fn transcript(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        let mut text = format!("exit: {}\n", answer.exit);
        let as_called = |stream: &str| stream.replace(PROGRAM, "smartetl");
        for (name, stream) in [
            ("stdout", as_called(&answer.stdout)),
            ("stderr", as_called(&answer.stderr)),
        ] {
            if !stream.is_empty() {
                write!(text, "----- {name}\n{stream}").expect("writing to memory");
            }
        }
        let home = self.home.path().display().to_string();
        if !text.contains(&home) {
            return text;
        }
        // How wide the columns are depends on the length of the folder's name.
        let lines = text.replace(&home, "[HOME]");
        lines
            .lines()
            .map(|line| {
                line.split("  ")
                    .filter(|part| !part.is_empty())
                    .map(str::trim)
                    .collect::<Vec<_>>()
                    .join("  ")
                    + "\n"
            })
            .collect()
    }
}

impl Answer {
    pub fn of(mut command: Command) -> Self {
        let output = command.output().expect("the program starts");
        let exit = output.status.code().unwrap_or_else(|| {
            let said = String::from_utf8_lossy(&output.stderr);
            panic!("{command:?} ended by {}: {said}", output.status)
        });
        Self {
            exit,
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }

    /// The answer of a command that must end with exit code 0.
    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.exit, 0, "{}{}", self.stdout, self.stderr);
        self
    }
}

/// The address of the PostgreSQL that all tests share. What a test writes there, it names after itself.
pub fn database_url() -> &'static str {
    static URL: LazyLock<&'static str> =
        LazyLock::new(|| runtime().block_on(smartetl_testkit::server()).url());
    &URL
}

/// A database of the test's own, without tables.
pub fn own_database() -> TestDatabase {
    runtime().block_on(smartetl_testkit::database())
}

/// A database of the test's own, without tables, and the program that uses it in Paris.
pub fn place() -> (TestDatabase, World) {
    let database = own_database();
    let world = World::on(&database.url).in_paris();
    (database, world)
}

/// Takes everything out of a database, whatever it held.
pub fn empty(world: &World) {
    for statement in ["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"] {
        world.run(&["sql", "--write", statement]).done();
    }
}

/// As if nothing had been written to a file for so long.
pub fn age(path: &Path, by: Duration) {
    let file = std::fs::File::options().write(true).open(path);
    file.and_then(|file| file.set_modified(SystemTime::now() - by))
        .expect("an older file");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}

/// What to put before a program so that it listens to SIGINT: a shell without job control starts what ends in `&` deaf to it.
pub fn in_the_foreground() -> [&'static str; 3] {
    let start = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])";
    let python = ["/usr/bin/python3", "/usr/local/bin/python3"];
    let python = python.iter().find(|path| Path::new(path).exists());
    [python.expect("Python 3"), "-c", start]
}

/// A snapshot of a whole command.
macro_rules! check {
    ($world:expr, $($argument:expr),* $(,)?) => {
        insta::assert_snapshot!($world.transcript(&[$($argument),*]))
    };
}
pub(crate) use check;
