//! What the words before a name say about it.

use std::ops::BitOr;

use super::super::fold::fold_into;
use super::identifier::parts;
use super::lists::Lists;

/// How far back the word is looked for, in bytes.
const LOOK_BACK: usize = 40;

/// What the word before a name says about it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// `error`, `message`, `code`: what follows says what happened.
    Saying,
    /// `table`, `job`: what follows is its name.
    Thing,
    /// `client`: what follows is a name, whatever its form.
    Somebody,
    Other,
}

/// What stands between a name and the word before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    Nothing,
    /// `job: …`, `job=…`.
    Pair,
    /// A bracket or a comma, or nothing stands before.
    Sign,
}

impl Before {
    /// Also, what stands between.
    pub(super) fn of(text: &str, at: usize) -> (Self, Joint) {
        let from = text.floor_char_boundary(at.saturating_sub(LOOK_BACK));
        let back = text[from..at].trim_end_matches(['\\', ' ', '\u{a0}', '\u{202f}', '\t']);
        let bare = back.trim_end_matches([':', '=', '(', '[', '{', ',', ' ', '\u{a0}', '\u{202f}']);
        let joint = if back[bare.len()..].contains([':', '=']) {
            Joint::Pair
        } else if bare.len() < back.len() || bare.is_empty() {
            Joint::Sign
        } else {
            Joint::Nothing
        };
        let key = if joint == Joint::Pair {
            bare.trim_end_matches(['"', '\'', '\\', '»', '”', '\u{a0}', ' '])
        } else {
            bare
        };
        let word = key
            .rsplit(|char: char| !char.is_alphanumeric() && char != '_')
            .next()
            .unwrap_or_default();
        (Self::word(word), joint)
    }

    fn word(word: &str) -> Self {
        let said = parts(word.as_bytes())
            .map(|(start, end)| lists_of(&word[start..end]))
            .fold(Lists::default(), BitOr::bitor);
        if said.has(Lists::SAYING) {
            Self::Saying
        } else if said.has(Lists::SOMEBODY) {
            Self::Somebody
        } else if said.has(Lists::THING | Lists::OBJECT) {
            Self::Thing
        } else {
            Self::Other
        }
    }
}

/// `Table DEADLOCK`, but not `TABLE DEADLOCK`.
pub(super) fn behind_an_object(text: &str, at: usize) -> bool {
    let from = text.floor_char_boundary(at.saturating_sub(LOOK_BACK));
    let before = text[from..at].trim_end();
    let word = match before.rsplit_once(' ') {
        Some((_, word)) => word,
        None if from == 0 => before,
        None => return false,
    };
    word.contains(char::is_lowercase) && lists_of(word).has(Lists::OBJECT)
}

fn lists_of(word: &str) -> Lists {
    if word.is_ascii() {
        return Lists::of_any_size(word);
    }
    let mut folded = String::with_capacity(word.len());
    fold_into(word, &mut folded);
    Lists::of(folded.as_bytes())
}
