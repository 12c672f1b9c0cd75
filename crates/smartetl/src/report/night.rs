//! A night beside what is usual: what is late, what was not seen, what was due.

use super::amount::Rate;
use super::clock::Clock;
use super::habits::Habits;
use super::usual::PATIENCE_S;
use jiff::ToSpan;
use jiff::civil::Date;
use smartetl_core::model::{Moment, Verdict};
use smartetl_store::night::Night;
use smartetl_store::report::{Caught, DayCounts, History, RootRun};
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
    /// The last log, where it is long before `as_of` and before the end of the night, and more should have come by what is
    /// usual.
    pub no_logs_since: Option<Moment>,
    /// Of the newest night: the nights after it.
    pub without_jobs: Option<NightsWithoutJobs>,
    /// Of all jobs with a deadline: missed ones first, then open ones, then by how close it was.
    pub due: Vec<Due>,
    /// Earlier nights and this one, oldest first.
    pub nights: Vec<DayCounts>,
    /// Root runs of the night.
    pub runs: Vec<RootRun>,
    /// Errors that no job failed by.
    pub caught: Caught,
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
    /// Behind `usually_by`.
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

/// Nights that should be over or have begun by the clock of the fuse, and of which no job is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NightsWithoutJobs {
    pub first: Date,
    pub last: Date,
    pub number: i64,
    /// The first of them is over.
    pub is_any_over: bool,
    /// Jobs stood in earlier nights of one of these weekdays.
    pub is_unusual: bool,
    /// There are no logs at all since they began.
    pub is_silent: bool,
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
    /// It has not begun as far as logs reach, and they end before the deadline.
    Unknown,
    Kept,
}

impl DueState {
    pub const ALL: &'static [Self] = &[Self::Missed, Self::Open, Self::Unknown, Self::Kept];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::Open => "open",
            Self::Unknown => "unknown",
            Self::Kept => "kept",
        }
    }
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Facts {
    pub night: Night,
    pub as_of: Moment,
    /// Nobody asked for this night, it is the newest one.
    pub is_newest: bool,
    pub days: Vec<DayCounts>,
    pub history: History,
    pub runs: Vec<RootRun>,
    pub caught: Caught,
    pub unmapped: Vec<(Option<String>, i64)>,
}

impl Facts {
    /// What happened later cannot be known.
    pub fn seen_until(&self) -> Moment {
        let last = self.night.last_event_at;
        last.map_or(self.as_of, |last| last.min(self.as_of))
    }

    pub fn no_logs_since(&self, clock: &Clock) -> Option<Moment> {
        let last = self.night.last_event_at?;
        let is_long_ago = self.as_of.0 - last.0 > PATIENCE_S * 1_000_000;
        (is_long_ago && last < clock.bounds(self.night.day).1).then_some(last)
    }

    fn without_jobs(&self, clock: &Clock) -> Option<NightsWithoutJobs> {
        let first = self.night.day.tomorrow().ok()?;
        let last = clock.day(self.as_of);
        if !self.is_newest || last < first {
            return None;
        }
        let (from, until) = clock.bounds(first);
        let number = i64::from((last - first).get_days()) + 1;
        let mut nights = first.series(1.day()).take_while(|day| *day <= last).take(7);
        let is_usual = |night: Date| {
            self.days
                .iter()
                .any(|of| of.day.weekday() == night.weekday())
        };
        Some(NightsWithoutJobs {
            first,
            last,
            number,
            is_any_over: self.as_of >= until,
            is_unusual: nights.any(is_usual),
            is_silent: self.night.last_event_at.is_none_or(|at| at < from),
        })
    }
}

impl NightReport {
    pub fn new(facts: Facts, clock: &Clock) -> Self {
        let day = facts.night.day;
        let (from, until) = clock.bounds(day);
        let habits = Habits::new(&facts, clock);
        let (mut late, mut usually) = (Vec::new(), HashMap::new());
        for (tonight, usual) in habits.tonight() {
            let name = (tonight.project.clone(), tonight.job.clone());
            let ready = UsuallyReady {
                by: habits.usually_by(&usual),
                is_late: tonight
                    .ready_at
                    .is_some_and(|at| habits.is_late(at, &usual)),
            };
            usually.insert(name, ready);
            late.extend(habits.late(tonight, &usual));
        }
        late.sort_by(|a, b| {
            let order = |late: &Late| (-late.late_ms, late.project.clone(), late.job.clone());
            order(a).cmp(&order(b))
        });
        let absent = habits.absent();
        let is_running_on = late.iter().any(|late| late.ready_at.is_none());
        let no_logs_since = facts.no_logs_since(clock).filter(|_| {
            // A night may simply have ended.
            is_running_on
                || facts.night.counts.unverified > 0
                || absent.iter().any(|absent| absent.should_have_begun)
        });
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
            no_logs_since,
            without_jobs: facts.without_jobs(clock),
            due,
            usual: usually,
            vital: habits.vital(),
            nights: facts.days.clone(),
            night: facts.night,
            runs: facts.runs,
            caught: facts.caught,
            unmapped: facts.unmapped,
        }
    }

    /// Jobs with this verdict, of those that are listed.
    pub fn jobs(&self, of: Verdict) -> impl Iterator<Item = &smartetl_store::night::Job> {
        self.night.jobs.iter().filter(move |job| job.verdict == of)
    }
}
