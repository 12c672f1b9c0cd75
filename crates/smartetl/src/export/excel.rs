//! A workbook of one sheet: a heading that stays, a filter, real dates. Excel knows no zones, so moments are local ones.
//!
//! Texts are written as texts: one that begins like a formula is none.

use std::fs::File;
use std::io::Write as _;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rust_xlsxwriter::{Format, Workbook, Worksheet};

use super::Writer;
use super::csv::date;
use super::value::{Column, Value, each, shown};
use crate::errors::{ErrorCode, Failure};

/// Excel's limits ("Excel specifications and limits", Microsoft): rows of a sheet, characters of a cell.
const MOST_ROWS: u32 = 1_048_576;
const MOST_CHARS: usize = 32_767;
/// Larger whole numbers lose digits in a cell, so they are written as texts.
const MOST_EXACT: u64 = 1 << 53;
/// The day that Excel calls 0, for all days from March 1900 on.
const DAY_ZERO: Date = Date::constant(1899, 12, 30);
const MICROSECONDS_PER_DAY: f64 = 86_400e6;
const SHEET: u32 = 0;

pub(super) struct Excel {
    workbook: Workbook,
    file: File,
    columns: Vec<Column>,
    zone: TimeZone,
    moment: Format,
    date: Format,
    time: Format,
    next_row: u32,
}

impl Excel {
    pub(super) fn begin(file: File, columns: Vec<Column>, zone: TimeZone) -> anyhow::Result<Self> {
        let mut workbook = Workbook::new();
        let heading = Format::new().set_bold();
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        for (number, column) in (0..).zip(shown(&columns)) {
            sheet.write_string_with_format(0, number, &column.name, &heading)?;
            let width = column.name.chars().count().clamp(8, 24) as f64;
            sheet.set_column_width(number, width + 2.0)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        Ok(Self {
            workbook,
            file,
            columns,
            zone,
            moment: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            time: Format::new().set_num_format("hh:mm"),
            next_row: 1,
        })
    }
}

impl Writer for Excel {
    fn tuple(&mut self, tuple: &[u8]) -> anyhow::Result<()> {
        if self.next_row == MOST_ROWS {
            return Err(Failure::new(
                ErrorCode::Usage,
                [
                    format!("a sheet of Excel holds {MOST_ROWS} rows, and there are more"),
                    format!("une feuille Excel contient {MOST_ROWS} lignes au plus, et il y en a davantage"),
                ],
            )
            .hint([
                "write .parquet or .csv, or choose fewer rows, for example with --since",
                "écrivez en .parquet ou en .csv, ou choisissez moins de lignes, par exemple avec --since",
            ])
            .into());
        }
        let row = self.next_row;
        let sheet = self.workbook.worksheet_from_index(SHEET as usize)?;
        let formats = [&self.moment, &self.date, &self.time];
        let zone = &self.zone;
        each(tuple, &self.columns, |number, value| {
            if let Some(value) = value {
                cell(sheet, row, number as u16, &value, formats, zone)?;
            }
            anyhow::Ok(())
        })?;
        self.next_row += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        let last = shown(&self.columns).count().saturating_sub(1) as u16;
        let sheet = self.workbook.worksheet_from_index(SHEET as usize)?;
        sheet.autofilter(0, 0, self.next_row - 1, last)?;
        // Where there is no room, the file says so itself: the library would say it in its own words, and on stderr.
        let bytes = self.workbook.save_to_buffer()?;
        (&self.file).write_all(&bytes)?;
        Ok(())
    }
}

fn cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    value: &Value<'_>,
    [moment, day, time]: [&Format; 3],
    zone: &TimeZone,
) -> anyhow::Result<()> {
    match value {
        Value::Bool(value) => sheet.write_boolean(row, column, *value),
        Value::Int(value) if value.unsigned_abs() <= MOST_EXACT => {
            sheet.write_number(row, column, *value as f64)
        }
        Value::Int(value) => sheet.write_string(row, column, value.to_string()),
        // By way of its text, so that 0.95 does not become 0.949999988.
        Value::Real(value) => {
            let number = value.to_string().parse().unwrap_or(f64::from(*value));
            sheet.write_number(row, column, number)
        }
        Value::Text(text) => sheet.write_string(row, column, fitting(text)),
        Value::Uuid(value) => sheet.write_string(row, column, value.to_string()),
        Value::Moment(value) => {
            let local = zone.to_datetime(value.timestamp());
            sheet.write_number_with_format(row, column, serial(local), moment)
        }
        Value::Date(days) => {
            let local = date(*days).to_datetime(jiff::civil::Time::midnight());
            sheet.write_number_with_format(row, column, serial(local), day)
        }
        Value::Time(us) => {
            sheet.write_number_with_format(row, column, *us as f64 / MICROSECONDS_PER_DAY, time)
        }
        Value::Texts(texts) => sheet.write_string(row, column, fitting(&texts.join(", "))),
        Value::Longs(numbers) => sheet.write_string(row, column, fitting(&joined(numbers))),
        Value::Uuids(uuids) => sheet.write_string(row, column, fitting(&joined(uuids))),
    }?;
    Ok(())
}

fn joined(values: &[impl ToString]) -> String {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    values.join(", ")
}

/// As many characters as a cell holds.
fn fitting(text: &str) -> &str {
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// The number by which Excel knows a moment: days since its day 0.
fn serial(local: DateTime) -> f64 {
    let days = DAY_ZERO
        .until(local.date())
        .map_or(0, |span| span.get_days());
    let time = local.time();
    let seconds =
        i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    let us = seconds * 1_000_000 + i64::from(time.subsec_nanosecond() / 1_000);
    f64::from(days) + us as f64 / MICROSECONDS_PER_DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_the_numbers_that_excel_shows_as_such() {
        // 45,658 is 2025-01-01 in Excel, 0.75 is 18:00.
        let evening = serial(DateTime::constant(2025, 1, 1, 18, 0, 0, 0));
        assert!((evening - 45_658.75).abs() < 1e-9, "{evening}");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = "é".repeat(MOST_CHARS + 5);
        assert_eq!(fitting(&text).chars().count(), MOST_CHARS);
        assert_eq!(fitting("=1+1"), "=1+1");
    }
}
