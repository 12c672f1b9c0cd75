//! Which jobs the runs of a fuse name.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use smartetl_core::fuse::{JobKey, Run};
use smartetl_core::model::{Moment, job_family};
use smartetl_store::catalogue::SeenJob;
use uuid::Uuid;

/// Jobs, and when they were seen; by number, so that a run costs a look-up. With the latest run that says the job's id.
#[derive(Default)]
pub(super) struct SeenJobs(HashMap<i64, (SeenJob, Option<(Moment, Uuid)>)>);

impl SeenJobs {
    pub(super) fn see(&mut self, run: &Run<'_>) {
        let (seen, id_of) = self.0.entry(run.job_number).or_insert_with(|| {
            let seen = SeenJob {
                key: JobKey {
                    system: run.system.to_owned(),
                    environment: run.environment.to_owned(),
                    project: run.project.unwrap_or_default().to_owned(),
                    job: run.job.to_owned(),
                },
                job_id: None,
                family: job_family(run.job),
                first_seen: run.started_at,
                last_seen: run.started_at,
            };
            (seen, None)
        });
        seen.first_seen = seen.first_seen.min(run.started_at);
        seen.last_seen = seen.last_seen.max(run.started_at);
        let of = Some((run.started_at, run.run_key));
        if let Some(job_id) = run.job_id
            && *id_of < of
        {
            *id_of = of;
            if seen.job_id.as_deref() != Some(job_id) {
                seen.job_id = Some(job_id.to_owned());
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (number, (theirs, their_id_of)) in other.0 {
            match self.0.entry(number) {
                Entry::Vacant(free) => {
                    free.insert((theirs, their_id_of));
                }
                Entry::Occupied(mut ours) => {
                    let (ours, id_of) = ours.get_mut();
                    ours.first_seen = ours.first_seen.min(theirs.first_seen);
                    ours.last_seen = ours.last_seen.max(theirs.last_seen);
                    if *id_of < their_id_of {
                        *id_of = their_id_of;
                        ours.job_id = theirs.job_id;
                    }
                }
            }
        }
    }

    /// In the order of their names.
    pub(super) fn into_list(self) -> Vec<SeenJob> {
        let mut jobs: Vec<SeenJob> = self.0.into_values().map(|(seen, _)| seen).collect();
        jobs.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        jobs
    }
}
