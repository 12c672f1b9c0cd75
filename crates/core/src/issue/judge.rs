//! The states of an issue, along its timeline.

use super::timeline::{Event, timeline};
use super::{Act, Facts, JobNumber, Judged, Mute, Muted, Occurrence, Rules, Version, What};
use crate::model::{IssueState, Moment, ResolvedBy};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// What has become of an issue; `None` where it never occurred.
pub fn judge(facts: &Facts, rules: Rules) -> Option<Judged> {
    let mut issue = Issue::default();
    for (at, event) in timeline(facts) {
        match event {
            Event::Occurrence(one) => issue.occurs(one),
            Event::Success { job, started_at } => issue.succeeds(at, job, started_at, rules),
            Event::Retired(job) => issue.retires(at, job, rules),
            Event::Act(act) => issue.act(act),
        }
    }
    issue.judged(&facts.versions)
}

/// From the occurrence that opened an issue to its being resolved.
struct Episode {
    state: IssueState,
    since: Moment,
    resolved_by: Option<ResolvedBy>,
    opened_at: Moment,
    first_day: Date,
    runs: i64,
    acknowledged: Option<(Moment, String)>,
    jobs: BTreeMap<JobNumber, Progress>,
}

/// How far a touched job is from being good again.
#[derive(Clone, Copy)]
struct Progress {
    /// Its last occurrence, or its being reopened: only runs that began later count.
    after: Moment,
    successes: u32,
    is_retired: bool,
}

impl Progress {
    const fn from(after: Moment) -> Self {
        Self {
            after,
            successes: 0,
            is_retired: false,
        }
    }

    const fn is_good(self, rules: Rules) -> bool {
        rules.resolve_after > 0 && (self.is_retired || self.successes >= rules.resolve_after)
    }
}

/// An issue under way.
#[derive(Default)]
struct Issue<'f> {
    episode: Option<Episode>,
    counts: Counts,
    mute: Option<(&'f Act, Mute, u32)>,
    assignee: Option<&'f str>,
    note: Option<&'f str>,
    runbook: Option<&'f str>,
    /// All that it ever touched.
    jobs: BTreeSet<JobNumber>,
    /// Numbers of acts on the state of an issue that was not in one for them.
    idle: Vec<i64>,
}

/// Of all occurrences.
#[derive(Default)]
struct Counts {
    first_seen: Option<Moment>,
    /// The last one, by the moment of its error.
    last: Option<(Moment, uuid::Uuid)>,
    runs: i64,
    days: BTreeSet<Date>,
    regressions: i64,
    failed_runs: i64,
    lost_ms: i64,
}

impl Counts {
    fn add(&mut self, one: &Occurrence) {
        let first = self
            .first_seen
            .map_or(one.seen_at, |at| at.min(one.seen_at));
        self.first_seen = Some(first);
        self.last = self.last.max(Some((one.seen_at, one.run_key)));
        self.runs += 1;
        self.days.insert(one.business_day);
        self.failed_runs += one.failed_runs;
        self.lost_ms += one.lost_ms;
    }
}

impl<'f> Issue<'f> {
    fn occurs(&mut self, one: &Occurrence) {
        self.counts.add(one);
        self.jobs.insert(one.job);
        if let Some((_, Mute::Occurrences(_), left)) = &mut self.mute {
            *left -= 1;
            if *left == 0 {
                self.mute = None;
            }
        }
        let is_open = |episode: &&mut Episode| episode.state != IssueState::Resolved;
        if let Some(episode) = self.episode.as_mut().filter(is_open) {
            episode.opened_at = episode.opened_at.min(one.seen_at);
            episode.runs += 1;
            let is_news = matches!(episode.state, IssueState::New | IssueState::Regressed);
            if is_news && one.business_day != episode.first_day {
                episode.state = IssueState::Ongoing;
                episode.since = one.seen_at;
            }
            episode.jobs.insert(one.job, Progress::from(one.started_at));
            return;
        }
        let state = if self.episode.is_some() {
            self.counts.regressions += 1;
            IssueState::Regressed
        } else {
            IssueState::New
        };
        self.episode = Some(Episode {
            state,
            since: one.seen_at,
            resolved_by: None,
            opened_at: one.seen_at,
            first_day: one.business_day,
            runs: 1,
            acknowledged: None,
            jobs: BTreeMap::from([(one.job, Progress::from(one.started_at))]),
        });
    }

    fn succeeds(&mut self, at: Moment, job: JobNumber, started_at: Moment, rules: Rules) {
        if let Some(progress) = self.progress(job)
            && started_at > progress.after
        {
            progress.successes += 1;
            self.resolve_if_good(at, rules);
        }
    }

    fn retires(&mut self, at: Moment, job: JobNumber, rules: Rules) {
        if let Some(progress) = self.progress(job) {
            progress.is_retired = true;
            self.resolve_if_good(at, rules);
        }
    }

