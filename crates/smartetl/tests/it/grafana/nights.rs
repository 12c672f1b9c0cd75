//! Nights as the calendar makes them, failures that are some, and jobs that share a name.

use super::shipped::{dashboard, panel};
use super::{Logs, check};
use crate::support::{World, place};

const AS_OF: &str = "2026-01-20T12:00:00Z";
const JANUARY: [&str; 2] = ["2025-12-31T23:00:00Z", "2026-01-31T22:59:59Z"];

fn good(logs: &mut Logs, job: &str, days: &[&str]) {
    for day in days {
        let at = [&*format!("{day} 02:00:00"), &*format!("{day} 02:10:00")];
        logs.run(&format!("{job}-{day}"), job, at, "success");
    }
}

fn due(world: &World, jobs: &[&str]) {
    let lines = jobs
        .iter()
        .map(|job| format!("PROD,SALES,{job},talend,03:00"));
    let lines: Vec<String> = lines.collect();
    let list = lines.join("\n");
    world.file(
        "list.csv",
        &format!("environment,project,job,system,deadline\n{list}\n"),
    );
    world.run(&["jobs", "import", "list.csv"]).done();
}

/// Christmas and New Year are Thursdays: nobody waits for what runs on Thursdays, only for what runs on holidays.
#[test]
fn nights_are_compared_with_their_own_kind() {
    let (database, world) = place();
    let url = &database.url;
    let mut logs = Logs::default();
    let thursdays = ["2025-11-27", "2025-12-04", "2025-12-11", "2025-12-18"];
    good(&mut logs, "load_thursday", &thursdays);
    good(&mut logs, "load_thursday", &["2026-01-15"]);
    let holidays = ["2025-11-01", "2025-11-11", "2025-12-25"];
    good(&mut logs, "load_holiday", &holidays);
    let others = ["2026-01-01", "2026-01-08", "2026-01-19"];
    good(&mut logs, "load_other", &others);
    logs.load(&world, &["--as-of", AS_OF]);
    due(&world, &["load_thursday", "load_holiday"]);
    check(
        url,
        "business_day; job; verdict; due_state",
        "grafana_due WHERE business_day > '2025-12-18' ORDER BY business_day",
        &[
            "2025-12-25 load_holiday ok kept",
            "2026-01-01 load_holiday missing missed",
            "2026-01-08 load_thursday missing missed",
            "2026-01-15 load_thursday ok kept",
        ],
    );
    // What has not run counts in the table of months as it does in the figure above it.
    let figure = panel("smartetl-month", 3, "dernière", JANUARY);
    check(url, "round(\"À l’heure\"::numeric, 3)", &figure, &["0.333"]);
    let months = panel("smartetl-month", 9, "dernière", JANUARY);
    check(
        url,
        "\"Mois\"; round(\"À l’heure\"::numeric, 3)",
        &format!("{months} ORDER BY \"Mois\" DESC LIMIT 2"),
        &["2026-01 0.333", "2025-12 1.000"],
    );
}

/// What the program knows of the calendar reaches the views, also of days to come.
#[test]
fn the_days_on_which_nobody_works() {
    let (database, world) = place();
    let url = &database.url;
    world.file("closures.csv", "2026-02-02\n2031-01-01\n");
    let closures = world.home.path().join("closures.csv");
    let world = world.set(
        "SMARTETL_CALENDAR_CLOSURES",
        &closures.display().to_string(),
    );
    let mut logs = Logs::default();
    good(&mut logs, "load_orders", &["2026-01-19"]);
    logs.load(&world, &["--as-of", AS_OF]);
    check(
        url,
        "min(day); max(day); count(*) FILTER (WHERE day BETWEEN '2026-01-01' AND '2026-05-01')",
        "fuse_state, unnest(holidays) AS day",
        &["2023-01-01 2027-12-25 4"],
    );
    let alike = |day: &str| format!("grafana_alike('{day}') ORDER BY place");
    check(
        url,
        "place; alike",
        &alike("2026-02-09"),
        &[
            "1 2026-01-26",
            "2 2026-01-19",
            "3 2026-01-12",
            "4 2026-01-05",
        ],
    );
    check(
        url,
        "alike",
        &alike("2026-02-02"),
        &["2026-01-01", "2025-12-25", "2025-11-11", "2025-11-01"],
    );
}

