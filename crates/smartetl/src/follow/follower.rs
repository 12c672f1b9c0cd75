//! Reading in what is new, again and again.

use super::changes::{Changes, Look};
use super::signals::Manner;
use super::watch::{Changed, Outcome};
use crate::inbox::{self, Posts};
use crate::ingest::{Arrival, FileReport, FileResult, Named, Recognised, Request};
use crate::jobs::{Intake, Overlap, fuse};
use crate::pulse::Pulse;
use crate::reason::Reason;
use crate::service::Telemetry;
use crate::stop::Stop;
use smartetl_core::model::Moment;
use smartetl_formats::Settings;
use sqlx::PgPool;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long to wait after a failure of the database, at first and at most.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);
/// How often open runs are judged again although nothing new came.
const CLOCK_EVERY: Duration = Duration::from_mins(1);
/// How often it is told that something was posted.
const TELL_POSTS_EVERY: Duration = Duration::from_secs(10);
/// How often the last fuse is tried, and how long from one try to the next.
const LAST_FUSES: usize = 3;
const BEFORE_LAST_FUSE: Duration = Duration::from_millis(200);
/// How long it may take to fuse what came in last, when it is asked to stop.
const LAST_FUSE: Duration = Duration::from_secs(10);

/// What one pass brought.
#[derive(Debug, Default)]
pub struct News {
    /// Files of which something was read.
    pub files: u64,
    /// Something was posted.
    pub posted: bool,
    pub records: u64,
    pub rows_log: u64,
    pub rows_error: u64,
    pub rejects: u64,
    pub runs: u64,
    /// As what files were read, and which are no logs.
    pub recognised: Recognised,
    /// (path, what is wrong with it), each told once.
    pub findings: Vec<(String, Reason)>,
    /// (paths, options that have no effect on them because they were read before), told once for each path.
    pub notes: Vec<(Vec<String>, Reason)>,
    /// How many files cannot be read and were written just now: they are looked at once more before that is told.
    pub unsettled: u64,
    /// Rows that another file had brought before.
    pub overlaps: Vec<Overlap>,
    /// Rows that count nothing, because their trees have retired.
    pub left_out: u64,
    /// Why no runs can be made of stored rows; told once, until they can.
    pub fuse_failed: Option<String>,
    /// Runs can be made again.
    pub fuse_is_back: bool,
    /// How changes are noticed, where it is another way than before.
    pub manner: Option<Manner>,
}

impl News {
    fn add(&mut self, file: &FileReport) {
        self.recognised.add(file);
        self.files += u64::from(file.records > 0);
        self.records += file.records;
        self.rows_log += file.rows_log;
        self.rows_error += file.rows_error;
        self.rejects += file.rejects.values().sum::<u64>();
    }

    fn add_posts(&mut self, posts: inbox::News) {
        self.posted |= posts.records > 0;
        self.records += posts.records;
        self.rows_log += posts.rows_log;
        self.rows_error += posts.rows_error;
        self.rejects += posts.rejects;
    }

    fn add_note(&mut self, path: String, note: &Reason) {
        match self.notes.iter_mut().find(|(_, other)| other == note) {
            Some((paths, _)) => paths.push(path),
            None => self.notes.push((vec![path], note.clone())),
        }
    }
}

/// Watches paths and reads in what is new.
pub struct Follower {
    intake: Intake,
    pool: PgPool,
    settings: Settings,
    zone_given: bool,
    named: Named,
    /// Paths whose note was told.
    noted: HashSet<String>,
    /// Pins the clock of the fuse: open runs are then not judged again as time passes.
    as_of: Option<Moment>,
    telemetry: Arc<Telemetry>,
    pulse: Arc<Pulse>,
    changes: Changes,
    posts: Arc<Posts>,
    /// What was posted and not told yet, and when that was told last.
    posted: (inbox::News, Option<Instant>),
    /// How changes are noticed, as it was told.
    manner: Manner,
    clock_fuse_at: Instant,
    /// Somebody may have left rows that are not fused.
    is_left_unfused: bool,
    /// There may be months without their index: they get it when nothing else is to be done.
    months_wait: bool,
    /// A fuse failed: when to try again, and how long that waits.
    fuse_retry: Option<(Instant, Duration)>,
}

