//! The report of a night or a week: what is read for it, what follows from it, and how it is told as text, HTML, JSON and mail.
//!
//! What failed, why, and what was recovered is `crate::night`'s to say; here it is put beside what is usual. It must never ask
//! the wall clock: a report holds for the clock of the last fuse.

mod amount;
mod chart;
mod clock;
mod habits;
mod html;
mod json;
mod mail;
mod night;
mod night_json;
mod night_section;
mod read;
mod section;
mod text;
mod timeline;
mod usual;
mod week;
mod week_section;
mod words;

pub use amount::{Rate, rounded};
pub use clock::Clock;
pub use habits::Spread;
pub use html::{night_html, week_html};
pub use json::week_json;
pub use mail::{Mail, send};
pub use night::{Due, DueState, Late, NightReport, NightsWithoutJobs, NotSeen};
pub use night_json::{
    CauseFacts, DayFacts, NightFacts, PlaceIssue, RateFacts, UnmappedContext, VerdictCounts,
};
pub use night_section::{headline, night_sections};
pub use read::{night, timeline, week};
pub use section::{Item, Section, Shade};
pub use text::{Layout, night_text, week_text};
pub use timeline::{TimedJob, Timeline};
pub use usual::Kind;
pub use week::{WeekCause, WeekJob, WeekReport};
pub use week_section::{week_headline, week_sections};
