//! The imagined company: its days, its jobs, what goes wrong, and what really happened in each run.
//! The world knows the truth because it made it. It must never read what was emitted, nor use smartETL's fold.

pub(crate) mod calendar;
pub(crate) mod catalogue;
mod clocks;
pub(crate) mod cut;
pub(crate) mod execute;
mod habits;
mod hourly;
pub(crate) mod messages;
mod others;
pub(crate) mod pairs;
pub(crate) mod plan;
pub(crate) mod repair;
pub(crate) mod sayings;
pub(crate) mod situations;

use crate::dice::Pid;

/// What a component needs; incidents and errors belong to one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Oracle,
    Postgres,
    File,
    Ftp,
    Rest,
    Code,
}

/// Where a run takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Environment {
    Prod,
    Rec,
    Dev,
    /// A context that no vocabulary knows.
    Unmapped,
}

impl Environment {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Prod => "PROD",
            Self::Rec => "REC",
            Self::Dev => "DEV",
            Self::Unmapped => "UNMAPPED",
        }
    }
}

/// Why a tree was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The scheduler's own time.
    Slot,
    /// By hand, in the usual context: a rerun, or someone trying.
    Hand,
    /// By hand, and the context says so.
    Manual,
    /// An old day once more, and the context says so.
    Reprocess,
}

/// A component of a job: `tOracleInput_1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) component: &'static str,
    pub(crate) number: u8,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}", self.component, self.number)
    }
}

/// A root run and all runs below it; parents stand before their children.
pub(crate) struct Tree {
    pub(crate) environment: Environment,
    pub(crate) context: &'static str,
    pub(crate) reason: Reason,
    pub(crate) runs: Vec<Run>,
}

impl Tree {
    pub(crate) fn root(&self) -> &Run {
        &self.runs[0]
    }

    /// The last true moment of anything in the tree.
    pub(crate) fn last(&self) -> i64 {
        self.runs.iter().map(Run::last).max().unwrap_or(0)
    }
}

/// One execution of one job. Times are true times, in milliseconds UTC; `stamp` tells what its server's clock wrote.
pub(crate) struct Run {
    /// Index in the catalogue.
    pub(crate) job: usize,
    pub(crate) pid: Pid,
    pub(crate) system_pid: i64,
    /// Index in the tree.
    pub(crate) parent: Option<usize>,
    pub(crate) depth: u32,
    /// How far the server's clock is ahead.
    pub(crate) skew_ms: i64,
    /// It failed, or its process died.
    pub(crate) broken: bool,
    pub(crate) killed: bool,
    /// None when the row was lost, or the job writes none.
    pub(crate) begin: Option<i64>,
    pub(crate) end: Option<End>,
    pub(crate) steps: Vec<Step>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) meters: Vec<Meter>,
}

/// How a run or a step ended.
#[derive(Clone, Copy)]
pub(crate) struct End {
    pub(crate) at: i64,
    pub(crate) success: bool,
    pub(crate) reported_ms: i64,
}

/// One go of one component.
pub(crate) struct Step {
    pub(crate) origin: Origin,
    pub(crate) begin: i64,
    pub(crate) end: Option<End>,
}

/// What an error row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    Exception,
    Die,
    Warning,
    /// "Child job running failed": it only repeats.
    Wrapper,
}

/// Something that tLogCatchers wrote, once per catcher.
pub(crate) struct Failure {
    pub(crate) at: i64,
    pub(crate) origin: Origin,
    pub(crate) kind: FailureKind,
    /// Two failures with the same identity differ in changing parts only.
    pub(crate) identity: usize,
    pub(crate) category: &'static str,
    pub(crate) text: String,
    /// Rows with the whole text, and rows cut at 255 characters.
    pub(crate) whole: u8,
    pub(crate) cut: u8,
    pub(crate) code: i32,
}

/// Rows counted on a flow.
pub(crate) struct Meter {
    pub(crate) at: i64,
    pub(crate) origin: Origin,
    pub(crate) label: &'static str,
    pub(crate) count: i64,
    pub(crate) copies: u8,
}

impl Run {
    /// What the clock of the run's server wrote for a true moment: whole seconds.
    pub(crate) fn stamp(&self, at: i64) -> i64 {
        (at + self.skew_ms).div_euclid(1_000) * 1_000
    }

    /// All true moments at which this run wrote something.
    pub(crate) fn moments(&self) -> impl Iterator<Item = i64> {
        let steps = self
            .steps
            .iter()
            .flat_map(|step| [Some(step.begin), step.end.map(|end| end.at)])
            .flatten();
        let failures = self.failures.iter().map(|failure| failure.at);
        let meters = self.meters.iter().map(|meter| meter.at);
        self.begin
            .into_iter()
            .chain(self.end.map(|end| end.at))
            .chain(steps)
            .chain(failures)
            .chain(meters)
    }

    pub(crate) fn last(&self) -> i64 {
        self.moments().max().unwrap_or(0)
    }
}
