//! Asks the rules in their order until one is sure enough.

use std::cell::OnceCell;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use super::fold::deepest_cause;
use super::model::Model;
use super::reading::{Reading, Sees};
use super::rules::{Kind, Rules};
use super::scheme;
use super::words::Hit;
use super::{Classification, ErrorFacts, Evidence, Place};
use crate::damaged::repaired;
use crate::model::{Blame, Category};

/// From here on evidence decides at once.
const SURE: f32 = 0.7;
/// How much of a message is looked at, in bytes. What names the cause stands at the front; a longer message is a
/// dump, whose cause is found by its chain.
pub(super) const LOOKED_AT: usize = 4_000;
/// Whether each rule is a candidate: one bit for each.
const BLOCKS: usize = 5;

/// Words that look as if a number before them counted something.
const COUNTS_NOTHING: [&str; 20] = [
    "acces", "sans", "dans", "vers", "lors", "apres", "depuis", "mais", "sous", "plus", "puis",
    "alors", "this", "does", "occurs", "returns", "means", "raises", "always", "across",
];

static RULES: OnceLock<Rules> = OnceLock::new();

fn rules() -> &'static Rules {
    RULES.get_or_init(Rules::compile)
}

/// Compiles what is compiled on demand elsewhere; panics where `rules.toml` is wrong.
#[cfg(test)]
pub(super) fn compile_all() {
    let rules = rules();
    assert!(rules.asked.len() <= BLOCKS * 64, "BLOCKS must grow");
    for asked in &rules.asked {
        if let Some(pattern) = &asked.pattern {
            pattern.regex();
        }
    }
}

pub(super) fn is_wrapper(rule: &str) -> bool {
    rules().is_wrapper(rule)
}

/// What a message says by itself, whatever stands in the code and in the stack: all of it depends on the system, the class and
/// the message alone. Each part is filled when it is first asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// By rules for what only repeats another error.
    repeats: Option<Vec<Classification>>,
    /// By the other rules, up to the first that is sure.
    tells: Option<Vec<Classification>>,
    /// It speaks of something that did not happen.
    denies: bool,
    /// By the model, where there is no deeper cause.
    likely: OnceCell<Option<Classification>>,
}

/// The model is asked where no rule speaks.
pub(super) fn classify(facts: &ErrorFacts<'_>, model: Option<&Model>) -> Classification {
    classify_again(facts, model, &mut Said::default())
}

/// [`classify`]; what the message says by itself is looked up in `said`, or written there.
pub(super) fn classify_again(
    facts: &ErrorFacts<'_>,
    model: Option<&Model>,
    said: &mut Said,
) -> Classification {
    let mut verdict = Verdict::default();
    let denies = walk(facts, false, said, &mut |_, _, says, repeats| {
        verdict.hear(says, repeats)
    });
    let model = model.filter(|_| !denies);
    verdict
        .close()
        .or_else(|| likely(facts, model?, said))
        .unwrap_or(Classification::UNKNOWN)
}

/// What the model says of the deepest cause, or of the message where there is none. It knows words, not what denies them: of
/// what [`walk`] says that it denies something, it is not asked.
fn likely(facts: &ErrorFacts<'_>, model: &Model, said: &mut Said) -> Option<Classification> {
    let says = |class, text| {
        let (category, confidence) = model.says(class, text)?;
        Some(rules().likely(category, confidence))
    };
    match (cause(facts), facts.message) {
        (Some(cause), _) => says(None, cause),
        (None, Some(message)) => *said.likely.get_or_init(|| says(facts.error_type, message)),
        (None, None) => None,
    }
}

/// The deepest cause that the stack names, or else the message.
fn cause<'t>(facts: &ErrorFacts<'t>) -> Option<&'t str> {
    let of_stack = facts.stack.and_then(deepest_cause);
    of_stack.or_else(|| facts.message.and_then(deepest_cause))
}

