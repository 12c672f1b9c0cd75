//! Finding things by what people remember of them: jobs, runs, issues, notes and sources by words, errors by what stands in their messages.
//! Reads only.
//!
//! Words are compared without accents and case, by their French and English stems, and by their beginnings; names of jobs and paths
//! also by parts of words. Where nothing is found so, what is only alike is looked for, as far as the server can.

mod errors;
mod named;
mod terms;

pub use errors::{FoundError, Place, Stretch, Which, errors};
pub use named::{
    FoundIssue, FoundJob, FoundNote, FoundSource, Within, issues, issues_alike, jobs, jobs_alike,
    notes, runs, sources,
};
pub use terms::{Terms, plain};
