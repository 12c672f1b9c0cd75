//! The folder for files that only this process needs, and what is said when it has no room.

use crate::errors::{ErrorCode, Failure, reason};
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Bytes for several places, in one file that is gone when it is closed. The file is made when something comes.
#[derive(Debug)]
pub(super) struct ScratchFile {
    file: Option<File>,
    length: u64,
    /// For each place where its bytes are: offset, length.
    extents: Vec<Vec<(u64, usize)>>,
    folder: PathBuf,
}

impl ScratchFile {
    pub(super) fn new(folder: &Path, places: usize) -> Self {
        Self {
            file: None,
            length: 0,
            extents: vec![Vec::new(); places],
            folder: folder.to_owned(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Appends to what a place has.
    pub(super) fn append(&mut self, place: usize, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes)
            .map_err(|error| in_folder(&self.folder, error))?;
        self.extents[place].push((self.length, bytes.len()));
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            empty => {
                std::fs::create_dir_all(&self.folder)?;
                empty.insert(tempfile::tempfile_in(&self.folder)?)
            }
        };
        file.write_all_at(bytes, self.length)
    }

    /// Appends to `out` what a place has.
    pub(super) fn read(&self, place: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let extents = &self.extents[place];
        out.reserve_exact(extents.iter().map(|&(_, length)| length).sum());
        for &(at, length) in extents {
            let from = out.len();
            out.resize(from + length, 0);
            file.read_exact_at(&mut out[from..], at)
                .map_err(|error| in_folder(&self.folder, error))?;
        }
        Ok(())
    }
}

/// Bytes for several places: in memory while they are few, then in a file.
#[derive(Debug)]
pub(super) struct Shelf {
    places: Vec<Vec<u8>>,
    held: usize,
    limit: usize,
    file: ScratchFile,
}

impl Shelf {
    /// `limit`: bytes that may be held in memory.
    pub(super) fn new(folder: &Path, places: usize, limit: usize) -> Self {
        Self {
            places: vec![Vec::new(); places],
            held: 0,
            limit,
            file: ScratchFile::new(folder, places),
        }
    }

    /// Appends to what a place has.
    pub(super) fn append(&mut self, place: usize, bytes: &[u8]) -> io::Result<()> {
        let held = &mut self.places[place];
        let before = held.capacity();
        held.extend_from_slice(bytes);
        self.held += held.capacity() - before;
        if self.held > self.limit {
            for (place, held) in self.places.iter_mut().enumerate() {
                if !held.is_empty() {
                    self.file.append(place, held)?;
                }
                *held = Vec::new();
            }
            self.held = 0;
        }
        Ok(())
    }

    /// Appends to `out` what a place has, in the order in which it came.
    pub(super) fn read(&self, place: usize, out: &mut Vec<u8>) -> io::Result<()> {
        self.file.read(place, out)?;
        out.extend_from_slice(&self.places[place]);
        Ok(())
    }
}

/// Remembers in which folder writing failed.
fn in_folder(folder: &Path, error: io::Error) -> io::Error {
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
            .hint([
                "make room there, or name another folder with SMARTETL_CACHE_DIR",
                "faites-y de la place, ou nommez un autre dossier avec SMARTETL_CACHE_DIR",
            ])
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
    fn a_place_has_what_it_got_whether_a_file_was_needed_or_not() {
        let folder = tempfile::tempdir().expect("a folder");
        for limit in [0, 60, 1 << 20] {
            let mut shelf = Shelf::new(folder.path(), 3, limit);
            for round in 0..10_u8 {
                shelf.append(1, &[round; 5]).expect("there is room");
                shelf.append(2, &[100 + round; 3]).expect("there is room");
            }
            let of = |place| {
                let mut bytes = vec![255];
                shelf.read(place, &mut bytes).expect("it is there");
                bytes
            };
            assert_eq!(of(0), [255]);
            let fives = (0..10).flat_map(|round| [round; 5]);
            assert_eq!(
                of(1),
                std::iter::once(255).chain(fives).collect::<Vec<u8>>()
            );
            assert_eq!(of(2).len(), 31, "limit {limit}");
            assert_eq!(shelf.file.file.is_none(), limit == 1 << 20);
        }
        let left = std::fs::read_dir(folder.path()).expect("it is readable");
        assert_eq!(left.count(), 0, "files without a name");
    }

    #[test]
    fn the_folder_is_found_below_other_errors() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let error = Err::<(), _>(in_folder(Path::new("/small"), full)).context("cannot fuse");
        let told = told(error.expect_err("it is one"));
        let failure = told.downcast_ref::<Failure>().expect("what to do is said");
        assert_eq!(failure.code, ErrorCode::Unwritable);
        assert_eq!(failure.place.as_deref(), Some("/small"));
        assert!(
            failure
                .to_string()
                .starts_with("the scratch folder is full: "),
            "{failure}"
        );
    }

    #[test]
    fn other_errors_are_left_alone() {
        let error = anyhow::Error::new(io::Error::from(io::ErrorKind::StorageFull));
        assert!(told(error).downcast_ref::<Failure>().is_none());
    }
}
