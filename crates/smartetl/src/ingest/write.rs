//! Batches into the database: several transactions side by side, committed in the order of the source.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use smartetl_store::checkpoint::{self, Advance};
use smartetl_store::ledger::{self, EncodedRows, LedgerLine};
use smartetl_store::{Month, StoreError, ensure_months};
use sqlx::PgPool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// A batch that is ready to be stored.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) rows: EncodedRows,
    pub(super) line: LedgerLine,
    pub(super) advance: Advance,
}

/// Writes batches.
#[derive(Clone)]
pub(super) struct Writer {
    pool: PgPool,
    /// How many transactions may be open at once.
    slots: Arc<Semaphore>,
    /// Months whose partitions are known to exist.
    months: Arc<Mutex<BTreeSet<Month>>>,
}

impl Writer {
    pub(super) fn new(pool: PgPool, connections: usize) -> Self {
        Self {
            pool,
            slots: Arc::new(Semaphore::new(connections)),
            months: Arc::default(),
        }
    }

    /// Waits until a transaction may begin.
    pub(super) async fn slot(&self) -> OwnedSemaphorePermit {
        let slots = Arc::clone(&self.slots);
        slots
            .acquire_owned()
            .await
            .expect("the semaphore is never closed")
    }

    /// Stores a batch. `before` says when, and whether, the batch before it was committed: this one is committed after it.
    ///
    /// # Errors
    /// When the server refuses or is gone, somebody else read on, or the batch before failed. Nothing is stored then.
    pub(super) async fn store(
        &self,
        ready: &Ready,
        before: Option<oneshot::Receiver<()>>,
    ) -> Result<(), StoreError> {
        self.ensure_partitions(&ready.rows).await?;
        let mut transaction = self.pool.begin().await?;
        ledger::copy_rows(&mut transaction, &ready.rows).await?;
        ledger::write_line(&mut transaction, &ready.line).await?;
        if let Some(before) = before
            && before.await.is_err()
        {
            return Err(StoreError::Overtaken {
                next_record: ready.advance.from_record,
            });
        }
        checkpoint::advance(&mut transaction, &ready.advance).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn ensure_partitions(&self, rows: &EncodedRows) -> Result<(), StoreError> {
        let missing: BTreeSet<Month> = {
            let known = self.months.lock().unwrap_or_else(PoisonError::into_inner);
            let months = rows.log.iter().chain(&rows.errors).map(|(month, _)| *month);
            months.filter(|month| !known.contains(month)).collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        let mut connection = self.pool.acquire().await?;
        ensure_months(&mut connection, &missing).await?;
        self.months
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(missing);
        Ok(())
    }
}
