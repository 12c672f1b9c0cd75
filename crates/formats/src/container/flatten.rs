//! One JSON object as the fields of a record: what is nested goes by its path, `error.message`.
//!
//! No tree is built. The parser hands out each value as the text that it is; strings with escapes alone are copied.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;
use smartetl_core::model::RejectReason;

use super::split::Span;

/// Objects that are nested deeper are refused.
const DEPTH: usize = 32;
/// So many names are learned from a sample, twice as many of them at the top or right below, …
const LEARNED: usize = 1_000;
/// … of so many bytes at most.
const LEARNED_BYTES: usize = 200;

const EMPTY: Span = Span {
    start: 0,
    end: 0,
    scratch: false,
    doubled: false,
    quoted: false,
};

/// Why an object gives no record; the same in words.
pub type Reason = (RejectReason, &'static str);

const TOO_DEEP: Reason = (
    RejectReason::Json,
    "objects that are nested more than 32 deep",
);

/// Takes objects apart.
pub(super) struct Flattener {
    pub(super) names: Vec<String>,
    places: HashMap<String, usize>,
    /// Paths with a column below.
    above: HashSet<String>,
    /// Names that are not known become columns.
    learns: bool,
    /// One for each name.
    pub(super) spans: Vec<Span>,
    pub(super) scratch: String,
    path: String,
    /// Where the next value of an object like the one before belongs.
    expected: usize,
    refused: Option<Reason>,
}

impl Flattener {
    /// For these columns; what else an object holds is passed over.
    pub(super) fn of(names: &[String]) -> Self {
        let mut flattener = Self {
            names: Vec::new(),
            places: HashMap::new(),
            above: HashSet::new(),
            learns: false,
            spans: Vec::new(),
            scratch: String::new(),
            path: String::new(),
            expected: 0,
            refused: None,
        };
        for name in names {
            flattener.add(name);
        }
        flattener
    }

    /// For the columns that objects turn out to have.
    pub(super) fn learning() -> Self {
        Self {
            learns: true,
            ..Self::of(&[])
        }
    }

    fn add(&mut self, name: &str) -> usize {
        let place = self.names.len();
        for (point, _) in name.match_indices('.') {
            self.above.insert(name[..point].to_owned());
        }
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        self.spans.push(EMPTY);
        place
    }

    /// Reads the fields of an object from its text, which they point into where `scratch` does not hold them.
    pub(super) fn read(&mut self, text: &str) -> Result<(), Reason> {
        self.spans.fill(EMPTY);
        self.scratch.clear();
        self.path.clear();
        self.expected = 0;
        self.refused = None;
        let mut parser = serde_json::Deserializer::from_str(text);
        let object = Object {
            flattener: self,
            text,
            depth: 1,
        };
        let read = object.deserialize(&mut parser).and_then(|()| parser.end());
        read.map_err(|error| {
            self.refused.unwrap_or(if error.is_data() {
                (RejectReason::Json, "no JSON object")
            } else {
                (RejectReason::Json, "no JSON: it is damaged or cut")
            })
        })
    }

    /// Where the value at the path in the making belongs.
    #[inline]
    fn place(&mut self) -> Option<usize> {
        let place = if self
            .names
            .get(self.expected)
            .is_some_and(|name| *name == self.path)
        {
            self.expected
        } else {
            *self.places.get(self.path.as_str())?
        };
        self.expected = place + 1;
        Some(place)
    }

    fn learn(&mut self) -> Option<usize> {
        // What is nested may be without end; what stands at the top says what the object is.
        let is_top = self.path.bytes().filter(|byte| *byte == b'.').count() < 2;
        let most = if is_top { 2 * LEARNED } else { LEARNED };
        let good = self.learns
            && self.names.len() < most
            && (1..=LEARNED_BYTES).contains(&self.path.len())
            && !self.path.contains(char::is_control);
        good.then(|| {
            let name = self.path.clone();
            self.add(&name)
        })
    }

    /// Takes the value at the path in the making, which belongs at `place` if that is known.
    fn take(
        &mut self,
        place: Option<usize>,
        text: &str,
        value: &str,
        depth: usize,
    ) -> Result<(), Reason> {
        let first = value.as_bytes().first().copied();
        let is_object = first == Some(b'{');
        let place = match place {
            None if !is_object => self.learn(),
            place => place,
        };
        if let Some(place) = place {
            self.spans[place] = self.field(text, value)?;
        }
        let descends = is_object && (self.learns || self.above.contains(self.path.as_str()));
        if !descends {
            return Ok(());
        }
        if depth == DEPTH {
            return Err(TOO_DEEP);
        }
        let object = Object {
            flattener: self,
            text,
            depth: depth + 1,
        };
        let read = object.deserialize(&mut serde_json::Deserializer::from_str(value));
        read.map_err(|_| {
            let unknown = (RejectReason::Json, "no JSON: it is damaged or cut");
            self.refused.unwrap_or(unknown)
        })
    }

    /// Where a value stands. Strings are told without quotes and escapes, null is nothing, all else as it is written.
    #[inline]
    fn field(&mut self, text: &str, value: &str) -> Result<Span, Reason> {
        // The value is a part of the text.
        let start = value.as_ptr().addr() - text.as_ptr().addr();
        let within = |start: usize, end: usize| Span {
            start: start as u32,
            end: end as u32,
            ..EMPTY
        };
        match value.as_bytes() {
            [b'"', inside @ .., b'"'] if memchr::memchr(b'\\', inside).is_none() => {
                Ok(within(start + 1, start + 1 + inside.len()))
            }
            [b'"', ..] => {
                let from = self.scratch.len();
                let mut parser = serde_json::Deserializer::from_str(value);
                let copied = Text(&mut self.scratch).deserialize(&mut parser);
                copied.map_err(|_| (RejectReason::BadValue, "half a character in a string"))?;
                if self.scratch[from..].contains('\0') {
                    return Err((
                        RejectReason::BadValue,
                        "a NUL character, which no text in PostgreSQL can hold",
                    ));
                }
                Ok(Span {
                    scratch: true,
                    ..within(from, self.scratch.len())
                })
            }
            b"null" => Ok(EMPTY),
            _ => Ok(within(start, start + value.len())),
        }
    }
}

/// An object in the making: its values go to the flattener as they are read.
struct Object<'f, 't> {
    flattener: &'f mut Flattener,
    text: &'t str,
    depth: usize,
}

impl<'t> DeserializeSeed<'t> for Object<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_map(self)
    }
}

