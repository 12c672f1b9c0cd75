//! What a session knows: its partitions, the streams in them, the batch in the making and the one that is being committed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hashbrown::HashMap;
use rdkafka::Message;
use rdkafka::consumer::Consumer as _;
use rdkafka::message::{BorrowedMessage, OwnedHeaders};
use smartetl_core::model::RejectReason;
use smartetl_formats::envelope::{DIALECT as OURS, Unreadable};
use smartetl_store::ledger;
use smartetl_store::stream::{self, Partition, Stream};
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

use super::super::client::ANSWER;
use super::super::headers::Origin;
use super::batch::{Batch, Move};
use super::commit::commit;
use super::dead::{DeadLetter, DeadLetters};
use super::foreign::Foreign;
use super::group::Consumer;
use super::{Counters, Options};
use crate::ingest::Writer;
use crate::sabotage::Sabotage;

/// A batch is also committed at this size, bytes of messages.
const BATCH_BYTES: usize = 16 << 20;
/// A commit that takes longer hangs: a connection whose other end is gone.
const COMMIT: Duration = Duration::from_secs(90);
/// How many numbers of batches are fetched at a time.
const NUMBERS: i64 = 16;

/// Where batches go.
pub(super) enum Target {
    Tables(Writer, DeadLetters),
    /// Nothing is stored, and nobody is told anything.
    Nowhere,
}

/// A partition that this consumer has.
struct Assigned {
    topic: String,
    number: i32,
    partition: Partition,
    /// The highest record of each stream that was seen here.
    highs: HashMap<Uuid, i64>,
}

/// A batch that is being committed.
struct Committing {
    moves: Vec<Move>,
    result: oneshot::Receiver<anyhow::Result<()>>,
}

pub(super) struct State {
    options: Options,
    runtime: Handle,
    target: Target,
    /// The lineage of the last one that is in no table, where nothing is stored.
    unknown: i64,
    counters: Arc<Counters>,
    stored: Arc<Notify>,
    /// The name of the cluster.
    cluster: String,
    /// Partitions are not fetched: the database is behind.
    pub(super) is_paused: bool,
    assigned: Vec<Assigned>,
    streams: HashMap<Uuid, Stream>,
    numbers: Vec<i64>,
    foreign: Option<Foreign>,
    batch: Batch,
    committing: Option<Committing>,
    committed: Vec<Move>,
    failed: Option<anyhow::Error>,
}

impl State {
    pub(super) fn new(
        options: Options,
        runtime: Handle,
        target: Target,
        counters: Arc<Counters>,
        stored: Arc<Notify>,
    ) -> Self {
        let foreign = options.foreign.clone().map(Foreign::new);
        Self {
            options,
            foreign,
            runtime,
            target,
            unknown: 0,
            counters,
            stored,
            cluster: String::new(),
            is_paused: false,
            assigned: Vec::new(),
            streams: HashMap::new(),
            numbers: Vec::new(),
            batch: Batch::default(),
            committing: None,
            committed: Vec::new(),
            failed: None,
        }
    }

