//! What keeps the data safe is written down by those who did it.

use super::{Logs, check};
use crate::support::{World, empty, place};

fn loaded(world: &World) {
    let mut logs = Logs::default();
    let at = ["2026-01-19 02:00:00", "2026-01-19 02:10:00"];
    logs.run("o1", "load_orders", at, "success");
    logs.load(world, &[]);
}

#[test]
fn a_proof_is_written_down_as_it_came_out() {
    let (database, world) = place();
    let url = &database.url;
    loaded(&world);
    let last = "grafana_upkeep WHERE kind = 'verify'";
    check(url, "ok; at; good_age_s < 600", last, &["- - true"]);
    world.run(&["verify"]).done();
    check(
        url,
        "ok; detail ->> 'findings'; good_at = at; good_age_s < 600",
        last,
        &["true 0 true true"],
    );
    world.run(&["sql", "--write", "DELETE FROM log"]).done();
    assert_eq!(world.run(&["verify"]).exit, 1);
    check(
        url,
        "ok; (detail ->> 'findings')::integer > 0; good_at < at",
        last,
        &["false true true"],
    );
}

/// Whoever may not write proves all the same.
#[test]
fn a_proof_by_somebody_who_may_only_read() {
    let (database, world) = place();
    loaded(&world);
    world
        .run(&["sql", "--write", "ALTER TABLE upkeep RENAME TO elsewhere"])
        .done();
    let answer = world.run(&["verify"]).done();
    assert!(
        answer.stderr.contains("not written down for dashboards"),
        "{}",
        answer.stderr
    );
    drop(database);
}

/// A backup counts when it came out well; without any, time runs since the first source.
#[test]
fn the_age_of_the_backup() {
    let (database, world) = place();
    let url = &database.url;
    loaded(&world);
    let sql = |statement: &str| world.run(&["sql", "--write", statement]).done();
    sql("UPDATE checkpoint SET opened_at = now() - interval '30 hours'");
    let last = "grafana_upkeep WHERE kind = 'backup'";
    check(url, "good_age_s / 3600; ok", last, &["30 -"]);
    sql(
        "INSERT INTO upkeep (kind, at, ok) VALUES ('backup', now() - interval '5 hours', true), ('backup', now() - interval '1 hour', false)",
    );
    check(
        url,
        "good_age_s / 3600; age_s / 3600; ok",
        last,
        &["5 1 false"],
    );
}

/// The first day is ten days ago: all runs are new, and the database grew by a tenth of its size each day.
pub fn grown() -> Logs {
    let mut logs = Logs::default();
    let zone = jiff::tz::TimeZone::get("Europe/Paris").expect("a zone");
    let today = zone.to_datetime(jiff::Timestamp::now()).date();
    for back in 1..=10 {
        let day = today.saturating_sub(jiff::Span::new().days(back));
        let at = [&*format!("{day} 02:00:00"), &*format!("{day} 02:10:00")];
        logs.run(&format!("o{back}"), "load_orders", at, "success");
    }
    logs
}

#[test]
fn the_days_until_the_disk_is_full() {
    let (database, world) = place();
    let url = &database.url;
    grown().load(&world, &[]);
    check(
        url,
        "runs; new_runs; days; round(growth_bytes / size_bytes * 100); days_left",
        "grafana_space",
        &["10 10 10 10 -"],
    );
    world.run(&[
            "sql",
            "--write",
            "INSERT INTO upkeep (kind, ok, detail) SELECT 'disk', true, jsonb_build_object('free_bytes', 2 * size_bytes) FROM grafana_space",
        ]).done();
    check(
        url,
        "round(days_left); total_bytes",
        "grafana_space",
        &["20 -"],
    );
}

/// The embedded server's disk is that of this machine.
#[test]
fn the_disk_of_the_embedded_server() {
    let data = format!("{}/upkeep", env!("CARGO_TARGET_TMPDIR"));
    let cache = smartetl_testkit::place::cache();
    let world = World::new()
        .set("SMARTETL_DATA_DIR", &data)
        .set("SMARTETL_CACHE_DIR", &cache.display().to_string());
    empty(&world);
    world.run(&["migrate"]).done();
    world.run(&["verify"]).done();
    let answer = world.run(&[
        "sql",
        "--format",
        "csv",
        "SELECT kind, ok::text, (free_bytes > 0 AND free_bytes <= total_bytes)::text AS fits FROM grafana_space, upkeep ORDER BY kind",
    ]);
    assert_eq!(
        answer.stdout,
        "kind,ok,fits\ndisk,true,true\nverify,true,true\n"
    );
}
