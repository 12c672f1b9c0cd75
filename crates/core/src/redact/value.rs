//! Where a secret begins and ends behind its name.

use std::ops::Range;

/// Words that say how a secret is, not what it is, in `password: expired` and the like.
const STATES: &[&str] = &[
    "yes",
    "no",
    "true",
    "false",
    "null",
    "none",
    "nil",
    "empty",
    "expired",
    "invalid",
    "missing",
    "required",
    "incorrect",
    "wrong",
    "must",
    "not",
    "is",
    "was",
    "has",
    "does",
    "cannot",
    "can",
    "failed",
    "refused",
    "denied",
    "unknown",
    "error",
    "oui",
    "non",
    "vide",
    "invalide",
    "requis",
    "obligatoire",
    "manquant",
    "inconnu",
    "refusé",
    "refuse",
    "est",
    "expiré",
    "erroné",
    "absent",
    "le",
    "la",
    "the",
    "for",
    "pour",
    "of",
    "de",
    "échec",
    "trop",
    "valid",
    "valide",
    "revoked",
    "révoqué",
    "falsch",
    "abgelaufen",
    "ungültig",
    "incorrecta",
    "caducada",
];

/// The value that begins at `at`, behind the sign that sets it: quoted or up to where it must end.
/// `sentence` says that prose is likely here, so that a word like `expired` is no value.
pub(super) fn value(text: &str, at: usize, sentence: bool) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    if let Some(range) = quoted(text, at) {
        return Some(range).filter(|range| !range.is_empty());
    }
    if bytes.get(at) == Some(&b'[') {
        let line = line_end(text, at);
        let close = memchr::memchr(b']', &bytes[at..line]).map_or(line, |found| at + found);
        return Some(at + 1..close).filter(|range| !range.is_empty());
    }
    let end = bare_end(text, at);
    let piece = &text[at..end];
    let state = piece.trim_end_matches([',', '.', '!', ')']).to_lowercase();
    if piece.is_empty() || (sentence && STATES.contains(&state.as_str())) || is_placeholder(piece) {
        return None;
    }
    Some(at..end)
}

/// Values that say whether there is one: the YES and NO of `using password`, null.
fn is_placeholder(piece: &str) -> bool {
    ["yes", "no", "null", "none", "true", "false"]
        .iter()
        .any(|word| piece.eq_ignore_ascii_case(word))
}

/// The inside of quotes that open at `at`: `"…"`, `'…'`, `` `…` ``, `«…»`, `“…”`, `\"…\"`, `&quot;…&quot;`.
/// A quote that never closes ends with its line.
pub(super) fn quoted(text: &str, at: usize) -> Option<Range<usize>> {
    const PAIRS: &[(&str, &str)] = &[
        ("\\\"", "\\\""),
        ("&quot;", "&quot;"),
        ("\"", "\""),
        ("'", "'"),
        ("`", "`"),
        ("«", "»"),
        ("“", "”"),
    ];
    let rest = &text[at..];
    let (open, close) = PAIRS.iter().find(|(open, _)| rest.starts_with(open))?;
    let start = at + open.len();
    let line = line_end(text, start);
    let body = &text[start..line];
    let mut from = 0;
    while let Some(found) = body[from..].find(close) {
        let end = from + found;
        let after = end + close.len();
        let escaped = close.len() == 1 && trailing_backslashes(&body[..end]) % 2 == 1;
        let doubled = close.len() == 1 && body[after..].starts_with(close);
        if !escaped && !doubled {
            return Some(trim(text, start..start + end));
        }
        from = if doubled && !escaped {
            after + close.len()
        } else {
            after
        };
    }
    Some(trim(text, start..line))
}

fn trailing_backslashes(text: &str) -> usize {
    text.bytes().rev().take_while(|byte| *byte == b'\\').count()
}

fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let inside = &text[range.clone()];
    let start = range.start + (inside.len() - inside.trim_start().len());
    start..start + inside.trim().len()
}

pub(super) fn line_end(text: &str, at: usize) -> usize {
    memchr::memchr2(b'\n', b'\r', &text.as_bytes()[at..]).map_or(text.len(), |found| at + found)
}

/// Where an unquoted value ends. A sign ends it only where it cannot be part of the value: `ab,cd` is one value,
/// `ab, cd` and `ab,host=x` are not.
pub(super) fn bare_end(text: &str, at: usize) -> usize {
    let mut end = at;
    for char in text[at..].chars() {
        let after = &text[end + char.len_utf8()..];
        let stop = match char {
            ',' | ';' | '&' => ends_here(after) || sets_something(after),
            ')' | ']' | '}' | '"' | '\'' | '`' => {
                ends_here(after)
                    || after.starts_with([',', ';', ')', ']', '}', '.', ':', '&', '"', '\''])
            }
            '<' => after.starts_with('/'),
            '>' => ends_here(after),
            '/' => after.starts_with('>'),
            '»' | '”' => true,
            '\\' => after.starts_with(['"', 'n', 'r']),
            _ => char.is_whitespace() || char.is_control(),
        };
        if stop {
            break;
        }
        end += char.len_utf8();
    }
    // The sentence's own sign at the end.
    let piece = text[at..end].trim_end_matches(['.', '!']);
    if piece.is_empty() {
        end
    } else {
        at + piece.len()
    }
}

fn ends_here(after: &str) -> bool {
    after.chars().next().is_none_or(char::is_whitespace)
}

/// Whether `name=` stands here.
fn sets_something(after: &str) -> bool {
    let name = after.trim_start_matches(|char: char| {
        char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.' | ' ')
    });
    name.len() < after.len() && name.starts_with('=')
}

/// Whether a word that stands behind the name of a secret without a sign is one: it mixes letters with digits, or has a sign within. Names
/// with a number behind them (`tDBInput_1`, `ORA-01017`), codes (`SHA256`), hosts, paths and what sets something are none.
pub(super) fn looks_secret(piece: &str) -> bool {
    /// A shorter one may be anything.
    const SHORTEST: usize = 6;
    let elsewhere = [
        '.', '/', '\\', ':', '=', '(', ')', '{', '}', '[', ']', '<', '>', ',', ';', '"', '\'',
    ];
    let is_digit = |sign: char| sign.is_ascii_digit();
    if piece.chars().count() < SHORTEST
        || piece.contains(elsewhere)
        || piece.contains(char::is_whitespace)
        || piece.starts_with(['-', '$', '%', '@'])
        || piece.starts_with("0x")
    {
        return false;
    }
    let unnumbered = piece.trim_end_matches(is_digit);
    if unnumbered.len() < piece.len() && unnumbered.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return false;
    }
    let word = unnumbered.strip_suffix(['_', '-']).unwrap_or(piece);
    let signs = ['$', '!', '#', '@', '%', '^', '*', '+', '&', '?', '~'];
    word.contains(is_digit) && word.contains(char::is_alphabetic)
        || word.trim_matches(signs).contains(signs)
}

/// Whether a word is no word of a language: it has a digit, a sign, or capitals inside.
pub(super) fn looks_random(piece: &str) -> bool {
    piece.len() >= 4
        && (piece.bytes().any(|byte| byte.is_ascii_digit())
            || piece.contains(['$', '!', '#', '@', '%', '^', '*', '+', '='])
            || piece.chars().skip(1).any(char::is_uppercase)
                && piece.chars().any(char::is_lowercase))
}