pub(super) fn of_category(category: Category) -> (Option<Blame>, Option<bool>) {
    rules().of_category(category)
}

pub(super) fn explain(facts: &ErrorFacts<'_>, model: Option<&Model>) -> Vec<Evidence> {
    let mut all = Vec::new();
    let mut said = Said::default();
    let denies = walk(facts, true, &mut said, &mut |place, found, says, _| {
        all.push(Evidence {
            place,
            found: found.to_owned(),
            says,
            decided: false,
        });
        ControlFlow::Continue(())
    });
    let asked = model.filter(|_| !denies);
    if let Some(says) = asked.and_then(|model| likely(facts, model, &mut said)) {
        all.push(Evidence {
            place: Place::Likeness,
            found: String::new(),
            says,
            decided: false,
        });
    }
    let decided = classify(facts, model);
    let rule = decided
        .rule
        .strip_prefix("wrapped:")
        .unwrap_or(decided.rule);
    if let Some(first) = all.iter_mut().find(|evidence| evidence.says.rule == rule) {
        first.decided = true;
    }
    all
}

/// The same order as [`Verdict`]: what is sure, then the surest, then a wrapper, then what the model says.
pub(super) fn otherwise(all: &[Evidence]) -> Option<&Evidence> {
    let decided = all.iter().find(|evidence| evidence.decided)?;
    let others = || {
        all.iter()
            .filter(|evidence| evidence.says.rule != decided.says.rule)
    };
    let telling =
        || others().filter(|evidence| !evidence.says.wrapper && evidence.place != Place::Likeness);
    let wrapper = || others().find(|evidence| evidence.says.wrapper);
    telling()
        .find(|evidence| evidence.says.confidence >= SURE)
        .or_else(|| {
            // The first of the surest, as when it is heard.
            telling().reduce(|best, one| {
                if one.says.confidence > best.says.confidence {
                    one
                } else {
                    best
                }
            })
        })
        .or_else(wrapper)
        .or_else(|| others().find(|evidence| evidence.place == Place::Likeness))
}

/// What was heard so far.
#[derive(Default)]
struct Verdict {
    sure: Option<Classification>,
    surest: Option<Classification>,
    wrapper: Option<Classification>,
    repeats: bool,
}

impl Verdict {
    /// Goes on until a sure rule spoke; afterwards only wrappers of copies can still matter, and they come from
    /// the same text, so `walk` asks for them before it stops.
    fn hear(&mut self, says: Classification, repeats: bool) -> ControlFlow<()> {
        if repeats {
            self.repeats = true;
        }
        if says.wrapper {
            self.wrapper.get_or_insert(says);
        } else if says.confidence >= SURE {
            if self.sure.is_none() {
                self.sure = Some(says);
            }
            return ControlFlow::Break(());
        } else if self
            .surest
            .is_none_or(|best| says.confidence > best.confidence)
        {
            self.surest = Some(says);
        }
        ControlFlow::Continue(())
    }

    /// `None` where no rule spoke.
    fn close(self) -> Option<Classification> {
        match (self.sure.or(self.surest), self.wrapper) {
            (Some(mut telling), _) if self.repeats => {
                telling.rule = rules().wrapped(telling.rule);
                telling.wrapper = true;
                Some(telling)
            }
            (Some(telling), _) => Some(telling),
            (None, wrapper) => wrapper,
        }
    }
}

type Hear<'h> = dyn FnMut(Place, &str, Classification, bool) -> ControlFlow<()> + 'h;

