//! Measures the rules on messages that others labelled. The set is not part of the checkout.

use std::collections::{BTreeMap, BTreeSet};

use super::measure::{Score, is_french, labelled, records, shared};
use super::*;

/// What is reached; a change may not fall below.
const ACCURACY: f64 = 0.978;
const FRENCH_ACCURACY: f64 = 1.0;

#[test]
#[expect(clippy::print_stderr, reason = "says what is wrong")]
fn the_gold_set() {
    let Some(text) = shared("errors.csv") else {
        return;
    };
    let all = labelled(&text);
    for (at, one) in all.iter().enumerate() {
        let verdict = classify(&one.facts());
        if verdict.category != one.category {
            eprintln!(
                "{}: {} became {} by {}: {}",
                at + 1,
                one.category,
                verdict.category,
                verdict.rule,
                one.message
            );
        }
    }
    let whole = Score::of(&all, classify);
    let french = Score::of(all.iter().filter(|one| is_french(&one.message)), classify);
    eprintln!("all: {}; French: {}", whole.told(), french.told());
    assert!(whole.accuracy() >= ACCURACY && french.accuracy() >= FRENCH_ACCURACY);
}

#[test]
fn the_gold_codes() {
    let Some(text) = shared("codes.csv") else {
        return;
    };
    let mut wrong = Vec::new();
    for record in records(&text).iter().skip(1) {
        let [scheme, code, category] = record.as_slice() else {
            panic!("{record:?}")
        };
        let class = scheme.ends_with("_exception");
        let verdict = classify(&ErrorFacts {
            system: "",
            error_type: class.then_some(code),
            error_code: (!class).then_some(code),
            code_scheme: (!class).then_some(scheme),
            message: None,
            stack: None,
        });
        if verdict.category.as_str() != category {
            wrong.push((scheme.clone(), code.clone(), category.clone(), verdict.rule));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Messages of fewer than six words that may stand in the rules as a whole, with the reason.
const MAY_STAND: [(&str, &str); 1] = [("memoryerror", "it is the name of a class of Python")];

/// What decides is knowledge about errors, not a copy of the messages it is measured with.
#[test]
fn nothing_quotes_a_gold_message() {
    let Some(text) = shared("errors.csv") else {
        return;
    };
    let mut gold: BTreeMap<String, String> = BTreeMap::new();
    let mut short: BTreeSet<Vec<String>> = BTreeSet::new();
    for one in labelled(&text) {
        let words = words_of(&one.message);
        if (1..SIX).contains(&words.len()) {
            short.insert(words);
        }
        for run in runs_of_six(&one.message) {
            gold.insert(run, one.message.clone());
        }
    }
    let mut written = rules::file().texts();
    let taught = labelled(include_str!("model/taught.csv"));
    written.extend(
        taught
            .into_iter()
            .map(|one| ("taught.csv".to_owned(), one.message)),
    );
    for (may, _) in MAY_STAND {
        let may = words_of(may);
        assert!(short.remove(&may), "no message of the set: {may:?}");
    }
    let mut quoted: Vec<_> = written
        .iter()
        .flat_map(|(place, text)| {
            runs_of_six(text)
                .into_iter()
                .filter(|run| gold.contains_key(run))
                .map(move |run| format!("{place}: {run}"))
        })
        .collect();
    for (place, text) in &written {
        let words = words_of(text);
        let stands = |one: &&Vec<String>| words.windows(one.len()).any(|run| run == **one);
        quoted.extend(
            short
                .iter()
                .filter(stands)
                .map(|one| format!("{place}: all of {}", one.join(" "))),
        );
    }
    assert!(quoted.is_empty(), "{quoted:#?}");
}

const SIX: usize = 6;

pub(super) fn runs_of_six(text: &str) -> BTreeSet<String> {
    let words = words_of(text);
    words.windows(SIX).map(|run| run.join(" ")).collect()
}

fn words_of(text: &str) -> Vec<String> {
    let mut folded = String::new();
    fold::fold_into(text, &mut folded);
    folded
        .split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
