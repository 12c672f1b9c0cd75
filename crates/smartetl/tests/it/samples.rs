//! Small logs written by hand, and what the program says when it loads them.

use crate::support::World;
use std::fmt::Write as _;
use std::ops::Range;

/// The header of `tStatCatcher`.
pub const COLUMNS: &str = "moment;pid;father_pid;root_pid;system_pid;project;job;job_repository_id;job_version;context;origin;message_type;message;duration\n";

/// The header of `tLogCatcher`.
pub const ERROR_COLUMNS: &str =
    "moment;pid;root_pid;father_pid;project;job;context;priority;type;origin;message;code\n";

/// Runs of `tStatCatcher` with their begin and end: two lines for each.
pub fn stats(runs: Range<u32>) -> String {
    let mut text = COLUMNS.to_owned();
    for run in runs {
        let (day, hour, minute) = (1 + run / 1440, run / 60 % 24, run % 60);
        let at = format!("2026-01-{day:02} {hour:02}:{minute:02}");
        let who = format!("r{run:05};r{run:05};r{run:05};77;SALES;load_orders;_x1;0.1;PROD;");
        let _ = writeln!(text, "{at}:00;{who};begin;;");
        let _ = writeln!(text, "{at}:20;{who};end;success;20000");
    }
    text
}

/// Exit code, stdout and stderr of a command, without how long it took.
pub fn told(world: &World, arguments: &[&str]) -> String {
    world
        .transcript(arguments)
        .lines()
        .filter(|line| !line.starts_with("took "))
        .fold(String::new(), |text, line| text + line + "\n")
}
