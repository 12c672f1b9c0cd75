//! What the system says happened in folders (inotify), and where it cannot say.

use super::held::Id;
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// So many paths are remembered one by one; more mean a look at everything.
const PATHS: usize = 4096;

/// How changes are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// The system says so.
    Told,
    /// Some folders are on a drive of another machine, which says nothing.
    Remote,
    /// The system allows no more folders, or no more programs, to be watched.
    Exhausted,
    /// The system watches no folders.
    Unsupported,
}

/// What happened since it was asked last.
#[derive(Debug, Default)]
pub(super) struct Happened {
    /// Absolute paths at which something changed.
    pub(super) paths: HashSet<PathBuf>,
    /// Renames, in order: from, to.
    pub(super) moves: Vec<(PathBuf, PathBuf)>,
    /// Something was missed.
    pub(super) missed: bool,
}

impl Happened {
    pub(super) fn is_nothing(&self) -> bool {
        self.paths.is_empty() && !self.missed
    }

    fn note(&mut self, told: notify::Result<Event>) {
        let Ok(event) = told else {
            self.missed = true;
            return;
        };
        if event.need_rescan() {
            tracing::debug!("more happened than the system kept: everything is listed");
            self.missed = true;
        }
        match event.kind {
            // Opening and reading changes nothing.
            EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write) => return,
            EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {
                if let [from, to] = event.paths.as_slice() {
                    self.moves.push((from.clone(), to.clone()));
                }
            }
            _ => {}
        }
        self.paths.extend(event.paths);
        if self.paths.len() > PATHS || self.moves.len() > PATHS {
            *self = Self {
                missed: true,
                ..Self::default()
            };
        }
    }
}

#[derive(Default)]
struct Shared {
    happened: Mutex<Happened>,
    wake: tokio::sync::Notify,
}

impl Shared {
    fn watcher(self: &Arc<Self>) -> notify::Result<RecommendedWatcher> {
        let shared = Arc::clone(self);
        notify::recommended_watcher(move |event| shared.told(event))
    }

    fn told(&self, event: notify::Result<Event>) {
        let mut happened = self.happened.lock().unwrap_or_else(PoisonError::into_inner);
        happened.note(event);
        if !happened.is_nothing() {
            self.wake.notify_one();
        }
    }
}

/// Watches folders.
#[derive(Default)]
pub(super) struct Signals {
    shared: Arc<Shared>,
    /// `None` before the first one is watched, and where the system refuses.
    watcher: Option<RecommendedWatcher>,
    watched: HashMap<PathBuf, Id>,
}

impl Signals {
    /// Waits until something happened.
    pub(super) fn wait(&self) -> impl Future<Output = ()> + use<> {
        let shared = Arc::clone(&self.shared);
        async move { shared.wake.notified().await }
    }

    pub(super) fn take(&self) -> Happened {
        let happened = self.shared.happened.lock();
        std::mem::take(&mut happened.unwrap_or_else(PoisonError::into_inner))
    }

    /// Watches these folders and no others; says whether all that happens in them is told. A folder that was removed and made
    /// again is another one.
    pub(super) fn watch(&mut self, folders: &[PathBuf]) -> Manner {
        // Asked again each time: another program may have ended.
        let watcher = match &mut self.watcher {
            Some(watcher) => watcher,
            None => match self.shared.watcher() {
                Ok(watcher) => self.watcher.insert(watcher),
                Err(error) => {
                    tracing::debug!("folders are not watched: {error}");
                    return refused(&error);
                }
            },
        };
        let mut manner = Manner::Told;
        let wanted: HashSet<&PathBuf> = folders.iter().collect();
        let mut ids = HashSet::new();
        self.watched.retain(|folder, _| {
            let is_wanted = wanted.contains(folder);
            if !is_wanted {
                // It may be gone, and its watch with it.
                let _ = watcher.unwatch(folder);
            }
            is_wanted
        });
        for folder in folders {
            let Ok(metadata) = folder.metadata() else {
                continue;
            };
            if is_remote(folder) {
                manner = Manner::Remote;
            }
            let id = Id::of(&metadata);
            // The system tells what happens in a folder under one name only.
            if !ids.insert(id) {
                continue;
            }
            if self.watched.get(folder) == Some(&id) {
                continue;
            }
            if self.watched.remove(folder).is_some() {
                let _ = watcher.unwatch(folder);
            }
            match watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(folder.clone(), id);
                }
                Err(error) => {
                    tracing::debug!("{} is not watched: {error}", folder.display());
                    // It went away just now: its own folder is watched.
                    if !matches!(error.kind, notify::ErrorKind::PathNotFound) {
                        manner = refused(&error);
                    }
                    if manner == Manner::Exhausted {
                        break;
                    }
                }
            }
        }
        manner
    }
}

/// How changes are noticed where the system does not watch.
fn refused(error: &notify::Error) -> Manner {
    use nix::libc::{EMFILE, ENOSPC};
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => Manner::Exhausted,
        notify::ErrorKind::Io(error)
            if [Some(EMFILE), Some(ENOSPC)].contains(&error.raw_os_error()) =>
        {
            Manner::Exhausted
        }
        _ => Manner::Unsupported,
    }
}

/// Whether other machines may write there, of which this one hears nothing.
#[cfg(target_os = "linux")]
fn is_remote(folder: &Path) -> bool {
    use nix::sys::statfs;
    // From linux/magic.h and the sources of the file systems: cifs, smb2, 9p, ceph, lustre, gpfs, vboxsf.
    const OTHERS: [u32; 7] = [
        0xff53_4d42,
        0xfe53_4d42,
        0x0102_1997,
        0x00c3_6400,
        0x0bd0_0bd0,
        0x4750_4653,
        0x786f_4256,
    ];
    let Ok(found) = statfs::statfs(folder) else {
        return false;
    };
    let kind = found.filesystem_type();
    [
        statfs::NFS_SUPER_MAGIC,
        statfs::SMB_SUPER_MAGIC,
        statfs::FUSE_SUPER_MAGIC,
        statfs::AFS_SUPER_MAGIC,
        statfs::CODA_SUPER_MAGIC,
    ]
    .contains(&kind)
        || OTHERS.contains(&(kind.0 as u32))
}

#[cfg(not(target_os = "linux"))]
fn is_remote(_: &Path) -> bool {
    false
}
