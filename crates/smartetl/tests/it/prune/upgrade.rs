//! Databases that were pruned when days were closed and trees did not retire.

use super::cases::Stats;
use super::{AS_OF, folded, load, same};
use crate::company::Company;
use crate::support::place;
use crate::tables::{number, rows};

/// As the tables were before, and as a prune left them: rows before December are gone, days before the 3rd are closed.
const BEFORE: &str = "DROP VIEW grafana_process, grafana_unreadable, grafana_own_job; DROP TABLE process; DROP TABLE retired, environment_word, account, session, api_token, audit, task, upload; \
    DROP INDEX logerreur_signature, dataset_root, dataset_good; ALTER TABLE issue_act DROP COLUMN jobs; ALTER TABLE fuse_state DROP COLUMN template_version; ALTER TABLE dataset DROP COLUMN is_retired; ALTER TABLE batch DROP COLUMN left_out; \
    INSERT INTO upkeep (kind, ok, detail) VALUES ('prune', true, '{\"rows_from\": \"2025-12-01\", \"runs\": 0}'); \
    ALTER TABLE fuse_state ADD COLUMN closed_before date; \
    CREATE FUNCTION first_open_day() RETURNS date LANGUAGE sql STABLE \
    RETURN coalesce((SELECT closed_before FROM fuse_state), '-infinity'); \
    DELETE FROM _sqlx_migrations WHERE version >= 15; \
    UPDATE fuse_state SET closed_before = '2025-12-03'; \
    DELETE FROM log WHERE moment < '2025-12-01Z'; DELETE FROM logerreur WHERE moment < '2025-12-01Z'; \
    UPDATE signature SET kept = true WHERE NOT EXISTS (SELECT FROM logerreur WHERE logerreur.signature = signature.signature)";

/// Two ids that come back each day: the last run of one is going on, of the other's nobody knows.
fn daily() -> Stats {
    let mut text = Stats::new();
    for (month, days) in [("2025-10", 20..32), ("2025-11", 1..31), ("2025-12", 1..32)] {
        for day in days {
            for (id, job, context) in [("1", "J_Daily", "PROD"), ("2", "J_Silent", "REC")] {
                for (at, event) in [("02:00:00", "begin;"), ("02:10:00", "end;success")] {
                    text.line(
                        &format!("{month}-{day:02} {at}"),
                        [id; 3],
                        job,
                        context,
                        event,
                    );
                }
            }
        }
    }
    text.line("2026-01-02 12:50:00", ["1"; 3], "J_Daily", "PROD", "begin;");
    text.line("2026-01-02 09:00:00", ["2"; 3], "J_Silent", "REC", "begin;");
    text
}

#[test]
fn what_was_closed_retires() {
    let company = Company::simulate(&["--jobs", "12", "--days", "75", "--seed", "58"]);
    let (database, world) = place();
    let mut daily = daily();
    world.file("daily.csv", &daily.0);
    let logs = company.logs.to_str().expect("UTF-8");
    load(&world, AS_OF, &[logs, "daily.csv"]);
    let today = "SELECT ARRAY[job, status] FROM dataset WHERE started_at > '2026-01-02 07:00Z' AND root_run_id IN ('1', '2') ORDER BY job";
    let open = [["J_Daily", "running"], ["J_Silent", "unverified"]];
    assert_eq!(rows(&database.url, today), open);
    let (log, error) = (
        "SELECT count(*) FROM log WHERE moment < '2025-12-01Z'",
        "SELECT count(*) FROM logerreur WHERE moment < '2025-12-01Z'",
    );
    assert!(number(&database.url, log) > 1_000 && number(&database.url, error) > 0);
    for statement in BEFORE.split("; ") {
        world.run(&["sql", "--write", statement]).done();
    }
    let before = folded(&database.url);
    world.run(&["migrate"]).done();
    let of_ids = "SELECT count(*) FROM dataset WHERE root_run_id IN ('1', '2') AND is_retired";
    assert_eq!(number(&database.url, of_ids), 84);
    let split = "SELECT ARRAY[is_retired::text, (count(*) > 100)::text, (min(started_at) < '2025-12-01Z')::text] FROM dataset GROUP BY is_retired ORDER BY is_retired";
    let expected = [["false", "true", "false"], ["true", "true", "true"]];
    assert_eq!(rows(&database.url, split), expected);
    let full = world.run(&["fuse", "--as-of", AS_OF]).done();
    assert!(
        full.stdout.contains("everything folded again"),
        "{}",
        full.stdout
    );
    for what in ["migrated", "folded again"] {
        same(what, &before, &database.url);
        // The ledger misses rows that no prune has removed here.
        let answer = world.run(&["verify", "--recompute", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&answer.stdout).expect("JSON");
        let found = report["findings"].as_array().expect("findings");
        let of_rows = |finding: &&serde_json::Value| {
            finding["check"] == "log" || finding["check"] == "logerreur"
        };
        let others: Vec<_> = found.iter().filter(|finding| !of_rows(finding)).collect();
        assert!(others.is_empty(), "{what}: {others:?}");
        world.run(&["fuse", "--full", "--as-of", AS_OF]).done();
    }
    assert_eq!(rows(&database.url, today), open);
    for (id, job, context) in [("1", "J_Daily", "PROD"), ("2", "J_Silent", "REC")] {
        daily.line("2026-01-02 12:55:00", [id; 3], job, context, "end;success");
    }
    world.file("daily.csv", &daily.0);
    load(&world, AS_OF, &["daily.csv"]);
    let ended = [["J_Daily", "success"], ["J_Silent", "success"]];
    assert_eq!(rows(&database.url, today), ended);
    assert_eq!(number(&database.url, of_ids), 84);
}
