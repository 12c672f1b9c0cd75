//! The fuse: new rows of `log` and `logerreur` become runs in `dataset` and days in `job_day`, in one transaction (the first
//! fuse of much in two, committed together).
//!
//! Only what changed is folded: the trees of the new rows, the trees with an open run, the days they touch. A changed
//! configuration, or `full`, folds everything again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use smartetl_core::fuse::{DaysOut, Fold, Folded, FuseConfig, JobKey, PARTS, Run, TriggerOf};
use smartetl_core::model::Moment;
use smartetl_store::catalogue::{self, SeenJob};
use smartetl_store::copy::{encode_run, encode_trigger};
use smartetl_store::fusion::{self, Lost, Removed, Wanted};
use smartetl_store::{StoreError, indexes};
use sqlx::{Connection, PgConnection, Postgres, Transaction};

use super::overlap::{self, Overlap};
use super::scratch::{in_folder, temporary_file};
use super::spill::Gathered;

/// Encoded runs above this size wait in a file.
const MEMORY_BYTES: usize = 32 << 20;
/// From so many trees on, the first fuse takes the indexes away while it writes, over two connections.
const MANY_TREES: usize = 5_000;
/// How much is sent to the server at a time.
const PIECE_BYTES: usize = 1 << 20;

/// What a fuse is given.
#[derive(Debug)]
pub struct Request {
    pub config: FuseConfig,
    /// The clock of the fuse.
    pub as_of: Moment,
    /// When it really is.
    pub now: Moment,
    /// Fold everything again.
    pub full: bool,
    /// Rows that were just loaded, so that they need not be read back.
    pub gathered: Option<Gathered>,
    /// Where files may be made when rows are many.
    pub folder: PathBuf,
}

/// What a fuse did.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    pub batches: u64,
    /// Runs written.
    pub runs: u64,
    /// Rows of `job_day` written.
    pub job_days: u64,
    pub full: bool,
    /// Of the rows that were fused for the first time.
    pub overlaps: Vec<Overlap>,
}

