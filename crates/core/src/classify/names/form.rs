//! What the form of a byte says about the piece of text that it stands in.

/// White space, brackets and what stands between pieces.
pub(super) const STOP: u16 = 1;
/// A quote of one byte.
pub(super) const QUOTE: u16 = 1 << 1;
/// Part of a letter or sign of several bytes.
pub(super) const WIDE: u16 = 1 << 2;
pub(super) const SMALL: u16 = 1 << 3;
pub(super) const CAPITAL: u16 = 1 << 4;
const DIGIT: u16 = 1 << 5;
/// Either stroke of a path.
pub(super) const SLASH: u16 = 1 << 6;
pub(super) const COLON: u16 = 1 << 7;
pub(super) const AT: u16 = 1 << 8;
pub(super) const DOT: u16 = 1 << 9;
pub(super) const HYPHEN: u16 = 1 << 10;
pub(super) const LOW_LINE: u16 = 1 << 11;
/// Any other sign.
pub(super) const SIGN: u16 = 1 << 12;

pub(super) const LETTER: u16 = SMALL | CAPITAL;
const WORD: u16 = LETTER | DIGIT | LOW_LINE | WIDE;

/// The form of each byte.
pub(super) static FORMS: [u16; 256] = {
    let mut forms = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        forms[byte] = of(byte as u8);
        byte += 1;
    }
    forms
};

const fn of(byte: u8) -> u16 {
    match byte {
        0x80.. => WIDE,
        b'a'..=b'z' => SMALL,
        b'A'..=b'Z' => CAPITAL,
        b'0'..=b'9' => DIGIT,
        b'"' | b'\'' | b'`' => QUOTE,
        b'/' | b'\\' => SLASH,
        b':' => COLON,
        b'@' => AT,
        b'.' => DOT,
        b'-' => HYPHEN,
        b'_' => LOW_LINE,
        0..=b' '
        | 0x7f
        | b'('
        | b')'
        | b'['
        | b']'
        | b'{'
        | b'}'
        | b'<'
        | b'>'
        | b','
        | b';'
        | b'|'
        | b'=' => STOP,
        _ => SIGN,
    }
}

/// What files, hosts and identifiers are written with.
pub(super) fn is_of_run(byte: u8) -> bool {
    FORMS[usize::from(byte)] & (WORD | DOT | HYPHEN) != 0
}

/// A letter of any language, a digit or a low line.
pub(super) fn is_word(byte: u8) -> bool {
    FORMS[usize::from(byte)] & WORD != 0
}

/// How many bytes of a wide blank stand here.
pub(super) fn wide_blank(text: &str, at: usize) -> usize {
    let char = text.get(at..).and_then(|rest| rest.chars().next());
    char.filter(|char| char.is_whitespace())
        .map_or(0, char::len_utf8)
}
