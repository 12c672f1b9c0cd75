//! Loading files: each is recognised, read in batches by a thread of its own, and stored.

use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use futures_util::stream::{FuturesUnordered, StreamExt};
use smartetl_core::redact::redact;
use smartetl_formats::Settings;
use smartetl_formats::container::ContainerError;
use smartetl_store::StoreError;
use smartetl_store::{checkpoint, stream};
use sqlx::{PgConnection, PgPool};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinSet};

use super::beside::Named;
use super::content;
use super::gathering::Gathering;
use super::identity::{self, Arrival, Decision, Policy, Start, is_still_written};
use super::options;
use super::read::Reader;
use super::report::{FileReport, FileResult, LoadReport, ReadAs};
use super::write::{Destination, Outlet, Ready, Writer};
use crate::errors::{Failure, is_overtaken};
use crate::jobs::Gathered;
use crate::kafka::{Producer, Sending, sent_elsewhere};
use crate::reason::{self, Reason};
use crate::stop::Stop;

/// What is to be loaded, and how.
#[derive(Clone, Debug)]
pub struct Request {
    pub files: Vec<Input>,
    /// Which of them a person named.
    pub named: Named,
    pub settings: Settings,
    /// The zone of the settings was asked for just now, and not only fell to these files.
    pub zone_given: bool,
    pub allow_duplicate: bool,
    /// Files may still be written: a last line without end waits, and a path with other content begins a new generation.
    pub follow: bool,
}

/// A file to read.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it stands.
    pub path: PathBuf,
    /// The path under which it was followed, where it has another one by now: it is read as what stood there.
    pub followed_as: Option<PathBuf>,
    /// Opened already, with a position that nobody else moves: by now another file may stand at the path.
    pub file: Option<Arc<File>>,
    /// What it held when it was looked at last.
    pub lineage: Option<i64>,
    /// Only what goes on in content that `followed_as` had is read.
    pub only_continued: bool,
}

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        Self {
            path,
            followed_as: None,
            file: None,
            lineage: None,
            only_continued: false,
        }
    }
}

impl Request {
    /// Whether somebody said how to read the files.
    fn has_options(&self) -> bool {
        let given = &self.settings;
        let overrides = &given.overrides;
        self.zone_given
            || given.dialect.is_some()
            || given.mappings.is_only()
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
    #[error(
        "the name of this file is no text in UTF-8: it could not be told from others\nhint: rename the file, or its folder"
    )]
    Unnamed,
    #[error("cannot read all of {path}")]
    NotToItsEnd {
        path: String,
        source: ContainerError,
    },
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

impl Progress {
    /// Another number whenever something was done.
    pub fn done(&self) -> u64 {
        let counters = [
            &self.content_bytes,
            &self.records,
            &self.files,
            &self.stored,
        ];
        let numbers = counters.map(|counter| counter.load(Ordering::Relaxed));
        numbers.into_iter().fold(0, u64::wrapping_add)
    }
}

/// Loads files into one database, or sends their records to Kafka.
#[derive(Clone)]
pub struct Loader {
    pub(super) pool: PgPool,
    pub(super) destination: Destination,
    pub(super) batch_records: usize,
    pub(super) configuration_hash: i64,
    pub progress: Arc<Progress>,
}

impl Loader {
    /// `pool` must have [`Loader::pool_size`] connections.
    pub fn new(
        pool: PgPool,
        connections: usize,
        batch_records: usize,
        configuration_hash: i64,
    ) -> Self {
        Self {
            destination: Destination::Tables(Writer::new(pool.clone(), connections)),
            pool,
            batch_records,
            configuration_hash,
            progress: Arc::default(),
        }
    }

    /// Sends instead of storing; the checkpoints are the same.
    #[must_use]
    pub fn sending(self, producer: Producer) -> Self {
        Self {
            destination: Destination::Kafka(Box::new(Outlet::new(self.pool.clone(), producer))),
            ..self
        }
    }

