//! What smartETL knows, without touching the world: the rows, the vocabularies, how errors are masked and
//! classified, how rows become runs, what issues come to, and how days are counted.
//!
//! Nothing here reads a file, a clock, the environment or a random number; all of them are arguments
//! (`clippy.toml` of this crate holds that).

pub mod calendar;
pub mod classify;
mod damaged;
pub mod fuse;
pub mod group;
pub mod issue;
pub mod known;
mod lists;
pub mod model;
pub mod redact;
