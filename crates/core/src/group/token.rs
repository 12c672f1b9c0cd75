//! Reads one token of a message and says what it is.

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
    /// Belongs to a number before or after it.
    Month,
}

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

/// Reads the token at `at`. `keep` says that a code is expected here.
pub(super) fn read(text: &str, at: usize, keep: bool) -> Token {
    let bytes = text.as_bytes();
    let facts = Facts::scan(bytes, at);
    let mut end = facts.end;
    // Signs at the end belong to the sentence.
    while end > at + 1
        && matches!(
            bytes[end - 1],
            b'.' | b':' | b'-' | b'/' | b'\\' | b'@' | b'~' | b'+'
        )
    {
        if matches!(bytes[end - 1], b'/' | b'\\') && facts.slashes > 1 {
            break;
        }
        end -= 1;
    }
    let piece = &bytes[at..end];
    let first = piece[0];
    if facts.slashes == 0 && facts.digits == 0 && facts.colons == 0 && facts.ats == 0 {
        // Most tokens are plain words.
        let shape = if facts.dots > 0 {
            dotted(piece)
        } else {
            of_word(piece)
        };
        return Token { end, shape };
    }
    if facts.url {
        return Token {
            end,
            shape: Shape::Variable,
        };
    }
    if facts.ats > 0 && facts.dots > 0 && piece.contains(&b'@') {
        return Token {
            end,
            shape: Shape::Variable,
        };
    }
    if is_path(piece, &facts) {
        return Token {
            end,
            shape: Shape::Variable,
        };
    }
    if first.is_ascii_digit() {
        return number(text, at, end, keep);
    }
    if let Some(colon) = piece.iter().position(|byte| *byte == b':') {
        return around_colon(text, at, end, colon, keep);
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
            with_digits(piece)
        } else {
            of_word(piece)
        },
    }
}

