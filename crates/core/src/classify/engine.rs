//! Asks the rules in their order until one is sure enough.

use std::ops::ControlFlow;
use std::sync::OnceLock;

use super::fold::{deepest_cause, fold_into};
use super::model::Model;
use super::rules::{Kind, Rules};
use super::{Classification, ErrorFacts, Evidence, Place};
use crate::model::{Blame, Category};

/// From here on evidence decides at once.
const SURE: f32 = 0.7;
/// How much of a message is looked at, in bytes. What names the cause stands at the front; a longer message is a
/// dump, whose cause is found by its chain.
pub(super) const LOOKED_AT: usize = 4_000;
/// Whether each rule is a candidate: one bit for each.
const BLOCKS: usize = 4;

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

/// The model is asked where no rule speaks.
pub(super) fn classify(facts: &ErrorFacts<'_>, model: Option<&Model>) -> Classification {
    let mut verdict = Verdict::default();
    walk(facts, &mut |_, _, says, repeats| {
        verdict.hear(says, repeats)
    });
    verdict
        .close()
        .or_else(|| likely(facts, model?))
        .unwrap_or(Classification::UNKNOWN)
}

/// What the model says of the deepest cause, or of the message where there is none.
fn likely(facts: &ErrorFacts<'_>, model: &Model) -> Option<Classification> {
    let cause = facts
        .stack
        .and_then(deepest_cause)
        .or_else(|| facts.message.and_then(deepest_cause));
    let (category, confidence) = match (cause, facts.message) {
        (Some(cause), _) => model.says(None, cause),
        (None, Some(message)) => model.says(facts.error_type, message),
        (None, None) => None,
    }?;
    Some(rules().likely(category, confidence))
}

pub(super) fn of_category(category: Category) -> (Option<Blame>, Option<bool>) {
    rules().of_category(category)
}

