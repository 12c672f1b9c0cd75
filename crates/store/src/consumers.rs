//! What consumers of Kafka say about themselves, and how far they are behind. Written beside their batches, never inside of them.

use sqlx::{Connection, FromRow, PgConnection};
use uuid::Uuid;

use crate::StoreError;

/// A process that stores what comes through Kafka. Numbers are those since it started.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Consumer {
    /// Drawn at its start.
    pub consumer: Uuid,
    pub group_name: String,
    pub host: String,
    pub pid: i32,
    pub version: String,
    /// Microseconds since 1970.
    pub started_us: i64,
    /// When its line was last written.
    pub seen_us: i64,
    pub messages: i64,
    /// Messages whose record was stored before.
    pub known: i64,
    pub rows_log: i64,
    pub rows_error: i64,
    pub rejects: i64,
    pub batches: i64,
    /// What the transactions of the batches took in all.
    pub commit_ms: i64,
    pub rebalances: i64,
    /// In English.
    pub last_error: Option<String>,
    /// It ended as it should.
    pub is_over: bool,
}

/// How far a group is behind in a partition.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Lag {
    pub group_name: String,
    pub topic: String,
    pub number: i32,
    /// Messages that are not stored.
    pub messages: i64,
}

/// Where a partition ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The lineage of the partition.
    pub partition: i64,
    pub topic: String,
    pub number: i32,
    pub end_offset: i64,
    /// It is another's now, or nobody's.
    pub is_left: bool,
}

/// All whose lines are still there.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn consumers(connection: &mut PgConnection) -> Result<Vec<Consumer>, StoreError> {
    Ok(sqlx::query_as(CONSUMERS).fetch_all(connection).await?)
}

pub(crate) const CONSUMERS: &str = "SELECT consumer, group_name, host, pid, version, \
     (extract(epoch FROM started_at) * 1000000)::bigint AS started_us, (extract(epoch FROM seen_at) * 1000000)::bigint AS seen_us, \
     messages, known, rows_log, rows_error, rejects, batches, commit_ms, rebalances, last_error, \
     ended_at IS NOT NULL AS is_over FROM consumer ORDER BY group_name, started_at, consumer";

/// How far partitions are behind that a consumer had. A commit may be newer than the end that was seen.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn lags(connection: &mut PgConnection) -> Result<Vec<Lag>, StoreError> {
    Ok(sqlx::query_as(LAGS).fetch_all(connection).await?)
}

pub(crate) const LAGS: &str = "SELECT group_name, topic, number, greatest(end_offset - next_record, 0) AS messages \
     FROM consumer_partition JOIN consumer USING (consumer) JOIN checkpoint ON lineage = partition ORDER BY group_name, topic, number";

/// A partition, what is stored of it, and how far its consumer is behind.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct Partition {
    pub topic: String,
    pub number: i32,
    pub group_name: String,
    /// The consumer that had it last.
    pub consumer: Uuid,
    /// The offset of the next message to store, and of the next one that comes, as the consumer last saw it.
    pub next_offset: i64,
    pub end_offset: i64,
    pub messages_behind: i64,
    /// Since something was stored last, or since it was first read; 0 where nothing waits.
    pub seconds_behind: i64,
    /// Microseconds since 1970, like all moments here: when its end was seen, and when something of it was stored.
    pub seen_us: i64,
    pub stored_us: Option<i64>,
    pub batches: i64,
    pub records: i64,
    pub rows_log: i64,
    pub rows_error: i64,
    pub rejects: i64,
}

/// All partitions that a consumer had, by topic and number.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn partitions(connection: &mut PgConnection) -> Result<Vec<Partition>, StoreError> {
    Ok(sqlx::query_as(PARTITIONS).fetch_all(connection).await?)
}

pub(crate) const PARTITIONS: &str = "SELECT known.topic, known.number, consumer.group_name, known.consumer, checkpoint.next_record AS next_offset, \
     known.end_offset, greatest(known.end_offset - checkpoint.next_record, 0) AS messages_behind, \
     CASE WHEN known.end_offset > checkpoint.next_record \
     THEN greatest(extract(epoch FROM now() - coalesce(stored.at, checkpoint.opened_at)), 0)::bigint ELSE 0 END AS seconds_behind, \
     (extract(epoch FROM known.seen_at) * 1000000)::bigint AS seen_us, (extract(epoch FROM stored.at) * 1000000)::bigint AS stored_us, \
     stored.batches, stored.records, stored.rows_log, stored.rows_error, stored.rejects FROM consumer_partition AS known \
     JOIN consumer USING (consumer) JOIN checkpoint ON checkpoint.lineage = known.partition \
     CROSS JOIN LATERAL (SELECT max(committed_at) AS at, count(*) AS batches, coalesce(sum(records), 0)::bigint AS records, \
     coalesce(sum(rows_log), 0)::bigint AS rows_log, coalesce(sum(rows_error), 0)::bigint AS rows_error, \
     coalesce(sum(rejects), 0)::bigint AS rejects FROM batch WHERE batch.lineage = known.partition) AS stored \
     ORDER BY known.topic, known.number, consumer.group_name";

