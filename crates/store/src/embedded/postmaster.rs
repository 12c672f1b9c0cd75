//! One server: started, waited for, stopped. Runs in the supervisor, which has taken the right
//! identity before.

use std::ffi::OsString;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::net::TcpListener;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::SUBCOMMAND;
use super::error::EmbeddedError;
use super::home::{Home, make_private};

/// How long another server may take to let go of the cluster: its own stop, or its last processes
/// after it was killed.
const LETTING_GO: Duration = Duration::from_mins(1);

/// A server log above this is set aside at the next start.
const LONGEST_LOG: u64 = 10 << 20;

/// A server that accepts connections.
#[derive(Debug)]
pub(super) struct Postmaster {
    pub child: Child,
    pub port: u16,
}

/// Starts the server and returns when it accepts connections, after recovery if that is needed.
pub(super) fn start(home: &Home, bin: &Path) -> Result<Postmaster, EmbeddedError> {
    let socket_dir = home.socket_dir();
    make_private(&socket_dir)?;
    if fs::metadata(home.log()).is_ok_and(|log| log.len() > LONGEST_LOG) {
        let _ = fs::rename(home.log(), home.log().with_extension("log.1"));
    }
    let patience = Instant::now() + LETTING_GO;
    let mut chosen_now = false;
    loop {
        let port = if let Some(port) = home.port()? {
            port
        } else {
            chosen_now = true;
            home.choose_port()?
        };
        match attempt(home, bin, port, &socket_dir) {
            Ok(child) => return Ok(Postmaster { child, port }),
            Err(Failure::Held(_)) if Instant::now() < patience => sleep(Duration::from_millis(50)),
            Err(Failure::Other(EmbeddedError::PortTaken { .. })) if chosen_now => {
                home.choose_port()?;
            }
            Err(Failure::Held(error) | Failure::Other(error)) => return Err(error),
        }
    }
}

enum Failure {
    /// Another server, or the rest of one, still has the cluster: it passes.
    Held(EmbeddedError),
    Other(EmbeddedError),
}

impl From<EmbeddedError> for Failure {
    fn from(error: EmbeddedError) -> Self {
        Self::Other(error)
    }
}

fn attempt(home: &Home, bin: &Path, port: u16, socket_dir: &Path) -> Result<Child, Failure> {
    let cluster = home.cluster();
    let former = former_pid(&cluster);
    let former_lives = is_served(&cluster);
    if TcpListener::bind(("127.0.0.1", port)).is_err() {
        let taken = EmbeddedError::PortTaken {
            port,
            file: home.port_file(),
        };
        return Err(if former_lives {
            Failure::Held(taken)
        } else {
            taken.into()
        });
    }
    let log = home.open_log()?;
    let seen = log.metadata().map_or(0, |log| log.len());
    let program = bin.join("postgres");
    let mut command = command(&program)?;
    if let Some(pid) = former.filter(|_| !former_lives) {
        // After a reboot or in a new container the number may belong to any program, and
        // PostgreSQL would take that for a living server. It disregards the process it is told is
        // its grandparent, and still looks for the shared memory of the former one.
        command.env("PG_GRANDPARENT_PID", pid.to_string());
    }
    let mut child = command
        .arg("-D")
        .arg(&cluster)
        .args([
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_permissions=0700",
        ])
        .args(["-c", &format!("port={port}"), "-c"])
        .arg(socket_setting(socket_dir))
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(|error| EmbeddedError::io("start", &program, &error))?;
    let ready = format!("{}\n", child.id());
    loop {
        let failed = |error| EmbeddedError::io("wait for", &program, &error);
        if child.try_wait().map_err(failed)?.is_some() {
            return Err(why_it_ended(home, seen));
        }
        let status = fs::read_to_string(cluster.join("postmaster.pid")).unwrap_or_default();
        if status.starts_with(&ready) && status.lines().nth(7).map(str::trim) == Some("ready") {
            return Ok(child);
        }
        sleep(Duration::from_millis(3));
    }
}

