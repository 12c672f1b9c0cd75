//! Letters whose UTF-8 was read as Windows-1252 somewhere on the way: `refusÃ©e` was `refusée`, `lâ€™hÃ´te` was `l’hôte`. So a message
//! that came through two encodings is one.

use std::borrow::Cow;

/// What 0x80 to 0x9f are in Windows-1252; the five that it leaves open are controls (WHATWG Encoding, index windows-1252).
const UPPER: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text with its letters put right.
pub(crate) fn repaired(text: &str) -> Cow<'_, str> {
    let mut repaired = String::new();
    let mut done = 0;
    // All that begins a damaged letter has this as its first byte.
    for at in memchr::memchr_iter(0xc3, text.as_bytes()) {
        if at >= done
            && let Some((letter, end)) = letter(&text[at..])
        {
            repaired.push_str(&text[done..at]);
            repaired.push(letter);
            done = at + end;
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    repaired.push_str(&text[done..]);
    Cow::Owned(repaired)
}

/// The letter that a text begins with in pieces, and where it ends: of Latin, a sign of it, or a dash, a quote, `…`, `€`.
fn letter(text: &str) -> Option<(char, usize)> {
    let mut chars = text.char_indices();
    let (_, first) = chars.next()?;
    let (lead, length) = match first {
        'Â' => (0xc2, 2),
        'Ã' => (0xc3, 2),
        'Å' => (0xc5, 2),
        'â' => (0xe2, 3),
        _ => return None,
    };
    let mut bytes = [lead, 0, 0];
    for byte in &mut bytes[1..length] {
        *byte = byte_of(chars.next()?.1)?;
    }
    let whole = str::from_utf8(&bytes[..length]).ok()?;
    Some((whole.chars().next()?, chars.offset()))
}

/// A byte that goes on with a letter, as Windows-1252 reads it.
fn byte_of(char: char) -> Option<u8> {
    match char {
        '\u{80}'..='\u{bf}' => u8::try_from(char).ok(),
        _ => {
            let at = UPPER.iter().position(|upper| *upper == char)?;
            Some(0x80 + at as u8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UTF-8 read as Windows-1252.
    fn damaged(text: &str) -> String {
        text.bytes()
            .map(|byte| match byte {
                0x80..=0x9f => UPPER[usize::from(byte - 0x80)],
                _ => char::from(byte),
            })
            .collect()
    }

    #[test]
    fn letters_in_pieces_are_put_together() {
        for text in [
            "",
            "plain",
            "Connexion refusée à l’hôte « été » : 3 œufs, 5 € … – Î É À Ç",
            "éé",
        ] {
            assert_eq!(repaired(&damaged(text)), text);
        }
        assert_eq!(
            repaired("aoÃ»t\u{a0}: refusÃ©e et refusée"),
            "août\u{a0}: refusée et refusée"
        );
    }

    #[test]
    fn what_is_whole_stays() {
        for text in [
            "château",
            "NÃO",
            "Ã",
            "â€",
            "Ârsène, Ålesund, âme",
            "é©",
            "日本",
        ] {
            assert!(
                matches!(repaired(text), Cow::Borrowed(same) if same == text),
                "{text}"
            );
        }
    }
}
