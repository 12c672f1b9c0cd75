//! Tables for people. No frames: what is printed can still be cut and searched with the usual tools.

use super::sheet::{Column, ColumnKind, Field};
use comfy_table::{
    Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, Width,
    presets,
};

/// Columns of the terminal that stdout goes to; `None` where it is none.
pub fn terminal_width() -> Option<u16> {
    let table = Table::new();
    if table.is_tty() { table.width() } else { None }
}

/// So many blanks stand behind each column.
const GAP: usize = 2;

/// A whole list in `width` columns of the terminal: as a table where no word has to be cut for it, else one field below
/// the other.
pub fn whole(columns: &[Column], rows: &[Vec<Field>], width: Option<u16>) -> String {
    let Some(width) = width else {
        return layout(columns, rows, None, None, false).0;
    };
    let longest_words = columns.iter().enumerate().map(|(index, column)| {
        let cells = rows.iter().filter_map(|row| row.get(index)?.as_deref());
        let texts = cells.chain([column.name.as_str(), "NULL"]);
        let words = texts.flat_map(str::split_whitespace);
        words.map(|word| word.chars().count()).max().unwrap_or(0)
    });
    let least: Vec<usize> = longest_words.collect();
    let needed = least.iter().map(|word| word + GAP).sum::<usize>();
    if needed > usize::from(width) {
        return fields(columns, rows, usize::from(width));
    }
    arranged(columns, rows, Some(width), None, Some(&least), false).0
}

/// Each row as lines of name and value.
fn fields(columns: &[Column], rows: &[Vec<Field>], width: usize) -> String {
    let names = columns.iter().map(|column| column.name.chars().count());
    let indent = names.max().unwrap_or(0) + GAP;
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        for (column, field) in columns.iter().zip(row) {
            let value = visible(field.as_deref().unwrap_or("NULL"));
            let mut line = format!("{:<indent$}", column.name);
            let mut used = indent;
            for word in value.split_whitespace() {
                let length = word.chars().count();
                if used > indent && used + 1 + length > width {
                    text.push_str(&line);
                    text.push('\n');
                    line = " ".repeat(indent);
                    used = indent;
                }
                if used > indent {
                    line.push(' ');
                    used += 1;
                }
                line.push_str(word);
                used += length;
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// Lays out one block of rows. The first block has the header and decides the widths, which it returns; the
/// following ones are given these.
pub fn layout(
    columns: &[Column],
    rows: &[Vec<Field>],
    width: Option<u16>,
    widths: Option<&[u16]>,
    colour: bool,
) -> (String, Vec<u16>) {
    arranged(columns, rows, width, widths, None, colour)
}

/// `least`: how narrow the columns may become.
fn arranged(
    columns: &[Column],
    rows: &[Vec<Field>],
    width: Option<u16>,
    widths: Option<&[u16]>,
    least: Option<&[usize]>,
    colour: bool,
) -> (String, Vec<u16>) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    if colour {
        table.enforce_styling();
    }
    match width {
        Some(width) => {
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width);
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    if widths.is_none() {
        let header = columns
            .iter()
            .map(|column| align(Cell::new(&column.name), column.kind, true));
        table.set_header(Row::from(header.collect::<Vec<_>>()));
    }
    for row in rows {
        let cells = columns.iter().zip(row).map(|(column, field)| match field {
            Some(text) => align(Cell::new(visible(text)), column.kind, false),
            None => align(
                Cell::new("NULL").add_attribute(Attribute::Dim),
                column.kind,
                false,
            ),
        });
        table.add_row(Row::from(cells.collect::<Vec<_>>()));
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, GAP as u16));
        if let Some(width) = widths.and_then(|widths| widths.get(index)) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(
                *width + GAP as u16,
            )));
        }
        if let Some(least) = least.and_then(|least| least.get(index)) {
            let least = Width::Fixed((least + GAP) as u16);
            column.set_constraint(ColumnConstraint::LowerBoundary(least));
        }
    }
    let found = table.column_max_content_widths();
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    (text, found)
}

fn align(cell: Cell, kind: ColumnKind, header: bool) -> Cell {
    let cell = if header {
        cell.add_attribute(Attribute::Bold)
    } else {
        cell
    };
    match kind {
        ColumnKind::Number => cell.set_alignment(CellAlignment::Right),
        _ => cell,
    }
}

/// Control characters other than line ends would move the cursor or recolour the terminal: they are shown instead.
fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => '\n',
            '\t' => ' ',
            '\u{7f}' => '\u{2421}',
            c if c < ' ' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(' '),
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_table() {
        let columns = [Column::text("job"), Column::number("runs")];
        let row =
            |job: &str, runs: Option<&str>| vec![Some(job.to_owned()), runs.map(str::to_owned)];
        let rows = [row("sales", Some("12")), row("a\u{1b}[31mb", None)];
        let (text, _) = layout(&columns, &rows, None, None, false);
        assert_eq!(text, "job      runs\nsales      12\na␛[31mb  NULL\n");
    }

    #[test]
    fn no_width_cuts_a_word() {
        let columns = [
            Column::text("environment"),
            Column::number("batches_not_fused"),
            Column::text("for_example"),
        ];
        let example = "no time: 2026-13-45 is none of the calendar's";
        let row = [Some("PROD"), Some("12"), Some(example)];
        let rows = [row.map(|field| field.map(str::to_owned)).to_vec()];
        let words: Vec<&str> = [
            "environment",
            "batches_not_fused",
            "for_example",
            "PROD",
            "12",
        ]
        .into_iter()
        .chain(example.split(' '))
        .collect();
        for width in [20, 30, 44, 45, 46, 60, 80, 200] {
            let text = whole(&columns, &rows, Some(width));
            for word in &words {
                assert!(
                    text.split_whitespace().any(|found| found == *word),
                    "{width}: {word} in\n{text}"
                );
            }
            let widest = text.lines().map(|line| line.chars().count()).max();
            let least = "batches_not_fused".len() + GAP + "environment".len();
            assert!(
                widest <= Some(usize::from(width).max(least)),
                "{width}:\n{text}"
            );
        }
        assert_eq!(
            whole(&columns, &rows, Some(40)),
            "environment        PROD\nbatches_not_fused  12\nfor_example        no time: 2026-13-45\n                   is none of the\n                   calendar's\n"
        );
    }

    #[test]
    fn later_blocks_keep_the_widths() {
        let columns = [Column::text("job"), Column::text("end")];
        let rows = [vec![Some("x".repeat(20)), Some("y".to_owned())]];
        let (_, widths) = layout(&columns, &rows, None, None, false);
        let rows = [vec![Some("z".to_owned()), Some("y".to_owned())]];
        let (text, _) = layout(&columns, &rows, Some(80), Some(&widths), false);
        assert_eq!(text, format!("z{}y\n", " ".repeat(21)));
    }
}
