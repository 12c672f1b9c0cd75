//! Finds which words vary, from the set of all messages alone.

use super::kind::Kind;
use super::node::{Key, Node};

use std::ops::Range;

/// So many different words in one place of messages that are equal otherwise are names, not words of a language.
const ENOUGH: usize = 6;
/// The same for words that had digits.
const ENOUGH_GLUED: usize = 2;
/// Names of several words are taken for names only beside so many of one word.
pub(super) const LONGEST_NAME: u8 = 3;
/// So many words must stay around what varies.
const AROUND: usize = 2;
/// Each round lets a word vary more; two are the rule.
const ROUNDS: usize = 5;

/// For each node (sorted by key, all different) its pattern: nodes with equal patterns mean the same.
pub(super) fn mine(nodes: Vec<Node>) -> Vec<Key> {
    let mut of: Vec<usize> = (0..nodes.len()).collect();
    let mut patterns = nodes;
    for _ in 0..ROUNDS {
        let Some(next) = round(&patterns) else { break };
        let (merged, places) = next;
        for place in &mut of {
            *place = places[*place];
        }
        patterns = merged;
    }
    of.into_iter()
        .map(|place| patterns[place].key.clone())
        .collect()
}

/// A word or some of them that could vary, and what stands around them.
struct Gap {
    around: u64,
    filler: u64,
    node: u32,
    at: u16,
    length: u8,
    kind: Kind,
}

/// Lets words vary that show enough others; `None` where there are none.
fn round(nodes: &[Node]) -> Option<(Vec<Node>, Vec<usize>)> {
    let mut gaps = shared_gaps(nodes);
    gaps.sort_unstable_by_key(|gap| (gap.around, gap.length, gap.filler, gap.node, gap.at));
    let mut joined = Joined::new(nodes.len());
    let mut varying: Vec<Vec<Range<usize>>> = vec![Vec::new(); nodes.len()];
    let mut any = false;
    for alike in gaps.chunk_by(|one, other| one.around == other.around) {
        let singles = different(alike, |_| true);
        let glued = different(alike, |gap| gap.kind == Kind::Glued);
        let beside_a_value = alike[0].filler == 0;
        let varies = |gap: &&Gap| match gap.kind {
            Kind::Wild => true,
            Kind::Fixed => false,
            Kind::Value if beside_a_value && gap.length == 1 => true,
            Kind::Glued if glued >= ENOUGH_GLUED => true,
            Kind::Open | Kind::Value | Kind::Glued => singles >= ENOUGH,
        };
        let mut first = None;
        for gap in alike.iter().filter(varies) {
            let node = gap.node as usize;
            if gap.kind != Kind::Wild {
                any = true;
                let at = usize::from(gap.at);
                varying[node].push(at..at + usize::from(gap.length));
            }
            joined.join(*first.get_or_insert(node), node);
        }
    }
    any.then(|| merge(nodes, &varying, &mut joined))
}

/// The gaps that more than one node may have; most stand alone, and are told without being kept.
fn shared_gaps(nodes: &[Node]) -> Vec<Gap> {
    let words: usize = nodes.iter().map(|node| node.key.len()).sum();
    let mut seen = Seen::of(words * usize::from(LONGEST_NAME));
    let mut scratch = Scratch::default();
    for (index, node) in nodes.iter().enumerate() {
        gaps_of(index, node, &mut scratch, &mut |gap| seen.add(gap.around));
    }
    let mut gaps = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        gaps_of(index, node, &mut scratch, &mut |gap| {
            if seen.is_shared(gap.around) {
                gaps.push(gap);
            }
        });
    }
    gaps
}

/// Which hashes came more than once; now and then also one that came once.
struct Seen {
    once: Vec<u64>,
    again: Vec<u64>,
}

/// So many bits are kept for each hash, and for all together.
const BITS: usize = 6;
const MOST_BITS: usize = 1 << 27;

impl Seen {
    fn of(hashes: usize) -> Self {
        let bits = (hashes * BITS).next_power_of_two().clamp(64, MOST_BITS);
        Self {
            once: vec![0; bits / 64],
            again: vec![0; bits / 64],
        }
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        let place = (hash >> 20) as usize;
        ((place / 64) & (self.once.len() - 1), 1 << (place % 64))
    }

