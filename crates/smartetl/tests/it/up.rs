//! `smartetl up`: what appears in its folder appears in the tables, the service answers, and it ends cleanly.

use crate::support::{World, own_database};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use smartetl_testkit::{TestDatabase, place};
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

pub const PATIENCE: Duration = Duration::from_mins(1);

pub const HEADER: &str = "moment;pid;father_pid;root_pid;system_pid;project;job;job_repository_id;job_version;context;\
                      origin;message_type;message;duration\n";
pub const ERRORS: &str =
    "moment;pid;root_pid;father_pid;project;job;context;priority;type;origin;message;code\n";

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

    fn start_in(lang: &str, world: &World, arguments: &[&str]) -> Self {
        let arguments = [&["up", "--port", "0", "--lang", lang], arguments].concat();
        let mut child = world
            .command(&arguments)
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
        let up = Self {
            child,
            address: String::new(),
            lines,
        };
        let line = up.line("http://");
        let address = line
            .split("http://")
            .nth(1)
            .expect("an address")
            .trim()
            .to_owned();
        up.at(address)
    }

    fn at(mut self, address: String) -> Self {
        self.address = address;
        self
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

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).expect("it runs");
    }

    pub fn stop(mut self) {
        self.signal(Signal::SIGTERM);
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

fn append(path: &std::path::Path, text: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .open(path)
        .expect("the file");
    file.write_all(text.as_bytes()).expect("written");
}

/// As if nothing had been written to it for two hours.
fn age(path: &std::path::Path) {
    let old = std::time::SystemTime::now() - Duration::from_hours(2);
    let file = OpenOptions::new().write(true).open(path);
    file.and_then(|file| file.set_modified(old))
        .expect("an older file");
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
const RECORDS: &str =
    "SELECT (SELECT count(*) FROM log) || ' rows, ' || (SELECT count(*) FROM reject) || ' rejects'";

#[test]
fn rows_that_were_there_already() {
    for (lang, words) in [
        ("en", "tuesday.csv: 2 rows were there already, from "),
        ("fr", "tuesday.csv: 2 lignes déjà présentes, venues de "),
    ] {
        let database = own_database();
        let world = World::on(&database.url);
        let rows = |pids: &[&str]| -> String {
            pids.iter()
                .map(|pid| stat("02:00:00", pid, "begin") + &stat("02:01:00", pid, "success"))
                .collect()
        };
        world.file("logs/monday.csv", &(HEADER.to_owned() + &rows(&["a", "b"])));
        let up = Up::start_in(lang, &world, &["logs"]);
        // The first look is over.
        up.line("Ctrl-C");
        world.file(
            "logs/tuesday.csv",
            &(HEADER.to_owned() + &rows(&["b", "c"])),
        );
        let line = up.line(words);
        assert!(line.ends_with("logs/monday.csv"), "{line}");
        up.stop();
    }
}

#[test]
fn files_and_rows_appear() {
    let database = own_database();
    let world = World::on(&database.url);
    let up = Up::start(&world, &[]);
    up.line("No logs yet");
    let empty = up.ask("GET /?lang=en");
    assert!(
        empty.contains("Three ways") && empty.contains("smartetl up --demo"),
        "{empty}"
    );

    // The folder itself is not there yet.
    let path = world.file(
        "data/stats.csv",
        &format!("{HEADER}{}", stat("02:00:00", "a1", "begin")),
    );
    until(&database, RUNS, "a1 unverified");
    append(&path, &stat("02:01:00", "a1", "success"));
    until(&database, RUNS, "a1 success");

    // Half a line is left until its other half comes: the file beside it proves that it was looked at.
    let line = stat("03:00:00", "a2", "begin");
    let (half, rest) = line.split_at(line.len() / 2);
    append(&path, half);
    world.file(
        "data/more.csv",
        &format!(
            "{HEADER}{}{}",
            stat("04:00:00", "a3", "begin"),
            stat("04:01:00", "a3", "failure")
        ),
    );
    until(&database, RUNS, "a1 success, a3 failed");
    until(&database, RECORDS, "4 rows, 0 rejects");
    append(
        &path,
        &format!("{rest}{}", stat("03:01:00", "a2", "success")),
    );
    until(&database, RUNS, "a1 success, a2 success, a3 failed");
    until(&database, RECORDS, "6 rows, 0 rejects");

    let page = up.ask("GET /?lang=en");
    assert!(
        page.contains("Night of 4 to 5 January") && page.contains("the only job failed"),
        "{page}"
    );
    let page = up.ask("GET /?lang=fr");
    assert!(
        page.contains("Nuit du 4 au 5 janvier") && page.contains("le seul job est en échec"),
        "{page}"
    );
    up.stop();
}

#[test]
fn the_service_answers() {
    let database = own_database();
    let world = World::on(&database.url);
    world.file(
        "logs/stats.csv",
        &format!("{HEADER}{}garbage\n", stat("02:00:00", "a1", "begin")),
    );
    let up = Up::start(&world, &["logs", "not-there"]);
    up.line("not-there");
    up.line("PostgreSQL");

    let check = |request: &str, status: &str, words: &[&str]| {
        let answer = up.ask(request);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{request}: {answer}"
        );
        for word in words {
            assert!(answer.contains(word), "{request} lacks {word}: {answer}");
        }
        answer
    };
    check(
        "GET /livez",
        "200",
        &["\"service\":\"smartetl\"", "application/json"],
    );
    check(
        "GET /readyz",
        "200",
        &["\"status\":\"ready\"", "\"loading\":false"],
    );
    check(
        "GET /metrics",
        "200",
        &[
            "content-type: text/plain; version=0.0.4",
            "# TYPE smartetl_rows gauge\nsmartetl_rows{table=\"log\",dialect=\"talend\"} 1\n",
            "smartetl_rejects{reason=\"field_count\"} 1\n",
            "smartetl_last_event_timestamp_seconds{system=\"talend\",environment=\"PROD\"} 1767574800\n",
            "smartetl_http_requests_total{route=\"/livez\",status=\"200\"} 1\n",
            "smartetl_database_up 1\n",
        ],
    );
    let head = check(
        "HEAD /",
        "200",
        &["content-security-policy: default-src 'none'", "text/html"],
    );
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    check(
        "GET /nothing",
        "404",
        &["application/problem+json", "\"status\":404"],
    );
    check(
        "GET /?environment=MOON",
        "404",
        &["application/problem+json"],
    );
    check("GET /?day=tomorrow", "400", &["application/problem+json"]);
    for method in ["POST", "PUT", "DELETE", "TRACE", "OPTIONS", "BREW"] {
        check(
            &format!("{method} /"),
            "405",
            &["allow: GET, HEAD", "application/problem+json"],
        );
    }

    // The port is taken, by smartETL itself.
    let port = up.address.rsplit(':').next().expect("a port");
    let second = world.run(&["up", "--port", port]);
    assert_eq!(second.exit, 2);
    assert!(
        second.stderr.contains("smartETL already runs here"),
        "{}",
        second.stderr
    );

    // The tables go away under it.
    let drop = "DROP TABLE _sqlx_migrations";
    assert_eq!(world.run(&["sql", "--write", drop]).exit, 0);
    check("GET /readyz", "503", &["\"name\":\"tables\",\"ok\":false"]);
    check("GET /?lang=en", "503", &["smartetl migrate"]);
    check("GET /livez", "200", &[]);
    up.stop();
}

#[test]
fn a_taken_port_is_said() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener
        .local_addr()
        .expect("an address")
        .port()
        .to_string();
    // It answers, but not as smartETL does.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
        }
    });
    let answer = World::with_database().run(&["up", "--port", &port]);
    assert_eq!(answer.exit, 2);
    assert!(
        answer.stderr.contains("another program uses 127.0.0.1"),
        "{}",
        answer.stderr
    );
    assert!(answer.stderr.contains("hint:"), "{}", answer.stderr);
}