/// Fuses what is not fused yet. `spare` begins a transaction on another connection to the same database, for when much is to
/// be written.
///
/// # Errors
/// When the server refuses or is gone, or a file cannot be written. Nothing has changed then, but that the first fuse may
/// leave runs for the next one to replace.
pub async fn fuse<S>(
    connection: &mut PgConnection,
    spare: impl Fn() -> S,
    request: Request,
) -> anyhow::Result<Report>
where
    S: Future<Output = Option<Transaction<'static, Postgres>>>,
{
    let configuration_hash = request.config.hash();
    let timezone = request.config.zone.iana_name().map(str::to_owned);
    let mut transaction = connection.begin().await?;
    fusion::lock(&mut transaction).await?;
    let state = fusion::state(&mut transaction).await?;
    let full = request.full
        || match state {
            Some(state) => state.configuration_hash != configuration_hash,
            // Left by a first fuse that was interrupted, perhaps with another configuration.
            None => fusion::has_runs(&mut transaction).await?,
        };
    let new = fusion::batches(&mut transaction, false).await?;
    let batches = if full {
        fusion::batches(&mut transaction, true).await?
    } else {
        new.clone()
    };

    let mut gathered = gathered_rows(request.gathered, &batches, &request.config, &request.folder);
    let missing: Vec<i64> = batches
        .iter()
        .copied()
        .filter(|batch| !gathered.batches.contains(batch))
        .collect();
    let mut removed = Removed::default();
    if full {
        removed = fusion::remove_everything(&mut transaction).await?;
    }
    if !missing.is_empty() {
        fusion::read_rows(&mut transaction, Wanted::Batches(&missing), &mut gathered).await?;
    }
    gathered.batches.extend(&batches);
    let is_large = !full && state.is_none() && gathered.rows.trees().len() >= MANY_TREES;
    if is_large && let Some(beside) = spare().await {
        indexes::take_away(beside).await?;
    }
    if !full {
        let clock_went_back = state.is_some_and(|state| request.as_of < state.as_of);
        removed = take_back_trees(&mut transaction, &mut gathered, clock_went_back).await?;
    }
    let replaced = full || !removed.days.is_empty();

    tracing::debug!(
        batches = batches.len(),
        full,
        "rows for the fuse are gathered"
    );
    let Parts {
        mut fold,
        mut spool,
        mut jobs,
    } = fold_parts(
        gathered,
        request.as_of,
        Spool::new(&request.folder, request.as_of, request.now),
    )?;
    let open_jobs = fold.open_jobs();
    if !open_jobs.is_empty() {
        for (job, duration_ms) in fusion::durations(&mut transaction, &open_jobs).await? {
            fold.known_duration(&job, duration_ms);
        }
        for (system, environment, at) in fusion::horizons(&mut transaction).await? {
            fold.known_horizon(&system, &environment, at);
        }
    }
    let mut failed = None;
    fold.open_trees(&mut |run| {
        jobs.see(run);
        failed = failed.take().or(spool.push(run).err());
    });
    if let Some(error) = failed {
        return Err(error).context("cannot keep runs on their way to the database");
    }

    tracing::debug!("runs are folded");
    removed.days.extend(fold.business_days());
    let touched: Vec<_> = removed.days.into_iter().collect();
    if !full {
        fusion::known_runs(&mut transaction, &touched, |run| fold.known_run(run)).await?;
    }
    let horizons = fold.horizons();
    let overlaps = overlap::find(&mut transaction, &fold.repeats(), &new).await?;
    let DaysOut {
        days,
        triggers,
        changed,
    } = fold.days();
    let runs = triggers.len() as u64;
    tracing::debug!(runs, days = days.len(), "days are folded");
    // Of the first fuse two connections write the runs, and are committed: the indexes need all of them. Should nothing behind
    // that succeed, the next fuse finds runs without a state and folds everything again.
    let is_shared = is_large
        && !replaced
        && changed.is_empty()
        && write_shared(&spare, &spool, &triggers).await?;
    if !is_shared {
        let mut all = spool.read(0..triggers.len(), &triggers);
        fusion::copy_dataset(&mut transaction, |piece| all.next_piece(piece)).await?;
    }
    tracing::debug!("runs are written");
    let jobs = jobs.into_list();
    let mut doubtful = removed.jobs;
    if state.is_some() && !full {
        doubtful.extend(jobs.iter().map(|job| job.key.clone()));
    }
    let doubtful: Vec<_> = doubtful.into_iter().collect();
    let others = async {
        fusion::change_triggers(&mut transaction, &changed).await?;
        fusion::replace_job_days(&mut transaction, &touched, &days).await?;
        fusion::raise_horizons(&mut transaction, &horizons).await?;
        catalogue::see_jobs(&mut transaction, &jobs).await?;
        catalogue::look_again(&mut transaction, &doubtful).await?;
        catalogue::find_renamed(&mut transaction).await
    };
    if is_shared {
        let (others, built) = tokio::join!(others, build_shared(&spare));
        others.and(built)?;
    } else {
        others.await?;
    }
    indexes::complete(&mut transaction).await?;
    tracing::debug!("what hangs on the runs is written");
    fusion::finish(
        &mut transaction,
        &batches,
        request.as_of,
        request.now,
        (configuration_hash, timezone.as_deref()),
        runs as i64,
    )
    .await?;
    transaction.commit().await?;
    tracing::debug!("the fuse is committed");
    Ok(Report {
        batches: batches.len() as u64,
        runs,
        job_days: days.len() as u64,
        full,
        overlaps,
    })
}

/// The rows that were just loaded, if they are all still to be fused; else an empty start.
fn gathered_rows(
    loaded: Option<Gathered>,
    batches: &[i64],
    config: &FuseConfig,
    folder: &Path,
) -> Gathered {
    match loaded {
        Some(loaded)
            if loaded
                .batches
                .iter()
                .all(|batch| batches.binary_search(batch).is_ok()) =>
        {
            loaded
        }
        _ => Gathered::new(config.clone(), folder),
    }
}

