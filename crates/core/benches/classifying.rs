//! How fast messages are classified: usual ones, and ones that attack, in two sizes: twice the bytes may take at most
//! twice the time. `make bench` prints the table.

use divan::Bencher;
use divan::counter::ItemsCount;
use smartetl_core::classify::{ErrorFacts, classify};

fn main() {
    divan::main();
}

/// What a code decides, what a phrase does, and what only the model knows.
const USUAL: &[&str] = &[
    "java.sql.SQLException:ORA-00942: table or view does not exist",
    "java.io.IOException:Aucun espace disponible sur le périphérique",
    "Le serveur de calcul n’a pas rendu la main au bout d’une heure",
];

#[divan::bench(args = USUAL)]
fn usual(bencher: Bencher<'_, '_>, message: &str) {
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| classify(&facts(message, None)));
}

/// Pieces of which a hostile message is made.
const ATTACKS: &[(&str, &str)] = &[
    ("no blank", "x"),
    ("quotes", "'\"«"),
    ("directions and colours", "\u{202e}\u{200f}\u{1b}[31m"),
    ("nearly a code", "caused by: ora- http status code: "),
    ("nearly a column", "column \"x of relation \" column "),
    ("open stack", "Traceback (most recent call last):\n  "),
];

#[divan::bench(args = attacks())]
fn attack(bencher: Bencher<'_, '_>, attack: &Attack) {
    let text = &attack.text;
    bencher.bench(|| classify(&facts(text, Some(text))));
}

struct Attack {
    name: String,
    text: String,
}

impl std::fmt::Display for Attack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

fn attacks() -> Vec<Attack> {
    let sizes = [1 << 20, 2 << 20];
    ATTACKS
        .iter()
        .flat_map(|(name, piece)| {
            sizes.map(|bytes: usize| {
                let text = piece.repeat(bytes / piece.len());
                let name = format!("{name}, {} MiB", bytes >> 20);
                Attack { name, text }
            })
        })
        .collect()
}

fn facts<'a>(message: &'a str, stack: Option<&'a str>) -> ErrorFacts<'a> {
    ErrorFacts {
        system: "talend",
        error_type: None,
        error_code: None,
        code_scheme: None,
        message: Some(message),
        stack,
    }
}
