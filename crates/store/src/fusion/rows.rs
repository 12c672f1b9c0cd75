//! Rows of `log` and `logerreur`, read back to be folded again.

use smartetl_core::model::{ErrorRow, LogRow};
use sqlx::PgConnection;

use super::left_out::{Counted, counted};
use super::{bigints, texts};
use crate::StoreError;
use crate::copy::{ERROR_COLUMNS, ErrorFacts, Fields, LOG_COLUMNS, decode_error, decode_log};
use crate::ledger::copy_out;

/// Which rows to read.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    All,
    /// All rows of these batches.
    Batches(&'a [i64]),
    /// The rows of these batches that say one of these root ids.
    Trees {
        batches: &'a [i64],
        roots: &'a [String],
    },
}

/// So few batches are looked at row by row.
const FEW_BATCHES: usize = 16;

/// Takes rows that are read back.
pub trait StoredRows {
    fn log(&mut self, batch: i64, row: &LogRow<'_>);
    fn error(&mut self, batch: i64, row: &ErrorRow<'_>, facts: &ErrorFacts<'_>);
    /// Called now and then, between rows.
    ///
    /// # Errors
    /// When the rows cannot be kept.
    fn breathe(&mut self) -> std::io::Result<()>;
}

/// Reads rows back; not those that count nothing because their tree has retired.
///
/// # Errors
/// When the server is gone, a stored word is unknown, or the rows cannot be kept.
pub async fn read_rows(
    connection: &mut PgConnection,
    wanted: Wanted<'_>,
    to: &mut (dyn StoredRows + Send),
) -> Result<(), StoreError> {
    let filter = match wanted {
        Wanted::All => "true".to_owned(),
        Wanted::Batches(batches) => format!("batch = ANY ({})", bigints(batches)),
        Wanted::Trees { batches, roots } => {
            format!(
                "batch = ANY ({}) AND root_run_id = ANY ({})",
                bigints(batches),
                texts(roots)
            )
        }
    };
    let are_many = match wanted {
        Wanted::All => true,
        Wanted::Batches(batches) => batches.len() > FEW_BATCHES,
        Wanted::Trees { .. } => false,
    };
    let Counted { log, error } = counted(connection, are_many).await?;
    let select = format!(
        "COPY (SELECT {LOG_COLUMNS} FROM log WHERE {filter} AND {log}) TO STDOUT (FORMAT binary)"
    );
    copy_out(connection, &select, |tuple| {
        let (batch, row) = decode_log(&mut Fields::of(tuple)?)?;
        to.log(batch, &row);
        to.breathe().map_err(StoreError::Keep)
    })
    .await?;
    let select = format!(
        "COPY (SELECT {ERROR_COLUMNS} FROM logerreur WHERE {filter} AND {error}) TO STDOUT (FORMAT binary)"
    );
    copy_out(connection, &select, |tuple| {
        let (batch, row, facts) = decode_error(&mut Fields::of(tuple)?)?;
        to.error(batch, &row, &facts);
        to.breathe().map_err(StoreError::Keep)
    })
    .await
}