/// Reads the older rows of stored trees that are folded again, and takes their runs out. Lost runs are found again only by
/// rows of their tree or of their job, unless the clock or a horizon may have gone back.
async fn take_back_trees(
    connection: &mut PgConnection,
    gathered: &mut Gathered,
    clock_went_back: bool,
) -> anyhow::Result<Removed> {
    let trees: Vec<i64> = gathered
        .rows
        .trees()
        .into_iter()
        .map(|tree| tree as i64)
        .collect();
    let doubtful = fusion::doubtful_horizons(connection, &trees).await?;
    let jobs = gathered.rows.jobs();
    let lost = if clock_went_back || !doubtful.is_empty() {
        Lost::All
    } else {
        Lost::Of(&jobs)
    };
    let stored = fusion::stored_trees(connection, &trees, lost).await?;
    if stored.trees.is_empty() {
        return Ok(Removed::default());
    }
    let older: Vec<i64> = stored
        .batches
        .into_iter()
        .filter(|batch| !gathered.batches.contains(batch))
        .collect();
    let wanted = Wanted::Trees {
        batches: &older,
        roots: &stored.roots,
    };
    let mut again = OnlyTrees {
        gathered,
        trees: &stored.trees,
    };
    fusion::read_rows(connection, wanted, &mut again).await?;
    let removed = fusion::remove_trees(connection, &stored.trees).await?;
    fusion::take_back_horizons(connection, &doubtful).await?;
    Ok(removed)
}

/// Root ids are short and come back: rows of other trees with the same root id are left out.
struct OnlyTrees<'g> {
    gathered: &'g mut Gathered,
    trees: &'g [i64],
}

impl fusion::StoredRows for OnlyTrees<'_> {
    fn log(&mut self, batch: i64, row: &smartetl_core::model::LogRow<'_>) {
        let trees = self.trees;
        self.gathered.rows.log_if(batch, row, |tree| {
            trees.binary_search(&(tree as i64)).is_ok()
        });
    }

    fn error(
        &mut self,
        batch: i64,
        row: &smartetl_core::model::ErrorRow<'_>,
        facts: &smartetl_store::copy::ErrorFacts<'_>,
    ) {
        let trees = self.trees;
        let class = super::spill::class_of(facts);
        self.gathered.rows.error_if(batch, row, &class, |tree| {
            trees.binary_search(&(tree as i64)).is_ok()
        });
    }

    fn breathe(&mut self) -> io::Result<()> {
        self.gathered.make_room()
    }
}

/// A fold whose parts are folded.
pub(super) struct Parts {
    /// Trees with an open run are still in it.
    pub(super) fold: Fold,
    pub(super) spool: Spool,
    jobs: SeenJobs,
}

/// Folds all parts, as many at a time as there are cores.
pub(super) fn fold_parts(
    mut gathered: Gathered,
    as_of: Moment,
    spool: Spool,
) -> anyhow::Result<Parts> {
    let spilled: Vec<_> = (0..PARTS)
        .map(|part| Mutex::new(gathered.spilled_file(part)))
        .collect();
    let mut fold = Fold::new(gathered.rows, as_of);
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Ok((spool, SeenJobs::default(), Vec::with_capacity(PARTS))));
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(PARTS);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let part = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = spilled.get(part) else { break };
                    let file = file.lock().unwrap_or_else(PoisonError::into_inner).take();
                    let folded = fold_part(&fold, part, file, &done);
                    if let Err(error) = folded {
                        *done.lock().unwrap_or_else(PoisonError::into_inner) = Err(error);
                        break;
                    }
                }
            });
        }
    });
    let (spool, jobs, parts) = done
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .context("cannot keep rows or runs that wait on their way to the database")?;
    parts.into_iter().for_each(|folded| fold.absorb(folded));
    Ok(Parts { fold, spool, jobs })
}

type Done = io::Result<(Spool, SeenJobs, Vec<Folded>)>;

