//! What happened to an issue, in its order.

use super::{Act, Facts, Good, JobNumber, Occurrence};
use crate::model::Moment;
use std::collections::HashSet;
use uuid::Uuid;

/// Something that can change an issue.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event<'f> {
    Occurrence(&'f Occurrence),
    Success { job: JobNumber, started_at: Moment },
    Retired(JobNumber),
    Act(&'f Act),
}

/// Everything by its moment: an occurrence counts when its run begins, a success when it ends. At one moment occurrences come before
/// successes, and both before what people did: they knew.
pub(super) fn timeline(facts: &Facts) -> Vec<(Moment, Event<'_>)> {
    let bad: HashSet<Uuid> = facts.occurrences.iter().map(|one| one.run_key).collect();
    let mut events = Vec::new();
    for one in &facts.occurrences {
        let order = (one.started_at, 0, 0, one.run_key);
        events.push((order, Event::Occurrence(one)));
    }
    for good in &facts.good {
        match *good {
            // A run that succeeded with such an error is no proof of anything.
            Good::Success { run_key, .. } if bad.contains(&run_key) => {}
            Good::Success {
                run_key,
                job,
                started_at,
                ended_at,
            } => events.push((
                (ended_at, 1, 0, run_key),
                Event::Success { job, started_at },
            )),
            Good::Retired { job, at } => {
                events.push(((at, 2, i64::from(job), Uuid::nil()), Event::Retired(job)));
            }
        }
    }
    for act in &facts.acts {
        events.push(((act.at, 3, act.number, Uuid::nil()), Event::Act(act)));
    }
    events.sort_unstable_by_key(|(order, _)| *order);
    // The same run may be told twice, never counted twice.
    events.dedup_by_key(|(order, _)| *order);
    events
        .into_iter()
        .map(|((at, ..), event)| (at, event))
        .collect()
}
