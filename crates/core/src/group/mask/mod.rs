//! Walks over a message and writes it without its variable parts.
//!
//! One pass over bytes, with windows of a fixed size where something has to be looked for: the time is linear in the
//! length of what is looked at, whatever it holds.

mod ids;
mod invisible;
mod number;
mod quoted;
mod token;
mod words;
mod writer;

use super::stack;
use crate::damaged::repaired;
use crate::redact::REDACTED;
use token::Shape;
use words::Keep;
use writer::Writer;

/// Stands for any variable part: a number, an id, a time, a path, a name in quotes. There is one mark for all of
/// them, so that a message that was cut inside of such a part has the same mask up to there.
pub const MASK: char = '#';

/// How much of a message is masked, in bytes.
const LOOKED_AT: usize = 2_000;

/// Appends `message` without its variable parts to `out`; white space runs become one blank, ends are trimmed.
/// Of a longer message the first 2,000 bytes count.
///
/// What names the problem stays: vendors' codes (`ORA-00942`, `WRT_8229`) and error numbers (`error 1205`), SQLSTATEs,
/// HTTP statuses, exit codes, HRESULTs, exception classes, and the names of tables, columns and constraints behind the word
/// for them. What stands in quotes is a name or a value, unless it says what went wrong. Of a stack trace inside of the
/// message stay its deepest cause and the topmost frame of the user's own code. Escapes of terminals and marks that nobody sees are
/// dropped, and letters that a wrong encoding took apart are put together.
///
/// The mask of a message's beginning is the beginning of its mask, but for the last word and for a stack trace.
pub fn mask(message: &str, out: &mut String) {
    walk(message, false, out);
}

/// The same of a message that was cut: what a stack trace in it says at its end is not known.
pub(super) fn beginning(message: &str, out: &mut String) {
    walk(message, true, out);
}

fn walk(message: &str, cut: bool, out: &mut String) {
    let start = out.len();
    let message = repaired(message);
    let message = &*invisible::without(&message);
    let text = &message[..message.floor_char_boundary(LOOKED_AT)];
    let mut writer = Writer::new(out, start);
    let mut at = 0;
    while at < text.len() {
        if cut && writer.has_written() && stack::may_begin(text, at) {
            break;
        }
        if stack::begins(text, at)
            && let trace = stack::read(&message[at..])
            && (trace.class.is_some() || trace.raised.is_some() || writer.has_written())
        {
            writer.finish();
            stack::write(&trace, &message[..at], out, start);
            return;
        }
        at = step(text, at, &mut writer);
    }
    writer.finish();
}

/// Appends the mask of a line that is no trace.
pub(super) fn plain(line: &str, out: &mut String) {
    let line = repaired(line);
    let line = &*invisible::without(&line);
    let text = &line[..line.floor_char_boundary(LOOKED_AT)];
    let start = out.len();
    let mut writer = Writer::new(out, start);
    let mut at = 0;
    while at < text.len() {
        at = step(text, at, &mut writer);
    }
    writer.finish();
}

