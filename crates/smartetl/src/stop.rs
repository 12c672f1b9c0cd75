//! Being asked to end early: by Ctrl-C, by the one who supervises the process, by a terminal that closes.
//!
//! The first signal asks; work ends where nothing is half done. The second one ends the process.

use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Whether work is to end early.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Option<u8>>);

/// Ends work.
#[derive(Debug)]
pub struct Ender(watch::Sender<Option<u8>>);

impl Ender {
    /// As if it had been asked for by a signal.
    pub fn end(&self) {
        self.0.send_replace(Some(0));
    }
}

impl Stop {
    /// For work that nobody ends early.
    pub fn never() -> Self {
        Self(watch::channel(None).1)
    }

    /// For work that somebody in this process ends, or a signal that `other` hears.
    pub fn by_hand(other: Self) -> (Ender, Self) {
        let (sender, receiver) = watch::channel(None);
        let forwarded = sender.clone();
        tokio::spawn(async move {
            let signal = other.wait().await;
            forwarded.send_replace(Some(signal));
        });
        (Ender(sender), Self(receiver))
    }

    /// Listens to SIGTERM from now on, and to SIGINT and SIGHUP unless this process was started with them ignored: a job in
    /// the background of a script, `nohup`. `first` is called at the first signal, `last` before the second one ends the
    /// process.
    ///
    /// # Errors
    /// When the system does not let it listen.
    pub fn by_signals(
        first: impl Fn() + Send + 'static,
        last: impl Fn() + Send + 'static,
    ) -> io::Result<Self> {
        let ignored = ignored();
        let unless_ignored = |kind: SignalKind| {
            let bit = 1 << (kind.as_raw_value() - 1);
            (ignored & bit == 0).then(|| signal(kind)).transpose()
        };
        let mut interrupt = unless_ignored(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = unless_ignored(SignalKind::hangup())?;
        let (sender, receiver) = watch::channel(None);
        tokio::spawn(async move {
            loop {
                let number = tokio::select! {
                    () = received(interrupt.as_mut()) => 2,
                    _ = terminate.recv() => 15,
                    () = received(hangup.as_mut()) => 1,
                };
                if sender.send_replace(Some(number)).is_some() {
                    last();
                    // The embedded server notices that its user is gone.
                    std::process::exit(128 + i32::from(number));
                }
                first();
            }
        });
        Ok(Self(receiver))
    }

    /// The signal that asked, if one did.
    pub fn asked(&self) -> Option<u8> {
        *self.0.borrow()
    }

    /// Waits until it is asked for, by which signal.
    pub async fn wait(mut self) -> u8 {
        let asked = self.0.wait_for(Option::is_some).await.ok();
        match asked.and_then(|asked| *asked) {
            Some(signal) => signal,
            // Nobody is left who could ask.
            None => std::future::pending().await,
        }
    }
}

async fn received(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// The signals that this process was started with ignored: the lowest bit is signal 1. Linux says so (`proc_pid_status(5)`: the
/// mask `SigIgn`); elsewhere none is taken as ignored.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[test]
    fn nobody_asks() {
        let stop = Stop::never();
        assert_eq!(stop.asked(), None);
        assert_eq!(stop.wait().now_or_never(), None);
    }
}