impl Follower {
    /// `pool`: for small questions. `settings`, and whether their zone was asked for just now.
    pub fn new(
        intake: Intake,
        pool: PgPool,
        paths: Vec<PathBuf>,
        (settings, zone_given): (Settings, bool),
        as_of: Option<Moment>,
        telemetry: Arc<Telemetry>,
    ) -> Self {
        Self {
            intake,
            pool,
            settings,
            zone_given,
            noted: HashSet::new(),
            as_of,
            telemetry,
            pulse: Arc::new(Pulse::new(None)),
            named: Named::of(&paths),
            changes: Changes::new(paths),
            posts: Arc::default(),
            posted: (inbox::News::default(), None),
            manner: Manner::Told,
            clock_fuse_at: Instant::now() + CLOCK_EVERY,
            is_left_unfused: true,
            months_wait: false,
            fuse_retry: None,
        }
    }

    /// Makes runs also of what is posted.
    #[must_use]
    pub fn with(mut self, posts: Arc<Posts>) -> Self {
        self.changes.also(Arc::clone(&posts));
        self.posts = posts;
        self
    }

    /// Shows whether it gets on.
    #[must_use]
    pub fn beating(self, pulse: Arc<Pulse>) -> Self {
        Self { pulse, ..self }
    }

    /// Goes on until it is asked to stop; batches that are on their way are then stored. `told` hears what is new; `trouble`
    /// hears once that nothing can be stored (with the reason), and once that it can again.
    pub async fn run(
        mut self,
        stop: &Stop,
        mut told: impl AsyncFnMut(News),
        mut trouble: impl FnMut(Option<&str>),
    ) {
        let mut retry = FIRST_RETRY;
        let pulse = Arc::clone(&self.pulse);
        let progress = self.intake.progress();
        let done = || progress.done();
        while stop.asked().is_none() {
            let look = tokio::select! {
                look = self.changes.next() => look,
                _ = stop.clone().wait() => break,
            };
            self.count_look(&look);
            pulse.beat();
            let result = match pulse.during(Box::pin(self.pass(look, stop)), done).await {
                Ok(news) => Ok(news),
                // One file whose rows the database refuses must not stop the others.
                Err(error) if self.database_answers().await => {
                    tracing::debug!("files are tried one by one: {error:#}");
                    let look = self.changes.look().await;
                    pulse
                        .during(Box::pin(self.pass_each(look, stop)), done)
                        .await
                }
                Err(error) => Err(error),
            };
            match result {
                Ok(mut news) => {
                    news.unsettled = self.changes.unsettled() as u64;
                    let manner = self.changes.manner();
                    news.manner = (manner != self.manner).then_some(manner);
                    self.manner = manner;
                    if self.telemetry.intake_trouble().is_some() {
                        trouble(None);
                        self.telemetry.set_intake_trouble(None);
                    }
                    self.telemetry.set_findings(self.changes.findings());
                    let waiting = self.changes.waiting() as u64;
                    let telemetry = &self.telemetry;
                    telemetry.files_waiting.store(waiting, Ordering::Relaxed);
                    telemetry.set_loading(false);
                    retry = FIRST_RETRY;
                    told(news).await;
                }
                Err(error) => {
                    // Files that cannot be stored do not keep what was posted from becoming runs.
                    if self.is_left_unfused && self.fuse_retry.is_none() {
                        let fused = self.fuse_left(&mut News::default()).await;
                        self.is_left_unfused = fused.is_err();
                    }
                    count(&self.telemetry.intakes_failed, 1);
                    let reason = format!("{error:#}");
                    if self.telemetry.intake_trouble().as_ref() != Some(&reason) {
                        trouble(Some(&reason));
                        self.telemetry.set_intake_trouble(Some(reason));
                    }
                    tokio::select! {
                        () = tokio::time::sleep(retry) => {}
                        _ = stop.clone().wait() => {}
                    }
                    retry = (retry * 2).min(LAST_RETRY);
                }
            }
        }
        // The fuse that was on its way was taken back, which may take a connection along. Where it takes longer, the next one that
        // follows does it.
        let last = async {
            for _ in 0..LAST_FUSES {
                self.fuse_retry = None;
                let fused = self.fuse_left(&mut News::default()).await;
                if fused.is_ok() && self.fuse_retry.is_none() {
                    break;
                }
                tokio::time::sleep(BEFORE_LAST_FUSE).await;
            }
        };
        let _ = tokio::time::timeout(LAST_FUSE, last).await;
    }

