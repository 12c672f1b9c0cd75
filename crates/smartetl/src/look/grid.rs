//! A table with colours whose least important columns go where the terminal is narrow. Rows can be followed by lines of text.

use crate::night::{Lang, wrapped};

/// A cell: one line, and its colour as a terminal writes it (`31`); empty for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub shade: &'static str,
}

impl Cell {
    pub fn of(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            shade: "",
        }
    }

    pub fn shaded(text: impl Into<String>, shade: &'static str) -> Self {
        Self {
            text: text.into(),
            shade,
        }
    }
}

/// What a column is.
#[derive(Clone, Debug)]
pub struct GridColumn {
    pub heading: &'static str,
    /// Numbers and durations.
    pub right: bool,
    /// May be cut to so many characters; what may not keeps its width.
    pub cut_to: Option<usize>,
    /// Columns with the highest number go first; 0 stays.
    pub dispensable: u8,
}

impl GridColumn {
    pub const fn new(heading: &'static str) -> Self {
        Self {
            heading,
            right: false,
            cut_to: None,
            dispensable: 0,
        }
    }

    #[must_use]
    pub const fn right(mut self) -> Self {
        self.right = true;
        self
    }

    #[must_use]
    pub const fn cut_to(mut self, characters: usize) -> Self {
        self.cut_to = Some(characters);
        self
    }

    #[must_use]
    pub const fn dispensable(mut self, rank: u8) -> Self {
        self.dispensable = rank;
        self
    }
}

enum Row {
    Cells(Vec<Cell>),
    /// Below the column with this number.
    Below(usize, Cell),
    /// Over the whole width.
    Title(Cell),
}

/// The table.
pub struct Grid {
    columns: Vec<GridColumn>,
    rows: Vec<Row>,
}

const GAP: usize = 2;

impl Grid {
    pub fn new(columns: Vec<GridColumn>) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(Row::Cells(cells));
    }

    /// A line that begins below a column.
    pub fn below(&mut self, column: usize, cell: Cell) {
        self.rows.push(Row::Below(column, cell));
    }

    pub fn title(&mut self, cell: Cell) {
        self.rows.push(Row::Title(cell));
    }

    /// The table in lines of at most `width` characters, if that can be; without a width nothing is cut.
    pub fn text(&self, width: Option<usize>, colour: bool) -> String {
        let (shown, widths) = self.fitted(width);
        let mut text = String::new();
        let heading: Vec<Cell> = self
            .columns
            .iter()
            .map(|column| Cell::shaded(column.heading, "1"))
            .collect();
        self.line(&heading, &shown, &widths, colour, &mut text);
        for row in &self.rows {
            match row {
                Row::Cells(cells) => self.line(cells, &shown, &widths, colour, &mut text),
                Row::Title(cell) => {
                    let cell = cut(cell, width.unwrap_or(usize::MAX));
                    text.push_str(&paint(&cell, cell_shade(row), colour));
                    text.push('\n');
                }
                Row::Below(column, cell) => {
                    let indent: usize = shown
                        .iter()
                        .zip(&widths)
                        .take_while(|(shown, _)| *shown < column)
                        .map(|(_, width)| width + GAP)
                        .sum();
                    let room = width.map_or(usize::MAX, |width| width.saturating_sub(indent));
                    text.push_str(&" ".repeat(indent));
                    text.push_str(&paint(&cut(cell, room), cell.shade, colour));
                    text.push('\n');
                }
            }
        }
        text
    }

    /// A line that names the columns for which there is no room, and says how to see them; empty where all are shown.
    pub fn hidden(&self, width: Option<usize>, lang: Lang, colour: bool) -> String {
        let (shown, _) = self.fitted(width);
        let columns = self.columns.iter().enumerate();
        let hidden: Vec<&str> = columns
            .filter(|(place, _)| !shown.contains(place))
            .map(|(_, column)| column.heading)
            .collect();
        if hidden.is_empty() {
            return String::new();
        }
        let hidden = hidden.join(", ");
        let text = match lang {
            Lang::En => {
                format!("No room for: {hidden}; a wider terminal or --format records shows them")
            }
            Lang::Fr => format!(
                "Pas de place pour\u{a0}: {hidden}\u{a0}; un terminal plus large ou --format records les montre"
            ),
        };
        let lines = wrapped(&text, width.unwrap_or(usize::MAX));
        let lines = lines.iter().map(|line| paint(line, "2", colour) + "\n");
        lines.collect()
    }

    fn line(
        &self,
        cells: &[Cell],
        shown: &[usize],
        widths: &[usize],
        colour: bool,
        text: &mut String,
    ) {
        let mut line = String::new();
        let mut behind = 0;
        for (&column, &width) in shown.iter().zip(widths) {
            let cell = &cells[column];
            let told = cut(cell, width);
            let room = width.saturating_sub(told.chars().count());
            line.push_str(&" ".repeat(behind));
            if self.columns[column].right {
                line.push_str(&" ".repeat(room));
                line.push_str(&paint(&told, cell.shade, colour));
                behind = GAP;
            } else {
                line.push_str(&paint(&told, cell.shade, colour));
                behind = room + GAP;
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }

    /// The columns that are shown, and how wide they are.
    fn fitted(&self, width: Option<usize>) -> (Vec<usize>, Vec<usize>) {
        let natural: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| match row {
                    Row::Cells(cells) => Some(cells[column].text.chars().count()),
                    Row::Below(..) | Row::Title(_) => None,
                });
                let heading = self.columns[column].heading.chars().count();
                cells.chain([heading]).max().unwrap_or(0)
            })
            .collect();
        let mut shown: Vec<usize> = (0..self.columns.len()).collect();
        let Some(width) = width else {
            return (shown, natural);
        };
        loop {
            let mut widths: Vec<usize> = shown.iter().map(|&column| natural[column]).collect();
            let too_wide = |widths: &[usize]| {
                let gaps = widths.len().saturating_sub(1) * GAP;
                (widths.iter().sum::<usize>() + gaps).saturating_sub(width)
            };
            // From behind: what a row is about stands in front, and is cut last.
            for (place, &column) in shown.iter().enumerate().rev() {
                if let Some(least) = self.columns[column].cut_to {
                    let least = least.min(widths[place]);
                    let less = too_wide(&widths).min(widths[place] - least);
                    widths[place] -= less;
                }
            }
            let first_to_go = shown
                .iter()
                .copied()
                .filter(|&column| self.columns[column].dispensable > 0)
                .max_by_key(|&column| self.columns[column].dispensable);
            match first_to_go {
                Some(column) if too_wide(&widths) > 0 => shown.retain(|&other| other != column),
                _ => return (shown, widths),
            }
        }
    }
}

