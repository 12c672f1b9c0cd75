//! Loading files: each is recognised, read in batches by a thread of its own, and stored.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use futures_util::stream::{FuturesUnordered, StreamExt};
use smartetl_core::model::RejectReason;
use smartetl_formats::container::ContainerError;
use smartetl_formats::{AtEnd, Extractor, Outcome, Settings};
use smartetl_store::StoreError;
use smartetl_store::checkpoint::{self, Advance};
use smartetl_store::ledger::{self, LedgerLine};
use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::batch::BatchBuilder;
use super::content;
use super::identity::{self, Arrival, Decision, Policy, Start, Trouble};
use super::options;
use super::write::{Ready, Writer};
use crate::errors::Failure;
use crate::jobs::{Gathered, told};
use crate::reason::{self, Reason};
use crate::stop::Stop;

/// A batch is also ended at this size, so that long messages do not make huge ones.
const BATCH_BYTES: usize = 8 << 20;
/// A file that changed more recently may still be written.
pub const STILL_WRITTEN: Duration = Duration::from_hours(1);

/// What is to be loaded, and how.
#[derive(Clone, Debug)]
pub struct Request {
    pub files: Vec<PathBuf>,
    pub settings: Settings,
    /// The zone of the settings was asked for just now, and not only fell to these files.
    pub zone_given: bool,
    pub allow_duplicate: bool,
    /// Files may still be written: a last line without end waits, and a path with other content begins a new generation.
    pub follow: bool,
}

impl Request {
    /// Whether somebody said how to read the files.
    fn has_options(&self) -> bool {
        let given = &self.settings;
        let overrides = &given.overrides;
        self.zone_given
            || given.dialect.is_some()
            || given.mapping.is_some()
            || given.moment_format.is_some()
            || given.environment.is_some()
            || given.host.is_some()
            || overrides.delimiter.is_some()
            || overrides.header.is_some()
            || overrides.encoding.is_some()
    }

    fn note(&self, file: &File, settings: &Settings, stored: &content::Reading) -> Option<Reason> {
        options::without_effect(file, stored, settings, self.zone_given)
    }
}

/// Why a file is not read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot open {path}")]
    Open {
        path: String,
        source: std::io::Error,
    },
    #[error("cannot read all of {path}")]
    NotToItsEnd {
        path: String,
        source: ContainerError,
    },
}

/// What one file came to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum FileResult {
    Loaded {
        arrival: Arrival,
    },
    /// Nothing that was not read before.
    NothingNew,
    /// A person has to decide.
    Trouble {
        reason: Reason,
    },
    /// It cannot be read, or not to its end; what was read before the fault is stored.
    Failed {
        reason: Reason,
    },
}

/// The numbers of one file.
#[derive(Clone, Debug, serde::Serialize)]
pub struct FileReport {
    pub path: String,
    #[serde(flatten)]
    pub result: FileResult,
    /// How it was read: container, dialect, formats.
    pub reading: Option<String>,
    pub records: u64,
    pub rows_log: u64,
    pub rows_error: u64,
    pub silent: u64,
    pub rejects: BTreeMap<String, u64>,
    /// A last line without end waits for its end.
    pub waiting: bool,
    /// Options that were given and have no effect, because it was read before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Reason>,
}

impl FileReport {
    fn of(path: String) -> Self {
        Self {
            path,
            result: FileResult::NothingNew,
            reading: None,
            records: 0,
            rows_log: 0,
            rows_error: 0,
            silent: 0,
            rejects: BTreeMap::new(),
            waiting: false,
            note: None,
        }
    }

    /// A path that is no file to read.
    pub fn failed(path: String, reason: Reason) -> Self {
        Self {
            result: FileResult::Failed { reason },
            ..Self::of(path)
        }
    }
}

/// What a load came to.
#[derive(Debug, Default)]
pub struct LoadReport {
    pub files: Vec<FileReport>,
    /// Rows for the fuse; `None` when nothing was gathered, or not everything that was gathered is stored.
    pub gathered: Option<Gathered>,
}

/// What can be watched while loading.
#[derive(Debug, Default)]
pub struct Progress {
    pub content_bytes: AtomicU64,
    pub records: AtomicU64,
    pub files: AtomicU64,
    /// Records whose batches are committed.
    pub stored: AtomicU64,
}

