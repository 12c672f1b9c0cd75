//! What goes through Kafka: partitions with their offsets, streams (lineages that come as messages) with their highest records.
//!
//! A partition's offset moves by compare-and-set in the transaction of its rows, like every checkpoint. All that is known of
//! a stream in a partition changes only in transactions that move this partition, so it needs no lock of its own.

use sqlx::{Connection, FromRow, PgConnection};
use uuid::Uuid;

use crate::StoreError;
use crate::checkpoint::{self, Source};

/// A partition of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    pub source: i64,
    pub lineage: i64,
    /// The offset of the next message to be stored.
    pub next_offset: i64,
}

/// What a partition is called among the sources: `kafka:CLUSTER/TOPIC/PARTITION`.
pub fn partition_path(cluster: &str, topic: &str, partition: i32) -> String {
    format!("kafka:{cluster}/{topic}/{partition}")
}

/// The partition of this path; new ones begin at offset 0.
pub async fn partition(connection: &mut PgConnection, path: &str) -> Result<Partition, StoreError> {
    let (source, lineage) = opened(connection, path, "kafka").await?;
    Ok(Partition {
        source,
        lineage,
        next_offset: next_offset(connection, lineage).await?,
    })
}

/// The source of this path that is no file, and its lineage; a new one is opened.
pub(crate) async fn opened(
    connection: &mut PgConnection,
    path: &str,
    kind: &str,
) -> Result<(i64, i64), StoreError> {
    let mut transaction = connection.begin().await?;
    checkpoint::lock_partitions(&mut transaction).await?;
    let known = checkpoint::source_at(&mut transaction, path).await?;
    let found = match known.and_then(|known| Some((known.source, known.lineage?))) {
        Some(found) => found,
        None => {
            let lineage = open(&mut transaction, kind).await?;
            let seen = Source {
                source: 0,
                lineage: Some(lineage),
                size_bytes: 0,
                inode: None,
                device: None,
                modified_us: None,
            };
            let source = checkpoint::remember_source(&mut transaction, path, &seen).await?;
            (source, lineage)
        }
    };
    transaction.commit().await?;
    Ok(found)
}

/// The partition of this path, where it is known.
pub async fn known_partition(
    connection: &mut PgConnection,
    path: &str,
) -> Result<Option<Partition>, StoreError> {
    let known = checkpoint::source_at(connection, path).await?;
    let Some((source, lineage)) = known.and_then(|known| Some((known.source, known.lineage?)))
    else {
        return Ok(None);
    };
    Ok(Some(Partition {
        source,
        lineage,
        next_offset: next_offset(connection, lineage).await?,
    }))
}

/// Where those of these partitions stand that are known, by path.
pub async fn next_offsets(
    connection: &mut PgConnection,
    paths: &[&str],
) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(sqlx::query_as(NEXT_OFFSETS)
        .bind(paths)
        .fetch_all(connection)
        .await?)
}

pub(crate) const NEXT_OFFSETS: &str =
    "SELECT path, next_record FROM source JOIN checkpoint USING (lineage) WHERE path = ANY ($1)";

/// Where a partition stands.
pub async fn next_offset(connection: &mut PgConnection, lineage: i64) -> Result<i64, StoreError> {
    let (next_offset,): (i64,) = sqlx::query_as(NEXT_OFFSET)
        .bind(lineage)
        .fetch_one(connection)
        .await?;
    Ok(next_offset)
}

pub(crate) const NEXT_OFFSET: &str = "SELECT next_record FROM checkpoint WHERE lineage = $1";

/// Opens a lineage that is no file: no beginning of content finds it.
async fn open(connection: &mut PgConnection, kind: &str) -> Result<i64, StoreError> {
    let (lineage,): (i64,) = sqlx::query_as(OPEN)
        .bind(kind)
        .fetch_one(connection)
        .await?;
    Ok(lineage)
}

pub(crate) const OPEN: &str =
    "INSERT INTO checkpoint (kind, head_length, head_hash) VALUES ($1, -1, '') RETURNING lineage";

/// Moves a partition inside of the transaction of its rows.
///
/// # Errors
/// [`StoreError::Overtaken`] when it does not stand at `from`: somebody else has it; roll back.
pub async fn advance(
    connection: &mut PgConnection,
    lineage: i64,
    from: i64,
    next: i64,
) -> Result<(), StoreError> {
    let done = sqlx::query(ADVANCE)
        .bind(lineage)
        .bind(from)
        .bind(next)
        .execute(connection)
        .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::Overtaken { next_record: from })
    }
}

