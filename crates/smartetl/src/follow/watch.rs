//! Which files changed: size, times and inode are compared with what was seen before. Files that are written stay open, so
//! that what is still appended to one that was renamed or removed is found.

use super::held::{Held, Id};
use super::places::{Places, absolute};
use super::siblings::Siblings;
use super::signals::Happened;
use crate::ingest::{FileReport, FileResult, Input, STILL_WRITTEN};
use crate::reason::Reason;
use smartetl_formats::source::SourceError;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A file that cannot be read and changed more recently may still be written: nothing is said about it yet.
const FILE_QUIET: Duration = Duration::from_secs(10);
/// So many files are held open at once, …
const HELD: usize = 256;
/// … for so long after they were written to; …
const HELD_QUIET: Duration = Duration::from_hours(1);
/// … and those that were removed for so long, because their room on the disk is only free afterwards.
const REMOVED_QUIET: Duration = Duration::from_mins(5);
/// So many renamed files are kept in mind.
const TRAIL: usize = 1024;
/// Where more files are new at once, they are opened when it is their turn.
const OPENED_AT_ONCE: usize = 64;

/// How a file looks from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: (i64, i64),
    /// Rights changed: a file that could not be read may be readable now.
    changed: (i64, i64),
    id: Id,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            id: Id::of(metadata),
        }
    }

    /// Whether the content is the same; renaming and removing a file changes its state and not its content.
    fn has_content_of(&self, other: &Self) -> bool {
        (self.size, self.modified) == (other.size, other.modified)
    }
}

#[derive(Debug)]
struct Known {
    id: Id,
    /// As it was when it was read last; `None`: it is to be read.
    stamp: Option<Stamp>,
    /// To be looked at again then, even unchanged.
    again_at: Option<SystemTime>,
    /// The finding that was told.
    told: Option<Reason>,
    /// Its last line has no end yet.
    waiting: bool,
    /// It cannot be read, and may still be written.
    unsettled: bool,
    /// What it holds.
    lineage: Option<i64>,
    /// The path under which it was seen first, where that is another one.
    followed_as: Option<PathBuf>,
    held: Option<Held>,
    /// When it was written to last.
    active: SystemTime,
}

impl Known {
    fn new(id: Id, now: SystemTime) -> Self {
        Self {
            id,
            stamp: None,
            again_at: None,
            told: None,
            waiting: false,
            unsettled: false,
            lineage: None,
            followed_as: None,
            held: None,
            active: now,
        }
    }

    fn is_settled(&self, stamp: &Stamp, now: SystemTime) -> bool {
        self.stamp.as_ref() == Some(stamp) && !self.is_due(now)
    }

    fn is_due(&self, now: SystemTime) -> bool {
        self.stamp.is_none() || self.again_at.is_some_and(|again_at| now >= again_at)
    }

    fn is_quiet(&self, now: SystemTime, quiet: Duration) -> bool {
        self.active + quiet < now
    }
}

/// A file that is open and whose path is another file's, or nobody's.
#[derive(Debug)]
struct Left {
    known: Known,
    held: Held,
    /// Where it stands; `None` when it was removed.
    path: Option<PathBuf>,
    followed_as: PathBuf,
    /// It was found beside a followed file: only what goes on in content of that file's path is read.
    is_sibling: bool,
}

impl Left {
    /// What it is called for people and in the ledger.
    fn name(&self) -> PathBuf {
        self.path.clone().unwrap_or_else(|| {
            let mut name = self.followed_as.clone().into_os_string();
            name.push(" (removed)");
            name.into()
        })
    }
}

/// Where what became of a file is noted.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Path(PathBuf),
    Left(Id),
}

/// A file to read, as it was when it was looked at.
#[derive(Clone, Debug)]
pub struct Changed {
    pub path: PathBuf,
    followed_as: Option<PathBuf>,
    file: Option<Arc<File>>,
    lineage: Option<i64>,
    only_continued: bool,
    place: Place,
    stamp: Stamp,
    modified_at: SystemTime,
}

impl Changed {
    /// For whoever loads it.
    pub fn input(&self) -> Input {
        Input {
            path: self.path.clone(),
            followed_as: self.followed_as.clone(),
            file: self.file.clone(),
            lineage: self.lineage,
            only_continued: self.only_continued,
        }
    }
}

