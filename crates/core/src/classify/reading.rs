//! A text as rules read it: folded, and without its names, which say nothing about what happened (`names`).
//!
//! Each reading is as long as the folded text, so a place in one is the same place in the others.

use std::cell::OnceCell;

use super::denied::is_denied;
use super::fold::fold_into;
use super::names::{self, Kind, Span};
use super::rules::Reads;

/// Stands for a letter of a name: it is one of a word, and no rule has a word of it.
const VEIL: &str = "x";

/// How much of what a word stands in may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sees {
    /// It stands in a name: it says nothing.
    Nothing,
    /// It stands in an identifier, which only rules that name codes and classes read.
    Codes,
    Everything,
}

impl Sees {
    pub(super) fn is_enough(self, reads: Reads) -> bool {
        self == Self::Everything || self == Self::Codes && reads == Reads::Codes
    }
}

/// A folded text and its names.
pub(super) struct Reading<'m> {
    message: &'m str,
    pub(super) folded: String,
    /// Where lines begin, in the folded text and in the message.
    lines: Vec<(usize, usize)>,
    /// The names that were looked for, by their places in the folded text and in the message.
    names: Vec<(usize, usize, Span)>,
    /// Places in names that a rule names as such.
    shown: Vec<(usize, usize)>,
    /// What rules search, made when one first does: without names, and without paths, values and what is called by a name.
    words: OnceCell<Option<String>>,
    codes: OnceCell<Option<String>>,
}

impl<'m> Reading<'m> {
    /// `class` stands before the message and is no name. Its names are not known yet.
    pub(super) fn of(class: Option<&str>, message: &'m str) -> Self {
        let mut folded = String::with_capacity(message.len() + 64);
        if let Some(class) = class {
            fold_into(class, &mut folded);
            folded.push_str(": ");
        }
        let mut lines = Vec::new();
        let mut at = 0;
        let ends = memchr::memchr_iter(b'\n', message.as_bytes()).map(|end| end + 1);
        for end in ends.chain([message.len()]) {
            lines.push((folded.len(), at));
            fold_into(&message[at..end], &mut folded);
            at = end;
        }
        Self {
            message,
            folded,
            lines,
            names: Vec::new(),
            shown: Vec::new(),
            words: OnceCell::new(),
            codes: OnceCell::new(),
        }
    }

    /// Looks for the names of the lines that have these places of the folded text: of a trace few have some. No name goes over
    /// the end of a line.
    pub(super) fn find_names(&mut self, places: impl Iterator<Item = usize>) {
        let line_of = |place| self.lines.partition_point(|(from, _)| *from <= place);
        let mut asked: Vec<usize> = places.map(line_of).filter(|line| *line > 0).collect();
        asked.sort_unstable();
        asked.dedup();
        let (mut spans, mut scratch) = (Vec::new(), String::new());
        for next in asked {
            let (from, start) = self.lines[next - 1];
            let (until, end) = self
                .lines
                .get(next)
                .copied()
                .unwrap_or((self.folded.len(), self.message.len()));
            let line = &self.message[start..end];
            names::of(line, &mut spans);
            let named = |first, last, span: &Span| {
                let span = Span {
                    start: start + span.start,
                    end: start + span.end,
                    kind: span.kind,
                };
                (first, last, span)
            };
            if until - from == line.len() && line.is_ascii() {
                let same = spans
                    .iter()
                    .map(|span| named(from + span.start, from + span.end, span));
                self.names.extend(same);
                continue;
            }
            scratch.clear();
            // What is folded depends on the blank before it.
            scratch.push_str(if self.folded[..from].ends_with(' ') {
                " "
            } else {
                "."
            });
            if from == 0 {
                scratch.clear();
            }
            let before = scratch.len();
            let mut at = 0;
            let mut fold_up_to = |end| {
                fold_into(&line[at..end], &mut scratch);
                at = end;
                from + scratch.len() - before
            };
            for span in &spans {
                let (first, last) = (fold_up_to(span.start), fold_up_to(span.end));
                self.names.push(named(first, last, span));
            }
        }
    }

