//! The hidden subcommand: what runs in processes of its own, before any thread exists there.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::process::ExitCode;

use super::home::Home;
use super::{identity, supervisor};

/// The first argument that makes a program call [`run_as_postgres`].
pub const SUBCOMMAND: &str = "__postgres";

/// Runs the hidden subcommand. `arguments` are those after [`SUBCOMMAND`]. Call it first thing in
/// `main`, before a runtime or a thread starts: identities and namespaces are per process only
/// while there is one thread.
///
/// - `supervise BIN HOME`: see `supervisor`; one JSON line on stdout.
/// - `exec PARENT PROGRAM ARGUMENT…`: becomes PROGRAM, which gets SIGINT when PARENT dies.
/// - `probe`: succeeds where user namespaces are allowed.
pub fn run_as_postgres(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments = arguments.into_iter();
    let mut next = || arguments.next();
    let verb = next().unwrap_or_default();
    let done = match verb.to_str() {
        Some("supervise") => match (next(), next()) {
            (Some(bin), Some(home)) => {
                supervisor::supervise(&PathBuf::from(bin), &Home::at(PathBuf::from(home)))
            }
            _ => false,
        },
        Some("exec") => match next().and_then(|parent| parent.to_str()?.parse::<i32>().ok()) {
            Some(parent) => become_program(parent, arguments.collect()),
            None => false,
        },
        Some("probe") => identity::enter_namespace().is_ok(),
        _ => false,
    };
    if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    }
}

/// Returns only when it fails.
fn become_program(parent: i32, command: Vec<OsString>) -> bool {
    let command: Result<Vec<CString>, _> = command
        .into_iter()
        .map(|part| CString::new(part.into_vec()))
        .collect();
    let Ok(command) = command else { return false };
    let Some(program) = command.first() else {
        return false;
    };
    if !tie_to_parent(parent) {
        return false;
    }
    let Err(error) = nix::unistd::execv(program, &command);
    // stderr is the log of the server, or read by the supervisor.
    let _ = std::io::Write::write_fmt(
        &mut std::io::stderr(),
        format_args!(
            "could not run {}: {}\n",
            program.to_string_lossy(),
            error.desc()
        ),
    );
    false
}

/// SIGINT is PostgreSQL's fast shutdown. The parent may have died before the signal was set.
#[cfg(target_os = "linux")]
fn tie_to_parent(parent: i32) -> bool {
    use nix::sys::prctl::set_pdeathsig;
    use nix::sys::signal::Signal;

    set_pdeathsig(Signal::SIGINT).is_ok() && nix::unistd::getppid().as_raw() == parent
}

#[cfg(not(target_os = "linux"))]
fn tie_to_parent(parent: i32) -> bool {
    nix::unistd::getppid().as_raw() == parent
}
