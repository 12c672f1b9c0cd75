//! Which files changed. Opens none: size, times and inode are compared with what was seen before.

use crate::ingest::{FileReport, FileResult, STILL_WRITTEN};
use crate::reason::Reason;
use smartetl_formats::source::{self, SourceError};
use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// A file that cannot be read and changed more recently may still be written: nothing is said about it yet.
const FILE_QUIET: Duration = Duration::from_secs(10);

/// How a file looks from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    size: u64,
    modified: (i64, i64),
    /// Rights changed: a file that could not be read may be readable now.
    changed: (i64, i64),
    inode: u64,
    device: u64,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            device: metadata.dev(),
        }
    }
}

#[derive(Clone, Debug)]
struct Known {
    stamp: Stamp,
    /// To be looked at again then, even unchanged.
    again_at: Option<SystemTime>,
    /// The finding that was told.
    told: Option<Reason>,
    /// Its last line has no end yet.
    waiting: bool,
    /// It cannot be read, and may still be written.
    unsettled: bool,
}

/// A file to read, as it was when it was looked at.
#[derive(Clone, Debug)]
pub struct Changed {
    pub path: PathBuf,
    stamp: Stamp,
    modified_at: SystemTime,
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
#[derive(Debug)]
pub struct Watch {
    paths: Vec<PathBuf>,
    known: HashMap<PathBuf, Known>,
    /// Paths that mean nothing, and why.
    missing: Vec<(String, Reason)>,
}

impl Watch {
    pub fn new(paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            known: HashMap::new(),
            missing: Vec::new(),
        }
    }

    /// Lists the files and compares. Forgets those that are gone.
    pub fn look(&mut self, now: SystemTime) -> Look {
        let (files, errors) = source::expand(&self.paths);
        let mut look = Look {
            files: files.len(),
            ..Look::default()
        };
        let mut still_known = HashMap::with_capacity(files.len());
        for path in files {
            let Ok(metadata) = path.metadata() else {
                continue;
            };
            let stamp = Stamp::of(&metadata);
            let before = self.known.remove(&path);
            let settled = before.as_ref().is_some_and(|known| {
                known.stamp == stamp && known.again_at.is_none_or(|again_at| now < again_at)
            });
            if let Some(known) = before {
                still_known.insert(path.clone(), known);
            }
            if !settled {
                let modified_at = metadata.modified().unwrap_or(now);
                look.changed.push(Changed {
                    path,
                    stamp,
                    modified_at,
                });
            }
        }
        self.known = still_known;
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

    /// What cannot be read at the moment, or not to its end, and why; as far as it was told.
    pub fn findings(&self) -> Vec<(String, Reason)> {
        let told = self.known.iter().filter_map(|(path, known)| {
            let reason = known.told.clone()?;
            Some((path.display().to_string(), reason))
        });
        let mut findings: Vec<_> = told.chain(self.missing.iter().cloned()).collect();
        findings.sort_unstable();
        findings
    }

    /// How many files have a last line without end.
    pub fn waiting(&self) -> usize {
        self.known.values().filter(|known| known.waiting).count()
    }

    /// How many files cannot be read and may still be written: nothing is told about them yet.
    pub fn unsettled(&self) -> usize {
        self.known.values().filter(|known| known.unsettled).count()
    }

    /// Remembers what became of a file; says whether its finding is to be told.
    pub fn note(&mut self, changed: &Changed, report: &FileReport, now: SystemTime) -> bool {
        let since_modified = |quiet: Duration| changed.modified_at.min(now) + quiet;
        let finding = match &report.result {
            FileResult::Failed { reason } | FileResult::Trouble { reason } => Some(reason.clone()),
            FileResult::Loaded { .. }
            | FileResult::NothingNew
            | FileResult::NoLog { .. }
            | FileResult::NoLogAsBefore => None,
        };
        let told = self
            .known
            .get(&changed.path)
            .and_then(|known| known.told.clone());
        let unsettled = finding.is_some() && told != finding && now < since_modified(FILE_QUIET);
        let again_at = if report.waiting {
            // Then it is taken as it is. A clock that runs behind the file's is asked once a minute.
            Some(since_modified(STILL_WRITTEN).max(now + Duration::from_mins(1)))
        } else if unsettled {
            Some(since_modified(FILE_QUIET))
        } else {
            None
        };
        let tell = finding.is_some() && told != finding && !unsettled;
        let told = if finding.is_none() || tell {
            finding
        } else {
            told
        };
        self.known.insert(
            changed.path.clone(),
            Known {
                stamp: changed.stamp,
                again_at,
                told,
                waiting: report.waiting,
                unsettled,
            },
        );
        tell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn report(result: FileResult, waiting: bool) -> FileReport {
        FileReport {
            path: String::new(),
            result,
            reading: None,
            read_as: None,
            records: 0,
            rows_log: 0,
            rows_error: 0,
            silent: 0,
            rejects: BTreeMap::new(),
            waiting,
            note: None,
        }
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
        assert!(watch.look(now).changed.is_empty());
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "a\n").expect("a file");
        let changed = only(watch.look(now));
        assert!(!watch.note(&changed, &report(FileResult::NothingNew, false), now));
        assert!(watch.look(now + Duration::from_hours(9)).changed.is_empty());
        std::fs::write(&path, "a\nb\n").expect("a file");
        only(watch.look(now));
        std::fs::remove_file(&path).expect("removed");
        assert!(watch.look(now).changed.is_empty());
    }

    #[test]
    fn a_line_without_end_is_looked_at_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut watch = Watch::new(vec![folder.path().to_owned()]);
        std::fs::write(folder.path().join("a.csv"), "a\nb").expect("a file");
        let now = SystemTime::now();
        let changed = only(watch.look(now));
        watch.note(&changed, &report(FileResult::NothingNew, true), now);
        assert_eq!(watch.waiting(), 1);
        assert!(watch.look(now + STILL_WRITTEN / 2).changed.is_empty());
        let later = now + STILL_WRITTEN * 2;
        let changed = only(watch.look(later));
        watch.note(&changed, &report(FileResult::NothingNew, false), later);
        assert!(watch.look(later).changed.is_empty());
        assert_eq!(watch.waiting(), 0);
    }

