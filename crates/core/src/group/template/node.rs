//! A message as the miner sees it: the hashes of its words, in which names, numbers and lists of any length are alike.

use super::kind::Kind;
use super::word::{LEAST, Word};
use std::ops::Range;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

/// The hashes of the words of a message, zero for what varies; no two zeros side by side. Of a long message one hash
/// of the rest stands at the end.
pub(super) type Key = Arc<[u64]>;

/// Of longer messages so many hashes stand in the key before that of the rest.
pub(super) const LOOKED_AT: usize = 100;

/// Copies share what they hold.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) key: Key,
    /// What each word can be.
    pub(super) kinds: Arc<[Kind]>,
    /// How many words stay, signs not counted.
    pub(super) words: usize,
}

impl Node {
    /// The same with more words that vary.
    pub(super) fn with_varying(&self, varying: &[Range<usize>]) -> Self {
        if varying.is_empty() {
            return self.clone();
        }
        let mut all = Hashes::with_capacity(self.key.len());
        let mut lost = 0;
        for (at, (&word, &kind)) in self.key.iter().zip(&*self.kinds).enumerate() {
            if word != 0 && varying.iter().any(|range| range.contains(&at)) {
                lost += 1;
                all.push(0, Kind::Wild);
            } else {
                all.push(word, kind);
            }
        }
        all.node(self.words - lost)
    }

    /// Of two that are the same but for what their words can be, the one in which less can vary; whether that is new.
    pub(super) fn restrict(&mut self, other: &Self) -> bool {
        let less = |(kind, other): (&Kind, &Kind)| *kind < *other;
        if !self.kinds.iter().zip(&*other.kinds).any(less) {
            return false;
        }
        for (kind, other) in Arc::make_mut(&mut self.kinds).iter_mut().zip(&*other.kinds) {
            *kind = (*kind).max(*other);
        }
        true
    }
}

/// A node that is being made.
struct Hashes {
    key: Vec<u64>,
    kinds: Vec<Kind>,
}

impl Hashes {
    fn with_capacity(words: usize) -> Self {
        Self {
            key: Vec::with_capacity(words),
            kinds: Vec::with_capacity(words),
        }
    }

    fn push(&mut self, word: u64, kind: Kind) {
        if word != 0 || self.key.last() != Some(&0) {
            self.key.push(word);
            self.kinds.push(kind);
        }
    }

    fn node(self, words: usize) -> Node {
        Node {
            key: self.key.into(),
            kinds: self.kinds.into(),
            words,
        }
    }
}

/// The longest item of a list, in words.
pub(super) const LONGEST_ITEM: usize = 12;

/// The node of these words. Of the neighbouring items of a list only one stays in `words`.
pub(super) fn of(words: &mut Vec<Word<'_>>) -> Node {
    fold_lists(words);
    of_folded(words)
}

/// The same where [`fold_lists`] was here.
pub(super) fn of_folded(words: &[Word<'_>]) -> Node {
    let (words, rest) = words.split_at(beginning(words));
    let mut all = Hashes::with_capacity(words.len() + 1);
    for word in words {
        all.push(word.hash, word.kind);
    }
    if !rest.is_empty() {
        let mut hasher = Xxh3::new();
        for run in runs(rest) {
            hasher.update(&run[0].hash.to_le_bytes());
        }
        all.push(hasher.digest().max(LEAST), Kind::Fixed);
    }
    let stay = words.iter().chain(rest);
    all.node(
        stay.filter(|word| word.hash != 0 && word.is_spoken())
            .count(),
    )
}

/// How many of the words stand in the key one by one.
pub(super) fn beginning(words: &[Word<'_>]) -> usize {
    let runs = runs(words).take(LOOKED_AT);
    runs.map(<[Word<'_>]>::len).sum()
}

/// The words, neighbours that vary taken together, as they stand in keys.
pub(super) fn runs<'w, 't>(words: &'w [Word<'t>]) -> impl Iterator<Item = &'w [Word<'t>]> {
    words.chunk_by(|one, other| one.hash == 0 && other.hash == 0)
}

/// Of neighbouring items that are equal but for what varies, one is left. Each word costs the longest item at most.
pub(super) fn fold_lists(words: &mut Vec<Word<'_>>) {
    let mut end = 0;
    for at in 0..words.len() {
        words[end] = words[at];
        end += 1;
        let folded = (2..=LONGEST_ITEM.min(end / 2)).find(|length| {
            let (one, other) = words[end - 2 * length..end].split_at(*length);
            one.iter()
                .zip(other)
                .all(|(one, other)| one.hash == other.hash)
                && is_item(one)
        });
        end -= folded.unwrap_or(0);
    }
    words.truncate(end);
}

/// Something varies, and a word or the sign of a list stands beside it: `a: 1: ` is no list.
pub(super) fn is_item(words: &[Word<'_>]) -> bool {
    words.iter().any(|word| word.hash == 0)
        && words.iter().any(|word| {
            word.hash != 0
                && (word.is_spoken() || matches!(word.text, "," | ";" | "|" | ")" | "]" | "}"))
        })
}
