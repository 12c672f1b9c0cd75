//! Events of OpenLineage in any order, several times, in several files: the runs are the same.

use std::path::Path;

use crate::processes::Dice;
use crate::support::place;
use crate::tables::{number, rows, told};

const AS_OF: [&str; 2] = ["--as-of", "2026-03-05T00:00:00Z"];

/// The good events that the dialect is tested with.
pub fn events() -> Vec<String> {
    ["night.jsonl", "edges.jsonl"].map(fixture).concat()
}

fn fixture(name: &str) -> Vec<String> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../formats/fixtures/openlineage");
    let text = std::fs::read_to_string(fixtures.join(name)).expect("a fixture");
    text.lines().map(str::to_owned).collect()
}

const RUNS: &str = "SELECT ARRAY[d.job, d.environment, p.job, d.is_root::text, d.status, d.outcome, d.evidence, d.tree_status, \
    to_char(d.started_at, 'HH24:MI:SS.MS'), to_char(d.ended_at, 'HH24:MI:SS.MS'), d.steps::text, d.steps_failed::text, d.rows_in::text, \
    d.rows_out::text, d.errors::text, d.cause_job, d.cause_step, d.category] \
    FROM dataset d LEFT JOIN dataset p ON p.run_key = d.parent_run_key ORDER BY d.started_at, d.job, d.run_id";

/// What a person reads out of the events.
const EXPECTED: &[&str] = &[
    // The night: the test of dbt is the cause all the way up, the deadlock was got over by the second try.
    "nightly_sales PROD - true failed failed full failed 01:00:00.120 01:20:50.700 4 1 120340 240680 1 dbt-run-shop \
     dwh.public.shop.not_null_orders_id data_quality",
    "sales_aggregates PROD nightly_sales false success success full success 01:16:00.101 01:19:30.000 1 0 120338 4210 0 - - -",
    "dbt-run-shop PROD nightly_sales false failed failed full failed 01:19:40.000 01:20:46.000 2 1 - - 1 dbt-run-shop \
     dwh.public.shop.not_null_orders_id data_quality",
    // Its end came before its begin.
    "export PROD - true success success full success 05:00:00.000 05:10:00.000 - - - - 0 - - -",
    // An end without a begin: the deepest cause of the stack counts.
    "export PROD - true failed failed no_begin failed 05:20:00.000 05:20:00.000 - - - - 1 export - connection",
    // Local time of Paris, then an offset without a colon.
    "export PROD - true success success full success 05:30:00.641 05:31:00.250 - - - - 0 - - -",
    "export PROD - true cancelled cancelled full cancelled 05:40:00.000 05:41:00.000 - - - - 0 export - cancelled",
    "export PROD - true success success full success 06:40:00.123 06:41:00.000 - - - - 0 - - -",
    // It ran, measured, told an error, and was heard of no more.
    "export PROD - true lost lost steps_only lost 07:00:02.000 - - - - 17 1 export - resource",
    "export PROD - true success success full success 08:00:00.000 08:01:00.000 - - - - 0 - - -",
    // Of another namespace, by the facet as it was once called and as it is called now.
    "child PROD export false success success full success 08:10:00.000 08:11:00.000 - - - - 0 - - -",
];

#[track_caller]
fn check(what: &str, url: &str) {
    assert_eq!(told(rows(url, RUNS)), EXPECTED, "{what}");
    assert_eq!(number(url, "SELECT count(*) FROM reject"), 0, "{what}");
}

#[test]
fn runs_do_not_depend_on_the_order_of_events_nor_on_repeats() {
    let events = events();
    for seed in [1, 2, 3] {
        let (database, world) = place();
        let world = world.in_paris();
        let load = |name: &str| {
            world.run(&["load", name, AS_OF[0], AS_OF[1]]).done();
        };
        let mut shuffled = events.clone();
        for (round, count) in [(0, 4), (1, 2)] {
            Dice(seed * 10 + round).shuffle(&mut shuffled);
            for (part, lines) in shuffled.chunks(shuffled.len().div_ceil(count)).enumerate() {
                // Lines, and documents that hold a list.
                let name = format!("{round}_{part}.json");
                if part % 2 == 0 {
                    world.file(&name, &(lines.join("\n") + "\n"));
                } else {
                    world.file(&name, &format!("[{}]", lines.join(",\n")));
                }
                load(&name);
            }
            check(&format!("order {seed}, time {round}"), &database.url);
        }
        world.run(&["verify", "--recompute"]).done();
    }
}

