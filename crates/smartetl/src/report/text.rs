//! A report for a terminal and for the text part of a mail.

use super::night::NightReport;
use super::night_section::{headline, night_sections};
use super::section::{Item, Section, Shade, state_line};
use super::week::WeekReport;
use super::week_section::{week_headline, week_sections};
use crate::night::{Part, Teller, cancelled, cut, of_counts, shade, verdict, wrapped};
use smartetl_core::model::Verdict;
use smartetl_store::night::Counts;
use std::cell::Cell;
use std::fmt::Write as _;

/// More places of a cause than these are counted only.
const PLACES_LISTED: usize = 2;
/// What stands before each line below the sentence.
const INDENT: usize = 2;

/// How a text is laid out.
#[derive(Clone, Debug)]
pub struct Layout {
    /// In characters.
    pub width: usize,
    pub colour: bool,
    /// Everything is listed, and nothing only counted.
    pub all: bool,
    /// The command that shows what is only counted.
    pub rest: Option<String>,
}

/// A night in about ten lines.
pub fn night_text(report: &NightReport, teller: &Teller, layout: Layout) -> String {
    let night = &report.night;
    let writer = Writer::new(teller, layout);
    let title = teller.night(night.day);
    let mut text = writer.head(&title, &headline(report, teller));
    text += &writer.counts(&night.environment, &night.counts, night.usually_ok);
    text += &writer.sections(&night_sections(report, teller));
    text + &writer.foot(&state_line(report.as_of, night.last_event_at, teller))
}

/// A week in about twenty.
pub fn week_text(report: &WeekReport, teller: &Teller, layout: Layout) -> String {
    let writer = Writer::new(teller, layout);
    let title = teller.week(report.days.0, report.days.1);
    let mut text = writer.head(&title, &week_headline(report, teller));
    text += &writer.counts(&report.environment, &report.counts, None);
    text += &writer.sections(&week_sections(report, teller));
    text + &writer.foot(&state_line(report.as_of, report.last_event_at, teller))
}

struct Writer<'t> {
    teller: &'t Teller,
    layout: Layout,
    /// Something was only counted.
    is_cut: Cell<bool>,
}

impl<'t> Writer<'t> {
    const fn new(teller: &'t Teller, layout: Layout) -> Self {
        Self {
            teller,
            layout,
            is_cut: Cell::new(false),
        }
    }

    /// The title and the sentence behind it.
    fn head(&self, title: &str, sentence: &[Part]) -> String {
        let parts: Vec<&str> = sentence.iter().map(|part| part.text.as_str()).collect();
        let whole = format!("{title}{} {}", self.teller.lang.colon(), parts.join(" "));
        let lines = wrapped(&whole, self.layout.width);
        let lines: Vec<String> = lines.iter().map(|line| self.bold(line) + "\n").collect();
        lines.concat() + "\n"
    }

    /// `PROD · 208 succeeded (usually 210) · 3 failed`
    fn counts(&self, environment: &str, counts: &Counts, usually_ok: Option<i64>) -> String {
        let teller = self.teller;
        let mut parts = vec![(environment.to_owned(), Shade::Plain)];
        for (of, number) in of_counts(counts) {
            if number == 0 && of != Verdict::Ok {
                continue;
            }
            let mut said = format!(
                "{} {}",
                teller.number(number),
                verdict(of, number, teller.lang)
            );
            if let (Verdict::Ok, Some(usual)) = (of, usually_ok) {
                let _ = write!(
                    said,
                    " ({} {})",
                    teller.lang.words().usually,
                    teller.number(usual)
                );
            }
            parts.push((said, Shade::Of(of)));
        }
        parts.extend(cancelled(counts, teller).map(|said| (said, Shade::Plain)));
        self.packed(&parts, " · ", INDENT).join("\n") + "\n\n"
    }

    fn sections(&self, sections: &[Section]) -> String {
        let labels = sections.iter().map(|section| section.label.chars().count());
        let column = INDENT + labels.max().unwrap_or(0) + 2;
        let mut text = String::new();
        for section in sections {
            let mut lines = self.section(section, column);
            // The first line begins behind the label.
            if let Some(first) = lines.first_mut() {
                let label = format!("{:indent$}{}", "", section.label, indent = INDENT);
                *first = format!("{label:<column$}{}", first.trim_start_matches(' '));
            }
            for line in lines {
                let _ = writeln!(text, "{}", line.trim_end());
            }
        }
        text
    }

