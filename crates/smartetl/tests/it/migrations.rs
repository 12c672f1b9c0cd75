//! Tables that are not those of this smartETL: each command says whose they are and what to do.

use crate::support::{World, own_database};

/// What every command says about tables that `change` made different.
fn check(change: &str, expected: &[&str]) {
    let database = own_database();
    let world = World::on(&database.url);
    world.run(&["migrate"]).done();
    world.run(&["sql", "--write", change]).done();
    world.file("logs/stats.csv", &crate::samples::stats(0..1));
    for command in [
        &["migrate"][..],
        &["load", "logs"],
        &["status"],
        &["verify"],
    ] {
        let answer = world.run(command);
        assert_eq!(answer.exit, 2, "{command:?}: {}", answer.stdout);
        for words in expected {
            assert!(
                answer.stderr.contains(words),
                "{command:?}: {}",
                answer.stderr
            );
        }
    }
    let doctor = world.run(&["doctor"]);
    for words in expected {
        assert!(doctor.stdout.contains(words), "{}", doctor.stdout);
    }
}

#[test]
fn of_a_later_version() {
    check(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'later', true, '', 0)",
        &[
            "the tables are of version 9999, which a later smartETL made; this one knows versions up to ",
            "hint: use the later smartETL; or give this one an empty database",
        ],
    );
}

#[test]
fn of_another_build() {
    check(
        "UPDATE _sqlx_migrations SET checksum = '' WHERE version = 1",
        &[
            "version 1 of the tables was made by another build of smartETL",
            "hint: use the build that made them; or give this one an empty database",
        ],
    );
}