const RUNS_OF_TOOLS: &str = "SELECT ARRAY[d.job, d.environment, p.job, d.status, d.attempt::text, d.steps::text, d.steps_failed::text, \
    d.errors::text, d.cause_job, d.cause_step, d.category, d.trigger, d.trigger_evidence, f.attempt::text] \
    FROM dataset d LEFT JOIN dataset p ON p.run_key = d.parent_run_key LEFT JOIN dataset f ON f.run_key = d.rerun_of \
    ORDER BY d.started_at, d.job, d.run_id";

/// What a person reads out of the events that an Airflow 3.3 sent.
const EXPECTED_OF_AIRFLOW: &[&str] = &[
    // The third task does nothing, and is never run.
    "sales_nightly PROD - success 1 3 0 0 - - - scheduled context -",
    // Two tries of the second task; the third one is not run.
    "stock_nightly PROD - failed 1 3 1 1 stock_nightly load_stock connection manual context -",
    // One of three instances of a mapped task fails, and the last task goes on.
    "shops_nightly PROD - success 1 5 1 1 shops_nightly load_shop missing_file manual context -",
    // Killed before it could say anything.
    "invoices_nightly PROD - failed 1 1 0 1 invoices_nightly print_invoices unknown manual context -",
    "sunday PROD - success 1 1 0 0 - - - manual context -",
    "tariffs_nightly PROD - failed 1 1 1 1 tariffs_nightly read_tariffs data_format manual context -",
    // Killed together with what looks after it.
    "mail_nightly PROD - failed 1 1 1 1 mail_nightly send unknown manual context -",
    // Started by a task of another DAG; one of its branches is skipped, the other does nothing.
    "week_closing PROD sunday success 1 4 0 0 - - - manual context -",
    // Cleared: it is run again, …
    "tariffs_nightly PROD - success 2 1 0 0 - - - rerun context 1",
    // … of another day, …
    "prices_daily PROD - success 1 1 0 0 - - - reprocess context -",
    // … and from the task on that somebody marked as done.
    "stock_nightly PROD - success 2 2 0 0 - - - rerun context 1",
];

/// What a person reads out of the events that a dbt 1.11 sent: seeds, models, and a test that does not hold.
const EXPECTED_OF_DBT: &[&str] = &[
    "dbt-run-shop PROD - success 1 - - 0 - - - unknown - -",
    "dbt-run-shop PROD - success 1 2 0 0 - - - unknown - -",
    "dbt-run-shop PROD - failed 1 1 1 1 dbt-run-shop shop.main.shop.orders.test data_quality unknown - -",
];

#[test]
fn what_airflow_and_dbt_sent() {
    for (name, expected) in [
        ("airflow.jsonl", EXPECTED_OF_AIRFLOW),
        ("dbt.jsonl", EXPECTED_OF_DBT),
    ] {
        let mut events = fixture(name);
        let (database, world) = place();
        for round in 0..2 {
            Dice(round).shuffle(&mut events);
            let file = format!("{round}.jsonl");
            world.file(&file, &(events.join("\n") + "\n"));
            world.run(&["load", &file, AS_OF[0], AS_OF[1]]).done();
            let found = told(rows(&database.url, RUNS_OF_TOOLS));
            assert_eq!(found, expected, "{name}, time {round}");
        }
        assert_eq!(number(&database.url, "SELECT count(*) FROM reject"), 0);
    }
}

#[test]
fn a_document_that_grows_is_read_on() {
    let events = events();
    let (database, world) = place();
    let world = world.in_paris();
    let load = |expected: i32| {
        let answer = world.run(&["load", "events.json", AS_OF[0], AS_OF[1]]);
        assert_eq!(answer.exit, expected, "{}{}", answer.stdout, answer.stderr);
    };
    let whole = format!("[\n{}\n]", events.join(",\n"));
    // A list that is closed; the same, opened again and cut in an event, which is a reject until it goes on.
    let first = events[..7].join(",\n");
    world.file("events.json", &format!("[\n{first}\n]\n"));
    load(0);
    assert_eq!(number(&database.url, "SELECT sum(records) FROM batch"), 7);
    world.file("events.json", &whole[..first.len() + 300]);
    load(1);
    world.file("events.json", &whole);
    load(0);
    check("a document that grew", &database.url);
    let count = events.len() as i64;
    assert_eq!(
        number(&database.url, "SELECT sum(records) FROM batch"),
        count
    );
    world.run(&["verify", "--recompute"]).done();
    // Once more: nothing new.
    load(0);
    assert_eq!(
        number(&database.url, "SELECT sum(records) FROM batch"),
        count
    );
}
