//! Section 8 of `doc/fusion.md`: why runs started, and how each job's day came out.

use hashbrown::HashMap;
use jiff::civil::Date;
use uuid::Uuid;

use super::config::TriggerEvidence;
use super::interner::{Interner, Sym};
use super::run::{DayCause, JobDay, Run, TriggerOf};
use crate::calendar::BusinessCalendar;
use crate::model::{Moment, RecoveredBy, RunStatus, Trigger, Verdict};

/// Roots of one job on one day from which a beat is heard.
const CADENCE_RUNS: usize = 6;

/// A run as its day sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct DayRun<'a> {
    pub run_key: Uuid,
    pub parent_run_key: Option<Uuid>,
    pub root_run_key: Uuid,
    pub environment: &'a str,
    pub project: Option<&'a str>,
    pub job: &'a str,
    pub business_day: Date,
    pub started_at: Moment,
    pub ended_at: Option<Moment>,
    pub last_event_at: Moment,
    pub status: RunStatus,
    pub is_root: bool,
    /// Of a new run what words say of it, of a stored one what was decided. A trigger by context or run id is such a word.
    pub trigger: TriggerOf,
    /// Only looked at where a root is broken.
    pub cause: Option<DayCause>,
}

impl<'a> DayRun<'a> {
    /// An emitted run.
    pub fn of(run: &Run<'a>) -> Self {
        Self {
            run_key: run.run_key,
            parent_run_key: run.parent_run_key,
            root_run_key: run.root_run_key,
            environment: run.environment,
            project: run.project,
            job: run.job,
            business_day: run.business_day,
            started_at: run.started_at,
            ended_at: run.ended_at,
            last_event_at: run.last_event_at,
            status: run.status,
            is_root: run.is_root,
            trigger: TriggerOf::word(run.trigger),
            cause: run.cause.as_ref().map(|cause| DayCause {
                signature: cause.signature,
                job: cause.job.to_owned(),
                step: cause.step.map(str::to_owned),
                category: cause.category,
                blame: cause.blame,
            }),
        }
    }
}

/// What the days say.
#[derive(Debug)]
pub struct DaysOut {
    pub days: Vec<JobDay>,
    /// One for each [`Days::new_run`], in the order of these calls.
    pub triggers: Vec<TriggerOf>,
    /// Runs told by [`Days::stored_run`] whose trigger is another one now.
    pub changed: Vec<TriggerChange>,
}

/// A stored run whose trigger is another one now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TriggerChange {
    pub run_key: Uuid,
    pub trigger: TriggerOf,
}

/// (environment, project, job, business day)
type Group = (Sym, Sym, Sym, Date);
type Word = Option<(Trigger, TriggerEvidence)>;

/// What is kept of a run.
#[derive(Clone, Debug)]
struct Member {
    run_key: Uuid,
    parent_key: Option<Uuid>,
    root_key: Uuid,
    /// Index of the root and the parent among the runs here; itself and none where they are not here.
    root: u32,
    parent: Option<u32>,
    group: u32,
    started_at: Moment,
    ended_at: Option<Moment>,
    last_event_at: Moment,
    status: RunStatus,
    is_root: bool,
    word: Word,
    /// What was decided before, of a stored run.
    stored: Option<TriggerOf>,
    /// Index into the causes.
    cause: Option<u32>,
}

impl Member {
    fn is_broken(&self) -> bool {
        matches!(self.status, RunStatus::Failed | RunStatus::Lost)
    }

    fn has_word(&self, trigger: Trigger) -> bool {
        self.word.is_some_and(|(word, _)| word == trigger)
    }
}

/// Some business days of some environments. A day needs all its runs, and nothing besides: a run's tree is on its root's day.
#[derive(Debug, Default)]
pub struct Days {
    words: Interner,
    runs: Vec<Member>,
    groups: Vec<Group>,
    group_of: HashMap<Group, u32>,
    causes: Vec<DayCause>,
}

impl Days {
    /// Takes a run that was folded.
    pub fn new_run(&mut self, run: DayRun<'_>) {
        self.push(run, false);
    }

    /// Takes a run that is stored already and was not folded again.
    pub fn stored_run(&mut self, run: DayRun<'_>) {
        self.push(run, true);
    }

