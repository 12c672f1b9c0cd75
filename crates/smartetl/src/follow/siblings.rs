//! Files beside a followed one that may hold the rest of what it held: it was rotated while nobody looked. Their content
//! decides that; here they are only found.

use super::held::Id;
use super::places::{Places, absolute};
use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// So many are looked at between two looks at the files themselves.
const AT_ONCE: usize = 16;
/// So many of one file are looked at, those that were written last.
const OF_ONE: usize = 64;

/// Size and time of the last change.
type Content = (u64, i64, i64);

pub(super) fn content(metadata: &Metadata) -> Content {
    (metadata.len(), metadata.mtime(), metadata.mtime_nsec())
}

#[derive(Debug, Default)]
pub(super) struct Siblings {
    /// Files whose siblings are to be found.
    sought: VecDeque<PathBuf>,
    /// (sibling, the followed file)
    found: VecDeque<(PathBuf, PathBuf)>,
    /// Those that hold nothing of what is followed, as they were then: size and time.
    strangers: HashMap<Id, Content>,
    /// Files that are not there, whose siblings were sought.
    missing: HashSet<PathBuf>,
}

impl Siblings {
    /// Seeks those of a file that was not followed before; of one that is not there only once, until it comes.
    pub(super) fn look_for(&mut self, path: &Path) {
        let is_there = path.exists();
        if is_there {
            self.missing.remove(path);
        } else if !self.missing.insert(path.to_owned()) {
            return;
        }
        if !self.sought.iter().any(|sought| sought == path) {
            self.sought.push_back(path.to_owned());
        }
    }

    pub(super) fn pass_over(&mut self, id: Id, content: Content) {
        self.strangers.insert(id, content);
    }

    /// The next ones to look at, each with the file that it may have been.
    pub(super) fn next(&mut self, places: &Places) -> Vec<(PathBuf, PathBuf)> {
        if self.found.is_empty()
            && let Some(path) = self.sought.pop_front()
        {
            let siblings = siblings(&path, places, &self.strangers);
            self.found
                .extend(siblings.into_iter().map(|sibling| (sibling, path.clone())));
        }
        let count = self.found.len().min(AT_ONCE);
        self.found.drain(..count).collect()
    }
}

/// Files beside this one that nobody named, and that are called as rotated files are.
fn siblings(path: &Path, places: &Places, strangers: &HashMap<Id, Content>) -> Vec<PathBuf> {
    let (Some(name), Some(folder)) = (path.file_name(), path.parent()) else {
        return Vec::new();
    };
    let name = name.to_string_lossy();
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter(|entry| is_rotated(&name, &entry.file_name().to_string_lossy()))
        .filter_map(|entry| {
            let metadata = entry.metadata().ok().filter(Metadata::is_file)?;
            let path = entry.path();
            let is_new = strangers.get(&Id::of(&metadata)) != Some(&content(&metadata));
            (is_new && !places.mean(&absolute(&path))).then(|| (metadata.modified().ok(), path))
        })
        .collect();
    found.sort_by(|one, other| other.cmp(one));
    found.truncate(OF_ONE);
    found.into_iter().map(|(_, path)| path).collect()
}

/// Whether a file may be called so after rotation: `stats.csv.1`, `stats.csv-20261125.gz`, `stats-20261125.csv`.
fn is_rotated(name: &str, other: &str) -> bool {
    let signs = ['.', '-', '_'];
    if let Some(rest) = other.strip_prefix(name) {
        return rest.starts_with(signs);
    }
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
    other
        .strip_prefix(stem)
        .is_some_and(|rest| rest.starts_with(signs) && (end.is_empty() || rest.contains(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_rotated_files() {
        for (other, expected) in [
            ("stats.csv.1", true),
            ("stats.csv.12.gz", true),
            ("stats.csv-20261125", true),
            ("stats-20261125.csv", true),
            ("stats.1.csv.gz", true),
            ("stats.csv", false),
            ("stats2.csv", false),
            ("stats-old.txt", false),
            ("other.csv.1", false),
        ] {
            assert_eq!(is_rotated("stats.csv", other), expected, "{other}");
        }
    }
}
