//! Says which words of a message can vary, from their form and from what stands before them.

use super::super::{MASK, telling};
use super::language::{goes_on, is_entry, is_slot};

/// What a word can be, what varies most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Varies.
    Wild,
    /// Like [`Kind::Open`], in a place where values stand: behind `=` or in the brackets of a call.
    Value,
    /// Varies if messages that are equal but for this word show enough others.
    Open,
    /// The first word, with masked digits: varies if there is another of its kind.
    Glued,
    /// Names the problem or holds the sentence together: signs, codes, exception classes, words for causes, the first word.
    Fixed,
}

/// What stood before.
#[derive(Default)]
pub(super) struct Seen<'t> {
    /// A word that stays was seen.
    word: bool,
    pub(super) last: &'t str,
    /// The last word stands before names.
    slot: bool,
    /// The last word speaks of somebody who wants to come in.
    entry: bool,
    /// The last word was a value of a program.
    constant: bool,
    /// The last words ask whether something is so: `isScreenOn`, `getValue is`.
    asked: bool,
    /// The last sign stood directly behind a word.
    attached: bool,
}

impl<'t> Seen<'t> {
    /// An object that a program printed.
    pub(super) fn dump(&mut self, text: &'t str) -> Kind {
        *self = Self {
            word: self.word,
            last: text,
            ..Self::default()
        };
        Kind::Wild
    }

    pub(super) fn kind(&mut self, text: &'t str, blank: bool) -> Kind {
        let last = std::mem::replace(&mut self.last, text);
        let slot = std::mem::take(&mut self.slot) && blank;
        let entry = std::mem::take(&mut self.entry);
        let constant = std::mem::take(&mut self.constant);
        let asked = std::mem::take(&mut self.asked);
        if text == "#" {
            return Kind::Wild;
        }
        if !text.chars().any(char::is_alphanumeric) {
            self.attached = !blank && last.ends_with(char::is_alphanumeric);
            return Kind::Fixed;
        }
        let first = !std::mem::replace(&mut self.word, true);
        self.slot = is_slot(text) || entry && matches!(text, "for" | "pour");
        self.entry = is_entry(text);
        self.asked = is_question(text) || asked && text == "is";
        if last == "@" || is_exception(text) || telling::is_cause(text) {
            return Kind::Fixed;
        }
        if text.contains(MASK) {
            return if first { Kind::Glued } else { Kind::Wild };
        }
        if first || text.bytes().any(|byte| byte.is_ascii_digit()) {
            // A number that the mask kept is a code.
            return Kind::Fixed;
        }
        self.constant = is_constant(text) && (constant || matches!(last, "=" | "(" | "["))
            || (last == ":" || asked) && is_truth(text);
        let varies = self.constant || is_dotted(text) || slot && !goes_on(text) && !is_slot(text);
        match last {
            _ if varies => Kind::Wild,
            "=" => Kind::Value,
            "(" | "[" | "{" if self.attached => Kind::Value,
            _ => Kind::Open,
        }
    }
}

/// `package.Class`, `SCHEMA.TABLE`, `host.domain`; not `package.CONSTANT`, which says what happened.
fn is_dotted(text: &str) -> bool {
    let inner = |three: &[u8]| {
        three[1] == b'.'
            && (three[0].is_ascii_alphanumeric() || three[0] == b'_')
            && three[2].is_ascii_alphanumeric()
    };
    if !text.as_bytes().windows(3).any(inner) {
        return false;
    }
    let (before, last) = text.rsplit_once('.').unwrap_or_default();
    let capitals = |part: &str| !part.bytes().any(|byte| byte.is_ascii_lowercase());
    capitals(before) || !capitals(last)
}

/// The class of an exception names the problem.
fn is_exception(text: &str) -> bool {
    [
        "Exception",
        "Error",
        "Throwable",
        "Failure",
        "Fault",
        "Timeout",
        "Warning",
    ]
    .iter()
    .any(|end| text.ends_with(end) && text.len() > end.len())
}

/// Truth and absence, in the words of programs.
fn is_constant(text: &str) -> bool {
    [
        "true", "false", "null", "none", "nil", "yes", "no", "on", "off", "vrai", "faux", "oui",
        "non",
    ]
    .iter()
    .any(|word| text.eq_ignore_ascii_case(word))
}

fn is_truth(text: &str) -> bool {
    ["true", "false", "yes", "no", "vrai", "faux", "oui", "non"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

/// The name of what a program asks: `isScreenOn`, `hasNext`, `getValue`.
fn is_question(text: &str) -> bool {
    ["is", "has", "can", "should", "get"].iter().any(|verb| {
        text.strip_prefix(verb)
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
    })
}
