//! A running `smartetl up`: what it says, what its service answers, and what it writes into the tables.

use crate::samples::COLUMNS;
use crate::support::{World, own_database};
use crate::tables::connected;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use smartetl_testkit::TestDatabase;
use sqlx::AssertSqlSafe;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(1);

/// A begin or an end of a run, as tStatCatcher writes it.
pub fn stat(time: &str, pid: &str, kind: &str) -> String {
    let (message, duration) = match kind {
        "begin" => ("", ""),
        word => (word, "60000"),
    };
    let kind = if kind == "begin" { "begin" } else { "end" };
    format!(
        "2026-01-05 {time};{pid};{pid};{pid};1;SALES;load_orders;_id;0.1;Prod;;{kind};{message};{duration}\n"
    )
}

/// A running `smartetl up`.
pub struct Up {
    child: Child,
    pub address: String,
    lines: Receiver<String>,
}

impl Up {
    pub fn start(world: &World, arguments: &[&str]) -> Self {
        Self::start_in("en", world, arguments)
    }

    pub fn start_in(lang: &str, world: &World, arguments: &[&str]) -> Self {
        let arguments = [&["up", "--port", "0", "--lang", lang], arguments].concat();
        Self::serving(world, &arguments)
    }

    /// Any command that says at which address it answers.
    pub fn serving(world: &World, arguments: &[&str]) -> Self {
        let mut child = world
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (sender, lines) = channel();
        let stdout: Box<dyn Read + Send> = Box::new(child.stdout.take().expect("it was asked for"));
        let stderr: Box<dyn Read + Send> = Box::new(child.stderr.take().expect("it was asked for"));
        for stream in [stdout, stderr] {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    // The test may be over.
                    let _ = sender.send(line);
                }
            });
        }
        let mut up = Self {
            child,
            address: String::new(),
            lines,
        };
        let line = up.line("http://");
        let address = line.split("http://").nth(1).expect("an address");
        let authority = address.split('/').next().unwrap_or_default();
        authority.trim().clone_into(&mut up.address);
        up
    }

    /// Starts over one run that has begun, in `data/stats.csv`.
    pub fn begun() -> (TestDatabase, World, Self) {
        let database = own_database();
        let world = World::on(&database.url);
        let begin = stat("02:00:00", "a1", "begin");
        world.file("data/stats.csv", &format!("{COLUMNS}{begin}"));
        let up = Self::start(&world, &[]);
        until(&database, RUNS, "a1 unverified");
        (database, world, up)
    }

    /// The next line that holds `words`.
    pub fn line(&self, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) if line.contains(words) => return line,
                Ok(line) => seen.push(line),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("`{words}` was not said, but:\n{}", seen.join("\n"))
                }
            }
        }
    }

    /// Status line, headers and body of an answer.
    pub fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("the service listens");
        write!(
            stream,
            "{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        )
        .expect("a request");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8(answer).expect("UTF-8")
    }

    /// Asks it to end, and says all that it said until then and nobody has asked for.
    pub fn stop_telling(mut self) -> String {
        let process = Pid::from_raw(self.child.id().cast_signed());
        kill(process, Signal::SIGTERM).expect("it runs");
        self.child.wait().expect("it ends");
        let mut said = String::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            said.push_str(&line);
            said.push('\n');
        }
        said
    }

    /// The values of a family in `/metrics` as whole numbers, with what their labels say.
    pub fn samples(&self, family: &str) -> Vec<(String, i64)> {
        let metrics = self.ask("GET /metrics");
        let samples = metrics.lines().filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            let (of, labels) = name.split_once('{').unwrap_or((name, ""));
            (of == family).then(|| {
                let value: f64 = value.parse().expect("a number");
                let value = value.round() as i64;
                (labels.trim_end_matches('}').to_owned(), value)
            })
        });
        samples.collect()
    }

    /// The sum of a family.
    pub fn total(&self, family: &str) -> i64 {
        self.samples(family).iter().map(|(_, value)| value).sum()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// # Panics
    /// When `/metrics` lacks one of these lines.
    pub fn counts(&self, samples: &[&str]) {
        let metrics = self.ask("GET /metrics");
        for sample in samples {
            let found = metrics.lines().any(|line| line == *sample);
            assert!(found, "{sample}: {metrics}");
        }
    }

    /// Asks it to end, which it does without complaint.
    pub fn stop(mut self) {
        let process = Pid::from_raw(self.child.id().cast_signed());
        kill(process, Signal::SIGTERM).expect("it runs");
        let status = self.child.wait().expect("it ends");
        assert_eq!(status.code(), Some(0), "{status}");
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // Ended already where the test came to its end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Takes a database away, or gives it back.
pub fn allow_connections(database: &TestDatabase, allow: bool) {
    change_connections(database, allow);
    if !allow {
        // One that was on its way in when it was forbidden is seen only now.
        change_connections(database, allow);
    }
}

fn change_connections(database: &TestDatabase, allow: bool) {
    let name = &database.name;
    let statement = format!(
        "ALTER DATABASE \"{name}\" WITH ALLOW_CONNECTIONS {allow}; \
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    );
    connected(
        &database.url.replace(name, "postgres"),
        async |connection| {
            sqlx::raw_sql(AssertSqlSafe(statement))
                .execute(connection)
                .await
                .expect("it may");
        },
    );
}

/// Waits until the table looks so.
pub fn until(database: &TestDatabase, query: &'static str, expected: &str) {
    let deadline = Instant::now() + PATIENCE;
    tokio::runtime::Runtime::new()
        .expect("a runtime")
        .block_on(async {
            let pool = sqlx::PgPool::connect(&database.url)
                .await
                .expect("the server of the tests");
            let mut found = String::new();
            while Instant::now() < deadline {
                found = sqlx::query_scalar::<_, Option<String>>(query)
                    .fetch_one(&pool)
                    .await
                    .expect("a query")
                    .unwrap_or_default();
                if found == expected {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            panic!("{query}: {found} and not {expected}");
        });
}

pub fn append(path: &std::path::Path, text: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .open(path)
        .expect("the file");
    file.write_all(text.as_bytes()).expect("written");
}

/// Waits until an answer holds these words.
pub fn until_said(up: &Up, request: &str, words: &str) {
    let deadline = Instant::now() + PATIENCE;
    let mut answer = String::new();
    while Instant::now() < deadline {
        answer = up.ask(request);
        if answer.contains(words) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{request} lacks {words}: {answer}");
}

pub const RUNS: &str =
    "SELECT string_agg(run_id || ' ' || status, ', ' ORDER BY started_at) FROM dataset";
pub const RECORDS: &str =
    "SELECT (SELECT count(*) FROM log) || ' rows, ' || (SELECT count(*) FROM reject) || ' rejects'";
