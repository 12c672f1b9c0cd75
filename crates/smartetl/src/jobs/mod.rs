//! What runs over the stored rows: the fuse and the proof that everything is right. SQL stays in the store, rules in the core.

mod again;
pub mod direct;
mod folding;
pub mod fuse;
mod intake;
mod overlap;
pub mod prune;
mod scratch;
mod seen;
mod spill;
mod spool;
pub mod unload;
pub mod verify;

pub use intake::{Intake, Taken};
pub use overlap::{Overlap, overlap_lines};
pub use scratch::told;
pub use spill::{Gathered, class_of};
