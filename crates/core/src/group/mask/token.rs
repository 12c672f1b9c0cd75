//! Reads one token of a message and says what it is.

use super::words::{self, Keep};
use super::{ids, number};

/// What a token is to the mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Stays.
    Plain,
    /// Stays, and is a code.
    Kept,
    /// Is replaced.
    Variable,
    /// Its digits are replaced.
    Digits,
    /// Belongs to a number before it.
    Unit,
    /// Belongs to a time before it.
    Zone,
    /// Belongs to a number before or after it.
    Month,
    /// Belongs to a date after it.
    Weekday,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) end: usize,
    pub(super) shape: Shape,
}

/// Bytes of which a token is made. Bytes of other letters than ASCII count too.
const WORD: u8 = 1;
/// Bytes that can go on a token, but not begin it.
const JOINT: u8 = 2;

static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let value = byte as u8;
        table[byte] = match value {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | 0x80..=0xff => WORD,
            b'.' | b'-' | b'/' | b'\\' | b':' | b'@' | b'$' | b'+' | b'%' | b'~' => JOINT,
            _ => 0,
        };
        byte += 1;
    }
    table
}

pub(super) fn is_word_byte(byte: u8) -> bool {
    CLASS[usize::from(byte)] == WORD
}

/// Whether a token begins here: at an ASCII letter or digit, or at the first byte of a path.
pub(super) fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'/' | b'\\' | b'~' | b'.' | 0xc3..=0xc5 | 0xcc..=0xe1)
}

/// Reads the token at `at`. `keep` says whether a code is expected here; `ahead` is of this text, and read behind no
/// later place.
pub(super) fn read(text: &str, at: usize, keep: Keep, ahead: &mut Ahead) -> Token {
    let bytes = text.as_bytes();
    ahead.move_to(bytes, at);
    let facts = ahead.facts;
    let end = ahead.end;
    if end == at + 1 && facts.dots == facts.end - at {
        // A row of dots, read at once.
        return Token {
            end: facts.end,
            shape: Shape::Plain,
        };
    }
    let piece = &bytes[at..end];
    let first = piece[0];
    if facts.slashes == 0 && facts.digits == 0 && facts.colons == 0 && facts.ats == 0 {
        // Most tokens are plain words.
        let shape = if facts.dots > 0 && piece.contains(&b'.') {
            dotted(piece)
        } else {
            words::shape(piece)
        };
        return Token { end, shape };
    }
    if facts.colons > 0
        && let Some(colon) = ahead.colon(bytes)
        && ids::is_class(&piece[..colon])
    {
        // `java.nio.file.NoSuchFileException:/data/in/x.csv`: what follows is read next.
        return Token {
            end: at + colon,
            shape: words::shape(&piece[..colon]),
        };
    }
    if facts.url || facts.digits >= 8 && ahead.is_run(piece) {
        return Token {
            end,
            shape: Shape::Variable,
        };
    }
    if facts.slashes == 1 && piece.starts_with(b"HTTP/") && piece.len() <= b"HTTP/1.1".len() {
        // The number behind a version of HTTP is a status.
        return Token {
            end,
            shape: Shape::Digits,
        };
    }
    if facts.ats > 0 && facts.dots > 0 && ahead.holds(Part::At, piece) {
        return Token {
            end,
            shape: Shape::Variable,
        };
    }
    if is_path(piece, ahead) {
        return Token {
            end,
            shape: Shape::Variable,
        };
    }
    if first.is_ascii_digit() {
        return number::read(text, at, end, keep);
    }
    if let Some(colon) = ahead.colon(bytes) {
        return around_colon(text, ahead, colon, keep);
    }
    if !first.is_ascii_alphanumeric() && first < 0x80 && first != b'_' {
        return Token {
            end: at + 1,
            shape: Shape::Plain,
        };
    }
    Token {
        end,
        shape: if facts.digits > 0 {
            with_digits(text, at, piece, keep)
        } else {
            words::shape(piece)
        },
    }
}

