//! Templates as people read them.

use super::super::MASK;
use super::kind::Kind;
use super::node;
use super::word::Word;

/// Stands for what varies, as the benchmarks of the field write it.
pub(super) const WILD: &str = "<*>";

/// The words with [`WILD`] for what varies. `pattern` says for each run of words that may vary whether it does; where
/// it is the same everywhere, it stays readable, but for what the mask took.
pub(super) fn runs(words: &[Word<'_>], varies: &[bool]) -> String {
    let mut text = Text::default();
    let mut run = 0;
    let mut inside = false;
    for word in words {
        if word.hash == 0 {
            if varies.get(run).copied().unwrap_or(true) {
                text.wild(word.blank);
            } else {
                text.masked(word);
            }
            inside = true;
        } else {
            run += usize::from(std::mem::take(&mut inside));
            text.masked(word);
        }
    }
    text.out
}

/// The words with [`WILD`] for what the pattern lets vary.
pub(super) fn pattern(words: &[Word<'_>], pattern: &[u64]) -> String {
    let (beginning, rest) = words.split_at(node::beginning(words));
    let known = pattern.len() - usize::from(!rest.is_empty() && !pattern.is_empty());
    let mut stays = align(beginning, &pattern[..known]);
    stays.extend(rest.iter().map(|word| word.hash != 0));
    let mut text = Text::default();
    for (word, stays) in words.iter().zip(stays) {
        if stays {
            text.masked(word);
        } else {
            text.wild(word.blank);
        }
    }
    text.out
}

/// Of a long message the words of its key and the last ones stay: codes and causes stand there.
pub(super) fn shorten(words: &mut Vec<Word<'_>>) {
    let beginning = node::beginning(words);
    let Some(last) = words.len().checked_sub(LAST_SHOWN + 1) else {
        return;
    };
    if last > beginning {
        words.drain(beginning + 1..=last);
        words[beginning] = Word {
            text: "…",
            kind: Kind::Fixed,
            blank: true,
            hash: LEFT_OUT,
        };
        words[beginning + 1].blank = true;
    }
}

/// So many words at the end are shown of a long message.
const LAST_SHOWN: usize = 12;
/// Stands for what is not shown.
const LEFT_OUT: u64 = 3;

/// Which words stay: those that stand in the pattern, whose zeros take any number of words. Steps back to the last
/// zero only, which is enough for patterns without alternatives.
fn align(words: &[Word<'_>], pattern: &[u64]) -> Vec<bool> {
    let mut stays = vec![false; words.len()];
    let (mut at, mut next) = (0, 0);
    let mut last_wild: Option<(usize, usize)> = None;
    while at < words.len() {
        match pattern.get(next) {
            Some(&word) if word != 0 && word == words[at].hash => {
                stays[at] = true;
                at += 1;
                next += 1;
            }
            Some(0) => {
                last_wild = Some((next, at));
                next += 1;
            }
            _ => {
                let Some((wild, from)) = last_wild else { break };
                stays[from..at].fill(false);
                last_wild = Some((wild, from + 1));
                at = from + 1;
                next = wild + 1;
            }
        }
    }
    stays
}

#[derive(Default)]
struct Text {
    out: String,
    /// The end is a wild part.
    wild: bool,
}

impl Text {
    fn wild(&mut self, blank: bool) {
        if !std::mem::replace(&mut self.wild, true) {
            self.gap(blank);
            self.out.push_str(WILD);
        }
    }

    fn masked(&mut self, word: &Word<'_>) {
        let mut rest = word.text;
        if rest == "#" {
            return self.wild(word.blank);
        }
        self.wild = false;
        self.gap(word.blank);
        while let Some(mark) = rest.find(MASK) {
            self.out.push_str(&rest[..mark]);
            self.out.push_str(WILD);
            rest = &rest[mark + MASK.len_utf8()..];
        }
        self.out.push_str(rest);
    }

    fn gap(&mut self, blank: bool) {
        if blank && !self.out.is_empty() {
            self.out.push(' ');
        }
    }
}

/// The runs of wild words.
pub(super) fn wild_runs<'w, 't>(words: &'w [Word<'t>]) -> impl Iterator<Item = &'w [Word<'t>]> {
    words
        .chunk_by(|one, other| (one.hash == 0) == (other.hash == 0))
        .filter(|run| run[0].hash == 0)
}
