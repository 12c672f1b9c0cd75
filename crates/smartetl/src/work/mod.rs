//! Long work that people ask for through the service: rows taken back, a source read again, an uploaded file loaded.
//!
//! It is done by the code of the commands, one piece at a time in a database. What is asked for is written down before it is begun,
//! and each piece can be begun anew: it outlives the page where somebody asked for it, and the process that does it.

mod doing;
mod files;
mod glance;
mod manner;
mod told;

pub use files::{Files, Kept, NotKept};
pub use glance::{Glance, Proposed, glance};
pub use manner::{MAPPING, Options};
pub use told::{Loaded, Part, Told, Unloaded, Words};

use crate::ingest::content::Reading;
use crate::jobs::Intake;
use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_core::model::{Moment, Way};
use smartetl_formats::Settings;
use smartetl_formats::propose::Vocabularies;
use smartetl_store::access::{self, Done, NewEntry};
use smartetl_store::tasks::{self, NewTask};
use sqlx::PgPool;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Notify;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rows of a source are taken back.
    Unload,
    /// They are, and the source is read from its beginning.
    Reload,
    /// What is new of a source is read.
    Load,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Unload, Self::Reload, Self::Load];

    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unload => "unload",
            Self::Reload => "reload",
            Self::Load => "load",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Waiting,
    Running,
    Done,
    Failed,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Running, Self::Done, Self::Failed];

    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// How it is done: all that is needed to begin it anew.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Asked {
    /// What stood there when it was asked for, where nothing else is to be taken back.
    pub lineages: Vec<i64>,
    /// Also what cannot be loaded again.
    pub force: bool,
    pub options: Options,
    /// How it was read before, where that still counts.
    pub like: Option<Reading>,
    /// Somebody may still write the file, and this process follows it.
    pub is_followed: bool,
}

/// Who asks for what.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    pub kind: Kind,
    /// The path of the source.
    pub target: &'a str,
    pub asked: &'a Asked,
    pub who: (&'a str, Way),
    pub done: Done,
    /// What people call it, where it is another name than its path.
    pub name: Option<&'a str>,
}

/// What it takes to do it.
pub struct Parts {
    /// Connections of its own: those of who follows files may all be waited for.
    pub pool: PgPool,
    pub intake: Intake,
    pub config: FuseConfig,
    pub rules: Rules,
    /// Where files may be made when rows are many.
    pub scratch: PathBuf,
    /// The clock of simulated nights.
    pub as_of: Option<Moment>,
    pub files: Files,
    /// How files are read that this process follows, and others.
    pub followed: Settings,
    pub own: Settings,
    /// What this process follows.
    pub paths: Vec<PathBuf>,
    /// What is known of words when a mapping is proposed, and whether anybody said in which zone times are.
    pub vocabularies: Vocabularies,
    pub is_zone_known: bool,
}

/// Who does it.
#[derive(Clone)]
pub struct Work {
    parts: Arc<Parts>,
    wanted: Arc<Notify>,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Work").finish_non_exhaustive()
    }
}

impl Work {
    pub fn new(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
            wanted: Arc::default(),
        }
    }

    /// How many connections its pool needs.
    pub fn pool_size(settings: &crate::config::Settings) -> u32 {
        // That of the lock, and that of what is taken back.
        Intake::pool_size(settings) + 2
    }

    /// Where uploads are kept.
    pub fn files(&self) -> &Files {
        &self.parts.files
    }

    /// How uploads are read where nobody says anything.
    pub fn own(&self) -> &Settings {
        &self.parts.own
    }

    /// What is known of words when a mapping is proposed, and whether anybody said in which zone times are.
    pub fn known(&self) -> (&Vocabularies, bool) {
        (&self.parts.vocabularies, self.parts.is_zone_known)
    }

    /// Whether this process follows the file.
    pub fn is_followed(&self, path: &Path) -> bool {
        self.parts.paths.iter().any(|followed| {
            let followed = std::path::absolute(followed).unwrap_or_else(|_| followed.clone());
            let pattern = glob::Pattern::new(&followed.display().to_string());
            path.starts_with(&followed) || pattern.is_ok_and(|pattern| pattern.matches_path(path))
        })
    }

    /// Writes down what is asked for and who asks; gives the number of the task. The same that waits already is not asked for twice.
    ///
    /// # Errors
    /// When the server refuses or is gone.
    pub async fn ask(&self, pool: &PgPool, wish: Wish<'_>) -> anyhow::Result<i64> {
        let size = std::fs::metadata(wish.target).ok();
        let size = size.filter(|_| wish.kind != Kind::Unload);
        let asked = serde_json::to_value(wish.asked)?;
        let new = NewTask {
            kind: wish.kind.as_str(),
            target: wish.target,
            asked: &asked,
            place: self.files().place(),
            who: wish.who.0,
            total_bytes: size.and_then(|data| i64::try_from(data.len()).ok()),
        };
        let mut transaction = pool.begin().await?;
        let (task, is_new) = tasks::ask(&mut transaction, new).await?;
        if is_new {
            let entry = NewEntry {
                who: wish.who.0,
                way: wish.who.1,
                done: wish.done,
                target: Some(wish.name.unwrap_or(wish.target)),
                detail: None,
            };
            access::record(&mut transaction, entry).await?;
        }
        transaction.commit().await?;
        self.wanted.notify_one();
        Ok(task)
    }
}
