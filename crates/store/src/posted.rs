//! What is posted over HTTP: ways of posting with their counts of records, and the keys under which something was posted.
//!
//! Nobody posts from a place to go on from, so that a checkpoint only counts; what makes a repeat harmless is its key, which is
//! kept in the transaction of its rows.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::StoreError;
use crate::stream;

/// A way of posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    pub source: i64,
    pub lineage: i64,
}

/// The way of posting that is called so among the sources: `http:lineage`, `http:logs`.
pub async fn way(connection: &mut PgConnection, path: &str) -> Result<Way, StoreError> {
    let (source, lineage) = stream::opened(connection, path, "http").await?;
    Ok(Way { source, lineage })
}

/// Something that was posted under a key.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct Known {
    pub key: Uuid,
    pub content: Uuid,
    pub receipt: Value,
}

/// Those of these keys under which something was posted.
pub async fn known(connection: &mut PgConnection, keys: &[Uuid]) -> Result<Vec<Known>, StoreError> {
    Ok(sqlx::query_as(KNOWN)
        .bind(keys)
        .fetch_all(connection)
        .await?)
}

pub(crate) const KNOWN: &str = "SELECT key, content, receipt FROM posted WHERE key = ANY ($1)";

/// Something that is posted under a key, with the batch that holds its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub key: Uuid,
    pub content: Uuid,
    pub batch: i64,
    pub receipt: Value,
}

/// Keeps keys in the transaction of their rows; says whether all were new. Waits for others that are keeping one of them.
/// Where it is `false`, roll back.
pub async fn keep(connection: &mut PgConnection, kept: &[Kept]) -> Result<bool, StoreError> {
    if kept.is_empty() {
        return Ok(true);
    }
    let keys: Vec<Uuid> = kept.iter().map(|one| one.key).collect();
    let contents: Vec<Uuid> = kept.iter().map(|one| one.content).collect();
    let batches: Vec<i64> = kept.iter().map(|one| one.batch).collect();
    let receipts: Vec<&Value> = kept.iter().map(|one| &one.receipt).collect();
    let done = sqlx::query(KEEP)
        .bind(keys)
        .bind(contents)
        .bind(batches)
        .bind(receipts)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == kept.len() as u64)
}

// In one order, so that no two wait for each other.
pub(crate) const KEEP: &str = "INSERT INTO posted (key, content, batch, receipt) \
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::jsonb[]) AS posted(key, content, batch, receipt) ORDER BY key \
     ON CONFLICT (key) DO NOTHING";

/// Counts records that are posted, in the transaction of their rows; gives the number of the first of them. Others that post in
/// this way wait until the end of the transaction: count last.
pub async fn count(
    connection: &mut PgConnection,
    lineage: i64,
    records: i64,
) -> Result<i64, StoreError> {
    let (first,): (i64,) = sqlx::query_as(COUNT)
        .bind(lineage)
        .bind(records)
        .fetch_one(connection)
        .await?;
    Ok(first)
}

pub(crate) const COUNT: &str = "UPDATE checkpoint SET next_record = next_record + $2 WHERE lineage = $1 RETURNING next_record - $2";

/// Forgets keys after seven days; gives how many.
pub async fn forget_old(connection: &mut PgConnection) -> Result<u64, StoreError> {
    Ok(sqlx::query(FORGET_OLD)
        .execute(connection)
        .await?
        .rows_affected())
}

pub(crate) const FORGET_OLD: &str =
    "DELETE FROM posted WHERE received_at < now() - interval '7 days'";
