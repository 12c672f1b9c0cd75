//! A tree in a terminal: a line for each run, with its bar on the common axis and the last good run behind it; steps, and errors in
//! place.

use super::bars::{ASCII, Axis, Kind, Look, UNICODE};
use super::compare::{Node, Tree};
use super::grid::paint;
use super::steps::{Placed, Step};
use super::words::{self, NONE, option_duration, words};
use crate::night::{Teller, category, cut, wrapped};
use smartetl_core::model::{Moment, Outcome, RowStatus, Severity};
use smartetl_store::looking::ErrorLine;
use std::fmt::Write as _;

/// More runs are counted only; csv and json have all.
const RUNS_DRAWN: usize = 500;
const ERRORS_DRAWN: usize = 5;
/// A message takes no more lines of a terminal.
const MESSAGE_LINES: usize = 3;
const NARROWEST_BAR: usize = 12;
const WIDEST_BAR: usize = 60;
const NARROWEST_NAME: usize = 16;
const GAP: &str = "  ";

/// How a tree is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Drawing<'t> {
    pub teller: &'t Teller,
    /// The terminal's; without one messages are whole.
    pub width: Option<usize>,
    pub colour: bool,
    pub unicode: bool,
    /// Steps of all runs; otherwise of the run that was asked for and of those that did not succeed.
    pub steps: bool,
}

impl Drawing<'_> {
    /// Whether the steps of the node with this number are drawn.
    fn has_steps(&self, number: usize, node: &Node) -> bool {
        self.steps || number == 0 || node.run.outcome != Outcome::Success
    }
}

/// Where no terminal says how wide lines may be.
const WIDTH: usize = 100;

/// The tree as text.
pub fn drawn(tree: &Tree, placed: &Placed, drawing: Drawing<'_>) -> String {
    let picture = Picture::new(tree, placed, drawing);
    let mut text = picture.heading();
    let mut hidden_steps = 0;
    for (number, node) in tree.nodes.iter().take(RUNS_DRAWN).enumerate() {
        picture.run(node, &mut text);
        if node.is_missing {
            continue;
        }
        let next = tree.nodes.get(number + 1);
        let has_children = next.is_some_and(|next| next.goes_on.len() > node.goes_on.len());
        let indent = picture.indent_below(node, has_children);
        let steps = placed.steps_of(&node.run);
        if drawing.has_steps(number, node) {
            for step in steps {
                picture.step(step, &indent, &mut text);
            }
        } else {
            hidden_steps += steps.len() as u64;
        }
        let errors = placed.errors_of(&node.run);
        for error in errors.iter().take(ERRORS_DRAWN) {
            picture.error(error, &indent, &mut text);
        }
        if let Some(more @ 1..) = errors.len().checked_sub(ERRORS_DRAWN) {
            let more = drawing
                .teller
                .counted(more as u64, picture.words.more_errors);
            let _ = writeln!(text, "{indent}+ {more}");
        }
    }
    let teller = drawing.teller;
    if let Some(more @ 1..) = tree.nodes.len().checked_sub(RUNS_DRAWN) {
        let more = teller.counted(more as u64, picture.words.more_runs);
        let _ = writeln!(text, "+ {more}: --format csv");
    }
    if hidden_steps > 0 {
        let steps = teller.counted(hidden_steps, picture.words.steps);
        let told = format!("+ {steps}: {}", picture.words.show_steps);
        let _ = writeln!(text, "{}", paint(&told, "2", drawing.colour));
    }
    text
}

struct Picture<'p> {
    tree: &'p Tree,
    drawing: Drawing<'p>,
    words: &'static words::Words,
    axis: Axis,
    look: Look,
    name: usize,
    took: usize,
    /// `None` where there is no room for it, or nothing to say.
    good: Option<usize>,
    /// Of results, and of the numbers of rows of steps.
    result: usize,
}

