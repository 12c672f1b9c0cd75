//! What people say about templates: which mean the same, which do not, what they are called and what kind they are.
//!
//! A problem is a group of signatures: a template, unless somebody said otherwise. [`problems`] is a function of the
//! signatures with their templates, of the ids that templates had before, and of what was said, in the order of its
//! numbers. It must never look at a message.
//!
//! What is said holds for *cells*: a template is one, and what was split off is one. A merge joins the problems that two cells
//! are in; a split makes new cells; a title or a correction stays with the cell it was said of, and a problem has the
//! one that was said last of its cells.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

use crate::model::{Blame, Category};

/// Stands in the id of what was split off.
const SPLIT_VERSION: u8 = 1;

/// A signature, and the template that its message has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub signature: Uuid,
    /// The source cut the message. Where a signature has a whole message, too, the cut one goes with it.
    pub cut: bool,
    pub template: Uuid,
    /// A hash of its masked text: where masks change, the same message has another signature and the same text.
    pub text: u64,
}

/// What a person said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Later ones win.
    pub number: i64,
    pub said: Said,
    /// It was taken back. Of a split it is to be known: what was said of what it made says nothing any more.
    pub is_undone: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Both mean the same; the id of `into` stays.
    Merge {
        into: Uuid,
        other: Uuid,
    },
    Split {
        problem: Uuid,
        how: Split,
    },
    Rename {
        problem: Uuid,
        title: String,
    },
    /// The category is another one. `signature`: that of the error that was looked at, wherever it is by now.
    Correct {
        problem: Uuid,
        signature: Option<Uuid>,
        to: Correction,
    },
}

/// What a problem falls apart into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Split {
    /// The cells it was merged from.
    Apart,
    /// Its signatures, each by itself, with others of the same text; also those that come later.
    Each,
    /// These signatures, which become a problem of their own with others of the same texts, and the rest.
    These(BTreeSet<Uuid>),
}

/// What kind of error it is, by a person's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    pub category: Category,
    pub blame: Option<Blame>,
    pub retryable: Option<bool>,
}

/// Signatures that mean the same, as far as templates and people know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub id: Uuid,
    pub title: Option<String>,
    pub correction: Option<Correction>,
    /// Places among the signatures, ascending.
    pub members: Vec<usize>,
}

impl Problem {
    /// Whether it was merged: [`Split::Apart`] takes it apart.
    pub fn is_merged(&self, held: &[Held]) -> bool {
        let first = self.members.first().map(|at| held[*at].template);
        self.members
            .iter()
            .any(|at| Some(held[*at].template) != first)
    }
}

/// The problems of these signatures, by id; each signature is in one. `aliases`: ids that templates had, with those that
/// took their place. `overrides`: what was said, in any order.
pub fn problems(
    held: &[Held],
    aliases: &BTreeMap<Uuid, Uuid>,
    overrides: &[Override],
) -> Vec<Problem> {
    let mut cells = Cells::of(held, aliases);
    let mut overrides: Vec<&Override> = overrides.iter().collect();
    overrides.sort_by_key(|one| one.number);
    for one in overrides {
        cells.apply(one);
    }
    cells.problems()
}

/// What the fold is told: the correction of each signature that has one.
pub fn corrections(held: &[Held], problems: &[Problem]) -> BTreeMap<Uuid, Correction> {
    let corrected = problems.iter().filter_map(|problem| {
        let signatures = problem.members.iter().map(|at| held[*at].signature);
        Some((signatures, problem.correction?))
    });
    corrected
        .flat_map(|(signatures, correction)| signatures.map(move |of| (of, correction)))
        .collect()
}

/// New names for templates that are no more: for each the one that now holds most of its signatures, the smallest of
/// several. `aliases`: those that were known before.
pub fn aliases(
    before: &[Held],
    now: &[Held],
    aliases: &BTreeMap<Uuid, Uuid>,
) -> BTreeMap<Uuid, Uuid> {
    let template_now: BTreeMap<(Uuid, bool), Uuid> = now
        .iter()
        .map(|held| ((held.signature, held.cut), held.template))
        .collect();
    let live: BTreeSet<Uuid> = template_now.values().copied().collect();
    let mut shares: BTreeMap<Uuid, BTreeMap<Uuid, usize>> = BTreeMap::new();
    for held in before {
        if let Some(&template) = template_now.get(&(held.signature, held.cut))
            && !live.contains(&held.template)
        {
            let of_template = shares.entry(held.template).or_default();
            *of_template.entry(template).or_default() += 1;
        }
    }
    let mut all = aliases.clone();
    for (old, shares) in shares {
        let most = shares
            .into_iter()
            .max_by_key(|&(template, count)| (count, std::cmp::Reverse(template)));
        if let Some((template, _)) = most {
            all.insert(old, template);
        }
    }
    // A template that came back needs no other name.
    all.retain(|old, _| !live.contains(old));
    let known = all.clone();
    for template in all.values_mut() {
        *template = canonical(*template, &known);
    }
    all
}

