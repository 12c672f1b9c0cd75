//! The lists of `lists.txt`, and which of them a word is in.

use std::ops::BitOr;
use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::lists;

const SOURCE: &str = include_str!("lists.txt");
/// In the order of [`Lists`].
const NAMES: [&str; 9] = [
    "saying",
    "somebody",
    "object",
    "thing",
    "link",
    "file",
    "host",
    "code_begins",
    "code_ends",
];
/// No word is longer, in bytes.
const LONGEST: usize = 16;

/// Some of the lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lists(u16);

impl Lists {
    pub(super) const SAYING: Self = Self(1);
    pub(super) const SOMEBODY: Self = Self(1 << 1);
    pub(super) const OBJECT: Self = Self(1 << 2);
    pub(super) const THING: Self = Self(1 << 3);
    pub(super) const LINK: Self = Self(1 << 4);
    pub(super) const FILE: Self = Self(1 << 5);
    pub(super) const HOST: Self = Self(1 << 6);
    pub(super) const CODE_BEGINS: Self = Self(1 << 7);
    pub(super) const CODE_ENDS: Self = Self(1 << 8);

    /// The lists that hold a folded word.
    pub(super) fn of(word: &[u8]) -> Self {
        static WORDS: LazyLock<HashMap<&[u8], Lists>> = LazyLock::new(words);
        WORDS.get(word).copied().unwrap_or_default()
    }

    /// The same, of a word in letters of any size but without accents.
    pub(super) fn of_any_size(word: &str) -> Self {
        lists::small(word.as_bytes(), &mut [0; LONGEST]).map_or(Self::default(), Self::of)
    }

    pub(super) fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }
}

impl BitOr for Lists {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

fn words() -> HashMap<&'static [u8], Lists> {
    let mut words = HashMap::new();
    for (name, list) in lists::of(SOURCE) {
        let at = NAMES.iter().position(|known| *known == name);
        let of = Lists(1 << at.expect("lists.txt is part of the program and is tested"));
        for word in list.split_ascii_whitespace() {
            let known = words.entry(word.as_bytes()).or_insert_with(Lists::default);
            *known = *known | of;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::super::fold::fold_into;
    use super::*;

    #[test]
    fn the_file_is_as_it_is_read() {
        assert!(lists::of(SOURCE).map(|(name, _)| name).eq(NAMES));
        for (name, list) in lists::of(SOURCE) {
            let mut words: Vec<&str> = list.split_ascii_whitespace().collect();
            for word in &words {
                let mut folded = String::new();
                fold_into(word, &mut folded);
                assert!(folded == *word && word.len() <= LONGEST, "{name}: {word}");
            }
            let count = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), count, "{name} has a word twice");
        }
    }

    #[test]
    fn a_word_is_in_its_lists() {
        assert!(Lists::of(b"error").has(Lists::SAYING));
        assert!(Lists::of(b"error").has(Lists::CODE_ENDS));
        assert!(!Lists::of(b"error").has(Lists::OBJECT | Lists::THING));
        assert_eq!(Lists::of(b"Table"), Lists::default());
        assert_eq!(Lists::of_any_size("TABLE"), Lists::OBJECT);
        assert_eq!(
            Lists::of_any_size("a-word-that-is-very-long"),
            Lists::default()
        );
    }
}