/// Loads files into one database.
#[derive(Clone)]
pub struct Loader {
    pool: PgPool,
    writer: Writer,
    batch_records: usize,
    configuration_hash: i64,
    workers: usize,
    pub progress: Arc<Progress>,
}

impl Loader {
    /// `pool` must allow `connections` + `workers` + 1 connections.
    pub fn new(
        pool: PgPool,
        connections: usize,
        batch_records: usize,
        configuration_hash: i64,
    ) -> Self {
        let workers = std::thread::available_parallelism()
            .map_or(2, usize::from)
            .clamp(2, 8);
        Self {
            writer: Writer::new(pool.clone(), connections),
            pool,
            batch_records,
            configuration_hash,
            workers,
            progress: Arc::default(),
        }
    }

    /// How many connections a pool needs for a loader.
    pub fn pool_size(connections: usize) -> u32 {
        let workers = std::thread::available_parallelism()
            .map_or(2, usize::from)
            .clamp(2, 8);
        (connections * 2 + workers + 1) as u32
    }

    /// Loads the files, several at a time. A file that fails does not stop the others; a database or a scratch folder that
    /// fails does, and so does `stop`, after the batches that are on their way.
    ///
    /// # Errors
    /// When the database is gone, or rows that wait for the fuse find no room. What was committed stays, and loading again
    /// goes on from there.
    pub async fn load(
        &self,
        request: &Request,
        gathered: Option<Gathered>,
        stop: &Stop,
    ) -> anyhow::Result<LoadReport> {
        let shared = gathered.map(|gathered| Arc::new(Mutex::new(gathered)));
        let mut waiting = request.files.iter();
        let mut running = FuturesUnordered::new();
        let mut reports = Vec::with_capacity(request.files.len());
        let mut whole = true;
        loop {
            while running.len() < self.workers
                && stop.asked().is_none()
                && let Some(path) = waiting.next()
            {
                running.push(self.file(path, request, shared.clone(), stop));
            }
            let Some(report) = running.next().await else {
                break;
            };
            let (report, stored_all) = report?;
            whole &= stored_all;
            reports.push(report);
        }
        drop(running);
        reports.sort_by(|a, b| a.path.cmp(&b.path));
        let gathered = shared
            .and_then(Arc::into_inner)
            .map(|gathered| {
                gathered
                    .into_inner()
                    .unwrap_or_else(PoisonError::into_inner)
            })
            .filter(|_| whole);
        Ok(LoadReport {
            files: reports,
            gathered,
        })
    }

