//! Nights written by hand: causes, what was made good, margins, habits, and the vital jobs as they stood.

use super::{Logs, check};
use crate::support::{World, place};

const AS_OF: &str = "2026-01-20T12:00:00Z";

/// Twelve nights of a job that takes ten minutes, and of the last one four jobs that each come out in their own way.
fn nights() -> Logs {
    let mut logs = Logs::default();
    for day in 8..=19 {
        let run = format!("o{day}");
        let version = if day < 15 { "0.1" } else { "0.2" };
        let at = |time: &str| format!("2026-01-{day:02} {time}");
        let end = if day == 19 { "02:30:00" } else { "02:10:00" };
        logs.run_of(
            version,
            &run,
            "load_orders",
            [&at("02:00:00"), &at(end)],
            "success",
        );
        logs.line(
            version,
            &run,
            "load_orders",
            "tMap_1",
            [&at("02:00:10"), "begin", "", ""],
        );
        let duration = if day == 19 { "900000" } else { "300000" };
        logs.line(
            version,
            &run,
            "load_orders",
            "tMap_1",
            [&at("02:05:10"), "end", "success", duration],
        );
    }
    // Fails in the evening before and is run again in the morning.
    let refused = "java.sql.SQLException:ORA-12541: TNS:no listener";
    logs.run(
        "c1",
        "load_crm",
        ["2026-01-18 22:00:00", "2026-01-18 22:10:00"],
        "failure",
    );
    logs.error("c1", "load_crm", "2026-01-18 22:09:00", refused);
    logs.run(
        "c2",
        "load_crm",
        ["2026-01-19 06:00:00", "2026-01-19 06:20:00"],
        "success",
    );
    // The same error, and nobody makes it good.
    logs.run(
        "s1",
        "load_stock",
        ["2026-01-19 01:00:00", "2026-01-19 01:05:00"],
        "failure",
    );
    logs.error("s1", "load_stock", "2026-01-19 01:04:00", refused);
    // The same error, a week before.
    logs.run(
        "s0",
        "load_stock",
        ["2026-01-12 01:00:00", "2026-01-12 01:05:00"],
        "failure",
    );
    logs.error("s0", "load_stock", "2026-01-12 01:04:00", refused);
    // Another error, for the first time.
    logs.run(
        "m1",
        "load_mail",
        ["2026-01-19 03:00:00", "2026-01-19 03:05:00"],
        "failure",
    );
    logs.error(
        "m1",
        "load_mail",
        "2026-01-19 03:04:00",
        "java.lang.NullPointerException:null",
    );
    logs
}

/// Says in the catalogue when jobs must be ready, as people do.
fn deadlines(world: &World, lines: &str) {
    let list = format!("environment,project,job,system,deadline,criticality\n{lines}");
    world.file("list.csv", &list);
    world.run(&["jobs", "import", "list.csv"]).done();
}

fn loaded() -> (smartetl_testkit::TestDatabase, World) {
    let (database, world) = place();
    nights().load(&world, &["--as-of", AS_OF]);
    deadlines(
        &world,
        "PROD,SALES,load_orders,talend,02:20,1\nPROD,SALES,load_crm,talend,06:30,2\nPROD,SALES,load_stock,talend,07:00,\n",
    );
    (database, world)
}

#[test]
fn what_a_night_came_to() {
    let (database, _world) = loaded();
    let url = &database.url;
    check(
        url,
        "job; verdict; recovery_ms / 60000; due_state; margin_ms / 60000; category; blame_label; is_vital",
        "grafana_job_day WHERE business_day = '2026-01-19' ORDER BY job",
        &[
            "load_crm recovered 490 kept 10 connection infrastructure false",
            "load_mail failed - - - code développement false",
            "load_orders ok - missed -10 - non déterminé true",
            "load_stock failed - missed - connection infrastructure false",
        ],
    );
    check(
        url,
        "job; error_message",
        "grafana_job_day WHERE business_day = '2026-01-19' AND category IS NOT NULL ORDER BY job",
        &[
            "load_crm java.sql.SQLException:ORA-12541: TNS:no listener",
            "load_mail java.lang.NullPointerException:null",
            "load_stock java.sql.SQLException:ORA-12541: TNS:no listener",
        ],
    );
    check(
        url,
        "grafana_night_of('2026-01-19'); grafana_night_of('2026-03-01'); grafana_night_of('2026-01-02')",
        "fuse_state",
        &["nuit du 18 au 19 janvier nuit du 28 février au 1er mars nuit du 1er au 2 janvier"],
    );
    // A day begins at midnight of Paris, and its picture at six in the evening before.
    check(
        url,
        "at AT TIME ZONE 'UTC'; from_at AT TIME ZONE 'UTC'; kind",
        "grafana_day WHERE environment = 'PROD' AND business_day = '2026-01-19'",
        &["2026-01-18 23:00:00 2026-01-18 17:00:00 working"],
    );
    check(
        url,
        "grafana_chosen_day('PROD', 'dernière'); grafana_chosen_day('PROD', '2026-01-10')",
        "fuse_state",
        &["2026-01-19 2026-01-10"],
    );
}

#[test]
fn errors_stand_once_and_say_since_when() {
    let (database, _world) = loaded();
    check(
        &database.url,
        "business_day; job; cause_step; first_day",
        "grafana_error ORDER BY business_day, job",
        &[
            "2026-01-12 load_stock tDBInput_1 2026-01-12",
            "2026-01-19 load_crm tDBInput_1 2026-01-12",
            "2026-01-19 load_mail tDBInput_1 2026-01-19",
            "2026-01-19 load_stock tDBInput_1 2026-01-12",
        ],
    );
}

