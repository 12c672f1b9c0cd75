//! The fuse: new rows of `log` and `logerreur` become runs in `dataset` and days in `job_day`, in one transaction. The first
//! fuse of much writes the runs before, over two connections.
//!
//! Only what changed is folded: the trees of the new rows, the trees with an open run, the days they touch. A changed
//! configuration, or `full`, folds everything again but runs that have retired.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_core::model::Moment;
use smartetl_store::deadlines::{self, BusinessDays};
use smartetl_store::fusion::{self, Finished, Removed, Wanted};
use smartetl_store::indexes::{self, Wave};
use smartetl_store::issues::{self, Touched};
use smartetl_store::{StoreError, catalogue};
use sqlx::{Connection, PgConnection, Postgres, Transaction};

use super::again;
use super::folding::{Folding, Runs};
use super::grouping;
use super::overlap::{self, Overlap};
use super::spill::Gathered;
use super::spool::{Clocks, SpooledDays};

/// From so many trees on, the first fuse takes the indexes away while it writes, over two connections.
const MANY_TREES: usize = 5_000;

/// What a fuse is given.
#[derive(Debug)]
pub struct Request {
    pub config: FuseConfig,
    /// By these issues are judged.
    pub rules: Rules,
    /// The clock of the fuse.
    pub as_of: Moment,
    /// When it really is.
    pub now: Moment,
    /// Fold everything again.
    pub full: bool,
    pub because: Because,
    /// Rows that were just loaded, so that they need not be read back.
    pub gathered: Option<Gathered>,
    /// Where files may be made when rows are many.
    pub folder: PathBuf,
}