impl<'p> Picture<'p> {
    fn new(tree: &'p Tree, placed: &Placed, drawing: Drawing<'p>) -> Self {
        let lang = drawing.teller.lang;
        let words = words(lang);
        let length = |text: &str| text.chars().count();
        let nodes = || tree.nodes.iter().take(RUNS_DRAWN);
        let name = nodes().map(|node| 2 * node.goes_on.len() + length(&node.run.job));
        let steps = tree
            .runs()
            .take(RUNS_DRAWN)
            .flat_map(|node| {
                placed
                    .steps_of(&node.run)
                    .iter()
                    .map(move |step| (node, step))
            })
            .map(|(node, step)| 2 * node.goes_on.len() + 4 + length(&step.name));
        let natural = name
            .chain(steps)
            .chain([length(words.job)])
            .max()
            .unwrap_or(0);
        let took = nodes()
            .map(|node| length(&option_duration(node.run.duration_ms, lang)))
            .chain([length(words.took), 5])
            .max()
            .unwrap_or(0);
        let has_good = tree.nodes[0].last_good.is_some();
        let good = has_good.then(|| {
            nodes()
                .map(|node| length(&good_duration(node, lang)))
                .chain([length(words.last_good)])
                .max()
                .unwrap_or(0)
        });
        let said = nodes()
            .enumerate()
            .filter(|(number, node)| !node.is_missing && drawing.has_steps(*number, node))
            .flat_map(|(_, node)| placed.steps_of(&node.run))
            .map(|step| length(&said(step, drawing.teller)));
        let result = nodes()
            .map(|node| length(result(node, drawing.teller)))
            .chain([length(words.result)])
            .chain(said)
            .max()
            .unwrap_or(0);
        let width = drawing.width.unwrap_or(WIDTH);
        let room = |good: Option<usize>| {
            let right = took + result + good.map_or(0, |good| good + GAP.len());
            width.saturating_sub(right + 3 * GAP.len())
        };
        let good = good.filter(|good| room(Some(*good)) >= NARROWEST_NAME + NARROWEST_BAR);
        let room = room(good);
        let name = natural.min(room.saturating_sub(NARROWEST_BAR).max(NARROWEST_NAME));
        Self {
            tree,
            drawing,
            words,
            axis: Axis {
                width: room.saturating_sub(name).clamp(1, WIDEST_BAR),
                ..axis(tree)
            },
            look: if drawing.unicode { UNICODE } else { ASCII },
            name,
            took,
            good,
            result,
        }
    }

    /// The names of the columns, and the ends of the axis.
    fn heading(&self) -> String {
        let clock = |at: Moment| {
            let zone = &self.drawing.teller.zone;
            let local = zone.to_datetime(at.timestamp());
            local.strftime("%H:%M:%S").to_string()
        };
        let (first, last) = (clock(self.axis.first), clock(self.axis.last));
        let between = self
            .axis
            .width
            .saturating_sub(first.chars().count() + last.chars().count());
        let ends = if between > 0 {
            format!("{first}{}{last}", " ".repeat(between))
        } else {
            format!("{first:<width$}", width = self.axis.width)
        };
        let bold = |text: &str| paint(text, "1", self.drawing.colour);
        let mut line = self.padded(self.words.job, self.name, "1");
        let _ = write!(line, "{GAP}{}{GAP}", cut_to(&ends, self.axis.width));
        let _ = write!(
            line,
            "{}",
            bold(&format!("{:>1$}", self.words.took, self.took))
        );
        if let Some(good) = self.good {
            let _ = write!(
                line,
                "{GAP}{}",
                bold(&format!("{:>good$}", self.words.last_good))
            );
        }
        format!("{line}{GAP}{}\n", bold(self.words.result))
    }

