//! The program from outside: exit code, stdout and stderr of whole commands, against real servers.

mod config;
mod doctor;
mod sql;
mod status;
mod support;
mod up;
mod usage;
mod wait;
