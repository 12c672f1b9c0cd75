//! What was read, batch by batch, and what could not become rows: for people. Reads only.

use sqlx::{FromRow, PgConnection};

use crate::StoreError;

/// A path that was read, with what came of it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Source {
    pub source: i64,
    pub path: String,
    /// The id under which it was uploaded, and what it was called where it came from.
    pub upload: Option<String>,
    pub name: Option<String>,
    /// The content that stands there; `None` where it is no log, or was taken back.
    pub lineage: Option<i64>,
    pub size_bytes: i64,
    /// Microseconds since 1970, like all moments here.
    pub modified_us: Option<i64>,
    pub seen_us: i64,
    /// Of the newest batch; `None` for what gave no batch.
    pub dialect: Option<String>,
    pub committed_us: Option<i64>,
    pub batches: i64,
    pub records: i64,
    pub rows_log: i64,
    pub rows_error: i64,
    pub rejects: i64,
    pub silent: i64,
}

/// The source with this number.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn source(
    connection: &mut PgConnection,
    source: i64,
) -> Result<Option<Source>, StoreError> {
    let Some(behind) = source.checked_add(1) else {
        return Ok(None);
    };
    let found = sources(connection, Some(behind), 1).await?;
    Ok(found.into_iter().find(|found| found.source == source))
}

/// Lineages of which this source brought rows, or whose content it has.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn lineages(connection: &mut PgConnection, source: i64) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar(LINEAGES)
        .bind(source)
        .fetch_all(connection)
        .await?)
}

pub(crate) const LINEAGES: &str = "SELECT lineage FROM source WHERE source = $1 AND lineage IS NOT NULL \
     UNION SELECT lineage FROM batch WHERE source = $1 ORDER BY lineage";

/// Other paths with the content of this one.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn other_paths(
    connection: &mut PgConnection,
    source: i64,
) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(OTHER_PATHS)
        .bind(source)
        .fetch_all(connection)
        .await?)
}

pub(crate) const OTHER_PATHS: &str = "SELECT other.path FROM source JOIN source AS other USING (lineage) \
     WHERE source.source = $1 AND other.source <> $1 ORDER BY other.path LIMIT 20";

/// The sources before this number, the newest first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn sources(
    connection: &mut PgConnection,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Source>, StoreError> {
    Ok(sqlx::query_as(SOURCES)
        .bind(before)
        .bind(limit)
        .fetch_all(connection)
        .await?)
}

pub(crate) const SOURCES: &str = "WITH asked AS MATERIALIZED (SELECT * FROM source WHERE $1::bigint IS NULL OR source < $1 \
     ORDER BY source DESC LIMIT $2) \
     SELECT asked.source, asked.path, upload.upload, upload.name, asked.lineage, asked.size_bytes, (extract(epoch FROM modified_at) * 1000000)::bigint AS modified_us, \
     (extract(epoch FROM seen_at) * 1000000)::bigint AS seen_us, of.dialect, of.committed_us, coalesce(of.batches, 0) AS batches, \
     coalesce(of.records, 0) AS records, coalesce(of.rows_log, 0) AS rows_log, coalesce(of.rows_error, 0) AS rows_error, \
     coalesce(of.rejects, 0) AS rejects, coalesce(of.silent, 0) AS silent FROM asked LEFT JOIN upload ON upload.path = asked.path \
     LEFT JOIN (SELECT source, (array_agg(dialect ORDER BY batch DESC))[1] AS dialect, \
     (extract(epoch FROM max(committed_at)) * 1000000)::bigint AS committed_us, count(*) AS batches, sum(records)::bigint AS records, \
     sum(rows_log)::bigint AS rows_log, sum(rows_error)::bigint AS rows_error, sum(rejects)::bigint AS rejects, \
     sum(silent)::bigint AS silent FROM batch WHERE source IN (SELECT source FROM asked) GROUP BY source) AS of ON of.source = asked.source \
     ORDER BY asked.source DESC";

/// One transaction that stored rows.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Batch {
    pub batch: i64,
    pub source: i64,
    pub path: Option<String>,
    pub dialect: String,
    pub zone: String,
    pub first_record: i64,
    pub first_line: i64,
    pub records: i64,
    pub records_with_rows: i64,
    pub rows_log: i64,
    pub rows_error: i64,
    pub rejects: i64,
    pub silent: i64,
    pub fused: bool,
    pub committed_us: i64,
}

/// The batches before this number, of this source where one is named, the newest first.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn batches(
    connection: &mut PgConnection,
    source: Option<i64>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Batch>, StoreError> {
    Ok(sqlx::query_as(BATCHES)
        .bind(source)
        .bind(before)
        .bind(limit)
        .fetch_all(connection)
        .await?)
}

pub(crate) const BATCHES: &str = "SELECT batch, batch.source, path, dialect, zone, first_record, first_line, records, records_with_rows, \
     rows_log, rows_error, rejects, silent, fused, (extract(epoch FROM committed_at) * 1000000)::bigint AS committed_us \
     FROM batch LEFT JOIN source ON source.source = batch.source \
     WHERE ($1::bigint IS NULL OR batch.source = $1) AND ($2::bigint IS NULL OR batch < $2) ORDER BY batch DESC LIMIT $3";

/// A record that could not become a row.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Rejected {
    pub line: i64,
    /// Which of its line.
    pub number: i64,
    pub column_name: Option<String>,
    pub reason: String,
    pub detail: String,
    /// Redacted.
    pub raw: String,
}

/// The rejects of a batch behind this place, a line and which one of it, in order; `None` where there is no such batch.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn rejects(
    connection: &mut PgConnection,
    batch: i64,
    behind: Option<(i64, i64)>,
    limit: i64,
) -> Result<Option<Vec<Rejected>>, StoreError> {
    let is_there: bool = sqlx::query_scalar(IS_THERE)
        .bind(batch)
        .fetch_one(&mut *connection)
        .await?;
    if !is_there {
        return Ok(None);
    }
    let (line, number) = behind.unwrap_or((i64::MIN, 0));
    let rejects = sqlx::query_as(REJECTS)
        .bind(batch)
        .bind(line)
        .bind(number)
        .bind(limit)
        .fetch_all(connection)
        .await?;
    Ok(Some(rejects))
}

pub(crate) const IS_THERE: &str = "SELECT EXISTS (SELECT FROM batch WHERE batch = $1)";

pub(crate) const REJECTS: &str = "SELECT * FROM (SELECT line, row_number() OVER (PARTITION BY line ORDER BY reason, column_name, detail, raw) \
     AS number, column_name, reason, detail, raw FROM reject WHERE batch = $1) AS rejected \
     WHERE (line, number) > ($2, $3) ORDER BY line, number LIMIT $4";
