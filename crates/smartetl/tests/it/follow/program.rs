//! A running `smartetl follow`.

use crate::support::{PROGRAM, World};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(1);

pub struct Follow {
    child: Child,
    lines: Receiver<String>,
}

impl Follow {
    /// Whether it holds the file open that stands at this path now.
    pub fn holds(&self, path: &Path) -> bool {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("it runs");
        open.flatten()
            .any(|link| std::fs::read_link(link.path()).is_ok_and(|open| open == path))
    }

    /// Starts it and waits until it says what it watches.
    pub fn start(world: &World, paths: &[&str]) -> Self {
        Self::start_in("en", world, paths)
    }

    pub fn start_in(lang: &str, world: &World, paths: &[&str]) -> Self {
        let arguments = [&["follow", "--lang", lang], paths].concat();
        Self::spawn(world.command(&arguments), paths)
    }

    /// Starts it in a user namespace of its own, after a command of the shell that changes limits there.
    pub fn start_limited(world: &World, limit: &str, paths: &[&str]) -> Self {
        let mut command = Command::new("unshare");
        command
            .args(["--user", "--map-root-user", "sh", "-c"])
            .args([&format!("{limit} && exec \"$@\""), "sh", PROGRAM])
            .args(["follow", "--lang", "en"])
            .args(paths);
        Self::spawn(world.around(command), paths)
    }

    fn spawn(mut command: Command, paths: &[&str]) -> Self {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = child.stderr.take().expect("it was asked for");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                // The test may be over.
                let _ = sender.send(line);
            }
        });
        let follow = Self { child, lines };
        follow.line(paths[paths.len() - 1]);
        follow
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        let process = Pid::from_raw(self.child.id().cast_signed());
        kill(process, signal).expect("it runs");
    }

    /// The next line that holds `words`.
    pub fn line(&self, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.contains(words) => return line,
                Ok(line) => seen.push(line),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("`{words}` was not said, but:\n{}", seen.join("\n"))
                }
            }
        }
    }

    /// What it said since it was asked last.
    pub fn said(&self) -> String {
        self.lines.try_iter().map(|line| line + "\n").collect()
    }

    /// Asks it to end, which it does without complaint.
    pub fn stop(mut self) {
        self.signal(Signal::SIGTERM);
        let status = self.child.wait().expect("it ends");
        assert_eq!(status.code(), Some(0), "{status}: {}", self.said());
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

/// The tables hold what stands in the files: at once, or as soon as the last change was looked at.
pub fn proven(world: &World) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = world.run(&["verify"]);
        if answer.exit == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "{}", answer.stdout);
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        // Ended already where the test came to its end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
