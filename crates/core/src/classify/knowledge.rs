//! What errors mean, for people: a text for each category and for well-known codes, in English and in French.
//!
//! The texts are `knowledge.toml`, which is data. Nothing is decided here.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::rules::canonical;
use super::{Category, Classification, ErrorFacts, Place};

/// What is known about a category or a code.
#[derive(Debug, Deserialize)]
pub struct Knowledge {
    pub en: Advice,
    pub fr: Advice,
    /// The page of a manual or a standard that says so.
    pub source: String,
}

/// In one language.
#[derive(Debug, Deserialize)]
#[serde(from = "[String; 3]")]
pub struct Advice {
    /// What it means.
    pub means: String,
    /// What to look at first.
    pub check: String,
    /// Whether trying again helps.
    pub retry: String,
}

impl From<[String; 3]> for Advice {
    fn from([means, check, retry]: [String; 3]) -> Self {
        Self {
            means,
            check,
            retry,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    category: Vec<OfCategory>,
    code: Vec<OfCode>,
}

#[derive(Deserialize)]
struct OfCategory {
    category: Category,
    #[serde(flatten)]
    knowledge: Knowledge,
}

#[derive(Deserialize)]
struct OfCode {
    scheme: String,
    code: String,
    /// The same code written otherwise.
    #[serde(default)]
    also: Vec<String>,
    #[serde(flatten)]
    knowledge: Knowledge,
}

struct Library {
    categories: BTreeMap<Category, Knowledge>,
    codes: Vec<OfCode>,
    /// By `scheme:code`: the place in `codes`.
    places: BTreeMap<String, usize>,
}

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let file: File = toml::from_str(include_str!("knowledge.toml"))
            .expect("knowledge.toml is part of the program and is tested");
        let mut places = BTreeMap::new();
        for (at, entry) in file.code.iter().enumerate() {
            for code in entry.also.iter().chain([&entry.code]) {
                places.insert(name(&entry.scheme, code), at);
            }
        }
        Library {
            categories: file
                .category
                .into_iter()
                .map(|entry| (entry.category, entry.knowledge))
                .collect(),
            codes: file.code,
            places,
        }
    })
}

/// What a category means.
pub fn of_category(category: Category) -> &'static Knowledge {
    &library().categories[&category]
}

/// What a code means, where it is a well-known one, with its name: `oracle:ORA-00942`.
pub fn of_code(scheme: &str, code: &str) -> Option<(String, &'static Knowledge)> {
    let library = library();
    let entry = &library.codes[*library.places.get(&name(scheme, code))?];
    Some((format!("{}:{}", entry.scheme, entry.code), &entry.knowledge))
}

/// What the code means that an error names: the one that decided, else one that was found beside and says the same.
pub fn of_error(
    facts: &ErrorFacts<'_>,
    decided: &Classification,
) -> Option<(String, &'static Knowledge)> {
    let of_rule = |rule: &str| {
        let (scheme, code) = rule.split_once(':')?;
        of_code(scheme, code)
    };
    let rule = decided.rule;
    let named = of_rule(rule.strip_prefix("wrapped:").unwrap_or(rule));
    named
        .or_else(|| {
            super::explain(facts)
                .iter()
                .filter(|evidence| {
                    evidence.place != Place::Likeness && evidence.says.category == decided.category
                })
                .find_map(|evidence| of_rule(evidence.says.rule))
        })
        .or_else(|| of_word(facts.message?))
}

/// Stores of objects name their errors in words of their own.
fn of_word(message: &str) -> Option<(String, &'static Knowledge)> {
    let head = &message[..message.floor_char_boundary(super::engine::LOOKED_AT)];
    head.split(|char: char| !char.is_alphanumeric())
        .find_map(|word| of_code("s3", word).or_else(|| of_code("gcs", word)))
}

fn name(scheme: &str, code: &str) -> String {
    format!("{scheme}:{}", canonical(scheme, code))
}

#[cfg(test)]
mod tests {
    use super::super::classify;
    use super::*;

