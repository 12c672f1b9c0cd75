//! Section 4 of `doc/fusion.md`: which run is whose parent.

use hashbrown::HashMap;

use super::part::Id;
use super::piece::Draft;
use crate::model::Moment;

const DAY_US: i64 = 24 * 3_600_000_000;

/// The runs of a tree as a forest; indexes are those of the drafts.
pub(super) struct Forest {
    pub(super) parent: Vec<Option<usize>>,
    pub(super) children: Vec<Vec<usize>>,
    pub(super) depth: Vec<i32>,
    pub(super) root: Vec<usize>,
    /// Every run after its parent.
    pub(super) down: Vec<usize>,
    pub(super) parent_inferred: Vec<bool>,
    pub(super) parent_missing: Vec<bool>,
}

pub(super) fn link(drafts: &[Draft]) -> Forest {
    let count = drafts.len();
    let mut by_run: HashMap<Id, Vec<usize>> = HashMap::with_capacity(count);
    for (index, draft) in drafts.iter().enumerate() {
        by_run.entry(draft.run).or_default().push(index);
    }
    let mut forest = Forest {
        parent: vec![None; count],
        children: vec![Vec::new(); count],
        depth: vec![0; count],
        root: (0..count).collect(),
        down: Vec::with_capacity(count),
        parent_inferred: vec![false; count],
        parent_missing: vec![false; count],
    };
    for (index, draft) in drafts.iter().enumerate() {
        if draft.parent.is_none() {
            continue;
        }
        let candidates = by_run.get(&draft.parent).map_or(&[][..], Vec::as_slice);
        let (parent, inferred) = choose(drafts, candidates, index);
        forest.parent[index] = parent;
        forest.parent_inferred[index] = inferred;
        forest.parent_missing[index] = parent.is_none();
    }
    break_rings(drafts, &mut forest);
    for index in 0..count {
        if let Some(parent) = forest.parent[index] {
            forest.children[parent].push(index);
        }
    }
    for index in 0..count {
        if forest.parent[index].is_none() {
            forest.down.push(index);
        }
    }
    let mut at = 0;
    while at < forest.down.len() {
        let index = forest.down[at];
        for child in forest.children[index].clone() {
            forest.depth[child] = forest.depth[index] + 1;
            forest.root[child] = forest.root[index];
            forest.down.push(child);
        }
        at += 1;
    }
    forest
}

/// The parent among the runs with the right id, and whether no interval contained the begin of several.
fn choose(drafts: &[Draft], candidates: &[usize], child: usize) -> (Option<usize>, bool) {
    let begin = drafts[child].started_at;
    let others = || {
        candidates
            .iter()
            .copied()
            .filter(move |&other| other != child)
    };
    if others().nth(1).is_none() {
        return (others().next(), false);
    }
    let contains = |&other: &usize| {
        let open_until = Moment(drafts[other].last_event_at.0 + DAY_US);
        drafts[other].started_at <= begin && begin <= drafts[other].ended_at.unwrap_or(open_until)
    };
    let nearest = |&other: &usize| {
        (
            (drafts[other].started_at.0 - begin.0).abs(),
            drafts[other].run_key.as_u128(),
        )
    };
    match others().filter(contains).min_by_key(nearest) {
        Some(parent) => (Some(parent), false),
        None => (others().min_by_key(nearest), true),
    }
}

/// The earliest member of a ring becomes a root.
fn break_rings(drafts: &[Draft], forest: &mut Forest) {
    let count = drafts.len();
    // 0: not seen, n: seen on the walk that began at n - 1.
    let mut seen = vec![0_usize; count];
    for start in 0..count {
        let mut at = start;
        while seen[at] == 0 {
            seen[at] = start + 1;
            let Some(parent) = forest.parent[at] else {
                break;
            };
            at = parent;
        }
        if seen[at] != start + 1 || forest.parent[at].is_none() {
            continue;
        }
        let mut ring = vec![at];
        let mut next = forest.parent[at];
        while let Some(member) = next.filter(|&member| member != at) {
            ring.push(member);
            next = forest.parent[member];
        }
        if let Some(&first) = ring
            .iter()
            .min_by_key(|&&member| (drafts[member].started_at, drafts[member].run_key))
        {
            forest.parent[first] = None;
            forest.parent_missing[first] = true;
        }
    }
}
