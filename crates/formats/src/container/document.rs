//! Reading JSON documents: one object, a list of objects, or several behind each other, each over as many lines as it likes.
//!
//! Between objects nothing counts but brackets and commas, so that reading can go on behind any of them. A damaged object costs
//! only itself where the next one begins on a line of its own, no deeper than it began itself.

use smartetl_core::model::RejectReason;

use super::flatten::Reason;
use super::jsonl::TOO_LONG;
use super::object::ObjectStream;
use super::window::BLANK_BYTES;
use super::{AtEnd, ContainerError, Item, Position};

/// Lists and objects that are nested deeper are damage.
const DEPTH: usize = 512;

const NO_OBJECT: Reason = (RejectReason::Json, "no JSON object");
const DAMAGED: Reason = (RejectReason::Json, "no JSON: it is damaged or cut");

/// Objects stand in a document, with nothing but brackets, commas and blanks between them.
pub struct Document;

/// Gives out the objects of a document, one at a time.
pub type DocumentReader = ObjectStream<Document>;

/// What stands at a place where a record begins; ends count from the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Object(usize),
    /// Damage up to there, or to where the next object begins.
    Damage(usize, Reason),
    /// It takes more content to tell.
    More,
}

impl DocumentReader {
    /// After the end: whether more than blanks, brackets and commas was left.
    pub fn leaves_line(&self) -> bool {
        !self.window.ahead().iter().all(|byte| is_filler(*byte))
    }

    /// The next record and the position behind it; `None` at the end, and again `None` after it.
    ///
    /// # Errors
    /// When the source cannot be read on or its compressed data is cut; all whole records before were handed out.
    #[expect(
        clippy::should_implement_trait,
        reason = "the record borrows from the reader"
    )]
    pub fn next(&mut self) -> Result<Option<(Item<'_>, Position)>, ContainerError> {
        // Counts from `taken`, which moves when the buffer is filled.
        let mut ahead = self.window.mark()?;
        loop {
            let known = self.window.ahead();
            if let Some(at) = known[ahead..].iter().position(|byte| !is_filler(*byte)) {
                ahead += at;
                break;
            }
            ahead = known.len();
            if ahead >= BLANK_BYTES {
                return Ok(Some(self.blank(ahead)));
            }
            if self.window.ended {
                return self.window.end();
            }
            self.window.fill()?;
        }
        let indent = indent(&self.window.ahead()[..ahead]);
        let mut scan = Scan::default();
        loop {
            let known = &self.window.ahead()[ahead..];
            // No more than a record may have is looked at, so that the answer does not depend on how much is in the buffer.
            let most = known.len().min(self.limits.record_bytes + 1);
            let found = scan.find(&known[..most], indent);
            return Ok(match found {
                Found::Object(length) if length <= self.limits.record_bytes => {
                    Some(self.hand_out(ahead, length, None))
                }
                Found::Damage(length, reason) if length <= self.limits.record_bytes => {
                    Some(self.hand_out(ahead, length, Some(reason)))
                }
                _ if most > self.limits.record_bytes => {
                    Some(self.hand_out(ahead, self.limits.record_bytes, Some(TOO_LONG)))
                }
                _ if !self.window.ended => {
                    self.window.fill()?;
                    continue;
                }
                _ if self.window.at_end == AtEnd::Leave => None,
                _ => {
                    let rest = &self.window.ahead()[ahead..];
                    let length = next_object(rest, indent).unwrap_or(rest.len());
                    Some(self.hand_out(ahead, length, Some(DAMAGED)))
                }
            });
        }
    }

    /// Hands out what stands behind `ahead` bytes of no meaning, as a record or as damage.
    fn hand_out(
        &mut self,
        ahead: usize,
        length: usize,
        damage: Option<Reason>,
    ) -> (Item<'_>, Position) {
        let start = self.window.taken + ahead;
        let end = start + length;
        let lines = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).count() as i64;
        let line = self.window.position.line + lines(&self.window.buffer[self.window.taken..start]);
        let behind = line + lines(&self.window.buffer[start..end]);
        self.window.position.record += 1;
        let from = self.window.take(end, behind);
        let raw = &self.window.buffer[from..end];
        let own = &self.window.buffer[start..end];
        let item = match damage {
            None => self.objects.item(own, raw, line),
            Some(reason) => Item::Damaged(self.objects.damage(reason, own, raw, line)),
        };
        (item, self.window.position)
    }

    fn blank(&mut self, length: usize) -> (Item<'_>, Position) {
        let end = self.window.taken + length;
        let lines = memchr::memchr_iter(b'\n', &self.window.ahead()[..length]).count();
        let line = self.window.position.line + lines as i64;
        let from = self.window.take(end, line);
        let raw = &self.window.buffer[from..end];
        (Item::Blank { raw }, self.window.position)
    }
}

/// What stands between the objects of a document: white space, and the brackets and commas of lists.
pub(super) fn is_filler(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'[' | b']' | b',')
}

/// Whether the beginning of a text is that of a document whose first object goes on behind it.
pub(super) fn is_open(sample: &[u8]) -> bool {
    let Some(start) = sample.iter().position(|byte| !is_filler(*byte)) else {
        return false;
    };
    sample[start] == b'{' && Scan::default().find(&sample[start..], 0) == Found::More
}

/// How far the line is indented that ends a stretch between objects; 0 where they share a line.
fn indent(between: &[u8]) -> usize {
    let line_end = memchr::memrchr(b'\n', between);
    line_end.map_or(0, |at| between.len() - at - 1)
}

