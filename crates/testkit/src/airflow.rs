//! A real Apache Airflow for tests, on loopback: API server, DAG processor and scheduler over a `SQLite` of its own. Its provider of
//! OpenLineage sends an event for whatever happens.
//!
//! It comes with pip, once for each version of `airflow/requirements.txt`, into the scratch folder of the target folder.

mod install;

use std::fs::{File, copy, create_dir_all, read_dir, read_link, read_to_string};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::kafka::free_port;

/// Cold Python on two very busy cores.
const PATIENCE: Duration = Duration::from_mins(10);
const DAGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/airflow/dags");
/// Processes of Airflow sign with it what they tell each other. It has to be as long as this.
const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// An Airflow with a folder and a port of its own, that knows the DAGs of `airflow/dags`. Stops when it is dropped.
#[derive(Debug)]
pub struct Airflow {
    port: u16,
    token: String,
    folder: tempfile::TempDir,
    processes: Vec<Child>,
}

impl Airflow {
    /// Starts one whose events go to this address, such as `http://127.0.0.1:8480`. DAGs with a schedule begin at once.
    ///
    /// # Panics
    /// When it cannot be installed or does not start: the message says why and what to do.
    pub fn start(address: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for Airflow");
        install::prepare(folder.path());
        let mut airflow = Self {
            port: free_port(),
            token: String::new(),
            folder,
            processes: Vec::new(),
        };
        create_dir_all(airflow.dags()).expect("a folder for DAGs");
        for dag in read_dir(DAGS).expect("the DAGs of the tests") {
            let dag = dag.expect("the DAGs of the tests").path();
            if let Some(name) = dag.file_name().filter(|_| dag.is_file()) {
                copy(&dag, airflow.dags().join(name)).expect("a DAG can be copied");
            }
        }
        // Tasks that start before the server answers would fail.
        airflow.spawn(address, &["api-server"]);
        airflow.spawn(address, &["dag-processor"]);
        airflow.token = airflow.until("the API server answers", |airflow| {
            let answer = airflow.ask("GET", "/auth/token", None)?;
            answer["access_token"].as_str().map(str::to_owned)
        });
        airflow.until("the DAGs are known", |airflow| {
            let known = airflow.ask("GET", "/api/v2/dags", None)?["total_entries"].as_u64()?;
            (known >= 3).then_some(())
        });
        airflow.spawn(address, &["scheduler", "--skip-serve-logs"]);
        airflow
    }

    /// Starts a run of a DAG, as a person or another program does, and says what it is called.
    ///
    /// # Panics
    /// When Airflow refuses.
    pub fn trigger(&self, dag: &str) -> String {
        let path = format!("/api/v2/dags/{dag}/dagRuns");
        let answer = self.ask("POST", &path, Some(&json!({ "logical_date": null })));
        let id = answer.as_ref().and_then(|run| run["dag_run_id"].as_str());
        id.unwrap_or_else(|| panic!("{dag} cannot be started: {answer:?}"))
            .to_owned()
    }

    /// Waits until so many runs are over, and tells the state of each, by the name of the DAG.
    ///
    /// # Panics
    /// When they are not over in time.
    pub fn runs(&self, count: usize) -> Vec<(String, String)> {
        self.until("all runs are over", |airflow| {
            let answer = airflow.ask("GET", "/api/v2/dags/~/dagRuns", None)?;
            let runs = answer["dag_runs"].as_array()?.iter();
            let mut states: Vec<_> = runs
                .filter_map(|run| {
                    let word = |key: &str| Some(run[key].as_str()?.to_owned());
                    Some((word("dag_id")?, word("state")?))
                })
                .filter(|(_, state)| state == "success" || state == "failed")
                .collect();
            states.sort();
            (states.len() >= count).then_some(states)
        })
    }

