//! Files that stay open.

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Which file it is, whatever its name: device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Id(u64, u64);

impl Id {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self(metadata.dev(), metadata.ino())
    }

    fn is_at(self, path: &Path) -> bool {
        path.metadata()
            .is_ok_and(|metadata| Self::of(&metadata) == self)
    }
}

/// A file that stays open, so that it can be read to its end after its path went to another one.
#[derive(Debug)]
pub struct Held(File);

impl Held {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        File::open(path).map(Self)
    }

    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        self.0.metadata()
    }

    /// Where the file stands now; `None` when it was removed, or the system does not say.
    pub(super) fn path(&self) -> Option<PathBuf> {
        let path = std::fs::read_link(self.link()).ok()?;
        let id = Id::of(&self.metadata().ok()?);
        id.is_at(&path).then_some(path)
    }

    /// The file opened anew, with a position that nobody else moves. `path`: where it stood last.
    pub(super) fn again(&self, path: &Path) -> io::Result<File> {
        File::open(self.link()).or_else(|error| {
            let file = File::open(path)?;
            let is_same = Id::of(&file.metadata()?) == Id::of(&self.metadata()?);
            if is_same { Ok(file) } else { Err(error) }
        })
    }

    /// What Linux has for the descriptor of this process (`proc_pid_fd(5)`).
    fn link(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.0.as_raw_fd()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn a_file_is_read_whatever_became_of_its_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "first").expect("a file");
        let held = Held::open(&path).expect("it is there");
        assert_eq!(held.path(), Some(path.clone()));
        let later = folder.path().join("a.csv.1");
        std::fs::rename(&path, &later).expect("renamed");
        std::fs::write(&path, "second").expect("a file");
        assert_eq!(held.path(), Some(later.clone()));
        std::fs::remove_file(&later).expect("removed");
        assert_eq!(held.path(), None);
        for _ in 0..2 {
            let mut text = String::new();
            let mut file = held.again(&path).expect("it is still open");
            file.read_to_string(&mut text).expect("text");
            assert_eq!(text, "first");
        }
    }
}
