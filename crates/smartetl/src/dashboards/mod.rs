//! Dashboards of Grafana as files: taken from a Grafana, given to one, compared with one, and checked without one.
//!
//! Knows Grafana's formats and its API, and none of our tables: what a query reads is the business of whoever wrote it. Never
//! deletes a file, and never writes one that says the same already.

pub mod check;
mod client;
mod difference;
mod files;
mod form;
mod pull;
mod push;

pub use client::Grafana;
pub use difference::Change;
pub use files::{Bases, Files, Local};
pub use form::{normal, to_text};
pub use pull::{Comparison, Different, Refused, compare, pull};
pub use push::{Push, Sent, push};
