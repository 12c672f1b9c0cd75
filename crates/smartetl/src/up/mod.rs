//! What `smartetl up` does besides the command line and following files: the demo's data.

pub mod demo;
