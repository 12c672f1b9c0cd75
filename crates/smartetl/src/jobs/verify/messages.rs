//! What a producer sent against what consumers stored.

use std::collections::BTreeMap;

use smartetl_store::audit::KnownSource;
use smartetl_store::checkpoint::NOT_READ_TO_ITS_END;

use super::ledger::RESTORE;
use super::{Books, Checking};
use crate::reason::Reason;

/// Of every source that goes through Kafka, no message is stored twice; those that are not stored yet are notes.
pub(super) fn messages(books: &Books, sources: &[KnownSource]) -> (Checking, Vec<Reason>) {
    let mut checking = Checking::new(
        "messages",
        [
            "of what was sent through Kafka nothing is stored twice",
            "rien de ce qui a été envoyé par Kafka n’est enregistré deux fois",
        ],
        "lineages",
    );
    checking.looked_at(books.streamed.len());
    let mut received: BTreeMap<i64, i64> = BTreeMap::new();
    let lines = books.lines.iter();
    for line in lines.filter(|line| books.partitions.contains(&line.source)) {
        *received.entry(line.lineage).or_default() += line.records;
    }
    let mut notes = Vec::new();
    for streamed in &books.streamed {
        let received = received.remove(&streamed.lineage).unwrap_or_default();
        let mut paths = sources
            .iter()
            .filter(|source| source.lineage == Some(streamed.lineage))
            .peekable();
        let path = paths
            .peek()
            .map_or("a source that is gone", |source| source.path.as_str());
        if received < streamed.messages {
            let waiting = streamed.messages - received;
            let sent = streamed.messages;
            notes.push(Reason::new(
                format!("{path}: {waiting} of {sent} messages are sent and not stored yet"),
                format!("{path}\u{a0}: {waiting} des {sent} messages envoyés ne sont pas encore enregistrés"),
            ));
        }
        // A producer that was interrupted has sent more than it knows.
        let is_counted =
            paths.all(|source| source.size_bytes != NOT_READ_TO_ITS_END && !source.is_being_read);
        if received > streamed.messages && is_counted {
            let sent = streamed.messages;
            checking.find(
                [
                    format!("{sent} messages were sent, {received} are stored"),
                    format!("{sent} messages ont été envoyés, {received} sont enregistrés"),
                ],
                path,
                RESTORE,
            );
        }
    }
    (checking, notes)
}
