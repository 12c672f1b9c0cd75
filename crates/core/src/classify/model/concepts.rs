//! Which concepts a word belongs to: words of both languages that mean the same, from `concepts.txt`.

use std::sync::OnceLock;

use hashbrown::HashMap;

use crate::lists;

/// The place of a concept in the file.
pub(super) type Concept = u8;

const SOURCE: &str = include_str!("concepts.txt");
/// No word with an open ending is shorter, in bytes.
const SHORTEST: usize = 3;

/// The concepts of a folded word: those of the word itself, and those of its longest known beginning.
pub(super) fn of(word: &str) -> impl Iterator<Item = &'static [Concept]> {
    let words = words();
    let whole = words.whole.get(word);
    let beginning = (SHORTEST..=word.len())
        .rev()
        .filter_map(|length| word.get(..length))
        .find_map(|beginning| words.beginnings.get(beginning));
    whole.into_iter().chain(beginning).map(Vec::as_slice)
}

#[derive(Default)]
struct Words {
    whole: HashMap<&'static str, Vec<Concept>>,
    beginnings: HashMap<&'static str, Vec<Concept>>,
}

fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        let mut words = Words::default();
        for (concept, (_, list)) in (0..).zip(lists::of(SOURCE)) {
            for word in list.split_whitespace() {
                match word.strip_suffix('*') {
                    Some(beginning) => words.beginnings.entry(beginning),
                    None => words.whole.entry(word),
                }
                .or_default()
                .push(concept);
            }
        }
        words
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::super::fold::fold_into;
    use super::*;

    #[test]
    fn the_file_is_as_it_is_read() {
        let mut names = BTreeSet::new();
        for (name, list) in lists::of(SOURCE) {
            assert!(names.insert(name), "{name} stands there twice");
            let mut words = BTreeSet::new();
            for word in list.split_whitespace() {
                let beginning = word.trim_end_matches('*');
                let mut folded = String::new();
                fold_into(beginning, &mut folded);
                let is_short = beginning.len() < SHORTEST && word.ends_with('*');
                assert!(folded == beginning && !is_short, "{name}: {word}");
                assert!(words.insert(word), "{name}: {word} stands there twice");
            }
        }
        assert!(names.len() < usize::from(Concept::MAX));
    }

    #[test]
    fn both_languages_mean_the_same() {
        for (one, other) in [
            ("fichier", "files"),
            ("mot", "word"),
            ("manquante", "missing"),
        ] {
            let all = |word| of(word).flatten().collect::<BTreeSet<_>>();
            assert!(!all(one).is_disjoint(&all(other)), "{one} {other}");
        }
        assert_eq!(of("xqzv").count(), 0);
    }
}
