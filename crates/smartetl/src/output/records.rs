//! Records for people: each row as a list of its columns, where a table would be wider than the terminal.

use super::sheet::{Column, Field};
use super::table::{bare, cell, lines};
use comfy_table::{Attribute, Cell, ColumnConstraint, ContentArrangement, Row, Width};

/// On a terminal no value takes more lines.
const TALLEST: usize = 10;
const GAP: u16 = 2;
/// A value is not squeezed below this.
const NARROWEST: u16 = 20;

/// Lays out rows of which the first has this number. `width` is the terminal's; without one nothing is cut.
pub fn layout(
    columns: &[Column],
    rows: &[Vec<Field>],
    first: u64,
    width: Option<u16>,
    colour: bool,
) -> String {
    let names = columns.iter().map(|column| column.name.chars().count());
    let names = u16::try_from(names.max().unwrap_or(0)).unwrap_or(NARROWEST) + GAP;
    let mut text = String::new();
    for (number, row) in (first..).zip(rows) {
        text.push_str(&heading(number, width, colour));
        let mut table = bare(colour);
        for (column, field) in columns.iter().zip(row) {
            let name = Cell::new(&column.name).add_attribute(Attribute::Bold);
            let mut line = Row::from(vec![name, cell(field)]);
            if width.is_some() {
                line.max_height(TALLEST);
            }
            table.add_row(line);
        }
        if let Some(width) = width {
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width.max(names + NARROWEST));
        }
        for (index, column) in table.column_iter_mut().enumerate() {
            if index == 0 {
                column.set_padding((0, GAP));
                column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(names)));
            } else {
                column.set_padding((0, 0));
            }
        }
        text.push_str(&lines(&table));
    }
    text
}

/// `── 1 ─────`
fn heading(number: u64, width: Option<u16>, colour: bool) -> String {
    let begin = format!("── {number} ");
    let rest = usize::from(width.unwrap_or(40)).saturating_sub(begin.chars().count());
    let line = begin + &"─".repeat(rest);
    if colour {
        format!("\x1b[2m{line}\x1b[0m\n")
    } else {
        line + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Vec<Field> {
        let message = "no listener ".repeat(4) + "\nat line 2";
        vec![Some("sales".to_owned()), None, Some(message)]
    }

    fn columns() -> [Column; 3] {
        ["job", "cause_step", "message"].map(Column::text)
    }

    #[test]
    fn on_a_terminal_values_go_on_below() {
        let text = layout(&columns(), &[row(), row()], 7, Some(40), false);
        let (first, second) = text.split_at(text.find("── 8").expect("the second record"));
        assert_eq!(
            first,
            "── 7 ───────────────────────────────────\n\
             job         sales\n\
             cause_step  NULL\n\
             message     no listener no listener no\n\
             \u{20}           listener no listener\n\
             \u{20}           at line 2\n"
        );
        assert_eq!(
            second.lines().skip(1).collect::<Vec<_>>(),
            first.lines().skip(1).collect::<Vec<_>>()
        );
        assert!(
            text.lines().all(|line| line.chars().count() <= 40),
            "{text}"
        );
    }

    #[test]
    fn long_values_are_cut_on_terminals_only() {
        let columns = [Column::text("stack")];
        let rows = [vec![Some("at com.example.Main\n".repeat(40))]];
        let shown = layout(&columns, &rows, 1, Some(80), false);
        assert_eq!(shown.lines().count(), 1 + TALLEST);
        assert!(shown.ends_with("…\n"), "{shown}");
        let piped = layout(&columns, &rows, 1, None, false);
        assert_eq!(piped.matches("at com.example.Main").count(), 40);
    }
}
