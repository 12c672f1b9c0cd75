//! Reading in what is new, again and again.

use super::watch::{Changed, Look, Watch};
use crate::ingest::{FileReport, FileResult, Request};
use crate::jobs::{Intake, Overlap, fuse};
use crate::service::Telemetry;
use crate::stop::Stop;
use smartetl_core::model::Moment;
use smartetl_formats::Settings;
use sqlx::PgPool;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

/// From one look to the next; longer where a look takes long, so that it never takes more than a twentieth of the time.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// How long to wait after a failure of the database, at first and at most.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);
/// How often open runs are judged again although nothing new came.
const CLOCK_EVERY: Duration = Duration::from_mins(1);

/// What one pass brought.
#[derive(Debug, Default)]
pub struct News {
    /// Files of which something was read.
    pub files: u64,
    pub records: u64,
    pub rows_log: u64,
    pub rows_error: u64,
    pub rejects: u64,
    pub runs: u64,
    /// (path, what is wrong with it), each told once.
    pub findings: Vec<(String, String)>,
    /// Rows that another file had brought before.
    pub overlaps: Vec<Overlap>,
}

impl News {
    pub fn is_empty(&self) -> bool {
        self.records == 0 && self.runs == 0 && self.findings.is_empty()
    }

    fn add(&mut self, file: &FileReport) {
        self.files += u64::from(file.records > 0);
        self.records += file.records;
        self.rows_log += file.rows_log;
        self.rows_error += file.rows_error;
        self.rejects += file.rejects.values().sum::<u64>();
    }
}

/// Watches paths and reads in what is new.
pub struct Follower {
    intake: Intake,
    pool: PgPool,
    settings: Settings,
    /// Pins the clock of the fuse: open runs are then not judged again as time passes.
    as_of: Option<Moment>,
    telemetry: Arc<Telemetry>,
    watch: Watch,
    clock_fuse_at: Instant,
}

impl Follower {
    /// `pool`: for small questions.
    pub fn new(
        intake: Intake,
        pool: PgPool,
        paths: Vec<PathBuf>,
        settings: Settings,
        as_of: Option<Moment>,
        telemetry: Arc<Telemetry>,
    ) -> Self {
        Self {
            intake,
            pool,
            settings,
            as_of,
            telemetry,
            watch: Watch::new(paths),
            clock_fuse_at: Instant::now() + CLOCK_EVERY,
        }
    }

    /// Goes on for ever. `told` hears what is new; `trouble` hears once that the database is away (with the reason),
    /// and once that it is back.
    pub async fn run(
        mut self,
        mut told: impl AsyncFnMut(News),
        mut trouble: impl FnMut(Option<&str>),
    ) {
        let mut retry = FIRST_RETRY;
        loop {
            let begun = Instant::now();
            let (look, took) = self.look().await;
            let result = match Box::pin(self.pass(look)).await {
                Ok(news) => Ok(news),
                // One file whose rows the database refuses must not stop the others.
                Err(error) if self.database_answers().await => {
                    tracing::debug!("files are tried one by one: {error:#}");
                    let (look, _) = self.look().await;
                    Box::pin(self.pass_each(look)).await
                }
                Err(error) => Err(error),
            };
            match result {
                Ok(news) => {
                    if self.telemetry.trouble().is_some() {
                        trouble(None);
                        self.telemetry.set_trouble(None);
                    }
                    self.telemetry.set_loading(false);
                    retry = FIRST_RETRY;
                    told(news).await;
                    let pause = (took * 20).clamp(LOOK_EVERY, LONGEST_PAUSE);
                    tokio::time::sleep(pause.saturating_sub(begun.elapsed())).await;
                }
                Err(error) => {
                    let reason = format!("{error:#}");
                    if self.telemetry.trouble().as_ref() != Some(&reason) {
                        trouble(Some(&reason));
                        self.telemetry.set_trouble(Some(reason));
                    }
                    tokio::time::sleep(retry).await;
                    retry = (retry * 2).min(LAST_RETRY);
                }
            }
        }
    }