pub(super) fn explain(facts: &ErrorFacts<'_>, model: Option<&Model>) -> Vec<Evidence> {
    let mut all = Vec::new();
    walk(facts, &mut |place, found, says, _| {
        all.push(Evidence {
            place,
            found: found.to_owned(),
            says,
            decided: false,
        });
        ControlFlow::Continue(())
    });
    if let Some(says) = model.and_then(|model| likely(facts, model)) {
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

/// Shows all evidence to `hear`, in the order of `rules.toml`, until it has heard enough.
fn walk(facts: &ErrorFacts<'_>, hear: &mut Hear<'_>) {
    let rules = rules();
    let mut stopped = false;
    if let (Some(code), Some(scheme)) = (facts.error_code, scheme_of(facts))
        && let Some(says) = rules.code(scheme, code)
    {
        stopped = hear(Place::Code, code, says, false).is_break();
    }
    let message = facts.message.map_or("", |message| head(message, LOOKED_AT));
    let cause = facts
        .stack
        .and_then(deepest_cause)
        .or_else(|| facts.message.and_then(deepest_cause))
        .map(|cause| head(cause, LOOKED_AT / 4));

    let mut text = String::with_capacity(message.len() + 64);
    if let Some(class) = facts.error_type {
        fold_into(head(class, LOOKED_AT / 4), &mut text);
        text.push_str(": ");
    }
    fold_into(message, &mut text);
    let whole = Candidates::of(rules, &text);
    for at in whole.iter() {
        if let Kind::Rule {
            says,
            repeats: true,
        } = &rules.asked[at].kind
            && ask(rules, at, &text, &whole, facts.system).is_some()
        {
            stopped |= hear(Place::Message, "", *says, true).is_break();
        }
    }
    if stopped {
        return;
    }
    if let Some(cause) = cause {
        let mut folded = String::with_capacity(cause.len() + 16);
        fold_into(cause, &mut folded);
        let candidates = Candidates::of(rules, &folded);
        if tell(
            rules,
            Place::Cause,
            &folded,
            &candidates,
            facts.system,
            hear,
        )
        .is_break()
        {
            return;
        }
    }
    let _ = tell(rules, Place::Message, &text, &whole, facts.system, hear);
}

/// Shows what one text says.
fn tell(
    rules: &Rules,
    place: Place,
    text: &str,
    candidates: &Candidates,
    system: &str,
    hear: &mut Hear<'_>,
) -> ControlFlow<()> {
    for at in candidates.iter() {
        if matches!(rules.asked[at].kind, Kind::Rule { repeats: true, .. }) {
            continue;
        }
        if let Some((found, says)) = ask(rules, at, text, candidates, system) {
            hear(place, found, says, false)?;
        }
    }
    ControlFlow::Continue(())
}

/// What one rule says about a text that has one of its words.
fn ask<'t>(
    rules: &Rules,
    at: usize,
    text: &'t str,
    candidates: &Candidates,
    system: &str,
) -> Option<(&'t str, Classification)> {
    let asked = &rules.asked[at];
    if asked.none.iter().any(|word| candidates.has_word(*word)) {
        return None;
    }
    match &asked.kind {
        Kind::Rule { says, .. } => {
            let found = match &asked.pattern {
                Some(pattern) => pattern.regex().find(text)?.as_str(),
                None => candidates.found(at, text),
            };
            Some((found, *says))
        }
        Kind::Find { scheme, systems } => {
            if !systems.is_empty() && !systems.iter().any(|known| known == system) {
                return None;
            }
            asked
                .pattern
                .as_ref()?
                .regex()
                .captures_iter(text)
                .find_map(|captures| {
                    let code = captures.get(1).or_else(|| captures.get(2))?.as_str();
                    let says = rules.code(scheme, code)?;
                    // As the vendor writes it, unless only its class is known.
                    let named = says.rule.strip_prefix(&**scheme)?.strip_prefix(':');
                    Some((named.unwrap_or(code), says))
                })
        }
    }
}

/// Which rules have a word in a text.
struct Candidates {
    asked: [u64; BLOCKS],
    /// The words that stand in the text, with the ends of their first places.
    words: Vec<(u16, u32, u32)>,
}

impl Candidates {
    fn of(rules: &Rules, text: &str) -> Self {
        let mut candidates = Self {
            asked: [0; BLOCKS],
            words: Vec::with_capacity(16),
        };
        let bytes = text.as_bytes();
        let letter = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at))
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        for found in rules.automaton.find_overlapping_iter(text) {
            let index = found.pattern().as_u32() as u16;
            let word = &rules.words[usize::from(index)];
            if (word.free_before && letter(found.start().checked_sub(1)))
                || (word.free_after && letter(Some(found.end())))
                || candidates.has_word(index)
            {
                continue;
            }
            candidates
                .words
                .push((index, found.start() as u32, found.end() as u32));
            for asked in &word.asked_by {
                candidates.asked[usize::from(asked / 64)] |= 1 << (asked % 64);
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
        self.words.iter().any(|(known, ..)| *known == word)
    }

    /// The first word of this rule that stands in the text.
    fn found<'t>(&self, asked: usize, text: &'t str) -> &'t str {
        let rules = rules();
        self.words
            .iter()
            .find(|(word, ..)| {
                rules.words[usize::from(*word)]
                    .asked_by
                    .iter()
                    .any(|at| usize::from(*at) == asked)
            })
            .map_or("", |(_, start, end)| &text[*start as usize..*end as usize])
    }
}

/// The scheme of the row's code: as said, or, where nothing is said, by a shape that belongs to one scheme only.
fn scheme_of<'a>(facts: &ErrorFacts<'a>) -> Option<&'a str> {
    let said = facts
        .code_scheme
        .map(str::trim)
        .filter(|scheme| !scheme.is_empty());
    match said {
        Some("ora") => Some("oracle"),
        Some("mssql") => Some("sqlserver"),
        Some("mariadb") => Some("mysql"),
        Some(scheme) => Some(scheme),
        None => {
            let code = facts.error_code?.trim().as_bytes();
            match code {
                [b'O', b'R', b'A', b'-', ..] => Some("oracle"),
                [b'0', b'x', b'C' | b'8', ..] => Some("ssis"),
                [b'E', rest @ ..] if rest.len() > 2 && rest.iter().all(u8::is_ascii_uppercase) => {
                    Some("errno")
                }
                _ => None,
            }
        }
    }
}

/// The first `limit` bytes at most, cut where a letter ends.
fn head(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}