    /// One file; also says whether all that was gathered is stored.
    async fn file(
        &self,
        path: &Path,
        request: &Request,
        gathered: Option<Arc<Mutex<Gathered>>>,
        stop: &Stop,
    ) -> anyhow::Result<(FileReport, bool)> {
        let name = std::path::absolute(path)
            .unwrap_or_else(|_| path.to_owned())
            .display()
            .to_string();
        let mut report = FileReport::of(path.display().to_string());
        let mut whole = true;
        match self
            .read_file(
                path,
                &name,
                request,
                gathered,
                stop,
                &mut report,
                &mut whole,
            )
            .await
        {
            Ok(()) => {}
            Err(error) if is_of_database(&error) || error.is::<Failure>() => return Err(error),
            Err(error) => {
                report.result = FileResult::Failed {
                    reason: Reason::from(&error),
                }
            }
        }
        self.progress.files.fetch_add(1, Ordering::Relaxed);
        Ok((report, whole))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one file's reading, told apart only for the report of what goes wrong"
    )]
    async fn read_file(
        &self,
        path: &Path,
        name: &str,
        request: &Request,
        gathered: Option<Arc<Mutex<Gathered>>>,
        stop: &Stop,
        report: &mut FileReport,
        whole: &mut bool,
    ) -> anyhow::Result<()> {
        let file = File::open(path).map_err(|source| ReadError::Open {
            path: path.display().to_string(),
            source,
        })?;
        let metadata = file.metadata()?;
        let settings = Settings {
            path: name.to_owned(),
            ..request.settings.clone()
        };
        let policy = Policy {
            allow_duplicate: request.allow_duplicate,
            follow: request.follow,
        };
        // The connection holds locks until the file is read. It is closed however this ends, so that none outlives it.
        let mut connection = self.pool.acquire().await?;
        connection.close_on_drop();
        let start =
            match identity::decide(&mut connection, name, &file, &metadata, &settings, policy)
                .await?
            {
                Decision::Unchanged { lineage } => {
                    if request.has_options()
                        && let Some(known) =
                            checkpoint::checkpoint(&mut connection, lineage).await?
                    {
                        let stored = identity::stored_reading(&known)?;
                        report.note = request.note(&file, &settings, &stored);
                    }
                    return Ok(());
                }
                Decision::Trouble(trouble) => {
                    report.result = FileResult::Trouble {
                        reason: advice(&trouble),
                    };
                    return Ok(());
                }
                Decision::Read(start) => *start,
            };
        let lineage = start.lineage;
        if start.arrival != Arrival::New && request.has_options() {
            report.note = request.note(&file, &settings, &start.reading);
        }
        let done = self
            .read_source(
                &mut connection,
                path,
                name,
                file,
                &metadata,
                start,
                request,
                gathered,
                stop,
                report,
                whole,
            )
            .await;
        let unlocked = checkpoint::unlock_lineage(&mut connection, lineage).await;
        done?;
        Ok(unlocked?)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one file's reading, told apart only for the lock around it"
    )]
    async fn read_source(
        &self,
        connection: &mut sqlx::PgConnection,
        path: &Path,
        name: &str,
        file: File,
        metadata: &Metadata,
        start: Start,
        request: &Request,
        gathered: Option<Arc<Mutex<Gathered>>>,
        stop: &Stop,
        report: &mut FileReport,
        whole: &mut bool,
    ) -> anyhow::Result<()> {
        let mut seen = identity::seen(metadata, start.lineage);
        let size_bytes = std::mem::replace(&mut seen.size_bytes, checkpoint::NOT_READ_TO_ITS_END);
        let source = checkpoint::remember_source(connection, name, &seen).await?;
        report.reading = Some(start.reading.plan.describe());
        report.result = FileResult::Loaded {
            arrival: start.arrival,
        };
        let at_end = if request.follow && is_still_written(metadata) {
            AtEnd::Leave
        } else {
            AtEnd::Take
        };
        let reader = Reader {
            loader: self.clone(),
            source,
            takes_rest: at_end == AtEnd::Take,
            gathered: gathered.clone(),
            numbers: Vec::new(),
        };
        let (sender, mut receiver) = mpsc::channel::<Ready>(2);
        let reading = tokio::task::spawn_blocking(move || reader.read(&file, start, &sender));

        let mut stores = JoinSet::new();
        let mut before: Option<oneshot::Receiver<()>> = None;
        let mut failed: Option<StoreError> = None;
        let mut stored: Vec<i64> = Vec::new();
        let mut cut_short = false;
        while let Some(ready) = receiver.recv().await {
            let slot = self.writer.slot().await;
            while let Some(done) = stores.try_join_next() {
                note(done, &mut stored, &mut failed);
            }
            cut_short = stop.asked().is_some();
            if cut_short || failed.is_some() {
                break;
            }
            let (committed, next) = oneshot::channel();
            let previous = before.replace(next);
            let writer = self.writer.clone();
            let progress = Arc::clone(&self.progress);
            stores.spawn(async move {
                let result = writer.store(&ready, previous).await;
                if result.is_ok() {
                    // Nobody waits behind the last batch.
                    let _ = committed.send(());
                    let records = ready.line.records.cast_unsigned();
                    progress.stored.fetch_add(records, Ordering::Relaxed);
                }
                drop(slot);
                result.map(|()| ready.line.batch)
            });
        }
        drop(receiver);
        while let Some(done) = stores.join_next().await {
            note(done, &mut stored, &mut failed);
        }
        let read = reading
            .await
            .context("the reading of a file came to an unexpected end")
            .flatten();
        if let Some(gathered) = &gathered {
            let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
            stored.iter().for_each(|&batch| gathered.complete(batch));
        }
        if let Some(error) = failed {
            *whole = false;
            return Err(error.into());
        }
        let read = match read {
            Ok(read) => read,
            Err(error) => {
                *whole = false;
                return Err(error);
            }
        };
        if cut_short {
            // Its size is not remembered, so that the next load reads on.
            *whole = false;
            return Ok(());
        }
        report.records = read.records;
        report.rows_log = read.rows_log;
        report.rows_error = read.rows_error;
        report.silent = read.silent;
        report.rejects = read
            .rejects
            .iter()
            .map(|(reason, count)| (reason.to_string(), *count))
            .collect();
        report.waiting = read.waiting;
        if let Some(error) = read.stopped {
            let path = path.display().to_string();
            let source = error;
            return Err(ReadError::NotToItsEnd { path, source }.into());
        }
        if read.records == 0 {
            report.result = FileResult::NothingNew;
        }
        if !report.waiting {
            seen.size_bytes = size_bytes;
            checkpoint::remember_source(connection, name, &seen).await?;
        }
        Ok(())
    }
}

