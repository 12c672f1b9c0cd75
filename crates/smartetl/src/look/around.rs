//! The rows around an error, of both tables together.

use super::grid::{Cell, Grid, GridColumn};
use super::steps::{Found, Placed};
use super::words::{self, duration, words};
use crate::night::{Teller, category};
use smartetl_core::model::{Event, Moment, RowStatus, Severity};
use smartetl_store::looking::{ErrorLine, LogLine};

/// So many before and behind.
const ROWS: usize = 4;

/// The rows around the error that a job wrote at a moment, else around the first one; none where no row is an error.
pub fn around<'p>(placed: &'p Placed, struck: Option<(Moment, &str)>) -> &'p [Found] {
    let Some(middle) = middle(placed, struck) else {
        return &[];
    };
    let last = (middle + ROWS + 1).min(placed.rows.len());
    &placed.rows[middle.saturating_sub(ROWS)..last]
}

/// Where among all rows the error stands that a job wrote at a moment, else the first one.
pub fn middle(placed: &Placed, struck: Option<(Moment, &str)>) -> Option<usize> {
    let is_error =
        |found: &Found| matches!(found, Found::Error(line) if line.severity != Severity::Warning);
    let is_struck = |found: &Found| {
        struck.is_some_and(|(at, job)| found.moment() == at && job.starts_with(found.job()))
    };
    let exact = placed
        .rows
        .iter()
        .position(|found| is_error(found) && is_struck(found));
    exact.or_else(|| placed.rows.iter().position(is_error))
}

/// The same as a table.
pub fn table(rows: &[Found], teller: &Teller, width: Option<usize>, colour: bool) -> String {
    let mut grid = Grid::new(vec![
        GridColumn::new(""),
        GridColumn::new("").cut_to(24),
        GridColumn::new("").cut_to(20),
    ]);
    for found in rows {
        let local = teller.zone.to_datetime(found.moment().timestamp());
        let at = Cell::of(local.strftime("%H:%M:%S").to_string());
        let job = found.job();
        let step = match found {
            Found::Log(line) => &line.step,
            Found::Error(line) => &line.step,
        };
        let place = match step {
            Some(step) => format!("{job} › {step}"),
            None => job.to_owned(),
        };
        let what = match found {
            Found::Log(line) => Cell::of(of_log(line, teller)),
            Found::Error(line) => of_error(line, teller),
        };
        grid.row(vec![at, Cell::of(place), what]);
    }
    let text = grid.text(width, colour);
    text.split_once('\n')
        .map_or(String::new(), |(_, rows)| rows.to_owned())
}

fn of_log(line: &LogLine, teller: &Teller) -> String {
    let (lang, words) = (teller.lang, words(teller.lang));
    let mut parts = vec![
        match line.event {
            Event::Begin => words.begin,
            Event::End => words.end,
            Event::Metric => words.metric,
        }
        .to_owned(),
    ];
    match line.status {
        Some(RowStatus::Failed) => parts.push(lang.pick("failed", "en échec").to_owned()),
        Some(status) if line.event == Event::End => {
            let told = match status {
                RowStatus::Success => lang.pick("succeeded", "réussi"),
                other => other.as_str(),
            };
            parts.push(told.to_owned());
        }
        _ => {}
    }
    if let Some(milliseconds) = line.duration_reported_ms {
        parts.push(duration(milliseconds, lang));
    }
    if let Some(label) = &line.label {
        parts.push(label.clone());
    }
    if let Some(count) = line.count {
        parts.push(teller.number(count));
    }
    if let Some(message) = &line.message {
        parts.push(message.clone());
    }
    parts.join(" · ")
}

fn of_error(line: &ErrorLine, teller: &Teller) -> Cell {
    let lang = teller.lang;
    let (what, shade) = match line.severity {
        Severity::Warning => (words::severity(line.severity, lang), "33"),
        _ => (category(line.category, lang), "31"),
    };
    let message = line.message.as_deref().unwrap_or(lang.words().no_message);
    Cell::shaded(format!("{what}{} {message}", lang.colon()), shade)
}