/// What became of a file that was read.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Why it cannot be read, or not to its end.
    pub finding: Option<Reason>,
    /// Its last line has no end yet.
    pub waiting: bool,
    /// What it holds.
    pub lineage: Option<i64>,
    /// It is to be read once more.
    pub again: bool,
}

impl From<&FileReport> for Outcome {
    fn from(report: &FileReport) -> Self {
        let finding = match &report.result {
            FileResult::Failed { reason } | FileResult::Trouble { reason } => Some(reason.clone()),
            FileResult::Loaded { .. }
            | FileResult::NothingNew
            | FileResult::NoLog { .. }
            | FileResult::NoLogAsBefore => None,
        };
        Self {
            finding,
            waiting: report.waiting,
            lineage: report.lineage,
            again: report.again,
        }
    }
}

/// What a look gave.
#[derive(Debug, Default)]
pub struct Look {
    pub changed: Vec<Changed>,
    pub files: usize,
    /// Paths that mean nothing, that were not told before.
    pub missing: Vec<SourceError>,
}

/// The paths and what is known of their files.
#[derive(Debug, Default)]
pub(super) struct Watch {
    places: Places,
    known: HashMap<PathBuf, Known>,
    left: Vec<Left>,
    /// Where files that stood at watched paths were moved to, and those paths: they may move on before they are looked at.
    trail: HashMap<PathBuf, PathBuf>,
    /// Other names of the files, as the system tells them: from the root on, and behind links.
    names: HashMap<PathBuf, PathBuf>,
    /// Folders of files that links lead to.
    linked: BTreeSet<PathBuf>,
    siblings: Siblings,
    /// Paths that mean nothing, and why.
    missing: Vec<(String, Reason)>,
}

impl Watch {
    pub(super) fn new(paths: Vec<PathBuf>) -> Self {
        Self {
            places: Places::new(paths),
            ..Self::default()
        }
    }

