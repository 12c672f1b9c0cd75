//! Brings signatures together that mean the same: which template a masked message belongs to.
//!
//! A template is a function of the *set* of masked messages, never of their order or number: who loads the same logs
//! in another order gets the same templates with the same ids. Nothing here knows a tool, a file or a data set.
//!
//! # How
//!
//! 1. **Words** (`word`, `kind`, `language`). A masked message is split into words and signs. A word is *wild* where its form says that
//!    it names one thing of many: it holds a mask (`attempt_#`), it is qualified (`SCHEMA.TABLE`, `package.Class`), it
//!    stands behind the noun of its kind (`user root`, `table ventes`), it is an object that a program printed
//!    (`name=Token{…}`), a value of a program (`=true`). Codes, exception classes, signs and the first word are
//!    *fixed*. All else is *open*.
//! 2. **Nodes** (`node`, `plural`). Messages are equal when their words are, with runs of wild ones taken as one, and the
//!    items of lists, too; behind a number one and many are the same word. So a message's length plays no part. (Drain, He et al., ICWS 2017, and Brain, Yu et al., IEEE
//!    TSC 2023, compare only messages of equal length.)
//! 3. **Mining** (`mine`). For each open word w of a node, let g be the node without w, and F(g) the set of single
//!    words that fill the same gap in all nodes. If |F(g)| ≥ 6, what stands in the gap (up to three words) varies. It
//!    is AEL's and Brain's observation that a constant has few alternatives and a name has many, asked of distinct
//!    messages, not of lines, and of one place at a time. Nodes that share such a gap are one; this is done again
//!    with the results until nothing changes, five times at most.
//! 4. **Cut messages** (`cut`). A message that its source cut joins the one template it is the beginning of, whatever
//!    name it has where that varies; if there are none or several, it stands apart.
//!
//! With n distinct masked messages of w words: O(n·w) hashes and a sort of the gaps that are shared. A signature that
//! is known costs one look-up; a new one that is equal to a node costs its splitting; only a new node is mined.

mod cut;
mod kind;
mod language;
mod mine;
mod node;
mod plural;
mod render;
mod word;

use super::Named;
pub(super) use cut::CUT;
use hashbrown::HashMap;
use node::{Key, Node};
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

/// Stands in every template's id; grows whenever the same messages would be grouped otherwise.
pub const TEMPLATE_VERSION: u8 = 6;

/// Signatures that mean the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// A uuid (version 8) of what stays in all its messages; its second byte is [`TEMPLATE_VERSION`].
    pub id: Uuid,
    /// The smallest of its messages with `<*>` for what varies; `…` stands where its messages are cut, and in long ones
    /// for what is not shown.
    pub text: String,
}

/// Where a signature's message stands among all; holds as long as its [`Templates`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u32);

/// All templates of a set of masked messages.
#[derive(Debug, Default)]
pub struct Templates {
    known: HashMap<(Uuid, bool), Place>,
    nodes: Vec<Entry>,
    of_key: HashMap<(bool, Key), Place>,
    /// How many of `nodes` `templates` was made of.
    mined: usize,
    /// A text changed since then.
    stale: bool,
    template_of: Vec<u32>,
    templates: Vec<Template>,
}

/// A node and what its messages look like.
#[derive(Debug)]
struct Entry {
    node: Node,
    /// Its source cut it.
    cut: bool,
    /// The smallest of its masked messages.
    text: Box<str>,
    /// For each run of wild words whether messages differ there.
    varies: Box<[bool]>,
}