/// A job that caught its error failed nowhere; where the one above it failed by it, that is one failure.
#[test]
fn only_what_failed_is_a_failure() {
    let (database, world) = place();
    let url = &database.url;
    let mut logs = Logs::default();
    let night = ["2026-01-19 02:00:00", "2026-01-19 02:10:00"];
    let refused = "java.net.ConnectException: Connection refused";
    logs.run("w1", "load_warned", night, "success");
    logs.error("w1", "load_warned", "2026-01-19 02:05:00", refused);
    logs.run("p1", "load_parent", night, "failure");
    logs.child(["c1", "p1"], "load_child", night, "success");
    logs.child_error(["c1", "p1"], "load_child", "2026-01-19 02:05:00", refused);
    logs.load(&world, &["--as-of", AS_OF]);
    check(
        url,
        "job; outcome; is_cause; is_failure",
        "grafana_run ORDER BY job",
        &[
            "load_child success_with_errors true true",
            "load_parent failed false false",
            "load_warned success_with_errors true false",
        ],
    );
    check(url, "job", "grafana_error", &["load_child"]);
    let failures = panel("smartetl-errors", 1, "dernière", JANUARY);
    check(url, "\"Échecs\"", &failures, &["1"]);
    let touched = panel("smartetl-errors", 10, "dernière", JANUARY);
    check(url, "\"Exécutions\"; \"Job\"", &touched, &["1 load_child"]);
    let of_job = panel("smartetl-job", 13, "dernière", JANUARY);
    for (job, count) in [("load_warned", "0"), ("load_child", "1")] {
        check(url, "count(*)", &of_job.replace("$job", job), &[count]);
    }
}

/// Whatever day the picture shows, the night stands in it with its own hours.
#[test]
fn the_chain_is_seen_at_any_time_of_the_day() {
    let (database, world) = place();
    let mut logs = Logs::default();
    let evening = ["2026-01-18 22:00:00", "2026-01-18 23:00:00"];
    logs.run("e1", "load_evening", evening, "success");
    good(&mut logs, "load_night", &["2026-01-19"]);
    logs.load(&world, &["--as-of", AS_OF]);
    for (to, evening, night) in [
        // In its own picture, in the evening in which it begins, a month later.
        ("2026-01-19T16:59:59.999Z", "2026-01-18", "2026-01-19"),
        ("2026-01-18T16:59:59.999Z", "2026-01-17", "2026-01-18"),
        ("2026-02-20T16:59:59.999Z", "2026-02-19", "2026-02-20"),
    ] {
        let shown = panel("smartetl-night", 17, "dernière", ["", to]);
        check(
            &database.url,
            "time AT TIME ZONE 'Europe/Paris'; metric",
            &format!("{shown} WHERE value = 1"),
            &[
                &*format!("{evening} 22:00:00 load_evening"),
                &*format!("{night} 02:00:00 load_night"),
            ],
        );
    }
    // Grafana rounds the end of a range up: from 18:00 of yesterday until 18:00 of today.
    let time = &dashboard("smartetl-night")["time"];
    assert_eq!([&time["from"], &time["to"]], ["now/d-6h", "now/d-6h"]);
}

#[test]
fn two_projects_have_a_job_of_one_name() {
    let (database, world) = place();
    let url = &database.url;
    let mut logs = Logs::default();
    good(&mut logs, "load_stock", &["2026-01-19"]);
    good(&mut logs, "load_orders", &["2026-01-19"]);
    let mut others = Logs::default();
    let late = ["2026-01-19 02:30:00", "2026-01-19 02:40:00"];
    others.run("other", "load_orders", late, "success");
    logs.stats += &others.stats.replace(";SALES;", ";STOCK;");
    logs.load(&world, &["--as-of", AS_OF]);
    let shown = panel("smartetl-night", 17, "dernière", JANUARY);
    check(
        url,
        "metric; count(*); count(DISTINCT time)",
        &format!("{shown} GROUP BY metric ORDER BY metric"),
        &[
            "SALES/load_orders 4 4",
            "STOCK/load_orders 4 4",
            "load_stock 4 4",
        ],
    );
    let list = "environment,project,job,system,deadline\n\
        PROD,SALES,load_orders,talend,02:05\nPROD,STOCK,load_orders,talend,02:05\n";
    world.file("list.csv", list);
    world.run(&["jobs", "import", "list.csv"]).done();
    let missed = panel("smartetl-month", 15, "dernière", JANUARY);
    check(
        url,
        "\"Projet\"; \"Job\"; \"Manquées\"; \"Pire marge\" / 60000",
        &format!("{missed} ORDER BY 1"),
        &["SALES load_orders 1 -5", "STOCK load_orders 1 -35"],
    );
}
