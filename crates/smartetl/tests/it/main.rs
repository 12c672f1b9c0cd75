//! The program from outside: exit code, stdout and stderr of whole commands, against real servers.

mod bad_input;
mod company;
mod config;
mod doctor;
mod embedded;
mod identity;
mod night;
mod order;
mod outages;
mod pieces;
mod processes;
mod redaction;
mod samples;
mod service;
mod sql;
mod status;
mod support;
mod tables;
mod truth;
mod up;
mod usage;
mod verify;
mod wait;
