//! Days whose rows are no longer kept: what was folded of them stays as it is (section 9 of `doc/fusion.md`).

use hashbrown::{HashMap, HashSet};
use jiff::civil::Date;
use xxhash_rust::xxh3::Xxh3;

use super::heads::{CUT_JOB_CHARS, Names};
use super::piece::{Draft, Facts, has_global_run_ids};
use super::tree::Forest;
use crate::calendar::BusinessCalendar;
use crate::model::Moment;

/// Which days are closed, and what is known of their runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Business days before this one are closed.
    before: Date,
    trees: HashSet<u64>,
    /// Up to where rows of a run count nothing.
    until: HashMap<u128, Moment>,
}

/// A run that is closed.
#[derive(Clone, Copy, Debug)]
pub struct ClosedRun<'a> {
    /// Where its rows stand: its own tree, or the one that an error is in which names no tree and was folded there.
    pub tree: u64,
    pub system: &'a str,
    pub run_id: &'a str,
    /// Its name, or as much of it as is left where names are cut.
    pub job: &'a str,
    pub last_event_at: Moment,
}

impl Closed {
    pub fn new(before: Date) -> Self {
        Self {
            before,
            trees: HashSet::new(),
            until: HashMap::new(),
        }
    }

    pub fn run(&mut self, run: ClosedRun<'_>) {
        let until = if has_global_run_ids(run.system) {
            Moment(i64::MAX)
        } else {
            run.last_event_at
        };
        self.trees.insert(run.tree);
        let known = self
            .until
            .entry(key(run.tree, run.run_id, run.job))
            .or_insert(until);
        *known = (*known).max(until);
    }

    pub fn before(&self) -> Date {
        self.before
    }

    /// The rows of a tree that count, where some may not.
    pub(super) fn counting<'b>(&self, names: Names<'_>, facts: &Facts<'b>) -> Option<Facts<'b>> {
        let tree = facts.tree(names)?;
        if !self.trees.contains(&tree) {
            return None;
        }
        let counts = |head: u32, moment: Moment| {
            let head = names.head(head);
            let key = key(tree, names.id(head.run), names.word(head.job));
            self.until.get(&key).is_none_or(|until| moment > *until)
        };
        let (logs, errors) = (facts.logs.iter(), facts.errors.iter());
        Some(Facts {
            logs: logs
                .filter(|log| counts(log.head, log.moment))
                .copied()
                .collect(),
            errors: errors
                .filter(|error| counts(error.head, error.moment))
                .copied()
                .collect(),
        })
    }

    /// Whether the runs below this root are on a closed day.
    fn has(&self, names: Names<'_>, root: &Draft) -> bool {
        let config = &names.heads.config;
        BusinessCalendar::business_day(root.started_at, &config.zone, config.border_minutes)
            < self.before
    }

    /// Whether all of these runs are on closed days.
    pub(super) fn has_all(&self, names: Names<'_>, drafts: &[Draft], forest: &Forest) -> bool {
        let mut roots = (0..drafts.len()).map(|run| forest.root[run]);
        roots.all(|root| self.has(names, &drafts[root]))
    }
}

/// A run as its rows name it, whether they cut the name of its job or not.
fn key(tree: u64, run_id: &str, job: &str) -> u128 {
    let end = job.char_indices().nth(CUT_JOB_CHARS);
    let job = end.map_or(job, |(end, _)| &job[..end]);
    let mut hasher = Xxh3::new();
    hasher.update(&tree.to_le_bytes());
    hasher.update(&(run_id.len() as u64).to_le_bytes());
    hasher.update(run_id.as_bytes());
    hasher.update(job.as_bytes());
    hasher.digest128()
}
