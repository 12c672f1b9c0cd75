//! Where uploaded files are kept: in a folder of ours, under a name of ours. What a file is called where it comes from is only a text.

use super::told::Words;
use axum::body::Bytes;
use futures_util::{Stream, StreamExt as _};
use smartetl_store::embedded::random;
use smartetl_store::{hex, uploads};
use sqlx::PgConnection;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a sender may say nothing.
const SILENCE: Duration = Duration::from_secs(30);
/// What stays free on the disk, bytes: the database may well be on the same one.
const STAYS_FREE: u64 = 256 << 20;
/// How often that is looked at, bytes.
const LOOK_EVERY: u64 = 16 << 20;
/// What is not whole after so long never will be.
const LEFT_AFTER: Duration = Duration::from_hours(1);
/// The end of what is not whole yet.
const PART: &str = "part";

/// The folder.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
    /// The same as text: whose work is whose.
    place: String,
    /// A file is not larger, bytes.
    most_bytes: u64,
}

/// A file that was kept.
#[derive(Debug)]
pub struct Kept {
    pub upload: String,
    pub path: PathBuf,
    pub size_bytes: u64,
}

/// Why it was not.
#[derive(Debug)]
pub enum NotKept {
    /// Larger than so many bytes.
    TooLarge(u64),
    Empty,
    /// The connection ended, or nothing came any more.
    Cut,
    /// The disk has no room.
    Full,
    /// The folder cannot be written.
    Folder(io::Error),
}

impl From<io::Error> for NotKept {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Folder(error),
        }
    }
}

impl Files {
    pub fn new(folder: &Path, most_bytes: u64) -> Self {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        Self {
            place: folder.display().to_string(),
            folder,
            most_bytes,
        }
    }

    /// Whose work is whose.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// A file is not larger, bytes.
    pub const fn most_bytes(&self) -> u64 {
        self.most_bytes
    }

    /// Keeps what comes, of which `said` bytes are announced.
    ///
    /// # Errors
    /// When it is too large or does not come to its end, or there is no room; nothing of it stays then.
    pub async fn keep<E>(
        &self,
        mut pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
        said: Option<u64>,
    ) -> Result<Kept, NotKept> {
        if said.is_some_and(|said| said > self.most_bytes) {
            return Err(NotKept::TooLarge(self.most_bytes));
        }
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)?;
        self.has_room(said.unwrap_or_default())?;
        let upload = hex(&random::<16>().map_err(io::Error::other)?);
        let path = self.folder.join(&upload);
        let mut part = Part::new(path.with_extension(PART))?;
        let mut size = 0_u64;
        loop {
            let piece = match tokio::time::timeout(SILENCE, pieces.next()).await {
                Ok(None) => break,
                Ok(Some(Ok(piece))) => piece,
                Ok(Some(Err(_))) | Err(_) => return Err(NotKept::Cut),
            };
            let before = size;
            size += piece.len() as u64;
            if size > self.most_bytes {
                return Err(NotKept::TooLarge(self.most_bytes));
            }
            if before / LOOK_EVERY != size / LOOK_EVERY {
                self.has_room(0)?;
            }
            // A disk may take its time.
            tokio::task::block_in_place(|| part.file.write_all(&piece))?;
        }
        if size == 0 {
            return Err(NotKept::Empty);
        }
        tokio::task::block_in_place(|| part.file.sync_all())?;
        part.becomes(&path)?;
        Ok(Kept {
            upload,
            path,
            size_bytes: size,
        })
    }

    fn has_room(&self, bytes: u64) -> Result<(), NotKept> {
        let disk = nix::sys::statvfs::statvfs(&self.folder);
        let disk = disk.map_err(io::Error::from)?;
        let free = disk.blocks_available() * disk.fragment_size();
        if free < bytes.saturating_add(STAYS_FREE) {
            return Err(NotKept::Full);
        }
        Ok(())
    }

    /// Removes a file that was kept here; one that is gone already is gone.
    pub fn remove(&self, path: &str) {
        let path = Path::new(path);
        if path.parent() != Some(&self.folder) {
            return;
        }
        if let Err(error) = std::fs::remove_file(path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("{} cannot be removed: {error}", path.display());
        }
    }

    /// Removes what nobody loaded for a day, and what never became whole.
    ///
    /// # Errors
    /// When the server refuses or is gone.
    pub async fn sweep(&self, connection: &mut PgConnection) -> anyhow::Result<()> {
        for path in uploads::forget(connection, &self.place, None).await? {
            self.remove(&path);
        }
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            // Nothing was ever sent.
            return Ok(());
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let age = entry.metadata().and_then(|data| data.modified());
            let age = age.ok().and_then(|at| at.elapsed().ok());
            let is_left = path.extension().is_some_and(|end| end == PART)
                && age.is_some_and(|age| age > LEFT_AFTER);
            if is_left && let Some(path) = path.to_str() {
                self.remove(path);
            }
        }
        Ok(())
    }
}

impl NotKept {
    /// What happened, and what to do.
    pub fn told(&self, folder: &str) -> Words {
        let (en, fr) = match self {
            Self::TooLarge(most) => {
                let mib = most >> 20;
                (
                    format!(
                        "the file is larger than {mib} MiB: pack it with gzip or zstd, cut it, or raise the setting http.upload_mib"
                    ),
                    format!(
                        "le fichier dépasse {mib}\u{a0}Mio\u{a0}: compressez-le avec gzip ou zstd, coupez-le, ou augmentez le réglage http.upload_mib"
                    ),
                )
            }
            Self::Empty => (
                "the file is empty".to_owned(),
                "le fichier est vide".to_owned(),
            ),
            Self::Cut => (
                "the file did not come to its end: send it again".to_owned(),
                "le fichier n’est pas arrivé jusqu’au bout\u{a0}: renvoyez-le".to_owned(),
            ),
            Self::Full => (
                format!("the disk of {folder} has no room for it: make room there"),
                format!("le disque de {folder} n’a plus de place\u{a0}: libérez-en"),
            ),
            Self::Folder(error) => {
                let reason = crate::errors::reason(error);
                (
                    format!(
                        "{folder} cannot be written ({reason}): let smartETL write there, or choose another place with data_dir"
                    ),
                    format!(
                        "impossible d’écrire dans {folder} ({reason})\u{a0}: donnez-y le droit d’écriture à smartETL, ou choisissez un autre dossier avec data_dir"
                    ),
                )
            }
        };
        Words::from(&crate::reason::Reason::new(en, fr))
    }
}

/// A file that is not whole yet. It goes when nobody wants it any more, also where the sender is gone.
struct Part {
    file: File,
    path: Option<PathBuf>,
}

impl Part {
    fn new(path: PathBuf) -> io::Result<Self> {
        // Never what is there already, nor what a link leads to.
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        Ok(Self {
            file: options.open(&path)?,
            path: Some(path),
        })
    }

    fn becomes(mut self, path: &Path) -> io::Result<()> {
        if let Some(part) = &self.path {
            std::fs::rename(part, path)?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // A later sweep sees to what cannot be removed now.
            let _ = std::fs::remove_file(path);
        }
    }
}
