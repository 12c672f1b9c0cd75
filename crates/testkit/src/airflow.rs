//! A real Apache Airflow for tests, on loopback: API server, DAG processor and scheduler, as [`Home`] says.
//!
//! It comes with pip, once for each version of `docker/airflow/requirements.lock`, into the scratch folder of the target folder.

mod home;
mod install;

use std::fs::{File, read_dir, read_link, read_to_string};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub use self::home::Home;

/// Cold Python on two very busy cores.
const PATIENCE: Duration = Duration::from_mins(10);

/// An Airflow with a folder and a port of its own. Stops when it is dropped.
#[derive(Debug)]
pub struct Airflow {
    pub home: Home,
    token: String,
    processes: Vec<Child>,
}

impl Airflow {
    /// Starts one. DAGs with a schedule begin at once.
    ///
    /// # Panics
    /// When it does not start: the message says why.
    pub fn start(home: Home) -> Self {
        let mut airflow = Self {
            home,
            token: String::new(),
            processes: Vec::new(),
        };
        // Tasks that start before the server answers would fail.
        airflow.spawn(&["api-server"]);
        airflow.spawn(&["dag-processor"]);
        airflow.token = airflow.until("the API server answers", |airflow| {
            let answer = airflow.ask("GET", "/auth/token", None)?;
            answer["access_token"].as_str().map(str::to_owned)
        });
        airflow.until("the DAGs are known", |airflow| {
            let known = airflow.get("/api/v2/dags")?["total_entries"].as_u64()?;
            (known >= airflow.home.dags_known).then_some(())
        });
        airflow.spawn(&["scheduler", "--skip-serve-logs"]);
        airflow
    }

    /// Waits until a DAG is known.
    ///
    /// # Panics
    /// When it is not in time.
    pub fn knows(&self, dag: &str) {
        self.until(&format!("{dag} is known"), |airflow| {
            airflow.get(&format!("/api/v2/dags/{dag}"))
        });
    }

    /// Starts a run of a DAG, as a person or another program does, and says what it is called.
    ///
    /// # Panics
    /// When Airflow refuses.
    pub fn trigger(&self, dag: &str) -> String {
        self.trigger_with(dag, &json!({}))
    }

    /// The same, with other parameters.
    ///
    /// # Panics
    /// When Airflow refuses.
    pub fn trigger_with(&self, dag: &str, parameters: &Value) -> String {
        let path = format!("/api/v2/dags/{dag}/dagRuns");
        let wanted = json!({ "logical_date": null, "conf": parameters });
        let answer = self.ask("POST", &path, Some(&wanted));
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
            let answer = airflow.get("/api/v2/dags/~/dagRuns")?;
            let mut states: Vec<_> = (answer["dag_runs"].as_array()?.iter())
                .filter_map(|run| Some((word(run, "dag_id")?, word(run, "state")?)))
                .filter(|(_, state)| is_over(state))
                .collect();
            states.sort();
            (states.len() >= count).then_some(states)
        })
    }

    /// Waits until a run of this DAG is over that began by itself; what it is called.
    ///
    /// # Panics
    /// When there is none in time.
    pub fn scheduled_run(&self, dag: &str) -> String {
        self.until(&format!("{dag} ran by its schedule"), |airflow| {
            let path = format!("/api/v2/dags/{dag}/dagRuns?run_type=scheduled");
            let answer = airflow.get(&path)?;
            let run = answer["dag_runs"].as_array()?.first()?;
            word(run, "state").filter(|state| is_over(state))?;
            word(run, "dag_run_id")
        })
    }

    /// Waits until a run is over; its state, and `task tries state` of each of its tasks, by name.
    ///
    /// # Panics
    /// When it is not over in time.
    pub fn outcome(&self, dag: &str, run: &str) -> (String, Vec<String>) {
        let path = format!("/api/v2/dags/{dag}/dagRuns/{run}");
        let state = self.until(&format!("{run} of {dag} is over"), |airflow| {
            word(&airflow.get(&path)?, "state").filter(|state| is_over(state))
        });
        let answer = self.get(&format!("{path}/taskInstances"));
        let tasks = answer
            .as_ref()
            .and_then(|tasks| tasks["task_instances"].as_array());
        let mut told: Vec<_> = (tasks.expect("a run has tasks").iter())
            .map(|task| {
                let [name, state] =
                    ["task_id", "state"].map(|key| word(task, key).unwrap_or_default());
                format!("{name} {} {state}", task["try_number"])
            })
            .collect();
        told.sort();
        (state, told)
    }

    /// What its API says at this path; `None` where it has nothing there.
    pub fn get(&self, path: &str) -> Option<Value> {
        self.ask("GET", path, None)
    }

    /// Starts a part of it.
    ///
    /// # Panics
    /// When it cannot be run.
    fn spawn(&mut self, arguments: &[&str]) {
        let log = File::create(
            self.home
                .folder
                .path()
                .join(format!("{}.log", arguments[0])),
        )
        .expect("a log of Airflow");
        let mut command = self.home.command();
        command
            .args(arguments)
            .stdout(log.try_clone().expect("a log of Airflow"))
            .stderr(log);
        self.processes
            .push(command.spawn().expect("Airflow can be run"));
    }

    /// A request to its API; `None` where there is no answer, or one that tells of an error.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.home.port)).ok()?;
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
            let path = self.home.folder.path().join(format!("{name}.log"));
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
            let alive = below(self.home.folder.path());
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

fn word(of: &Value, key: &str) -> Option<String> {
    Some(of[key].as_str()?.to_owned())
}

fn is_over(state: &str) -> bool {
    state == "success" || state == "failed"
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
