//! Identifiers, by their form and by the words before them.

use super::before::{Before, Joint, behind_an_object};
use super::form::{CAPITAL, HYPHEN, LOW_LINE, SMALL, WIDE};
use super::lists::Lists;
use super::{Kind, Span};

/// Finds the identifiers of a run with dots and strokes; `forms` are those of all that it stands in.
pub(super) fn find(text: &str, start: usize, run: &str, forms: u16, spans: &mut Vec<Span>) {
    let mut add = |start: usize, word: &str, kind: Kind| {
        let end = start + word.len();
        spans.push(Span { start, end, kind });
    };
    if forms & HYPHEN != 0 && is_kebab(run) {
        add(start, run, Kind::Identifier);
        return;
    }
    // Numbers too are shouted.
    if is_shouted(run) {
        if run.len() > 1 && is_shouted_name(text, start, run) {
            add(start, run, Kind::Name);
        }
        return;
    }
    if forms & (CAPITAL | LOW_LINE | WIDE) == 0 {
        return;
    }
    let mut at = start;
    for word in run.as_bytes().split(|byte| matches!(byte, b'.' | b'-')) {
        let word = &text[at..at + word.len()];
        let is_identifier = forms & LOW_LINE != 0 && is_snake(word)
            || forms & (SMALL | WIDE) != 0 && is_camel(word);
        if is_identifier && let Some(kind) = named(text, at, word) {
            add(at, word, kind);
        }
        at += word.len() + 1;
    }
}

/// What a word in capitals is called that stands behind an object: `table LOCKED`.
fn is_shouted_name(text: &str, at: usize, word: &str) -> bool {
    behind_an_object(text, at) && Before::of(text, at).1 == Joint::Nothing && !is_exception(word)
}

/// What an identifier is; `None` where it says what happened.
fn named(text: &str, at: usize, word: &str) -> Option<Kind> {
    let (before, joint) = Before::of(text, at);
    let is_camel = !word.contains('_');
    let is_named = joint != Joint::Sign
        && (before == Before::Somebody || before == Before::Thing && !is_camel);
    if is_named && !is_exception(word) {
        Some(Kind::Name)
    } else {
        let says = before == Before::Saying || is_code(text, at, word);
        (!says).then_some(Kind::Identifier)
    }
}

/// `J_LOAD`, `stg_orders`; what begins with a low line too.
fn is_snake(word: &str) -> bool {
    word.trim_matches('_').contains('_') && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// A small letter before a capital: `LoadOrders`, `mapSales`.
fn is_camel(word: &str) -> bool {
    let is_joint = if word.is_ascii() {
        let mut pairs = word.as_bytes().windows(2);
        pairs.any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
    } else {
        let mut pairs = word.chars().zip(word.chars().skip(1));
        pairs.any(|(one, next)| one.is_lowercase() && next.is_uppercase())
    };
    is_joint && !is_exception(word)
}

pub(super) fn is_shouted(word: &str) -> bool {
    word.bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// `etl-orders-7f9c`: three parts or more, of which one has digits; no moment, which begins with some.
fn is_kebab(run: &str) -> bool {
    run.bytes().filter(|byte| *byte == b'-').count() >= 2
        && run.starts_with(|first: char| first.is_ascii_alphabetic())
        && !run.contains('.')
        && run
            .split('-')
            .skip(1)
            .any(|part| part.bytes().any(|byte| byte.is_ascii_digit()))
        && run
            .split('-')
            .next()
            .is_some_and(|part| part.len() > 1 && !is_shouted(part))
}

/// How classes of errors end.
const EXCEPTIONS: &[&str] = &[
    "Exception",
    "Error",
    "Errors",
    "Failure",
    "Fault",
    "Violation",
    "Exceeded",
    "Denied",
    "Refused",
    "NotFound",
    "Detected",
    "Expired",
    "Interrupt",
    "Unavailable",
    "Failed",
    "Canceled",
    "Cancelled",
    "Killed",
    "Evicted",
    "Forbidden",
];

/// A class by which languages and services name errors, by its beginning or ending.
fn is_exception(word: &str) -> bool {
    let begins = ["Invalid", "Malformed", "NoSuch"]
        .iter()
        .any(|one| word.starts_with(one));
    let ends = EXCEPTIONS.iter().any(|one| word.ends_with(one));
    (begins || ends) && !word.contains('_')
}

/// Whether an identifier is a code of an error: `ER_LOCK_DEADLOCK`, `access_denied`, `[NO_SUCH_TABLE]`.
fn is_code(text: &str, at: usize, word: &str) -> bool {
    let upper = word.bytes().any(|byte| byte.is_ascii_uppercase());
    if upper && word.bytes().any(|byte| byte.is_ascii_lowercase()) || !word.contains('_') {
        return false;
    }
    if at > 0
        && text.as_bytes()[at - 1] == b'['
        && text.as_bytes().get(at + word.len()) == Some(&b']')
    {
        return true;
    }
    let mut parts = word.trim_matches('_').split('_');
    let first = parts.next().unwrap_or_default();
    let last = parts.next_back().unwrap_or_default();
    Lists::of_any_size(first).has(Lists::CODE_BEGINS)
        || Lists::of_any_size(last).has(Lists::CODE_ENDS)
            && first.len() > 1
            && !word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Where the parts of a name stand: `J_Load_Orders` and `loadOrders` have three and two.
pub(in super::super) fn parts(name: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let is_sign = |byte: u8| matches!(byte, b'_' | b'.' | b'-' | b' ' | b'/');
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < name.len() && is_sign(name[at]) {
            at += 1;
        }
        let start = at;
        while at < name.len() && !is_sign(name[at]) {
            at += 1;
            let is_joint = at < name.len()
                && name[at].is_ascii_uppercase()
                && (name[at - 1].is_ascii_lowercase()
                    || name.get(at + 1).is_some_and(u8::is_ascii_lowercase));
            if is_joint {
                break;
            }
        }
        (at > start).then_some((start, at))
    })
}