#[test]
fn hostile_messages_are_escaped() {
    let database = own_database();
    let world = World::on(&database.url);
    let evil = "<script>alert(1)</script><img src=x onerror=alert(2)>";
    world.file(
        "data/stats.csv",
        &format!(
            "{HEADER}{}{}",
            stat("02:00:00", "a1", "begin").replace("load_orders", "<b>job</b>"),
            stat("02:01:00", "a1", "failure").replace("load_orders", "<b>job</b>")
        ),
    );
    world.file("data/logs.csv", &format!(
        "{ERRORS}2026-01-05 02:00:30;a1;a1;a1;SALES;<b>job</b>;Prod;6;Java Exception;tMap_1;java.lang.Error:{evil}\x1b[2J;1\n"
    ));
    let up = Up::start(&world, &[]);
    let line = up.line("alert(1)");
    assert!(!line.contains('\x1b'), "{line:?}");
    let page = up.ask("GET /?lang=en");
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{page}"
    );
    for raw in ["<script", "<img", "<b>job"] {
        assert!(!page.contains(raw), "{page}");
    }
    up.stop();
}

#[test]
fn a_cut_file_is_told_as_load_tells_it() {
    let database = own_database();
    let world = World::on(&database.url);
    let rows: String = (0..2000)
        .map(|run| stat("02:00:00", &format!("a{run}"), "begin"))
        .collect();
    let whole = world.file("whole.csv", &format!("{HEADER}{rows}"));
    let packed = world.home.path().join("whole.csv.gz");
    crate::pieces::compress(&whole, &packed);
    let bytes = std::fs::read(&packed).expect("it was written");
    std::fs::create_dir(world.home.path().join("data")).expect("a folder");
    let cut = world.home.path().join("data/cut.csv.gz");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("there is room");
    world.file("data/empty.csv", "");
    // It may still be copied: that is said at once, the reason when nothing changes any more.
    let up = Up::start(&world, &[]);
    up.line("! 2 files cannot be read to their end, and were written just now");
    age(&cut);
    age(&world.home.path().join("data/empty.csv"));
    let told = up.line("cut.csv.gz");
    let hint = up.line("hint: copy the file again");
    up.line("empty.csv: the source is empty");
    up.stop();
    let load = world.run(&["load", "data/cut.csv.gz"]);
    let reason = told.rsplit_once("cut.csv.gz: ").expect("a reason").1;
    assert!(reason.contains("damaged behind record"), "{told}");
    assert!(
        load.stdout.contains(reason) && load.stdout.contains(&hint),
        "{told}\n{hint}\n{}",
        load.stdout
    );
}