/// Folds one part and hands over what it gave, in one piece: the order of runs and of what is absorbed is the same.
fn fold_part(fold: &Fold, part: usize, file: Option<File>, done: &Mutex<Done>) -> io::Result<()> {
    let bytes = read_back(file)?;
    let (as_of, now) = match &*done.lock().unwrap_or_else(PoisonError::into_inner) {
        Ok((spool, _, _)) => (spool.as_of, spool.now),
        Err(_) => return Ok(()),
    };
    let (mut tuples, mut lengths, mut seen) = (Vec::new(), Vec::new(), SeenJobs::default());
    let folded = fold.part(part, &bytes, &mut |run| {
        let before = tuples.len();
        encode_run(run, as_of, now, &mut tuples);
        lengths.push((tuples.len() - before) as u32);
        seen.see(run);
    });
    if let Ok((spool, jobs, parts)) = &mut *done.lock().unwrap_or_else(PoisonError::into_inner) {
        spool.append(&tuples, &lengths)?;
        jobs.merge(seen);
        parts.push(folded);
    }
    Ok(())
}

fn read_back(file: Option<File>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut file) = file {
        file.rewind()?;
        file.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Writes all runs over two connections and commits; says no, and does nothing, where there are not two.
async fn write_shared<S>(
    spare: &impl Fn() -> S,
    spool: &Spool,
    triggers: &[TriggerOf],
) -> anyhow::Result<bool>
where
    S: Future<Output = Option<Transaction<'static, Postgres>>>,
{
    let (Some(mut one), Some(mut other)) = (spare().await, spare().await) else {
        return Ok(false);
    };
    let middle = triggers.len() / 2;
    let mut first = spool.read(0..middle, triggers);
    let mut second = spool.read(middle..triggers.len(), triggers);
    let (first, second) = tokio::join!(
        fusion::copy_dataset(&mut one, |piece| first.next_piece(piece)),
        fusion::copy_dataset(&mut other, |piece| second.next_piece(piece)),
    );
    first.and(second)?;
    one.commit().await?;
    other.commit().await?;
    Ok(true)
}

/// Builds the indexes over two other connections, if there are so many; what is missing then is made later.
async fn build_shared<S>(spare: &impl Fn() -> S) -> Result<(), StoreError>
where
    S: Future<Output = Option<Transaction<'static, Postgres>>>,
{
    match (spare().await, spare().await) {
        (Some(one), Some(other)) => indexes::build_shared([one, other]).await,
        _ => Ok(()),
    }
}

/// Encoded runs that wait until their triggers are known: in memory while they are few, then in a file.
pub(super) struct Spool {
    as_of: Moment,
    now: Moment,
    tuples: Vec<u8>,
    lengths: Vec<u32>,
    /// What was moved away, and how long it is.
    file: Option<(File, u64)>,
    folder: PathBuf,
}

impl Spool {
    /// The clocks are those that are written with each run.
    pub(super) fn new(folder: &Path, as_of: Moment, now: Moment) -> Self {
        Self {
            as_of,
            now,
            tuples: Vec::new(),
            lengths: Vec::new(),
            file: None,
            folder: folder.to_owned(),
        }
    }

    pub(super) fn push(&mut self, run: &Run<'_>) -> io::Result<()> {
        let before = self.tuples.len();
        encode_run(run, self.as_of, self.now, &mut self.tuples);
        self.lengths.push((self.tuples.len() - before) as u32);
        self.make_room()
    }

    fn append(&mut self, tuples: &[u8], lengths: &[u32]) -> io::Result<()> {
        self.tuples.extend_from_slice(tuples);
        self.lengths.extend_from_slice(lengths);
        self.make_room()
    }

    fn make_room(&mut self) -> io::Result<()> {
        if self.tuples.len() <= MEMORY_BYTES {
            return Ok(());
        }
        self.move_to_file()
            .map_err(|error| in_folder(&self.folder, error))
    }

    fn move_to_file(&mut self) -> io::Result<()> {
        let (file, length) = match &mut self.file {
            Some(file) => file,
            empty => empty.insert((temporary_file(&self.folder)?, 0)),
        };
        file.write_all(&self.tuples)?;
        *length += self.tuples.len() as u64;
        self.tuples.clear();
        Ok(())
    }

    /// Reads some of the runs, completed by their triggers.
    pub(super) fn read<'s>(
        &'s self,
        runs: Range<usize>,
        triggers: &'s [TriggerOf],
    ) -> SpoolReader<'s> {
        let at = self.lengths[..runs.start]
            .iter()
            .map(|&length| u64::from(length))
            .sum();
        SpoolReader {
            spool: self,
            triggers,
            runs,
            at,
        }
    }
}

