//! A night beside what is usual: what is late, what was not seen, what was due.

use super::amount::Rate;
use super::clock::Clock;
use super::usual::{Earlier, Kind, NIGHTS_NEEDED, PATIENCE_S, Usual, is_expected};
use jiff::civil::Date;
use smartetl_core::model::{Moment, Verdict};
use smartetl_store::night::Night;
use smartetl_store::report::{Appearance, DayCounts, History, KnownJob, RootRun};
use std::collections::{BTreeMap, HashMap};

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
        for appearances in habits.by_job.values() {
            let Some(tonight) = appearances.last().filter(|one| one.day == day) else {
                continue;
            };
            let Some(usual) = habits.usual(appearances) else {
                continue;
            };
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

/// Nights of each job under the name that it has last, by day.
struct Habits<'f> {
    clock: &'f Clock,
    day: Date,
    kind: Kind,
    as_of: Moment,
    until: Moment,
    kinds: BTreeMap<Date, Kind>,
    by_job: BTreeMap<JobName, Vec<&'f Appearance>>,
    known: HashMap<JobName, &'f KnownJob>,
}

/// A job that is expected and has no run yet.
struct Absent {
    job: NotSeen,
    /// It should have begun by now.
    is_overdue: bool,
}

impl<'f> Habits<'f> {
    fn new(facts: &'f Facts, clock: &'f Clock) -> Self {
        let day = facts.night.day;
        let kinds: BTreeMap<Date, Kind> = facts
            .days
            .iter()
            .map(|of| (of.day, Kind::of(&of.types)))
            .collect();
        let renamed: HashMap<JobName, &str> = facts
            .history
            .jobs
            .iter()
            .filter_map(|job| {
                let before = job.renamed_from.clone()?;
                Some(((job.project.clone(), before), job.job.as_str()))
            })
            .collect();
        let mut by_job: BTreeMap<JobName, Vec<&Appearance>> = BTreeMap::new();
        for one in &facts.history.appearances {
            let mut name = (one.project.clone(), one.job.clone());
            // No longer than the longest chain of names; a circle ends too.
            for _ in 0..renamed.len() {
                match renamed.get(&name) {
                    Some(later) => (*later).clone_into(&mut name.1),
                    None => break,
                }
            }
            by_job.entry(name).or_default().push(one);
        }
        let known = facts.history.jobs.iter();
        Self {
            clock,
            day,
            kind: kinds.get(&day).copied().unwrap_or(Kind::Working),
            as_of: facts.as_of,
            until: clock.bounds(day).1,
            kinds,
            by_job,
            known: known
                .map(|job| ((job.project.clone(), job.job.clone()), job))
                .collect(),
        }
    }

    fn kind_of(&self, day: Date) -> Kind {
        self.kinds.get(&day).copied().unwrap_or(Kind::Working)
    }

    /// Of undisturbed nights of the same kind, or of all kinds where those are too few.
    fn usual(&self, appearances: &[&Appearance]) -> Option<Usual> {
        let ready = |alike: bool| -> Vec<i64> {
            appearances
                .iter()
                .filter(|one| one.day < self.day && one.verdict == Some(Verdict::Ok))
                .filter(|one| !alike || self.kind_of(one.day) == self.kind)
                .filter_map(|one| Some(self.clock.seconds(one.ready_at?, one.day)))
                .collect()
        };
        let alike = ready(true);
        Usual::of(if alike.len() < NIGHTS_NEEDED {
            ready(false)
        } else {
            alike
        })
    }

    fn late(&self, tonight: &Appearance, usual: &Usual) -> Option<Late> {
        let until = match tonight.verdict? {
            Verdict::Ok => tonight.ready_at?,
            Verdict::Running => self.as_of,
            // What failed, was recovered or never ended is told as such.
            _ => return None,
        };
        let seconds = self.clock.seconds(until, self.day);
        usual.is_late(seconds).then(|| Late {
            project: tonight.project.clone(),
            job: tonight.job.clone(),
            ready_at: tonight.ready_at,
            usually_by: self.clock.moment(usual.by_s, self.day),
            late_ms: (seconds - usual.by_s) * 1_000,
        })
    }

