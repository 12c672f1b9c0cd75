//! Where bytes came from and how far they were read: the tables `source` and `checkpoint`.

use sqlx::{FromRow, PgConnection};

use crate::StoreError;

/// How far a lineage has been read.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct Checkpoint {
    pub lineage: i64,
    /// Length of the beginning that `head_hash` covers, content bytes.
    pub head_length: i32,
    pub head_hash: Vec<u8>,
    pub next_record: i64,
    /// Content bytes read.
    pub next_byte: i64,
    pub next_line: i64,
    /// Hash of the content bytes read; `None` before the first batch.
    pub content_hash: Option<Vec<u8>>,
    /// The hash's inner state, for going on.
    pub hash_state: Option<Vec<u8>>,
    /// Length of the end of what was read that `tail_hash` covers, content bytes.
    pub tail_length: i32,
    pub tail_hash: Option<Vec<u8>>,
    /// The last record had no line end.
    pub unterminated: bool,
    /// How the source is read: container, dialect, formats.
    pub reading: Option<serde_json::Value>,
}

pub(crate) const COLUMNS: &str = "lineage, head_length, head_hash, next_record, next_byte, next_line, content_hash, hash_state, tail_length, \
     tail_hash, unterminated, reading";

/// A path as it was when it was last read.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Source {
    pub source: i64,
    pub lineage: Option<i64>,
    /// [`NOT_READ_TO_ITS_END`] until it is.
    pub size_bytes: i64,
    pub inode: Option<i64>,
    pub device: Option<i64>,
    /// µs since 1970.
    pub modified_us: Option<i64>,
}

/// The size under which a path is remembered that was not read to its end: no file has it.
pub const NOT_READ_TO_ITS_END: i64 = -1;

/// What is known of a path.
pub async fn source_at(
    connection: &mut PgConnection,
    path: &str,
) -> Result<Option<Source>, StoreError> {
    Ok(sqlx::query_as(SOURCE_AT)
        .bind(path)
        .fetch_optional(connection)
        .await?)
}

pub(crate) const SOURCE_AT: &str = "SELECT source, lineage, size_bytes, inode, device, \
     (extract(epoch FROM modified_at) * 1000000)::bigint AS modified_us FROM source WHERE path = $1";

/// Remembers a path; gives its number.
pub async fn remember_source(
    connection: &mut PgConnection,
    path: &str,
    seen: &Source,
) -> Result<i64, StoreError> {
    let (source,): (i64,) = sqlx::query_as(REMEMBER_SOURCE)
        .bind(path)
        .bind(seen.lineage)
        .bind(seen.size_bytes)
        .bind(seen.inode)
        .bind(seen.device)
        .bind(seen.modified_us)
        .fetch_one(connection)
        .await?;
    Ok(source)
}

pub(crate) const REMEMBER_SOURCE: &str = "INSERT INTO source (path, lineage, size_bytes, inode, device, modified_at) \
     VALUES ($1, $2, $3, $4, $5, to_timestamp($6::numeric / 1000000)) \
     ON CONFLICT (path) DO UPDATE SET lineage = EXCLUDED.lineage, size_bytes = EXCLUDED.size_bytes, \
     inode = EXCLUDED.inode, device = EXCLUDED.device, modified_at = EXCLUDED.modified_at, seen_at = now() \
     RETURNING source";

/// The lengths of beginnings that lineages are known by.
pub async fn head_lengths(connection: &mut PgConnection) -> Result<Vec<i32>, StoreError> {
    let rows: Vec<(i32,)> = sqlx::query_as(HEAD_LENGTHS).fetch_all(connection).await?;
    Ok(rows.into_iter().map(|(length,)| length).collect())
}

// Steps from one length to the next in the index instead of reading all of it.
pub(crate) const HEAD_LENGTHS: &str = "WITH RECURSIVE lengths(length) AS ( \
     SELECT min(head_length) FROM checkpoint \
     UNION ALL SELECT (SELECT min(head_length) FROM checkpoint WHERE head_length > length) FROM lengths WHERE length IS NOT NULL) \
     SELECT length FROM lengths WHERE length IS NOT NULL";

/// Lineages that begin with one of these (length, hash).
pub async fn with_heads(
    connection: &mut PgConnection,
    heads: &[(i32, Vec<u8>)],
) -> Result<Vec<Checkpoint>, StoreError> {
    let (lengths, hashes): (Vec<i32>, Vec<Vec<u8>>) = heads.iter().cloned().unzip();
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(with_heads_sql()))
        .bind(lengths)
        .bind(hashes)
        .fetch_all(connection)
        .await?)
}

pub(crate) fn with_heads_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM checkpoint WHERE (head_length, head_hash) IN (SELECT * FROM unnest($1::integer[], $2::bytea[])) \
         ORDER BY next_byte DESC, lineage"
    )
}

pub async fn checkpoint(
    connection: &mut PgConnection,
    lineage: i64,
) -> Result<Option<Checkpoint>, StoreError> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(checkpoint_sql()))
        .bind(lineage)
        .fetch_optional(connection)
        .await?)
}

/// The same for whoever holds the lineage's lock and is about to read on: waits for a transaction that moves it and whose
/// process is gone, so that the lock went free before it was committed.
pub async fn settled_checkpoint(
    connection: &mut PgConnection,
    lineage: i64,
) -> Result<Option<Checkpoint>, StoreError> {
    let statement = checkpoint_sql() + " FOR SHARE";
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .bind(lineage)
        .fetch_optional(connection)
        .await?)
}

pub(crate) fn checkpoint_sql() -> String {
    format!("SELECT {COLUMNS} FROM checkpoint WHERE lineage = $1")
}

