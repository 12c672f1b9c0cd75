//! The rules about jobs fire when they should, and at no other time.

use super::alerts::{ago, twelve, vital};
use super::shipped::{fires, uids};
use super::{Logs, check};
use crate::support::{World, place};

const REFUSED: &str = "java.net.ConnectException: Connection refused";

/// Each of these is seen to fire and to be quiet, here or in the file about the platform.
#[test]
fn no_rule_is_left_out() {
    let known = [
        "smartetl-backup",
        "smartetl-disk",
        "smartetl-fusion",
        "smartetl-heartbeat",
        "smartetl-lag",
        "smartetl-no-consumer",
        "smartetl-no-end",
        "smartetl-own-job",
        "smartetl-process",
        "smartetl-rejects",
        "smartetl-silent",
        "smartetl-storm",
        "smartetl-unreadable",
        "smartetl-verify",
        "smartetl-verify-age",
        "smartetl-vital-failed",
    ];
    assert_eq!(uids(), known);
}

fn sql(world: &World, statement: &str) {
    world.run(&["sql", "--write", statement]).done();
}

fn failed(logs: &mut Logs, run: &str, job: &str) {
    logs.run(run, job, [&ago(70), &ago(60)], "failure");
    logs.error(run, job, &ago(61), REFUSED);
}

#[test]
fn a_vital_job_that_failed() {
    let (database, world) = place();
    let url = &database.url;
    let rule = "smartetl-vital-failed";
    let mut logs = Logs::default();
    failed(&mut logs, "c1", "load_crm");
    failed(&mut logs, "s1", "load_stock");
    logs.load(&world, &[]);
    let [crm, stock] =
        ["load_crm", "load_stock"].map(|job| format!("infrastructure connexion PROD {job} SALES"));
    fires(url, rule, &[&crm, &stock]);
    vital(&world, "load_crm");
    fires(url, rule, &[&crm]);
    // The same elsewhere wakes nobody.
    for (environment, expected) in [("DEV", &[][..]), ("SMARTETL", &[]), ("PROD", &[&*crm])] {
        for table in ["job", "job_day", "horizon", "dataset"] {
            let moved = format!("UPDATE {table} SET environment = '{environment}'");
            sql(&world, &moved);
        }
        fires(url, rule, expected);
    }
    logs.run("c2", "load_crm", [&ago(30), &ago(20)], "success");
    logs.load(&world, &[]);
    fires(url, rule, &[]);
    // And once more, as jobs of each hour may: from this failure on.
    logs.run("c3", "load_crm", [&ago(15), &ago(10)], "failure");
    // Its own: the business day may have changed since the first failure.
    logs.error("c3", "load_crm", &ago(11), REFUSED);
    logs.load(&world, &[]);
    fires(url, rule, &[&crm]);
    check(
        url,
        "open_minutes BETWEEN 9 AND 14",
        "grafana_vital_failed",
        &["true"],
    );
}

/// Fifteen jobs are watched where nobody said which.
#[test]
fn the_longest_jobs_are_vital_where_nobody_said_which() {
    let (database, world) = place();
    let mut logs = Logs::default();
    for job in 0..15 {
        let (run, job) = (format!("r{job}"), format!("load_{job:02}"));
        logs.run(&run, &job, [&ago(200), &ago(95)], "success");
    }
    failed(&mut logs, "short", "load_short");
    logs.load(&world, &[]);
    fires(&database.url, "smartetl-vital-failed", &[]);
    logs.run("long", "load_long", [&ago(400), &ago(200)], "failure");
    logs.load(&world, &[]);
    fires(
        &database.url,
        "smartetl-vital-failed",
        &["non déterminé non classé PROD load_long SALES"],
    );
}

