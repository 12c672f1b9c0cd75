//! An Airflow that is told where smartETL listens: its runs appear by themselves, whether its provider of OpenLineage tells of them or the
//! plugin that comes with smartETL.

mod stack;
mod wire;

use std::collections::BTreeSet;

use smartetl_testkit::airflow::{Airflow, Home};

use crate::posting::client::{JSON, post};
use crate::processes::wait_until;
use crate::running::{Up, allow_connections, until};
use crate::support::place;
use crate::tables::{content, number, rows, told};
use wire::Wire;

const RUNS: &str = "SELECT string_agg(array_to_string(ARRAY[job, environment, status, outcome, evidence, attempt::text, steps::text, \
    steps_failed::text, errors::text, cause_step, category, trigger, quality::text], ' ', '-'), E'\\n' ORDER BY job, started_at) \
    FROM dataset WHERE system = 'openlineage'";
const EVENTS: &str = "SELECT sum(records)::bigint FROM batch";
const TABLES: [&str; 4] = ["log", "logerreur", "reject", "dataset"];

#[test]
fn runs_of_airflow_appear_by_themselves() {
    let (database, world) = place();
    std::fs::create_dir_all(world.home.path().join("data")).expect("a folder");
    let up = Up::start(&world, &[]);
    let wire = Wire::to(&up.address);
    let airflow = Airflow::start(Home::of_a_company(&format!("http://{}", wire.address)));
    airflow.trigger("shops_nightly");
    airflow.trigger("stock_nightly");
    let states = airflow.runs(3);
    let over = |dag: &str, state: &str| (dag.to_owned(), state.to_owned());
    assert_eq!(
        states,
        [
            over("sales_nightly", "success"),
            over("shops_nightly", "success"),
            over("stock_nightly", "failed"),
        ],
        "{}",
        airflow.told()
    );
    // The last word of a task may come after that of its run. Each event is stored once.
    let events = || BTreeSet::from_iter(wire.bodies());
    let all_stored = || {
        wait_until("each event is stored", || {
            number(&database.url, EVENTS) == events().len() as i64
        })
    };
    wait_until("all of three runs are told", || events().len() >= 26);
    all_stored();
    // A task that does nothing is never run, and is a step all the same.
    let sales = "sales_nightly PROD success success full 1 3 0 0 - - scheduled 1";
    // A task for each of three shops, of which one fails; the last one goes on with what there is.
    let shops = "shops_nightly PROD success success_with_errors full 1 5 1 1 load_shop missing_file manual 1";
    // Two tries of the middle task; the last one is not run.
    let stock = "stock_nightly PROD failed failed full 1 3 1 1 load_stock connection manual 1";
    until(&database, RUNS, &[sales, shops, stock].join("\n"));
    let tries = "SELECT ARRAY[string_agg(DISTINCT attempt::text, ' '), string_agg(DISTINCT map_index::text, ' ')] FROM log \
        WHERE step IN ('load_stock', 'load_shop')";
    assert_eq!(told(rows(&database.url, tries)), ["1 2 0 1 2"]);
    let classes = "SELECT ARRAY[step, error_type] FROM logerreur WHERE error_type IS NOT NULL GROUP BY 1 ORDER BY 1";
    assert_eq!(
        told(rows(&database.url, classes)),
        ["load_shop FileNotFoundError", "load_stock ConnectionError"]
    );

    // Sent again, they change nothing.
    let tables = || {
        let mut content = content(&database.url);
        TABLES.map(|table| content.remove(table).expect("a table"))
    };
    let before = tables();
    for event in events() {
        post(&up.address, "/api/v1/lineage", &[JSON], event.as_bytes()).is(201, "");
    }
    assert_eq!(tables(), before);
    all_stored();

    // The database goes away in the middle of a run: Airflow sends again what could not be stored.
    let refused = wire.answers(503);
    allow_connections(&database, false);
    airflow.trigger("sales_nightly");
    wait_until("an event is refused", || wire.answers(503) > refused);
    allow_connections(&database, true);
    assert_eq!(airflow.runs(4)[1], over("sales_nightly", "success"));
    wait_until("all of four runs are told", || events().len() >= 32);
    all_stored();
    let again = sales.replace("scheduled", "manual");
    until(&database, RUNS, &[sales, &again, shops, stock].join("\n"));
    assert_eq!(number(&database.url, "SELECT count(*) FROM reject"), 0);
    drop(airflow);
    up.stop();
    world.run(&["verify", "--recompute"]).done();
}
