//! The sources that are still there against their checkpoints: what was read once still stands in them, and what stands in
//! them was read.
//!
//! A source that grew since it was read is no finding: logs grow, and the next load reads on. One whose reading ended
//! before its end is: nothing says when that is made good.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::Path;
use std::time::Duration;

use smartetl_store::audit::KnownSource;
use smartetl_store::checkpoint::{Checkpoint, NOT_READ_TO_ITS_END};

use super::Checking;
use crate::ingest::content::{ContentHash, Rest, reread};
use crate::ingest::{is_still_written, since_written};

const CHANGED: &str = "what is stored is the file as it was when it was loaded; put the old file back, or load the new one \
     into an empty database";
const UNREADABLE: &str = "make the file readable and verify again";
const LOAD_AGAIN: &str = "run `smartetl load FILE` again: it goes on from there";
const COPY_AGAIN: &str = "copy or export the file again, then run `smartetl load FILE`";
const LINE_GOES_ON: &str =
    "run `smartetl load FILE` again: it takes the half line back and reads the whole one";
/// Whoever follows a file looks at it at least so often.
const JUST_WRITTEN: Duration = Duration::from_mins(1);

/// Reads every source again; also gives notes on those that cannot be compared, or are not read to their end and may be.
pub(super) fn sources(
    known: &[KnownSource],
    checkpoints: &[Checkpoint],
) -> ([Checking; 2], Vec<String>) {
    let mut looked = Looked {
        unchanged: Checking::new(
            "sources",
            "the files that are still there begin with what was loaded from them",
            "files",
        ),
        complete: Checking::new(
            "complete",
            "the files that are still there were loaded to the end that they had",
            "files",
        ),
        notes: Vec::new(),
    };
    let by_lineage: BTreeMap<i64, &Checkpoint> = checkpoints
        .iter()
        .map(|checkpoint| (checkpoint.lineage, checkpoint))
        .collect();
    for source in known {
        if let Some(checkpoint) = source.lineage.and_then(|lineage| by_lineage.get(&lineage)) {
            looked.look(source, checkpoint);
        }
    }
    ([looked.unchanged, looked.complete], looked.notes)
}

struct Looked {
    unchanged: Checking,
    complete: Checking,
    notes: Vec<String>,
}

impl Looked {
    fn look(&mut self, source: &KnownSource, checkpoint: &Checkpoint) {
        let Some(reading) = &checkpoint.reading else {
            return;
        };
        let path = Path::new(&source.path);
        let metadata = match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let stored = if source.size_bytes == NOT_READ_TO_ITS_END {
                    format!(", and {}", stored(checkpoint))
                } else {
                    String::new()
                };
                self.note(source, &format!("not there any more{stored}"));
                return;
            }
            found => found.ok(),
        };
        let size_bytes = metadata.as_ref().map(|metadata| metadata.len() as i64);
        let as_it_was = size_bytes == Some(source.size_bytes);
        let expected = checkpoint
            .content_hash
            .clone()
            .unwrap_or_else(|| ContentHash::of(b""));
        self.unchanged.looked_at(1);
        match reread(path, reading, checkpoint.next_byte as u64, !as_it_was) {
            Ok(found) if found.hash.as_ref() == Some(&expected) => {
                self.look_behind(source, checkpoint, metadata.as_ref(), &found.rest);
            }
            Ok(found) if found.hash.is_some() => self.unchanged.find(
                format!(
                    "the first {} bytes are not those that were loaded",
                    checkpoint.next_byte
                ),
                source.path.clone(),
                CHANGED,
            ),
            // A copy that was made before the original grew is shorter than what was read, and rightly so.
            Ok(_) if as_it_was => self.note(
                source,
                "as long as when it was loaded, but a copy of it has grown since: not compared",
            ),
            Ok(_) => self.unchanged.find(
                "shorter than what was loaded from it",
                source.path.clone(),
                CHANGED,
            ),
            Err(error) => self.unchanged.find(
                format!("cannot be read: {error:#}"),
                source.path.clone(),
                UNREADABLE,
            ),
        }
    }

    /// What stands behind the checkpoint.
    fn look_behind(
        &mut self,
        source: &KnownSource,
        checkpoint: &Checkpoint,
        metadata: Option<&Metadata>,
        rest: &Rest,
    ) {
        self.complete.looked_at(1);
        let place = source.path.clone();
        let was_read = source.size_bytes != NOT_READ_TO_ITS_END;
        if source.is_being_read {
            self.note(source, "is being read now");
        } else if let Some(reason) = &rest.broken {
            // What to do stands below.
            let reason = reason.lines().next().unwrap_or_default();
            let what = format!(
                "cannot be read to its end ({reason}): {}",
                stored(checkpoint)
            );
            self.complete.find(what, place, COPY_AGAIN);
        } else if !rest.has_records {
            // Blank lines are no content.
        } else if checkpoint.unterminated && !matches!(rest.first, Some(b'\n' | b'\r')) {
            let what = format!(
                "its last line was loaded before it was complete, and now goes on: {} bytes are not loaded",
                rest.length
            );
            self.complete.find(what, place, LINE_GOES_ON);
        } else if was_read {
            let grown = format!(
                "has grown since it was loaded: `smartetl load FILE` reads the {} bytes behind",
                rest.length
            );
            self.note(source, &grown);
        } else if !rest.has_line_end && metadata.is_some_and(is_still_written) {
            self.note(source, "its last line has no end yet and is not loaded");
        } else if metadata.is_some_and(|metadata| since_written(metadata) < JUST_WRITTEN) {
            let what = format!(
                "was written just now, and {}: verify again",
                stored(checkpoint)
            );
            self.note(source, &what);
        } else {
            let what = format!(
                "a load ended before the end of the file: {}",
                stored(checkpoint)
            );
            self.complete.find(what, place, LOAD_AGAIN);
        }
    }

    fn note(&mut self, source: &KnownSource, what: &str) {
        self.notes.push(format!("{}: {what}", source.path));
    }
}

fn stored(checkpoint: &Checkpoint) -> String {
    match checkpoint.next_record {
        0 => "nothing of it is stored".to_owned(),
        records => format!("only its first {records} records are stored"),
    }
}
