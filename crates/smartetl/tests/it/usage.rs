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
