//! The text of one JSON object as a record, wherever it stood: on a line, in a document, in a message.

use std::io::{Cursor, Read};
use std::marker::PhantomData;

use smartetl_core::model::RejectReason;

use super::flatten::{Flattener, Reason};
use super::record::{Fields, shown};
use super::window::{BOM, Window};
use super::{AtEnd, Damage, Encoding, Item, JsonlSettings, Limits, Position, Record};

/// Makes records of objects.
pub(super) struct Objects {
    encoding: Encoding,
    encoding_guessed: bool,
    flattener: Flattener,
    /// The object, where it had to be decoded.
    decoded: String,
}

impl Objects {
    pub(super) fn new(settings: &JsonlSettings, flattener: Flattener) -> Self {
        // UTF-16 was transcoded before.
        let utf_16 = settings.encoding.is_utf_16();
        Self {
            encoding: if utf_16 {
                Encoding::UTF_8
            } else {
                settings.encoding
            },
            encoding_guessed: settings.encoding_guessed && !utf_16,
            flattener,
            decoded: String::new(),
        }
    }

    /// The record whose text is `own`, if it is one. `raw`: all content bytes that were read for it.
    pub(super) fn item<'a>(&'a mut self, own: &'a [u8], raw: &'a [u8], line: i64) -> Item<'a> {
        let Self {
            encoding,
            encoding_guessed,
            flattener,
            decoded,
        } = self;
        let text = match decode(own, *encoding, *encoding_guessed, decoded) {
            Ok(Some(text)) => Ok(text),
            Ok(None) => Ok(decoded.as_str()),
            Err(reason) => Err(reason),
        };
        match text.and_then(|text| flattener.read(text).map(|()| text)) {
            Ok(text) => Item::Record(Record {
                line,
                raw,
                fields: Fields::Text {
                    text,
                    scratch: flattener.scratch.as_str(),
                    spans: flattener.spans.as_slice(),
                    own,
                    encoding: *encoding,
                },
            }),
            Err(reason) => Item::Damaged(damage(*encoding, reason, own, raw, line)),
        }
    }

    /// What stands in for bytes that are no record.
    pub(super) fn damage<'a>(
        &self,
        reason: Reason,
        own: &'a [u8],
        raw: &'a [u8],
        line: i64,
    ) -> Damage<'a> {
        damage(self.encoding, reason, own, raw, line)
    }
}

fn damage<'a>(
    encoding: Encoding,
    (reason, detail): Reason,
    own: &'a [u8],
    raw: &'a [u8],
    line: i64,
) -> Damage<'a> {
    Damage {
        line,
        reason,
        detail,
        raw,
        shown: shown(own, encoding),
    }
}

/// Gives out the objects of a text, one at a time; `F` says how they stand behind each other.
pub struct ObjectStream<F> {
    pub(super) window: Window,
    pub(super) limits: Limits,
    pub(super) objects: Objects,
    framing: PhantomData<F>,
}

impl<F> ObjectStream<F> {
    /// `input` must stand at content byte `start.byte` (see `Content::skip`). A record has these columns, in this order.
    pub fn open(
        input: impl Read + Send + 'static,
        settings: &JsonlSettings,
        columns: &[String],
        start: Position,
        at_end: AtEnd,
    ) -> Self {
        Self::with_limits(input, settings, columns, start, at_end, Limits::default())
    }

    pub fn with_limits(
        input: impl Read + Send + 'static,
        settings: &JsonlSettings,
        columns: &[String],
        start: Position,
        at_end: AtEnd,
        limits: Limits,
    ) -> Self {
        Self {
            window: Window::new(input, limits.block_bytes, start, at_end),
            limits,
            objects: Objects::new(settings, Flattener::of(columns)),
            framing: PhantomData,
        }
    }

    /// For a sample, whose columns are those that its objects turn out to have.
    pub(super) fn of_sample(sample: &[u8], complete: bool, settings: &JsonlSettings) -> Self {
        let at_end = if complete { AtEnd::Take } else { AtEnd::Leave };
        // The sample is small, so one block holds it.
        let limits = Limits {
            block_bytes: sample.len() + 16,
            ..Limits::default()
        };
        let input = Cursor::new(sample.to_vec());
        Self {
            objects: Objects::new(settings, Flattener::learning()),
            ..Self::with_limits(input, settings, &[], Position::START, at_end, limits)
        }
    }

    /// The columns of its records.
    pub(super) fn into_names(self) -> Vec<String> {
        self.objects.flattener.names
    }

    /// The place behind what was handed out last.
    pub fn position(&self) -> Position {
        self.window.position
    }

    /// After the end: what was left is given out after all, as if the source were complete.
    pub fn take_rest(&mut self) {
        self.window.at_end = AtEnd::Take;
    }
}

/// Makes a record of an object that came by itself, in UTF-8.
pub struct ObjectReader(Objects);

impl ObjectReader {
    /// A record has these columns, in this order.
    pub fn of(columns: &[String]) -> Self {
        let settings = JsonlSettings {
            encoding: Encoding::UTF_8,
            encoding_guessed: false,
        };
        Self(Objects::new(&settings, Flattener::of(columns)))
    }

    /// The record that these bytes are, or the damage.
    pub fn item<'a>(&'a mut self, bytes: &'a [u8], line: i64) -> Item<'a> {
        let own = bytes.strip_prefix(BOM).unwrap_or(bytes);
        self.0.item(own, bytes, line)
    }

    /// Bytes that are not looked at for this reason.
    pub fn refuse<'a>(&self, reason: Reason, bytes: &'a [u8], line: i64) -> Item<'a> {
        Item::Damaged(self.0.damage(reason, bytes, bytes, line))
    }
}

/// The text of an object; `None` where it stands in `decoded` instead.
fn decode<'l>(
    own: &'l [u8],
    encoding: Encoding,
    guessed: bool,
    decoded: &mut String,
) -> Result<Option<&'l str>, Reason> {
    if (encoding == Encoding::UTF_8 || own.is_ascii())
        && let Ok(text) = std::str::from_utf8(own)
    {
        return Ok(Some(text));
    }
    let encoding = if encoding == Encoding::UTF_8 && guessed {
        Encoding::WINDOWS_1252
    } else {
        encoding
    };
    let text = encoding.decode(own).ok_or((
        RejectReason::Encoding,
        "bytes that are no text in the encoding of the source",
    ))?;
    decoded.clear();
    decoded.push_str(&text);
    Ok(None)
}
