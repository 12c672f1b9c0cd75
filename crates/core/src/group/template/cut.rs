//! Messages that their source cut, at the 255 characters of a column for example.

use super::Entry;
use super::node::Key;
use super::word::Word;

/// Takes away what the cut may have changed: the last word, and what varies before it.
pub(super) fn forget_the_end(words: &mut Vec<Word<'_>>) {
    words.pop();
    while words.last().is_some_and(|word| word.hash == 0) {
        words.pop();
    }
}

/// Gives each cut message the pattern of the one template it is the beginning of, else a pattern of its own. `whole`
/// are the places of the others, sorted by their keys.
pub(super) fn join(nodes: &[Entry], whole: &[usize], patterns: &mut [(bool, Key)]) {
    let mut cut: Vec<usize> = (0..nodes.len()).filter(|at| nodes[*at].cut).collect();
    cut.sort_unstable_by(|one, other| nodes[*one].node.key.cmp(&nodes[*other].node.key));
    // The longest first: a shorter one may be the beginning of a longer one, and joins what that has joined.
    for (index, &at) in cut.iter().enumerate().rev() {
        let key = &nodes[at].node.key;
        let begins = |other: &usize| nodes[*other].node.key.starts_with(key);
        let from = whole.partition_point(|other| nodes[*other].node.key < *key);
        let mut found = whole[from..]
            .iter()
            .take_while(|other| begins(other))
            .chain(cut[index + 1..].iter().take_while(|other| begins(other)))
            .map(|other| &patterns[*other]);
        let one = found.next().filter(|_| !key.is_empty()).cloned();
        let only = one.filter(|one| found.all(|other| other == one));
        patterns[at] = only.unwrap_or_else(|| (true, key.clone()));
    }
}
