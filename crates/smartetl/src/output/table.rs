//! Tables for people. No frames: what is printed can still be cut and searched with the usual tools.

use super::sheet::{Column, ColumnKind, Field};
use comfy_table::{
    Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, Width,
    presets,
};

/// Blanks between two columns; one where that makes a table fit.
const GAP: u16 = 2;
const NARROW_GAP: u16 = 1;
/// Texts are cut to no less than this.
const SHORTEST_CUT: u16 = 20;

/// Columns of the terminal that stdout goes to; `None` where it is none.
pub fn terminal_width() -> Option<u16> {
    let table = Table::new();
    if table.is_tty() { table.width() } else { None }
}

/// Columns of the terminal that stderr goes to; `None` where it is none.
pub fn stderr_width() -> Option<u16> {
    let mut table = Table::new();
    table.use_stderr();
    if table.is_tty() { table.width() } else { None }
}

/// How wide the columns of a table are, and whether texts are cut to that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Widths {
    columns: Vec<u16>,
    gap: u16,
    pub cut: bool,
}

impl Widths {
    /// Those of rows of which nothing is cut.
    pub fn natural(columns: &[Column], rows: &[Vec<Field>]) -> Self {
        Self {
            columns: table_of(columns, rows, true, false).column_max_content_widths(),
            gap: GAP,
            cut: false,
        }
    }

    /// The same on a terminal: where rows are too long, the longest texts are cut. The second value says whether that
    /// was enough.
    pub fn fitted(columns: &[Column], rows: &[Vec<Field>], terminal: u16) -> (Self, bool) {
        let natural = Self::natural(columns, rows).columns;
        let least: Vec<u16> = columns
            .iter()
            .zip(&natural)
            .map(|(column, &width)| {
                let is_text = matches!(
                    column.kind,
                    ColumnKind::Text
                        | ColumnKind::Json
                        | ColumnKind::TextArray
                        | ColumnKind::NumberArray
                );
                if is_text {
                    let header = u16::try_from(column.name.chars().count()).unwrap_or(width);
                    width.min(SHORTEST_CUT.max(header))
                } else {
                    width
                }
            })
            .collect();
        let at_most = |limit: u16| -> Vec<u16> {
            natural
                .iter()
                .zip(&least)
                .map(|(&natural, &least)| natural.min(limit).max(least))
                .collect()
        };
        let fits = |columns: &[u16], gap| total(columns, gap) <= usize::from(terminal);
        if let Some(gap) = [GAP, NARROW_GAP]
            .into_iter()
            .find(|&gap| fits(&natural, gap))
        {
            let columns = natural;
            return (
                Self {
                    columns,
                    gap,
                    cut: false,
                },
                true,
            );
        }
        // The highest limit that fits; the lowest one where none does.
        let limit = (1..=terminal)
            .rev()
            .find(|&limit| fits(&at_most(limit), GAP));
        let columns = at_most(limit.unwrap_or(1));
        (
            Self {
                columns,
                gap: GAP,
                cut: true,
            },
            limit.is_some(),
        )
    }
}

fn total(widths: &[u16], gap: u16) -> usize {
    let gaps = widths.len().saturating_sub(1) * usize::from(gap);
    widths
        .iter()
        .map(|&width| usize::from(width))
        .sum::<usize>()
        + gaps
}

/// Lays out one block of rows; the first one has the header. Where nothing is cut, a longer cell makes its column wider.
pub fn layout(
    columns: &[Column],
    rows: &[Vec<Field>],
    widths: &Widths,
    header: bool,
    colour: bool,
) -> String {
    let mut table = table_of(columns, rows, header, colour);
    for ((column, kind), width) in table
        .column_iter_mut()
        .zip(columns.iter().map(|column| column.kind))
        .zip(&widths.columns)
    {
        let is_number = matches!(
            kind,
            ColumnKind::Number | ColumnKind::Moment | ColumnKind::Boolean
        );
        column.set_padding((0, widths.gap));
        let width = Width::Fixed(*width + widths.gap);
        column.set_constraint(if widths.cut && !is_number {
            ColumnConstraint::Absolute(width)
        } else {
            ColumnConstraint::LowerBoundary(width)
        });
    }
    if widths.cut {
        for row in 0..table.row_count() {
            if let Some(row) = table.row_mut(row) {
                row.max_height(1);
            }
        }
    }
    lines(&table)
}

/// A table whose long cells go on in the next line, for prose; without colours.
pub fn wrapped(columns: &[Column], rows: &[Vec<Field>], width: Option<u16>) -> String {
    let mut table = table_of(columns, rows, true, false);
    if let Some(width) = width {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
    }
    lines(&table)
}

fn table_of(columns: &[Column], rows: &[Vec<Field>], header: bool, colour: bool) -> Table {
    let mut table = bare(colour);
    if header {
        let header = columns.iter().map(|column| {
            align(
                Cell::new(&column.name).add_attribute(Attribute::Bold),
                column.kind,
            )
        });
        table.set_header(Row::from(header.collect::<Vec<_>>()));
    }
    for row in rows {
        let cells = columns
            .iter()
            .zip(row)
            .map(|(column, field)| align(cell(field), column.kind));
        table.add_row(Row::from(cells.collect::<Vec<_>>()));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    table
}

/// Without frames, and as wide as its content.
pub fn bare(colour: bool) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .force_no_tty()
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_truncation_indicator("…");
    if colour {
        table.enforce_styling();
    }
    table
}

