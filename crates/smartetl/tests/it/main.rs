//! The program from outside: exit code, stdout and stderr of whole commands, against real servers.

mod company;
mod config;
mod doctor;
mod embedded;
mod order;
mod pieces;
mod processes;
mod sql;
mod status;
mod support;
mod tables;
mod truth;
mod up;
mod usage;
mod verify;
mod wait;
