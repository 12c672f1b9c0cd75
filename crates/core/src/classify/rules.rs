//! Reads `rules.toml` and makes of it what the engine searches with.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::Regex;
use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

use super::Classification;
use super::words::Words;
use crate::model::{Blame, Category};

const SOURCE: &str = include_str!("rules.toml");

pub(super) fn version() -> u64 {
    xxh3_64(SOURCE.as_bytes())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    category: BTreeMap<Category, Defaults>,
    confidence: BTreeMap<String, f32>,
    pub(super) codes: Vec<CodesEntry>,
    pub(super) find: Vec<FindEntry>,
    pub(super) rule: Vec<RuleEntry>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    blame: Option<Blame>,
    retryable: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodesEntry {
    pub(super) scheme: String,
    pub(super) category: Category,
    pub(super) codes: Vec<String>,
    confidence: Option<f32>,
    blame: Option<Blame>,
    retryable: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FindEntry {
    #[cfg_attr(not(test), expect(dead_code, reason = "the name in tests"))]
    pub(super) id: String,
    pub(super) scheme: String,
    #[serde(default)]
    pub(super) systems: Vec<String>,
    pub(super) hints: Vec<String>,
    pub(super) pattern: String,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "documentation that the tests prove")
    )]
    pub(super) example: Vec<String>,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "documentation that the tests prove")
    )]
    pub(super) counter: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleEntry {
    pub(super) id: String,
    section: Section,
    pub(super) category: Category,
    pub(super) any: Vec<String>,
    #[serde(default)]
    none: Vec<String>,
    pub(super) pattern: Option<String>,
    confidence: Option<f32>,
    blame: Option<Blame>,
    retryable: Option<bool>,
    #[serde(default)]
    wrapper: bool,
    #[serde(default)]
    repeats: bool,
    /// It names identifiers, so it reads them.
    #[serde(default)]
    identifiers: bool,
    /// Its words name what happened: one that is denied says nothing.
    #[serde(default)]
    happened: bool,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "documentation that the tests prove")
    )]
    pub(super) example: Vec<String>,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "documentation that the tests prove")
    )]
    pub(super) counter: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Section {
    Specific,
    Class,
    Phrase,
    Word,
    Wrapper,
}

impl Section {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Specific => "specific",
            Self::Class => "class",
            Self::Phrase => "phrase",
            Self::Word => "word",
            Self::Wrapper => "wrapper",
        }
    }
}

/// A rule, or a search for codes; in the order in which they are asked.
pub(super) struct Asked {
    pub(super) pattern: Option<Pattern>,
    /// Words that forbid it.
    pub(super) none: Vec<u16>,
    pub(super) reads: Reads,
    /// Words that are denied do not count.
    pub(super) happened: bool,
    pub(super) kind: Kind,
}

/// Which of the readings of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// Without names.
    Words,
    /// With identifiers, because it looks for codes or classes.
    Codes,
}

pub(super) enum Kind {
    Rule {
        says: Classification,
        repeats: bool,
    },
    Find {
        scheme: String,
        systems: Vec<String>,
    },
}

/// A pattern that is compiled when it is first asked: most runs of the program need few of them.
pub(super) struct Pattern {
    source: String,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    fn new(source: String) -> Self {
        Self {
            source,
            compiled: OnceLock::new(),
        }
    }

    /// # Panics
    /// Never in a program whose tests passed: the patterns are part of the program.
    pub(super) fn regex(&self) -> &Regex {
        self.compiled.get_or_init(|| {
            Regex::new(&self.source).expect("the patterns of rules.toml are tested")
        })
    }
}

pub(super) struct Rules {
    pub(super) words: Words,
    pub(super) asked: Vec<Asked>,
    codes: BTreeMap<String, BTreeMap<String, Classification>>,
    wrappers: Vec<&'static str>,
    wrapped: BTreeMap<&'static str, &'static str>,
    defaults: BTreeMap<Category, Defaults>,
}

/// `rules.toml`, parsed.
///
/// # Panics
/// Never in a program whose tests passed: the file is part of the program.
pub(super) fn file() -> File {
    toml::from_str(SOURCE).expect("rules.toml is part of the program and is tested")
}

