//! When the jobs of a night ran, beside when they usually do.

use super::clock::Clock;
use super::habits::{Habits, Spread};
use super::night::{Facts, JobName};
use jiff::civil::Date;
use smartetl_core::model::{Moment, Verdict};
use smartetl_store::report::RootRun;
use std::collections::HashMap;

/// A night as bars.
#[derive(Clone, Debug)]
pub struct Timeline {
    pub environment: String,
    pub day: Date,
    /// From border to border.
    pub from: Moment,
    pub until: Moment,
    /// Those that began first come first.
    pub jobs: Vec<TimedJob>,
}

/// A root job and its runs.
#[derive(Clone, Debug)]
pub struct TimedJob {
    pub project: Option<String>,
    pub job: String,
    /// `None`: its runs count for no night, or the verdict is one of a later version.
    pub verdict: Option<Verdict>,
    pub deadline_at: Option<Moment>,
    /// When it usually begins, and is ready; `None` where too few nights are known.
    pub usual_start: Option<Spread>,
    pub usual_end: Option<Spread>,
    /// By time, never empty.
    pub runs: Vec<RootRun>,
}

impl Timeline {
    pub fn new(facts: Facts, clock: &Clock) -> Self {
        let (from, until) = clock.bounds(facts.night.day);
        let mut places: HashMap<JobName, usize> = HashMap::new();
        let mut jobs: Vec<TimedJob> = Vec::new();
        for run in &facts.runs {
            let name = (run.project.clone(), run.job.clone());
            let at = *places.entry(name).or_insert(jobs.len());
            if at == jobs.len() {
                jobs.push(TimedJob {
                    project: run.project.clone(),
                    job: run.job.clone(),
                    verdict: None,
                    deadline_at: None,
                    usual_start: None,
                    usual_end: None,
                    runs: Vec::new(),
                });
            }
            jobs[at].runs.push(run.clone());
        }
        for (tonight, [start, end]) in Habits::new(&facts, clock).spans() {
            let name = (tonight.project.clone(), tonight.job.clone());
            if let Some(at) = places.get(&name) {
                let job = &mut jobs[*at];
                job.verdict = tonight.verdict;
                job.deadline_at = tonight.deadline_at;
                job.usual_start = start;
                job.usual_end = end;
            }
        }
        jobs.sort_by_key(|job| job.runs.first().map(|run| run.started_at));
        Self {
            environment: facts.night.environment,
            day: facts.night.day,
            from,
            until,
            jobs,
        }
    }
}
