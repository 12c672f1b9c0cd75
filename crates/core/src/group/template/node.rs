//! A message as the miner sees it: the hashes of its words, in which names, numbers and lists of any length are alike.

use super::kind::Kind;
use super::word::Word;
use std::ops::Range;

/// The hashes of the words of a message, zero for what varies; no two zeros side by side.
pub(super) type Key = Vec<u64>;

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) key: Key,
    /// What each word can be.
    pub(super) kinds: Vec<Kind>,
    /// How many words stay, signs not counted.
    pub(super) words: usize,
}

impl Node {
    /// The same with more words that vary.
    pub(super) fn with_varying(&self, varying: &[Range<usize>]) -> Self {
        let mut node = Self::with_capacity(self.key.len());
        let mut lost = 0;
        for (at, (&word, &kind)) in self.key.iter().zip(&self.kinds).enumerate() {
            if word != 0 && varying.iter().any(|range| range.contains(&at)) {
                lost += 1;
                node.push(0, Kind::Wild);
            } else {
                node.push(word, kind);
            }
        }
        node.words = self.words - lost;
        node
    }

    fn with_capacity(words: usize) -> Self {
        Self {
            key: Vec::with_capacity(words),
            kinds: Vec::with_capacity(words),
            words: 0,
        }
    }

    fn push(&mut self, word: u64, kind: Kind) {
        if word != 0 || self.key.last() != Some(&0) {
            self.key.push(word);
            self.kinds.push(kind);
        }
    }

    /// Of two that are the same but for what their words can be, the one in which less can vary; whether that is new.
    pub(super) fn restrict(&mut self, other: &Self) -> bool {
        let mut changed = false;
        for (kind, other) in self.kinds.iter_mut().zip(&other.kinds) {
            changed |= *kind < *other;
            *kind = (*kind).max(*other);
        }
        changed
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
    let mut node = Node::with_capacity(words.len());
    for word in words {
        node.push(word.hash, word.kind);
        node.words += usize::from(word.hash != 0 && word.is_spoken());
    }
    node
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
