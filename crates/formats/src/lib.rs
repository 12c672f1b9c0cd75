//! From bytes to rows: containers (how bytes become records) and dialects (how the records of one ETL tool become
//! rows of `log` and `logerreur`), the registry of dialects, and the finding of sources.
//!
//! Nothing here knows a database, a network or an asynchronous runtime; reading goes through `std::io`. Identity,
//! hashes and checkpoints belong to the caller: the readers only say which bytes made which record.

pub mod container;
pub mod dialect;
pub mod envelope;
pub mod error;
pub mod extract;
pub mod message;
pub mod moment;
mod number;
pub mod propose;
pub mod ranges;
pub mod registry;
pub mod source;
pub mod unread;

pub use container::{AtEnd, Position};
pub use dialect::{Outcome, Settings};
pub use error::FormatError;
pub use extract::{Extractor, Plan, Step};
pub use message::MessageReader;
