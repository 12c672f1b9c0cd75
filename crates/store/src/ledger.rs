//! Batches: rows, rejects and their ledger line, written in one transaction by whoever calls.

use futures_util::TryStreamExt;
use sqlx::PgConnection;

use crate::StoreError;
use crate::copy::{
    Columns, ERROR_COLUMNS, HEADER, LOG_COLUMNS, Layout, Named, TRAILER, TupleReader,
};
use crate::partitions::Month;

/// The line of the ledger that a batch writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct LedgerLine {
    pub batch: i64,
    pub source: i64,
    pub lineage: i64,
    pub dialect: String,
    pub zone: String,
    pub configuration_hash: i64,
    pub first_record: i64,
    pub first_line: i64,
    pub records: i64,
    pub records_with_rows: i64,
    pub rows_log: i64,
    pub rows_error: i64,
    pub rejects: i64,
    pub silent: i64,
    /// Wrapping sums of the hashes of the tuples.
    pub log_checksum: i64,
    pub error_checksum: i64,
    pub reject_checksum: i64,
}

/// The columns of a tuple of `reject`, in order.
pub const REJECT_COLUMNS: &str = "batch, line, column_name, reason, detail, raw";

/// Encoded rows on their way into the tables.
#[derive(Clone, Debug, Default)]
pub struct EncodedRows {
    /// Tuples of `log`, by month.
    pub log: Vec<(Month, Vec<u8>)>,
    /// Tuples of `logerreur`, by month.
    pub errors: Vec<(Month, Vec<u8>)>,
    /// Tuples of `reject`.
    pub rejects: Vec<u8>,
}

impl EncodedRows {
    /// The months whose partitions the rows need.
    pub fn months(&self) -> impl Iterator<Item = Month> {
        let tuples = self.log.iter().chain(&self.errors);
        tuples.map(|(month, _)| *month)
    }
}

/// Numbers for `count` batches.
pub async fn batch_numbers(
    connection: &mut PgConnection,
    count: i64,
) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<(i64,)> = sqlx::query_as(BATCH_NUMBERS)
        .bind(count)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|(batch,)| batch).collect())
}

pub(crate) const BATCH_NUMBERS: &str = "SELECT nextval('batch_seq') FROM generate_series(1, $1)";

/// Copies the rows of a batch into their partitions, which must exist.
///
/// # Errors
/// When the server refuses or is gone; the transaction is then to be rolled back.
pub async fn copy_rows(
    connection: &mut PgConnection,
    rows: &EncodedRows,
) -> Result<(), StoreError> {
    for (month, tuples) in &rows.log {
        copy(connection, &month.partition("log"), LOG, tuples).await?;
    }
    for (month, tuples) in &rows.errors {
        copy(connection, &month.partition("logerreur"), LOGERREUR, tuples).await?;
    }
    copy(connection, "reject", REJECT, &rows.rejects).await
}

/// How much is sent to the server at a time: pieces that fit its buffers.
const PIECE_BYTES: usize = 1 << 20;
/// Migration 0002 sets these defaults.
const DEFAULTS: &[(&str, &[u8])] = &[("seq", &[0; 4]), ("moment_ambiguous", &[0])];
const LOG: Columns = Columns {
    names: LOG_COLUMNS,
    defaults: DEFAULTS,
};
const LOGERREUR: Columns = Columns {
    names: ERROR_COLUMNS,
    defaults: DEFAULTS,
};
const REJECT: Columns = Columns {
    names: REJECT_COLUMNS,
    defaults: &[],
};

/// Copies tuples into a table.
pub(crate) async fn copy(
    connection: &mut PgConnection,
    table: &str,
    columns: Columns,
    tuples: &[u8],
) -> Result<(), StoreError> {
    let layout = columns.layout();
    let named = layout.named(tuples);
    copy_named(connection, table, &layout, named, tuples).await
}

/// The same, when it is known which columns have to be named.
pub(crate) async fn copy_named(
    connection: &mut PgConnection,
    table: &str,
    layout: &Layout,
    named: Named,
    mut tuples: &[u8],
) -> Result<(), StoreError> {
    if tuples.is_empty() {
        return Ok(());
    }
    let list = layout.list(named);
    let statement = format!("COPY {table} ({list}) FROM STDIN (FORMAT binary)");
    let mut copy = connection.copy_in_raw(&statement).await?;
    let mut piece = HEADER.to_vec();
    while !tuples.is_empty() {
        tuples = named.narrow(tuples, &mut piece);
        if piece.len() >= PIECE_BYTES {
            copy.send(piece.as_slice()).await?;
            piece.clear();
        }
    }
    piece.extend_from_slice(TRAILER);
    copy.send(piece.as_slice()).await?;
    copy.finish().await?;
    Ok(())
}

/// Gives every tuple of a `COPY … TO STDOUT (FORMAT binary)` to `take`.
pub(crate) async fn copy_out<E: From<StoreError>>(
    connection: &mut PgConnection,
    statement: &str,
    mut take: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut reader = TupleReader::default();
    let opened = connection.copy_out_raw(statement).await;
    let mut stream = opened.map_err(StoreError::from)?;
    let mut failed = None;
    while let Some(piece) = stream.try_next().await.map_err(StoreError::from)? {
        // What was begun is read to its end all the same: the connection is of no use before.
        if failed.is_none() {
            reader.push(&piece);
            failed = take_all(&mut reader, &mut take).err();
        }
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(reader.end().map_err(StoreError::from)?),
    }
}

fn take_all<E>(
    reader: &mut TupleReader,
    take: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    while let Some(tuple) = reader.next_tuple() {
        take(tuple)?;
    }
    Ok(())
}

/// Writes the ledger line.
pub async fn write_line(
    connection: &mut PgConnection,
    line: &LedgerLine,
) -> Result<(), StoreError> {
    sqlx::query(WRITE_LINE)
        .bind(line.batch)
        .bind(line.source)
        .bind(line.lineage)
        .bind(&line.dialect)
        .bind(&line.zone)
        .bind(line.configuration_hash)
        .bind(line.first_record)
        .bind(line.first_line)
        .bind(line.records)
        .bind(line.records_with_rows)
        .bind(line.rows_log)
        .bind(line.rows_error)
        .bind(line.rejects)
        .bind(line.silent)
        .bind(line.log_checksum)
        .bind(line.error_checksum)
        .bind(line.reject_checksum)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) const WRITE_LINE: &str = "INSERT INTO batch (batch, source, lineage, dialect, zone, configuration_hash, first_record, \
     first_line, records, records_with_rows, rows_log, rows_error, rejects, silent, log_checksum, error_checksum, \
     reject_checksum) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
