//! Says what kind of cause an error has, and why it says so.
//!
//! The knowledge is `rules.toml`; this module reads it once and applies it. It must never fail, whatever the text,
//! never look at anything but the facts it is given, and never decide without naming the rule that decided.

mod denied;
mod engine;
mod fold;
pub mod knowledge;
mod model;
mod names;
mod reading;
mod rules;
mod scheme;
mod words;

pub(crate) use engine::Said;

use crate::model::{Blame, Category};

/// What is known about one error: the columns of `logerreur` that speak about the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorFacts<'a> {
    /// The tool or, in generic sources, the system that complains: `talend`, `mysql`, … Vendor numbers clash without it.
    pub system: &'a str,
    /// The exception class, as far as the tool names one.
    pub error_type: Option<&'a str>,
    pub error_code: Option<&'a str>,
    /// What `error_code` belongs to, a name of [`schemes`]. Where nothing is said, the system or the code's form tells; a code of
    /// a scheme that is not known says nothing.
    pub code_scheme: Option<&'a str>,
    pub message: Option<&'a str>,
    /// A Java or Python stack trace.
    pub stack: Option<&'a str>,
}

impl<'a> ErrorFacts<'a> {
    /// Of an error of which only its text is known.
    pub fn of_text(system: &'a str, text: &'a str) -> Self {
        Self {
            system,
            error_type: None,
            error_code: None,
            code_scheme: None,
            message: Some(text),
            stack: None,
        }
    }
}

/// What an error is, and the rule that says so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Classification {
    pub category: Category,
    /// The id in `rules.toml`, `<scheme>:<code>` for a code, `wrapped:<id>` where a parent repeats its child's error,
    /// `model` where no rule speaks and the linear model is sure enough, `none` where nothing speaks.
    pub rule: &'static str,
    /// From 0 (nothing known) to 1.
    pub confidence: f32,
    pub blame: Option<Blame>,
    /// Whether trying again can help.
    pub retryable: Option<bool>,
    /// The error only repeats that something below failed.
    pub wrapper: bool,
}

impl Classification {
    /// Nothing speaks.
    pub const UNKNOWN: Self = Self {
        category: Category::Unknown,
        rule: "none",
        confidence: 0.0,
        blame: None,
        retryable: None,
        wrapper: false,
    };
}

/// Where evidence was found, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The structured code of the row.
    Code,
    /// The deepest cause of the chain in the stack or in the message.
    Cause,
    /// The exception class and the message.
    Message,
    /// The class and the message, by their likeness to labelled ones.
    Likeness,
}

impl Place {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Cause => "cause",
            Self::Message => "message",
            Self::Likeness => "likeness",
        }
    }
}

/// One rule that speaks about an error.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    pub place: Place,
    /// The code that was found, as its vendor writes it, or the word: of the folded text, lower case, no accents. Not
    /// redacted.
    pub found: String,
    /// What it says on its own.
    pub says: Classification,
    /// Whether it is the one that decided. At most one is.
    pub decided: bool,
}

/// The category of an error. Never fails; where nothing speaks, it is [`Classification::UNKNOWN`].
pub fn classify(facts: &ErrorFacts<'_>) -> Classification {
    engine::classify(facts, Some(model::embedded()))
}

/// [`classify`], where `said` is of this system, class and message.
pub(crate) fn classify_again(facts: &ErrorFacts<'_>, said: &mut Said) -> Classification {
    engine::classify_again(facts, Some(model::embedded()), said)
}

/// Changes with what is known: the rules and the model.
pub fn version() -> u64 {
    rules::version() ^ model::version()
}

/// What codes can belong to, by name.
pub fn schemes() -> impl Iterator<Item = &'static str> {
    scheme::all()
}

/// Whether codes of a scheme with this name are understood.
pub fn knows_scheme(name: &str) -> bool {
    scheme::named(name).is_some()
}

/// Whether the rule with this id is one of a wrapper, for rows read back from the database.
pub fn is_wrapper(rule: &str) -> bool {
    engine::is_wrapper(rule)
}

/// Whether this rule is no rule, but likeness to known messages.
pub fn is_likeness(rule: &str) -> bool {
    rule == model::RULE
}

/// Who must act on errors of this category, and whether trying again helps, where nothing is known but the category.
pub fn of_category(category: Category) -> (Option<Blame>, Option<bool>) {
    engine::of_category(category)
}

/// All that speaks about an error, in the order in which it is looked at: what decided, and what would have
/// decided otherwise. Empty where nothing speaks.
pub fn explain(facts: &ErrorFacts<'_>) -> Vec<Evidence> {
    engine::explain(facts, Some(model::embedded()))
}

/// What would have decided if that which did had not been there; `None` where nothing else speaks.
pub fn otherwise(all: &[Evidence]) -> Option<&Evidence> {
    engine::otherwise(all)
}

#[cfg(test)]
mod gold;
#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;
