//! What the process did since it started. Never blocks for long and never fails.

use crate::reason::Reason;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counters of this process.
#[derive(Debug, Default)]
pub struct Telemetry {
    /// Times the watched paths were looked at.
    pub looks: AtomicU64,
    pub files_watched: AtomicU64,
    pub files_read: AtomicU64,
    pub files_failed: AtomicU64,
    /// Times a file was left alone because a person has to decide.
    pub files_undecided: AtomicU64,
    /// Files whose last line has no end yet.
    pub files_waiting: AtomicU64,
    /// Times a last line that was taken without end went on, and was read again.
    pub lines_reopened: AtomicU64,
    pub records_read: AtomicU64,
    pub records_rejected: AtomicU64,
    pub intakes: AtomicU64,
    pub intakes_failed: AtomicU64,
    intake_micros: AtomicU64,
    pub fuses: AtomicU64,
    pub fuses_failed: AtomicU64,
    pub clock_fuses: AtomicU64,
    pub runs_fused: AtomicU64,
    /// The first load is not over.
    loading: AtomicBool,
    intake_trouble: Mutex<Option<String>>,
    fuse_trouble: Mutex<Option<String>>,
    findings: Mutex<Vec<(String, Reason)>>,
    requests: Mutex<BTreeMap<(String, u16), u64>>,
}

impl Telemetry {
    pub fn count_request(&self, route: String, status: u16) {
        *locked(&self.requests).entry((route, status)).or_default() += 1;
    }

    /// (route, status) -> answers.
    pub fn requests(&self) -> BTreeMap<(String, u16), u64> {
        locked(&self.requests).clone()
    }

    pub fn count_intake(&self, took: Duration) {
        self.intakes.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.intake_micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub fn intake_seconds(&self) -> f64 {
        self.intake_micros.load(Ordering::Relaxed) as f64 / 1e6
    }

    /// Why new logs cannot be stored at the moment.
    pub fn intake_trouble(&self) -> Option<String> {
        locked(&self.intake_trouble).clone()
    }

    pub fn set_intake_trouble(&self, trouble: Option<String>) {
        *locked(&self.intake_trouble) = trouble;
    }

    /// Why no runs can be made of stored rows at the moment.
    pub fn fuse_trouble(&self) -> Option<String> {
        locked(&self.fuse_trouble).clone()
    }

    pub fn set_fuse_trouble(&self, trouble: Option<String>) {
        *locked(&self.fuse_trouble) = trouble;
    }

    /// What cannot be read at the moment, or not to its end: (path, why).
    pub fn findings(&self) -> Vec<(String, Reason)> {
        locked(&self.findings).clone()
    }

    pub fn set_findings(&self, findings: Vec<(String, Reason)>) {
        *locked(&self.findings) = findings;
    }

    pub fn is_loading(&self) -> bool {
        self.loading.load(Ordering::Relaxed)
    }

    pub fn set_loading(&self, loading: bool) {
        self.loading.store(loading, Ordering::Relaxed);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
