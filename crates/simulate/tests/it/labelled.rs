//! The simulator's messages as files that the classification learns from and is measured with.

use smartetl_simulate::{labelled, pairs};
use std::path::Path;

const SEED: u64 = 7;
/// How many pairs of languages the classification is measured with.
const PAIRS: usize = 200;

#[test]
fn what_goes_wrong_is_written_down() {
    let mut text = String::from("system,message,category\n");
    for error in labelled(SEED) {
        push_record(&mut text, ["talend", &error.message, error.category]);
    }
    is_current("model/simulated.csv", &text);
}

#[test]
fn pairs_of_languages_are_written_down() {
    let mut text = String::from("category,english,french\n");
    for pair in pairs(SEED, PAIRS) {
        assert_ne!(pair.english, pair.french);
        push_record(&mut text, [pair.category, &pair.english, &pair.french]);
    }
    is_current("pairs.csv", &text);
}

fn push_record(text: &mut String, fields: [&str; 3]) {
    let quoted = fields.map(|field| format!("\"{}\"", field.replace('"', "\"\"")));
    text.push_str(&quoted.join(","));
    text.push('\n');
}

fn is_current(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../core/src/classify")
        .join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, text).expect("the checkout can be written");
    }
    let stored = std::fs::read_to_string(&path).expect("it is part of the checkout");
    assert!(
        stored == text,
        "{name} is not current: run `UPDATE_DOCS=1 cargo test -p smartetl-simulate`, then of smartetl-core"
    );
}
