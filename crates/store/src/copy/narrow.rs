//! Fewer fields for the server: a column that all tuples of a COPY leave at its default is not named in it.
//!
//! The server takes about 0.1 µs for each field, NULL or not, and logs leave many columns empty: that is more than all the
//! work of the client (`bench/README.md`).

use super::column_names;
use super::tuple::{WHOLE, is_null, split_field};

/// The columns of a table's tuples, and what the server stores where a COPY does not name one: NULL, or the table's default.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    /// In the order of the tuple's fields.
    pub(crate) names: &'static str,
    /// Columns whose default in the table is a value: the bytes of that value.
    pub(crate) defaults: &'static [(&'static str, &'static [u8])],
}

/// Columns by their place in the tuple, one bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named(u64);

/// [`Columns`], made ready to look at many tuples.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    names: Vec<&'static str>,
    defaults: Vec<Option<&'static [u8]>>,
    /// Those that have one.
    with_default: Named,
}

impl Columns {
    pub(crate) fn layout(self) -> Layout {
        let names: Vec<&str> = column_names(self.names).collect();
        let default = |name: &&str| self.defaults.iter().find(|(column, _)| column == name);
        let defaults: Vec<_> = names
            .iter()
            .map(|name| default(name).map(|(_, bytes)| *bytes))
            .collect();
        let with_default = (0..names.len()).filter(|&at| defaults[at].is_some());
        Layout {
            with_default: Named(with_default.fold(0, |bits, at| bits | 1 << at)),
            names,
            defaults,
        }
    }
}

impl Layout {
    /// The columns in which some tuple has another value than the default.
    pub(crate) fn named(&self, mut tuples: &[u8]) -> Named {
        let mut named = Named::default();
        while !tuples.is_empty() {
            tuples = self.look_at(tuples, &mut named);
        }
        named
    }

    /// Adds the columns in which the first of these tuples has another value than the default; gives the tuples behind it.
    pub(crate) fn look_at<'t>(&self, tuples: &'t [u8], named: &mut Named) -> &'t [u8] {
        let (count, mut rest) = tuples.split_first_chunk::<2>().expect(WHOLE);
        for at in 0..u16::from_be_bytes(*count) {
            let (field, behind) = split_field(rest).expect(WHOLE);
            rest = behind;
            let mut bit = u64::from(!is_null(field)) << at;
            if bit & self.with_default.0 & !named.0 != 0
                && self.defaults[usize::from(at)] == Some(&field[4..])
            {
                bit = 0;
            }
            // In place of a default, NULL is a value.
            bit |= u64::from(is_null(field)) << at & self.with_default.0;
            named.0 |= bit;
        }
        rest
    }

    /// These columns, for what [`Named::any_of`] is asked.
    pub(crate) fn columns(&self, wanted: &[&str]) -> Named {
        let names = self.names.iter().enumerate();
        let bits = names.filter(|(_, name)| wanted.contains(name));
        Named(bits.fold(0, |bits, (at, _)| bits | 1 << at))
    }

    /// The list of these columns for a COPY.
    pub(crate) fn list(&self, named: Named) -> String {
        let names = self.names.iter().enumerate();
        let names: Vec<&str> = names
            .filter_map(|(at, name)| named.has(at).then_some(*name))
            .collect();
        names.join(", ")
    }
}

impl Named {
    fn has(self, at: usize) -> bool {
        self.0 >> at & 1 == 1
    }

    pub(crate) fn any_of(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Appends the first of these tuples with these columns only; gives the tuples behind it.
    pub(crate) fn narrow<'t>(self, tuples: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
        out.extend_from_slice(&(self.0.count_ones() as i16).to_be_bytes());
        let (count, mut rest) = tuples.split_first_chunk::<2>().expect(WHOLE);
        // What stands side by side is copied at once.
        let mut from = rest;
        for column in 0..u16::from_be_bytes(*count) {
            let (_, behind) = split_field(rest).expect(WHOLE);
            if !self.has(usize::from(column)) {
                out.extend_from_slice(&from[..from.len() - rest.len()]);
                from = behind;
            }
            rest = behind;
        }
        out.extend_from_slice(&from[..from.len() - rest.len()]);
        rest
    }
}

impl std::ops::BitOrAssign for Named {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Tuple;
    use super::*;

    const COLUMNS: Columns = Columns {
        names: "a, b, c, d",
        defaults: &[("b", &[0])],
    };

    type Row<'r> = (Option<&'r str>, bool, Option<i64>, Option<&'r str>);

    fn tuples(rows: &[Row<'_>]) -> Vec<u8> {
        let mut out = Vec::new();
        for (a, b, c, d) in rows {
            Tuple::new(&mut out, 4)
                .option_text(*a)
                .boolean(*b)
                .option(*c, Tuple::long)
                .option_text(*d);
        }
        out
    }

    fn narrowed(tuples: &[u8]) -> (String, Vec<u8>) {
        let layout = COLUMNS.layout();
        let named = layout.named(tuples);
        let mut out = Vec::new();
        let mut rest = tuples;
        while !rest.is_empty() {
            rest = named.narrow(rest, &mut out);
        }
        (layout.list(named), out)
    }

    #[test]
    fn what_no_row_fills_is_not_named() {
        let (list, bytes) = narrowed(&tuples(&[
            (Some("x"), false, None, None),
            (None, false, Some(7), None),
        ]));
        let mut expected = Vec::new();
        Tuple::new(&mut expected, 2).text("x").null();
        Tuple::new(&mut expected, 2).null().long(7);
        assert_eq!((list.as_str(), bytes), ("a, c", expected));
    }

    #[test]
    fn one_row_with_another_value_than_the_default_names_the_column_for_all() {
        let rows = tuples(&[
            (None, false, None, Some("")),
            (None, true, None, Some("end")),
        ]);
        let (list, bytes) = narrowed(&rows);
        let mut expected = Vec::new();
        Tuple::new(&mut expected, 2).boolean(false).text("");
        Tuple::new(&mut expected, 2).boolean(true).text("end");
        assert_eq!((list.as_str(), bytes), ("b, d", expected));
    }

    #[test]
    fn rows_that_fill_everything_stay_as_they_are() {
        let rows = tuples(&[(Some("x"), true, Some(-1), Some("y"))]);
        assert_eq!(narrowed(&rows), ("a, b, c, d".to_owned(), rows.clone()));
    }
}
