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

/// What stands in the repository to be read, wherever the program is.
#[test]
fn the_schema_is_the_one_to_read() {
    let answer = World::new().run(&["schema"]).done();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../postgresql/schema.sql");
    let stored = std::fs::read_to_string(path).expect("it is there");
    assert_eq!(answer.stdout, stored);
}

/// Also where the configuration cannot be read, because it is what people begin with.
#[test]
fn an_environment_has_secrets_of_its_own() {
    let world = World::new().set("SMARTETL_HTTP_PORT", "none");
    let draw = || {
        let answer = world.run(&["init-env"]);
        assert_eq!((answer.exit, &*answer.stderr), (0, ""));
        answer.stdout
    };
    let (one, other) = (draw(), draw());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.env.example");
    let template = std::fs::read_to_string(path).expect("it is there");
    let mut secrets = Vec::new();
    assert_eq!(one.lines().count(), template.lines().count());
    for ((line, one), other) in template.lines().zip(one.lines()).zip(other.lines()) {
        if one == line {
            assert_eq!(other, line);
            continue;
        }
        let (name, value) = one.split_once('=').expect("NAME=value");
        assert_eq!(line, format!("{name}="));
        assert_ne!(one, other);
        assert!(value.len() >= 44, "{one}");
        // No quotes, no `$`, no blanks: as it is for compose, for a shell, and in an address.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=".contains(c);
        assert!(value.chars().all(is_plain), "{one}");
        secrets.push((name, value));
    }
    let names: Vec<_> = secrets.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "POSTGRES_PASSWORD",
            "SMARTETL_DB_PASSWORD",
            "AIRFLOW_DB_PASSWORD",
            "GRAFANA_DB_PASSWORD",
            "GRAFANA_ADMIN_PASSWORD",
            "AIRFLOW_ADMIN_PASSWORD",
            "AIRFLOW_SECRET_KEY",
            "AIRFLOW_FERNET_KEY",
            "SMARTETL_HTTP_TOKEN",
            "SMARTETL_HTTP_PASSWORD",
        ]
    );
    let mut values: Vec<_> = secrets.iter().map(|(_, value)| *value).collect();
    values.sort_unstable();
    values.dedup();
    assert_eq!(values.len(), names.len());
    let of = |wanted: &str| {
        let found = secrets.iter().find(|(name, _)| *name == wanted);
        found.expect("it is filled").1
    };
    assert_eq!(of("AIRFLOW_SECRET_KEY").len(), 64);
    // 32 bytes in base64.
    assert!(of("AIRFLOW_FERNET_KEY").len() == 44 && of("AIRFLOW_FERNET_KEY").ends_with('='));
}

#[test]
fn simulate_writes_logs_and_their_truth() {
    let world = World::new();
    let answer = world
        .run(&[
            "simulate", "--jobs", "3", "--days", "2", "--seed", "7", "--output", "logs",
        ])
        .done();
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
        let answer = world
            .run(
                &[
                    &[
                        "simulate", "--jobs", "4", "--days", "6", "--output", "my logs",
                    ],
                    layout,
                ]
                .concat(),
            )
            .done();
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
        let compared = crate::support::Answer::of(shell).done();
        assert!(compared.stdout.ends_with("equal\n"), "{}", compared.stdout);
    }
}