    /// Signs that stand behind a blank that does not break, in French.
    const HIGH: [char; 5] = [':', ';', '?', '!', '»'];

    #[test]
    fn every_category_has_both_languages_and_a_source() {
        for category in Category::ALL {
            is_whole(&category.to_string(), of_category(*category));
        }
    }

    #[test]
    fn every_code_has_both_languages_and_a_source() {
        assert!(library().codes.len() >= 60);
        for entry in &library().codes {
            is_whole(
                &format!("{}:{}", entry.scheme, entry.code),
                &entry.knowledge,
            );
        }
        for known in [
            "sqlstate:08006",
            "sqlstate:57014",
            "oracle:ORA-12541",
            "sqlserver:18456",
            "mysql:1213",
            "http:429",
            "errno:ENOSPC",
            "exit:143",
            "s3:NoSuchKey",
        ] {
            let (scheme, code) = known.split_once(':').expect("a scheme");
            assert_eq!(of_code(scheme, code).expect(known).0, known);
        }
    }

    fn is_whole(name: &str, knowledge: &Knowledge) {
        assert!(knowledge.source.starts_with("https://"), "{name}");
        for (advice, french) in [(&knowledge.en, false), (&knowledge.fr, true)] {
            for text in [&advice.means, &advice.check, &advice.retry] {
                assert!(text.ends_with(['.', '?']), "{name}: {text}");
                if french {
                    is_set_in_french(name, text);
                }
            }
        }
        assert_ne!(knowledge.en.means, knowledge.fr.means, "{name}");
    }

    /// Whether to try again is said by the rule; the text says when, and never the contrary.
    #[test]
    fn no_text_contradicts_its_rule() {
        const WORDS: [&str; 4] = ["yes", "no", "oui", "non"];
        let mut wrong = Vec::new();
        let mut check = |name: &str, known: &Knowledge, retryable: Option<bool>| {
            for retry in [&known.en.retry, &known.fr.retry] {
                let lower = retry.to_lowercase();
                let answers = lower
                    .split(|char: char| !char.is_alphanumeric())
                    .any(|word| WORDS.contains(&word));
                let begins = |words: [&str; 3]| words.iter().any(|word| retry.starts_with(word));
                let says = if begins(["It helps", "It usually helps", "Utile"]) {
                    Some(true)
                } else if begins(["It fails", "Inutile", "L’échec"]) {
                    Some(false)
                } else {
                    None
                };
                if answers || says.is_some() && says != retryable {
                    wrong.push(format!("{name}: {retryable:?}: {retry}"));
                }
            }
        };
        for (rule, (category, retryable)) in super::super::rules::file().retries() {
            let of_code = rule
                .split_once(':')
                .and_then(|(scheme, code)| of_code(scheme, code));
            let known = of_code.map_or_else(|| of_category(category), |(_, known)| known);
            check(&rule, known, retryable);
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    fn is_set_in_french(name: &str, text: &str) {
        // A name of an account is written as the server writes it.
        let text = text.replace("'user'@'host'", "");
        assert!(
            !text.contains('\''),
            "{name}: a typewriter's apostrophe: {text}"
        );
        let mut before = ' ';
        for char in text.chars() {
            if HIGH.contains(&char) {
                assert_eq!(before, '\u{a0}', "{name}: {text}");
            }
            before = char;
        }
    }

    #[test]
    fn an_error_finds_what_its_code_means() {
        let of = |message| {
            let facts = ErrorFacts::of_text("talend", message);
            of_error(&facts, &classify(&facts)).map(|(name, _)| name)
        };
        assert_eq!(of("ORA-00942: x").as_deref(), Some("oracle:ORA-00942"));
        assert_eq!(of("[Errno 28] x").as_deref(), Some("errno:ENOSPC"));
        assert_eq!(of("x (NoSuchKey) y").as_deref(), Some("s3:NoSuchKey"));
        assert_eq!(of("Fichier vide"), None);
    }
}
