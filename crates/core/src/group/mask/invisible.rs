//! What nobody sees: escapes of terminals, control characters, marks of direction.

use std::borrow::Cow;

/// An escape of a terminal is looked at for so many bytes.
const ESCAPE_LIMIT: usize = 64;

/// Where the control character at `at` ends, and the escape of a terminal that it may begin (ECMA-48).
pub(super) fn control(bytes: &[u8], at: usize) -> usize {
    if bytes[at] != 0x1b {
        return at + 1;
    }
    let window = &bytes[at..bytes.len().min(at + ESCAPE_LIMIT)];
    match window.get(1) {
        // CSI: parameters, then one letter or sign.
        Some(b'[') => window[2..]
            .iter()
            .position(|byte| !(0x20..=0x3f).contains(byte))
            .map_or(at + window.len(), |last| {
                // What is no final byte is text again.
                at + 2 + last + usize::from((0x40..=0x7e).contains(&window[2 + last]))
            }),
        // OSC: until BEL or the next escape.
        Some(b']') => window[2..]
            .iter()
            .position(|byte| matches!(byte, 0x07 | 0x1b))
            .map_or(at + 2, |last| at + 2 + last),
        Some(0x40..=0x5f) => at + 2,
        _ => at + 1,
    }
}

/// The text without marks of direction, joiners, the mark of byte order: they may stand in the middle of a code.
pub(super) fn without(text: &str) -> Cow<'_, str> {
    // All of them begin with one of these bytes.
    let may_hold = |byte: &u8| matches!(byte, 0xc2 | 0xd8 | 0xe2 | 0xef);
    if text.is_ascii() || !text.bytes().any(|byte| may_hold(&byte)) || !text.contains(is) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|char| !is(*char)).collect())
}

fn is(char: char) -> bool {
    matches!(
        char,
        '\u{80}'..='\u{84}'
            | '\u{86}'..='\u{9f}'
            | '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{61c}'
            | '\u{feff}'
    )
}