/// Writes the line of a consumer, and where its partitions end.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn write(
    connection: &mut PgConnection,
    line: &Consumer,
    seen: &[Seen],
) -> Result<(), StoreError> {
    let mut transaction = connection.begin().await?;
    sqlx::query(WRITE)
        .bind(line.consumer)
        .bind(&line.group_name)
        .bind(&line.host)
        .bind(line.pid)
        .bind(&line.version)
        .bind(line.started_us)
        .bind(line.is_over)
        .bind(line.messages)
        .bind(line.known)
        .bind(line.rows_log)
        .bind(line.rows_error)
        .bind(line.rejects)
        .bind(line.batches)
        .bind(line.commit_ms)
        .bind(line.rebalances)
        .bind(&line.last_error)
        .execute(&mut *transaction)
        .await?;
    let partitions: Vec<i64> = seen.iter().map(|one| one.partition).collect();
    let topics: Vec<&str> = seen.iter().map(|one| one.topic.as_str()).collect();
    let numbers: Vec<i32> = seen.iter().map(|one| one.number).collect();
    let ends: Vec<i64> = seen.iter().map(|one| one.end_offset).collect();
    let are_left: Vec<bool> = seen.iter().map(|one| one.is_left).collect();
    sqlx::query(WRITE_ENDS)
        .bind(line.consumer)
        .bind(partitions)
        .bind(topics)
        .bind(numbers)
        .bind(ends)
        .bind(are_left)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

pub(crate) const WRITE: &str = "INSERT INTO consumer (consumer, group_name, host, pid, version, started_at, ended_at, messages, \
     known, rows_log, rows_error, rejects, batches, commit_ms, rebalances, last_error) \
     VALUES ($1, $2, $3, $4, $5, to_timestamp($6::bigint / 1000000.0), CASE WHEN $7 THEN now() END, $8, $9, $10, $11, $12, $13, $14, \
     $15, $16) ON CONFLICT (consumer) DO UPDATE SET seen_at = now(), ended_at = EXCLUDED.ended_at, messages = EXCLUDED.messages, \
     known = EXCLUDED.known, rows_log = EXCLUDED.rows_log, rows_error = EXCLUDED.rows_error, rejects = EXCLUDED.rejects, \
     batches = EXCLUDED.batches, commit_ms = EXCLUDED.commit_ms, rebalances = EXCLUDED.rebalances, last_error = EXCLUDED.last_error";

/// What another consumer has said meanwhile of a partition that was left stays. Two may have one after the other: all lock in one
/// order.
pub(crate) const WRITE_ENDS: &str = "INSERT INTO consumer_partition (consumer, partition, topic, number, end_offset) \
     SELECT $1, partition, topic, number, end_offset \
     FROM unnest($2::bigint[], $3::text[], $4::int[], $5::bigint[], $6::bool[]) AS seen (partition, topic, number, end_offset, is_left) \
     WHERE NOT is_left OR NOT EXISTS (SELECT FROM consumer_partition AS known WHERE known.partition = seen.partition AND consumer <> $1) \
     ORDER BY partition ON CONFLICT (partition) DO UPDATE SET consumer = EXCLUDED.consumer, topic = EXCLUDED.topic, \
     number = EXCLUDED.number, end_offset = EXCLUDED.end_offset, seen_at = now()";

/// Removes old lines: of those that ended after ten minutes, so that their last numbers are seen, of those that were killed after a day.
/// The newest of a group stays, whatever became of it, and whoever had a partition last.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn forget_old(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query(FORGET_OLD).execute(connection).await?;
    Ok(())
}

pub(crate) const FORGET_OLD: &str = "DELETE FROM consumer WHERE (ended_at < now() - interval '10 minutes' \
     OR seen_at < now() - interval '1 day') AND EXISTS (SELECT FROM consumer AS newer \
     WHERE newer.group_name = consumer.group_name AND newer.seen_at > consumer.seen_at) \
     AND NOT EXISTS (SELECT FROM consumer_partition WHERE consumer_partition.consumer = consumer.consumer)";