    /// How much of a word's place may be read. A word that names the identifier itself, or what stands before it too, shows it.
    pub(super) fn sees(&mut self, start: usize, end: usize) -> Sees {
        let first = self.names.partition_point(|(_, until, _)| *until <= start);
        let mut sees = Sees::Everything;
        for at in first..self.names.len() {
            let (from, until, span) = self.names[at];
            if from >= end {
                break;
            }
            let leads = start < from && self.folded[start..from].contains(char::is_alphabetic);
            match span.kind {
                _ if leads => self.shown.push((from, until)),
                Kind::Path if self.is_component(start, end, from, until) => {
                    self.shown.push((start, end));
                }
                Kind::Path | Kind::Name => sees = Sees::Nothing,
                Kind::Identifier if self.names(start, end, (from, until, span)) => {
                    self.shown.push((from, until));
                }
                Kind::Identifier => sees = sees.min(Sees::Codes),
            }
        }
        sees
    }

    /// Whether what this place names did not happen.
    pub(super) fn denies(&self, start: usize, end: usize) -> bool {
        let next = self.lines.partition_point(|(from, _)| *from <= start);
        let from = next.checked_sub(1).map_or(0, |line| self.lines[line].0);
        let until = self
            .lines
            .get(next)
            .map_or(self.folded.len(), |line| line.0);
        // The colon may be a part of the word: `timeout:`.
        let end = end - usize::from(self.folded[start..end].ends_with(':'));
        let behind = self.folded.get(end..until).unwrap_or_default();
        is_denied(&self.folded[from..start], behind)
    }

    /// Whether a rule names a file or a host as such: `pg_hba.conf`, `storage.googleapis.com`.
    fn is_component(&self, start: usize, end: usize, from: usize, until: usize) -> bool {
        let bytes = self.folded.as_bytes();
        let ends = |byte: u8| matches!(byte, b'/' | b'\\' | b':' | b'@' | b' ');
        self.folded[start..end].contains('.')
            && (start <= from || ends(bytes[start - 1]))
            && (end >= until || ends(bytes[end]))
    }

    /// Whether a word has two parts of an identifier or more, or a low line: it is a piece of one itself.
    fn names(&self, start: usize, end: usize, (from, until, span): (usize, usize, Span)) -> bool {
        let name = &self.message[span.start..span.end];
        if name.len() != until - from {
            return false;
        }
        let word = &self.folded[start..end];
        let mut rest = names::parts(name.as_bytes())
            .map(|(first, last)| (from + first, from + last))
            .filter(|(first, _)| *first >= start)
            .peekable();
        let begins = rest
            .peek()
            .is_some_and(|(first, _)| *first == start || word.starts_with('_'));
        begins && (word.contains('_') || rest.take_while(|(first, _)| *first < end).count() >= 2)
    }

    /// What a rule searches. After all words were asked about.
    pub(super) fn text(&self, reads: Reads) -> &str {
        let text = match reads {
            Reads::Words => self.words.get_or_init(|| self.without(|_| true)),
            Reads::Codes => self
                .codes
                .get_or_init(|| self.without(|kind| kind != Kind::Identifier)),
        };
        text.as_deref().unwrap_or(&self.folded)
    }

    /// The text without names of these kinds; `None` where it has none.
    fn without(&self, of: impl Fn(Kind) -> bool) -> Option<String> {
        let mut names = self
            .names
            .iter()
            .filter(|(.., span)| of(span.kind))
            .peekable();
        names.peek()?;
        let mut text = String::with_capacity(self.folded.len());
        for (from, until, _) in names {
            text.push_str(&self.folded[text.len()..*from]);
            for (at, char) in self.folded[*from..*until].char_indices() {
                let is_shown =
                    |(start, end): &(usize, usize)| (*start..*end).contains(&(from + at));
                if self.shown.iter().any(is_shown) {
                    text.push(char);
                } else {
                    (0..char.len_utf8()).for_each(|_| text.push_str(VEIL));
                }
            }
        }
        text.push_str(&self.folded[text.len()..]);
        Some(text)
    }
}

/// A text without its names, for what learns from words.
pub(super) fn without_names(text: &str, out: &mut String) {
    let mut spans = Vec::new();
    names::of(text, &mut spans);
    let mut at = 0;
    for span in spans {
        out.push_str(&text[at..span.start]);
        out.push('#');
        at = span.end;
    }
    out.push_str(&text[at..]);
}
