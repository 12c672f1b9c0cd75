//! What runs over the stored rows: the fuse and the proof that everything is right. SQL stays in the store, rules in the core.

mod again;
pub mod direct;
mod folding;
pub mod fuse;
mod grouping;
mod intake;
mod overlap;
pub mod prune;
pub mod regroup;
pub mod said;
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
