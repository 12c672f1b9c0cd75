//! The rules about smartETL itself fire when they should, and at no other time.

use super::alerts::ago;
use super::shipped::fires;
use super::upkeep::grown;
use super::{Logs, check};
use crate::support::{World, place};

fn sql(world: &World, statement: &str) {
    world.run(&["sql", "--write", statement]).done();
}

/// A database with a batch, as if it had come through Kafka and were fused.
fn fed() -> (smartetl_testkit::TestDatabase, World) {
    let (database, world) = place();
    world.run(&["migrate"]).done();
    for statement in [
        "INSERT INTO checkpoint (kind, head_length, head_hash, next_record) VALUES ('kafka', 0, '', 400)",
        "INSERT INTO consumer (consumer, group_name, host, pid, version, started_at, messages, known, rows_log, rows_error, rejects,
         batches, commit_ms, rebalances) SELECT gen_random_uuid(), 'smartetl', 'h', 1, '1', now(), 10, 0, 8, 1, 1, 4, 20, 1",
        "INSERT INTO consumer_partition (partition, consumer, topic, number, end_offset)
         SELECT lineage, consumer, 'smartetl.log', 0, 1400 FROM checkpoint, consumer",
        "INSERT INTO batch SELECT 1, 1, lineage, 'smartetl', 'UTC', 0, 0, 1, 450, 450, 450, 0, 0, 0, 0, 0, 0, true FROM checkpoint",
        "INSERT INTO fuse_state (as_of, fused_at, configuration_hash, runs) VALUES (now(), now(), 0, 0)",
    ] {
        sql(&world, statement);
    }
    (database, world)
}

/// A system that rested for days is not late when something comes.
#[test]
fn rows_that_wait_for_a_fuse() {
    let (database, world) = fed();
    let url = &database.url;
    for (fused, waiting, is_late) in [
        ("60 hours", None, false),
        ("60 hours", Some("5 minutes"), false),
        ("60 hours", Some("129 minutes"), false),
        ("60 hours", Some("131 minutes"), true),
        ("131 minutes", Some("60 hours"), true),
        ("5 minutes", Some("60 hours"), false),
    ] {
        let fused = format!("UPDATE fuse_state SET fused_at = now() - interval '{fused}'");
        let since = waiting.unwrap_or("0 minutes");
        let batch = format!(
            "UPDATE batch SET fused = {}, committed_at = now() - interval '{since}'",
            waiting.is_none()
        );
        sql(&world, &fused);
        sql(&world, &batch);
        let (late, alive) = if is_late {
            (&[""][..], &[][..])
        } else {
            (&[][..], &[""][..])
        };
        fires(url, "smartetl-fusion", late);
        fires(url, "smartetl-heartbeat", alive);
    }
    // Nothing was ever fused.
    sql(&world, "DELETE FROM fuse_state");
    sql(&world, "UPDATE batch SET fused = true");
    fires(url, "smartetl-fusion", &[]);
    sql(
        &world,
        "UPDATE batch SET fused = false, committed_at = now() - interval '3 hours'",
    );
    fires(url, "smartetl-fusion", &[""]);
}