    /// Starts a part of it. What is set about OpenLineage is what its page tells people.
    ///
    /// # Panics
    /// When it cannot be run.
    fn spawn(&mut self, address: &str, arguments: &[&str]) {
        let log = File::create(self.folder.path().join(format!("{}.log", arguments[0])))
            .expect("a log of Airflow");
        let transport = json!({ "type": "http", "url": address, "endpoint": "api/v1/lineage" });
        let mut command = install::airflow(&install::folder(), self.folder.path());
        command
            .args(arguments)
            .env("AIRFLOW__OPENLINEAGE__TRANSPORT", transport.to_string())
            .env("AIRFLOW__OPENLINEAGE__NAMESPACE", "airflow-prod")
            .env("AIRFLOW__OPENLINEAGE__EXECUTION_TIMEOUT", "30")
            .env("AIRFLOW__CORE__DAGS_FOLDER", self.dags())
            .env("AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION", "False")
            .env("AIRFLOW__CORE__PARALLELISM", "4")
            .env("AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT", "120")
            .env("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", "True")
            .env(
                "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
                format!("http://127.0.0.1:{}/execution/", self.port),
            )
            .env("AIRFLOW__API__HOST", "127.0.0.1")
            .env("AIRFLOW__API__PORT", self.port.to_string())
            .env("AIRFLOW__API__WORKERS", "1")
            .env("AIRFLOW__API_AUTH__JWT_SECRET", SECRET)
            .env("AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES", "1")
            .env("AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME", "0.2")
            .stdout(log.try_clone().expect("a log of Airflow"))
            .stderr(log);
        self.processes
            .push(command.spawn().expect("Airflow can be run"));
    }

    fn dags(&self) -> PathBuf {
        self.folder.path().join("dags")
    }

    /// A request to its API; `None` where there is no answer, or one that tells of an error.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let body = body.map(Value::to_string).unwrap_or_default();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.token,
            body.len(),
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let is_good = head.split(' ').nth(1)?.starts_with('2');
        serde_json::from_str(body).ok().filter(|_| is_good)
    }

    fn until<T>(&self, what: &str, found: impl Fn(&Self) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = found(self) {
                return found;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "not so in time: {what}\n{}",
                self.told()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The end of what its processes said.
    pub fn told(&self) -> String {
        let logs = ["api-server", "dag-processor", "scheduler"].map(|name| {
            let path = self.folder.path().join(format!("{name}.log"));
            let text = read_to_string(path).unwrap_or_default();
            let lines: Vec<_> = text.lines().collect();
            let last = lines[lines.len().saturating_sub(30)..].join("\n");
            format!("--- {name}\n{last}")
        });
        logs.join("\n")
    }
}

impl Drop for Airflow {
    fn drop(&mut self) {
        // Nobody needs its data. A scheduler that is asked to end takes its time, and its children are no children of ours.
        loop {
            let alive = below(self.folder.path());
            if alive.is_empty() {
                break;
            }
            let _ = Command::new("kill").arg("-KILL").args(alive).status();
            for process in &mut self.processes {
                let _ = process.try_wait();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The ids of the processes whose home this is. Those that give themselves a title write it over what they were started with, and still
/// stand in its folder; commands of tasks stand elsewhere.
fn below(home: &Path) -> Vec<String> {
    let sign = format!("{}={}\0", install::VARIABLE, home.display());
    // As the system calls it.
    let folder = home.canonicalize().unwrap_or_else(|_| home.to_owned());
    let Ok(all) = read_dir("/proc") else {
        return Vec::new();
    };
    all.filter_map(|entry| {
        let process = entry.ok()?;
        let stands = read_link(process.path().join("cwd")).ok()?;
        let surroundings = std::fs::read(process.path().join("environ")).ok()?;
        let found = stands.starts_with(&folder)
            || surroundings
                .windows(sign.len())
                .any(|part| part == sign.as_bytes());
        found.then(|| process.file_name().to_string_lossy().into_owned())
    })
    .collect()
}
