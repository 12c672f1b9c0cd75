//! One batch, one transaction: rows, ledger, offsets, highest records.

use std::time::Instant;

use smartetl_store::{StoreError, ledger, stream};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Counters;
use super::batch::Closed;
use super::dead::DeadLetters;
use crate::ingest::Writer;
use crate::sabotage::Sabotage;

/// Stores a batch.
///
/// # Errors
/// [`StoreError::Overtaken`] when a partition does not stand where the batch began, or a stream was taken back meanwhile; when the
/// server refuses or is gone; when a dead letter is not taken. Nothing of the batch is stored then, unless the connection broke
/// while it was committed: the next session finds out.
pub(super) async fn commit(
    pool: &sqlx::PgPool,
    writer: &Writer,
    dead: &DeadLetters,
    counters: &Counters,
    batch: &Closed,
) -> anyhow::Result<()> {
    let began = Instant::now();
    dead.send(&batch.dead).await?;
    writer.ensure_partitions(&batch.rows).await?;
    if Sabotage::OffsetsFirst.is_on() {
        let mut transaction = pool.begin().await?;
        move_partitions(&mut transaction, batch).await?;
        transaction.commit().await?;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    let mut transaction = pool.begin().await?;
    ledger::copy_rows(&mut transaction, &batch.rows).await?;
    for line in &batch.lines {
        ledger::write_line(&mut transaction, line).await?;
    }
    if !Sabotage::OffsetsFirst.is_on() {
        move_partitions(&mut transaction, batch).await?;
    }
    let streams: Vec<Uuid> = batch.highs.iter().map(|high| high.stream).collect();
    stream::hold(&mut transaction, &streams).await?;
    stream::keep_highs(&mut transaction, &batch.highs).await?;
    transaction.commit().await?;
    batch.count(counters);
    counters.count_commit(began.elapsed());
    Ok(())
}

impl Closed {
    /// Counts what it holds.
    pub(super) fn count(&self, counters: &Counters) {
        let sum = |pick: fn(&ledger::LedgerLine) -> i64| {
            self.lines.iter().map(pick).sum::<i64>().cast_unsigned()
        };
        Counters::count(&counters.rows_log, sum(|line| line.rows_log));
        Counters::count(&counters.rows_error, sum(|line| line.rows_error));
        Counters::count(&counters.rejects, sum(|line| line.rejects));
    }
}

async fn move_partitions(connection: &mut PgConnection, batch: &Closed) -> Result<(), StoreError> {
    for (lineage, moved) in &batch.moves {
        let from = if Sabotage::NoCompare.is_on() {
            stream::next_offset(connection, *lineage).await?
        } else {
            moved.from
        };
        stream::advance(connection, *lineage, from, moved.next).await?;
    }
    Ok(())
}