pub(crate) const ADVANCE: &str =
    "UPDATE checkpoint SET next_record = $3 WHERE lineage = $1 AND next_record = $2";

/// Moves the partition of this path over offsets that hold nothing to be stored.
///
/// # Errors
/// [`StoreError::Overtaken`] when it does not stand at `from`.
pub async fn pass(
    connection: &mut PgConnection,
    path: &str,
    from: i64,
    next: i64,
) -> Result<(), StoreError> {
    let known = checkpoint::source_at(connection, path).await?;
    let lineage = known.and_then(|known| known.lineage);
    let lineage = lineage.ok_or(StoreError::Overtaken { next_record: from })?;
    advance(connection, lineage, from, next).await
}

/// A lineage that comes as messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct Stream {
    pub stream: Uuid,
    pub lineage: i64,
    /// The first record that was sent.
    pub from_record: i64,
    /// It was taken back: what still comes of it is dropped.
    pub is_retired: bool,
}

/// The stream of a lineage, if it has one.
pub async fn of_lineage(
    connection: &mut PgConnection,
    lineage: i64,
) -> Result<Option<Stream>, StoreError> {
    Ok(sqlx::query_as(OF_LINEAGE)
        .bind(lineage)
        .fetch_optional(connection)
        .await?)
}

pub(crate) const OF_LINEAGE: &str = "SELECT stream, lineage, from_record, false AS is_retired FROM stream WHERE lineage = $1 AND retired_at IS NULL";

/// Whether a producer sends what stands at this path.
pub async fn is_sent(connection: &mut PgConnection, path: &str) -> Result<bool, StoreError> {
    let (is_sent,): (bool,) = sqlx::query_as(IS_SENT)
        .bind(path)
        .fetch_one(connection)
        .await?;
    Ok(is_sent)
}

pub(crate) const IS_SENT: &str = "SELECT EXISTS (SELECT FROM stream JOIN source USING (lineage) WHERE path = $1 AND retired_at IS NULL)";

/// Makes a lineage a stream from this record on: nobody but the producer reads it any more. The caller holds the lineage's lock.
pub async fn claim(
    connection: &mut PgConnection,
    lineage: i64,
    from_record: i64,
) -> Result<Stream, StoreError> {
    Ok(sqlx::query_as(CLAIM)
        .bind(lineage)
        .bind(from_record)
        .fetch_one(connection)
        .await?)
}

pub(crate) const CLAIM: &str = "INSERT INTO stream (stream, lineage, from_record, is_ours) VALUES (gen_random_uuid(), $1, $2, true) \
     RETURNING stream, lineage, from_record, false AS is_retired";

/// Where a stream is sent.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Place {
    /// The id of the cluster, which its brokers tell.
    pub cluster: String,
    pub topic_log: String,
    pub topic_error: String,
}

/// Where a stream is sent: `wanted`, unless it was sent elsewhere before. The caller holds the lineage's lock.
pub async fn place(
    connection: &mut PgConnection,
    stream: Uuid,
    wanted: &Place,
) -> Result<Place, StoreError> {
    sqlx::query(SETTLE)
        .bind(stream)
        .bind(&wanted.cluster)
        .bind(&wanted.topic_log)
        .bind(&wanted.topic_error)
        .execute(&mut *connection)
        .await?;
    Ok(sqlx::query_as(PLACE)
        .bind(stream)
        .fetch_one(connection)
        .await?)
}

pub(crate) const SETTLE: &str = "UPDATE stream SET cluster = $2, topic_log = $3, topic_error = $4 WHERE stream = $1 AND cluster IS NULL";

pub(crate) const PLACE: &str =
    "SELECT cluster, topic_log, topic_error FROM stream WHERE stream = $1";

