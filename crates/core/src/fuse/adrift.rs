//! Section 2.6 of `doc/fusion.md`: errors that name no tree go to the run of another tree that they speak of.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use hashbrown::{HashMap, HashSet};
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64;

use super::facts::ErrorFact;
use super::fold::each_tree;
use super::heads::{CUT_JOB_CHARS, Head, Names, tree_hash};
use super::interner::Sym;
use super::part::Part;
use super::piece::{self, Draft, Entry, Facts, Pieces};
use super::rows::{Rows, part_of};
use crate::model::{Evidence, Moment};

/// How far an error may stand from the run that it speaks of.
const DAY_US: i64 = 24 * 3_600_000_000;

/// A run of which errors name no tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AdriftRun {
    /// The number of the tree in which it is the root: where such errors stand at first.
    pub own_tree: u64,
    pub system: String,
    pub environment: String,
    pub run_id: String,
}

/// A tree in which errors stand that name no tree: their run's own one where no other was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Adrift {
    pub own_tree: u64,
    pub run_id: String,
    pub tree: u64,
}

/// What rows say that may concern trees besides their own.
#[derive(Debug, Default)]
pub struct Survey {
    /// The numbers that the runs below a root would have as roots; `None` where nobody asks.
    pub below: Option<Vec<u64>>,
    pub adrift: BTreeSet<AdriftRun>,
}

/// A run that errors of the same run id may belong to.
#[derive(Debug)]
pub(super) struct Candidate {
    /// The tree in which its run id would be the root.
    pub(super) own_tree: u64,
    tree: u64,
    system: Sym,
    environment: Sym,
    root: Box<str>,
    run: Box<str>,
    /// Empty at a root.
    parent: Box<str>,
    project: Sym,
    job: Sym,
    started_at: Moment,
    last_event_at: Moment,
    run_key: Uuid,
}

impl Candidate {
    fn fits(&self, names: Names<'_>, head: &Head) -> bool {
        let parent = names.id(head.parent);
        (self.system, self.environment) == (head.system, head.environment)
            && *self.run == *names.id(head.run)
            && (parent.is_empty() || *self.parent == *parent)
            && (self.project == head.project || self.project.is_none() || head.project.is_none())
            && may_be_same_job(names, self.job, head.job)
    }

    fn distance_us(&self, moment: Moment) -> i64 {
        (self.started_at.0 - moment.0)
            .max(moment.0 - self.last_event_at.0)
            .max(0)
    }
}

fn may_be_same_job(names: Names<'_>, one: Sym, other: Sym) -> bool {
    let is_cut_of = |cut: Sym, whole: Sym| {
        let cut = names.word(cut);
        cut.chars().count() == CUT_JOB_CHARS && names.word(whole).starts_with(cut)
    };
    one == other || is_cut_of(one, other) || is_cut_of(other, one)
}

/// The candidate that an error belongs to.
pub(super) fn choose<'c>(
    candidates: &'c HashMap<u64, Vec<Candidate>>,
    names: Names<'_>,
    error: &ErrorFact<'_>,
) -> Option<&'c Candidate> {
    let head = names.head(error.head);
    candidates
        .get(&head.tree)?
        .iter()
        .filter(|candidate| candidate.fits(names, head))
        .map(|candidate| (candidate.distance_us(error.moment), candidate))
        .filter(|(distance_us, _)| *distance_us <= DAY_US)
        .min_by_key(|(distance_us, candidate)| {
            (
                *distance_us,
                Reverse(candidate.started_at),
                candidate.run_key,
            )
        })
        .map(|(_, candidate)| candidate)
}

/// What concerns other trees in one tree.
#[derive(Default)]
pub(super) struct Concern {
    /// Errors by their place among those of the tree.
    pub(super) adrift: HashSet<u32>,
    pub(super) candidates: Vec<Candidate>,
}

impl Concern {
    pub(super) fn is_none(&self) -> bool {
        self.adrift.is_empty() && self.candidates.is_empty()
    }
}

