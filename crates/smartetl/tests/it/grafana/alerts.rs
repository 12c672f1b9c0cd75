//! What wakes people: it is there when something is wrong at this moment, and gone when it is made good.

use jiff::{Timestamp, ToSpan};

use super::{Logs, check};
use crate::support::{World, place};
use crate::tables::number;

/// So many minutes ago on the clock of Paris.
pub fn ago(minutes: i64) -> String {
    let moment = Timestamp::now() - minutes.minutes();
    let zone = jiff::tz::TimeZone::get("Europe/Paris").expect("a zone");
    zone.to_datetime(moment)
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// Jobs of the last half hour, each with an error, that ended so.
pub fn twelve(status: &str) -> Logs {
    let mut logs = Logs::default();
    for job in 0..12 {
        let (run, job) = (format!("r{job}"), format!("load_{job:02}"));
        logs.run(&run, &job, [&ago(30), &ago(20)], status);
        logs.error(
            &run,
            &job,
            &ago(21),
            "java.net.ConnectException: Connection refused",
        );
    }
    logs
}

pub fn vital(world: &World, job: &str) {
    let list = format!("environment,project,job,system,criticality\nPROD,SALES,{job},talend,1\n");
    world.file("list.csv", &list);
    world.run(&["jobs", "import", "list.csv"]).done();
}

#[test]
fn a_vital_job_failed_until_it_is_run_again() {
    let (database, world) = place();
    let url = &database.url;
    let mut logs = Logs::default();
    for (run, job) in [("c1", "load_crm"), ("s1", "load_stock")] {
        logs.run(run, job, [&ago(70), &ago(60)], "failure");
        logs.error(
            run,
            job,
            &ago(61),
            "java.net.ConnectException: Connection refused",
        );
    }
    logs.load(&world, &[]);
    // Nobody has said which jobs are vital.
    check(
        url,
        "job",
        "grafana_vital_failed ORDER BY job",
        &["load_crm", "load_stock"],
    );
    vital(&world, "load_crm");
    check(
        url,
        "environment; project; job; category_label; open_minutes BETWEEN 60 AND 70",
        "grafana_vital_failed",
        &["PROD SALES load_crm connexion true"],
    );
    // Somebody has started it again.
    logs.line("0.1", "c2", "load_crm", "", [&ago(5), "begin", "", ""]);
    logs.load(&world, &[]);
    check(url, "count(*)", "grafana_vital_failed", &["0"]);
}

#[test]
fn a_run_that_gives_no_end() {
    let (database, world) = place();
    let url = &database.url;
    let mut logs = Logs::default();
    logs.line("0.1", "c1", "load_crm", "", [&ago(300), "begin", "", ""]);
    logs.run("s1", "load_stock", [&ago(30), &ago(20)], "success");
    logs.load(&world, &[]);
    check(
        url,
        "environment; job; status; open_minutes BETWEEN 300 AND 310",
        "grafana_no_end",
        &["PROD load_crm lost true"],
    );
    logs.run("c2", "load_crm", [&ago(10), &ago(9)], "success");
    logs.load(&world, &[]);
    check(url, "count(*)", "grafana_no_end", &["0"]);
}

/// Ten failures in an hour are a storm where there are usually none.
#[test]
fn many_failures_in_an_hour() {
    let (database, world) = place();
    let mut logs = twelve("failure");
    // This one was long ago.
    logs.run("old", "load_99", [&ago(200), &ago(190)], "failure");
    logs.error(
        "old",
        "load_99",
        &ago(191),
        "java.net.ConnectException: Connection refused",
    );
    logs.load(&world, &[]);
    check(
        &database.url,
        "environment; failures; usual_failures",
        "grafana_storm",
        &["PROD 12 0"],
    );
}

/// In these hours jobs began in the weeks before, and today nothing comes.
#[test]
fn a_source_that_is_silent_and_one_that_rests() {
    let (database, world) = place();
    // Today may be a holiday, or one may lie behind.
    let world = world.set("SMARTETL_CALENDAR_COUNTRY", "none");
    let url = &database.url;
    let mut logs = Logs::default();
    let week = 7 * 24 * 60;
    for weeks in 1..=4 {
        let run = format!("w{weeks}");
        let at = [&*ago(weeks * week + 60), &*ago(weeks * week + 50)];
        logs.run(&run, "load_week", at, "success");
    }
    logs.run("t1", "load_today", [&ago(200), &ago(190)], "success");
    logs.load(&world, &[]);
    check(
        url,
        "system; environment; silent_s / 60 BETWEEN 190 AND 200; usual_weeks; is_silent",
        "grafana_source",
        &["talend PROD true 4 true"],
    );
    // Since this one nothing was to be expected.
    logs.run("t2", "load_today", [&ago(50), &ago(45)], "success");
    logs.load(&world, &[]);
    check(
        url,
        "system; silent_s / 60 BETWEEN 45 AND 55; usual_weeks; is_silent",
        "grafana_source",
        &["talend true 0 false"],
    );
}

#[test]
fn records_that_cannot_be_read() {
    let (database, world) = place();
    let url = &database.url;
    let mut logs = Logs::default();
    for run in 0..38 {
        logs.run(
            &format!("r{run}"),
            "load_orders",
            [&ago(100), &ago(99)],
            "success",
        );
    }
    for run in 0..4 {
        logs.line(
            "0.1",
            &format!("b{run}"),
            "load_orders",
            "",
            ["2026-13-45 00:00:00", "begin", "", ""],
        );
    }
    logs.load(&world, &["--allow-rejects"]);
    check(
        url,
        "dialect; records; rejects; share",
        "grafana_reject_rate",
        &["talend 80 4 0.05"],
    );
    check(
        url,
        "reason; reason_label; column_name; count(*)",
        "grafana_reject GROUP BY reason, reason_label, column_name",
        &["bad_time date illisible moment 4"],
    );
    check(
        url,
        "waiting_batches; waiting_row_count; waiting_s; age_s IS NOT NULL",
        "grafana_fusion",
        &["0 0 0 true"],
    );
    assert_eq!(number(url, "SELECT sum(row_count) FROM grafana_batch"), 76);
}

/// What a consumer of Kafka says about itself.
#[test]
fn how_far_consumers_are_behind() {
    let (database, world) = place();
    let url = &database.url;
    world.run(&["migrate"]).done();
    let sql = |statement: &str| world.run(&["sql", "--write", statement]).done();
    for statement in [
        "INSERT INTO checkpoint (kind, head_length, head_hash, next_record) VALUES ('kafka', 0, '', 400)",
        "INSERT INTO consumer (consumer, group_name, host, pid, version, started_at, messages, known, rows_log, rows_error, rejects,
         batches, commit_ms, rebalances) SELECT gen_random_uuid(), 'smartetl', 'h', 1, '1', now(), 10, 0, 8, 1, 1, 4, 20, 1",
        "INSERT INTO consumer_partition (partition, consumer, topic, number, end_offset)
         SELECT lineage, consumer, 'smartetl.log', 0, 1300 FROM checkpoint, consumer",
        // 450 records in the last quarter of an hour: one in two seconds.
        "INSERT INTO batch SELECT 1, 1, lineage, 'smartetl', 'UTC', 0, 0, 1, 450, 450, 450, 0, 0, 0, 0, 0, 0, true FROM checkpoint",
    ] {
        sql(statement);
    }
    check(
        url,
        "group_name; topic; number; lag_rows; row_rate; lag_s",
        "grafana_lag",
        &["smartetl smartetl.log 0 900 0.5 1800"],
    );
    check(
        url,
        "group_name; is_alive; row_count; commit_ms",
        "grafana_consumer",
        &["smartetl true 9 5"],
    );
    sql("UPDATE consumer SET seen_at = now() - interval '5 minutes'");
    check(url, "is_alive", "grafana_consumer", &["false"]);
    sql("UPDATE checkpoint SET next_record = 1300");
    check(url, "lag_rows; lag_s", "grafana_lag", &["0 0"]);
}
