//! What is shown again and again: on a terminal in place, elsewhere only when it changed.

use super::grid::paint;
use crate::night::cut;

/// What a look came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// As it is printed, with a line end.
    pub text: String,
    /// What has to differ for it to be something new: text may hold how long ago something was.
    pub content: String,
}

impl Frame {
    /// One whose text changes with its content only.
    pub fn of(text: String) -> Self {
        Self {
            content: text.clone(),
            text,
        }
    }
}

/// Goes to a screen of its own, without a cursor; back again gives the terminal back as it was.
pub const OPEN: &str = "\x1b[?1049h\x1b[?25l\x1b[2J";
pub const CLOSE: &str = "\x1b[?25h\x1b[?1049l";

/// A frame below a line that says when it is of, without more lines than a screen has. What was there is written over line by line,
/// so that nothing flickers.
pub fn drawn(status: &str, text: &str, (columns, rows): (u16, u16), colour: bool) -> String {
    let (columns, rows) = (usize::from(columns.max(1)), usize::from(rows.max(2)));
    let status = paint(&cut(status, columns), "2", colour);
    let lines: Vec<&str> = text.lines().collect();
    let mut shown: Vec<&str> = lines.iter().copied().take(rows - 1).collect();
    if lines.len() > rows - 1 {
        shown.pop();
        shown.push("…");
    }
    let mut screen = format!("\x1b[H{status}\x1b[K");
    for line in shown {
        screen.push_str("\r\n");
        screen.push_str(line);
        screen.push_str("\x1b[K");
    }
    screen.push_str("\x1b[J");
    screen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_never_longer_than_it_is() {
        assert_eq!(
            drawn("at 02:14", "one\ntwo\nthree\nfour\n", (20, 4), false),
            "\x1b[Hat 02:14\x1b[K\r\none\x1b[K\r\ntwo\x1b[K\r\n…\x1b[K\x1b[J"
        );
        assert_eq!(
            drawn("refreshed at 02:14", "", (8, 1), false),
            "\x1b[Hrefresh…\x1b[K\x1b[J"
        );
    }
}