/// Shows all evidence to `hear`, in the order of `rules.toml`, until it has heard enough. What was found in a text is
/// only looked for where it is `told`.
///
/// Returns whether the deepest cause, or the message where there is none, speaks of what did not happen; nothing is looked
/// for in it where `hear` had enough before.
fn walk(facts: &ErrorFacts<'_>, told: bool, said: &mut Said, hear: &mut Hear<'_>) -> bool {
    let rules = rules();
    let mut stopped = false;
    if let Some(says) = scheme::judge(rules, facts) {
        let code = facts.error_code.unwrap_or_default();
        stopped = hear(Place::Code, code, says, false).is_break();
    }
    let message = facts.message.map_or("", |message| head(message, LOOKED_AT));
    let message = &*repaired(message);
    let class = facts.error_type.map(|class| head(class, LOOKED_AT / 4));
    let system = facts.system;
    let read = || Text::of(Reading::of(class, message), system, told);
    let mut whole = None;
    let repeats = said.repeats.get_or_insert_with(|| {
        let whole = whole.insert(read());
        said.denies = whole.candidates.denies;
        whole.repeats()
    });
    for says in &*repeats {
        stopped |= hear(Place::Message, "", *says, true).is_break();
    }
    if stopped {
        return false;
    }
    let mut denies = said.denies;
    if let Some(cause) = cause(facts) {
        let cause = repaired(head(cause, LOOKED_AT / 4));
        let cause = Text::of(Reading::of(None, &cause), system, told);
        denies = cause.candidates.denies;
        if cause.tell(Place::Cause, hear).is_break() {
            return denies;
        }
    }
    if let Some(tells) = &said.tells {
        let _ = tells
            .iter()
            .try_for_each(|says| hear(Place::Message, "", *says, false));
        return denies;
    }
    let mut tells = Vec::new();
    let whole = whole.unwrap_or_else(read);
    let _ = whole.tell(Place::Message, &mut |place, found, says, repeats| {
        tells.push(says);
        hear(place, found, says, repeats)
    });
    said.tells = Some(tells);
    denies
}

/// One text, and the rules that have a word in it.
struct Text<'t> {
    system: &'t str,
    /// Whether what is found is told.
    told: bool,
    reading: Reading<'t>,
    candidates: Candidates,
}

impl<'t> Text<'t> {
    fn of(mut reading: Reading<'t>, system: &'t str, told: bool) -> Self {
        Self {
            system,
            told,
            candidates: Candidates::of(rules(), &mut reading),
            reading,
        }
    }

    /// What the rules say that only repeat another error.
    fn repeats(&self) -> Vec<Classification> {
        let repeats =
            |at: &usize| matches!(rules().asked[*at].kind, Kind::Rule { repeats: true, .. });
        self.candidates
            .iter()
            .filter(repeats)
            .filter_map(|at| Some(self.says(at)?.1))
            .collect()
    }

