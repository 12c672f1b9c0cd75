//! Whether what a word names did not happen: `no deadlock`, `aucun doublon`, `rejected rows: 0`, `timeout set to 30`.
//!
//! Only a few words beside it are looked at, in its own line, so this costs the same in any text.

/// How many words are looked at on each side.
const WORDS: usize = 6;
/// No word of these lists is longer, in bytes.
const LONGEST: usize = 16;

/// Before a word they deny it.
const NEGATIONS: &[&str] = &[
    "no", "not", "never", "without", "0", "zero", "aucun", "aucune", "pas", "jamais", "sans", "non",
];
/// They may stand between a word and what denies it.
const BETWEEN: &[&str] = &[
    "a",
    "an",
    "any",
    "the",
    "be",
    "been",
    "being",
    "is",
    "are",
    "was",
    "were",
    "has",
    "have",
    "had",
    "yet",
    "such",
    "d",
    "de",
    "du",
    "des",
    "l",
    "la",
    "le",
    "les",
    "un",
    "une",
    "n",
    "y",
    "eu",
    "ete",
    "est",
    "sont",
    "etait",
    "ont",
    "encore",
    "row",
    "rows",
    "record",
    "records",
    "line",
    "lines",
    "ligne",
    "lignes",
    "enregistrement",
    "enregistrements",
    "detected",
    "found",
    "detecte",
    "detectee",
    "detectes",
    "detectees",
    "trouve",
    "trouvee",
    "trouves",
    "trouvees",
    "check",
    "checks",
    "test",
    "tests",
    "gate",
    "total",
    "count",
];
/// Behind a word they say that all is well, or that a thing is named by it.
const WELL_OR_A_THING: &[&str] = &[
    "passed",
    "ok",
    "succeeded",
    "reussi",
    "reussie",
    "reussis",
    "conforme",
    "conformes",
    "monitor",
    "detector",
    "checker",
];
/// Behind a word they say how it is set.
const SET: &[&str] = &["set to ", "fixe a ", "regle a "];
/// Behind a colon they say how often it happened.
const NONE: &[&str] = &[
    "0", "zero", "aucun", "aucune", "none", "neant", "ok", "passed",
];

/// What stands `before` and `behind` a word in its line, folded.
pub(super) fn is_denied(before: &str, behind: &str) -> bool {
    denies_what_follows(before.as_bytes()) || denies_what_stands_before(behind.as_bytes())
}

fn denies_what_follows(mut rest: &[u8]) -> bool {
    for _ in 0..WORDS {
        while let [before @ .., b' ' | b'\''] = rest {
            rest = before;
        }
        if rest.ends_with(b"n't") {
            return true;
        }
        let length = rest
            .iter()
            .rev()
            .take(LONGEST)
            .take_while(|byte| is_letter(**byte))
            .count();
        let (before, word) = rest.split_at(rest.len() - length);
        // `1,0` and `x-0` are no counts of nothing.
        let is_free = before.last().is_none_or(|last| b" '(\"".contains(last));
        if is_free && is_one(word, NEGATIONS) {
            return true;
        }
        if !is_one(word, BETWEEN) {
            return false;
        }
        rest = before;
    }
    false
}

fn denies_what_stands_before(rest: &[u8]) -> bool {
    // `rejete` stands in `rejetees` too.
    let mut rest = &rest[first_word(rest)..];
    for _ in 0..WORDS {
        rest = rest.trim_ascii_start();
        if let [b':' | b'=', count @ ..] = rest {
            return is_none(count.trim_ascii_start());
        }
        if SET.iter().any(|set| rest.starts_with(set.as_bytes())) {
            return true;
        }
        let (word, behind) = rest.split_at(first_word(rest));
        if is_one(word, WELL_OR_A_THING) {
            return true;
        }
        if !is_one(word, BETWEEN) {
            return false;
        }
        rest = behind;
    }
    false
}

/// `0`, but neither `0,5` nor `0 rows were read`.
fn is_none(rest: &[u8]) -> bool {
    let (word, behind) = rest.split_at(first_word(rest));
    let ends = match behind.trim_ascii_start() {
        [] => true,
        [b'.' | b',', digit, ..] if digit.is_ascii_digit() => false,
        [sign, ..] if b",;.)]/|(-%".contains(sign) => true,
        words => words.starts_with(b"of ") || words.starts_with(b"sur "),
    };
    ends && is_one(word, NONE)
}

/// How long the word is that stands first, as far as it matters.
fn first_word(text: &[u8]) -> usize {
    text.iter()
        .take(LONGEST)
        .take_while(|byte| is_letter(**byte))
        .count()
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn is_one(word: &[u8], of: &[&str]) -> bool {
    of.iter().any(|one| one.as_bytes() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_happen_is_denied_and_nothing_else() {
        let denied = |text: &str| {
            let (before, behind) = text.split_once('_').expect("the place of the word");
            is_denied(before, behind)
        };
        for text in [
            "no _",
            "there was no _ today",
            "il n'y a pas eu d'_",
            "aucune ligne _",
            "it has not been _",
            "hasn't _",
            "0 _",
            "(0 _)",
            "nombre de _s : 0",
            "_ rows: 0",
            "_ rows = 0 of 12",
            "_s detectes : aucun",
            "_ check passed",
            "controle _ : ok",
            "_ set to 30",
            "_ is set to 30",
            "_ monitor is gone",
        ] {
            assert!(denied(text), "{text}");
        }
        for text in [
            "_",
            "",
            "not done: _",
            "10 _",
            "1 000 _",
            "2,0 _",
            "no lock, _",
            "could not end before the _",
            "_ : 0,5",
            "_ : 10",
            "_ detected: 0 rows were read",
            "_ of lock",
            "do not wait for _",
            "_: 01",
            "_ passing",
            "_s : 12",
        ] {
            assert!(text.is_empty() || !denied(text), "{text}");
        }
    }
}
