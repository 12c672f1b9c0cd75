//! Runs and jobs as people look at them in a terminal: words, tables with colours, trees with bars, and what is shown again and
//! again. What is stored is read by `smartetl_store::looking`, which only `read` asks; nothing here prints.

mod against;
mod around;
mod bars;
mod compare;
mod grid;
mod head;
mod key;
mod read;
mod steps;
mod tree;
pub mod watch;
pub mod words;

pub use against::{Against, Beside, Change, Good, Line, What};
pub use around::{around, middle, table as rows_table};
pub use compare::{Node, Tree, above, pair};
pub use grid::{Cell, Grid, GridColumn, paint};
pub use head::{Manner as HeadManner, head};
pub use key::{Key, first_and_last, shortened};
pub use read::{Compared, Looked};
pub use steps::{Found, Placed, Step, place};
pub use tree::{Drawing, drawn};

/// Whether characters beyond ASCII come out: not where the locale says another encoding than UTF-8.
pub fn is_unicode() -> bool {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    said.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
