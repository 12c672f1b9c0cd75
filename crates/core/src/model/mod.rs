//! Rows and vocabularies: what a dialect hands over and what the tables `log`, `logerreur` and `dataset` hold.

mod family;
mod moment;
mod rows;
mod vocabulary;

pub use family::job_family;
pub use moment::Moment;
pub use rows::{ErrorRow, LogRow, Reject, RowSink};
pub use vocabulary::{
    ActKind, Blame, Category, DayType, Event, Evidence, IssueState, MuteKind, Outcome, RecoveredBy,
    RejectReason, ResolvedBy, Role, RowStatus, RunStatus, Scope, Severity, Trigger, Verdict, Way,
};
