//! Rows on their way through Kafka: a producer that sends what is read, consumers that store what comes.
//!
//! Nothing is lost and nothing counts twice, whoever dies. The producer's checkpoint moves only behind what the broker has taken, so
//! that a crash makes it send again; every message carries its stream and record number, and consumers drop what is not
//! above the highest record that they have stored. Their offsets are committed in PostgreSQL with the rows.

mod alone;
mod ask;
mod client;
pub mod consume;
mod headers;
mod messages;
mod ordered;
mod produce;
pub mod replay;
mod topics;

pub use client::Kafka;
pub use headers::Origin;
pub use messages::{MessageBuilder, Messages, Topic};
pub use produce::{Producer, Sending, Sent, sent_elsewhere};
pub use topics::{End, Topics};

use crate::errors::{ErrorCode, code_of};

/// Whether trying again would not help: somebody has to change something.
pub fn is_final(error: &anyhow::Error) -> bool {
    matches!(
        code_of(error),
        ErrorCode::Usage
            | ErrorCode::ConfigInvalid
            | ErrorCode::SchemaOutdated
            | ErrorCode::KafkaRefused
            | ErrorCode::KafkaTopic
    )
}
