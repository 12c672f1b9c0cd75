//! Words by number, so that a row of the fold is small and comparing words is comparing numbers.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

/// A word of an [`Interner`]; `Sym::NONE` stands for a missing one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Sym(pub(super) u32);

impl Sym {
    pub(super) const NONE: Self = Self(0);

    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }
}

/// Every different word once.
#[derive(Clone, Debug, Default)]
pub(super) struct Interner {
    text: String,
    /// Where words 1, 2, … end in `text`; word 0 is the missing one.
    ends: Vec<u32>,
    table: HashTable<u32>,
}

impl Interner {
    /// The number of `word`. The empty word is the missing one.
    ///
    /// # Panics
    /// When all words together exceed 4 GiB.
    pub(super) fn intern(&mut self, word: &str) -> Sym {
        if word.is_empty() {
            return Sym::NONE;
        }
        let hash = xxh3_64(word.as_bytes());
        if let Some(&index) = self
            .table
            .find(hash, |&index| span(&self.text, &self.ends, index) == word)
        {
            return Sym(index);
        }
        self.text.push_str(word);
        let end = u32::try_from(self.text.len()).expect("the words of one fuse stay below 4 GiB");
        self.ends.push(end);
        let index = self.ends.len() as u32;
        let (text, ends) = (&self.text, &self.ends);
        self.table.insert_unique(hash, index, |&other| {
            xxh3_64(span(text, ends, other).as_bytes())
        });
        Sym(index)
    }

    pub(super) fn intern_option(&mut self, word: Option<&str>) -> Sym {
        word.map_or(Sym::NONE, |word| self.intern(word))
    }

    /// The word; empty for the missing one.
    pub(super) fn word(&self, sym: Sym) -> &str {
        span(&self.text, &self.ends, sym.0)
    }

    pub(super) fn option(&self, sym: Sym) -> Option<&str> {
        (!sym.is_none()).then(|| self.word(sym))
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// All words but the missing one, in the order of their numbers.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        (1..=self.ends.len() as u32).map(|index| span(&self.text, &self.ends, index))
    }
}

fn span<'t>(text: &'t str, ends: &[u32], index: u32) -> &'t str {
    let Some(last) = (index as usize).checked_sub(1) else {
        return "";
    };
    let start = last.checked_sub(1).map_or(0, |before| ends[before]);
    &text[start as usize..ends[last] as usize]
}
