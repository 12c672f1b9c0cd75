//! Where a file goes: under another name while it is written, so that nobody reads half of it.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::errors::{ErrorCode, Failure, StdoutClosed, reason};
use crate::reason::of_system;

/// The place of a file that is being written.
pub struct Place {
    path: PathBuf,
    file: Made,
}

enum Made {
    /// Takes its name at the end.
    Beside(NamedTempFile),
    /// A pipe, a device or stdout.
    Stream(File),
}

impl Place {
    /// # Errors
    /// When the file is there already and not to be replaced, or cannot be made.
    pub fn new(path: &Path, replace: bool) -> anyhow::Result<Self> {
        // The umask takes from these what it takes from other new files.
        Self::with(path, replace, 0o666)
    }

    /// The same for what its owner alone may read.
    ///
    /// # Errors
    /// Those of [`Place::new`].
    pub fn private(path: &Path, replace: bool) -> anyhow::Result<Self> {
        Self::with(path, replace, 0o600)
    }

    fn with(path: &Path, replace: bool, mode: u32) -> anyhow::Result<Self> {
        let at = |error: io::Error| unwritable(path, &error);
        if path == Path::new("-") {
            let stdout = io::stdout().as_fd().try_clone_to_owned().map_err(at)?;
            return Ok(Self {
                path: path.to_owned(),
                file: Made::Stream(stdout.into()),
            });
        }
        let file = match path.metadata() {
            Ok(metadata) if metadata.is_dir() => {
                return Err(Failure::new(
                    ErrorCode::Unwritable,
                    ["this is a folder", "c’est un dossier"],
                )
                .at(path.display().to_string())
                .hint(["name a file in it", "nommez un fichier dedans"])
                .into());
            }
            Ok(metadata) if !metadata.is_file() => {
                Made::Stream(OpenOptions::new().write(true).open(path).map_err(at)?)
            }
            Ok(_) if !replace => {
                return Err(Failure::new(
                    ErrorCode::Unwritable,
                    ["the file is there already", "le fichier existe déjà"],
                )
                .at(path.display().to_string())
                .hint(["--force replaces it", "--force le remplace"])
                .into());
            }
            _ => {
                let made = tempfile::Builder::new()
                    .prefix(".smartetl-")
                    .permissions(Permissions::from_mode(mode))
                    .tempfile_in(folder_of(path));
                Made::Beside(made.map_err(at)?)
            }
        };
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// What is to be written to.
    ///
    /// # Errors
    /// When the system gives no second way to it.
    pub fn file(&self) -> anyhow::Result<File> {
        let file = match &self.file {
            Made::Beside(file) => file.as_file(),
            Made::Stream(file) => file,
        };
        file.try_clone()
            .map_err(|error| unwritable(&self.path, &error))
    }

    /// The file takes its name. It is on the disk before, and its name is when this returns.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn keep(self) -> anyhow::Result<()> {
        let Made::Beside(file) = self.file else {
            return Ok(());
        };
        let at = |error: io::Error| unwritable(&self.path, &error);
        file.as_file().sync_all().map_err(at)?;
        file.persist(&self.path).map_err(|error| at(error.error))?;
        File::open(folder_of(&self.path))
            .and_then(|folder| folder.sync_all())
            .map_err(at)
    }

    /// The same error, or what happened to the file and what to do, where that is its cause.
    pub fn told(&self, error: anyhow::Error) -> anyhow::Error {
        if error.is::<Failure>() {
            return error;
        }
        let of_system = error.chain().find_map(io_error);
        match of_system {
            Some(cause)
                if cause.kind() == io::ErrorKind::BrokenPipe
                    && matches!(self.file, Made::Stream(_)) =>
            {
                StdoutClosed.into()
            }
            Some(cause) => unwritable(&self.path, cause),
            None => error,
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent();
    folder
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// The error of the system that stands behind another one.
fn io_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e io::Error> {
    if let Some(error) = error.downcast_ref() {
        return Some(error);
    }
    match error.downcast_ref::<::parquet::errors::ParquetError>() {
        Some(::parquet::errors::ParquetError::External(cause)) => cause.downcast_ref(),
        _ => None,
    }
}

fn unwritable(path: &Path, error: &io::Error) -> anyhow::Error {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull => [
            "make room there, or write elsewhere",
            "faites-y de la place, ou écrivez ailleurs",
        ],
        io::ErrorKind::NotFound => ["make the folder first", "créez d’abord le dossier"],
        _ => ["write where you may", "écrivez là où vous en avez le droit"],
    };
    Failure::new(
        ErrorCode::Unwritable,
        [
            format!("the file cannot be written: {}", reason(error)),
            format!("impossible d’écrire le fichier\u{a0}: {}", of_system(error)),
        ],
    )
    .at(path.display().to_string())
    .hint(hint)
    .into()
}
