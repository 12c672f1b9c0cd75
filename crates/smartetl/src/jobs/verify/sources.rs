//! The sources that are still there against their checkpoints: what was read once still stands in them.

use std::collections::BTreeMap;
use std::path::Path;

use smartetl_store::audit::KnownSource;
use smartetl_store::checkpoint::Checkpoint;

use super::Checking;
use crate::ingest::content::hash_of_beginning;

const CHANGED: &str = "what is stored is the file as it was when it was loaded; put the old file back, or load the new one \
     into an empty database";
const UNREADABLE: &str = "make the file readable and verify again";

/// Reads every source again, up to where it was read; also gives notes on those that cannot be compared.
pub(super) fn sources(
    known: &[KnownSource],
    checkpoints: &[Checkpoint],
) -> (Checking, Vec<String>) {
    let mut checking = Checking::new(
        "sources",
        "the files that are still there begin with what was loaded from them",
        "files",
    );
    let mut notes = Vec::new();
    let by_lineage: BTreeMap<i64, &Checkpoint> = checkpoints
        .iter()
        .map(|checkpoint| (checkpoint.lineage, checkpoint))
        .collect();
    for source in known {
        let Some(checkpoint) = source.lineage.and_then(|lineage| by_lineage.get(&lineage)) else {
            continue;
        };
        let (Some(expected), Some(reading)) = (&checkpoint.content_hash, &checkpoint.reading)
        else {
            continue;
        };
        let path = Path::new(&source.path);
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                notes.push(format!("{}: not there any more", source.path));
                continue;
            }
            Err(_) | Ok(_) => checking.looked_at(1),
        }
        match hash_of_beginning(path, reading, checkpoint.next_byte as u64) {
            Ok(Some(found)) if found == *expected => {}
            Ok(Some(_)) => checking.find(
                format!(
                    "the first {} bytes are not those that were loaded",
                    checkpoint.next_byte
                ),
                source.path.clone(),
                CHANGED,
            ),
            // A copy that was made before the original grew is shorter than what was read, and rightly so.
            Ok(None) if size(path) == Some(source.size_bytes) => notes.push(format!(
                "{}: as long as when it was loaded, but a copy of it has grown since: not compared",
                source.path
            )),
            Ok(None) => checking.find(
                "shorter than what was loaded from it",
                source.path.clone(),
                CHANGED,
            ),
            Err(error) => checking.find(
                format!("cannot be read: {error:#}"),
                source.path.clone(),
                UNREADABLE,
            ),
        }
    }
    (checking, notes)
}

fn size(path: &Path) -> Option<i64> {
    Some(std::fs::metadata(path).ok()?.len() as i64)
}