impl Templates {
    /// The templates of these masked messages, and for each message which of them it has.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> (Vec<Template>, Vec<usize>) {
        let mut all = Self::default();
        let places: Vec<Place> = texts
            .into_iter()
            .map(|text| all.place(text, false))
            .collect();
        all.mine();
        let of = places.iter().map(|place| all.index(*place)).collect();
        (all.templates, of)
    }

    /// Where the message of a signature stands, if it was added: the fast path. A cut message stands elsewhere than a
    /// whole one of the same signature.
    pub fn get(&self, signature: Uuid, cut: bool) -> Option<Place> {
        self.known.get(&(signature, cut)).copied()
    }

    /// Adds a signature with its masked message, as [`super::text`] writes it; `cut` says that the source cut the
    /// message.
    pub fn add(&mut self, signature: Uuid, text: &str, cut: bool) -> Place {
        let place = self.place(text, cut);
        self.known.insert((signature, cut), place);
        place
    }

    /// Where an error's message stands; it is added if its signature is new. `scratch` is only reused memory.
    pub fn place_of(&mut self, error: &Named<'_>, cut: bool, scratch: &mut String) -> Place {
        let signature = super::signature(error, scratch);
        self.get(signature, cut).unwrap_or_else(|| {
            super::text(error, cut, scratch);
            self.add(signature, scratch, cut)
        })
    }

    /// Computes the templates of all that was added, if something new was.
    pub fn mine(&mut self) {
        if self.mined == self.nodes.len() && !self.stale {
            return;
        }
        let mut whole: Vec<usize> = (0..self.nodes.len())
            .filter(|at| !self.nodes[*at].cut)
            .collect();
        whole.sort_unstable_by(|one, other| {
            self.nodes[*one].node.key.cmp(&self.nodes[*other].node.key)
        });
        let sorted = whole
            .iter()
            .map(|at| self.nodes[*at].node.clone())
            .collect();
        let mut patterns = vec![(false, Key::default()); self.nodes.len()];
        let mined = mine::mine(sorted);
        for (at, pattern) in cut::join(&self.nodes, &whole, &mined) {
            patterns[at] = pattern;
        }
        for (at, pattern) in whole.iter().zip(mined) {
            patterns[*at] = (false, pattern);
        }
        self.name(&patterns);
        self.mined = self.nodes.len();
        self.stale = false;
    }

    /// The template that holds there, once [`Templates::mine`] has run.
    pub fn template(&self, place: Place) -> &Template {
        &self.templates[self.index(place)]
    }

    /// All templates, by id.
    pub fn templates(&self) -> &[Template] {
        &self.templates
    }

    /// Which of [`Templates::templates`] holds there.
    pub fn index(&self, place: Place) -> usize {
        self.template_of[place.0 as usize] as usize
    }

    fn place(&mut self, text: &str, cut: bool) -> Place {
        let mut words = Vec::new();
        let node = split(text, cut, &mut words);
        let next = Place(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        let place = *self.of_key.entry((cut, node.key.clone())).or_insert(next);
        match self.nodes.get_mut(place.0 as usize) {
            Some(entry) => self.stale |= entry.add(&node, text, &words),
            None => self.nodes.push(Entry {
                varies: vec![false; node.key.iter().filter(|word| **word == 0).count()].into(),
                node,
                cut,
                text: text.into(),
            }),
        }
        place
    }

    /// Gives all nodes with one pattern one name.
    fn name(&mut self, patterns: &[(bool, Key)]) {
        let mut by_pattern: Vec<usize> = (0..patterns.len()).collect();
        by_pattern.sort_unstable_by(|one, other| {
            let text = |at: usize| (&patterns[at], self.nodes[at].cut, &self.nodes[at].text);
            text(*one).cmp(&text(*other))
        });
        let mut templates: Vec<(Template, &[usize])> = by_pattern
            .chunk_by(|one, other| patterns[*one] == patterns[*other])
            .map(|nodes| (self.template_from(nodes, &patterns[nodes[0]]), nodes))
            .collect();
        templates.sort_unstable_by_key(|(template, _)| template.id);
        let mut template_of = vec![0; self.nodes.len()];
        for (index, (_, nodes)) in templates.iter().enumerate() {
            for node in *nodes {
                template_of[*node] = u32::try_from(index).unwrap_or(u32::MAX);
            }
        }
        self.templates = templates
            .into_iter()
            .map(|(template, _)| template)
            .collect();
        self.template_of = template_of;
    }

    /// The template of these nodes, the one with the smallest text first.
    fn template_from(&self, nodes: &[usize], (cut, pattern): &(bool, Key)) -> Template {
        let whole = nodes
            .iter()
            .filter(|at| self.nodes[**at].cut == *cut)
            .count();
        // The longest of cut ones says most.
        let is_pattern = |at: &&usize| self.nodes[**at].node.key == *pattern;
        let shown = nodes.iter().find(|at| *cut && is_pattern(at));
        let entry = &self.nodes[*shown.unwrap_or(&nodes[0])];
        let mut words = Vec::new();
        split(&entry.text, entry.cut, &mut words);
        render::shorten(&mut words);
        let mut text = if whole > 1 && !cut {
            render::pattern(&words, pattern)
        } else {
            render::runs(&words, &entry.varies)
        };
        text.shrink_to_fit();
        Template {
            id: id(*cut, pattern),
            text,
        }
    }
}

impl Entry {
    /// Takes in another message of this node; whether that changes what people see.
    fn add(&mut self, node: &Node, text: &str, words: &[word::Word<'_>]) -> bool {
        if *self.text == *text {
            return false;
        }
        let mut known = Vec::new();
        split(&self.text, self.cut, &mut known);
        let mut changed = self.node.restrict(node);
        for ((known, new), varies) in render::wild_runs(&known)
            .zip(render::wild_runs(words))
            .zip(&mut *self.varies)
        {
            let same = known.len() == new.len()
                && known
                    .iter()
                    .zip(new)
                    .all(|(known, new)| known.text == new.text);
            changed |= !same && !*varies;
            *varies |= !same;
        }
        if *text < *self.text {
            self.text = text.into();
            changed = true;
        }
        changed
    }
}

/// The words of a text as they count, and their node.
fn split<'t>(text: &'t str, cut: bool, words: &mut Vec<word::Word<'t>>) -> Node {
    if cut {
        cut::split(text, words)
    } else {
        word::split(text, words);
        node::of(words)
    }
}

fn id(cut: bool, pattern: &[u64]) -> Uuid {
    let mut hasher = Xxh3::with_seed(u64::from(TEMPLATE_VERSION));
    hasher.update(&[u8::from(cut)]);
    for word in pattern {
        hasher.update(&word.to_le_bytes());
    }
    let mut bytes = hasher.digest128().to_be_bytes();
    bytes[1] = TEMPLATE_VERSION;
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests;