    fn push(&mut self, run: DayRun<'_>, is_stored: bool) {
        let group = (
            self.words.intern(run.environment),
            self.words.intern_option(run.project),
            self.words.intern(run.job),
            run.business_day,
        );
        let group = self.group(group);
        let mut member = Member {
            run_key: run.run_key,
            parent_key: run.parent_run_key,
            root_key: run.root_run_key,
            root: self.runs.len() as u32,
            parent: None,
            group,
            started_at: run.started_at,
            ended_at: run.ended_at,
            last_event_at: run.last_event_at,
            status: run.status,
            is_root: run.is_root,
            word: run.trigger.as_word(),
            stored: is_stored.then_some(run.trigger),
            cause: None,
        };
        if let Some(cause) = run.cause
            && run.is_root
            && member.is_broken()
        {
            member.cause = Some(self.causes.len() as u32);
            self.causes.push(cause);
        }
        self.runs.push(member);
    }

    /// Looks at the days (section 8). `calendar`: what kind of day each is.
    pub fn finish(mut self, calendar: &BusinessCalendar) -> DaysOut {
        self.link();
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); self.groups.len()];
        for (index, run) in self.runs.iter().enumerate() {
            members[run.group as usize].push(index as u32);
        }
        for group in &mut members {
            group.sort_unstable_by_key(|&index| {
                let run = &self.runs[index as usize];
                (run.started_at, run.run_key)
            });
        }
        let triggers = self.triggers(&members);
        let below = self.below_broken_roots();
        let mut days: Vec<JobDay> = members
            .iter()
            .enumerate()
            .filter_map(|(group, runs)| {
                Day {
                    days: &self,
                    members: &members,
                    triggers: &triggers,
                    below: &below,
                    calendar,
                }
                .of(group as u32, runs)
            })
            .collect();
        days.sort_unstable_by(|a, b| {
            (a.business_day, &a.environment, &a.project, &a.job).cmp(&(
                b.business_day,
                &b.environment,
                &b.project,
                &b.job,
            ))
        });
        let (mut of_new, mut changed) = (Vec::with_capacity(self.runs.len()), Vec::new());
        for (run, trigger) in self.runs.iter().zip(triggers) {
            match run.stored {
                None => of_new.push(trigger),
                Some(stored) if stored != trigger => changed.push(TriggerChange {
                    run_key: run.run_key,
                    trigger,
                }),
                Some(_) => {}
            }
        }
        DaysOut {
            days,
            triggers: of_new,
            changed,
        }
    }

    fn group(&mut self, group: Group) -> u32 {
        let next = self.groups.len() as u32;
        let index = *self.group_of.entry(group).or_insert(next);
        if index == next {
            self.groups.push(group);
        }
        index
    }

    /// Runs name their parents and roots by key; here they get indexes.
    fn link(&mut self) {
        let index_of: HashMap<Uuid, u32> = self
            .runs
            .iter()
            .zip(0..)
            .map(|(run, index)| (run.run_key, index))
            .collect();
        for run in &mut self.runs {
            run.parent = run.parent_key.and_then(|key| index_of.get(&key).copied());
            run.root = index_of.get(&run.root_key).copied().unwrap_or(run.root);
        }
    }

    /// Sections 8.1 to 8.3, for each run.
    fn triggers(&self, members: &[Vec<u32>]) -> Vec<TriggerOf> {
        let unknown = TriggerOf {
            trigger: Trigger::Unknown,
            evidence: None,
            rerun_of: None,
        };
        let mut triggers = vec![unknown; self.runs.len()];
        for group in members {
            let beat = self.beat(group);
            for (place, &index) in group.iter().enumerate() {
                let run = &self.runs[index as usize];
                if !run.is_root {
                    continue;
                }
                let repeated = self.repeated(group, place);
                let on_beat = match (beat, repeated, run.word) {
                    (Some(Some(beat)), Some(failed), None) => is_on_beat(
                        run.started_at.0 - self.runs[failed as usize].started_at.0,
                        beat,
                    ),
                    _ => false,
                };
                let rerun_of = repeated
                    .filter(|_| !on_beat)
                    .map(|failed| self.runs[failed as usize].run_key);
                let (trigger, evidence) = match (run.word, rerun_of, beat) {
                    (Some((trigger, evidence)), _, _) => (trigger, Some(evidence)),
                    (None, Some(_), _) => (Trigger::Rerun, Some(TriggerEvidence::RepeatsFailedRun)),
                    (None, None, Some(_)) => (Trigger::Scheduled, Some(TriggerEvidence::Cadence)),
                    (None, None, None) => (Trigger::Unknown, None),
                };
                triggers[index as usize] = TriggerOf {
                    trigger,
                    evidence,
                    rerun_of,
                };
            }
        }
        for (index, run) in self.runs.iter().enumerate() {
            if !run.is_root {
                triggers[index] = TriggerOf {
                    rerun_of: None,
                    ..triggers[run.root as usize]
                };
            }
        }
        triggers
    }

    /// Section 8.1.
    fn repeated(&self, group: &[u32], place: usize) -> Option<u32> {
        let index = group[place];
        let run = &self.runs[index as usize];
        if run.has_word(Trigger::Reprocess) {
            return None;
        }
        let others = || {
            group[..place].iter().rev().filter(|&&other| {
                let other = &self.runs[other as usize];
                other.root != index
                    && !other.has_word(Trigger::Reprocess)
                    && other.started_at < run.started_at
            })
        };
        let failed = *others().find(|&&other| self.runs[other as usize].is_broken())?;
        let failed_at = self.runs[failed as usize].started_at;
        let succeeded_since = others().any(|&other| {
            let other = &self.runs[other as usize];
            other.status == RunStatus::Success && other.started_at > failed_at
        });
        (!succeeded_since).then_some(failed)
    }

    /// Section 8.2: whether the group has a cadence, and its beat in µs where there is one.
    #[expect(
        clippy::option_option,
        reason = "a cadence without a beat is another thing than no cadence"
    )]
    fn beat(&self, group: &[u32]) -> Option<Option<i64>> {
        let starts: Vec<i64> = group
            .iter()
            .map(|&index| &self.runs[index as usize])
            .filter(|run| {
                run.is_root && !run.has_word(Trigger::Manual) && !run.has_word(Trigger::Reprocess)
            })
            .map(|run| run.started_at.0)
            .collect();
        if starts.len() < CADENCE_RUNS {
            return None;
        }
        let mut steps: Vec<i64> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
        steps.sort_unstable();
        let beat = steps[(steps.len() - 1) / 2];
        Some((beat > 0).then_some(beat))
    }

    /// For each broken root the runs below it (section 8.6).
    fn below_broken_roots(&self) -> HashMap<u32, Vec<u32>> {
        let mut below: HashMap<u32, Vec<u32>> = HashMap::new();
        for (index, run) in self.runs.iter().enumerate() {
            if !run.is_root && run.is_broken() && self.runs[run.root as usize].is_broken() {
                below.entry(run.root).or_default().push(index as u32);
            }
        }
        below
    }
}

