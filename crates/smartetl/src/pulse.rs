//! Whether the loop of a process still goes round: a process can answer over HTTP for long while what it is there for waits for a lock or a
//! disk that never comes.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often work within one round is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// When a loop moved last.
#[derive(Debug)]
pub struct Pulse {
    began: Instant,
    /// Milliseconds from there to the last movement.
    moved: AtomicU64,
    patience: Option<Duration>,
}

impl Pulse {
    /// What does not move for longer than `patience` hangs; nothing does where it is left out.
    pub fn new(patience: Option<Duration>) -> Self {
        Self {
            began: Instant::now(),
            moved: AtomicU64::new(0),
            patience,
        }
    }

    /// It moves.
    pub fn beat(&self) {
        self.beat_at(self.began.elapsed());
    }

    /// For how long it has not moved, where that is too long.
    pub fn hangs(&self) -> Option<Duration> {
        self.hangs_at(self.began.elapsed())
    }

    fn beat_at(&self, now: Duration) {
        let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        self.moved.store(now, Ordering::Relaxed);
    }

    fn hangs_at(&self, now: Duration) -> Option<Duration> {
        let moved = Duration::from_millis(self.moved.load(Ordering::Relaxed));
        let still = now.saturating_sub(moved);
        (still > self.patience?).then_some(still)
    }

    /// Does the work of one round, however long it is: it moves as long as `done` gives other numbers.
    pub async fn during<T>(&self, work: impl Future<Output = T>, done: impl Fn() -> u64) -> T {
        let mut work = pin!(work);
        let mut before = done();
        loop {
            tokio::select! {
                result = &mut work => return result,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let now = done();
            if std::mem::replace(&mut before, now) != now {
                self.beat();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::Notify;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_does_not_move_hangs_until_it_moves_again() {
        let pulse = Pulse::new(Some(SECOND * 60));
        assert_eq!(pulse.hangs_at(SECOND * 60), None);
        assert_eq!(pulse.hangs_at(SECOND * 61), Some(SECOND * 61));
        pulse.beat_at(SECOND * 100);
        assert_eq!(pulse.hangs_at(SECOND * 160), None);
        assert_eq!(pulse.hangs_at(SECOND * 170), Some(SECOND * 70));
        assert_eq!(Pulse::new(None).hangs_at(SECOND * 1000), None);
    }

    /// Whether work that is looked at three times moves the pulse, where what it has done is `number` of the looks.
    async fn moves(number: impl Fn(u64) -> u64) -> bool {
        let pulse = Pulse::new(None);
        let (looks, enough) = (AtomicU64::new(0), Notify::new());
        let done = || {
            let look = looks.fetch_add(1, Ordering::Relaxed);
            if look == 3 {
                enough.notify_one();
            }
            number(look)
        };
        pulse.during(enough.notified(), done).await;
        pulse.moved.load(Ordering::Relaxed) > 0
    }

    #[tokio::test]
    async fn work_moves_as_long_as_it_gets_on() {
        let (gets_on, stands) = tokio::join!(moves(|look| look), moves(|_| 7));
        assert!(gets_on);
        assert!(!stands);
    }
}
