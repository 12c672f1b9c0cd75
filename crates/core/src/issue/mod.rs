//! Issues: all occurrences of one problem in one job family of one environment, with a state. What people do and what runs
//! did decide it, by their moments; neither the order in which they came nor the clock does. The rules stand in `doc/issues.md`.
//!
//! Nothing here knows a database or what time it is.

mod judge;
#[cfg(test)]
mod tests;
mod timeline;

use jiff::civil::Date;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

use crate::classify;
use crate::model::{ActKind, IssueState, Moment, MuteKind, ResolvedBy};

pub use judge::judge;

/// Grows when the rules of `doc/issues.md` change, so that the next fuse judges all issues again.
pub const RULES: u32 = 3;

/// The name of an issue: a uuid (version 8) of what it is about. The same data give the same ids, in any order.
pub fn issue_id(problem: Uuid, environment: &str, family: &str) -> Uuid {
    let mut hasher = Xxh3::new();
    hasher.update(problem.as_bytes());
    for word in [environment, family] {
        hasher.update(&(word.len() as u32).to_le_bytes());
        hasher.update(word.as_bytes());
    }
    Uuid::new_v8(hasher.digest128().to_be_bytes())
}

/// A job of the family, by any number that the caller gives it.
pub type JobNumber = u32;

/// A run with an error of the problem among its own, however it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    pub run_key: Uuid,
    pub job: JobNumber,
    /// By this it is put in order.
    pub started_at: Moment,
    /// When the run wrote its first error.
    pub seen_at: Moment,
    pub business_day: Date,
    /// Runs that failed or were lost because of it: itself, and those above it.
    pub failed_runs: i64,
    /// The time that the failed ones of these took, without that of their children.
    pub lost_ms: i64,
}

/// A scheduled run of a touched job that succeeded, or the end of the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Good {
    Success {
        run_key: Uuid,
        job: JobNumber,
        started_at: Moment,
        ended_at: Moment,
    },
    /// A job that does not run any more needs no success.
    Retired { job: JobNumber, at: Moment },
}

/// A version in which a touched job ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub job: JobNumber,
    pub started_at: Moment,
    pub version: String,
}

/// What a person did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Decides between acts of the same moment.
    pub number: i64,
    /// From when on it holds.
    pub at: Moment,
    pub by: String,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Ack,
    Resolve,
    Reopen,
    Mute(Mute),
    Unmute,
    /// To nobody, where it is `None`.
    Assign(Option<String>),
    /// Nothing any more, where it is `None`.
    Note(Option<String>),
    Runbook(Option<String>),
}

impl What {
    pub const fn kind(&self) -> ActKind {
        match self {
            Self::Ack => ActKind::Ack,
            Self::Resolve => ActKind::Resolve,
            Self::Reopen => ActKind::Reopen,
            Self::Mute(Mute::Until(_)) => ActKind::MuteUntil,
            Self::Mute(Mute::Occurrences(_)) => ActKind::MuteOccurrences,
            Self::Mute(Mute::NextVersion) => ActKind::MuteNextVersion,
            Self::Unmute => ActKind::Unmute,
            Self::Assign(_) => ActKind::Assign,
            Self::Note(_) => ActKind::Note,
            Self::Runbook(_) => ActKind::Runbook,
        }
    }
}

/// Until when an issue is muted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mute {
    Until(Moment),
    /// Until so many more occurrences.
    Occurrences(u32),
    /// Until one of its jobs runs in another version than when it was muted.
    NextVersion,
}

impl Mute {
    pub const fn kind(self) -> MuteKind {
        match self {
            Self::Until(_) => MuteKind::Until,
            Self::Occurrences(_) => MuteKind::Occurrences,
            Self::NextVersion => MuteKind::NextVersion,
        }
    }
}

/// All that is known of an issue, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub occurrences: Vec<Occurrence>,
    pub good: Vec<Good>,
    pub versions: Vec<Version>,
    pub acts: Vec<Act>,
}

/// What the configuration says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Scheduled successes of each touched job after which an issue is resolved by itself; 0: never.
    pub resolve_after: u32,
}

impl Rules {
    /// Changes when all issues are to be judged again.
    pub fn hash(self) -> i64 {
        let mut hasher = Xxh3::new();
        hasher.update(&RULES.to_le_bytes());
        hasher.update(&classify::version().to_le_bytes());
        hasher.update(&self.resolve_after.to_le_bytes());
        hasher.digest() as i64
    }
}

/// What has become of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub state: IssueState,
    /// Since when it is in that state.
    pub since: Moment,
    /// When it was seen for the first time since it was last resolved; of a resolved one, before that. An issue that a person reopened keeps that moment.
    pub opened_at: Moment,
    /// Of a resolved one.
    pub resolved_by: Option<ResolvedBy>,
    /// Who acknowledged it since then, and when.
    pub acknowledged: Option<(Moment, String)>,
    /// As far as data and people say; a moment until which it is muted may have passed: [`Judged::is_muted`].
    pub muted: Option<Muted>,
    pub assignee: Option<String>,
    /// The last one.
    pub note: Option<String>,
    pub runbook: Option<String>,
    /// The numbers of acts that made no sense for the state that it was in then, and had no effect.
    pub idle: Vec<i64>,
    /// Moments of errors.
    pub first_seen: Moment,
    pub last_seen: Moment,
    pub last_run: Uuid,
    /// Runs with such an error, in all and since `opened_at`.
    pub runs: i64,
    pub runs_since_opened: i64,
    /// Business days with such runs.
    pub days: i64,
    /// How often it came back after it was resolved.
    pub regressions: i64,
    pub failed_runs: i64,
    pub lost_ms: i64,
    /// Of the job that has fewest: scheduled successes since its last occurrence. `None` where it is resolved.
    pub successes: Option<u32>,
}

/// Why an issue is muted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Muted {
    pub kind: MuteKind,
    pub at: Moment,
    pub by: String,
    /// Of [`Mute::Until`].
    pub until: Option<Moment>,
    /// Of [`Mute::Occurrences`]: how many more.
    pub left: Option<u32>,
}

impl Judged {
    /// Whether it is muted at this moment.
    pub fn is_muted(&self, as_of: Moment) -> bool {
        self.muted
            .as_ref()
            .is_some_and(|muted| muted.until.is_none_or(|until| as_of < until))
    }
}
