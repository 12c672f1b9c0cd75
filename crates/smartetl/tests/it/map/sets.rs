//! Thirteen sets of files as a team could have them: what Talend's catchers wrote of a simulated company, under other names, in other forms.

use super::raw::{Raw, Record};
use super::{sets_of_events as events, sets_of_runs as runs};
use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::ArrowWriter;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Files, and what of the truth they still hold.
pub struct Set {
    pub name: &'static str,
    pub files: Vec<PathBuf>,
    /// Columns of the truth's dataset that these files no longer say.
    pub left_out: Vec<&'static str>,
    /// Evidences of runs of which these files say nothing.
    pub without: &'static [&'static str],
    /// Columns that `map` asks about; empty where it finds everything.
    pub asked: &'static [&'static str],
}

/// What only an error log says.
pub const OF_ERRORS: &[&str] = &[
    "outcome",
    "errors",
    "error_rows",
    "warnings",
    "first_error_at",
    "cause_job",
    "cause_run_id",
    "cause_step",
    "category",
];
/// What only the metrics say. Where they stand last in a run, they also are its last event.
pub const OF_METRICS: &[&str] = &["rows_in", "rows_out", "rows_rejected", "last_event_at"];
pub const OF_STEPS: &[&str] = &["steps", "steps_failed"];
/// A row for each run holds one error of it, and those of a success not at all.
pub const OF_COPIES: &[&str] = &[
    "outcome",
    "errors",
    "error_rows",
    "warnings",
    "first_error_at",
    "cause_step",
    "cause_job",
    "cause_run_id",
    "category",
];
/// Nothing names the tool that wrote them.
const OF_THE_TOOL: &[&str] = &["system"];

/// Trees of runs that log nothing but errors cannot be judged without these.
pub const OF_SILENT_RUNS: &[&str] = &["tree_status", "self_duration_ms"];

pub fn all(raw: &Raw, folder: &Path) -> Vec<Set> {
    vec![
        events::french_events(raw, &folder.join("1")),
        events::english_events_and_errors(raw, &folder.join("2")),
        events::camel_case_of_three(raw, &folder.join("3")),
        runs::french_runs(raw, &folder.join("4")),
        runs::parquet_of_runs_and_steps(raw, &folder.join("5")),
        events::nameless(raw, &folder.join("6")),
        events::lying_names(raw, &folder.join("7")),
        events::states_that_are_events(raw, &folder.join("8")),
        runs::return_codes(raw, &folder.join("9")),
        events::parquet_and_text(raw, &folder.join("10")),
        runs::runs_in_other_words(raw, &folder.join("11")),
        events::day_and_hour_of_events(raw, &folder.join("12")),
        events::errors_that_name_no_tree(raw, &folder.join("13")),
    ]
}

pub fn without(lists: &[&[&'static str]]) -> Vec<&'static str> {
    let mut all = OF_THE_TOOL.to_vec();
    all.extend(lists.concat());
    all
}

pub fn word<'w>(found: &str, words: &[(&str, &'w str)]) -> &'w str {
    let known = words.iter().find(|(own, _)| *own == found);
    known.map_or("", |(_, word)| word)
}

/// The parent as most tools write it: nothing at the root.
pub fn parent(record: &Record) -> &str {
    if record["father_pid"] == record["pid"] {
        ""
    } else {
        &record["father_pid"]
    }
}

pub fn parquet_file(path: &Path, columns: Vec<(&str, ArrayRef)>) -> PathBuf {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns
            .into_iter()
            .map(|(name, values)| (name, values, true)),
    )
    .expect("columns of one length");
    let mut writer =
        ArrowWriter::try_new(File::create(path).expect("a file"), batch.schema(), None)
            .expect("a Parquet file");
    writer.write(&batch).expect("rows are written");
    writer.close().expect("it is closed");
    path.to_owned()
}
