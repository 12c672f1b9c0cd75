//! Which files are to be read, as soon as that shows.

use super::signals::{Manner, Signals};
pub use super::watch::Look;
use super::watch::{Changed, Outcome, Watch};
use crate::inbox::Posts;
use crate::reason::Reason;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// How long after something happened the look waits for what belongs to it.
const SETTLE: Duration = Duration::from_millis(10);
/// From one look to the next where something happens all the time.
const BETWEEN: Duration = Duration::from_millis(100);
/// From one look to the next where nothing happens: at what is open, waits or is due.
const TICK: Duration = Duration::from_secs(1);
/// How often everything is listed although the system tells what happens.
const EVERYTHING: Duration = Duration::from_secs(15);
/// How often everything is listed where the system does not tell, …
const POLL: Duration = Duration::from_secs(1);
/// … and how seldom: where listing takes long, it never takes more than a twentieth of the time, up to this pause.
const LONGEST_POLL: Duration = Duration::from_secs(3);

/// Watches paths.
pub struct Changes {
    watch: Watch,
    /// Lent to the thread that looks.
    signals: Option<Signals>,
    manner: Manner,
    /// Who is to be served besides files.
    posts: Arc<Posts>,
    /// When the last look began; `None` before the first.
    looked_at: Option<Instant>,
    everything_at: Instant,
    /// When everything was listed last, and how long that took.
    listed: (Instant, Duration),
}

impl Changes {
    pub fn new(paths: Vec<PathBuf>) -> Self {
        let now = Instant::now();
        Self {
            watch: Watch::new(paths),
            signals: None,
            manner: Manner::Told,
            posts: Arc::default(),
            looked_at: None,
            everything_at: now,
            listed: (now, Duration::ZERO),
        }
    }

    /// Comes back also when something was posted.
    pub fn also(&mut self, posts: Arc<Posts>) {
        self.posts = posts;
    }

    /// How changes are noticed.
    pub fn manner(&self) -> Manner {
        self.manner
    }

    /// Waits until something may have changed, and looks. It also comes back every second, with nothing, for whoever has
    /// something to do then.
    pub async fn next(&mut self) -> Look {
        if let Some(looked_at) = self.looked_at {
            let at = (looked_at + TICK).min(self.everything_at.max(looked_at + BETWEEN));
            let signals = async {
                match &self.signals {
                    Some(signals) => signals.wait().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = signals => tokio::time::sleep(SETTLE).await,
                () = self.posts.came() => {}
                () = tokio::time::sleep_until(at.into()) => {}
            }
            tokio::time::sleep_until((looked_at + BETWEEN).into()).await;
        }
        self.look().await
    }

    /// Looks now.
    pub async fn look(&mut self) -> Look {
        let began = Instant::now();
        self.looked_at = Some(began);
        let mut watch = std::mem::take(&mut self.watch);
        let signals = self.signals.take();
        let is_everything = began >= self.everything_at;
        let again_at = self.listed.0 + self.listed.1 * 10;
        // Listing a large or far folder takes its time.
        let looked = tokio::task::spawn_blocking(move || {
            let mut signals = signals.unwrap_or_default();
            let happened = signals.take();
            let now = SystemTime::now();
            let must_list = is_everything || watch.must_list(&happened);
            if !must_list || (!is_everything && Instant::now() < again_at) {
                let look = watch.look_at(&happened, now);
                return (
                    watch,
                    signals,
                    look,
                    must_list.then_some(Listing::Due(again_at)),
                );
            }
            // Watched first, so that nothing happens unseen between listing and watching.
            let manner = signals.watch(&watch.folders());
            let look = watch.look(&happened, now);
            (watch, signals, look, Some(Listing::Done(manner)))
        });
        let (watch, signals, look, listing) = match looked.await {
            Ok(looked) => looked,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        self.watch = watch;
        self.signals = Some(signals);
        match listing {
            None => {}
            Some(Listing::Due(at)) => self.everything_at = self.everything_at.min(at),
            Some(Listing::Done(manner)) => {
                let took = began.elapsed();
                self.manner = manner;
                self.listed = (began, took);
                let pause = match manner {
                    Manner::Told => EVERYTHING,
                    _ => (took * 20).clamp(POLL, LONGEST_POLL),
                };
                self.everything_at = began + pause;
            }
        }
        look
    }

    /// Remembers what became of a file; says whether its finding is to be told.
    pub fn note(&mut self, changed: &Changed, outcome: Outcome) -> bool {
        self.watch.note(changed, outcome, SystemTime::now())
    }

    /// What cannot be read at the moment, or not to its end, and why; as far as it was told.
    pub fn findings(&self) -> Vec<(String, Reason)> {
        self.watch.findings()
    }

    /// How many files have a last line without end.
    pub fn waiting(&self) -> usize {
        self.watch.waiting()
    }

    /// How many files cannot be read and may still be written: nothing is told about them yet.
    pub fn unsettled(&self) -> usize {
        self.watch.unsettled()
    }
}

enum Listing {
    Done(Manner),
    /// Everything is to be listed then.
    Due(Instant),
}
