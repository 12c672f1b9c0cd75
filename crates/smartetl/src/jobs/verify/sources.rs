//! The sources that are still there against their checkpoints: what was read once still stands in them, and what stands in
//! them was read.
//!
//! A source that grew since it was read is no finding: logs grow, and the next load reads on. One whose reading ended
//! before its end is: nothing says when that is made good.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::Metadata;
use std::path::Path;
use std::time::Duration;

use smartetl_store::audit::KnownSource;
use smartetl_store::checkpoint::{Checkpoint, NOT_READ_TO_ITS_END};

use super::Checking;
use crate::ingest::content::{ContentHash, Rest, reread};
use crate::ingest::{is_still_written, since_written};
use crate::night::Lang;
use crate::reason::Reason;

const CHANGED: [&str; 2] = [
    "what is stored is the file as it was when it was loaded; put the old file back, or take its rows back with \
     `smartetl unload FILE` and load the new one",
    "ce qui est enregistré est le fichier tel qu’il était au chargement\u{a0}; remettez l’ancien, ou retirez ses lignes avec \
     `smartetl unload FICHIER` et chargez le nouveau",
];
const UNREADABLE: [&str; 2] = [
    "make the file readable and verify again",
    "rendez le fichier lisible et vérifiez de nouveau",
];
const LOAD_AGAIN: [&str; 2] = [
    "run `smartetl load FILE` again: it goes on from there",
    "relancez `smartetl load FICHIER`\u{a0}: il reprend à partir de là",
];
const COPY_AGAIN: [&str; 2] = [
    "copy or export the file again, then run `smartetl load FILE`",
    "copiez ou exportez de nouveau le fichier, puis lancez `smartetl load FICHIER`",
];
const LINE_GOES_ON: [&str; 2] = [
    "run `smartetl load FILE` again: it takes the half line back and reads the whole one",
    "relancez `smartetl load FICHIER`\u{a0}: il retire la ligne coupée et lit la ligne entière",
];
/// Whoever follows a file looks at it at least so often.
const JUST_WRITTEN: Duration = Duration::from_mins(1);