    /// How many connections a pool needs for a loader that stores over `connections`.
    pub fn pool_size(connections: usize) -> u32 {
        (connections * 2 + files_at_once() + 1) as u32
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
        let gathering = Gathering::new(gathered);
        let mut waiting = request.files.iter().enumerate();
        let mut running = FuturesUnordered::new();
        let mut reports = Vec::with_capacity(request.files.len());
        let mut whole = true;
        loop {
            while running.len() < files_at_once()
                && stop.asked().is_none()
                && let Some((index, input)) = waiting.next()
            {
                let file = FileLoad {
                    loader: self,
                    request,
                    stop,
                    input,
                    gathering: gathering.clone(),
                    report: FileReport {
                        index,
                        ..FileReport::of(input.path.display().to_string())
                    },
                    whole: true,
                };
                running.push(file.load());
            }
            let Some(loaded) = running.next().await else {
                break;
            };
            let (report, stored_all) = loaded?;
            whole &= stored_all;
            reports.push(report);
        }
        drop(running);
        reports.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(LoadReport {
            files: reports,
            gathered: gathering.into_inner().filter(|_| whole),
        })
    }
}

fn files_at_once() -> usize {
    std::thread::available_parallelism()
        .map_or(2, usize::from)
        .clamp(2, 8)
}

/// One file on its way into the tables.
struct FileLoad<'l> {
    loader: &'l Loader,
    request: &'l Request,
    stop: &'l Stop,
    input: &'l Input,
    gathering: Gathering,
    report: FileReport,
    /// All that was gathered from it is stored.
    whole: bool,
}

/// Where the rows of a file go.
enum Way {
    Tables,
    Kafka(Sending),
    /// It comes through Kafka, and is not to be stored here.
    OfAProducer,
    /// Its beginning was sent to another place: why the rest is not sent, and what to do.
    Elsewhere(Reason),
}

