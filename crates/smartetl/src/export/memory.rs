//! Small tables as the bytes of a file.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use smartetl_store::copy::Tuples;

use super::csv::Csv;
use super::parquet::Parquet;
use super::value::Column;
use super::{Packing, Writer};

/// How the bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InMemory {
    Parquet,
    /// No text of it is a formula.
    Csv,
}

/// Whole tuples that stand one behind the other, as a file.
///
/// # Errors
/// When the tuples do not have these columns.
pub fn in_memory(form: InMemory, columns: Vec<Column>, tuples: &[u8]) -> anyhow::Result<Vec<u8>> {
    let shared = Shared::default();
    let out = Box::new(shared.clone());
    let mut writer: Box<dyn Writer> = match form {
        InMemory::Parquet => Box::new(Parquet::begin(out, columns)?),
        InMemory::Csv => Box::new(Csv::begin(out, Packing::Plain, columns)?.disarmed()),
    };
    for tuple in Tuples(tuples) {
        writer.tuple(tuple)?;
    }
    writer.finish()?;
    let mut bytes = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut *bytes))
}

/// Bytes that are written by another thread.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
