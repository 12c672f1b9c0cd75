//! The Airflow of the stack: its DAGs do their work, and its plugin tells smartETL of whatever runs there.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;
use smartetl_testkit::TestDatabase;
use smartetl_testkit::airflow::{Airflow, Home};

use crate::company::Company;
use crate::processes::wait_until;
use crate::running::{Up, allow_connections, until};
use crate::samples::stats;
use crate::support::{PROGRAM, World, empty, own_database, place};
use crate::tables::number;

/// How much a task tells that is killed is chance, and so how it counts among the steps of its run.
static RUNS: LazyLock<String> = LazyLock::new(|| {
    let unless = |count| format!("CASE WHEN job <> 'stock_nightly' THEN {count}::text END");
    let counts = ["steps", "steps_failed"].map(unless).join(", ");
    super::RUNS.replace("steps::text, steps_failed::text", &counts)
});
const TOKEN: &str = "only those who know it may post";
/// Runs of DAGs that are over.
const ENDS: &str =
    "SELECT count(*) FROM log WHERE system = 'openlineage' AND step IS NULL AND event = 'end'";
/// As somebody puts them into the folder of a running Airflow.
const NIGHTS: &str = r#"
import os
import signal
from datetime import timedelta

import smartetl_events
from airflow.sdk import DAG, task

with DAG("orders_nightly", schedule=None):

    @task
    def extract():
        return 3

    @task(retries=1, retry_delay=timedelta(seconds=1))
    def load(orders):
        raise ConnectionError(f'connection to server at "dwh.example.org", port 5432 failed: Connection refused ({orders} orders)')

    @task
    def publish():
        pass

    load(extract()) >> publish()

with DAG("stock_nightly", schedule=None):

    @task
    def count_boxes():
        # That it began is told by then.
        smartetl_events.sender.flush()
        os.kill(os.getpid(), signal.SIGKILL)

    count_boxes()
"#;

/// Tables without rows.
fn installed() -> (TestDatabase, World) {
    let (database, world) = place();
    let world = world
        .set("SMARTETL_FUSE_MODE", "scheduled")
        .set("SMARTETL_CALENDAR_COUNTRY", "none")
        .set("SMARTETL_HTTP_TOKEN", TOKEN);
    world.run(&["migrate"]).done();
    (database, world)
}

/// A database with the logs of a company that nobody has fused yet.
fn loaded() -> (TestDatabase, World, Company) {
    let (database, world) = installed();
    let company = load(&world);
    assert_eq!(runs(&database), 0);
    (database, world, company)
}

fn load(world: &World) -> Company {
    let company = Company::simulate(&["--jobs", "12", "--days", "5", "--seed", "6"]);
    let logs = company.logs.to_str().expect("UTF-8");
    world.run(&["load", "--allow-rejects", logs]).done();
    company
}

fn runs(database: &TestDatabase) -> i64 {
    number(
        &database.url,
        "SELECT count(*) FROM dataset WHERE system <> 'openlineage'",
    )
}

fn stack(database: &TestDatabase, more: &[(&str, &str)]) -> Home {
    let variables = [
        ("DATABASE_URL", database.url.as_str()),
        ("SMARTETL_TIMEZONE", "Europe/Paris"),
        ("SMARTETL_CALENDAR_COUNTRY", "none"),
        ("SMARTETL_HTTP_TOKEN", TOKEN),
    ];
    Home::of_the_stack(Path::new(PROGRAM), &[&variables[..], more].concat())
}

