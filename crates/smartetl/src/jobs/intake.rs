//! The main job: files into the tables, then the fuse. What `load` does once, `up` does again and again.

use std::path::PathBuf;
use std::sync::Arc;

use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_core::model::Moment;
use smartetl_store::{fusion, indexes};
use sqlx::PgPool;

use super::{Gathered, fuse, told};
use crate::config::{FuseMode, Settings};
use crate::ingest::{LoadReport, Loader, Progress, Request};
use crate::stop::Stop;

/// Everything the main job needs besides the files.
#[derive(Clone)]
pub struct Intake {
    pool: PgPool,
    config: FuseConfig,
    rules: Rules,
    mode: FuseMode,
    loader: Loader,
    folder: PathBuf,
}

/// What came in, and what the fuse made of it.
#[derive(Debug)]
pub struct Taken {
    pub load: LoadReport,
    /// `None` when nothing new came in, only `smartetl fuse` fuses, or it was asked to stop. Where it failed, what was loaded
    /// is stored all the same.
    pub fuse: anyhow::Result<Option<fuse::Report>>,
}

impl Intake {
    /// `folder`: where files may be made when rows are many. The pool must have [`Intake::pool_size`] connections.
    pub fn new(pool: PgPool, settings: &Settings, folder: PathBuf) -> Self {
        let config = FuseConfig::from(settings);
        let connections = usize::from(settings.load.connections.get());
        let batch_records = settings.load.batch_records.get() as usize;
        let loader = Loader::new(pool.clone(), connections, batch_records, config.hash());
        Self {
            pool,
            config,
            rules: Rules::from(settings),
            mode: settings.fuse.mode,
            loader,
            folder,
        }
    }

    /// The same, of which can be watched how far it alone is.
    #[must_use]
    pub fn with_progress_of_its_own(&self) -> Self {
        let mut own = self.clone();
        own.loader.progress = Arc::default();
        own
    }

    /// What reads the files.
    pub fn loader(&self) -> &Loader {
        &self.loader
    }

    /// The zone of the business days.
    pub fn zone(&self) -> &jiff::tz::TimeZone {
        &self.config.zone
    }

    /// Whether what comes in is fused at once.
    pub fn is_live(&self) -> bool {
        self.mode == FuseMode::Live
    }

    pub fn pool_size(settings: &Settings) -> u32 {
        Loader::pool_size(usize::from(settings.load.connections.get()))
    }

    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.loader.progress)
    }

    /// Loads and fuses. `as_of`: the clock of the fuse; now when `None`. Asked to stop, it ends after the batches that are
    /// on their way, or takes the fuse back.
    ///
    /// # Errors
    /// When what came in cannot be stored. Loading again goes on from what is stored.
    pub async fn take(
        &self,
        request: &Request,
        as_of: Option<Moment>,
        stop: &Stop,
    ) -> anyhow::Result<Taken> {
        let live = self.mode == FuseMode::Live;
        let gathered = live.then(|| Gathered::new(self.config.clone(), &self.folder));
        let mut load = self.loader.load(request, gathered, stop).await?;
        let new_rows = load
            .files
            .iter()
            .any(|file| file.rows_log + file.rows_error > 0);
        let goes_on = live && stop.asked().is_none();
        let gathered = load.gathered.take();
        let fuse = async {
            if !goes_on || !(new_rows || self.is_fuse_due().await?) {
                return Ok(None);
            }
            tokio::select! {
                fused = self.fuse(as_of, false, gathered) => fused.map(Some),
                _ = stop.clone().wait() => Ok(None),
            }
        };
        let fuse = fuse.await;
        Ok(Taken { load, fuse })
    }

    /// Fuses what is not fused yet; everything with `full`.
    ///
    /// # Errors
    /// When the database is gone; `dataset` is as before then.
    pub async fn fuse(
        &self,
        as_of: Option<Moment>,
        full: bool,
        gathered: Option<Gathered>,
    ) -> anyhow::Result<fuse::Report> {
        let now = Moment(jiff::Timestamp::now().as_microsecond());
        let request = fuse::Request {
            config: self.config.clone(),
            rules: self.rules,
            as_of: as_of.unwrap_or(now),
            now,
            full,
            because: fuse::Because::OfRows,
            gathered,
            folder: self.folder.clone(),
        };
        let mut connection = self.pool.acquire().await?;
        // The first fuse looks for nothing among the stored rows.
        if fusion::state(&mut connection).await?.is_some() {
            self.index_months().await;
        }
        let spare = || async { self.pool.begin().await.ok() };
        fuse::fuse(&mut connection, spare, request)
            .await
            .map_err(told)
    }

    /// Gives months of rows the index that later fuses find rows by. Where that fails they find them without, more slowly.
    pub async fn index_months(&self) {
        let made = async {
            let mut connection = self.pool.acquire().await?;
            let spare = async || self.pool.acquire().await.ok();
            indexes::complete_months(&mut connection, spare).await
        };
        if let Err(error) = made.await {
            tracing::warn!("the indexes of new months wait for the next fuse: {error}");
        }
    }

    /// Whether something is stored that is not fused.
    ///
    /// # Errors
    /// When the database is gone.
    pub async fn is_fuse_due(&self) -> anyhow::Result<bool> {
        let mut connection = self.pool.acquire().await?;
        Ok(!fusion::batches(&mut connection, false).await?.is_empty())
    }
}