#[test]
fn why_a_file_cannot_be_read_is_told_in_the_readers_language() {
    let database = own_database();
    let world = World::on(&database.url);
    for (name, bytes) in [("people.csv", "name;age\nann;31\n"), ("empty.csv", "")] {
        age(&world.file(&format!("data/{name}"), bytes));
    }
    let up = Up::start_in("fr", &world, &["data", "ailleurs"]);
    up.line("! ailleurs: n’existe pas");
    up.line("empty.csv: le fichier est vide");
    up.line("people.csv: aucun dialecte ne connaît ces colonnes\u{a0}: name, age");
    up.line("conseil\u{a0}: dites quel outil l’a écrit avec --dialect");
    for (lang, words) in [
        ("fr", "aucun dialecte ne connaît ces colonnes"),
        ("en", "no dialect knows these columns"),
    ] {
        let page = up.ask(&format!("GET /?lang={lang}"));
        assert!(page.contains(words), "{page}");
    }
    up.stop();
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let database = own_database();
    let world = World::on(&database.url);
    let bad = world.file("data/bad.csv", "PK\x03\x04\0\0\0\0\0\0");
    age(&bad);
    world.file(
        "data/stats.csv",
        &format!(
            "{HEADER}{}{}",
            stat("02:00:00", "a1", "begin"),
            stat("02:01:00", "a1", "success")
        ),
    );
    let up = Up::start(&world, &[]);
    up.line("bad.csv");
    until(&database, RUNS, "a1 success");
    let page = up.ask("GET /?lang=en");
    assert!(
        page.contains("1 path cannot be read") && page.contains("this is no text and no Parquet"),
        "{page}"
    );
    let metrics = up.ask("GET /metrics");
    for sample in [
        "smartetl_unreadable_paths 1",
        "smartetl_files_failed_total 1",
    ] {
        assert!(
            metrics.contains(&format!("\n{sample}\n")),
            "{sample}: {metrics}"
        );
    }
    std::fs::remove_file(&bad).expect("it is there");
    until_said(&up, "GET /metrics", "\nsmartetl_unreadable_paths 0\n");
    up.stop();
}

#[test]
fn a_line_that_goes_on_after_long_silence_is_read_as_a_whole() {
    let database = own_database();
    let world = World::on(&database.url);
    let line = stat("02:01:00", "a1", "success");
    let (half, rest) = line.split_at(line.len() - 3);
    let path = world.file(
        "data/stats.csv",
        &format!("{HEADER}{}{half}", stat("02:00:00", "a1", "begin")),
    );
    age(&path);
    let up = Up::start(&world, &[]);
    let reported = "SELECT string_agg(duration_reported_ms::text, ', ') FROM dataset";
    until(&database, reported, "600");
    append(&path, rest);
    until(&database, reported, "60000");
    append(&path, &stat("03:00:00", "a2", "begin"));
    until(&database, RUNS, "a1 success, a2 unverified");
    until(&database, RECORDS, "3 rows, 0 rejects");
    assert!(
        up.ask("GET /metrics")
            .contains("smartetl_lines_reopened_total 1\n")
    );
    // A half line is told, where one looks, until it ends.
    append(&path, half);
    until_said(&up, "GET /?lang=en", "1 file has a last line without end");
    assert!(
        up.ask("GET /metrics")
            .contains("smartetl_waiting_files 1\n")
    );
    up.stop();
}

