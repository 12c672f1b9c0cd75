//! Rows and vocabularies: what a dialect hands over and what the tables `log`, `logerreur` and `dataset` hold.

mod family;
mod moment;
mod rows;
mod vocabulary;

pub use family::job_family;
pub use moment::Moment;
pub use rows::{ErrorRow, LogRow, Reject, RowSink};
pub use vocabulary::{
    Blame, Category, DayType, Event, Evidence, Outcome, RecoveredBy, RejectReason, RowStatus,
    RunStatus, Severity, Trigger, Verdict,
};
