//! A night beside what is usual: what is late, what was not seen, what was due.

use super::amount::Rate;
use super::clock::Clock;
use super::habits::Habits;
use smartetl_core::model::{Moment, Verdict};
use smartetl_store::night::Night;
use smartetl_store::report::{DayCounts, History, RootRun};
use std::collections::HashMap;

/// So many days before the night are looked at for what is usual.
pub const HISTORY_DAYS: i32 = 56;
/// The first-try rate is put beside that of so many days before.
pub const BEFORE_DAYS: i64 = 28;

/// Everything that is said about a night.
#[derive(Clone, Debug)]
pub struct NightReport {
    pub night: Night,
    /// The clock of the fuse: for this moment all of it holds.
    pub as_of: Moment,
    /// From border to border.
    pub from: Moment,
    pub until: Moment,
    pub first_try: Rate,
    /// Of the nights in the four weeks before.
    pub before: Rate,
    /// Jobs that came through, or are still running, later than usual; the latest first.
    pub late: Vec<Late>,
    pub not_seen: Vec<NotSeen>,
    /// Of all jobs with a deadline: missed ones first, then open ones, then by how close it was.
    pub due: Vec<Due>,
    /// Earlier nights and this one, oldest first.
    pub nights: Vec<DayCounts>,
    /// Root runs of the night.
    pub runs: Vec<RootRun>,
    /// When jobs of this night are usually ready.
    pub usual: HashMap<JobName, UsuallyReady>,
    /// Jobs that the catalogue calls vital.
    pub vital: Vec<JobName>,
    /// Contexts that no environment is known for, with their runs.
    pub unmapped: Vec<(Option<String>, i64)>,
}

/// Project and job.
pub type JobName = (Option<String>, String);

/// When a job is usually ready, and how this night compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsuallyReady {
    /// Nine nights of ten it was ready by then.
    pub by: Moment,
    /// It was ready, and later than usual, however that came.
    pub is_late: bool,
}

/// A job that is later than usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    pub project: Option<String>,
    pub job: String,
    /// `None`: it is still running.
    pub ready_at: Option<Moment>,
    /// Nine nights of ten it was ready by then.
    pub usually_by: Moment,
    /// Behind `usually_by`, on the wall clock.
    pub late_ms: i64,
}

/// A job that usually stands in such a night and did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotSeen {
    pub project: Option<String>,
    pub job: String,
    /// In no earlier night of the kind it began later.
    pub usually_by: Option<Moment>,
    pub criticality: Option<i16>,
    pub deadline_at: Option<Moment>,
}

/// A job with a deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub project: Option<String>,
    pub job: String,
    pub deadline_at: Moment,
    pub ready_at: Option<Moment>,
    pub state: DueState,
    /// How long before the deadline it was ready, or how long is left; negative: how much too late it was, or is by now.
    pub margin_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueState {
    Missed,
    Open,
    Kept,
}

impl DueState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::Open => "open",
            Self::Kept => "kept",
        }
    }
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Facts {
    pub night: Night,
    pub as_of: Moment,
    pub days: Vec<DayCounts>,
    pub history: History,
    pub runs: Vec<RootRun>,
    pub unmapped: Vec<(Option<String>, i64)>,
}

impl NightReport {
    pub fn new(facts: Facts, clock: &Clock) -> Self {
        let day = facts.night.day;
        let (from, until) = clock.bounds(day);
        let habits = Habits::new(&facts, clock);
        let (mut late, mut usually) = (Vec::new(), HashMap::new());
        for (tonight, usual) in habits.tonight() {
            let name = (tonight.project.clone(), tonight.job.clone());
            let ready = tonight.ready_at.map(|at| clock.seconds(at, day));
            let ready = UsuallyReady {
                by: clock.moment(usual.by_s, day),
                is_late: ready.is_some_and(|ready_s| usual.is_late(ready_s)),
            };
            usually.insert(name, ready);
            late.extend(habits.late(tonight, &usual));
        }
        late.sort_by(|a, b| {
            let order = |late: &Late| (-late.late_ms, late.project.clone(), late.job.clone());
            order(a).cmp(&order(b))
        });
        let absent = habits.absent();
        let mut due: Vec<Due> = habits.due(&absent);
        due.sort_by_key(|due| {
            (
                due.state,
                due.margin_ms,
                due.project.clone(),
                due.job.clone(),
            )
        });
        let not_seen = absent
            .into_iter()
            .filter(|absent| absent.is_overdue)
            .map(|absent| absent.job)
            .collect();
        let counts = |from: i64, to: i64| {
            let days = facts.days.iter();
            days.filter(move |of| {
                let back = i64::from(day.since(of.day).map_or(0, |span| span.get_days()));
                (from..=to).contains(&back)
            })
        };
        let rate = |days: &mut dyn Iterator<Item = &DayCounts>| Rate::of(days.map(|of| &of.counts));
        Self {
            as_of: facts.as_of,
            from,
            until,
            first_try: rate(&mut counts(0, 0)),
            before: rate(&mut counts(1, BEFORE_DAYS)),
            late,
            not_seen,
            due,
            usual: usually,
            vital: habits.vital(),
            nights: facts.days.clone(),
            night: facts.night,
            runs: facts.runs,
            unmapped: facts.unmapped,
        }
    }

    /// Jobs with this verdict, of those that are listed.
    pub fn jobs(&self, of: Verdict) -> impl Iterator<Item = &smartetl_store::night::Job> {
        self.night.jobs.iter().filter(move |job| job.verdict == of)
    }
}
