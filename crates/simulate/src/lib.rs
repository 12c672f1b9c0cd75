//! An imagined food wholesaler's ETL, written down as Talend's catchers would, together with the truth about it.
//!
//! The truth is worked out from the imagined world by the rules of `doc/fusion.md`. This crate must never use
//! `smartetl-core`: the fold is checked against it.

mod dice;
mod emit;
mod tally;
mod truth;
mod world;

use jiff::Span;
use jiff::civil::{Date, date};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use world::pairs::{Pair, pairs};
pub use world::sayings::{Saying, sayings};

/// The zone in which the company lives: local times without zone in the files are in it.
pub const ZONE: &str = "Europe/Paris";

/// The last business day where no first one is given: fixed, because the same seed gives the same files for ever.
pub const LAST_DAY: Date = date(2025, 12, 31);
/// Where so many days are wanted that they would begin before this, they end later: earlier moments are damaged ones.
const FIRST_DAY: Date = date(1990, 1, 2);

/// What to imagine.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many jobs the company has (at least 1).
    pub jobs: u32,
    /// How many business days (at least 1, at most 36 500).
    pub days: u32,
    /// The same seed and options give the same files, byte for byte.
    pub seed: u64,
    /// The folder to write into; made if it is missing. Files of the same name are replaced.
    pub output: PathBuf,
    /// The first business day; by default the one with which the last one is [`LAST_DAY`]. Its night begins at 18:00 the
    /// evening before.
    pub start: Option<Date>,
    /// Which kinds of files to write.
    pub format: Format,
    /// Only `stats.csv`, `logs.csv` and `meters.csv` (or `.parquet`), for benchmarks.
    pub plain: bool,
    /// About so many files, all environments together, instead of the usual handful.
    pub pieces: Option<u32>,
}

impl Options {
    /// The usual layout with the usual start.
    pub fn new(jobs: u32, days: u32, seed: u64, output: impl Into<PathBuf>) -> Self {
        Self {
            jobs,
            days,
            seed,
            output: output.into(),
            start: None,
            format: Format::Both,
            plain: false,
            pieces: None,
        }
    }
}

/// Kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text of several kinds.
    Csv,
    Parquet,
    /// Text and Parquet in turn.
    Both,
}

/// What was written. Also stands in `truth/meta.json`, but for the paths.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The clock for the fuse, RFC 3339: shortly after the last row.
    pub as_of: String,
    pub zone: &'static str,
    /// Local hour at which a business day begins.
    pub border: &'static str,
    pub seed: u64,
    pub jobs: u32,
    pub days: u32,
    pub start: String,
    /// Good records by table: `stats` and `meter` become `log`, `logs` becomes `logerreur`.
    pub rows: BTreeMap<&'static str, u64>,
    /// `stats` and `meter` together.
    pub rows_log: u64,
    pub rows_logerreur: u64,
    /// Damaged records, listed in `truth/rejects.csv`.
    pub rejects: u64,
    pub rejects_by_reason: BTreeMap<&'static str, u64>,
    /// Lines of `truth/dataset.csv` and `truth/job_day.csv`.
    pub runs: u64,
    pub job_days: u64,
    /// How often each situation happened.
    pub situations: BTreeMap<&'static str, u64>,
    /// The log files, in the order of their making.
    #[serde(skip)]
    pub files: Vec<PathBuf>,
    /// The folder of the truth.
    #[serde(skip)]
    pub truth: PathBuf,
}

/// Why nothing, or not everything, could be written.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    #[error("{what}")]
    Options { what: String },
    #[error("cannot write {}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot write {}: {source}", path.display())]
    Parquet {
        path: PathBuf,
        source: parquet::errors::ParquetError,
    },
    #[error("the period is not one that a calendar knows: {0}")]
    Calendar(#[from] jiff::Error),
}

