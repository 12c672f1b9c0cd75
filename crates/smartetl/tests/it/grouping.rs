//! Which errors mean the same: the command, the simulated truth in two languages, and every order of loading.

use crate::screen::Screen;
use crate::support::{World, check};
use smartetl_core::group::{self, Named, Place, Templates};
use smartetl_simulate::{Saying, sayings};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::PathBuf;

const LOG: &str = "LineId,Level,Content\n\
                   L1,error,Failed to open /data/in/a.csv after 3 tries\n\
                   L2,error,\"Table clients, read by etl: 12 rows refused\"\n\
                   L3,error,Failed to open /data/in/b.csv after 5 tries\n\
                   L4,error,\"Table ventes, read by etl: 7 rows refused\"\n\
                   L5,error,password=hunter2 was refused\n";

#[test]
fn a_file_as_benchmarks_of_log_parsers_want_it() {
    let world = World::new();
    world.file("log.csv", LOG);
    let group = ["group", "--input", "log.csv", "--column", "Content"];
    for format in ["csv", "json", "table"] {
        let arguments: Vec<&str> = group.into_iter().chain(["--format", format]).collect();
        insta::assert_snapshot!(world.transcript(&arguments));
    }
}

#[test]
fn templates_with_their_lines_in_both_languages() {
    let world = World::new();
    world.file("log.csv", LOG);
    for lang in ["en", "fr"] {
        check!(
            world,
            "group",
            "--input",
            "log.csv",
            "--column",
            "content",
            "--templates",
            "--lang",
            lang
        );
    }
}

/// On a terminal the texts have the room, and no line is wider than it.
#[test]
fn a_terminal_shows_the_beginnings_of_ids() {
    let world = World::new();
    let said = "Connection refused to the host of the warehouse db";
    world.file("m.csv", &format!("message\n{said}1\n{said}2\nDisk full\n"));
    let arguments = [
        "group",
        "--input",
        "m.csv",
        "--templates",
        "--lang",
        "en",
        "--color",
        "always",
    ];
    let (exit, lines) = Screen::start(&world, &arguments, 80).end();
    assert_eq!(exit, Some(0));
    assert!(lines[0].contains("EventTemplate"), "{lines:#?}");
    let words: Vec<&str> = lines[1].split_whitespace().collect();
    assert_eq!((words[0], words[1].len(), words[2]), ("2", 8, "Connection"));
    assert!(lines[1].contains(" warehouse "), "{lines:#?}");
}

#[test]
fn lines_without_ids_are_counted_and_damaged_ones_have_no_template() {
    let world = World::new();
    world.file(
        "log.csv",
        "message;x\nlot 12 refusé;\nlot 13 refusé;1;2;3;4\n\"lot 14 refusé;\n",
    );
    for lang in ["en", "fr"] {
        check!(
            world, "group", "--input", "log.csv", "--format", "csv", "--lang", lang
        );
    }
}

#[test]
fn a_file_with_one_column_has_no_delimiter() {
    let world = World::new();
    world.file("log.csv", "message\na, b; c | 1\na, b; c | 2\n");
    check!(world, "group", "--input", "log.csv", "--format", "csv");
}

#[test]
fn what_cannot_be_grouped_is_told() {
    let world = World::new();
    world.file("log.csv", LOG);
    world.file("empty.csv", "");
    for lang in ["en", "fr"] {
        check!(
            world, "group", "--input", "log.csv", "--column", "Contents", "--lang", lang
        );
        check!(world, "group", "--input", "none.csv", "--lang", lang);
        check!(world, "group", "--input", "empty.csv", "--lang", lang);
    }
    check!(world, "group", "--help");
}

/// Grouping accuracy (the share of lines whose group is exactly the true one) and its harmonic mean over templates
/// (Zhu et al., ICSE-SEIP 2019; Jiang et al., ISSTA 2024).
fn accuracy<T: Ord, P: Ord>(truth: &[T], predicted: &[P]) -> (f64, f64) {
    let mut of_truth: BTreeMap<&T, BTreeSet<usize>> = BTreeMap::new();
    let mut of_group: BTreeMap<&P, BTreeSet<usize>> = BTreeMap::new();
    for (line, (truth, group)) in truth.iter().zip(predicted).enumerate() {
        of_truth.entry(truth).or_default().insert(line);
        of_group.entry(group).or_default().insert(line);
    }
    let right: Vec<&BTreeSet<usize>> = of_group
        .values()
        .filter(|lines| {
            lines
                .first()
                .is_some_and(|line| of_truth[&truth[*line]] == **lines)
        })
        .collect();
    let lines: usize = right.iter().map(|lines| lines.len()).sum();
    #[expect(clippy::cast_precision_loss, reason = "the counts are small")]
    let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
    let templates = share(2 * right.len(), of_group.len() + of_truth.len());
    (share(lines, truth.len()), templates)
}

/// As the program groups these errors.
fn grouped(sayings: &[Saying]) -> Vec<String> {
    let world = World::new();
    let mut file = String::from("message\n");
    for saying in sayings {
        let _ = writeln!(file, "\"{}\"", saying.message.replace('"', "\"\""));
    }
    world.file("errors.csv", &file);
    let answer = world
        .run(&["group", "--input", "errors.csv", "--format", "csv"])
        .done();
    let ids = answer
        .stdout
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(1));
    ids.map(str::to_owned).collect()
}

