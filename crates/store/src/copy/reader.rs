//! Tuples out of a binary COPY stream that arrives in pieces.

use smartetl_core::model::Moment;
use uuid::Uuid;

use super::tuple::{is_null, split_field, split_tuple};
use super::{HEADER, POSTGRES_EPOCH_US, TRAILER};

/// What the server sent does not fit what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the server's COPY data ends in the middle of a tuple")]
    Short,
    #[error("the server's COPY data has NULL where a value must be")]
    Null,
    #[error("the server's COPY data has a field of {0} bytes where another width must be")]
    Width(usize),
    #[error("the server's COPY data holds text that is no UTF-8")]
    Text,
    #[error("`{0}` is stored, but this version of smartETL does not know the word")]
    Word(String),
}

/// Collects pieces of a stream and gives whole tuples.
#[derive(Debug, Default)]
pub struct TupleReader {
    buffer: Vec<u8>,
    at: usize,
    started: bool,
}

impl TupleReader {
    /// Takes the next piece of the stream.
    pub fn push(&mut self, piece: &[u8]) {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.extend_from_slice(piece);
        if !self.started && self.buffer.len() >= HEADER.len() {
            self.at = HEADER.len();
            self.started = true;
        }
    }

    /// The bytes of the next tuple: field count and fields. `None` until the rest of it is pushed, and at the end.
    pub fn next_tuple(&mut self) -> Option<&[u8]> {
        if !self.started {
            return None;
        }
        let (tuple, _) = split_tuple(&self.buffer[self.at..])?;
        self.at += tuple.len();
        Some(tuple)
    }

    /// To be called when the stream is over and all tuples are taken.
    ///
    /// # Errors
    /// When its trailer is missing: the last tuples are missing too, then.
    pub fn end(&self) -> Result<(), DecodeError> {
        if self.started && self.buffer[self.at..] == *TRAILER {
            Ok(())
        } else {
            Err(DecodeError::Short)
        }
    }
}

/// The fields of a tuple, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'t> {
    rest: &'t [u8],
}

impl<'t> Fields<'t> {
    /// # Errors
    /// When there is no field count.
    pub fn of(tuple: &'t [u8]) -> Result<Self, DecodeError> {
        Ok(Self {
            rest: tuple.get(2..).ok_or(DecodeError::Short)?,
        })
    }

