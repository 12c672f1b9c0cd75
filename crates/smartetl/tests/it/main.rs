//! The program from outside: exit code, stdout and stderr of whole commands, against real servers.

mod back;
mod bad_input;
mod company;
mod config;
mod doctor;
mod embedded;
mod identity;
mod migrations;
mod order;
mod outages;
mod pieces;
mod processes;
mod redaction;
mod samples;
mod sql;
mod status;
mod stop;
mod support;
mod tables;
mod terminal;
mod truth;
mod up;
mod usage;
mod verify;
mod wait;
mod zones;
