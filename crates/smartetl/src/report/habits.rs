//! What jobs do night after night, seen from one night.

use super::clock::Clock;
use super::night::{Due, DueState, Facts, JobName, Late, NotSeen};
use super::usual::{Earlier, Kind, NIGHTS_NEEDED, PATIENCE_S, Usual, is_expected, spread};
use jiff::civil::Date;
use smartetl_core::model::{Moment, Verdict};
use smartetl_store::report::{Appearance, KnownJob};
use std::collections::{BTreeMap, HashMap};

/// Nights of each job under the name that it has last, by day.
pub(super) struct Habits<'f> {
    clock: &'f Clock,
    day: Date,
    kind: Kind,
    as_of: Moment,
    /// What happened later is not known.
    seen_until: Moment,
    /// No log has come for long.
    is_silent: bool,
    until: Moment,
    kinds: BTreeMap<Date, Kind>,
    by_job: BTreeMap<JobName, Vec<&'f Appearance>>,
    known: HashMap<JobName, &'f KnownJob>,
}

/// When a job is usually ready: by the local clock, and by the time that passed since the border.
pub(super) struct UsualTimes {
    local: Usual,
    elapsed: Usual,
}

/// Eight nights of ten lie between `early` and `late`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    pub early: Moment,
    pub median: Moment,
    pub late: Moment,
}

/// A job that is expected and has no run yet.
pub(super) struct Absent {
    pub(super) job: NotSeen,
    /// It should have begun, and logs reach far enough to show it.
    pub(super) is_overdue: bool,
    /// It should have begun by the clock of the fuse, as far as is known when it usually does.
    pub(super) should_have_begun: bool,
}

