//! The truth: what `dataset` and `job_day` must say about the world, worked out from what the world did, by the
//! definitions of `doc/fusion.md`. It must never look at emitted rows, nor use smartETL's own code.

mod day;
mod facts;
mod write;

pub(crate) use write::TruthWriter;

use crate::world::plan::{Day, World};

/// One visible run with everything that the truth says about it.
pub(crate) struct Fact<'a> {
    pub(crate) tree: usize,
    pub(crate) run: &'a crate::world::Run,
    /// Places in the day's list of facts.
    pub(crate) parent: Option<usize>,
    pub(crate) root: usize,
    pub(crate) project: &'static str,
    pub(crate) name: &'a str,
    pub(crate) evidence: &'static str,
    pub(crate) started: i64,
    pub(crate) ended: Option<i64>,
    pub(crate) last: i64,
    pub(crate) status: Status,
    pub(crate) tree_status: Status,
    pub(crate) outcome: &'static str,
    pub(crate) duration: Option<i64>,
    pub(crate) self_duration: Option<i64>,
    pub(crate) steps: Option<(usize, usize)>,
    pub(crate) rows: [Option<i64>; 3],
    pub(crate) errors: usize,
    pub(crate) error_rows: usize,
    pub(crate) warnings: usize,
    pub(crate) first_error: Option<i64>,
    pub(crate) cause: Option<Cause>,
    pub(crate) trigger: &'static str,
    pub(crate) rerun_of: Option<usize>,
}

/// Why a tree failed, as each run of it inherits it.
#[derive(Clone)]
pub(crate) struct Cause {
    /// Place in the day's list of facts.
    pub(crate) fact: usize,
    pub(crate) step: Option<String>,
    pub(crate) category: &'static str,
}

/// From best to worst, as `tree_status` orders them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    Success,
    Unverified,
    Running,
    Lost,
    Failed,
}

impl Status {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Unverified => "unverified",
            Self::Running => "running",
            Self::Lost => "lost",
            Self::Failed => "failed",
        }
    }

    pub(crate) fn is_broken(self) -> bool {
        matches!(self, Self::Failed | Self::Lost)
    }
}

/// What an open run is that the end of the log cut off, and not the end of its process: at the end of the period it is
/// running; where a log stopped before, nobody can know.
pub(crate) fn status_when_cut(world: &World, day: &Day) -> Status {
    if day.number + 1 == world.days {
        Status::Running
    } else {
        Status::Unverified
    }
}
