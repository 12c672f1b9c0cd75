//! The fuse: new rows of `log` and `logerreur` become runs in `dataset` and days in `job_day`, in one transaction.
//!
//! Only what changed is folded: the trees of the new rows, the trees with an open run, the days they touch. A changed
//! configuration, or `full`, folds everything again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use smartetl_core::fuse::{DaysOut, Fold, FuseConfig, JobKey, PARTS, Run, TriggerOf};
use smartetl_core::model::Moment;
use smartetl_store::catalogue::{self, SeenJob};
use smartetl_store::copy::{encode_run, encode_trigger};
use smartetl_store::fusion::{self, Removed, Wanted};
use sqlx::{Connection, PgConnection};

use super::spill::{Gathered, temporary_file};

/// Encoded runs above this size wait in a file.
const MEMORY_BYTES: usize = 32 << 20;
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    pub batches: u64,
    /// Runs written.
    pub runs: u64,
    /// Rows of `job_day` written.
    pub job_days: u64,
    pub full: bool,
}

/// Fuses what is not fused yet.
///
/// # Errors
/// When the server refuses or is gone, or a file cannot be written; nothing has changed then.
pub async fn fuse(connection: &mut PgConnection, request: Request) -> anyhow::Result<Report> {
    let configuration_hash = request.config.hash();
    let mut transaction = connection.begin().await?;
    fusion::lock(&mut transaction).await?;
    let state = fusion::state(&mut transaction).await?;
    let full = request.full || state.is_some_and(|state| state.configuration_hash != configuration_hash);
    let batches = fusion::batches(&mut transaction, full).await?;

    let mut gathered = gathered_rows(request.gathered, &batches, &request.config, &request.folder);
    let missing: Vec<i64> =
        batches.iter().copied().filter(|batch| !gathered.batches.contains(batch)).collect();
    let mut removed = Removed::default();
    if full {
        removed = fusion::remove_everything(&mut transaction).await?;
        if gathered.batches.is_empty() {
            fusion::read_rows(&mut transaction, Wanted::All, &mut gathered).await?;
        } else {
            fusion::read_rows(&mut transaction, Wanted::Batches(&missing), &mut gathered).await?;
        }
    } else if !missing.is_empty() {
        fusion::read_rows(&mut transaction, Wanted::Batches(&missing), &mut gathered).await?;
    }
    gathered.batches.extend(&batches);
    if !full {
        removed = take_back_trees(&mut transaction, &mut gathered).await?;
    }

    tracing::debug!(batches = batches.len(), full, "rows for the fuse are gathered");
    let mut spool = Spool::new(&request.folder);
    let mut jobs = SeenJobs::default();
    let mut fold = fold_parts(gathered, request.as_of, |run| {
        jobs.see(run);
        spool.push(run, request.as_of, request.now)
    })?;
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
        failed = failed.take().or(spool.push(run, request.as_of, request.now).err());
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
    let DaysOut { days, triggers, changed } = fold.days();
    let runs = triggers.len() as u64;
    tracing::debug!(runs, days = days.len(), "days are folded");
    let mut spool = spool.read(&triggers)?;
    fusion::copy_dataset(&mut transaction, |piece| spool.next_piece(piece)).await?;
    tracing::debug!("runs are written");
    fusion::change_triggers(&mut transaction, &changed).await?;
    fusion::replace_job_days(&mut transaction, &touched, &days).await?;
    fusion::raise_horizons(&mut transaction, &horizons).await?;
    let jobs = jobs.into_list();
    catalogue::see_jobs(&mut transaction, &jobs).await?;
    let mut doubtful = removed.jobs;
    if state.is_some() && !full {
        doubtful.extend(jobs.into_iter().map(|job| job.key));
    }
    catalogue::look_again(&mut transaction, &doubtful.into_iter().collect::<Vec<_>>()).await?;
    catalogue::find_renamed(&mut transaction).await?;
    fusion::finish(
        &mut transaction,
        &batches,
        request.as_of,
        request.now,
        configuration_hash,
        runs as i64,
    )
    .await?;
    transaction.commit().await?;
    tracing::debug!("the fuse is committed");
    Ok(Report { batches: batches.len() as u64, runs, job_days: days.len() as u64, full })
}

/// The rows that were just loaded, if they are all still to be fused; else an empty start.
fn gathered_rows(
    loaded: Option<Gathered>,
    batches: &[i64],
    config: &FuseConfig,
    folder: &Path,
) -> Gathered {
    match loaded {
        Some(loaded) if loaded.batches.iter().all(|batch| batches.binary_search(batch).is_ok()) => loaded,
        _ => Gathered::new(config.clone(), folder),
    }
}

/// Reads the older rows of stored trees that are folded again, and takes their runs out.
async fn take_back_trees(
    connection: &mut PgConnection,
    gathered: &mut Gathered,
) -> anyhow::Result<Removed> {
    let trees: Vec<i64> = gathered.rows.trees().into_iter().map(|tree| tree as i64).collect();
    let stored = fusion::stored_trees(connection, &trees).await?;
    if stored.trees.is_empty() {
        return Ok(Removed::default());
    }
    let older: Vec<i64> =
        stored.batches.into_iter().filter(|batch| !gathered.batches.contains(batch)).collect();
    let wanted = Wanted::Trees { batches: &older, roots: &stored.roots };
    let mut again = OnlyTrees { gathered, trees: &stored.trees };
    fusion::read_rows(connection, wanted, &mut again).await?;
    Ok(fusion::remove_trees(connection, &stored.trees).await?)
}