#[test]
fn a_vital_job_that_gave_no_end() {
    let (database, world) = place();
    let url = &database.url;
    let mut logs = Logs::default();
    logs.line("0.1", "c1", "load_crm", "", [&ago(300), "begin", "", ""]);
    logs.run("s1", "load_stock", [&ago(30), &ago(20)], "success");
    logs.load(&world, &[]);
    vital(&world, "load_crm");
    let vital = "non déterminé non classé PROD load_crm SALES";
    fires(url, "smartetl-vital-failed", &[vital]);
    let open = "PROD load_crm SALES";
    fires(url, "smartetl-no-end", &[open]);
    // Another tool says nothing more: of this one all is known.
    let silent = |system: &str, was: &str| {
        sql(
            &world,
            &format!(
                "INSERT INTO horizon SELECT '{system}', 'PROD', now() - interval '{was}' \
                 ON CONFLICT (system, environment) DO UPDATE SET last_event_at = EXCLUDED.last_event_at"
            ),
        );
    };
    weekly(&world, "openlineage");
    silent("openlineage", "3 hours");
    fires(url, "smartetl-silent", &["PROD"]);
    fires(url, "smartetl-no-end", &[open]);
    weekly(&world, "talend");
    silent("talend", "3 hours");
    fires(url, "smartetl-no-end", &[]);
    silent("talend", "1 minute");
    logs.run("c2", "load_crm", [&ago(10), &ago(9)], "success");
    logs.load(&world, &[]);
    fires(url, "smartetl-no-end", &[]);
    fires(url, "smartetl-vital-failed", &[]);
}

/// Runs of this system began an hour before this moment, on this weekday of the last four weeks.
fn weekly(world: &World, system: &str) {
    let copied = format!(
        "INSERT INTO dataset SELECT (jsonb_populate_record(run, jsonb_build_object('run_key', key, 'root_run_key', key, \
         'system', '{system}', 'started_at', at, 'ended_at', at, 'last_event_at', at, \
         'business_day', (at AT TIME ZONE 'Europe/Paris' + interval '6 hours')::date))).* \
         FROM dataset AS run, generate_series(1, 4) AS week, LATERAL (SELECT gen_random_uuid() AS key, \
         (now() AT TIME ZONE 'Europe/Paris' - interval '1 hour' - week * interval '7 days') AT TIME ZONE 'Europe/Paris' AS at) AS copy \
         WHERE run_key = (SELECT run_key FROM dataset WHERE is_root AND status = 'success' LIMIT 1)"
    );
    sql(world, &copied);
    // Of a year without holidays.
    sql(world, "UPDATE fuse_state SET holidays = '{}'");
}

#[test]
fn a_source_that_says_nothing_on_a_day_like_others() {
    let (database, world) = place();
    let url = &database.url;
    let rule = "smartetl-silent";
    let mut logs = Logs::default();
    logs.run("t1", "load_orders", [&ago(200), &ago(190)], "success");
    logs.load(&world, &[]);
    fires(url, rule, &[]);
    weekly(&world, "talend");
    fires(url, rule, &["PROD"]);
    // On a holiday nothing is expected of what never ran on one.
    let around = "UPDATE fuse_state SET holidays = ARRAY(SELECT now()::date + day FROM generate_series(-2, 2) AS day)";
    sql(&world, around);
    fires(url, rule, &[]);
    sql(&world, "UPDATE fuse_state SET holidays = '{}'");
    // What began after the last log and more than half an hour ago is expected.
    let later = "UPDATE dataset SET started_at = started_at + interval '25 minutes' WHERE started_at < now() - interval '2 days'";
    sql(&world, later);
    for (minutes, expected) in [(40, &["PROD"][..]), (28, &[])] {
        let said =
            format!("UPDATE horizon SET last_event_at = now() - interval '{minutes} minutes'");
        sql(&world, &said);
        fires(url, rule, expected);
    }
}

/// Twelve failures are a storm, which speaks for each of them, and for none that was there before; twelve errors that jobs caught are none.
#[test]
fn many_failures_and_many_errors() {
    for status in ["failure", "success"] {
        let (database, world) = place();
        let url = &database.url;
        let mut logs = twelve(status);
        logs.run("b1", "load_before", [&ago(70), &ago(65)], "failure");
        logs.run("c1", "load_crm", [&ago(50), &ago(45)], "failure");
        logs.load(&world, &[]);
        vital(&world, "load_crm");
        vital(&world, "load_before");
        let [before, during] = ["load_before", "load_crm"]
            .map(|job| format!("non déterminé non classé PROD {job} SALES"));
        let (storm, vital) = match status {
            "failure" => (&["PROD"][..], vec![&*before]),
            _ => (&[][..], vec![&*before, &*during]),
        };
        fires(url, "smartetl-storm", storm);
        fires(url, "smartetl-vital-failed", &vital);
        if status == "failure" {
            // Four of them were made good by nobody, but longer ago.
            sql(
                &world,
                "UPDATE dataset SET first_error_at = now() - interval '2 hours' WHERE job < 'load_04'",
            );
            fires(url, "smartetl-storm", &[]);
        }
    }
}
