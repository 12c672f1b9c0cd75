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

/// Lays out one block of rows. The first block has the header and decides the widths, which it returns; the
/// following ones are given these.
pub fn layout(
    columns: &[Column],
    rows: &[Vec<Field>],
    width: Option<u16>,
    widths: Option<&[u16]>,
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
        column.set_padding((0, 2));
        if let Some(width) = widths.and_then(|widths| widths.get(index)) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(*width + 2)));
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
    fn later_blocks_keep_the_widths() {
        let columns = [Column::text("job"), Column::text("end")];
        let rows = [vec![Some("x".repeat(20)), Some("y".to_owned())]];
        let (_, widths) = layout(&columns, &rows, None, None, false);
        let rows = [vec![Some("z".to_owned()), Some("y".to_owned())]];
        let (text, _) = layout(&columns, &rows, Some(80), Some(&widths), false);
        assert_eq!(text, format!("z{}y\n", " ".repeat(21)));
    }
}
