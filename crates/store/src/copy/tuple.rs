//! Where tuples and their fields end.
//!
//! A tuple is the number of its fields and the fields; a field is the length of its value and the value. NULL has a length of −1
//! and no value.

/// The first tuple and what follows it; `None` where it is not whole, and at the trailer.
pub(super) fn split_tuple(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (count, mut rest) = bytes.split_first_chunk::<2>()?;
    for _ in 0..u16::try_from(i16::from_be_bytes(*count)).ok()? {
        rest = split_field(rest)?.1;
    }
    Some(bytes.split_at(bytes.len() - rest.len()))
}

/// The first field, length and value, and what follows it; `None` where it is not whole.
#[inline]
pub(super) fn split_field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = i32::from_be_bytes(*bytes.first_chunk::<4>()?);
    bytes.split_at_checked(4 + usize::try_from(length).unwrap_or(0))
}

/// Whether a field, length and value, is NULL.
#[inline]
pub(super) fn is_null(field: &[u8]) -> bool {
    field[0] & 0x80 != 0
}

/// Why tuples that were encoded here can be taken apart.
pub(super) const WHOLE: &str = "only whole tuples are encoded";

/// The tuples of rows that were encoded here, one after the other.
#[derive(Clone, Debug)]
pub struct Tuples<'t>(pub &'t [u8]);

impl<'t> Iterator for Tuples<'t> {
    type Item = &'t [u8];

    fn next(&mut self) -> Option<&'t [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let (tuple, rest) = split_tuple(self.0).expect(WHOLE);
        self.0 = rest;
        Some(tuple)
    }
}
