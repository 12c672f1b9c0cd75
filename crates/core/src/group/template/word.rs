//! Splits a masked message into words and signs.

use super::super::MASK;
use super::kind::{Kind, Seen};
use super::plural;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    pub(super) kind: Kind,
    /// A blank stands before it.
    pub(super) blank: bool,
    /// Stands for the word in keys, the same for one and many; zero is any variable part, other small numbers are no
    /// words.
    pub(super) hash: u64,
}

/// The least number that stands for a word.
pub(super) const LEAST: u64 = 16;

impl<'t> Word<'t> {
    fn new(text: &'t str, kind: Kind, blank: bool) -> Self {
        let hash = match kind {
            Kind::Wild => 0,
            _ => xxh3_64(text.as_bytes()).max(LEAST),
        };
        Self {
            text,
            kind,
            blank,
            hash,
        }
    }

    /// The same for a word that agrees with the number before it.
    fn counted(text: &'t str, kind: Kind, blank: bool) -> Self {
        let (stem, end) = plural::singular(text);
        let mut word = Self::new(text, kind, blank);
        if kind != Kind::Wild && (stem, end) != (text, "") {
            let mut hasher = Xxh3::new();
            hasher.update(stem.as_bytes());
            hasher.update(end.as_bytes());
            word.hash = hasher.digest().max(LEAST);
        }
        word
    }

    /// Whether it is a word, not a sign.
    pub(super) fn is_spoken(&self) -> bool {
        self.text.chars().any(char::is_alphanumeric)
    }
}

/// Of longer messages so many words and signs count.
const MOST_WORDS: usize = 1_000;

/// The words of a masked message.
pub(super) fn split<'t>(masked: &'t str, words: &mut Vec<Word<'t>>) {
    words.clear();
    let bytes = masked.as_bytes();
    let mut seen = Seen::default();
    // So many of the next words may agree with a number.
    let mut agree = 0;
    let mut at = 0;
    while at < bytes.len() && words.len() < MOST_WORDS {
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        let blank = at > 0 && bytes[at - 1] == b' ';
        let dump = if seen.last == "=" {
            dump(masked, at)
        } else {
            None
        };
        let end = dump.unwrap_or_else(|| end_of(masked, at));
        let text = &masked[at..end];
        let kind = match dump {
            Some(_) => seen.dump(text),
            None => seen.kind(text, blank),
        };
        words.push(match agree {
            0 => Word::new(text, kind, blank),
            _ => Word::counted(text, kind, blank),
        });
        agree = match text.as_bytes() {
            b"#" => plural::REACH,
            _ if blank => agree.saturating_sub(1),
            _ => 0,
        };
        if blank && matches!(text, "(" | "[") && matches!(bytes.get(end), Some(b')' | b']')) {
            // Brackets whose value is missing.
            words.push(Word::new("", Kind::Wild, false));
        }
        at = end;
    }
}

/// Where the sign or the word at `at` ends.
fn end_of(masked: &str, at: usize) -> usize {
    let rest = &masked[at..];
    let mut end = at;
    for char in rest.chars() {
        if !is_part(char) || char == '.' && masked.as_bytes().get(end + 1) == Some(&b'.') {
            break;
        }
        end += char.len_utf8();
    }
    if end == at {
        // One sign or a row of the same, like the dots of a table of contents.
        let sign = rest.chars().next().unwrap_or_default();
        let row = rest.chars().take_while(|char| *char == sign).count();
        return at + row * sign.len_utf8();
    }
    // Signs at the end belong to the sentence.
    let word = masked[at..end].trim_end_matches(['.', '-', '/', '\\', '+', '~']);
    if word.is_empty() {
        end
    } else {
        at + word.len()
    }
}

/// Where an object ends that a program printed: `Name{a=1, b=Name{c}}`.
fn dump(masked: &str, at: usize) -> Option<usize> {
    let bytes = masked.as_bytes();
    let name = bytes[at..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    if name == 0 || bytes.get(at + name) != Some(&b'{') {
        return None;
    }
    let mut depth = 0_usize;
    for (place, byte) in bytes.iter().enumerate().skip(at + name) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(place + 1),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

pub(super) fn is_part(char: char) -> bool {
    char.is_alphanumeric()
        || matches!(
            char,
            MASK | '_' | '.' | '-' | '/' | '\\' | '$' | '+' | '%' | '~' | '\'' | '’'
        )
}