/// What is known of the token that was read last. Often only its beginning was taken, up to a colon: of the rest, nothing
/// is looked for again, so that a token costs what its length does.
#[derive(Clone, Copy, Default)]
pub(super) struct Ahead {
    at: usize,
    facts: Facts,
    /// Where it ends without the signs of the sentence.
    end: usize,
    /// Where a colon, two low lines and something that is not hexadecimal stand next; further places are not known.
    colon: usize,
    joint: usize,
    not_hex: usize,
    /// What is nowhere in it.
    lacks: [bool; 3],
}

#[derive(Clone, Copy)]
enum Part {
    At,
    Extension,
    Drive,
}

impl Ahead {
    fn move_to(&mut self, bytes: &[u8], at: usize) {
        let goes_on = self.at <= at
            && at < self.facts.end
            && !self.facts.url
            && !bytes[at..].starts_with(b"jdbc:");
        if goes_on {
            self.facts.forget(&bytes[self.at..at]);
            self.at = at;
            self.end = self.end.max(at + 1);
        } else {
            let facts = Facts::scan(bytes, at);
            *self = Self {
                at,
                facts,
                end: facts.end,
                ..Self::default()
            };
        }
        // Signs at the end belong to the sentence.
        while self.end > at + 1
            && matches!(
                bytes[self.end - 1],
                b'.' | b':' | b'-' | b'/' | b'\\' | b'@' | b'~' | b'+'
            )
        {
            if matches!(bytes[self.end - 1], b'/' | b'\\') && self.facts.slashes > 1 {
                break;
            }
            self.end -= 1;
        }
    }

    /// How far the next colon is.
    fn colon(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.colon <= self.at {
            let found = bytes[self.at..self.end]
                .iter()
                .position(|byte| *byte == b':');
            self.colon = found.map_or(usize::MAX, |colon| self.at + colon);
        }
        (self.colon < self.end).then(|| self.colon - self.at)
    }

    fn is_run(&mut self, piece: &[u8]) -> bool {
        if self.joint > self.at {
            return false;
        }
        let joint = ids::joint(piece);
        self.joint = joint.map_or(usize::MAX, |joint| self.at + joint);
        joint.is_some_and(|joint| ids::is_day(&piece[joint + 2..]))
    }

    /// Whether it is hexadecimal from `from` on.
    fn is_hex(&mut self, bytes: &[u8], from: usize) -> bool {
        self.not_hex = self.not_hex.max(from);
        let rest = &bytes[self.not_hex.min(self.end)..self.end];
        self.not_hex += rest.iter().take_while(|byte| is_hex(**byte)).count();
        self.not_hex >= self.end
    }

    fn holds(&mut self, part: Part, piece: &[u8]) -> bool {
        let lacks = &mut self.lacks[part as usize];
        *lacks = *lacks
            || !match part {
                Part::At => piece.contains(&b'@'),
                Part::Extension => has_extension(piece),
                Part::Drive => piece.windows(2).any(|pair| pair == b":/"),
            };
        !*lacks
    }
}

/// What a token is made of.
#[derive(Clone, Copy, Default)]
struct Facts {
    end: usize,
    slashes: usize,
    digits: usize,
    colons: usize,
    ats: usize,
    dots: usize,
    url: bool,
}

impl Facts {
    fn scan(bytes: &[u8], at: usize) -> Self {
        let mut facts = Self {
            end: at,
            ..Self::default()
        };
        while let Some(&byte) = bytes.get(facts.end) {
            match byte {
                b'0'..=b'9' => facts.digits += 1,
                b'/' | b'\\' => facts.slashes += 1,
                b'.' => facts.dots += 1,
                b'@' => facts.ats += 1,
                b':' => {
                    facts.colons += 1;
                    facts.url |=
                        bytes[facts.end..].starts_with(b"://") || bytes[at..facts.end] == *b"jdbc";
                }
                // U+00A0, U+202F and typographic quotes end a token, but for the blank inside of a number.
                0xc2 | 0xe2 => {
                    let blank = blank_len(&bytes[facts.end..]);
                    let inside = blank > 0
                        && facts.end > at
                        && bytes[facts.end - 1].is_ascii_digit()
                        && bytes.get(facts.end + blank).is_some_and(u8::is_ascii_digit);
                    if !inside {
                        break;
                    }
                    facts.end += blank - 1;
                }
                // A URL goes on over what separates words elsewhere.
                b'=' | b'&' | b'?' | b'#' | b'%' | b';' | b'*' | b'!' if facts.url => {}
                _ if CLASS[usize::from(byte)] == 0 => break,
                _ => {}
            }
            facts.end += 1;
        }
        // Never empty, and never in the middle of a letter.
        facts.end = facts.end.max(at + 1);
        while facts.end < bytes.len() && bytes[facts.end] & 0xc0 == 0x80 {
            facts.end += 1;
        }
        facts
    }