/// Reads every source again; also gives notes on those that cannot be compared, or are not read to their end and may be.
pub(super) fn sources(
    known: &[KnownSource],
    checkpoints: &[Checkpoint],
) -> ([Checking; 2], Vec<Reason>) {
    let mut looked = Looked {
        unchanged: Checking::new(
            "sources",
            [
                "the files that are still there begin with what was loaded from them",
                "les fichiers encore là commencent par ce qui en a été chargé",
            ],
            "files",
        ),
        complete: Checking::new(
            "complete",
            [
                "the files that are still there were loaded to the end that they had",
                "les fichiers encore là ont été chargés jusqu’à leur fin d’alors",
            ],
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
    notes: Vec<Reason>,
}

impl Looked {
    fn look(&mut self, source: &KnownSource, checkpoint: &Checkpoint) {
        let Some(reading) = &checkpoint.reading else {
            return;
        };
        let path = Path::new(&source.path);
        let metadata = match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let [mut en, mut fr] = ["not there any more", "n’est plus là"].map(str::to_owned);
                if source.size_bytes == NOT_READ_TO_ITS_END {
                    let stored = stored(checkpoint);
                    en = format!("{en}, and {stored}");
                    fr = format!("{fr}, et {}", stored.text(Lang::Fr));
                }
                self.note(source, [en, fr]);
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
                {
                    let bytes = checkpoint.next_byte;
                    [
                        format!("the first {bytes} bytes are not those that were loaded"),
                        format!("les {bytes} premiers octets ne sont pas ceux qui ont été chargés"),
                    ]
                },
                source.path.clone(),
                CHANGED,
            ),
            // A copy that was made before the original grew is shorter than what was read, and rightly so.
            Ok(_) if as_it_was => self.note(
                source,
                [
                    "as long as when it was loaded, but a copy of it has grown since: not compared",
                    "aussi long qu’au chargement, mais une copie a grandi depuis\u{a0}: non comparé",
                ],
            ),
            Ok(_) => self.unchanged.find(
                [
                    "shorter than what was loaded from it",
                    "plus court que ce qui en a été chargé",
                ],
                source.path.clone(),
                CHANGED,
            ),
            Err(error) => self.unchanged.find(
                {
                    let reason = Reason::from(&error);
                    [
                        format!("cannot be read: {reason}"),
                        format!("illisible\u{a0}: {}", reason.text(Lang::Fr)),
                    ]
                },
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
        let length = metadata.map(Metadata::len);
        let is_as_long =
            length.is_some_and(|length| i64::try_from(length) == Ok(source.size_bytes));
        if source.is_being_read {
            self.note(source, ["is being read now", "est en cours de lecture"]);
        } else if let Some(reason) = &rest.broken {
            // What to do stands below.
            let reason = reason.lines().next().unwrap_or_default();
            let stored = stored(checkpoint);
            let what = [
                format!("cannot be read to its end ({reason}): {stored}"),
                format!(
                    "illisible jusqu’au bout ({reason})\u{a0}: {}",
                    stored.text(Lang::Fr)
                ),
            ];
            self.complete.find(what, place, COPY_AGAIN);
        } else if !rest.has_records || checkpoint.next_byte == 0 && is_as_long {
            // Blank lines are no content, nor is a header alone.
        } else if checkpoint.unterminated && !matches!(rest.first, Some(b'\n' | b'\r')) {
            let bytes = rest.length;
            let what = [
                format!(
                    "its last line was loaded before it was complete, and now goes on: {bytes} bytes are not loaded"
                ),
                format!(
                    "sa dernière ligne a été chargée avant d’être complète, et continue\u{a0}: {bytes} octets ne sont pas chargés"
                ),
            ];
            self.complete.find(what, place, LINE_GOES_ON);
        } else if was_read {
            let bytes = rest.length;
            let grown = [
                format!(
                    "has grown since it was loaded: `smartetl load FILE` reads the {bytes} bytes behind"
                ),
                format!(
                    "a grandi depuis son chargement\u{a0}: `smartetl load FICHIER` lit les {bytes} octets suivants"
                ),
            ];
            self.note(source, grown);
        } else if !rest.has_line_end && metadata.is_some_and(is_still_written) {
            let what = [
                "its last line has no end yet and is not loaded",
                "sa dernière ligne n’est pas encore finie, elle n’est pas chargée",
            ];
            self.note(source, what);
        } else if metadata.is_some_and(|metadata| since_written(metadata) < JUST_WRITTEN) {
            let stored = stored(checkpoint);
            let what = [
                format!("was written just now, and {stored}: verify again"),
                format!(
                    "vient d’être écrit, et {}\u{a0}: vérifiez de nouveau",
                    stored.text(Lang::Fr)
                ),
            ];
            self.note(source, what);
        } else {
            let stored = stored(checkpoint);
            let what = [
                format!("a load ended before the end of the file: {stored}"),
                format!(
                    "un chargement s’est arrêté avant la fin du fichier\u{a0}: {}",
                    stored.text(Lang::Fr)
                ),
            ];
            self.complete.find(what, place, LOAD_AGAIN);
        }
    }

    fn note<T: Display>(&mut self, source: &KnownSource, [en, fr]: [T; 2]) {
        let path = &source.path;
        let note = [format!("{path}: {en}"), format!("{path}\u{a0}: {fr}")];
        self.notes.push(note.into());
    }
}

fn stored(checkpoint: &Checkpoint) -> Reason {
    match checkpoint.next_record {
        0 => ["nothing of it is stored", "rien n’en est enregistré"].into(),
        records => [
            format!("only its first {records} records are stored"),
            format!("seuls ses {records} premiers enregistrements sont stockés"),
        ]
        .into(),
    }
}