#[test]
fn the_dags_of_the_stack_are_read_and_the_hourly_one_makes_runs() {
    let (database, world) = installed();
    let backups = world.home.path().join("backups");
    let home = stack(
        &database,
        &[("SMARTETL_BACKUPS", backups.to_str().expect("UTF-8"))],
    );
    home.run(&["dags", "reserialize"]);
    let json = |arguments: &[&str]| {
        let said = home.run(&[arguments, &["--output", "json"]].concat());
        // Warnings may stand before it.
        let lines = said.lines().skip_while(|line| !line.starts_with('['));
        let list = lines.collect::<Vec<_>>().join("\n");
        serde_json::from_str::<Value>(&list).unwrap_or_else(|error| panic!("{error}: {said}"))
    };
    assert_eq!(
        json(&["dags", "list-import-errors"]),
        Value::Array(Vec::new())
    );
    let known = json(&["dags", "list"]);
    let known = known.as_array().expect("a list");
    let mut names: Vec<_> = known
        .iter()
        .filter_map(|dag| dag["dag_id"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["fusion_dag", "maintenance_dag", "test_dag"]);
    let tasks = home.run(&["tasks", "list", "maintenance_dag"]);
    let tasks: Vec<_> = tasks.lines().collect();
    assert_eq!(
        tasks,
        [
            "backup",
            "forget_old_backups",
            "prune",
            "verify",
            "wait_for_the_database"
        ]
    );

    // Where nothing has come yet, nothing is wrong.
    home.run(&["dags", "test", "fusion_dag"]);
    // The context that Talend gives by itself says no environment: that is told, and stops nothing.
    let _company = load(&world);
    let unmapped = stats(0..900).replace(";PROD;", ";Default;");
    let unmapped = world.file("unmapped.csv", &unmapped);
    world
        .run(&["load", unmapped.to_str().expect("UTF-8")])
        .done();
    let said = home.run(&["dags", "test", "fusion_dag"]);
    assert!(
        said.contains(
            "new runs are of an unknown environment; contexts: Default (a warning above 20 %"
        ),
        "{said}"
    );
    assert!(runs(&database) > 100, "{}", runs(&database));
    world.run(&["verify", "--recompute"]).done();

    // What is wrong is found, and said.
    world.run(&[
        "sql",
        "--write",
        "UPDATE dataset SET ended_at = started_at - interval '1 hour' \
         WHERE run_key = (SELECT run_key FROM dataset WHERE ended_at IS NOT NULL ORDER BY run_key LIMIT 1)",
    ]).done();
    // On this weekday a job began at this time in each of the last weeks, and today nothing comes.
    for statement in [
        "INSERT INTO dataset SELECT (jsonb_populate_record(run, jsonb_build_object('run_key', key, 'root_run_key', key, \
         'started_at', at, 'ended_at', at, 'business_day', (at AT TIME ZONE 'Europe/Paris' + interval '6 hours')::date))).* \
         FROM dataset AS run, generate_series(1, 4) AS week, LATERAL (SELECT gen_random_uuid() AS key, \
         (now() AT TIME ZONE 'Europe/Paris' - interval '1 hour' - week * interval '7 days') AT TIME ZONE 'Europe/Paris' AS at) AS copy \
         WHERE run_key = (SELECT run_key FROM dataset WHERE is_root AND environment = 'PROD' AND system = 'talend' AND ended_at > started_at LIMIT 1)",
        "UPDATE horizon SET last_event_at = now() - interval '3 hours' WHERE environment = 'PROD' AND system = 'talend'",
        "UPDATE dataset SET parent_run_key = gen_random_uuid() \
         WHERE run_key = (SELECT run_key FROM dataset WHERE parent_run_key IS NOT NULL ORDER BY run_key LIMIT 1)",
    ] {
        world.run(&["sql", "--write", statement]).done();
    }
    let job = "SELECT job FROM dataset WHERE ended_at < started_at";
    let job = world.run(&["sql", "--format", "csv", job]).stdout;
    let job = job.lines().nth(1).expect("a job");
    let damaged = world.file(
        "damaged.csv",
        &(stats(900..910) + &"no time;bad;bad;bad;1;SALES;load;_x1;0.1;PROD;;begin;;\n".repeat(30)),
    );
    let load = ["load", damaged.to_str().expect("UTF-8"), "--allow-rejects"];
    world.run(&load).done();
    let thresholds = r#"{"fresh_hours": 2}"#;
    let said = home.fails(&["dags", "test", "fusion_dag", "--conf", thresholds]);
    for words in [
        format!("no run ends before it begins: [{{'job': '{job}'"),
        "DOES NOT HOLD: sources that say nothing although they did on days like this one: talend in PROD for 3.0 h (at most 2 h".to_owned(),
        "DOES NOT HOLD: 30 of 50 new records were rejected; reasons: bad_time 30".to_owned(),
        "DOES NOT HOLD: the root and the parent of each run are there: [{".to_owned(),
    ] {
        assert!(said.contains(&words), "{words}: {said}");
    }
    nothing_is_pruned_that_is_not_proved(&home, &world);
}

/// The daily DAG, on tables in which a row is missing. The backup is made all the same.
fn nothing_is_pruned_that_is_not_proved(home: &Home, world: &World) {
    let lost = "DELETE FROM log_2026_01 WHERE ctid = (SELECT ctid FROM log_2026_01 LIMIT 1)";
    world.run(&["sql", "--write", lost]).done();
    let folder = world.home.path().join("backups");
    std::fs::create_dir(&folder).expect("a folder");
    for day in 1..=8 {
        let old = format!("smartetl-2025-12-0{day}T113000Z.backup");
        std::fs::write(folder.join(old), "").expect("a backup of before");
    }
    for left in ["smartetl-2025-12-09T113000Z.part", ".smartetl-killed"] {
        std::fs::write(folder.join(left), "half").expect("what a killed try left");
    }
    home.fails(&["dags", "test", "maintenance_dag"]);
    let names = std::fs::read_dir(&folder).expect("it is there").flatten();
    let mut names: Vec<String> = names
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    assert_eq!(names.len(), 7, "{names:?}");
    assert!(names[0].starts_with("smartetl-2025-12-03T"), "{names:?}");
    assert!(
        names.iter().all(|name| name.ends_with(".backup")),
        "{names:?}"
    );
    let newest = folder.join(&names[6]);
    let check = ["restore", "--check", newest.to_str().expect("UTF-8")];
    world.run(&check).done();
    let kept = "SELECT string_agg(kind || ' ' || ok, ', ' ORDER BY kind, ok) AS said FROM (SELECT DISTINCT kind, ok FROM upkeep WHERE kind <> 'disk') AS one";
    let kept = world.run(&["sql", "--format", "csv", kept]);
    assert_eq!(
        kept.stdout,
        "said\n\"backup true, verify false, verify true\"\n"
    );
}

#[test]
fn whatever_runs_in_the_stack_is_told_and_counted_once() {
    let (database, world, _company) = loaded();
    std::fs::create_dir_all(world.home.path().join("data")).expect("a folder");
    let up = Up::start(&world, &[]);
    let own = own_database();
    empty(&World::on(&own.url));
    let tables = own.url.replacen("postgres://", "postgresql+psycopg2://", 1);
    let home = stack(
        &database,
        &[
            ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", &tables),
            ("SMARTETL_URL", &format!("http://{}", up.address)),
        ],
    );
    // It would begin at once, and has nothing to do here.
    std::fs::remove_file(home.dags().join("maintenance_dag.py")).expect("one of the DAGs");
    // The next hour may begin while this goes on.
    let hourly = home.dags().join("fusion_dag.py");
    let text = std::fs::read_to_string(&hourly).expect("one of the DAGs");
    let once = text.replace("schedule=\"@hourly\"", "schedule=\"@once\"");
    assert_ne!(once, text);
    std::fs::write(&hourly, once).expect("one of the DAGs");
    let airflow = Airflow::start(home);

    // Nothing else fuses: the hourly DAG does.
    let first = airflow.scheduled_run("fusion_dag");
    let (state, tasks) = airflow.outcome("fusion_dag", &first);
    assert_eq!(state, "success", "{tasks:?} {}", airflow.told());
    assert_eq!(tasks.len(), 8, "{tasks:?}");
    let fused = runs(&database);
    assert!(fused > 100, "{fused}");
    let value = format!(
        "/api/v2/dags/fusion_dag/dagRuns/{first}/taskInstances/publish/xcomEntries/return_value"
    );
    let value = airflow.get(&value).expect("what it did");
    let events = airflow.get("/api/v2/assets/events").expect("events");
    let told = events["asset_events"].to_string();
    assert!(value.to_string().contains("new_rejects"), "{value}");
    for words in [
        r#""name":"smartetl_dataset""#,
        r#""name":"smartetl_fusion""#,
        "runs_in_dataset",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }

    // Airflow works, and a file that is put into its folder is a DAG.
    let check = airflow.trigger("test_dag");
    std::fs::write(airflow.home.dags().join("nights.py"), NIGHTS).expect("a file of DAGs");
    let (state, tasks) = airflow.outcome("test_dag", &check);
    assert_eq!(state, "success", "{tasks:?} {}", airflow.told());
    airflow.knows("orders_nightly");
    airflow.knows("stock_nightly");
    let [orders, stock] =
        ["orders_nightly", "stock_nightly"].map(|dag| (dag, airflow.trigger(dag)));
    for ((dag, run), expected) in [
        (
            &orders,
            &[
                "extract 1 success",
                "load 2 failed",
                "publish 0 upstream_failed",
            ][..],
        ),
        (&stock, &["count_boxes 1 failed"]),
    ] {
        let (state, tasks) = airflow.outcome(dag, run);
        assert_eq!(
            (state.as_str(), &tasks[..]),
            (
                "failed",
                &expected.iter().map(ToString::to_string).collect::<Vec<_>>()[..]
            )
        );
    }
    let ends = |count| {
        wait_until("the end of each run is stored", || {
            number(&database.url, ENDS) == count
        })
    };
    ends(4);
    let again = airflow.trigger("fusion_dag");
    assert_eq!(
        airflow.outcome("fusion_dag", &again).0,
        "success",
        "{}",
        airflow.told()
    );
    ends(5);
    fuse(&world);
    let fusion =
        |trigger| format!("fusion_dag SMARTETL success success full 1 8 0 0 - - {trigger} 1");
    let [by_schedule, by_hand] = ["scheduled", "manual"].map(fusion);
    let orders = "orders_nightly PROD failed failed full 1 3 1 1 load connection manual 1";
    let stock = "stock_nightly PROD failed failed full 1 - - 1 count_boxes unknown manual 1";
    let check = "test_dag SMARTETL success success full 1 7 0 0 - - manual 1";
    until(
        &database,
        &RUNS,
        &[&by_schedule, &by_hand, orders, stock, check].join("\n"),
    );

    // smartETL cannot store anything for a while. No task fails for it, and nothing is lost.
    allow_connections(&database, false);
    let unheard = airflow.trigger("orders_nightly");
    assert_eq!(airflow.outcome("orders_nightly", &unheard).0, "failed");
    wait_until("what cannot be told is kept", || airflow.home.untold() >= 6);
    allow_connections(&database, true);
    let heard = airflow.trigger("test_dag");
    assert_eq!(
        airflow.outcome("test_dag", &heard).0,
        "success",
        "{}",
        airflow.told()
    );
    ends(7);
    wait_until("all is told", || airflow.home.untold() == 0);
    fuse(&world);
    let twice = [&by_schedule, &by_hand, orders, orders, stock, check, check].join("\n");
    until(&database, &RUNS, &twice);
    assert_eq!(
        number(
            &database.url,
            "SELECT count(*) FROM reject WHERE raw LIKE '%airflow%'"
        ),
        0
    );
    drop(airflow);
    up.stop();
    world.run(&["verify", "--recompute"]).done();
}

fn fuse(world: &World) {
    world.run(&["fuse"]).done();
}

#[test]
fn the_listener_gives_the_ids_of_the_provider_and_leaves_the_word_to_it() {
    let (database, _world) = place();
    let home = stack(&database, &[]);
    let pairs = home.python(include_str!("ids.py"), &[], &[]);
    let pairs: Vec<(String, String)> = serde_json::from_str(&pairs).expect("pairs");
    assert_eq!(pairs.len(), 16);
    for (ours, theirs) in pairs {
        assert_eq!(ours, theirs);
    }
    let here = ("SMARTETL_URL", "http://server:8480/");
    let to = |url: &str| format!(r#"{{"type": "http", "url": "{url}"}}"#);
    let (same, other) = (to("http://server:8480"), to("http://marquez:5000"));
    let transport = "AIRFLOW__OPENLINEAGE__TRANSPORT";
    for (variables, expected) in [
        (&[][..], "False"),
        (&[here], "True"),
        (&[here, ("SMARTETL_LISTENER", "off")], "False"),
        (&[here, (transport, &same)], "False"),
        (&[here, ("OPENLINEAGE_URL", "http://server:8480")], "False"),
        (&[here, (transport, &other)], "True"),
        (
            &[here, (transport, &same), ("SMARTETL_LISTENER", "on")],
            "True",
        ),
        (
            &[
                here,
                (transport, &same),
                ("AIRFLOW__OPENLINEAGE__DISABLED", "True"),
            ],
            "True",
        ),
    ] {
        let said = home.python(
            "import smartetl_plugin; print(smartetl_plugin.is_wanted())",
            &[],
            variables,
        );
        assert_eq!(said.lines().last(), Some(expected), "{variables:?}: {said}");
    }
}

#[test]
fn what_cannot_be_told_is_kept_and_told_later() {
    let (database, world) = place();
    let home = stack(&database, &[]);
    let tell = |arguments: &[&str], address: &str| {
        let url = format!("http://{address}");
        home.python(
            include_str!("telling.py"),
            arguments,
            &[("SMARTETL_URL", &url)],
        );
    };
    // Nobody listens there, and more comes than waits in memory.
    tell(&["0", "40", "ends"], "127.0.0.1:9");
    assert_eq!(home.untold(), 41);
    std::fs::create_dir_all(world.home.path().join("data")).expect("a folder");
    let up = Up::start(&world.set("SMARTETL_HTTP_TOKEN", TOKEN), &[]);
    tell(&["40", "41", "stays"], &up.address);
    assert_eq!(home.untold(), 0);
    let runs = "SELECT string_agg(job || ' ' || status || ' ' || runs, ', ') FROM (SELECT job, status, count(*) AS runs FROM dataset GROUP BY 1, 2) AS all_runs";
    until(&database, runs, "told success 41");
}
