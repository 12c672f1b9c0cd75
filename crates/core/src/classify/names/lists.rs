//! The lists of `lists.txt`, and which of them a word is in.

use std::ops::BitOr;
use std::sync::LazyLock;

use hashbrown::HashMap;

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
    pub(super) fn of(word: &str) -> Self {
        static WORDS: LazyLock<HashMap<&str, Lists>> = LazyLock::new(words);
        if word.len() > LONGEST {
            return Self::default();
        }
        WORDS.get(word).copied().unwrap_or_default()
    }

    /// The same, of a word in letters of any size but without accents.
    pub(super) fn of_any_size(word: &str) -> Self {
        let mut small = [0; LONGEST];
        let Some(small) = small.get_mut(..word.len()) else {
            return Self::default();
        };
        small.copy_from_slice(word.as_bytes());
        small.make_ascii_lowercase();
        std::str::from_utf8(small).map_or(Self::default(), Self::of)
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

fn words() -> HashMap<&'static str, Lists> {
    let mut words = HashMap::new();
    for (name, list) in lines() {
        let at = NAMES.iter().position(|known| *known == name);
        let of = Lists(1 << at.expect("lists.txt is part of the program and is tested"));
        for word in list.split_ascii_whitespace() {
            let known = words.entry(word).or_insert_with(Lists::default);
            *known = *known | of;
        }
    }
    words
}

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    SOURCE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
}

#[cfg(test)]
mod tests {
    use super::super::super::fold::fold_into;
    use super::*;

    #[test]
    fn the_file_is_as_it_is_read() {
        assert!(lines().map(|(name, _)| name).eq(NAMES));
        for (name, list) in lines() {
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
        assert!(Lists::of("error").has(Lists::SAYING));
        assert!(Lists::of("error").has(Lists::CODE_ENDS));
        assert!(!Lists::of("error").has(Lists::OBJECT | Lists::THING));
        assert_eq!(Lists::of("Table"), Lists::default());
        assert_eq!(Lists::of_any_size("TABLE"), Lists::OBJECT);
        assert_eq!(
            Lists::of_any_size("a-word-that-is-very-long"),
            Lists::default()
        );
    }
}
