//! What stands in quotes: a name or a value is masked, what says what went wrong is read like any text.

use super::super::telling;
use super::writer::Writer;
use super::{ids, step, token, words};

/// A quote that is not closed within so many bytes is no quote.
const QUOTE_LIMIT: usize = 400;

/// A quote opens after no letter and before no white space: the apostrophe of `l'objet` is none.
pub(super) fn opens(bytes: &[u8], at: usize) -> bool {
    let after_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] >= 0x80);
    !after_word
        && bytes
            .get(at + 1)
            .is_none_or(|next| !next.is_ascii_whitespace())
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
    // JSON: `"msg":"relation \"x\" does not exist"`.
    let is_escaped = at > 0 && bytes[at - 1] == b'\\';
    let mut from = 0;
    while let Some(found) = window[from..].find(close) {
        let mut inside = from + found;
        let end = body + inside + close.len_utf8();
        from = inside + close.len_utf8();
        if window[..inside].ends_with('\\') {
            if !is_escaped {
                continue;
            }
            inside -= 1;
        }
        if matches!(close, '\'' | '’')
            && bytes
                .get(end)
                .is_some_and(|next| token::is_word_byte(*next))
        {
            continue;
        }
        let quote = Quote {
            text,
            at,
            body,
            inside: body + inside,
            end,
        };
        quote.write(writer);
        return end;
    }
    if body + window.len() == text.len() {
        let quote = Quote {
            text,
            at,
            body,
            inside: text.len(),
            end: text.len(),
        };
        quote.write(writer);
        return text.len();
    }
    writer.sign(&text[at..body]);
    body
}

/// Places in the message: the quote opens at `at`, holds what stands from `body` to `inside`, and ends at `end`. Where the
/// message was cut, it ends with what it holds.
struct Quote<'t> {
    text: &'t str,
    at: usize,
    body: usize,
    inside: usize,
    end: usize,
}

impl Quote<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        let inside = &self.text[self.body..self.inside];
        if let Some(verb) = request(inside) {
            writer.request(verb);
        } else if self.is_key(inside) {
            let before = writer.keep;
            writer.digits(inside);
            writer.expect(words::keeps_next_number(before, inside));
        } else if is_identifier(inside.trim()) && writer.names_an_object() {
            writer.name(inside.trim());
        } else if writer.names_somebody() {
            writer.mask();
        } else if self.is_state(inside) {
            self.around(writer, |writer| writer.kept(inside));
        } else if writer.names_something() && !ids::names_a_code(inside) {
            writer.mask();
        } else if writer.quotes < DEEPEST && self.tells(inside, writer) {
            writer.quotes += 1;
            self.around(writer, |writer| {
                let text = &self.text[..self.inside];
                let mut at = self.body;
                while at < text.len() {
                    at = step(text, at, writer);
                }
            });
            writer.quotes -= 1;
        } else {
            writer.mask();
        }
    }

    /// Writes the quotes around what `inside` writes.
    fn around(&self, writer: &mut Writer<'_>, inside: impl FnOnce(&mut Writer<'_>)) {
        writer.sign(&self.text[self.at..self.body]);
        inside(writer);
        // Without a stroke before it.
        let close = self.text[self.inside..self.end].trim_start_matches('\\');
        if !close.is_empty() {
            writer.sign(close);
        }
    }

    /// Whether it says what went wrong. Of a message that was cut, the last word is not known.
    fn tells(&self, inside: &str, writer: &Writer<'_>) -> bool {
        let known = if self.end > self.inside {
            inside
        } else {
            inside.rsplit_once(' ').map_or("", |(known, _)| known)
        };
        if known.contains(' ') {
            return telling::in_phrase(known) || ids::names_a_code(known);
        }
        telling::is_cause(known)
            || writer.awaits_a_value() && is_name(known) && known.split('_').any(telling::is_cause)
    }

    /// A key of JSON, or of what Python prints like it.
    fn is_key(&self, inside: &str) -> bool {
        let bytes = self.text.as_bytes();
        let before = bytes[..self.at].iter().rev().take(8);
        let after = bytes[self.end..].iter().take(8);
        is_name(inside)
            && matches!(
                before.into_iter().find(|byte| **byte != b' '),
                Some(b'{' | b',')
            )
            && after.into_iter().find(|byte| **byte != b' ') == Some(&b':')
    }

    /// A SQLSTATE, as ODBC drivers give it: `('HYT00', '…')`; the name of a reason of IBM MQ.
    fn is_state(&self, inside: &str) -> bool {
        if inside.starts_with("MQRC_") {
            return is_name(inside);
        }
        let bytes = self.text.as_bytes();
        let leads = self.at > 0 && bytes[self.at - 1] == b'(' && bytes.get(self.end) == Some(&b',');
        ids::is_state(inside.as_bytes())
            && (leads || inside.bytes().any(|byte| byte.is_ascii_uppercase()))
    }
}

/// Quotes in quotes are read so deep.
const DEEPEST: u8 = 3;

/// A name of a program: `invalid_grant`, `STG.CLIENT_2`.
fn is_name(text: &str) -> bool {
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$' | b'-');
    text.len() <= 64
        && text
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && text.bytes().all(is_part)
}

/// A name of a program that is no value: no id, no host, no file of data.
fn is_identifier(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_id = || bytes.iter().any(u8::is_ascii_digit) && ids::is_id(bytes);
    is_name(text) && !(ids::is_data_file(bytes) || ids::is_host(bytes) || is_id())
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
