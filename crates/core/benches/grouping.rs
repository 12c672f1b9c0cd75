//! How fast errors are grouped and classified on one core, what 20,000 templates cost, of short messages and of long
//! ones, what one new signature among 200,000 costs, and that messages which attack cost what their length does.
//! `make bench` writes the file of errors (`simulate/examples/errors.rs`) and prints this.

#![expect(clippy::print_stdout, reason = "the figures")]

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use smartetl_core::classify::{ErrorFacts, classify};
use smartetl_core::group::{Named, Place, Templates, signature};
use smartetl_core::known::Known;
use smartetl_core::redact::redact;
use uuid::Uuid;

const ROUNDS: usize = 3;
const MANY_TEMPLATES: usize = 20_000;
const MANY_SIGNATURES: usize = 200_000;

fn main() -> Result<(), Box<dyn Error>> {
    let given = std::env::args().skip(1).find(|given| given != "--bench");
    let path = given.ok_or("the file with errors, a JSON string in each line")?;
    let errors = read(&path)?;
    println!("{:36} {:>12} {:>12}", "", "errors/s", "lines/s");
    let lines = errors.iter().map(|error| error.lines().count()).sum();
    let told = |name, took: Duration| {
        let each = |count: usize| count as f64 / took.as_secs_f64();
        println!(
            "{name:36} {:>12.0} {:>12.0}",
            each(errors.len()),
            each(lines)
        );
    };
    let (templates, took) = timed(|| templates_of(&errors));
    told("grouping, from nothing", took);
    let took = best(|| {
        let mut scratch = String::new();
        for error in &errors {
            let signature = signature(&named(error), &mut scratch);
            black_box(templates.get(signature, false));
        }
    });
    told("known: masked, grouped", took);
    let took = best(|| {
        for error in &errors {
            black_box(classify(&facts(error)));
        }
    });
    told("classified", took);
    let took = best(|| {
        let mut scratch = String::new();
        for error in &errors {
            let signature = signature(&named(error), &mut scratch);
            let class = classify(&facts(error));
            black_box((templates.get(signature, false), class));
        }
    });
    told("both, each message as if it were new", took);
    let took = best(|| {
        let mut known = Known::default();
        for error in &errors {
            let (signature, class) = known.meaning(&facts(error));
            black_box((templates.get(signature, false), class));
        }
    });
    told("known: masked, grouped, classified", took);
    let count = templates.templates().len();
    println!("{count} templates (aim, known: at least 1,000,000 lines/s)");
    // What is held and measured once is not measured again.
    let held = many_templates("", 9)?;
    drop((many_templates("long ", 500)?, held));
    one_among_many();
    attacks();
    Ok(())
}

fn templates_of(errors: &[String]) -> Templates {
    let mut templates = Templates::default();
    let mut scratch = String::new();
    for error in errors {
        let _: Place = templates.place_of(&named(error), false, &mut scratch);
    }
    templates.mine();
    templates
}

/// Of messages of so many words, no two of which are one template.
fn many_templates(what: &str, words: usize) -> Result<Templates, Box<dyn Error>> {
    let before = memory_kb()?;
    let templates = of_words(MANY_TEMPLATES, words);
    let took_mb = (memory_kb()? - before) as f64 / 1024.0;
    let count = templates.templates().len();
    println!(
        "memory for {count} templates of {what}messages ({words} words): {took_mb:.0} MB (aim: at most 100)"
    );
    Ok(templates)
}

/// What a fuse pays that brings one new signature.
fn one_among_many() {
    let mut templates = of_words(MANY_SIGNATURES, 12);
    let new = named("the depot of the north is closed and nobody has the key");
    let ((), took) = timed(|| {
        templates.place_of(&new, false, &mut String::new());
        templates.mine();
    });
    println!(
        "one new signature among {MANY_SIGNATURES}: {:.1} s",
        took.as_secs_f64()
    );
}

/// Words of their own, so that no two messages are one template.
fn of_words(messages: usize, words: usize) -> Templates {
    let mut templates = Templates::default();
    let mut scratch = String::new();
    for at in 0..messages {
        let word = |place: usize| {
            let number = (at * 31 + place * 7_919).to_string();
            let letters = number.bytes().map(|digit| char::from(digit + 49));
            let end = ["ment ", "tion ", "ure ", "able "][place % 4];
            letters.chain(end.chars()).collect::<String>()
        };
        let text: String = (0..words).map(word).collect();
        templates.place_of(&named(&text), false, &mut scratch);
    }
    templates.mine();
    templates
}

const ATTACKS: &[(&str, &str)] = &[
    ("no blank", "x"),
    ("quotes", "'\"«"),
    ("directions and colours", "\u{202e}\u{200f}\u{1b}[31m"),
    ("numbers and separators", "1.2:3/4-"),
    ("open stack", "Caused by: \n\tat a.b("),
    ("colons", "xy:zw:"),
    ("addresses", "http://"),
    ("users", "://a:"),
    ("options", " -p "),
    ("keys of services", "sk-"),
    ("logins of Oracle", "userid=a/"),
    ("names of secrets", "xpassword"),
    ("patterns that backtrack", "(a+)+b aaaaaaaa! "),
    ("damaged letters", "\u{fffd}\u{c3}\u{a9}"),
    ("words of rules", "connection refused timeout \"denied "),
];

fn attacks() {
    println!(
        "{:36} {:>12} {:>12}",
        "redacted, grouped, classified, ms", "1 MiB", "2 MiB"
    );
    for (name, piece) in ATTACKS {
        let took = [1_usize << 20, 2 << 20].map(|bytes| {
            let text = piece.repeat(bytes / piece.len());
            let took = best(|| {
                let text = redact(&text);
                black_box((signed(&text), classify(&facts(&text))));
            });
            took.as_secs_f64() * 1e3
        });
        println!("{name:36} {:>12.2} {:>12.2}", took[0], took[1]);
    }
}

fn signed(error: &str) -> Uuid {
    signature(&named(error), &mut String::new())
}

fn named(error: &str) -> Named<'_> {
    let (message, stack) = split(error);
    Named {
        message: Some(message),
        stack,
        ..Named::default()
    }
}

fn facts(error: &str) -> ErrorFacts<'_> {
    let (message, stack) = split(error);
    ErrorFacts {
        system: "talend",
        error_type: None,
        error_code: None,
        code_scheme: None,
        message: Some(message),
        stack,
    }
}

fn split(error: &str) -> (&str, Option<&str>) {
    match error.split_once("\n\tat ") {
        Some((message, _)) => (message, Some(&error[message.len() + 1..])),
        None => (error, None),
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = now();
    let result = work();
    (result, start.elapsed())
}

fn best(work: impl Fn()) -> Duration {
    (0..ROUNDS)
        .map(|_| timed(&work).1)
        .min()
        .unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "measures")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "reads what it measures")]
fn read(path: &str) -> Result<Vec<String>, Box<dyn Error>> {
    std::fs::read_to_string(path)?
        .lines()
        .map(|line| Ok(unquoted(line)))
        .collect()
}

/// A JSON string of `simulate/examples/errors.rs`: no other escapes come.
fn unquoted(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut chars = line.trim_matches('"').chars();
    while let Some(char) = chars.next() {
        let escaped = if char == '\\' { chars.next() } else { None };
        match escaped {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some(other) => text.push(other),
            None => text.push(char),
        }
    }
    text
}

/// What the process holds, as Linux says it.
#[expect(clippy::disallowed_methods, reason = "measures")]
fn memory_kb() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kb.ok_or("no VmRSS")?.parse()?)
}
