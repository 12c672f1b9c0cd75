//! The program: command line, configuration, reading and loading, jobs and the service.
//!
//! Rules about logs, errors and runs live in `smartetl-core`, file formats in `smartetl-formats`, SQL in
//! `smartetl-store`; nothing of that kind belongs here. Only `cli` and `output` write to stdout.

pub mod access;
pub mod alive;
pub mod api;
pub mod backup;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod dashboards;
pub mod doctor;
pub mod errors;
pub mod explained;
pub mod export;
pub mod filtering;
pub mod follow;
pub mod inbox;
pub mod ingest;
pub mod issue;
pub mod jobs;
pub mod kafka;
pub mod look;
pub mod myself;
pub mod night;
pub mod output;
pub mod pulse;
pub mod reason;
pub mod report;
pub mod sabotage;
pub mod service;
pub mod stop;
pub mod time;
pub mod up;
pub mod wait;
pub mod wire;
pub mod work;