/// What a token is made of.
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
            slashes: 0,
            digits: 0,
            colons: 0,
            ats: 0,
            dots: 0,
            url: false,
        };
        while let Some(&byte) = bytes.get(facts.end) {
            match byte {
                b'0'..=b'9' => facts.digits += 1,
                b'/' | b'\\' => facts.slashes += 1,
                b'.' => facts.dots += 1,
                b'@' => facts.ats += 1,
                b':' => {
                    facts.colons += 1;
                    if bytes[facts.end..].starts_with(b"://") {
                        facts.url = true;
                    }
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
                b'=' | b'&' | b'?' | b'#' | b'%' | b';' | b'*' if facts.url => {}
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
fn is_path(piece: &[u8], facts: &Facts) -> bool {
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
        || facts.dots > 0 && has_extension(piece)
        || piece.windows(2).any(|pair| pair == b":/")
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

/// A token that begins with a digit.
fn number(text: &str, at: usize, end: usize, keep: bool) -> Token {
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
    if keep {
        let code = piece
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        if code <= 5 && piece.get(code).is_none_or(|next| *next == b':') {
            return Token {
                end: at + code,
                shape: Shape::Kept,
            };
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

/// A token with a colon inside: `host:5432`, `Class:text`, `Foo.java:12`.
fn around_colon(text: &str, at: usize, end: usize, colon: usize, keep: bool) -> Token {
    let bytes = text.as_bytes();
    let name = &bytes[at..at + colon];
    let after = &bytes[at + colon + 1..end];
    let hexes = |part: &[u8]| {
        part.iter()
            .all(|byte| byte.is_ascii_hexdigit() || *byte == b':')
    };
    if hexes(name) && hexes(after) && after.contains(&b':') {
        return Token {
            end,
            shape: Shape::Variable,
        };
    }
    let port = !after.is_empty() && after.len() <= 5 && after.iter().all(u8::is_ascii_digit);
    let host = name == b"localhost"
        || name.contains(&b'-')
        || name.iter().any(u8::is_ascii_digit)
        || (name.contains(&b'.') && !is_source(name));
    if port && host && !keep {
        return Token {
            end,
            shape: Shape::Variable,
        };
    }
    // The name ends at the colon; what follows is read next.
    let shape = if name.iter().any(u8::is_ascii_digit) {
        with_digits(name)
    } else if name.contains(&b'.') {
        dotted(name)
    } else {
        of_word(name)
    };
    Token {
        end: at + colon,
        shape,
    }
}

/// The name of a source file, which names where the problem is.
fn is_source(name: &[u8]) -> bool {
    [
        ".java", ".py", ".scala", ".rs", ".go", ".js", ".cs", ".kt", ".c", ".cpp", ".sql", ".rb",
        ".php",
    ]
    .iter()
    .any(|ending| name.ends_with(ending.as_bytes()))
}

/// A token with letters and digits that begins with a letter.
fn with_digits(piece: &[u8]) -> Shape {
    if is_vendor_code(piece) {
        return Shape::Kept;
    }
    if is_data_file(piece) || is_host(piece) || is_id(piece) {
        return Shape::Variable;
    }
    Shape::Digits
}

/// `ORA-00942`, `TNS-12541`, `PLS-00201`, `SQL0204N`, `KUP-04040`, `SQLSTATE42P01`.
fn is_vendor_code(piece: &[u8]) -> bool {
    let letters = piece
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    let rest = &piece[letters..];
    match rest {
        [b'-', digits @ ..] => {
            (2..=5).contains(&letters)
                && (3..=6).contains(&digits.len())
                && digits.iter().all(u8::is_ascii_digit)
        }
        [digits @ .., b'N' | b'C' | b'W'] => {
            piece.starts_with(b"SQL") && digits.len() == 4 && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// Uuids, hashes, random names: hexadecimal, or letters and digits that alternate.
fn is_id(piece: &[u8]) -> bool {
    let hex = piece
        .iter()
        .all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    if hex && piece.len() >= 6 {
        return true;
    }
    let mut switches = 0;
    for pair in piece.windows(2) {
        if !pair[0].is_ascii_alphanumeric() || !pair[1].is_ascii_alphanumeric() {
            continue;
        }
        switches += usize::from(pair[0].is_ascii_digit() != pair[1].is_ascii_digit());
    }
    piece.len() >= 6 && switches >= 3
}

/// The name of a file of data.
fn is_data_file(piece: &[u8]) -> bool {
    const ENDINGS: &[&str] = &[
        "csv",
        "txt",
        "xml",
        "json",
        "jsonl",
        "xls",
        "xlsx",
        "parquet",
        "avro",
        "orc",
        "zip",
        "gz",
        "zst",
        "dat",
        "log",
        "edi",
        "pdf",
        "tmp",
        "ok",
        "flag",
        "done",
        "sql",
        "properties",
        "yml",
        "yaml",
        "tar",
    ];
    let Some(dot) = piece.iter().rposition(|byte| *byte == b'.') else {
        return false;
    };
    let ending = &piece[dot + 1..];
    dot > 0
        && ENDINGS
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known.as_bytes()))
}

/// A name of the network.
fn is_host(piece: &[u8]) -> bool {
    const TOPS: &[&str] = &[
        "com",
        "fr",
        "net",
        "org",
        "io",
        "eu",
        "local",
        "internal",
        "lan",
        "invalid",
        "cloud",
        "corp",
        "intra",
        "example",
        "test",
        "localdomain",
        "de",
        "be",
        "uk",
        "ch",
    ];
    let Some(dot) = piece.iter().rposition(|byte| *byte == b'.') else {
        return false;
    };
    let top = &piece[dot + 1..];
    dot > 0
        && TOPS.iter().any(|known| top == known.as_bytes())
        && piece.iter().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_')
        })
}

/// A token without digits that has a dot: a class stays, a host or a data file does not.
fn dotted(piece: &[u8]) -> Shape {
    if is_data_file(piece) || is_host(piece) {
        Shape::Variable
    } else {
        Shape::Plain
    }
}

/// A word without digits and dots.
fn of_word(piece: &[u8]) -> Shape {
    if piece.len() > 10 || piece.is_empty() {
        return Shape::Plain;
    }
    let mut lower = [0_u8; 10];
    for (to, from) in lower.iter_mut().zip(piece) {
        *to = from.to_ascii_lowercase();
    }
    match &lower[..piece.len()] {
        b"ms" | b"s" | b"sec" | b"secs" | b"second" | b"seconds" | b"seconde" | b"secondes"
        | b"min" | b"mins" | b"minute" | b"minutes" | b"h" | b"hour" | b"hours" | b"heure"
        | b"heures" | b"day" | b"days" | b"jour" | b"jours" | b"us" | b"ns" | b"b" | b"kb"
        | b"mb" | b"gb" | b"tb" | b"ko" | b"mo" | b"go" | b"to" | b"kib" | b"mib" | b"gib"
        | b"bytes" | b"octets" | b"octet" | b"utc" | b"gmt" | b"cet" | b"cest" | b"am" | b"pm" => {
            // `to` is a word of English; `To` and `TO` are terabytes.
            if piece == b"to" {
                Shape::Plain
            } else {
                Shape::Unit
            }
        }
        b"january" | b"february" | b"march" | b"april" | b"june" | b"july" | b"august"
        | b"september" | b"october" | b"november" | b"december" | b"janvier" | b"fevrier"
        | b"mars" | b"avril" | b"mai" | b"juin" | b"juillet" | b"aout" | b"septembre"
        | b"octobre" | b"novembre" | b"decembre" | b"jan" | b"feb" | b"apr" | b"jun" | b"jul"
        | b"aug" | b"sep" | b"oct" | b"nov" | b"dec" | b"janv" | b"juil" | b"sept"
        | b"f\xc3\xa9vrier" | b"ao\xc3\xbbt" | b"d\xc3\xa9cembre" => Shape::Month,
        _ => Shape::Plain,
    }
}

/// Whether a number stands behind the blanks that begin here.
pub(super) fn number_follows(text: &str, at: usize) -> bool {
    text.as_bytes()[at..]
        .iter()
        .find(|byte| !matches!(byte, b' ' | b'.'))
        .is_some_and(u8::is_ascii_digit)
}

/// Whether a number behind this word names the problem.
pub(super) fn keeps_next_number(piece: &str) -> bool {
    const WORDS: &[&str] = &[
        "http",
        "status",
        "statut",
        "error",
        "erreur",
        "errno",
        "winerror",
        "code",
        "sqlstate",
        "state",
        "sql",
        "msg",
        "exit",
        "signal",
        "error_code",
        "errorcode",
        "status_code",
        "sqlcode",
        "retour",
    ];
    piece.len() <= 11 && WORDS.iter().any(|word| piece.eq_ignore_ascii_case(word))
}