impl FileLoad<'_> {
    /// Loads it; also says whether all that was gathered is stored.
    ///
    /// # Errors
    /// When no other file can be loaded either.
    async fn load(mut self) -> anyhow::Result<(FileReport, bool)> {
        match self.decide_and_read().await {
            Ok(()) => {}
            Err(error) if is_of_database(&error) || error.is::<Failure>() => return Err(error),
            Err(error) if self.request.follow && is_overtaken(&error) => self.report.again = true,
            Err(error) => {
                self.report.result = if self.was_told(&error).await? {
                    FileResult::NoLogAsBefore
                } else {
                    self.request.named.result(&self.input.path, &error)
                };
            }
        }
        self.loader.progress.files.fetch_add(1, Ordering::Relaxed);
        Ok((self.report, self.whole))
    }

    async fn decide_and_read(&mut self) -> anyhow::Result<()> {
        let path = &self.input.path;
        if path.to_str().is_none() {
            return Err(ReadError::Unnamed.into());
        }
        let opened = match &self.input.file {
            Some(file) => Ok(Arc::clone(file)),
            None => File::open(path).map(Arc::new),
        };
        let file = opened.map_err(|source| ReadError::Open {
            path: path.display().to_string(),
            source,
        })?;
        let metadata = file.metadata()?;
        let place = absolute(path);
        let settings = Settings {
            path: absolute(self.input.followed_as.as_ref().unwrap_or(path)),
            ..self.request.settings.clone()
        };
        let policy = Policy {
            allow_duplicate: self.request.allow_duplicate,
            follow: self.request.follow,
            only_continued: self.input.only_continued,
            lineage: self.input.lineage,
        };
        if self.is_sent_by_a_producer(&settings.path).await? {
            self.report.note = Some(reason::comes_through_kafka());
            return Ok(());
        }
        // The connection holds locks until the file is read. It is closed however this ends, so that none outlives it.
        let mut connection = self.loader.pool.acquire().await?;
        connection.close_on_drop();
        let decided =
            identity::decide(&mut connection, &file, &metadata, &place, &settings, policy);
        let start = match decided.await? {
            Decision::Foreign => return Ok(()),
            Decision::Unchanged { lineage } => {
                self.report.lineage = Some(lineage);
                if self.request.has_options()
                    && let Some(known) = checkpoint::checkpoint(&mut connection, lineage).await?
                {
                    let stored = identity::stored_reading(&known)?;
                    self.report.note = self.request.note(&file, &settings, &stored);
                }
                return Ok(());
            }
            Decision::Trouble(trouble) => {
                self.report.result = FileResult::Trouble {
                    reason: trouble.with_advice(),
                };
                return Ok(());
            }
            Decision::Read(start) => *start,
        };
        let lineage = start.lineage;
        self.report.lineage = Some(lineage);
        let way = self.way(&mut connection, &settings.path, &start).await?;
        let sending = match way {
            Way::Tables => None,
            Way::Kafka(sending) => Some(sending),
            Way::OfAProducer => {
                self.report.note = Some(reason::comes_through_kafka());
                return Ok(checkpoint::unlock_lineage(&mut connection, lineage).await?);
            }
            Way::Elsewhere(reason) => {
                self.report.result = FileResult::Trouble { reason };
                return Ok(checkpoint::unlock_lineage(&mut connection, lineage).await?);
            }
        };
        if start.arrival != Arrival::New && self.request.has_options() {
            self.report.note = self.request.note(&file, &settings, &start.reading);
        }
        let done = self
            .read_and_store(&mut connection, &place, file, (&metadata, start), sending)
            .await;
        let unlocked = checkpoint::unlock_lineage(&mut connection, lineage).await;
        done?;
        Ok(unlocked?)
    }

    /// Whether this file was told of before for the same want of a log in it, and has not changed since; remembers that it
    /// was. `up` remembers for itself, and tells when a file is quiet.
    async fn was_told(&self, error: &anyhow::Error) -> anyhow::Result<bool> {
        if self.request.follow || !self.request.named.is_told_once(&self.input.path, error) {
            return Ok(false);
        }
        let (Ok(path), Ok(metadata)) = (
            std::path::absolute(&self.input.path),
            self.input.path.metadata(),
        ) else {
            return Ok(false);
        };
        let path = path.display().to_string();
        let now = identity::seen_without_log(&metadata);
        let mut connection = self.loader.pool.acquire().await?;
        match checkpoint::source_at(&mut connection, &path).await? {
            // It had rows once: what became of them is for a person.
            Some(known) if known.lineage.is_some() => Ok(false),
            Some(known) if identity::is_unchanged(&known, &metadata) => Ok(true),
            _ => {
                checkpoint::remember_source(&mut connection, &path, &now).await?;
                Ok(false)
            }
        }
    }

    /// Whether this path is a producer's, who may hold it for as long as the brokers are away: it is not waited for.
    async fn is_sent_by_a_producer(&self, path: &str) -> anyhow::Result<bool> {
        if matches!(self.loader.destination, Destination::Kafka(_)) || self.request.allow_duplicate
        {
            return Ok(false);
        }
        let mut connection = self.loader.pool.acquire().await?;
        Ok(stream::is_sent(&mut connection, path).await?)
    }

    async fn way(
        &self,
        connection: &mut PgConnection,
        path: &str,
        start: &Start,
    ) -> anyhow::Result<Way> {
        let known = stream::of_lineage(connection, start.lineage).await?;
        Ok(match (&self.loader.destination, known) {
            (Destination::Tables(_), None) => Way::Tables,
            (Destination::Tables(_), Some(_)) => Way::OfAProducer,
            (Destination::Kafka(outlet), known) => {
                let stream = match known {
                    Some(known) => known,
                    None => stream::claim(connection, start.lineage, start.position.record).await?,
                };
                let wanted = outlet.producer.place();
                let known = stream::place(connection, stream.stream, wanted).await?;
                if known != *wanted {
                    return Ok(Way::Elsewhere(sent_elsewhere(path, &known, wanted)));
                }
                Way::Kafka(Sending {
                    stream: stream.stream,
                    source: redact(path).into_owned(),
                    dialect: start.reading.plan.dialect.dialect.clone(),
                })
            }
        })
    }

    async fn read_and_store(
        &mut self,
        connection: &mut PgConnection,
        path: &str,
        file: Arc<File>,
        (metadata, start): (&Metadata, Start),
        sending: Option<Sending>,
    ) -> anyhow::Result<()> {
        let (lineage, arrival) = (start.lineage, start.arrival);
        let mut seen = identity::seen(metadata, lineage);
        let size_bytes = std::mem::replace(&mut seen.size_bytes, checkpoint::NOT_READ_TO_ITS_END);
        let source = checkpoint::remember_source(connection, path, &seen).await?;
        self.report.reading = Some(start.reading.plan.describe());
        self.report.read_as = Some(ReadAs::of(&start.reading.plan));
        self.report.result = FileResult::Loaded {
            arrival: start.arrival,
        };
        self.whole = false;
        let (to, batches) = mpsc::channel(2);
        let reader = Reader {
            loader: self.loader.clone(),
            source,
            start,
            takes_rest: !(self.request.follow && is_still_written(metadata)),
            may_be_cut: self.request.follow,
            gathering: self.gathering.clone(),
            to,
        };
        let reading = tokio::task::spawn_blocking(move || reader.read(&file));
        let stored = self.store(batches, sending.as_ref()).await;
        let read = reading
            .await
            .context("the reading of a file came to an unexpected end")
            .flatten();
        self.gathering.with(|gathered| {
            for batch in stored.batches {
                gathered.complete(batch);
            }
        });
        if let Some(error) = stored.failed {
            return Err(error);
        }
        let tally = read?;
        if self.request.follow && arrival == Arrival::New && tally.records == 0 {
            // It has no line yet. Each file that is followed begins so, and most begin alike.
            stream::retire(connection, &[lineage]).await?;
            checkpoint::forget_unread(connection, lineage).await?;
            checkpoint::remember_source(connection, path, &identity::unread(metadata)).await?;
            self.report.lineage = None;
        }
        if tally.replaced {
            self.report.again = true;
            self.report.count(&tally);
            return Ok(());
        }
        if stored.cut_short {
            // Its size is not remembered, so that the next load reads on.
            return Ok(());
        }
        self.whole = true;
        self.report.count(&tally);
        if let Some(source) = tally.stopped {
            let path = self.input.path.display().to_string();
            return Err(ReadError::NotToItsEnd { path, source }.into());
        }
        if tally.records == 0 {
            self.report.result = FileResult::NothingNew;
        }
        if !tally.waiting && self.report.lineage.is_some() {
            seen.size_bytes = size_bytes;
            checkpoint::remember_source(connection, path, &seen).await?;
        }
        Ok(())
    }

    /// Stores batches as they come, several at a time, until there are no more, one fails, or it is asked to stop.
    async fn store(&self, mut batches: mpsc::Receiver<Ready>, sending: Option<&Sending>) -> Stored {
        let mut stored = Stored::default();
        let mut running = JoinSet::new();
        let mut before: Option<oneshot::Receiver<()>> = None;
        while let Some(ready) = batches.recv().await {
            let slot = self.loader.destination.slot().await;
            while let Some(done) = running.try_join_next() {
                stored.note(done);
            }
            stored.cut_short = self.stop.asked().is_some();
            if stored.cut_short || stored.failed.is_some() {
                break;
            }
            let (committed, next) = oneshot::channel();
            let previous = before.replace(next);
            let records = ready.line.records.cast_unsigned();
            let begun = match self.loader.destination.begin(ready, sending).await {
                Ok(begun) => begun,
                Err(error) => {
                    stored.failed.get_or_insert(error);
                    break;
                }
            };
            let progress = Arc::clone(&self.loader.progress);
            running.spawn(async move {
                let result = begun.finish(previous).await;
                if result.is_ok() {
                    // Nobody waits behind the last batch.
                    let _ = committed.send(());
                    progress.stored.fetch_add(records, Ordering::Relaxed);
                }
                drop(slot);
                result
            });
        }
        // The reader ends when nobody takes its batches.
        drop(batches);
        while let Some(done) = running.join_next().await {
            stored.note(done);
        }
        stored
    }
}

/// What became of the batches of a file.
#[derive(Default)]
struct Stored {
    /// Those that are committed.
    batches: Vec<i64>,
    failed: Option<anyhow::Error>,
    /// It was asked to stop before the end.
    cut_short: bool,
}

impl Stored {
    fn note(&mut self, done: Result<anyhow::Result<Option<i64>>, JoinError>) {
        match done {
            Ok(Ok(batch)) => self.batches.extend(batch),
            // The first failure is the cause; those behind it only follow.
            Ok(Err(error)) if self.failed.as_ref().is_none_or(is_overtaken) => {
                self.failed = Some(error);
            }
            Ok(Err(_)) => {}
            Err(_) => {
                let crashed = StoreError::Database(sqlx::Error::WorkerCrashed);
                self.failed.get_or_insert(crashed.into());
            }
        }
    }
}

/// As it is called wherever the program is started.
fn absolute(path: &Path) -> String {
    std::path::absolute(path)
        .unwrap_or_else(|_| path.to_owned())
        .display()
        .to_string()
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