impl SimulateError {
    fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_path_buf(),
            source,
        }
    }

    fn parquet(path: &Path, source: parquet::errors::ParquetError) -> Self {
        Self::Parquet {
            path: path.to_path_buf(),
            source,
        }
    }
}

/// Imagines the company day by day and writes its logs into `logs/` below `options.output` (plain
/// ones into the folder itself) and the truth into `truth/` beside them.
///
/// Memory does not grow with the number of days.
///
/// # Errors
/// Options out of range, a period outside of the calendar, and whatever keeps a file from being written.
pub fn simulate(options: &Options) -> Result<Summary, SimulateError> {
    if options.jobs == 0 || options.days == 0 || options.days > 36_500 {
        let what = format!(
            "{} jobs and {} days: both must be at least 1, and days at most 36500",
            options.jobs, options.days
        );
        return Err(SimulateError::Options { what });
    }
    let start = match options.start {
        Some(start) => start,
        None => LAST_DAY
            .checked_sub(Span::new().try_days(options.days - 1)?)?
            .max(FIRST_DAY),
    };
    let calendar = world::calendar::Calendar::new(start, options.days)?;
    let mut world = world::plan::World::new(calendar, options.jobs, options.days, options.seed);
    std::fs::create_dir_all(&options.output)
        .map_err(|error| SimulateError::io(&options.output, error))?;
    let folder = options.output.join("truth");
    let mut truth = truth::TruthWriter::create(&folder)?;
    let mut emitter = emit::Emitter::new(options);
    let mut tally = tally::Tally::default();
    for number in 0..options.days {
        let day = world.live(number);
        tally.day(&day);
        truth.day(&world, &day, |fact| tally.fact(&world, &day, fact))?;
        emitter.day(&world, &day)?;
    }
    emitter.finish()?;
    *tally.0.entry("project_left_out").or_default() += emitter.projects_left_out;
    let summary = summary(options, start, &world, &emitter, &truth, tally, folder);
    truth.finish(&emitter.damages)?;
    write_meta(&summary)?;
    Ok(summary)
}

/// An error and what kind it truly is.
pub struct Labelled {
    pub category: &'static str,
    /// As Talend's catchers write it.
    pub message: String,
}

/// Everything that goes wrong in the imagined company, each kind once; to learn from.
pub fn labelled(seed: u64) -> Vec<Labelled> {
    world::messages::all(seed)
        .into_iter()
        .map(|(category, message)| Labelled { category, message })
        .collect()
}

fn summary(
    options: &Options,
    start: Date,
    world: &world::plan::World,
    emitter: &emit::Emitter,
    truth: &truth::TruthWriter,
    tally: tally::Tally,
    folder: PathBuf,
) -> Summary {
    let count = |table: &str| emitter.rows.get(table).copied().unwrap_or(0);
    let mut as_of = String::new();
    emit::civil(&mut as_of, world.as_of(), 'T');
    as_of.push('Z');
    let mut rejects_by_reason = BTreeMap::new();
    for damage in &emitter.damages {
        *rejects_by_reason.entry(damage.reason).or_default() += 1;
    }
    Summary {
        as_of,
        zone: ZONE,
        border: "18:00",
        seed: options.seed,
        jobs: options.jobs,
        days: options.days,
        start: start.to_string(),
        rows_log: count("stats") + count("meter"),
        rows_logerreur: count("logs"),
        rows: emitter.rows.clone(),
        rejects: emitter.damages.len() as u64,
        rejects_by_reason,
        runs: truth.runs,
        job_days: truth.job_days,
        situations: tally.0,
        files: emitter.files.clone(),
        truth: folder,
    }
}

fn write_meta(summary: &Summary) -> Result<(), SimulateError> {
    let path = summary.truth.join("meta.json");
    let mut text = serde_json::to_string_pretty(summary)
        .expect("maps with words as keys and numbers always serialise");
    text.push('\n');
    std::fs::write(&path, text).map_err(|error| SimulateError::io(&path, error))
}
