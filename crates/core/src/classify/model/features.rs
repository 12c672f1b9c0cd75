//! What the model sees of a text without its names: its words, their stems, pairs of them, pieces of long words, and what the words are
//! about in either language (`concepts.txt`), each as a number.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::super::fold::fold_into;
use super::super::reading::without_names;
use super::concepts::{self, Concept};
use crate::damaged::repaired;
use crate::group::mask;

/// How many numbers there are.
pub(super) const BUCKETS: usize = 20_000;
/// How much of a text is looked at, in bytes: what names the cause stands at the front.
const LOOKED_AT: usize = 600;
/// French and English words mostly differ behind so many letters only by their grammar.
const STEM: usize = 6;
/// So many concepts of a text are paired with each other; what names the cause stands at the front.
const PAIRED: usize = 10;

/// The features of an error, each once, in order.
pub(super) fn of(class: Option<&str>, message: &str) -> Vec<u16> {
    let message = &*repaired(head(message));
    let mut masked = String::with_capacity(LOOKED_AT);
    if let Some(class) = class {
        masked.push_str(head(class));
        masked.push_str(": ");
    }
    // Also names that stay in a signature, because they are told apart there.
    let mut bare = String::with_capacity(LOOKED_AT);
    without_names(message, &mut bare);
    mask(&bare, &mut masked);
    let mut text = String::with_capacity(masked.len());
    fold_into(&masked, &mut text);

    let mut features = Vec::with_capacity(128);
    let mut before = "^";
    let mut met = Vec::<Concept>::with_capacity(2 * PAIRED);
    let mut last: &[Concept] = &[];
    for word in text.split(|char: char| !char.is_alphanumeric()) {
        if word.len() < 2 || !word.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            continue;
        }
        let stem = stem(word);
        features.push(number(1, word, ""));
        features.push(number(2, stem, ""));
        features.push(number(3, before, stem));
        if word.len() > STEM {
            let pieces = word.as_bytes().windows(5);
            features.extend(pieces.map(|piece| hashed(4, piece)));
        }
        before = stem;
        for concepts in concepts::of(word) {
            for concept in concepts {
                features.push(hashed(5, &[*concept]));
                features.extend(last.iter().map(|last| hashed(6, &[*last, *concept])));
                if !met.contains(concept) {
                    met.push(*concept);
                }
            }
            last = concepts;
        }
    }
    met.truncate(PAIRED);
    met.sort_unstable();
    for (at, one) in met.iter().enumerate() {
        features.extend(met[at + 1..].iter().map(|other| hashed(7, &[*one, *other])));
    }
    features.sort_unstable();
    features.dedup();
    features
}

fn stem(word: &str) -> &str {
    &word[..word.floor_char_boundary(STEM)]
}

fn number(kind: u64, one: &str, other: &str) -> u16 {
    if other.is_empty() {
        return hashed(kind, one.as_bytes());
    }
    let mut pair = String::with_capacity(one.len() + other.len() + 1);
    pair.push_str(one);
    pair.push(' ');
    pair.push_str(other);
    hashed(kind, pair.as_bytes())
}

fn hashed(kind: u64, bytes: &[u8]) -> u16 {
    (xxh3_64_with_seed(bytes, kind) % BUCKETS as u64) as u16
}

fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(LOOKED_AT)]
}