    /// The bytes of the next field, whatever it holds; `None` is NULL.
    pub fn field(&mut self) -> Result<Option<&'t [u8]>, DecodeError> {
        let (field, rest) = split_field(self.rest).ok_or(DecodeError::Short)?;
        self.rest = rest;
        Ok((!is_null(field)).then(|| &field[4..]))
    }

    /// Passes over fields.
    pub fn skip(&mut self, count: usize) -> Result<(), DecodeError> {
        (0..count).try_for_each(|_| self.field().map(|_| ()))
    }

    /// How many bytes there are behind.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    fn option_fixed<const N: usize>(&mut self) -> Result<Option<[u8; N]>, DecodeError> {
        self.field()?
            .map(|bytes| {
                bytes
                    .try_into()
                    .map_err(|_| DecodeError::Width(bytes.len()))
            })
            .transpose()
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        self.option_fixed()?.ok_or(DecodeError::Null)
    }

    pub fn option_text(&mut self) -> Result<Option<&'t str>, DecodeError> {
        self.field()?
            .map(|bytes| std::str::from_utf8(bytes).map_err(|_| DecodeError::Text))
            .transpose()
    }

    pub fn text(&mut self) -> Result<&'t str, DecodeError> {
        self.option_text()?.ok_or(DecodeError::Null)
    }

    pub fn long(&mut self) -> Result<i64, DecodeError> {
        self.fixed().map(i64::from_be_bytes)
    }

    pub fn option_long(&mut self) -> Result<Option<i64>, DecodeError> {
        Ok(self.option_fixed()?.map(i64::from_be_bytes))
    }

    pub fn int(&mut self) -> Result<i32, DecodeError> {
        self.fixed().map(i32::from_be_bytes)
    }

    pub fn option_int(&mut self) -> Result<Option<i32>, DecodeError> {
        Ok(self.option_fixed()?.map(i32::from_be_bytes))
    }

    pub fn real(&mut self) -> Result<f32, DecodeError> {
        self.fixed().map(f32::from_be_bytes)
    }

    pub fn option_short(&mut self) -> Result<Option<i16>, DecodeError> {
        Ok(self.option_fixed()?.map(i16::from_be_bytes))
    }

    pub fn option_real(&mut self) -> Result<Option<f32>, DecodeError> {
        Ok(self.option_fixed()?.map(f32::from_be_bytes))
    }

    /// A one-dimensional array without NULLs.
    pub fn option_array<T>(
        &mut self,
        item: fn(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<Vec<T>>, DecodeError> {
        let Some(bytes) = self.field()? else {
            return Ok(None);
        };
        let (start, rest) = bytes
            .split_first_chunk::<12>()
            .ok_or(DecodeError::Width(bytes.len()))?;
        if start[..4] == [0; 4] {
            return Ok(Some(Vec::new()));
        }
        let (dimension, rest) = rest
            .split_first_chunk::<8>()
            .ok_or(DecodeError::Width(bytes.len()))?;
        let count = i32::from_be_bytes([dimension[0], dimension[1], dimension[2], dimension[3]]);
        let mut items = Self { rest };
        (0..count)
            .map(|_| item(&mut items))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    pub fn boolean(&mut self) -> Result<bool, DecodeError> {
        self.fixed::<1>().map(|[byte]| byte != 0)
    }

    pub fn option_boolean(&mut self) -> Result<Option<bool>, DecodeError> {
        Ok(self.option_fixed::<1>()?.map(|[byte]| byte != 0))
    }

    pub fn moment(&mut self) -> Result<Moment, DecodeError> {
        Ok(Moment(self.long()?.saturating_add(POSTGRES_EPOCH_US)))
    }

    pub fn option_moment(&mut self) -> Result<Option<Moment>, DecodeError> {
        let since_2000 = self.option_long()?;
        Ok(since_2000.map(|us| Moment(us.saturating_add(POSTGRES_EPOCH_US))))
    }

    pub fn option_uuid(&mut self) -> Result<Option<Uuid>, DecodeError> {
        Ok(self.option_fixed()?.map(Uuid::from_bytes))
    }

    pub fn uuid(&mut self) -> Result<Uuid, DecodeError> {
        self.fixed().map(Uuid::from_bytes)
    }

    pub fn word<T>(&mut self, parse: fn(&str) -> Option<T>) -> Result<T, DecodeError> {
        let word = self.text()?;
        parse(word).ok_or_else(|| DecodeError::Word(word.to_owned()))
    }

    pub fn option_word<T>(
        &mut self,
        parse: fn(&str) -> Option<T>,
    ) -> Result<Option<T>, DecodeError> {
        self.option_text()?
            .map(|word| parse(word).ok_or_else(|| DecodeError::Word(word.to_owned())))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Tuple;
    use super::*;

    #[test]
    fn a_stream_that_is_cut_is_no_short_stream() {
        let mut stream = HEADER.to_vec();
        for number in 0..3 {
            Tuple::new(&mut stream, 2).long(number).null();
        }
        stream.extend_from_slice(TRAILER);
        for length in 0..=stream.len() {
            let mut reader = TupleReader::default();
            for piece in stream[..length].chunks(7) {
                reader.push(piece);
            }
            let tuples = std::iter::from_fn(|| reader.next_tuple().map(<[u8]>::len));
            let whole = tuples.collect::<Vec<_>>().len() == 3;
            assert_eq!(reader.end().is_ok(), length == stream.len(), "{length}");
            assert!(whole || reader.end().is_err(), "{length}");
        }
    }
}