/// Counts messages that the broker has taken, in the transaction that moves the checkpoint.
pub async fn count_messages(
    connection: &mut PgConnection,
    stream: Uuid,
    messages: i64,
) -> Result<(), StoreError> {
    sqlx::query(COUNT_MESSAGES)
        .bind(stream)
        .bind(messages)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const COUNT_MESSAGES: &str =
    "UPDATE stream SET messages = messages + $2 WHERE stream = $1";

/// A stream by its name in messages; one that is not known comes from a producer with another database.
pub async fn stream(connection: &mut PgConnection, name: Uuid) -> Result<Stream, StoreError> {
    if let Some(known) = known(connection, name).await? {
        return Ok(known);
    }
    let mut transaction = connection.begin().await?;
    checkpoint::lock_partitions(&mut transaction).await?;
    let stream = match known(&mut transaction, name).await? {
        Some(known) => known,
        None => {
            let lineage = open(&mut transaction, "stream").await?;
            sqlx::query_as(RECEIVE)
                .bind(name)
                .bind(lineage)
                .fetch_one(&mut *transaction)
                .await?
        }
    };
    transaction.commit().await?;
    Ok(stream)
}

/// A stream by its name in messages, where it is known.
pub async fn known(
    connection: &mut PgConnection,
    name: Uuid,
) -> Result<Option<Stream>, StoreError> {
    Ok(sqlx::query_as(KNOWN)
        .bind(name)
        .fetch_optional(connection)
        .await?)
}

pub(crate) const KNOWN: &str = "SELECT stream, lineage, from_record, retired_at IS NOT NULL AS is_retired FROM stream WHERE stream = $1";

pub(crate) const RECEIVE: &str = "INSERT INTO stream (stream, lineage, from_record, is_ours) VALUES ($1, $2, 0, false) \
     RETURNING stream, lineage, from_record, false AS is_retired";

/// The highest record of a stream that was stored from a partition; `None` where none was.
pub async fn high(
    connection: &mut PgConnection,
    stream: Uuid,
    partition: i64,
) -> Result<Option<i64>, StoreError> {
    let found: Option<(i64,)> = sqlx::query_as(HIGH)
        .bind(stream)
        .bind(partition)
        .fetch_optional(connection)
        .await?;
    Ok(found.map(|(record,)| record))
}

pub(crate) const HIGH: &str = "SELECT record FROM stream_high WHERE stream = $1 AND partition = $2";

/// A highest record to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct High {
    pub stream: Uuid,
    pub partition: i64,
    pub record: i64,
}

/// Keeps highest records, in the transaction that moves their partitions.
pub async fn keep_highs(connection: &mut PgConnection, highs: &[High]) -> Result<(), StoreError> {
    let streams: Vec<Uuid> = highs.iter().map(|high| high.stream).collect();
    let partitions: Vec<i64> = highs.iter().map(|high| high.partition).collect();
    let records: Vec<i64> = highs.iter().map(|high| high.record).collect();
    sqlx::query(KEEP_HIGHS)
        .bind(streams)
        .bind(partitions)
        .bind(records)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const KEEP_HIGHS: &str = "INSERT INTO stream_high (stream, partition, record) \
     SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) \
     ON CONFLICT (stream, partition) DO UPDATE SET record = EXCLUDED.record";

/// Those of these lineages that somebody else sends (partitions, streams of another database), and those that a producer with this
/// database sends.
pub async fn through_kafka(
    connection: &mut PgConnection,
    lineages: &[i64],
) -> Result<(Vec<i64>, Vec<i64>), StoreError> {
    let rows: Vec<(i64, bool)> = sqlx::query_as(THROUGH_KAFKA)
        .bind(lineages)
        .fetch_all(connection)
        .await?;
    let of = |wanted: bool| {
        let rows = rows
            .iter()
            .filter(move |(_, is_of_others)| *is_of_others == wanted);
        rows.map(|(lineage, _)| *lineage).collect()
    };
    Ok((of(true), of(false)))
}

pub(crate) const THROUGH_KAFKA: &str = "SELECT lineage, kind <> 'file' FROM checkpoint WHERE lineage = ANY ($1) \
     AND (kind <> 'file' OR EXISTS (SELECT FROM stream WHERE stream.lineage = checkpoint.lineage AND retired_at IS NULL))";

/// Takes the streams of these lineages back: what still comes of them is dropped, and a producer that sends them again
/// sends new ones.
pub async fn retire(connection: &mut PgConnection, lineages: &[i64]) -> Result<(), StoreError> {
    sqlx::query(RETIRE)
        .bind(lineages)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const RETIRE: &str =
    "UPDATE stream SET retired_at = now() WHERE lineage = ANY ($1) AND retired_at IS NULL";

/// Makes sure that none of these streams is taken back before the end of the transaction.
///
/// # Errors
/// [`StoreError::Overtaken`] when one was: roll back.
pub async fn hold(connection: &mut PgConnection, streams: &[Uuid]) -> Result<(), StoreError> {
    let held: Vec<(bool,)> = sqlx::query_as(HOLD)
        .bind(streams)
        .fetch_all(connection)
        .await?;
    if held.iter().any(|(is_retired,)| *is_retired) {
        return Err(StoreError::Overtaken { next_record: 0 });
    }
    Ok(())
}

pub(crate) const HOLD: &str =
    "SELECT retired_at IS NOT NULL FROM stream WHERE stream = ANY ($1) ORDER BY stream FOR SHARE";