/// Root ids are short and come back: rows of other trees with the same root id are left out.
struct OnlyTrees<'g> {
    gathered: &'g mut Gathered,
    trees: &'g [i64],
}

impl fusion::StoredRows for OnlyTrees<'_> {
    fn log(&mut self, batch: i64, row: &smartetl_core::model::LogRow<'_>) {
        let trees = self.trees;
        self.gathered.rows.log_if(batch, row, |tree| trees.binary_search(&(tree as i64)).is_ok());
    }

    fn error(
        &mut self,
        batch: i64,
        row: &smartetl_core::model::ErrorRow<'_>,
        facts: &smartetl_store::copy::ErrorFacts<'_>,
    ) {
        let trees = self.trees;
        let class = super::spill::class_of(facts);
        self.gathered.rows.error_if(batch, row, &class, |tree| trees.binary_search(&(tree as i64)).is_ok());
    }

    fn breathe(&mut self) -> io::Result<()> {
        self.gathered.make_room()
    }
}

/// Folds all parts; trees with an open run stay in the fold.
pub(super) fn fold_parts(
    mut gathered: Gathered,
    as_of: Moment,
    mut emit: impl FnMut(&Run<'_>) -> io::Result<()>,
) -> anyhow::Result<Fold> {
    let mut spilled = Vec::with_capacity(PARTS);
    for part in 0..PARTS {
        spilled.push(gathered.spilled_file(part));
    }
    let mut fold = Fold::new(gathered.rows, as_of);
    for (part, file) in spilled.into_iter().enumerate() {
        let bytes = read_back(file).context("cannot read back rows that wait for the fold")?;
        let mut failed = None;
        fold.part(part, &bytes, &mut |run| failed = failed.take().or(emit(run).err()));
        if let Some(error) = failed {
            return Err(error).context("cannot keep runs on their way to the database");
        }
    }
    Ok(fold)
}

fn read_back(file: Option<File>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut file) = file {
        file.rewind()?;
        file.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Encoded runs that wait until their triggers are known.
pub(super) struct Spool {
    tuples: Vec<u8>,
    lengths: Vec<u32>,
    file: Option<File>,
    folder: PathBuf,
}

impl Spool {
    pub(super) fn new(folder: &Path) -> Self {
        Self { tuples: Vec::new(), lengths: Vec::new(), file: None, folder: folder.to_owned() }
    }

    pub(super) fn push(&mut self, run: &Run<'_>, as_of: Moment, now: Moment) -> io::Result<()> {
        let before = self.tuples.len();
        encode_run(run, as_of, now, &mut self.tuples);
        self.lengths.push((self.tuples.len() - before) as u32);
        if self.tuples.len() > MEMORY_BYTES {
            let file = match &mut self.file {
                Some(file) => file,
                empty => empty.insert(temporary_file(&self.folder)?),
            };
            file.write_all(&self.tuples)?;
            self.tuples.clear();
        }
        Ok(())
    }

    pub(super) fn read(self, triggers: &[TriggerOf]) -> io::Result<SpoolReader<'_>> {
        let file = match self.file {
            Some(mut file) => {
                file.rewind()?;
                Some(BufReader::with_capacity(PIECE_BYTES, file))
            }
            None => None,
        };
        Ok(SpoolReader { file, rest: io::Cursor::new(self.tuples), lengths: self.lengths, triggers, next: 0 })
    }
}

pub(super) struct SpoolReader<'t> {
    file: Option<BufReader<File>>,
    rest: io::Cursor<Vec<u8>>,
    lengths: Vec<u32>,
    triggers: &'t [TriggerOf],
    next: usize,
}

impl SpoolReader<'_> {
    /// Appends whole tuples of about `PIECE_BYTES`; says whether there are more.
    pub(super) fn next_piece(&mut self, piece: &mut Vec<u8>) -> io::Result<bool> {
        while self.next < self.lengths.len() && piece.len() < PIECE_BYTES {
            let from = piece.len();
            piece.resize(from + self.lengths[self.next] as usize, 0);
            let into = &mut piece[from..];
            // The file holds whole tuples, those behind it are in memory.
            let in_file = match &mut self.file {
                Some(file) => !io::BufRead::fill_buf(file)?.is_empty(),
                None => false,
            };
            match &mut self.file {
                Some(file) if in_file => file.read_exact(into)?,
                _ => self.rest.read_exact(into)?,
            }
            encode_trigger(&self.triggers[self.next], piece);
            self.next += 1;
        }
        Ok(self.next < self.lengths.len())
    }
}

/// Which jobs were seen, and when; with the latest run that says the job's id.
#[derive(Default)]
struct SeenJobs(BTreeMap<JobKey, (SeenJob, Option<(Moment, uuid::Uuid)>)>);

impl SeenJobs {
    fn see(&mut self, run: &Run<'_>) {
        let key = JobKey {
            system: run.system.to_owned(),
            environment: run.environment.to_owned(),
            project: run.project.unwrap_or_default().to_owned(),
            job: run.job.to_owned(),
        };
        let (seen, id_of) = self.0.entry(key).or_insert_with_key(|key| {
            let seen = SeenJob {
                key: key.clone(),
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
            seen.job_id = Some(job_id.to_owned());
            *id_of = of;
        }
    }

    fn into_list(self) -> Vec<SeenJob> {
        self.0.into_values().map(|(seen, _)| seen).collect()
    }
}