    fn run(&self, node: &Node, text: &mut String) {
        let lang = self.drawing.teller.lang;
        let run = &node.run;
        let name = format!("{}{}", self.indent(node), clean(&run.job));
        let shade = words::shade(run.outcome);
        let is_open = run.ended_at.is_none();
        let bar = (!node.is_missing).then(|| ([run.started_at, run.until()], is_open));
        let ghost = self.tree.ghost(node);
        let name_shade = if node.is_missing { "2" } else { "" };
        let mut line = self.padded(&name, self.name, name_shade);
        line.push_str(GAP);
        line.push_str(&self.bar(bar, ghost, shade, self.look));
        let took = if node.is_missing {
            NONE.to_owned()
        } else {
            option_duration(run.duration_ms, lang)
        };
        let _ = write!(line, "{GAP}{took:>width$}", width = self.took);
        if let Some(width) = self.good {
            let _ = write!(line, "{GAP}{:>width$}", good_duration(node, lang));
        }
        let shade = if node.is_missing { "2" } else { shade };
        let result = paint(
            result(node, self.drawing.teller),
            shade,
            self.drawing.colour,
        );
        let _ = writeln!(text, "{line}{GAP}{result}");
    }

    fn step(&self, step: &Step, indent: &str, text: &mut String) {
        let lang = self.drawing.teller.lang;
        let mut name = clean(&step.name);
        if let Some(index) = step.map_index.filter(|index| *index >= 0) {
            let _ = write!(name, "[{index}]");
        }
        let point = if self.drawing.unicode { '·' } else { '-' };
        let name = format!("{indent}{point} {name}");
        let failed = step.status == Some(RowStatus::Failed);
        let look = Look {
            bar: if self.drawing.unicode { '─' } else { '-' },
            open: if self.drawing.unicode { '╌' } else { '-' },
            ghost: ' ',
        };
        let bar = step.span().map(|span| (span, step.ended_at.is_none()));
        let mut line = self.padded(&name, self.name, "2");
        line.push_str(GAP);
        line.push_str(&self.bar(bar, None, if failed { "31" } else { "2" }, look));
        let took = option_duration(step.duration_ms, lang);
        let _ = write!(line, "{GAP}{took:>width$}", width = self.took);
        if let Some(width) = self.good {
            line.push_str(&" ".repeat(width + GAP.len()));
        }
        let said = said(step, self.drawing.teller);
        let said = if failed {
            paint(&said, "31", self.drawing.colour)
        } else {
            // Numbers of rows stand one below the other.
            format!("{said:>width$}", width = self.result)
        };
        let _ = writeln!(text, "{}", format!("{line}{GAP}{said}").trim_end());
    }

    fn error(&self, error: &ErrorLine, indent: &str, text: &mut String) {
        let lang = self.drawing.teller.lang;
        let zone = &self.drawing.teller.zone;
        let (mark, shade) = match (error.severity, self.drawing.unicode) {
            (Severity::Warning, _) => ("!", "33"),
            (_, true) => ("✗", "31"),
            (_, false) => ("x", "31"),
        };
        let at = zone
            .to_datetime(error.moment.timestamp())
            .strftime("%H:%M:%S");
        let mut told = format!("{mark} {at} ");
        if let Some(step) = &error.step {
            let _ = write!(told, "{} · ", clean(step));
        }
        match error.severity {
            Severity::Warning => told.push_str(words::severity(error.severity, lang)),
            _ => told.push_str(category(error.category, lang)),
        }
        if error.rows > 1 {
            let _ = write!(told, " × {}", self.drawing.teller.number(error.rows));
        }
        if let Some(message) = &error.message {
            let _ = write!(told, "{} {}", lang.colon(), cut(message, usize::MAX));
        }
        if !self.drawing.unicode {
            told = told.replace('·', "-").replace('×', "x");
        }
        let room = self
            .drawing
            .width
            .map(|width| width.saturating_sub(indent.chars().count()));
        let lines = match room {
            None => vec![told],
            Some(room) => at_most(wrapped(&told, room.saturating_sub(2).max(20)), room),
        };
        for (number, line) in lines.iter().enumerate() {
            let more = if number > 0 { "  " } else { "" };
            let line = paint(line, shade, self.drawing.colour);
            let _ = writeln!(text, "{indent}{more}{line}");
        }
    }

