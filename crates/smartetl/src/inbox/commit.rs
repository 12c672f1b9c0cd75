//! Posts that are committed together: their rows, rejects and keys, and one line of the ledger for each way and dialect, in one
//! transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use smartetl_formats::MessageReader;
use smartetl_store::ledger::{self, LedgerLine};
use smartetl_store::posted::{self, Kept, Known};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Answer, Counters, News, Posts, Receipt, Refused, Waiting, Way};
use crate::errors::{ErrorCode, code_of};
use crate::ingest::{BatchBuilder, Counts, Gathering, Writer};

/// A commit that takes longer hangs: a connection whose other end is gone.
const COMMIT: Duration = Duration::from_mins(1);

pub(super) struct Committer {
    pool: PgPool,
    writer: Writer,
    configuration_hash: i64,
    /// Reads events of OpenLineage.
    events: MessageReader,
    ways: BTreeMap<Way, posted::Way>,
    counters: Arc<Counters>,
    posts: Arc<Posts>,
}

/// What one transaction came to.
enum Done {
    /// For each post, in their order.
    Stored(Vec<Receipt>),
    /// Somebody else stored one of the keys meanwhile: nothing is stored.
    Known,
}

impl Committer {
    pub(super) fn new(
        pool: PgPool,
        configuration_hash: i64,
        events: MessageReader,
        (counters, posts): (Arc<Counters>, Arc<Posts>),
    ) -> Self {
        Self {
            events,
            writer: Writer::new(pool.clone(), 1),
            pool,
            configuration_hash,
            ways: BTreeMap::new(),
            counters,
            posts,
        }
    }

    /// Commits posts and answers them.
    pub(super) async fn commit(&mut self, mut waiting: Vec<Waiting>) {
        loop {
            let settled = tokio::time::timeout(COMMIT, self.try_commit(&mut waiting)).await;
            let error = match settled {
                Ok(Ok(later)) if later.is_empty() => return,
                Ok(Ok(later)) => {
                    waiting = later;
                    continue;
                }
                Ok(Err(error)) => error,
                Err(_) => anyhow::anyhow!("a commit takes more than {} s", COMMIT.as_secs()),
            };
            self.counters.commits_failed.fetch_add(1, Ordering::Relaxed);
            // One whose rows the server refuses must not stop the others.
            if waiting.len() > 1 && is_about_rows(&error) {
                let half = waiting.split_off(waiting.len() / 2);
                Box::pin(self.commit(half)).await;
                continue;
            }
            tracing::warn!("what was posted is not stored: {error:#}");
            for one in waiting {
                answer(one, Err(Refused::NotStored));
            }
            return;
        }
    }

    /// Tries once; gives those that wait for others under the same key, and have to be tried again.
    ///
    /// # Errors
    /// When the server refuses or is gone. Nothing is stored then, and `waiting` holds all that is not answered.
    async fn try_commit(&mut self, waiting: &mut Vec<Waiting>) -> anyhow::Result<Vec<Waiting>> {
        let known = self.known(waiting).await?;
        for one in std::mem::take(waiting) {
            match one
                .post
                .key
                .and_then(|key| Some((key, known.get(&key.key)?)))
            {
                None => waiting.push(one),
                Some((key, known)) => {
                    self.counters.repeated.fetch_add(1, Ordering::Relaxed);
                    answer(one, repeated(known, key.content));
                }
            }
        }
        let mut keys = HashSet::new();
        let (first, mut later): (Vec<_>, Vec<_>) = std::mem::take(waiting)
            .into_iter()
            .partition(|one| one.post.key.is_none_or(|key| keys.insert(key.key)));
        *waiting = first;
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        let began = Instant::now();
        match self.store(waiting).await {
            Ok(Done::Stored(receipts)) => {
                let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
                self.tell(&receipts, micros);
                for (one, receipt) in std::mem::take(waiting).into_iter().zip(receipts) {
                    answer(one, Ok(receipt));
                }
            }
            Ok(Done::Known) => later.append(waiting),
            Err(error) => {
                waiting.append(&mut later);
                return Err(error);
            }
        }
        Ok(later)
    }

    /// What was posted before under these keys.
    async fn known(&mut self, waiting: &[Waiting]) -> anyhow::Result<HashMap<Uuid, Known>> {
        let keys: Vec<Uuid> = waiting
            .iter()
            .filter_map(|one| Some(one.post.key?.key))
            .collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let mut connection = self.pool.acquire().await?;
        let known = posted::known(&mut connection, &keys).await?;
        Ok(known.into_iter().map(|known| (known.key, known)).collect())
    }

