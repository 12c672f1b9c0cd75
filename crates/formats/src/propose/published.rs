//! Codes of states that tools publish, and by which columns their exports are known.
//!
//! Nothing but such lists belongs here: what is not published is asked for.

use smartetl_core::model::RowStatus;

use super::scene::Scene;
use super::shape::{Words, by_frequency};
use super::table::Column;
use super::words;

/// A list of codes.
#[derive(Debug)]
pub struct Published {
    pub tool: &'static str,
    /// The column of the codes, as its tool calls it.
    column: &'static str,
    /// Columns that stand beside it in an export of that tool.
    beside: &'static [&'static str],
    /// Codes, and the tool's words for them.
    codes: &'static [(&'static str, &'static str)],
}

const PUBLISHED: &[Published] = &[
    // SSISDB: learn.microsoft.com, "catalog.executions (SSISDB Database)", column status.
    Published {
        tool: "SSIS, catalog.executions",
        column: "status",
        beside: &["execution_id", "package_name"],
        codes: &[
            ("1", "created"),
            ("2", "running"),
            ("3", "canceled"),
            ("4", "failed"),
            ("5", "pending"),
            ("6", "ended unexpectedly"),
            ("7", "succeeded"),
            ("8", "stopping"),
            ("9", "completed"),
        ],
    },
    // Informatica PowerCenter, Repository Guide, "Using Metadata Exchange (MX) Views", RUN_STATUS_CODE of workflow and task runs.
    Published {
        tool: "Informatica PowerCenter, RUN_STATUS_CODE",
        column: "run_status_code",
        beside: &["workflow_run_id", "workflow_name"],
        codes: &[
            ("1", "succeeded"),
            ("2", "disabled"),
            ("3", "failed"),
            ("4", "stopped"),
            ("5", "aborted"),
            ("6", "running"),
        ],
    },
    // Oracle Data Integrator, SNP_SESSION.SESS_STATUS: first letters of the states in docs.oracle.com, "Session Editor"; M is a warning.
    Published {
        tool: "Oracle Data Integrator, SNP_SESSION",
        column: "sess_status",
        beside: &["sess_no", "sess_name"],
        codes: &[
            ("D", "done"),
            ("E", "error"),
            ("M", "warning"),
            ("Q", "queued"),
            ("R", "running"),
            ("W", "waiting"),
        ],
    },
];

/// The list that a column's codes are of: its name and those beside it must be the tool's, and most of its values in the list.
pub fn of(scene: &Scene<'_>, at: usize) -> Option<&'static Published> {
    let is_called = |column: &Column, name: &str| column.name.trim().eq_ignore_ascii_case(name);
    let has = |name: &&str| {
        scene
            .table
            .columns
            .iter()
            .any(|column| is_called(column, name))
    };
    let column = scene.column(at);
    let lists = PUBLISHED
        .iter()
        .filter(|list| is_called(column, list.column));
    let mut lists = lists.filter(|list| list.beside.iter().all(has));
    lists.find(|list| column.share(|code| list.word(code).is_some()) >= 0.9)
}

impl Published {
    /// What the tool calls a code.
    pub fn word(&self, code: &str) -> Option<&'static str> {
        let found = self.codes.iter().find(|(own, _)| *own == code);
        found.map(|(_, word)| *word)
    }

    /// The codes of a column and what they mean, and those that its tool may write another day.
    pub fn statuses(&self, column: &Column) -> Words<RowStatus> {
        let meaning = |code: &str| self.word(code).and_then(words::status);
        let mut statuses = by_frequency(column, meaning);
        let more = self.codes.iter().filter(|(code, _)| !column.has(code));
        statuses.extend(more.map(|(code, word)| ((*code).to_owned(), words::status(word))));
        statuses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_word_has_a_meaning() {
        for (code, word) in PUBLISHED.iter().flat_map(|list| list.codes) {
            assert!(words::status(word).is_some(), "{code} {word}");
        }
    }
}
