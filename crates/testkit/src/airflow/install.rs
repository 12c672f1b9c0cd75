//! Brings Airflow, and prepares an empty one.

use std::fs::{File, copy, create_dir_all, read_dir, read_to_string, write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use xxhash_rust::xxh3::Xxh3;

use crate::place;

/// The same as in the image.
const REQUIREMENTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docker/airflow/requirements.lock"
);
/// Where Airflow keeps what is its own; its processes are known by it.
pub(super) const VARIABLE: &str = "AIRFLOW_HOME";
/// Below the folder: an Airflow without runs.
const HOME: &str = "home";
const SETTINGS: &str = "airflow.cfg";
const DATABASE: &str = "airflow.db";

/// The folder with Airflow; pip brings it once.
pub(super) fn folder() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(ready_folder);
    &FOLDER
}

fn ready_folder() -> PathBuf {
    let python = python();
    let mut hasher = Xxh3::new();
    hasher.update(&std::fs::read(REQUIREMENTS).expect("the requirements of Airflow"));
    // An environment belongs to one version of Python.
    hasher.update(&run(Command::new(&python).arg("--version")));
    let folder = place::scratch().join(format!("airflow-{:016x}", hasher.digest()));
    let ready = folder.join("READY");
    if ready.is_file() {
        return folder;
    }
    create_dir_all(place::scratch()).expect("the scratch folder can be made");
    let lock = File::create(folder.with_extension("lock")).expect("the lock of Airflow");
    lock.lock().expect("Airflow can be locked");
    if !ready.is_file() {
        fetch(&python, &folder);
        write(&ready, "").expect("the folder of Airflow can be written");
    }
    folder
}

/// Makes a folder the home of an Airflow without runs.
pub(super) fn prepare(home: &Path) {
    let prepared = folder().join(HOME);
    let settings = read_to_string(prepared.join(SETTINGS)).expect("the settings of Airflow");
    let [from, to] = [&prepared, home].map(|folder| folder.display().to_string());
    write(home.join(SETTINGS), settings.replace(&from, &to)).expect("settings can be written");
    copy(prepared.join(DATABASE), home.join(DATABASE)).expect("an empty database can be copied");
}

/// A program of Airflow's with this home. It dies with the thread that starts it.
pub(super) fn program(folder: &Path, name: &str, home: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "TERM"])
        .arg(folder.join("bin").join(name))
        .env_clear()
        .env("PATH", path(folder))
        .env("HOME", home)
        .env(VARIABLE, home)
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .env("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
        .env("AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS", "False")
        .env("AIRFLOW__USAGE_DATA_COLLECTION__ENABLED", "False")
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

/// Where its programs are found.
pub(super) fn path(folder: &Path) -> String {
    let programs = folder.join("bin");
    format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display())
}

fn fetch(python: &Path, folder: &Path) {
    run(Command::new(python)
        .args(["-m", "venv", "--clear"])
        .arg(folder));
    run(Command::new(folder.join("bin/pip"))
        .args(["install", "--quiet", "--disable-pip-version-check"])
        // What is locked is all there is; nothing is built.
        .args(["--require-hashes", "--no-deps", "--only-binary", ":all:"])
        .args(["--requirement", REQUIREMENTS]));
    let home = folder.join(HOME);
    create_dir_all(&home).expect("a home for Airflow");
    run(program(folder, "airflow", &home).args(["db", "migrate"]));
}

/// Python 3.12, as in the image, wherever it is; else that of the system. Both need what `.ci/need` installs.
fn python() -> PathBuf {
    let of_the_user =
        std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv/versions"));
    let versions = of_the_user.and_then(|folder| read_dir(folder).ok());
    let versions = versions.into_iter().flatten().filter_map(Result::ok);
    let mut known: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin/python3.12"))
        .collect();
    let system = ["/usr/bin", "/usr/local/bin"].map(PathBuf::from);
    known.extend(system.iter().map(|folder| folder.join("python3.12")));
    known.extend(system.iter().map(|folder| folder.join("python3")));
    let has_all = |python: &PathBuf| {
        let mut command = Command::new(python);
        command.args([
            "-c",
            "import sys, ensurepip, venv, sqlite3, ssl; sys.exit(sys.version_info < (3, 11))",
        ]);
        let output = command.stdin(Stdio::null()).output();
        output.is_ok_and(|output| output.status.success())
    };
    let found = known.into_iter().find(has_all);
    found.unwrap_or_else(|| PathBuf::from("python3"))
}

/// What a command says, which has to succeed.
pub(super) fn run(command: &mut Command) -> Vec<u8> {
    match command.stdin(Stdio::null()).output() {
        Err(error) => panic!(
            "{command:?} cannot be run ({error}): install Python 3.11 or later with venv; `make test` does"
        ),
        Ok(output) => {
            assert!(
                output.status.success(),
                "{command:?} failed:\n{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            output.stdout
        }
    }
}