    /// One transaction.
    async fn store(&mut self, waiting: &[Waiting]) -> anyhow::Result<Done> {
        let mut lanes = self.lanes(waiting).await?;
        // It computes for milliseconds, longer where bodies are large.
        let events = &mut self.events;
        let (receipts, kept) = tokio::task::block_in_place(|| read(waiting, &mut lanes, events))?;
        let mut closed = Vec::with_capacity(lanes.len());
        for (_, mut lane) in lanes {
            let (batch, rows, counts) = lane.builder.finish(0);
            self.writer.ensure_partitions(&rows).await?;
            closed.push((lane.way, lane.dialect, batch, rows, counts));
        }
        let mut transaction = self.pool.begin().await?;
        if !posted::keep(&mut transaction, &kept).await? {
            return Ok(Done::Known);
        }
        for (.., rows, _) in &closed {
            ledger::copy_rows(&mut transaction, rows).await?;
        }
        for (way, dialect, batch, _, counts) in closed {
            let first_record = posted::count(&mut transaction, way.lineage, counts.records).await?;
            let line = self.line((way, dialect, batch), first_record, &counts);
            ledger::write_line(&mut transaction, &line).await?;
        }
        transaction.commit().await?;
        Ok(Done::Stored(receipts))
    }

    fn line(
        &self,
        (way, dialect, batch): (posted::Way, String, i64),
        first_record: i64,
        counts: &Counts,
    ) -> LedgerLine {
        LedgerLine {
            batch,
            source: way.source,
            lineage: way.lineage,
            dialect,
            zone: "UTC".to_owned(),
            configuration_hash: self.configuration_hash,
            first_record,
            first_line: 0,
            ..counts.ledger_line()
        }
    }

    /// The batches that these posts need, each with its number; in one order, so that no two processes wait for each other.
    async fn lanes(
        &mut self,
        waiting: &[Waiting],
    ) -> anyhow::Result<BTreeMap<(Way, String), Lane>> {
        let names: BTreeSet<(Way, &str)> = waiting
            .iter()
            .map(|one| (one.post.way, one.post.form.dialect()))
            .collect();
        let mut connection = self.pool.acquire().await?;
        let numbers = ledger::batch_numbers(&mut connection, names.len() as i64).await?;
        let mut lanes = BTreeMap::new();
        for ((way, dialect), number) in names.into_iter().zip(numbers) {
            let at = match self.ways.get(&way) {
                Some(known) => *known,
                None => {
                    let found = posted::way(&mut connection, way.path()).await?;
                    self.ways.insert(way, found);
                    found
                }
            };
            let lane = Lane {
                way: at,
                dialect: dialect.to_owned(),
                number,
                builder: BatchBuilder::new(number, Gathering::new(None)),
                next: 1,
            };
            lanes.insert((way, dialect.to_owned()), lane);
        }
        Ok(lanes)
    }

    fn tell(&self, receipts: &[Receipt], micros: u64) {
        let sum = |pick: fn(&Receipt) -> u64| receipts.iter().map(pick).sum::<u64>();
        let news = News {
            records: sum(|receipt| receipt.records),
            rows_log: sum(|receipt| receipt.rows_log),
            rows_error: sum(|receipt| receipt.rows_error),
            rejects: sum(|receipt| receipt.rejects),
        };
        let counters = &self.counters;
        for (counter, number) in [
            (&counters.records, news.records),
            (&counters.rejects, news.rejects),
            (&counters.commits, 1),
            (&counters.commit_micros, micros),
        ] {
            counter.fetch_add(number, Ordering::Relaxed);
        }
        self.posts.add(news);
    }
}

/// The rows of one way and dialect.
struct Lane {
    way: posted::Way,
    dialect: String,
    number: i64,
    builder: BatchBuilder,
    /// The place of the next record.
    next: i64,
}

/// Reads all posts into the batches.
fn read(
    waiting: &[Waiting],
    lanes: &mut BTreeMap<(Way, String), Lane>,
    events: &mut MessageReader,
) -> anyhow::Result<(Vec<Receipt>, Vec<Kept>)> {
    let (mut receipts, mut kept) = (Vec::with_capacity(waiting.len()), Vec::new());
    for Waiting { post, .. } in waiting {
        let of = (post.way, post.form.dialect().to_owned());
        let lane = lanes.get_mut(&of).context("a post without a batch")?;
        let batch = (&mut lane.builder, &mut lane.next);
        let receipt = post.form.read(&post.body, events, batch)?;
        if let Some(key) = post.key {
            kept.push(Kept {
                key: key.key,
                content: key.content,
                batch: lane.number,
                receipt: serde_json::to_value(&receipt)?,
            });
        }
        receipts.push(receipt);
    }
    Ok((receipts, kept))
}

/// The answer to what was posted before.
fn repeated(known: &Known, content: Uuid) -> Answer {
    if known.content != content {
        return Err(Refused::OtherContent);
    }
    let receipt: Receipt = serde_json::from_value(known.receipt.clone()).unwrap_or_default();
    Ok(Receipt {
        repeated: true,
        ..receipt
    })
}

fn answer(one: Waiting, answer: Answer) {
    // Whoever is gone will ask again, or does not care.
    let _ = one.answer.send(answer);
}

/// Whether it comes from what was posted: the server is there.
fn is_about_rows(error: &anyhow::Error) -> bool {
    let is_of_database = |cause: &(dyn std::error::Error + 'static)| cause.is::<sqlx::Error>();
    code_of(error) == ErrorCode::StatementFailed || !error.chain().any(is_of_database)
}