    /// Of an open issue.
    fn progress(&mut self, job: JobNumber) -> Option<&mut Progress> {
        let episode = self.episode.as_mut()?;
        let is_open = episode.state != IssueState::Resolved;
        episode.jobs.get_mut(&job).filter(|_| is_open)
    }

    fn resolve_if_good(&mut self, at: Moment, rules: Rules) {
        if let Some(episode) = &mut self.episode
            && episode.jobs.values().all(|job| job.is_good(rules))
        {
            episode.state = IssueState::Resolved;
            episode.since = at;
            episode.resolved_by = Some(ResolvedBy::Itself);
            // Should it come back, that is news.
            self.mute = None;
        }
    }

    fn act(&mut self, act: &'f Act) {
        match &act.what {
            What::Mute(Mute::Occurrences(0)) | What::Unmute => self.mute = None,
            // As where it is resolved behind the mute: its coming back is news.
            What::Mute(_) if self.is_resolved() => self.idle.push(act.number),
            What::Mute(mute) => {
                let left = match mute {
                    Mute::Occurrences(left) => *left,
                    Mute::Until(_) | Mute::NextVersion => 0,
                };
                self.mute = Some((act, *mute, left));
            }
            What::Assign(to) => self.assignee = to.as_deref(),
            What::Note(text) => self.note = text.as_deref(),
            What::Runbook(link) => self.runbook = link.as_deref(),
            What::Resolve => {
                self.mute = None;
                self.change(act);
            }
            What::Ack | What::Reopen => self.change(act),
        }
    }

    fn is_resolved(&self) -> bool {
        let episode = self.episode.as_ref();
        episode.is_some_and(|episode| episode.state == IssueState::Resolved)
    }

    /// What changes the state; without effect where it makes no sense, as when somebody else was quicker.
    fn change(&mut self, act: &Act) {
        let Some(episode) = &mut self.episode else {
            return;
        };
        let is_open = episode.state != IssueState::Resolved;
        match act.what {
            What::Ack if is_open => {
                if episode.acknowledged.is_none() {
                    episode.acknowledged = Some((act.at, act.by.clone()));
                }
                if episode.state != IssueState::Ongoing {
                    episode.state = IssueState::Ongoing;
                    episode.since = act.at;
                }
            }
            What::Resolve if is_open => {
                episode.state = IssueState::Resolved;
                episode.since = act.at;
                episode.resolved_by = Some(ResolvedBy::Person);
            }
            What::Reopen if !is_open => {
                episode.state = IssueState::Ongoing;
                episode.since = act.at;
                episode.resolved_by = None;
                for progress in episode.jobs.values_mut() {
                    *progress = Progress::from(act.at);
                }
            }
            _ => self.idle.push(act.number),
        }
    }

    fn judged(self, versions: &[Version]) -> Option<Judged> {
        let episode = self.episode?;
        let (last_seen, last_run) = self.counts.last?;
        let is_open = episode.state != IssueState::Resolved;
        let mute = self.mute.filter(|(act, mute, _)| {
            *mute != Mute::NextVersion || !has_changed(versions, &self.jobs, act.at)
        });
        Some(Judged {
            state: episode.state,
            since: episode.since,
            opened_at: episode.opened_at,
            resolved_by: episode.resolved_by,
            acknowledged: episode.acknowledged,
            muted: mute.map(|(act, mute, left)| Muted {
                kind: mute.kind(),
                at: act.at,
                by: act.by.clone(),
                until: match mute {
                    Mute::Until(until) => Some(until),
                    _ => None,
                },
                left: matches!(mute, Mute::Occurrences(_)).then_some(left),
            }),
            assignee: self.assignee.map(str::to_owned),
            note: self.note.map(str::to_owned),
            runbook: self.runbook.map(str::to_owned),
            idle: self.idle,
            first_seen: self.counts.first_seen?,
            last_seen,
            last_run,
            runs: self.counts.runs,
            runs_since_opened: episode.runs,
            days: self.counts.days.len() as i64,
            regressions: self.counts.regressions,
            failed_runs: self.counts.failed_runs,
            lost_ms: self.counts.lost_ms,
            successes: episode
                .jobs
                .values()
                .filter(|job| !job.is_retired)
                .map(|job| job.successes)
                .min()
                .filter(|_| is_open),
        })
    }
}

/// Whether one of the jobs ran in another version than its last one at that moment. Where none was known, the first one is none
/// that is next.
fn has_changed(versions: &[Version], jobs: &BTreeSet<JobNumber>, at: Moment) -> bool {
    jobs.iter().any(|job| {
        let mut of_job: Vec<&Version> = versions
            .iter()
            .filter(|version| version.job == *job)
            .collect();
        of_job.sort_unstable_by_key(|version| (version.started_at, &version.version));
        let before = of_job.iter().rev().find(|version| version.started_at <= at);
        let mut after = of_job.iter().filter(|version| version.started_at > at);
        let first = before.or_else(|| after.next());
        first.is_some_and(|first| after.any(|version| version.version != first.version))
    })
}
