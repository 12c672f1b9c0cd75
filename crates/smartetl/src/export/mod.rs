//! Tables as files: tuples as COPY carries them become Parquet, CSV or Excel, some at a time.
//!
//! Times are UTC in Parquet and CSV; Excel knows no zones, so there they are those of the business day's zone. UUIDs are texts,
//! because most tools read them best so.

mod csv;
mod excel;
mod memory;
mod parquet;
mod place;
mod value;

use std::io::Write as _;
use std::path::Path;

use jiff::tz::TimeZone;
use smartetl_store::copy::Tuples;

use crate::errors::{ErrorCode, Failure};
pub use memory::{InMemory, in_memory};
pub use place::Place;
pub use value::{Column, Kind};

/// Numbers under which `dataset` finds the runs of a tree and of a job: of no use outside.
pub const INTERNAL_TO_DATASET: &[&str] = &["tree", "job_number"];

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Parquet,
    Csv(Packing),
    Excel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
    Zstd,
}

impl Format {
    /// What the end of the name says; `-` is CSV on stdout.
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_lowercase();
        Some(match name.as_str() {
            "-" => Self::Csv(Packing::Plain),
            name if name.ends_with(".parquet") => Self::Parquet,
            name if name.ends_with(".csv") => Self::Csv(Packing::Plain),
            name if name.ends_with(".csv.gz") => Self::Csv(Packing::Gzip),
            name if name.ends_with(".csv.zst") => Self::Csv(Packing::Zstd),
            name if name.ends_with(".xlsx") => Self::Excel,
            _ => return None,
        })
    }
}

/// Writes a text into a file, or to stdout where it is called `-`.
///
/// # Errors
/// When the file is there already and not to be replaced, or cannot be written.
pub fn write_text(path: &Path, replace: bool, text: &str) -> anyhow::Result<()> {
    let place = Place::new(path, replace)?;
    match place.file()?.write_all(text.as_bytes()) {
        Ok(()) => place.keep(),
        Err(error) => Err(place.told(error.into())),
    }
}

/// Where bytes go.
type Out = Box<dyn std::io::Write + Send>;

/// Writes tuples in one format.
trait Writer {
    /// # Errors
    /// When the place cannot be written, or the format cannot hold the tuple.
    fn tuple(&mut self, tuple: &[u8]) -> anyhow::Result<()>;

    /// Writes what is left.
    fn finish(self: Box<Self>) -> anyhow::Result<()>;
}

/// A file in the making. It stands in its place when it is finished, and not before.
pub struct Export {
    writer: Box<dyn Writer>,
    place: Place,
    rows: u64,
}

impl Export {
    /// Begins the file that `path` names; its end says how it is written. `-` is stdout, as CSV. `zone`: for formats without
    /// zones.
    ///
    /// # Errors
    /// When the name says no format, the file is there already and not to be replaced, or cannot be made.
    pub fn begin(
        path: &Path,
        replace: bool,
        columns: Vec<Column>,
        zone: &TimeZone,
    ) -> anyhow::Result<Self> {
        let format = Format::of(path).ok_or_else(|| {
            Failure::new(
                ErrorCode::Usage,
                [
                    "the end of the file's name says no format that can be written",
                    "la fin du nom du fichier ne dit pas dans quel format l’écrire",
                ],
            )
            .at(path.display().to_string())
            .hint([
                ".parquet, .csv, .csv.gz, .csv.zst or .xlsx; - for CSV on stdout",
                ".parquet, .csv, .csv.gz, .csv.zst ou .xlsx\u{a0}; - pour du CSV sur la sortie standard",
            ])
        })?;
        let place = Place::new(path, replace)?;
        let file = place.file()?;
        let writer: Box<dyn Writer> = match format {
            Format::Parquet => Box::new(parquet::Parquet::begin(Box::new(file), columns)?),
            Format::Csv(packing) => Box::new(csv::Csv::begin(Box::new(file), packing, columns)?),
            Format::Excel => Box::new(excel::Excel::begin(file, columns, zone.clone())?),
        };
        Ok(Self {
            writer,
            place,
            rows: 0,
        })
    }

    /// Takes whole tuples that stand one behind the other.
    ///
    /// # Errors
    /// When the file cannot be written, or cannot hold more.
    pub fn take(&mut self, tuples: &[u8]) -> anyhow::Result<()> {
        for tuple in Tuples(tuples) {
            self.writer
                .tuple(tuple)
                .map_err(|error| self.place.told(error))?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Puts the file in its place; says how many rows it has.
    ///
    /// # Errors
    /// When the rest cannot be written.
    pub fn finish(self) -> anyhow::Result<u64> {
        self.writer
            .finish()
            .map_err(|error| self.place.told(error))?;
        self.place.keep()?;
        Ok(self.rows)
    }
}
