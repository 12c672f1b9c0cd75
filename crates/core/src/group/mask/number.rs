//! Tokens that begin with a digit.

use super::ids;
use super::token::{Shape, Token};
use super::words::{self, Keep};

/// A token that begins with a digit: a number, a date, a time, an address, or a code that names the problem.
pub(super) fn read(text: &str, at: usize, end: usize, keep: Keep) -> Token {
    let piece = &text.as_bytes()[at..end];
    if let [b'0', b'x' | b'X', b'8' | b'c' | b'C', hex @ ..] = piece
        && hex.len() == 7
        && hex.iter().all(u8::is_ascii_hexdigit)
    {
        return Token {
            end,
            shape: Shape::Kept,
        };
    }
    if let Some(length) = reply(&text.as_bytes()[at..]).or_else(|| state(text, at, piece)) {
        return Token {
            end: at + length,
            shape: Shape::Kept,
        };
    }
    if let Some(length) = code(piece, keep) {
        match counts(keep, length, &text[at + length..]) {
            Some(true) => {}
            Some(false) => {
                return Token {
                    end: at + length,
                    shape: Shape::Kept,
                };
            }
            // The text was cut: what stands behind it is no word yet.
            None => {
                return Token {
                    end: text.len(),
                    shape: Shape::Variable,
                };
            }
        }
    }
    // `1.234,56` and `12:30:45,123`: a comma between digits goes on.
    let bytes = text.as_bytes();
    let mut end = end;
    while bytes.get(end) == Some(&b',') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end += 1;
        while bytes.get(end).is_some_and(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'+')
        }) {
            end += 1;
        }
    }
    while matches!(bytes[end - 1], b'.' | b':' | b'-' | b'+') {
        end -= 1;
    }
    Token {
        end,
        shape: Shape::Variable,
    }
}

/// How long a reply of a mail server is with its enhanced code (RFC 3463), which must be of its class: `550 5.1.1`.
fn reply(bytes: &[u8]) -> Option<usize> {
    let [
        class @ (b'4' | b'5'),
        b'0'..=b'9',
        b'0'..=b'9',
        b' ' | b'-',
        same,
        b'.',
        rest @ ..,
    ] = bytes
    else {
        return None;
    };
    let subject = ids::leading_digits(rest);
    let rest = rest.get(subject..)?.strip_prefix(b".")?;
    let detail = ids::leading_digits(rest).min(3);
    let is_part = |digits| (1..=3).contains(&digits);
    (class == same && is_part(subject) && is_part(detail))
        .then_some("550 5.".len() + subject + ".".len() + detail)
}

/// How long a SQLSTATE is in brackets behind the number of an error, as Snowflake and `MySQL` write it: `002003 (42S02)`,
/// `ERROR 1366 (22007)`. One of digits alone needs a number that is no count.
fn state(text: &str, at: usize, piece: &[u8]) -> Option<usize> {
    let bytes = text.as_bytes();
    if !ids::is_state(piece) || bytes.get(at + piece.len()) != Some(&b')') {
        return None;
    }
    let before = bytes[..at].strip_suffix(b" (")?;
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let digits = before.iter().rev().take(7).take_while(is_digit).count();
    let said = &before[..before.len() - digits];
    let is_error = said.len() >= 6 && said[said.len() - 6..].eq_ignore_ascii_case(b"error ");
    let has_letter = !piece.iter().all(u8::is_ascii_digit);
    // The number may be a mark already.
    let is_behind = match digits {
        0 => before.ends_with(b"#"),
        1 | 2 => false,
        _ => digits == 6 || is_error || has_letter,
    };
    is_behind.then_some(piece.len())
}

/// Where a row of stars ends that stands for a number too wide for its field, as Fortran prints it.
pub(super) fn overflow(bytes: &[u8], at: usize) -> Option<usize> {
    /// No field is wider.
    const WIDEST: usize = 16;
    let begins = at > 0 && matches!(bytes[at - 1], b' ' | b'\t' | b'(' | b'[');
    let stars = bytes[at..].iter().take(WIDEST);
    let length = stars.take_while(|byte| **byte == b'*').count();
    let end = at + length;
    let ends = bytes
        .get(end)
        .is_none_or(|next| matches!(next, b' ' | b'\t' | b',' | b')' | b']'));
    (begins && ends && length >= 2).then_some(end)
}

/// How long the code is that may stand here, if one does. Zero says that nothing went wrong: it names no problem.
fn code(piece: &[u8], keep: Keep) -> Option<usize> {
    let length = piece
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let alone = length <= 5 && piece.get(length).is_none_or(|next| *next == b':');
    if !alone || piece[..length].iter().all(|byte| *byte == b'0') && length < 5 {
        return None;
    }
    let may_be = match keep {
        Keep::No
        | Keep::Count
        | Keep::Of
        | Keep::End
        | Keep::Failed
        | Keep::Abend
        | Keep::Queue => false,
        Keep::Code | Keep::Error | Keep::Told | Keep::Ended => true,
        Keep::Answer => length == 3 && matches!(piece[0], b'4' | b'5'),
        Keep::Status => length == 3 && (b'1'..=b'5').contains(&piece[0]),
        Keep::Vendor => length == 4 && piece[..length].iter().all(u8::is_ascii_digit),
        Keep::State => length == 5,
    };
    may_be.then_some(length)
}

/// Whether the number before `after` counts something, see [`words::counts`].
fn counts(keep: Keep, length: usize, after: &str) -> Option<bool> {
    match keep {
        // `error: 12 rows` and `error 12 times` count, `ERROR 23503: …` and `error 1205 severity 13` name.
        Keep::Error | Keep::Told if length < 3 => {
            let mut next = after.chars();
            Some(next.next() == Some(' ') && next.next().is_some_and(char::is_lowercase))
        }
        Keep::Told | Keep::Ended | Keep::Answer | Keep::Vendor => words::counts(after),
        _ => Some(false),
    }
}

/// The digits of a HRESULT behind its minus, as logs of SSIS write it: `-2147217900` is 0x80040E14, `-1071636471` is 0xC0202009.
pub(super) fn hresult(bytes: &[u8]) -> Option<&[u8; 10]> {
    let digits = bytes.first_chunk()?;
    let is_number = digits.iter().all(u8::is_ascii_digit);
    let is_failure = matches!(
        &digits[..4],
        b"2147" | b"2146" | b"1073" | b"1072" | b"1071"
    );
    let is_whole = !bytes
        .get(digits.len())
        .is_some_and(u8::is_ascii_alphanumeric);
    (is_number && is_failure && is_whole).then_some(digits)
}
