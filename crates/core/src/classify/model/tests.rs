//! What the model is learned from, that it is current, and what it brings on messages it did not learn from.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::gold::runs_of_six;
use super::super::measure::{Labelled, Score, is_french, labelled, records, shared};
use super::super::{Classification, ErrorFacts, classify, engine, rules};
use super::learn::{Example, learn, learned};
use super::*;

/// How much a word of a rule counts beside a whole message.
const COUNTS_WORD: f32 = 0.3;
const COUNTS_MESSAGE: f32 = 1.0;
const FOLDS: usize = 5;

/// What everybody may know: the words and examples of the rules, and [`taught`] messages.
fn common(taught: &[Labelled]) -> Vec<Example> {
    let mut examples = Vec::new();
    for rule in &rules::file().rule {
        // Where there is a pattern too, words alone say little.
        let words = rule.any.iter().filter(|_| rule.pattern.is_none());
        for word in words {
            if word.len() > 5 {
                // What a rule says is no name, whatever it looks like.
                let word = word.trim_matches('|').replace('_', " ");
                examples.push(Example::new(&word, rule.category, COUNTS_WORD));
            }
        }
        for example in &rule.example {
            examples.push(Example::new(example, rule.category, COUNTS_MESSAGE));
        }
    }
    examples.extend(of(taught));
    examples
}

/// The simulator's messages, and messages that were written to teach.
fn taught() -> Vec<Labelled> {
    let texts = [include_str!("simulated.csv"), include_str!("taught.csv")];
    texts.into_iter().flat_map(labelled).collect()
}

fn of(messages: &[Labelled]) -> Vec<Example> {
    messages
        .iter()
        .map(|one| Example::new(&one.message, one.category, COUNTS_MESSAGE))
        .collect()
}

/// The examples of the other folds and the messages of this one, for each fold.
fn folds(gold: &[Labelled]) -> impl Iterator<Item = (Model, Vec<Labelled>)> {
    (0..FOLDS).map(move |fold| {
        let (mine, others): (Vec<_>, Vec<_>) = gold
            .iter()
            .cloned()
            .enumerate()
            .partition(|(at, _)| at % FOLDS == fold);
        let bare = |list: Vec<(usize, Labelled)>| -> Vec<Labelled> {
            list.into_iter().map(|(_, one)| one).collect()
        };
        let mine = bare(mine);
        // What quotes a message of this fold would know the answer.
        let asked: BTreeSet<String> = mine
            .iter()
            .flat_map(|one| runs_of_six(&one.message))
            .collect();
        let mut taught = taught();
        taught.retain(|one| runs_of_six(&one.message).is_disjoint(&asked));
        let mut examples = common(&taught);
        examples.extend(of(&bare(others)));
        (learned(&examples), mine)
    })
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "writes what it checks, when asked to"
)]
fn the_weights_are_current() {
    let Some(gold) = shared("errors.csv") else {
        return;
    };
    let mut examples = common(&taught());
    examples.extend(of(&labelled(&gold)));
    let bytes = learn(&examples);
    assert!(bytes.len() < 400_000, "{}", bytes.len());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/classify/model/weights.bin");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &bytes).expect("the checkout can be written");
    }
    let stored = std::fs::read(&path).expect("it is part of the checkout");
    assert!(
        stored == bytes,
        "weights.bin is not current: run `UPDATE_DOCS=1 cargo test -p smartetl-core`"
    );
}

#[test]
#[expect(clippy::print_stderr, reason = "the figures, and what is wrong")]
fn rules_and_model_on_other_folds() {
    let Some(gold) = shared("errors.csv") else {
        return;
    };
    let gold = labelled(&gold);
    let (mut both, mut rules) = (Score::default(), Score::default());
    for (model, mine) in folds(&gold) {
        for one in &mine {
            let verdict = engine::classify(&one.facts(), Some(&model));
            if verdict.category != one.category {
                let (said, rule) = (verdict.category, verdict.rule);
                eprintln!(
                    "  {} became {said} by {rule}: {}",
                    one.category, one.message
                );
            }
        }
        both.extend(Score::of(&mine, |facts| {
            engine::classify(facts, Some(&model))
        }));
        rules.extend(Score::of(&mine, |facts| engine::classify(facts, None)));
    }
    eprintln!("rules and model, 5 folds: {}", both.told());
    eprintln!("rules only:               {}", rules.told());
    assert!(both.accuracy() >= 0.9 && both.macro_f1(5) >= 0.85);
}

