//! Doing what was asked for: whoever holds the lock of the database does it.

use super::told::{Loaded, Told, Unloaded, Words};
use super::{Asked, Kind, Work};
use crate::errors::{ErrorCode, Failure, code_of};
use crate::ingest::{FileReport, FileResult, Input, Named, Progress, Request};
use crate::jobs::unload::{self, Wanted};
use crate::jobs::{Intake, told};
use crate::reason::Reason;
use crate::stop::Stop;
use futures_util::FutureExt as _;
use smartetl_core::model::Moment;
use smartetl_formats::Plan;
use smartetl_store::tasks::{self, Task};
use smartetl_store::{sources, uploads};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use std::fs::File;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval, sleep};

/// Whatever ended the process so often in the middle will do so again.
const LAST_TRY: i32 = 4;

/// How often it is looked whether others have done what they do, and how often a database that is away is tried.
const OTHERS: Duration = Duration::from_secs(1);
const AWAY: Duration = Duration::from_secs(5);
/// How often old uploads are looked for.
const SWEEP: Duration = Duration::from_mins(10);
/// How often it is written down how far it is.
const TELL: Duration = Duration::from_millis(500);
/// How long batches that are on their way may take when smartETL stops.
const LAST_WORK: Duration = Duration::from_secs(5);
/// So often a file is read that changes while it is read.
const READ_AGAIN: usize = 5;

/// What became of all that was asked for.
enum Round {
    Done,
    /// Another process is at it.
    Others,
}

/// What became of one piece.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
enum Ended {
    Told(Told),
    /// It was asked to stop: whoever comes next goes on.
    Stopped,
}

impl Work {
    /// Does what is asked for, and what others left, until it is asked to stop; in a thread of its own.
    pub fn begin(self, stop: Stop) -> JoinHandle<()> {
        spawn_blocking(move || Handle::current().block_on(self.run(&stop)))
    }

    /// What would go of these lineages.
    ///
    /// # Errors
    /// When it was pruned, or the server refuses or is gone.
    pub async fn would_unload(&self, lineages: Vec<i64>) -> anyhow::Result<unload::Report> {
        let work = self.clone();
        let asking = move || {
            Handle::current().block_on(async {
                let mut connection = work.parts.pool.acquire().await?;
                // Locks that are left by what fails go with it.
                connection.close_on_drop();
                let request = work.unloading(lineages.into_iter().collect(), true, true);
                unload::unload(&mut connection, request).await
            })
        };
        spawn_blocking(asking).await?
    }

    async fn run(&self, stop: &Stop) {
        while stop.asked().is_none() {
            let late = async {
                stop.clone().wait().await;
                sleep(LAST_WORK).await;
            };
            let round = tokio::select! {
                round = self.round(stop) => round,
                // What it does is taken back, or gone on with by whoever comes next.
                () = late => return,
            };
            let pause = match round {
                Ok(Round::Done) => SWEEP,
                Ok(Round::Others) => OTHERS,
                Err(error) => {
                    tracing::warn!("what was asked for waits: {error:#}");
                    AWAY
                }
            };
            let wanted = async {
                if pause == SWEEP {
                    self.wanted.notified().await;
                } else {
                    std::future::pending().await
                }
            };
            tokio::select! {
                () = wanted => {}
                () = sleep(pause) => {}
                _ = stop.clone().wait() => {}
            }
        }
    }

    /// # Errors
    /// When the database is gone, or refuses what it never should.
    async fn round(&self, stop: &Stop) -> anyhow::Result<Round> {
        let mut connection = self.parts.pool.acquire().await?;
        let place = self.files().place();
        self.files().sweep(&mut connection).await?;
        if !tasks::any_open(&mut connection, place).await? {
            return Ok(Round::Done);
        }
        // The lock goes with the connection, however this ends.
        connection.close_on_drop();
        if !tasks::try_lock(&mut connection).await? {
            return Ok(Round::Others);
        }
        while stop.asked().is_none() {
            let Some(task) = tasks::begin(&mut connection, place).await? else {
                break;
            };
            let ended = if task.tries >= LAST_TRY {
                Ended::Told(Told {
                    failed: Some(Words::from(&Reason::from([
                        "smartETL ended in the middle of it again and again: it is not tried any more",
                        "smartETL s’est arrêté chaque fois au milieu\u{a0}: il n’y aura plus d’essai",
                    ]))),
                    ..Told::default()
                })
            } else {
                self.one(&mut connection, &task, stop).await?
            };
            let Ended::Told(told) = ended else { break };
            let is_done = told.failed.is_none();
            let told = serde_json::to_value(told)?;
            tasks::end(&mut connection, task.task, is_done, &told).await?;
        }
        Ok(Round::Done)
    }