#[test]
fn runs_that_cannot_be_made_are_told_and_made_later() {
    let database = own_database();
    let world = World::on(&database.url);
    world.file(
        "data/stats.csv",
        &format!("{HEADER}{}", stat("02:00:00", "a1", "begin")),
    );
    let up = Up::start(&world, &[]);
    until(&database, RUNS, "a1 unverified");
    let change = |statement: &str| {
        let answer = world.run(&["sql", "--write", statement]);
        assert_eq!(answer.exit, 0, "{}", answer.stderr);
    };
    change("ALTER TABLE dataset ADD CONSTRAINT cursed CHECK (run_id <> 'b1') NOT VALID");
    let stats = stat("04:00:00", "b1", "begin");
    world.file("data/more.csv", &format!("{HEADER}{stats}garbage\n"));
    up.line("no runs can be made of them");
    // The rows are there, and what comes after them too.
    until(&database, RECORDS, "2 rows, 1 rejects");
    append(
        &world.home.path().join("data/stats.csv"),
        &stat("02:01:00", "a1", "success"),
    );
    until(&database, RECORDS, "3 rows, 1 rejects");
    let page = up.ask("GET /?lang=en");
    assert!(
        page.contains("no runs can be made of them at the moment") && page.contains("cursed"),
        "{page}"
    );
    assert!(
        up.ask("GET /?lang=fr")
            .contains("aucune exécution ne peut en être tirée")
    );
    let metrics = up.ask("GET /metrics");
    for sample in [
        "smartetl_fuse_trouble 1",
        "smartetl_intake_trouble 0",
        "smartetl_records_rejected_total 1",
        "smartetl_files_failed_total 0",
    ] {
        assert!(
            metrics.contains(&format!("\n{sample}\n")),
            "{sample}: {metrics}"
        );
    }
    assert!(
        !metrics.contains("\nsmartetl_fuses_failed_total 0\n"),
        "{metrics}"
    );
    change("ALTER TABLE dataset DROP CONSTRAINT cursed");
    up.line("runs are made again");
    until(&database, RUNS, "a1 success, b1 unverified");
    assert!(
        up.ask("GET /metrics")
            .contains("\nsmartetl_fuse_trouble 0\n")
    );
    up.stop();
}

#[test]
fn the_demo_has_a_database_of_its_own() {
    let database = own_database();
    let cache = place::cache().display().to_string();
    let world = World::on(&database.url).set("SMARTETL_CACHE_DIR", &cache);
    let folder = world.home.path().join("kept");
    let data_dir = folder.display().to_string();
    let up = Up::start(&world, &["--demo", "--data-dir", &data_dir]);
    up.line("DEMO");
    up.line("Night of");
    let page = up.ask("GET /?lang=en");
    assert!(
        page.contains("simulated logs") && page.contains("smartetl-demo: true"),
        "{page}"
    );
    assert!(up.ask("GET /metrics").contains("smartetl_demo 1\n"));
    until(&database, RECORDS, "0 rows, 0 rejects");
    let demo = folder.join("demo").display().to_string();
    let own = World::new().set("SMARTETL_CACHE_DIR", &cache);
    let rows = own.run(&[
        "sql",
        "--data-dir",
        &demo,
        "SELECT count(*) > 1000 AS many FROM dataset",
        "--format",
        "csv",
    ]);
    assert_eq!(rows.stdout, "many\nt\n", "{}", rows.stderr);
    up.stop();
    assert!(
        !folder
            .join("demo/postgresql/cluster/postmaster.pid")
            .exists(),
        "the server stopped"
    );
    assert!(folder.join("demo/postgresql").is_dir());

    // The same logs again are nothing new, and stay.
    let up = Up::start(&world, &["--demo", "--data-dir", &data_dir]);
    up.line("Night of");
    assert!(
        up.ask("GET /metrics")
            .contains("smartetl_records_read_total 0\n")
    );
    up.stop();
}

#[test]
fn a_database_that_goes_away_is_waited_for() {
    let database = own_database();
    let world = World::on(&database.url);
    world.file(
        "data/stats.csv",
        &format!("{HEADER}{}", stat("02:00:00", "a1", "begin")),
    );
    let up = Up::start(&world, &[]);
    until(&database, RUNS, "a1 unverified");
    let elsewhere = World::with_database();
    let admin = |statement: String| {
        let answer = elsewhere.run(&["sql", "--write", &statement]);
        assert_eq!(answer.exit, 0, "{}", answer.stderr);
    };
    let name = &database.name;
    admin(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    admin(format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'"
    ));
    append(
        &world.home.path().join("data/stats.csv"),
        &stat("02:01:00", "a1", "success"),
    );
    up.line("cannot store new logs");
    assert!(up.ask("GET /readyz").starts_with("HTTP/1.1 503"));
    let page = up.ask("GET /?lang=en");
    assert!(
        page.starts_with("HTTP/1.1 503") && page.contains("The database does not answer"),
        "{page}"
    );
    assert!(up.ask("GET /metrics").contains("smartetl_database_up 0\n"));
    assert!(up.ask("GET /livez").starts_with("HTTP/1.1 200"));
    admin(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    up.line("the database is back");
    until(&database, RUNS, "a1 success");
    up.stop();
}