/// Why something is to be fused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Because {
    /// Rows came or went.
    #[default]
    OfRows,
    /// Somebody said something of problems: only runs that it concerns are folded again, at the clock of the last fuse.
    OfOverrides,
    /// The same, and all masked texts are made anew.
    OfMasks,
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
    /// Of the rows that were fused for the first time: how many count nothing, because their trees have retired.
    pub left_out: u64,
    /// Of the same rows.
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
    let border_minutes = request.config.border_minutes;
    let holidays = holidays(&request);
    let mut transaction = connection.begin().await?;
    fusion::lock(&mut transaction).await?;
    let state = fusion::state(&mut transaction).await?;
    let as_of = state
        .filter(|_| request.because != Because::OfRows)
        .map_or(request.as_of, |state| state.as_of);
    let full = request.full
        || match state {
            Some(state) => state.configuration_hash != configuration_hash,
            // Left by a first fuse that was interrupted, perhaps with another configuration.
            None => fusion::has_runs(&mut transaction).await?,
        };
    let new = match request.because {
        Because::OfRows => fusion::batches(&mut transaction, false).await?,
        Because::OfOverrides | Because::OfMasks => Vec::new(),
    };
    let batches = if full {
        fusion::batches(&mut transaction, true).await?
    } else {
        new.clone()
    };

    fusion::learn_words(&mut transaction, &request.config, &new, full).await?;
    let late = fusion::left_out(&mut transaction, &new).await?;
    fusion::note_left_out(&mut transaction, &late).await?;
    let left_out = late.values().sum::<i64>().cast_unsigned();
    // Only rows that are read back are told apart.
    let loaded = request.gathered.filter(|_| left_out == 0);
    let mut gathered = gathered_rows(loaded, &batches, &request.config, &request.folder);
    let missing: Vec<i64> = batches
        .iter()
        .copied()
        .filter(|batch| !gathered.batches.contains(batch))
        .collect();
    let mut removed = Removed::default();
    // Trees whose rows are folded; `None` for all.
    let mut folded = None;
    if full {
        removed = fusion::remove_everything(&mut transaction).await?;
    }
    if !missing.is_empty() {
        fusion::read_rows(&mut transaction, Wanted::Batches(&missing), &mut gathered).await?;
    }
    gathered.batches.extend(&batches);
    let news = grouping::News {
        because: request.because,
        batches: &batches,
        is_everything: full,
        has_runs: state.is_some(),
    };
    let mut grouped = grouping::follow(&mut transaction, gathered.rows.signatures(), news).await?;
    let mut trees = gathered.rows.trees();
    trees.extend(grouped.trees.iter().map(|tree| tree.cast_unsigned()));
    gathered
        .rows
        .correct(std::mem::take(&mut grouped.corrections));
    // Nothing is in `dataset` yet: not even runs of an interrupted fuse.
    let is_large = !full && state.is_none() && trees.len() >= MANY_TREES;
    if is_large && let Some(beside) = spare().await {
        indexes::take_away(beside).await?;
    }
    if let Some(state) = state.filter(|_| !full) {
        let clock_went_back = as_of < state.as_of;
        let again =
            again::take_back(&mut transaction, &mut gathered, trees, clock_went_back).await?;
        removed = again.removed;
        folded = Some(again.trees);
        trees = gathered.rows.trees();
    }
    let trees: Vec<i64> = trees.into_iter().map(u64::cast_signed).collect();
    let taken = fusion::retired_keys(&mut transaction, &trees).await?;
    drop(trees);
    gathered.rows.leave_keys(taken);
    tracing::debug!(
        batches = batches.len(),
        full,
        bytes = gathered.rows.packed_bytes(),
        "rows for the fuse are gathered"
    );
    let clocks = Clocks {
        as_of,
        now: request.now,
    };
    let mut folding = Folding::of(gathered, clocks, &request.folder).await?;
    let open_jobs = folding.fold.open_jobs();
    if !open_jobs.is_empty() {
        for (job, duration_ms) in fusion::durations(&mut transaction, &open_jobs, false).await? {
            folding.fold.known_duration(&job, duration_ms);
        }
        for (system, environment, at) in fusion::horizons(&mut transaction).await? {
            folding.fold.known_horizon(&system, &environment, at);
        }
    }
    folding.open_trees()?;
    tracing::debug!("runs are folded");
    let Folding { fold, runs, .. } = folding;
    let Runs { mut spool, jobs } = runs;
    removed.days.extend(fold.business_days());
    let touched: Vec<_> = removed.days.into_iter().collect();
    if !is_large {
        fusion::stored_runs(&mut transaction, &touched, |tuple| spool.take_stored(tuple))
            .await
            .map_err(of_stored_run)?;
    }
    let (horizons, adrift) = (fold.horizons(), fold.adrift().clone());
    let overlaps = overlap::find(&mut transaction, &fold.repeats(), &new).await?;
    drop(fold);
    let days = spool.days();
    let is_shared = is_large && write_shared(&spare, &days).await?;
    if !is_shared {
        fusion::copy_dataset(&mut transaction, |piece| days.next_piece(piece)).await?;
    }
    let written = days.done();
    tracing::debug!(
        runs = written.runs,
        days = written.job_days.count,
        "runs are written"
    );
    let jobs = jobs.into_list();
    let mut doubtful = removed.jobs;
    if state.is_some() && !full {
        doubtful.extend(jobs.iter().map(|job| job.key.clone()));
    }
    let doubtful: Vec<_> = doubtful.into_iter().collect();
    let others = async {
        fusion::change_triggers(&mut transaction, &written.changed).await?;
        fusion::replace_job_days(&mut transaction, &touched, written.job_days.pieces()).await?;
        fusion::raise_horizons(&mut transaction, &horizons).await?;
        fusion::replace_adrift(&mut transaction, folded.as_deref(), &adrift).await?;
        catalogue::see_jobs(&mut transaction, &jobs).await?;
        catalogue::look_again(&mut transaction, &doubtful).await?;
        catalogue::find_renamed(&mut transaction).await?;
        let business_days = BusinessDays {
            zone: timezone.as_deref().unwrap_or("UTC"),
            border_minutes,
        };
        deadlines::of_days(&mut transaction, &touched, business_days).await
    };
    let is_indexed = if is_shared {
        let (others, built) = tokio::join!(others, build_shared(&spare, Wave::ForIssues));
        others?;
        built?
    } else {
        others.await?;
        false
    };
    if !is_indexed {
        indexes::complete(&mut transaction).await?;
    }
    tracing::debug!("what hangs on the runs is written");
    let finished = Finished {
        as_of,
        fused_at: request.now,
        configuration_hash,
        timezone: timezone.as_deref(),
        holidays: &holidays,
        runs: written.runs as i64,
    };
    fusion::finish(&mut transaction, &batches, finished).await?;
    let touched = Touched {
        // What people say of problems also changes runs that are not folded again.
        all: full || state.is_none() || request.because != Because::OfRows,
        jobs: doubtful,
        runs: written.changed.iter().map(|run| run.run_key).collect(),
        families: Vec::new(),
        regrouped: grouped.is_new,
    };
    // They go along the indexes of the runs.
    let settled = issues::settle(&mut transaction, &touched, request.rules);
    let changed = if is_indexed {
        let (settled, built) = tokio::join!(settled, build_shared(&spare, Wave::Others));
        let changed = settled?;
        built?;
        indexes::complete(&mut transaction).await?;
        changed
    } else {
        settled.await?
    };
    tracing::debug!(changed, "issues are judged");
    transaction.commit().await?;
    if is_shared {
        // The server knows little of a table that was filled just now, and the first readers come at once.
        if let Err(error) = indexes::analyze(connection).await {
            tracing::warn!("the server will look at the new runs by itself: {error}");
        }
    }
    tracing::debug!("the fuse is committed");
    Ok(Report {
        batches: batches.len() as u64,
        runs: written.runs,
        job_days: written.job_days.count,
        full,
        left_out,
        overlaps,
    })
}

