//! Posts that are committed together: their rows, rejects and keys, and one line of the ledger for each way, dialect and zone,
//! in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use smartetl_formats::MessageReader;
use smartetl_store::ledger::{self, EncodedRows, LedgerLine};
use smartetl_store::posted::{self, Kept, Known};
use smartetl_store::{Month, ensure_months};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use uuid::Uuid;

use super::{Answer, Counters, News, Posts, Receipt, Refused, Waiting, Way};
use crate::errors::is_about_values;
use crate::ingest::{BatchBuilder, Gathering};

/// Connecting that takes longer is given up: senders wait for an answer.
const CONNECT: Duration = Duration::from_secs(2);
/// A commit that takes longer hangs: a connection whose other end is gone, or a lock that is never given back.
const COMMIT: Duration = Duration::from_secs(20);
/// So many records are committed together; of one post there may be more.
const BATCH_RECORDS: u64 = 100_000;

pub(super) struct Committer {
    options: PgConnectOptions,
    /// Dropped, never asked again, when anything fails: what became of it is not known.
    connection: Option<PgConnection>,
    configuration_hash: i64,
    /// Reads events of OpenLineage, and the zone of their local times.
    events: (MessageReader, String),
    ways: BTreeMap<Way, posted::Way>,
    /// Months whose partitions are known to exist.
    months: BTreeSet<Month>,
    counters: Arc<Counters>,
    posts: Arc<Posts>,
}

/// What one transaction came to.
enum Done {
    /// Of the first posts, in their order; the others are still to be stored.
    Stored(Vec<Receipt>),
    /// This one is refused, whatever stands beside it; nothing is stored.
    Refused(usize, Refused),
    /// Somebody else stored one of the keys meanwhile: nothing is stored.
    Known,
}

/// What rows are told apart by in the ledger: the way, the dialect, the zone.
type LaneOf = (Way, String, String);

impl Committer {
    pub(super) fn new(
        options: PgConnectOptions,
        configuration_hash: i64,
        events: (MessageReader, String),
        (counters, posts): (Arc<Counters>, Arc<Posts>),
    ) -> Self {
        Self {
            options,
            connection: None,
            configuration_hash,
            events,
            ways: BTreeMap::new(),
            months: BTreeSet::new(),
            counters,
            posts,
        }
    }

    /// Commits posts and answers them; says whether the database is there.
    pub(super) async fn commit(&mut self, mut waiting: Vec<Waiting>) -> bool {
        loop {
            // Whoever is not listening any more was promised nothing, and may send it again.
            waiting.retain(|one| !one.answer.is_closed());
            if waiting.is_empty() {
                return true;
            }
            let tried = tokio::time::timeout(COMMIT, self.try_commit(&mut waiting)).await;
            let error = match tried {
                Ok(Ok(later)) => {
                    waiting = later;
                    continue;
                }
                Ok(Err(error)) => error,
                Err(_) => anyhow::anyhow!("a commit takes more than {} s", COMMIT.as_secs()),
            };
            self.connection = None;
            self.counters.commits_failed.fetch_add(1, Ordering::Relaxed);
            let is_about_values = is_about_values(&error);
            // One whose values the server refuses must not stop the others.
            if is_about_values && waiting.len() > 1 {
                let half = waiting.split_off(waiting.len() / 2);
                if !Box::pin(self.commit(half)).await {
                    refuse(waiting, &Refused::NotStored);
                    return false;
                }
                continue;
            }
            tracing::warn!("what was posted is not stored: {error:#}");
            let refused = if is_about_values {
                Refused::Unacceptable
            } else {
                Refused::NotStored
            };
            refuse(waiting, &refused);
            return is_about_values;
        }
    }

    /// Tries once; gives those that are still to be stored.
    ///
    /// # Errors
    /// When the server refuses or is gone. Nothing is stored then, and `waiting` holds all that is not answered.
    async fn try_commit(&mut self, waiting: &mut Vec<Waiting>) -> anyhow::Result<Vec<Waiting>> {
        if self.connection.is_none() {
            let connecting = tokio::time::timeout(CONNECT, self.options.connect());
            let connected = connecting.await.context("the database does not answer")?;
            self.connection = Some(connected?);
        }
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
        // Of several under one key the first is stored; then it is known.
        let mut keys = HashSet::new();
        let (first, mut later): (Vec<_>, Vec<_>) = std::mem::take(waiting)
            .into_iter()
            .partition(|one| one.post.key.is_none_or(|key| keys.insert(key.key)));
        *waiting = first;
        if waiting.is_empty() {
            return Ok(later);
        }
        let began = Instant::now();
        match self.store(waiting).await {
            Ok(Done::Stored(receipts)) => {
                let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
                self.tell(&receipts, micros);
                later.extend(waiting.split_off(receipts.len()));
                for (one, receipt) in std::mem::take(waiting).into_iter().zip(receipts) {
                    answer(one, Ok(receipt));
                }
            }
            Ok(Done::Refused(at, refused)) => {
                answer(waiting.swap_remove(at), Err(refused));
                later.append(waiting);
            }
            Ok(Done::Known) => later.append(waiting),
            Err(error) => {
                waiting.append(&mut later);
                return Err(error);
            }
        }
        Ok(later)
    }

    fn connection(&mut self) -> anyhow::Result<&mut PgConnection> {
        self.connection.as_mut().context("there is no connection")
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
        let known = posted::known(self.connection()?, &keys).await?;
        Ok(known.into_iter().map(|known| (known.key, known)).collect())
    }