/// Follows other names to the end.
fn canonical(id: Uuid, aliases: &BTreeMap<Uuid, Uuid>) -> Uuid {
    let mut found = id;
    for _ in 0..=aliases.len() {
        match aliases.get(&found) {
            Some(&next) if next != found => found = next,
            _ => break,
        }
    }
    found
}

/// What was said last of a cell, with its number.
type Last<T> = Option<(i64, T)>;

#[derive(Clone, Debug)]
struct Cell {
    name: Uuid,
    class: usize,
    title: Last<String>,
    correction: Last<Correction>,
}

struct Cells<'h> {
    held: &'h [Held],
    aliases: &'h BTreeMap<Uuid, Uuid>,
    cells: Vec<Cell>,
    /// The cells of a problem; the first one names it.
    classes: Vec<Vec<usize>>,
    by_name: BTreeMap<Uuid, usize>,
    /// Cells of splits that were taken back.
    gone: BTreeSet<Uuid>,
    /// The cell of each signature.
    cell_of: Vec<usize>,
    /// Where each signature stands, whole before cut.
    places: BTreeMap<Uuid, Vec<usize>>,
}

impl<'h> Cells<'h> {
    fn of(held: &'h [Held], aliases: &'h BTreeMap<Uuid, Uuid>) -> Self {
        let whole: BTreeMap<Uuid, Uuid> = held
            .iter()
            .filter(|held| !held.cut)
            .map(|held| (held.signature, held.template))
            .collect();
        let mut cells = Self {
            held,
            aliases,
            cells: Vec::new(),
            classes: Vec::new(),
            by_name: BTreeMap::new(),
            gone: BTreeSet::new(),
            cell_of: Vec::new(),
            places: BTreeMap::new(),
        };
        for (at, one) in held.iter().enumerate() {
            cells.places.entry(one.signature).or_default().push(at);
        }
        for places in cells.places.values_mut() {
            places.sort_by_key(|at| held[*at].cut);
        }
        cells.cell_of = held
            .iter()
            .map(|one| cells.cell(*whole.get(&one.signature).unwrap_or(&one.template)))
            .collect();
        cells
    }

    /// The cell with this id, made where nothing has it now: what it names may come back.
    fn cell(&mut self, id: Uuid) -> usize {
        let name = canonical(id, self.aliases);
        match self.by_name.get(&name) {
            Some(&cell) => cell,
            None => self.new_cell(name),
        }
    }

    /// Whether a split made it that was taken back, and no other made it since.
    fn is_gone(&self, id: Uuid) -> bool {
        self.gone.contains(&id) && !self.by_name.contains_key(&id)
    }

    fn new_cell(&mut self, name: Uuid) -> usize {
        let cell = self.cells.len();
        self.cells.push(Cell {
            name,
            class: self.classes.len(),
            title: None,
            correction: None,
        });
        self.classes.push(vec![cell]);
        if let Some(before) = self.by_name.insert(name, cell) {
            // Nothing is left of what was split off in the same way before.
            let class = self.cells[before].class;
            self.classes[class].retain(|other| *other != before);
        }
        cell
    }

    fn apply(&mut self, one: &Override) {
        match &one.said {
            Said::Split { how, .. } if one.is_undone => self.forget(how),
            _ if one.is_undone => {}
            Said::Merge { into, other } if self.is_gone(*into) || self.is_gone(*other) => {}
            Said::Rename { problem, .. } if self.is_gone(*problem) => {}
            Said::Merge { into, other } => {
                let [into, other] = [*into, *other].map(|id| self.cell(id));
                self.join(self.cells[into].class, self.cells[other].class);
            }
            Said::Split { problem, how } => {
                let cell = self.cell(*problem);
                self.split(self.cells[cell].class, how);
            }
            Said::Rename { problem, title } => {
                let cell = self.cell(*problem);
                self.cells[cell].title = Some((one.number, title.clone()));
            }
            Said::Correct {
                problem,
                signature,
                to,
            } => {
                let at = signature
                    .and_then(|signature| self.places.get(&signature))
                    .and_then(|places| places.first())
                    .map(|at| self.cell_of[*at]);
                if at.is_none() && self.is_gone(*problem) {
                    return;
                }
                let cell = at.unwrap_or_else(|| self.cell(*problem));
                self.cells[cell].correction = Some((one.number, *to));
            }
        }
    }

