//! `--timezone` and the setting `timezone` are two things, and whoever confuses them is told.

use crate::samples::stats;
use crate::support::{World, own_database};

const WARNING: &str =
    "warning: --timezone reads local times as Asia/Tokyo, but business days follow Europe/Paris";

/// What a load of local times in `--timezone zone` says, with these arguments besides.
fn said(world: &World, zone: &str, arguments: &[&str]) -> String {
    world.file("logs/stats.csv", &stats(0..2));
    let load = ["load", "logs", "--allow-duplicate", "--timezone", zone];
    let answer = world.run(&[arguments, &load[..]].concat()).done();
    answer.stderr
}

#[test]
fn two_zones_of_which_nobody_chose_one() {
    let database = own_database();
    let world = World::on(&database.url);
    let told = said(&world, "Asia/Tokyo", &[]);
    assert_eq!(told.matches(WARNING).count(), 1, "{told}");
    assert!(
        told.contains("hint: ") && told.contains("--set timezone=Asia/Tokyo"),
        "{told}"
    );
    let day = [
        "sql",
        "--format",
        "csv",
        "SELECT DISTINCT business_day FROM dataset",
    ];
    // Midnight in Tokyo is the afternoon before in Paris, which is what business days follow.
    assert_eq!(world.run(&day).stdout, "business_day\n2025-12-31\n");
}

#[test]
fn whoever_chose_or_says_the_same_is_not_warned() {
    let database = own_database();
    let world = World::on(&database.url);
    assert_eq!(said(&world, "europe/paris", &[]), "");
    assert_eq!(said(&world, "Asia/Tokyo", &["--quiet"]), "");
    assert_eq!(
        said(&world, "Asia/Tokyo", &["--set", "timezone=Europe/Paris"]),
        ""
    );
    let world = World::on(&database.url).in_paris();
    assert_eq!(said(&world, "Asia/Tokyo", &[]), "");
}

#[test]
fn help_says_which_is_which() {
    for command in ["load", "up"] {
        let help = World::new().run(&[command, "--help"]).stdout;
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            help.contains("Business days always follow the setting"),
            "{help}"
        );
    }
}
