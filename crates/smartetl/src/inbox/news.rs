//! That something was posted, for whoever makes runs of it.

use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// What was stored of posts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News {
    pub records: u64,
    pub rows_log: u64,
    pub rows_error: u64,
    pub rejects: u64,
}

impl News {
    pub fn add(&mut self, more: Self) {
        self.records += more.records;
        self.rows_log += more.rows_log;
        self.rows_error += more.rows_error;
        self.rejects += more.rejects;
    }
}

/// Gathers news until somebody asks for them.
#[derive(Debug, Default)]
pub struct Posts {
    news: Mutex<News>,
    came: Notify,
}

impl Posts {
    pub(super) fn add(&self, more: News) {
        self.news
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(more);
        self.came.notify_one();
    }

    /// Waits until something came.
    pub async fn came(&self) {
        self.came.notified().await;
    }

    /// What came since this was asked last.
    pub fn take(&self) -> News {
        std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