    /// What a split would make is gone.
    fn forget(&mut self, how: &Split) {
        match how {
            Split::Apart => {}
            Split::These(signatures) => {
                self.gone.insert(split_id(signatures));
            }
            Split::Each => {
                let alone = first_of_each_text(self.held.iter()).into_iter();
                self.gone
                    .extend(alone.map(|signature| split_id(&BTreeSet::from([signature]))));
            }
        }
    }

    fn join(&mut self, into: usize, other: usize) {
        if into == other {
            return;
        }
        let cells = std::mem::take(&mut self.classes[other]);
        for &cell in &cells {
            self.cells[cell].class = into;
        }
        self.classes[into].extend(cells);
    }

    fn split(&mut self, class: usize, how: &Split) {
        match how {
            Split::Apart => {
                let of_class = &mut self.classes[class];
                let others = of_class.split_off(of_class.len().min(1));
                for cell in others {
                    self.cells[cell].class = self.classes.len();
                    self.classes.push(vec![cell]);
                }
            }
            Split::Each => {
                let of_class = |at: &usize| self.cells[self.cell_of[*at]].class == class;
                let members: Vec<usize> = (0..self.held.len()).filter(of_class).collect();
                let members = members.iter().map(|at| &self.held[*at]);
                for signature in first_of_each_text(members) {
                    self.set_apart(&BTreeSet::from([signature]));
                }
            }
            Split::These(signatures) => self.set_apart(signatures),
        }
    }

    fn set_apart(&mut self, signatures: &BTreeSet<Uuid>) {
        let cell = self.new_cell(split_id(signatures));
        let held = self.held.iter().zip(&mut self.cell_of);
        let named = |one: &Held| signatures.contains(&one.signature);
        let texts: BTreeSet<u64> = self
            .held
            .iter()
            .filter(|one| named(one))
            .map(|one| one.text)
            .collect();
        for (one, of) in held {
            if named(one) || texts.contains(&one.text) {
                *of = cell;
            }
        }
    }

    fn problems(self) -> Vec<Problem> {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); self.classes.len()];
        for (at, cell) in self.cell_of.iter().enumerate() {
            members[self.cells[*cell].class].push(at);
        }
        let mut problems: Vec<Problem> = self
            .classes
            .iter()
            .zip(members)
            .filter(|(_, members)| !members.is_empty())
            .map(|(cells, members)| {
                let cells = cells.iter().map(|cell| &self.cells[*cell]);
                let title = cells.clone().filter_map(|cell| cell.title.clone());
                let correction = cells.clone().filter_map(|cell| cell.correction);
                Problem {
                    id: cells.clone().next().map_or(Uuid::nil(), |cell| cell.name),
                    title: title.max_by_key(|said| said.0).map(|said| said.1),
                    correction: correction.max_by_key(|said| said.0).map(|said| said.1),
                    members,
                }
            })
            .collect();
        problems.sort_unstable_by_key(|problem| problem.id);
        problems
    }
}

/// Of each text the signature that stands for it: that of the earliest masks, so that the id stays when masks change.
fn first_of_each_text<'h>(held: impl Iterator<Item = &'h Held>) -> BTreeSet<Uuid> {
    let mut first: BTreeMap<u64, (u8, Uuid)> = BTreeMap::new();
    for one in held {
        let version = one.signature.as_bytes()[1];
        let of_text = first.entry(one.text).or_insert((version, one.signature));
        *of_text = (*of_text).min((version, one.signature));
    }
    first
        .into_values()
        .map(|(_, signature)| signature)
        .collect()
}

/// The id of these signatures, where a person took them out of their problem: a uuid (version 8).
pub fn split_id(signatures: &BTreeSet<Uuid>) -> Uuid {
    let mut hasher = Xxh3::with_seed(u64::from(SPLIT_VERSION));
    for signature in signatures {
        hasher.update(signature.as_bytes());
    }
    let mut bytes = hasher.digest128().to_be_bytes();
    bytes[1] = SPLIT_VERSION;
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests;
