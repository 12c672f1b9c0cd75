//! Paths, addresses, mail addresses, and names of files and hosts.

use super::form::is_word;
use super::identifier::is_shouted;
use super::lists::Lists;
use super::{Kind, Piece, Span};

/// Adds a path, without the signs of a sentence that stand behind it.
pub(super) fn add(text: &str, start: usize, end: usize, spans: &mut Vec<Span>) {
    let path = text[start..end].trim_end_matches(['.', ':', ',', ';']);
    if !path.is_empty() {
        spans.push(Span {
            start,
            end: start + path.len(),
            kind: Kind::Path,
        });
    }
}

/// Where the address ends whose host begins at `body`.
pub(super) fn address_end(text: &str, body: usize) -> usize {
    let stops = |char: char| {
        char.is_whitespace()
            || matches!(
                char,
                '"' | '\'' | '«' | '»' | '(' | ')' | '[' | ']' | '<' | '>' | '`'
            )
    };
    body + text[body..].find(stops).unwrap_or(text.len() - body)
}

/// `ops@negoce.example`.
pub(super) fn is_mail(piece: &[u8]) -> bool {
    memchr::memchr(b'@', piece).is_some_and(|at| {
        at > 0 && is_word(piece[at - 1]) && piece.get(at + 1).is_some_and(|next| is_word(*next))
    })
}

/// `/data`, `./run.sh`, `~/x`, `C:\in`, `\\server\share`.
pub(super) fn begins(piece: &[u8]) -> bool {
    match piece {
        [b'/', next, ..] => is_word(*next) || *next == b'.',
        [b'.', b'/' | b'\\', _, ..] | [b'.', b'.', b'/' | b'\\', _, ..] | [b'~', b'/', _, ..] => {
            true
        }
        [b'\\', b'\\', next, ..] => is_word(*next),
        [drive, b':', b'/' | b'\\', _, ..] => drive.is_ascii_alphabetic(),
        _ => false,
    }
}

/// Where a path begins in a run with a stroke: at its beginning, or behind a colon (`FileNotFoundException:/data/in`).
pub(super) fn start(text: &str) -> Option<usize> {
    let piece = text.as_bytes();
    let behind_colons = memchr::memchr_iter(b':', piece).map(|at| at + 1);
    if let Some(start) = std::iter::once(0)
        .chain(behind_colons)
        .find(|start| begins(&piece[*start..]))
    {
        return Some(start);
    }
    let strokes = piece
        .iter()
        .filter(|byte| matches!(byte, b'/' | b'\\'))
        .count();
    let name = text.trim_end_matches(['.', ':']);
    let has_letter = name.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_escape = name.contains("\\n")
        || name.contains("\\t")
        || name.contains("\\r")
        || name.ends_with('\\');
    let is_relative = (strokes >= 2 || is_file(name.rsplit(['/', '\\']).next()?)) && !is_escape;
    let starts_word = piece
        .first()
        .is_some_and(|first| is_word(*first) || *first == b'.');
    // `[FORBIDDEN/8/index write]`: the answer of a service.
    let is_answer = text
        .split('/')
        .next()
        .is_some_and(|first| first.len() > 4 && is_shouted(&first.replace('_', "")));
    (is_relative && has_letter && starts_word && !is_answer).then_some(0)
}

/// Where it ends: before a colon; names on Windows have blanks.
pub(super) fn end(text: &str, from: usize, end: usize) -> usize {
    let bytes = text.as_bytes();
    let is_windows = bytes[from..end].contains(&b'\\');
    let drive = if bytes.get(from + 1) == Some(&b':') {
        2
    } else {
        0
    };
    if let Some(colon) = memchr::memchr(b':', &bytes[from + drive..end]) {
        return from + drive + colon;
    }
    let mut end = end;
    while is_windows
        && bytes.get(end) == Some(&b' ')
        && bytes.get(end + 1).is_some_and(|next| is_word(*next))
    {
        let next = Piece::at(text, end + 1).end;
        if !bytes[end + 1..next].contains(&b'\\') || bytes.get(end + 2) == Some(&b':') {
            break;
        }
        end = next;
    }
    end
}

/// The name of a file, by its ending.
fn is_file(name: &str) -> bool {
    behind_a_dot(name).is_some_and(|(stem, _, lists)| is_of_a_file(stem, lists))
}

/// Also, of the network, in small letters.
pub(super) fn is_file_or_host(name: &str) -> bool {
    behind_a_dot(name).is_some_and(|(stem, ending, lists)| {
        let is_small = |text: &str| !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let is_host = lists.has(Lists::HOST)
            && is_small(ending)
            && is_small(stem)
            && stem.bytes().any(|byte| byte.is_ascii_alphabetic());
        is_host || is_of_a_file(stem, lists)
    })
}

fn is_of_a_file(stem: &str, lists: Lists) -> bool {
    lists.has(Lists::FILE) && stem.bytes().any(is_word)
}

/// What stands before and behind the last dot, and the lists that hold the latter.
fn behind_a_dot(name: &str) -> Option<(&str, &str, Lists)> {
    let dot = memchr::memrchr(b'.', name.as_bytes())?;
    let (stem, ending) = (&name[..dot], &name[dot + 1..]);
    (!stem.is_empty()).then(|| (stem, ending, Lists::of_any_size(ending)))
}
