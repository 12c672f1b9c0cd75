//! What a person sees who calls the program wrongly, or asks it what it can do.

use crate::support::{World, check};

#[test]
fn help_names_every_command() {
    check!(World::new(), "--help");
}

#[test]
fn unknown_command() {
    check!(World::new(), "laod");
}

#[test]
fn unknown_flag() {
    check!(World::new(), "sql", "SELECT 1", "--fromat", "csv");
}

#[test]
fn completions_come_without_a_valid_configuration() {
    let world = World::new().set("SMARTETL_HTTP_PORT", "none");
    for shell in ["bash", "zsh", "fish"] {
        let answer = world.run(&["completions", shell]);
        assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{shell}");
        assert!(
            answer.stdout.contains("--database-url") || answer.stdout.contains("database-url"),
            "{shell}"
        );
    }
}

#[test]
fn simulate_writes_logs_and_their_truth() {
    let world = World::new();
    let answer = world.run(&[
        "simulate", "--jobs", "3", "--days", "2", "--seed", "7", "--output", "logs",
    ]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    assert!(answer.stdout.contains("rows of log "), "{}", answer.stdout);
    assert!(world.home.path().join("logs/truth/meta.json").is_file());
    let occupied = world.file("occupied", "");
    let answer = world.run(&["simulate", "--output", occupied.to_str().expect("UTF-8")]);
    assert_eq!(answer.exit, 2);
    assert!(
        answer.stderr.starts_with("error: cannot write"),
        "{}",
        answer.stderr
    );
}