    /// Does one piece, and writes down now and then how far it is.
    ///
    /// # Errors
    /// When the database is gone.
    async fn one(
        &self,
        connection: &mut PgConnection,
        task: &Task,
        stop: &Stop,
    ) -> anyhow::Result<Ended> {
        let intake = self.parts.intake.with_progress_of_its_own();
        let progress = intake.progress();
        let doing = AssertUnwindSafe(self.done(task, &intake, stop)).catch_unwind();
        let mut doing = pin!(doing);
        let mut tick = interval(TELL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut before = (0, 0);
        let done = loop {
            tokio::select! {
                done = &mut doing => break done,
                _ = tick.tick() => {
                    let now = figures(&progress);
                    if now != before {
                        tasks::advance(connection, task.task, now).await?;
                        before = now;
                    }
                }
            }
        };
        tasks::advance(connection, task.task, figures(&progress)).await?;
        match done {
            Ok(Ok(ended)) => Ok(ended),
            Ok(Err(error)) if is_away(&error) => Err(error),
            Ok(Err(error)) => Ok(failed(Told::default(), &error)),
            Err(_) => Ok(Ended::Told(Told {
                failed: Some(Words::from(&Reason::from([
                    "this is a defect of smartETL; what the process writes to stderr says more",
                    "c’est un défaut de smartETL\u{a0}; ce que le processus écrit sur stderr en dit plus",
                ]))),
                ..Told::default()
            })),
        }
    }

    async fn done(&self, task: &Task, intake: &Intake, stop: &Stop) -> anyhow::Result<Ended> {
        let asked: Asked = serde_json::from_value(task.asked.clone())?;
        let kind = Kind::parse(&task.kind);
        let mut came = Told::default();
        if kind == Some(Kind::Unload) {
            let lineages = self.lineages(task, Some(&asked.lineages)).await?;
            let unloaded = self.take_back(lineages, asked.force).await?;
            came.unloaded = Some(Unloaded::from(&unloaded));
            return Ok(Ended::Told(came));
        }
        let request = self.reading(task, &asked).await?;
        if kind == Some(Kind::Reload) {
            // What cannot be read now is not taken back.
            let path = &request.files[0].path;
            let file = File::open(path).map_err(|_| gone(&task.target))?;
            Plan::examine(&file, &request.settings)?;
            let lineages = self.lineages(task, None).await?;
            let unloaded = self.take_back(lineages, false).await?;
            came.unloaded = Some(Unloaded::from(&unloaded));
        }
        match self.load(&request, (intake, stop)).await {
            Ok(None) => Ok(Ended::Stopped),
            Ok(Some(loaded)) => {
                came.loaded = loaded.loaded;
                came.failed = loaded.failed;
                Ok(Ended::Told(came))
            }
            Err(error) if is_away(&error) => Err(error),
            Err(error) => Ok(failed(came, &error)),
        }
    }

    /// What stands there now; only of these, where some are named.
    async fn lineages(&self, task: &Task, of: Option<&[i64]>) -> anyhow::Result<BTreeSet<i64>> {
        let Some(source) = task.source else {
            return Ok(BTreeSet::new());
        };
        let mut connection = self.parts.pool.acquire().await?;
        let known = sources::lineages(&mut connection, source).await?;
        let wanted = |lineage: &i64| of.is_none_or(|of| of.contains(lineage));
        Ok(known.into_iter().filter(wanted).collect())
    }

    async fn take_back(
        &self,
        lineages: BTreeSet<i64>,
        force: bool,
    ) -> anyhow::Result<unload::Report> {
        if lineages.is_empty() {
            return Ok(unload::Report::default());
        }
        let mut connection = self.parts.pool.acquire().await?;
        // Locks that are left by what fails go with it.
        connection.close_on_drop();
        let request = self.unloading(lineages, force, false);
        unload::unload(&mut connection, request).await.map_err(told)
    }

    /// How these lineages are taken back, or would be.
    fn unloading(&self, lineages: BTreeSet<i64>, force: bool, dry_run: bool) -> unload::Request {
        let now = Moment(jiff::Timestamp::now().as_microsecond());
        let parts = &self.parts;
        unload::Request {
            wanted: Wanted {
                lineages,
                ..Wanted::default()
            },
            dry_run,
            force,
            config: parts.config.clone(),
            rules: parts.rules,
            as_of: parts.as_of.unwrap_or(now),
            now,
            folder: parts.scratch.clone(),
        }
    }

    /// How the file is read.
    async fn reading(&self, task: &Task, asked: &Asked) -> anyhow::Result<Request> {
        let path = PathBuf::from(&task.target);
        let name = uploads::name_at(&mut *self.parts.pool.acquire().await?, &task.target).await?;
        // Mappings may read the name of a file.
        let shown = name.map(|name| path.with_file_name(name));
        let own = if asked.is_followed {
            &self.parts.followed
        } else {
            &self.parts.own
        };
        let read_as = shown.as_ref().unwrap_or(&path).display().to_string();
        Ok(Request {
            settings: asked.options.settings(asked.like.as_ref(), own, &read_as)?,
            files: vec![Input {
                followed_as: shown,
                ..Input::from(path.clone())
            }],
            named: Named::of(&[path]),
            zone_given: asked.options.timezone.is_some(),
            allow_duplicate: false,
            follow: asked.is_followed,
        })
    }

    /// Reads the file; `None` where it was asked to stop before the end.
    async fn load(
        &self,
        request: &Request,
        (intake, stop): (&Intake, &Stop),
    ) -> anyhow::Result<Option<Told>> {
        for _ in 0..READ_AGAIN {
            let taken = intake.take(request, self.parts.as_of, stop).await?;
            if stop.asked().is_some() {
                return Ok(None);
            }
            let Some(file) = taken.load.files.first() else {
                break;
            };
            if file.again {
                continue;
            }
            let (fuse, not_fused) = match taken.fuse {
                Ok(fuse) => (fuse, None),
                Err(error) if is_away(&error) => return Err(error),
                Err(error) => (None, Some(Words::from(&Reason::of_chain(&error)))),
            };
            return Ok(Some(Told {
                unloaded: None,
                loaded: Some(Loaded::of(file, fuse.as_ref())),
                failed: why_not(file).or(not_fused),
            }));
        }
        Err(Failure::new(
            ErrorCode::Unreadable,
            [
                "the file changes all the time while it is read",
                "le fichier change sans cesse pendant la lecture",
            ],
        )
        .into())
    }
}

/// Why a file is not read, or not as it was asked for.
fn why_not(file: &FileReport) -> Option<Words> {
    match &file.result {
        FileResult::Trouble { reason }
        | FileResult::Failed { reason }
        | FileResult::NoLog { reason } => Some(Words::from(reason)),
        FileResult::Loaded { .. } | FileResult::NothingNew | FileResult::NoLogAsBefore => {
            file.note.as_ref().map(Words::from)
        }
    }
}

fn gone(path: &str) -> anyhow::Error {
    Failure::new(
        ErrorCode::Unreadable,
        [
            format!("{path} is not there any more: nothing was taken back"),
            format!("{path} n’est plus là\u{a0}: rien n’a été retiré"),
        ],
    )
    .into()
}

fn failed(came: Told, error: &anyhow::Error) -> Ended {
    Ended::Told(Told {
        failed: Some(Words::from(&Reason::of_chain(error))),
        ..came
    })
}

/// Content bytes read, records stored.
fn figures(progress: &Progress) -> (i64, i64) {
    let [bytes, records] = [&progress.content_bytes, &progress.stored]
        .map(|figure| i64::try_from(figure.load(Ordering::Relaxed)).unwrap_or(i64::MAX));
    (bytes, records)
}

/// It may well be done when the database is back.
fn is_away(error: &anyhow::Error) -> bool {
    code_of(error) == ErrorCode::DatabaseUnreachable
}