/// Where, in the rest of a damaged object, the next one begins: on a line that is indented no deeper, also behind what closes the
/// damaged one.
fn next_object(rest: &[u8], indent: usize) -> Option<usize> {
    memchr::memchr_iter(b'\n', rest).find_map(|at| {
        let line = &rest[at + 1..];
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let deep = line.iter().take_while(|byte| is_blank(byte)).count();
        let closes = |byte: &u8| is_blank(byte) || matches!(byte, b'}' | b']' | b',');
        let begin = line.iter().take_while(|byte| closes(byte)).count();
        let is_next = deep <= indent && line.get(begin) == Some(&b'{');
        // A line of its own belongs to the next one, so that its depth is known.
        let own = line[..begin].iter().all(is_blank);
        is_next.then_some(if own { at } else { at + 1 + begin })
    })
}

/// Looks for the end of what begins at a place, and goes on where it stopped when there is more.
#[derive(Debug, Default)]
struct Scan {
    /// So much was looked at.
    at: usize,
    /// What is open: lists and objects.
    open: Vec<u8>,
    /// The last byte outside of strings that is no white space.
    before: u8,
    in_string: bool,
    escaped: bool,
    broken: bool,
}

impl Scan {
    /// `text`: what is known from the place on, no less than before.
    fn find(&mut self, text: &[u8], indent: usize) -> Found {
        if text.first() != Some(&b'{') {
            let end = memchr::memchr2(b'{', b'\n', text);
            return end.map_or(Found::More, |end| Found::Damage(end, NO_OBJECT));
        }
        while !self.broken && self.at < text.len() {
            if self.in_string && !self.escaped {
                let special = memchr::memchr3(b'"', b'\\', b'\n', &text[self.at..]);
                self.at += special.unwrap_or(text.len() - self.at);
                if special.is_none() {
                    break;
                }
            }
            self.broken = !self.take(text[self.at]);
            self.at += 1;
            if self.open.is_empty() {
                return Found::Object(self.at);
            }
        }
        if self.broken {
            let end = next_object(text, indent);
            return end.map_or(Found::More, |end| Found::Damage(end, DAMAGED));
        }
        Found::More
    }

    /// Goes over a byte; `false` where none like it may stand. What is not looked at here is left to the parser.
    fn take(&mut self, byte: u8) -> bool {
        if self.in_string {
            // A string that goes over the line has no end.
            let broken = byte == b'\n';
            self.in_string = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            return !broken;
        }
        let within = self.open.last().copied();
        let good = match byte {
            b'{' | b'[' => {
                let first = within.is_none();
                let value = self.before == b':'
                    || within == Some(b'[') && matches!(self.before, b'[' | b',');
                self.open.push(byte);
                (first || value) && self.open.len() <= DEPTH
            }
            b'}' | b']' => {
                let opened = self.open.pop();
                opened == Some(if byte == b'}' { b'{' } else { b'[' })
            }
            b',' => !matches!(self.before, b'{' | b'[' | b',' | b':'),
            b'"' => {
                self.in_string = true;
                !matches!(self.before, b'"' | b'}' | b']')
            }
            _ => true,
        };
        if !byte.is_ascii_whitespace() {
            self.before = byte;
        }
        good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Found) {
        assert_eq!(Scan::default().find(text.as_bytes(), 0), expected, "{text}");
        // In pieces it is the same.
        let mut scan = Scan::default();
        let mut found = Found::More;
        for length in 1..=text.len() {
            found = scan.find(&text.as_bytes()[..length], 0);
            if found != Found::More {
                break;
            }
        }
        assert_eq!(found, expected, "{text} in pieces");
    }

    #[test]
    fn an_object_ends_where_its_brace_does() {
        check("{}", Found::Object(2));
        check(
            "{\"a\": {\"b\": [1, {\"c\": \"}\\\"}\"}]}} rest",
            Found::Object(32),
        );
        check("{\"a\": \"\\\\\"}", Found::Object(11));
        check("{\"a\": [[], [{}]], \"b\": \"\"}", Found::Object(26));
        check("{\"a\": {", Found::More);
    }

    #[test]
    fn damage_is_seen_where_it_stands_and_ends_before_the_next_object() {
        for damaged in [
            "{\"a\": \"x,\n\"b\": 1}",
            "{\"a\": {\"b\": 1,\n\"c\": 2],",
            "{\"a\": 1,\n{\"x\": 1},",
            "{\"a\": [1,, 2]},",
            "{\"a\": 1}\"}]",
        ] {
            let text = format!("{damaged}\n  {{\"deep\": 1}}\n{{\"next\": 1}}");
            let expected = match damaged.find("\n{") {
                _ if damaged.starts_with("{\"a\": 1}") => Found::Object(8),
                Some(at) => Found::Damage(at, DAMAGED),
                None => Found::Damage(damaged.len() + 14, DAMAGED),
            };
            check(&text, expected);
        }
        check("no object {\"a\": 1}", Found::Damage(10, NO_OBJECT));
        check("{\"a\": \"\n}, {\"next\": 1}", Found::Damage(11, DAMAGED));
    }

    #[test]
    fn what_is_nested_too_deep_is_damage() {
        let deep = "{\"a\":".repeat(DEPTH + 1);
        check(&format!("{deep}\n{{}}"), Found::Damage(deep.len(), DAMAGED));
    }
}
