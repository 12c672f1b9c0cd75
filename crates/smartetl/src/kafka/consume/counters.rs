//! What a consumer did since it started, and how far it is behind. Never blocks for long and never fails.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::Statistics;
use smartetl_core::redact::redact;

/// What can be watched.
#[derive(Debug, Default)]
pub struct Counters {
    pub messages: AtomicU64,
    pub rows_log: AtomicU64,
    pub rows_error: AtomicU64,
    pub rejects: AtomicU64,
    /// Messages whose record was stored before.
    pub known: AtomicU64,
    pub batches: AtomicU64,
    /// Times that partitions were given or taken.
    pub rebalances: AtomicU64,
    commit_us: AtomicU64,
    /// The brokers have answered, and nothing went wrong since then.
    is_connected: AtomicBool,
    /// No broker is connected now.
    are_brokers_away: AtomicBool,
    last_error: Mutex<Option<String>>,
    held: Mutex<Partitions>,
}

/// By topic and number.
pub type Partitions = BTreeMap<(String, i32), Held>;

/// A partition that this consumer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub lineage: i64,
    /// The offset of the next message to be stored.
    pub next_offset: i64,
    /// That of the next message to come, as far as is known; `None` before anything is.
    pub end_offset: Option<i64>,
    /// It is another's now, or nobody's, and that was not written yet.
    pub is_left: bool,
}

impl Counters {
    pub(super) fn count(counter: &AtomicU64, number: u64) {
        counter.fetch_add(number, Ordering::Relaxed);
    }

    pub(super) fn count_commit(&self, took: Duration) {
        Self::count(&self.batches, 1);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        Self::count(&self.commit_us, micros);
    }

    /// What the transactions of all batches took.
    pub fn commit_time(&self) -> Duration {
        Duration::from_micros(self.commit_us.load(Ordering::Relaxed))
    }

    pub fn is_connected(&self) -> bool {
        self.is_connected.load(Ordering::Relaxed) && !self.are_brokers_away.load(Ordering::Relaxed)
    }

    pub(super) fn set_connected(&self, is_connected: bool) {
        self.is_connected.store(is_connected, Ordering::Relaxed);
    }

    /// Why it could not go on when that happened last; in English, without secrets.
    pub fn last_error(&self) -> Option<String> {
        locked(&self.last_error).clone()
    }

    pub(super) fn note_error(&self, error: &anyhow::Error) {
        let text = format!("{error:#}");
        *locked(&self.last_error) = Some(redact(&text).replace('\0', "\u{fffd}"));
    }

    /// The partitions that it has, and those that it had when this was written last.
    pub fn partitions(&self) -> Partitions {
        locked(&self.held).clone()
    }

    pub(super) fn hold(&self, topic: &str, number: i32, lineage: i64, next_offset: i64) {
        let held = Held {
            lineage,
            next_offset,
            end_offset: None,
            is_left: false,
        };
        locked(&self.held).insert((topic.to_owned(), number), held);
    }

    pub(super) fn let_go(&self, topic: &str, number: i32) {
        if let Some(held) = locked(&self.held).get_mut(&(topic.to_owned(), number)) {
            held.is_left = true;
        }
    }

    pub(super) fn let_all_go(&self) {
        for held in locked(&self.held).values_mut() {
            held.is_left = true;
        }
    }

    /// Forgets those that were left, as they were written.
    pub(super) fn forget_left(&self, written: &Partitions) {
        locked(&self.held).retain(|name, held| !held.is_left || written.get(name) != Some(held));
    }

    /// What was stored was there: so far a partition reaches at least.
    pub(super) fn moved(&self, topic: &str, number: i32, next_offset: i64) {
        if let Some(held) = locked(&self.held).get_mut(&(topic.to_owned(), number)) {
            held.next_offset = next_offset;
            held.end_offset = held.end_offset.max(Some(next_offset));
        }
    }

    /// Whether brokers are there, and where partitions end, as their last answers said.
    pub(super) fn note(&self, statistics: &Statistics) {
        let mut brokers = statistics.brokers.values();
        let is_any_up = brokers.any(|broker| broker.nodeid >= 0 && broker.state == "UP");
        self.are_brokers_away.store(!is_any_up, Ordering::Relaxed);
        for ((topic, number), held) in &mut *locked(&self.held) {
            let partition = statistics.topics.get(topic);
            let partition = partition.and_then(|topic| topic.partitions.get(number));
            // Negative numbers of the library mean that nothing is known.
            if let Some(partition) = partition.filter(|partition| partition.hi_offset >= 0) {
                held.end_offset = Some(partition.hi_offset.max(held.next_offset));
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
