//! Walks over a message and writes it without its variable parts.

use super::token::{self, Shape};

/// Stands for any variable part: a number, an id, a time, a path, a name in quotes. There is one mark for all of
/// them, so that a message that was cut inside of such a part has the same mask up to there.
pub const MASK: char = '#';

/// How much of a message is masked, in bytes.
const LOOKED_AT: usize = 2_000;
/// A quote that is not closed within so many bytes is no quote.
const QUOTE_LIMIT: usize = 400;

/// Appends `message` without its variable parts to `out`; white space runs become one blank, ends are trimmed.
/// Of a longer message the first 2,000 bytes count.
///
/// What names the problem stays: vendor codes (`ORA-00942`), SQLSTATEs, HTTP statuses, exit codes, HRESULTs,
/// exception classes. The mask of a message's beginning is the beginning of its mask, but for the last word.
pub fn mask(message: &str, out: &mut String) {
    let text = &message[..message.floor_char_boundary(LOOKED_AT)];
    let start = out.len();
    let mut writer = Writer {
        out,
        start,
        blank: false,
        comma: false,
        masked: false,
        keep: false,
    };
    let mut at = 0;
    while at < text.len() {
        at = step(text, at, &mut writer);
    }
    if writer.comma {
        out.push(',');
    }
}

/// Writes what stands at `at`; returns where it ends, which is always further.
fn step(text: &str, at: usize, writer: &mut Writer<'_>) -> usize {
    let bytes = text.as_bytes();
    let byte = bytes[at];
    match byte {
        b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => {
            writer.blank = true;
            at + 1
        }
        b'"' | b'`' => quoted(text, at, 1, char::from(byte), writer),
        b'\'' if opens(bytes, at) => quoted(text, at, 1, '\'', writer),
        b'(' if at >= 2 && &bytes[at - 2..at] == b")=" => {
            // PostgreSQL: Key (code)=(12) already exists.
            let end = memchr::memchr(b')', &bytes[at..]).map_or(bytes.len(), |found| at + found);
            writer.sign("(");
            writer.mask();
            end
        }
        _ if token::is_word_start(byte) => word(text, at, writer),
        _ if byte < 0x80 => {
            let signed_number = matches!(byte, b'-' | b'+')
                && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
                && !writer.touches_word();
            if !signed_number {
                writer.sign(&text[at..=at]);
            }
            at + 1
        }
        _ => {
            let Some(char) = text[at..].chars().next() else {
                return text.len();
            };
            let end = at + char.len_utf8();
            match char {
                '«' => quoted(text, at, end - at, '»', writer),
                '“' | '„' => quoted(text, at, end - at, '”', writer),
                _ if char.is_whitespace() => {
                    writer.blank = true;
                    end
                }
                _ => {
                    writer.sign(&text[at..end]);
                    end
                }
            }
        }
    }
}

/// A quote opens after no letter and before no white space: the apostrophe of `l'objet` is none.
fn opens(bytes: &[u8], at: usize) -> bool {
    let after_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] >= 0x80);
    !after_word
        && bytes
            .get(at + 1)
            .is_some_and(|next| !next.is_ascii_whitespace())
}

/// Masks what stands in quotes. Where the text ends before the quote does, it was cut: the rest is the quoted part.
fn quoted(text: &str, at: usize, open: usize, close: char, writer: &mut Writer<'_>) -> usize {
    let bytes = text.as_bytes();
    let body = at + open;
    let window = &text[body..text.floor_char_boundary(body + QUOTE_LIMIT)];
    let mut from = 0;
    while let Some(found) = window[from..].find(close) {
        let inside = from + found;
        let end = body + inside + close.len_utf8();
        from = inside + close.len_utf8();
        if close == '\''
            && bytes
                .get(end)
                .is_some_and(|next| token::is_word_byte(*next))
        {
            continue;
        }
        writer.mask();
        return end;
    }
    if body + window.len() == text.len() {
        writer.mask();
        return text.len();
    }
    writer.sign(&text[at..body]);
    body
}

/// A run of word bytes: a word, a number, a path, a URL, …
fn word(text: &str, at: usize, writer: &mut Writer<'_>) -> usize {
    let token = token::read(text, at, writer.keep);
    let piece = &text[at..token.end];
    let after_mask = writer.masked;
    match token.shape {
        Shape::Variable => writer.mask(),
        Shape::Kept => {
            writer.word(piece);
            writer.keep = false;
        }
        Shape::Digits => writer.digits(piece),
        // A unit, a month, a zone: part of the number before or after it.
        Shape::Unit | Shape::Month if after_mask => writer.mask(),
        Shape::Month if token::number_follows(text, token.end) => writer.mask(),
        Shape::Plain | Shape::Unit | Shape::Month => writer.word(piece),
    }
    if !matches!(token.shape, Shape::Kept) {
        writer.keep = token::keeps_next_number(piece);
    }
    token.end
}

/// Puts the pieces together: blanks between them, one mark for neighbouring variable parts.
struct Writer<'o> {
    out: &'o mut String,
    start: usize,
    /// White space stands before the next piece.
    blank: bool,
    /// A comma stands before the next piece; it is dropped between two marks, so that lists of any length are alike.
    comma: bool,
    /// The last piece was a mark, perhaps with a blank or a comma after it.
    masked: bool,
    /// The next number is a code that names the problem.
    keep: bool,
}

impl Writer<'_> {
    fn gap(&mut self) {
        if std::mem::take(&mut self.comma) {
            self.out.push(',');
        }
        if self.blank && self.out.len() > self.start {
            self.out.push(' ');
        }
        self.blank = false;
    }

    fn word(&mut self, piece: &str) {
        self.gap();
        self.out.push_str(piece);
        self.masked = false;
    }

    fn sign(&mut self, piece: &str) {
        if piece == "," && self.masked && !self.comma {
            self.comma = true;
            return;
        }
        self.gap();
        self.out.push_str(piece);
        self.masked = false;
        if !matches!(piece, ":" | "=" | "[" | "(" | "-" | "/" | "#") {
            self.keep = false;
        }
    }

    fn mask(&mut self) {
        self.keep = false;
        if self.masked {
            self.blank = false;
            self.comma = false;
            return;
        }
        self.gap();
        self.out.push(MASK);
        self.masked = true;
    }

    /// A word with a mark in place of each run of digits.
    fn digits(&mut self, piece: &str) {
        self.gap();
        let mut rest = piece;
        while let Some(first) = rest.find(|char: char| char.is_ascii_digit()) {
            self.out.push_str(&rest[..first]);
            self.out.push(MASK);
            rest = rest[first..].trim_start_matches(|char: char| char.is_ascii_digit());
        }
        self.out.push_str(rest);
        self.masked = false;
    }

    /// Whether the next piece stands directly behind a word or a mark.
    fn touches_word(&self) -> bool {
        !self.blank
            && !self.comma
            && self.out[self.start..]
                .bytes()
                .last()
                .is_some_and(|last| token::is_word_byte(last) || last == MASK as u8)
    }
}
