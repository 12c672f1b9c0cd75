//! Words that say what a number beside them is, in English and French.

use super::token::Shape;
use crate::lists;

/// What the next number may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    No,
    /// Nothing; what `error` counts stands behind this word, as in `rows in error 12`.
    Count,
    /// Nothing; a word that goes on a code may follow, as in `code de sortie 12`.
    Of,
    /// A code.
    Code,
    /// A code, or how many of what goes wrong, directly behind `error`.
    Error,
    /// The same behind a sign, as in `error: 12 rows`.
    Told,
    /// A status of HTTP.
    Status,
    /// A status of HTTP that says that something went wrong, or how many came: `returned 404`, `returned 500 rows`.
    Answer,
    /// Nothing; what something ended with may follow: `exited with 137`.
    End,
    /// What something ended with, or how many of what.
    Ended,
    /// Nothing; a status of HTTP may follow in a bracket or behind `with`: `failed (404)`.
    Failed,
    /// A number of a vendor, which has four digits: `Teradata 3807`.
    Vendor,
    /// What a job of a mainframe ended with: `ABEND S0C7`.
    Abend,
    /// Nothing; the reason of a queue manager may follow: `MQ reason 2035`.
    Queue,
    /// A SQLSTATE, which has five characters, or a state of something.
    State,
}

impl Keep {
    /// Whether a number that stands here may be a code.
    pub(super) fn is_awaited(self) -> bool {
        !matches!(
            self,
            Self::No
                | Self::Count
                | Self::Of
                | Self::End
                | Self::Failed
                | Self::Abend
                | Self::Queue
        )
    }

    /// What it becomes behind a sign that does not end it.
    pub(super) fn behind_a_sign(self, sign: &str) -> Self {
        match self {
            Self::Failed if sign == "(" => Self::Answer,
            Self::Error => Self::Told,
            Self::Failed | Self::Told => Self::No,
            keep => keep,
        }
    }
}

/// Longer words are none of these.
const LONGEST: usize = 12;

