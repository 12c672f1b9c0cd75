//! From files to stored rows: what a file is, how far it was read, its rows in batches, each batch in one transaction.
//!
//! Nothing is stored without its ledger line and its checkpoint, nothing twice, and one bad file never stops another.

mod batch;
mod beside;
mod collect;
pub mod content;
pub mod direct;
mod doubts;
mod gathering;
mod identity;
mod load;
mod meaning;
mod options;
mod preview;
mod read;
mod recognised;
mod report;
mod resume;
mod trial;
mod words;
mod write;

pub use batch::{BatchBuilder, Counts, storable};
pub use beside::Named;
pub use doubts::Seen;
pub use gathering::Gathering;
pub use identity::{
    Arrival, STILL_WRITTEN, Trouble, is_still_written, since_written, stored_reading,
};
pub use load::{Input, Loader, Progress, ReadError, Request};
pub use meaning::Meaning;
pub use preview::{How, Preview};
pub use recognised::Recognised;
pub use report::{FileReport, FileResult, LoadReport, ReadAs};
pub use resume::Before;
pub use trial::{Rejected, Row as TrialRow, Trial};
pub use write::{Outlet, Writer};
