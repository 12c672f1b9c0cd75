//! One and many: `1 row was rejected` and `12 rows were rejected` tell the same, in English and in French.

/// So many words behind a number agree with it: `12 lignes ont été rejetées`.
pub(super) const REACH: usize = 4;

/// What verbs say of one, behind what they say of many.
const VERBS: [(&str, &str); 8] = [
    ("are", "is"),
    ("were", "was"),
    ("have", "has"),
    ("do", "doe"),
    ("sont", "est"),
    ("étaient", "était"),
    ("ont", "a"),
    ("avaient", "avait"),
];

/// A word as it would stand behind `1`, for keys: the same for both, no word that anybody should see. The second part
/// goes behind the first.
pub(super) fn singular(word: &str) -> (&str, &str) {
    if let Some((_, one)) = VERBS.iter().find(|(many, _)| *many == word) {
        return (one, "");
    }
    if word.len() < 4 || !word.chars().all(char::is_alphabetic) {
        return (word, "");
    }
    if let Some(stem) = word.strip_suffix("ies") {
        return (stem, "y");
    }
    let hissing = |stem: &&str| {
        ["ch", "sh", "ss", "x"]
            .iter()
            .any(|end| stem.ends_with(end))
    };
    if let Some(stem) = word.strip_suffix("es").filter(hissing) {
        return (stem, "");
    }
    let stem = word.strip_suffix('s').filter(|stem| !stem.ends_with('s'));
    (stem.unwrap_or(word), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_many_are_one() {
        for (one, many) in [
            ("row", "rows"),
            ("ligne", "lignes"),
            ("rejetée", "rejetées"),
            ("entry", "entries"),
            ("batch", "batches"),
            ("process", "processes"),
            ("was", "were"),
            ("est", "sont"),
            ("does", "do"),
        ] {
            let key = |word| {
                let (stem, end) = singular(word);
                format!("{stem}{end}")
            };
            assert_eq!(key(one), key(many));
        }
        for other in ["ORA-0094s", "bus", "ms", "class"] {
            assert_eq!(singular(other), (other, ""));
        }
    }
}
