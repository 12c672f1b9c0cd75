//! What a producer sent against what consumers stored.

use std::collections::BTreeMap;

use smartetl_store::audit::KnownSource;
use smartetl_store::checkpoint::NOT_READ_TO_ITS_END;

use super::ledger::RESTORE;
use super::{Books, Checking};

/// Of every source that goes through Kafka, no message is stored twice; those that are not stored yet are notes.
pub(super) fn messages(books: &Books, sources: &[KnownSource]) -> (Checking, Vec<String>) {
    let mut checking = Checking::new(
        "messages",
        "of what was sent through Kafka nothing is stored twice",
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
        let source = sources
            .iter()
            .find(|source| source.lineage == Some(streamed.lineage));
        let path = source.map_or("a source that is gone", |source| source.path.as_str());
        if received < streamed.messages {
            let waiting = streamed.messages - received;
            notes.push(format!(
                "{path}: {waiting} of {} messages are sent and not stored yet",
                streamed.messages
            ));
        }
        // A producer that was interrupted has sent more than it knows.
        let is_counted = source.is_some_and(|source| {
            source.size_bytes != NOT_READ_TO_ITS_END && !source.is_being_read
        });
        if received > streamed.messages && is_counted {
            checking.find(
                format!(
                    "{} messages were sent, {received} are stored",
                    streamed.messages
                ),
                path,
                RESTORE,
            );
        }
    }
    (checking, notes)
}
