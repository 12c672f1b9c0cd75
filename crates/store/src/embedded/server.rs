//! The side of a user: join the server of a folder or start it, and leave it.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{Connection, PgConnection};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use super::error::EmbeddedError;
use super::home::Home;
use super::supervisor::{Report, Running};
use super::{DATABASE, Options, SUBCOMMAND, USER, postmaster, programs};

/// The way to the embedded server.
#[derive(Debug)]
pub struct Embedded;

/// A share in a running server. The server stays as long as any process holds one; dropping the
/// last lets it stop by itself within a few seconds, also when the process is killed.
#[derive(Debug)]
pub struct Server {
    url: String,
    running: Running,
    home: Home,
    users: File,
}

impl Embedded {
    /// Joins the server of `options.data_dir`, or starts it: finds the programs, makes the
    /// cluster where there is none, recovers one that was killed. The database exists and accepts
    /// connections when this returns.
    pub async fn start(options: Options) -> Result<Server, EmbeddedError> {
        let bin = programs::find(&options).await?;
        let home = Home::create(&options.data_dir)?;
        let deadline = Instant::now() + options.timeout;
        let wait = Wait {
            deadline,
            seconds: options.timeout.as_secs(),
            log: home.log(),
        };

        // Taken before looking for a server: none stops from here on.
        let users = home.users_lock()?;
        loop {
            match users.try_lock_shared() {
                Ok(()) => break,
                // One is stopping, or its supervisor just looked.
                Err(TryLockError::WouldBlock) => wait.a_moment("free").await?,
                Err(TryLockError::Error(error)) => {
                    return Err(EmbeddedError::io("lock", home.folder(), &error));
                }
            }
        }
        loop {
            let running = match wait
                .bound(supervise(&options.runner, &bin, &home))
                .await??
            {
                Report::Ready(running) => Some(running),
                Report::Busy => read_running(&home),
                Report::Failed(error) => return Err(error),
            };
            if let Some(running) = running {
                let url = url(&home, running.port)?;
                if wait.bound(answers(&url, running.port)).await?? {
                    return Ok(Server {
                        url,
                        running,
                        home,
                        users,
                    });
                }
            }
            wait.a_moment("ready").await?;
        }
    }
}

impl Server {
    /// `postgres://…` over the loopback port, with the password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder of the Unix socket, for `host=`.
    pub fn socket_dir(&self) -> &Path {
        &self.running.socket_dir
    }

    pub fn port(&self) -> u16 {
        self.running.port
    }

    /// The process number of PostgreSQL when this share was taken; it changes when the supervisor
    /// has to start it again.
    pub fn pid(&self) -> u32 {
        self.running.postmaster
    }

    /// The process number of the supervisor.
    pub fn supervisor_pid(&self) -> u32 {
        self.running.supervisor
    }

    /// The log of the server, to show when something is wrong.
    pub fn log(&self) -> PathBuf {
        self.home.log()
    }

    /// Leaves without waiting, like dropping: the server stops a few seconds after the last one.
    pub fn leave(self) {}

    /// Leaves, and where nobody else uses the server, stops it and waits until it has written
    /// everything. `true` when it stopped, `false` when others go on using it. For programs after
    /// whose end everything is killed, such as the first process of a container.
    pub async fn stop(self) -> Result<bool, EmbeddedError> {
        let seconds = 60;
        let deadline = Instant::now() + Duration::from_secs(seconds);
        let wait = Wait {
            deadline,
            seconds,
            log: self.home.log(),
        };
        let locked = |error| EmbeddedError::io("lock", self.home.folder(), &error);
        self.users.unlock().map_err(locked)?;
        // The supervisor takes the lock for an instant to look: that is not a user.
        let mut tries = 0;
        while self.users.try_lock().is_err() {
            tries += 1;
            if tries == 10 {
                return Ok(false);
            }
            sleep(Duration::from_millis(20)).await;
        }
        // Nobody can join from here on. The supervisor's death is the server's fast shutdown.
        let supervisor = self.home.supervisor_lock()?;
        let pid = read_running(&self.home).map_or(self.running.supervisor, |now| now.supervisor);
        if supervisor.try_lock().is_err() && postmaster::serves(pid, self.home.folder()) {
            let _ = kill(Pid::from_raw(pid.cast_signed()), Signal::SIGTERM);
            while supervisor.try_lock().is_err() {
                wait.a_moment("stopped").await?;
            }
        }
        while postmaster::is_served(&self.home.cluster()) {
            wait.a_moment("stopped").await?;
        }
        let _ = fs::remove_file(self.home.running_file());
        self.home.remove_short_socket_dir();
        Ok(true)
    }
}

/// A moment until which to wait, and the words for when it passed.
struct Wait {
    deadline: Instant,
    seconds: u64,
    log: PathBuf,
}

impl Wait {
    async fn a_moment(&self, state: &str) -> Result<(), EmbeddedError> {
        if Instant::now() > self.deadline {
            return Err(self.over(state));
        }
        sleep(Duration::from_millis(20)).await;
        Ok(())
    }

    async fn bound<T>(&self, work: impl Future<Output = T>) -> Result<T, EmbeddedError> {
        timeout(
            self.deadline.saturating_duration_since(Instant::now()),
            work,
        )
        .await
        .map_err(|_| self.over("ready"))
    }

    fn over(&self, state: &str) -> EmbeddedError {
        EmbeddedError::Timeout {
            state: state.into(),
            seconds: self.seconds,
            log: self.log.clone(),
        }
    }
}

/// Starts a supervisor and reads what it says. It finds out itself that there is another.
async fn supervise(runner: &Path, bin: &Path, home: &Home) -> Result<Report, EmbeddedError> {
    let failed = |reason: String| EmbeddedError::Supervisor {
        program: runner.to_path_buf(),
        reason,
    };
    let mut child = Command::new(runner)
        .arg(SUBCOMMAND)
        .arg("supervise")
        .arg(bin)
        .arg(home.folder())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(home.open_log()?)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let stdout = child.stdout.take().expect("it was asked for");
    let mut line = String::new();
    BufReader::new(stdout)
        .read_line(&mut line)
        .await
        .map_err(|error| failed(error.to_string()))?;
    serde_json::from_str(&line).map_err(|_| {
        failed(format!(
            "it said '{}' and not how the server is",
            line.trim()
        ))
    })
}

fn read_running(home: &Home) -> Option<Running> {
    serde_json::from_str(&fs::read_to_string(home.running_file()).ok()?).ok()
}

/// In the form that libpq and its descendants know too. The password is hexadecimal.
fn url(home: &Home, port: u16) -> Result<String, EmbeddedError> {
    let password = home.password()?;
    Ok(format!(
        "postgres://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"
    ))
}

/// Whether the server answers; `false`: not yet, or no longer.
async fn answers(url: &str, port: u16) -> Result<bool, EmbeddedError> {
    const CANNOT_CONNECT_NOW: &str = "57P03";
    match PgConnection::connect(url).await {
        Ok(connection) => Ok(connection.close().await.is_ok()),
        Err(sqlx::Error::Io(_)) => Ok(false),
        Err(sqlx::Error::Database(error))
            if error.code().as_deref() == Some(CANNOT_CONNECT_NOW) =>
        {
            Ok(false)
        }
        Err(error) => Err(EmbeddedError::Connect {
            port,
            reason: error.to_string(),
        }),
    }
}
