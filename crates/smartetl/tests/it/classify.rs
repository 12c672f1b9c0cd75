//! `classify` and `explain`: what kind of error a message is, without a database.

use crate::screen::Screen;
use crate::support::{Answer, World};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

const LIST: &str = "system,message\n\
    mysql,Error 1205: x\n\
    sqlserver,\"Msg 1205, Level 13\"\n\
    talend,\n\
    talend,\"Fichier prix.csv non reçu,\nsecond rappel\"\n";

/// No rule knows them well.
const GUESSES: &[&str] = &[
    "Échec de l’ouverture",
    "Load of order 12 failed",
    "CMN_1761 : Database driver error",
    "Le traitement du lot s’est mal passé",
    "data in column seems odd",
];

fn classified(world: &World, arguments: &[&str]) -> Vec<Vec<String>> {
    let answer = world.run(arguments).done();
    let lines = answer.stdout.lines();
    lines
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

#[test]
fn a_list_has_a_row_for_each_message() {
    let world = World::new();
    world.file("errors.csv", LIST);
    let rows = classified(
        &world,
        &["classify", "--input", "errors.csv", "--format", "csv"],
    );
    assert_eq!(
        rows[0].join(","),
        "line,category,rule,confidence,blame,retryable,template_id"
    );
    let facts: Vec<String> = rows[1..].iter().map(|row| row[..6].join(",")).collect();
    assert_eq!(
        facts,
        [
            "1,lock,mysql:1205,0.98,platform,true",
            "2,lock,sqlserver:1205,0.98,platform,true",
            "3,unknown,none,0.00,,",
            "4,missing_file,word.missing_file,0.70,data,true",
        ]
    );
}

/// Semicolons, windows-1252, and bytes that are no text: a row for each record all the same.
#[test]
fn a_list_may_be_written_in_any_way() {
    let world = World::new();
    let mut bytes =
        b"MESSAGE;note\nFichier vid\xe9;1\n\"a \"b;2\nORA-00942: \xff\xfe\xc3;3\n".to_vec();
    bytes.extend(b"x;4\n");
    std::fs::write(world.home.path().join("list.csv"), bytes).expect("a file");
    let answer = world.run(&["classify", "--input", "list.csv", "--format", "csv"]);
    let categories: Vec<&str> = answer
        .stdout
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(1))
        .collect();
    assert_eq!(categories.len(), 4, "{}{}", answer.stdout, answer.stderr);
    assert_eq!(categories[2], "missing_object");
}