impl<'f> Habits<'f> {
    pub(super) fn new(facts: &'f Facts, clock: &'f Clock) -> Self {
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
            seen_until: facts.seen_until(),
            is_silent: facts.no_logs_since(clock).is_some(),
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

    /// Jobs of the night, with what is usual for them where that is known.
    pub(super) fn tonight(&self) -> impl Iterator<Item = (&'f Appearance, UsualTimes)> {
        self.by_job.values().filter_map(|appearances| {
            let tonight = appearances.last().filter(|one| one.day == self.day)?;
            Some((*tonight, self.usual(appearances)?))
        })
    }

    /// Of undisturbed nights of the same kind, or of all kinds where those are too few.
    fn usual(&self, appearances: &[&Appearance]) -> Option<UsualTimes> {
        let ready = self.undisturbed(appearances, |one| one.ready_at);
        let counted = |count: fn(&Clock, Moment, Date) -> i64| {
            let ready = ready.iter();
            Usual::of(
                ready
                    .map(|(at, day)| count(self.clock, *at, *day))
                    .collect(),
            )
        };
        Some(UsualTimes {
            local: counted(Clock::seconds)?,
            elapsed: counted(Clock::elapsed)?,
        })
    }

    /// Moments of undisturbed nights before this one, each with its day: of the same kind, or of all kinds where those are too few.
    fn undisturbed(
        &self,
        appearances: &[&Appearance],
        pick: fn(&Appearance) -> Option<Moment>,
    ) -> Vec<(Moment, Date)> {
        let picked = |alike: bool| -> Vec<(Moment, Date)> {
            appearances
                .iter()
                .filter(|one| one.day < self.day && one.verdict == Some(Verdict::Ok))
                .filter(|one| !alike || self.kind_of(one.day) == self.kind)
                .filter_map(|one| Some((pick(one)?, one.day)))
                .collect()
        };
        let alike = picked(true);
        if alike.len() < NIGHTS_NEEDED {
            picked(false)
        } else {
            alike
        }
    }

    /// Jobs of the night, with when they usually begin and are ready, by the local clock.
    pub(super) fn spans(&self) -> impl Iterator<Item = (&'f Appearance, [Option<Spread>; 2])> {
        self.by_job.values().filter_map(|appearances| {
            let tonight = appearances.last().filter(|one| one.day == self.day)?;
            let usual = |pick: fn(&Appearance) -> Option<Moment>| {
                let moments = self.undisturbed(appearances, pick).into_iter();
                let seconds = moments.map(|(at, day)| self.clock.seconds(at, day));
                let tenths = spread(seconds.collect())?;
                let [early, median, late] = tenths.map(|at| self.clock.moment(at, self.day));
                Some(Spread {
                    early,
                    median,
                    late,
                })
            };
            Some((
                *tonight,
                [usual(|one| one.started_at), usual(|one| one.ready_at)],
            ))
        })
    }

    pub(super) fn late(&self, tonight: &Appearance, usual: &UsualTimes) -> Option<Late> {
        let until = match tonight.verdict? {
            Verdict::Ok => tonight.ready_at?,
            // It may run for another time.
            Verdict::Running => tonight.ready_at.unwrap_or(self.as_of),
            // What failed, was recovered or never ended is told as such.
            _ => return None,
        };
        let usually_by = self.usually_by(usual);
        self.is_late(until, usual).then(|| Late {
            project: tonight.project.clone(),
            job: tonight.job.clone(),
            ready_at: tonight.ready_at,
            usually_by,
            late_ms: (until.0 - usually_by.0).div_euclid(1_000),
        })
    }

    /// Late on the local clock as well as by the time that passed: a change of the clock shifts one of them.
    pub(super) fn is_late(&self, ready_at: Moment, usual: &UsualTimes) -> bool {
        let local_s = self.clock.seconds(ready_at, self.day);
        let elapsed_s = self.clock.elapsed(ready_at, self.day);
        usual.local.is_late(local_s) && usual.elapsed.is_late(elapsed_s)
    }

    pub(super) fn usually_by(&self, usual: &UsualTimes) -> Moment {
        self.later_of(usual.local.by_s, usual.elapsed.by_s)
    }

    /// The later of two moments of the night: the one by the local clock, the other by the time that passed.
    fn later_of(&self, local_s: i64, elapsed_s: i64) -> Moment {
        let local = self.clock.moment(local_s, self.day);
        local.max(self.clock.after(elapsed_s, self.day))
    }

    /// Expected jobs without a run, by name.
    pub(super) fn absent(&self) -> Vec<Absent> {
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
        let begins = |alike: bool| -> Vec<(Moment, Date)> {
            let earlier = appearances.iter().rev();
            let earlier = earlier.filter(|one| !alike || self.kind_of(one.day) == self.kind);
            let begins = earlier.filter_map(|one| Some((one.started_at?, one.day)));
            begins.take(10).collect()
        };
        let alike = begins(true);
        let begins = if alike.is_empty() {
            begins(false)
        } else {
            alike
        };
        let latest = |count: fn(&Clock, Moment, Date) -> i64| {
            let begins = begins.iter();
            begins.map(|(at, day)| count(self.clock, *at, *day)).max()
        };
        let latest = latest(Clock::seconds).zip(latest(Clock::elapsed));
        let usually_by = latest.map(|(local_s, elapsed_s)| self.later_of(local_s, elapsed_s));
        let is_overdue = self.seen_until >= self.until
            || usually_by.is_some_and(|by| self.seen_until.0 > by.0 + PATIENCE_S * 1_000_000);
        Absent {
            should_have_begun: usually_by.is_none_or(|by| by < self.as_of),
            is_overdue,
            job: NotSeen {
                project: last.project.clone(),
                job: last.job.clone(),
                usually_by,
                criticality: known.and_then(|job| job.criticality),
                deadline_at: known
                    .and_then(|job| job.deadline)
                    .map(|time| self.clock.at(time, self.day)),
            },
        }
    }

    pub(super) fn due(&self, absent: &[Absent]) -> Vec<Due> {
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
            let deadline_at = absent.job.deadline_at?;
            let due = self.due_at(deadline_at, None);
            let is_unknown =
                due.state == DueState::Missed && self.is_silent && deadline_at > self.seen_until;
            Some(Due {
                project: absent.job.project.clone(),
                job: absent.job.job.clone(),
                state: if is_unknown {
                    DueState::Unknown
                } else {
                    due.state
                },
                ..due
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

    pub(super) fn vital(&self) -> Vec<JobName> {
        let known = self.known.iter();
        known
            .filter(|(_, job)| job.criticality == Some(1))
            .map(|(name, _)| name.clone())
            .collect()
    }
}