    /// The folders in which something shows when it happens; those that were given come first.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let given = self.places.folders().into_iter();
        given.chain(self.linked.iter().cloned()).collect()
    }

    /// Lists the files and compares. Forgets those that are gone.
    pub(super) fn look(&mut self, happened: &Happened, now: SystemTime) -> Look {
        let (files, errors) = self.places.files();
        let there: HashSet<&PathBuf> = files.iter().collect();
        let gone: Vec<PathBuf> = self
            .known
            .keys()
            .filter(|path| !there.contains(path))
            .cloned()
            .collect();
        for path in self.places.single() {
            if !there.contains(path) {
                self.siblings.look_for(path);
            }
        }
        let found = with_metadata(gone.into_iter().chain(files));
        let mut look = Look {
            changed: self.compare(found, happened, now),
            files: self.known.len(),
            missing: Vec::new(),
        };
        self.hold_recent(now);
        if self.names.len() > 3 * self.known.len() + OPENED_AT_ONCE {
            let known = &self.known;
            self.names.retain(|_, path| known.contains_key(path));
        }
        let missing: Vec<_> = errors
            .iter()
            .map(|error| (error.path().to_owned(), Reason::from(error)))
            .collect();
        look.missing = errors
            .into_iter()
            .zip(&missing)
            .filter(|(_, new)| !self.missing.contains(new))
            .map(|(error, _)| error)
            .collect();
        self.missing = missing;
        look
    }

    /// Whether files may have come of which nothing is known.
    pub(super) fn must_list(&self, happened: &Happened) -> bool {
        let mut paths = happened.paths.iter();
        happened.missed || paths.any(|path| self.places.concern(path) && self.named(path).is_none())
    }

    /// Looks only at what something happened to, and at what is due.
    pub(super) fn look_at(&mut self, happened: &Happened, now: SystemTime) -> Look {
        let named = happened.paths.iter().filter_map(|path| self.named(path));
        let mut paths: BTreeSet<PathBuf> = named.collect();
        let due = self.known.iter().filter(|(_, known)| known.is_due(now));
        paths.extend(due.map(|(path, _)| path.clone()));
        let found = with_metadata(paths.into_iter());
        Look {
            changed: self.compare(found, happened, now),
            files: self.known.len(),
            missing: Vec::new(),
        }
    }

    /// The file that the system calls so.
    fn named(&self, path: &Path) -> Option<PathBuf> {
        let found = self.names.get(path).or_else(|| {
            let folder = path.parent()?.canonicalize().ok()?;
            self.names.get(&folder.join(path.file_name()?))
        });
        found.filter(|path| self.known.contains_key(*path)).cloned()
    }

    fn compare(
        &mut self,
        found: Vec<(PathBuf, Option<Metadata>)>,
        happened: &Happened,
        now: SystemTime,
    ) -> Vec<Changed> {
        for (path, metadata) in &found {
            let id = metadata.as_ref().map(Id::of);
            if self
                .known
                .get(path)
                .is_some_and(|known| Some(known.id) != id)
                && let Some(known) = self.known.remove(path)
            {
                self.leave(path, known);
            }
        }
        let mut changed = Vec::new();
        for (path, metadata) in found {
            if let Some(metadata) = metadata
                && let Some(file) = self.compare_one(path, &metadata, changed.len(), now)
            {
                changed.push(file);
            }
        }
        self.left_by_moves(happened, now);
        let mut of_left = self.compare_left(now);
        of_left.append(&mut changed);
        // What was written first is read first: it also goes first.
        of_left.sort_by_key(|file| file.modified_at);
        self.close_quiet(now);
        of_left
    }

    fn compare_one(
        &mut self,
        path: PathBuf,
        metadata: &Metadata,
        before: usize,
        now: SystemTime,
    ) -> Option<Changed> {
        let id = Id::of(metadata);
        if !self.known.contains_key(&path) {
            let known = self.take_left(id, &path).unwrap_or_else(|| {
                let is_followed_on = self.left.iter().any(|left| left.followed_as == path);
                if !is_followed_on && !self.places.is_in_folder(&path) {
                    self.siblings.look_for(&path);
                }
                Known::new(id, now)
            });
            self.known.insert(path.clone(), known);
            self.learn_names(&path);
        }
        let known = self.known.get_mut(&path)?;
        if known.is_settled(&Stamp::of(metadata), now) {
            return None;
        }
        if known.held.is_none() && before < OPENED_AT_ONCE {
            let held = Held::open(&path).ok();
            known.held = held.filter(|held| held.metadata().is_ok_and(|data| Id::of(&data) == id));
        }
        let opened = known.held.as_ref().and_then(|held| {
            let metadata = held.metadata().ok()?;
            Some((Arc::new(held.again(&path).ok()?), metadata))
        });
        let (file, metadata) = match opened {
            Some((file, metadata)) => (Some(file), metadata),
            None => (None, metadata.clone()),
        };
        let stamp = Stamp::of(&metadata);
        let modified_at = metadata.modified().unwrap_or(now);
        if known
            .stamp
            .is_none_or(|before| !before.has_content_of(&stamp))
        {
            known.active = modified_at;
        }
        known.stamp = None;
        Some(Changed {
            followed_as: known.followed_as.clone(),
            file,
            lineage: known.lineage,
            only_continued: false,
            place: Place::Path(path.clone()),
            stamp,
            modified_at,
            path,
        })
    }

    /// Keeps a file that lost its path, if it is open.
    fn leave(&mut self, path: &Path, mut known: Known) {
        if let Some(held) = known.held.take() {
            let followed_as = known.followed_as.take();
            self.left.push(Left {
                known,
                path: Some(path.to_owned()),
                followed_as: followed_as.unwrap_or_else(|| path.to_owned()),
                held,
                is_sibling: false,
            });
        }
    }

    /// A file that lost its path and now stands at another one that is watched. It is read once, so that its new name is
    /// stored with it.
    fn take_left(&mut self, id: Id, path: &Path) -> Option<Known> {
        let index = self.left.iter().position(|left| left.known.id == id)?;
        let left = self.left.swap_remove(index);
        Some(Known {
            stamp: None,
            followed_as: Some(left.followed_as).filter(|followed_as| followed_as != path),
            held: Some(left.held),
            ..left.known
        })
    }

    /// Files that stood at a watched path between two looks, and were renamed before anybody saw them.
    fn left_by_moves(&mut self, happened: &Happened, now: SystemTime) {
        let mut moved = Vec::new();
        for (from, to) in &happened.moves {
            let origin = self.trail.remove(from).or_else(|| {
                let named = self.names.get(from).cloned();
                named.or_else(|| self.places.mean(from).then(|| from.clone()))
            });
            if let Some(origin) = origin
                && !self.places.mean(to)
            {
                self.trail.insert(to.clone(), origin);
                moved.push(to);
            }
        }
        for path in moved {
            // It may have moved on.
            if let Some(followed_as) = self.trail.get(path).cloned() {
                self.hold_left(path, followed_as, false, now);
            }
        }
        if self.trail.len() > TRAIL {
            self.trail.clear();
        }
    }

    /// Opens a file at a path that nobody named, unless it is known.
    fn hold_left(&mut self, path: &Path, followed_as: PathBuf, is_sibling: bool, now: SystemTime) {
        let Ok(held) = Held::open(path) else { return };
        let Ok(metadata) = held.metadata() else {
            return;
        };
        let id = Id::of(&metadata);
        let is_known = self.left.iter().any(|left| left.known.id == id)
            || self.known.values().any(|known| known.id == id);
        if metadata.is_file() && !is_known {
            self.left.push(Left {
                known: Known::new(id, now),
                held,
                path: Some(path.to_owned()),
                followed_as,
                is_sibling,
            });
        }
    }

    fn compare_left(&mut self, now: SystemTime) -> Vec<Changed> {
        for (path, followed_as) in self.siblings.next(&self.places) {
            self.hold_left(&path, followed_as, true, now);
        }
        let mut changed = Vec::new();
        for left in &mut self.left {
            let Ok(metadata) = left.held.metadata() else {
                continue;
            };
            let stamp = Stamp::of(&metadata);
            let path = left.held.path();
            // That it was removed changes nothing in it.
            let is_same = (path.is_none() || path == left.path)
                && !left.known.is_due(now)
                && left
                    .known
                    .stamp
                    .is_some_and(|before| before.has_content_of(&stamp));
            left.path = path;
            if is_same {
                continue;
            }
            let modified_at = metadata.modified().unwrap_or(now);
            let name = left.name();
            let Ok(file) = left.held.again(&name) else {
                continue;
            };
            left.known.active = modified_at;
            left.known.stamp = None;
            changed.push(Changed {
                path: name,
                followed_as: Some(left.followed_as.clone()),
                file: Some(Arc::new(file)),
                lineage: left.known.lineage,
                only_continued: left.is_sibling,
                place: Place::Left(left.known.id),
                stamp,
                modified_at,
            });
        }
        changed
    }

    /// Closes files to which nobody has written for long, and those beyond the number that may be open.
    fn close_quiet(&mut self, now: SystemTime) {
        self.left.retain(|left| {
            let quiet = if left.path.is_some() {
                HELD_QUIET
            } else {
                REMOVED_QUIET
            };
            left.known.stamp.is_none() || !left.known.is_quiet(now, quiet)
        });
        let mut held: Vec<(SystemTime, Place)> = Vec::new();
        for (path, known) in &mut self.known {
            if known.stamp.is_some() && known.is_quiet(now, HELD_QUIET) {
                known.held = None;
            }
            if known.held.is_some() {
                held.push((known.active, Place::Path(path.clone())));
            }
        }
        let left = self.left.iter();
        held.extend(left.map(|left| (left.known.active, Place::Left(left.known.id))));
        if let Some(more @ 1..) = held.len().checked_sub(HELD) {
            held.sort_by_key(|(active, _)| *active);
            for (_, place) in held.into_iter().take(more) {
                match place {
                    Place::Path(path) => {
                        if let Some(known) = self.known.get_mut(&path) {
                            known.held = None;
                        }
                    }
                    Place::Left(id) => self
                        .left
                        .retain(|left| left.known.id != id || left.known.stamp.is_none()),
                }
            }
        }
    }

    /// Opens files that are written and were too many to be opened when they were found.
    fn hold_recent(&mut self, now: SystemTime) {
        let held = self.known.values().filter(|known| known.held.is_some());
        let room = (HELD / 2).saturating_sub(held.count() + self.left.len());
        let recent = self.known.iter_mut().filter(|(_, known)| {
            known.held.is_none() && known.stamp.is_some() && !known.is_quiet(now, HELD_QUIET)
        });
        for (path, known) in recent.take(room) {
            let held = Held::open(path).ok();
            let is_it = |held: &Held| held.metadata().is_ok_and(|data| Id::of(&data) == known.id);
            known.held = held.filter(is_it);
        }
    }

    /// How the system calls a file of this path.
    fn learn_names(&mut self, path: &Path) {
        self.names.insert(absolute(path), path.to_owned());
        if path.is_symlink()
            && let Ok(target) = path.canonicalize()
        {
            self.linked.extend(target.parent().map(Path::to_owned));
            self.names.insert(target, path.to_owned());
        }
    }

    fn all(&self) -> impl Iterator<Item = (PathBuf, &Known)> {
        let known = self.known.iter();
        let left = self.left.iter();
        known
            .map(|(path, known)| (path.clone(), known))
            .chain(left.map(|left| (left.name(), &left.known)))
    }

    /// What cannot be read at the moment, or not to its end, and why; as far as it was told.
    pub(super) fn findings(&self) -> Vec<(String, Reason)> {
        let told = self.all().filter_map(|(path, known)| {
            let reason = known.told.clone()?;
            Some((path.display().to_string(), reason))
        });
        let mut findings: Vec<_> = told.chain(self.missing.iter().cloned()).collect();
        findings.sort_unstable();
        findings
    }

    /// How many files have a last line without end.
    pub(super) fn waiting(&self) -> usize {
        self.all().filter(|(_, known)| known.waiting).count()
    }

    /// How many files cannot be read and may still be written: nothing is told about them yet.
    pub(super) fn unsettled(&self) -> usize {
        self.all().filter(|(_, known)| known.unsettled).count()
    }

    /// Remembers what became of a file; says whether its finding is to be told.
    pub(super) fn note(&mut self, changed: &Changed, outcome: Outcome, now: SystemTime) -> bool {
        let Outcome {
            finding,
            waiting,
            lineage,
            again,
        } = outcome;
        let is_sibling = changed.only_continued;
        let known = match &changed.place {
            Place::Path(path) => self.known.get_mut(path),
            Place::Left(left_id)
                if is_sibling && lineage.is_none() && finding.is_none() && !again =>
            {
                // Nothing of what is followed goes on in it.
                let Stamp {
                    id, size, modified, ..
                } = changed.stamp;
                self.siblings.pass_over(id, (size, modified.0, modified.1));
                self.left.retain(|left| left.known.id != *left_id);
                return false;
            }
            Place::Left(id) => {
                let mut left = self.left.iter_mut();
                left.find(|left| left.known.id == *id)
                    .map(|left| &mut left.known)
            }
        };
        let Some(known) = known else { return false };
        let since_modified = |quiet: Duration| changed.modified_at.min(now) + quiet;
        // What nobody named is not talked about.
        let finding = finding.filter(|_| !is_sibling);
        let told = known.told.take();
        let unsettled = finding.is_some() && told != finding && now < since_modified(FILE_QUIET);
        known.again_at = if waiting {
            // Then it is taken as it is. A clock that runs behind the file's is asked once a minute.
            Some(since_modified(STILL_WRITTEN).max(now + Duration::from_mins(1)))
        } else if unsettled {
            Some(since_modified(FILE_QUIET))
        } else {
            None
        };
        let tell = finding.is_some() && told != finding && !unsettled;
        known.told = if finding.is_none() || tell {
            finding
        } else {
            told
        };
        known.stamp = Some(changed.stamp).filter(|_| !again);
        known.waiting = waiting;
        known.unsettled = unsettled;
        known.lineage = lineage.or(known.lineage);
        tell
    }
}