    fn foot(&self, state: &str) -> String {
        let lines = wrapped(state, self.layout.width - INDENT);
        let lines = lines
            .iter()
            .map(|line| format!("  {}\n", self.painted(line, "2")));
        let mut text = format!("\n{}", lines.collect::<String>());
        if let Some(command) = self.layout.rest.as_ref().filter(|_| self.is_cut.get()) {
            let word = self.teller.lang.pick("All of it:", "Tout\u{a0}:");
            // To be pasted: it is not broken.
            let line = self.painted(&format!("{word} {command}"), "2");
            let _ = writeln!(text, "  {line}");
        }
        text
    }

    fn section(&self, section: &Section, column: usize) -> Vec<String> {
        if section.items.is_empty() {
            return vec![section.nothing.to_owned()];
        }
        let listed = if self.layout.all {
            usize::MAX
        } else {
            section.listed
        };
        let more = section.items.len().saturating_sub(listed) as i64 + section.unlisted();
        let more = (more > 0).then(|| {
            self.is_cut.set(true);
            let words = self.teller.lang.words();
            format!(
                "+ {}",
                self.teller.counted(more.unsigned_abs(), words.and_more)
            )
        });
        let items = section.items.iter().take(listed);
        if section.is_list {
            let names = items.map(|item| format!("{}{}", item.head, item.rest));
            let names = names.chain(more).map(|name| (name, section.shade));
            return self.packed(&names.collect::<Vec<_>>(), ", ", column);
        }
        let mut lines: Vec<String> = items
            .flat_map(|item| self.item(item, section.shade, column))
            .collect();
        lines.extend(more.map(|more| format!("{:column$}{more}", "")));
        lines
    }

    fn item(&self, item: &Item, shade: Shade, column: usize) -> Vec<String> {
        let room = self.layout.width.saturating_sub(column).max(20);
        let whole = format!("{}{}", item.head, item.rest);
        let indent = |line: &str, by: usize| format!("{:indent$}{line}", "", indent = column + by);
        // What goes on is set in by two more.
        let mut lines: Vec<String> = wrapped(&whole, room - 2)
            .iter()
            .enumerate()
            .map(
                |(index, line)| match line.strip_prefix(item.head.as_str()) {
                    Some(rest) if index == 0 => indent(&(self.shaded(&item.head, shade) + rest), 0),
                    _ if index == 0 => indent(&self.shaded(line, shade), 0),
                    _ => indent(line, 2),
                },
            )
            .collect();
        let listed = if self.layout.all {
            usize::MAX
        } else {
            PLACES_LISTED
        };
        for place in item.places.iter().take(listed) {
            let mut parts = wrapped(place, room - 4).into_iter();
            lines.extend(parts.next().map(|line| indent(&line, 2)));
            lines.extend(parts.map(|line| indent(&line, 4)));
        }
        let more = item.places.len().saturating_sub(listed) as u64;
        if more > 0 {
            self.is_cut.set(true);
            let words = self.teller.lang.words();
            lines.push(indent(
                &format!("+ {}", self.teller.counted(more, words.and_more)),
                2,
            ));
        }
        let message = item
            .message
            .as_deref()
            .map(|message| cut(message, room - 2));
        lines.extend(message.map(|message| indent(&self.painted(&message, "2"), 2)));
        lines
    }

    /// As many on each line as fit, separators at the ends of lines.
    fn packed(&self, parts: &[(String, Shade)], separator: &str, column: usize) -> Vec<String> {
        let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
        for (index, (part, shade)) in parts.iter().enumerate() {
            let part = cut(part, usize::MAX);
            let length = part.chars().count() + separator.trim_end().chars().count();
            if used > 0 && column + used + length > self.layout.width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if used == 0 {
                line = " ".repeat(column);
            }
            line += &self.shaded(&part, *shade);
            if index + 1 < parts.len() {
                line += separator;
            }
            used += part.chars().count() + separator.chars().count();
        }
        lines.push(line);
        lines
            .iter()
            .map(|line| line.trim_end().to_owned())
            .collect()
    }

    fn shaded(&self, text: &str, of: Shade) -> String {
        match of {
            Shade::Plain => text.to_owned(),
            Shade::Of(verdict) => self.painted(text, shade(verdict)),
            // Amber is not a colour of every terminal: the yellow of what was recovered, set bold.
            Shade::Late => self.painted(text, "1;33"),
            Shade::NotSeen => self.painted(text, "1;90"),
        }
    }

    fn bold(&self, text: &str) -> String {
        self.painted(text, "1")
    }

    fn painted(&self, text: &str, code: &str) -> String {
        if self.layout.colour && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}