    /// Fuses what is stored and not fused; gives the number of runs.
    async fn fuse_left(&mut self, news: &mut News) -> anyhow::Result<u64> {
        if !self.intake.is_live() || !self.intake.is_fuse_due().await? {
            return Ok(0);
        }
        let fused = self.intake.fuse(self.as_of, false, None).await;
        Ok(self.note_fuse(fused.map(Some), news))
    }

    fn count_look(&self, look: &Look) {
        count(&self.telemetry.looks, 1);
        self.telemetry
            .files_watched
            .store(look.files as u64, Ordering::Relaxed);
    }

    /// Reads in what changed; where nothing did, lets open runs grow older now and then, and indexes what was read in before.
    ///
    /// # Errors
    /// When the database is gone. What changed is then still to be read.
    async fn pass(&mut self, look: Look, stop: &Stop) -> anyhow::Result<News> {
        let mut news = News::default();
        for missing in &look.missing {
            news.findings
                .push((missing.path().to_owned(), Reason::from(missing)));
        }
        let now = Instant::now();
        self.take_posts(now, &mut news);
        if !look.changed.is_empty() {
            Box::pin(self.take(&look.changed, stop, &mut news)).await?;
        } else if self.fuse_retry.is_some_and(|(at, _)| now >= at) {
            let fused = self.intake.fuse(self.as_of, false, None).await;
            news.runs += self.note_fuse(fused.map(Some), &mut news);
        } else if self.as_of.is_none() && self.intake.is_live() && now >= self.clock_fuse_at {
            self.clock_fuse_at = now + CLOCK_EVERY;
            let running =
                smartetl_store::facts::is_any_running(&mut *self.pool.acquire().await?).await?;
            if running {
                let fused = self.intake.fuse(None, false, None).await;
                count(&self.telemetry.clock_fuses, 1);
                // That time passes is no news.
                self.note_fuse(fused.map(Some), &mut news);
            }
        } else if self.is_left_unfused && self.fuse_retry.is_none() {
            let fused = self.fuse_left(&mut news).await;
            self.is_left_unfused = fused.is_err();
            news.runs += fused?;
        } else if std::mem::take(&mut self.months_wait) {
            self.intake.index_months().await;
        }
        Ok(news)
    }

    /// What was posted is to be fused. It is told now and then only: somebody may post all the time.
    fn take_posts(&mut self, now: Instant, news: &mut News) {
        let came = self.posts.take();
        self.is_left_unfused |= came.records > 0;
        self.posted.0.add(came);
        let is_time = self
            .posted
            .1
            .is_none_or(|told| now >= told + TELL_POSTS_EVERY);
        if is_time && self.posted.0.records > 0 {
            news.add_posts(std::mem::take(&mut self.posted.0));
            self.posted.1 = Some(now);
        }
    }