/// How good the model is where it has to decide alone: what its threshold is chosen by.
#[test]
#[expect(clippy::print_stderr, reason = "the figures")]
fn the_model_alone_on_other_folds() {
    let Some(gold) = shared("errors.csv") else {
        return;
    };
    let gold = labelled(&gold);
    let mut said: Vec<(f32, bool)> = Vec::new();
    let mut whole = Score::default();
    for (model, mine) in folds(&gold) {
        for one in mine {
            let features = features::of(None, &one.message);
            if let Some((category, probability)) = model.likeliest(&features) {
                whole.add(one.category, category);
                if category != Category::Unknown {
                    said.push((probability, category == one.category));
                }
            }
        }
    }
    eprintln!("model alone, 5 folds: {}", whole.told());
    let above = |threshold: f32| {
        let answers = said.iter().filter(|(sure, _)| *sure >= threshold);
        let (all, right) = answers.fold((0, 0), |(all, right), (_, hit)| {
            (all + 1, right + usize::from(*hit))
        });
        (all, right as f64 / f64::from(all))
    };
    for threshold in [0.2, 0.3, 0.4, 0.5, 0.6, 0.7] {
        let (all, share) = above(threshold);
        eprintln!("  above {threshold}: {all} answers, {share:.3} right");
    }
    let (_, share) = above(SURE_ENOUGH);
    assert!(share >= 0.83, "{share}");
}

/// Systems of which nothing was learned are understood, and so is a language of which nothing was learned, by the concepts.
#[test]
#[expect(clippy::print_stderr, reason = "the figures")]
fn the_model_alone_on_other_systems_and_languages() {
    const GROUPS: [(&str, &[&str]); 4] = [
        (
            "databases",
            &["oracle", "mysql", "db2", "sqlserver", "ssis"],
        ),
        (
            "cloud",
            &["s3", "azure", "gcs", "adf", "snowflake", "bigquery"],
        ),
        ("programs", &["java", "python", "dotnet", "node"]),
        (
            "servers",
            &["kafka", "rest", "ftp", "sftp", "salesforce", "sap"],
        ),
    ];
    let taught = labelled(include_str!("taught.csv"));
    let of_others = |is_mine: &dyn Fn(&Labelled) -> bool| {
        let (mine, others): (Vec<_>, Vec<_>) = taught.iter().cloned().partition(is_mine);
        let model = learned(&of(&others));
        let mut score = Score::default();
        for one in mine {
            let features = features::of(None, &one.message);
            let said = model.likeliest(&features).map(|(category, _)| category);
            score.add(one.category, said.unwrap_or(Category::Unknown));
        }
        score
    };
    let mut systems = Score::default();
    for (name, group) in GROUPS {
        let score = of_others(&|one| group.contains(&&*one.system));
        eprintln!("without {name}: {}", score.told());
        systems.extend(score);
    }
    let french = of_others(&|one| is_french(&one.message));
    let english = of_others(&|one| !is_french(&one.message));
    eprintln!("without French: {}", french.told());
    eprintln!("without English: {}", english.told());
    assert!(systems.accuracy() >= 0.7 && french.accuracy() >= 0.6);
}