/// What nights are compared by: as far back as anybody looks, and the days to come.
fn holidays(request: &Request) -> BTreeSet<Date> {
    let config = &request.config;
    let year = config.zone.to_datetime(request.as_of.timestamp()).year();
    let years = (year - 3).max(Date::MIN.year())..=(year + 1).min(Date::MAX.year());
    config.calendar.closed_days(years)
}

/// `dataset` may hold what somebody else wrote there.
fn of_stored_run(error: StoreError) -> anyhow::Error {
    let is_strange = matches!(error, StoreError::Decode(_));
    let error = anyhow::Error::from(error);
    if is_strange {
        error.context("dataset holds a run that no fuse wrote; `smartetl fuse --full` computes all runs again")
    } else {
        error
    }
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

/// Writes all runs over two connections and commits: the indexes need all of them. Should nothing behind that succeed, the next
/// fuse finds runs without a state and folds everything again. Says no, and does nothing, where there are not two connections.
async fn write_shared<S>(spare: &impl Fn() -> S, days: &SpooledDays<'_>) -> anyhow::Result<bool>
where
    S: Future<Output = Option<Transaction<'static, Postgres>>>,
{
    let (Some(mut one), Some(mut other)) = (spare().await, spare().await) else {
        return Ok(false);
    };
    let (first, second) = tokio::join!(
        fusion::copy_dataset(&mut one, |piece| days.next_piece(piece)),
        fusion::copy_dataset(&mut other, |piece| days.next_piece(piece)),
    );
    first.and(second)?;
    one.commit().await?;
    other.commit().await?;
    Ok(true)
}

/// Builds indexes over two other connections; says no where there are not so many, or somebody is in the way.
async fn build_shared<S>(spare: &impl Fn() -> S, wave: Wave) -> Result<bool, StoreError>
where
    S: Future<Output = Option<Transaction<'static, Postgres>>>,
{
    match (spare().await, spare().await) {
        (Some(one), Some(other)) => indexes::build_shared([one, other], wave).await,
        _ => Ok(false),
    }
}
