//! Where a message holds names: paths and addresses, identifiers, values in quotes. Whoever named a job `J_Deadlock_Check` said
//! nothing about locks, so rules read a text without them.
//!
//! It looks at form and neighbours, and knows no rule. What is quoted and says what happened (`Description: "Login timeout
//! expired"`) is no name. One pass, with windows of a fixed size.

mod before;
mod form;
mod identifier;
mod lists;
mod path;
mod quote;

use form::{
    AT, COLON, DOT, FORMS, HYPHEN, LETTER, QUOTE, SIGN, SLASH, SMALL, STOP, WIDE, wide_blank,
};

pub(super) use identifier::parts;

/// A place in a text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A path, the name of a file, an address, a host.
    Path,
    /// What something is called, by the word before it: `Table "LOCKED"`, `client « Timeout SARL »`.
    Name,
    /// By its form: `J_Load_Orders`, `LoadOrders`, a single word in quotes. A code of an error can look so too.
    Identifier,
}

/// All names of `text`, in order, none in another.
pub(super) fn of(text: &str, spans: &mut Vec<Span>) {
    spans.clear();
    let bytes = text.as_bytes();
    // Ends of quotes that are read.
    let mut ends: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let form = FORMS[usize::from(bytes[at])];
        if form & STOP != 0 {
            at += 1;
        } else if form & (QUOTE | WIDE) != 0
            && let Some((open, close)) = quote::at(text, at)
        {
            if let Some(found) = ends.iter().position(|end| *end == at) {
                ends.swap_remove(found);
            } else if quote::opens(text, at, open)
                && let Some(end) = quote::closing(text, at + open, close)
            {
                let start = at + open;
                match quote::name(text, at, &text[start..end]) {
                    Some(kind) => {
                        spans.push(Span { start, end, kind });
                        at = end;
                    }
                    None => ends.push(end),
                }
            }
            at += quote::at(text, at).map_or(1, |(length, _)| length);
        } else if form & WIDE != 0 && wide_blank(text, at) > 0 {
            at += wide_blank(text, at);
        } else {
            let piece = Piece::at(text, at);
            at = if piece.is_plain() {
                piece.end
            } else {
                piece.read(text, spans).max(piece.end)
            };
        }
    }
}

/// A run without blanks, quotes and brackets.
struct Piece {
    start: usize,
    end: usize,
    /// Of its first byte, of its last, and of all between.
    forms: [u16; 3],
}

impl Piece {
    fn at(text: &str, start: usize) -> Self {
        let bytes = text.as_bytes();
        let next = |at: usize| text.ceil_char_boundary(at + 1);
        let first = FORMS[usize::from(bytes[start])];
        let (mut end, mut between, mut last) = (next(start), 0, 0);
        while let Some(byte) = bytes.get(end) {
            let form = FORMS[usize::from(*byte)];
            if form & (STOP | QUOTE | WIDE) == 0 {
                end += 1;
            } else if form & WIDE == 0
                || wide_blank(text, end) > 0
                || quote::at(text, end).is_some()
            {
                break;
            } else {
                end = next(end);
            }
            between |= last;
            last = form;
        }
        Self {
            start,
            end,
            forms: [first, last, between],
        }
    }

    /// A word of a sentence, which most are: letters of which the first alone may be a capital, and signs.
    fn is_plain(&self) -> bool {
        let [first, last, between] = self.forms;
        let last = if last & (DOT | COLON) == 0 { last } else { 0 };
        first & LETTER != 0 && (between | last) & !(SMALL | SIGN) == 0
    }

    /// Finds its names; returns where what was read ends.
    fn read(&self, text: &str, spans: &mut Vec<Span>) -> usize {
        let (start, end) = (self.start, self.end);
        let [first, last, between] = self.forms;
        let forms = first | last | between;
        let whole = &text[start..end];
        if forms & SLASH != 0 {
            if forms & COLON != 0
                && let Some(found) = whole.find("://")
            {
                let body = start + found + 3;
                let end = path::address_end(text, body);
                path::add(text, body, end, spans);
                return end;
            }
            if let Some(from) = path::start(whole) {
                let from = start + from;
                let end = path::end(text, from, end);
                path::add(text, from, end, spans);
                return end;
            }
        }
        if forms & AT != 0 && path::is_mail(whole.as_bytes()) {
            path::add(text, start, end, spans);
            return end;
        }
        let mut from = start;
        for run in whole.as_bytes().split(|byte| !form::is_of_run(*byte)) {
            let bare = &text[from..from + run.len()];
            let (at, bare) = if forms & (DOT | HYPHEN) == 0 {
                (from, bare)
            } else {
                let end = bare.trim_end_matches(is_joint);
                let bare = end.trim_start_matches(is_joint);
                (from + end.len() - bare.len(), bare)
            };
            if forms & DOT != 0 && path::is_file_or_host(bare) {
                spans.push(Span {
                    start: at,
                    end: at + bare.len(),
                    kind: Kind::Path,
                });
            } else {
                identifier::find(text, at, bare, forms, spans);
            }
            from += run.len() + 1;
        }
        end
    }
}

fn is_joint(char: char) -> bool {
    matches!(char, '.' | '-')
}