    /// Without the bytes that it began with.
    fn forget(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'0'..=b'9' => self.digits -= 1,
                b'/' | b'\\' => self.slashes -= 1,
                b'.' => self.dots -= 1,
                b'@' => self.ats -= 1,
                b':' => self.colons -= 1,
                _ => {}
            }
        }
    }
}

/// The length of a no-break space that stands here.
fn blank_len(bytes: &[u8]) -> usize {
    match bytes {
        [0xc2, 0xa0, ..] => 2,
        [0xe2, 0x80, 0xaf | 0x89, ..] => 3,
        _ => 0,
    }
}

/// Unix, Windows, UNC and relative paths.
fn is_path(piece: &[u8], ahead: &mut Ahead) -> bool {
    let facts = ahead.facts;
    if facts.slashes == 0 {
        return false;
    }
    let rooted = matches!(piece[0], b'/' | b'\\' | b'~' | b'.') && piece.len() > 1;
    let drive = piece.len() > 2
        && piece[0].is_ascii_alphabetic()
        && piece[1] == b':'
        && matches!(piece[2], b'\\' | b'/');
    rooted
        || drive
        || facts.slashes > 1 && !piece[0].is_ascii_digit()
        || facts.dots > 0 && ahead.holds(Part::Extension, piece)
        || ahead.holds(Part::Drive, piece)
}

/// Whether the last part ends in a dot and a few letters.
fn has_extension(piece: &[u8]) -> bool {
    piece
        .iter()
        .rposition(|byte| *byte == b'.')
        .map(|dot| &piece[dot + 1..])
        .is_some_and(|last| {
            (1..=7).contains(&last.len()) && last.iter().all(u8::is_ascii_alphanumeric)
        })
}

/// A token with a colon inside: `host:5432`, `Class:text`, `Foo.java:12`.
fn around_colon(text: &str, ahead: &mut Ahead, colon: usize, keep: Keep) -> Token {
    let bytes = text.as_bytes();
    let (at, end) = (ahead.at, ahead.end);
    let name = &bytes[at..at + colon];
    let after = &bytes[at + colon + 1..end];
    let zone = after
        .iter()
        .take(LONGEST_ADDRESS)
        .position(|byte| *byte == b'%');
    let is_address = name.iter().all(|byte| is_hex(*byte))
        && after[..zone.unwrap_or(after.len())].contains(&b':')
        && match zone {
            Some(zone) => after[..zone].iter().all(|byte| is_hex(*byte)),
            None => ahead.is_hex(bytes, at + colon + 1),
        };
    if is_address {
        return Token {
            end,
            shape: Shape::Variable,
        };
    }
    let port = !after.is_empty() && after.len() <= 5 && after.iter().all(u8::is_ascii_digit);
    let host = name == b"localhost"
        || name.contains(&b'-')
        || name.iter().any(u8::is_ascii_digit)
        || (name.contains(&b'.') && !ids::is_source(name));
    if port && host && !keep.is_awaited() {
        return Token {
            end,
            shape: Shape::Variable,
        };
    }
    // The name ends at the colon; what follows is read next.
    let shape = if name.iter().any(u8::is_ascii_digit) {
        with_digits(text, at, name, keep)
    } else if name.contains(&b'.') {
        dotted(name)
    } else {
        words::shape(name)
    };
    Token {
        end: at + colon,
        shape,
    }
}

/// An address of IPv6 is at most so long.
const LONGEST_ADDRESS: usize = 45;