impl<'t> Visitor<'t> for Object<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'t>>(self, mut map: M) -> Result<(), M::Error> {
        let flattener = self.flattener;
        let prefix = flattener.path.len();
        loop {
            flattener.path.truncate(prefix);
            if prefix > 0 {
                flattener.path.push('.');
            }
            if map.next_key_seed(Text(&mut flattener.path))?.is_none() {
                break;
            }
            let place = flattener.place();
            if place.is_none() && !flattener.learns {
                if flattener.above.contains(flattener.path.as_str()) {
                    map.next_value_seed(Below(Object {
                        flattener: &mut *flattener,
                        text: self.text,
                        depth: self.depth + 1,
                    }))?;
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
                continue;
            }
            let value: &'t RawValue = map.next_value()?;
            if let Err(reason) = flattener.take(place, self.text, value.get(), self.depth) {
                flattener.refused = Some(reason);
                return Err(M::Error::custom(reason.1));
            }
        }
        flattener.path.truncate(prefix);
        Ok(())
    }
}

/// What may be an object with columns in it. It is gone through once, and nothing but an object has any.
struct Below<'f, 't>(Object<'f, 't>);

impl<'t> DeserializeSeed<'t> for Below<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Below<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<M: MapAccess<'t>>(self, map: M) -> Result<(), M::Error> {
        if self.0.depth > DEPTH {
            self.0.flattener.refused = Some(TOO_DEEP);
            return Err(M::Error::custom(TOO_DEEP.1));
        }
        self.0.visit_map(map)
    }

    fn visit_seq<S: SeqAccess<'t>>(self, mut list: S) -> Result<(), S::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Puts a string behind a text.
struct Text<'s>(&'s mut String);

impl<'t> DeserializeSeed<'t> for Text<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_str(self)
    }
}

impl Visitor<'_> for Text<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.push_str(text);
        Ok(())
    }
}