    /// One transaction.
    async fn store(&mut self, waiting: &[Waiting]) -> anyhow::Result<Done> {
        let mut lanes = self.lanes(waiting).await?;
        let events = &mut self.events;
        // It computes for milliseconds, longer where bodies are large.
        let read = tokio::task::block_in_place(|| read(waiting, &mut lanes, events))?;
        let (receipts, kept) = match read {
            Ok(read) => read,
            Err((at, refused)) => return Ok(Done::Refused(at, refused)),
        };
        let mut closed = Vec::with_capacity(lanes.len());
        for (of, mut lane) in lanes {
            let (batch, rows, counts) = lane.builder.finish(0);
            if counts.records > 0 {
                self.ensure_partitions(&rows).await?;
                closed.push((of, lane.way, batch, rows, counts));
            }
        }
        let hash = self.configuration_hash;
        let mut transaction = self.connection()?.begin().await?;
        if !posted::keep(&mut transaction, &kept).await? {
            transaction.rollback().await?;
            return Ok(Done::Known);
        }
        for (.., rows, _) in &closed {
            ledger::copy_rows(&mut transaction, rows).await?;
        }
        for (of, way, batch, _, counts) in closed {
            let first_record = posted::count(&mut transaction, way.lineage, counts.records).await?;
            let (_, dialect, zone) = of;
            let line = LedgerLine {
                batch,
                source: way.source,
                lineage: way.lineage,
                dialect,
                zone,
                configuration_hash: hash,
                first_record,
                first_line: 0,
                ..counts.ledger_line()
            };
            ledger::write_line(&mut transaction, &line).await?;
        }
        transaction.commit().await?;
        Ok(Done::Stored(receipts))
    }

    async fn ensure_partitions(&mut self, rows: &EncodedRows) -> anyhow::Result<()> {
        let missing: BTreeSet<Month> = rows
            .months()
            .filter(|month| !self.months.contains(month))
            .collect();
        if !missing.is_empty() {
            ensure_months(self.connection()?, &missing).await?;
            self.months.extend(missing);
        }
        Ok(())
    }

    /// The batches that these posts need, each with its number; in one order, so that no two processes wait for each other.
    async fn lanes(&mut self, waiting: &[Waiting]) -> anyhow::Result<BTreeMap<LaneOf, Lane>> {
        let zone = self.events.1.clone();
        let of: BTreeSet<LaneOf> = waiting.iter().map(|one| lane_of(one, &zone)).collect();
        let numbers = ledger::batch_numbers(self.connection()?, of.len() as i64).await?;
        let mut lanes = BTreeMap::new();
        for (of, number) in of.into_iter().zip(numbers) {
            let way = match self.ways.get(&of.0) {
                Some(known) => *known,
                None => {
                    let found = posted::way(self.connection()?, of.0.path()).await?;
                    self.ways.insert(of.0, found);
                    found
                }
            };
            let lane = Lane {
                way,
                number,
                builder: BatchBuilder::new(number, Gathering::new(None)),
                next: 1,
            };
            lanes.insert(of, lane);
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

/// The rows of one way, dialect and zone.
struct Lane {
    way: posted::Way,
    number: i64,
    builder: BatchBuilder,
    /// The place of the next record.
    next: i64,
}

fn lane_of(one: &Waiting, zone_of_events: &str) -> LaneOf {
    let form = &one.post.form;
    (
        one.post.way,
        form.dialect().to_owned(),
        form.zone().unwrap_or(zone_of_events).to_owned(),
    )
}

/// What was read of the first posts, or which one is refused.
type Read = Result<(Vec<Receipt>, Vec<Kept>), (usize, Refused)>;

/// Reads posts into their batches, as many as are committed together.
fn read(
    waiting: &[Waiting],
    lanes: &mut BTreeMap<LaneOf, Lane>,
    (events, zone): &mut (MessageReader, String),
) -> anyhow::Result<Read> {
    let (mut receipts, mut kept) = (Vec::with_capacity(waiting.len()), Vec::new());
    let mut records = 0;
    for (at, one) in waiting.iter().enumerate() {
        if records >= BATCH_RECORDS {
            break;
        }
        let post = &one.post;
        let lane = lanes.get_mut(&lane_of(one, zone));
        let lane = lane.context("a post without a batch")?;
        let batch = (&mut lane.builder, &mut lane.next);
        let receipt = match post.form.read(&post.body, events, batch) {
            Ok(receipt) => receipt,
            Err(refused) => return Ok(Err((at, refused))),
        };
        records += receipt.records;
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
    Ok(Ok((receipts, kept)))
}

/// The answer to what was posted before.
fn repeated(known: &Known, content: Uuid) -> Answer {
    if known.content != content {
        return Err(Refused::OtherContent);
    }
    match serde_json::from_value::<Receipt>(known.receipt.clone()) {
        Ok(receipt) => Ok(Receipt {
            repeated: true,
            ..receipt
        }),
        Err(error) => {
            tracing::warn!("the receipt of {} cannot be read: {error}", known.key);
            Err(Refused::NotStored)
        }
    }
}

fn answer(one: Waiting, answer: Answer) {
    // Whoever is gone will ask again, or does not care.
    let _ = one.answer.send(answer);
}

/// Answers all of them alike.
pub(super) fn refuse(waiting: impl IntoIterator<Item = Waiting>, refused: &Refused) {
    for one in waiting {
        answer(one, Err(refused.clone()));
    }
}
