//! Which files changed, and reading in what is new in them, again and again: what `up` and `follow` have in common.
//!
//! [`Changes`] says which files are to be read and knows nothing of databases; [`Follower`] reads them in. A file is held open
//! while it is written, so that what is appended to it is found under whatever name it has by then. Half a line is never
//! taken for a whole one, one bad file never stops the others, and a database that goes away is waited for.

mod changes;
mod follower;
mod held;
mod places;
mod siblings;
mod signals;
mod watch;

pub use changes::{Changes, Look};
pub use follower::{Follower, News};
pub use signals::Manner;
pub use watch::{Changed, Outcome};
