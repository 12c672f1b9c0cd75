//! The paths as a person gave them: which files they mean, which names may become one, and in which folders that shows.

use smartetl_formats::source::{self, SourceError};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Files, folders and globs.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    given: Vec<PathBuf>,
    /// The same from the root on.
    absolute: Vec<PathBuf>,
}

impl Places {
    pub(super) fn new(given: Vec<PathBuf>) -> Self {
        let absolute = given.iter().map(|path| absolute(path)).collect();
        Self { given, absolute }
    }

    /// The files that are there.
    pub(super) fn files(&self) -> (Vec<PathBuf>, Vec<SourceError>) {
        source::expand(&self.given)
    }

    /// Whether something that appears or vanishes at this absolute path may change which files these are.
    pub(super) fn concern(&self, path: &Path) -> bool {
        self.mean(path) || self.absolute.iter().any(|given| given.starts_with(path))
    }

    /// Whether a file at this absolute path is one of them.
    pub(super) fn mean(&self, path: &Path) -> bool {
        self.absolute.iter().any(|given| {
            if let Ok(below) = path.strip_prefix(given) {
                return !below.iter().any(is_hidden);
            }
            // A name with brackets may be a file's own.
            is_pattern(given) && matches(given, path)
        })
    }

    /// Whether a folder was given in which this file stands: then all that is beside it is watched too.
    pub(super) fn is_in_folder(&self, path: &Path) -> bool {
        let path = absolute(path);
        let given = self.absolute.iter();
        given
            .filter(|given| **given != path)
            .any(|given| path.starts_with(given))
    }

    /// The single files among them, whether they are there or not.
    pub(super) fn single(&self) -> Vec<&PathBuf> {
        let given = self.given.iter();
        given
            .filter(|path| path.is_file() || (!path.exists() && !is_pattern(path)))
            .collect()
    }

    /// The folders in which something shows when it happens: those of the files, those below a folder that was given, and the
    /// nearest one that is there above what is not.
    pub(super) fn folders(&self) -> BTreeSet<PathBuf> {
        let mut folders = BTreeSet::new();
        for given in &self.absolute {
            if given.is_dir() {
                add_tree(given, &mut folders);
            } else if !given.exists() && is_pattern(given) {
                add_pattern(given, &mut folders);
            }
            folders.extend(nearest_folder(given));
        }
        folders
    }
}

pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The nearest folder above a path that is there: what replaces the path itself shows in it.
fn nearest_folder(path: &Path) -> Option<PathBuf> {
    let above = path.ancestors().skip(1);
    above
        .filter(|folder| !is_pattern(folder))
        .find(|folder| folder.is_dir())
        .map(Path::to_owned)
}

fn add_tree(folder: &Path, folders: &mut BTreeSet<PathBuf>) {
    let entries = walkdir::WalkDir::new(folder)
        .follow_links(true)
        .into_iter()
        .filter_entry(|entry| {
            entry.depth() == 0 || (entry.file_type().is_dir() && !is_hidden(entry.file_name()))
        });
    folders.extend(entries.flatten().map(walkdir::DirEntry::into_path));
}

/// The folders that the pattern's own folders match.
fn add_pattern(pattern: &Path, folders: &mut BTreeSet<PathBuf>) {
    let above = pattern.ancestors().skip(1);
    for folder in above.take_while(|folder| is_pattern(folder)) {
        let found = glob::glob_with(&folder.to_string_lossy(), options());
        let found = found.into_iter().flatten().flatten();
        folders.extend(found.filter(|path| path.is_dir()));
    }
}

fn matches(pattern: &Path, path: &Path) -> bool {
    glob::Pattern::new(&pattern.to_string_lossy()).is_ok_and(|pattern| {
        // What matches may be a folder of files.
        path.ancestors()
            .any(|path| pattern.matches_path_with(path, options()))
    })
}

/// Those of [`source::expand`], and `*` does not cross folders here either.
fn options() -> glob::MatchOptions {
    glob::MatchOptions {
        require_literal_leading_dot: true,
        require_literal_separator: true,
        ..glob::MatchOptions::new()
    }
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_may_become_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("logs/old")).expect("folders");
        std::fs::create_dir_all(at("logs/.git")).expect("folders");
        let places = Places::new(vec![at("logs"), at("x/stats.csv"), at("y/*/s*.csv")]);
        for (name, means) in [
            ("logs/a.csv", true),
            ("logs/old/a.csv", true),
            ("logs/.git/a.csv", false),
            ("logs/.a.csv", false),
            ("x/stats.csv", true),
            ("x/stats.csv.1", false),
            ("y/1/stats.csv", true),
            ("y/1/2/stats.csv", false),
            ("y/1/other.csv", false),
        ] {
            assert_eq!(places.mean(&at(name)), means, "{name}");
        }
        assert!(places.concern(&at("x")) && !places.concern(&at("z")));
        let mut folders = vec![at(""), at("logs"), at("logs/old")];
        let found: Vec<_> = places.folders().into_iter().collect();
        folders[0] = folder.path().to_owned();
        assert_eq!(found, folders);
        std::fs::create_dir_all(at("y/1")).expect("folders");
        let found = places.folders();
        assert!(
            found.contains(&at("y")) && found.contains(&at("y/1")),
            "{found:?}"
        );
    }
}
