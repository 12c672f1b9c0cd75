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

#[test]
fn the_commands_that_simulate_prints_work() {
    for layout in [&["--plain"][..], &[]] {
        let cache = smartetl_testkit::place::cache();
        let world = World::new().set("SMARTETL_CACHE_DIR", cache.to_str().expect("UTF-8"));
        let answer = world.run(
            &[
                &[
                    "simulate", "--jobs", "4", "--days", "6", "--output", "my logs",
                ],
                layout,
            ]
            .concat(),
        );
        assert_eq!(answer.exit, 0, "{}", answer.stderr);
        assert!(
            answer.stdout.contains("2025-12-26 to 2025-12-31"),
            "{}",
            answer.stdout
        );
        let commands = answer
            .stdout
            .lines()
            .filter_map(|line| line.strip_prefix("  "));
        let script: Vec<&str> = commands.collect();
        assert_eq!(script.len(), 2, "{}", answer.stdout);
        let mut shell = std::process::Command::new("bash");
        shell.args(["-e", "-c", &script.join("\n")]);
        let mut shell = world.around(shell);
        shell.env("PATH", "/usr/bin:/bin");
        let compared = crate::support::Answer::of(shell);
        assert_eq!(compared.exit, 0, "{}{}", compared.stdout, compared.stderr);
        assert!(compared.stdout.ends_with("equal\n"), "{}", compared.stdout);
    }
}
