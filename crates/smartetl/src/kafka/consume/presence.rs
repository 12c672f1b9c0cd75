//! A consumer says in the database how it is, beside its batches and never in their way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use smartetl_store::consumers::{self, Consumer, Lag, Seen};
use sqlx::PgPool;
use uuid::Uuid;

use super::Counters;
use crate::myself;

const WRITE_EVERY: Duration = Duration::from_secs(2);
/// How often old lines are removed.
const FORGET_EVERY: Duration = Duration::from_mins(10);
/// How long the last line may take: the process wants to end.
const FAREWELL: Duration = Duration::from_secs(2);

/// This process as a member of its group.
#[derive(Debug)]
pub struct Presence {
    consumer: Uuid,
    group: String,
    host: String,
    started_us: i64,
    counters: Arc<Counters>,
}

impl Presence {
    pub fn new(group: &str, counters: Arc<Counters>) -> Self {
        Self {
            consumer: myself::name(),
            group: group.to_owned(),
            host: myself::host(),
            started_us: jiff::Timestamp::now().as_microsecond(),
            counters,
        }
    }

    pub fn is_connected(&self) -> bool {
        self.counters.is_connected()
    }

    /// How it is now.
    pub fn line(&self) -> Consumer {
        let number = |counter: &AtomicU64| counter.load(Ordering::Relaxed).cast_signed();
        let counters = &self.counters;
        Consumer {
            consumer: self.consumer,
            group_name: self.group.clone(),
            host: self.host.clone(),
            pid: std::process::id().cast_signed(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_us: self.started_us,
            seen_us: jiff::Timestamp::now().as_microsecond(),
            messages: number(&counters.messages),
            known: number(&counters.known),
            rows_log: number(&counters.rows_log),
            rows_error: number(&counters.rows_error),
            rejects: number(&counters.rejects),
            batches: number(&counters.batches),
            commit_ms: i64::try_from(counters.commit_time().as_millis()).unwrap_or(i64::MAX),
            rebalances: number(&counters.rebalances),
            last_error: counters.last_error(),
            is_over: false,
        }
    }

    /// How far it is behind in the partitions that it has.
    pub fn lags(&self) -> Vec<Lag> {
        let partitions = self.counters.partitions().into_iter();
        let held = partitions.filter(|(_, held)| !held.is_left);
        held.filter_map(|((topic, number), held)| {
            let messages = (held.end_offset? - held.next_offset).max(0);
            Some(Lag {
                group_name: self.group.clone(),
                topic,
                number,
                messages,
            })
        })
        .collect()
    }

    /// Writes every few seconds. Where that fails, it is tried again.
    pub async fn keep(&self, pool: &PgPool) {
        let mut forgotten: Option<Instant> = None;
        loop {
            let forgets = forgotten.is_none_or(|at| at.elapsed() >= FORGET_EVERY);
            match self.write(pool, false, forgets).await {
                Ok(()) if forgets => forgotten = Some(Instant::now()),
                Ok(()) => {}
                Err(error) => {
                    tracing::debug!("the line of this consumer is not written: {error:#}");
                }
            }
            tokio::time::sleep(WRITE_EVERY).await;
        }
    }

    /// Says that it ends now.
    pub async fn end(&self, pool: &PgPool) {
        let last = tokio::time::timeout(FAREWELL, self.write(pool, true, false));
        if let Err(error) = last.await.unwrap_or_else(|late| Err(late.into())) {
            tracing::debug!("the end of this consumer is not written: {error:#}");
        }
    }

    async fn write(&self, pool: &PgPool, is_over: bool, forgets: bool) -> anyhow::Result<()> {
        let partitions = self.counters.partitions();
        let seen = partitions.iter().filter_map(|((topic, number), held)| {
            Some(Seen {
                partition: held.lineage,
                topic: topic.clone(),
                number: *number,
                end_offset: held.end_offset?,
                is_left: held.is_left,
            })
        });
        let seen: Vec<Seen> = seen.collect();
        let mut connection = pool.acquire().await?;
        let line = Consumer {
            is_over,
            ..self.line()
        };
        consumers::write(&mut connection, &line, &seen).await?;
        self.counters.forget_left(&partitions);
        if forgets {
            consumers::forget_old(&mut connection).await?;
        }
        Ok(())
    }
}