/// A value; NULL is told from a text that says so where there are colours.
pub fn cell(field: &Field) -> Cell {
    match field {
        Some(text) => Cell::new(broken(visible(text.trim_end_matches(['\r', '\n'])))),
        None => Cell::new("NULL").add_attribute(Attribute::Dim),
    }
}

/// A longer line goes on in the next one: widths end at 65,535, and the library takes the square of what lies beyond.
const LONGEST_LINE: usize = 10_000;

fn broken(text: String) -> String {
    if text.len() <= LONGEST_LINE {
        return text;
    }
    let mut whole = String::with_capacity(text.len() + text.len() / LONGEST_LINE);
    let mut length = 0;
    for character in text.chars() {
        if character == '\n' {
            length = 0;
        } else if length == LONGEST_LINE {
            whole.push('\n');
            length = 1;
        } else {
            length += 1;
        }
        whole.push(character);
    }
    whole
}

pub fn lines(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        let line = line.trim_end();
        // Blanks that are painted would make a line that is as wide as the terminal go on in the next one.
        match line.strip_suffix(RESET) {
            Some(painted) => {
                text.push_str(painted.trim_end());
                text.push_str(RESET);
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

const RESET: &str = "\u{1b}[0m";

fn align(cell: Cell, kind: ColumnKind) -> Cell {
    match kind {
        ColumnKind::Number => cell.set_alignment(CellAlignment::Right),
        _ => cell,
    }
}

/// Control characters other than line ends would move the cursor or recolour the terminal: they are shown instead.
pub fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => '\n',
            '\t' => ' ',
            '\u{7f}' => '\u{2421}',
            c if c < ' ' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(' '),
            c if super::steers(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(job: &str, runs: Option<&str>) -> Vec<Field> {
        vec![Some(job.to_owned()), runs.map(str::to_owned)]
    }

    fn columns() -> [Column; 2] {
        [Column::text("job"), Column::number("runs")]
    }

    #[test]
    fn nothing_of_the_longest_text_is_lost() {
        let long = "é".repeat(2_000_000);
        let rows = [row(&long, Some("1"))];
        let widths = Widths::natural(&columns(), &rows);
        let text = layout(&columns(), &rows, &widths, false, false);
        assert_eq!(text.matches('é').count(), 2_000_000);
        assert_eq!(text.lines().count(), 200);
    }

    #[test]
    fn a_small_table() {
        let rows = [row("sales", Some("12")), row("a\u{1b}[31mb", None)];
        let widths = Widths::natural(&columns(), &rows);
        let text = layout(&columns(), &rows, &widths, true, false);
        assert_eq!(text, "job      runs\nsales      12\na␛[31mb  NULL\n");
    }

    #[test]
    fn a_painted_header_ends_with_its_last_name() {
        let columns = [Column::number("runs"), Column::text("job")];
        let rows = [vec![Some("1".to_owned()), Some("load_orders".to_owned())]];
        let widths = Widths::natural(&columns, &rows);
        let text = layout(&columns, &rows, &widths, true, true);
        let header = text.lines().next().unwrap_or_default();
        assert!(header.ends_with("job\u{1b}[0m"), "{text:?}");
    }

    #[test]
    fn later_blocks_keep_the_widths_and_lose_nothing() {
        let first = [row(&"x".repeat(20), Some("1"))];
        let widths = Widths::natural(&columns(), &first);
        let short = layout(&columns(), &[row("z", Some("1234"))], &widths, false, false);
        assert_eq!(short, format!("z{}1234\n", " ".repeat(21)));
        let long = layout(
            &columns(),
            &[row(&"y".repeat(30), Some("1"))],
            &widths,
            false,
            false,
        );
        assert_eq!(long, format!("{}     1\n", "y".repeat(30)));
    }

    #[test]
    fn texts_are_cut_to_the_terminal_and_numbers_are_not() {
        let rows = [
            row(&"long words ".repeat(9), Some("1234567890123")),
            row("two\nlines", Some("1")),
        ];
        let (widths, enough) = Widths::fitted(&columns(), &rows, 40);
        assert!(enough && widths.cut);
        let text = layout(&columns(), &rows, &widths, true, false);
        assert_eq!(
            text,
            "job                                 runs\n\
             long words long words…     1234567890123\n\
             two…                                   1\n"
        );
        let (widths, enough) = Widths::fitted(&columns(), &rows, 34);
        assert!(!enough && widths.cut);
    }

    #[test]
    fn what_fits_is_left_alone() {
        let rows = [row("two\nlines\n", Some("1"))];
        let (widths, enough) = Widths::fitted(&columns(), &rows, 11);
        assert_eq!(
            (&widths, enough),
            (&Widths::natural(&columns(), &rows), true)
        );
        assert_eq!(
            layout(&columns(), &rows, &widths, true, false),
            "job    runs\ntwo       1\nlines\n"
        );
        let (widths, enough) = Widths::fitted(&columns(), &rows, 10);
        assert!(enough && !widths.cut);
        assert_eq!(
            layout(&columns(), &rows, &widths, true, false),
            "job   runs\ntwo      1\nlines\n"
        );
    }
}