/// Looks for it; `lone` is that of [`Rows`].
pub(super) fn concern(
    names: Names<'_>,
    facts: &Facts<'_>,
    pieces: &Pieces,
    lone: &HashSet<u64>,
) -> Concern {
    let mut concern = Concern::default();
    for draft in &pieces.drafts {
        let head = names.head(pieces.entries[draft.entries.start].head(facts));
        if is_adrift(draft, head) {
            let entries = &pieces.entries[draft.entries.clone()];
            concern.adrift.extend(entries.iter().map(Entry::place));
            continue;
        }
        if head.run == head.root || draft.evidence == Evidence::ErrorsOnly {
            continue;
        }
        if is_lone(lone, names.id(head.run)) {
            concern.candidates.push(Candidate {
                own_tree: own_tree(names, head),
                tree: head.tree,
                system: draft.system,
                environment: draft.environment,
                root: names.id(head.root).into(),
                run: names.id(draft.run).into(),
                parent: names.id(draft.parent).into(),
                project: draft.project,
                job: draft.job,
                started_at: draft.started_at,
                last_event_at: draft.last_event_at,
                run_key: draft.run_key,
            });
        }
    }
    concern
}

fn is_lone(lone: &HashSet<u64>, id: &str) -> bool {
    lone.contains(&xxh3_64(id.as_bytes()))
}

fn is_adrift(draft: &Draft, head: &Head) -> bool {
    head.run == head.root && draft.evidence == Evidence::ErrorsOnly
}

/// The number of the tree in which this run is the root.
fn own_tree(names: Names<'_>, head: &Head) -> u64 {
    tree_hash(
        names.word(head.system),
        names.word(head.environment),
        names.id(head.run),
    )
}

/// Brings errors to the trees that they belong to.
pub(super) struct Sorter<'s> {
    candidates: &'s HashMap<u64, Vec<Candidate>>,
    /// What goes to each part.
    parts: HashMap<usize, Part>,
    pub(super) found: BTreeSet<Adrift>,
}

impl<'s> Sorter<'s> {
    pub(super) fn new(candidates: &'s HashMap<u64, Vec<Candidate>>) -> Self {
        Self {
            candidates,
            parts: HashMap::new(),
            found: BTreeSet::new(),
        }
    }

    pub(super) fn take(&mut self, names: Names<'_>, error: &ErrorFact<'_>) {
        let head = names.head(error.head);
        let chosen = choose(self.candidates, names, error);
        let tree = chosen.map_or(head.tree, |candidate| candidate.tree);
        let part = self.parts.entry(part_of(tree)).or_default();
        let to = match chosen {
            Some(candidate) => part.copy_below(names.part, error.head, tree, &candidate.root),
            None => part.copy(names.part, error.head),
        };
        let moved = ErrorFact {
            head: to,
            tree_inferred: chosen.is_some(),
            ..*error
        };
        moved.pack(&mut part.rows);
        self.found.insert(Adrift {
            own_tree: head.tree,
            run_id: names.id(head.run).to_owned(),
            tree,
        });
    }

    /// What each part is to get.
    pub(super) fn written(&self) -> impl Iterator<Item = (usize, Vec<u8>)> {
        self.parts.iter().map(|(&number, part)| {
            let mut bytes = Vec::new();
            part.write(&mut bytes);
            (number, bytes)
        })
    }
}

impl Rows {
    /// Whether no error can be adrift.
    pub fn has_no_lone_errors(&self) -> bool {
        self.lone.is_empty()
    }

    /// What rows of part `part` say that may concern other trees; `spilled` is as for [`super::Fold::part`].
    pub fn survey(&self, part: usize, spilled: &[Vec<u8>], survey: &mut Survey) {
        self.unpacked(part, spilled, |names, logs, errors| {
            if let Some(below) = &mut survey.below {
                let heads = names.part.heads().iter();
                let heads = heads.filter(|head| head.run != head.root);
                below.extend(heads.map(|head| own_tree(names, head)));
            }
            let is_lone = |head: u32| is_lone(&self.lone, names.id(names.head(head).root));
            let (mut logs, mut errors) = (logs, errors);
            logs.retain(|log| is_lone(log.head));
            errors.retain(|error| is_lone(error.head));
            each_tree(names.part, &logs, &errors, |facts| {
                let Pieces {
                    drafts, entries, ..
                } = piece::runs(names, facts);
                for draft in &drafts {
                    let head = names.head(entries[draft.entries.start].head(facts));
                    if is_adrift(draft, head) {
                        survey.adrift.insert(AdriftRun {
                            own_tree: head.tree,
                            system: names.word(head.system).to_owned(),
                            environment: names.word(head.environment).to_owned(),
                            run_id: names.id(head.run).to_owned(),
                        });
                    }
                }
            });
        });
    }
}
