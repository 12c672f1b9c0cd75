//! What was typed, as the statements of a search take it.

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// As it was typed.
    pub said: String,
    /// In small letters and without accents, as `search_plain` of the database has it.
    pub plain: String,
    /// The words of that: between what separates words in names. At least one.
    pub words: Vec<String>,
}

impl Terms {
    /// `None` for what holds no word.
    pub fn of(said: &str) -> Option<Self> {
        let said = said.trim();
        let plain = plain(said);
        let words = plain.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
        let mut words: Vec<String> = words
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        words.truncate(MOST_WORDS);
        (!words.is_empty()).then(|| Self {
            said: said.to_owned(),
            plain,
            words,
        })
    }

    /// The form of `to_tsquery`: all of the words, or what begins with them.
    pub(super) fn query(&self) -> String {
        let words = self.words.iter().map(|word| format!("'{word}':*"));
        words.collect::<Vec<_>>().join(" & ")
    }

    /// What separates typed words, but not what separates words in names.
    fn parts(text: &str) -> Vec<String> {
        let parts = text.split_whitespace().take(MOST_WORDS);
        parts.map(|part| format!("%{}%", escaped(part))).collect()
    }

    /// What a plain text must hold, as patterns of LIKE; the longest one first.
    pub(super) fn patterns(&self) -> Vec<String> {
        longest_first(Self::parts(&self.plain))
    }

    /// The same with accents, of which the case counts.
    pub(super) fn patterns_of_paths(&self) -> Vec<String> {
        longest_first(Self::parts(&self.said.to_ascii_lowercase()))
    }

    /// What begins so; `None` where no id does.
    pub(super) fn beginning(&self) -> Option<String> {
        let is_id = !self.said.contains(char::is_whitespace)
            && self.said.len() >= SHORTEST_ID
            && self.said.chars().count() <= ID_CHARS;
        is_id.then(|| format!("{}%", escaped(&self.said)))
    }
}

/// More words say nothing more.
const MOST_WORDS: usize = 12;
/// Shorter beginnings are those of too many ids.
const SHORTEST_ID: usize = 3;
/// So much of an id is in its index.
const ID_CHARS: usize = 64;

fn longest_first(mut patterns: Vec<String>) -> Vec<String> {
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.len()));
    patterns
}

/// For LIKE: nothing in it stands for something else.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}

/// In small letters and without accents.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'œ' | 'Œ' => plain.push_str("oe"),
            'æ' | 'Æ' => plain.push_str("ae"),
            c => plain.extend(base(c).to_lowercase()),
        }
    }
    plain
}

/// The letters with accents of each letter, as `search_plain` of the database knows them.
pub(super) const ACCENTS: [(char, &str); 8] = [
    ('a', "ÀÁÂÃÄÅàáâãäå"),
    ('c', "Çç"),
    ('e', "ÈÉÊËèéêë"),
    ('i', "ÌÍÎÏìíîï"),
    ('n', "Ññ"),
    ('o', "ÒÓÔÕÖòóôõö"),
    ('u', "ÙÚÛÜùúûü"),
    ('y', "ÝŸýÿ"),
];

fn base(c: char) -> char {
    let known = ACCENTS
        .iter()
        .find(|(_, accents)| !c.is_ascii() && accents.contains(c));
    known.map_or(c, |(letter, _)| *letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_words() {
        let terms = Terms::of("  J_Load.Clients  éCHEC œuvre ").expect("words");
        assert_eq!(terms.said, "J_Load.Clients  éCHEC œuvre");
        assert_eq!(terms.words, ["j", "load", "clients", "echec", "oeuvre"]);
        assert_eq!(
            terms.query(),
            "'j':* & 'load':* & 'clients':* & 'echec':* & 'oeuvre':*"
        );
        assert_eq!(
            terms.patterns(),
            ["%j\\_load.clients%", "%oeuvre%", "%echec%"]
        );
        assert_eq!(terms.beginning(), None);
        for nothing in ["", "  ", "---", "' & !", "%_%"] {
            assert_eq!(Terms::of(nothing), None, "{nothing}");
        }
        let id = |said: &str| Terms::of(said).and_then(|terms| terms.beginning());
        assert_eq!(id("Ab_1%").as_deref(), Some("Ab\\_1\\%%"));
        assert_eq!(id("ab"), None);
        assert_eq!(id(&"x".repeat(65)), None);
    }
}