/// How long the address of IPv6 is that begins with its zeros at `at`, as in `::1` and `::ffff:10.0.0.1`; `None` where none
/// does.
pub(super) fn short_address(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes[at..].strip_prefix(b"::")?;
    if at > 0
        && !matches!(
            bytes[at - 1],
            b' ' | b'[' | b'(' | b'/' | b'\t' | b'\n' | b'='
        )
    {
        return None;
    }
    let is_part = |byte: &&u8| is_hex(**byte) || **byte == b'.';
    let length = rest
        .iter()
        .take(LONGEST_ADDRESS)
        .take_while(is_part)
        .count();
    let (address, behind) = rest.split_at(length);
    let is_whole = !behind.first().is_some_and(u8::is_ascii_alphanumeric);
    (is_whole && address.iter().any(u8::is_ascii_digit)).then(|| length + 2 + zone(behind))
}

/// Where an address of IPv6 in brackets ends with its port: `[fe80::1]:8080`.
pub(super) fn address_and_port(bytes: &[u8], at: usize) -> Option<usize> {
    let inside = bytes[at + 1..].iter().take(LONGEST_ADDRESS);
    let length = inside.take_while(|byte| **byte != b']').count();
    let (inside, behind) = bytes[at + 1..].split_at(length);
    let address = inside.split(|byte| *byte == b'%').next()?;
    let is_part = |byte: &u8| is_hex(*byte) || *byte == b'.';
    let is_address = address.windows(2).any(|pair| pair == b"::") && address.iter().all(is_part);
    let port = ids::leading_digits(behind.strip_prefix(b"]:")?);
    (is_address && (1..=5).contains(&port)).then_some(at + 1 + length + 2 + port)
}

/// How long the zone is behind an address of IPv6: `%eth0`.
fn zone(behind: &[u8]) -> usize {
    match behind {
        [b'%', name @ ..] => {
            1 + name
                .iter()
                .take_while(|byte| byte.is_ascii_alphanumeric())
                .count()
        }
        _ => 0,
    }
}

/// What addresses of IPv6 are made of.
fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b':'
}

/// A token with letters and digits that begins with a letter.
fn with_digits(text: &str, at: usize, piece: &[u8], keep: Keep) -> Shape {
    let begins = keep.is_awaited() || begins(text, at);
    if ids::is_vendor_code(piece, begins)
        || begins && ids::is_state(piece)
        || keep == Keep::Abend && ids::is_abend(piece)
    {
        return Shape::Kept;
    }
    if ids::is_operation(piece) {
        return Shape::Plain;
    }
    if ids::is_data_file(piece) || ids::is_host(piece) || ids::is_id(piece) {
        return Shape::Variable;
    }
    Shape::Digits
}

/// Whether a message or a part of it begins here: behind nothing, a colon, a bracket or a bar.
fn begins(text: &str, at: usize) -> bool {
    text.as_bytes()[..at]
        .iter()
        .rev()
        .take(8)
        .find(|byte| **byte != b' ')
        .is_none_or(|before| matches!(before, b':' | b'[' | b'(' | b'|' | b'\n'))
}

/// A token without digits that has a dot: a class stays, a host or a data file does not.
fn dotted(piece: &[u8]) -> Shape {
    if ids::is_data_file(piece) || ids::is_host(piece) {
        Shape::Variable
    } else {
        Shape::Plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What is known of a token changes nothing of what is read of its rest.
        #[test]
        fn the_rest_of_a_token_is_read_as_if_alone(
            text in "([a-cx0-9:/.@_~]|jdbc:|__2024-01-02|xy:zw|://|IoException|é|\u{202f}| |HTTP/1){0,40}"
        ) {
            let mut ahead = Ahead::default();
            let mut at = 0;
            while at < text.len() {
                let mut end = at + 1;
                if is_word_start(text.as_bytes()[at]) {
                    let token = read(&text, at, Keep::No, &mut ahead);
                    prop_assert_eq!(token, read(&text, at, Keep::No, &mut Ahead::default()));
                    end = token.end;
                }
                at = text.ceil_char_boundary(end);
            }
        }
    }
}
