//! The process between the users of a server and PostgreSQL: it belongs to no user, starts the
//! server, starts it again should it fall, and stops it a few seconds after the last user left.
//!
//! Users hold a shared lock on `users.lock` for as long as they need the server. PostgreSQL gets
//! the parent-death signal of this process, so that killing it leaves nothing behind.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::stat::{Mode, umask};
use serde::{Deserialize, Serialize};

use super::error::EmbeddedError;
use super::home::{Home, write_private};
use super::postmaster::{self, Postmaster};
use super::{SUBCOMMAND, identity, initdb};

/// How long the server outlives its last user: several short commands in a row share one start.
const GRACE: Duration = Duration::from_secs(3);

const LOOK: Duration = Duration::from_millis(100);

/// What the supervisor says to the process that started it: one line of JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Report {
    Ready(Running),
    /// Another supervisor has the folder.
    Busy,
    Failed(EmbeddedError),
}

/// A server that accepts connections; also the content of `running.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Running {
    pub supervisor: u32,
    pub postmaster: u32,
    pub port: u16,
    pub socket_dir: PathBuf,
}

/// Runs until the server has stopped; `false` when it could not.
pub(super) fn supervise(bin: &Path, home: &Home) -> bool {
    match begin(bin, home) {
        Ok(Some((_lock, postmaster))) => match watch(bin, home, postmaster) {
            Ok(()) => true,
            Err(error) => {
                note(home, &format!("the supervisor gives up: {error}"));
                false
            }
        },
        Ok(None) => {
            report(&Report::Busy);
            true
        }
        Err(error) => {
            report(&Report::Failed(error));
            false
        }
    }
}

fn begin(bin: &Path, home: &Home) -> Result<Option<(File, Postmaster)>, EmbeddedError> {
    // Away from the terminal: Ctrl-C there is for the user's command, not for the server.
    let _ = nix::unistd::setsid();
    umask(Mode::from_bits_truncate(0o077));
    let _ = std::env::set_current_dir("/");
    let lock = home.supervisor_lock()?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => {
            return Err(EmbeddedError::io("lock", home.folder(), &error));
        }
    }
    let _ = fs::remove_file(home.running_file());
    identity::assume(home, can_namespace)?;
    initdb::initialise(home, bin)?;
    let postmaster = postmaster::start(home, bin)?;
    let running = announce(home, &postmaster)?;
    report(&Report::Ready(running));
    Ok(Some((lock, postmaster)))
}

fn watch(bin: &Path, home: &Home, mut postmaster: Postmaster) -> Result<(), EmbeddedError> {
    let users = home.users_lock()?;
    let failed = |error| EmbeddedError::io("wait for the server of", home.folder(), &error);
    let mut idle_since: Option<Instant> = None;
    loop {
        if let Some(status) = postmaster.child.try_wait().map_err(failed)? {
            let _ = fs::remove_file(home.running_file());
            note(
                home,
                &format!("PostgreSQL ended ({status}); starting it again"),
            );
            postmaster = postmaster::start(home, bin)?;
            announce(home, &postmaster)?;
        }
        // Nobody uses it when it can be locked alone. The lock is kept only to stop.
        if users.try_lock().is_err() {
            idle_since = None;
        } else if idle_since.get_or_insert_with(Instant::now).elapsed() < GRACE {
            users.unlock().map_err(failed)?;
        } else {
            let _ = fs::remove_file(home.running_file());
            postmaster::stop(postmaster.child).map_err(failed)?;
            home.remove_short_socket_dir();
            return Ok(());
        }
        sleep(LOOK);
    }
}

fn announce(home: &Home, postmaster: &Postmaster) -> Result<Running, EmbeddedError> {
    let running = Running {
        supervisor: std::process::id(),
        postmaster: postmaster.child.id(),
        port: postmaster.port,
        socket_dir: home.socket_dir(),
    };
    let text = serde_json::to_string(&running).expect("numbers and a path made of text");
    write_private(&home.running_file(), &text)?;
    Ok(running)
}

/// Nobody may be listening any more; the server then stops by itself.
fn report(report: &Report) {
    let text = serde_json::to_string(report).expect("numbers and text");
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn note(home: &Home, text: &str) {
    if let Ok(mut log) = home.open_log() {
        let _ = writeln!(log, "smartetl: {text}");
    }
}

/// Tries in another process, because a process that failed half-way is good for nothing.
fn can_namespace() -> bool {
    Command::new("/proc/self/exe")
        .args([SUBCOMMAND, "probe"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
