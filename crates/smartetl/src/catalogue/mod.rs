//! The catalogue of jobs as people keep it: a list in a spreadsheet, with headings in English or French, written out, corrected and
//! read in again. What a job is called stands in the tables; only what people say of it can be changed here.

mod change;
mod column;
mod spreadsheet;
mod store;
mod value;

pub use change::{Change, Changed, Finding, Plan, plan, replaced};
pub use column::{Column, Editable};
pub use spreadsheet::{Spreadsheet, read};
pub use store::{store, without_effect};
pub use value::{link, written};

use crate::night::Lang;
use jiff::tz::TimeZone;
use smartetl_store::catalogue::Entry;

/// What a byte order mark tells Excel: this is UTF-8.
const BOM: &str = "\u{feff}";

/// The catalogue as CSV. In French as French spreadsheets read it: semicolons and a byte order mark.
pub fn csv(entries: &[Entry], zone: &TimeZone, lang: Lang) -> String {
    let (mut text, delimiter) = match lang {
        Lang::En => (String::new(), ','),
        Lang::Fr => (BOM.to_owned(), ';'),
    };
    let columns = Column::ALL;
    let headings = columns.iter().map(|column| column.heading(lang).to_owned());
    line(headings, delimiter, &mut text);
    for entry in entries {
        let values = columns.iter().map(|column| column.value(entry, zone));
        line(values, delimiter, &mut text);
    }
    text
}

fn line(values: impl Iterator<Item = String>, delimiter: char, text: &mut String) {
    for (number, value) in values.enumerate() {
        if number > 0 {
            text.push(delimiter);
        }
        let is_plain = !value.contains([delimiter, '"', '\n', '\r'])
            && value.trim_matches(' ').len() == value.len();
        if is_plain {
            text.push_str(&value);
        } else {
            text.push('"');
            text.push_str(&value.replace('"', "\"\""));
            text.push('"');
        }
    }
    text.push('\n');
}