fn note(
    done: Result<Result<i64, StoreError>, tokio::task::JoinError>,
    stored: &mut Vec<i64>,
    failed: &mut Option<StoreError>,
) {
    match done {
        Ok(Ok(batch)) => stored.push(batch),
        // The first failure is the cause; those behind it only follow.
        Ok(Err(error))
            if failed.is_none() || matches!(failed, Some(StoreError::Overtaken { .. })) =>
        {
            *failed = Some(error);
        }
        Ok(Err(_)) => {}
        Err(_) => {
            failed.get_or_insert(StoreError::Database(sqlx::Error::WorkerCrashed));
        }
    }
}

/// Whether a file changed so recently that more may come.
pub fn is_still_written(metadata: &Metadata) -> bool {
    metadata
        .modified()
        .ok()
        .and_then(|modified| SystemTime::now().duration_since(modified).ok())
        .is_none_or(|age| age < STILL_WRITTEN)
}

fn is_of_database(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<sqlx::Error>().is_some()
            || matches!(
                cause.downcast_ref::<StoreError>(),
                Some(StoreError::Database(_) | StoreError::Migrate(_))
            )
    })
}

fn advice(trouble: &Trouble) -> Reason {
    let (en, fr) = match trouble {
        Trouble::OlderCopy { .. } => (
            "an older copy holds nothing new; if it is another file, `smartetl load --allow-duplicate` with this path loads it",
            "une copie plus ancienne n’apporte rien\u{a0}; si c’est un autre fichier, `smartetl load --allow-duplicate` avec ce \
             chemin le charge",
        ),
        _ => (
            "`smartetl load --allow-duplicate` with this path loads it as new content; rows that were loaded before then stand twice",
            "`smartetl load --allow-duplicate` avec ce chemin le charge comme un nouveau contenu\u{a0}; les lignes déjà chargées \
             sont alors en double",
        ),
    };
    Reason::new(
        format!("{trouble}\nhint: {en}"),
        format!("{}\nconseil\u{a0}: {fr}", reason::of_trouble(trouble)),
    )
}

/// What the reading thread came to.
#[derive(Debug, Default)]
struct Read {
    records: u64,
    rows_log: u64,
    rows_error: u64,
    silent: u64,
    rejects: BTreeMap<RejectReason, u64>,
    /// A last line without end was left.
    waiting: bool,
    stopped: Option<ContainerError>,
}

/// The reading thread of one source.
struct Reader {
    loader: Loader,
    source: i64,
    /// A last line without end is taken as it is, in a batch of its own that can be taken back when the line goes on.
    takes_rest: bool,
    gathered: Option<Arc<Mutex<Gathered>>>,
    /// Numbers for the next batches.
    numbers: Vec<i64>,
}