/// A job that should have run this Monday, as on the three before, is listed with its deadline.
#[test]
fn what_is_due_and_was_not_seen() {
    let (database, world) = place();
    let mut logs = Logs::default();
    for (run, day) in ["29", "05", "12"].iter().enumerate() {
        let month = if *day == "29" { "2025-12" } else { "2026-01" };
        let at = |time: &str| format!("{month}-{day} {time}");
        let run = format!("w{run}");
        logs.run(
            &run,
            "load_week",
            [&at("02:00:00"), &at("02:10:00")],
            "success",
        );
    }
    for (run, day) in ["18", "19"].iter().enumerate() {
        let at = |time: &str| format!("2026-01-{day} {time}");
        let run = format!("d{run}");
        logs.run(
            &run,
            "load_day",
            [&at("09:00:00"), &at("09:10:00")],
            "success",
        );
    }
    logs.load(&world, &["--as-of", AS_OF]);
    deadlines(&world, "PROD,SALES,load_week,talend,03:00,\n");
    check(
        &database.url,
        "business_day; job; verdict; deadline_at AT TIME ZONE 'UTC'; due_state",
        "grafana_due WHERE business_day > '2026-01-11' ORDER BY business_day",
        &[
            "2026-01-12 load_week ok 2026-01-12 02:00:00 kept",
            "2026-01-19 load_week missing 2026-01-19 02:00:00 missed",
        ],
    );
}

#[test]
fn a_job_beside_its_habits() {
    let (database, _world) = loaded();
    let url = &database.url;
    // Eight working days before are needed; the eleven nights before the last one hold two Sundays and two Saturdays less.
    check(
        url,
        "business_day; kind; duration_p50_ms / 60000; usual_low_ms / 60000; usual_high_ms / 60000",
        "grafana_job_night('PROD', 'load_orders', '2026-01-17', '2026-01-19')",
        &[
            "2026-01-17 saturday 10 - -",
            "2026-01-18 sunday 10 - -",
            "2026-01-19 working 30 - -",
        ],
    );
    check(
        url,
        "end_clock AT TIME ZONE 'Europe/Paris'; deadline_clock AT TIME ZONE 'Europe/Paris'",
        "grafana_job_night('PROD', 'load_orders', '2026-01-19', '2026-01-19')",
        &["2000-01-02 02:30:00 2000-01-02 02:20:00"],
    );
    // In the evening before it is before midnight of the day.
    check(
        url,
        "grafana_clock('2026-01-18T21:10:00Z', '2026-01-19', 'Europe/Paris') AT TIME ZONE 'Europe/Paris'",
        "fuse_state",
        &["2000-01-01 22:10:00"],
    );
    check(
        url,
        "at AT TIME ZONE 'Europe/Paris'; version_before; version",
        "grafana_job_version('PROD', 'load_orders')",
        &["2026-01-15 02:00:00 0.1 0.2"],
    );
    // A name may be that of two projects.
    for name in ["load_orders", "SALES/load_orders"] {
        check(
            url,
            "step; duration_ms; usual_ms; runs",
            &format!("grafana_job_step('PROD', '{name}', '2026-01-19')"),
            &["tMap_1 900000 300000 7"],
        );
    }
    check(
        url,
        "count(*)",
        "grafana_job_run('PROD', 'STOCK/load_orders')",
        &["0"],
    );
}

#[test]
fn a_habit_needs_eight_nights() {
    let (database, world) = place();
    let mut logs = Logs::default();
    // Working days only, from Monday 5 January to Friday 16: ten of them.
    for (place, day) in [5, 6, 7, 8, 9, 12, 13, 14, 15, 16].into_iter().enumerate() {
        let at = |time: &str| format!("2026-01-{day:02} {time}");
        let end = format!("02:{:02}:00", 10 + place);
        logs.run(
            &format!("d{day}"),
            "load_day",
            [&at("02:00:00"), &at(&end)],
            "success",
        );
    }
    logs.load(&world, &["--as-of", AS_OF]);
    // Before the ninth: 10 to 17 minutes; before the tenth: 10 to 18.
    check(
        &database.url,
        "business_day; usual_low_ms; usual_p50_ms; usual_high_ms; usual_end_clock AT TIME ZONE 'Europe/Paris'",
        "grafana_job_night('PROD', 'load_day', '2026-01-14', '2026-01-16')",
        &[
            "2026-01-14 - - - -",
            "2026-01-15 642000 810000 978000 2000-01-02 02:13:00",
            "2026-01-16 648000 840000 1032000 2000-01-02 02:14:00",
        ],
    );
}

/// At each moment at which something changed; a lost run is seen although nobody knows its end.
#[test]
fn the_vital_jobs_as_they_stood() {
    let (database, world) = loaded();
    let url = &database.url;
    check(
        url,
        "to_char(at AT TIME ZONE 'Europe/Paris', 'HH24:MI'); job; state; chosen_by",
        "grafana_chain('PROD', '2026-01-19') ORDER BY at, job",
        &[
            "02:00 load_orders 1 criticality",
            "02:30 load_orders - criticality",
        ],
    );
    deadlines(
        &world,
        "PROD,SALES,load_orders,talend,-,-\nPROD,SALES,load_crm,talend,-,-\nPROD,SALES,load_stock,talend,-,-\n",
    );
    check(
        url,
        "to_char(at AT TIME ZONE 'Europe/Paris', 'HH24:MI'); job; state; chosen_by",
        "grafana_chain('PROD', '2026-01-19') WHERE job <> 'load_orders' AND state IS NOT NULL ORDER BY at, job",
        &[
            "22:00 load_crm 4 duration",
            "01:00 load_stock 4 duration",
            "03:00 load_mail 4 duration",
            "06:00 load_crm 1 duration",
        ],
    );
}