pub(super) struct SpoolReader<'s> {
    spool: &'s Spool,
    triggers: &'s [TriggerOf],
    /// What is still to be read, and where it begins.
    runs: Range<usize>,
    at: u64,
}

impl SpoolReader<'_> {
    /// Appends whole tuples of about `PIECE_BYTES`; says whether there are more.
    pub(super) fn next_piece(&mut self, piece: &mut Vec<u8>) -> io::Result<bool> {
        while piece.len() < PIECE_BYTES
            && let Some(run) = self.runs.next()
        {
            let from = piece.len();
            let length = self.spool.lengths[run];
            piece.resize(from + length as usize, 0);
            // The file holds whole tuples, those behind it are in memory.
            match &self.spool.file {
                Some((file, moved)) if self.at < *moved => {
                    file.read_exact_at(&mut piece[from..], self.at)?;
                }
                file => {
                    let moved = file.as_ref().map_or(0, |(_, moved)| *moved);
                    let at = (self.at - moved) as usize;
                    piece[from..].copy_from_slice(&self.spool.tuples[at..at + length as usize]);
                }
            }
            self.at += u64::from(length);
            encode_trigger(&self.triggers[run], piece);
        }
        Ok(!self.runs.is_empty())
    }
}

/// Which jobs were seen, and when; by number, so that a run costs a look-up. With the latest run that says the job's id.
#[derive(Default)]
struct SeenJobs(HashMap<i64, (SeenJob, Option<(Moment, uuid::Uuid)>)>);

impl SeenJobs {
    fn see(&mut self, run: &Run<'_>) {
        let (seen, id_of) = self.0.entry(run.job_number).or_insert_with(|| {
            let seen = SeenJob {
                key: JobKey {
                    system: run.system.to_owned(),
                    environment: run.environment.to_owned(),
                    project: run.project.unwrap_or_default().to_owned(),
                    job: run.job.to_owned(),
                },
                job_id: None,
                family: smartetl_core::model::job_family(run.job),
                first_seen: run.started_at,
                last_seen: run.started_at,
            };
            (seen, None)
        });
        seen.first_seen = seen.first_seen.min(run.started_at);
        seen.last_seen = seen.last_seen.max(run.started_at);
        let of = Some((run.started_at, run.run_key));
        if let Some(job_id) = run.job_id
            && *id_of < of
        {
            *id_of = of;
            if seen.job_id.as_deref() != Some(job_id) {
                seen.job_id = Some(job_id.to_owned());
            }
        }
    }

    fn merge(&mut self, other: Self) {
        for (number, (theirs, their_id_of)) in other.0 {
            match self.0.entry(number) {
                Entry::Vacant(free) => {
                    free.insert((theirs, their_id_of));
                }
                Entry::Occupied(mut ours) => {
                    let (ours, id_of) = ours.get_mut();
                    ours.first_seen = ours.first_seen.min(theirs.first_seen);
                    ours.last_seen = ours.last_seen.max(theirs.last_seen);
                    if *id_of < their_id_of {
                        *id_of = their_id_of;
                        ours.job_id = theirs.job_id;
                    }
                }
            }
        }
    }

    /// In the order of their names.
    fn into_list(self) -> Vec<SeenJob> {
        let mut jobs: Vec<SeenJob> = self.0.into_values().map(|(seen, _)| seen).collect();
        jobs.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        jobs
    }
}