    /// Expected jobs without a run, by name.
    fn absent(&self) -> Vec<Absent> {
        let nights: Vec<(Date, Kind)> = self
            .kinds
            .range(..self.day)
            .rev()
            .map(|(day, kind)| (*day, *kind))
            .collect();
        let absent = self.by_job.iter().filter_map(|(name, appearances)| {
            let last = appearances.last()?;
            let known = self.known.get(name).copied();
            let is_retired = known
                .and_then(|job| job.retired_at)
                .is_some_and(|at| at < self.until);
            if last.day == self.day || is_retired {
                return None;
            }
            let before: Vec<Earlier> = nights
                .iter()
                .map(|&(day, kind)| Earlier {
                    day,
                    kind,
                    seen: appearances
                        .binary_search_by_key(&day, |one| one.day)
                        .is_ok(),
                })
                .collect();
            is_expected(self.day, self.kind, &before)
                .then(|| self.without_run(last, appearances, known))
        });
        absent.collect()
    }

    fn without_run(
        &self,
        last: &Appearance,
        appearances: &[&Appearance],
        known: Option<&KnownJob>,
    ) -> Absent {
        let begins = |alike: bool| {
            let earlier = appearances.iter().rev();
            let earlier = earlier.filter(|one| !alike || self.kind_of(one.day) == self.kind);
            let begins =
                earlier.filter_map(|one| Some(self.clock.seconds(one.started_at?, one.day)));
            begins.take(10).max()
        };
        let begins_s = begins(true).or_else(|| begins(false));
        let patience_s = begins_s.map(|begins_s| begins_s + PATIENCE_S);
        let is_overdue = self.as_of >= self.until
            || patience_s.is_some_and(|until_s| self.as_of > self.clock.moment(until_s, self.day));
        Absent {
            is_overdue,
            job: NotSeen {
                project: last.project.clone(),
                job: last.job.clone(),
                usually_by: begins_s.map(|begins_s| self.clock.moment(begins_s, self.day)),
                criticality: known.and_then(|job| job.criticality),
                deadline_at: known
                    .and_then(|job| job.deadline)
                    .map(|time| self.clock.at(time, self.day)),
            },
        }
    }

    fn due(&self, absent: &[Absent]) -> Vec<Due> {
        let tonight = self
            .by_job
            .values()
            .filter_map(|appearances| appearances.last());
        let tonight = tonight.filter(|one| one.day == self.day).filter_map(|one| {
            Some(Due {
                project: one.project.clone(),
                job: one.job.clone(),
                ..self.due_at(one.deadline_at?, one.ready_at)
            })
        });
        let absent = absent.iter().filter_map(|absent| {
            Some(Due {
                project: absent.job.project.clone(),
                job: absent.job.job.clone(),
                ..self.due_at(absent.job.deadline_at?, None)
            })
        });
        tonight.chain(absent).collect()
    }

    /// Of a job without a name.
    fn due_at(&self, deadline_at: Moment, ready_at: Option<Moment>) -> Due {
        let margin_ms = (deadline_at.0 - ready_at.unwrap_or(self.as_of).0).div_euclid(1_000);
        let state = match ready_at {
            _ if margin_ms < 0 => DueState::Missed,
            Some(_) => DueState::Kept,
            None => DueState::Open,
        };
        Due {
            project: None,
            job: String::new(),
            deadline_at,
            ready_at,
            state,
            margin_ms,
        }
    }

    fn vital(&self) -> Vec<JobName> {
        let known = self.known.iter();
        known
            .filter(|(_, job)| job.criticality == Some(1))
            .map(|(name, _)| name.clone())
            .collect()
    }
}
