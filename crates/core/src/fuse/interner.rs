//! Words by number, so that a row of the fold is small and comparing words is comparing numbers.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

/// A word of an [`Interner`]; `Sym::NONE` stands for a missing one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(super) struct Sym(pub(super) u32);

impl Sym {
    pub(super) const NONE: Self = Self(0);

    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }
}

/// Every different word once.
#[derive(Clone, Debug)]
pub(super) struct Interner {
    text: String,
    /// Where word n ends in `text`; word 0 is the missing one.
    ends: Vec<u32>,
    table: HashTable<u32>,
}

impl Interner {
    pub(super) fn new() -> Self {
        Self {
            text: String::new(),
            ends: vec![0],
            table: HashTable::new(),
        }
    }

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
        let index = self.ends.len() as u32;
        self.text.push_str(word);
        let end = u32::try_from(self.text.len()).expect("the words of one fuse stay below 4 GiB");
        self.ends.push(end);
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

    /// Bytes held.
    pub(super) fn size_bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * 4 + self.table.capacity() * 5
    }
}

fn span<'t>(text: &'t str, ends: &[u32], index: u32) -> &'t str {
    if index == 0 {
        return "";
    }
    &text[ends[index as usize - 1] as usize..ends[index as usize] as usize]
}
