//! Messages that their source cut, at the 255 characters of a column for example.
//!
//! A cut message is the beginning of what its source wanted to say, and stands before what other columns say of it: its
//! code, and the cause that its stack names. So it is compared in two parts: its words with the beginnings of templates,
//! codes and causes with what stands anywhere in these. Names may stand where a template varies, also names that no
//! whole message has. Only what is the beginning of one template alone joins it.

use super::Entry;
use super::kind::Kind;
use super::mine::LONGEST_NAME;
use super::node::{self, Key, Node};
use super::word::{self, Word};
use std::cell::OnceCell;

/// Stands in the text of a cut message where it was cut, before what other columns say.
pub(in super::super) const CUT: char = '…';

/// Stand for [`CUT`] in keys; the second where items of a list were taken as one, so that the whole may say no more.
const HERE: u64 = 1;
const HERE_IN_A_LIST: u64 = 2;

/// Stand before a cause that the code of a program threw, whatever its name.
const CAUSED_BY: [&str; 2] = ["caused", "by"];

/// Of longer ones so many words count, so that all stand in the key.
const MOST_WORDS: usize = node::LOOKED_AT - 1;

/// A message that could stand in more places is the beginning of too much to be told.
const MOST_PLACES: usize = 64;
/// Of so many templates with one beginning it is looked for the one with the right code.
const MOST_ALIKE: usize = 1_000;

/// The words of a cut message: those that are sure, [`CUT`], and what other columns say.
pub(super) fn split<'t>(text: &'t str, words: &mut Vec<Word<'t>>) -> Node {
    let (message, columns) = text.rsplit_once(CUT).unwrap_or((text, ""));
    word::split(message, words);
    forget_the_end(words);
    let all = words.len();
    node::fold_lists(words);
    words.truncate(MOST_WORDS);
    let here = if words.len() < all {
        HERE_IN_A_LIST
    } else {
        HERE
    };
    words.push(Word {
        text: "…",
        kind: Kind::Fixed,
        blank: false,
        hash: here,
    });
    let mut said = Vec::new();
    word::split(columns, &mut said);
    words.append(&mut said);
    node::of_folded(words)
}

/// Takes away what the cut may have changed: the last word, of which a sign may be the end, and what varies before it.
fn forget_the_end(words: &mut Vec<Word<'_>>) {
    let last = words.pop();
    if last.is_some_and(|last| !last.blank && last.text.chars().all(word::is_part)) {
        // `TCP/` of `TCP/IP`
        words.pop();
    }
    while words.last().is_some_and(|word| word.hash == 0) {
        words.pop();
    }
}

/// How many words at the end may begin another item of a list, whose end was cut: in the whole message they are no more
/// there.
fn begun_item(words: &[Word<'_>]) -> usize {
    let begun = (2..=node::LONGEST_ITEM)
        .flat_map(|item| (1..item).map(move |begun| (begun, item)))
        .filter(|(begun, item)| {
            let Some(from) = words.len().checked_sub(begun + item) else {
                return false;
            };
            let (before, last) = words[from..].split_at(*item);
            let alike = |(one, other): (&Word<'_>, &Word<'_>)| one.hash == other.hash;
            before.iter().zip(last).all(alike) && node::is_item(before)
        })
        .map(|(begun, _)| begun);
    begun.max().unwrap_or_default()
}

/// Gives each cut message the pattern of the one template it is the beginning of, else a pattern of its own. `whole`
/// are the places of the others, `mined` their patterns.
pub(super) fn join(nodes: &[Entry], whole: &[usize], mined: &[Key]) -> Vec<(usize, (bool, Key))> {
    let mut cut: Vec<Cut<'_>> = (0..nodes.len())
        .filter(|at| nodes[*at].cut)
        .map(|at| Cut::of(at, &nodes[at]))
        .collect();
    if cut.is_empty() {
        return Vec::new();
    }
    cut.sort_unstable_by_key(|one| (one.words, one.columns));
    let templates = Beginnings::of(nodes, whole, mined);
    let mut found: Vec<Found> = vec![Found::Several; cut.len()];
    // The longest first: a shorter one may be the beginning of a longer one, and joins what that has joined.
    for (index, one) in cut.iter().enumerate().rev() {
        if one.words.is_empty() {
            found[index] = Found::Apart(index);
            continue;
        }
        let longer = cut[index + 1..]
            .iter()
            .zip(&found[index + 1..])
            .take_while(|(other, _)| other.words.starts_with(one.words))
            .filter(|(other, _)| other.columns.get(1..) == one.columns.get(1..));
        let mut all = templates.only(one);
        if one.without_item < one.words.len() {
            // It may be a list or not.
            all = all.and(templates.only(&one.without_item()));
        }
        for (_, other) in longer {
            all = all.and(*other);
            if matches!(all, Found::Several) {
                break;
            }
        }
        found[index] = match all {
            Found::Nothing | Found::Several => Found::Apart(index),
            joined => joined,
        };
    }
    let pattern = |found: &Found| match *found {
        Found::Template(at) => (false, templates.patterns[at as usize].key.clone()),
        Found::Apart(index) => (true, nodes[cut[index].at].node.key.clone()),
        Found::Nothing | Found::Several => (true, Key::default()),
    };
    cut.iter()
        .zip(&found)
        .map(|(one, found)| (one.at, pattern(found)))
        .collect()
}

/// A cut message in its parts.
struct Cut<'n> {
    at: usize,
    words: &'n [u64],
    kinds: &'n [Kind],
    /// From where it was cut on.
    columns: &'n [u64],
    /// What names the problem there.
    required: Vec<u64>,
    /// So many of its words stand before another item of a list.
    without_item: usize,
    is_in_a_list: bool,
}

