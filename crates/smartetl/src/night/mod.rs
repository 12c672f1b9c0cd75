//! The night in words: the sentence, the counts, the causes, in English and French, for the terminal and the status page.
//!
//! What the night came to is read by `smartetl_store::night`; here it is only told. All words stand in `words`.

mod issue;
mod sentence;
mod terminal;
mod time;
mod words;

#[cfg(test)]
pub use words::typography;

pub use issue::{beside, in_a_line, issue_shade, issue_state, of_cause};
pub use sentence::{Part, Tone, last_log, sentence};
pub use terminal::{
    act_by, cancelled, cause_head, cut, initial_upper, job_when, never_started, of_counts,
    place_line, shade, summary, without_night, wrapped,
};
pub use time::Teller;
pub use words::{
    Lang, UNSCHEDULED_QUERY, Words, blame, category, no_night, read_as_utc, recovered_by,
    two_zones, unmapped, verdict,
};