impl Reader {
    fn read(mut self, file: &File, start: Start, to: &mpsc::Sender<Ready>) -> anyhow::Result<Read> {
        let Start {
            lineage,
            reading,
            settings,
            position,
            mut hash,
            mut tail,
            ..
        } = start;
        let mut extractor =
            Extractor::open(file, &reading.plan, &settings, position, AtEnd::Leave)?;
        let mut builder = BatchBuilder::new(self.number()?, self.gathered.clone());
        let mut read = Read::default();
        let mut batch_bytes = 0_usize;
        let mut content_bytes = position.byte;
        let mut from = position;
        let mut behind = position;
        let mut in_rest = false;
        let mut last_byte = None;
        loop {
            let step = match extractor.step(&mut builder) {
                Ok(step) => step,
                Err(error) => {
                    read.stopped = Some(error);
                    None
                }
            };
            let over = step.is_none();
            if let Some(step) = step {
                hash.append(step.raw);
                tail.append(step.raw);
                last_byte = step.raw.last().copied();
                batch_bytes += step.raw.len();
                content_bytes += step.raw.len() as u64;
                behind = step.position;
                if let Some(outcome) = step.outcome {
                    let counts = builder.counts();
                    counts.records += 1;
                    match outcome {
                        Outcome::Rows(_) => counts.records_with_rows += 1,
                        Outcome::Rejected => counts.rejects += 1,
                        Outcome::Silent => counts.silent += 1,
                    }
                }
            }
            let records = builder.counts().records;
            let full = records as usize >= self.loader.batch_records || batch_bytes >= BATCH_BYTES;
            if (full || over) && records > 0 {
                let next = self.number()?;
                let (batch, rows, counts) = builder.finish(next);
                read.records += counts.records as u64;
                read.rows_log += counts.rows_log as u64;
                read.rows_error += counts.rows_error as u64;
                read.silent += counts.silent as u64;
                for (reason, count) in &counts.by_reason {
                    *read.rejects.entry(*reason).or_default() += count;
                }
                let progress = &self.loader.progress;
                progress
                    .content_bytes
                    .fetch_add(batch_bytes as u64, Ordering::Relaxed);
                progress
                    .records
                    .fetch_add(counts.records as u64, Ordering::Relaxed);
                let ready = Ready {
                    rows,
                    line: LedgerLine {
                        batch,
                        source: self.source,
                        lineage,
                        dialect: reading.plan.dialect.dialect.clone(),
                        zone: reading.timezone.clone(),
                        configuration_hash: self.loader.configuration_hash,
                        first_record: from.record,
                        first_line: from.line,
                        records: counts.records,
                        records_with_rows: counts.records_with_rows,
                        rows_log: counts.rows_log,
                        rows_error: counts.rows_error,
                        rejects: counts.rejects,
                        silent: counts.silent,
                        log_checksum: counts.log_checksum,
                        error_checksum: counts.error_checksum,
                        reject_checksum: counts.reject_checksum,
                    },
                    advance: Advance {
                        lineage,
                        from_record: from.record,
                        next_record: behind.record,
                        next_byte: content_bytes as i64,
                        next_line: behind.line,
                        content_hash: hash.digest(),
                        hash_state: hash.state(),
                        tail_length: tail.bytes().len() as i32,
                        tail_hash: super::content::ContentHash::of(tail.bytes()),
                        // A line that ends with LF is only left when a quote is open.
                        unterminated: in_rest && last_byte != Some(b'\r'),
                    },
                };
                if to.blocking_send(ready).is_err() {
                    // The database failed: whoever receives says why.
                    return Ok(read);
                }
                if let Some(gathered) = &self.gathered {
                    gathered
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .make_room()
                        .map_err(|error| told(error.into()))?;
                }
                from = behind;
                batch_bytes = 0;
            }
            if over {
                let leaves_line = read.stopped.is_none() && extractor.leaves_line();
                if leaves_line && self.takes_rest && !in_rest {
                    in_rest = true;
                    extractor.take_rest();
                    continue;
                }
                read.waiting = leaves_line && !self.takes_rest;
                return Ok(read);
            }
        }
    }

    /// The number of the next batch.
    fn number(&mut self) -> anyhow::Result<i64> {
        if self.numbers.is_empty() {
            let pool = self.loader.pool.clone();
            let numbers = tokio::runtime::Handle::current().block_on(async move {
                let mut connection = pool.acquire().await?;
                ledger::batch_numbers(&mut connection, 16).await
            })?;
            self.numbers = numbers.into_iter().rev().collect();
        }
        self.numbers
            .pop()
            .context("the server gave no batch numbers")
    }
}
