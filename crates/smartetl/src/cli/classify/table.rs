//! A list as people see it: what each message is, who must act, and the message itself.

use super::super::Context;
use super::super::messages::{self, Damaged, Message, Wanted};
use super::{category, percent, yes_or_no};
use crate::look::words::NONE;
use crate::look::{Cell, Grid, GridColumn};
use crate::night::{self, Lang};
use crate::output::{self, Column, Format, Printer};
use smartetl_core::classify::{self, Classification, ErrorFacts};
use smartetl_core::redact::redact;

/// Of a message no more characters are kept: a list may have many.
const LONGEST: usize = 500;

/// A row for each message, which stands below it.
pub(super) fn table(wanted: &Wanted<'_>, context: &Context) -> anyhow::Result<Damaged> {
    let lang = context.lang();
    let [line, category, confidence, blame, retry] = headings(lang);
    let mut grid = Grid::new(vec![
        GridColumn::new(line).right(),
        GridColumn::new(category).cut_to(20),
        GridColumn::new(confidence).right(),
        GridColumn::new(blame).cut_to(20),
        GridColumn::new(retry),
    ]);
    let mut number = 0_u64;
    let damaged = messages::read(wanted, |message: Message<'_>| {
        number += 1;
        let says = classify::classify(&ErrorFacts::of_text(message.system, message.text));
        let [category, confidence, blame, retry] = told(&says, lang);
        grid.row(vec![
            Cell::of(number.to_string()),
            Cell::shaded(category, "1"),
            Cell::of(confidence),
            Cell::of(blame),
            Cell::of(retry),
        ]);
        grid.below(1, Cell::shaded(shown(message.text), "2"));
    })?;
    let width = output::terminal_width().map(usize::from);
    output::print(&grid.text(width, context.colour))?;
    Ok(damaged)
}

/// The same as records, with the rule.
pub(super) fn records(wanted: &Wanted<'_>, context: &Context) -> anyhow::Result<Damaged> {
    let lang = context.lang();
    let [line, category, confidence, blame, retry] = headings(lang);
    let (rule, message) = (lang.pick("Decided by", "Décidée par"), "Message");
    let names = [line, category, confidence, rule, blame, retry, message];
    let mut printer = Printer::new(
        names.map(Column::text).into(),
        Some(Format::Records),
        output::terminal_width(),
        context.colour,
        output::stdout(),
    );
    let (mut number, mut done) = (0_u64, Ok(()));
    let damaged = messages::read(wanted, |message: Message<'_>| {
        if done.is_err() {
            return;
        }
        number += 1;
        let says = classify::classify(&ErrorFacts::of_text(message.system, message.text));
        let [category, confidence, blame, retry] = told(&says, lang);
        let row = [
            number.to_string(),
            category,
            confidence,
            says.rule.to_owned(),
            blame,
            retry,
            shown(message.text),
        ];
        done = printer.row(row.map(Some).into());
    })?;
    done.and_then(|()| printer.finish().map(|_| ()))
        .map_err(output::closed)?;
    Ok(damaged)
}

fn headings(lang: Lang) -> [&'static str; 5] {
    match lang {
        Lang::En => ["Line", "Category", "Confidence", "Who must act", "Retry"],
        Lang::Fr => [
            "Ligne",
            "Catégorie",
            "Confiance",
            "À traiter par",
            "Réessayer",
        ],
    }
}

fn told(says: &Classification, lang: Lang) -> [String; 4] {
    let blame = says.blame.map_or(NONE, |blame| night::blame(blame, lang));
    [
        category(says, lang),
        percent(says.confidence, lang),
        blame.to_owned(),
        yes_or_no(says.retryable, lang).to_owned(),
    ]
}

/// In one line, without secrets.
fn shown(message: &str) -> String {
    night::cut(&redact(message), LONGEST)
}