/// Messages that were written down before anyone looked at what is said of them, and from which nothing was learned.
#[test]
#[expect(clippy::print_stderr, reason = "the figures, and what is wrong")]
fn rules_and_model_on_messages_that_no_rule_was_made_for() {
    let messages = labelled(include_str!("../heldout.csv"));
    let without_numbers = |message: &str| -> String {
        let letters = message.chars().filter(|char| !char.is_ascii_digit());
        letters.collect::<String>().to_lowercase()
    };
    let known: BTreeSet<String> = taught()
        .iter()
        .map(|one| without_numbers(&one.message))
        .collect();
    for one in &messages {
        assert!(
            !known.contains(&without_numbers(&one.message)),
            "learned: {}",
            one.message
        );
    }
    let both = Score::of(&messages, classify);
    let rules = Score::of(&messages, |facts| engine::classify(facts, None));
    let french = messages.iter().filter(|one| is_french(&one.message));
    let french = Score::of(french, classify);
    eprintln!("held out, rules and model: {}", both.told());
    eprintln!("held out, of them French:  {}", french.told());
    eprintln!("held out, rules only:      {}", rules.told());
    // What a higher threshold would give: it must bring more than it takes.
    for threshold in [0.25, 0.35, 0.45, 0.55, 0.65] {
        let sure = |facts: &ErrorFacts<'_>| {
            let verdict = classify(facts);
            if verdict.rule == RULE && verdict.confidence < threshold {
                Classification::UNKNOWN
            } else {
                verdict
            }
        };
        let told = |french: bool| {
            let of = messages
                .iter()
                .filter(|one| is_french(&one.message) == french);
            Score::of(of, sure).accuracy()
        };
        let unknown = messages.iter().filter(|one| {
            sure(&one.facts()).category == Category::Unknown && one.category != Category::Unknown
        });
        eprintln!(
            "  from {threshold}: English {:.3}, French {:.3} right; {} of {} said unknown that is known",
            told(false),
            told(true),
            unknown.count(),
            messages.len()
        );
    }
    for one in &messages {
        let verdict = classify(&one.facts());
        if verdict.category != one.category {
            let (said, rule) = (verdict.category, verdict.rule);
            eprintln!(
                "  {} became {said} by {rule}: {}",
                one.category, one.message
            );
        }
    }
    assert!(both.accuracy() >= 0.9 && rules.accuracy() + 0.1 <= both.accuracy());
}

/// The same error in two languages has one category. The pairs are the simulator's: the model learns nothing of it here.
#[test]
#[expect(clippy::print_stderr, reason = "the figures, and what is wrong")]
fn both_languages_are_understood_alike() {
    let mut examples = common(&labelled(include_str!("taught.csv")));
    examples.extend(
        shared("errors.csv")
            .iter()
            .flat_map(|gold| of(&labelled(gold))),
    );
    let model = learned(&examples);
    let (mut english, mut french) = (Score::default(), Score::default());
    for record in &records(include_str!("../pairs.csv"))[1..] {
        let [category, one, other] = record.as_slice() else {
            panic!("{record:?}")
        };
        let category = Category::parse(category).expect("a category");
        for (score, message) in [(&mut english, one), (&mut french, other)] {
            let labelled = Labelled {
                system: "talend".to_owned(),
                message: message.clone(),
                category,
            };
            let verdict = engine::classify(&labelled.facts(), Some(&model));
            if verdict.category != category {
                eprintln!(
                    "{category} became {} by {}: {message}",
                    verdict.category, verdict.rule
                );
            }
            score.add(category, verdict.category);
        }
    }
    eprintln!("English: {}; French: {}", english.told(), french.told());
    assert!((english.accuracy() - french.accuracy()).abs() <= 0.05);
    assert!(english.accuracy() >= 0.9);
}

#[test]
fn it_is_silent_on_nothing_and_on_noise() {
    for message in ["", " ", "42", "# # #", "\u{202e}\u{202d}", "xq zv kj"] {
        assert_eq!(embedded().says(None, message), None, "{message:?}");
    }
}

/// A message says what it says, whatever its numbers and names are.
#[test]
fn numbers_and_names_do_not_matter() {
    let features = |message| features::of(None, message);
    assert_eq!(
        features("Le lot 12 du 03/05/2024 de « ventes » est perdu"),
        features("Le lot 99887 du 31/12/2025 de « stock » est perdu")
    );
    for (one, other) in [
        (
            "Le client « SFTP » est parti",
            "Le client « Dupont » est parti",
        ),
        ("Table \"TIMEOUT\" is odd", "Table \"STOCK\" is odd"),
        ("Job J_Deadlock_Check : rien", "Job J_Prix : rien"),
        ("Lu : /data/sftp/password.csv", "Lu : /data/in/ventes.csv"),
        (
            "Lu : https://login.example.com/token",
            "Lu : https://www.example.com/in",
        ),
    ] {
        assert_eq!(features(one), features(other), "{one}");
    }
}

#[test]
fn a_rule_that_decides_is_never_overruled() {
    for one in labelled(include_str!("../heldout.csv")) {
        let alone = engine::classify(&one.facts(), None);
        if alone.rule != "none" {
            assert_eq!(engine::classify(&one.facts(), Some(embedded())), alone);
        }
    }
}
