//! What stands in quotes.

use super::token;
use super::writer::Writer;

/// A quote that is not closed within so many bytes is no quote.
const QUOTE_LIMIT: usize = 400;

/// A quote opens after no letter and before no white space: the apostrophe of `l'objet` is none.
pub(super) fn opens(bytes: &[u8], at: usize) -> bool {
    let after_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] >= 0x80);
    !after_word
        && bytes
            .get(at + 1)
            .is_some_and(|next| !next.is_ascii_whitespace())
}

/// A quote behind a word and before a blank or a sign closes what never opened.
pub(super) fn closes(bytes: &[u8], at: usize) -> bool {
    at > 0
        && token::is_word_byte(bytes[at - 1])
        && bytes
            .get(at + 1)
            .is_none_or(|next| matches!(next, b' ' | b',' | b';' | b')' | b']' | b'.'))
}

/// Masks what stands in quotes; of a request of HTTP the verb stays. Where the text ends before the quote does, it
/// was cut: the rest is the quoted part.
pub(super) fn read(
    text: &str,
    at: usize,
    open: usize,
    close: char,
    writer: &mut Writer<'_>,
) -> usize {
    let bytes = text.as_bytes();
    let body = at + open;
    let window = &text[body..text.floor_char_boundary(body + QUOTE_LIMIT)];
    let mut from = 0;
    while let Some(found) = window[from..].find(close) {
        let inside = from + found;
        let end = body + inside + close.len_utf8();
        from = inside + close.len_utf8();
        if matches!(close, '\'' | '’')
            && bytes
                .get(end)
                .is_some_and(|next| token::is_word_byte(*next))
        {
            continue;
        }
        mask(&window[..inside], writer);
        return end;
    }
    if body + window.len() == text.len() {
        mask(window, writer);
        return text.len();
    }
    writer.sign(&text[at..body]);
    body
}

fn mask(inside: &str, writer: &mut Writer<'_>) {
    match request(inside) {
        Some(verb) => writer.request(verb),
        None => writer.mask(),
    }
}

/// The verb of a request line, like `GET /v2/servers HTTP/1.1` (RFC 9110, 9.3).
fn request(inside: &str) -> Option<&str> {
    let (verb, rest) = inside.split_once(' ')?;
    let known = matches!(
        verb,
        "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "CONNECT" | "OPTIONS" | "TRACE" | "PATCH"
    );
    (known && (rest.starts_with('/') || rest.contains("://"))).then_some(verb)
}