/// Opens a lineage of which nothing was read.
pub async fn open_lineage(
    connection: &mut PgConnection,
    head_length: i32,
    head_hash: &[u8],
    reading: &serde_json::Value,
) -> Result<i64, StoreError> {
    let (lineage,): (i64,) = sqlx::query_as(OPEN_LINEAGE)
        .bind(head_length)
        .bind(head_hash)
        .bind(reading)
        .fetch_one(connection)
        .await?;
    Ok(lineage)
}

pub(crate) const OPEN_LINEAGE: &str = "INSERT INTO checkpoint (kind, head_length, head_hash, reading) VALUES ('file', $1, $2, $3) RETURNING lineage";

/// Makes a lineage known by more of its beginning, once more of it is there. The caller holds [`lock_opening`]: whoever
/// decides what a source is knows it either by the shorter or by the longer one.
pub async fn extend_head(
    connection: &mut PgConnection,
    lineage: i64,
    head_length: i32,
    head_hash: &[u8],
) -> Result<(), StoreError> {
    sqlx::query(EXTEND_HEAD)
        .bind(lineage)
        .bind(head_length)
        .bind(head_hash)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const EXTEND_HEAD: &str = "UPDATE checkpoint SET head_length = $2, head_hash = $3 WHERE lineage = $1 AND head_length < $2";

/// The contents that a path had, the newest first.
pub async fn lineages_at(
    connection: &mut PgConnection,
    path: &str,
) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<(i64,)> = sqlx::query_as(LINEAGES_AT)
        .bind(path)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|(lineage,)| lineage).collect())
}

pub(crate) const LINEAGES_AT: &str = "SELECT lineage FROM source WHERE path = $1 AND lineage IS NOT NULL \
     UNION SELECT batch.lineage FROM batch JOIN source USING (source) WHERE path = $1 ORDER BY lineage DESC LIMIT 32";

/// Forgets a lineage of which nothing was stored: all that begins like it would be compared with it. The caller holds its lock.
pub async fn forget_unread(connection: &mut PgConnection, lineage: i64) -> Result<(), StoreError> {
    sqlx::query(FORGET_UNREAD)
        .bind(lineage)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const FORGET_UNREAD: &str =
    "DELETE FROM checkpoint WHERE lineage = $1 AND next_record = 0";

/// Where reading a lineage can go on, after a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Advance {
    pub lineage: i64,
    /// Where the batch began: must be where the checkpoint stands.
    pub from_record: i64,
    pub next_record: i64,
    pub next_byte: i64,
    pub next_line: i64,
    pub content_hash: Vec<u8>,
    pub hash_state: Vec<u8>,
    pub tail_length: i32,
    pub tail_hash: Vec<u8>,
    pub unterminated: bool,
}

/// Moves a checkpoint inside of the transaction of the rows.
///
/// # Errors
/// [`StoreError::Overtaken`] when it does not stand where the batch began: roll back.
pub async fn advance(connection: &mut PgConnection, to: &Advance) -> Result<(), StoreError> {
    let done = sqlx::query(ADVANCE)
        .bind(to.lineage)
        .bind(to.from_record)
        .bind(to.next_record)
        .bind(to.next_byte)
        .bind(to.next_line)
        .bind(&to.content_hash)
        .bind(&to.hash_state)
        .bind(to.tail_length)
        .bind(&to.tail_hash)
        .bind(to.unterminated)
        .execute(connection)
        .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::Overtaken {
            next_record: to.from_record,
        })
    }
}

pub(crate) const ADVANCE: &str = "UPDATE checkpoint SET next_record = $3, next_byte = $4, next_line = $5, content_hash = $6, \
     hash_state = $7, tail_length = $8, tail_hash = $9, unterminated = $10 WHERE lineage = $1 AND next_record = $2";

/// Which numbers of advisory locks mean lineages: "line" in ASCII, in the upper half.
pub(crate) const LINEAGE_LOCKS: i64 = 0x6c69_6e65 << 32;
/// The lock under which lineages are opened.
const OPENING_LOCK: i64 = 0x6f70_656e;
/// The lock under which partitions and streams are opened.
const PARTITIONS_LOCK: i64 = 0x7061_7274;

/// Waits until no other process decides what a source is.
pub async fn lock_opening(connection: &mut PgConnection) -> Result<(), StoreError> {
    lock(connection, OPENING_LOCK).await
}

pub async fn unlock_opening(connection: &mut PgConnection) -> Result<(), StoreError> {
    unlock(connection, OPENING_LOCK).await
}

/// Waits until no other process opens partitions and streams; holds it to the end of the transaction.
pub(crate) async fn lock_partitions(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(PARTITIONS_LOCK)
        .execute(connection)
        .await?;
    Ok(())
}

/// Waits until no other process reads this lineage; holds it until [`unlock_lineage`] or the end of the connection.
pub async fn lock_lineage(connection: &mut PgConnection, lineage: i64) -> Result<(), StoreError> {
    lock(connection, LINEAGE_LOCKS ^ lineage).await
}

pub async fn unlock_lineage(connection: &mut PgConnection, lineage: i64) -> Result<(), StoreError> {
    unlock(connection, LINEAGE_LOCKS ^ lineage).await
}

async fn lock(connection: &mut PgConnection, number: i64) -> Result<(), StoreError> {
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(number)
        .execute(connection)
        .await?;
    Ok(())
}

async fn unlock(connection: &mut PgConnection, number: i64) -> Result<(), StoreError> {
    sqlx::query("SELECT pg_advisory_unlock($1)")
        .bind(number)
        .execute(connection)
        .await?;
    Ok(())
}