impl Rules {
    pub(super) fn compile() -> Self {
        let file = file();
        let mut codes: BTreeMap<String, BTreeMap<String, Classification>> = BTreeMap::new();
        let mut ids: Vec<&'static str> = Vec::new();
        for entry in &file.codes {
            for code in &entry.codes {
                let code = canonical(&entry.scheme, code);
                let id: &'static str = format!("{}:{code}", entry.scheme).leak();
                let confidence = entry.confidence.unwrap_or(file.confidence["code"]);
                let says = file.says(id, entry.category, confidence, entry.blame, entry.retryable);
                codes
                    .entry(entry.scheme.clone())
                    .or_default()
                    .insert(code, says);
                ids.push(id);
            }
        }

        let mut words = Words::default();
        let mut asked = Vec::new();
        let mut wrappers = Vec::new();
        let mut entries: Vec<&RuleEntry> = file.rule.iter().collect();
        entries.sort_by_key(|entry| entry.section);
        let split = entries.partition_point(|entry| entry.section == Section::Specific);
        let (specific, others) = entries.split_at(split);
        let mut rules = |entries: &[&RuleEntry], asked: &mut Vec<Asked>, words: &mut Words| {
            for entry in entries {
                let id: &'static str = entry.id.clone().leak();
                ids.push(id);
                if entry.wrapper {
                    wrappers.push(id);
                }
                let confidence = entry
                    .confidence
                    .unwrap_or(file.confidence[entry.section.as_str()]);
                let mut says =
                    file.says(id, entry.category, confidence, entry.blame, entry.retryable);
                says.wrapper = entry.wrapper;
                let at = asked.len() as u16;
                for word in &entry.any {
                    let word = words.add(word, Some(at));
                    words.may_be_denied(word, entry.happened);
                }
                asked.push(Asked {
                    pattern: entry.pattern.clone().map(Pattern::new),
                    none: entry
                        .none
                        .iter()
                        .map(|word| words.add(word, None))
                        .collect(),
                    reads: if entry.identifiers || entry.section == Section::Class {
                        Reads::Codes
                    } else {
                        Reads::Words
                    },
                    happened: entry.happened,
                    kind: Kind::Rule {
                        says,
                        repeats: entry.repeats,
                    },
                });
            }
        };
        rules(specific, &mut asked, &mut words);
        for entry in &file.find {
            let at = asked.len() as u16;
            for hint in &entry.hints {
                words.add(hint, Some(at));
            }
            asked.push(Asked {
                pattern: Some(Pattern::new(entry.pattern.clone())),
                none: Vec::new(),
                reads: Reads::Codes,
                happened: false,
                kind: Kind::Find {
                    scheme: entry.scheme.clone(),
                    systems: entry.systems.clone(),
                },
            });
        }
        rules(others, &mut asked, &mut words);

        let wrapped = ids
            .iter()
            .map(|id| (*id, &*format!("wrapped:{id}").leak()))
            .collect();
        Self {
            words,
            asked,
            codes,
            wrappers,
            wrapped,
            defaults: file.category,
        }
    }

    /// Who must act on errors of a category, and whether trying again helps, where nothing else says so.
    pub(super) fn of_category(&self, category: Category) -> (Option<Blame>, Option<bool>) {
        let defaults = self.defaults[&category];
        (defaults.blame, defaults.retryable)
    }

    /// What the model says, with what its category means.
    pub(super) fn likely(&self, category: Category, confidence: f32) -> Classification {
        let defaults = self.defaults[&category];
        Classification {
            category,
            rule: super::model::RULE,
            confidence,
            blame: defaults.blame,
            retryable: defaults.retryable,
            wrapper: false,
        }
    }