fn with_metadata(paths: impl Iterator<Item = PathBuf>) -> Vec<(PathBuf, Option<Metadata>)> {
    let with = |path: PathBuf| {
        let metadata = path.metadata().ok().filter(Metadata::is_file);
        (path, metadata)
    };
    paths.map(with).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(watch: &mut Watch, now: SystemTime) -> Look {
        watch.look(&Happened::default(), now)
    }

    fn read() -> Outcome {
        Outcome::default()
    }

    fn no() -> Reason {
        Reason::new("no", "non")
    }

    fn only(look: Look) -> Changed {
        let [changed] = <[Changed; 1]>::try_from(look.changed).expect("one changed file");
        changed
    }

    #[test]
    fn unchanged_files_are_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut watch = Watch::new(vec![folder.path().to_owned()]);
        let now = SystemTime::now();
        assert!(look(&mut watch, now).changed.is_empty());
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "a\n").expect("a file");
        let changed = only(look(&mut watch, now));
        assert!(!watch.note(&changed, read(), now));
        assert!(
            look(&mut watch, now + Duration::from_hours(9))
                .changed
                .is_empty()
        );
        std::fs::write(&path, "a\nb\n").expect("a file");
        only(look(&mut watch, now));
        std::fs::remove_file(&path).expect("removed");
        // What was written last is still to be read, and can be: it is open.
        let rest = only(look(&mut watch, now));
        watch.note(&rest, read(), now);
        assert!(look(&mut watch, now).changed.is_empty());
    }

    #[test]
    fn a_line_without_end_is_looked_at_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut watch = Watch::new(vec![folder.path().to_owned()]);
        std::fs::write(folder.path().join("a.csv"), "a\nb").expect("a file");
        let now = SystemTime::now();
        let changed = only(look(&mut watch, now));
        watch.note(
            &changed,
            Outcome {
                waiting: true,
                ..read()
            },
            now,
        );
        assert_eq!(watch.waiting(), 1);
        assert!(look(&mut watch, now + STILL_WRITTEN / 2).changed.is_empty());
        let later = now + STILL_WRITTEN * 2;
        let changed = only(look(&mut watch, later));
        watch.note(&changed, read(), later);
        assert!(look(&mut watch, later).changed.is_empty());
        assert_eq!(watch.waiting(), 0);
    }

    #[test]
    fn findings_are_told_once_and_when_the_file_is_quiet() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut watch = Watch::new(vec![folder.path().to_owned()]);
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "a").expect("a file");
        let failed = || Outcome {
            finding: Some(no()),
            ..read()
        };
        let now = SystemTime::now();
        let changed = only(look(&mut watch, now));
        assert!(
            !watch.note(&changed, failed(), now),
            "it may still be written"
        );
        assert_eq!(watch.unsettled(), 1);
        let later = now + FILE_QUIET * 2;
        let changed = only(look(&mut watch, later));
        assert!(watch.note(&changed, failed(), later));
        assert_eq!(watch.unsettled(), 0);
        assert!(
            look(&mut watch, later + FILE_QUIET).changed.is_empty(),
            "failed ones wait for a change"
        );
        std::fs::write(&path, "ab").expect("a file");
        let changed = only(look(&mut watch, later));
        assert!(
            !watch.note(&changed, failed(), later),
            "the same finding again"
        );
        assert!(look(&mut watch, later + FILE_QUIET).changed.is_empty());
        let shown = path.display().to_string();
        assert_eq!(watch.findings(), [(shown, no())]);
        std::fs::remove_file(&path).expect("removed");
        for rest in look(&mut watch, later).changed {
            watch.note(&rest, failed(), later);
        }
        look(&mut watch, later + REMOVED_QUIET * 2);
        assert_eq!(watch.findings(), []);
    }

    #[test]
    fn missing_paths_are_told_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("not-yet");
        let mut watch = Watch::new(vec![path.clone()]);
        let now = SystemTime::now();
        assert_eq!(look(&mut watch, now).missing.len(), 1);
        assert_eq!(look(&mut watch, now).missing.len(), 0);
        assert_eq!(watch.findings().len(), 1, "they are still missing");
        std::fs::create_dir(&path).expect("a folder");
        assert_eq!(look(&mut watch, now).missing.len(), 0);
        std::fs::remove_dir(&path).expect("removed");
        assert_eq!(look(&mut watch, now).missing.len(), 1);
    }
}
