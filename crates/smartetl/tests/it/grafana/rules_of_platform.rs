//! The rules about smartETL itself fire when they should, and at no other time.

use super::shipped::fires;
use super::upkeep::grown;
use super::{check, done};
use crate::support::{World, place};

fn sql(world: &World, statement: &str) {
    done(world, &["sql", "--write", statement]);
}

/// A database with a batch, as if it had come through Kafka and were fused.
fn fed() -> (smartetl_testkit::TestDatabase, World) {
    let (database, world) = place();
    done(&world, &["migrate"]);
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
    sql(&world, "UPDATE checkpoint SET next_record = 1400");
    let nobody = ["smartetl (aucun consommateur)"];
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
    ] {
        sql(&world, "DELETE FROM upkeep");
        sql(
            &world,
            "UPDATE checkpoint SET opened_at = now() - interval '30 hours'",
        );
        let line = format!(
            "INSERT INTO upkeep (kind, at, ok, detail) VALUES ('{kind}', now() - interval '{ago}', {ok}, '{detail}')"
        );
        sql(&world, &line);
        let (rule, other) = ("smartetl-verify", "smartetl-backup");
        let rule = if kind == "backup" { other } else { rule };
        fires(url, rule, expected);
    }
}
