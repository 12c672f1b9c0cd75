//! Finding sources: files, folders and globs, as a user gives them.
//!
//! Opens no file. What cannot be listed is an error of its own and never hides the others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A path that gives no source.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("{path} does not exist")]
    Missing { path: String },
    #[error("{pattern} matches nothing")]
    NoMatch { pattern: String },
    #[error("{pattern} is no pattern: {reason}")]
    Pattern { pattern: String, reason: String },
    #[error("{path} is neither a file nor a folder")]
    Special { path: String },
    #[error("cannot list {path}: {reason}")]
    Unreadable { path: String, reason: String },
}

impl SourceError {
    /// The path or pattern that it is about.
    pub fn path(&self) -> &str {
        match self {
            Self::Missing { path } | Self::Special { path } | Self::Unreadable { path, .. } => path,
            Self::NoMatch { pattern } | Self::Pattern { pattern, .. } => pattern,
        }
    }
}

/// The files that these paths mean, each once, and the paths that mean none.
///
/// A folder means all files below it, sorted by path, without hidden ones; a path with `*`, `?` or `[` that does not exist
/// as it stands is a glob (`**` crosses folders). The order is that of the paths given.
pub fn expand<P: AsRef<Path>>(paths: &[P]) -> (Vec<PathBuf>, Vec<SourceError>) {
    let mut found = Found::default();
    for path in paths {
        let path = path.as_ref();
        if path.exists() {
            found.add(path);
        } else if path.to_string_lossy().contains(['*', '?', '[']) {
            found.add_glob(path);
        } else {
            found.errors.push(missing_or_unreadable(path));
        }
    }
    (found.files, found.errors)
}

#[derive(Default)]
struct Found {
    seen: BTreeSet<PathBuf>,
    files: Vec<PathBuf>,
    errors: Vec<SourceError>,
}

impl Found {
    fn add(&mut self, path: &Path) {
        if path.is_file() {
            if self.seen.insert(path.to_path_buf()) {
                self.files.push(path.to_path_buf());
            }
        } else if path.is_dir() {
            self.add_folder(path);
        } else {
            self.errors.push(SourceError::Special {
                path: path.display().to_string(),
            });
        }
    }

    fn add_folder(&mut self, folder: &Path) {
        let walk = walkdir::WalkDir::new(folder)
            .follow_links(true)
            .sort_by_file_name();
        let hidden = |entry: &walkdir::DirEntry| {
            entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
        };
        for entry in walk.into_iter().filter_entry(|entry| !hidden(entry)) {
            match entry {
                Ok(entry) if entry.file_type().is_file() => self.add(entry.path()),
                Ok(_) => {}
                Err(error) => self.errors.push(SourceError::Unreadable {
                    path: error.path().unwrap_or(folder).display().to_string(),
                    reason: error
                        .io_error()
                        .map_or_else(|| error.to_string(), ToString::to_string),
                }),
            }
        }
    }

    fn add_glob(&mut self, path: &Path) {
        let pattern = path.to_string_lossy().into_owned();
        let options = glob::MatchOptions {
            require_literal_leading_dot: true,
            ..glob::MatchOptions::new()
        };
        let matches = match glob::glob_with(&pattern, options) {
            Ok(matches) => matches,
            Err(error) => {
                self.errors.push(SourceError::Pattern {
                    pattern,
                    reason: error.msg.to_owned(),
                });
                return;
            }
        };
        let mut any = false;
        for entry in matches {
            any = true;
            match entry {
                Ok(path) => self.add(&path),
                Err(error) => self.errors.push(SourceError::Unreadable {
                    path: error.path().display().to_string(),
                    reason: error.error().to_string(),
                }),
            }
        }
        if !any {
            self.errors.push(SourceError::NoMatch { pattern });
        }
    }
}

/// Why a path is not there: it may stand in a folder that may not be looked into.
fn missing_or_unreadable(path: &Path) -> SourceError {
    let shown = path.display().to_string();
    match std::fs::metadata(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => SourceError::Unreadable {
            path: shown,
            reason: error.to_string(),
        },
        _ => SourceError::Missing { path: shown },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in [
            "b.csv",
            "a/2.csv",
            "a/1.csv",
            ".hidden.csv",
            ".git/x.csv",
            "a/note [1].txt",
        ] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("it has a folder"))
                .expect("folders are made");
            std::fs::write(path, "x").expect("files are written");
        }
        folder
    }

    #[track_caller]
    fn check(paths: &[&str], files: &[&str], errors: &[&str]) {
        let folder = tree();
        let given: Vec<PathBuf> = paths.iter().map(|path| folder.path().join(path)).collect();
        let (found, failed) = expand(&given);
        let root = format!("{}/", folder.path().display());
        let found: Vec<String> = found
            .iter()
            .map(|path| path.display().to_string().replacen(&root, "", 1))
            .collect();
        let failed: Vec<String> = failed
            .iter()
            .map(|error| error.to_string().replace(&root, ""))
            .collect();
        assert_eq!(found, files);
        assert_eq!(failed, errors);
    }

    #[test]
    fn folders_are_walked_in_order_without_hidden_files() {
        check(
            &[""],
            &["a/1.csv", "a/2.csv", "a/note [1].txt", "b.csv"],
            &[],
        );
    }

    #[test]
    fn globs_match_files_and_folders() {
        check(&["*.csv"], &["b.csv"], &[]);
        check(&["**/*.csv"], &["a/1.csv", "a/2.csv", "b.csv"], &[]);
        check(&["[ab]"], &["a/1.csv", "a/2.csv", "a/note [1].txt"], &[]);
    }

    #[test]
    fn an_existing_file_is_no_glob_and_counts_once() {
        check(
            &["a/note [1].txt", "a/note*", "b.csv", "b.csv"],
            &["a/note [1].txt", "b.csv"],
            &[],
        );
    }

    #[test]
    fn each_failing_path_is_an_error_of_its_own() {
        check(
            &["none.csv", "*.parquet", "a/***", "b.csv"],
            &["b.csv"],
            &[
                "none.csv does not exist",
                "*.parquet matches nothing",
                "a/*** is no pattern: wildcards are either regular `*` or recursive `**`",
            ],
        );
    }

    #[test]
    fn a_socket_is_no_source() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("s");
        let _listener = std::os::unix::net::UnixListener::bind(&path).expect("a socket is made");
        let (files, errors) = expand(&[&path]);
        assert!(files.is_empty());
        assert!(
            matches!(errors.as_slice(), [SourceError::Special { .. }]),
            "{errors:?}"
        );
    }
}
