//! What can go wrong with the embedded server, in words for a person.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Why the embedded server could not be had. `Display` says what happened and where; [`hint`]
/// says what to do. It travels from the supervisor to its caller as JSON, so it holds text where
/// the cause is foreign.
///
/// [`hint`]: EmbeddedError::hint
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[non_exhaustive]
pub enum EmbeddedError {
    #[error("this user has no home folder, so there is no place for the {what}")]
    NoFolder { what: String, variable: String },
    #[error("PostgreSQL {version} for {platform} could not be downloaded: {reason}")]
    Download {
        version: String,
        platform: String,
        reason: String,
    },
    #[error("the archive {} cannot be used: {reason}", path.display())]
    Archive { path: PathBuf, reason: String },
    #[error("no usable PostgreSQL 17 in {}: {reason}", path.display())]
    Programs { path: PathBuf, reason: String },
    #[error("the database in {} was made by PostgreSQL {found}, not 17", folder.display())]
    ClusterVersion { folder: PathBuf, found: String },
    #[error("no rights on {}: {reason}", path.display())]
    NoRights { path: PathBuf, reason: String },
    #[error("the disk that holds {} is full", path.display())]
    DiskFull { path: PathBuf },
    #[error("port {port} of 127.0.0.1 is taken by another program")]
    PortTaken { port: u16, file: PathBuf },
    #[error("PostgreSQL cannot run as this user: {reason}")]
    User { reason: String },
    #[error("a new database could not be made in {}: {reason}", folder.display())]
    Initialise { folder: PathBuf, reason: String },
    #[error("PostgreSQL did not start; the end of {}: {reason}", log.display())]
    Start { log: PathBuf, reason: String },
    #[error("PostgreSQL was not {state} after {seconds} s, see {}", log.display())]
    Timeout {
        state: String,
        seconds: u64,
        log: PathBuf,
    },
    #[error("the supervisor of PostgreSQL, {}, failed: {reason}", program.display())]
    Supervisor { program: PathBuf, reason: String },
    #[error("the embedded PostgreSQL on port {port} refused the connection: {reason}")]
    Connect { port: u16, reason: String },
    #[error("could not {action} {}: {reason}", path.display())]
    Io {
        action: String,
        path: PathBuf,
        reason: String,
    },
}

impl EmbeddedError {
    /// What the person can do about it: one sentence.
    pub fn hint(&self) -> String {
        match self {
            Self::NoFolder { variable, .. } => format!("set {variable} to a folder"),
            Self::Download { version, platform, .. } => format!(
                "fetch embedded-postgres-binaries-{platform}-{version}.jar (group io.zonky.test.postgres of \
                 Maven Central) elsewhere and give it with --postgres-archive, set SMARTETL_POSTGRES_BIN to an \
                 installed PostgreSQL 17, or set DATABASE_URL to a server"
            ),
            Self::Archive { .. } => "fetch the file again, or leave --postgres-archive away to download it".into(),
            Self::Programs { .. } => {
                "set SMARTETL_POSTGRES_BIN to the folder of postgres and initdb of a PostgreSQL 17, or unset it".into()
            }
            Self::ClusterVersion { folder, .. } => format!(
                "start that version on {} yourself and set DATABASE_URL, or use another --data-dir",
                folder.display()
            ),
            Self::NoRights { .. } => {
                "run as the owner of the folder, or choose others with SMARTETL_DATA_DIR and SMARTETL_CACHE_DIR".into()
            }
            Self::DiskFull { .. } => "make room, or choose another disk with --data-dir".into(),
            Self::PortTaken { file, .. } => format!(
                "stop that program, or delete {} to have another port chosen",
                file.display()
            ),
            Self::User { .. } => "run as an ordinary user of this machine, or set DATABASE_URL to a server".into(),
            Self::Initialise { .. } | Self::Start { .. } => {
                "run `smartetl doctor`; with DATABASE_URL another server is used".into()
            }
            Self::Timeout { .. } => "try again: recovering after a crash takes long on a slow disk".into(),
            Self::Supervisor { .. } => "reinstall smartetl, or set DATABASE_URL to a server".into(),
            Self::Connect { .. } => {
                "the files port and password in the data folder must be those of this server".into()
            }
            Self::Io { .. } => "look at the rights and the free space of that place".into(),
        }
    }

    /// The error of an operation on a file or folder; a full disk and missing rights get their
    /// own variants. `action` completes "could not …".
    pub(super) fn io(action: &str, path: &Path, error: &io::Error) -> Self {
        let path = path.to_path_buf();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::NoRights {
                path,
                reason: format!("could not {action} it: {error}"),
            },
            _ => Self::Io {
                action: action.into(),
                path,
                reason: error.to_string(),
            },
        }
    }
}
