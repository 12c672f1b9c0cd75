//! Quotes: where one opens and closes, and whether a name stands in it.

use super::before::{Before, Joint};
use super::form::is_word;
use super::lists::Lists;
use super::{Kind, path};

/// A quote that is not closed within so many bytes is no quote.
const LIMIT: usize = 400;

/// The bytes of a quote that stands here, and what closes it.
pub(super) fn at(text: &str, at: usize) -> Option<(usize, char)> {
    let byte = text.as_bytes()[at];
    match byte {
        b'"' | b'\'' | b'`' => Some((1, char::from(byte))),
        0x00..=0x7f => None,
        _ => match text.get(at..)?.chars().next()? {
            sign @ '«' => Some((sign.len_utf8(), '»')),
            sign @ ('“' | '„') => Some((sign.len_utf8(), '”')),
            sign @ '‘' => Some((sign.len_utf8(), '’')),
            sign @ ('»' | '”' | '’') => Some((sign.len_utf8(), sign)),
            _ => None,
        },
    }
}

/// A quote opens after no letter and, where it is an apostrophe, before no white space. `l’hôte` opens none.
pub(super) fn opens(text: &str, at: usize, length: usize) -> bool {
    let bytes = text.as_bytes();
    if bytes[at] >= 0x80 {
        return !text[at..].starts_with(['»', '”', '’']);
    }
    let after_word = at > 0 && is_word(bytes[at - 1]);
    let before_blank = bytes.get(at + length).is_none_or(u8::is_ascii_whitespace);
    !(after_word || before_blank && bytes[at] == b'\'')
}

/// Where what was opened is closed; an apostrophe in a word closes nothing.
pub(super) fn closing(text: &str, body: usize, close: char) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_escaped = body >= 2 && bytes[body - 2] == b'\\';
    let window = &text[body..text.floor_char_boundary(body + LIMIT)];
    window.match_indices(close).find_map(|(found, _)| {
        let (at, end) = (body + found, body + found + close.len_utf8());
        let strokes = bytes[body..at].ends_with(b"\\");
        let in_word =
            matches!(close, '\'' | '’') && bytes.get(end).is_some_and(|next| is_word(*next));
        (strokes == is_escaped && !in_word).then_some(at - usize::from(strokes))
    })
}

/// What stands in quotes: a name, or `None` where it is read like any text.
pub(super) fn name(text: &str, at: usize, inside: &str) -> Option<Kind> {
    let said = inside.trim();
    if said.is_empty() {
        return None;
    }
    let has_blank = said.contains(|char: char| char.is_whitespace());
    let is_relative = || !has_blank && said.contains('/') && path::start(said).is_some();
    if path::begins(said.as_bytes()) || is_relative() {
        return Some(Kind::Path);
    }
    let (before, joint) = Before::of(text, at);
    let is_joined = joint != Joint::Nothing;
    let is_read = match before {
        Before::Saying => true,
        // A key and a whole sentence: `Job: "the source is locked"`.
        Before::Thing => has_blank && is_joined && is_sentence(said),
        Before::Somebody => false,
        Before::Other => has_blank && (is_joined || is_sentence(said)),
    };
    let is_word_alone = before == Before::Other && !has_blank;
    let kind = if is_word_alone {
        Kind::Identifier
    } else {
        Kind::Name
    };
    (!is_read).then_some(kind)
}

/// Several words of which one behind the first begins small and is no article: names of firms and things are written in
/// capitals.
fn is_sentence(said: &str) -> bool {
    said.split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .skip(1)
        .any(|word| {
            word.starts_with(char::is_lowercase) && !Lists::of(word.as_bytes()).has(Lists::LINK)
        })
}