#[test]
fn simulated_errors_are_grouped_as_the_truth_says() {
    for language in ["French", "English", "mixed"] {
        let is_wanted = |saying: &Saying| match language {
            "French" => saying.french,
            "English" => !saying.french,
            _ => true,
        };
        let some: Vec<Saying> = sayings(7).filter(is_wanted).take(20_000).collect();
        let truth: Vec<usize> = some.iter().map(|saying| saying.meaning).collect();
        let (by_line, by_template) = accuracy(&truth, &grouped(&some));
        assert!(
            by_line >= 0.97 && by_template >= 0.90,
            "{language}: GA {by_line:.4}, FGA {by_template:.4}"
        );
    }
}

/// Samples of `LogHub`, with one setting for all of them.
#[test]
#[expect(clippy::print_stderr, reason = "the figures, or why there are none")]
fn logs_of_other_systems_are_grouped_as_people_grouped_them() {
    let shared = std::env::var_os("SMARTETL_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let Ok(folder) = shared.join("samples/loghub").read_dir() else {
        eprintln!("not looked at: there is no {}", shared.display());
        return;
    };
    let mut found = Vec::new();
    for system in folder.map(|entry| entry.expect("an entry").path()) {
        if !system.is_dir() {
            continue;
        }
        let name = system.file_name().expect("a name").display().to_string();
        let file = system.join(format!("{name}_2k.log_structured.csv"));
        let text = std::fs::read_to_string(&file).expect("a sample");
        let mut lines = text.lines().map(fields);
        let header = lines.next().expect("a header");
        let at = header.iter().position(|column| column == "EventId");
        let at = at.expect("the true groups");
        let truth: Vec<String> = lines.map(|mut fields| fields.swap_remove(at)).collect();
        let path = file.to_str().expect("a path");
        let answer = World::new()
            .run(&[
                "group", "--input", path, "--column", "Content", "--format", "csv",
            ])
            .done();
        let groups: Vec<String> = answer
            .stdout
            .lines()
            .skip(1)
            .map(|line| fields(line).swap_remove(1))
            .collect();
        assert_eq!(groups.len(), truth.len(), "{name}");
        let accuracy = accuracy(&truth, &groups);
        eprintln!("{name}: GA {:.4}, FGA {:.4}", accuracy.0, accuracy.1);
        found.push(accuracy);
    }
    let number = f64::from(u8::try_from(found.len()).expect("a few"));
    let by_line = found.iter().map(|one| one.0).sum::<f64>() / number;
    let by_template = found.iter().map(|one| one.1).sum::<f64>() / number;
    eprintln!("mean: GA {by_line:.4}, FGA {by_template:.4}");
    assert!(by_line >= 0.97 && by_template >= 0.95);
}

/// The fields of a line of a CSV file whose records are lines.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    for sign in line.chars() {
        match sign {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            _ => fields.last_mut().expect("one at least").push(sign),
        }
    }
    fields
}

/// What each error's template is when they come in this order, in batches each of which is mined.
fn templates_of<'s>(
    errors: impl Iterator<Item = &'s (Saying, bool)>,
) -> HashMap<&'s str, (String, String)> {
    let mut all = Templates::default();
    let mut places: HashMap<&str, Place> = HashMap::new();
    let mut scratch = String::new();
    for (index, (saying, cut)) in errors.enumerate() {
        let named = Named {
            message: Some(&saying.message),
            ..Named::default()
        };
        let signature = group::signature(&named, &mut scratch);
        let place = all.get(signature, *cut).unwrap_or_else(|| {
            group::text(&named, *cut, &mut scratch);
            all.add(signature, &scratch, *cut)
        });
        places.insert(&saying.message, place);
        if index % 5_000 == 0 {
            all.mine();
        }
    }
    all.mine();
    let named = |place| {
        let template = all.template(place);
        (template.id.to_string(), template.text.clone())
    };
    places
        .into_iter()
        .map(|(message, place)| (message, named(place)))
        .collect()
}

/// How many random orders are tried.
pub fn orders() -> u64 {
    std::env::var("SMARTETL_ORDERS").map_or(5, |orders| {
        orders.parse().expect("SMARTETL_ORDERS is a number")
    })
}

/// A hundred thousand of them; which the source cut.
pub fn errors() -> Vec<(Saying, bool)> {
    let mut errors: Vec<(Saying, bool)> = sayings(11)
        .take(100_000)
        .map(|saying| {
            let cut = saying.message.chars().count() == 255;
            (saying, cut)
        })
        .collect();
    // Names that the forms of words do not tell: only many of them together do.
    for (index, (saying, _)) in errors
        .iter_mut()
        .enumerate()
        .filter(|(index, _)| index % 9 == 0)
    {
        let name: String = index
            .to_string()
            .bytes()
            .map(|digit| char::from(digit + 49))
            .collect();
        saying.message = format!("le dépôt {name} attend la livraison {name}x depuis hier");
    }
    errors
}

#[test]
fn any_order_of_a_hundred_thousand_errors_gives_the_same_templates() {
    let errors = errors();
    let first = templates_of(errors.iter());
    let mut order: Vec<&(Saying, bool)> = errors.iter().collect();
    for seed in 1..=orders() {
        shuffle(&mut order, seed);
        assert!(templates_of(order.iter().copied()) == first, "order {seed}");
    }
}

/// Every order is as likely as any other (Fisher and Yates), by splitmix64, and the same each time.
pub fn shuffle<T>(all: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..all.len()).rev() {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let below = u64::try_from(last + 1).expect("a length");
        let other = usize::try_from((word ^ (word >> 31)) % below).expect("below a length");
        all.swap(last, other);
    }
}