/// Writes what stands at `at`; returns where it ends, which is always further.
fn step(text: &str, at: usize, writer: &mut Writer<'_>) -> usize {
    let bytes = text.as_bytes();
    let byte = bytes[at];
    match byte {
        b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => {
            writer.blank();
            at + 1
        }
        0x00..=0x1f | 0x7f => invisible::control(bytes, at),
        b'\\' if matches!(bytes.get(at + 1), Some(b'"' | b'\'')) => at + 1,
        b'"' | b'`' if !quoted::closes(bytes, at) => {
            quoted::read(text, at, 1, char::from(byte), writer)
        }
        b'\'' if quoted::opens(bytes, at) => quoted::read(text, at, 1, '\'', writer),
        b'(' if at >= 2 && &bytes[at - 2..at] == b")=" => {
            // PostgreSQL: Key (code)=(12) already exists.
            let end = memchr::memchr(b')', &bytes[at..]).map_or(bytes.len(), |found| at + found);
            writer.sign("(");
            writer.mask();
            end
        }
        b'(' if leads_with_a_code(text, at) => {
            // Python's drivers: OperationalError: (1045, "Access denied …").
            writer.sign("(");
            writer.expect(Keep::Code);
            at + 1
        }
        b'(' if writer.names_a_component() => {
            // Talend: Exception in component tDBInput_1 (JOB_NAME).
            let end = memchr::memchr(b')', &bytes[at..]).map_or(bytes.len(), |found| at + found);
            writer.sign("(");
            writer.mask();
            end
        }
        b':' if let Some(length) = token::short_address(bytes, at) => {
            writer.mask();
            at + length
        }
        // `#12`, `<1`, and what stands between numbers as in `12##13`: part of the number.
        b'#' | b'<' | b'>' | b'~'
            if (writer.is_joint() || byte == b'#' && writer.is_masked())
                && number_follows(bytes, at, byte) =>
        {
            at + 1
        }
        // `98 %` is `98%`.
        b'%' if writer.ends_in_a_mask()
            && !bytes
                .get(at + 1)
                .is_some_and(|next| token::is_word_byte(*next)) =>
        {
            at + 1
        }
        b'*' if writer.awaits_a_value() && text[at..].starts_with(REDACTED) => {
            writer.mask();
            at + REDACTED.len()
        }
        b'*' if let Some(end) = number::overflow(bytes, at)
            && writer.is_in_a_row() =>
        {
            writer.mask();
            end
        }
        b'[' if let Some(end) = token::address_and_port(bytes, at) => {
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
            } else if byte == b'-'
                && let Some(digits) = number::hresult(&bytes[at + 1..])
            {
                let end = at + 1 + digits.len();
                writer.kept(&text[at..end]);
                return end;
            } else if byte == b'-' && writer.keep.is_awaited() {
                return signed(text, at, writer);
            }
            at + 1
        }
        _ => {
            let Some(char) = text[at..].chars().next() else {
                return text.len();
            };
            let end = at + char.len_utf8();
            match char {
                '«' => quoted::read(text, at, end - at, '»', writer),
                '“' | '„' => quoted::read(text, at, end - at, '”', writer),
                '‘' => quoted::read(text, at, end - at, '’', writer),
                _ if char.is_whitespace() => {
                    writer.blank();
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

/// Whether a number and a quote stand in a bracket behind a colon, or a status and what it means: `(503) Server Unavailable`.
fn leads_with_a_code(text: &str, at: usize) -> bool {
    let (before, rest) = text.split_at(at);
    if !before.trim_end().ends_with(':') {
        return false;
    }
    let digits = ids::leading_digits(&rest.as_bytes()[1..]);
    let (number, behind) = rest[1..].split_at(digits);
    let quoted = behind
        .strip_prefix(", ")
        .is_some_and(|behind| behind.starts_with(['"', '\'']));
    let told = behind
        .strip_prefix(") ")
        .is_some_and(|behind| behind.starts_with(|first: char| first.is_ascii_uppercase()));
    quoted && (3..=5).contains(&digits) || told && digits == 3 && number.starts_with(['4', '5'])
}

/// Whether a digit stands behind a row of this sign.
fn number_follows(bytes: &[u8], at: usize, sign: u8) -> bool {
    bytes[at..]
        .iter()
        .take(8)
        .find(|byte| **byte != sign && !(sign == b'#' && **byte == b' '))
        .is_some_and(u8::is_ascii_digit)
}

/// A run of word bytes: a word, a number, a path, a URL, …
fn word(text: &str, at: usize, writer: &mut Writer<'_>) -> usize {
    let token = token::read(text, at, writer.keep, &mut writer.ahead);
    let piece = &text[at..token.end];
    let after_number = writer.goes_on_a_number();
    let before = writer.keep;
    match token.shape {
        Shape::Variable if piece.starts_with(|first: char| first.is_ascii_digit()) => {
            writer.number();
        }
        Shape::Variable => writer.mask(),
        Shape::Kept => writer.kept(piece),
        Shape::Digits => writer.digits(piece),
        // A unit, a month, a zone: part of the number before or after it.
        Shape::Unit | Shape::Zone if after_number && !is_elided(text, token.end) => writer.number(),
        Shape::Month if after_number || words::number_follows(text, token.end) => {
            writer.mask();
            if piece.chars().count() <= words::SHORT_MONTH && text[token.end..].starts_with('.') {
                return token.end + 1;
            }
        }
        Shape::Weekday if words::number_follows(text, token.end) => writer.mask(),
        Shape::Plain | Shape::Unit | Shape::Zone | Shape::Month | Shape::Weekday => {
            writer.word(piece);
        }
    }
    if !matches!(token.shape, Shape::Kept) {
        writer.expect(words::keeps_next_number(before, piece));
    }
    token.end
}

/// Whether an apostrophe and a letter stand here: the `s` of `s'est` is no second.
fn is_elided(text: &str, at: usize) -> bool {
    let behind = text[at..].strip_prefix(['\'', '’']);
    behind.is_some_and(|behind| behind.starts_with(char::is_alphabetic))
}

/// A number with its sign: a code keeps it, as in `SQLCODE -911`.
fn signed(text: &str, at: usize, writer: &mut Writer<'_>) -> usize {
    let token = token::read(text, at + 1, writer.keep, &mut writer.ahead);
    if token.shape == Shape::Kept {
        writer.kept(&text[at..token.end]);
    } else {
        writer.number();
    }
    token.end
}