    /// Where the database answers and yet refuses: the files that it takes are read in, the others are findings. When it
    /// takes none, no file is to blame.
    async fn pass_each(&mut self, look: Look, stop: &Stop) -> anyhow::Result<News> {
        let mut news = News::default();
        let mut refused = Vec::new();
        let mut taken = 0_usize;
        for changed in look.changed {
            match Box::pin(self.take(std::slice::from_ref(&changed), stop, &mut news)).await {
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
            let reason = Reason::from(&error);
            let path = changed.path.display().to_string();
            count(&self.telemetry.files_failed, 1);
            let outcome = Outcome {
                finding: Some(reason.clone()),
                ..Outcome::default()
            };
            if self.changes.note(&changed, outcome) {
                news.findings.push((path, reason));
            }
        }
        Ok(news)
    }

    async fn take(
        &mut self,
        changed: &[Changed],
        stop: &Stop,
        news: &mut News,
    ) -> anyhow::Result<()> {
        let request = Request {
            files: changed.iter().map(Changed::input).collect(),
            named: self.named.clone(),
            settings: self.settings.clone(),
            zone_given: self.zone_given,
            allow_duplicate: false,
            follow: true,
        };
        let begun = Instant::now();
        let taken = self.intake.take(&request, self.as_of, stop).await?;
        self.telemetry.count_intake(begun.elapsed());
        for report in &taken.load.files {
            news.add(report);
            if let Some(note) = &report.note
                && self.noted.insert(report.path.clone())
            {
                news.add_note(report.path.clone(), note);
            }
            let telemetry = &self.telemetry;
            count(&telemetry.files_read, u64::from(report.records > 0));
            count(&telemetry.records_read, report.records);
            count(&telemetry.records_rejected, report.rejects.values().sum());
            match &report.result {
                FileResult::Failed { .. } => count(&telemetry.files_failed, 1),
                FileResult::Trouble { .. } => count(&telemetry.files_undecided, 1),
                FileResult::Loaded {
                    arrival: Arrival::Reopened,
                } => count(&telemetry.lines_reopened, 1),
                FileResult::Loaded { .. }
                | FileResult::NothingNew
                | FileResult::NoLog { .. }
                | FileResult::NoLogAsBefore => {}
            }
            let Some(file) = changed.get(report.index) else {
                continue;
            };
            if self.changes.note(file, Outcome::from(report))
                && let FileResult::Failed { reason } | FileResult::Trouble { reason } =
                    &report.result
            {
                news.findings.push((report.path.clone(), reason.clone()));
            }
        }
        news.runs += self.note_fuse(taken.fuse, news);
        Ok(())
    }

    /// What a fuse came to; gives the number of runs that it wrote. One that failed is tried again: the rows are stored.
    fn note_fuse(&mut self, fused: anyhow::Result<Option<fuse::Report>>, news: &mut News) -> u64 {
        let telemetry = &self.telemetry;
        match fused {
            Ok(None) => 0,
            Ok(Some(report)) => {
                count(&telemetry.fuses, 1);
                count(&telemetry.runs_fused, report.runs);
                news.overlaps.extend(report.overlaps);
                news.left_out += report.left_out;
                news.fuse_is_back |= telemetry.fuse_trouble().is_some();
                telemetry.set_fuse_trouble(None);
                self.fuse_retry = None;
                self.clock_fuse_at = Instant::now() + CLOCK_EVERY;
                self.months_wait = true;
                report.runs
            }
            Err(error) => {
                count(&telemetry.fuses_failed, 1);
                let reason = format!("{error:#}");
                if telemetry.fuse_trouble().is_none() {
                    news.fuse_failed = Some(reason.clone());
                }
                telemetry.set_fuse_trouble(Some(reason));
                let pause = self.fuse_retry.map_or(FIRST_RETRY, |(_, pause)| pause * 2);
                let pause = pause.min(LAST_RETRY);
                self.fuse_retry = Some((Instant::now() + pause, pause));
                0
            }
        }
    }

    async fn database_answers(&self) -> bool {
        let asked = async { sqlx::query("SELECT 1").execute(&self.pool).await.is_ok() };
        tokio::time::timeout(Duration::from_secs(5), asked)
            .await
            .unwrap_or(false)
    }
}

fn count(counter: &AtomicU64, number: u64) {
    counter.fetch_add(number, Ordering::Relaxed);
}
