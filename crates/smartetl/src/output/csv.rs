//! CSV as in RFC 4180 with `\n`, and as PostgreSQL's COPY writes NULL: nothing between the commas.

use super::sheet::{Column, Field};
use std::io::{self, Write};

pub fn header(out: &mut impl Write, columns: &[Column]) -> io::Result<()> {
    line(out, columns.iter().map(|column| Some(column.name.as_str())))
}

pub fn row(out: &mut impl Write, row: &[Field]) -> io::Result<()> {
    line(out, row.iter().map(Option::as_deref))
}

fn line<'a>(out: &mut impl Write, fields: impl Iterator<Item = Option<&'a str>>) -> io::Result<()> {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        match field {
            None => {}
            Some(text) if text.is_empty() || text.contains([',', '"', '\n', '\r']) => {
                write!(out, "\"{}\"", text.replace('"', "\"\""))?;
            }
            Some(text) => out.write_all(text.as_bytes())?,
        }
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_empty_differ_and_specials_are_quoted() {
        let mut text = Vec::new();
        let field = |text: &str| Some(text.to_owned());
        row(
            &mut text,
            &[
                None,
                field(""),
                field("a,b"),
                field("say \"x\"\nend"),
                field("plain"),
            ],
        )
        .expect("writing to memory");
        assert_eq!(text, b",\"\",\"a,b\",\"say \"\"x\"\"\nend\",plain\n");
    }
}
