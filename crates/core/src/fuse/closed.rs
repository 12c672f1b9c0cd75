//! Days whose rows are no longer kept: what was folded of them stays as it is (section 9 of `doc/fusion.md`).

use hashbrown::HashMap;
use jiff::civil::Date;

use super::heads::Names;
use super::piece::{Draft, Facts, has_global_run_ids};
use super::tree::Forest;
use crate::calendar::BusinessCalendar;
use crate::model::Moment;

/// Which days are closed, and what is known of the trees that have runs there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Business days before this one are closed.
    before: Date,
    /// Up to where rows of a tree count nothing.
    until: HashMap<u64, Moment>,
}

impl Closed {
    pub fn new(before: Date) -> Self {
        Self {
            before,
            until: HashMap::new(),
        }
    }

    /// Tells of a tree that has runs on closed days; `last_event_at` is the latest of theirs. An error that names no tree and was folded
    /// there stands in a tree of its own: that one is to be told of too.
    pub fn tree(&mut self, tree: u64, system: &str, last_event_at: Moment) {
        let until = if has_global_run_ids(system) {
            Moment(i64::MAX)
        } else {
            last_event_at
        };
        let known = self.until.entry(tree).or_insert(until);
        *known = (*known).max(until);
    }

    pub fn before(&self) -> Date {
        self.before
    }

    /// The rows of a tree that count, where some do not.
    pub(super) fn counting<'b>(&self, names: Names<'_>, facts: &Facts<'b>) -> Option<Facts<'b>> {
        let until = *self.until.get(&facts.tree(names)?)?;
        let later = |moment: Moment| moment > until;
        Some(Facts {
            logs: facts
                .logs
                .iter()
                .filter(|log| later(log.moment))
                .copied()
                .collect(),
            errors: facts
                .errors
                .iter()
                .filter(|error| later(error.moment))
                .copied()
                .collect(),
        })
    }

    /// Whether the runs below this root are on a closed day.
    pub(super) fn has(&self, names: Names<'_>, root: &Draft) -> bool {
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
