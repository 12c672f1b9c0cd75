//! For the tests: labelled messages, and how well they were classified.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Category, Classification, ErrorFacts};

/// A message whose category a person said.
#[derive(Clone, Debug)]
pub(super) struct Labelled {
    pub(super) system: String,
    pub(super) message: String,
    pub(super) category: Category,
}

impl Labelled {
    pub(super) fn facts(&self) -> ErrorFacts<'_> {
        ErrorFacts::of_text(&self.system, &self.message)
    }
}

/// A file of the folder with labelled sets, which is not part of the checkout. Says so where it is missing.
#[expect(clippy::disallowed_methods, reason = "a test looks for its data")]
#[expect(clippy::print_stderr, reason = "says that the set is missing")]
pub(super) fn shared(name: &str) -> Option<String> {
    let shared = std::env::var_os("SMARTETL_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(shared.join("gold").join(name)).ok();
    if text.is_none() {
        eprintln!("{name} not found: set SMARTETL_SHARED to the folder that holds gold/{name}");
    }
    text
}

/// The labelled messages of a CSV text with the columns system, message and category, in any order.
pub(super) fn labelled(text: &str) -> Vec<Labelled> {
    let records = records(text);
    let place = |name: &str| {
        records[0]
            .iter()
            .position(|column| column == name)
            .unwrap_or_else(|| panic!("no column {name}"))
    };
    let (system, message, category) = (place("system"), place("message"), place("category"));
    records[1..]
        .iter()
        .map(|record| Labelled {
            system: record[system].clone(),
            message: record[message].clone(),
            category: Category::parse(&record[category])
                .unwrap_or_else(|| panic!("no category: {record:?}")),
        })
        .collect()
}

/// The records of a CSV text; quotes may hold line ends.
pub(super) fn records(text: &str) -> Vec<Vec<String>> {
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

pub(super) fn is_french(message: &str) -> bool {
    const WORDS: [&str; 15] = [
        "le",
        "la",
        "les",
        "des",
        "une",
        "du",
        "au",
        "est",
        "pas",
        "pour",
        "dans",
        "aucun",
        "erreur",
        "fichier",
        "connexion",
    ];
    message.contains(|char| "àâçéèêëîïôûùœ«»".contains(char))
        || message
            .to_lowercase()
            .split(|char: char| !char.is_alphanumeric())
            .any(|word| WORDS.contains(&word))
}

/// What was said of labelled messages, beside what is true.
#[derive(Default)]
pub(super) struct Score {
    pairs: Vec<(Category, Category)>,
}

impl Score {
    pub(super) fn of<'a>(
        all: impl IntoIterator<Item = &'a Labelled>,
        says: impl Fn(&ErrorFacts<'_>) -> Classification,
    ) -> Self {
        let mut score = Self::default();
        for one in all {
            score.add(one.category, says(&one.facts()).category);
        }
        score
    }

    pub(super) fn add(&mut self, truth: Category, said: Category) {
        self.pairs.push((truth, said));
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.pairs.extend(other.pairs);
    }

    pub(super) fn accuracy(&self) -> f64 {
        self.right() / self.pairs.len() as f64
    }

    fn right(&self) -> f64 {
        self.pairs
            .iter()
            .filter(|(truth, said)| truth == said)
            .count() as f64
    }

    /// Wilson's interval, 95 %: Wilson, Journal of the American Statistical Association 22 (1927).
    pub(super) fn interval(&self) -> (f64, f64) {
        let (n, z) = (self.pairs.len() as f64, 1.96_f64);
        let share = self.accuracy();
        let middle = share + z * z / (2.0 * n);
        let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + z * z / n;
        ((middle - half) / whole, (middle + half) / whole)
    }

    /// The mean of F1 over the categories with at least so many examples.
    pub(super) fn macro_f1(&self, at_least: usize) -> f64 {
        let (mut hits, mut truths, mut saids) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (truth, said) in &self.pairs {
            *truths.entry(truth).or_insert(0_usize) += 1;
            *saids.entry(said).or_insert(0_usize) += 1;
            if truth == said {
                *hits.entry(truth).or_insert(0_usize) += 1;
            }
        }
        let all: Vec<f64> = truths
            .iter()
            .filter(|(_, count)| **count >= at_least)
            .map(|(category, count)| {
                let hits = hits.get(category).copied().unwrap_or(0) as f64;
                let said = saids.get(category).copied().unwrap_or(0);
                2.0 * hits / (*count + said) as f64
            })
            .collect();
        all.iter().sum::<f64>() / all.len() as f64
    }

    pub(super) fn told(&self) -> String {
        let (low, high) = self.interval();
        format!(
            "accuracy {:.3} [{low:.3}, {high:.3}] macro-F1 {:.3} of {}",
            self.accuracy(),
            self.macro_f1(5),
            self.pairs.len()
        )
    }
}
