//! Holidays and closures, from the settings to the days of jobs.

use crate::support::{World, check, place};
use crate::tables::number;

const STATS: &str = "moment;pid;father_pid;root_pid;system_pid;project;job;job_repository_id;job_version;context;origin;\
                     message_type;message;duration\n\
                     2026-05-14 23:00:00;Aa1;Aa1;Aa1;1;P;J_Total;_x;0.1;PROD;;begin;;\n\
                     2026-05-14 23:00:30;Aa1;Aa1;Aa1;1;P;J_Total;_x;0.1;PROD;;end;success;30000\n";
const AS_OF: &str = "2026-05-16T08:00:00Z";

#[test]
fn a_year_with_closures_in_both_languages() {
    let world = World::new().in_paris();
    world.file(
        "closures.csv",
        "first;last;why\n15/05/2026;15/05/2026;Pont\n",
    );
    let closures = "calendar.closures=[\"closures.csv\"]";
    check!(world, "--set", closures, "calendar", "2026", "--lang", "en");
    check!(
        world,
        "--set",
        closures,
        "--set",
        "calendar.country=FR-alsace-moselle",
        "calendar",
        "2026",
        "--lang",
        "fr"
    );
    check!(
        world, "--set", closures, "calendar", "2026", "--lang", "fr", "--format", "csv"
    );
}

/// The day after Ascension is a working day until the company says that it is closed: all days are looked at again then.
#[test]
fn a_changed_calendar_changes_the_days_that_are_stored() {
    let (database, world) = place();
    world.file("stats.csv", STATS);
    let closed = world.file("closures.csv", "2026-05-15;Pont\n");
    let closed = format!("calendar.closures=[\"{}\"]", closed.display());
    let days = |types: &str| {
        let count = format!("SELECT count(*) FROM job_day WHERE day_type = '{{{types}}}'");
        assert_eq!(number(&database.url, &count), 1, "{types}");
    };
    let done = |arguments: &[&str]| {
        let answer = world.run(arguments).done();
        answer.stdout
    };
    done(&["load", "--as-of", AS_OF, "stats.csv"]);
    days("working,day_after");
    let said = done(&["--set", &closed, "fuse", "--as-of", AS_OF]);
    assert!(said.contains("everything folded again"), "{said}");
    days("closure,day_after");
    done(&["--set", &closed, "verify", "--recompute"]);
    let other = world.run(&["verify", "--recompute"]);
    assert_ne!(
        other.exit, 0,
        "another calendar than the one that was fused with"
    );
}

#[test]
fn closures_that_cannot_be_read_are_told_with_their_place() {
    let world = World::new().in_paris();
    world.file("closures.csv", "2026-05-15;Pont\n2026-05-32;Pont\n");
    check!(
        world,
        "--set",
        "calendar.closures=[\"closures.csv\"]",
        "calendar",
        "2026"
    );
    check!(
        world,
        "--set",
        "calendar.closures=[\"none.ics\"]",
        "calendar",
        "2026"
    );
    check!(world, "--set", "calendar.country=XX", "calendar", "2026");
}

#[test]
fn years_and_days_outside_of_1990_to_2100_are_refused() {
    let world = World::with_database();
    for year in ["1990", "2100"] {
        let told = world.run(&["calendar", year]).done();
        assert!(told.stdout.contains(year), "{}", told.stdout);
    }
    for arguments in [
        ["calendar", "1989"],
        ["calendar", "2101"],
        ["report", "--day=1989-12-31"],
        ["report", "--day=2101-01-01"],
    ] {
        let refused = world.run(&arguments);
        assert_eq!(
            (refused.exit, refused.stdout.as_str()),
            (2, ""),
            "{arguments:?}"
        );
        assert!(refused.stderr.contains("1990"), "{}", refused.stderr);
        assert!(refused.stderr.contains("2100"), "{}", refused.stderr);
    }
}
