//! From files to stored rows: what a file is, how far it was read, its rows in batches, each batch in one transaction.
//!
//! Nothing is stored without its ledger line and its checkpoint, nothing twice, and one bad file never stops another.

mod batch;
pub mod content;
mod identity;
mod load;
mod options;
mod resume;
mod words;
mod write;

pub use identity::{Arrival, Trouble};
pub use load::{
    FileReport, FileResult, LoadReport, Loader, Progress, ReadError, Request, STILL_WRITTEN,
    is_still_written,
};
