//! Names that are made up by machines or belong to them: ids, hosts, files of data; and codes of vendors.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::lists;

/// From so many digits on, a number inside of a word is an id.
pub(super) const LONG_NUMBER: usize = 6;

/// Which prefixes belong to vendors.
const CODES: &str = include_str!("codes.txt");

/// `ORA-00942`, `TNS-12541`, `IIS-DSEE-TFCN-00001`, `WRT_8229`, `SQL0204N`. `begins`: it stands where a message or a
/// part of it begins.
pub(super) fn is_vendor_code(piece: &[u8], begins: bool) -> bool {
    // Oracle's are also written small.
    if let [b'o', b'r', b'a', b'-', digits @ ..] | [b't', b'n', b's', b'-', digits @ ..] = piece {
        return digits.len() == 5 && digits.iter().all(u8::is_ascii_digit);
    }
    // Microsoft's sign-in service.
    if let Some(digits) = piece.strip_prefix(b"AADSTS") {
        return (5..=7).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    }
    if is_code_of_a_host(piece) {
        return true;
    }
    let letters = piece
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    let (prefix, rest) = piece.split_at(letters);
    match rest {
        [sign @ (b'-' | b'_'), inner @ ..] if letters >= 2 => {
            is_number_of_a_code(inner, *sign) && is_prefix(prefix, *sign, begins)
        }
        [digits @ .., b'N' | b'C' | b'W'] => {
            prefix == b"SQL"
                && (4..=5).contains(&digits.len())
                && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// A code of a mainframe or of IBM i, without a sign: `CPF4131`, `IEC141I`.
fn is_code_of_a_host(piece: &[u8]) -> bool {
    let are_digits = |inner: &[u8]| inner.iter().all(u8::is_ascii_digit);
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'A'..=b'F');
    match piece {
        // `SQL2019` is a version.
        [b'S', b'Q', b'L', b'1' | b'2', ..] => false,
        [a, b, c, inner @ ..] if inner.len() == 4 && inner.iter().all(is_digit) => {
            inner[2..].iter().any(u8::is_ascii_digit) && is_prefix(&[*a, *b, *c], b'0', false)
        }
        [name @ .., b'A' | b'D' | b'E' | b'I' | b'S' | b'W'] => {
            let letters = name.iter().take_while(|byte| byte.is_ascii_uppercase());
            let (prefix, inner) = name.split_at(letters.count());
            (3..=5).contains(&inner.len()) && are_digits(inner) && is_prefix(prefix, b'I', false)
        }
        _ => false,
    }
}

/// What a job of a mainframe ended with: `S0C7`, `U4038`.
pub(super) fn is_abend(piece: &[u8]) -> bool {
    match piece {
        [b'S', code @ ..] => {
            code.len() == 3
                && code
                    .iter()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
        }
        [b'U', code @ ..] => code.len() == 4 && code.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// Whether a vendor's code that needs nothing before it stands among these words.
pub(super) fn names_a_code(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && text
            .split(|char: char| !char.is_ascii_alphanumeric() && !matches!(char, '-' | '_'))
            .any(|piece| is_vendor_code(piece.as_bytes(), false))
}

/// The classes of SQLSTATE: ISO/IEC 9075-2, and those of ODBC, PostgreSQL and Db2.
const STATES: &[&[u8; 2]] = &[
    b"01", b"02", b"07", b"08", b"09", b"0A", b"0B", b"0F", b"0K", b"0L", b"0P", b"0Z", b"20",
    b"21", b"22", b"23", b"24", b"25", b"26", b"27", b"28", b"2B", b"2D", b"2F", b"33", b"34",
    b"38", b"39", b"3B", b"3C", b"3D", b"3F", b"40", b"42", b"44", b"51", b"53", b"54", b"55",
    b"57", b"58", b"F0", b"HV", b"HY", b"IM", b"P0", b"XX",
];

/// A SQLSTATE: five digits and capitals, of which the first two are a class.
pub(super) fn is_state(piece: &[u8]) -> bool {
    piece.len() == 5
        && piece
            .iter()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && piece[2..].iter().any(u8::is_ascii_digit)
        && STATES.iter().any(|class| piece.starts_with(*class))
}

/// Three to six digits, perhaps behind names of parts of the product.
fn is_number_of_a_code(inner: &[u8], sign: u8) -> bool {
    let mut parts = inner.rsplit(|byte| *byte == sign);
    parts.next().is_some_and(|digits| {
        (3..=6).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
    }) && parts.all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_uppercase))
}

fn is_prefix(prefix: &[u8], sign: u8, begins: bool) -> bool {
    static PREFIXES: LazyLock<HashMap<&[u8], Vec<Prefix>>> = LazyLock::new(prefixes);
    PREFIXES.get(prefix).is_some_and(|all| {
        all.iter()
            .any(|one| one.sign == sign && (one.is_free || begins))
    })
}

/// How a prefix is used.
struct Prefix {
    sign: u8,
    /// It needs nothing before it.
    is_free: bool,
}

fn prefixes() -> HashMap<&'static [u8], Vec<Prefix>> {
    let mut prefixes = HashMap::<_, Vec<Prefix>>::new();
    for (name, known) in lists::of(CODES) {
        let is_free = !name.starts_with('^');
        for prefix in known.split_ascii_whitespace() {
            let uses = prefixes.entry(prefix.as_bytes()).or_default();
            uses.extend(name.bytes().last().map(|sign| Prefix { sign, is_free }));
        }
    }
    prefixes
}

/// An operation of a program with its version: `ListObjectsV2`.
pub(super) fn is_operation(piece: &[u8]) -> bool {
    match piece {
        [name @ .., before, b'V', digit] => {
            digit.is_ascii_digit()
                && before.is_ascii_lowercase()
                && name.iter().all(u8::is_ascii_alphabetic)
        }
        _ => false,
    }
}

/// Where the two low lines stand in what a scheduler calls a run: `scheduled__2024-01-02T03:04:05+00:00`.
pub(super) fn joint(piece: &[u8]) -> Option<usize> {
    piece.windows(2).position(|pair| pair == b"__")
}

/// Whether a day and more stand behind them.
pub(super) fn is_day(day: &[u8]) -> bool {
    day.len() > b"2024-01-".len()
        && day.iter().zip(b"0000-00-").all(|(byte, form)| match form {
            b'-' => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Uuids, hashes, random names: hexadecimal, or letters and digits that alternate.
pub(super) fn is_id(piece: &[u8]) -> bool {
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

/// How many digits stand at the beginning.
pub(super) fn leading_digits(piece: &[u8]) -> usize {
    piece
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

/// A qualified name whose last part begins with a capital and goes on in small letters: `java.io.IOException`.
pub(super) fn is_class(name: &[u8]) -> bool {
    let Some(dot) = name.iter().rposition(|byte| *byte == b'.') else {
        return false;
    };
    let simple = &name[dot + 1..];
    name[0].is_ascii_alphabetic()
        && simple.first().is_some_and(u8::is_ascii_uppercase)
        && simple.iter().any(u8::is_ascii_lowercase)
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'.' | b'_' | b'$'))
}

/// The name of a source file, which names where the problem is.
pub(super) fn is_source(name: &[u8]) -> bool {
    [
        ".java", ".py", ".scala", ".rs", ".go", ".js", ".cs", ".kt", ".c", ".cpp", ".sql", ".rb",
        ".php",
    ]
    .iter()
    .any(|ending| name.ends_with(ending.as_bytes()))
}

/// The name of a file of data.
pub(super) fn is_data_file(piece: &[u8]) -> bool {
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

/// A name of the network: `db-1.prod.example.org`, `NODE-7.corp.example.com`.
pub(super) fn is_host(piece: &[u8]) -> bool {
    const TOPS: &[&str] = &[
        "com",
        "net",
        "org",
        "io",
        "eu",
        "edu",
        "gov",
        "info",
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
    ];
    // Countries whose letters end no name of code.
    const COUNTRIES: &[&str] = &[
        "ar", "at", "au", "be", "br", "ca", "ch", "cl", "cn", "cz", "de", "dk", "es", "fi", "fr",
        "gr", "hk", "hu", "ie", "il", "in", "it", "jp", "kr", "lu", "mx", "nl", "no", "nz", "pl",
        "pt", "ro", "ru", "se", "sg", "th", "tr", "tw", "ua", "uk", "us", "vn", "za",
    ];
    let Some(dot) = piece.iter().rposition(|byte| *byte == b'.') else {
        return false;
    };
    let (name, top) = (&piece[..dot], &piece[dot + 1..]);
    let in_list = |list: &[&str]| list.iter().any(|known| top == known.as_bytes());
    if name.is_empty() || !in_list(TOPS) && !in_list(COUNTRIES) {
        return false;
    }
    // Only the first label may be in capitals: `Class.method.in` is none.
    let first = name.iter().position(|byte| *byte == b'.').unwrap_or(dot);
    let label = &name[..first];
    let shouted = label.iter().any(u8::is_ascii_digit)
        && !label.iter().any(u8::is_ascii_lowercase)
        && label
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let rest = if shouted { &name[first..] } else { name };
    rest.iter().all(|byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_')
    })
}
