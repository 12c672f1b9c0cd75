//! Batches into the database: several transactions side by side, committed in the order of the source.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use smartetl_store::checkpoint::{self, Advance};
use smartetl_store::ledger::{self, EncodedRows, LedgerLine};
use smartetl_store::{Month, StoreError, ensure_months, stream};
use sqlx::PgPool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use uuid::Uuid;

use super::collect::Rows;
use crate::kafka::{Producer, Sending, Sent};
use crate::sabotage::Sabotage;

/// A batch that is ready to be stored.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) rows: Rows,
    pub(super) line: LedgerLine,
    pub(super) advance: Advance,
}

/// Where the batches of a loader go.
#[derive(Clone)]
pub(super) enum Destination {
    Tables(Writer),
    Kafka(Box<Outlet>),
}

impl Destination {
    /// Waits until another batch may be on its way.
    pub(super) async fn slot(&self) -> OwnedSemaphorePermit {
        let slots = match self {
            Self::Tables(writer) => &writer.slots,
            Self::Kafka(outlet) => &outlet.slots,
        };
        Arc::clone(slots)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed")
    }

    /// What has to happen to a batch before the next one of its source is looked at: messages are sent in the order of their
    /// records. Gives what is left to be done.
    ///
    /// # Errors
    /// When a message is not taken.
    pub(super) async fn begin(
        &self,
        ready: Ready,
        sending: Option<&Sending>,
    ) -> anyhow::Result<Begun> {
        Ok(match (self, &ready.rows, sending) {
            (Self::Kafka(outlet), Rows::Messages(messages), Some(sending)) => {
                let sent = outlet.producer.send(messages, sending).await?;
                let messages = messages.len() as i64;
                Begun::Sent(
                    outlet.clone(),
                    sent,
                    ready.advance,
                    sending.stream,
                    messages,
                )
            }
            (Self::Tables(writer), ..) => Begun::Encoded(writer.clone(), ready),
            (Self::Kafka(_), ..) => anyhow::bail!("a source that is no stream was to be sent"),
        })
    }
}

/// A batch on its way.
pub(super) enum Begun {
    Encoded(Writer, Ready),
    Sent(Box<Outlet>, Sent, Advance, Uuid, i64),
}

impl Begun {
    /// Brings it to its end. `before` says when, and whether, the batch before it was committed: this one is committed after it.
    ///
    /// # Errors
    /// When the server refuses or is gone, somebody else read on, the broker did not take a message, or the batch before
    /// failed.
    pub(super) async fn finish(
        self,
        before: Option<oneshot::Receiver<()>>,
    ) -> anyhow::Result<Option<i64>> {
        match self {
            Self::Encoded(writer, ready) => {
                let Rows::Tuples(rows) = &ready.rows else {
                    anyhow::bail!("messages were to be stored in tables");
                };
                writer
                    .store(rows, &ready.line, &ready.advance, before)
                    .await?;
                Ok(Some(ready.line.batch))
            }
            Self::Sent(outlet, sent, advance, stream, messages) => {
                if !Sabotage::NoAcknowledgement.is_on() {
                    sent.taken().await?;
                }
                came_before(before, &advance).await?;
                let mut transaction = outlet.pool.begin().await.map_err(StoreError::from)?;
                checkpoint::advance(&mut transaction, &advance).await?;
                stream::count_messages(&mut transaction, stream, messages).await?;
                transaction.commit().await.map_err(StoreError::from)?;
                Ok(None)
            }
        }
    }
}

/// Sends batches to Kafka; how far that came stands in the database.
#[derive(Clone)]
pub struct Outlet {
    pool: PgPool,
    pub(super) producer: Producer,
    /// How many batches may be on their way at once.
    slots: Arc<Semaphore>,
}

impl Outlet {
    pub fn new(pool: PgPool, producer: Producer) -> Self {
        /// Batches are some megabytes; the queue of the library takes 64.
        const ON_THEIR_WAY: usize = 8;
        Self {
            pool,
            producer,
            slots: Arc::new(Semaphore::new(ON_THEIR_WAY)),
        }
    }
}

/// Waits for the batch before.
async fn came_before(
    before: Option<oneshot::Receiver<()>>,
    advance: &Advance,
) -> Result<(), StoreError> {
    if let Some(before) = before
        && before.await.is_err()
    {
        return Err(StoreError::Overtaken {
            next_record: advance.from_record,
        });
    }
    Ok(())
}

/// Writes batches.
#[derive(Clone)]
pub struct Writer {
    pool: PgPool,
    /// How many transactions may be open at once.
    slots: Arc<Semaphore>,
    /// Months whose partitions are known to exist.
    months: Arc<Mutex<BTreeSet<Month>>>,
}

impl Writer {
    pub fn new(pool: PgPool, connections: usize) -> Self {
        Self {
            pool,
            slots: Arc::new(Semaphore::new(connections)),
            months: Arc::default(),
        }
    }

    /// Stores a batch. `before` says when, and whether, the batch before it was committed: this one is committed after it.
    ///
    /// # Errors
    /// When the server refuses or is gone, somebody else read on, or the batch before failed. Nothing is stored then.
    async fn store(
        &self,
        rows: &EncodedRows,
        line: &LedgerLine,
        advance: &Advance,
        before: Option<oneshot::Receiver<()>>,
    ) -> Result<(), StoreError> {
        self.ensure_partitions(rows).await?;
        let mut transaction = self.pool.begin().await?;
        ledger::copy_rows(&mut transaction, rows).await?;
        ledger::write_line(&mut transaction, line).await?;
        came_before(before, advance).await?;
        checkpoint::advance(&mut transaction, advance).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes the partitions that rows need and that are not known to exist.
    ///
    /// # Errors
    /// When the server refuses or is gone.
    pub async fn ensure_partitions(&self, rows: &EncodedRows) -> Result<(), StoreError> {
        let missing: BTreeSet<Month> = {
            let known = self.months.lock().unwrap_or_else(PoisonError::into_inner);
            rows.months()
                .filter(|month| !known.contains(month))
                .collect()
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