fn is_on_beat(distance: i64, beat: i64) -> bool {
    let times = ((distance + beat / 2) / beat).max(1);
    (distance - times * beat).abs() <= beat / 10
}

/// One job's day.
struct Day<'d> {
    days: &'d Days,
    members: &'d [Vec<u32>],
    triggers: &'d [TriggerOf],
    below: &'d HashMap<u32, Vec<u32>>,
    calendar: &'d BusinessCalendar,
}

impl Day<'_> {
    /// Sections 8.4 to 8.10.
    fn of(&self, group: u32, runs: &[u32]) -> Option<JobDay> {
        let considered: Vec<u32> = runs
            .iter()
            .copied()
            .filter(|&index| self.is_considered(index))
            .collect();
        let (&first, &last) = (considered.first()?, considered.last()?);
        let status = |index: u32| self.run(index).status;
        let broken: Vec<u32> = considered
            .iter()
            .copied()
            .filter(|&index| self.run(index).is_broken())
            .collect();
        let good: Vec<Option<(Moment, RecoveredBy)>> = broken
            .iter()
            .map(|&index| self.made_good(index, &considered))
            .collect();
        let any = |wanted: RunStatus| considered.iter().any(|&index| status(index) == wanted);
        let verdict = if broken.is_empty() {
            if any(RunStatus::Running) {
                Verdict::Running
            } else if any(RunStatus::Unverified) {
                Verdict::Unverified
            } else {
                Verdict::Ok
            }
        } else if good.iter().all(Option::is_some) {
            Verdict::Recovered
        } else if status(last) == RunStatus::Running {
            Verdict::Running
        } else if broken
            .iter()
            .zip(&good)
            .any(|(&index, good)| good.is_none() && status(index) == RunStatus::Failed)
        {
            Verdict::Failed
        } else {
            Verdict::Lost
        };
        let recovery = good
            .into_iter()
            .flatten()
            .max()
            .filter(|_| verdict == Verdict::Recovered);
        let first_failure = broken.first().map(|&index| self.run(index));
        let (environment, project, job, business_day) = self.days.groups[group as usize];
        let words = &self.days.words;
        Some(JobDay {
            environment: words.word(environment).to_owned(),
            project: words.option(project).map(str::to_owned),
            job: words.word(job).to_owned(),
            business_day,
            runs: considered.len() as i64,
            attempts_failed: broken.len() as i64,
            first_status: status(first),
            first_failure_at: first_failure.map(|run| run.ended_at.unwrap_or(run.last_event_at)),
            final_status: status(last),
            verdict,
            recovered_at: recovery.map(|(at, _)| at),
            recovered_by: recovery.map(|(_, by)| by),
            ready_at: considered
                .iter()
                .map(|&index| self.run(index))
                .filter(|run| run.status == RunStatus::Success)
                .filter_map(|run| run.ended_at)
                .min()
                .or(recovery.map(|(at, _)| at)),
            cause: first_failure
                .and_then(|run| run.cause)
                .map(|cause| self.days.causes[cause as usize].clone()),
            day_type: self.calendar.day_types(business_day),
        })
    }

    fn run(&self, index: u32) -> &Member {
        &self.days.runs[index as usize]
    }

    /// Section 8.4.
    fn is_considered(&self, index: u32) -> bool {
        let trigger = self.triggers[index as usize];
        self.run(index).is_root
            && trigger.trigger != Trigger::Reprocess
            && (trigger.trigger != Trigger::Manual || trigger.rerun_of.is_some())
    }

    /// Section 8.6: when a failed or lost root was made good, and by what.
    fn made_good(&self, broken: u32, considered: &[u32]) -> Option<(Moment, RecoveredBy)> {
        let again = considered
            .iter()
            .copied()
            .find(|&index| {
                let run = self.run(index);
                run.started_at > self.run(broken).started_at && run.status == RunStatus::Success
            })
            .and_then(|index| {
                Some((
                    self.run(index).ended_at?,
                    self.by(index, RecoveredBy::Schedule),
                ))
            });
        let leaves = self.leaves_made_good(broken);
        match (again, leaves) {
            (Some(again), Some(leaves)) => Some(if leaves.0 < again.0 { leaves } else { again }),
            (again, leaves) => again.or(leaves),
        }
    }

    fn leaves_made_good(&self, broken: u32) -> Option<(Moment, RecoveredBy)> {
        let below = self.below.get(&broken)?;
        let leaves = below.iter().copied().filter(|&leaf| {
            !below
                .iter()
                .any(|&other| self.run(other).parent == Some(leaf))
        });
        let mut last: Option<(Moment, RecoveredBy)> = None;
        for leaf in leaves {
            let run = self.run(leaf);
            let success = self.members[run.group as usize]
                .iter()
                .copied()
                .find(|&index| {
                    let other = self.run(index);
                    other.root != broken
                        && other.started_at > run.started_at
                        && other.status == RunStatus::Success
                })?;
            let made_good = (
                self.run(success).ended_at?,
                self.by(success, RecoveredBy::Rerun),
            );
            last = last.max(Some(made_good));
        }
        last
    }

    /// Section 8.8.
    fn by(&self, index: u32, otherwise: RecoveredBy) -> RecoveredBy {
        match self.triggers[self.run(index).root as usize].trigger {
            Trigger::Manual => RecoveredBy::Person,
            Trigger::Rerun => RecoveredBy::Rerun,
            _ => otherwise,
        }
    }
}
