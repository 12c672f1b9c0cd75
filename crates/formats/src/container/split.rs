//! Finding the end of one CSV record and its fields in a block of bytes. Pure; knows no encoding, because all
//! encodings that come here keep ASCII bytes as they are.

use memchr::{memchr, memchr2, memchr2_iter, memchr3_iter};

/// Where a field stands. Offsets count from the start of its record, or in the scratch text when `scratch` is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub start: u32,
    pub end: u32,
    /// The field stands in the scratch text: it had doubled quotes or had to be decoded.
    pub scratch: bool,
    /// The field holds doubled quotes that stand for one.
    pub doubled: bool,
    /// The field was quoted.
    pub quoted: bool,
}

/// How one record is told apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Syntax {
    pub delimiter: u8,
    pub quote: Option<u8>,
    /// A quote must be closed within so many bytes, …
    pub quote_bytes: usize,
    /// … and so many line ends.
    pub quote_lines: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Split {
    /// The record ends at `text_end`, its line end at `end`; `lines` physical lines.
    Record {
        text_end: usize,
        end: usize,
        lines: i64,
    },
    /// The end is not in the data yet.
    More,
    /// A quote that is not closed, or closed in the middle of a field; the first line is
    /// to be given up. `at_end`: the data ended before the quote was closed.
    Damaged { at_end: bool },
}

enum Quoted {
    /// The closing quote stands at this place.
    Closed {
        at: usize,
        doubled: bool,
        lines: i64,
    },
    More,
    Damaged {
        at_end: bool,
    },
}

/// Splits the record that starts at `start`. `last`: nothing follows `data`. `spans` is emptied first.
pub(super) fn split(
    data: &[u8],
    start: usize,
    syntax: &Syntax,
    last: bool,
    spans: &mut Vec<Span>,
) -> Split {
    spans.clear();
    let mut at = start;
    let mut lines = 1;
    'fields: loop {
        if syntax
            .quote
            .is_some_and(|quote| data.get(at) == Some(&quote))
        {
            let (close, doubled) = match quoted(data, at, syntax, last) {
                Quoted::Closed {
                    at,
                    doubled,
                    lines: inside,
                } => {
                    lines += inside;
                    (at, doubled)
                }
                Quoted::More => return Split::More,
                Quoted::Damaged { at_end } => return Split::Damaged { at_end },
            };
            spans.push(Span {
                start: (at + 1 - start) as u32,
                end: (close - start) as u32,
                scratch: false,
                doubled,
                quoted: true,
            });
            match data.get(close + 1) {
                Some(byte) if *byte == syntax.delimiter => {
                    at = close + 2;
                    continue 'fields;
                }
                Some(_) => {
                    return match line_end(data, close + 1, last) {
                        Some(end) => Split::Record {
                            text_end: close + 1,
                            end,
                            lines,
                        },
                        None => Split::More,
                    };
                }
                None => {
                    return Split::Record {
                        text_end: close + 1,
                        end: close + 1,
                        lines,
                    };
                }
            }
        }
        let base = at;
        for hit in memchr3_iter(syntax.delimiter, b'\n', b'\r', &data[base..]) {
            let hit = base + hit;
            spans.push(Span {
                start: (at - start) as u32,
                end: (hit - start) as u32,
                scratch: false,
                doubled: false,
                quoted: false,
            });
            if data[hit] != syntax.delimiter {
                return match line_end(data, hit, last) {
                    Some(end) => Split::Record {
                        text_end: hit,
                        end,
                        lines,
                    },
                    None => Split::More,
                };
            }
            at = hit + 1;
            if syntax
                .quote
                .is_some_and(|quote| data.get(at) == Some(&quote))
            {
                continue 'fields;
            }
        }
        if !last {
            return Split::More;
        }
        spans.push(Span {
            start: (at - start) as u32,
            end: (data.len() - start) as u32,
            scratch: false,
            doubled: false,
            quoted: false,
        });
        return Split::Record {
            text_end: data.len(),
            end: data.len(),
            lines,
        };
    }
}

/// The quoted field that opens at `open`.
fn quoted(data: &[u8], open: usize, syntax: &Syntax, last: bool) -> Quoted {
    let quote = data[open];
    let limit = open.saturating_add(syntax.quote_bytes);
    let stop = data.len().min(limit);
    let mut from = open + 1;
    let mut doubled = false;
    loop {
        let Some(found) = data.get(from..stop).and_then(|rest| memchr(quote, rest)) else {
            return if limit <= data.len() {
                Quoted::Damaged { at_end: false }
            } else if last {
                Quoted::Damaged { at_end: true }
            } else {
                Quoted::More
            };
        };
        let close = from + found;
        match data.get(close + 1) {
            Some(next) if *next == quote => {
                doubled = true;
                from = close + 2;
            }
            Some(next) if *next != syntax.delimiter && *next != b'\n' && *next != b'\r' => {
                return Quoted::Damaged { at_end: false };
            }
            None if !last => return Quoted::More,
            _ => {
                let lines = count_line_ends(&data[open..close]);
                return if lines > syntax.quote_lines as i64 {
                    // At the end another quote may still follow, and make it a doubled one.
                    Quoted::Damaged {
                        at_end: close + 1 == data.len(),
                    }
                } else {
                    Quoted::Closed {
                        at: close,
                        doubled,
                        lines,
                    }
                };
            }
        }
    }
}

/// The place behind the line end at `at`, which holds CR or LF; `None` when an LF may still follow a CR.
pub(super) fn line_end(data: &[u8], at: usize, last: bool) -> Option<usize> {
    if data[at] == b'\n' {
        return Some(at + 1);
    }
    match data.get(at + 1) {
        Some(b'\n') => Some(at + 2),
        Some(_) => Some(at + 1),
        None => last.then_some(at + 1),
    }
}

/// The text end and the line end of the physical line at `start`; `None` when the line is not complete.
pub(super) fn physical_line(data: &[u8], start: usize, last: bool) -> Option<(usize, usize)> {
    match memchr2(b'\n', b'\r', &data[start..]) {
        Some(found) => line_end(data, start + found, last).map(|end| (start + found, end)),
        None => last.then_some((data.len(), data.len())),
    }
}

/// How many line ends (LF, CR LF or CR) stand in `data`.
pub(super) fn count_line_ends(data: &[u8]) -> i64 {
    memchr2_iter(b'\n', b'\r', data)
        .filter(|at| data[*at] == b'\n' || data.get(at + 1) != Some(&b'\n'))
        .count() as i64
}
