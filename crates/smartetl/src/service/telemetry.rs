//! What the process did since it started. Never blocks for long and never fails.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Counters of this process.
#[derive(Debug, Default)]
pub struct Telemetry {
    /// Times the watched paths were looked at.
    pub looks: AtomicU64,
    pub files_watched: AtomicU64,
    pub files_read: AtomicU64,
    pub files_failed: AtomicU64,
    pub records_read: AtomicU64,
    pub intakes: AtomicU64,
    intake_micros: AtomicU64,
    pub clock_fuses: AtomicU64,
    pub runs_fused: AtomicU64,
    /// The first load is not over.
    loading: AtomicBool,
    trouble: Mutex<Option<String>>,
    requests: Mutex<BTreeMap<(&'static str, u16), u64>>,
}

impl Telemetry {
    pub fn count_request(&self, route: &'static str, status: u16) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((route, status)).or_default() += 1;
    }

    /// (route, status) -> answers.
    pub fn requests(&self) -> BTreeMap<(&'static str, u16), u64> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn count_intake(&self, took: Duration) {
        self.intakes.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.intake_micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub fn intake_seconds(&self) -> f64 {
        self.intake_micros.load(Ordering::Relaxed) as f64 / 1e6
    }

    /// Why new logs cannot be read in at the moment.
    pub fn trouble(&self) -> Option<String> {
        self.trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn set_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    pub fn is_loading(&self) -> bool {
        self.loading.load(Ordering::Relaxed)
    }

    pub fn set_loading(&self, loading: bool) {
        self.loading.store(loading, Ordering::Relaxed);
    }
}
