//! Errors alone, without jobs and nights, and which of them mean the same: the truth for whatever groups them.

use super::messages::{Template, templates};
use crate::dice::Dice;

/// What a catcher keeps of a message, in characters.
const WIDTH: usize = 255;

/// An error in the words of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    /// Errors with the same number mean the same.
    pub meaning: usize,
    /// As Talend's catchers write it, cut at 255 characters.
    pub message: String,
    pub french: bool,
}

/// Errors without end, in any order; the same seed gives the same ones.
pub fn sayings(seed: u64) -> impl Iterator<Item = Saying> {
    let all: Vec<(usize, &'static Template)> = templates().enumerate().collect();
    let meanings: Vec<String> = all.iter().map(|(_, template)| template.meaning()).collect();
    let mut dice = Dice::new(seed, 1);
    std::iter::from_fn(move || {
        let (at, template) = *dice.pick(&all);
        let said = template.written(&mut dice);
        Some(Saying {
            meaning: meanings
                .iter()
                .position(|meaning| *meaning == meanings[at])
                .unwrap_or(at),
            message: said.chars().take(WIDTH).collect(),
            french: is_french(&meanings[at]),
        })
    })
}

/// Whether a text holds a letter or a small word of French.
fn is_french(text: &str) -> bool {
    text.contains(['à', 'é', 'è', 'ê', 'ç', '«'])
        || text
            .split(|char: char| !char.is_alphabetic())
            .any(|word| matches!(word, "le" | "la" | "les" | "pour" | "sans" | "de"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_are_there_and_meanings_differ() {
        let some: Vec<Saying> = sayings(1).take(5_000).collect();
        let count = |french| {
            let mut meanings: Vec<usize> = some
                .iter()
                .filter(|saying| saying.french == french)
                .map(|saying| saying.meaning)
                .collect();
            meanings.sort_unstable();
            meanings.dedup();
            meanings.len()
        };
        assert!(
            count(true) > 20 && count(false) > 20,
            "{} {}",
            count(true),
            count(false)
        );
        assert_eq!(some[..10], sayings(1).take(10).collect::<Vec<_>>());
    }
}