    pub(super) fn of_cluster(&mut self, cluster: String) {
        self.cluster = cluster;
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The first failure counts.
    pub(super) fn fail(&mut self, error: anyhow::Error) {
        self.failed.get_or_insert(error);
    }

    pub(super) fn failure(&mut self) -> Option<anyhow::Error> {
        self.failed.take()
    }

    /// Partitions that are had: (topic, partition, next offset).
    pub(super) fn partitions(&self) -> impl Iterator<Item = (&str, i32, i64)> {
        let assigned = self.assigned.iter();
        assigned.map(|one| (one.topic.as_str(), one.number, one.partition.next_offset))
    }

    /// Drops what was taken and not committed.
    pub(super) fn forget(&mut self) {
        self.batch = Batch::default();
        self.committing = None;
    }

    /// Takes a partition; gives the offset where it begins.
    ///
    /// # Errors
    /// When the database is gone.
    pub(super) fn assign(&mut self, topic: &str, number: i32) -> anyhow::Result<i64> {
        let path = stream::partition_path(&self.cluster, topic, number);
        let pool = &self.options.pool;
        let is_stored = self.is_stored();
        let found = self.runtime.block_on(async {
            let mut connection = pool.acquire().await?;
            anyhow::Ok(if is_stored {
                Some(stream::partition(&mut connection, &path).await?)
            } else {
                stream::known_partition(&mut connection, &path).await?
            })
        })?;
        let partition = found.unwrap_or_else(|| Partition {
            source: 0,
            lineage: self.lineage_of_unknown(),
            next_offset: 0,
        });
        self.let_go(topic, number);
        self.counters
            .hold(topic, number, partition.lineage, partition.next_offset);
        self.assigned.push(Assigned {
            topic: topic.to_owned(),
            number,
            partition,
            highs: HashMap::new(),
        });
        Ok(partition.next_offset)
    }

    /// The first offset that Kafka still has, where a gap before it is accepted; else 0.
    pub(super) fn first_kept(&self, consumer: &Consumer, topic: &str, partition: i32) -> i64 {
        if !self.options.accept_loss {
            return 0;
        }
        let kept = consumer.fetch_watermarks(topic, partition, ANSWER);
        kept.map_or(0, |(first, _)| first)
    }

    pub(super) fn let_go(&mut self, topic: &str, number: i32) {
        self.assigned
            .retain(|one| one.number != number || one.topic != topic);
        self.counters.let_go(topic, number);
    }

    /// Takes a message into the batch in the making.
    ///
    /// # Errors
    /// When the database is gone.
    pub(super) fn take(&mut self, message: &BorrowedMessage<'_>) -> anyhow::Result<()> {
        let (topic, number, offset) = (message.topic(), message.partition(), message.offset());
        let Some((at, partition)) = self.move_on(topic, number, offset + 1) else {
            return Ok(());
        };
        self.batch.messages += 1;
        self.batch.bytes += message.payload_len();
        Counters::count(&self.counters.messages, 1);
        let Some(value) = message.payload() else {
            let why = Unreadable {
                reason: RejectReason::MissingValue,
                detail: "a message without value".to_owned(),
            };
            return self.refuse(partition, message, why);
        };
        let origin = message.headers().and_then(Origin::of);
        let taken = match origin {
            Some(origin) => self.take_record(at, origin, value)?,
            None => self.take_of_others(partition, value, offset)?,
        };
        match taken {
            Ok(()) => Ok(()),
            Err(why) => self.refuse(partition, message, why),
        }
    }

    /// Passes over what stands before an offset and is not for us: a batch that may hold no rows moves the partition on.
    pub(super) fn pass(&mut self, topic: &str, number: i32, next: i64) {
        self.move_on(topic, number, next);
    }

    /// The batch in the making takes this partition up to an offset. `None` where it is there already, or was let go of while
    /// the message waited; else its place and how it stood.
    fn move_on(&mut self, topic: &str, number: i32, next: i64) -> Option<(usize, Partition)> {
        let mut assigned = self.assigned.iter();
        let at = assigned.position(|one| one.number == number && one.topic == topic)?;
        let partition = self.assigned[at].partition;
        if next <= partition.next_offset {
            return None;
        }
        let moves = &mut self.batch.moves;
        let moved = moves.entry(partition.lineage).or_insert_with(|| Move {
            topic: topic.to_owned(),
            partition: number,
            from: partition.next_offset,
            next,
        });
        moved.next = next;
        self.assigned[at].partition.next_offset = next;
        self.batch.opened.get_or_insert_with(Instant::now);
        Some((at, partition))
    }

    /// Takes a message that no producer of ours sent: it counts once for each time it was sent.
    fn take_of_others(
        &mut self,
        partition: Partition,
        value: &[u8],
        offset: i64,
    ) -> anyhow::Result<Result<(), Unreadable>> {
        if self.foreign.is_some() {
            return self.take_foreign((partition.lineage, partition), value, offset);
        }
        self.begin((partition.lineage, partition), OURS, offset)?;
        Ok(self.batch.take(partition.lineage, partition.lineage, value))
    }

    /// Takes a message in the dialect that was named.
    fn take_foreign(
        &mut self,
        of: (i64, Partition),
        value: &[u8],
        line: i64,
    ) -> anyhow::Result<Result<(), Unreadable>> {
        let Some(mut foreign) = self.foreign.take() else {
            return Ok(Ok(()));
        };
        let begun = self.begin(of, &foreign.dialect, line);
        let lineages = (of.0, of.1.lineage);
        let taken = self.batch.take_foreign(lineages, value, line, &mut foreign);
        self.foreign = Some(foreign);
        begun?;
        Ok(taken)
    }

    /// Takes a record of a stream, unless it was stored before.
    fn take_record(
        &mut self,
        at: usize,
        origin: Origin,
        value: &[u8],
    ) -> anyhow::Result<Result<(), Unreadable>> {
        let stream = self.stream(origin.stream)?;
        let partition = self.assigned[at].partition;
        let high = self.high(at, &stream)?;
        let is_known = origin.record <= high && !Sabotage::NoHighest.is_on();
        if stream.is_retired || is_known {
            Counters::count(&self.counters.known, 1);
            return Ok(Ok(()));
        }
        let of = (stream.lineage, partition);
        let taken = if origin.is_foreign && self.foreign.is_some() {
            self.take_foreign(of, value, origin.record)?
        } else {
            self.begin(of, OURS, origin.record)?;
            self.batch.take(stream.lineage, partition.lineage, value)
        };
        self.assigned[at].highs.insert(origin.stream, origin.record);
        self.batch
            .raise(origin.stream, partition.lineage, origin.record);
        Ok(taken)
    }

    /// Keeps a message that cannot become rows.
    fn refuse(
        &mut self,
        partition: Partition,
        message: &BorrowedMessage<'_>,
        why: Unreadable,
    ) -> anyhow::Result<()> {
        self.begin((partition.lineage, partition), OURS, message.offset())?;
        let letter = DeadLetter {
            topic: message.topic().to_owned(),
            partition: message.partition(),
            offset: message.offset(),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers: message
                .headers()
                .map_or_else(OwnedHeaders::new, rdkafka::message::BorrowedHeaders::detach),
            reason: why.reason,
            detail: why.detail,
        };
        self.batch.refuse(partition.lineage, letter);
        Ok(())
    }

    /// Makes sure that the batch takes rows of this lineage by this partition.
    fn begin(
        &mut self,
        of: (i64, Partition),
        dialect: &str,
        first_record: i64,
    ) -> anyhow::Result<()> {
        if !self.batch.lacks(of.0, of.1) {
            return Ok(());
        }
        if self.numbers.is_empty() && !self.is_stored() {
            self.numbers.push(0);
        }
        if self.numbers.is_empty() {
            let pool = &self.options.pool;
            self.numbers = self.runtime.block_on(async {
                let mut connection = pool.acquire().await?;
                anyhow::Ok(ledger::batch_numbers(&mut connection, NUMBERS).await?)
            })?;
            self.numbers.reverse();
        }
        let number = self
            .numbers
            .pop()
            .context("the server gave no batch numbers")?;
        self.batch.begin(of, number, dialect, first_record);
        Ok(())
    }

    fn is_stored(&self) -> bool {
        matches!(self.target, Target::Tables(..))
    }

    /// One that no table has, for what is not stored.
    fn lineage_of_unknown(&mut self) -> i64 {
        self.unknown -= 1;
        self.unknown
    }

    fn stream(&mut self, name: Uuid) -> anyhow::Result<Stream> {
        if let Some(known) = self.streams.get(&name) {
            return Ok(*known);
        }
        let pool = &self.options.pool;
        let is_stored = self.is_stored();
        let found = self.runtime.block_on(async {
            let mut connection = pool.acquire().await?;
            anyhow::Ok(if is_stored {
                Some(stream::stream(&mut connection, name).await?)
            } else {
                stream::known(&mut connection, name).await?
            })
        })?;
        let stream = found.unwrap_or_else(|| Stream {
            stream: name,
            lineage: self.lineage_of_unknown(),
            from_record: 0,
            is_retired: false,
        });
        self.streams.insert(name, stream);
        Ok(stream)
    }

    /// The highest record of a stream that came by this partition; what is before its first one counts as stored.
    fn high(&mut self, at: usize, stream: &Stream) -> anyhow::Result<i64> {
        let one = &mut self.assigned[at];
        if let Some(known) = one.highs.get(&stream.stream) {
            return Ok(*known);
        }
        let (pool, partition) = (&self.options.pool, one.partition.lineage);
        let stored = self.runtime.block_on(async {
            let mut connection = pool.acquire().await?;
            anyhow::Ok(stream::high(&mut connection, stream.stream, partition).await?)
        })?;
        let high = stored.unwrap_or(stream.from_record - 1);
        one.highs.insert(stream.stream, high);
        Ok(high)
    }

    /// Whether the batch in the making is to be committed now.
    pub(super) fn is_due(&self) -> bool {
        self.is_full()
            || self
                .batch
                .opened
                .is_some_and(|opened| opened.elapsed() >= self.options.linger)
    }

    /// Whether it should not grow.
    pub(super) fn is_full(&self) -> bool {
        self.batch.messages >= self.options.batch_messages || self.batch.bytes >= BATCH_BYTES
    }

    /// How long until the batch in the making is due.
    pub(super) fn time_left(&self) -> Option<Duration> {
        let opened = self.batch.opened?;
        Some(self.options.linger.saturating_sub(opened.elapsed()))
    }

    pub(super) fn is_committing(&self) -> bool {
        self.committing.is_some()
    }

    /// Begins to commit the batch in the making; the one before is over. Where nothing is stored, it is counted.
    pub(super) fn begin_commit(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return;
        }
        let moves = batch.moves.values().cloned().collect();
        let hash = self.options.configuration_hash;
        let Target::Tables(writer, dead) = &self.target else {
            batch.close(hash).count(&self.counters);
            return;
        };
        let (over, result) = oneshot::channel();
        let (pool, writer) = (self.options.pool.clone(), writer.clone());
        let (dead, counters) = (dead.clone(), Arc::clone(&self.counters));
        let stored = Arc::clone(&self.stored);
        self.runtime.spawn(async move {
            // Here, and not in the thread that polls: the next batch is in the making there.
            let closed = batch.close(hash);
            let commit = commit(&pool, &writer, &dead, &counters, &closed);
            let result = match tokio::time::timeout(COMMIT, commit).await {
                Ok(result) => result,
                Err(_) => Err(anyhow::anyhow!(
                    "a commit takes more than {} s",
                    COMMIT.as_secs()
                )),
            };
            if result.is_ok() {
                stored.notify_one();
            }
            // A session that ended does not wait.
            let _ = over.send(result);
        });
        self.committing = Some(Committing { moves, result });
    }

