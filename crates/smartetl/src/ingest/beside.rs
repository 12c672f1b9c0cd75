//! What lies beside logs and is none. Whoever names such a file hears an error; whoever points at a folder hears that it was
//! passed over.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use smartetl_formats::FormatError;

use super::report::FileResult;
use crate::reason::Reason;

/// Ends of names of text that is no log, although it may look like a table or hold JSON.
const ENDS: &[&str] = &[
    "adoc",
    "bat",
    "cfg",
    "conf",
    "css",
    "env",
    "htm",
    "html",
    "ics",
    "ini",
    "ipynb",
    "java",
    "js",
    "lock",
    "md",
    "properties",
    "ps1",
    "py",
    "rst",
    "rtf",
    "sh",
    "sql",
    "svg",
    "toml",
    "ts",
    "xml",
    "yaml",
    "yml",
];

/// Ends of names that say that a file is a table: whoever finds something else in it shall hear so.
const TABLES: &[&str] = &["csv", "tsv", "jsonl", "ndjson", "parquet"];

/// The paths as a person gave them: files that stand among them were named, others were found in a folder or by a pattern.
#[derive(Clone, Debug, Default)]
pub struct Named(Arc<HashSet<PathBuf>>);

impl Named {
    pub fn of(paths: &[PathBuf]) -> Self {
        Self(Arc::new(paths.iter().cloned().collect()))
    }

    /// What a file comes to that was not read because of this error.
    pub(super) fn result(&self, path: &Path, error: &anyhow::Error) -> FileResult {
        let reason = Reason::from(error);
        if !self.0.contains(path) && is_no_log(path, error) {
            FileResult::NoLog { reason }
        } else {
            FileResult::Failed { reason }
        }
    }

    /// Whether this error, about a file that nobody named, is worth telling only once: nothing claims its content, or it has
    /// none, and that will be so until it changes.
    pub(super) fn is_told_once(&self, path: &Path, error: &anyhow::Error) -> bool {
        let is_foreign = |error: &FormatError| {
            error.is_unknown()
                || error.is_no_log()
                || matches!(error, FormatError::Empty | FormatError::NotReadYet { .. })
        };
        !self.0.contains(path) && error.downcast_ref::<FormatError>().is_some_and(is_foreign)
    }
}

fn is_no_log(path: &Path, error: &anyhow::Error) -> bool {
    let ends = |path: &Path, among: &[&str]| {
        let end = path
            .extension()
            .map(|end| end.to_string_lossy().to_lowercase());
        end.is_some_and(|end| among.contains(&end.as_str()))
    };
    let unpacked = if ends(path, &["gz", "zst"]) {
        path.with_extension("")
    } else {
        path.to_owned()
    };
    error.downcast_ref::<FormatError>().is_some_and(|error| {
        (error.is_no_log() && !ends(&unpacked, TABLES)) || (error.is_unknown() && ends(path, ENDS))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_named_is_passed_over() {
        let named = Named::of(&[PathBuf::from("logs"), PathBuf::from("logs/a.txt")]);
        let unknown = || FormatError::NoDialect {
            columns: "a, b".to_owned(),
            has_times: true,
        };
        for (path, error, passed_over) in [
            ("logs/a.txt", FormatError::NoTable, false),
            ("logs/b.txt", FormatError::NoTable, true),
            ("logs/b.csv", unknown(), false),
            ("logs/b.CSV.gz", FormatError::NoTable, false),
            ("logs/b.txt.gz", FormatError::NoTable, true),
            ("logs/b.SQL", unknown(), true),
            ("logs/b.json", FormatError::Json, false),
            ("logs/b", FormatError::Empty, false),
        ] {
            let result = named.result(Path::new(path), &error.into());
            assert_eq!(
                matches!(result, FileResult::NoLog { .. }),
                passed_over,
                "{path}"
            );
        }
    }
}