    fn add(&mut self, hash: u64) {
        let (word, bit) = self.place(hash);
        self.again[word] |= self.once[word] & bit;
        self.once[word] |= bit;
    }

    fn is_shared(&self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        self.again[word] & bit != 0
    }
}

/// How many different single words of a kind fill a gap. Gaps are sorted by length and filler.
fn different(alike: &[Gap], of_kind: impl Fn(&Gap) -> bool) -> usize {
    let mut last = 0;
    let mut count = 0;
    for gap in alike.iter().take_while(|gap| gap.length == 1) {
        count += usize::from(gap.filler != last && of_kind(gap));
        last = gap.filler;
    }
    count
}

/// Nodes that are joined get the pattern of the one in which most varies.
fn merge(
    nodes: &[Node],
    varying: &[Vec<Range<usize>>],
    joined: &mut Joined,
) -> (Vec<Node>, Vec<usize>) {
    let mut best: Vec<Option<Node>> = vec![None; nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        let node = node.with_varying(&varying[index]);
        let best = &mut best[joined.root(index)];
        match best {
            Some(known) if known.key == node.key => {
                known.restrict(&node);
            }
            Some(known) if (known.words, &known.key) < (node.words, &node.key) => {}
            _ => *best = Some(node),
        }
    }
    let mut merged: Vec<Node> = best.iter().flatten().cloned().collect();
    merged.sort_by(|one, other| one.key.cmp(&other.key));
    merged.dedup_by(|one, kept| {
        let same = one.key == kept.key;
        if same {
            kept.restrict(one);
        }
        same
    });
    let place = |node: &Node| merged.partition_point(|other| other.key < node.key);
    let places: Vec<Option<usize>> = best.iter().map(|best| best.as_ref().map(place)).collect();
    let places = (0..nodes.len())
        .map(|index| places[joined.root(index)].unwrap_or_default())
        .collect();
    (merged, places)
}

/// Memory to use again.
#[derive(Default)]
struct Scratch {
    before: Vec<u64>,
    after: Vec<u64>,
}

/// Hands on each gap. The hashes of all beginnings and ends, without a zero beside the gap, make each cost the same.
fn gaps_of(index: usize, node: &Node, scratch: &mut Scratch, take: &mut impl FnMut(Gap)) {
    let key = &node.key;
    let (before, after) = (&mut scratch.before, &mut scratch.after);
    before.clear();
    let mut hash = 1;
    for (at, &word) in key.iter().enumerate() {
        before.push(if at > 0 && key[at - 1] == 0 {
            before[at - 1]
        } else {
            hash
        });
        hash = mix(hash, word);
    }
    after.clear();
    after.resize(key.len() + 1, 0);
    let mut hash = 2;
    after[key.len()] = hash;
    for at in (0..key.len()).rev() {
        let with = mix(hash, key[at]);
        after[at] = if key[at] == 0 { after[at + 1] } else { with };
        hash = with;
    }
    for at in 0..key.len() {
        let mut filler = 0;
        for length in 1..=LONGEST_NAME {
            let end = at + usize::from(length);
            let Some(&kind) = node.kinds.get(end - 1) else {
                break;
            };
            let named = matches!(kind, Kind::Open | Kind::Value);
            let lost = usize::from(length) * usize::from(kind != Kind::Wild);
            if kind == Kind::Fixed || length > 1 && !named || node.words < lost + AROUND {
                break;
            }
            filler = if length == 1 {
                key[at]
            } else {
                mix(filler, key[end - 1])
            };
            take(Gap {
                around: mix(before[at], after[end]),
                filler,
                node: u32::try_from(index).unwrap_or(u32::MAX),
                at: u16::try_from(at).unwrap_or(u16::MAX),
                length,
                kind,
            });
            if !named {
                break;
            }
        }
    }
}

fn mix(hash: u64, word: u64) -> u64 {
    let wide = u128::from(hash ^ 0x9e37_79b9_7f4a_7c15) * u128::from(word ^ 0xd6e8_feb8_6659_fd93);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    let folded = (wide as u64) ^ ((wide >> 64) as u64);
    folded.rotate_left(23).wrapping_add(word)
}

/// Sets that are joined (union-find); the root of a set is its smallest member.
struct Joined(Vec<usize>);

impl Joined {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        let (low, high) = (one.min(other), one.max(other));
        self.0[high] = low;
    }
}