    #[test]
    fn findings_are_told_once_and_when_the_file_is_quiet() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut watch = Watch::new(vec![folder.path().to_owned()]);
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "a").expect("a file");
        let failed = || report(FileResult::Failed { reason: no() }, false);
        let now = SystemTime::now();
        let changed = only(watch.look(now));
        assert!(
            !watch.note(&changed, &failed(), now),
            "it may still be written"
        );
        assert_eq!(watch.unsettled(), 1);
        let later = now + FILE_QUIET * 2;
        let changed = only(watch.look(later));
        assert!(watch.note(&changed, &failed(), later));
        assert_eq!(watch.unsettled(), 0);
        assert!(
            watch.look(later + FILE_QUIET).changed.is_empty(),
            "failed ones wait for a change"
        );
        std::fs::write(&path, "ab").expect("a file");
        let changed = only(watch.look(later));
        assert!(
            !watch.note(&changed, &failed(), later),
            "the same finding again"
        );
        assert!(watch.look(later + FILE_QUIET).changed.is_empty());
        let shown = path.display().to_string();
        assert_eq!(watch.findings(), [(shown, no())]);
        std::fs::remove_file(&path).expect("removed");
        watch.look(later);
        assert_eq!(watch.findings(), []);
    }

    #[test]
    fn missing_paths_are_told_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("not-yet");
        let mut watch = Watch::new(vec![path.clone()]);
        let now = SystemTime::now();
        assert_eq!(watch.look(now).missing.len(), 1);
        assert_eq!(watch.look(now).missing.len(), 0);
        assert_eq!(watch.findings().len(), 1, "they are still missing");
        std::fs::create_dir(&path).expect("a folder");
        assert_eq!(watch.look(now).missing.len(), 0);
        std::fs::remove_dir(&path).expect("removed");
        assert_eq!(watch.look(now).missing.len(), 1);
    }
}
