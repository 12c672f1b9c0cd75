//! An Airflow that does not run yet: its folder, its DAGs and what stands in its environment. Commands of Airflow can be run in it.

use std::fs::{copy, create_dir_all, read_dir, read_to_string};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::install;
use crate::kafka::free_port;

/// Nights of a small company, told by Airflow's provider of OpenLineage.
const NIGHTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/airflow/dags");
/// What the stack runs.
const STACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../conf/airflow");
/// Processes of Airflow sign with it what they tell each other. It has to be as long as this.
const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Removed when it is dropped.
#[derive(Debug)]
pub struct Home {
    pub(super) folder: tempfile::TempDir,
    pub(super) port: u16,
    /// How many DAGs are known before it begins to work.
    pub(super) dags_known: u64,
    programs: Option<PathBuf>,
    variables: Vec<(String, String)>,
}

impl Home {
    /// With DAGs of a small company. Its provider of OpenLineage sends to this address, such as `http://127.0.0.1:8480`; what is set
    /// about it is what its page tells people.
    ///
    /// # Panics
    /// When Airflow cannot be installed: the message says why and what to do.
    pub fn of_a_company(address: &str) -> Self {
        let transport = json!({ "type": "http", "url": address, "endpoint": "api/v1/lineage" });
        let home = Self::new().with(&[
            ("AIRFLOW__OPENLINEAGE__TRANSPORT", &transport.to_string()),
            ("AIRFLOW__OPENLINEAGE__NAMESPACE", "airflow-prod"),
            ("AIRFLOW__OPENLINEAGE__EXECUTION_TIMEOUT", "30"),
            ("AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION", "False"),
            ("AIRFLOW__CORE__PARALLELISM", "4"),
            ("AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT", "120"),
            ("AIRFLOW__API__WORKERS", "1"),
            ("AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES", "1"),
        ]);
        copy_files(Path::new(NIGHTS), &home.dags());
        Self {
            dags_known: 3,
            ..home
        }
    }

    /// As the stack sets it up: `conf/airflow` with its settings, DAGs, plugins and pools. Its tasks find this program.
    ///
    /// # Panics
    /// When Airflow cannot be installed or refuses the pools: the message says why and what to do.
    pub fn of_the_stack(program: &Path, variables: &[(&str, &str)]) -> Self {
        let stack = Path::new(STACK);
        let settings =
            read_to_string(stack.join("airflow.env")).expect("the settings of the stack");
        let settings: Vec<_> = settings
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('='))
            .collect();
        let home = Self::new().with(&settings).with(variables);
        copy_files(&stack.join("dags"), &home.dags());
        let plugins = home.folder.path().join("plugins");
        copy_files(&stack.join("plugins"), &plugins);
        let home = Self {
            programs: program.parent().map(Path::to_owned),
            ..home.with(&[(
                "AIRFLOW__CORE__PLUGINS_FOLDER",
                &plugins.display().to_string(),
            )])
        };
        if home.has("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN") {
            home.run(&["db", "migrate"]);
        }
        let pools = stack.join("pools.json").display().to_string();
        home.run(&["pools", "import", &pools]);
        home
    }

    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for Airflow");
        install::prepare(folder.path());
        let home = Self {
            folder,
            port: free_port(),
            dags_known: 0,
            programs: None,
            variables: Vec::new(),
        };
        create_dir_all(home.dags()).expect("a folder for DAGs");
        let port = home.port.to_string();
        let server = format!("http://127.0.0.1:{port}/execution/");
        let dags = home.dags().display().to_string();
        home.with(&[
            ("AIRFLOW__CORE__DAGS_FOLDER", &dags),
            ("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", "True"),
            ("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", &server),
            ("AIRFLOW__API__HOST", "127.0.0.1"),
            ("AIRFLOW__API__PORT", &port),
            ("AIRFLOW__API_AUTH__JWT_SECRET", SECRET),
            ("AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME", "0.2"),
        ])
    }

    /// What is said later counts.
    fn with(mut self, variables: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.variables.extend(variables.iter().map(owned));
        self
    }

    fn has(&self, variable: &str) -> bool {
        self.variables.iter().any(|(name, _)| name == variable)
    }

    /// Where its DAGs are; what is put there is one of them.
    pub fn dags(&self) -> PathBuf {
        self.folder.path().join("dags")
    }

    /// What smartETL could not be told yet.
    pub fn untold(&self) -> usize {
        let found = read_dir(self.folder.path().join("smartetl-events"));
        let names = found.into_iter().flatten().filter_map(Result::ok);
        let is_event = |path: PathBuf| path.extension().is_some_and(|kind| kind == "json");
        names.filter(|entry| is_event(entry.path())).count()
    }

    /// What a command of Airflow's writes to stdout.
    ///
    /// # Panics
    /// When it fails: with all that it said.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = install::run(self.command().args(arguments));
        String::from_utf8_lossy(&output).into_owned()
    }

    /// All that a command of Airflow's says that has to fail.
    ///
    /// # Panics
    /// When it does not.
    pub fn fails(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).output();
        let output = output.expect("Airflow can be run");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(
            !output.status.success(),
            "{arguments:?} should fail: {said}"
        );
        said
    }

    /// What a Python program writes to stdout that finds the plugins as Airflow does.
    ///
    /// # Panics
    /// When it fails: with all that it said.
    pub fn python(&self, program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> String {
        let mut command = install::program(install::folder(), "python", self.folder.path());
        command.envs(self.variables.iter().cloned());
        command.envs(variables.iter().copied());
        command.env("PYTHONPATH", self.folder.path().join("plugins"));
        let output = install::run(command.args(["-c", program]).args(arguments));
        String::from_utf8_lossy(&output).into_owned()
    }

    pub(super) fn command(&self) -> Command {
        let folder = install::folder();
        let mut command = install::program(folder, "airflow", self.folder.path());
        command.envs(self.variables.iter().cloned());
        if let Some(programs) = &self.programs {
            let path = install::path(folder);
            command.env("PATH", format!("{}:{path}", programs.display()));
        }
        command
    }
}

fn copy_files(from: &Path, to: &Path) {
    create_dir_all(to).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
    for entry in read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let path = entry.expect("a file of a folder").path();
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            copy(&path, to.join(name)).expect("a file can be copied");
        }
    }
}