impl<'n> Cut<'n> {
    fn of(at: usize, entry: &'n Entry) -> Self {
        let key = &entry.node.key;
        let here = key.iter().position(|word| is_here(*word));
        let (words, columns) = key.split_at(here.unwrap_or(key.len()));
        let mut said = Vec::new();
        split(&entry.text, &mut said);
        let at_here = said.iter().position(|word| is_here(word.hash));
        let (before, behind) = said.split_at(at_here.unwrap_or(said.len()));
        let without_item = &before[..before.len() - begun_item(before)];
        let names = |word: &&Word<'_>| {
            word.kind == Kind::Fixed && word.is_spoken() && !CAUSED_BY.contains(&word.text)
        };
        Self {
            at,
            words,
            kinds: &entry.node.kinds[..words.len()],
            columns,
            required: behind.iter().filter(names).map(|word| word.hash).collect(),
            without_item: node::runs(without_item).count(),
            is_in_a_list: columns.first() == Some(&HERE_IN_A_LIST),
        }
    }

    fn without_item(&self) -> Self {
        Self {
            words: &self.words[..self.without_item],
            kinds: &self.kinds[..self.without_item],
            required: self.required.clone(),
            is_in_a_list: true,
            ..*self
        }
    }

    /// The whole message says more than its sure words.
    fn goes_on(&self) -> bool {
        !self.is_in_a_list
    }
}

fn is_here(word: u64) -> bool {
    matches!(word, HERE | HERE_IN_A_LIST)
}

/// What a cut message is the beginning of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    /// A pattern of whole messages.
    Template(u32),
    /// What only cut messages say; the place of the longest.
    Apart(usize),
    Several,
}

impl Found {
    fn and(self, other: Self) -> Self {
        match self {
            Self::Nothing => other,
            same if same == other || other == Self::Nothing => same,
            _ => Self::Several,
        }
    }
}

/// What all whole messages say, and what their templates let vary.
struct Beginnings<'k> {
    patterns: Vec<Pattern<'k>>,
    messages: Sorted<'k>,
    templates: Sorted<'k>,
}

impl<'k> Beginnings<'k> {
    fn of(nodes: &'k [Entry], whole: &[usize], mined: &'k [Key]) -> Self {
        let mut by_pattern: Vec<usize> = (0..whole.len()).collect();
        by_pattern.sort_unstable_by_key(|at| &mined[*at]);
        let mut all = Self {
            patterns: Vec::new(),
            messages: Sorted::default(),
            templates: Sorted::default(),
        };
        for alike in by_pattern.chunk_by(|one, other| mined[*one] == mined[*other]) {
            let pattern = &mined[alike[0]];
            let number = u32::try_from(all.patterns.len()).unwrap_or(u32::MAX);
            all.patterns.push(Pattern {
                key: pattern,
                shown: &nodes[whole[alike[0]]],
                fixed: OnceCell::new(),
            });
            // Where one message is alone, nothing says that more varies than its form does.
            if alike.len() > 1 {
                all.templates.keys.push((pattern, number));
            }
            let messages = alike.iter().map(|at| &*nodes[whole[*at]].node.key);
            all.messages.keys.extend(messages.map(|key| (key, number)));
        }
        all.messages.sort();
        all.templates.sort();
        all
    }

