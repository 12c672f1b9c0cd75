//! Tables come by `migrate`, and `status` reads them.

use crate::support::{World, check, empty, own_database};

#[test]
fn without_tables() {
    let database = own_database();
    let world = World::on(&database.url);
    empty(&world);
    check!(world, "status");
}

#[test]
fn migrate_makes_what_schema_prints() {
    let database = own_database();
    let world = World::on(&database.url);
    for _ in 0..2 {
        world.run(&["migrate"]).done();
    }
    let schema = world.run(&["schema"]).stdout;
    for table in ["log", "logerreur", "dataset", "job_day", "batch", "reject"] {
        assert!(
            schema.contains(&format!("CREATE TABLE {table} (")),
            "{table}"
        );
        let answer = world.run(&[
            "sql",
            &format!("SELECT count(*) FROM {table}"),
            "--format",
            "csv",
        ]);
        assert_eq!(
            (answer.exit, answer.stdout.as_str()),
            (0, "count\n0\n"),
            "{table}: {}",
            answer.stderr
        );
    }
}

#[test]
fn a_night() {
    let database = own_database();
    let world = World::on(&database.url);
    world.run(&["migrate"]).done();
    for statement in [
        "INSERT INTO horizon VALUES ('talend', 'PROD', '2026-01-06 05:00:00.5+00'), ('talend', 'DEV', '2026-01-05 12:00+00')",
        "INSERT INTO batch (batch, source, lineage, dialect, zone, configuration_hash, first_record, first_line, records,
             records_with_rows, rows_log, rows_error, rejects, silent, log_checksum, error_checksum, reject_checksum,
             fused, committed_at)
         VALUES (1, 1, 1, 'talend', 'UTC', 0, 0, 1, 10, 8, 7, 1, 2, 0, 0, 0, 0, true, '2026-01-06 06:00+00'),
                (2, 2, 2, 'talend', 'UTC', 0, 0, 1, 5, 5, 5, 0, 0, 0, 0, 0, 0, false, '2026-01-06 06:01+00')",
        "INSERT INTO reject VALUES (1, 3, 'moment', 'bad_time', 'no time: x', 'x'), (1, 4, 'moment', 'bad_time', 'no time: y', 'y')",
        "INSERT INTO job_day (environment, project, job, business_day, runs, attempts_failed, first_status, final_status,
             verdict, first_failure_at, cause_job, category, blame, day_type)
         VALUES ('PROD', 'SALES', 'load_orders', '2026-01-06', 1, 1, 'failed', 'failed', 'failed',
                 '2026-01-06 03:00+00', 'read_orders', 'connection', 'platform', '{working}'),
                ('PROD', 'SALES', 'load_stock', '2026-01-06', 2, 1, 'failed', 'success', 'recovered',
                 '2026-01-06 03:00+00', NULL, NULL, NULL, '{working}'),
                ('PROD', 'SALES', 'load_orders', '2026-01-05', 1, 1, 'lost', 'lost', 'lost', NULL, NULL, NULL, NULL, '{working}')",
    ] {
        world.run(&["sql", "--write", statement]).done();
    }
    // The night first, as `up` tells it. How long ago it was, and whether its year is said, depends on the clock.
    for (lang, night, first) in [
        ("en", "Night of 5 to 6 January", "Last log received\n"),
        ("fr", "Nuit du 5 au 6 janvier", "Derniers journaux reçus\n"),
    ] {
        let status = world.run(&["status", "--lang", lang]).done();
        let (told, tables) = status.stdout.split_once(first).expect("the tables");
        assert!(
            told.starts_with(night) && told.contains("load_orders"),
            "{told}"
        );
        insta::assert_snapshot!(format!("a_night_{lang}"), tables);
    }
    // At four in the morning people may mean the night before by the last night; three hours later they do not.
    for (last, is_named) in [("04:00", true), ("07:00", false)] {
        let moved = format!(
            "UPDATE horizon SET last_event_at = '2026-01-06 {last}+00' WHERE environment = 'PROD'"
        );
        world.run(&["sql", "--write", &moved]).done();
        let before = [
            "The night before (4 to 5 January",
            "report night --day 2026-01-05",
        ];
        let status = world.run(&["status"]).stdout.replace('\n', " ");
        let report = world.run(&["report", "night"]).stderr.replace('\n', " ");
        for said in before {
            assert_eq!(status.contains(said), is_named, "{status}");
            assert_eq!(report.contains(said), is_named, "{report}");
        }
        let of_a_day = world.run(&["status", "--day", "2026-01-06"]).stdout;
        assert!(!of_a_day.contains(before[0]), "{of_a_day}");
    }
    let json = world.run(&["status", "--format", "json", "--lang", "fr"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(json["problems"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["problems"][0]["job"], "load_orders");
    assert_eq!(json["loaded"][0]["rejects"], 2);
    assert_eq!(
        json["received"][1]["last_event_at"],
        "2026-01-06T07:00:00+00:00"
    );
}

/// Environment, job and day choose a part; what was loaded stays whole.
#[test]
fn a_part_of_it() {
    let looked = crate::looking::Looked::new();
    let url = &looked.database.url;
    let day = crate::tables::rows(
        url,
        "SELECT ARRAY[max(business_day)::text] FROM job_day WHERE environment = 'REC'",
    );
    let day = &day[0][0];
    let status = looked.json(&["status", "--environment", "rec", "--day", day]);
    let jobs = format!(
        "SELECT count(*) FROM job_day WHERE environment = 'REC' AND business_day = '{day}'"
    );
    let jobs = crate::tables::number(url, &jobs);
    assert!(jobs > 0);
    assert_eq!(status["jobs"].as_array().map(Vec::len), Some(1));
    assert_eq!(status["jobs"][0]["jobs"].as_i64(), Some(jobs));
    assert_eq!(status["received"].as_array().map(Vec::len), Some(1));
    let whole = looked.json(&["status"]);
    assert_eq!(status["loaded"], whole["loaded"]);
    let of_job = looked.json(&["status", "--job", "J_ODS*"]);
    let runs = |status: &serde_json::Value| -> i64 {
        let runs = status["runs"].as_array().expect("a list").iter();
        runs.filter_map(|row| row["runs"].as_i64()).sum()
    };
    assert!(runs(&of_job) < runs(&whole), "{of_job}");
    let none = looked.world.run(&["status", "--day", "2001-01-01"]).done();
    assert!(none.stdout.contains("\n  none\n"), "{}", none.stdout);
}