#[test]
fn partitions_that_nobody_reads_fast_enough() {
    let (database, world) = fed();
    let url = &database.url;
    let rule = "smartetl-lag";
    // A thousand messages wait: 33 minutes at this pace, 8 at the next one.
    fires(url, rule, &["smartetl smartetl.log"]);
    sql(&world, "UPDATE batch SET records = 1800, silent = 1350");
    fires(url, rule, &[]);
    sql(&world, "UPDATE batch SET records = 1350, silent = 900");
    fires(url, rule, &["smartetl smartetl.log"]);
    sql(&world, "UPDATE checkpoint SET next_record = 401");
    fires(url, rule, &[]);
    // A few messages are late when they have waited for an hour.
    for (minutes, expected) in [(59, &[][..]), (61, &["smartetl smartetl.log"])] {
        let stored =
            format!("UPDATE batch SET committed_at = now() - interval '{minutes} minutes'");
        sql(&world, &stored);
        fires(url, rule, expected);
    }
    sql(&world, "UPDATE checkpoint SET next_record = 1400");
    fires(url, rule, &[]);
    let rule = "smartetl-no-consumer";
    let nobody = ["smartetl"];
    for (ended, seen, expected) in [
        ("NULL", "1 second", &[][..]),
        ("seen_at", "9 minutes", &[]),
        ("seen_at", "11 minutes", &nobody),
        ("seen_at", "2 days", &nobody),
        ("NULL", "11 minutes", &nobody),
        ("NULL", "8 days", &nobody),
    ] {
        sql(
            &world,
            &format!("UPDATE consumer SET seen_at = now() - interval '{seen}'"),
        );
        sql(&world, &format!("UPDATE consumer SET ended_at = {ended}"));
        fires(url, rule, expected);
    }
    check(
        url,
        "group_name; is_alive; consumers; partitions",
        "grafana_group",
        &["smartetl false 0 1"],
    );
    // Another one of the group has come.
    sql(
        &world,
        "INSERT INTO consumer (consumer, group_name, host, pid, version, started_at, messages, known, rows_log, rows_error, rejects,
         batches, commit_ms, rebalances) SELECT gen_random_uuid(), 'smartetl', 'h', 2, '1', now(), 0, 0, 0, 0, 0, 0, 0, 0",
    );
    fires(url, rule, &[]);
}

#[test]
fn too_many_rejects() {
    let (database, world) = fed();
    let url = &database.url;
    for (records, rejects, expected) in [
        (2000, 20, &[][..]),
        (2000, 21, &["smartetl"]),
        (100, 19, &[]),
        (100, 20, &["smartetl"]),
    ] {
        let batch = format!(
            "UPDATE batch SET records = {records}, rejects = {rejects}, records_with_rows = 0, silent = {records} - {rejects}"
        );
        sql(&world, &batch);
        fires(url, "smartetl-rejects", expected);
    }
}

#[test]
fn a_disk_that_fills_and_one_that_nobody_looked_at() {
    let (database, world) = place();
    let url = &database.url;
    grown().load(&world, &[]);
    let rule = "smartetl-disk";
    fires(url, rule, &[]);
    // Free by the size of the database, the disk by that as well, hours ago.
    for (free, total, hours, expected) in [
        ("1.5", "3", 1, &[][..]),
        ("1.3", "3", 1, &["bientôt plein"]),
        ("1.5", "16", 1, &["presque plein"]),
        ("1.5", "3", 25, &[]),
        ("1.5", "3", 27, &["inconnu"]),
        ("1.3", "3", 4800, &["inconnu"]),
    ] {
        let line = format!(
            "INSERT INTO upkeep (kind, at, ok, detail) SELECT 'disk', now() - interval '{hours} hours', true, \
             jsonb_build_object('free_bytes', {free} * size_bytes, 'total_bytes', {total} * size_bytes) FROM grafana_space"
        );
        sql(&world, "DELETE FROM upkeep");
        sql(&world, &line);
        fires(url, rule, expected);
    }
    check(
        url,
        "disk_at IS NULL; total_bytes > 0; free_bytes; days_left",
        "grafana_space",
        &["false true - -"],
    );
}

