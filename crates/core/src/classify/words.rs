//! The words that rules are asked for, and where they stand in a folded text.
//!
//! An automaton of more than two thousand words has more states than the cache beside a core holds. Here most places of a text
//! are passed over by one bit: whether some word begins with the four bytes that stand there.

use std::collections::BTreeMap;

use hashbrown::HashMap;

/// Words of so many bytes are looked up by all of them, shorter ones by the first [`SHORTEST`].
const LONG: usize = 8;
/// No word is shorter, in bytes.
const SHORTEST: usize = 3;
/// Leave the first three and four of eight bytes.
const THREE: u64 = 0xff_ffff;
const FOUR: u64 = 0xffff_ffff;

/// A word, and who asks for it.
pub(super) struct Word {
    text: String,
    free_before: bool,
    free_after: bool,
    /// It is the name of a file or of something like it: `id_rsa`.
    pub(super) is_name: bool,
    /// Some rule does not count it where it is denied.
    pub(super) may_be_denied: bool,
    /// Places in `Rules::asked`.
    pub(super) asked_by: Vec<u16>,
}

/// A word that stands in a text, by bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub(super) end: usize,
    pub(super) start: usize,
    pub(super) word: u16,
}

/// All words, each once.
#[derive(Default)]
pub(super) struct Words {
    entries: Vec<Word>,
    seen: BTreeMap<String, u16>,
    /// The first four bytes of words.
    any: Bits,
    long: Heads,
    short: Heads,
}

impl Words {
    /// A stroke at an end means that no letter may stand beside it there.
    ///
    /// # Panics
    /// For a word that is too short, which the tests of `rules.toml` show.
    pub(super) fn add(&mut self, written: &str, asked_by: Option<u16>) -> u16 {
        if let Some(known) = self.seen.get(written) {
            self.entries[usize::from(*known)].asked_by.extend(asked_by);
            return *known;
        }
        let index = self.entries.len() as u16;
        let text = written.trim_matches('|').to_owned();
        let three = first_three(text.as_bytes()).expect("words of rules.toml are tested");
        match text.as_bytes().get(SHORTEST) {
            Some(fourth) => self.any.add(three | u64::from(*fourth) << 24),
            // Whatever stands behind it.
            None => (0..=0xff).for_each(|fourth| self.any.add(three | fourth << 24)),
        }
        match first_eight(text.as_bytes()) {
            Some(eight) => self.long.add(eight, text.as_bytes(), index),
            None => self.short.add(three, text.as_bytes(), index),
        }
        self.entries.push(Word {
            text,
            free_before: written.starts_with('|'),
            free_after: written.ends_with('|'),
            is_name: written.contains(['_', '.', '/']),
            may_be_denied: false,
            asked_by: asked_by.into_iter().collect(),
        });
        self.seen.insert(written.to_owned(), index);
        index
    }

    pub(super) fn may_be_denied(&mut self, index: u16, may: bool) {
        self.entries[usize::from(index)].may_be_denied |= may;
    }

    pub(super) fn get(&self, index: u16) -> &Word {
        &self.entries[usize::from(index)]
    }

    /// All words at all places, in the order of their ends.
    pub(super) fn find(&self, text: &str) -> Vec<Hit> {
        let bytes = text.as_bytes();
        let mut hits = Vec::with_capacity(32);
        for start in 0..bytes.len() {
            let rest = &bytes[start..];
            if let Some(eight) = first_eight(rest) {
                if self.any.has(eight & FOUR) {
                    self.begin(bytes, start, self.long.of(eight), &mut hits);
                    self.begin(bytes, start, self.short.of(eight & THREE), &mut hits);
                }
            } else if let Some(three) = first_three(rest) {
                self.begin(bytes, start, self.short.of(three), &mut hits);
            }
        }
        hits.sort_unstable();
        hits
    }

    /// Which of these words stand at `start`.
    #[inline]
    fn begin(&self, bytes: &[u8], start: usize, heirs: &[Heir], hits: &mut Vec<Hit>) {
        for heir in heirs {
            let end = start + usize::from(heir.length);
            if bytes.get(end - 1) != Some(&heir.last) {
                continue;
            }
            let word = self.get(heir.word);
            let is_free = || {
                !(word.free_before && start > 0 && is_letter(bytes[start - 1])
                    || word.free_after && bytes.get(end).copied().is_some_and(is_letter))
            };
            if bytes[start..end] == *word.text.as_bytes() && is_free() {
                let word = heir.word;
                hits.push(Hit { end, start, word });
            }
        }
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn first_eight(bytes: &[u8]) -> Option<u64> {
    let head = bytes.first_chunk::<LONG>()?;
    Some(u64::from_le_bytes(*head))
}

fn first_three(bytes: &[u8]) -> Option<u64> {
    let [one, two, three] = *bytes.first_chunk::<SHORTEST>()?;
    Some(u64::from_le_bytes([one, two, three, 0, 0, 0, 0, 0]))
}

/// Words by the bytes that they begin with.
#[derive(Default)]
struct Heads {
    known: Bits,
    words: HashMap<u64, Vec<Heir>>,
}

/// A word that begins so, with what most places rule it out by.
struct Heir {
    word: u16,
    length: u16,
    last: u8,
}

impl Heads {
    fn add(&mut self, head: u64, text: &[u8], word: u16) {
        self.known.add(head);
        self.words.entry(head).or_default().push(Heir {
            word,
            length: text.len() as u16,
            last: text[text.len() - 1],
        });
    }

    fn of(&self, head: u64) -> &[Heir] {
        if !self.known.has(head) {
            return &[];
        }
        self.words.get(&head).map_or(&[], Vec::as_slice)
    }
}

/// A set that may say yes of what it does not hold, but seldom: one bit for each of many hashes.
struct Bits(Box<[u64; 1 << (Bits::LOG - 6)]>);

impl Default for Bits {
    fn default() -> Self {
        Self(Box::new([0; 1 << (Self::LOG - 6)]))
    }
}

impl Bits {
    /// The heads of two thousand words set a fourteenth of them.
    const LOG: u32 = 16;

    fn add(&mut self, head: u64) {
        let (at, bit) = Self::place(head);
        self.0[at] |= bit;
    }

    fn has(&self, head: u64) -> bool {
        let (at, bit) = Self::place(head);
        self.0[at] & bit != 0
    }

    /// By the upper bits of a product with the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
    fn place(head: u64) -> (usize, u64) {
        let hash = head.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - Self::LOG);
        ((hash >> 6) as usize, 1 << (hash & 63))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_overlap_and_are_free_where_they_must_be() {
        let mut words = Words::default();
        for word in [
            "connection",
            "connection refused",
            "refused",
            "|oom|",
            "401",
            "nect",
        ] {
            words.add(word, None);
        }
        let found = |text: &str| -> Vec<String> {
            let hits = words.find(text).into_iter();
            hits.map(|hit| text[hit.start..hit.end].to_owned())
                .collect()
        };
        assert_eq!(
            found("connection refused"),
            ["nect", "connection", "connection refused", "refused"]
        );
        assert_eq!(found("zoom oom_ oom"), ["oom"]);
        assert_eq!(found("40140"), ["401"]);
        assert_eq!(found("é401"), ["401"]);
        assert!(found("").is_empty());
    }
}