    /// The template that this is the beginning of. A name of one word is likelier than one of several.
    fn only(&self, cut: &Cut<'_>) -> Found {
        let places = self
            .messages
            .places(cut, |kind| matches!(kind, Kind::Wild | Kind::Value));
        let of_templates = self.templates.places(cut, |kind| kind != Kind::Fixed);
        let (Some(places), Some(of_templates)) = (places, of_templates) else {
            return Found::Several;
        };
        let mut all: Vec<(u32, &Sorted<'_>, Place)> = places
            .into_iter()
            .map(|place| (place.more, &self.messages, place))
            .chain(
                of_templates
                    .into_iter()
                    .map(|place| (place.more, &self.templates, place)),
            )
            .collect();
        all.sort_by_key(|(more, _, _)| *more);
        all.chunk_by(|one, other| one.0 == other.0)
            .map(|alike| {
                alike
                    .iter()
                    .fold(Found::Nothing, |found, (_, sorted, place)| {
                        self.among(found, sorted, place, cut)
                    })
            })
            .find(|found| *found != Found::Nothing)
            .unwrap_or(Found::Nothing)
    }

    fn among(&self, found: Found, sorted: &Sorted<'_>, place: &Place, cut: &Cut<'_>) -> Found {
        let mut all = found;
        let mut at = place.from;
        let mut looked_at = 0;
        while at < place.to && all != Found::Several {
            let number = sorted.keys[at].1;
            let pattern = &self.patterns[number as usize];
            if cut.required.iter().all(|word| pattern.says(*word)) {
                all = all.and(Found::Template(number));
            }
            looked_at += 1;
            if looked_at > MOST_ALIKE {
                return Found::Several;
            }
            at = sorted.next_other[at];
        }
        all
    }
}

/// What the messages of a template have in common.
struct Pattern<'k> {
    key: &'k Key,
    /// One of them.
    shown: &'k Entry,
    /// The words of a long one that never vary, once they were asked for.
    fixed: OnceCell<Vec<u64>>,
}

impl Pattern<'_> {
    /// Whether a word stands there that is fixed: it is the same in all messages of a template.
    fn says(&self, word: u64) -> bool {
        if self.shown.node.key.len() <= node::LOOKED_AT {
            return self.key.contains(&word);
        }
        let fixed = self.fixed.get_or_init(|| {
            let mut words = Vec::new();
            word::split(&self.shown.text, &mut words);
            words.retain(|word| word.kind == Kind::Fixed);
            words.iter().map(|word| word.hash).collect()
        });
        fixed.contains(&word)
    }
}

/// Keys in their order, with the numbers of their patterns: what begins alike stands together.
#[derive(Default)]
struct Sorted<'k> {
    keys: Vec<(&'k [u64], u32)>,
    /// For each key the place of the next with another pattern.
    next_other: Vec<usize>,
}

/// Keys with one beginning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    from: usize,
    to: usize,
    depth: usize,
    /// Inside of what varies, behind so many words of a name.
    name: Option<u8>,
    /// So many words were taken for parts of names of several words.
    more: u32,
}

impl Sorted<'_> {
    fn sort(&mut self) {
        self.keys.sort_unstable();
        self.next_other = vec![self.keys.len(); self.keys.len()];
        for at in (1..self.keys.len()).rev() {
            self.next_other[at - 1] = if self.keys[at - 1].1 == self.keys[at].1 {
                self.next_other[at]
            } else {
                at
            };
        }
    }

    /// Where the words of a cut message stand; `None` if there is no end of places. `can_vary` says which words may
    /// stand where a key varies.
    fn places(&self, cut: &Cut<'_>, can_vary: impl Fn(Kind) -> bool) -> Option<Vec<Place>> {
        let mut places = vec![Place {
            from: 0,
            to: self.keys.len(),
            depth: 0,
            name: None,
            more: 0,
        }];
        let mut next = Vec::new();
        for (&word, &kind) in cut.words.iter().zip(cut.kinds) {
            next.clear();
            for place in &places {
                self.step(*place, word, can_vary(kind), &mut next);
            }
            next.sort_unstable();
            // Of the same place the one with fewest words in names.
            next.dedup_by_key(|place| (place.from, place.to, place.depth, place.name));
            if next.len() > MOST_PLACES {
                return None;
            }
            std::mem::swap(&mut places, &mut next);
        }
        if cut.goes_on() {
            for place in &mut places {
                let ends = |at: usize| self.keys[at].0.len() == place.depth;
                let is_full = place.name.is_none_or(|words| words >= LONGEST_NAME);
                while is_full && place.from < place.to && ends(place.from) {
                    place.from += 1;
                }
            }
        }
        places.retain(|place| place.from < place.to);
        Some(places)
    }

    fn step(&self, place: Place, word: u64, can_vary: bool, next: &mut Vec<Place>) {
        let is_name = u8::from(word != 0);
        if let Some(words) = place.name
            && can_vary
            && words + is_name <= LONGEST_NAME
        {
            next.push(Place {
                name: Some(words + is_name),
                more: place.more + u32::from(is_name > 0 && words > 0),
                ..place
            });
        }
        if word != 0 {
            next.extend(self.narrow(place, word));
        }
        if can_vary {
            next.extend(self.narrow(place, 0).map(|place| Place {
                name: Some(is_name),
                ..place
            }));
        }
    }

    /// The keys that go on with this word.
    fn narrow(&self, place: Place, word: u64) -> Option<Place> {
        let keys = &self.keys[place.from..place.to];
        let goes_on = |key: &[u64]| key.get(place.depth).copied();
        let from = keys.partition_point(|(key, _)| goes_on(key) < Some(word));
        let count = keys[from..].partition_point(|(key, _)| goes_on(key) == Some(word));
        (count > 0).then_some(Place {
            from: place.from + from,
            to: place.from + from + count,
            depth: place.depth + 1,
            name: None,
            more: place.more,
        })
    }
}
