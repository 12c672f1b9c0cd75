//! Measures the rules on messages that others labelled. The set is not part of the checkout.

use std::path::PathBuf;

use super::*;

/// What the rules reach; a change may not fall below.
const ACCURACY: f64 = 0.978;
const FRENCH_ACCURACY: f64 = 1.0;

#[expect(clippy::disallowed_methods, reason = "a test looks for its data")]
fn read(name: &str) -> Option<String> {
    let shared = std::env::var_os("SMARTETL_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    std::fs::read_to_string(shared.join("gold").join(name)).ok()
}

/// The records of a CSV text; quotes may hold line ends.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut all, mut record, mut field, mut quoted) =
        (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                all.push(std::mem::take(&mut record));
            }
            char => field.push(char),
        }
    }
    all
}

fn is_french(message: &str) -> bool {
    message.contains(|char| "àâçéèêëîïôûùœ«»".contains(char))
        || message
            .to_lowercase()
            .split(|char: char| !char.is_alphanumeric())
            .any(|word| {
                matches!(
                    word,
                    "le" | "la"
                        | "les"
                        | "des"
                        | "une"
                        | "du"
                        | "au"
                        | "est"
                        | "pas"
                        | "pour"
                        | "dans"
                        | "aucun"
                        | "erreur"
                        | "fichier"
                        | "connexion"
                )
            })
}

#[test]
#[expect(
    clippy::print_stderr,
    reason = "says that the set is missing, and what is wrong"
)]
fn the_gold_set() {
    let Some(text) = read("errors.csv") else {
        eprintln!(
            "gold set not found: set SMARTETL_SHARED to the folder that holds gold/errors.csv"
        );
        return;
    };
    let (mut all, mut right, mut french, mut french_right) = (0, 0, 0, 0);
    for (at, record) in records(&text).iter().enumerate().skip(1) {
        let [system, message, category] = record.as_slice() else {
            panic!("record {at}")
        };
        let verdict = classify(&ErrorFacts {
            system,
            error_type: None,
            error_code: None,
            code_scheme: None,
            message: Some(message),
            stack: None,
        });
        let hit = verdict.category.as_str() == category;
        all += 1;
        right += usize::from(hit);
        if is_french(message) {
            french += 1;
            french_right += usize::from(hit);
        }
        if !hit {
            eprintln!(
                "{at}: {category} became {} by {}: {message}",
                verdict.category, verdict.rule
            );
        }
    }
    let share = |part: usize, of: usize| part as f64 / of as f64;
    let (accuracy, french_accuracy) = (share(right, all), share(french_right, french));
    eprintln!("accuracy {accuracy:.3} of {all}, French {french_accuracy:.3} of {french}");
    assert!(accuracy >= ACCURACY && french_accuracy >= FRENCH_ACCURACY);
}

#[test]
#[expect(clippy::print_stderr, reason = "says that the set is missing")]
fn the_gold_codes() {
    let Some(text) = read("codes.csv") else {
        eprintln!(
            "gold codes not found: set SMARTETL_SHARED to the folder that holds gold/codes.csv"
        );
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