/// A word without digits and dots.
pub(super) fn shape(piece: &[u8]) -> Shape {
    let mut lower = [0; LONGEST];
    let Some(lower) = lists::small(piece, &mut lower) else {
        return Shape::Plain;
    };
    match lower {
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
        | b"aug" | b"sep" | b"oct" | b"nov" | b"dec" | b"janv" | b"fevr" | b"avr" | b"juil"
        | b"juill" | b"sept" | b"f\xc3\xa9vrier" | b"f\xc3\xa9vr" | b"f\xc3\xa9v"
        | b"ao\xc3\xbbt" | b"d\xc3\xa9cembre" | b"d\xc3\xa9c" => Shape::Month,
        // With a capital it is a day whatever follows: what follows may be cut.
        b"monday" | b"tuesday" | b"wednesday" | b"thursday" | b"friday" | b"saturday"
        | b"sunday" | b"mon" | b"tue" | b"wed" | b"thu" | b"fri" | b"sat" | b"sun" => {
            if piece[0].is_ascii_uppercase() {
                Shape::Variable
            } else {
                Shape::Plain
            }
        }
        b"lundi" | b"mardi" | b"mercredi" | b"jeudi" | b"vendredi" | b"samedi" | b"dimanche" => {
            Shape::Variable
        }
        b"lun" | b"mar" | b"mer" | b"jeu" | b"ven" | b"sam" | b"dim" => Shape::Weekday,
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

/// How many letters a month has at most when it is written short, with a dot: `janv.`, `févr.`.
pub(super) const SHORT_MONTH: usize = 5;

/// What a number behind this word may be; `before` is what it could be before the word.
pub(super) fn keeps_next_number(before: Keep, piece: &str) -> Keep {
    let mut lower = [0; LONGEST];
    let lower = lists::small(piece.as_bytes(), &mut lower);
    match lower.unwrap_or_default() {
        b"error" | b"erreur" if before == Keep::Count => Keep::No,
        b"error" | b"erreur" => Keep::Error,
        b"en" | b"in" => Keep::Count,
        b"state" => Keep::State,
        b"with" | b"avec" if before == Keep::End => Keep::Ended,
        b"with" | b"avec" if before == Keep::Failed => Keep::Answer,
        b"with" | b"avec" | b"code" if before == Keep::Abend => before,
        b"abend" | b"abended" => Keep::Abend,
        b"mq" | b"wmq" | b"ibmmq" => Keep::Queue,
        b"reason" | b"raison" | b"motif" if before == Keep::Queue => Keep::Code,
        b"teradata" if before != Keep::Error => Keep::Vendor,
        b"with" | b"avec" | b"par" if before == Keep::Answer => before,
        b"response" | b"r\xc3\xa9ponse" | b"reponse" | b"responded" | b"returned" | b"replied"
        | b"answered" | b"reply" | b"r\xc3\xa9pondu" | b"renvoy\xc3\xa9" | b"retourn\xc3\xa9" => {
            Keep::Answer
        }
        b"exited" | b"ended" | b"terminated" | b"finished" | b"termin\xc3\xa9" | b"termine"
        | b"fini" | b"sorti" => Keep::End,
        b"failed"
        | b"failure"
        | b"\xc3\xa9chec"
        | b"echec"
        | b"\xc3\xa9chou\xc3\xa9"
        | b"echoue"
        | b"\xc3\xa9chou\xc3\xa9e"
        | b"echouee" => Keep::Failed,
        b"ftp" | b"smtp" => Keep::Status,
        // They stand between an error and its number.
        b"oracle" | b"mysql" | b"postgresql" | b"db2" | b"teradata" | b"sybase"
            if before == Keep::Error =>
        {
            before
        }
        b"sortie" if before == Keep::Of => Keep::Code,
        b"de" | b"d" | b"of" if before == Keep::Code => Keep::Of,
        // They stand between a word of here and its number.
        b"number" | b"no" | b"nr" | b"num" | b"n" | b"numero" | b"num\xc3\xa9ro"
            if before.is_awaited() =>
        {
            before
        }
        b"is" | b"was" | b"value" | b"est" | b"valeur" if before == Keep::Code => before,
        b"http" | b"status" | b"statut" | b"errno" | b"winerror" | b"hresult" | b"code"
        | b"sqlstate" | b"sql" | b"msg" | b"exit" | b"signal" | b"error_code" | b"errorcode"
        | b"errcode" | b"status_code" | b"statuscode" | b"sqlcode" | b"retour" | b"rc"
        | b"exitcode" | b"exit_code" | b"exitvalue" | b"returncode" | b"return_code"
        | b"httpcode" | b"http_code" | b"httpstatus" | b"http_status" | b"responsecode"
        | b"nativeerror" | b"vendorerror" | b"errornumber" | b"curl" | b"mqrc" => Keep::Code,
        _ if lower.is_some() && piece.starts_with("HTTP/") => Keep::Code,
        _ if is_answer(piece) => Keep::Status,
        _ => Keep::No,
    }
}

/// Whether the number before `after` is one of what stands there: `12 rows`. `None` where the text ends before that is sure.
pub(super) fn counts(after: &str) -> Option<bool> {
    let Some(behind) = after.strip_prefix(' ') else {
        return Some(false);
    };
    let is_letter = |char: &char| char.is_alphabetic();
    let length = behind
        .chars()
        .take(LONGEST + 1)
        .take_while(is_letter)
        .map(char::len_utf8)
        .sum();
    let (word, rest) = behind.split_at(length);
    if !word.starts_with(char::is_lowercase) {
        return Some(false);
    }
    if rest.is_empty() {
        let mut all = ON.iter().chain(PARTS);
        return (!all.any(|one| one.starts_with(word))).then_some(true);
    }
    if ON.contains(&word) {
        return Some(false);
    }
    if !PARTS.contains(&word) {
        return Some(true);
    }
    // `500 of 600 rows` counts, `404 of the partner` does not.
    let next = rest.trim_start_matches(' ');
    (!next.is_empty()).then(|| next.starts_with(|next: char| next.is_ascii_digit()))
}

/// Words that go on a sentence behind a code.
const ON: &[&str] = &[
    "for", "on", "from", "at", "while", "when", "during", "after", "because", "by", "pour", "par",
    "lors", "depuis", "car", "chez", "pendant",
];

/// The same, where no number follows of which the one before is a part.
const PARTS: &[&str] = &[
    "of", "to", "in", "and", "or", "de", "du", "des", "d", "à", "au", "aux", "sur", "dans", "en",
    "et", "ou",
];

/// Whether it is an exception that gives the status of an answer: `HTTPError`, `HttpClientErrorException`.
fn is_answer(piece: &str) -> bool {
    (piece.ends_with("Error") || piece.ends_with("Exception"))
        && ["HTTP", "Http", "Response", "Status"]
            .iter()
            .any(|name| piece.contains(name))
}