    /// Looks whether the commit is over.
    pub(super) fn look_at_commit(&mut self) {
        let Some(committing) = &mut self.committing else {
            return;
        };
        match committing.result.try_recv() {
            Ok(result) => self.note(result),
            Err(oneshot::error::TryRecvError::Empty) => {}
            Err(oneshot::error::TryRecvError::Closed) => self.note(Err(ended())),
        }
    }

    /// Waits for the commit that is on its way, not longer than this.
    pub(super) fn wait_for_commit(&mut self, patience: Duration) {
        let Some(committing) = &mut self.committing else {
            return;
        };
        let result = &mut committing.result;
        let waited = async { tokio::time::timeout(patience, result).await };
        if let Ok(result) = self.runtime.block_on(waited) {
            self.note(result.unwrap_or_else(|_| Err(ended())));
        }
    }

    /// Commits all that was taken, and waits for it.
    pub(super) fn flush(&mut self) {
        self.finish_commit();
        if self.failed.is_none() {
            self.begin_commit();
            self.finish_commit();
        }
    }

    fn finish_commit(&mut self) {
        if let Some(committing) = &mut self.committing {
            let result = self.runtime.block_on(&mut committing.result);
            self.note(result.unwrap_or_else(|_| Err(ended())));
        }
    }

    fn note(&mut self, result: anyhow::Result<()>) {
        let moves = self.committing.take().map(|committing| committing.moves);
        match result {
            Ok(()) => {
                let moves = moves.unwrap_or_default();
                for moved in &moves {
                    self.counters
                        .moved(&moved.topic, moved.partition, moved.next);
                }
                self.committed.extend(moves);
            }
            Err(error) => self.fail(error),
        }
    }

    /// What was committed since this was asked last.
    pub(super) fn committed(&mut self) -> Vec<Move> {
        std::mem::take(&mut self.committed)
    }
}

fn ended() -> anyhow::Error {
    anyhow::anyhow!("a commit came to an unexpected end")
}
