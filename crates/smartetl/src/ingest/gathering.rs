//! Rows that are kept for the fuse, filled by several readers at once.

use std::sync::{Arc, Mutex, PoisonError};

use crate::jobs::Gathered;

/// A share in what is gathered; in nothing where no fuse follows.
#[derive(Clone)]
pub struct Gathering(Option<Arc<Mutex<Gathered>>>);

impl Gathering {
    pub fn new(gathered: Option<Gathered>) -> Self {
        Self(gathered.map(|gathered| Arc::new(Mutex::new(gathered))))
    }

    /// Works with what is gathered; `None` where nothing is.
    pub fn with<T>(&self, work: impl FnOnce(&mut Gathered) -> T) -> Option<T> {
        let gathered = self.0.as_ref()?;
        Some(work(
            &mut gathered.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }

    /// What was gathered, for whoever holds the last share.
    pub fn into_inner(self) -> Option<Gathered> {
        let gathered = Arc::into_inner(self.0?)?;
        Some(
            gathered
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}