fn cell_shade(row: &Row) -> &'static str {
    match row {
        Row::Title(cell) | Row::Below(_, cell) => cell.shade,
        Row::Cells(_) => "",
    }
}

fn cut(cell: &Cell, width: usize) -> String {
    crate::night::cut(&cell.text, width)
}

/// Text in a colour, where colours are wanted.
pub fn paint(text: &str, shade: &str, colour: bool) -> String {
    if colour && !shade.is_empty() && !text.is_empty() {
        format!("\x1b[{shade}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let mut grid = Grid::new(vec![
            GridColumn::new("Job").cut_to(7),
            GridColumn::new("Usual").right().dispensable(1),
            GridColumn::new("Result"),
        ]);
        grid.title(Cell::of("Night of 22 to 23 November"));
        grid.row(vec![
            Cell::of("load_orders"),
            Cell::of("12 s"),
            Cell::shaded("failed", "31"),
        ]);
        grid.below(1, Cell::of("no\x1b[31m listener\nat all"));
        grid
    }

    #[test]
    fn what_is_less_important_goes_first_where_there_is_no_room() {
        assert_eq!(
            grid().text(None, false),
            "Job          Usual  Result\nNight of 22 to 23 November\nload_orders   12 s  failed\n             no [31m listener at all\n"
        );
        assert_eq!(
            grid().text(Some(22), false),
            "Job      Usual  Result\nNight of 22 to 23 Nov…\nload_o…   12 s  failed\n         no [31m list…\n"
        );
        assert_eq!(
            grid().text(Some(15), false),
            "Job      Result\nNight of 22 t…\nload_o…  failed\n         no [3…\n"
        );
    }

    #[test]
    fn columns_without_room_are_named() {
        assert_eq!(grid().hidden(None, Lang::En, false), "");
        assert_eq!(grid().hidden(Some(22), Lang::En, false), "");
        assert_eq!(
            grid().hidden(Some(15), Lang::Fr, false).replace('\n', " "),
            "Pas de place pour\u{a0}: Usual\u{a0}; un terminal plus large ou --format records les montre "
        );
    }

    #[test]
    fn colours_do_not_move_columns() {
        let text = grid().text(None, true);
        assert!(
            text.contains("load_orders   12 s  \x1b[31mfailed\x1b[0m\n"),
            "{text:?}"
        );
    }
}