/// The list syntax of the setting: quoted, so that the path may hold commas and blanks.
fn socket_setting(socket_dir: &Path) -> OsString {
    let mut setting = b"unix_socket_directories=\"".to_vec();
    for byte in socket_dir.as_os_str().as_bytes() {
        setting.extend(std::iter::repeat_n(
            *byte,
            if *byte == b'"' { 2 } else { 1 },
        ));
    }
    setting.push(b'"');
    OsString::from_vec(setting)
}

fn former_pid(cluster: &Path) -> Option<u32> {
    fs::read_to_string(cluster.join("postmaster.pid"))
        .ok()?
        .lines()
        .next()?
        .parse()
        .ok()
}

/// Whether a server of this cluster lives, starting and stopping ones included.
pub(super) fn is_served(cluster: &Path) -> bool {
    former_pid(cluster).is_some_and(|pid| serves(pid, cluster))
}

/// Whether the process lives and was started for this folder: a server with its cluster, a
/// supervisor with its home.
pub(super) fn serves(pid: u32, folder: &Path) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| {
        line.split(|byte| *byte == 0)
            .any(|argument| argument == folder.as_os_str().as_bytes())
    })
}

fn why_it_ended(home: &Home, seen: u64) -> Failure {
    let mut text = String::new();
    if let Ok(mut log) = fs::File::open(home.log()) {
        let mut bytes = Vec::new();
        let _ = log
            .seek(SeekFrom::Start(seen))
            .and_then(|_| log.read_to_end(&mut bytes));
        text = String::from_utf8_lossy(&bytes).into_owned();
    }
    let lines: Vec<&str> = text.lines().collect();
    let error = EmbeddedError::Start {
        log: home.log(),
        reason: lines[lines.len().saturating_sub(6)..].join(" | "),
    };
    let held = text.contains("lock file") && text.contains("already exists");
    if held || text.contains("shared memory block") {
        return Failure::Held(error);
    }
    if text.contains("Address already in use") {
        let port = home.port().ok().flatten().unwrap_or_default();
        return EmbeddedError::PortTaken {
            port,
            file: home.port_file(),
        }
        .into();
    }
    explain(&text, home).unwrap_or(error).into()
}

/// The causes that have an error of their own, from the words of PostgreSQL (its locale is C).
pub(super) fn explain(text: &str, home: &Home) -> Option<EmbeddedError> {
    if text.contains("No space left on device") || text.contains("Disk quota exceeded") {
        return Some(EmbeddedError::DiskFull {
            path: home.folder().to_path_buf(),
        });
    }
    if let Some(line) = text.lines().find(|line| line.contains("ermission denied")) {
        return Some(EmbeddedError::NoRights {
            path: home.folder().to_path_buf(),
            reason: line.trim().to_owned(),
        });
    }
    disk_full(home.folder())
}

/// The error of a full disk, if that is what it is: nothing can be logged there then.
pub(super) fn disk_full(folder: &Path) -> Option<EmbeddedError> {
    (free_bytes(folder)? < 1 << 20).then(|| EmbeddedError::DiskFull {
        path: folder.to_path_buf(),
    })
}

pub(super) fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = nix::sys::statvfs::statvfs(folder).ok()?;
    Some(disk.blocks_available() * disk.fragment_size())
}

/// Rolls back what is open, writes a checkpoint, and waits for the end.
pub(super) fn stop(mut child: Child) -> Result<(), std::io::Error> {
    let pid = Pid::from_raw(child.id().cast_signed());
    kill(pid, Signal::SIGINT)?;
    child.wait().map(drop)
}

/// A command that dies with this process, with an environment of its own.
pub(super) fn command(program: &Path) -> Result<Command, EmbeddedError> {
    let ourselves = if cfg!(target_os = "linux") {
        // Also right when the file was replaced by a newer version.
        PathBuf::from("/proc/self/exe")
    } else {
        std::env::current_exe().map_err(|error| EmbeddedError::io("find", program, &error))?
    };
    let mut command = Command::new(ourselves);
    command
        .arg(SUBCOMMAND)
        .arg("exec")
        .arg(std::process::id().to_string())
        .arg(program);
    command
        .env_clear()
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .stdin(Stdio::null());
    for name in ["PATH", "LD_LIBRARY_PATH"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    Ok(command)
}