#[test]
fn backups_and_proofs() {
    let (database, world) = fed();
    let url = &database.url;
    for (kind, ok, detail, ago, expected) in [
        ("backup", true, "{}", "25 hours 59 minutes", &[][..]),
        ("backup", true, "{}", "26 hours 1 minute", &[""]),
        ("backup", false, "{}", "1 minute", &[""]),
        ("verify", true, r#"{"findings": 0}"#, "1 minute", &[]),
        ("verify", false, r#"{"findings": 2}"#, "1 minute", &[""]),
        ("verify", false, "{}", "1 minute", &[""]),
        ("verify-age", true, "{}", "49 hours", &[]),
        ("verify-age", true, "{}", "51 hours", &[""]),
        ("verify-age", false, "{}", "1 minute", &[""]),
    ] {
        sql(&world, "DELETE FROM upkeep");
        sql(
            &world,
            "UPDATE checkpoint SET opened_at = now() - interval '60 hours'",
        );
        let what = kind.trim_end_matches("-age");
        let line = format!(
            "INSERT INTO upkeep (kind, at, ok, detail) VALUES ('{what}', now() - interval '{ago}', {ok}, '{detail}')"
        );
        sql(&world, &line);
        fires(url, &format!("smartetl-{kind}"), expected);
    }
}

/// A process that was killed is missed, one that somebody stopped is not; where none is left, nobody gives a sign of life.
#[test]
fn processes_that_are_gone() {
    let (database, world) = fed();
    let url = &database.url;
    let (gone, alive) = ("smartetl-process", "smartetl-heartbeat");
    // Where only commands run there is nothing to miss.
    fires(url, gone, &[]);
    fires(url, alive, &[""]);
    let line = |kind: &str, seen: &str, ended: &str| {
        sql(
            &world,
            &format!(
                "INSERT INTO process (process, kind, host, pid, version, seen_at, ended_at) \
                 VALUES (gen_random_uuid(), '{kind}', 'h', 1, '1', now() - interval '{seen}', {ended})"
            ),
        );
    };
    line("server", "1 minute", "NULL");
    line("producer", "4 minutes", "NULL");
    fires(url, gone, &[]);
    fires(url, alive, &[""]);
    sql(
        &world,
        "UPDATE process SET seen_at = now() - interval '6 minutes' WHERE kind = 'producer'",
    );
    fires(url, gone, &["producer"]);
    fires(url, alive, &[]);
    // Another one has come in its place.
    line("producer", "0 minutes", "NULL");
    fires(url, gone, &[]);
    fires(url, alive, &[""]);
    sql(&world, "DELETE FROM process WHERE kind = 'producer'");
    line("producer", "3 days", "now() - interval '3 days'");
    fires(url, gone, &[]);
    fires(url, alive, &[""]);
    sql(
        &world,
        "UPDATE process SET ended_at = seen_at, seen_at = now() - interval '1 hour'",
    );
    fires(url, gone, &[]);
    fires(url, alive, &[]);
}

#[test]
fn files_that_cannot_be_read_at_all() {
    let (database, world) = fed();
    let url = &database.url;
    let rule = "smartetl-unreadable";
    sql(
        &world,
        r#"INSERT INTO process (process, kind, host, pid, version, unreadable) VALUES (gen_random_uuid(), 'server', 'h', 1, '1',
         '[{"path": "/data/a.csv", "reason": "no column"}, {"path": "/data/b.csv", "reason": "no right"}]')"#,
    );
    fires(url, rule, &["server"]);
    check(
        url,
        "path; reason",
        "grafana_unreadable ORDER BY path",
        &["/data/a.csv no column", "/data/b.csv no right"],
    );
    sql(&world, "UPDATE process SET unreadable = '[]'");
    fires(url, rule, &[]);
}

/// The newest run of a DAG of smartETL decides.
#[test]
fn what_fuses_and_proves_has_failed() {
    let (database, world) = place();
    let url = &database.url;
    let rule = "smartetl-own-job";
    let mut logs = Logs::default();
    logs.run("f1", "fusion_dag", [&ago(200), &ago(190)], "failure");
    logs.run("m1", "maintenance_dag", [&ago(300), &ago(290)], "success");
    logs.load(&world, &[]);
    fires(url, rule, &[]);
    sql(&world, "UPDATE dataset SET environment = 'SMARTETL'");
    fires(url, rule, &["fusion_dag"]);
    sql(&world, "UPDATE dataset SET environment = 'PROD'");
    logs.run("f2", "fusion_dag", [&ago(20), &ago(10)], "success");
    logs.load(&world, &[]);
    sql(&world, "UPDATE dataset SET environment = 'SMARTETL'");
    fires(url, rule, &[]);
}
