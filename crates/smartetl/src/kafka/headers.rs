//! The headers of messages: where a message comes from.

use rdkafka::message::{Header, Headers, OwnedHeaders};
use uuid::Uuid;

/// The lineage as messages name it.
const STREAM: &str = "smartetl-lineage";
/// The number of the record in it, from 0.
const RECORD: &str = "smartetl-record";
/// The path of the source.
const SOURCE: &str = "smartetl-source";
const DIALECT: &str = "smartetl-dialect";

/// Where a dead letter stood.
pub(super) const DEAD_TOPIC: &str = "smartetl-dead-topic";
pub(super) const DEAD_PARTITION: &str = "smartetl-dead-partition";
pub(super) const DEAD_OFFSET: &str = "smartetl-dead-offset";
/// A dead letter that is sent again was not a message of smartETL.
const FOREIGN: &str = "smartetl-foreign";

/// Whether a header is one of smartETL's.
pub(super) fn is_ours(key: &str) -> bool {
    key.starts_with("smartetl-")
}

/// Whether a header names a stream.
pub(super) fn is_lineage(key: &str) -> bool {
    key == STREAM
}

/// Which record of which stream a message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    pub stream: Uuid,
    pub record: i64,
    /// It is sent again for somebody else: its value is not in our schema.
    pub is_foreign: bool,
}

impl Origin {
    /// What the headers say; `None` where they say nothing, or nothing that can be read.
    pub(super) fn of(headers: &impl Headers) -> Option<Self> {
        let (mut stream, mut record, mut is_foreign) = (None, None, false);
        for header in headers.iter() {
            match header.key {
                STREAM => stream = Uuid::try_parse_ascii(header.value?).ok(),
                RECORD => record = std::str::from_utf8(header.value?).ok()?.parse().ok(),
                FOREIGN => is_foreign = true,
                _ => {}
            }
        }
        Some(Self {
            stream: stream?,
            record: record.filter(|record| *record >= 0)?,
            is_foreign,
        })
    }

    pub(super) fn headers(self, source: &str, dialect: &str) -> OwnedHeaders {
        let (stream, record) = (self.stream.to_string(), self.record.to_string());
        let header = |key, value| Header {
            key,
            value: Some(value),
        };
        let headers = OwnedHeaders::new_with_capacity(5)
            .insert(header(STREAM, stream.as_str()))
            .insert(header(RECORD, record.as_str()))
            .insert(header(SOURCE, source))
            .insert(header(DIALECT, dialect));
        if self.is_foreign {
            headers.insert(header(FOREIGN, "true"))
        } else {
            headers
        }
    }
}