    fn bar(
        &self,
        bar: Option<([Moment; 2], bool)>,
        ghost: Option<[Moment; 2]>,
        shade: &str,
        look: Look,
    ) -> String {
        let stretches = self.axis.line(bar, ghost, look).into_iter();
        stretches
            .map(|stretch| match stretch.kind {
                Kind::Nothing => stretch.text,
                Kind::Bar => paint(&stretch.text, shade, self.drawing.colour),
                Kind::Ghost => paint(&stretch.text, "2", self.drawing.colour),
            })
            .collect()
    }

    /// What stands before the name of a run.
    fn indent(&self, node: &Node) -> String {
        let Some((goes_on, above)) = node.goes_on.split_last() else {
            return String::new();
        };
        let corner = match (self.drawing.unicode, goes_on) {
            (true, true) => "├ ",
            (true, false) => "└ ",
            (false, true) => "|-",
            (false, false) => "`-",
        };
        self.trunk(above) + corner
    }

    /// What stands before the steps and errors of a run.
    fn indent_below(&self, node: &Node, has_children: bool) -> String {
        let mut levels = node.goes_on.clone();
        levels.push(has_children);
        self.trunk(&levels)
    }

    fn trunk(&self, levels: &[bool]) -> String {
        let line = if self.drawing.unicode { "│ " } else { "| " };
        levels
            .iter()
            .map(|goes_on| if *goes_on { line } else { "  " })
            .collect()
    }

    fn padded(&self, text: &str, width: usize, shade: &str) -> String {
        let told = cut_to(text, width);
        let room = width.saturating_sub(told.chars().count());
        paint(&told, shade, self.drawing.colour) + &" ".repeat(room)
    }
}

/// From the first begin to the last end, with the last good run's from where this one begins.
fn axis(tree: &Tree) -> Axis {
    let runs = tree
        .runs()
        .flat_map(|node| [node.run.started_at, node.run.until()]);
    let ghosts = tree
        .nodes
        .iter()
        .filter_map(|node| tree.ghost(node))
        .flatten();
    let moments: Vec<Moment> = runs.chain(ghosts).collect();
    let start = tree.run().started_at;
    Axis {
        first: moments.iter().copied().min().unwrap_or(start),
        last: moments.iter().copied().max().unwrap_or(start),
        width: 0,
    }
}

fn good_duration(node: &Node, lang: crate::night::Lang) -> String {
    let good = node.last_good.as_ref();
    option_duration(good.and_then(|good| good.duration_ms), lang)
}

fn result(node: &Node, teller: &Teller) -> &'static str {
    if node.is_missing {
        words(teller.lang).not_below
    } else {
        words::outcome(node.run.outcome, teller.lang)
    }
}

/// That a step failed, or how many rows it wrote.
fn said(step: &Step, teller: &Teller) -> String {
    let lang = teller.lang;
    match (step.status, step.rows_out.or(step.rows_in)) {
        (Some(RowStatus::Failed), _) => words::outcome(Outcome::Failed, lang).to_owned(),
        (_, Some(rows)) => teller.counted(
            rows.max(0).unsigned_abs(),
            [lang.pick("row", "ligne"), lang.pick("rows", "lignes")],
        ),
        _ => String::new(),
    }
}

/// A name in one line, without what could steer the terminal.
fn clean(name: &str) -> String {
    cut(name, usize::MAX)
}

/// Like [`cut`], but blanks stay.
fn cut_to(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut told: String = text.chars().take(width.saturating_sub(1)).collect();
    told.push('…');
    told
}

/// The first lines, with a mark where there are more.
fn at_most(mut lines: Vec<String>, room: usize) -> Vec<String> {
    if lines.len() > MESSAGE_LINES {
        lines.truncate(MESSAGE_LINES);
        if let Some(last) = lines.last_mut() {
            last.push_str(" …");
        }
    }
    for line in &mut lines {
        *line = cut_to(line, room);
    }
    lines
}
