//! What `smartetl up` does besides the command line: watching paths, reading what is new in them, the demo's data.
//!
//! One bad file never stops the others, and a database that goes away is waited for.

pub mod demo;
mod follow;
pub mod watch;

pub use follow::{Follower, News};
