//! A terminal of the test's own.

use crate::support::{PROGRAM, World, in_the_foreground};
use nix::pty::{Winsize, openpty};
use std::fs::File;
use std::io::Read;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};

/// A program whose terminal is ours.
pub struct Screen {
    pub child: Child,
    pub keyboard: File,
    shown: Receiver<Vec<u8>>,
    text: Vec<u8>,
}

impl Screen {
    pub fn start(world: &World, arguments: &[&str], columns: u16) -> Self {
        let size = Winsize {
            ws_row: 50,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pair = openpty(Some(&size), None).expect("a terminal");
        let slave = || pair.slave.try_clone().expect("another handle");
        // A session of its own, with this terminal as its own.
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait"]).args(in_the_foreground());
        command.arg(PROGRAM).args(arguments);
        let mut command = world.around(command);
        command
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm")
            .stdin(slave())
            .stdout(slave())
            .stderr(slave());
        let child = command.spawn().expect("setsid of util-linux");
        drop(command);
        drop(pair.slave);
        let keyboard = File::from(pair.master);
        let mut screen = keyboard.try_clone().expect("another handle");
        let (sender, shown) = channel();
        std::thread::spawn(move || {
            let mut block = [0; 4096];
            // A terminal that nobody has open any more gives an error.
            while let Ok(length @ 1..) = screen.read(&mut block) {
                if sender.send(block[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            keyboard,
            shown,
            text: Vec::new(),
        }
    }

    /// Waits until this was shown.
    pub fn wait_for(&mut self, words: &str) {
        while !String::from_utf8_lossy(&self.text).contains(words) {
            let more = self.shown.recv().expect("it is shown before the end");
            self.text.extend(more);
        }
    }

    /// The exit code, and everything that was written.
    pub fn whole(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().expect("it is our child");
        self.text.extend(self.shown.iter().flatten());
        let text = String::from_utf8_lossy(&self.text).into_owned();
        (status.code(), text)
    }

    /// The exit code, and the lines that are left on the screen.
    pub fn end(self) -> (Option<i32>, Vec<String>) {
        let (code, text) = self.whole();
        let lines = text.split('\n').map(|line| {
            let line = line.strip_suffix('\r').unwrap_or(line);
            let line = line.rsplit("\x1b[2K").next().unwrap_or(line);
            line.rsplit('\r').next().unwrap_or(line).to_owned()
        });
        (code, lines.collect())
    }
}
