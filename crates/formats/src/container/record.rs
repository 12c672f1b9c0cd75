//! One record, whatever its container, and what stands in for it when it is damaged.

use std::borrow::Cow;

use smartetl_core::model::{Reject, RejectReason};

use super::Encoding;
use super::parquet::Columns;
use super::split::Span;

/// How much of a damaged record is kept for a person to look at.
pub(super) const RAW_SHOWN: usize = 8 * 1024;

/// What a reader hands out, in the order of the source.
#[derive(Debug)]
pub enum Item<'a> {
    Record(Record<'a>),
    /// Bytes that cannot be a record; they count as one.
    Damaged(Damage<'a>),
    /// A long stretch of blank lines, handed out so that it need not be held; it is no record.
    Blank {
        raw: &'a [u8],
    },
}

/// A record that the container itself has to refuse.
#[derive(Debug)]
pub struct Damage<'a> {
    pub line: i64,
    pub reason: RejectReason,
    pub detail: &'static str,
    /// The content bytes of it, with header and blank lines before it.
    pub raw: &'a [u8],
    /// At most 8 KiB, readable, without NUL.
    pub shown: Cow<'a, str>,
}

impl Damage<'_> {
    /// As it is handed on.
    pub fn reject(&self) -> Reject<'_> {
        Reject {
            line: self.line,
            column: None,
            reason: self.reason,
            detail: self.detail,
            raw: &self.shown,
        }
    }
}

/// A time that the container holds as such and not as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypedMoment {
    /// Microseconds since 1970 in UTC.
    Utc(i64),
    /// Microseconds since 1970-01-01 00:00 on the clock on the wall.
    Local(i64),
}

/// The fields of one record. Columns count from 0; an empty field is `None`.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The physical line it starts in (text) or its row (Parquet), from 1.
    pub line: i64,
    /// The content bytes it was made of, with header and blank lines before it; for Parquet a rendering of the
    /// row that depends on nothing but its values. What was read is the concatenation of all of these.
    pub raw: &'a [u8],
    pub(super) fields: Fields<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Fields<'a> {
    Text {
        /// The record's text, or empty when all its fields were decoded into `scratch`.
        text: &'a str,
        scratch: &'a str,
        spans: &'a [Span],
        /// The record's own bytes without line end.
        own: &'a [u8],
        encoding: Encoding,
    },
    Row {
        columns: &'a Columns,
        row: usize,
    },
}

impl<'a> Record<'a> {
    /// How many fields it has.
    pub fn width(&self) -> usize {
        match self.fields {
            Fields::Text { spans, .. } => spans.len(),
            Fields::Row { columns, .. } => columns.width(),
        }
    }

    /// The text of a field; `None` when it is empty, missing or NULL.
    #[inline]
    pub fn get(&self, column: usize) -> Option<&'a str> {
        match self.fields {
            Fields::Text {
                text,
                scratch,
                spans,
                ..
            } => {
                let span = spans.get(column)?;
                if span.start == span.end {
                    return None;
                }
                let source = if span.scratch { scratch } else { text };
                source.get(span.start as usize..span.end as usize)
            }
            Fields::Row { columns, row } => columns.text(column, row),
        }
    }

    /// The time in a field that the container holds as a time.
    pub fn typed_moment(&self, column: usize) -> Option<TypedMoment> {
        match self.fields {
            Fields::Text { .. } => None,
            Fields::Row { columns, row } => columns.moment(column, row),
        }
    }

    /// The integer in a field that the container holds as a number.
    pub fn typed_int(&self, column: usize) -> Option<i64> {
        match self.fields {
            Fields::Text { .. } => None,
            Fields::Row { columns, row } => columns.int(column, row),
        }
    }

    /// The record as a person may see it: at most 8 KiB, without NUL. For Parquet the values, separated by `;`.
    pub fn shown(&self) -> Cow<'a, str> {
        match self.fields {
            Fields::Text { own, encoding, .. } => shown(own, encoding),
            Fields::Row { columns, .. } => {
                let mut line = String::new();
                for column in 0..columns.width() {
                    if column > 0 {
                        line.push(';');
                    }
                    line.push_str(self.get(column).unwrap_or_default());
                    if line.len() > RAW_SHOWN {
                        break;
                    }
                }
                line.truncate(line.floor_char_boundary(RAW_SHOWN));
                Cow::Owned(line.replace('\0', "\u{FFFD}"))
            }
        }
    }
}

/// The readable form of damaged bytes.
pub(super) fn shown(bytes: &[u8], encoding: Encoding) -> Cow<'_, str> {
    let cut = &bytes[..bytes.len().min(RAW_SHOWN)];
    let text = match std::str::from_utf8(cut) {
        Ok(text) => Cow::Borrowed(text),
        // The cut may have gone through a character: that one is left out.
        Err(error) if error.error_len().is_none() && encoding == Encoding::UTF_8 => {
            String::from_utf8_lossy(&cut[..error.valid_up_to()])
        }
        Err(_) if encoding == Encoding::UTF_8 => Encoding::WINDOWS_1252.decode_lossy(cut),
        Err(_) => encoding.decode_lossy(cut),
    };
    let end = text.floor_char_boundary(RAW_SHOWN);
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    };
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{FFFD}"))
    } else {
        text
    }
}