/// Bars, UTF-16, a name that is nearly right, a quote that stays open: `classify` and `group` read alike.
#[test]
fn both_commands_read_the_same_lists() {
    let world = World::new();
    let commands: [&[&str]; 2] = [&["classify"], &["group"]];
    let list = "LineId|message|system\nL7|ORA-00942: a, b; c|oracle\n";
    let utf_16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(list.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    std::fs::write(world.home.path().join("wide.csv"), utf_16).expect("a file");
    world.file("bars.csv", list);
    world.file("near.csv", "LineId|mesage\nL7|x\n");
    world.file("open.csv", "message\n\"ORA-00942 is open\n");
    let mut text = String::new();
    for file in ["wide.csv", "bars.csv", "near.csv", "open.csv"] {
        for command in commands {
            let all = [command, &["--input", file, "--format", "csv"]].concat();
            let _ = writeln!(
                text,
                "$ smartetl {}\n{}",
                all.join(" "),
                world.transcript(&all)
            );
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn attacks_have_a_row_each() {
    let world = World::new();
    let mut list = String::from("message\n");
    for message in [
        "x".repeat(1 << 20),
        "\"\"".repeat(1_000_000),
        "\u{202e}\u{1b}[31m".repeat(100_000),
        "http://".repeat(150_000),
        " -p ".repeat(250_000),
        "://a:".repeat(200_000),
        "xpassword".repeat(100_000),
    ] {
        let _ = writeln!(list, "\"{message}\"");
    }
    world.file("list.csv", &list);
    let rows = classified(
        &world,
        &["classify", "--input", "list.csv", "--format", "csv"],
    );
    assert_eq!(rows.len(), 8);
}

#[test]
fn a_list_comes_from_stdin_too() {
    let world = World::new();
    let mut command = world.command(&["classify", "--input", "-", "--format", "json"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(LIST.as_bytes()).expect("it listens");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let rows: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(rows[0]["line"], 1);
    assert_eq!(rows[0]["retryable"], true);
    assert_eq!(rows[2]["blame"], Value::Null);
}

#[test]
fn what_cannot_be_read_is_told_in_both_languages() {
    let world = World::new();
    world.file("jobs.csv", "job;owner\na;b\n");
    let mut text = String::new();
    for arguments in [
        ["classify", "--input", "nowhere.csv"],
        ["classify", "--input", "jobs.csv"],
        ["explain", "x", "--stack=nowhere.txt"],
    ] {
        for lang in ["en", "fr"] {
            let all = [&arguments[..], &["--lang", lang]].concat();
            let _ = writeln!(
                text,
                "$ smartetl {}\n{}",
                all.join(" "),
                world.transcript(&all)
            );
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn people_are_told_in_both_languages() {
    let world = World::new();
    world.file("errors.csv", LIST);
    let mut text = String::new();
    let message = "ERREUR: annulation de la requête\njava.sql.SQLException: ORA-00054: resource busy and acquire with NOWAIT specified";
    for arguments in [
        vec!["classify", "--input", "errors.csv"],
        vec!["explain", message, "--system", "oracle"],
        vec!["explain", "Le composant tRunJob_2 a échoué"],
        vec![
            "explain",
            "x",
            "--code",
            "23505",
            "--code-scheme",
            "sqlstate",
        ],
    ] {
        for lang in ["en", "fr"] {
            let mut all = arguments.clone();
            all.extend(["--lang", lang]);
            let _ = writeln!(text, "{}", world.transcript(&all));
        }
    }
    insta::assert_snapshot!(text);
}

/// The message stands below what it is; nothing is longer than the terminal, and no secret is shown.
#[test]
fn a_list_fits_a_terminal() {
    let world = World::new();
    let list = LIST.replace("message", "said") + "talend,password=geheim123 ORA-00942\n";
    world.file("errors.csv", &list);
    for (lang, who) in [("en", "platform team"), ("fr", "l’équipe infrastructure")] {
        for columns in [80, 120] {
            let arguments = [
                "--color",
                "never",
                "--lang",
                lang,
                "classify",
                "--input",
                "errors.csv",
                "--column",
                "said",
            ];
            let (exit, lines) = Screen::start(&world, &arguments, columns).end();
            assert_eq!(exit, Some(0), "{lines:?}");
            let longest = lines.iter().map(|line| line.chars().count()).max();
            assert!(longest <= Some(usize::from(columns)), "{lines:#?}");
            let text = lines.join("\n");
            for part in [who, "Msg 1205, Level 13", "98"] {
                assert!(text.contains(part), "{part}: {text}");
            }
            assert!(!text.contains("geheim123"), "{text}");
        }
    }
}

/// What only likeness to known messages says, and not surely, is said to be a guess; programs get the number.
#[test]
fn a_guess_is_told_as_one() {
    let world = World::new();
    world.file("errors.csv", &format!("message\n{}\n", GUESSES.join("\n")));
    let rows = classified(
        &world,
        &["classify", "--input", "errors.csv", "--format", "csv"],
    );
    let is_guess = |row: &&Vec<String>| {
        row[2] == "model" && row[3].parse::<f64>().is_ok_and(|sure| sure < 0.6)
    };
    let guess = rows[1..]
        .iter()
        .find(is_guess)
        .expect("one of them is a guess");
    assert!(!guess[1].contains("perhaps"), "{rows:?}");
    let place: usize = guess[0].parse().expect("a line");
    let explain = ["explain", GUESSES[place - 1]];
    for arguments in [&explain[..], &["classify", "--input", "errors.csv"]] {
        for (lang, word) in [("en", "perhaps "), ("fr", "peut-être ")] {
            let answer = world.run(&[arguments, &["--lang", lang]].concat());
            assert!(answer.stdout.contains(word), "{}", answer.stdout);
        }
    }
}

#[test]
fn a_message_says_something() {
    let world = World::new();
    let answer = world.run(&["explain", " "]);
    assert_eq!(answer.exit, 2, "{}", answer.stdout);
    assert!(
        answer.stderr.contains("the message is empty"),
        "{}",
        answer.stderr
    );
}

/// A scheme is known in any size of letters; one that nobody knows is refused, and the known ones are named.
#[test]
fn a_scheme_of_codes_is_known_or_refused() {
    let world = World::new();
    let explain = |scheme: &str, lang: &str| {
        world.run(&[
            "explain",
            "x",
            "--code",
            "500",
            "--code-scheme",
            scheme,
            "--lang",
            lang,
        ])
    };
    let known = explain("HTTP", "en").done();
    assert!(known.stdout.contains("http:500"), "{}", known.stdout);
    for (lang, told) in [
        ("en", "is no scheme of codes"),
        ("fr", "n’est pas un type de codes"),
    ] {
        let refused = explain("ours", lang);
        assert_eq!(refused.exit, 2, "{}", refused.stdout);
        assert!(
            refused.stderr.contains(told) && refused.stderr.contains("sqlstate"),
            "{}",
            refused.stderr
        );
    }
}

#[test]
fn programs_get_the_stored_words_and_both_texts() {
    let world = World::new();
    let stack = world.file(
        "stack.txt",
        "a.B: x\n\tat c.D.e(D.java:1)\nCaused by: java.net.UnknownHostException: h\n\tat f.G.h(G.java:2)\n",
    );
    let stack = stack.to_str().expect("a path");
    let arguments = [
        "explain",
        "password=geheim123 ORA-00942",
        "--stack",
        stack,
        "--format",
        "json",
        "--lang",
        "fr",
    ];
    let answer: Answer = world.run(&arguments);
    assert!(!answer.stdout.contains("geheim123"), "{}", answer.stdout);
    let told: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    assert_eq!(told["category"], "connection");
    assert_eq!(told["evidence"][0]["place"], "cause");
    assert_eq!(told["evidence"][0]["decided"], true);
    assert_eq!(told["otherwise"]["rule"], "oracle:ORA-00942");
    assert_eq!(told["knowledge"][0]["about"], "connection");
    for lang in ["en", "fr"] {
        assert_eq!(told["knowledge"][0][lang].as_array().map(Vec::len), Some(3));
    }
}