    /// Also says how long it took.
    pub async fn look(&mut self) -> (Look, Duration) {
        let begun = Instant::now();
        // Listing a large or far folder takes its time.
        let mut watch = std::mem::replace(&mut self.watch, Watch::new(Vec::new()));
        let looked = tokio::task::spawn_blocking(move || {
            let look = watch.look(SystemTime::now());
            (watch, look)
        });
        let (watch, look) = match looked.await {
            Ok(looked) => looked,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        self.watch = watch;
        self.telemetry.looks.fetch_add(1, Ordering::Relaxed);
        self.telemetry
            .files_watched
            .store(look.files as u64, Ordering::Relaxed);
        (look, begun.elapsed())
    }

    /// Reads in what changed; where nothing did, lets open runs grow older now and then.
    ///
    /// # Errors
    /// When the database is gone. What changed is then still to be read.
    pub async fn pass(&mut self, look: Look) -> anyhow::Result<News> {
        let mut news = News::default();
        for missing in &look.missing {
            news.findings
                .push((missing.path().to_owned(), missing.to_string()));
        }
        if !look.changed.is_empty() {
            Box::pin(self.take(&look.changed, &mut news)).await?;
        } else if self.as_of.is_none() && Instant::now() >= self.clock_fuse_at {
            self.clock_fuse_at = Instant::now() + CLOCK_EVERY;
            let running =
                smartetl_store::facts::is_any_running(&mut *self.pool.acquire().await?).await?;
            if running {
                let report = self.intake.fuse(None, false, None).await?;
                self.telemetry.clock_fuses.fetch_add(1, Ordering::Relaxed);
                self.count(&report);
            }
        }
        Ok(news)
    }

    /// Where the database answers and yet refuses: the files that it takes are read in, the others are findings. When it
    /// takes none, no file is to blame.
    async fn pass_each(&mut self, look: Look) -> anyhow::Result<News> {
        let mut news = News::default();
        let mut refused = Vec::new();
        let mut taken = 0_usize;
        for changed in look.changed {
            match Box::pin(self.take(std::slice::from_ref(&changed), &mut news)).await {
                Ok(()) => taken += 1,
                Err(error) if self.database_answers().await => refused.push((changed, error)),
                Err(error) => return Err(error),
            }
        }
        if taken == 0
            && let Some((_, error)) = refused.pop()
        {
            return Err(error);
        }
        for (changed, error) in refused {
            let reason = format!("{error:#}");
            let path = changed.path.display().to_string();
            let report = FileReport::failed(path.clone(), reason.clone());
            self.telemetry.files_failed.fetch_add(1, Ordering::Relaxed);
            if self.watch.note(&changed, &report, SystemTime::now()) {
                news.findings.push((path, reason));
            }
        }
        Ok(news)
    }

    async fn take(&mut self, changed: &[Changed], news: &mut News) -> anyhow::Result<()> {
        let request = Request {
            files: changed.iter().map(|file| file.path.clone()).collect(),
            settings: self.settings.clone(),
            allow_duplicate: false,
            follow: true,
        };
        let begun = Instant::now();
        // `up` ends by dropping the follower: transactions that are open are taken back.
        let taken = self
            .intake
            .take(&request, self.as_of, &Stop::never())
            .await?;
        self.telemetry.count_intake(begun.elapsed());
        let now = SystemTime::now();
        let by_name: HashMap<String, &Changed> = changed
            .iter()
            .map(|file| (file.path.display().to_string(), file))
            .collect();
        for report in &taken.load.files {
            news.add(report);
            let read = report.records > 0;
            self.telemetry
                .files_read
                .fetch_add(u64::from(read), Ordering::Relaxed);
            self.telemetry
                .records_read
                .fetch_add(report.records, Ordering::Relaxed);
            let Some(file) = by_name.get(&report.path) else {
                continue;
            };
            if let FileResult::Failed { .. } = report.result {
                self.telemetry.files_failed.fetch_add(1, Ordering::Relaxed);
            }
            if self.watch.note(file, report, now)
                && let FileResult::Failed { reason } | FileResult::Trouble { reason } =
                    &report.result
            {
                news.findings.push((report.path.clone(), reason.clone()));
            }
        }
        if let Some(report) = taken.fuse {
            news.runs += report.runs;
            self.count(&report);
            news.overlaps.extend(report.overlaps);
            self.clock_fuse_at = Instant::now() + CLOCK_EVERY;
        }
        Ok(())
    }

    fn count(&self, report: &fuse::Report) {
        self.telemetry
            .runs_fused
            .fetch_add(report.runs, Ordering::Relaxed);
    }

    async fn database_answers(&self) -> bool {
        let asked = async { sqlx::query("SELECT 1").execute(&self.pool).await.is_ok() };
        tokio::time::timeout(Duration::from_secs(5), asked)
            .await
            .unwrap_or(false)
    }
}
