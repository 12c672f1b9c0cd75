//! The folder for files that only this process needs, and what is said when it has no room.

use crate::errors::{ErrorCode, Failure, reason};
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A file that is gone when it is closed.
pub(super) fn temporary_file(folder: &Path) -> io::Result<File> {
    std::fs::create_dir_all(folder)?;
    tempfile::tempfile_in(folder)
}

/// Remembers in which folder writing failed.
pub(super) fn in_folder(folder: &Path, error: io::Error) -> io::Error {
    let kind = error.kind();
    let folder = folder.to_owned();
    io::Error::new(kind, ScratchError { folder, error })
}

/// The same error, or where the scratch folder is its cause, that one with its place and what to do.
pub fn told(error: anyhow::Error) -> anyhow::Error {
    let found = error.chain().find_map(|cause| {
        let cause = cause.downcast_ref::<io::Error>()?.get_ref()?;
        cause.downcast_ref::<ScratchError>()
    });
    match found {
        None => error,
        Some(found) => Failure::new(ErrorCode::Unwritable, found.to_string())
            .at(found.folder.display().to_string())
            .hint("make room there, or name another folder with SMARTETL_CACHE_DIR")
            .into(),
    }
}

#[derive(Debug)]
struct ScratchError {
    folder: PathBuf,
    error: io::Error,
}

impl fmt::Display for ScratchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.error.kind() == io::ErrorKind::StorageFull {
            "is full"
        } else {
            "cannot be written"
        };
        write!(f, "the scratch folder {what}: {}", reason(&self.error))
    }
}

impl std::error::Error for ScratchError {}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn the_folder_is_found_below_other_errors() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let error = Err::<(), _>(in_folder(Path::new("/small"), full)).context("cannot fuse");
        let told = told(error.expect_err("it is one"));
        let failure = told.downcast_ref::<Failure>().expect("what to do is said");
        assert_eq!(failure.code, ErrorCode::Unwritable);
        assert_eq!(failure.place.as_deref(), Some("/small"));
        assert!(
            failure.message.starts_with("the scratch folder is full: "),
            "{failure}"
        );
    }

    #[test]
    fn other_errors_are_left_alone() {
        let error = anyhow::Error::new(io::Error::from(io::ErrorKind::StorageFull));
        assert!(told(error).downcast_ref::<Failure>().is_none());
    }
}