    /// Shows what the other rules say.
    fn tell(&self, place: Place, hear: &mut Hear<'_>) -> ControlFlow<()> {
        for at in self.candidates.iter() {
            if matches!(rules().asked[at].kind, Kind::Rule { repeats: true, .. }) {
                continue;
            }
            if let Some((found, says)) = self.says(at) {
                hear(place, found, says, false)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// What one rule says that has a word in the text, and where it found that.
    fn says(&self, at: usize) -> Option<(&str, Classification)> {
        let asked = &rules().asked[at];
        if asked
            .none
            .iter()
            .any(|word| self.candidates.has_word(*word))
        {
            return None;
        }
        let folded = &*self.reading.folded;
        match &asked.kind {
            Kind::Rule { says, .. } => {
                let found = match &asked.pattern {
                    Some(pattern) => {
                        let (regex, text) = (pattern.regex(), self.reading.text(asked.reads));
                        if self.told {
                            &folded[regex.find(text)?.range()]
                        } else {
                            regex.is_match(text).then_some("")?
                        }
                    }
                    None if self.told => self.candidates.found(at, folded),
                    None => "",
                };
                Some((found, *says))
            }
            Kind::Find { scheme, systems } => {
                if !systems.is_empty() && !scheme::is_one(self.system, systems) {
                    return None;
                }
                asked
                    .pattern
                    .as_ref()?
                    .regex()
                    .captures_iter(self.reading.text(asked.reads))
                    .find_map(|captures| {
                        let counted = captures.name("counted");
                        if counted.is_some_and(|word| !COUNTS_NOTHING.contains(&word.as_str())) {
                            return None;
                        }
                        let code = captures.get(1).or_else(|| captures.get(2))?;
                        let code = &folded[code.range()];
                        let says = rules().code(scheme, code)?;
                        // As the vendor writes it, unless only its class is known.
                        let named = says
                            .rule
                            .strip_prefix(&**scheme)
                            .and_then(|rule| rule.strip_prefix(':'));
                        Some((named.unwrap_or(code), says))
                    })
            }
        }
    }
}

/// Which rules have a word in a text.
struct Candidates {
    asked: [u64; BLOCKS],
    /// The words that stand in the text, with the ends of the first place where most of it may be read.
    words: Vec<Found>,
    /// A word was denied that a rule asked for.
    denies: bool,
}

struct Found {
    word: u16,
    start: u32,
    end: u32,
    sees: Sees,
    denied: bool,
}

impl Candidates {
    fn of(rules: &Rules, reading: &mut Reading<'_>) -> Self {
        let mut candidates = Self {
            asked: [0; BLOCKS],
            words: Vec::with_capacity(16),
            denies: false,
        };
        // Where the last one stands that is denied: so are words in it.
        let mut denied_in = 0..0;
        let hits = rules.words.find(&reading.folded);
        reading.find_names(hits.iter().map(|hit| hit.start));
        for Hit { word, start, end } in hits {
            let known = candidates.words.iter().position(|known| known.word == word);
            let is_best = |known: &Found| known.sees == Sees::Everything && !known.denied;
            if known.is_some_and(|at| is_best(&candidates.words[at])) {
                continue;
            }
            let sees = reading.sees(start, end);
            let entry = rules.words.get(word);
            let denied = entry.may_be_denied
                && sees != Sees::Nothing
                && (denied_in.start <= start && end <= denied_in.end || reading.denies(start, end));
            if denied {
                denied_in = start..end;
            }
            let found = Found {
                word,
                start: start as u32,
                end: end as u32,
                sees,
                denied,
            };
            let counts = |found: &Found| (found.sees, !found.denied);
            match known {
                // What forbids a rule may be the name of a file.
                _ if sees == Sees::Nothing && !entry.is_name => continue,
                Some(at) if counts(&candidates.words[at]) < counts(&found) => {
                    candidates.words[at] = found;
                }
                Some(_) => continue,
                None => candidates.words.push(found),
            }
            for asked in &entry.asked_by {
                let rule = &rules.asked[usize::from(*asked)];
                if denied && rule.happened {
                    candidates.denies = true;
                } else if sees.is_enough(rule.reads) {
                    candidates.asked[usize::from(asked / 64)] |= 1 << (asked % 64);
                }
            }
        }
        candidates
    }

    /// The rules, in their order.
    fn iter(&self) -> impl Iterator<Item = usize> {
        let blocks = self.asked;
        (0..BLOCKS).flat_map(move |block| {
            let mut bits = blocks[block];
            std::iter::from_fn(move || {
                let at = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
                bits &= bits - 1;
                Some(block * 64 + at)
            })
        })
    }

    fn has_word(&self, word: u16) -> bool {
        self.words.iter().any(|known| known.word == word)
    }

    /// The first word of this rule that stands in the text.
    fn found<'t>(&self, asked: usize, text: &'t str) -> &'t str {
        let rules = rules();
        self.words
            .iter()
            .find(|found| {
                found.sees.is_enough(rules.asked[asked].reads)
                    && !(found.denied && rules.asked[asked].happened)
                    && rules
                        .words
                        .get(found.word)
                        .asked_by
                        .iter()
                        .any(|at| usize::from(*at) == asked)
            })
            .map_or("", |found| &text[found.start as usize..found.end as usize])
    }
}

/// The first `limit` bytes at most, cut where a letter ends.
fn head(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}