    /// What a code says. For SQLSTATE, its class speaks where the code is not known; an HRESULT of Windows has the system's
    /// error in its lower half.
    pub(super) fn code(&self, scheme: &str, code: &str) -> Option<Classification> {
        let code = canonical(scheme, code);
        let found = self.codes.get(scheme).and_then(|codes| codes.get(&code));
        if found.is_some() {
            return found.copied();
        }
        match scheme {
            "sqlstate" if code.len() == 5 => self
                .codes
                .get("sqlstate_class")?
                .get(code.get(..2)?)
                .copied(),
            "ssis" => {
                let number = u16::from_str_radix(code.strip_prefix("0X8007")?, 16).ok()?;
                self.codes
                    .get("winerror")?
                    .get(&number.to_string())
                    .copied()
            }
            _ => None,
        }
    }

    /// Whether a code stands in the tables as a whole.
    pub(super) fn knows(&self, scheme: &str, code: &str) -> bool {
        self.codes
            .get(scheme)
            .is_some_and(|codes| codes.contains_key(&canonical(scheme, code)))
    }

    pub(super) fn is_wrapper(&self, rule: &str) -> bool {
        rule.strip_prefix("wrapped:")
            .is_some_and(|inner| self.wrapped.contains_key(inner))
            || self.wrappers.contains(&rule)
    }

    /// The id of a rule whose evidence stands in a parent's copy.
    pub(super) fn wrapped(&self, rule: &str) -> &'static str {
        self.wrapped.get(rule).copied().unwrap_or("none")
    }
}

impl File {
    /// The rules and codes, each with its category and whether trying again helps. What is said later of a code holds.
    #[cfg(test)]
    pub(super) fn retries(&self) -> BTreeMap<String, (Category, Option<bool>)> {
        let of = |category: Category, retryable: Option<bool>| {
            retryable.or(self.category[&category].retryable)
        };
        let of_codes = self.codes.iter().flat_map(|entry| {
            let retryable = of(entry.category, entry.retryable);
            entry.codes.iter().map(move |code| {
                let id = format!("{}:{code}", entry.scheme);
                (id, (entry.category, retryable))
            })
        });
        let of_rules = self.rule.iter().map(|rule| {
            let retryable = of(rule.category, rule.retryable);
            (rule.id.clone(), (rule.category, retryable))
        });
        of_codes.chain(of_rules).collect()
    }

    /// Everything in it that is text of errors, with the rule it belongs to.
    #[cfg(test)]
    pub(super) fn texts(&self) -> Vec<(String, String)> {
        let of_rules = self.rule.iter().flat_map(|rule| {
            let texts = rule.any.iter().chain(&rule.none).chain(&rule.example);
            texts
                .chain([&rule.counter])
                .chain(&rule.pattern)
                .map(|text| (rule.id.clone(), text.clone()))
        });
        let of_finds = self.find.iter().flat_map(|find| {
            let texts = find.hints.iter().chain(&find.example);
            texts
                .chain([&find.counter, &find.pattern])
                .map(|text| (find.id.clone(), text.clone()))
        });
        of_rules.chain(of_finds).collect()
    }

    fn says(
        &self,
        rule: &'static str,
        category: Category,
        confidence: f32,
        blame: Option<Blame>,
        retryable: Option<bool>,
    ) -> Classification {
        let defaults = self.category[&category];
        Classification {
            category,
            rule,
            confidence,
            blame: blame.or(defaults.blame),
            retryable: retryable.or(defaults.retryable),
            wrapper: false,
        }
    }
}

/// One way to write a code: without blanks, in capitals, Oracle's as `ORA-` and five digits, Db2's as a number without its sign,
/// HRESULTs as eight digits to the base of 16.
pub(super) fn canonical(scheme: &str, code: &str) -> String {
    let code = code.trim().to_ascii_uppercase();
    match scheme {
        "oracle" => {
            let digits = code.trim_start_matches(|char: char| !char.is_ascii_digit());
            format!("ORA-{digits:0>5}")
        }
        "db2" => {
            let bare = code
                .trim_start_matches("SQL")
                .trim_start_matches(['-', '0']);
            bare.trim_end_matches(['N', 'C', 'W']).to_owned()
        }
        "abend" => code.trim_start_matches('S').to_owned(),
        "ssis" => code
            .parse::<i32>()
            .map_or(code, |number| format!("0X{:08X}", number.cast_unsigned())),
        _ => code,
    }
}
