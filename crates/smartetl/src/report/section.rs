//! The parts of a report, which text, mail and HTML show each in its way, and those that a night and a week have in common.

use super::amount::Rate;
use super::words::Words;
use crate::night::Teller;
use smartetl_core::model::{Moment, Verdict};

/// In a text, more than these are counted only.
pub(super) const LISTED: usize = 4;
/// The same of names that follow each other on a line.
const NAMES_LISTED: usize = 12;

/// What the colour of a part means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    Plain,
    Of(Verdict),
    Late,
    NotSeen,
}

/// A part of the report: a label and what is said under it.
#[derive(Clone, Debug)]
pub struct Section {
    pub label: &'static str,
    pub shade: Shade,
    /// How many there are of it; items may be fewer.
    pub number: Option<i64>,
    pub items: Vec<Item>,
    /// Items are short: they follow each other on a line.
    pub is_list: bool,
    /// So many of them in a text.
    pub listed: usize,
    /// Said instead of items where there are none.
    pub nothing: &'static str,
}

impl Section {
    pub(super) fn new(
        label: &'static str,
        shade: Shade,
        items: Vec<Item>,
        nothing: &'static str,
    ) -> Self {
        Self {
            label,
            shade,
            number: None,
            items,
            is_list: false,
            listed: LISTED,
            nothing,
        }
    }

    /// There are so many of it.
    pub(super) fn of(self, number: i64) -> Self {
        Self {
            number: Some(number),
            ..self
        }
    }

    /// Names that follow each other on a line.
    pub(super) fn in_a_row(self) -> Self {
        Self {
            is_list: true,
            ..self.listing(NAMES_LISTED)
        }
    }

    /// A text lists so many.
    pub(super) fn listing(self, listed: usize) -> Self {
        Self { listed, ..self }
    }

    /// How many are counted and not among the items.
    pub fn unlisted(&self) -> i64 {
        (self.number.unwrap_or(0) - self.items.len() as i64).max(0)
    }
}

/// One thing that is said: `head` and `rest` follow each other without a blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// What it is about: a job, a category.
    pub head: String,
    pub rest: String,
    /// Where a cause struck.
    pub places: Vec<String>,
    /// As it was logged.
    pub message: Option<String>,
}

impl Item {
    pub(super) fn new(head: &str, rest: String) -> Self {
        Self {
            head: head.to_owned(),
            rest,
            ..Self::default()
        }
    }

    /// `load_stock: ready at 06:12`
    pub(super) fn about(job: &str, said: &[String], teller: &Teller) -> Self {
        let rest = if said.is_empty() {
            String::new()
        } else {
            format!("{} {}", teller.lang.colon(), said.join(", "))
        };
        Self::new(job, rest)
    }
}

/// A rate beside that of the four weeks before.
pub(super) fn first_try(rate: Rate, before: Rate, teller: &Teller) -> Section {
    let words = Words::of(teller.lang);
    let before = before.percent(teller.lang).map_or_else(
        || words.no_weeks_before.to_owned(),
        |percent| format!("{percent} {}", words.weeks_before),
    );
    let item = rate
        .percent(teller.lang)
        .map(|percent| Item::new(&percent, format!(" {} ({before})", words.at_first_try)));
    Section::new(
        words.first_try,
        Shade::Plain,
        item.into_iter().collect(),
        words.nothing_came_out,
    )
}

/// `None` where all contexts are known.
pub(super) fn contexts(unmapped: &[(Option<String>, i64)], teller: &Teller) -> Option<Section> {
    let words = Words::of(teller.lang);
    let page = teller.lang.words();
    let named: Vec<String> = unmapped
        .iter()
        .map(|(context, runs)| {
            let name = context.as_deref().unwrap_or(page.no_context);
            format!(
                "{name} ({})",
                teller.counted(runs.unsigned_abs(), page.runs)
            )
        })
        .collect();
    (!named.is_empty()).then(|| {
        Section::new(
            words.contexts,
            Shade::Plain,
            vec![Item::new(
                "",
                format!("{} {}", words.contexts_what, named.join(", ")),
            )],
            words.none,
        )
    })
}

/// `State of 23 Nov 2025 07:05 · last log 07:00 · times are in Europe/Paris`
pub fn state_line(as_of: Moment, last_event_at: Option<Moment>, teller: &Teller) -> String {
    let words = Words::of(teller.lang);
    let zone = teller.zone.iana_name().unwrap_or("UTC");
    let mut said = vec![format!("{} {}", words.state, teller.dated(as_of))];
    said.extend(last_event_at.map(|at| format!("{} {}", words.last_log, teller.dated(at))));
    said.push(format!("{} {zone}", words.zone));
    said.join(" · ")
}
