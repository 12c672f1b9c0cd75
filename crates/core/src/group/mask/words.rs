//! Words that say what a number beside them is, in English and French.

use super::token::Shape;

/// What the next number may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    No,
    /// A code.
    Code,
    /// A code, or how many of what goes wrong.
    Error,
    /// A SQLSTATE, which has five characters, or a state of something.
    State,
}

/// Longer words are none of these.
const LONGEST: usize = 11;

/// A word without digits and dots.
pub(super) fn shape(piece: &[u8]) -> Shape {
    let mut lower = [0_u8; LONGEST];
    let Some(lower) = lower.get_mut(..piece.len()) else {
        return Shape::Plain;
    };
    for (to, from) in lower.iter_mut().zip(piece) {
        *to = from.to_ascii_lowercase();
    }
    match &*lower {
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
        b"est" | b"edt" | b"cst" | b"cdt" | b"mst" | b"mdt" | b"pst" | b"pdt" | b"bst" | b"wet"
        | b"west" | b"eet" | b"eest" | b"msk" | b"ist" | b"jst" | b"hkt" => {
            if piece.iter().all(u8::is_ascii_uppercase) {
                Shape::Zone
            } else {
                Shape::Plain
            }
        }
        b"january" | b"february" | b"march" | b"april" | b"june" | b"july" | b"august"
        | b"september" | b"october" | b"november" | b"december" | b"janvier" | b"fevrier"
        | b"mars" | b"avril" | b"mai" | b"juin" | b"juillet" | b"aout" | b"septembre"
        | b"octobre" | b"novembre" | b"decembre" | b"jan" | b"feb" | b"apr" | b"jun" | b"jul"
        | b"aug" | b"sep" | b"oct" | b"nov" | b"dec" | b"janv" | b"juil" | b"sept"
        | b"f\xc3\xa9vrier" | b"ao\xc3\xbbt" | b"d\xc3\xa9cembre" => Shape::Month,
        // With a capital it is a day whatever follows: what follows may be cut.
        b"monday" | b"tuesday" | b"wednesday" | b"thursday" | b"friday" | b"saturday"
        | b"sunday" | b"mon" | b"tue" | b"wed" | b"thu" | b"fri" | b"sat" | b"sun" => {
            if piece[0].is_ascii_uppercase() {
                Shape::Variable
            } else {
                Shape::Plain
            }
        }
        b"lundi" | b"mardi" | b"mercredi" | b"jeudi" | b"vendredi" | b"samedi" | b"dimanche"
        | b"lun" | b"mar" | b"mer" | b"jeu" | b"ven" | b"sam" | b"dim" => Shape::Weekday,
        // These are words of English as well.
        b"may" if piece[0] == b'M' => Shape::Month,
        _ => Shape::Plain,
    }
}

/// Whether a number stands behind the blanks that begin here.
pub(super) fn number_follows(text: &str, at: usize) -> bool {
    text.as_bytes()[at..]
        .iter()
        .find(|byte| !matches!(byte, b' ' | b'.' | b','))
        .is_some_and(u8::is_ascii_digit)
}

/// Whether a number behind this word names the problem.
pub(super) fn keeps_next_number(piece: &str) -> Keep {
    const CODES: &[&str] = &[
        "http",
        "status",
        "statut",
        "errno",
        "winerror",
        "code",
        "sqlstate",
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
    if piece.len() > LONGEST {
        return Keep::No;
    }
    let is = |words: &[&str]| words.iter().any(|word| piece.eq_ignore_ascii_case(word));
    match piece.as_bytes()[0] | 0x20 {
        b'e' if is(&["error", "erreur"]) => Keep::Error,
        b's' if is(&["state"]) => Keep::State,
        b'h' | b's' | b'e' | b'w' | b'c' | b'm' | b'r' if is(CODES) => Keep::Code,
        _ => Keep::No,
    }
}
