//! The PostgreSQL 17 that smartETL brings along: found or downloaded, started, shared, stopped.
//!
//! Processes that use one data folder share one server. It must never listen beyond loopback, run
//! without fsync, leave a process behind, or touch a cluster of another version or owner.
//!
//! - [`Embedded::start`] joins the server of a folder, or starts it.
//! - `programs`: where `postgres` comes from. `home`: what lies where. `identity`: as whom it
//!   runs. `initdb`: a new cluster. `postmaster`: one server. `supervisor`: the process that holds
//!   it. `runner`: the hidden subcommand that the program must offer.

mod error;
mod home;
mod identity;
mod initdb;
mod postmaster;
mod programs;
mod runner;
mod server;
mod supervisor;

use std::path::PathBuf;
use std::time::Duration;

pub use error::EmbeddedError;
pub use home::random;
pub use runner::{SUBCOMMAND, run_as_postgres};
pub use server::{Embedded, Server};

/// The version of the cluster's format.
const MAJOR: &str = "17";

/// The role that owns everything, and the database it works in.
const USER: &str = "smartetl";
const DATABASE: &str = "smartetl";

/// Where the embedded server lives and what it is made from.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server's files are in `postgresql/` below it. Made where it is missing.
    pub data_dir: PathBuf,
    /// Holds the unpacked programs, for any number of data folders.
    pub cache_dir: PathBuf,
    /// The archive as a file, for machines without network (`--postgres-archive`).
    pub archive: Option<PathBuf>,
    /// The programs of an installed PostgreSQL 17 (`SMARTETL_POSTGRES_BIN`).
    pub bin: Option<PathBuf>,
    /// A program whose `main` hands [`SUBCOMMAND`] to [`run_as_postgres`]; normally itself.
    pub runner: PathBuf,
    /// How long to wait until the server accepts connections. Recovery after a crash is part of
    /// it, the download is not.
    pub timeout: Duration,
}

impl Options {
    pub fn new(data_dir: PathBuf, cache_dir: PathBuf, runner: PathBuf) -> Self {
        Self {
            data_dir,
            cache_dir,
            archive: None,
            bin: None,
            runner,
            timeout: Duration::from_mins(2),
        }
    }
}

/// The platform's folder for data of this user, such as `~/.local/share/smartetl`.
pub fn default_data_dir() -> Result<PathBuf, EmbeddedError> {
    directories::ProjectDirs::from("", "", "smartetl")
        .map(|folders| folders.data_dir().to_path_buf())
        .ok_or_else(|| EmbeddedError::NoFolder {
            what: "data".into(),
            variable: "SMARTETL_DATA_DIR".into(),
        })
}

/// The platform's folder for what can be fetched again, such as `~/.cache/smartetl`.
pub fn default_cache_dir() -> Result<PathBuf, EmbeddedError> {
    directories::ProjectDirs::from("", "", "smartetl")
        .map(|folders| folders.cache_dir().to_path_buf())
        .ok_or_else(|| EmbeddedError::NoFolder {
            what: "cache".into(),
            variable: "SMARTETL_CACHE_DIR".into(),
        })
}
